-- A timetable's life: draft, active, archived, copied; what active forbids; search; and the two views.
begin;
select plan(75);

create temp table people as select
  tests.create_user('term-owner@lyceum.test') as owner, tests.create_user('term-editor@lyceum.test') as editor,
  tests.create_user('term-stranger@lyceum.test') as stranger, tests.create_user('term-admin@lyceum.test', '{admin}') as admin,
  tests.create_user('term-admin2@lyceum.test', '{admin}') as other_admin;
grant select on people to public;
create temp table things (what text primary key, id uuid default gen_random_uuid());
grant all on things to public;
insert into things (what) values ('plan'), ('copy'), ('copy2'), ('a'), ('b');
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
create function pg_temp.call(p_name text, p_more text default '') returns text language sql as $$
  select format('select timetable.%s(pg_temp.id(''plan'')%s)', p_name, p_more); $$;
grant execute on function pg_temp.id(text), pg_temp.call(text, text) to public;
select tests.as_user(owner) from people;
insert into timetable.timetables (id, name, class_name, time_zone) values (pg_temp.id('plan'), 'Autumn', '2EJ', 'Europe/London');
select tests.as_owner();
insert into timetable.timetable_shares (timetable_id, user_id, can_edit) select pg_temp.id('plan'), editor, true from people;

-- 1. Activating --------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select throws_ok(pg_temp.call('activate_timetable'), 'PT422', 'term_required', 'it needs a term');
update timetable.timetables set starts_on = '2026-09-07', ends_on = '2026-12-18';
select throws_ok(pg_temp.call('activate_timetable'), 'PT409', 'timetable_empty', 'and blocks');
insert into timetable.timeblocks (id, timetable_id, name, day_of_week, start_time, end_time, notes) values
  (pg_temp.id('a'), pg_temp.id('plan'), 'Maths', 'Monday', '09:00', '10:00', 'Protractor'),
  (pg_temp.id('b'), pg_temp.id('plan'), 'English', 'Monday', '09:30', '10:30', '');
select is((select count(*) from timetable.overlaps(pg_temp.id('plan'))), 1::bigint, 'in a draft overlaps are flagged, and allowed');
select throws_ok(pg_temp.call('activate_timetable'), 'PT409', 'blocks_overlap', 'but not in what holds');
select tests.as_user(editor) from people;
select throws_ok(pg_temp.call('activate_timetable'), 'PT403', 'timetable_owner_required', 'who edits does not activate');
select throws_ok(pg_temp.call('archive_timetable'), 'PT403', 'timetable_owner_required', 'or archive');
select throws_ok(pg_temp.call('reopen_timetable'), 'PT403', 'timetable_owner_required', 'or reopen');
select tests.as_user(stranger) from people;
select throws_ok(pg_temp.call('activate_timetable'), 'PT404', 'timetable_not_found', 'a stranger finds nothing');
select throws_ok(pg_temp.call('archive_timetable'), 'PT404', 'timetable_not_found', 'to archive');
select throws_ok(pg_temp.call('reopen_timetable'), 'PT404', 'timetable_not_found', 'to reopen');
select throws_ok(pg_temp.call('copy_timetable'), 'PT404', 'timetable_not_found', 'or to copy');
select tests.as_user(admin) from people;
select throws_ok(pg_temp.call('archive_timetable'), 'PT404', 'timetable_not_found', 'nor does an administrator');
select tests.as_anon();
select throws_ok(pg_temp.call('activate_timetable'), '42501', null, 'without an account: none of it');
select throws_ok(pg_temp.call('archive_timetable'), '42501', null, 'not to archive');
select throws_ok(pg_temp.call('reopen_timetable'), '42501', null, 'not to reopen');
select throws_ok(pg_temp.call('copy_timetable'), '42501', null, 'not to copy');
select tests.as_user(owner) from people;
select is((timetable.activate_timetable(pg_temp.id('plan'), true)).accepts_overlaps, true, 'unless the owner means it');
select lives_ok($$insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time) values (pg_temp.id('plan'), 'Choir', 'Monday', '09:45', '10:15')$$, 'then others may come');
delete from timetable.timeblocks where name in ('Choir', 'English');
select is((timetable.activate_timetable(pg_temp.id('plan'))).accepts_overlaps, false, 'activated again without: from now on none');
select is((timetable.activate_timetable(pg_temp.id('plan'))).calendar_sequence, (select calendar_sequence from timetable.timetables), 'and once more changes nothing');
select throws_ok($$insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time) values (pg_temp.id('plan'), 'Choir', 'Monday', '09:45', '10:15')$$, 'PT409', 'blocks_overlap', 'nobody makes one by mistake');
select lives_ok($$insert into timetable.timeblocks (id, timetable_id, name, day_of_week, start_time, end_time) values (pg_temp.id('b'), pg_temp.id('plan'), 'English', 'Monday', '10:00', '11:00')$$, 'what only touches is fine');
select throws_ok($$update timetable.timeblocks set start_time = '09:59' where id = pg_temp.id('b')$$, 'PT409', 'blocks_overlap', 'moved into another');
select lives_ok($$update timetable.timeblocks set start_time = case id when pg_temp.id('a') then time '10:00' else '09:00' end, end_time = case id when pg_temp.id('a') then time '11:00' else '10:00' end$$, 'two blocks change places in one statement');
select tests.as_user(editor) from people;
select throws_ok($$update timetable.timeblocks set start_time = '09:30' where id = pg_temp.id('a')$$, 'PT409', 'blocks_overlap', 'for who edits as well');
select tests.as_owner();
select lives_ok($$insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time, origin, is_checked) values (pg_temp.id('plan'), 'Read', 'Monday', '09:30', '10:15', 'machine', false)$$, 'what a machine reads is flagged only');
select tests.as_user(owner) from people;
select lives_ok($$update timetable.timeblocks set color = '#112233', is_checked = true where name = 'Read'$$, 'and its owner may confirm what is there');
select throws_ok($$update timetable.timeblocks set end_time = '10:20' where name = 'Read'$$, 'PT409', 'blocks_overlap', 'but not move it onto another');
select is((select count(*) from timetable.overlaps(pg_temp.id('plan'))), 2::bigint, 'it stays flagged');
select tests.as_owner();
delete from timetable.timeblocks where name = 'Read';
select throws_ok($$update timetable.timetables set ends_on = null where id = pg_temp.id('plan')$$, '23514', null, 'what is active keeps its term');

-- 2. Every move --------------------------------------------------------------------------------------------------

-- Each pair of statuses, tried on a timetable of its own.
create temp table moves as
select f.status as from_status, t.status as to_status, null::text as outcome
from unnest(array['draft', 'active', 'archived']) f (status), unnest(array['draft', 'active', 'archived']) t (status)
where f.status <> t.status;
do $$
declare
  v_move record;
  v_id uuid;
begin
  for v_move in select * from moves loop
    insert into timetable.timetables (user_id, name, starts_on, ends_on) select owner, 'Move', '2026-01-01', '2026-02-01' from people
    returning id into v_id;
    if v_move.from_status <> 'draft' then
      update timetable.timetables set status = v_move.from_status where id = v_id;
    end if;
    begin
      update timetable.timetables set status = v_move.to_status where id = v_id;
      update moves set outcome = 'moved' where from_status = v_move.from_status and to_status = v_move.to_status;
    exception when sqlstate 'PT409' then
      update moves set outcome = sqlerrm where from_status = v_move.from_status and to_status = v_move.to_status;
    end;
  end loop;
end;
$$;
select set_eq(
  $$select from_status, to_status from moves where outcome = 'moved'$$,
  $$select from_status, to_status from timetable.timetable_transitions$$, 'exactly the moves of the table can be made'
);
select set_eq(
  $$select distinct outcome from moves where outcome <> 'moved'$$, array['illegal_transition'], 'the others are refused by name'
);
delete from timetable.timetables where name = 'Move';
select tests.as_user(owner) from people;
select is((timetable.archive_timetable(pg_temp.id('plan'))).status, 'archived', 'the owner archives');
select is((timetable.archive_timetable(pg_temp.id('plan'))).status, 'archived', 'again: it is');
select throws_ok(pg_temp.call('activate_timetable'), 'PT409', 'illegal_transition', 'from there it is not made active');
select is((timetable.reopen_timetable(pg_temp.id('plan'))).status, 'draft', 'but taken out');

-- 3. Copying -----------------------------------------------------------------------------------------------------

insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', '2026-10-26');
select is(
  (timetable.copy_timetable(pg_temp.id('plan'), 'Spring', '2027-01-04', '2027-03-26', pg_temp.id('copy'))).id, pg_temp.id('copy'), 'copied to the next term'
);
select results_eq(
  $$select name, class_name, term, year, starts_on, ends_on, status, copied_from_id, user_id, time_zone, week_start_date from timetable.timetables where id = pg_temp.id('copy')$$,
  $$select 'Spring', '2EJ', null::text, 2027, date '2027-01-04', date '2027-03-26', 'draft', pg_temp.id('plan'), owner, 'Europe/London', null::date from people$$, 'as a draft of his, with the new dates'
);
select results_eq(
  $$select name, day_of_week, start_time, end_time, notes, color from timetable.timeblocks where timetable_id = pg_temp.id('copy') order by start_time$$,
  $$select name, day_of_week, start_time, end_time, notes, color from timetable.timeblocks where timetable_id = pg_temp.id('plan') order by start_time$$, 'and all its blocks'
);
select is((select count(*) from timetable.timetable_exceptions where timetable_id = pg_temp.id('copy')), 0::bigint, 'without the days of the old term');
select is(
  (timetable.copy_timetable(pg_temp.id('plan'), 'Other', null, null, pg_temp.id('copy'))).name, 'Spring', 'asked again it answers what it made'
);
select is((select count(*) from timetable.timeblocks where timetable_id = pg_temp.id('copy')), 2::bigint, 'and makes nothing twice');
select throws_ok($$select timetable.copy_timetable(pg_temp.id('copy'), null, null, null, pg_temp.id('plan'))$$, 'PT409', 'id_taken', 'an id is for one thing');
select throws_ok(pg_temp.call('copy_timetable', $$, ' '$$), 'PT422', 'text_required', 'a copy has a name');
select throws_ok(pg_temp.call('copy_timetable', $$, 'x', '2027-03-26', '2027-01-04'$$), 'PT422', 'term_invalid', 'and a term that ends after it starts');
select is((timetable.copy_timetable(pg_temp.id('plan'))).name, 'Autumn', 'without a name it keeps its own');
select tests.as_user(editor) from people;
select results_eq(
  $$select (timetable.copy_timetable(pg_temp.id('plan'), 'Mine', null, null, pg_temp.id('copy2'))).user_id$$,
  $$select editor from people$$, 'a copy of a shared one is the copier''s'
);
select throws_ok($$select timetable.copy_timetable(pg_temp.id('plan'), 'Mine', null, null, pg_temp.id('copy'))$$, 'PT409', 'id_taken', 'ids of others are taken, no more is told');
select tests.as_owner();
delete from timetable.timetables where id = pg_temp.id('plan');
select tests.as_user(owner) from people;
select is((timetable.copy_timetable(pg_temp.id('plan'), 'x', null, null, pg_temp.id('copy'))).name, 'Spring', 'also when the first is gone');
select is((select copied_from_id from timetable.timetables where id = pg_temp.id('copy')), null, 'the copy stays');
update things set id = (select id from things where what = 'copy') where what = 'plan';

-- 4. Search ------------------------------------------------------------------------------------------------------

create function pg_temp.found(p_query text) returns setof text language sql as $$
  select format('%s|%s', title, locator ->> 'day_of_week') from core.search(p_query, '{timetable}') where entity_id = pg_temp.id('plan'); $$;
grant execute on function pg_temp.found(text) to public;
select results_eq($$select * from pg_temp.found('protractor')$$, array['Spring, Monday|Monday'], 'notes are found, with the day');
select isnt_empty($$select * from pg_temp.found('2EJ')$$, 'so is the class');
update timetable.timeblocks set notes = 'Compasses', day_of_week = 'Thursday' where notes = 'Protractor';
select results_eq($$select * from pg_temp.found('compasses')$$, array['Spring, Thursday|Thursday'], 'what changes is found anew');
select is_empty($$select * from pg_temp.found('protractor')$$, 'and not as it was');
update timetable.timetables set name = 'Summer' where id = pg_temp.id('plan');
select results_eq($$select * from pg_temp.found('compasses')$$, array['Summer, Thursday|Thursday'], 'under its new name');
select tests.as_user(stranger) from people;
select is_empty($$select * from pg_temp.found('compasses')$$, 'a stranger finds nothing');
select tests.as_user(admin) from people;
select is_empty($$select * from pg_temp.found('compasses')$$, 'an administrator neither');
select tests.as_service();
select is_empty($$select 1 from core.retrieve_passages('compasses', null, null, 20, (select owner from people)) where module = 'timetable'$$, 'and no answer is written from it');

-- 5. The views ---------------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
select is_empty($$select 1 from timetable.active_timetables$$, 'drafts are not active');
select is((timetable.activate_timetable(pg_temp.id('plan'))).status, 'active', 'made active');
select tests.as_owner();
insert into timetable.documents (user_id, timetable_id, file_name, bucket_id, path)
select owner, pg_temp.id('plan'), 'a.pdf', 'timetables', 'x/' || n from people, generate_series(1, 3) n;
insert into timetable.processing_jobs (document_id, user_id) select d.id, d.user_id from timetable.documents d where d.timetable_id = pg_temp.id('plan');
insert into timetable.timetable_shares (timetable_id, user_id) select pg_temp.id('plan'), editor from people;
select tests.as_user(owner) from people;
select results_eq(
  $$select name, timeblock_count, document_count, is_own from timetable.active_timetables$$,
  $$values ('Summer', 2::bigint, 3::bigint, true)$$, 'two blocks and three documents are two and three'
);
select is_empty($$
  select attname from pg_attribute where attrelid = 'timetable.active_timetables'::regclass and attname ~ 'mail'
$$, 'no e-mail address is in it');
select is((select count(*) from timetable.processing_queue_stats), 0::bigint, 'figures about all people are not for people');
select tests.as_user(editor) from people;
select results_eq(
  $$select name, timeblock_count, document_count, is_own, user_id from timetable.active_timetables$$,
  $$select 'Summer', 2::bigint, 0::bigint, false, owner from people$$, 'who it is shared with sees it, and none of the documents'
);
select tests.as_user(stranger) from people;
select is((select count(*) from timetable.active_timetables), 0::bigint, 'a stranger sees none');
select is((select count(*) from timetable.processing_queue_stats), 0::bigint, 'and no figures');
select tests.as_user(admin) from people;
select is((select count(*) from timetable.active_timetables), 0::bigint, 'an administrator sees nobody''s timetables');
select results_eq(
  $$select status, processing_tier, job_count, avg_confidence from timetable.processing_queue_stats$$,
  $$values ('pending', null::text, 3::bigint, null::numeric)$$, 'but how much is waiting'
);
select tests.as_owner();
update core.profiles set is_active = false where id = (select admin from people);
select tests.as_user(admin) from people;
select is((select count(*) from timetable.processing_queue_stats), 0::bigint, 'a suspended administrator does not');
select tests.as_service();
select is((select sum(job_count) from timetable.processing_queue_stats), 3::numeric, 'services do');
select is((select count(*) from timetable.active_timetables), 1::bigint, 'and see all timetables');
select tests.as_anon();
select throws_ok('select * from timetable.active_timetables', '42501', null, 'without an account: nothing');
select throws_ok('select * from timetable.processing_queue_stats', '42501', null, 'of either');
select tests.as_owner();
update timetable.processing_jobs set status = 'cancelled' where user_id = (select owner from people);
update timetable.processing_jobs set completed_at = now() - interval '2 days'
where id = (select min(id::text)::uuid from timetable.processing_jobs where user_id = (select owner from people));
select results_eq($$select status, job_count from timetable.processing_queue_stats$$, $$values ('cancelled', 2::bigint)$$, 'what ended long ago is counted no more');
select ok((select avg_duration_seconds >= 0 from timetable.processing_queue_stats), 'what ended has taken some time');

select * from finish();
rollback;
