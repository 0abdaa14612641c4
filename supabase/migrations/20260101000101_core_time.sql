-- Clocks: what a time zone's clock shows between two moments. Whoever turns wall-clock times into moments goes through
-- stretches of one offset, in which that is plain arithmetic, whatever the clocks do between them.

create function private.zone_offsets(p_zone text, p_from timestamptz, p_to timestamptz)
returns table (since timestamptz, seconds integer)
language plpgsql
stable
security invoker
set search_path = ''
rows 4
as $$
declare
  -- Clocks change on a whole second; the search below would not end between two of them.
  v_day timestamptz := date_trunc('second', p_from);
  v_low timestamptz;
  v_high timestamptz;
  v_middle timestamptz;
  v_next integer;
begin
  since := p_from;
  seconds := extract(epoch from (p_from at time zone p_zone) - (p_from at time zone 'UTC'));
  return next;
  while v_day < p_to loop
    v_low := v_day;
    v_day := v_day + interval '24 hours';
    v_next := extract(epoch from (v_day at time zone p_zone) - (v_day at time zone 'UTC'));
    continue when v_next = seconds;
    v_high := v_day;
    while v_high - v_low > interval '1 second' loop
      v_middle := date_trunc('second', v_low + (v_high - v_low) / 2);
      if extract(epoch from (v_middle at time zone p_zone) - (v_middle at time zone 'UTC')) = seconds then
        v_low := v_middle;
      else
        v_high := v_middle;
      end if;
    end loop;
    since := v_high;
    seconds := v_next;
    return next;
  end loop;
end;
$$;
comment on function private.zone_offsets(text, timestamptz, timestamptz) is
  'The offsets from UTC of a time zone, each since when: the first since p_from, then each change up to p_to.';

create function private.zone_days(p_zone text, p_from timestamptz, p_to timestamptz)
returns table (on_date date, seconds integer, since timestamptz, until timestamptz)
language plpgsql
stable
security invoker
set search_path = ''
rows 40
as $$
begin
  return query
  with offsets as (
    select o.since, o.seconds, make_interval(secs => o.seconds) as shift,
      least(lead(o.since, 1, p_to) over (order by o.since), p_to) as until
    from private.zone_offsets(p_zone, p_from, p_to) as o
  )
  select d.day::date, o.seconds,
    greatest(o.since, d.day at time zone 'UTC' - o.shift),
    least(o.until, (d.day + interval '1 day') at time zone 'UTC' - o.shift)
  from offsets as o
  cross join lateral generate_series(
    date_trunc('day', o.since at time zone 'UTC' + o.shift), (o.until - interval '1 microsecond') at time zone 'UTC' + o.shift,
    interval '1 day'
  ) as d (day)
  where o.since < o.until;
end;
$$;
comment on function private.zone_days(text, timestamptz, timestamptz) is
  'The days of a time zone''s clock from one moment to another, in pieces of one offset: a day on which the clock is changed is two of them, and a day that the clock leaves out is none.';

revoke execute on function
  private.zone_offsets(text, timestamptz, timestamptz), private.zone_days(text, timestamptz, timestamptz)
  from public, anon, authenticated;
