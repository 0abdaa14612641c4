-- Helpers for the tests of market: a tutor with an open week, an offer, a booking in any state, paid for along the real path.

-- A tutor who is free all day, every day, on his clock.
create function tests.tutor(p_email text, p_zone text default 'UTC')
returns uuid
language plpgsql
as $$
declare
  v_id uuid := tests.create_user(p_email, '{expert}');
begin
  update core.profiles set time_zone = p_zone where id = v_id;
  update core.experts set time_zone = p_zone, currency = 'EUR' where id = v_id;
  insert into market.tutors (id, accepts_bookings, default_meeting_link) values (v_id, true, 'https://meet.test/' || v_id);
  insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
  select v_id, d, '00:00', '24:00' from generate_series(1, 7) as d;
  return v_id;
end;
$$;

create function tests.offer(
  p_tutor_id uuid, p_price_minor bigint default 0, p_minutes integer default 60, p_policy text default 'moderate',
  p_buffer integer default 0
)
returns uuid
language sql
as $$
  insert into market.offers (
    tutor_id, title, duration_minutes, price_minor, currency, minimum_notice_minutes, booking_window_days, slot_step_minutes,
    cancellation_policy, buffer_before_minutes, buffer_after_minutes
  )
  values (p_tutor_id, 'An hour', p_minutes, p_price_minor, 'EUR', 0, 365, 30, p_policy, p_buffer, p_buffer)
  returning id;
$$;

-- A whole hour, so many from now: always a slot of tests.tutor.
create function tests.hour(p_hours integer)
returns timestamptz
language sql
as $$ select date_trunc('hour', now()) + p_hours * interval '1 hour'; $$;

-- A booking as if its learner had held it, with any start (in the past, too), and moved along to a state. What costs
-- something is paid for through market.record_payment_event. That is refused for what has begun: so it is made for ten
-- years later, and put back, past the trigger that keeps its terms.
create function tests.booking(p_offer_id uuid, p_learner_id uuid, p_starts_at timestamptz, p_status text default 'scheduled')
returns uuid
language plpgsql
as $$
declare
  v_id uuid := gen_random_uuid();
  v_shift interval := case when p_starts_at <= now() then interval '10 years' else '0' end;
begin
  perform tests.as_owner();
  insert into market.bookings (
    id, chain_id, offer_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, topic_id, starts_at, ends_at,
    blocked_from, blocked_to, status, hold_expires_at, price_minor, currency, commission_rate_bp, commission_minor,
    cancellation_policy, refund_steps, payment_status, idempotency_key
  )
  select
    v_id, v_id, o.id, o.tutor_id, o.tutor_id, p_learner_id, p_learner_id, o.title, o.topic_id,
    p_starts_at + v_shift, p_starts_at + v_shift + make_interval(mins => o.duration_minutes),
    p_starts_at + v_shift - make_interval(mins => o.buffer_before_minutes),
    p_starts_at + v_shift + make_interval(mins => o.duration_minutes + o.buffer_after_minutes),
    'hold', now() + interval '15 minutes', o.price_minor, o.currency, 1500, o.price_minor * 1500 / 10000,
    o.cancellation_policy, private.market_refund_steps(o.cancellation_policy),
    case o.price_minor when 0 then 'free' else 'pending' end, 'test:' || v_id
  from market.offers as o where o.id = p_offer_id;
  if p_status in ('scheduled', 'completed', 'cancelled', 'no_show', 'tutor_no_show') then
    perform tests.pay(v_id);
  end if;
  if v_shift <> '0' then
    perform tests.shift(v_id, -v_shift);
    delete from ops.queue_items where resource_id = v_id;
  end if;
  perform tests.drive(v_id, p_status);
  return v_id;
end;
$$;

-- To another time, which no function would do.
create function tests.shift(p_booking_id uuid, p_by interval)
returns void
language plpgsql
as $$
begin
  perform set_config('session_replication_role', 'replica', true);
  update market.bookings
  set starts_at = starts_at + p_by, ends_at = ends_at + p_by, blocked_from = blocked_from + p_by, blocked_to = blocked_to + p_by
  where id = p_booking_id;
  perform set_config('session_replication_role', 'origin', true);
end;
$$;

create function tests.checkout(p_booking_id uuid)
returns uuid
language plpgsql
as $$
declare
  v_learner uuid := (select learner_id from market.bookings where id = p_booking_id);
  v_payment uuid := (market.begin_checkout(p_booking_id, v_learner, 'local') ->> 'payment_id')::uuid;
begin
  perform market.attach_checkout(v_payment, 'cs_' || v_payment, 'https://pay.test/' || v_payment, now() + interval '30 minutes');
  return v_payment;
end;
$$;

-- The provider says that the checkout was paid.
create function tests.capture(p_payment_id uuid)
returns text
language sql
as $$
  select market.record_payment_event('local', 'evt_' || p.id, 'payment_captured', jsonb_build_object(
    'payment_id', p.id, 'checkout_id', p.checkout_id, 'provider_payment_id', 'pi_' || p.id, 'amount_minor', p.amount_minor,
    'currency', p.currency
  ), now())
  from market.payments as p where p.id = p_payment_id;
$$;

-- What is free becomes scheduled without.
create function tests.pay(p_booking_id uuid)
returns text
language plpgsql
as $$
begin
  if (select price_minor > 0 from market.bookings where id = p_booking_id) then
    return tests.capture(tests.checkout(p_booking_id));
  end if;
  update market.bookings set status = 'scheduled' where id = p_booking_id and status = 'hold';
  return 'free';
end;
$$;

create function tests.drive(p_booking_id uuid, p_status text)
returns void
language plpgsql
as $$
begin
  case p_status
    when 'completed' then
      update market.bookings set status = 'completed', completed_at = now() where id = p_booking_id;
    when 'cancelled' then
      update market.bookings
      set status = 'cancelled', cancelled_at = now(), cancelled_by = 'tutor', refund_minor = price_minor
      where id = p_booking_id;
    when 'no_show', 'tutor_no_show' then
      update market.bookings
      set status = 'no_show', no_show_at = now(), no_show_by = case p_status when 'no_show' then 'learner' else 'tutor' end
      where id = p_booking_id;
    when 'expired' then
      update market.bookings set hold_expires_at = now() - interval '1 minute' where id = p_booking_id;
      update market.bookings set status = 'expired' where id = p_booking_id;
    else
      return;
  end case;
  -- A no-show waits before its money is divided.
  if p_status in ('completed', 'cancelled') then
    perform private.booking_settle(p_booking_id);
  end if;
end;
$$;

-- A job of the queue about this booking, leased, as if a worker had claimed it.
create function tests.booking_lease(p_booking_id uuid, p_job_type text)
returns ops.queue_items
language sql
as $$
  update ops.queue_items
  set status = 'processing', attempts = attempts + 1, leased_by = 'test', lease_token = nextval('ops.lease_tokens'),
    lease_expires_at = now() + interval '5 minutes'
  where id = (
    select id from ops.queue_items where resource_id = p_booking_id and job_type = p_job_type order by run_at, id limit 1
  )
  returning *;
$$;

grant execute on all functions in schema tests to public;
