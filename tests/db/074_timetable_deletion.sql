-- The end of people, pages and signatures: what goes, what stays, and that nothing is left hanging.
begin;
select tests.share_temporaries();
select plan(25);

create temp table p as select
  tests.create_user('de-ann@test.local') as ann, tests.create_user('de-ben@test.local') as ben,
  tests.create_user('de-one@test.local', '{reviewer}') as one, tests.create_user('de-two@test.local', '{reviewer}') as two;
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;
create temp table d as select tests.tt_submit(pg_temp.who('ann')) as done, tests.tt_submit(pg_temp.who('ann')) as held, tests.tt_submit(pg_temp.who('ann')) as waiting, tests.tt_submit(pg_temp.who('ben')) as other;
select tests.tt_read((select done from d), tests.tt_blocks(), 'layout-x', repeat('c', 64));
select tests.tt_read((select held from d));
select tests.as_user(pg_temp.who('one'));
create temp table c as select timetable.claim_review((select (tests.tt_task((select done from d))).id)) as it;
select tests.as_owner();
create temp table c1 as select (tests.tt_task((select done from d))).id as done, (tests.tt_task((select held from d))).id as held;
select tests.as_user(pg_temp.who('one'));
create temp table c2 as select timetable.claim_review((select done from c1)) as it;
select is((select timetable.complete_review((it ->> 'task_id')::uuid, (it ->> 'lease_token')::bigint, tests.tt_change(it -> 'blocks', 'Nlusic', '{"name": "Music"}')) ->> 'status' from c2), 'completed', 'one review is done');
create temp table c3 as select timetable.claim_review((select held from c1)) as it;
select tests.as_owner();
select is((select count(*) from timetable.hitl_tasks where assigned_to = pg_temp.who('one')), 2::bigint, 'one is held');

-- The reviewer goes
delete from auth.users where id = pg_temp.who('one');
select is((select row(status, assigned_to is null, diff is not null)::text from timetable.hitl_tasks where id = (select done from c1)), '(completed,t,t)', 'his finished review stays, without him');
select is((select status from timetable.hitl_tasks where id = (select held from c1)), 'in_progress', 'the one that he held');
select is(private.timetable_expire_reviews(), 1, 'is taken back by the clock');
select is((tests.tt_job((select held from d))).status, 'hitl_pending', 'and waits again');
select tests.as_user(pg_temp.who('two'));
select is((select timetable.claim_review() ->> 'task_id'), (select held::text from c1), 'for somebody else');

-- The owner goes, in the middle of a review, with a job in the queue
select tests.as_owner();
select is((select count(*) from timetable.documents where user_id = pg_temp.who('ann')), 3::bigint, 'three documents are there');
create temp table q as select * from tests.tt_lease((select waiting from d), 'timetable.read');
create temp table counts as select count(*) as n from timetable.layout_corrections where layout_hash = 'layout-x';
delete from auth.users where id = pg_temp.who('ann');
select is((select count(*) from timetable.documents), 1::bigint, 'all of his are gone');
select is((select count(*) from timetable.processing_jobs), 1::bigint, 'their jobs');
select is((select count(*) from timetable.ocr_pages) + (select count(*) from timetable.extraction_cells), 0::bigint, 'what was read');
select is((select count(*) from timetable.hitl_tasks), 0::bigint, 'the reviews');
select is((select count(*) from timetable.timeblocks) + (select count(*) from timetable.timetables where user_id <> pg_temp.who('ben')), 0::bigint, 'the timetables');
select is((select count(*) from core.files where bucket_id = 'timetables' and owner_id is null), 3::bigint, 'the files wait for removal');
select ok((select n from counts) > 0 and (select count(*) from timetable.layout_corrections where layout_hash = 'layout-x') = (select n from counts), 'what was learned stays: words, no person');
select tests.as_service();
select is(timetable.begin_reading((select id from q), (select lease_token from q)) ->> 'proceed', 'false', 'the worker is told that there is nothing to read');
select tests.as_owner();
select is((select count(*) from ops.queue_items where id = (select id from q)), 0::bigint, 'and its job is ended');
select tests.as_user(pg_temp.who('two'));
select throws_ok($$ select timetable.complete_review((select held from c1), 2, '[]') $$, 'PT404', 'review_not_found', 'the reviewer finds nothing to complete');
select is(tests.count_of('select * from timetable.documents'), 0::bigint, 'nor to look at');

-- A person who is gone is in nobody's cache
select tests.as_owner();
create temp table r as select * from tests.tt_lease((select other from d), 'timetable.read');
select tests.as_service();
select lives_ok($$ select timetable.begin_reading((select id from r), (select lease_token from r)) $$, 'another hands in the same file');
select is(timetable.record_file((select id from r), (select lease_token from r), repeat('c', 64), 'application/pdf', 2048, 1) ->> 'is_cached', 'false', 'it is read anew: nothing of the other was kept');

-- Retention
select is(timetable.record_ocr((select id from r), (select lease_token from r), jsonb_build_object('engine', 'test', 'pages', jsonb_build_array(tests.tt_page()))) ->> 'status', 'structuring', 'read');
select tests.as_owner();
select is((select count(*) from timetable.ocr_pages) + (select count(*) from timetable.extraction_cells), 3::bigint, 'a page and two cells');
update timetable.ocr_pages set created_at = now() - interval '91 days';
update timetable.extraction_cells set created_at = now() - interval '91 days';
insert into timetable.callback_nonces (signature, received_at) values (repeat('1', 64), now() - interval '61 minutes'), (repeat('2', 64), now() - interval '50 minutes');
select ops.apply_retention();
select is((select count(*) from timetable.ocr_pages) + (select count(*) from timetable.extraction_cells), 0::bigint, 'kept for ninety days');
select results_eq('select signature from timetable.callback_nonces', array[repeat('2', 64)], 'signatures for an hour');
select * from finish();
rollback;
