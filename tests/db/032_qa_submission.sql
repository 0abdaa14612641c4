-- Submitting: what is taken, what is refused, and that a retry is the same question.
begin;
select tests.share_temporaries();
select plan(46);

create temp table p as
select tests.create_user('asker@test.local', array['student']) as student,
  tests.create_user('asker-two@test.local', array['student']) as other;
select tests.qa_topic('cardiovascular-system');

insert into storage.objects (bucket_id, name, owner_id, owner, metadata)
select 'question-images', id || '/ecg.png', id::text, id, '{"size": 1200, "mimetype": "image/png"}'::jsonb
from (select student as id from p union all select other from p) u;

select tests.as_anon();
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'anon-key-1') $$, '42501', null, 'not without signing in');

select tests.as_user((select student from p));
create temp table first as select * from qa.submit_question('How does the heart pump blood?', 'same-key-1', p_topic => 'cardiovascular-system');
select is((select status from first), 'submitted', 'a question begins as submitted');
select is((select question_type from first), 'text', 'its type follows from what it holds');
select is((select word_count from first), 6, 'words are counted');
select ok((select due_at > now() from first), 'the promise has a time');
select ok((select estimated_minutes > 0 from first), 'and an estimate');
select is(
  (select id from qa.submit_question('How does the heart pump blood?', 'same-key-1', p_topic => 'cardiovascular-system')),
  (select id from first), 'a retry returns the same question');
select is((select count(*)::integer from qa.questions), 1, 'and makes no second');
select throws_ok($$ select qa.submit_question('Something else entirely?', 'same-key-1') $$,
  'PT422', 'idempotency_key_reused', 'a key is for one question');

select throws_ok($$ select qa.submit_question('', 'bad-key-01') $$, 'PT422', 'text_required', 'empty');
select throws_ok($$ select qa.submit_question(null, 'bad-key-02') $$, 'PT422', 'text_required', 'null');
select throws_ok($$ select qa.submit_question(E' \t\n ', 'bad-key-03') $$, 'PT422', 'text_required', 'blank');
select throws_ok($$ select qa.submit_question(repeat('long ', 2000), 'bad-key-04') $$, 'PT422', 'text_too_long', 'over-long');
select throws_ok($$ select qa.submit_question('Is <script>alert(1)</script> a question?', 'bad-key-05') $$, 'PT422', 'markup_not_allowed', 'a script');
select throws_ok($$ select qa.submit_question('Look: <img src=x onerror=alert(1)>', 'bad-key-06') $$, 'PT422', 'markup_not_allowed', 'an image tag');
select throws_ok($$ select qa.submit_question('See javascript:alert(1) for more', 'bad-key-07') $$, 'PT422', 'markup_not_allowed', 'a script link');
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'bad-key-08', p_topic => 'alchemy') $$, 'PT422', 'unknown_topic', 'an unknown topic');
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'bad-key-09', p_priority => 'now!') $$, 'PT422', 'unknown_priority', 'an unknown priority');
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'short') $$, 'PT422', 'idempotency_key_required', 'a key too short');
select throws_ok($$ select qa.submit_question('How does the heart pump?', 'bad-key-10', p_metadata => '[1]') $$, 'PT422', 'metadata_invalid', 'metadata that is no object');
select throws_ok(format($$ select qa.submit_question('What is this?', 'bad-key-11', p_image_paths => array[%L]) $$, (select other from p) || '/ecg.png'),
  'PT422', 'file_not_found', 'somebody else''s image');
select throws_ok($$ select qa.submit_question('What is this?', 'bad-key-12', p_image_paths => array['../../etc/passwd']) $$,
  'PT422', 'file_not_found', 'a path from elsewhere');
select throws_ok($$ select qa.submit_question('Six images?', 'bad-key-13', p_image_paths => array['a','b','c','d','e','f']) $$,
  'PT422', 'too_many_images', 'too many images');
select is((select count(*)::integer from qa.questions), 1, 'nothing of all that was written');
select is((select credits_available || '/' || credits_held from qa.clients), '2/1', 'and nothing was charged');
select lives_ok($$ select qa.submit_question('Is it true that if x<y and y>z then x = z?', 'math-key-1') $$, 'comparison signs are no markup');

-- Images.
create temp table pic as
select * from qa.submit_question('', 'image-key-1', p_image_paths => array[(select student from p) || '/ecg.png']);
select is((select question_type from pic), 'image', 'an image alone is a question');
select is((select i.position from qa.question_images i where i.question_id = (select id from pic)), 1::smallint, 'and is attached in order');
select tests.as_owner();
select qa.grant_credits((select student from p), 5, 'More', 'more-credits');
select tests.as_user((select student from p));
select throws_ok(format($$ select qa.submit_question('Again the same image?', 'image-key-2', p_image_paths => array[%L]) $$, (select student from p) || '/ecg.png'),
  'PT409', 'image_already_used', 'an image belongs to one question');

-- The quote.
select is((select qa.quote_question('urgent') ->> 'credits'), '3', 'the quote names the price');
select throws_ok($$ select qa.quote_question('whenever') $$, 'PT422', 'unknown_priority', 'and refuses an unknown priority');

select tests.as_owner();
select is(
  (select count(*)::integer from ops.queue_items where job_type = 'qa.generate' and resource_id = (select id from first)),
  1, 'one job is waiting for the question');

-- With an OCR worker, the text of the image is waited for.
update ops.job_types set is_enabled = true where job_type = 'ocr.read_image';
insert into storage.objects (bucket_id, name, owner_id, owner, metadata)
select 'question-images', student || '/second.png', student::text, student, '{"size": 900, "mimetype": "image/png"}' from p;
select tests.as_user((select student from p));
create temp table read as
select * from qa.submit_question('', 'image-key-3', p_image_paths => array[(select student from p) || '/second.png']);
grant select on read to public;
select tests.as_owner();
create temp table ocr as select * from ops.claim_jobs('ocr-worker', 1, 'ocr');
select is((select job_type from ocr), 'ocr.read_image', 'the OCR worker finds its job');
select is((select count(*)::integer from ops.queue_items where resource_id = (select id from read) and job_type = 'qa.generate' and run_at < now() + interval '1 minute'),
  0, 'and the generation waits');
select tests.as_service();
select throws_ok($$ select qa.record_image_text((select id from read), (select id from ocr), 0, (select (payload ->> 'file_id')::uuid from ocr), 'x', 1) $$,
  'PT409', 'lease_lost', 'only its holder hands the text in');
select is(qa.record_image_text((select id from read), (select id from ocr), (select lease_token from ocr),
  (select (payload ->> 'file_id')::uuid from ocr), 'What is the <b>PR</b> interval?', 0.9) ->> 'images_left', '0', 'the text is taken');
select tests.as_owner();
select ok(exists (select from ops.queue_items where resource_id = (select id from read) and job_type = 'qa.generate' and run_at < now() + interval '1 minute'),
  'and starts the generation');
select is(private.qa_begin_generation((select id from read), null, null) -> 'images' -> 0 ->> 'extracted_text',
  'What is the <b>PR</b> interval?', 'which reads it as it stood on the page');

-- Cancelling takes the waiting jobs along.
select ok(exists (select from ops.queue_items where resource_id = (select id from read)), 'a question has its jobs');
select tests.as_user((select student from p));
select is((qa.cancel_question((select id from read))).status, 'cancelled', 'its client cancels it');
select tests.as_owner();
select ok(not exists (select from ops.queue_items where resource_id = (select id from read)), 'and no job goes on with it');

-- A picture in use stays, one that was never used may go.
insert into storage.objects (bucket_id, name, owner_id, owner)
select 'question-images', student || '/unused.png', student::text, student from p;
select tests.as_user((select student from p));
select is(tests.rows_changed($$ delete from storage.objects where name = auth.uid() || '/ecg.png' $$), 0::bigint, 'what a question shows stays');
select is(tests.rows_changed($$ delete from storage.objects where name = auth.uid() || '/unused.png' $$), 1::bigint, 'what none shows may go');

-- So many at once, and no more; a retry is no new question.
select tests.as_owner();
update core.settings set value = '1' where key = 'qa.submit_burst';
select tests.as_user((select other from p));
select lives_ok($$ select qa.submit_question('How fast does the heart beat?', 'burst-key-1') $$, 'within the allowance');
select throws_ok($$ select qa.submit_question('How fast does it beat at night?', 'burst-key-2') $$, 'PT429', 'rate_limited', 'and beyond it');
select lives_ok($$ select qa.submit_question('How fast does the heart beat?', 'burst-key-1') $$, 'the same request again costs nothing');

select * from finish();
rollback;
