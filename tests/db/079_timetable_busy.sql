-- When timetables keep somebody busy: his own active ones, in their time zones, with exceptions, over midnight and the change
-- of the clocks.
begin;
select plan(14);
select tests.share_temporaries();
set local time zone 'UTC';

create temp table who as select tests.create_user('busy-pupil@timetable.local') as pupil, tests.create_user('busy-other@timetable.local') as other;
create temp table t (name text primary key, id uuid);
with made as (
  insert into timetable.timetables (user_id, name, status, starts_on, ends_on, time_zone)
  select case n when 'shared' then other else pupil end, n, case n when 'draft' then 'draft' else 'active' end, '2026-03-02', '2026-04-24',
    case n when 'far' then 'Pacific/Kiritimati' else 'Europe/London' end
  from who, unnest(array['class', 'draft', 'far', 'shared']) as n
  returning name, id
)
insert into t select name, id from made;
insert into timetable.timetable_shares (timetable_id, user_id) select id, (select pupil from who) from t where name = 'shared';
insert into timetable.timeblocks (timetable_id, name, day_of_week, start_time, end_time, week)
select t.id, b.name, b.day, b.start_time::time, b.end_time::time, b.week
from (values
  ('class', 'Maths', 'Monday', '09:00', '10:00', null), ('class', 'Bell', 'Monday', '11:00', null, null),
  ('class', 'Camp', 'Saturday', '22:00', '07:00', null),
  ('draft', 'Later', 'Tuesday', '09:00', '10:00', null), ('shared', 'Theirs', 'Wednesday', '09:00', '10:00', null),
  ('far', 'Early', 'Friday', '00:30', '01:30', null)
) as b (timetable, name, day, start_time, end_time, week)
join t on t.name = b.timetable;

create function pg_temp.busy(p_from text, p_to text) returns text language sql as $$
  select private.timetable_busy((select pupil from who), (p_from || ' UTC')::timestamptz, (p_to || ' UTC')::timestamptz)::text; $$;

select is(pg_temp.busy('2026-03-02', '2026-03-03'), '{["2026-03-02 09:00:00+00","2026-03-02 10:00:00+00")}', 'a lesson; what has no end takes no time');
select is(pg_temp.busy('2026-03-02 09:59', '2026-03-02 10:00'), '{["2026-03-02 09:00:00+00","2026-03-02 10:00:00+00")}', 'met in its last minute');
select is(pg_temp.busy('2026-03-02 10:00', '2026-03-02 23:00'), '{}', 'and over then');
select is(pg_temp.busy('2026-03-03', '2026-03-04'), '{}', 'a draft keeps nobody busy');
select is(pg_temp.busy('2026-03-04', '2026-03-05'), '{}', 'nor what others share');
select is(pg_temp.busy('2026-03-05', '2026-03-06'), '{["2026-03-05 10:30:00+00","2026-03-05 11:30:00+00")}', 'a clock fourteen hours ahead');
select is(pg_temp.busy('2026-03-05 11:00', '2026-03-05 11:10'), '{["2026-03-05 10:30:00+00","2026-03-05 11:30:00+00")}', 'is met on the day before, too');
select is(pg_temp.busy('2026-03-08', '2026-03-08 12:00'), '{["2026-03-07 22:00:00+00","2026-03-08 07:00:00+00")}', 'what passes midnight is met on the next day');
select is(pg_temp.busy('2026-03-28 12:00', '2026-03-29 12:00'), '{["2026-03-28 22:00:00+00","2026-03-29 06:00:00+00")}', 'the night of the change is an hour shorter');
select is(pg_temp.busy('2026-03-30', '2026-03-31'), '{["2026-03-30 08:00:00+00","2026-03-30 09:00:00+00")}', 'and Monday''s lesson an hour earlier');
insert into timetable.timetable_exceptions (timetable_id, kind, on_date, to_date, timeblock_id, start_time, end_time, name)
select t.id, e.kind, e.on_date::date, e.to_date::date, (select b.id from timetable.timeblocks as b where b.timetable_id = t.id and b.name = e.block),
  e.start_time::time, e.end_time::time, e.name
from t
join (values
  ('moved', '2026-03-30', '2026-03-31', 'Maths', '14:00', '15:30', null), ('no_school', '2026-04-03', '2026-04-17', null, null, null, null),
  ('extra', '2026-04-08', '2026-04-08', null, '10:00', '12:00', 'Trip')
) as e (kind, on_date, to_date, block, start_time, end_time, name) on t.name = 'class';
select is(pg_temp.busy('2026-03-30', '2026-04-01'), '{["2026-03-31 13:00:00+00","2026-03-31 14:30:00+00")}', 'what is moved is where it is moved to');
select is(pg_temp.busy('2026-04-04', '2026-04-09'), '{["2026-04-08 09:00:00+00","2026-04-08 11:00:00+00")}', 'holidays are free, but for what is extra');
select is(private.busy_times((select pupil from who), '2026-03-30 UTC', '2026-04-01 UTC') @> tstzrange('2026-03-31 13:00+00', '2026-03-31 14:30+00'), true, 'whoever plans hears of it');
select is(private.timetable_busy((select other from who), '2026-03-02 UTC', '2026-03-04 UTC'), '{}', 'others are busy with their own');
select * from finish();
rollback;
