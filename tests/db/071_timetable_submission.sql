-- Handing in a document, and what its owner may do with its reading; each denial beside the proof that the row is there.
begin;
select tests.share_temporaries();
select plan(81);

create temp table p as select
  tests.create_user('su-ann@test.local') as ann, tests.create_user('su-ben@test.local') as ben,
  tests.create_user('su-rev@test.local', '{reviewer}') as rev, tests.create_user('su-boss@test.local', '{admin}') as boss,
  tests.create_user('su-off@test.local') as off;
insert into core.admins (id, level) select boss, 'super' from p on conflict (id) do update set level = 'super';
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;

-- The bucket
select is((select row(public, file_size_limit, cardinality(allowed_mime_types))::text from storage.buckets where id = 'timetables'), '(f,20971520,4)', 'a private bucket: 20 MB, four kinds of files');
select tests.as_anon();
select throws_ok($$ insert into storage.objects (bucket_id, name) values ('timetables', 'x/a.pdf') $$, '42501', null, 'a visitor uploads nothing');
select tests.as_user(pg_temp.who('ann'));
select lives_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('timetables', auth.uid() || '/1/plan.pdf', auth.uid()::text) $$, 'one''s own folder');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('timetables', pg_temp.who('ben') || '/1/plan.pdf', auth.uid()::text) $$, '42501', null, 'not that of another');
select lives_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('timetables', auth.uid() || '/2/unused.pdf', auth.uid()::text) $$, 'a second file');
select tests.as_user(pg_temp.who('ben'));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'timetables' $$), 0::bigint, 'a stranger sees no file');
select tests.as_user(pg_temp.who('rev'));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'timetables' $$), 0::bigint, 'nor does a reviewer who holds nothing');
select tests.as_user(pg_temp.who('boss'));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'timetables' $$), 2::bigint, 'an administrator does');
select tests.as_owner();
select tests.tt_upload(pg_temp.who('off'), 'late.pdf');
update core.profiles set is_active = false where id = pg_temp.who('off');
select tests.as_user(pg_temp.who('off'));
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('timetables', auth.uid() || '/1/plan.pdf', auth.uid()::text) $$, '42501', null, 'who is suspended uploads nothing');
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'timetables' $$), 1::bigint, 'and sees what he had');

-- Handing in
select throws_ok($$ select timetable.submit_document(auth.uid() || '/1/plan.pdf', 'plan.pdf') $$, 'PT403', 'account_inactive', 'nor does he hand in');
select tests.as_anon();
select throws_ok($$ select timetable.submit_document('x/1/plan.pdf', 'plan.pdf') $$, '42501', null, 'a visitor does not');
select tests.as_user(pg_temp.who('ben'));
select throws_ok($$ select timetable.submit_document(pg_temp.who('ann') || '/1/plan.pdf', 'plan.pdf') $$, 'PT422', 'file_not_found', 'the file of another is not there');
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.submit_document(auth.uid() || '/1/none.pdf', 'plan.pdf') $$, 'PT422', 'file_not_found', 'nor what was not uploaded');
select throws_ok($$ select timetable.submit_document(auth.uid() || '/1/plan.pdf', '') $$, 'PT422', 'text_required', 'a name is needed');
select throws_ok($$ select timetable.submit_document(auth.uid() || '/1/plan.pdf', '<script>x</script>.pdf') $$, 'PT422', 'markup_not_allowed', 'a plain one');
select throws_ok($$ select timetable.submit_document(auth.uid() || '/1/plan.pdf', 'plan.pdf', gen_random_uuid()) $$, 'PT404', 'timetable_not_found', 'into a timetable that is there');
create temp table r as select timetable.submit_document(auth.uid() || '/1/plan.pdf', 'C:\Users\ann\Class 2EJ.pdf', null, '00000000-0000-4000-8000-000000000501') as it;
select is((select it -> 'document' ->> 'file_name' from r), 'Class 2EJ.pdf', 'the name without the path');
select is((select it -> 'document' ->> 'id' from r), '00000000-0000-4000-8000-000000000501', 'the id that was asked for');
select is((select it -> 'job' ->> 'status' from r), 'pending', 'a job waits');
select results_eq($$ select name, status from timetable.timetables where user_id = auth.uid() $$, $$ values ('Class 2EJ', 'draft') $$, 'and a draft is there');
select is(timetable.submit_document(auth.uid() || '/1/plan.pdf', 'again.pdf') #>> '{document,id}', '00000000-0000-4000-8000-000000000501', 'the same path again is the same document');
select is(tests.count_of('select * from timetable.processing_jobs'), 1::bigint, 'with one job');
select throws_ok($$ select timetable.submit_document(auth.uid() || '/2/unused.pdf', 'b.pdf', null, '00000000-0000-4000-8000-000000000501') $$, 'PT409', 'id_taken', 'an id is taken once');
select tests.as_owner();
select is((select count(*) from ops.queue_items where job_type = 'timetable.read' and queue = 'ocr' and resource_id = (select (it -> 'job' ->> 'id')::uuid from r)), 1::bigint, 'one job in the queue of the OCR workers');
select is((select purpose from core.files where path like '%/1/plan.pdf' and bucket_id = 'timetables'), 'timetable_document', 'the file is registered');
create temp table ben_doc as select tests.tt_submit(pg_temp.who('ben')) as id;
create temp table ben_tt as select timetable_id as id from timetable.documents where id = (select id from ben_doc);
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.submit_document(auth.uid() || '/2/unused.pdf', 'b.pdf', (select id from ben_tt)) $$, 'PT404', 'timetable_not_found', 'not into the timetable of another');
select is((timetable.submit_document(auth.uid() || '/2/unused.pdf', 'b.pdf', (select timetable_id from timetable.documents limit 1))) #>> '{document,timetable_id}', (select timetable_id::text from timetable.documents limit 1), 'into one''s own');

-- Nobody writes the tables
select throws_ok($$ insert into timetable.documents (user_id, file_name, bucket_id, path) values (auth.uid(), 'x', 'timetables', 'y') $$, '42501', null, 'documents are not inserted');
select throws_ok($$ update timetable.documents set sha256 = repeat('a', 64) $$, '42501', null, 'a hash that one could name would open the reading of another''s document');
select throws_ok($$ update timetable.processing_jobs set status = 'completed' $$, '42501', null, 'a job is not moved by hand');
select throws_ok($$ delete from timetable.documents $$, '42501', null, 'nor is a document deleted by hand');
select throws_ok($$ select timetable.begin_reading(gen_random_uuid(), 1) $$, '42501', null, 'nor does a client read');
select throws_ok($$ select timetable.record_blocks(gen_random_uuid(), 1, 'x', '[]', 'tesseract') $$, '42501', null, 'nor record blocks');
select throws_ok($$ select timetable.take_signature('0123456789abcdef') $$, '42501', null, 'nor use up signatures');
select throws_ok($$ select * from timetable.callback_nonces $$, '42501', null, 'which it does not see');

-- Who sees it
select is(tests.count_of('select * from timetable.documents'), 2::bigint, 'the owner sees hers');
select is(timetable.processing_status((select (it -> 'job' ->> 'id')::uuid from r)) ->> 'status', 'pending', 'and how far it is');
select tests.as_anon();
select throws_ok('select * from timetable.documents', '42501', null, 'a visitor sees nothing');
select throws_ok('select * from timetable.job_transitions', '42501', null, 'not even the rules');
select tests.as_user(pg_temp.who('ben'));
select is(tests.count_of($$ select * from timetable.documents where user_id <> auth.uid() $$), 0::bigint, 'a stranger sees no document');
select is(tests.count_of($$ select * from timetable.processing_jobs where user_id <> auth.uid() $$), 0::bigint, 'no job');
select is(timetable.processing_status((select (it -> 'job' ->> 'id')::uuid from r)), null, 'and no status');
select tests.as_user(pg_temp.who('rev'));
select is(tests.count_of('select * from timetable.documents'), 0::bigint, 'a reviewer neither, before he holds it');
select tests.as_user(pg_temp.who('boss'));
select is(tests.count_of('select * from timetable.documents'), 3::bigint, 'an administrator does');
select ok(tests.count_of('select * from timetable.job_transitions') > 30, 'the rules are for everybody who is signed in');

-- Cancel and retry
select tests.as_user(pg_temp.who('ben'));
select throws_ok($$ select timetable.cancel_processing((select (it -> 'job' ->> 'id')::uuid from r)) $$, 'PT404', 'document_not_found', 'nobody cancels for another');
select throws_ok($$ select timetable.retry_processing('00000000-0000-4000-8000-000000000501') $$, 'PT404', 'document_not_found', 'nor retries');
select throws_ok($$ select timetable.delete_document('00000000-0000-4000-8000-000000000501') $$, 'PT404', 'document_not_found', 'nor deletes');
select throws_ok($$ select timetable.accept_blocks('00000000-0000-4000-8000-000000000501') $$, 'PT404', 'document_not_found', 'nor accepts');
select throws_ok($$ select timetable.reopen_document('00000000-0000-4000-8000-000000000501', 'look again') $$, 'PT404', 'document_not_found', 'nor reopens');
select tests.as_user(pg_temp.who('boss'));
select throws_ok($$ select timetable.delete_document('00000000-0000-4000-8000-000000000501') $$, 'PT404', 'document_not_found', 'an administrator deletes nobody''s document');
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.retry_processing('00000000-0000-4000-8000-000000000501') $$, 'PT409', 'processing_active', 'one reading at a time');
select throws_ok($$ select timetable.accept_blocks('00000000-0000-4000-8000-000000000501') $$, 'PT409', 'processing_closed', 'nothing to accept yet');
select throws_ok($$ select timetable.reopen_document('00000000-0000-4000-8000-000000000501', 'look again') $$, 'PT409', 'processing_closed', 'nothing to reopen');
select is(timetable.cancel_processing((select (it -> 'job' ->> 'id')::uuid from r)), true, 'cancelled');
select is(timetable.cancel_processing((select (it -> 'job' ->> 'id')::uuid from r)), false, 'once');
select tests.as_owner();
select is((select count(*) from ops.queue_items where resource_id = (select (it -> 'job' ->> 'id')::uuid from r)), 0::bigint, 'its worker lost the lease');
select tests.as_user(pg_temp.who('ann'));
select is(timetable.retry_processing('00000000-0000-4000-8000-000000000501') #>> '{job,status}', 'pending', 'and it can be tried again');
select is((select max(retry_count) from timetable.processing_jobs where document_id = '00000000-0000-4000-8000-000000000501'), 1, 'counted');
select tests.as_owner();
select is(tests.tt_read('00000000-0000-4000-8000-000000000501', jsonb_build_array(tests.tt_block('Monday', 'Maths', '09:00', '10:00'))), 'completed', 'read');
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.cancel_processing((select id from timetable.processing_jobs where document_id = '00000000-0000-4000-8000-000000000501' and status = 'completed')) $$, 'PT409', 'processing_closed', 'what is completed is not cancelled');
select is(tests.count_of('select * from timetable.ocr_pages'), 1::bigint, 'the owner sees the pages');
select is(tests.count_of('select * from timetable.extraction_cells'), 2::bigint, 'and the cells');
select is(tests.count_of($$ select * from timetable.timeblocks where document_id = '00000000-0000-4000-8000-000000000501' $$), 1::bigint, 'and the blocks');
select tests.as_user(pg_temp.who('ben'));
select is(tests.count_of('select * from timetable.ocr_pages'), 0::bigint, 'a stranger sees no pages');
select is(tests.count_of('select * from timetable.extraction_cells'), 0::bigint, 'no cells');
select is(tests.count_of($$ select * from timetable.timeblocks where document_id = '00000000-0000-4000-8000-000000000501' $$), 0::bigint, 'no blocks');

-- Suspended in the middle of it
select tests.as_owner();
update core.profiles set is_active = false where id = pg_temp.who('ann');
select tests.as_user(pg_temp.who('ann'));
select is(tests.count_of('select * from timetable.documents'), 2::bigint, 'who is suspended reads what is his');
select throws_ok($$ select timetable.retry_processing('00000000-0000-4000-8000-000000000501') $$, 'PT403', 'account_inactive', 'and starts nothing');
select throws_ok($$ select timetable.delete_document('00000000-0000-4000-8000-000000000501') $$, 'PT403', 'account_inactive', 'nor deletes');
select tests.as_owner();
update core.profiles set is_active = true where id = pg_temp.who('ann');

-- An archived timetable is read, not changed
update timetable.timetables set status = 'archived'
where id = (select timetable_id from timetable.documents where id = '00000000-0000-4000-8000-000000000501');
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.retry_processing('00000000-0000-4000-8000-000000000501') $$, 'PT409', 'timetable_archived', 'not by another reading');
select throws_ok($$ select timetable.accept_blocks('00000000-0000-4000-8000-000000000501') $$, 'PT409', 'timetable_archived', 'nor by taking its blocks');
select tests.as_owner();
update timetable.timetables set status = 'draft'
where id = (select timetable_id from timetable.documents where id = '00000000-0000-4000-8000-000000000501');

-- The end of a document
select tests.as_user(pg_temp.who('ann'));
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'timetables' and name like '%/1/plan.pdf' $$), 0::bigint, 'the file of a document stays while there is one');
select lives_ok($$ select timetable.delete_document('00000000-0000-4000-8000-000000000501') $$, 'deleted');
select is(tests.count_of($$ select * from timetable.documents where id = '00000000-0000-4000-8000-000000000501' $$), 0::bigint, 'gone');
select is(tests.count_of($$ select * from timetable.timeblocks where name = 'Maths' and document_id is null $$), 1::bigint, 'the blocks stay in the timetable');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'timetables' and name like '%/1/plan.pdf' $$), 1::bigint, 'and the file may go');

-- The allowance
select tests.as_owner();
update core.settings set value = '1' where key = 'timetable.submit_burst';
update core.settings set value = '0.000001' where key = 'timetable.submit_per_second';
delete from ops.rate_limits;
create temp table paths as select tests.tt_upload(pg_temp.who('ben')) as one, tests.tt_upload(pg_temp.who('ben')) as two;
select tests.as_user(pg_temp.who('ben'));
select lives_ok($$ select timetable.submit_document((select one from paths), 'one.pdf') $$, 'within the allowance');
select throws_ok($$ select timetable.submit_document((select two from paths), 'two.pdf') $$, 'PT429', 'rate_limited', 'not beyond');
select lives_ok($$ select timetable.submit_document((select one from paths), 'one.pdf') $$, 'what is repeated costs nothing');
select * from finish();
rollback;
