-- Payouts: what tutors have earned and what is no longer likely to be given back is planned in batches, one a currency.
-- A plan moves nothing. The worker that sends a payout takes its amount from the tutor's account first, in a transaction of
-- its own, so that no task holds the accounts of many tutors.

create function private.payout_payable(p_account market.accounts)
returns bigint
language sql
volatile
security definer -- reads the ledger
set search_path = ''
as $$
  select greatest(0, p_account.balance_minor - coalesce((
    select sum(t.amount_minor - (
      select coalesce(sum(r.amount_minor), 0) from market.transfers as r where r.reverses_id = t.id
    ))
    from market.transfers as t
    where t.to_account_id = p_account.id and t.currency = p_account.currency and t.kind = 'earning'
      and t.created_at > clock_timestamp() - make_interval(days => private.setting_number('market.payout_delay_days'))
  ), 0))::bigint;
$$;
comment on function private.payout_payable(market.accounts) is
  'What can be sent of a tutor''s balance: earnings of the last market.payout_delay_days days wait.';

create function private.payouts_plan()
returns integer
language plpgsql
volatile
security definer -- writes payouts, as a task or for administrators
set search_path = ''
as $$
declare
  v_row record;
  v_batch_id uuid;
  v_currency text := '';
  v_id uuid;
  v_count integer := 0;
begin
  for v_row in
    select a.owner_id, a.currency, private.payout_payable(a) as amount, o.tutor_id, o.provider, o.provider_account_id
    from market.accounts as a
    join market.payout_accounts as o on o.tutor_tombstone = a.owner_id and o.status = 'enabled'
    where a.kind = 'tutor' and a.balance_minor > 0
      and (o.tutor_id is null or exists (select from core.profiles as p where p.id = o.tutor_id and p.is_active))
      and not exists (
        select from market.payouts as y
        where y.tutor_tombstone = a.owner_id and y.currency = a.currency and y.status = 'pending'
      )
    order by a.currency, a.owner_id
  loop
    -- Whose account is gone gets the rest, however little.
    continue when v_row.amount < case
      when v_row.tutor_id is null then 1 else greatest(1, (private.setting('market.payout_minimum_minor') #>> '{}')::bigint)
    end;
    if v_row.tutor_id is not null then
      perform from core.profiles as p where p.id = v_row.tutor_id for key share skip locked;
      continue when not found; -- just being deleted: next time
    end if;
    if v_row.currency <> v_currency then
      insert into market.payout_batches (currency) values (v_row.currency) returning id into v_batch_id;
      v_currency := v_row.currency;
    end if;
    insert into market.payouts (batch_id, tutor_id, tutor_tombstone, provider, provider_account_id, amount_minor, currency)
    values (
      v_batch_id, v_row.tutor_id, v_row.owner_id, v_row.provider, v_row.provider_account_id, v_row.amount, v_row.currency
    )
    on conflict (tutor_tombstone, currency) where status = 'pending' do nothing
    returning id into v_id;
    continue when v_id is null;
    update market.payout_batches as b
    set payouts_count = b.payouts_count + 1, total_minor = b.total_minor + v_row.amount where b.id = v_batch_id;
    perform ops.enqueue_job('market.send_payout', jsonb_build_object('payout_id', v_id), v_id, v_id::text);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.payouts_plan() is 'Plans a payout for every tutor who has enough to be sent, in one batch a currency. Again at once: nothing, since one is pending.';

create function market.run_payouts()
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.payouts_run();
end;
$$;
comment on function market.run_payouts() is
  'Administrators (permission payments) and services: plans payouts now and not at the next time; how many. Errors: role_required, permission_required (403).';

create function private.payouts_run()
returns integer
language plpgsql
volatile
security definer -- plans payouts for administrators
set search_path = ''
as $$
begin
  perform private.require_admin('payments');
  return private.payouts_plan();
end;
$$;

-- The ledger follows the payout, as it follows the rows of a chain.
create function private.payout_settle(p_payout market.payouts, p_is_taken boolean, p_is_paid boolean)
returns void
language plpgsql
volatile
security definer -- writes the ledger; whoever calls has locked the payout
set search_path = ''
as $$
declare
  v_in_transit uuid := private.ledger_account('in_transit', p_payout.tutor_tombstone, p_payout.currency);
  v_paid_out uuid := private.ledger_account('paid_out', p_payout.tutor_tombstone, p_payout.currency);
  v_tutor uuid := private.ledger_account('tutor', p_payout.tutor_tombstone, p_payout.currency);
  v_taken market.transfers;
  v_paid market.transfers;
  v_round integer;
begin
  perform from market.accounts as a where a.id in (v_tutor, v_in_transit, v_paid_out) order by a.id for no key update;
  select t.* into v_taken from market.transfers as t
  where t.payout_id = p_payout.id and t.kind = 'payout' and not exists (select from market.transfers as r where r.reverses_id = t.id);
  select t.* into v_paid from market.transfers as t
  where t.payout_id = p_payout.id and t.kind = 'payout_paid' and not exists (select from market.transfers as r where r.reverses_id = t.id);
  select count(*) + 1 into v_round from market.transfers as t where t.payout_id = p_payout.id;
  if v_paid.id is not null and not p_is_paid then
    perform private.ledger_take_back(v_paid, 'payout_returned', v_paid.amount_minor);
  end if;
  if v_taken.id is null and p_is_taken then
    perform private.ledger_transfer(
      'payout', v_tutor, v_in_transit, p_payout.amount_minor, format('payout:%s:%s', p_payout.id, v_round),
      p_payout_id => p_payout.id
    );
  elsif v_taken.id is not null and not p_is_taken then
    perform private.ledger_take_back(v_taken, 'payout_failed', v_taken.amount_minor);
  end if;
  if v_paid.id is null and p_is_paid then
    perform private.ledger_transfer(
      'payout_paid', v_in_transit, v_paid_out, p_payout.amount_minor, format('payout_paid:%s:%s', p_payout.id, v_round),
      p_payout_id => p_payout.id
    );
  end if;
end;
$$;
comment on function private.payout_settle(market.payouts, boolean, boolean) is
  'Brings the ledger of a payout to: taken from the tutor or not, arrived or not. Idempotent.';

create function private.payout_fail(p_payout market.payouts, p_code text)
returns void
language plpgsql
volatile
security definer -- writes payouts; whoever calls has locked the payout
set search_path = ''
as $$
begin
  perform private.payout_settle(p_payout, false, false);
  update market.payouts as y
  set status = 'failed', finished_at = clock_timestamp(), failure_code = left(coalesce(p_code, 'unknown'), 100)
  where y.id = p_payout.id;
  perform private.notify(
    p_payout.tutor_tombstone, 'payout_failed', 'warning', 'A payout could not be sent',
    'The money is in your account here; it is tried again with the next payouts.', jsonb_build_object('payout_id', p_payout.id)
  );
end;
$$;

revoke execute on function
  private.payout_payable(market.accounts), private.payouts_plan(), private.payouts_run(), market.run_payouts(),
  private.payout_settle(market.payouts, boolean, boolean), private.payout_fail(market.payouts, text)
  from public, anon, authenticated;
grant execute on function private.payouts_run(), market.run_payouts() to authenticated, service_role;
