-- What attackers tried on qa: access that outlives a suspension or a role, markup beside the content, a refund asked for
-- twice, and words that outlive the person.
begin;
select tests.share_temporaries();
select plan(38);

create temp table p as
select tests.create_user('qab-student@test.local') as student, tests.create_user('qab-admin@test.local', array['admin']) as admin,
  tests.qa_expert('qab-expert@test.local') as expert;
select tests.qa_only_experts(array[(select expert from p)]);
insert into storage.objects (bucket_id, name, owner_id, owner, metadata)
select 'question-images', student || '/kidney.png', student::text, student, '{"size": 1200, "mimetype": "image/png"}' from p;
select tests.as_user((select student from p));
create temp table q as
select id from qa.submit_question('What does this show?', 'qab-key-001', p_image_paths => array[(select student from p) || '/kidney.png']);
select tests.as_owner();
grant select on q to public;
select tests.qa_drive((select id from q), 'expert_review');

create function pg_temp.seen() returns jsonb language sql as $$
  select jsonb_build_object(
    'questions', (select count(*) from qa.questions), 'events', (select count(*) from qa.question_events),
    'images', (select count(*) from qa.question_images), 'answers', (select count(*) from qa.answers),
    'versions', (select count(*) from qa.answer_versions), 'reviews', (select count(*) from qa.expert_reviews),
    'clients', (select count(*) from qa.clients), 'ledger', (select count(*) from qa.credit_entries),
    'ratings', (select count(*) from qa.ratings), 'files', (select count(*) from storage.objects where bucket_id = 'question-images')
  );
$$;
create function pg_temp.nothing() returns jsonb language sql as $$
  select '{"questions": 0, "events": 0, "images": 0, "answers": 0, "versions": 0, "reviews": 0, "clients": 0, "ledger": 0, "ratings": 0, "files": 0}'::jsonb;
$$;

-- An image that was found to be harmful
select tests.as_user((select expert from p));
select is(pg_temp.seen() ->> 'files', '1', 'the reviewer sees the picture');
select tests.as_service();
select core.record_file_inspection((select file_id from qa.question_images where question_id = (select id from q)), repeat('a', 64), 'image/png', false, 'a script hides in the picture');
select tests.as_user((select expert from p));
select is(pg_temp.seen() ->> 'files', '0', 'but not when a script was found in it');
select is(pg_temp.seen() ->> 'images', '1', 'that there was one he sees');

-- An expert who is none any more
select is(pg_temp.seen() ->> 'questions', '1', 'the reviewer sees the question');
select tests.as_owner();
update core.experts set verification_status = 'suspended' where id = (select expert from p);
select tests.as_user((select expert from p));
select is(pg_temp.seen() - 'reviews' - 'clients' - 'ledger', pg_temp.nothing() - 'reviews' - 'clients' - 'ledger', 'once suspended as an expert, he sees nobody''s question, answer or picture');
select is(pg_temp.seen() ->> 'reviews', '1', 'that he reviewed, he sees');
select throws_ok($$ select qa.claim_review((select id from q)) $$, 'PT403', 'role_required', 'and takes up nothing');
select tests.as_owner();
update core.experts set verification_status = 'verified' where id = (select expert from p);
update core.profiles set is_active = false where id = (select expert from p);
select tests.as_user((select expert from p));
select is(pg_temp.seen() - 'reviews' - 'clients' - 'ledger', pg_temp.nothing() - 'reviews' - 'clients' - 'ledger', 'an expert whose account is suspended sees nobody''s question either');
select tests.as_owner();
update core.profiles set is_active = true where id = (select expert from p);
select tests.qa_drive((select id from q), 'delivered');

-- A client who is suspended, or deleted with his token still good
select tests.as_user((select student from p));
select isnt(pg_temp.seen(), pg_temp.nothing(), 'a client sees his own');
select lives_ok(format($$ insert into storage.objects (bucket_id, name, owner_id) values ('question-images', %L, %L) $$,
  (select student from p) || '/a.png', (select student from p)), 'and uploads');
select tests.as_owner();
update core.profiles set is_active = false where id = (select student from p);
select tests.as_user((select student from p));
select is((select count(*)::integer from qa.questions where id = (select id from q)), 1, 'while suspended he still reads what is his own');
select is(qa.track_question((select id from q)) ->> 'status', 'delivered', 'and follows it');
select throws_ok($$ select qa.submit_question('May I still ask something?', 'qab-key-009') $$, 'PT403', 'account_inactive', 'but asks nothing');
select throws_ok($$ select qa.rate_answer((select id from q), 1) $$, 'PT403', 'account_inactive', 'rates nothing');
select throws_ok(format($$ insert into storage.objects (bucket_id, name, owner_id) values ('question-images', %L, %L) $$,
  (select student from p) || '/b.png', (select student from p)), '42501', null, 'and uploads nothing');
select tests.as_owner();
update core.profiles set is_active = true where id = (select student from p);

-- Beside the content
select tests.as_user((select student from p));
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'qab-key-002', p_metadata => '{"note": "<x onclick=alert(1)>"}') $$, 'PT422', 'markup_not_allowed', 'metadata takes no markup');
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'qab-<script>alert(1)</script>') $$, 'PT422', 'markup_not_allowed', 'nor does the key');
select lives_ok($$ select qa.submit_question('How does the heart pump?', 'jane@home.test:1', p_metadata => '{"note": "p < 0.05"}') $$, 'a comparison sign passes');
create temp table own as select id from qa.questions where idempotency_key = 'jane@home.test:1';
select is((qa.cancel_question((select id from own), 'Jane asked her aunt.')).cancel_reason, 'Jane asked her aunt.', 'why he cancels stands in the question');
select is((select e ->> 'reason' from jsonb_array_elements(qa.track_question((select id from own)) -> 'timeline') e where e ->> 'status' = 'cancelled'),
  'Jane asked her aunt.', 'and in what he tracks');

-- Refunds
select tests.as_user((select admin from p));
select is((qa.refund_question((select id from q), 'The answer was wrong.')).status, 'delivered', 'a delivered question is refunded');
select lives_ok($$ select qa.refund_question((select id from q), 'And once more, please.') $$, 'asking again is harmless');
select tests.as_owner();
select is((select count(*)::integer from qa.credit_entries where question_id = (select id from q) and entry_type = 'refund'), 1, 'one refund');
select is((select count(*)::integer from core.notifications where user_id = (select student from p) and type = 'credits_returned'), 1, 'one notice of it');
create temp table refused as select tests.qa_submit((select student from p)) as id;
select tests.as_user((select admin from p));
select is((qa.refund_question((select id from refused), 'Not a question.')).rejection_reason, 'Not a question.', 'an open one is rejected');
select is((qa.refund_question((select id from refused), 'Something else.')).rejection_reason, 'Not a question.', 'the first reason stands');
select tests.as_owner();
select is((select count(*)::integer from core.notifications where user_id = (select student from p) and type = 'credits_returned'), 2, 'and is told once');

-- What an administrator says of a person is personal, too
select tests.as_user((select admin from p));
select qa.grant_credits((select student from p), 1, 'For Jane, who was ill.', 'jane-1');
select tests.as_owner();
select is((select count(*)::integer from ops.audit_logs l where l::text ilike '%jane%'), 0, 'the audit holds no reason and no key of the ledger');

-- Deletion: his keys, his reasons, his pictures
create temp table c as select id from qa.clients where user_id = (select student from p);
select throws_ok($$ update qa.question_events set reason = null where question_id = (select id from own) $$, 'PT403', 'append_only', 'while he is there, nobody clears his timeline');
delete from auth.users where id = (select student from p);
select is((select count(*)::integer from qa.questions where client_id = (select id from c)), 3, 'the questions stay as tombstones');
select is((select count(*)::integer from qa.questions t where t.client_id = (select id from c) and t::text ilike '%jane%'), 0, 'without his keys and reasons');
select is((select count(*)::integer from qa.question_events e join qa.questions t on t.id = e.question_id where t.client_id = (select id from c) and e::text ilike '%jane%'), 0, 'nor in the timeline');
select is((select count(*)::integer from qa.question_events where question_id = (select id from own)), 2, 'which has every move');
select throws_ok($$ update qa.question_events set to_status = 'delivered' where question_id = (select id from own) $$, 'PT403', 'append_only', 'and takes no change');
select is((select count(*)::integer from qa.question_images where question_id = (select id from q)), 0, 'what was read in his pictures is gone');
select is((select count(*)::integer from qa.questions where client_id = (select id from c) and idempotency_key <> id::text), 0, 'each key is the id of its question');
select tests.as_user((select student from p));
select is(pg_temp.seen() - 'files', pg_temp.nothing() - 'files', 'with a token that is still good he sees nothing');
select throws_ok(format($$ insert into storage.objects (bucket_id, name, owner_id) values ('question-images', %L, %L) $$,
  (select student from p) || '/c.png', (select student from p)), '42501', null, 'and leaves nothing behind');

select * from finish();
rollback;
