-- Moving a booking: the old one is cancelled without money moving, its successor has the same chain, price and people.
--
-- The learner moves, in time. A tutor does not: what he cannot keep he calls off, and the learner gets everything back.
-- Moving is no way round a policy: the successor gives back no more than the old one would have at that moment.

create function private.booking_capped_steps(p_steps jsonb, p_percent integer)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(jsonb_agg(
    s || jsonb_build_object('refund_percent', least((s ->> 'refund_percent')::integer, p_percent)) order by o.place
  ), '[]')
  from jsonb_array_elements(p_steps) with ordinality as o (s, place);
$$;
comment on function private.booking_capped_steps(jsonb, integer) is 'Steps of a policy, none of which gives back more than this.';

create function private.market_reschedule_booking(p_booking_id uuid, p_starts_at timestamptz)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_old market.bookings := private.booking_enter(p_booking_id, v_user_id);
  v_new market.bookings;
  v_offer market.offers;
  v_notice integer := private.setting_number('market.move_notice_hours');
  v_times tstzrange;
begin
  if private.booking_party(v_old, v_user_id) is distinct from 'learner' then
    perform private.booking_role_required('learner');
  end if;
  -- A retry finds what the first call made.
  if v_old.moved_at is not null then
    select * into v_new from market.bookings as b where b.rescheduled_from_id = v_old.id and b.starts_at = p_starts_at;
    if found then
      return v_new;
    end if;
  end if;
  perform private.booking_expect(v_old, '{scheduled}');
  perform private.booking_check_start(p_starts_at);
  if v_old.starts_at = p_starts_at then
    return v_old;
  end if;
  if v_old.starts_at < clock_timestamp() + make_interval(hours => v_notice) then
    raise sqlstate 'PT409' using
      message = 'too_late_to_move',
      detail = format('A booking is moved up to %s hours before it begins.', v_notice),
      hint = 'Ask the other one, or cancel it: market.cancel_booking.';
  end if;
  if (select count(*) from market.bookings as b where b.chain_id = v_old.chain_id) > private.setting_number('market.max_moves') then
    raise sqlstate 'PT409' using
      message = 'too_many_moves', detail = 'This booking was moved too often.', hint = 'Keep it, or cancel it.';
  end if;
  perform private.limit_action('market.booking_limits', 'move', v_user_id::text);
  perform private.booking_queue_up(v_user_id, v_old.tutor_id);
  select o.* into v_offer from private.market_bookable_offers(array[v_old.tutor_id], array[v_old.offer_id], v_user_id) as o;
  if not found or make_interval(mins => v_offer.duration_minutes) <> v_old.ends_at - v_old.starts_at then
    raise sqlstate 'PT409' using
      message = 'offer_changed',
      detail = 'What this was booked for is not offered any more as it was.',
      hint = 'Keep it, or cancel it and book anew.';
  end if;
  v_times := tstzrange(
    p_starts_at - make_interval(mins => v_offer.buffer_before_minutes),
    p_starts_at + make_interval(mins => v_offer.duration_minutes + v_offer.buffer_after_minutes)
  );
  perform private.market_expire_holds(v_old.tutor_id, v_user_id, v_times);
  if not private.market_is_bookable(v_old.tutor_id, v_old.offer_id, p_starts_at, v_user_id, v_old.chain_id) then
    perform private.booking_refuse(coalesce(
      private.booking_why_not(v_old.tutor_id, v_user_id, v_times, v_old.chain_id), 'slot_unavailable'
    ));
  end if;

  update market.bookings as b
  set status = 'cancelled', cancelled_by = 'learner', cancelled_at = clock_timestamp(), moved_at = clock_timestamp()
  where b.id = v_old.id;
  insert into market.bookings (
    chain_id, rescheduled_from_id, offer_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, topic_id,
    starts_at, ends_at, blocked_from, blocked_to, status, price_minor, currency, commission_rate_bp, commission_minor,
    cancellation_policy, refund_steps, payment_status, refund_minor, meeting_link, calendar_sequence, idempotency_key
  ) values (
    v_old.chain_id, v_old.id, v_old.offer_id, v_old.tutor_id, v_old.tutor_tombstone, v_old.learner_id, v_old.learner_tombstone,
    v_old.title, v_old.topic_id, p_starts_at, p_starts_at + (v_old.ends_at - v_old.starts_at), lower(v_times), upper(v_times),
    'scheduled', v_old.price_minor, v_old.currency, v_old.commission_rate_bp, v_old.commission_minor,
    v_old.cancellation_policy,
    private.booking_capped_steps(
      v_old.refund_steps, private.booking_refund_percent(v_old.refund_steps, v_old.starts_at, clock_timestamp())
    ),
    v_old.payment_status, v_old.refund_minor, v_old.meeting_link, v_old.calendar_sequence + 1, 'move:' || v_old.id
  )
  on conflict do nothing
  returning * into v_new;
  if v_new.id is null then
    perform private.booking_refuse(coalesce(
      private.booking_why_not(v_old.tutor_id, v_user_id, v_times, v_old.chain_id), 'slot_taken'
    ));
  end if;
  perform private.booking_remind(v_new);
  perform private.booking_tell(v_new, 'booking_moved', 'tutor');
  return v_new;
end;
$$;
comment on function private.market_reschedule_booking(uuid, timestamptz) is 'Behind market.reschedule_booking.';

create function market.reschedule_booking(p_booking_id uuid, p_starts_at timestamptz)
returns market.bookings
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_reschedule_booking(p_booking_id, p_starts_at); $$;
comment on function market.reschedule_booking(uuid, timestamptz) is
  'The learner moves a scheduled booking to another free slot of the same offer; returns the booking that stands in its place (same chain_id and price). The same again returns the same. Errors: booking_not_found (404), learner_required (403), too_late_to_move, too_many_moves, offer_changed, slot_taken, learner_busy, slot_unavailable, booking_moved, booking_state (409), start_required (422), rate_limited (429).';

revoke execute on function
  private.booking_capped_steps(jsonb, integer), private.market_reschedule_booking(uuid, timestamptz),
  market.reschedule_booking(uuid, timestamptz)
  from public, anon, authenticated;
grant execute on function
  private.market_reschedule_booking(uuid, timestamptz), market.reschedule_booking(uuid, timestamptz)
  to authenticated;
