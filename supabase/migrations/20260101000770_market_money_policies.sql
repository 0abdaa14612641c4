-- Who sees which money. Nobody writes: everything goes through the RPCs.
--
--   learner: his payments, their refunds and disputes; his accounts (learner, refunds), their entries and transfers
--   tutor:   his payouts, where they go; his accounts (tutor, in_transit, paid_out), their entries and transfers
--   admin:   everything
--   others:  nothing; nor does a token that outlives its account

create function private.my_account_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads; answers about the caller only
set search_path = ''
as $$
begin
  return array(
    select a.id from market.accounts as a
    where a.owner_id = (select auth.uid()) and (select private.is_user()) and a.kind in ('learner', 'refunds', 'tutor', 'in_transit', 'paid_out')
  );
end;
$$;
comment on function private.my_account_ids() is 'Accounts of the caller in the ledger.';

create function private.my_payment_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by policies; answers about the caller only
set search_path = ''
as $$
begin
  return array(select p.id from market.payments as p where p.learner_tombstone = (select auth.uid()) and (select private.is_user()));
end;
$$;
comment on function private.my_payment_ids() is 'What the caller has paid, or has begun to pay.';

create policy transfer_kinds_select_user on market.transfer_kinds
  for select to authenticated using ((select private.is_user()));

create policy payments_select_learner on market.payments
  for select to authenticated
  using (
    (learner_tombstone = (select auth.uid()) and (select private.is_user()))
    or (select private.has_role('admin'))
  );
create policy refunds_select_learner on market.refunds
  for select to authenticated
  using (
    payment_id = any ((select private.my_payment_ids())::uuid[])
    or (select private.has_role('admin'))
  );
create policy disputes_select_learner on market.disputes
  for select to authenticated
  using (
    payment_id = any ((select private.my_payment_ids())::uuid[])
    or (select private.has_role('admin'))
  );
create policy payout_accounts_select_tutor on market.payout_accounts
  for select to authenticated
  using (
    (tutor_tombstone = (select auth.uid()) and (select private.is_user()))
    or (select private.has_role('admin'))
  );
create policy payouts_select_tutor on market.payouts
  for select to authenticated
  using (
    (tutor_tombstone = (select auth.uid()) and (select private.is_user()))
    or (select private.has_role('admin'))
  );
create policy payout_batches_select_admin on market.payout_batches
  for select to authenticated using ((select private.has_role('admin')));
create policy accounts_select_owner on market.accounts
  for select to authenticated
  using (
    id = any ((select private.my_account_ids())::uuid[])
    or (select private.has_role('admin'))
  );
create policy entries_select_owner on market.entries
  for select to authenticated
  using (
    account_id = any ((select private.my_account_ids())::uuid[])
    or (select private.has_role('admin'))
  );
create policy transfers_select_owner on market.transfers
  for select to authenticated
  using (
    from_account_id = any ((select private.my_account_ids())::uuid[])
    or to_account_id = any ((select private.my_account_ids())::uuid[])
    or (select private.has_role('admin'))
  );

grant select on
  market.accounts, market.transfer_kinds, market.transfers, market.entries, market.payments, market.refunds, market.disputes,
  market.payout_accounts, market.payout_batches, market.payouts
  to authenticated, service_role;

create view market.receipts with (security_invoker = true) as
select
  p.id as payment_id, p.booking_id, p.chain_id, b.title, b.tutor_id, b.starts_at, p.provider, p.amount_minor, p.currency,
  p.captured_at, p.refunded_minor, p.amount_minor - p.refunded_minor as paid_minor,
  coalesce((
    select sum(r.amount_minor) from market.refunds as r where r.payment_id = p.id and r.status = 'succeeded'
  ), 0)::bigint as returned_minor
from market.payments as p join market.bookings as b on b.id = p.booking_id
where p.status = 'captured';
comment on view market.receipts is
  'What the reader has paid: refunded_minor is or will be given back, returned_minor of it has gone. Reader''s rights.';
revoke all on market.receipts from public, anon, authenticated;
grant select on market.receipts to authenticated, service_role;

create function private.market_my_earnings()
returns table (
  currency text, balance_minor bigint, payable_minor bigint, planned_minor bigint, in_transit_minor bigint,
  paid_out_minor bigint, booked_minor bigint
)
language plpgsql
stable
security definer -- adds up what the caller may read in parts; answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
begin
  return query
  select c.currency,
    coalesce(t.balance_minor, 0)::bigint,
    coalesce(private.payout_payable(t), 0)::bigint,
    coalesce((
      select y.amount_minor from market.payouts as y
      where y.tutor_tombstone = v_user_id and y.currency = c.currency and y.status = 'pending' and y.sending_at is null
    ), 0)::bigint,
    coalesce((
      select a.balance_minor from market.accounts as a
      where a.kind = 'in_transit' and a.owner_id = v_user_id and a.currency = c.currency
    ), 0)::bigint,
    coalesce((
      select a.balance_minor from market.accounts as a
      where a.kind = 'paid_out' and a.owner_id = v_user_id and a.currency = c.currency
    ), 0)::bigint,
    coalesce((
      select sum(b.tutor_minor) from market.bookings as b
      where b.tutor_id = v_user_id and b.currency = c.currency and b.status = 'scheduled' and b.payment_status = 'paid'
    ), 0)::bigint
  from (
    select a.currency from market.accounts as a where a.kind = 'tutor' and a.owner_id = v_user_id
    union
    select b.currency from market.bookings as b
    where b.tutor_id = v_user_id and b.status = 'scheduled' and b.payment_status = 'paid'
  ) as c
  left join market.accounts as t on t.kind = 'tutor' and t.owner_id = v_user_id and t.currency = c.currency
  order by c.currency;
end;
$$;

create function market.my_earnings()
returns table (
  currency text, balance_minor bigint, payable_minor bigint, planned_minor bigint, in_transit_minor bigint,
  paid_out_minor bigint, booked_minor bigint
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.market_my_earnings(); $$;
comment on function market.my_earnings() is
  'For a tutor, by currency: balance_minor (earned, not yet sent; negative: owed after a refund or dispute), payable_minor of it that need not wait any more, planned_minor of that in a payout, in_transit_minor, paid_out_minor, and booked_minor: his part of paid sessions that are yet to come.';

revoke execute on function
  private.my_account_ids(), private.my_payment_ids(), private.market_my_earnings(), market.my_earnings()
  from public, anon, authenticated;
grant execute on function
  private.my_account_ids(), private.my_payment_ids(), private.market_my_earnings(), market.my_earnings()
  to authenticated, service_role;
