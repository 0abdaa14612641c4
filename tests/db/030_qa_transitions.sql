-- Every move of a question, legal and illegal, from the transition table itself.
begin;
select tests.share_temporaries();
select plan(111);

create temp table actors as
select tests.create_user('mover@test.local', array['student']) as student, tests.qa_expert('mover-expert@test.local') as expert;
select tests.qa_only_experts(array[(select expert from actors)]);
create temp table asked as select tests.qa_submit((select student from actors)) as id;

-- Try each of the 100 pairs on a row that is put into its first state by force, and put everything back.
create function pg_temp.try_move(p_from text, p_to text) returns text language plpgsql as $$
declare
  v_verdict text;
begin
  begin
    alter table qa.questions disable trigger user;
    update qa.questions set
      status = p_from,
      rejection_reason = 'for the test',
      delivered_at = case when p_from in ('delivered', 'rated') then now() end,
      rated_at = case when p_from = 'rated' then now() end
    where id = (select id from asked);
    alter table qa.questions enable trigger user;
    -- Only the rule is asked here; what follows a move has its own tests.
    alter table qa.questions disable trigger _500_record_move;
    update qa.questions set status = p_to,
      delivered_at = case when p_to = 'rated' then now() else delivered_at end
    where id = (select id from asked);
    v_verdict := 'legal';
    raise exception sqlstate 'TEST1' using message = 'undo';
  exception
    when sqlstate 'TEST1' then null;
    when sqlstate 'PT409' then v_verdict := sqlerrm;
  end;
  return v_verdict;
end;
$$;

select is(
  pg_temp.try_move(f.status, t.status),
  case
    when f.status = t.status then 'legal'
    when exists (select from qa.question_transitions q where q.from_status = f.status and q.to_status = t.status) then 'legal'
    else 'illegal_transition'
  end,
  format('%s → %s', f.status, t.status)
)
from unnest(array['submitted', 'processing', 'ai_generated', 'humanized', 'expert_review',
  'approved', 'delivered', 'rated', 'rejected', 'cancelled']) f (status)
cross join unnest(array['submitted', 'processing', 'ai_generated', 'humanized', 'expert_review',
  'approved', 'delivered', 'rated', 'rejected', 'cancelled']) t (status);

select throws_ok(
  $$ insert into qa.questions (client_id, question_type, content, status, credits_cost, idempotency_key, request_hash, due_at)
     select client_id, 'text', 'x', 'approved', 1, 'forced-key', 'x', now() from qa.questions where id = (select id from asked) $$,
  'PT409', 'illegal_transition', 'a question begins as submitted'
);

-- What a full path leaves behind.
select tests.qa_drive((select id from asked), 'delivered');
select results_eq(
  $$ select to_status from qa.question_events where question_id = (select id from asked) order by id $$,
  array['submitted', 'processing', 'ai_generated', 'humanized', 'expert_review', 'approved', 'delivered'],
  'the timeline holds every move in order'
);
select isnt((select processed_at from qa.questions where id = (select id from asked)), null, 'processed_at is stamped');
select isnt((select delivered_at from qa.questions where id = (select id from asked)), null, 'delivered_at is stamped');
select is(
  (select count(*)::integer from realtime.messages
   where topic = 'user:' || (select student from actors) and event = 'question_status'
     and payload ->> 'question_id' = (select id::text from asked)),
  7, 'each move was broadcast to the client'
);
select is(
  (select array_agg(stage order by version_no) from qa.answer_versions v join qa.answers a on a.id = v.answer_id
   where a.question_id = (select id from asked)),
  array['ai', 'humanized', 'final'], 'every version of the answer is kept'
);
select throws_ok(
  $$ update qa.answer_versions set content = 'rewritten' $$, 'PT403', 'append_only', 'a version is never changed'
);
select throws_ok(
  $$ update qa.question_events set reason = 'rewritten' $$, 'PT403', 'append_only', 'the timeline is never changed'
);
select tests.as_user((select student from actors));
select lives_ok($$ select qa.rate_answer((select id from asked), 5) $$, 'and the client rates it');
select is((select status from qa.questions where id = (select id from asked)), 'rated', 'which is the last state');
select throws_ok(
  $$ select qa.cancel_question((select id from asked)) $$, 'PT409', 'illegal_transition', 'from which nothing leads on'
);

select * from finish();
rollback;
