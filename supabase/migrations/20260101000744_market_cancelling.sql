-- Calling off: what the learner gets back, and how a booking's money is divided when it is over one way or another.
--
--   the learner calls off: what the steps of the policy say, as they were when he booked
--   the tutor, or an administrator: all of it
-- Either of them until it begins; an administrator as long as it is scheduled. Suspended people may, too.

create function private.booking_refund_percent(p_steps jsonb, p_starts_at timestamptz, p_at timestamptz)
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce((
    select (s ->> 'refund_percent')::integer
    from jsonb_array_elements(p_steps) as s
    where p_at <= p_starts_at - (s ->> 'hours_before')::integer * interval '1 hour'
    order by (s ->> 'hours_before')::integer desc
    limit 1
  ), 0);
$$;
comment on function private.booking_refund_percent(jsonb, timestamptz, timestamptz) is
  'Percent that a learner gets back who cancels at p_at: of the steps the one with the most hours that still fits; 0 without one.';

create function private.booking_refund_now(p_booking market.bookings, p_by text)
returns bigint
language sql
volatile
security invoker
set search_path = ''
as $$
  select case
    when p_booking.status <> 'scheduled' then 0
    when p_by = 'learner' then
      -- Rounded down to the minor unit.
      p_booking.price_minor
        * private.booking_refund_percent(p_booking.refund_steps, p_booking.starts_at, clock_timestamp()) / 100
    else p_booking.price_minor
  end;
$$;
comment on function private.booking_refund_now(market.bookings, text) is 'What would go back if he (learner, tutor, administrator, system) cancelled now.';

-- The one place that has money divided. Done twice, it does nothing the second time.
create function private.booking_settle(p_booking_id uuid, p_actor_id uuid default null)
returns text
language plpgsql
volatile
security definer -- divides money; not executable by clients
set search_path = ''
as $$
declare
  v_booking market.bookings;
begin
  select * into v_booking from market.bookings as b where b.id = p_booking_id for no key update;
  if v_booking.settled_at is not null or v_booking.moved_at is not null
    or v_booking.status not in ('completed', 'cancelled', 'no_show')
  then
    return 'nothing';
  end if;
  if v_booking.payment_status in ('free', 'pending', 'failed') then
    update market.bookings as b set settled_at = clock_timestamp() where b.id = p_booking_id;
    return 'free';
  end if;
  if v_booking.status = 'cancelled' then
    perform private.ledger_settle_cancelled(
      p_booking_id, v_booking.refund_minor,
      case v_booking.cancelled_by
        when 'administrator' then 'administrator' when 'tutor' then 'cancelled_by_tutor'
        -- Whose account went: all of it back when it was the tutor's.
        when 'system' then case when v_booking.refund_minor = v_booking.price_minor then 'cancelled_by_tutor' else 'cancelled_by_learner' end
        else 'cancelled_by_learner'
      end,
      p_actor_id
    );
  elsif v_booking.no_show_by = 'tutor' then
    update market.bookings as b set refund_minor = b.price_minor where b.id = p_booking_id;
    perform private.ledger_settle_cancelled(p_booking_id, v_booking.price_minor, 'tutor_no_show', p_actor_id);
  else
    perform private.ledger_settle_completed(p_booking_id);
  end if;
  return 'settled';
end;
$$;
comment on function private.booking_settle(uuid, uuid) is
  'Divides the money of a booking that is completed, cancelled or missed: settled, free (there was none), or nothing (done before, or not over).';

create function private.market_cancel_booking(p_booking_id uuid, p_reason text)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_reason text := nullif(private.clean_text(p_reason, 'reason', 0, 500), '');
  v_booking market.bookings;
  v_by text;
begin
  if private.has_role('admin') and not exists (
    select from market.bookings as b where b.id = p_booking_id and v_user_id in (b.learner_id, b.tutor_id)
  ) then
    perform private.require_admin('bookings');
  end if;
  v_booking := private.booking_enter(p_booking_id, v_user_id);
  v_by := coalesce(private.booking_party(v_booking, v_user_id), 'administrator');
  if v_booking.status = 'cancelled' and v_booking.moved_at is null then
    return v_booking;
  end if;
  if v_booking.status = 'hold' and v_by = 'learner' then
    return private.market_release_hold(p_booking_id);
  end if;
  perform private.booking_expect(v_booking, '{scheduled}');
  if v_booking.starts_at <= clock_timestamp() and v_by <> 'administrator' then
    raise sqlstate 'PT409' using
      message = 'booking_started',
      detail = 'It has begun: it cannot be called off any more.',
      hint = 'If the other one does not come: market.report_no_show.';
  end if;
  perform set_config('lyceum.change_reason', case v_by when 'administrator' then coalesce(v_reason, '') else '' end, true);
  update market.bookings as b
  set status = 'cancelled', cancelled_by = v_by, cancelled_at = clock_timestamp(), cancel_reason = v_reason,
    refund_minor = private.booking_refund_now(v_booking, v_by), calendar_sequence = b.calendar_sequence + 1
  where b.id = v_booking.id
  returning * into v_booking;
  perform set_config('lyceum.change_reason', '', true);
  perform private.booking_settle(v_booking.id, v_user_id);
  perform private.booking_tell(v_booking, 'booking_cancelled', p_for)
  from unnest(array['learner', 'tutor']) as p_for where p_for <> v_by;
  select * into v_booking from market.bookings as b where b.id = v_booking.id;
  return v_booking;
end;
$$;
comment on function private.market_cancel_booking(uuid, text) is 'Behind market.cancel_booking.';

create function market.cancel_booking(p_booking_id uuid, p_reason text default null)
returns market.bookings
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_cancel_booking(p_booking_id, p_reason); $$;
comment on function market.cancel_booking(uuid, text) is
  'Calls a booking off before it begins. refund_minor is what goes back: by the policy when the learner calls it off, everything when the tutor (or an administrator) does. A hold is given back. Again changes nothing. Suspended people may, too. Administrators need the permission bookings. Errors: booking_not_found (404), permission_required (403), booking_started, booking_moved, booking_state (409), text_too_long, markup_not_allowed (422).';

revoke execute on function
  private.booking_refund_percent(jsonb, timestamptz, timestamptz), private.booking_refund_now(market.bookings, text),
  private.booking_settle(uuid, uuid), private.market_cancel_booking(uuid, text), market.cancel_booking(uuid, text)
  from public, anon, authenticated;
grant execute on function private.market_cancel_booking(uuid, text), market.cancel_booking(uuid, text) to authenticated;
