-- Assignment: who fits, who has room, the waiting list, and the deadlines.
begin;
select tests.share_temporaries();
select plan(27);

create temp table p as
select
  tests.create_user('as-student@test.local', array['student']) as student,
  tests.qa_expert('as-heart@test.local', 'cardiovascular-system', 1) as heart,
  tests.qa_expert('as-kidney@test.local', 'renal-system', 1) as kidney,
  tests.qa_expert('as-general@test.local', null, 1) as general;
select tests.qa_only_experts(array[heart, kidney, general]) from p;
select qa.grant_credits((select student from p), 50, 'For the test', 'for-the-test');

create function pg_temp.ask(p_key text, p_topic text, p_priority text default 'normal') returns uuid language plpgsql as $$
declare v_id uuid;
begin
  perform tests.as_user((select student from p));
  select id into v_id from qa.submit_question('What happens in the body then?', p_key, p_topic, p_priority);
  perform tests.as_owner();
  perform tests.qa_drive(v_id, 'humanized');
  return v_id;
end;
$$;
create function pg_temp.assign(p_id uuid) returns text language sql as $$
  select coalesce(r ->> 'expert_id', r ->> 'reason') from private.qa_assign_expert(p_id, null, null) r;
$$;

create temp table q1 as select pg_temp.ask('as-key-001', 'cardiovascular-system') as id;
select is(pg_temp.assign((select id from q1)), (select heart::text from p), 'the specialist of the topic comes first');
create temp table q2 as select pg_temp.ask('as-key-002', 'cardiovascular-system') as id;
select is(pg_temp.assign((select id from q2)), (select general::text from p), 'when he is busy, a generalist');
create temp table q3 as select pg_temp.ask('as-key-003', 'cardiovascular-system') as id;
select is(pg_temp.assign((select id from q3)), 'all_experts_busy', 'a specialist of something else is nobody for this');
select isnt((select waiting_since from qa.questions where id = (select id from q3)), null, 'so it waits');
create temp table q4 as select pg_temp.ask('as-key-004', 'cardiovascular-system', 'urgent') as id;
select is(pg_temp.assign((select id from q4)), 'all_experts_busy', 'and so does the next');

select tests.as_user((select student from p));
select is(qa.track_question((select id from q4)) ->> 'waiting_position', '1', 'the urgent one is first in the list');
select is(qa.track_question((select id from q3)) ->> 'waiting_position', '2', 'the normal one second');
select tests.as_owner();

-- The load is exact, whoever inserts.
select throws_ok(
  $$ insert into qa.expert_reviews (answer_id, question_id, expert_id, expires_at)
     select a.id, a.question_id, (select heart from p), now() + interval '1 hour' from qa.answers a where a.question_id = (select id from q3) $$,
  'PT409', 'expert_at_capacity', 'nobody gets more than he can take');
select throws_ok(
  $$ insert into qa.expert_reviews (answer_id, question_id, expert_id, expires_at)
     select a.id, a.question_id, (select student from p), now() + interval '1 hour' from qa.answers a where a.question_id = (select id from q3) $$,
  'PT403', 'expert_not_verified', 'nobody reviews who is no verified expert');

-- An expert frees a place: the head of the list is tried again.
delete from ops.queue_items;
select tests.as_user((select heart from p));
select lives_ok($$ select qa.decline_review((select id from qa.expert_reviews where question_id = (select id from q1)), 'On holiday') $$, 'an expert declines');
select tests.as_owner();
select is((select assigned_expert_id from qa.questions where id = (select id from q1)), null, 'the question is free again');
select ok(exists (select from ops.queue_items where job_type = 'qa.assign' and resource_id = (select id from q1)), 'and is to be assigned');
select ok(exists (select from ops.queue_items where job_type = 'qa.assign' and resource_id = (select id from q4)), 'the head of the waiting list is tried too');
select is(pg_temp.assign((select id from q4)), (select heart::text from p), 'and gets the place');

-- Silence.
update qa.expert_reviews set expires_at = now() - interval '1 minute' where question_id = (select id from q4) and review_status = 'pending';
delete from ops.queue_items;
select is(private.qa_enforce_deadlines() ->> 'expired', '1', 'a silent expert loses the review');
select is((select review_status from qa.expert_reviews where question_id = (select id from q4)), 'expired', 'which expires');
select ok(exists (select from ops.queue_items where job_type = 'qa.assign' and resource_id = (select id from q4)), 'and is assigned anew');
select ok(exists (select from core.notifications where user_id = (select heart from p) and type = 'review_expired'), 'he is told');
select is(private.qa_enforce_deadlines() ->> 'expired', '0', 'once');

update qa.questions set due_at = now() - interval '1 minute' where id = (select id from q4);
select is(private.qa_enforce_deadlines() ->> 'breached', '1', 'a late question is reported');
select is(private.qa_enforce_deadlines() ->> 'breached', '0', 'once');

-- An expert helps himself from the waiting list, if the topic is his.
select tests.as_user((select kidney from p));
select throws_ok($$ select qa.claim_review((select id from q3)) $$, 'PT404', 'question_not_found', 'not from another subject');
select throws_ok($$ select qa.claim_review() $$, 'PT404', 'nothing_to_review', 'nor by asking for the next');
select tests.as_user((select heart from p));
select is((qa.claim_review() -> 'question' ->> 'id')::uuid, (select id from q3), 'the next one that fits is handed out');
select throws_ok($$ select qa.claim_review((select id from q2)) $$, 'PT409', 'review_taken', 'what another one has is his');

-- Nobody reviews what he asked himself, even as the only expert.
select tests.as_owner();
select tests.qa_only_experts(array[(select kidney from p)]);
create temp table mine as select tests.qa_submit((select kidney from p), 'What do I ask of my own reviewers?') as id;
select tests.qa_drive((select id from mine), 'humanized');
select is(pg_temp.assign((select id from mine)), 'all_experts_busy', 'the asker is passed over');
select tests.as_user((select kidney from p));
select throws_ok($$ select qa.claim_review((select id from mine)) $$, 'PT403', 'own_question', 'and may not help himself');

select * from finish();
rollback;
