-- Asking for free slots: of one offer, or of many tutors at once. Open to everybody who is signed in, suspended or not;
-- what is in the way of a slot (other bookings, out of office, blocks) is never told.

create function private.market_check_slots_range(p_from timestamptz, p_to timestamptz)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- An hour more than 92 days: the clocks may go back in between. After the year 9998 nothing is added: it would be no time.
  if not coalesce(p_from < p_to and p_to <= least(p_from, timestamptz '9999-01-01 00:00:00+00') + make_interval(hours => 92 * 24 + 1), false) then
    raise sqlstate 'PT422' using
      message = 'range_invalid',
      detail = 'A range goes from a moment to a later one, over 92 days at most.',
      hint = 'Send p_from and p_to as moments, such as 2026-03-01T00:00:00Z.';
  end if;
end;
$$;
comment on function private.market_check_slots_range(timestamptz, timestamptz) is 'range_invalid (422).';

create function private.market_zone_of_viewer(p_zone text, p_user_id uuid)
returns text
language plpgsql
stable
security definer -- reads the caller's own profile
set search_path = ''
as $$
begin
  if p_zone is null then
    return (select p.time_zone from core.profiles as p where p.id = p_user_id);
  elsif not private.is_time_zone(p_zone) then
    raise sqlstate 'PT422' using
      message = 'time_zone_unknown', detail = 'There is no such time zone.', hint = 'Send an IANA name such as Europe/Berlin.';
  end if;
  return p_zone;
end;
$$;
comment on function private.market_zone_of_viewer(text, uuid) is
  'The zone that was asked for, else that of the profile; time_zone_unknown (422).';

create function private.market_list_free_slots(
  p_tutor_id uuid, p_offer_id uuid, p_from timestamptz, p_to timestamptz, p_zone text
)
returns table (
  starts_at timestamptz, ends_at timestamptz, local_start timestamp, local_end timestamp, local_date date
)
language plpgsql
stable
security definer -- checks its caller, then tells free slots only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_zone text := private.market_zone_of_viewer(p_zone, v_user_id);
  v_from timestamptz := coalesce(p_from, now());
  v_to timestamptz := coalesce(p_to, least(v_from, timestamptz '9999-01-01 00:00:00+00') + interval '672 hours');
begin
  perform private.market_check_slots_range(v_from, v_to);
  if not exists (
    select from private.market_bookable_offers(array[p_tutor_id], array[p_offer_id], v_user_id)
  ) then
    raise sqlstate 'PT404' using
      message = 'offer_not_found',
      detail = 'There is no such offer of this tutor, or it cannot be booked now.',
      hint = 'Look at the tutor''s page for what is offered.';
  end if;
  return query
  select s.starts_at, s.ends_at, s.starts_at at time zone v_zone, s.ends_at at time zone v_zone,
    (s.starts_at at time zone v_zone)::date
  from private.market_free_slots(array[p_tutor_id], v_from, v_to, array[p_offer_id], v_user_id) as s
  order by s.starts_at;
end;
$$;
comment on function private.market_list_free_slots(uuid, uuid, timestamptz, timestamptz, text) is 'See market.free_slots.';

create function market.free_slots(
  p_tutor_id uuid, p_offer_id uuid, p_from timestamptz default null, p_to timestamptz default null, p_zone text default null
)
returns table (
  starts_at timestamptz, ends_at timestamptz, local_start timestamp, local_end timestamp, local_date date
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.market_list_free_slots(p_tutor_id, p_offer_id, p_from, p_to, p_zone); $$;
comment on function market.free_slots(uuid, uuid, timestamptz, timestamptz, text) is
  'The slots of an offer that you can book and that begin from p_from (now) until before p_to (28 days later), 92 days at most; local_*: by the clock of p_zone (your own). Errors: offer_not_found (404), range_invalid (422), time_zone_unknown (422).';

create function private.market_list_free_slots_of(
  p_tutor_ids uuid[], p_from timestamptz, p_to timestamptz, p_zone text, p_offer_ids uuid[], p_limit integer
)
returns table (tutor_id uuid, offer_id uuid, starts_at timestamptz[], local_starts timestamp[])
language plpgsql
stable
security definer -- checks its caller, then tells free slots only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_zone text := private.market_zone_of_viewer(p_zone, v_user_id);
  v_from timestamptz := coalesce(p_from, now());
  v_to timestamptz := coalesce(p_to, least(v_from, timestamptz '9999-01-01 00:00:00+00') + interval '672 hours');
  v_limit integer := least(greatest(coalesce(p_limit, 100), 1), 1000);
begin
  perform private.market_check_slots_range(v_from, v_to);
  if cardinality(p_tutor_ids) > 200 or (
    select count(*) from private.market_bookable_offers(p_tutor_ids, p_offer_ids, v_user_id)
  ) > 400 then
    raise sqlstate 'PT422' using
      message = 'too_many_tutors',
      detail = 'One call takes 200 tutors and 400 offers of theirs.',
      hint = 'Ask in parts, or name the offers in p_offer_ids.';
  end if;
  return query
  with slots as (
    select s.tutor_id, s.offer_id, array_agg(s.starts_at order by s.starts_at) as starts
    from private.market_free_slots(p_tutor_ids, v_from, v_to, p_offer_ids, v_user_id) as s
    group by s.tutor_id, s.offer_id
  )
  select s.tutor_id, s.offer_id, s.starts[1:v_limit],
    array(select u.moment at time zone v_zone from unnest(s.starts[1:v_limit]) with ordinality as u (moment, n) order by u.n)
  from slots as s
  order by s.starts[1], s.tutor_id, s.offer_id;
end;
$$;
comment on function private.market_list_free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer) is
  'See market.free_slots_of.';

create function market.free_slots_of(
  p_tutor_ids uuid[], p_from timestamptz default null, p_to timestamptz default null, p_zone text default null,
  p_offer_ids uuid[] default null, p_limit integer default 100
)
returns table (tutor_id uuid, offer_id uuid, starts_at timestamptz[], local_starts timestamp[])
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.market_list_free_slots_of(p_tutor_ids, p_from, p_to, p_zone, p_offer_ids, p_limit); $$;
comment on function market.free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer) is
  'As market.free_slots for up to 200 tutors in one call: of each of their offers (or of p_offer_ids only) the first p_limit slots (1000 at most), those that can be booked soonest first. Who cannot be booked is left out. Errors: range_invalid, time_zone_unknown, too_many_tutors (422).';

revoke execute on function
  private.market_check_slots_range(timestamptz, timestamptz), private.market_zone_of_viewer(text, uuid),
  private.market_list_free_slots(uuid, uuid, timestamptz, timestamptz, text),
  market.free_slots(uuid, uuid, timestamptz, timestamptz, text),
  private.market_list_free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer),
  market.free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer)
  from public, anon, authenticated;
grant execute on function
  private.market_list_free_slots(uuid, uuid, timestamptz, timestamptz, text),
  market.free_slots(uuid, uuid, timestamptz, timestamptz, text),
  private.market_list_free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer),
  market.free_slots_of(uuid[], timestamptz, timestamptz, text, uuid[], integer)
  to authenticated;
