-- The slots that can be booked. One meaning for whoever looks (market.free_slots), searches, or books: a slot of an offer
--
-- - begins at the beginning of a stretch of availability (its first whole minute), or a multiple of the offer's step after
--   it. Of a stretch that has gone on for eight days, which no week with a gap makes, the tutor's midnights count instead;
-- - lies in that stretch wholly, while its buffers need not;
-- - does not meet, buffers included, the blocked time of a booking of the tutor or of the learner, whichever part they
--   have in it. A hold counts until it expires;
-- - begins no sooner than the offer's notice and before the end of its booking window;
-- - is not on a date, by the tutor's clock, on which he has as many bookings as he takes in a day.
--
-- No slot is looked at on its own: what is taken is cut out of the moments at which one may begin, and what is left is
-- counted through in steps.

create function private.market_bookable_offers(p_tutor_ids uuid[], p_offer_ids uuid[], p_learner_id uuid)
returns setof market.offers
language plpgsql
stable
security definer -- reads whom people have blocked
set search_path = ''
as $$
begin
  return query
  select o.*
  from market.offers as o
  join market.tutors as t on t.id = o.tutor_id and t.accepts_bookings and t.hidden_at is null
  join core.experts as e on e.id = o.tutor_id and e.verification_status = 'verified' and e.is_available
  join core.profiles as p on p.id = o.tutor_id and p.is_active
  where o.tutor_id = any (p_tutor_ids) and o.is_active and (p_offer_ids is null or o.id = any (p_offer_ids))
    and (p_learner_id is null or not private.is_blocked_between(o.tutor_id, p_learner_id));
end;
$$;
comment on function private.market_bookable_offers(uuid[], uuid[], uuid) is
  'The active offers of tutors who are verified, available, not hidden and accept bookings, and with whom p_learner_id is on terms.';

create function private.market_free_slots(
  p_tutor_ids uuid[],
  p_from timestamptz,
  p_to timestamptz,
  p_offer_ids uuid[] default null,
  p_learner_id uuid default null,
  p_ignore_chain uuid default null,
  p_now timestamptz default now()
)
returns table (tutor_id uuid, offer_id uuid, starts_at timestamptz, ends_at timestamptz)
language plpgsql
stable
security definer -- reads everybody's bookings; tells only when nothing is in the way
set search_path = ''
set jit = off -- the planner expects far too many slots, and would compile for longer than the query takes
as $$
declare
  c_long constant interval := interval '192 hours';
  v_tutors uuid[];
  v_from timestamptz;
  v_to timestamptz;
begin
  select array_agg(distinct o.tutor_id),
    greatest(p_from, p_now + make_interval(mins => min(o.minimum_notice_minutes))),
    least(p_to, p_now + make_interval(hours => 24 * max(o.booking_window_days)))
  into v_tutors, v_from, v_to
  from private.market_bookable_offers(p_tutor_ids, p_offer_ids, p_learner_id) as o;
  if v_tutors is null or v_from >= v_to then
    return;
  end if;

  return query
  with offered as materialized (
    select o.id, o.tutor_id, e.time_zone, t.max_bookings_per_day,
      make_interval(mins => o.duration_minutes) as length, make_interval(mins => o.slot_step_minutes) as step,
      make_interval(mins => o.buffer_before_minutes) as gap_before, make_interval(mins => o.buffer_after_minutes) as gap_after,
      greatest(p_from, p_now + make_interval(mins => o.minimum_notice_minutes)) as earliest,
      least(p_to, p_now + make_interval(hours => 24 * o.booking_window_days)) as latest
    from private.market_bookable_offers(v_tutors, p_offer_ids, p_learner_id) as o
    join market.tutors as t on t.id = o.tutor_id
    join core.experts as e on e.id = o.tutor_id
  ),
  stretches as materialized (
    select w.tutor_id, w.ends_at, m.minute + case when m.minute < w.starts_at then interval '1 minute' else '0' end as starts_at
    from private.market_windows(v_tutors, date_trunc('minute', v_from) - c_long, v_to + interval '8 hours') as w
    cross join lateral (select date_trunc('minute', w.starts_at) as minute) as m
  ),
  -- Where counting begins, and for which moments.
  grids as materialized (
    select s.tutor_id, s.ends_at, s.starts_at as anchor, s.starts_at as since, least(s.ends_at, s.starts_at + c_long) as until
    from stretches as s
    where s.starts_at < s.ends_at and least(s.ends_at, s.starts_at + c_long) > v_from
    union all
    select s.tutor_id, s.ends_at, d.midnight, greatest(s.starts_at + c_long, d.since), least(s.ends_at, d.until)
    from stretches as s
    join core.experts as e on e.id = s.tutor_id
    cross join lateral (
      select z.since, z.until, min(z.since) over (partition by z.on_date) as midnight
      from private.zone_days(e.time_zone, date_trunc('minute', v_from) - c_long, v_to) as z
    ) as d
    where s.ends_at > s.starts_at + c_long and d.until > v_from and d.until > s.starts_at + c_long and d.since < s.ends_at
  ),
  bookings as materialized (
    select b.tutor_tombstone, b.learner_tombstone, b.starts_at, b.blocked_from, b.blocked_to
    from market.bookings as b
    where (b.tutor_id = any (v_tutors || p_learner_id) or b.learner_id = any (v_tutors || p_learner_id))
      -- A booking with its buffers is 16 hours long at most; but those of the same day count, too.
      and b.starts_at > v_from - interval '26 hours' and b.starts_at < v_to + interval '26 hours'
      and (b.status in ('scheduled', 'completed', 'no_show') or (b.status = 'hold' and b.hold_expires_at > p_now))
      and b.chain_id is distinct from p_ignore_chain
  ),
  busy as materialized (
    select b.tutor_tombstone as person_id, b.blocked_from, b.blocked_to from bookings as b
    union all
    select b.learner_tombstone, b.blocked_from, b.blocked_to from bookings as b
  ),
  taken as materialized (
    select m.id, range_agg(m.times) as times
    from (
      select o.id, tstzrange(b.blocked_from - o.length - o.gap_after, b.blocked_to + o.gap_before, '()') as times
      from offered as o join busy as b on b.person_id = o.tutor_id
      union all
      select o.id, tstzrange(b.blocked_from - o.length - o.gap_after, b.blocked_to + o.gap_before, '()')
      from offered as o join busy as b on b.person_id = p_learner_id
    ) as m
    group by m.id
  ),
  full_days as materialized (
    select d.tutor_id, array_agg(d.on_date) as dates
    from (
      select t.id as tutor_id, (b.starts_at at time zone e.time_zone)::date as on_date
      from bookings as b
      join market.tutors as t on t.id = b.tutor_tombstone
      join core.experts as e on e.id = t.id
      where t.max_bookings_per_day is not null
      group by 1, 2
      having count(*) >= min(t.max_bookings_per_day)
    ) as d
    group by d.tutor_id
  ),
  beginnings as (
    select o.id, o.tutor_id, o.time_zone, o.length, o.step, o.latest, g.anchor, r.times, f.dates
    from offered as o
    join grids as g on g.tutor_id = o.tutor_id
    left join taken as t on t.id = o.id
    left join full_days as f on f.tutor_id = o.tutor_id
    cross join lateral (
      select greatest(g.since, o.earliest) as low, least(g.until, o.latest) as high, g.ends_at - o.length as last
    ) as m
    cross join lateral unnest(
      case
        when m.low > m.last or m.low >= m.high then '{}'
        when m.last < m.high then tstzmultirange(tstzrange(m.low, m.last, '[]'))
        else tstzmultirange(tstzrange(m.low, m.high, '[)'))
      end - coalesce(t.times, '{}')
    ) as r (times)
  )
  select b.tutor_id, b.id, s.slot, s.slot + b.length
  from beginnings as b
  cross join lateral (select date_bin(b.step, lower(b.times), b.anchor) as moment) as n
  -- The first moment is always in: what is cut out is open at both ends.
  cross join lateral generate_series(
    case when n.moment = lower(b.times) then n.moment else n.moment + b.step end, upper(b.times), b.step
  ) as s (slot)
  where (s.slot < upper(b.times) or upper_inc(b.times))
    and (b.dates is null or (s.slot at time zone b.time_zone)::date <> all (b.dates));
end;
$$;
comment on function private.market_free_slots(uuid[], timestamptz, timestamptz, uuid[], uuid, uuid, timestamptz) is
  'The bookable slots that begin from p_from until before p_to, in no order: of these tutors'' active offers, or of p_offer_ids among them; for p_learner_id, as if the bookings of p_ignore_chain were not there.';

create function private.market_is_bookable(
  p_tutor_id uuid, p_offer_id uuid, p_starts_at timestamptz, p_learner_id uuid, p_ignore_chain uuid default null
)
returns boolean
language plpgsql
stable
security definer -- as private.market_free_slots; for those who book
set search_path = ''
as $$
begin
  return p_learner_id is distinct from p_tutor_id and exists (
    select from private.market_free_slots(
      array[p_tutor_id], p_starts_at, p_starts_at + interval '1 microsecond', array[p_offer_id], p_learner_id, p_ignore_chain
    )
  );
end;
$$;
comment on function private.market_is_bookable(uuid, uuid, timestamptz, uuid, uuid) is
  'Whether a slot of an offer begins at this very moment for this learner: what market.free_slots shows, and nothing else. Nobody books himself.';

revoke execute on function
  private.market_bookable_offers(uuid[], uuid[], uuid),
  private.market_free_slots(uuid[], timestamptz, timestamptz, uuid[], uuid, uuid, timestamptz),
  private.market_is_bookable(uuid, uuid, timestamptz, uuid, uuid)
  from public, anon, authenticated;
