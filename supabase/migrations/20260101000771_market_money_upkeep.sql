-- Jobs and tasks of payments, and what administrators look at. Tasks only enqueue and plan: they hold no account and no
-- booking, so that nobody waits for them.

insert into ops.job_types (job_type, priority, max_attempts, lease_seconds, backoff_base_seconds, description) values
  ('market.send_refund', 3, 8, 60, 10, 'Hand a refund to the provider of payments.'),
  ('market.send_payout', 5, 8, 60, 10, 'Hand a payout to the provider of payments.'),
  ('market.check_payment', 6, 3, 60, 30, 'Ask the provider about a payment without news.'),
  ('market.check_refund', 6, 3, 60, 30, 'Ask the provider about a refund without news.');

create function private.payments_look_after()
returns integer
language plpgsql
volatile
security definer -- enqueues jobs, as a task
set search_path = ''
as $$
declare
  v_wait interval := make_interval(mins => private.setting_number('market.check_payment_minutes'));
  v_row record;
  v_count integer := 0;
begin
  for v_row in
    -- The longer without news, the more seldom.
    (select 'market.check_payment' as job_type, p.id, p.id::text as dedupe_key
     from market.payments as p
     where p.status in ('created', 'open') and p.created_at < now() - v_wait
       and (p.checked_at is null or p.checked_at < now() - greatest(v_wait, (p.checked_at - p.created_at) / 2))
     order by p.created_at limit 200)
    union all
    (select 'market.check_refund', r.id, r.id::text
     from market.refunds as r
     where r.status = 'sent' and r.updated_at < now() - interval '1 day'
       and not exists (
         select from ops.queue_history as h where h.resource_id = r.id and h.created_at > now() - interval '1 day'
       )
     order by r.created_at limit 200)
    union all
    -- What waits to be sent and has no job (it died, or was cancelled) gets another one after some hours.
    (select 'market.send_refund', r.id, r.id || ':' || r.attempt
     from market.refunds as r
     where r.status = 'pending' and r.created_at < now() - interval '10 minutes' and not private.payment_is_late(r.sending_at)
       and not exists (select from market.disputes as d where d.payment_id = r.payment_id and d.status = 'open')
       and not exists (select from ops.queue_items as q where q.resource_id = r.id)
       and not exists (
         select from ops.dead_letters as d where d.resource_id = r.id and d.died_at > now() - interval '3 hours'
       )
     order by r.created_at limit 200)
    union all
    (select 'market.send_payout', y.id, y.id::text
     from market.payouts as y
     where y.status = 'pending' and y.created_at < now() - interval '10 minutes' and not private.payment_is_late(y.sending_at)
       and not exists (select from ops.queue_items as q where q.resource_id = y.id)
       and not exists (
         select from ops.dead_letters as d where d.resource_id = y.id and d.died_at > now() - interval '3 hours'
       )
     order by y.created_at limit 200)
  loop
    perform ops.enqueue_job(v_row.job_type, '{}', v_row.id, v_row.dedupe_key);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.payments_look_after() is
  'A job for every payment and refund without news, and for what waits to be sent and has none: so a lost event or a dead worker loses no money.';

create function private.payouts_task()
returns integer
language plpgsql
volatile
security definer -- plans payouts, as a task
set search_path = ''
as $$
begin
  if exists (
    select from market.payout_batches as b
    where b.created_at > now() - make_interval(hours => private.setting_number('market.payout_hours'))
  ) then
    return 0;
  end if;
  return private.payouts_plan();
end;
$$;

insert into ops.scheduled_tasks (name, command, every, description) values
  ('market_look_after_payments', 'private.payments_look_after', interval '5 minutes', 'Payments and refunds without news.'),
  ('market_plan_payouts', 'private.payouts_task', interval '1 hour', 'Payouts, every market.payout_hours hours.');

create function private.payment_resolve_payout(p_payout_id uuid, p_decision text, p_reason text)
returns market.payouts
language plpgsql
volatile
security definer -- decides for an administrator
set search_path = ''
as $$
declare
  v_note text := private.clean_text(p_reason, 'reason', 3, 100);
  v_payout market.payouts;
begin
  perform private.require_admin('payments');
  if p_decision is null or p_decision not in ('failed', 'paid') then
    raise sqlstate 'PT422' using
      message = 'decision_invalid', detail = 'failed: the money is the tutor''s again; paid: it arrived.', hint = 'Choose one.';
  end if;
  select y.* into v_payout from market.payouts as y where y.id = p_payout_id for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'payout_not_found', detail = 'There is no such payout.', hint = 'Check the id.';
  end if;
  perform private.payment_refuse_own(v_payout.tutor_tombstone);
  if v_payout.status not in ('pending', 'sent') or not private.payment_is_late(v_payout.sending_at) then
    raise sqlstate 'PT409' using
      message = 'payout_not_stuck',
      detail = 'Only a payout of which nothing has been heard for 20 hours is decided by hand.',
      hint = 'Wait for the provider.';
  end if;
  if p_decision = 'failed' then
    perform private.payout_fail(v_payout, v_note);
  else
    perform private.payout_settle(v_payout, true, true);
    update market.payouts as y set status = 'paid', finished_at = clock_timestamp() where y.id = p_payout_id;
  end if;
  select y.* into v_payout from market.payouts as y where y.id = p_payout_id;
  return v_payout;
end;
$$;

create function market.resolve_payout(p_payout_id uuid, p_decision text, p_reason text)
returns market.payouts language sql volatile security invoker set search_path = ''
as $$ select private.payment_resolve_payout(p_payout_id, p_decision, p_reason); $$;
comment on function market.resolve_payout(uuid, text, text) is
  'Administrators (permission payments), after a look at the provider: what becomes of a payout of which nothing was heard for 20 hours: failed (the money is the tutor''s again) or paid. Errors: role_required, permission_required, own_content (403), payout_not_found (404), payout_not_stuck (409), decision_invalid, text_required (422).';

create function private.payment_problems()
returns table (kind text, id uuid, status text, reason text, amount_minor bigint, currency text, since timestamptz)
language plpgsql
volatile
security definer -- gathers for an administrator
set search_path = ''
as $$
begin
  perform private.require_admin('payments');
  return query
  select 'payment', p.id, p.status, p.flag, p.amount_minor, p.currency, p.updated_at
  from market.payments as p where p.flag is not null
  union all
  select 'refund', r.id, r.status, coalesce(r.failure_code, 'outcome_unknown'), r.amount_minor, p.currency, r.updated_at
  from market.refunds as r join market.payments as p on p.id = r.payment_id
  where r.status = 'failed' or r.status = 'pending' and private.payment_is_late(r.sending_at)
  union all
  select 'payout', y.id, y.status, 'outcome_unknown', y.amount_minor, y.currency, y.updated_at
  from market.payouts as y where y.status in ('pending', 'sent') and private.payment_is_late(y.sending_at)
  union all
  select 'dispute', d.id, d.status, d.reason, d.amount_minor, p.currency, d.created_at
  from market.disputes as d join market.payments as p on p.id = d.payment_id where d.status = 'open'
  union all
  select 'event', w.id, w.status, w.error_message, null::bigint, null::text, w.received_at
  from ops.webhook_events as w
  where w.status = 'failed' and w.provider in ('stripe', 'local') and w.received_at > now() - interval '30 days'
  order by 7;
end;
$$;

create function market.payment_problems()
returns table (kind text, id uuid, status text, reason text, amount_minor bigint, currency text, since timestamptz)
language sql volatile security invoker set search_path = ''
as $$ select * from private.payment_problems(); $$;
comment on function market.payment_problems() is
  'Administrators (permission payments): flagged payments, refunds that failed, refunds and payouts of which nothing was heard, open disputes, events that did not fit. Errors: role_required, permission_required (403).';

create function private.payment_clear_flag(p_payment_id uuid)
returns void
language plpgsql
volatile
security definer -- decides for an administrator
set search_path = ''
as $$
begin
  perform private.require_admin('payments');
  update market.payments as p set flag = null where p.id = p_payment_id;
end;
$$;
create function market.clear_payment_flag(p_payment_id uuid)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.payment_clear_flag(p_payment_id); $$;
comment on function market.clear_payment_flag(uuid) is
  'Administrators (permission payments): this payment was looked at. Errors: role_required, permission_required (403).';

revoke execute on function
  private.payments_look_after(), private.payouts_task(), private.payment_resolve_payout(uuid, text, text),
  market.resolve_payout(uuid, text, text), private.payment_problems(), market.payment_problems(),
  private.payment_clear_flag(uuid), market.clear_payment_flag(uuid)
  from public, anon, authenticated;
grant execute on function
  private.payment_resolve_payout(uuid, text, text), market.resolve_payout(uuid, text, text), private.payment_problems(),
  market.payment_problems(), private.payment_clear_flag(uuid), market.clear_payment_flag(uuid)
  to authenticated, service_role;
