-- When a learner could study: inside the hours and weekdays of his wishes, by the clock of his profile, and not while he is
-- busy (private.busy_times asks the modules that are there). An hour that the clock leaves out is nobody's, one that it
-- shows twice is there twice.

create function private.study_plan_hours(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- reads the zone and the wishes of whoever is planned for
set search_path = ''
as $$
declare
  v_settings study.learner_settings := private.study_settings(p_user_id);
  v_zone text := (select p.time_zone from core.profiles as p where p.id = p_user_id);
begin
  return (
    select coalesce(range_agg(tstzrange(h.low, h.high)), '{}')
    from private.zone_days(v_zone, p_from, p_to) as d
    cross join lateral (
      select
        greatest((d.on_date + v_settings.study_from) at time zone 'UTC' - make_interval(secs => d.seconds), d.since) as low,
        least((d.on_date + v_settings.study_until) at time zone 'UTC' - make_interval(secs => d.seconds), d.until) as high
    ) as h
    where extract(isodow from d.on_date)::smallint = any (v_settings.study_weekdays) and h.low < h.high
  );
end;
$$;
comment on function private.study_plan_hours(uuid, timestamptz, timestamptz) is
  'The hours of study_from to study_until on study_weekdays between two moments, by the learner''s clock.';

create function private.study_free_times(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- reads when the person who is planned for is busy
set search_path = ''
as $$
begin
  return private.study_plan_hours(p_user_id, p_from, p_to) - private.busy_times(p_user_id, p_from, p_to);
end;
$$;
comment on function private.study_free_times(uuid, timestamptz, timestamptz) is
  'When a learner wants to study and is not busy, between two moments. His plan is not looked at.';

create function private.study_place_block(p_free tstzmultirange, p_minutes integer, p_min_minutes integer, p_step_minutes integer)
returns tstzrange
language sql
stable
security invoker
set search_path = ''
as $$
  -- The first stretch that is long enough, from its first whole step on; without one, as much of the longest as there is.
  select tstzrange(f.low, f.low + least(f.room, make_interval(mins => p_minutes)))
  from (
    select s.low, date_bin(s.step, s.stretch_end - s.low + s.origin, s.origin) - s.origin as room
    from (
      select b.origin, b.step, upper(r.stretch) as stretch_end,
        date_bin(b.step, lower(r.stretch) + b.step - interval '1 microsecond', b.origin) as low
      from unnest(p_free) as r (stretch)
      cross join (select timestamptz '2000-01-01 00:00:00+00' as origin, make_interval(mins => p_step_minutes) as step) as b
    ) as s
    where s.low < s.stretch_end
  ) as f
  where f.room >= make_interval(mins => p_min_minutes)
  order by f.room >= make_interval(mins => p_minutes) desc,
    case when f.room >= make_interval(mins => p_minutes) then '0'::interval else f.room end desc, f.low
  limit 1;
$$;
comment on function private.study_place_block(tstzmultirange, integer, integer, integer) is
  'Where a block of so many minutes goes in free time: as early as it fits whole, else as long as fits (p_min_minutes at least), at multiples of p_step_minutes. Null: nowhere.';

revoke execute on function
  private.study_plan_hours(uuid, timestamptz, timestamptz), private.study_free_times(uuid, timestamptz, timestamptz),
  private.study_place_block(tstzmultirange, integer, integer, integer)
  from public, anon, authenticated;
