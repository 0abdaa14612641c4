-- When a person goes: the ledger and the audit stay, nothing that he wrote does.
begin;
select tests.share_temporaries();
select plan(20);

create temp table p as
select tests.create_user('del-student@test.local', array['student']) as student, tests.qa_expert('del-expert@test.local') as expert,
  tests.qa_expert('del-second@test.local') as second;
select tests.qa_only_experts(array[(select expert from p)]);
create temp table c as select id from qa.clients where user_id = (select student from p);
create temp table done as select tests.qa_submit((select student from p), 'My secret question about my own heart?') as id;
select tests.qa_drive((select id from done), 'delivered');
select tests.as_user((select student from p));
select is((qa.rate_answer((select id from done), 5, p_comment => 'I, Jane, say thanks.')).overall_score, 5::smallint, 'a rated question');
select tests.as_owner();
create temp table open as select tests.qa_submit((select student from p), 'A second, still open question of mine?') as id;
select tests.qa_drive((select id from open), 'ai_generated');
create temp table reviewing as select tests.qa_submit((select student from p), 'A third one, with the expert already?') as id;
select tests.qa_drive((select id from reviewing), 'expert_review');
select is((select credits_available || '/' || credits_held from qa.clients where id = (select id from c)), '0/2', 'two are held');

-- The student goes.
delete from auth.users where id = (select student from p);
select is((select count(*)::integer from core.profiles where id = (select student from p)), 0, 'the person is gone');
select is((select user_id from qa.clients where id = (select id from c)), null, 'the account is a tombstone');
select is((select status from qa.clients where id = (select id from c)), 'cancelled', 'and closed');
select is(tests.qa_status((select id from open)), 'cancelled', 'open questions are cancelled');
select is(tests.qa_status((select id from reviewing)), 'cancelled', 'those in review too');
select is((select credits_held from qa.clients where id = (select id from c)), 0, 'nothing stays on hold');
select is((select count(*)::integer from qa.questions where client_id = (select id from c) and content <> ''), 0, 'no word of the questions remains');
select is((select comment from qa.ratings where question_id = (select id from done)), null, 'nor of the comment');
select is((select overall_score from qa.ratings where question_id = (select id from done)), 5::smallint, 'the score stays');
select ok((select count(*) >= 5 from qa.credit_entries where client_id = (select id from c)), 'the ledger stays');
select is((select count(*)::integer from core.search_documents where module = 'qa' and entity_id = (select id from done)), 0, 'the answer is no longer found');
select is((select count(*)::integer from ops.audit_logs l where l::text ilike '%secret question%' or l::text ilike '%jane%'), 0, 'the audit never held his words');

-- An expert goes, with a review in his hands.
create temp table s2 as select tests.create_user('del-third@test.local', array['student']) as id;
create temp table held as select tests.qa_submit((select id from s2)) as id;
select tests.qa_drive((select id from held), 'expert_review');
delete from ops.queue_items;
delete from auth.users where id = (select expert from p);
select is((select review_status from qa.expert_reviews where question_id = (select id from held)), 'expired', 'his review ends');
select is((select assigned_expert_id from qa.questions where id = (select id from held)), null, 'the question is free');
select ok(exists (select from ops.queue_items where job_type = 'qa.assign' and resource_id = (select id from held)), 'and is assigned anew');
select is((select expert_id from qa.ratings where question_id = (select id from done)), null, 'ratings of him stay, without him');
select is((select count(*)::integer from qa.answer_versions v join qa.answers a on a.id = v.answer_id
  where a.question_id = (select id from done) and v.stage = 'final'), 1, 'and so does what he approved');
select tests.qa_only_experts(array[(select second from p)]);
select lives_ok($$ select tests.qa_drive((select id from held), 'delivered') $$, 'somebody else finishes it');

select * from finish();
rollback;
