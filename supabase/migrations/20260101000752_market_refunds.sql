-- Giving money back, and the two ways in which a booking is settled. A refund is a row; the ledger follows it, and a job
-- sends it. What could not be sent is still owed.

create function private.ledger_refund(
  p_payment market.payments, p_amount_minor bigint, p_reason text, p_key text, p_actor uuid default null, p_note text default ''
)
returns uuid
language plpgsql
volatile
security definer -- writes refunds; whoever calls has locked the chain
set search_path = ''
as $$
declare
  v_id uuid;
  v_given bigint;
begin
  select r.id into v_id from market.refunds as r where r.idempotency_key = p_key;
  if found then
    return v_id;
  end if;
  select coalesce(sum(r.amount_minor), 0) into v_given
  from market.refunds as r where r.payment_id = p_payment.id and r.status <> 'cancelled';
  if p_payment.status <> 'captured' or p_amount_minor is null or p_amount_minor < 1
    or v_given + p_amount_minor > p_payment.amount_minor
  then
    raise sqlstate 'PT409' using
      message = 'refund_too_large',
      detail = format('%s of %s are left to be given back.', p_payment.amount_minor - v_given, p_payment.amount_minor),
      hint = 'Give back at most what is left.';
  end if;
  insert into market.refunds (payment_id, amount_minor, reason, requested_by, note, idempotency_key)
  values (p_payment.id, p_amount_minor, p_reason, p_actor, p_note, p_key)
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.ledger_refund(market.payments, bigint, text, text, uuid, text) is
  'Makes a refund of a captured payment, once for each key; never more than was paid: refund_too_large (409). private.ledger_settle books it, private.ledger_send_refunds sends it.';

create function private.ledger_cancel_refund(p_refund_id uuid)
returns void
language sql
volatile
security definer -- writes refunds; whoever calls has locked the chain
set search_path = ''
as $$
  update market.refunds as r set status = 'cancelled', finished_at = clock_timestamp() where r.id = p_refund_id;
$$;

create function private.ledger_send_refunds(p_chain_id uuid)
returns void
language plpgsql
volatile
security definer -- enqueues jobs
set search_path = ''
as $$
begin
  -- While a bank decides, a provider refuses; and it may decide that nothing is owed.
  perform ops.enqueue_job('market.send_refund', jsonb_build_object('refund_id', r.id), r.id, r.id || ':' || r.attempt)
  from market.refunds as r join market.payments as p on p.id = r.payment_id
  where p.chain_id = p_chain_id and r.status = 'pending'
    and not exists (select from market.disputes as d where d.payment_id = p.id and d.status = 'open');
end;
$$;
comment on function private.ledger_send_refunds(uuid) is 'A job for every refund of a chain that waits to be sent.';

create function private.ledger_finish(p_chain_id uuid)
returns void
language plpgsql
volatile
security definer -- writes the ledger; whoever calls has locked the chain
set search_path = ''
as $$
declare
  v_booking market.bookings;
begin
  select b.* into v_booking from market.bookings as b
  where b.chain_id = p_chain_id and not exists (select from market.bookings as n where n.rescheduled_from_id = b.id);
  perform private.ledger_settle(v_booking);
  perform private.ledger_send_refunds(p_chain_id);
end;
$$;
comment on function private.ledger_finish(uuid) is 'After a change of a chain''s rows: the ledger follows, refunds are sent.';

-- The learner gets p_due_minor of what he paid, less what he was given already.
create function private.ledger_give_back(
  p_payment market.payments, p_due_minor bigint, p_reason text, p_actor uuid
)
returns void
language plpgsql
volatile
security definer -- writes refunds; whoever calls has locked the chain
set search_path = ''
as $$
declare
  v_given bigint;
  v_times integer;
begin
  v_given := private.ledger_given(p_payment.id);
  select count(*) into v_times from market.refunds as r where r.payment_id = p_payment.id;
  if least(p_due_minor, p_payment.amount_minor) > v_given then
    perform private.ledger_refund(
      p_payment, least(p_due_minor, p_payment.amount_minor) - v_given, p_reason,
      format('%s:%s:%s', p_reason, p_payment.id, v_times + 1), p_actor
    );
  end if;
end;
$$;

create function private.ledger_settle_cancelled(p_booking_id uuid, p_refund_minor bigint, p_reason text, p_actor uuid)
returns void
language plpgsql
volatile
security definer -- moves money for whoever may cancel; the caller has checked that
set search_path = ''
as $$
declare
  v_booking market.bookings;
  v_payment market.payments;
begin
  select b.* into v_booking from market.bookings as b where b.id = p_booking_id for no key update;
  if v_booking.settled_at is not null then
    return;
  end if;
  if v_booking.moved_at is not null
    or not (v_booking.status = 'cancelled' or v_booking.status = 'no_show' and v_booking.no_show_by = 'tutor')
  then
    raise sqlstate 'PT409' using
      message = 'booking_not_cancelled',
      detail = 'Only what is called off, or what the tutor did not come to, is settled like this.',
      hint = 'Cancel it first.';
  end if;
  perform private.ledger_lock_chain(v_booking.chain_id);
  update market.bookings as b set settled_at = clock_timestamp() where b.id = p_booking_id;
  select p.* into v_payment from market.payments as p where p.chain_id = v_booking.chain_id and p.is_kept;
  if found then
    perform private.ledger_give_back(v_payment, p_refund_minor, p_reason, p_actor);
    perform private.ledger_finish(v_booking.chain_id);
  end if;
end;
$$;
comment on function private.ledger_settle_cancelled(uuid, bigint, text, uuid) is
  'Settles a booking that was called off (or that the tutor did not come to): p_refund_minor of its price goes back, the rest is divided. Idempotent: once settled, nothing happens.';

create function private.ledger_settle_completed(p_booking_id uuid)
returns void
language plpgsql
volatile
security definer -- moves money for whoever may complete; the caller has checked that
set search_path = ''
as $$
declare
  v_booking market.bookings;
  v_payment market.payments;
begin
  select b.* into v_booking from market.bookings as b where b.id = p_booking_id for no key update;
  if v_booking.status is null or v_booking.status not in ('completed', 'no_show') then
    raise sqlstate 'PT409' using
      message = 'booking_not_completed',
      detail = 'Only what took place, or what somebody did not come to, is settled like this.',
      hint = 'Complete it first.';
  end if;
  if v_booking.settled_at is not null then
    return;
  end if;
  perform private.ledger_lock_chain(v_booking.chain_id);
  update market.bookings as b set settled_at = clock_timestamp() where b.id = p_booking_id;
  select p.* into v_payment from market.payments as p where p.chain_id = v_booking.chain_id and p.is_kept;
  if found then
    if v_booking.no_show_by = 'tutor' then
      perform private.ledger_give_back(v_payment, v_payment.amount_minor, 'tutor_no_show', null);
    end if;
    perform private.ledger_finish(v_booking.chain_id);
  end if;
end;
$$;
comment on function private.ledger_settle_completed(uuid) is
  'Settles a booking that took place, or that somebody did not come to: the tutor earns, or (he did not come) all goes back. Idempotent: once settled, nothing happens.';

-- How much has been given of a payment, one way or the other.
create function private.ledger_given(p_payment_id uuid)
returns bigint
language sql
volatile
security definer -- reads for the functions of the ledger
set search_path = ''
as $$
  select (
    (select coalesce(sum(r.amount_minor), 0) from market.refunds as r where r.payment_id = p_payment_id and r.status <> 'cancelled')
    + (select coalesce(sum(d.amount_minor), 0) from market.disputes as d where d.payment_id = p_payment_id and d.status = 'lost')
  )::bigint;
$$;

create function private.ledger_make_room(p_payment market.payments, p_amount_minor bigint)
returns void
language plpgsql
volatile
security definer -- writes refunds; whoever calls has locked the chain
set search_path = ''
as $$
declare
  v_excess bigint := private.ledger_given(p_payment.id) + p_amount_minor - p_payment.amount_minor;
  v_refund market.refunds;
begin
  for v_refund in
    select r.* from market.refunds as r
    where r.payment_id = p_payment.id and (r.status = 'failed' or r.status = 'pending' and r.sending_at is null)
    order by r.created_at desc, r.id
  loop
    exit when v_excess <= 0;
    perform private.ledger_cancel_refund(v_refund.id);
    if v_refund.amount_minor > v_excess then
      perform private.ledger_refund(
        p_payment, v_refund.amount_minor - v_excess, v_refund.reason, 'rest:' || v_refund.id, v_refund.requested_by, v_refund.note
      );
    end if;
    v_excess := v_excess - v_refund.amount_minor;
  end loop;
end;
$$;
comment on function private.ledger_make_room(market.payments, bigint) is
  'What a learner has been given in another way (by his bank, or by hand at the provider) is no longer owed to him: refunds that were not sent are cancelled as far as all together exceed what he paid.';

revoke execute on function
  private.ledger_refund(market.payments, bigint, text, text, uuid, text), private.ledger_cancel_refund(uuid),
  private.ledger_send_refunds(uuid), private.ledger_finish(uuid), private.ledger_give_back(market.payments, bigint, text, uuid),
  private.ledger_settle_cancelled(uuid, bigint, text, uuid), private.ledger_settle_completed(uuid),
  private.ledger_given(uuid), private.ledger_make_room(market.payments, bigint)
  from public, anon, authenticated;
