-- When what happens: blocks, weeks A and B, exceptions and the term made into dates, and dates into moments of the school's
-- time zone.

-- Postgres takes the second of two equal clock times in autumn; people and calendars (RFC 5545, 3.3.5) mean the first. A
-- clock time that spring leaves out is read with the offset before it, by all three.
create function private.local_instant(p_local timestamp, p_zone text)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_late timestamptz := p_local at time zone p_zone;
  v_day_before timestamptz := v_late - interval '1 day';
  v_early timestamptz := (p_local - ((v_day_before at time zone p_zone) - (v_day_before at time zone 'UTC'))) at time zone 'UTC';
begin
  return case when v_early < v_late and v_early at time zone p_zone = p_local then v_early else v_late end;
end;
$$;
comment on function private.local_instant(timestamp, text) is
  'The moment of a clock time in a time zone: the first of two, and what the offset before makes of one that never comes.';

create function private.timetable_dates(p_timetable timetable.timetables, p_from date, p_to date)
returns table (
  timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer, week text,
  on_date date, original_date date, local_start timestamp, local_end timestamp
)
language plpgsql
stable
security definer -- reads for callers that were checked
set search_path = ''
as $$
begin
  return query
  with days as (
    select d.day::date as day, extract(isodow from d.day)::integer as weekday,
      private.timetable_week_of(p_timetable, d.day::date) as week
    from generate_series(
      greatest(p_from, p_timetable.starts_on)::timestamp, least(p_to, p_timetable.ends_on)::timestamp, interval '1 day'
    ) as d (day)
    where not exists (
      select from timetable.timetable_exceptions as e
      where e.timetable_id = p_timetable.id and e.kind = 'no_school' and d.day::date between e.on_date and e.to_date
    )
  ),
  happening as (
    select b.id as timeblock_id, null::uuid as exception_id, 'regular' as kind, b.name, b.notes, b.color, b.position,
      d.week, d.day as on_date, d.day as original_date, b.start_time, b.end_time, b.duration
    from days as d
    join timetable.timeblocks as b on b.timetable_id = p_timetable.id and b.weekday = d.weekday
    where (b.week is null or b.week = d.week)
      and not exists (
        select from timetable.timetable_exceptions as e where e.timeblock_id = b.id and e.on_date = d.day
      )
    union all
    -- What somebody moved from or to a day without school, or added to one, he meant so.
    select b.id, e.id, 'moved', coalesce(e.name, b.name), coalesce(nullif(e.notes, ''), b.notes), b.color, b.position,
      private.timetable_week_of(p_timetable, e.to_date), e.to_date, e.on_date, e.start_time, e.end_time, b.duration
    from timetable.timetable_exceptions as e
    join timetable.timeblocks as b on b.id = e.timeblock_id
    where e.timetable_id = p_timetable.id and e.kind = 'moved' and e.to_date between p_from and p_to
      and private.timetable_in_term(p_timetable, e.to_date)
      and private.timeblock_is_on(p_timetable, b.weekday, b.week, e.on_date)
    union all
    select null, e.id, 'extra', e.name, e.notes, '#3B82F6', 0, private.timetable_week_of(p_timetable, e.on_date),
      e.on_date, e.on_date, e.start_time, e.end_time, null
    from timetable.timetable_exceptions as e
    where e.timetable_id = p_timetable.id and e.kind = 'extra' and e.on_date between p_from and p_to
      and private.timetable_in_term(p_timetable, e.on_date)
  )
  select h.timeblock_id, h.exception_id, h.kind, h.name, h.notes, h.color, h.position, h.week, h.on_date, h.original_date,
    h.on_date + h.start_time,
    case
      when h.end_time > h.start_time then h.on_date + h.end_time
      when h.end_time is not null then h.on_date + 1 + h.end_time
      when h.kind = 'moved' then h.on_date + h.start_time + make_interval(mins => h.duration)
    end
  from happening as h;
end;
$$;
comment on function private.timetable_dates(timetable.timetables, date, date) is
  'What happens on the days from p_from to p_to, in clock times. What begins before midnight belongs to the day on which it begins.';

create function private.timetable_moments(p_timetable_ids uuid[], p_from date, p_to date)
returns table (
  timetable_id uuid, timeblock_id uuid, exception_id uuid, kind text, name text, notes text, color text, "position" integer,
  week text, on_date date, original_date date, local_start timestamp, local_end timestamp, starts_at timestamptz,
  ends_at timestamptz, time_zone text
)
language plpgsql
stable
security definer -- reads for callers that were checked
set search_path = ''
as $$
begin
  if p_from is null or p_to is null or p_to < p_from or p_to - p_from > 400 then
    raise sqlstate 'PT422' using
      message = 'range_invalid',
      detail = 'A range goes from a day to the same or a later one, over 400 days at most.',
      hint = 'Send p_from and p_to as YYYY-MM-DD.';
  end if;
  return query
  select t.id, d.timeblock_id, d.exception_id, d.kind, d.name, d.notes, d.color, d.position, d.week, d.on_date,
    d.original_date, d.local_start, d.local_end, m.starts_at,
    -- Where spring leaves an hour out, nothing ends before it begins.
    case when d.local_end is not null then greatest(private.local_instant(d.local_end, t.time_zone), m.starts_at) end,
    t.time_zone
  from timetable.timetables as t
  cross join lateral private.timetable_dates(t, p_from, p_to) as d
  cross join lateral (select private.local_instant(d.local_start, t.time_zone) as starts_at) as m
  where t.id = any (p_timetable_ids)
  order by m.starts_at, d.local_end, d.position, d.name, d.timeblock_id, d.exception_id;
end;
$$;
comment on function private.timetable_moments(uuid[], date, date) is
  'What happens in these timetables from one day to another, in order; range_invalid (422).';

revoke execute on function
  private.local_instant(timestamp, text), private.timetable_dates(timetable.timetables, date, date),
  private.timetable_moments(uuid[], date, date)
  from public, anon, authenticated;
