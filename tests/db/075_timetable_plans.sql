-- Timetables, blocks and exceptions: who may do what with which, and what is refused whoever writes.
begin;
select plan(120);

create temp table people as select
  tests.create_user('plan-owner@lyceum.test') as owner, tests.create_user('plan-reader@lyceum.test') as reader,
  tests.create_user('plan-editor@lyceum.test') as editor, tests.create_user('plan-stranger@lyceum.test') as stranger,
  tests.create_user('plan-blocked@lyceum.test') as blocked, tests.create_user('plan-admin@lyceum.test', '{admin}') as admin,
  tests.create_user('plan-suspended@lyceum.test') as suspended, tests.create_user('plan-reviewer@lyceum.test', '{reviewer}') as reviewer;
grant select on people to public;

-- 1. The owner writes --------------------------------------------------------------------------------------------

select tests.as_user(owner) from people;
create temp table things (what text primary key, id uuid);
grant all on things to public;
insert into things values ('plan', gen_random_uuid()), ('block', gen_random_uuid()), ('other', gen_random_uuid()), ('day', gen_random_uuid());
create function pg_temp.id(p_what text) returns uuid language sql as $$ select id from things where what = p_what; $$;
grant execute on function pg_temp.id(text) to public;

select lives_ok($$
  insert into timetable.timetables (id, name, class_name, starts_on, ends_on, time_zone)
  values (pg_temp.id('plan'), '  Class 2EJ  ', '2EJ', '2026-01-05', '2026-02-13', 'Europe/London')
$$, 'one makes a timetable');
select results_eq(
  $$select name, user_id, status, cycle_weeks, calendar_sequence from timetable.timetables$$,
  $$select 'Class 2EJ', owner, 'draft', 1::smallint, 0 from people$$, 'it is his, a draft, with a clean name'
);
select lives_ok($$
  insert into timetable.timeblocks (id, timetable_id, name, day_of_week, start_time, end_time, color, notes)
  values (pg_temp.id('block'), pg_temp.id('plan'), 'Maths', 'Monday', '09:00:45', '10:00', '#ff0000', 'Book'),
    (pg_temp.id('other'), pg_temp.id('plan'), 'Late', 'Friday', '22:00', '24:00', '#00ff00', '')
$$, 'with blocks');
select results_eq(
  $$select name, start_time, end_time, duration, color, origin, is_checked, weekday from timetable.timeblocks order by weekday$$,
  $$values ('Maths', time '09:00', time '10:00', 60, '#FF0000', 'person', true, 1::smallint), ('Late', '22:00', '00:00', 120, '#00FF00', 'person', true, 5::smallint)$$,
  'times without seconds, midnight under one name, and what is his word'
);
select lives_ok($$
  insert into timetable.timetable_exceptions (id, timetable_id, kind, on_date)
  values (pg_temp.id('day'), pg_temp.id('plan'), 'no_school', '2026-01-19')
$$, 'and days that are different');
select is((select calendar_sequence from timetable.timetables), 2, 'each statement counts for calendars, once for all its rows');
select lives_ok($$update timetable.timeblocks set position = 3, notes = 'Two books' where name = 'Maths'$$, 'blocks are changed');
select lives_ok($$update timetable.timetable_exceptions set to_date = '2026-01-20', notes = 'Snow'$$, 'and exceptions');
select lives_ok($$update timetable.timetables set term = 'Spring', teacher_name = 'Ms. Johnson', school_name = '' $$, 'and the timetable');
select results_eq(
  $$select term, teacher_name, school_name, calendar_sequence from timetable.timetables$$,
  $$values ('Spring', 'Ms. Johnson', null::text, 5)$$, 'nothing is null, and each counts'
);
select lives_ok($$update timetable.timetables set term = 'Spring'$$, 'the same again');
select is((select calendar_sequence from timetable.timetables), 5, 'counts nothing');

-- 2. What is refused ---------------------------------------------------------------------------------------------

create function pg_temp.make(p_columns text, p_values text) returns text language sql as $$
  select format('insert into timetable.timetables (%s) values (%s)', p_columns, p_values); $$;
create function pg_temp.add(p_columns text, p_values text) returns text language sql as $$
  select format('insert into timetable.timeblocks (timetable_id, %s) values (pg_temp.id(''plan''), %s)', p_columns, p_values); $$;
select throws_ok(pg_temp.make('name', $$' '$$), 'PT422', 'text_required', 'a timetable has a name');
select throws_ok(pg_temp.make('name', $$'<script>x</script>'$$), 'PT422', 'markup_not_allowed', 'of plain text');
select throws_ok(pg_temp.make('name', $$repeat('x', 256)$$), 'PT422', 'text_too_long', 'of some length');
select throws_ok(pg_temp.make('name, teacher_name', $$'x', '<b>x</b>'$$), 'PT422', 'markup_not_allowed', 'so are its other texts');
select throws_ok(pg_temp.make('name, time_zone', $$'x', 'Mars/Olympus'$$), 'PT422', 'time_zone_unknown', 'in a zone of this world');
select throws_ok(pg_temp.make('name, time_zone', $$'x', null$$), 'PT422', 'time_zone_unknown', 'in some zone');
select throws_ok(pg_temp.make('name, starts_on, ends_on', $$'x', '2026-02-01', '2026-01-01'$$), 'PT422', 'term_invalid', 'ending after it starts');
select throws_ok(pg_temp.make('name, starts_on, ends_on', $$'x', '2026-02-01', '2028-01-01'$$), 'PT422', 'term_invalid', 'within a year');
-- Whoever has a link walks through the days of the term.
select throws_ok(pg_temp.make('name, ends_on', $$'x', 'infinity'$$), 'PT422', 'term_invalid', 'that ends some day');
select throws_ok(pg_temp.make('name, ends_on', $$'x', '290000-01-01'$$), 'PT422', 'term_invalid', 'before long');
select throws_ok(pg_temp.make('name, week_start_date', $$'x', '-infinity'$$), 'PT422', 'term_invalid', 'and whose weeks began');
select throws_ok($$insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', 'infinity')$$,
  'PT422', 'date_outside_term', 'as its other days are');
select throws_ok(pg_temp.make('name, cycle_weeks', $$'x', 3$$), '23514', null, 'of one week or two');
select throws_ok(pg_temp.make('name, user_id', $$'x', auth.uid()$$), '42501', null, 'whose it is nobody writes');
select throws_ok(pg_temp.make('name, status', $$'x', 'active'$$), '42501', null, 'nor its status');
select throws_ok($$update timetable.timetables set status = 'active'$$, '42501', null, 'also not later');
select throws_ok($$update timetable.timetables set calendar_sequence = 99$$, '42501', null, 'nor what calendars ask for');
select throws_ok($$update timetable.timetables set accepts_overlaps = true$$, '42501', null, 'nor what was accepted');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'', 'Monday', '09:00'$$), 'PT422', 'text_required', 'a block has a name');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'<img src=x onerror=y>', 'Monday', '09:00'$$), 'PT422', 'markup_not_allowed', 'of plain text');
select throws_ok(pg_temp.add('name, day_of_week, start_time, notes', $$'x', 'Monday', '09:00', repeat('x', 2001)$$), 'PT422', 'text_too_long', 'with notes of some length');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Moonday', '09:00'$$), '23514', null, 'on a day of the week');
select throws_ok(pg_temp.add('name, day_of_week, start_time, end_time', $$'x', 'Monday', '09:00', '09:00:30'$$), 'PT422', 'block_takes_no_time', 'that takes time');
select throws_ok(pg_temp.add('name, day_of_week, start_time, color', $$'x', 'Monday', '09:00', 'red'$$), '23514', null, 'of a colour in hex');
select throws_ok(pg_temp.add('name, day_of_week, start_time, week', $$'x', 'Monday', '09:00', 'C'$$), '23514', null, 'in week A or B');
select throws_ok(pg_temp.add('name, day_of_week, start_time, confidence', $$'x', 'Monday', '09:00', 1$$), '42501', null, 'how surely it was read is not for people to say');
select throws_ok(pg_temp.add('name, day_of_week, start_time, origin', $$'x', 'Monday', '09:00', 'machine'$$), '42501', null, 'nor who read it');
select throws_ok($$update timetable.timeblocks set timetable_id = gen_random_uuid()$$, '42501', null, 'a block stays in its timetable');
select throws_ok($$update timetable.timetable_exceptions set kind = 'extra'$$, '42501', null, 'and an exception what it is');
select throws_ok($$insert into timetable.timetable_shares (timetable_id, user_id) select pg_temp.id('plan'), stranger from people$$, '42501', null, 'sharing goes by functions');
select throws_ok($$update timetable.timetable_shares set can_edit = true$$, '42501', null, 'all of it');
select throws_ok($$insert into timetable.timetable_links (timetable_id, kind, token_hash) values (pg_temp.id('plan'), 'view', repeat('0', 64))$$, '42501', null, 'so do links');
select throws_ok($$insert into timetable.timetable_transitions values ('archived', 'active', 'x')$$, '42501', null, 'and the moves are fixed');
select isnt_empty($$select 1 from timetable.timetable_transitions$$, 'though everybody may read them');

-- Weeks A and B come with the first block that names one.
select lives_ok(pg_temp.add('name, day_of_week, start_time, week', $$'Art', 'Tuesday', '13:00', 'B'$$), 'a block of week B');
select is((select cycle_weeks from timetable.timetables), 2::smallint, 'makes a timetable of two weeks');
select throws_ok($$update timetable.timetables set cycle_weeks = 1$$, 'PT409', 'weeks_in_use', 'which it stays while a block needs it');
select lives_ok($$delete from timetable.timeblocks where name = 'Art'$$, 'blocks are deleted');
select lives_ok($$update timetable.timetables set cycle_weeks = 1$$, 'then it is one week again');

-- 3. What a machine read -----------------------------------------------------------------------------------------

select tests.as_owner();
insert into things values ('read', gen_random_uuid());
select lives_ok($$
  insert into timetable.timeblocks (id, timetable_id, name, day_of_week, start_time, origin, is_checked, confidence, reasons, notes)
  values (pg_temp.id('read'), pg_temp.id('plan'), '<b>Music</b>', 'Thursday', '09:00', 'machine', false, 0.6, '{low_ocr}', 'javascript:x')
$$, 'a page says what it likes');
select is(private.contains_markup(name || notes), false, 'and none of it is markup') from timetable.timeblocks where id = pg_temp.id('read');
select tests.as_user(owner) from people;
select lives_ok($$update timetable.timeblocks set position = 1 where id = pg_temp.id('read')$$, 'a person moves it');
select results_eq($$select origin, is_checked, reasons from timetable.timeblocks where id = pg_temp.id('read')$$,
  $$values ('person', false, '{low_ocr}'::text[])$$, 'it is his, and still not checked');
select lives_ok($$update timetable.timeblocks set name = 'Music' where id = pg_temp.id('read')$$, 'and corrects it');
select results_eq($$select name, origin, is_checked, reasons, confidence from timetable.timeblocks where id = pg_temp.id('read')$$,
  $$values ('Music', 'person', true, '{}'::text[], 0.6)$$, 'then it is checked');
select tests.as_owner();
update timetable.timeblocks set origin = 'machine', is_checked = false where id = pg_temp.id('read');
select tests.as_user(owner) from people;
select lives_ok($$update timetable.timeblocks set is_checked = true where id = pg_temp.id('read')$$, 'or confirms it as it is');
select is((select origin from timetable.timeblocks where id = pg_temp.id('read')), 'person', 'which is his word, too');

-- 4. Who may -----------------------------------------------------------------------------------------------------

select tests.as_owner();
insert into timetable.timetable_shares (timetable_id, user_id, can_edit)
select pg_temp.id('plan'), reader, false from people union all select pg_temp.id('plan'), editor, true from people
union all select pg_temp.id('plan'), suspended, true from people union all select pg_temp.id('plan'), blocked, true from people;
insert into core.blocks (blocker_id, blocked_id) select blocked, owner from people;
insert into timetable.timetable_shares (timetable_id, user_id, can_edit) select pg_temp.id('plan'), blocked, true from people;
update core.profiles set is_active = false where id = (select suspended from people);

create function pg_temp.sees() returns text language sql as $$
  select concat_ws(' ', (select count(*) from timetable.timetables), (select count(*) from timetable.timeblocks),
    (select count(*) from timetable.timetable_exceptions), (select count(*) from timetable.timetable_shares),
    (select count(id) from timetable.timetable_links));
$$;
create function pg_temp.changes() returns text language sql as $$
  select concat_ws(' ',
    tests.rows_changed($q$update timetable.timetables set name = 'Changed'$q$),
    tests.rows_changed($q$update timetable.timeblocks set notes = 'Changed'$q$),
    tests.rows_changed($q$update timetable.timetable_exceptions set notes = 'Changed'$q$),
    tests.rows_changed($q$delete from timetable.timetable_exceptions where kind = 'extra'$q$));
$$;
grant execute on function pg_temp.sees(), pg_temp.changes(), pg_temp.make(text, text), pg_temp.add(text, text) to public;
insert into timetable.timetable_exceptions (timetable_id, kind, on_date, start_time, name)
select pg_temp.id('plan'), 'extra', '2026-01-21', '10:00', 'Trip ' || n from generate_series(1, 2) n;
insert into timetable.timetable_links (timetable_id, kind, token_hash) values (pg_temp.id('plan'), 'view', repeat('a', 64));

select is(pg_temp.sees(), '1 3 3 4 1', 'all of it is there');

select tests.as_user(stranger) from people;
select is(pg_temp.sees(), '0 0 0 0 0', 'a stranger sees nothing');
select is(pg_temp.changes(), '0 0 0 0', 'changes nothing');
select is(tests.rows_changed('delete from timetable.timetables'), 0::bigint, 'deletes nothing');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), '42501', null, 'and adds nothing');
select throws_ok($$insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', '2026-02-02')$$, '42501', null, 'no exception either');
select throws_ok($$insert into timetable.timetable_exceptions (timetable_id, timeblock_id, kind, on_date) values (pg_temp.id('plan'), pg_temp.id('block'), 'cancelled', '2026-01-06')$$, '42501', null, 'and is not told what is on which day');

select tests.as_user(blocked) from people;
select is(pg_temp.sees(), '0 0 0 0 0', 'whoever blocked the owner sees nothing, though a share is left');
select is(pg_temp.changes(), '0 0 0 0', 'and changes nothing');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), '42501', null, 'and adds nothing');

select tests.as_user(admin) from people;
select is(pg_temp.sees(), '0 0 0 0 0', 'an administrator sees nobody''s timetable');
select is(pg_temp.changes(), '0 0 0 0', 'and changes none');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), '42501', null, 'and adds nothing');
select tests.as_user(reviewer) from people;
select is(pg_temp.sees(), '0 0 0 0 0', 'a reviewer sees documents, not timetables');
select is(pg_temp.changes(), '0 0 0 0', 'and changes none');

select tests.as_user(reader) from people;
select is(pg_temp.sees(), '1 3 3 1 0', 'a reader sees it, his own share, and no links');
select is(pg_temp.changes(), '0 0 0 0', 'and changes nothing');
select is(tests.rows_changed('delete from timetable.timeblocks'), 0::bigint, 'deletes no block');
select is(tests.rows_changed('delete from timetable.timetables'), 0::bigint, 'nor the timetable');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), '42501', null, 'and adds nothing');

select tests.as_user(suspended) from people;
select is(pg_temp.sees(), '1 3 3 1 0', 'a suspended editor reads on');
select is(pg_temp.changes(), '0 0 0 0', 'but changes nothing');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), '42501', null, 'and adds nothing');
select throws_ok(pg_temp.make('name', $$'x'$$), 'PT403', 'account_inactive', 'nor makes one of his own');

select tests.as_user(editor) from people;
select is(pg_temp.sees(), '1 3 3 1 0', 'an editor sees as much as a reader');
select is(pg_temp.changes(), '1 3 3 2', 'and writes the timetable, its blocks and exceptions');
select lives_ok(pg_temp.add('name, day_of_week, start_time', $$'By the editor', 'Wednesday', '09:00'$$), 'adds to it');
select is(tests.rows_changed($$delete from timetable.timeblocks where name = 'By the editor'$$), 1::bigint, 'and takes away');
select is(tests.rows_changed('delete from timetable.timetables'), 0::bigint, 'but does not delete it');

select tests.as_anon();
select throws_ok('select * from timetable.timetables', '42501', null, 'without an account: no timetables');
select throws_ok('select * from timetable.timeblocks', '42501', null, 'no blocks');
select throws_ok('select * from timetable.timetable_exceptions', '42501', null, 'no exceptions');
select throws_ok('select * from timetable.timetable_shares', '42501', null, 'no shares');
select throws_ok('select id from timetable.timetable_links', '42501', null, 'no links');
select throws_ok('select * from timetable.timetable_transitions', '42501', null, 'no moves');
select throws_ok(pg_temp.make('name', $$'x'$$), '42501', null, 'and writes nothing');
select throws_ok($$delete from timetable.timetables$$, '42501', null, 'and deletes nothing');

select tests.become('authenticated', '{"sub": "00000000-0000-4000-8000-000000000000", "role": "authenticated"}');
select is(pg_temp.sees(), '0 0 0 0 0', 'a token of a deleted account sees nothing');
select throws_ok(pg_temp.make('name', $$'x'$$), 'PT401', 'not_authenticated', 'and makes nothing');

select tests.as_service();
select is((select count(*) from timetable.timetables where id = pg_temp.id('plan')), 1::bigint, 'services see all');
select lives_ok($$update timetable.timetables set term = 'By a service' where id = pg_temp.id('plan')$$, 'and write');
select throws_ok($$update timetable.timetables set name = '<b>x</b>' where id = pg_temp.id('plan')$$, 'PT422', 'markup_not_allowed', 'within the same rules');
select throws_ok($$update timetable.timetables set status = 'archived' where id = pg_temp.id('plan'); update timetable.timetables set status = 'active' where id = pg_temp.id('plan')$$, 'PT409', 'illegal_transition', 'and the same moves');

-- 5. Archived, full, deleted -------------------------------------------------------------------------------------

select tests.as_owner();
update timetable.timetables set status = 'archived' where id = pg_temp.id('plan');
select tests.as_user(owner) from people;
select throws_ok($$update timetable.timetables set name = 'x'$$, 'PT409', 'timetable_archived', 'what is archived is not changed');
select throws_ok($$update timetable.timeblocks set name = 'x'$$, 'PT409', 'timetable_archived', 'nor its blocks');
select throws_ok($$delete from timetable.timeblocks$$, 'PT409', 'timetable_archived', 'which stay');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), 'PT409', 'timetable_archived', 'and get no more');
select throws_ok($$delete from timetable.timetable_exceptions$$, 'PT409', 'timetable_archived', 'exceptions neither');
select is(pg_temp.sees(), '1 3 1 4 1', 'it is all there to be read');
select is(tests.rows_changed('delete from timetable.timetables'), 1::bigint, 'but it may be deleted as a whole');
select is(pg_temp.sees(), '0 0 0 0 0', 'and then nothing is left');

select tests.as_owner();
update core.settings set value = '2' where key in ('timetable.max_timetables', 'timetable.max_blocks', 'timetable.max_exceptions');
select tests.as_user(owner) from people;
select lives_ok(pg_temp.make('id, name', $$pg_temp.id('plan'), 'One'$$), 'one of two');
select lives_ok(pg_temp.make('name', $$'Two'$$), 'two of two');
select throws_ok(pg_temp.make('name', $$'Three'$$), 'PT409', 'timetable_limit_reached', 'there is an end');
select lives_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'), (pg_temp.id('plan'), 'y', 'Monday', '10:00'$$), 'two blocks');
select throws_ok(pg_temp.add('name, day_of_week, start_time', $$'x', 'Monday', '09:00'$$), 'PT409', 'timetable_full', 'to blocks, too');
select lives_ok($$insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', '2026-01-01'), (pg_temp.id('plan'), 'no_school', '2026-01-02')$$, 'two exceptions');
select throws_ok($$insert into timetable.timetable_exceptions (timetable_id, kind, on_date) values (pg_temp.id('plan'), 'no_school', '2026-01-03')$$, 'PT409', 'timetable_full', 'and to exceptions');
select tests.as_owner();
update core.settings set value = jsonb_set(value, '{timetable}', '{"burst": 1, "per_hour": 1}') where key = 'timetable.limits';
select tests.as_user(stranger) from people;
select lives_ok(pg_temp.make('name', $$'One'$$), 'a new timetable');
select throws_ok(pg_temp.make('name', $$'Two'$$), 'PT429', 'rate_limited', 'and not too many at once');
select tests.as_owner();
delete from auth.users where id = (select owner from people);
select is((select count(*) from timetable.timetables where id = pg_temp.id('plan')), 0::bigint, 'with the account its timetables go');

select * from finish();
rollback;
