-- What happens when: time zones, midnight, weeks A and B, the term, exceptions, overlaps, one's week.
begin;
select plan(53);

create temp table people as select
  tests.create_user('occ-owner@lyceum.test') as owner, tests.create_user('occ-other@lyceum.test') as other;
grant select on people to public;
update core.profiles set time_zone = 'Pacific/Auckland' where id = (select owner from people);

-- A timetable in a zone, with one block.
create function pg_temp.plan(p_zone text, p_from date, p_to date, p_cycle integer default 1, p_anchor date default null)
returns uuid language sql as $$
  insert into timetable.timetables (user_id, name, starts_on, ends_on, cycle_weeks, week_start_date, time_zone)
  values ((select owner from people), 'Plan', p_from, p_to, p_cycle, p_anchor, p_zone) returning id;
$$;
create function pg_temp.block(p_plan uuid, p_name text, p_day text, p_start time, p_end time, p_week text default null)
returns uuid language sql as $$
  insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time, week)
  values (p_plan, p_name, p_day, p_start, p_end, p_week) returning id;
$$;
-- Everything of a plan as text: date, name, local times, moments in UTC.
create function pg_temp.seen(p_plan uuid, p_from date, p_to date)
returns setof text language sql as $$
  select format('%s %s %s-%s %s %s', m.on_date, m.name, to_char(m.local_start, 'HH24:MI'), coalesce(to_char(m.local_end, 'HH24:MI'), '?'),
    to_char(m.starts_at at time zone 'UTC', 'MM-DD"T"HH24:MI'), coalesce(to_char(m.ends_at at time zone 'UTC', 'MM-DD"T"HH24:MI'), '?'))
  from timetable.occurrences(p_plan, p_from, p_to) as m;
$$;

grant execute on function pg_temp.seen(uuid, date, date) to public;

-- 1. Moments -----------------------------------------------------------------------------------------------------

select is(private.local_instant('2026-03-08 02:30', 'America/New_York'), '2026-03-08 07:30+00', 'a clock time that spring leaves out is read with the offset before it');
select is(private.local_instant('2026-11-01 01:30', 'America/New_York'), '2026-11-01 05:30+00', 'of two equal clock times in autumn it is the first');
select is(private.local_instant('2026-11-01 02:00', 'America/New_York'), '2026-11-01 07:00+00', 'the hour after is plain again');
select is(private.local_instant('2026-04-05 01:45', 'Australia/Lord_Howe'), '2026-04-04 14:45+00', 'also where summer is half an hour');
select is(private.local_instant('2026-04-05 02:00', 'Australia/Lord_Howe'), '2026-04-04 15:30+00', 'and after it');
select is(private.local_instant('2026-10-04 02:15', 'Australia/Lord_Howe'), '2026-10-03 15:45+00', 'and in the half hour that is left out');
select is(private.local_instant('2026-10-25 01:30', 'Europe/London'), '2026-10-25 00:30+00', 'London in autumn: the first');
select is(private.local_instant('2026-07-01 09:00', 'Asia/Kathmandu'), '2026-07-01 03:15+00', 'a zone of three quarters');
select is(private.local_instant('2026-07-01 09:00', 'UTC'), '2026-07-01 09:00+00', 'UTC');

-- 2. A term over the change of the clocks ------------------------------------------------------------------------

create temp table plans as select
  pg_temp.plan('Europe/London', '2026-03-23', '2026-04-05') as london,
  pg_temp.plan('America/New_York', '2026-10-26', '2026-11-08') as york,
  pg_temp.plan('Australia/Lord_Howe', '2026-03-30', '2026-04-12') as howe,
  pg_temp.plan('Europe/London', '2026-01-07', '2026-02-13', 2) as cycle,
  pg_temp.plan('Europe/London', '2026-01-07', '2026-02-13', 2, '2026-01-15') as shifted,
  pg_temp.plan('Europe/London', '2026-01-05', '2026-02-13') as special;
grant select on plans to public;
select pg_temp.block(london, 'Maths', 'Monday', '09:00', '10:00'), pg_temp.block(london, 'Night', 'Saturday', '22:00', '07:00'),
  pg_temp.block(london, 'Bell', 'Friday', '08:35', null),
  pg_temp.block(york, 'Late', 'Saturday', '23:30', '01:30'), pg_temp.block(york, 'Gym', 'Sunday', '09:00', '09:45'),
  pg_temp.block(howe, 'Swim', 'Sunday', '01:30', '02:30')
from plans;

select tests.as_user(owner) from people;
select results_eq(
  format($$select * from pg_temp.seen(%L, '2026-03-01', '2026-05-01')$$, (select london from plans)),
  array[
    '2026-03-23 Maths 09:00-10:00 03-23T09:00 03-23T10:00', '2026-03-27 Bell 08:35-? 03-27T08:35 ?',
    '2026-03-28 Night 22:00-07:00 03-28T22:00 03-29T06:00', '2026-03-30 Maths 09:00-10:00 03-30T08:00 03-30T09:00',
    '2026-04-03 Bell 08:35-? 04-03T07:35 ?', '2026-04-04 Night 22:00-07:00 04-04T21:00 04-05T06:00'
  ],
  'London: nine stays nine; a night over the change has an hour less; without an end there is none; nothing outside of the term'
);
select results_eq(
  format($$select * from pg_temp.seen(%L, '2026-10-31', '2026-11-01')$$, (select york from plans)),
  array['2026-10-31 Late 23:30-01:30 11-01T03:30 11-01T05:30', '2026-11-01 Gym 09:00-09:45 11-01T14:00 11-01T14:45'],
  'New York: a block over midnight belongs to the day on which it begins'
);
select results_eq(
  format($$select * from pg_temp.seen(%L, '2026-04-01', '2026-04-30')$$, (select howe from plans)),
  array['2026-04-05 Swim 01:30-02:30 04-04T14:30 04-04T16:00', '2026-04-12 Swim 01:30-02:30 04-11T15:00 04-11T16:00'],
  'Lord Howe: half an hour longer on the morning of the change'
);

-- 3. Weeks A and B -----------------------------------------------------------------------------------------------

select tests.as_owner();
select pg_temp.block(cycle, 'A-day', 'Wednesday', '09:00', '10:00', 'A'), pg_temp.block(cycle, 'B-day', 'Wednesday', '09:00', '10:00', 'B'),
  pg_temp.block(cycle, 'Both', 'Monday', '11:00', '12:00'),
  pg_temp.block(shifted, 'A-day', 'Wednesday', '09:00', '10:00', 'A')
from plans;
select tests.as_user(owner) from people;
select results_eq(
  format($$select on_date, name, week from timetable.occurrences(%L, '2026-01-01', '2026-01-31') order by 1$$, (select cycle from plans)),
  $$values (date '2026-01-07', 'A-day', 'A'), ('2026-01-12', 'Both', 'B'), ('2026-01-14', 'B-day', 'B'), ('2026-01-19', 'Both', 'A'),
    ('2026-01-21', 'A-day', 'A'), ('2026-01-26', 'Both', 'B'), ('2026-01-28', 'B-day', 'B')$$,
  'the week of the first day is an A, and weeks begin on Monday'
);
select results_eq(
  format($$select on_date from timetable.occurrences(%L, '2026-01-01', '2026-02-28')$$, (select shifted from plans)),
  array['2026-01-14', '2026-01-28', '2026-02-11']::date[],
  'week_start_date says which week is an A; before it, too'
);
select is(
  (select cycle_weeks from timetable.timetables where id = (select special from plans)), 1::smallint, 'a timetable is one week'
);
select tests.as_owner();
select pg_temp.block(special, 'Maths', 'Monday', '09:00', '10:00'), pg_temp.block(special, 'Art', 'Tuesday', '13:00', '14:30'),
  pg_temp.block(special, 'Sport', 'Thursday', '22:30', '00:30')
from plans;

-- 4. Exceptions --------------------------------------------------------------------------------------------------

create temp table blocks as
select max(id::text) filter (where name = 'Maths')::uuid as maths, max(id::text) filter (where name = 'Art')::uuid as art,
  max(id::text) filter (where name = 'Sport')::uuid as sport, special
from timetable.timeblocks, plans where timetable_id = special group by special;
grant select on blocks to public;
create function pg_temp.except(p_columns text, p_values text) returns text language sql as $$
  select format('insert into timetable.timetable_exceptions (timetable_id, %s) select special, %s from blocks', p_columns, p_values);
$$;
grant execute on function pg_temp.except(text, text) to public;
select tests.as_user(owner) from people;
select lives_ok(pg_temp.except('kind, on_date, to_date', $$'no_school', '2026-01-12', '2026-01-16'$$), 'a week without school');
select lives_ok(pg_temp.except('kind, timeblock_id, on_date', $$'cancelled', maths, '2026-01-19'$$), 'a lesson is cancelled; to_date is the same day');
select lives_ok(pg_temp.except('kind, timeblock_id, on_date, to_date, start_time', $$'moved', art, '2026-01-20', '2026-01-22', '08:00'$$), 'one is moved to another day');
select lives_ok(pg_temp.except('kind, timeblock_id, on_date, start_time, end_time, name', $$'moved', sport, '2026-01-22', '21:00', '22:00', 'Sport in the hall'$$), 'one to another hour, under another name');
select lives_ok(pg_temp.except('kind, on_date, start_time, name', $$'extra', '2026-01-14', '10:00', 'Trip'$$), 'and something extra on a day without school');
select results_eq(
  format($$select * from pg_temp.seen(%L, '2026-01-05', '2026-01-26')$$, (select special from plans)),
  array[
    '2026-01-05 Maths 09:00-10:00 01-05T09:00 01-05T10:00', '2026-01-06 Art 13:00-14:30 01-06T13:00 01-06T14:30',
    '2026-01-08 Sport 22:30-00:30 01-08T22:30 01-09T00:30', '2026-01-14 Trip 10:00-? 01-14T10:00 ?',
    '2026-01-22 Art 08:00-09:30 01-22T08:00 01-22T09:30', '2026-01-22 Sport in the hall 21:00-22:00 01-22T21:00 01-22T22:00',
    '2026-01-26 Maths 09:00-10:00 01-26T09:00 01-26T10:00'
  ],
  'each does what it says; without an end a moved block takes as long as ever'
);
select results_eq(
  format($$select kind, original_date, on_date from timetable.occurrences(%L, '2026-01-22', '2026-01-22')$$, (select special from plans)),
  $$values ('moved', date '2026-01-20', date '2026-01-22'), ('moved', '2026-01-22', '2026-01-22')$$,
  'a moved one says from where'
);
select throws_ok(pg_temp.except('kind, timeblock_id, on_date', $$'cancelled', maths, '2026-01-20'$$), 'PT422', 'block_not_on_date', 'what is not on that day is not cancelled');
select throws_ok(pg_temp.except('kind, timeblock_id, on_date', $$'cancelled', maths, '2026-03-02'$$), 'PT422', 'date_outside_term', 'nor after the term');
select throws_ok(pg_temp.except('kind, timeblock_id, on_date, to_date, start_time', $$'moved', maths, '2026-01-26', '2026-03-02', '09:00'$$), 'PT422', 'date_outside_term', 'nor moved out of it');
select throws_ok(pg_temp.except('kind, timeblock_id, on_date', $$'cancelled', maths, '2026-01-19'$$), '23505', null, 'one exception for a lesson and a day');
select throws_ok(pg_temp.except('kind, on_date', $$'extra', '2026-01-28'$$), '23514', null, 'an extra needs a name and a time');
select throws_ok(pg_temp.except('kind, timeblock_id, on_date', $$'moved', maths, '2026-01-26'$$), '23514', null, 'a moved one a time');
select throws_ok(pg_temp.except('kind, on_date, to_date', $$'no_school', '2026-01-28', '2026-01-27'$$), '23514', null, 'a span ends after it begins');
select throws_ok(pg_temp.except('kind, on_date, start_time, end_time, name', $$'extra', '2026-01-28', '10:00', '10:00', 'x'$$), 'PT422', 'block_takes_no_time', 'it takes some time');
select throws_ok(
  format($$insert into timetable.timetable_exceptions (timetable_id, timeblock_id, kind, on_date) select %L, maths, 'cancelled', '2026-03-23' from blocks$$, (select london from plans)),
  '23503', null, 'a block of another timetable is none of its blocks'
);
select lives_ok($$update timetable.timeblocks set day_of_week = 'Wednesday' where id = (select maths from blocks)$$, 'a block may change its day');
select is_empty(
  format($$select 1 from timetable.occurrences(%L, '2026-01-19', '2026-01-20')$$, (select special from plans)),
  'what was cancelled on the old day is nothing any more'
);
select is(
  (select count(*) from timetable.occurrences((select special from plans), '2026-01-21', '2026-01-21')), 1::bigint, 'and the new day has it'
);

-- 5. Ranges and who may ask --------------------------------------------------------------------------------------

select throws_ok(format($$select * from timetable.occurrences(%L, '2026-01-02', '2026-01-01')$$, (select special from plans)), 'PT422', 'range_invalid', 'a range goes forward');
select throws_ok(format($$select * from timetable.occurrences(%L, '2026-01-01', '2027-03-01')$$, (select special from plans)), 'PT422', 'range_invalid', 'and is not endless');
select throws_ok(format($$select * from timetable.occurrences(%L, null, '2026-01-01')$$, (select special from plans)), 'PT422', 'range_invalid', 'and has two ends');
select tests.as_user(other) from people;
select throws_ok(format($$select * from timetable.occurrences(%L, '2026-01-05', '2026-01-09')$$, (select special from plans)), 'PT404', 'timetable_not_found', 'a stranger finds nothing');
select throws_ok(format($$select * from timetable.overlaps(%L)$$, (select special from plans)), 'PT404', 'timetable_not_found', 'nor what overlaps');
select throws_ok($$select * from timetable.occurrences(gen_random_uuid(), '2026-01-05', '2026-01-09')$$, 'PT404', 'timetable_not_found', 'the same answer as for none');
select tests.as_anon();
select throws_ok($$select * from timetable.occurrences(gen_random_uuid(), '2026-01-05', '2026-01-09')$$, '42501', null, 'without an account nobody asks');

-- 6. Overlaps ----------------------------------------------------------------------------------------------------

select tests.as_owner();
create temp table over as select pg_temp.plan('UTC', '2026-01-05', '2026-02-13') as one, pg_temp.plan('UTC', '2026-01-05', '2026-02-13', 2) as two;
grant select on over to public;
select pg_temp.block(one, 'a', 'Monday', '09:00', '10:00'), pg_temp.block(one, 'b', 'Monday', '09:45', '10:30'),
  pg_temp.block(one, 'c', 'Monday', '10:30', '11:00'), pg_temp.block(one, 'd', 'Sunday', '23:00', '01:00'),
  pg_temp.block(one, 'e', 'Monday', '00:30', '01:30'), pg_temp.block(one, 'f', 'Tuesday', '08:35', null),
  pg_temp.block(one, 'g', 'Tuesday', '08:30', '08:40'), pg_temp.block(one, 'h', 'Tuesday', '08:40', null),
  pg_temp.block(two, 'x', 'Sunday', '23:00', '01:00', 'A'), pg_temp.block(two, 'y', 'Monday', '00:30', '01:30', 'A'),
  pg_temp.block(two, 'z', 'Monday', '00:15', '00:20', 'B'), pg_temp.block(two, 'p', 'Friday', '09:00', '10:00', 'A'),
  pg_temp.block(two, 'q', 'Friday', '09:00', '10:00', 'B'), pg_temp.block(two, 'r', 'Friday', '09:30', '10:30')
from over;
create function pg_temp.overlaps(p_plan uuid) returns setof text language sql as $$
  select format('%s%s %s %s %s %s', least(a.name, b.name), greatest(a.name, b.name), o.day_of_week, coalesce(o.week, '-'), o.from_time, o.minutes)
  from timetable.overlaps(p_plan) o join timetable.timeblocks a on a.id = o.timeblock_id join timetable.timeblocks b on b.id = o.other_id;
$$;
grant execute on function pg_temp.overlaps(uuid) to public;
select tests.as_user(owner) from people;
select set_eq(
  format('select pg_temp.overlaps(%L)', (select one from over)),
  array['de Monday - 00:30:00 30', 'ab Monday - 09:45:00 15', 'fg Tuesday - 08:35:00 1'],
  'over the end of the week, and a moment within a block; not what only touches'
);
select set_eq(
  format('select pg_temp.overlaps(%L)', (select two from over)),
  array['xz Monday B 00:15:00 5', 'pr Friday A 09:30:00 30', 'qr Friday B 09:30:00 30'],
  'A is never at the same time as B, but Sunday night of A reaches into B'
);
select is_empty(format('select * from timetable.overlaps(%L)', (select london from plans)), 'nothing where nothing is');

-- 7. One's week --------------------------------------------------------------------------------------------------

select is_empty($$select * from timetable.my_week('2026-01-07')$$, 'drafts are not in one''s week');
select lives_ok(format('select timetable.activate_timetable(%L)', (select special from plans)), 'made active');
select results_eq(
  $$select on_date, name from timetable.my_week('2026-01-11')$$,
  $$values (date '2026-01-06', 'Art'), ('2026-01-07', 'Maths'), ('2026-01-08', 'Sport')$$,
  'Monday to Sunday around the date'
);
select tests.as_owner();
insert into timetable.timetables (user_id, name, starts_on, ends_on, time_zone)
select owner, 'Now', now()::date - 30, now()::date + 30, 'Pacific/Auckland' from people;
insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time)
select id, 'Daily', d, '12:00' from timetable.timetables,
  unnest(array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']) d where name = 'Now';
update timetable.timetables set status = 'active' where name = 'Now';
select tests.as_user(owner) from people;
select is(
  (select array[min(on_date), max(on_date)] from timetable.my_week()),
  array[date_trunc('week', now() at time zone 'Pacific/Auckland')::date, date_trunc('week', now() at time zone 'Pacific/Auckland')::date + 6],
  'without a date: this week by one''s own clock'
);
select tests.as_user(other) from people;
select is_empty($$select * from timetable.my_week('2026-01-11', true)$$, 'and nobody else''s');
select tests.become('authenticated', '{"sub": "00000000-0000-4000-8000-000000000000", "role": "authenticated"}');
select throws_ok($$select * from timetable.my_week('2026-01-11')$$, 'PT401', 'not_authenticated', 'a token of nobody has no week');
select tests.as_anon();
select throws_ok($$select * from timetable.my_week('2026-01-11')$$, '42501', null, 'nor has who has none');

-- 8. Zones as calendars get them ---------------------------------------------------------------------------------

select tests.as_owner();
select results_eq(
  $$select since, seconds from private.zone_offsets('Australia/Lord_Howe', '2026-01-01+00', '2026-12-31+00')$$,
  $$values (timestamptz '2026-01-01 00:00+00', 39600), ('2026-04-04 15:00+00', 37800), ('2026-10-03 15:30+00', 39600)$$,
  'each change of the clock, to the second'
);
select results_eq(
  $$select seconds from private.zone_offsets('Asia/Kathmandu', '2026-01-01+00', '2026-12-31+00')$$, array[20700], 'or none'
);

select * from finish();
rollback;
