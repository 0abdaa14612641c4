-- Workers that send refunds, and look after payments and refunds without news. A worker holds a job of the queue; what it
-- tells the provider carries a key, so that a second try is no second refund. Providers forget keys after a day: what may
-- have been handed over so long ago is not sent again, an administrator looks at it.

create function private.payment_lease(p_job_id uuid, p_lease_token bigint, p_job_type text)
returns uuid
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_resource_id uuid;
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  select q.resource_id into v_resource_id from ops.queue_items as q where q.id = p_job_id and q.job_type = p_job_type;
  if v_resource_id is null then
    perform private.raise_lease_lost(p_job_id); -- a lease on something else opens nothing here
  end if;
  return v_resource_id;
end;
$$;
comment on function private.payment_lease(uuid, bigint, text) is
  'What a leased job is about; lease_lost (409) when the lease is another''s or the job of another type.';

create function private.payment_is_late(p_sending_at timestamptz)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$ select coalesce(p_sending_at < clock_timestamp() - interval '20 hours', false); $$;

create function private.payment_begin_refund(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes refunds for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.send_refund');
  v_payment market.payments;
  v_refund market.refunds;
begin
  select p.* into v_payment from market.refunds as r join market.payments as p on p.id = r.payment_id where r.id = v_id;
  perform private.payment_lock(v_payment.chain_id);
  select r.* into v_refund from market.refunds as r where r.id = v_id;
  if v_refund.status <> 'pending' then
    return jsonb_build_object('proceed', false, 'reason', v_refund.status);
  end if;
  if exists (select from market.disputes as d where d.payment_id = v_payment.id and d.status = 'open') then
    return jsonb_build_object('proceed', false, 'reason', 'disputed');
  end if;
  if private.payment_is_late(v_refund.sending_at) then
    perform private.payment_flag(v_payment.id, 'refund_outcome_unknown');
    return jsonb_build_object('proceed', false, 'reason', 'outcome_unknown');
  end if;
  update market.refunds as r set sending_at = coalesce(r.sending_at, clock_timestamp()) where r.id = v_id;
  return jsonb_build_object(
    'proceed', true, 'refund_id', v_refund.id, 'idempotency_key', format('refund:%s:%s', v_refund.id, v_refund.attempt),
    'provider', v_payment.provider, 'provider_payment_id', v_payment.provider_payment_id,
    'amount_minor', v_refund.amount_minor, 'currency', v_payment.currency, 'reason', v_refund.reason
  );
end;
$$;

create function private.payment_finish_refund(
  p_job_id uuid, p_lease_token bigint, p_provider_refund_id text, p_status text, p_failure_code text
)
returns jsonb
language plpgsql
volatile
security definer -- writes refunds for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.send_refund');
  v_payment market.payments;
  v_refund market.refunds;
begin
  if p_status is null or p_status not in ('sent', 'failed') or p_status = 'sent' and nullif(p_provider_refund_id, '') is null then
    raise sqlstate 'PT422' using
      message = 'refund_status_invalid',
      detail = 'A refund was sent, under an id of the provider, or it failed.',
      hint = 'Correct the arguments.';
  end if;
  select p.* into v_payment from market.refunds as r join market.payments as p on p.id = r.payment_id where r.id = v_id;
  perform private.payment_lock(v_payment.chain_id);
  select r.* into v_refund from market.refunds as r where r.id = v_id;
  -- Its event may have come first.
  if v_refund.status = 'pending' and p_status = 'sent' then
    update market.refunds as r set status = 'sent', provider_refund_id = p_provider_refund_id, failure_code = null
    where r.id = v_id returning * into v_refund;
  elsif v_refund.status = 'pending' then
    update market.refunds as r
    set status = 'failed', finished_at = clock_timestamp(), provider_refund_id = p_provider_refund_id,
      failure_code = left(coalesce(p_failure_code, 'unknown'), 100)
    where r.id = v_id returning * into v_refund;
    perform private.payment_flag(v_payment.id, 'refund_failed');
  end if;
  return jsonb_build_object('refund_id', v_id, 'status', v_refund.status);
end;
$$;

create function private.payment_begin_check(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes payments for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.check_payment');
  v_payment market.payments;
begin
  -- Three days without news, or never handed to the provider: it is over. Should money come after all, it is honoured.
  update market.payments as p
  set checked_at = clock_timestamp(),
    status = case
      when p.status = 'created' and p.created_at < clock_timestamp() - interval '1 hour' then 'expired'
      when p.expires_at < clock_timestamp() - interval '3 days' then 'expired'
      else p.status
    end
  where p.id = v_id and p.status in ('created', 'open')
  returning * into v_payment;
  return jsonb_build_object(
    'proceed', coalesce(v_payment.status = 'open', false), 'payment_id', v_id, 'provider', v_payment.provider,
    'checkout_id', v_payment.checkout_id
  );
end;
$$;

create function private.payment_begin_refund_check(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- reads refunds for a worker
set search_path = ''
as $$
declare
  v_id uuid := private.payment_lease(p_job_id, p_lease_token, 'market.check_refund');
begin
  return (
    select jsonb_build_object(
      'proceed', r.status = 'sent', 'refund_id', r.id, 'provider', p.provider, 'provider_refund_id', r.provider_refund_id,
      'provider_payment_id', p.provider_payment_id
    )
    from market.refunds as r join market.payments as p on p.id = r.payment_id where r.id = v_id
  );
end;
$$;

create function market.begin_refund(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_begin_refund(p_job_id, p_lease_token); $$;
comment on function market.begin_refund(uuid, bigint) is
  'Worker: a refund to send: {proceed, refund_id, idempotency_key, provider, provider_payment_id, amount_minor, currency, reason}. proceed false: reason says why (its status, disputed, outcome_unknown). Errors: lease_lost (409).';

create function market.finish_refund(
  p_job_id uuid, p_lease_token bigint, p_provider_refund_id text, p_status text, p_failure_code text default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_finish_refund(p_job_id, p_lease_token, p_provider_refund_id, p_status, p_failure_code); $$;
comment on function market.finish_refund(uuid, bigint, text, text, text) is
  'Worker: the provider has it (sent) or refuses it for good (failed): {refund_id, status}. Whether it went through is told by an event, also one that came before. Errors: lease_lost (409), refund_status_invalid (422).';

create function market.begin_payment_check(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_begin_check(p_job_id, p_lease_token); $$;
comment on function market.begin_payment_check(uuid, bigint) is
  'Worker: a payment without news, to ask the provider about: {proceed, payment_id, provider, checkout_id}. The answer goes to record_payment_event. Errors: lease_lost (409).';

create function market.begin_refund_check(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_begin_refund_check(p_job_id, p_lease_token); $$;
comment on function market.begin_refund_check(uuid, bigint) is
  'Worker: a refund without news, to ask the provider about: {proceed, refund_id, provider, provider_refund_id, provider_payment_id}. The answer goes to record_payment_event. Errors: lease_lost (409).';

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc as p
    where (p.pronamespace = 'market'::regnamespace
        and p.proname in ('begin_refund', 'finish_refund', 'begin_payment_check', 'begin_refund_check'))
      or (p.pronamespace = 'private'::regnamespace and p.proname in (
        'payment_begin_refund', 'payment_finish_refund', 'payment_begin_check', 'payment_begin_refund_check'
      ))
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end;
$$;
revoke execute on function private.payment_lease(uuid, bigint, text), private.payment_is_late(timestamptz)
  from public, anon, authenticated;
