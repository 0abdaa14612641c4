-- Reviews: who may see and claim what, the lease, the verdict and what it does, second opinions, reopening, learning.
begin;
select tests.share_temporaries();
select plan(115);

create temp table p as select
  tests.create_user('rv-ann@test.local') as ann, tests.create_user('rv-eve@test.local') as eve,
  tests.create_user('rv-one@test.local', '{reviewer}') as one, tests.create_user('rv-two@test.local', '{reviewer}') as two,
  tests.create_user('rv-six@test.local', '{reviewer}') as six, tests.create_user('rv-boss@test.local', '{admin}') as boss,
  tests.create_user('rv-look@test.local', '{admin}') as look;
insert into core.admins (id, level) select boss, 'super' from p on conflict (id) do update set level = 'super';
insert into core.admins (id, level) select look, 'readonly' from p on conflict (id) do update set level = 'readonly';
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;

create temp table d as select tests.tt_submit(pg_temp.who('ann')) as id;
select is(tests.tt_read((select id from d)), 'hitl_pending', 'a document waits');
create temp table t as select (tests.tt_task((select id from d))).id;
create temp table path as select path from timetable.documents where id = (select id from d);
select is((select count(*) from timetable.hitl_tasks), 1::bigint, 'with one review');
create function pg_temp.sees(p_table text) returns bigint language sql as $$ select tests.count_of('select * from timetable.' || p_table) $$;
create function pg_temp.file() returns bigint language sql as $$ select tests.count_of($q$ select * from storage.objects where bucket_id = 'timetables' and name = (select path from path) $q$) $$;

-- Who may claim
select tests.as_anon();
select throws_ok('select timetable.claim_review()', '42501', null, 'a visitor claims nothing');
select throws_ok('select * from timetable.hitl_tasks', '42501', null, 'and sees nothing');
select tests.as_user(pg_temp.who('eve'));
select throws_ok('select timetable.claim_review()', 'PT403', 'role_required', 'nor does somebody who is no reviewer');
select throws_ok('select * from timetable.review_queue()', 'PT403', 'role_required', 'nor does he see what waits');
select is(pg_temp.sees('hitl_tasks'), 0::bigint, 'nor the reviews');
select tests.as_user(pg_temp.who('look'));
select throws_ok('select timetable.claim_review()', 'PT403', 'admin_read_only', 'an administrator who may only look claims nothing');
select tests.as_user(pg_temp.who('ann'));
select is(pg_temp.sees('hitl_tasks'), 1::bigint, 'the owner sees that it waits');
select throws_ok($$ update timetable.hitl_tasks set assigned_to = auth.uid() $$, '42501', null, 'and changes nothing');
select tests.as_owner();
insert into core.user_roles (user_id, role) values (pg_temp.who('ann'), 'reviewer');
select tests.as_user(pg_temp.who('ann'));
select throws_ok('select timetable.claim_review()', 'PT404', 'nothing_to_review', 'as a reviewer she is not offered her own');
select throws_ok('select timetable.claim_review((select id from t))', 'PT403', 'own_document', 'nor may she ask for it');
select is((select count(*) from timetable.review_queue()), 0::bigint, 'nor is it in her list');
select tests.as_user(pg_temp.who('one'));
select is(pg_temp.sees('documents'), 0::bigint, 'a reviewer sees no document before he claims');
select is(pg_temp.sees('hitl_tasks') + pg_temp.sees('processing_jobs') + pg_temp.sees('ocr_pages') + pg_temp.sees('extraction_cells'), 0::bigint, 'nor anything of it');
select is(pg_temp.file(), 0::bigint, 'nor the file');
select results_eq('select kind, status, blocks, unsure, pages from timetable.review_queue()', $$ values ('review', 'pending', 2, 1, 1) $$, 'but that something waits, and how much');
select throws_ok('select timetable.claim_review(gen_random_uuid())', 'PT404', 'review_not_found', 'what is not there is not claimed');

-- The claim
create temp table c as select timetable.claim_review() as it;
create function pg_temp.tok() returns bigint language sql security definer as $$ select (it ->> 'lease_token')::bigint from c $$;
create function pg_temp.draft() returns jsonb language sql security definer as $$ select it -> 'draft' from c $$;
grant select on c to public;
select is((select it ->> 'task_id' from c), (select id::text from t), 'claimed');
select is((select jsonb_array_length(it -> 'blocks') from c), 2, 'with its blocks');
select is((select it -> 'blocks' -> 1 -> 'box' ->> 'width' from c), '0.20000', 'where they were read');
select is((select it -> 'document' ->> 'path' from c), (select path from path), 'the path of the file');
select is((select it -> 'pages' -> 0 ->> 'width' from c), '1000', 'the size of its pages');
select is(pg_temp.file(), 1::bigint, 'which may be looked at now');
select is(pg_temp.sees('documents') + pg_temp.sees('processing_jobs') + pg_temp.sees('ocr_pages') + pg_temp.sees('hitl_tasks'), 4::bigint, 'as the document, its pages and the review');
select is(pg_temp.sees('timeblocks'), 0::bigint, 'not the timetable of the owner');
select is((select status from timetable.processing_jobs), 'hitl_in_progress', 'the job is in review');
select tests.as_user(pg_temp.who('two'));
select throws_ok('select timetable.claim_review((select id from t))', 'PT409', 'review_taken', 'not by two');
select throws_ok('select timetable.claim_review()', 'PT404', 'nothing_to_review', 'and nothing else waits');
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), '[]') $$, 'PT409', 'lease_lost', 'nor does another complete it');
select is(pg_temp.sees('documents') + pg_temp.file(), 0::bigint, 'nor see it');
select tests.as_user(pg_temp.who('ann'));
select throws_ok('select timetable.accept_blocks((select id from d))', 'PT409', 'review_in_progress', 'the owner waits');
select throws_ok('select timetable.cancel_processing((select id from timetable.processing_jobs))', 'PT409', 'review_in_progress', 'and does not take it away');

-- The lease
select tests.as_user(pg_temp.who('one'));
select ok(timetable.extend_review((select id from t), pg_temp.tok()) > now() + interval '29 minutes', 'extended');
select throws_ok('select timetable.extend_review((select id from t), pg_temp.tok() - 1)', 'PT409', 'lease_lost', 'not with an old number');
select throws_ok('select timetable.extend_review(gen_random_uuid(), 1)', 'PT404', 'review_not_found', 'nor what is not there');
create temp table c2 as select timetable.claim_review((select id from t)) as it;
select throws_ok('select timetable.extend_review((select id from t), pg_temp.tok())', 'PT409', 'lease_lost', 'a claim in a second window takes over');
select tests.as_owner();
update c set it = (select it from c2);
update timetable.hitl_tasks set assigned_at = now() - interval '121 minutes';
select tests.as_user(pg_temp.who('one'));
select throws_ok('select timetable.extend_review((select id from t), pg_temp.tok())', 'PT409', 'review_time_used_up', 'not for ever');
select tests.as_owner();
update timetable.hitl_tasks set assigned_at = now();
select tests.as_user(pg_temp.who('one'));
select throws_ok($$ select timetable.save_review_draft((select id from t), pg_temp.tok(), '[{"day": "Monday"}]') $$, 'PT422', 'blocks_invalid', 'what is saved is checked, too');
select lives_ok($$ select timetable.save_review_draft((select id from t), pg_temp.tok(), jsonb_build_object('blocks', tests.tt_change(pg_temp.draft(), 'Nlusic', '{"name": "Musik"}')), 'so far') $$, 'saved on the way');
select tests.as_owner();
update timetable.hitl_tasks set lease_expires_at = now() - interval '1 second';
select tests.as_user(pg_temp.who('one'));
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), '[]') $$, 'PT409', 'lease_lost', 'after its time a verdict comes too late');
select is(pg_temp.sees('documents') + pg_temp.file(), 0::bigint, 'and the document is out of sight');
select tests.as_owner();
select is(private.timetable_expire_reviews(), 1, 'the clock takes it back');
select is((tests.tt_job((select id from d))).status, 'hitl_pending', 'the job with it');
select tests.as_user(pg_temp.who('two'));
create temp table c3 as select timetable.claim_review() as it;
select is((select it -> 'blocks' -> 1 ->> 'name' from c3), 'Musik', 'the next goes on from what was saved');
select is((select it ->> 'is_resumed' from c3), 'true', 'and knows it');
select lives_ok($$ select timetable.release_review((select id from t), (select (it ->> 'lease_token')::bigint from c3)) $$, 'and lets it go');
select throws_ok($$ select timetable.release_review((select id from t), (select (it ->> 'lease_token')::bigint from c3)) $$, 'PT409', 'lease_lost', 'once');
select tests.as_user(pg_temp.who('one'));
create temp table c4 as select timetable.claim_review() as it;
select tests.as_owner();
update c set it = (select it from c4);

-- The verdict
select tests.as_user(pg_temp.who('one'));
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), jsonb_build_array(tests.tt_block('Monday', 'x', '09:00', '10:00', 1, jsonb_build_object('id', gen_random_uuid())))) $$, 'PT422', 'blocks_invalid', 'an id is one of the draft');
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), pg_temp.draft() || pg_temp.draft()) $$, 'PT422', 'blocks_invalid', 'once');
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), tests.tt_change(pg_temp.draft(), 'Maths', '{"name": "<b>Maths</b>"}')) $$, 'PT422', 'markup_not_allowed', 'in plain words');
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), tests.tt_change(pg_temp.draft(), 'Maths', '{"start": "9"}')) $$, 'PT422', 'blocks_invalid', 'at times that there are');
select tests.as_user(pg_temp.who('ann'));
select is(tests.rows_changed($$ update timetable.timeblocks set name = 'Mathematics' where name = 'Maths' $$), 1::bigint, 'meanwhile the owner changes a block');
select tests.as_user(pg_temp.who('one'));
create function pg_temp.final() returns jsonb language sql as $$
  select tests.tt_change(tests.tt_change(pg_temp.draft(), 'Nlusic', '{"name": "Music", "end": "10:50"}'), 'Maths', '{"name": "Sums"}')
    || jsonb_build_array(tests.tt_block('Tuesday', 'Art', '09:00', '10:00')) $$;
create temp table v as select timetable.complete_review((select id from t), pg_temp.tok(), jsonb_build_object('blocks', pg_temp.final()), 'Music was hard to read.') as it;
select is((select it ->> 'job_status' from v), 'completed', 'completed');
select is((select it -> 'diff' -> 'added' -> 0 ->> 'name' from v), 'Art', 'what was added');
select is((select it -> 'diff' -> 'changed' @> jsonb_build_array(jsonb_build_object('id', pg_temp.draft() -> 1 ->> 'id', 'fields', jsonb_build_object('name', '{"from": "Nlusic", "to": "Music"}'::jsonb, 'end', '{"from": "10:45", "to": "10:50"}'::jsonb))) from v), true, 'what was changed, from what to what');
select is((select it -> 'diff' ->> 'unchanged' from v), '0', 'what was not');
select is(timetable.complete_review((select id from t), pg_temp.tok(), jsonb_build_object('blocks', pg_temp.final())) ->> 'status', 'completed', 'the same again is harmless');
select throws_ok($$ select timetable.complete_review((select id from t), pg_temp.tok(), '[]') $$, 'PT409', 'review_closed', 'another verdict is not taken');
select throws_ok('select timetable.claim_review((select id from t))', 'PT409', 'review_closed', 'nor is it claimed again');
select is(pg_temp.sees('documents') + pg_temp.sees('ocr_pages') + pg_temp.file(), 0::bigint, 'the document is out of sight again');
select is(pg_temp.sees('hitl_tasks'), 1::bigint, 'his own work is not');
select tests.as_owner();
select results_eq($$ select name, origin, is_checked, reasons, end_time from timetable.timeblocks where document_id = (select id from d) order by name $$,
  $$ values ('Art', 'reviewer', true, '{}'::text[], '10:00'::time), ('Mathematics', 'person', true, '{}', '10:00'), ('Music', 'reviewer', true, '{}', '10:50') $$,
  'the timetable has it, except where the owner was faster');
select is((tests.tt_job((select id from d))).processing_tier, 'hitl', 'a person did it');
select is((select count(*) from core.notifications where user_id = pg_temp.who('ann') and type = 'timetable_checked'), 1::bigint, 'the owner is told');

-- What was learned
select results_eq($$ select field, read_text, corrected_text, times_seen from timetable.layout_corrections where layout_hash = 'layout-1' order by field, read_text $$,
  $$ values ('name', 'Maths', 'Sums', 1), ('name', 'Nlusic', 'Music', 1), ('time', '10:00-10:45', '10:00-10:50', 1) $$, 'words and times; no day of one block');
select tests.as_user(pg_temp.who('one'));
select is(pg_temp.sees('layout_corrections'), 0::bigint, 'reviewers do not see them');
select tests.as_user(pg_temp.who('boss'));
select is(pg_temp.sees('layout_corrections'), 3::bigint, 'administrators do');
select throws_ok($$ select timetable.layout_corrections_of('layout-1') $$, '42501', null, 'asking for them is for workers');
select tests.as_service();
select is((select count(*) from jsonb_array_elements(timetable.layout_corrections_of('layout-1'))), 3::bigint, 'they help with the next document of this layout');
select is(timetable.layout_corrections_of('layout-2'), '[]', 'and with no other');
select tests.as_owner();
create temp table d2 as select tests.tt_submit(pg_temp.who('ann')) as id;
select tests.tt_read((select id from d2), jsonb_build_array(
  tests.tt_block('Monday', 'Music', '10:00', '10:50', 0.3, '{"read": {"name": "Nlusic", "time": "10:00-10:45"}}'),
  tests.tt_block('Monday', 'Sums', '09:00', '10:00', 0.9, '{"read": {"name": "Maths"}}'),
  tests.tt_block('Tuesday', 'Break', '10:00', '10:15', 0.9), tests.tt_block('Tuesday', 'Break', '14:00', '14:15', 0.9),
  tests.tt_block('Sunday', 'Games', '11:00', '12:00', 0.9), tests.tt_block('Sunday', 'Choir', '12:00', '13:00', 0.9)));
select tests.as_user(pg_temp.who('two'));
create temp table c5 as select timetable.claim_review() as it;
select is((select timetable.complete_review((it ->> 'task_id')::uuid, (it ->> 'lease_token')::bigint, (
  select jsonb_agg(case when b ->> 'start' = '14:00' then b || '{"name": "Tea"}' when b ->> 'name' = 'Sums' then b || '{"name": "Maths"}' when b ->> 'day' = 'Sunday' then b || '{"day": "Saturday"}' else b end)
  from jsonb_array_elements(it -> 'blocks') as b)) ->> 'status' from c5), 'completed', 'the next one is reviewed');
select tests.as_owner();
select results_eq($$ select field, read_text, corrected_text, times_seen from timetable.layout_corrections order by field, read_text, corrected_text $$,
  $$ values ('day', 'Sunday', 'Saturday', 1), ('name', 'Maths', 'Maths', 1), ('name', 'Maths', 'Sums', 1), ('name', 'Nlusic', 'Music', 2), ('time', '10:00-10:45', '10:00-10:50', 2) $$,
  'confirmed ones count more, undone ones are voted against, a day moves as a whole, and what is not so everywhere (Break) teaches nothing');
update timetable.layout_corrections set updated_at = now() + interval '1 second' where corrected_text = 'Maths';
select is((select count(*) from jsonb_array_elements(private.timetable_layout_corrections('layout-1')) as c where c ->> 'read' = 'Maths'), 0::bigint, 'with as many votes against, the newer holds');
update core.settings set value = '5' where key = 'timetable.max_corrections';
select is(private.timetable_learn('layout-1', '[{"id": "a", "name": "x", "start": "09:00", "day": "Monday"}]', '[{"id": "a", "name": "y", "start": "09:00", "day": "Monday"}]'), 0, 'a layout learns so much and no more');
select is(private.timetable_learn(null, '[{"id": "a", "name": "x", "start": "09:00", "day": "Monday"}]', '[{"id": "a", "name": "y", "start": "09:00", "day": "Monday"}]'), 0, 'and without a layout nothing is learned');

-- Reopened by the owner; a second opinion by somebody else
select tests.as_user(pg_temp.who('ann'));
select throws_ok($$ select timetable.reopen_document((select id from d), '') $$, 'PT422', 'text_required', 'a reason is needed');
create temp table ro as select timetable.reopen_document((select id from d), 'Art is on Wednesday') as id;
select is((select kind || ' ' || priority || ' ' || reason from timetable.hitl_tasks where id = (select id from ro)), 'reopened high Art is on Wednesday', 'looked at again, soon');
select is((select status || ' ' || (completed_at is null) from timetable.processing_jobs where document_id = (select id from d)), 'hitl_pending true', 'the job is open again');
select throws_ok($$ select timetable.reopen_document((select id from d), 'again') $$, 'PT409', 'processing_closed', 'once at a time');
select tests.as_user(pg_temp.who('one'));
create temp table o1 as select timetable.claim_review((select id from ro)) as it;
select is((select jsonb_array_length(it -> 'blocks') from o1), 3, 'with the blocks as they are now');
create temp table so as select timetable.request_second_opinion((it ->> 'task_id')::uuid, (it ->> 'lease_token')::bigint, tests.tt_change(it -> 'draft', 'Art', '{"day": "Wednesday"}'), 'Wednesday, I think.') as it from o1;
select is((select it ->> 'job_status' from so), 'hitl_pending', 'a second opinion is wanted');
select is((select day_of_week from timetable.timeblocks where name = 'Art'), null, 'not seen by the reviewer');
select throws_ok($$ select timetable.claim_review((select (it ->> 'next_task_id')::uuid from so)) $$, 'PT403', 'second_opinion_needs_another', 'by somebody else');
select throws_ok('select timetable.claim_review()', 'PT404', 'nothing_to_review', 'nor is it offered to him');
select tests.as_owner();
select is((select day_of_week from timetable.timeblocks where name = 'Art'), 'Tuesday', 'nothing is changed by the first');
select tests.as_user(pg_temp.who('six'));
create temp table o2 as select timetable.claim_review() as it;
select is((select it ->> 'reason' from o2), 'Wednesday, I think.', 'the second is told what the first says');
select is((select b ->> 'day' from o2, jsonb_array_elements(it -> 'blocks') as b where b ->> 'name' = 'Art'), 'Tuesday', 'and begins with the draft');
create temp table v2 as select timetable.complete_review((it ->> 'task_id')::uuid, (it ->> 'lease_token')::bigint, tests.tt_change(it -> 'draft', 'Art', '{"day": "Thursday"}')) as it from o2;
select is((select it #>> '{disagreement,changed,0,fields,day}' from v2)::jsonb, '{"from": "Wednesday", "to": "Thursday"}', 'where they differ is kept');
select is((select it ->> 'job_status' from v2), 'completed', 'the second''s word counts');
select tests.as_user(pg_temp.who('ann'));
select is((select day_of_week from timetable.timeblocks where name = 'Art'), 'Thursday', 'in the timetable');
select is((select count(*) from timetable.hitl_tasks where disagreement is not null), 1::bigint, 'and the owner sees it');
select tests.as_owner();
update core.settings set value = '3' where key = 'timetable.max_opinions';
select tests.as_user(pg_temp.who('boss'));
select throws_ok($$ select timetable.reopen_document((select id from d), 'once more') $$, 'PT409', 'opinion_limit_reached', 'there is an end to it');
select lives_ok($$ select timetable.reopen_document((select id from d2), 'a complaint') $$, 'an administrator may reopen, too');
select tests.as_user(pg_temp.who('look'));
select throws_ok($$ select timetable.reopen_document((select id from d2), 'a complaint') $$, 'PT404', 'document_not_found', 'not one who only looks');

-- The owner takes it as it is
select tests.as_owner();
create temp table d3 as select tests.tt_submit(pg_temp.who('ann')) as id;
select tests.tt_read((select id from d3));
select tests.as_user(pg_temp.who('ann'));
select is(timetable.accept_blocks((select id from d3)), 2, 'accepted as they are');
select is((select status from timetable.processing_jobs where document_id = (select id from d3)), 'completed', 'done');
select is((select status from timetable.hitl_tasks t where t.job_id = (select id from timetable.processing_jobs where document_id = (select id from d3))), 'cancelled', 'no person is needed');
select is((select count(*) from timetable.timeblocks where document_id = (select id from d3) and is_checked and origin = 'person'), 2::bigint, 'her word now');
select is(timetable.accept_blocks((select id from d3)), 0, 'again: nothing left');

-- Reopened after that, a reviewer corrects what she had taken as it was, and not what she has written since
create temp table ro3 as select timetable.reopen_document((select id from d3), 'A colleague found slips') as id;
update timetable.timeblocks set name = 'Arithmetic' where document_id = (select id from d3) and name = 'Maths';
select tests.as_user(pg_temp.who('six'));
create temp table o3 as select timetable.claim_review((select id from ro3)) as it;
create temp table v3 as select timetable.complete_review(
  (it ->> 'task_id')::uuid, (it ->> 'lease_token')::bigint,
  tests.tt_change(tests.tt_change(it -> 'draft', 'Nlusic', '{"name": "Music"}'), 'Maths', '{"name": "Sums"}')
) as it from o3;
select is((select jsonb_array_length(it #> '{diff,changed}') from v3), 2, 'he changes two blocks');
select tests.as_user(pg_temp.who('ann'));
select is((select count(*) from timetable.timeblocks where document_id = (select id from d3) and name = 'Music'), 1::bigint, 'what she had accepted is corrected');
select is((select count(*) from timetable.timeblocks where document_id = (select id from d3) and name = 'Nlusic'), 0::bigint, 'and the slip is gone');
select is((select name from timetable.timeblocks where document_id = (select id from d3) and name in ('Arithmetic', 'Sums')), 'Arithmetic', 'what she changed meanwhile is her word');

-- Not too many at once, by priority, and age raises it
select tests.as_owner();
delete from timetable.hitl_tasks where status = 'pending';
update timetable.processing_jobs set status = 'cancelled' where status = 'hitl_pending';
create temp table many as select n, tests.tt_submit(pg_temp.who('eve')) as id from generate_series(1, 4) as n;
select tests.tt_read(m.id, tests.tt_blocks(), 'layout-m') from many as m order by m.n;
alter table timetable.hitl_tasks disable trigger user;
update timetable.hitl_tasks set priority = 'low', updated_at = now() - interval '25 hours' where job_id = (tests.tt_job((select id from many where n = 4))).id;
update timetable.hitl_tasks set priority = 'urgent' where job_id = (tests.tt_job((select id from many where n = 3))).id;
alter table timetable.hitl_tasks enable trigger user;
select is(private.timetable_raise_reviews(), 1, 'who waited for a day is raised');
select is((tests.tt_task((select id from many where n = 4))).priority, 'normal', 'by one step');
select tests.as_user(pg_temp.who('two'));
select is((select (timetable.claim_review()) ->> 'task_id'), (tests.tt_task((select id from many where n = 3))).id::text, 'the most urgent first');
select lives_ok('select timetable.claim_review()', 'a second');
select lives_ok('select timetable.claim_review()', 'a third');
select throws_ok('select timetable.claim_review()', 'PT409', 'reviewer_at_capacity', 'no fourth');
select is((select count(*) from timetable.review_queue() where status = 'in_progress'), 3::bigint, 'his list holds them');

-- Somebody who is no reviewer any more, or suspended
select tests.as_owner();
update core.profiles set is_active = false where id = pg_temp.who('two');
select tests.as_user(pg_temp.who('two'));
select is(pg_temp.sees('documents') + pg_temp.sees('hitl_tasks'), 0::bigint, 'who is suspended sees nothing of others at once');
select throws_ok($$ select timetable.extend_review(gen_random_uuid(), 1) $$, 'PT403', 'account_inactive', 'and does nothing');
-- What the machine made of a page, a reviewer can send back as it is.
select tests.as_owner();
select is(private.timetable_machine_text('JavaScript: basics', 255), 'JavaScript∶ basics', 'a script link of a page becomes text');
select is(
  private.clean_text(private.timetable_machine_text('<b>JavaScript: x</b>', 255), 'name', 1, 255), '‹b›JavaScript∶ x‹/b›',
  'which is taken from people, too'
);

select * from finish();
rollback;
