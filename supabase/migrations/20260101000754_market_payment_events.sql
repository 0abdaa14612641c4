-- News of payments from the provider. The function payments-webhook has verified the signature over the raw body; here each
-- event counts once, in one transaction with its consequences. Order does not matter: a capture is honoured whatever was
-- heard before it, and what is heard after it and is older changes nothing. What does not fit what we know moves no money:
-- it is flagged for administrators.
--
-- Each handler returns null (done, or nothing to do), 'ignored', or the flag that it has set.

create function private.payment_text(p_data jsonb, p_key text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_text text := p_data ->> p_key;
begin
  if v_text is not null and (jsonb_typeof(p_data -> p_key) not in ('string', 'number') or length(v_text) not between 1 and 255) then
    raise sqlstate 'PT422' using
      message = 'event_invalid',
      detail = format('%s is no text of 1 to 255 characters.', p_key),
      hint = 'Normalise the event first.';
  end if;
  return v_text;
end;
$$;

create function private.payment_uuid(p_data jsonb, p_key text)
returns uuid
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when private.payment_text(p_data, p_key) ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then (p_data ->> p_key)::uuid
  end;
$$;

create function private.payment_amount(p_data jsonb)
returns bigint
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if jsonb_typeof(p_data -> 'amount_minor') is distinct from 'number' or p_data ->> 'amount_minor' !~ '^[0-9]{1,15}$'
    or private.payment_text(p_data, 'currency') is null
  then
    raise sqlstate 'PT422' using
      message = 'event_invalid',
      detail = 'amount_minor is a whole number of minor units, with a currency.',
      hint = 'Normalise the event first.';
  end if;
  return (p_data ->> 'amount_minor')::bigint;
end;
$$;
comment on function private.payment_amount(jsonb) is 'The amount of an event in minor units; event_invalid (422) for anything but a whole number with a currency.';

create function private.payment_flag(p_payment_id uuid, p_flag text)
returns text
language plpgsql
volatile
security definer -- flags for administrators, and tells them
set search_path = ''
as $$
declare
  v_admin_id uuid;
begin
  update market.payments as p set flag = p_flag where p.id = p_payment_id and p.flag is distinct from p_flag;
  if found then
    for v_admin_id in select r.user_id from core.user_roles as r where r.role = 'admin' order by r.user_id loop
      perform private.notify(
        v_admin_id, 'payment_flagged', 'error', 'A payment needs a look', p_flag, jsonb_build_object('payment_id', p_payment_id),
        null, 'payment_flagged'
      );
    end loop;
  end if;
  return p_flag;
end;
$$;
comment on function private.payment_flag(uuid, text) is 'Marks a payment for administrators and tells them, once for each reason. Returns the reason.';

create function private.payment_lock(p_chain_id uuid)
returns void
language plpgsql
volatile
security definer -- locks rows
set search_path = ''
as $$
begin
  -- People before bookings, as everywhere: whoever is being deleted holds his profile, and then reaches for his bookings.
  perform from core.profiles as p
  where p.id in (
    select unnest(array[b.tutor_id, b.learner_id]) from market.bookings as b where b.chain_id = p_chain_id
  )
  order by p.id for key share;
  perform private.ledger_lock_chain(p_chain_id);
end;
$$;
comment on function private.payment_lock(uuid) is 'Locks what an event of a payment touches: both people, the chain''s last booking, its payments.';

create function private.payment_find(p_provider text, p_data jsonb)
returns market.payments
language plpgsql
volatile
security definer -- reads and locks payments for the events
set search_path = ''
as $$
declare
  v_payment_id uuid := private.payment_uuid(p_data, 'payment_id');
  v_checkout_id text := private.payment_text(p_data, 'checkout_id');
  v_provider_payment_id text := private.payment_text(p_data, 'provider_payment_id');
  v_ids uuid[];
  v_payment market.payments;
begin
  v_ids := array(
    select p.id from market.payments as p
    where p.provider = p_provider
      and (p.id = v_payment_id or p.checkout_id = v_checkout_id or p.provider_payment_id = v_provider_payment_id)
    order by p.id
  );
  if cardinality(v_ids) = 0 then
    raise sqlstate 'PT404' using
      message = 'payment_not_found',
      detail = 'No payment is known by these ids (yet).',
      hint = 'Deliver the event again later.';
  end if;
  select p.* into v_payment from market.payments as p where p.id = v_ids[1];
  perform private.payment_lock(v_payment.chain_id);
  select p.* into v_payment from market.payments as p where p.id = v_ids[1];
  if cardinality(v_ids) > 1 or v_payment.id <> v_payment_id or v_payment.checkout_id <> v_checkout_id
    or v_payment.provider_payment_id <> v_provider_payment_id
  then
    perform private.payment_flag(i.id, 'ids_disagree') from unnest(v_ids) as i (id);
    return null;
  end if;
  return v_payment;
end;
$$;
comment on function private.payment_find(text, jsonb) is
  'The payment that an event is about, by our id, its checkout''s or its own; its chain is locked. Null, and flagged, when the ids disagree. payment_not_found (404).';

create function private.payment_captured(p_provider text, p_data jsonb)
returns text
language plpgsql
volatile
security definer -- takes money in for a verified event
set search_path = ''
as $$
declare
  v_amount bigint := private.payment_amount(p_data);
  v_payment market.payments := private.payment_find(p_provider, p_data);
  v_answer text := 'already';
begin
  if v_payment.id is null then
    return 'ids_disagree';
  end if;
  if (v_amount, p_data ->> 'currency') is distinct from (v_payment.amount_minor, v_payment.currency) then
    return private.payment_flag(v_payment.id, 'amount_mismatch');
  end if;
  if private.payment_text(p_data, 'provider_payment_id') is null then
    return private.payment_flag(v_payment.id, 'ids_missing');
  end if;
  if v_payment.status = 'captured' then
    return null;
  end if;
  update market.payments as p
  set status = 'captured', captured_at = clock_timestamp(), failure_code = null,
    provider_payment_id = p_data ->> 'provider_payment_id', checkout_id = coalesce(p.checkout_id, p_data ->> 'checkout_id')
  where p.id = v_payment.id
  returning * into v_payment;
  if not exists (select from market.payments as p where p.chain_id = v_payment.chain_id and p.is_kept) then
    v_answer := private.booking_confirm_paid(v_payment.booking_id);
  end if;
  if v_answer = 'scheduled' then
    update market.payments as p set is_kept = true where p.id = v_payment.id;
  else
    perform private.ledger_refund(
      v_payment, v_payment.amount_minor, case v_answer when 'already' then 'paid_twice' else 'slot_gone' end,
      'whole:' || v_payment.id
    );
    perform private.notify(
      b.learner_id, 'payment_returned', 'warning', 'Your payment is on its way back',
      case v_answer when 'already' then 'This session was paid for already.' else 'The time was no longer free when it arrived.' end,
      jsonb_build_object('booking_id', b.id, 'payment_id', v_payment.id)
    ) from market.bookings as b where b.id = v_payment.booking_id;
  end if;
  perform private.ledger_finish(v_payment.chain_id);
  return null;
end;
$$;
comment on function private.payment_captured(text, jsonb) is
  'Money has arrived. It pays for the hold (also one that has just expired, while its time is free); else all of it goes back: slot_gone or paid_twice.';

create function private.payment_ended(p_provider text, p_data jsonb, p_status text)
returns text
language plpgsql
volatile
security definer -- writes payments for a verified event
set search_path = ''
as $$
declare
  v_payment market.payments := private.payment_find(p_provider, p_data);
begin
  if v_payment.id is null then
    return 'ids_disagree';
  end if;
  update market.payments as p
  set status = p_status, failure_code = coalesce(left(p_data ->> 'failure_code', 100), p.failure_code),
    checkout_id = coalesce(p.checkout_id, p_data ->> 'checkout_id')
  where p.id = v_payment.id and p.status in ('created', 'open');
  if found and p_status = 'failed' then
    update market.bookings as b set payment_status = 'failed'
    where b.id = v_payment.booking_id and b.status = 'hold' and b.payment_status = 'pending';
  end if;
  return null;
end;
$$;
comment on function private.payment_ended(text, jsonb, text) is 'A payment failed or its checkout expired: it is over, unless it was captured.';

revoke execute on function
  private.payment_text(jsonb, text), private.payment_uuid(jsonb, text), private.payment_amount(jsonb),
  private.payment_flag(uuid, text), private.payment_lock(uuid), private.payment_find(text, jsonb),
  private.payment_captured(text, jsonb), private.payment_ended(text, jsonb, text)
  from public, anon, authenticated;
