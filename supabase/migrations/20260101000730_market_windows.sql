-- When a tutor can be booked at all, whatever is booked already: a moment counts when the tutor's clock then shows a time
-- inside a slot of that weekday, or of the overrides of that date, and he is not out of office. An hour that the clock
-- leaves out is nobody's, one that it shows twice is there twice, and a slot up to midnight goes on in the next day's.

create function private.market_windows(p_tutor_ids uuid[], p_from timestamptz, p_to timestamptz)
returns table (tutor_id uuid, starts_at timestamptz, ends_at timestamptz)
language plpgsql
stable
security definer -- reads everybody's availability for callers that show no more than what can be booked
set search_path = ''
set jit = off -- as in private.market_free_slots
as $$
begin
  return query
  with people as materialized (
    select t.id, e.time_zone
    from market.tutors as t
    join core.experts as e on e.id = t.id
    where t.id = any (p_tutor_ids)
  ),
  days as materialized (
    select z.time_zone, d.on_date, extract(isodow from d.on_date)::smallint as weekday, d.since, d.until,
      make_interval(secs => d.seconds) as shift
    from (select distinct p.time_zone from people as p) as z
    cross join lateral private.zone_days(z.time_zone, p_from, p_to) as d
  ),
  special as materialized (
    select p.id, p.time_zone, o.on_date, o.start_time, o.end_time
    from people as p
    join market.availability_overrides as o on o.tutor_id = p.id
    where o.on_date between (select min(d.on_date) from days as d) and (select max(d.on_date) from days as d)
  ),
  parts as (
    select p.id, d.on_date, d.since, d.until, d.shift, a.start_time, a.end_time
    from people as p
    join market.expert_availability as a on a.tutor_id = p.id
    join days as d on d.time_zone = p.time_zone and d.weekday = a.weekday
    -- Not in: always looked up by a hash, while an anti join becomes a loop in a loop when few overrides are expected.
    where (p.id, d.on_date) not in (select s.id, s.on_date from special as s)
    union all
    select s.id, d.on_date, d.since, d.until, d.shift, s.start_time, s.end_time
    from special as s
    join days as d on d.time_zone = s.time_zone and d.on_date = s.on_date
    where s.start_time is not null
  ),
  open as (
    select m.id, range_agg(tstzrange(m.low, m.high)) as times
    from (
      select p.id,
        greatest((p.on_date + p.start_time) at time zone 'UTC' - p.shift, p.since) as low,
        least((p.on_date + p.end_time) at time zone 'UTC' - p.shift, p.until) as high
      from parts as p
    ) as m
    where m.low < m.high
    group by m.id
  ),
  away as (
    select o.tutor_id, range_agg(tstzrange(o.starts_at, o.ends_at)) as times
    from market.out_of_office as o
    where o.tutor_id = any (p_tutor_ids) and o.ends_at > p_from and o.starts_at < p_to
    group by o.tutor_id
  )
  select o.id, lower(r.stretch), upper(r.stretch)
  from open as o
  left join away as a on a.tutor_id = o.id
  cross join lateral unnest(o.times - coalesce(a.times, '{}')) as r (stretch);
end;
$$;
comment on function private.market_windows(uuid[], timestamptz, timestamptz) is
  'The stretches of time in which tutors can be booked, each as long as it is (but cut off at p_from and p_to): weekly slots, overrides and out of office together.';

revoke execute on function private.market_windows(uuid[], timestamptz, timestamptz) from public, anon, authenticated;
