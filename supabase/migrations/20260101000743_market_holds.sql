-- Holding a slot, and what becomes of a hold: paid for, given up, or run out.
--
-- That a slot is free is looked up; that it is not taken twice is decided by the exclusion constraints of bookings. Who is
-- second waits for the first, and then hears slot_taken; `on conflict do nothing` keeps a rush from deadlocking.

create function private.market_hold_slot(
  p_offer_id uuid, p_starts_at timestamptz, p_idempotency_key text, p_expected_price_minor integer
)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_id uuid := gen_random_uuid();
  v_offer market.offers;
  v_booking market.bookings;
  v_rate integer := private.setting_number('market.commission_bp');
  v_times tstzrange;
  v_why text;
begin
  if p_idempotency_key is null or length(p_idempotency_key) not between 8 and 200 or p_idempotency_key like 'move:%' then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_required',
      detail = 'p_idempotency_key needs 8 to 200 characters, and does not begin with move:.',
      hint = 'Send crypto.randomUUID(), and the same one again when you retry.';
  end if;
  perform private.clean_text(p_idempotency_key, 'p_idempotency_key', 0, 200);
  select o.* into v_offer from market.offers as o where o.id = p_offer_id;
  perform from core.profiles as p where p.id in (v_user_id, v_offer.tutor_id) order by p.id for key share;
  perform private.booking_queue_up(v_user_id, v_offer.tutor_id);

  select b.* into v_booking from market.bookings as b
  where b.learner_tombstone = v_user_id and b.idempotency_key = p_idempotency_key;
  if found then
    if v_booking.starts_at <> p_starts_at or v_booking.offer_id <> p_offer_id then
      raise sqlstate 'PT422' using
        message = 'idempotency_key_reused',
        detail = 'This key was used for another slot.',
        hint = 'Use a new key for a new booking.';
    end if;
    return v_booking;
  end if;
  perform private.booking_check_start(p_starts_at);
  if v_offer.tutor_id = v_user_id then
    raise sqlstate 'PT403' using
      message = 'own_offer', detail = 'Nobody books himself.', hint = 'Ask somebody else to try your offer.';
  end if;
  select o.* into v_offer from private.market_bookable_offers(array[v_offer.tutor_id], array[p_offer_id], v_user_id) as o;
  if not found then
    raise sqlstate 'PT404' using
      message = 'offer_not_found',
      detail = 'There is no such offer, or its tutor takes no bookings now.',
      hint = 'Choose another one with market.search_tutors.';
  end if;
  if v_offer.price_minor <> p_expected_price_minor then
    raise sqlstate 'PT409' using
      message = 'price_changed',
      detail = format('It costs %s %s now, in the smallest unit.', v_offer.price_minor, v_offer.currency),
      hint = 'Show the new price, and ask again.';
  end if;
  v_times := tstzrange(
    p_starts_at - make_interval(mins => v_offer.buffer_before_minutes),
    p_starts_at + make_interval(mins => v_offer.duration_minutes + v_offer.buffer_after_minutes)
  );
  perform private.market_expire_holds(v_offer.tutor_id, v_user_id, v_times);
  perform private.limit_action('market.booking_limits', 'hold', v_user_id::text);
  perform private.booking_check_limits(v_user_id, v_offer.tutor_id, v_offer.price_minor > 0);

  v_why := private.booking_why_not(v_offer.tutor_id, v_user_id, v_times, null);
  if v_why is not null then
    perform private.booking_refuse(v_why);
  end if;
  if not private.market_is_bookable(v_offer.tutor_id, v_offer.id, p_starts_at, v_user_id) then
    -- Taken while we looked, or no slot at all.
    perform private.booking_refuse(coalesce(
      private.booking_why_not(v_offer.tutor_id, v_user_id, v_times, null), 'slot_unavailable'
    ));
  end if;

  insert into market.bookings (
    id, chain_id, offer_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, topic_id, starts_at, ends_at,
    blocked_from, blocked_to, status, hold_expires_at, price_minor, currency, commission_rate_bp, commission_minor,
    cancellation_policy, refund_steps, payment_status, meeting_link, idempotency_key
  )
  select
    v_id, v_id, v_offer.id, v_offer.tutor_id, v_offer.tutor_id, v_user_id, v_user_id, v_offer.title, v_offer.topic_id,
    p_starts_at, p_starts_at + make_interval(mins => v_offer.duration_minutes), lower(v_times), upper(v_times),
    case when v_offer.price_minor = 0 then 'scheduled' else 'hold' end,
    case when v_offer.price_minor > 0 then clock_timestamp() + make_interval(mins => private.setting_number('market.hold_minutes')) end,
    -- Rounded down; what is left of the division is the tutor's.
    v_offer.price_minor, v_offer.currency, v_rate, v_offer.price_minor * v_rate / 10000,
    v_offer.cancellation_policy, private.market_refund_steps(v_offer.cancellation_policy),
    case when v_offer.price_minor = 0 then 'free' else 'pending' end,
    case when v_offer.price_minor = 0 then t.default_meeting_link end, p_idempotency_key
  from market.tutors as t where t.id = v_offer.tutor_id
  on conflict do nothing
  returning * into v_booking;
  if v_booking.id is null then
    perform private.booking_refuse(coalesce(
      private.booking_why_not(v_offer.tutor_id, v_user_id, v_times, null), 'slot_taken'
    ));
  end if;
  if v_booking.status = 'scheduled' then
    perform private.booking_scheduled(v_booking);
  end if;
  return v_booking;
end;
$$;
comment on function private.market_hold_slot(uuid, timestamptz, text, integer) is 'Behind market.hold_slot.';

create function private.booking_confirm_paid(p_booking_id uuid)
returns text
language plpgsql
volatile
security definer -- moves a booking when a payment has come in; not executable by clients
set search_path = ''
as $$
declare
  v_booking market.bookings := private.booking_enter(p_booking_id, null);
begin
  if v_booking.status in ('scheduled', 'completed', 'no_show') or v_booking.moved_at is not null then
    return 'already';
  end if;
  -- Gone is also what nobody could attend any more, and what has lost its tutor or its learner.
  if v_booking.status not in ('hold', 'expired') or v_booking.starts_at <= clock_timestamp()
    or v_booking.tutor_id is null or v_booking.learner_id is null
  then
    return 'slot_gone';
  end if;
  if v_booking.status = 'expired' then
    -- Two that come back for one slot at once would wait for each other: one after the other.
    perform pg_advisory_xact_lock(hashtextextended('market.learner:' || v_booking.learner_id::text, 0));
    perform pg_advisory_xact_lock(hashtextextended('market.tutor:' || v_booking.tutor_id::text, 0));
    perform private.market_expire_holds(
      v_booking.tutor_id, v_booking.learner_id, tstzrange(v_booking.blocked_from, v_booking.blocked_to)
    );
    if not private.booking_may_return(v_booking) then
      return 'slot_gone';
    end if;
  end if;
  begin
    update market.bookings as b
    set status = 'scheduled', payment_status = 'paid',
      meeting_link = (select t.default_meeting_link from market.tutors as t where t.id = b.tutor_id)
    where b.id = v_booking.id
    returning * into v_booking;
  exception when exclusion_violation then
    return 'slot_gone';
  end;
  perform private.booking_scheduled(v_booking);
  return 'scheduled';
end;
$$;
comment on function private.booking_confirm_paid(uuid) is
  'A booking was paid for: scheduled, already (it was before), or slot_gone, when its money goes back.';

create function private.market_release_hold(p_booking_id uuid)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
begin
  if private.booking_party(v_booking, v_user_id) is distinct from 'learner' then
    perform private.booking_role_required('learner');
  end if;
  if v_booking.status in ('cancelled', 'expired') and v_booking.payment_status = 'pending' then
    return v_booking;
  end if;
  perform private.booking_expect(v_booking, '{hold}');
  update market.bookings as b
  set status = 'cancelled', cancelled_by = 'learner', cancelled_at = clock_timestamp(), settled_at = clock_timestamp()
  where b.id = v_booking.id
  returning * into v_booking;
  return v_booking;
end;
$$;
comment on function private.market_release_hold(uuid) is 'Behind market.release_hold.';

create function market.hold_slot(
  p_offer_id uuid, p_starts_at timestamptz, p_idempotency_key text, p_expected_price_minor integer default null
)
returns market.bookings
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_hold_slot(p_offer_id, p_starts_at, p_idempotency_key, p_expected_price_minor); $$;
comment on function market.hold_slot(uuid, timestamptz, text, integer) is
  'Holds a slot of market.free_slots for some minutes (hold_expires_at) until it is paid for; what is free of charge is scheduled at once. p_idempotency_key: 8–200 characters; the same key and slot again return the same booking. p_expected_price_minor: what the learner was shown; when the offer costs something else by now, price_changed. Errors: slot_taken, price_changed, learner_busy, slot_unavailable, too_many_holds, too_many_bookings (409), offer_not_found (404), own_offer (403), start_required, idempotency_key_required, idempotency_key_reused (422), rate_limited (429).';

create function market.release_hold(p_booking_id uuid)
returns market.bookings
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_release_hold(p_booking_id); $$;
comment on function market.release_hold(uuid) is
  'Gives a slot back that the caller holds and has not paid for; again changes nothing. What is paid a moment later comes back by itself. Errors: booking_not_found (404), learner_required (403), booking_state (409).';

revoke execute on function
  private.market_hold_slot(uuid, timestamptz, text, integer), private.booking_confirm_paid(uuid), private.market_release_hold(uuid),
  market.hold_slot(uuid, timestamptz, text, integer), market.release_hold(uuid)
  from public, anon, authenticated;
grant execute on function
  private.market_hold_slot(uuid, timestamptz, text, integer), market.hold_slot(uuid, timestamptz, text, integer),
  private.market_release_hold(uuid), market.release_hold(uuid)
  to authenticated;
