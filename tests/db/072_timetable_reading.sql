-- Reading and structuring as workers do it: under a lease, once, resumable, the same file for nothing.
begin;
select tests.share_temporaries();
select plan(107);

create temp table p as select tests.create_user('re-ann@test.local') as ann, tests.create_user('re-ben@test.local') as ben;
create temp table d as select tests.tt_submit((select ann from p)) as id;
create temp table l as select * from tests.tt_lease((select id from d), 'timetable.read');
create function pg_temp.job() returns uuid language sql as $$ select id from l $$;
create function pg_temp.tok() returns bigint language sql as $$ select lease_token from l $$;
create function pg_temp.status() returns text language sql as $$ select (tests.tt_job((select id from d))).status $$;

-- The lease
select tests.as_service();
select throws_ok($$ select timetable.begin_reading(pg_temp.job(), pg_temp.tok() + 1) $$, 'PT409', 'lease_lost', 'another number');
select throws_ok($$ select timetable.begin_reading(gen_random_uuid(), pg_temp.tok()) $$, 'PT409', 'lease_lost', 'another job');
select throws_ok($$ select timetable.record_stage(pg_temp.job(), -1, 'ocr') $$, 'PT409', 'lease_lost', 'each of them asks for it: record_stage');
select throws_ok($$ select timetable.record_file(pg_temp.job(), -1, repeat('a', 64), 'application/pdf', 1, 1) $$, 'PT409', 'lease_lost', 'record_file');
select throws_ok($$ select timetable.record_ocr(pg_temp.job(), -1, '{}') $$, 'PT409', 'lease_lost', 'record_ocr');
select throws_ok($$ select timetable.fail_reading(pg_temp.job(), -1, 'file_broken') $$, 'PT409', 'lease_lost', 'fail_reading');
select throws_ok($$ select timetable.begin_structure(pg_temp.job(), -1) $$, 'PT409', 'lease_lost', 'begin_structure');
select throws_ok($$ select timetable.record_blocks(pg_temp.job(), -1, 'x', '[]', 'tesseract') $$, 'PT409', 'lease_lost', 'record_blocks');
select tests.as_owner();
create temp table other as select ops.enqueue_job('privacy.export', '{}', (tests.tt_job((select id from d))).id) as id;
update ops.queue_items set status = 'processing', lease_token = 77777777, leased_by = 'x', lease_expires_at = now() + interval '1 minute', attempts = 1 where id = (select id from other);
select tests.as_service();
select throws_ok($$ select timetable.begin_reading((select id from other), 77777777) $$, 'PT409', 'lease_lost', 'a lease on something else opens nothing');
select tests.as_owner();
select ops.cancel_job((select id from other));

-- Stages
select tests.as_service();
create temp table b as select timetable.begin_reading(pg_temp.job(), pg_temp.tok()) as it;
select is((select it ->> 'proceed' from b), 'true', 'taken up');
select is((select it ->> 'document_id' from b), (select id::text from d), 'with the document');
select is((select it ->> 'pages_done' from b), '[]', 'nothing read yet');
select throws_ok($$ select timetable.record_stage(pg_temp.job(), pg_temp.tok(), 'completed') $$, 'PT422', 'unknown_stage', 'a worker does not complete');
select throws_ok($$ select timetable.record_stage(pg_temp.job(), pg_temp.tok(), null) $$, 'PT422', 'unknown_stage', 'nor nothing');
select throws_ok($$ select timetable.record_stage(pg_temp.job(), pg_temp.tok(), 'ocr') $$, 'PT409', 'illegal_transition', 'nor leave a stage out');
select is(timetable.record_file(pg_temp.job(), pg_temp.tok(), repeat('A', 64), 'application/pdf', 2048, 3) ->> 'proceed', 'true', 'a file that nobody has handed in before');
select is(timetable.record_stage(pg_temp.job(), pg_temp.tok(), 'preprocessing', 8) ->> 'progress', '8', 'how far');
select is(timetable.record_stage(pg_temp.job(), pg_temp.tok(), 'ocr', 20) ->> 'status', 'ocr', 'and where');
select is(timetable.record_stage(pg_temp.job(), pg_temp.tok(), 'ocr', 15) ->> 'progress', '20', 'never back');
select tests.as_owner();
select results_eq($$ select sha256, file_type, page_count, upload_status from timetable.documents where id = (select id from d) $$, $$ values (repeat('a', 64), 'application/pdf', 3, 'completed') $$, 'what the bytes are is known');
select is((select status from core.files where id = (select file_id from timetable.documents where id = (select id from d))), 'clean', 'and the file counts as looked at');

-- Pages, one after the other; a worker dies in between
select tests.as_service();
select throws_ok($$ select timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('pages', jsonb_build_array(tests.tt_page(4)))) $$, 'PT422', 'page_invalid', 'no fourth of three pages');
select throws_ok($$ select timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('pages', jsonb_build_array(tests.tt_page(1) || '{"width": 0}'))) $$, 'PT422', 'page_invalid', 'no page without a size');
select throws_ok($$ select timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('documentId', gen_random_uuid(), 'pages', '[]'::jsonb)) $$, 'PT409', 'lease_lost', 'not of another document');
select is(timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('engine', 'test 1', 'pages', jsonb_build_array(tests.tt_page(2)))) ->> 'pages_done', '1', 'one page is there');
select is(timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('engine', 'test 1', 'pages', jsonb_build_array(tests.tt_page(2)))) ->> 'stored', '0', 'the same page once');
select tests.as_owner();
select results_eq($$ select table_no::int, row_no, column_no, text, rotation::int, confidence, (box ->> 'x')::numeric, (box ->> 'height')::numeric from timetable.extraction_cells order by column_no $$,
  $$ values (1, 0, 0, E'Maths\nRoom 1', 90, 0.800, 0.1, 0.2), (1, 0, 1, '', 0, 0.900, 0.3, 0.2) $$, 'cells, with boxes in shares of the page');
select is((select progress::int from timetable.processing_jobs where document_id = (select id from d)), 30, 'a third of the pages');
update ops.queue_items set lease_expires_at = now() - interval '1 second' where id = pg_temp.job();
select is(ops.release_expired(), 1, 'the worker is dead');
create temp table l2 as select * from tests.tt_lease((select id from d), 'timetable.read');
select tests.as_service();
select throws_ok($$ select timetable.record_ocr(pg_temp.job(), pg_temp.tok(), jsonb_build_object('pages', jsonb_build_array(tests.tt_page(1)))) $$, 'PT409', 'lease_lost', 'what he sends now is refused');
select is(timetable.begin_reading((select id from l2), (select lease_token from l2)) ->> 'pages_done', '[2]', 'the next one is told what is there');
select is(pg_temp.status(), 'classifying', 'and begins again');
select is(timetable.record_file((select id from l2), (select lease_token from l2), repeat('a', 64), 'application/pdf', 2048, 3) ->> 'proceed', 'true', 'with the same file');
create temp table done as select timetable.record_ocr((select id from l2), (select lease_token from l2), jsonb_build_object('engine', 'test 1', 'pages', jsonb_build_array(tests.tt_page(1), tests.tt_page(2), tests.tt_page(3)))) as it;
select is((select it ->> 'proceed' from done), 'false', 'all are there');
select is((select (it ->> 'stored')::int from done), 2, 'two of them new');
select is(pg_temp.status(), 'structuring', 'and it goes on');
select tests.as_owner();
select is((select count(*) from ops.queue_items where resource_id = (tests.tt_job((select id from d))).id and job_type = 'timetable.structure'), 1::bigint, 'with one job to structure');
select is((select count(*) from ops.queue_items where id = pg_temp.job()), 0::bigint, 'the reading is done');
select is((select status from ops.queue_history where id = pg_temp.job()), 'completed', 'and in the history');
select tests.as_service();
select throws_ok($$ select timetable.record_ocr((select id from l2), (select lease_token from l2), '{}') $$, 'PT409', 'lease_lost', 'nothing more is taken');
select is(timetable.take_signature(repeat('0', 64)), true, 'a signature counts');
select is(timetable.take_signature(repeat('0', 64)), false, 'once');

-- Structuring: what may be a block
select tests.as_owner();
create temp table s as select * from tests.tt_lease((select id from d), 'timetable.structure');
create function pg_temp.blocks(p_blocks jsonb) returns jsonb language sql as $$ select timetable.record_blocks((select id from s), (select lease_token from s), 'layout-a', p_blocks, 'tesseract', 0.9) $$;
select tests.as_service();
select is(jsonb_array_length(timetable.begin_structure((select id from s), (select lease_token from s)) -> 'pages'), 3, 'the pages are handed out');
select is(timetable.begin_structure((select id from s), (select lease_token from s)) ->> 'threshold', '0.8', 'with the threshold');
select throws_ok(format('select pg_temp.blocks(%L)', bad.block), 'PT422', 'blocks_invalid', bad.why)
from (values
  ('{}', 'blocks are a list'),
  ('[1]', 'of objects'),
  ('[{"day": "Monday", "start": "09:00"}]', 'with a name'),
  ('[{"day": "Someday", "name": "x", "start": "09:00"}]', 'on a day'),
  ('[{"day": "Monday", "name": "x", "start": "9:00"}]', 'at a time'),
  ('[{"day": "Monday", "name": "x", "start": "24:00"}]', 'that there is'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "end": "25:00"}]', 'as the end'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "end": "09:00"}]', 'which is another'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "week": "C"}]', 'in week A or B'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "page": 21, "box": {"x": 0, "y": 0, "width": 1, "height": 1}}]', 'on a page that there may be'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "page": 1}]', 'with its box'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "page": 1, "box": {"x": 120, "y": 0, "width": 1, "height": 1}}]', 'in shares, not pixels'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "confidence": 90}]', 'as sure as 1 at most'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "confidence": "high"}]', 'in numbers'),
  ('[{"day": "Monday", "name": "x", "start": "09:00", "color": "red"}]', 'in a color')
) as bad (block, why);
select throws_ok($$ select pg_temp.blocks((select jsonb_agg(tests.tt_block('Monday', 'x', '09:00', '10:00')) from generate_series(1, 501))) $$, 'PT422', 'blocks_invalid', 'and not 501 of them');
select is(pg_temp.status(), 'structuring', 'a refusal moves nothing');

-- What is judged
select is(timetable.record_stage((select id from s), (select lease_token from s), 'llm_processing', 80) ->> 'status', 'llm_processing', 'a language model is asked');
select is(timetable.begin_structure((select id from s), (select lease_token from s)) ->> 'proceed', 'true', 'its worker dies, the next begins again');
select is(pg_temp.status(), 'structuring', 'with the stage');
create temp table out as select pg_temp.blocks(jsonb_build_array(
  tests.tt_block('Monday', 'Maths', '09:00', '10:00'),
  tests.tt_block('Monday', 'Art', '09:30', '10:30', 0.96),
  tests.tt_block('Monday', 'Reading', '10:30', '10:45', 0.95),
  tests.tt_block('Tuesday', 'Flash', '09:00', '09:02', 0.9),
  tests.tt_block('Tuesday', 'Trip', '09:30', '18:30', 0.9),
  tests.tt_block('Tuesday', 'Night', '04:30', '05:00', 0.9),
  tests.tt_block('Wednesday', 'Overlap said already', '09:00', '10:00', 0.9, '{"reasons": ["overlap"]}'),
  tests.tt_block('Wednesday', 'The other', '09:30', '10:30', 0.9, '{"reasons": ["overlap"]}'),
  tests.tt_block('Thursday', 'Week A', '09:00', '10:00', 0.9, '{"week": "A"}'),
  tests.tt_block('Thursday', 'Week B', '09:00', '10:00', 0.9, '{"week": "B"}'),
  tests.tt_block('Friday', '<b>PE</b> & games', '13:00', null, 0.9, '{"notes": "bring shoes", "color": "#ff8800"}'),
  tests.tt_block('Friday', 'Sleepover', '21:00', '07:00', 0.9)
)) as it;
select is((select it ->> 'status' from out), 'hitl_pending', 'a person looks at the rest');
select tests.as_owner();
select results_eq(
  $$ select name, confidence, reasons, is_checked from timetable.timeblocks where document_id = (select id from d) order by position $$,
  $$ values
    ('Maths', 0.475, '{overlap}'::text[], false), ('Art', 0.480, '{overlap}', false), ('Reading', 0.950, '{}', true),
    ('Night', 0.450, '{odd_time}', false), ('Flash', 0.450, '{odd_length}', false), ('Trip', 0.450, '{odd_length}', false),
    ('Overlap said already', 0.900, '{overlap}', true), ('The other', 0.900, '{overlap}', true),
    ('‹b›PE‹/b› & games', 0.900, '{}', true), ('Sleepover', 0.450, '{odd_length}', false),
    ('Week A', 0.900, '{}', true), ('Week B', 0.900, '{}', true) $$,
  'overlaps, odd lengths and odd times are half as sure, once; weeks do not meet; a page''s markup is text'
);
select results_eq($$ select end_time, duration, notes, color, origin, page from timetable.timeblocks where name like '%games' $$, $$ values (null::time, null::int, 'bring shoes', '#FF8800', 'machine', 1) $$, 'no end, notes, a color, a place');
select is((select confidence from timetable.processing_jobs where document_id = (select id from d)), 68.38, 'the job is as sure as its blocks');
select is((select count(*) from jsonb_array_elements((tests.tt_task((select id from d))).draft_data -> 'blocks') b join timetable.timeblocks t on t.id = (b ->> 'id')::uuid), 12::bigint, 'the draft of the review names the timeblocks');
select is((tests.tt_task((select id from d))).priority, 'high', 'half of it is unsure: high priority');
select is((select count(*) from core.notifications where user_id = (select ann from p) and type = 'timetable_in_review'), 1::bigint, 'the owner is told');
select tests.as_service();
select is(pg_temp.blocks(tests.tt_blocks()) ->> 'recorded', 'false', 'the same job again changes nothing');
select is(timetable.begin_structure((select id from s), (select lease_token from s)) ->> 'proceed', 'false', 'nor begins anew');

-- Reading again: what a person touched stays
select tests.as_owner();
select tests.as_user((select ann from p));
select timetable.cancel_processing((tests.tt_job((select id from d))).id);
select is(tests.rows_changed($$ update timetable.timeblocks set name = 'Mathematics' where name = 'Maths' $$), 1::bigint, 'the owner puts a block right');
select is((select row(origin, is_checked)::text from timetable.timeblocks where name = 'Mathematics'), '(person,t)', 'it is hers now');
select lives_ok($$ select timetable.retry_processing((select id from d)) $$, 'she tries again');
select tests.as_owner();
create temp table r as select * from tests.tt_lease((select id from d), 'timetable.read');
select tests.as_service();
select lives_ok($$ select timetable.begin_reading((select id from r), (select lease_token from r)) $$, 'taken up');
select is(timetable.record_file((select id from r), (select lease_token from r), repeat('a', 64), 'application/pdf', 2048, 3, 'test 2') ->> 'proceed', 'true', 'another engine reads for itself');
select tests.as_owner();
update timetable.processing_jobs set status = 'classifying' where id = (tests.tt_job((select id from d))).id;
select tests.as_service();
select is(timetable.record_file((select id from r), (select lease_token from r), repeat('a', 64), 'application/pdf', 2048, 3, 'test 1') - 'pages', '{"proceed": false, "is_cached": true, "status": "structuring"}', 'the same engine finds what it has read');
select tests.as_owner();
create temp table s2 as select * from tests.tt_lease((select id from d), 'timetable.structure');
select is(private.timetable_record_blocks((select id from s2), (select lease_token from s2), 'layout-a', jsonb_build_array(
  tests.tt_block('Monday', 'Naths', '09:00', '10:00'), tests.tt_block('Tuesday', 'Music', '09:00', '10:00')), 'text_layer', 0.9) ->> 'status', 'completed', 'all sure this time');
select results_eq($$ select name, origin from timetable.timeblocks where document_id = (select id from d) order by name $$, $$ values ('Mathematics', 'person'), ('Music', 'machine') $$, 'the person''s word stays, the machine''s is replaced');

-- The same file from somebody else costs nothing, and shows nothing but what the machine read
create temp table d2 as select tests.tt_submit((select ben from p)) as id;
create temp table r2 as select * from tests.tt_lease((select id from d2), 'timetable.read');
select tests.as_service();
select lives_ok($$ select timetable.begin_reading((select id from r2), (select lease_token from r2)) $$, 'taken up');
select is(timetable.record_file((select id from r2), (select lease_token from r2), repeat('a', 64), 'application/pdf', 2048, 3) ->> 'is_cached', 'true', 'known');
select tests.as_user((select ben from p));
select is((select is_cached from timetable.processing_jobs), true, 'it says so');
select is(tests.count_of('select * from timetable.ocr_pages'), 3::bigint, 'his own copy of the pages');
select is(tests.count_of('select * from timetable.extraction_cells'), 6::bigint, 'and of the cells');
select is(tests.count_of('select * from timetable.documents'), 1::bigint, 'and nobody else''s document');
select is(tests.count_of('select * from timetable.timeblocks'), 0::bigint, 'nor blocks');
select tests.as_owner();
select ok(not exists (select from timetable.processing_jobs where document_id = (select id from d2) and timings ? 'ocr'), 'no time was spent on OCR');

-- What cannot be read
create temp table d3 as select tests.tt_submit((select ben from p)) as id;
create temp table r3 as select * from tests.tt_lease((select id from d3), 'timetable.read');
select tests.as_service();
select lives_ok($$ select timetable.begin_reading((select id from r3), (select lease_token from r3)) $$, 'taken up');
select throws_ok($$ select timetable.fail_reading((select id from r3), (select lease_token from r3), 'Not a code!') $$, 'PT422', 'error_code_invalid', 'a code is a code');
select throws_ok($$ select timetable.record_ocr((select id from r3), (select lease_token from r3), jsonb_build_object('pages', jsonb_build_array(tests.tt_page(1)))) $$, 'PT422', 'file_required', 'pages of an unknown file');
select is(timetable.fail_reading((select id from r3), (select lease_token from r3), 'file_encrypted', 'The file asks for a password.') ->> 'failed', 'true', 'encrypted');
select tests.as_owner();
select results_eq($$ select j.status, j.error_code, d.upload_status from timetable.processing_jobs j join timetable.documents d on d.id = j.document_id where d.id = (select id from d3) $$, $$ values ('failed', 'file_encrypted', 'failed') $$, 'failed, and why');
select is((select count(*) from ops.queue_items where id = (select id from r3)), 0::bigint, 'no worker tries again');
select is((select message from core.notifications where user_id = (select ben from p) and type = 'timetable_failed'), 'The file asks for a password.', 'the owner is told');

-- Another service, that only calls back; and a worker that learns the number of pages later
create temp table d5 as select tests.tt_submit((select ben from p)) as id, tests.tt_submit((select ben from p)) as later;
create temp table r5 as select * from tests.tt_lease((select id from d5), 'timetable.read');
create temp table r6 as select * from tests.tt_lease((select later from d5), 'timetable.read');
select tests.as_service();
select is(timetable.record_ocr((select id from r5), (select lease_token from r5), jsonb_build_object('engine', 'pdf text layer', 'pages', jsonb_build_array(tests.tt_page()),
  'file', jsonb_build_object('sha256', repeat('b', 64), 'mimeType', 'application/pdf', 'size', 2048, 'pages', 1))) ->> 'status', 'structuring', 'pages and file in one go, without any stage');
select lives_ok($$ select timetable.begin_reading((select id from r6), (select lease_token from r6)) $$, 'taken up');
select is(timetable.record_file((select id from r6), (select lease_token from r6), repeat('d', 64), 'application/pdf', 2048, null) ->> 'proceed', 'true', 'how many pages is not known yet');
select is(timetable.record_stage((select id from r6), (select lease_token from r6), 'preprocessing', 5) ->> 'status', 'preprocessing', 'it goes on');
select is(timetable.record_ocr((select id from r6), (select lease_token from r6), jsonb_build_object('engine', 'test', 'pages', jsonb_build_array(tests.tt_page()),
  'file', jsonb_build_object('sha256', repeat('d', 64), 'mimeType', 'application/pdf', 'size', 2048, 'pages', 1))) ->> 'proceed', 'false', 'until the pages come with it');
select tests.as_owner();
select is((select processing_tier from timetable.processing_jobs where document_id = (select id from d5)), 'text_layer', 'how it was read is kept');
create temp table d6 as select tests.tt_submit((select ann from p)) as id;
create temp table r7 as select * from tests.tt_lease((select id from d6), 'timetable.read');
select tests.as_service();
select lives_ok($$ select timetable.begin_reading((select id from r7), (select lease_token from r7)) $$, 'the first file, by somebody else');
select is(timetable.record_file((select id from r7), (select lease_token from r7), repeat('b', 64), 'application/pdf', 2048, null) - 'status', '{"proceed": false, "is_cached": true, "pages": 1}', 'is known, with its pages');

-- A job that dies leaves nobody waiting
select tests.as_owner();
create temp table d4 as select tests.tt_submit((select ben from p)) as id;
delete from ops.queue_items where resource_id = (tests.tt_job((select id from d4))).id;
select is(private.timetable_rescue_stranded(), 0, 'a minute is given');
alter table timetable.processing_jobs disable trigger _900_touch_updated_at;
update timetable.processing_jobs set updated_at = now() - interval '2 minutes' where document_id = (select id from d4);
alter table timetable.processing_jobs enable trigger _900_touch_updated_at;
select is(private.timetable_rescue_stranded(), 1, 'then it is failed');
select is((select error_code from timetable.processing_jobs where document_id = (select id from d4)), 'processing_failed', 'with a code');
select * from finish();
rollback;
