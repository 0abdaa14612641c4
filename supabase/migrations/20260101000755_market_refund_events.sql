-- News of refunds and disputes. See market_payment_events: each event once, any order, what does not fit is flagged.

create function private.payment_refunded(p_provider text, p_data jsonb, p_is_success boolean)
returns text
language plpgsql
volatile
security definer -- writes refunds for a verified event
set search_path = ''
as $$
declare
  v_amount bigint := private.payment_amount(p_data);
  v_provider_refund_id text := private.payment_text(p_data, 'provider_refund_id');
  v_payment market.payments;
  v_refund market.refunds;
  v_code text := left(coalesce(p_data ->> 'failure_code', 'unknown'), 100);
begin
  if v_provider_refund_id is null then
    raise sqlstate 'PT422' using
      message = 'event_invalid', detail = 'provider_refund_id is missing.', hint = 'Normalise the event first.';
  end if;
  select r.* into v_refund from market.refunds as r join market.payments as p on p.id = r.payment_id
  where p.provider = p_provider and (
    r.id = private.payment_uuid(p_data, 'refund_id') or r.provider_refund_id = v_provider_refund_id
    or v_provider_refund_id = any (r.past_provider_refund_ids)
  )
  order by r.id = private.payment_uuid(p_data, 'refund_id') desc nulls last
  limit 1;
  if v_refund.id is not null then
    select p.* into v_payment from market.payments as p where p.id = v_refund.payment_id;
    perform private.payment_lock(v_payment.chain_id);
  else
    v_payment := private.payment_find(p_provider, p_data - 'refund_id');
    if v_payment.id is null then
      return 'ids_disagree';
    end if;
    -- Made at the provider by hand: heard of by another delivery while we waited, or perhaps in the place of one that we
    -- owe and could not send.
    select r.* into v_refund from market.refunds as r
    where r.payment_id = v_payment.id and (
      r.provider_refund_id = v_provider_refund_id or v_provider_refund_id = any (r.past_provider_refund_ids)
      or p_is_success and r.amount_minor = v_amount and (r.status = 'failed' or r.status = 'pending' and r.sending_at is null)
    )
    order by r.provider_refund_id = v_provider_refund_id desc nulls last,
      v_provider_refund_id = any (r.past_provider_refund_ids) desc, r.status, r.created_at
    limit 1;
  end if;
  if p_data ->> 'currency' is distinct from v_payment.currency
    or v_payment.provider_payment_id <> private.payment_text(p_data, 'provider_payment_id')
  then
    return private.payment_flag(v_payment.id, 'refund_mismatch');
  end if;
  if v_refund.id is null then
    if not p_is_success then
      return 'ignored';
    end if;
    if v_payment.status <> 'captured' or v_amount < 1 or v_amount > v_payment.amount_minor - (
      select coalesce(sum(r.amount_minor), 0) from market.refunds as r
      where r.payment_id = v_payment.id and (r.status in ('sent', 'succeeded') or r.status = 'pending' and r.sending_at is not null)
    ) then
      return private.payment_flag(v_payment.id, 'refund_unknown');
    end if;
    perform private.ledger_make_room(v_payment, v_amount);
    insert into market.refunds (payment_id, amount_minor, reason, status, finished_at, provider_refund_id, idempotency_key)
    values (
      v_payment.id, v_amount, 'provider', 'succeeded', clock_timestamp(), v_provider_refund_id,
      format('provider:%s:%s', p_provider, v_provider_refund_id)
    );
    perform private.ledger_finish(v_payment.chain_id);
    return null;
  end if;

  select r.* into v_refund from market.refunds as r where r.id = v_refund.id; -- as it is, now that the chain is locked
  if v_provider_refund_id = any (v_refund.past_provider_refund_ids) then
    return 'ignored';
  end if;
  if v_refund.status = 'cancelled' or v_refund.amount_minor <> v_amount or v_refund.provider_refund_id <> v_provider_refund_id
    and not (v_refund.status = 'failed' and p_is_success)
  then
    return private.payment_flag(v_payment.id, 'refund_mismatch');
  end if;
  if p_is_success then
    -- A provider says that a refund has failed after it has said that it went through, never the other way round.
    if v_refund.status = 'succeeded' or v_refund.status = 'failed' and v_refund.provider_refund_id = v_provider_refund_id then
      return null;
    end if;
    update market.refunds as r
    set status = 'succeeded', finished_at = clock_timestamp(), provider_refund_id = v_provider_refund_id, failure_code = null,
      attempt = case when r.status = 'failed' then r.attempt + 1 else r.attempt end,
      past_provider_refund_ids = case
        when r.provider_refund_id <> v_provider_refund_id then r.past_provider_refund_ids || r.provider_refund_id
        else r.past_provider_refund_ids
      end
    where r.id = v_refund.id;
    update market.payments as p set flag = null where p.id = v_payment.id and p.flag in ('refund_failed', 'refund_outcome_unknown');
    perform private.notify(
      b.learner_id, 'refund_sent', 'success', 'Your money is on its way back', b.title,
      jsonb_build_object('booking_id', b.id, 'refund_id', v_refund.id)
    ) from market.bookings as b where b.id = v_payment.booking_id;
  else
    update market.refunds as r
    set status = 'failed', finished_at = clock_timestamp(), provider_refund_id = v_provider_refund_id, failure_code = v_code
    where r.id = v_refund.id and r.status <> 'failed';
    perform private.payment_flag(v_payment.id, 'refund_failed');
  end if;
  perform private.ledger_finish(v_payment.chain_id);
  return null;
end;
$$;
comment on function private.payment_refunded(text, jsonb, boolean) is
  'A refund went through or failed. One that failed is still owed. One that was made at the provider by hand is booked like our own.';

create function private.payment_disputed(p_provider text, p_data jsonb, p_status text)
returns text
language plpgsql
volatile
security definer -- writes disputes for a verified event
set search_path = ''
as $$
declare
  v_amount bigint := private.payment_amount(p_data);
  v_provider_dispute_id text := private.payment_text(p_data, 'provider_dispute_id');
  v_dispute market.disputes;
  v_payment market.payments;
begin
  if v_provider_dispute_id is null or p_status is null or p_status not in ('open', 'won', 'lost') then
    raise sqlstate 'PT422' using
      message = 'event_invalid',
      detail = 'provider_dispute_id is missing, or the outcome is not won or lost.',
      hint = 'Normalise the event first.';
  end if;
  v_payment := private.payment_find(p_provider, p_data);
  if v_payment.id is null then
    return 'ids_disagree';
  end if;
  if v_payment.status <> 'captured' then
    raise sqlstate 'PT404' using
      message = 'payment_not_found',
      detail = 'The payment was not captured (yet).',
      hint = 'Deliver the event again later.';
  end if;
  select d.* into v_dispute from market.disputes as d where d.provider_dispute_id = v_provider_dispute_id;
  if (v_dispute.payment_id, v_dispute.amount_minor) <> (v_payment.id, v_amount)
    or v_amount not between 1 and v_payment.amount_minor or p_data ->> 'currency' is distinct from v_payment.currency
    or v_dispute.status <> 'open' and p_status <> 'open' and v_dispute.status <> p_status
  then
    return private.payment_flag(v_payment.id, 'dispute_mismatch');
  end if;
  if v_dispute.status = p_status or v_dispute.status <> 'open' then
    return null;
  end if;
  insert into market.disputes as d (payment_id, provider_dispute_id, amount_minor, status, reason, closed_at)
  values (
    v_payment.id, v_provider_dispute_id, v_amount, p_status, left(p_data ->> 'reason', 100),
    case when p_status <> 'open' then clock_timestamp() end
  )
  on conflict (provider_dispute_id) do update set status = excluded.status, closed_at = excluded.closed_at;
  if p_status = 'lost' then
    perform private.ledger_make_room(v_payment, 0);
  end if;
  perform private.ledger_finish(v_payment.chain_id);
  perform private.notify(
    b.tutor_id, 'payment_disputed', 'warning',
    case p_status when 'open' then 'A payment is disputed' when 'won' then 'A dispute was won' else 'A dispute was lost' end,
    case p_status
      when 'open' then 'The money of this session waits until the bank has decided.'
      when 'won' then 'The money of this session is yours again.'
      else 'The bank has given the money of this session back to the learner.'
    end,
    jsonb_build_object('booking_id', b.id)
  ) from market.bookings as b where b.id = v_payment.booking_id;
  return null;
end;
$$;
comment on function private.payment_disputed(text, jsonb, text) is
  'A learner''s bank has taken money back until it decides (open), and then gives it to us (won) or to him (lost). The end may be heard of before the beginning.';

revoke execute on function private.payment_refunded(text, jsonb, boolean), private.payment_disputed(text, jsonb, text)
  from public, anon, authenticated;
