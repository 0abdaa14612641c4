-- Sending payouts, news of them, and the account at the provider that they go to.

create function private.payout_begin(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- takes the money from the tutor's account for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.send_payout');
  v_payout market.payouts;
  v_account market.accounts;
begin
  select y.* into v_payout from market.payouts as y where y.id = v_id for no key update;
  if v_payout.status <> 'pending' then
    return jsonb_build_object('proceed', false, 'reason', v_payout.status);
  end if;
  if private.payment_is_late(v_payout.sending_at) then
    return jsonb_build_object('proceed', false, 'reason', 'outcome_unknown');
  end if;
  if v_payout.sending_at is null then
    if not exists (
      select from market.payout_accounts as o
      where o.tutor_tombstone = v_payout.tutor_tombstone and o.provider = v_payout.provider
        and o.provider_account_id = v_payout.provider_account_id and o.status = 'enabled'
        and (o.tutor_id is null or exists (select from core.profiles as p where p.id = o.tutor_id and p.is_active))
    ) then
      perform private.payout_fail(v_payout, 'account_not_enabled');
      return jsonb_build_object('proceed', false, 'reason', 'account_not_enabled');
    end if;
    perform from market.accounts as a
    where a.owner_id = v_payout.tutor_tombstone and a.currency = v_payout.currency and a.kind in ('tutor', 'in_transit', 'paid_out')
    order by a.id for no key update;
    select a.* into v_account from market.accounts as a
    where a.kind = 'tutor' and a.owner_id = v_payout.tutor_tombstone and a.currency = v_payout.currency;
    -- A refund or a dispute since it was planned.
    if private.payout_payable(v_account) < v_payout.amount_minor then
      perform private.payout_fail(v_payout, 'balance_too_low');
      return jsonb_build_object('proceed', false, 'reason', 'balance_too_low');
    end if;
    perform private.payout_settle(v_payout, true, false);
    update market.payouts as y set sending_at = clock_timestamp() where y.id = v_id;
  end if;
  return jsonb_build_object(
    'proceed', true, 'payout_id', v_id, 'idempotency_key', 'payout:' || v_id, 'batch_id', v_payout.batch_id,
    'provider', v_payout.provider, 'provider_account_id', v_payout.provider_account_id,
    'amount_minor', v_payout.amount_minor, 'currency', v_payout.currency
  );
end;
$$;

create function private.payout_finish(
  p_job_id uuid, p_lease_token bigint, p_provider_transfer_id text, p_status text, p_failure_code text
)
returns jsonb
language plpgsql
volatile
security definer -- writes payouts for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.send_payout');
  v_payout market.payouts;
begin
  if p_status is null or p_status not in ('sent', 'failed') or p_status = 'sent' and nullif(p_provider_transfer_id, '') is null then
    raise sqlstate 'PT422' using
      message = 'payout_status_invalid',
      detail = 'A payout was sent, under an id of the provider, or it failed.',
      hint = 'Correct the arguments.';
  end if;
  select y.* into v_payout from market.payouts as y where y.id = v_id for no key update;
  -- Its event may have come first; and what was never begun cannot have been sent.
  if v_payout.status = 'pending' and p_status = 'sent' and v_payout.sending_at is not null then
    update market.payouts as y set status = 'sent', provider_transfer_id = p_provider_transfer_id where y.id = v_id;
  elsif v_payout.status = 'pending' and p_status = 'failed' then
    perform private.payout_fail(v_payout, p_failure_code);
  end if;
  return (select jsonb_build_object('payout_id', y.id, 'status', y.status) from market.payouts as y where y.id = v_id);
end;
$$;

create function private.payout_news(p_provider text, p_data jsonb, p_is_paid boolean)
returns text
language plpgsql
volatile
security definer -- writes payouts for a verified event
set search_path = ''
as $$
declare
  v_amount bigint := private.payment_amount(p_data);
  v_transfer_id text := private.payment_text(p_data, 'provider_transfer_id');
  v_payout market.payouts;
begin
  select y.* into v_payout from market.payouts as y
  where y.provider = p_provider and (y.id = private.payment_uuid(p_data, 'payout_id') or y.provider_transfer_id = v_transfer_id)
  order by y.id = private.payment_uuid(p_data, 'payout_id') desc nulls last
  limit 1 for no key update;
  if not found then
    return 'ignored'; -- a payout of somebody else from the same account at the provider
  end if;
  if v_transfer_id is null or v_payout.provider_transfer_id <> v_transfer_id or v_payout.sending_at is null
    or (v_amount, p_data ->> 'currency') is distinct from (v_payout.amount_minor, v_payout.currency)
  then
    return 'payout_mismatch';
  end if;
  if p_is_paid then
    -- First paid, then failed: so a provider says it, never the other way round.
    if v_payout.status = 'paid' or v_payout.status = 'failed' and v_payout.provider_transfer_id = v_transfer_id then
      return null;
    end if;
    perform private.payout_settle(v_payout, true, true);
    update market.payouts as y
    set status = 'paid', finished_at = clock_timestamp(), provider_transfer_id = v_transfer_id, failure_code = null
    where y.id = v_payout.id;
    perform private.notify(
      v_payout.tutor_tombstone, 'payout_sent', 'success', 'Your earnings were sent', '',
      jsonb_build_object('payout_id', v_payout.id, 'amount_minor', v_payout.amount_minor, 'currency', v_payout.currency)
    );
  elsif v_payout.status <> 'failed' then
    update market.payouts as y set provider_transfer_id = v_transfer_id where y.id = v_payout.id;
    perform private.payout_fail(v_payout, p_data ->> 'failure_code');
  end if;
  return null;
end;
$$;
comment on function private.payout_news(text, jsonb, boolean) is
  'A payout arrived or failed, also after it had arrived: then the money is the tutor''s balance again.';

create function private.payout_account_news(p_provider text, p_data jsonb, p_occurred_at timestamptz)
returns text
language plpgsql
volatile
security definer -- writes payout accounts for a verified event
set search_path = ''
as $$
begin
  if p_data ->> 'status' is null or p_data ->> 'status' not in ('pending', 'enabled', 'restricted')
    or private.payment_text(p_data, 'provider_account_id') is null or p_occurred_at is null
  then
    raise sqlstate 'PT422' using
      message = 'event_invalid', detail = 'The account, its status or the time is missing.', hint = 'Normalise the event first.';
  end if;
  update market.payout_accounts as o
  set status = p_data ->> 'status', status_at = p_occurred_at
  where o.provider = p_provider and o.provider_account_id = p_data ->> 'provider_account_id' and o.status_at <= p_occurred_at;
  return case when found then null else 'ignored' end;
end;
$$;
comment on function private.payout_account_news(text, jsonb, timestamptz) is 'How the provider judges a tutor''s account; older news than what is known is ignored.';

create function private.payout_account(p_user_id uuid, p_provider text)
returns jsonb
language plpgsql
volatile
security definer -- for the function payments, which has verified who asks
set search_path = ''
as $$
begin
  if not exists (
    select from market.tutors as t join core.experts as e on e.id = t.id join core.profiles as p on p.id = t.id
    where t.id = p_user_id and p.is_active and e.verification_status = 'verified'
  ) then
    raise sqlstate 'PT403' using
      message = 'tutor_required',
      detail = 'Only a verified tutor is paid.',
      hint = 'Become a tutor first.';
  end if;
  return (
    select jsonb_build_object('tutor_id', p_user_id, 'provider_account_id', o.provider_account_id, 'status', o.status)
    from (select) as one left join market.payout_accounts as o on o.tutor_tombstone = p_user_id and o.provider = p_provider
  );
end;
$$;

create function private.payout_account_save(p_user_id uuid, p_provider text, p_provider_account_id text)
returns jsonb
language plpgsql
volatile
security definer -- for the function payments, which has verified who asks
set search_path = ''
as $$
begin
  perform private.payout_account(p_user_id, p_provider);
  insert into market.payout_accounts (tutor_tombstone, tutor_id, provider, provider_account_id)
  values (p_user_id, p_user_id, p_provider, p_provider_account_id)
  on conflict do nothing;
  if not exists (
    select from market.payout_accounts as o
    where o.tutor_tombstone = p_user_id and o.provider = p_provider and o.provider_account_id = p_provider_account_id
  ) then
    raise sqlstate 'PT409' using
      message = 'payout_account_exists',
      detail = 'The tutor has another account that his earnings are sent to, or this one is another tutor''s.',
      hint = 'Use that one, or ask an administrator.';
  end if;
  return private.payout_account(p_user_id, p_provider);
end;
$$;

create function market.begin_payout(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payout_begin(p_job_id, p_lease_token); $$;
comment on function market.begin_payout(uuid, bigint) is
  'Worker: takes a payout''s amount from the tutor''s account: {proceed, payout_id, idempotency_key, batch_id, provider, provider_account_id, amount_minor, currency}. proceed false: reason says why (its status, account_not_enabled, balance_too_low, outcome_unknown). Errors: lease_lost (409).';

create function market.finish_payout(
  p_job_id uuid, p_lease_token bigint, p_provider_transfer_id text, p_status text, p_failure_code text default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payout_finish(p_job_id, p_lease_token, p_provider_transfer_id, p_status, p_failure_code); $$;
comment on function market.finish_payout(uuid, bigint, text, text, text) is
  'Worker: the provider has it (sent) or refuses it for good (failed): {payout_id, status}. Errors: lease_lost (409), payout_status_invalid (422).';

create function market.payout_account(p_user_id uuid, p_provider text)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payout_account(p_user_id, p_provider); $$;
comment on function market.payout_account(uuid, text) is
  'For services: a tutor''s account at the provider: {tutor_id, provider_account_id, status}; both null when he has none. Errors: tutor_required (403).';

create function market.save_payout_account(p_user_id uuid, p_provider text, p_provider_account_id text)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payout_account_save(p_user_id, p_provider, p_provider_account_id); $$;
comment on function market.save_payout_account(uuid, text, text) is
  'For services: keeps the account that was opened for a tutor, pending. The same again changes nothing. Errors: tutor_required (403), payout_account_exists (409).';

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc as p
    where (p.pronamespace = 'market'::regnamespace
        and p.proname in ('begin_payout', 'finish_payout', 'payout_account', 'save_payout_account'))
      or (p.pronamespace = 'private'::regnamespace and p.proname in (
        'payout_begin', 'payout_finish', 'payout_account', 'payout_account_save'
      ))
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end;
$$;
revoke execute on function private.payout_news(text, jsonb, boolean), private.payout_account_news(text, jsonb, timestamptz)
  from public, anon, authenticated;
