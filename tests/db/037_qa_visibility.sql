-- Who sees what of a question, before and after delivery. Each denial stands beside the proof that the row is there.
begin;
select tests.share_temporaries();
select plan(38);

create temp table p as
select tests.create_user('vs-student@test.local', array['student']) as student, tests.create_user('vs-stranger@test.local', array['student']) as stranger,
  tests.create_user('vs-admin@test.local', array['admin']) as admin, tests.qa_expert('vs-expert@test.local') as expert,
  tests.qa_expert('vs-other-expert@test.local') as other_expert;
select tests.qa_only_experts(array[(select expert from p)]);
insert into storage.objects (bucket_id, name, owner_id, owner, metadata)
select 'question-images', student || '/kidney.png', student::text, student, '{"size": 1200, "mimetype": "image/png"}' from p;
select tests.as_user((select student from p));
create temp table q as select id from qa.submit_question('What does this show?', 'vs-key-001', p_image_paths => array[(select student from p) || '/kidney.png']);
select tests.as_owner();
grant select on q to public;
select tests.qa_drive((select id from q), 'expert_review');

create function pg_temp.seen() returns jsonb language sql as $$
  select jsonb_build_object(
    'questions', (select count(*) from qa.questions where id = (select id from q)),
    'events', (select count(*) > 0 from qa.question_events where question_id = (select id from q)),
    'images', (select count(*) from qa.question_images where question_id = (select id from q)),
    'answers', (select count(*) from qa.answers where question_id = (select id from q)),
    'versions', (select coalesce(jsonb_agg(stage order by version_no), '[]') from qa.answer_versions),
    'citations', (select count(*) > 0 from qa.answer_citations),
    'reviews', (select count(*) from qa.expert_reviews where question_id = (select id from q)),
    'originality', (select count(*) from qa.originality_checks),
    'ledger', (select count(*) > 0 from qa.credit_entries where question_id = (select id from q)),
    'files', (select count(*) from storage.objects where bucket_id = 'question-images')
  );
$$;

select tests.as_user((select student from p));
select is(pg_temp.seen(), '{"questions": 1, "events": true, "images": 1, "answers": 0, "versions": [], "citations": false,
  "reviews": 0, "originality": 0, "ledger": true, "files": 1}', 'before delivery the client sees his question, but no answer');
select is(qa.track_question((select id from q)) ->> 'answer', null, 'tracking shows none either');
select tests.as_user((select stranger from p));
select is(pg_temp.seen(), '{"questions": 0, "events": false, "images": 0, "answers": 0, "versions": [], "citations": false,
  "reviews": 0, "originality": 0, "ledger": false, "files": 0}', 'a stranger sees nothing');
select throws_ok($$ select qa.track_question((select id from q)) $$, 'PT404', 'question_not_found', 'and tracks nothing');
select throws_ok($$ select qa.cancel_question((select id from q)) $$, 'PT404', 'question_not_found', 'and cancels nothing');
select tests.as_user((select other_expert from p));
select is(pg_temp.seen(), '{"questions": 0, "events": false, "images": 0, "answers": 0, "versions": [], "citations": false,
  "reviews": 0, "originality": 0, "ledger": false, "files": 0}', 'an expert who does not review it sees nothing');
select tests.as_user((select expert from p));
select is(pg_temp.seen(), '{"questions": 1, "events": true, "images": 1, "answers": 1, "versions": ["ai", "humanized"], "citations": true,
  "reviews": 1, "originality": 1, "ledger": false, "files": 1}', 'its reviewer sees all but the money');
select tests.as_user((select admin from p));
select is(pg_temp.seen(), '{"questions": 1, "events": true, "images": 1, "answers": 1, "versions": ["ai", "humanized"], "citations": true,
  "reviews": 1, "originality": 1, "ledger": true, "files": 1}', 'an administrator sees all');
select tests.as_anon();
select throws_ok($$ select * from qa.questions $$, '42501', null, 'without signing in nothing is readable');
select throws_ok($$ select * from qa.clients $$, '42501', null, 'neither accounts');
select lives_ok($$ select * from qa.sla_policies $$, 'but the price list is');

select tests.as_owner();
select tests.qa_drive((select id from q), 'delivered');
select tests.as_user((select student from p));
select is(pg_temp.seen(), '{"questions": 1, "events": true, "images": 1, "answers": 1, "versions": ["final"], "citations": true,
  "reviews": 0, "originality": 0, "ledger": true, "files": 1}', 'after delivery the client sees the final version');
select is(qa.track_question((select id from q)) -> 'answer' -> 'provenance' ->> 'written_by', 'ai', 'which says that AI wrote it');
select is(qa.track_question((select id from q)) -> 'answer' ->> 'reviewed_by',
  (select username::text from core.profiles where id = (select expert from p)), 'and who checked it');
select tests.as_user((select stranger from p));
select is(pg_temp.seen() -> 'versions', '[]', 'a stranger still sees nothing');

-- No table takes a write from a client: there is no grant.
select tests.as_user((select student from p));
select throws_ok(format('insert into qa.%I default values', t), '42501', null, format('no insert into %s', t))
from unnest(array['clients', 'questions', 'answers', 'answer_versions', 'expert_reviews', 'ratings', 'credit_entries', 'question_events']) t;
select throws_ok(format('update qa.%I set %I = %I', t, c, c), '42501', null, format('no update of %s', t))
from (values ('clients', 'plan'), ('questions', 'status'), ('answers', 'response_type'), ('expert_reviews', 'review_status'), ('sla_policies', 'credits_cost'), ('plans', 'welcome_credits')) v (t, c);
select throws_ok(format('delete from qa.%I', t), '42501', null, format('no delete from %s', t))
from unnest(array['questions', 'answers', 'ratings', 'credit_entries']) t;
select throws_ok($$ select * from qa.fingerprints $$, '42501', null, 'fingerprints are nobody''s to read');
select throws_ok(
  format($$ insert into storage.objects (bucket_id, name, owner_id) values ('question-images', %L, %L) $$,
    (select stranger from p) || '/x.png', (select student from p)),
  '42501', null, 'nobody uploads into another''s folder');
select lives_ok(
  format($$ insert into storage.objects (bucket_id, name, owner_id) values ('question-images', %L, %L) $$,
    (select student from p) || '/own.png', (select student from p)),
  'but into his own');
select tests.as_owner();
select is((select count(*)::integer from storage.objects where name = (select student from p) || '/own.png'), 1, 'where it is');
select is((select metadata from qa.questions where id = (select id from q)), '{}'::jsonb, 'and the question is as it was');

select * from finish();
rollback;
