-- The door for verified events, what people see of money, and what administrators do.

create function private.payment_event(p_provider text, p_event_id text, p_type text, p_data jsonb, p_occurred_at timestamptz)
returns text
language plpgsql
volatile
security definer -- the one door of verified events
set search_path = ''
as $$
declare
  v_id uuid;
  v_answer text;
begin
  if p_provider is null or p_provider not in ('stripe', 'local') or nullif(p_event_id, '') is null
    or jsonb_typeof(p_data) is distinct from 'object'
  then
    raise sqlstate 'PT422' using
      message = 'event_invalid', detail = 'The provider, the event''s id or its data is missing.', hint = 'Normalise the event first.';
  end if;
  v_id := ops.receive_webhook(p_provider, p_event_id, p_type, p_data || jsonb_build_object('occurred_at', p_occurred_at));
  if v_id is null then
    return 'repeated';
  end if;
  v_answer := case p_type
    when 'payment_captured' then private.payment_captured(p_provider, p_data)
    when 'payment_failed' then private.payment_ended(p_provider, p_data, 'failed')
    when 'checkout_expired' then private.payment_ended(p_provider, p_data, 'expired')
    when 'refund_succeeded' then private.payment_refunded(p_provider, p_data, true)
    when 'refund_failed' then private.payment_refunded(p_provider, p_data, false)
    when 'dispute_opened' then private.payment_disputed(p_provider, p_data, 'open')
    when 'dispute_closed' then private.payment_disputed(p_provider, p_data, coalesce(p_data ->> 'outcome', 'none'))
    when 'payout_paid' then private.payout_news(p_provider, p_data, true)
    when 'payout_failed' then private.payout_news(p_provider, p_data, false)
    when 'account_updated' then private.payout_account_news(p_provider, p_data, p_occurred_at)
    else 'ignored'
  end;
  if v_answer is null then
    perform ops.finish_webhook(v_id, 'processed');
    return 'processed';
  elsif v_answer = 'ignored' then
    perform ops.finish_webhook(v_id, 'ignored');
    return 'ignored';
  end if;
  perform ops.finish_webhook(v_id, 'failed', v_answer);
  return 'failed';
end;
$$;

create function market.record_payment_event(
  p_provider text, p_event_id text, p_type text, p_data jsonb, p_occurred_at timestamptz
)
returns text language sql volatile security invoker set search_path = ''
as $$ select private.payment_event(p_provider, p_event_id, p_type, p_data, p_occurred_at); $$;
comment on function market.record_payment_event(text, text, text, jsonb, timestamptz) is
  'For services: an event of the provider whose signature was verified, with all that follows from it: processed, repeated (this very event was before), ignored (of no concern), or failed (it does not fit what we know: no money moved, the payment is flagged). Errors, after which the event is to be delivered again: payment_not_found (404), event_invalid (422).';

create function private.payment_refuse_own(variadic p_people uuid[])
returns void
language plpgsql
volatile
security definer -- asked by RPCs of administrators
set search_path = ''
as $$
begin
  if (select auth.uid()) = any (p_people) then
    raise sqlstate 'PT403' using
      message = 'own_content', detail = 'Nobody decides about his own money.', hint = 'Ask another administrator.';
  end if;
end;
$$;
comment on function private.payment_refuse_own(uuid[]) is 'own_content (403) when the caller is one of these people.';
revoke execute on function private.payment_refuse_own(uuid[]) from public, anon, authenticated;

create function private.payment_refund_booking(p_booking_id uuid, p_amount_minor bigint, p_reason text, p_idempotency_key text)
returns market.refunds
language plpgsql
volatile
security definer -- gives money back for an administrator
set search_path = ''
as $$
declare
  v_actor uuid := private.require_admin('payments');
  v_note text := private.clean_text(p_reason, 'reason', 3, 500);
  v_booking market.bookings;
  v_payment market.payments;
  v_id uuid;
  v_refund market.refunds;
begin
  if p_idempotency_key is null or length(p_idempotency_key) not between 8 and 200 then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_required',
      detail = 'A key of 8 to 200 characters tells a retry from a second refund.',
      hint = 'Send a new random key with each new refund.';
  end if;
  select b.* into v_booking from market.bookings as b where b.id = p_booking_id;
  if not found then
    raise sqlstate 'PT404' using message = 'booking_not_found', detail = 'There is no such booking.', hint = 'Check the id.';
  end if;
  perform private.payment_refuse_own(v_booking.learner_tombstone, v_booking.tutor_tombstone);
  perform private.payment_lock(v_booking.chain_id);
  select p.* into v_payment from market.payments as p where p.chain_id = v_booking.chain_id and p.is_kept;
  if not found then
    raise sqlstate 'PT409' using
      message = 'booking_not_paid', detail = 'Nothing was paid for this booking.', hint = 'There is nothing to give back.';
  end if;
  v_id := private.ledger_refund(
    v_payment, p_amount_minor, 'administrator', format('administrator:%s:%s', v_payment.id, p_idempotency_key), v_actor, v_note
  );
  select r.* into v_refund from market.refunds as r where r.id = v_id;
  if v_refund.amount_minor <> p_amount_minor then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_reused', detail = 'This key was used for another amount.', hint = 'Send a new key.';
  end if;
  perform private.ledger_finish(v_booking.chain_id);
  return v_refund;
end;
$$;

create function market.refund_booking(p_booking_id uuid, p_amount_minor bigint, p_reason text, p_idempotency_key text)
returns market.refunds language sql volatile security invoker set search_path = ''
as $$ select private.payment_refund_booking(p_booking_id, p_amount_minor, p_reason, p_idempotency_key); $$;
comment on function market.refund_booking(uuid, bigint, text, text) is
  'Administrators (permission payments): gives back this much of what was paid for a booking, before or after it was settled; tutor and platform bear their parts. The learner reads p_reason. The same key again returns the same refund. Errors: role_required, permission_required, own_content (403), booking_not_found (404), booking_not_paid, refund_too_large (409), idempotency_key_required, idempotency_key_reused, text_required (422).';

create function private.payment_resolve_refund(p_refund_id uuid, p_decision text, p_reason text)
returns market.refunds
language plpgsql
volatile
security definer -- decides for an administrator
set search_path = ''
as $$
declare
  v_note text := private.clean_text(p_reason, 'reason', 3, 500);
  v_payment market.payments;
  v_refund market.refunds;
begin
  perform private.require_admin('payments');
  if p_decision is null or p_decision not in ('retry', 'succeeded') then
    raise sqlstate 'PT422' using
      message = 'decision_invalid', detail = 'retry: send it anew; succeeded: it was paid in another way.', hint = 'Choose one.';
  end if;
  select p.* into v_payment from market.refunds as r join market.payments as p on p.id = r.payment_id where r.id = p_refund_id;
  if not found then
    raise sqlstate 'PT404' using message = 'refund_not_found', detail = 'There is no such refund.', hint = 'Check the id.';
  end if;
  perform private.payment_refuse_own(b.learner_tombstone, b.tutor_tombstone) from market.bookings as b where b.id = v_payment.booking_id;
  perform private.payment_lock(v_payment.chain_id);
  select r.* into v_refund from market.refunds as r where r.id = p_refund_id;
  if not (v_refund.status = 'failed' or v_refund.status = 'pending' and private.payment_is_late(v_refund.sending_at)) then
    raise sqlstate 'PT409' using
      message = 'refund_not_stuck',
      detail = 'Only a refund that failed, or of which nothing has been heard for 20 hours, is decided by hand.',
      hint = 'Wait for the provider.';
  end if;
  update market.refunds as r
  set status = case p_decision when 'retry' then 'pending' else 'succeeded' end,
    finished_at = case p_decision when 'succeeded' then clock_timestamp() end,
    attempt = r.attempt + 1, sending_at = null, failure_code = null, note = v_note, provider_refund_id = null,
    past_provider_refund_ids = case
      when r.provider_refund_id is null then r.past_provider_refund_ids
      else r.past_provider_refund_ids || r.provider_refund_id
    end
  where r.id = p_refund_id
  returning * into v_refund;
  update market.payments as p set flag = null where p.id = v_payment.id and p.flag in ('refund_failed', 'refund_outcome_unknown');
  perform private.ledger_finish(v_payment.chain_id);
  return v_refund;
end;
$$;

create function market.resolve_refund(p_refund_id uuid, p_decision text, p_reason text)
returns market.refunds language sql volatile security invoker set search_path = ''
as $$ select private.payment_resolve_refund(p_refund_id, p_decision, p_reason); $$;
comment on function market.resolve_refund(uuid, text, text) is
  'Administrators (permission payments): what becomes of a refund that failed, or of which nothing was heard for 20 hours: retry, or succeeded (paid in another way). Errors: role_required, permission_required, own_content (403), refund_not_found (404), refund_not_stuck (409), decision_invalid, text_required (422).';

revoke execute on function
  private.payment_event(text, text, text, jsonb, timestamptz), market.record_payment_event(text, text, text, jsonb, timestamptz),
  private.payment_refund_booking(uuid, bigint, text, text), market.refund_booking(uuid, bigint, text, text),
  private.payment_resolve_refund(uuid, text, text), market.resolve_refund(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  private.payment_event(text, text, text, jsonb, timestamptz), market.record_payment_event(text, text, text, jsonb, timestamptz)
  to service_role;
grant execute on function
  private.payment_refund_booking(uuid, bigint, text, text), market.refund_booking(uuid, bigint, text, text),
  private.payment_resolve_refund(uuid, text, text), market.resolve_refund(uuid, text, text)
  to authenticated, service_role;
