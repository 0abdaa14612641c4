-- Reading what happens when: one timetable, one's week, and what is at the same time. Open to whoever may read the
-- timetable, suspended or not.

create function private.check_readable_timetable(p_timetable_id uuid)
returns void
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  if p_timetable_id is null or not p_timetable_id = any (private.readable_timetable_ids()) then
    raise sqlstate 'PT404' using
      message = 'timetable_not_found',
      detail = 'There is no such timetable, or it is not for you.',
      hint = 'Check its id.';
  end if;
end;
$$;
comment on function private.check_readable_timetable(uuid) is 'timetable_not_found (404) unless the caller may read it.';

create function private.list_occurrences(p_timetable_id uuid, p_from date, p_to date)
returns table (
  timetable_id uuid, timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer,
  week text, on_date date, original_date date, local_start timestamp, local_end timestamp, starts_at timestamptz,
  ends_at timestamptz, time_zone text
)
language plpgsql
stable
security definer -- checks its caller, then reads what the policies would show him
set search_path = ''
as $$
begin
  perform private.check_readable_timetable(p_timetable_id);
  return query select * from private.timetable_moments(array[p_timetable_id], p_from, p_to);
end;
$$;
comment on function private.list_occurrences(uuid, date, date) is 'See timetable.occurrences.';

create function timetable.occurrences(p_timetable_id uuid, p_from date, p_to date)
returns table (
  timetable_id uuid, timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer,
  week text, on_date date, original_date date, local_start timestamp, local_end timestamp, starts_at timestamptz,
  ends_at timestamptz, time_zone text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.list_occurrences(p_timetable_id, p_from, p_to); $$;
comment on function timetable.occurrences(uuid, date, date) is
  'What happens in a timetable from one day to another (400 days at most), with exceptions: kind regular, moved or extra. local_*: by the clock of the school; starts_at, ends_at: the moments. ends_at null: no end is known. Errors: timetable_not_found (404), range_invalid (422).';

create function private.list_my_week(p_date date, p_with_shared boolean)
returns table (
  timetable_id uuid, timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer,
  week text, on_date date, original_date date, local_start timestamp, local_end timestamp, starts_at timestamptz,
  ends_at timestamptz, time_zone text
)
language plpgsql
stable
security definer -- reads the caller's timetables only
set search_path = ''
as $$
declare
  v_zone text := (select p.time_zone from core.profiles as p where p.id = (select auth.uid()));
  v_monday date := date_trunc('week', coalesce(p_date, (now() at time zone v_zone)::date)::timestamp)::date;
  v_ids uuid[] := private.my_timetable_ids();
begin
  if v_zone is null then
    raise sqlstate 'PT401' using
      message = 'not_authenticated', detail = 'Nobody is signed in, or the account is gone.', hint = 'Sign in and try again.';
  end if;
  if p_with_shared then
    v_ids := v_ids || private.shared_timetable_ids(false);
  end if;
  return query
  select m.* from private.timetable_moments(
    array(select t.id from timetable.timetables as t where t.id = any (v_ids) and t.status = 'active'), v_monday, v_monday + 6
  ) as m;
end;
$$;
comment on function private.list_my_week(date, boolean) is 'See timetable.my_week.';

create function timetable.my_week(p_date date default null, p_with_shared boolean default false)
returns table (
  timetable_id uuid, timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer,
  week text, on_date date, original_date date, local_start timestamp, local_end timestamp, starts_at timestamptz,
  ends_at timestamptz, time_zone text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.list_my_week(p_date, p_with_shared); $$;
comment on function timetable.my_week(date, boolean) is
  'What happens from Monday to Sunday in your active timetables, in the week of p_date (today by your own clock); p_with_shared: also in those that others share with you.';

-- Blocks at the same time: over midnight and the end of the week, and never A with B. Without an end a block is a moment.
create function private.timetable_overlaps(p_timetable_id uuid)
returns table (timeblock_id uuid, other_id uuid, day_of_week text, week text, from_time time, minutes integer)
language plpgsql
stable
security definer -- reads for callers that were checked
set search_path = ''
as $$
begin
  return query
  with weeks as (
    select t.cycle_weeks, t.cycle_weeks * 10080 as length from timetable.timetables as t where t.id = p_timetable_id
  ),
  spans as (
    select b.id, s.start, s.start + coalesce(b.duration, 1) as stop, c.length
    from timetable.timeblocks as b
    cross join weeks as c
    join (values ('A', 0), ('B', 1)) as w (week, no) on w.no < c.cycle_weeks and (b.week is null or b.week = w.week)
    cross join lateral (
      select w.no * 10080 + (b.weekday - 1) * 1440 + extract(epoch from b.start_time)::integer / 60 as start
    ) as s
    where b.timetable_id = p_timetable_id
  ),
  pieces as (
    select s.id, s.start, least(s.stop, s.length) as stop from spans as s
    union all
    select s.id, 0, s.stop - s.length from spans as s where s.stop > s.length
  ),
  pairs as (
    select a.id, o.id as other_id, greatest(a.start, o.start) as start, least(a.stop, o.stop) as stop
    from pieces as a join pieces as o on a.id < o.id and a.start < o.stop and o.start < a.stop
  ),
  firsts as (
    select distinct on (p.id, p.other_id) p.id, p.other_id, p.start, p.stop,
      max(p.start / 10080) over (partition by p.id, p.other_id) <> min(p.start / 10080) over (partition by p.id, p.other_id) as is_both
    from pairs as p
    order by p.id, p.other_id, p.start
  )
  select f.id, f.other_id,
    (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[f.start % 10080 / 1440 + 1],
    case when c.cycle_weeks = 2 and not f.is_both then (array['A', 'B'])[f.start / 10080 + 1] end,
    time '00:00' + make_interval(mins => f.start % 1440), f.stop - f.start
  from firsts as f cross join weeks as c
  order by f.start, f.id, f.other_id;
end;
$$;
comment on function private.timetable_overlaps(uuid) is 'See timetable.overlaps.';

create function private.list_overlaps(p_timetable_id uuid)
returns table (timeblock_id uuid, other_id uuid, day_of_week text, week text, from_time time, minutes integer)
language plpgsql
stable
security definer -- checks its caller, then reads what the policies would show him
set search_path = ''
as $$
begin
  perform private.check_readable_timetable(p_timetable_id);
  return query select * from private.timetable_overlaps(p_timetable_id);
end;
$$;
comment on function private.list_overlaps(uuid) is 'See timetable.overlaps.';

create function timetable.overlaps(p_timetable_id uuid)
returns table (timeblock_id uuid, other_id uuid, day_of_week text, week text, from_time time, minutes integer)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.list_overlaps(p_timetable_id); $$;
comment on function timetable.overlaps(uuid) is
  'Pairs of blocks that are at the same time: where it begins, and for how many minutes. week null: every week. timetable_not_found (404).';

revoke execute on function
  private.check_readable_timetable(uuid), private.list_occurrences(uuid, date, date), timetable.occurrences(uuid, date, date),
  private.list_my_week(date, boolean), timetable.my_week(date, boolean), private.timetable_overlaps(uuid),
  private.list_overlaps(uuid), timetable.overlaps(uuid)
  from public, anon, authenticated;
grant execute on function
  private.list_occurrences(uuid, date, date), timetable.occurrences(uuid, date, date), private.list_my_week(date, boolean),
  timetable.my_week(date, boolean), private.list_overlaps(uuid), timetable.overlaps(uuid)
  to authenticated;
