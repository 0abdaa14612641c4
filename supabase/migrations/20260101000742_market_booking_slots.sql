-- What stands between a person and a slot: holds that ran out, bookings of others and his own, limits.

create function private.market_expire_holds(p_tutor_id uuid, p_learner_id uuid, p_times tstzrange)
returns void
language plpgsql
volatile
security definer -- ends holds of anybody whose time is over
set search_path = ''
as $$
begin
  -- In one order, and before anything of ours is in anybody's way: two who come upon the same ones do not wait in a circle.
  update market.bookings as b set status = 'expired'
  where b.id = any (array(
    select h.id from market.bookings as h
    where h.status = 'hold' and h.hold_expires_at <= clock_timestamp()
      and (h.tutor_tombstone = p_tutor_id or h.learner_tombstone = p_learner_id)
      and tstzrange(h.blocked_from, h.blocked_to) && p_times
    order by h.id
    for no key update
  ));
end;
$$;
comment on function private.market_expire_holds(uuid, uuid, tstzrange) is
  'Ends holds of a tutor and of a learner that ran out and stand in the way of this time.';

create function private.market_expire_all_holds()
returns text
language plpgsql
volatile
security definer -- ends holds of anybody whose time is over
set search_path = ''
as $$
declare
  v_count integer;
begin
  -- A row that somebody has in hand is left to him.
  update market.bookings as b set status = 'expired'
  where b.id = any (array(
    select h.id from market.bookings as h
    where h.status = 'hold' and h.hold_expires_at <= clock_timestamp()
    order by h.id
    limit 500
    for no key update skip locked
  ));
  get diagnostics v_count = row_count;
  return v_count || ' holds ran out';
end;
$$;
comment on function private.market_expire_all_holds() is 'Scheduled task: ends holds that ran out, 500 at a time.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('market_expire_holds', 'private.market_expire_all_holds', interval '1 minute', 'Ends holds that ran out.');

-- Not on time, because somebody was faster, or because nothing can be booked then at all.
create function private.booking_why_not(p_tutor_id uuid, p_learner_id uuid, p_times tstzrange, p_ignore_chain uuid)
returns text
language sql
stable
security definer -- looks at bookings of others; tells only whose time it is
set search_path = ''
as $$
  select coalesce(
    (
      select 'slot_taken' from market.bookings as b
      where b.tutor_tombstone = p_tutor_id and tstzrange(b.blocked_from, b.blocked_to) && p_times
        and b.status in ('hold', 'scheduled', 'completed', 'no_show') and b.chain_id is distinct from p_ignore_chain
        and (b.status <> 'hold' or b.hold_expires_at > clock_timestamp())
      limit 1
    ),
    (
      select 'learner_busy' from market.bookings as b
      where b.learner_tombstone = p_learner_id and tstzrange(b.blocked_from, b.blocked_to) && p_times
        and b.status in ('hold', 'scheduled', 'completed', 'no_show') and b.chain_id is distinct from p_ignore_chain
        and (b.status <> 'hold' or b.hold_expires_at > clock_timestamp())
      limit 1
    )
  );
$$;
comment on function private.booking_why_not(uuid, uuid, tstzrange, uuid) is
  'slot_taken when the tutor, learner_busy when the learner has a booking in that time; else null.';

create function private.booking_refuse(p_reason text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  case p_reason
    when 'slot_taken' then
      raise sqlstate 'PT409' using
        message = 'slot_taken', detail = 'Another booking holds part of this time.', hint = 'Ask market.free_slots again.';
    when 'learner_busy' then
      raise sqlstate 'PT409' using
        message = 'learner_busy',
        detail = 'You have another session at that time, or a hold on one.',
        hint = 'Choose another time, or cancel the other one.';
    else
      raise sqlstate 'PT409' using
        message = 'slot_unavailable',
        detail = 'Nothing can be booked then: outside the tutor''s hours, too soon, too far ahead, or his day is full.',
        hint = 'Ask market.free_slots again.';
  end case;
end;
$$;
comment on function private.booking_refuse(text) is 'Raises slot_taken, learner_busy or slot_unavailable (409).';

create function private.booking_check_start(p_starts_at timestamptz)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_starts_at is null or not isfinite(p_starts_at) then
    raise sqlstate 'PT422' using
      message = 'start_required', detail = 'A slot has a beginning.', hint = 'Send starts_at of a row of market.free_slots.';
  end if;
  -- Nobody reckons with the ends of the calendar: past what any offer reaches there is no slot.
  if p_starts_at not between now() - interval '1 day' and now() + interval '400 days' then
    perform private.booking_refuse('slot_unavailable');
  end if;
end;
$$;
comment on function private.booking_check_start(timestamptz) is
  'start_required (422), or slot_unavailable (409) for what is past or further away than any offer can be booked.';

-- One at a time for each learner: a retry finds what the first call made, and limits count right. Where a tutor takes only
-- so many a day, one at a time for him, too.
create function private.booking_queue_up(p_learner_id uuid, p_tutor_id uuid)
returns void
language plpgsql
volatile
security definer -- reads the tutor's limit for whoever books
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('market.learner:' || p_learner_id::text, 0));
  if exists (select from market.tutors as t where t.id = p_tutor_id and t.max_bookings_per_day is not null) then
    perform pg_advisory_xact_lock(hashtextextended('market.tutor:' || p_tutor_id::text, 0));
  end if;
end;
$$;
comment on function private.booking_queue_up(uuid, uuid) is 'Waits for other bookings of this learner, and of this tutor if his days are limited.';

-- Beside what one learner can use himself: no tutor's calendar is filled by somebody who never pays.
create function private.booking_check_limits(p_learner_id uuid, p_tutor_id uuid, p_is_hold boolean)
returns void
language plpgsql
stable
security definer -- counts bookings for whoever books
set search_path = ''
as $$
declare
  v_max_holds integer := private.setting_number('market.max_holds');
  v_max_upcoming integer := private.setting_number('market.max_upcoming');
  v_max_unpaid integer := private.setting_number('market.max_unpaid');
  v_max_free integer := private.setting_number('market.max_free_upcoming');
begin
  if p_is_hold and (
    select count(*) from market.bookings as b
    where b.learner_id = p_learner_id and b.status = 'hold' and b.hold_expires_at > clock_timestamp()
  ) >= v_max_holds then
    raise sqlstate 'PT409' using
      message = 'too_many_holds',
      detail = format('You hold %s slots that are not paid for.', v_max_holds),
      hint = 'Pay for them, or give them back with market.release_hold.';
  end if;
  if (
    select count(*) from market.bookings as b
    where b.learner_id = p_learner_id and b.starts_at > clock_timestamp() and b.status in ('hold', 'scheduled')
  ) >= v_max_upcoming then
    raise sqlstate 'PT409' using
      message = 'too_many_bookings',
      detail = format('You have %s sessions before you.', v_max_upcoming),
      hint = 'Book more when some of them are over.';
  end if;
  if p_is_hold and (
    select count(*) from market.bookings as b
    where b.learner_id = p_learner_id and b.tutor_id = p_tutor_id and b.payment_status in ('pending', 'failed')
      and b.created_at > clock_timestamp() - interval '1 day'
  ) >= v_max_unpaid then
    raise sqlstate 'PT409' using
      message = 'too_many_holds',
      detail = format('You have held %s slots of this tutor since yesterday and not paid for them.', v_max_unpaid),
      hint = 'Pay for one that you still hold, or come back tomorrow.';
  end if;
  if not p_is_hold and (
    select count(*) from market.bookings as b
    where b.learner_id = p_learner_id and b.tutor_id = p_tutor_id and b.starts_at > clock_timestamp()
      and b.status = 'scheduled' and b.price_minor = 0
  ) >= v_max_free then
    raise sqlstate 'PT409' using
      message = 'too_many_bookings',
      detail = format('You have %s sessions free of charge with this tutor before you.', v_max_free),
      hint = 'Book more when some of them are over.';
  end if;
end;
$$;
comment on function private.booking_check_limits(uuid, uuid, boolean) is 'Raises too_many_holds or too_many_bookings (409).';

create function private.market_refund_steps(p_policy text)
returns jsonb
language sql
stable
security definer -- policies are read for whoever books
set search_path = ''
as $$
  select coalesce(jsonb_agg(
    jsonb_build_object('hours_before', s.hours_before, 'refund_percent', s.refund_percent) order by s.hours_before desc
  ), '[]')
  from market.cancellation_policy_steps as s where s.policy = p_policy;
$$;
comment on function private.market_refund_steps(text) is 'The steps of a policy as a booking keeps them, most hours first.';

-- The tutor may have closed his calendar since; who pays a few seconds late is not sent away for that.
create function private.booking_may_return(p_booking market.bookings)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.booking_why_not(
    p_booking.tutor_tombstone, p_booking.learner_tombstone, tstzrange(p_booking.blocked_from, p_booking.blocked_to),
    p_booking.chain_id
  ) is null
  and exists (select from core.profiles as p where p.id = p_booking.tutor_id and p.is_active)
  and not exists (
    select from market.out_of_office as o
    where o.tutor_id = p_booking.tutor_id
      and tstzrange(o.starts_at, o.ends_at) && tstzrange(p_booking.starts_at, p_booking.ends_at)
  );
$$;
comment on function private.booking_may_return(market.bookings) is
  'True when the time of a hold that ran out is still nobody''s, and the tutor has not gone away.';

revoke execute on function
  private.booking_may_return(market.bookings),
  private.market_expire_holds(uuid, uuid, tstzrange), private.market_expire_all_holds(),
  private.booking_why_not(uuid, uuid, tstzrange, uuid), private.booking_refuse(text), private.booking_queue_up(uuid, uuid),
  private.booking_check_limits(uuid, uuid, boolean), private.booking_check_start(timestamptz), private.market_refund_steps(text)
  from public, anon, authenticated;
