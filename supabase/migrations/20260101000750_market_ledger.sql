-- The ledger's only way in: a row of market.transfers. Its trigger writes the two entries, and each entry moves its account.
-- So no entry is without its transfer, no balance without its entry, and whoever writes cannot do otherwise.
-- Accounts are locked in the order of their ids.

create function private.tg_accounts__guard()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    if new.balance_minor = 0 and new.last_entry_no = 0 then
      return new;
    end if;
  elsif tg_op = 'UPDATE' then
    if new.last_entry_no = old.last_entry_no + 1
      and (new.id, new.kind, new.owner_id, new.currency) = (old.id, old.kind, old.owner_id, old.currency)
    then
      return new;
    end if;
  end if;
  raise sqlstate 'PT403' using
    message = 'append_only',
    detail = 'An account changes with its next entry, and with nothing else.',
    hint = 'Write a transfer.';
end;
$$;
create trigger _000_guard
  before insert or update or delete on market.accounts
  for each row execute function private.tg_accounts__guard();
create trigger _000_append_only
  before truncate on market.accounts
  for each statement execute function private.tg__append_only();

create function private.tg_transfers__check()
returns trigger
language plpgsql
volatile
security definer -- looks the rules up, and locks the transfer that is reversed
set search_path = ''
as $$
declare
  v_kind market.transfer_kinds;
  v_reversed market.transfers;
  v_taken_back bigint;
begin
  select k.* into v_kind from market.transfer_kinds as k where k.kind = new.kind;
  if not exists (
    select from market.accounts as f, market.accounts as t
    where f.id = new.from_account_id and f.kind = v_kind.from_kind
      and t.id = new.to_account_id and t.kind = v_kind.to_kind
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transfer',
      detail = format('A transfer %s goes from an account %s to an account %s.', new.kind, v_kind.from_kind, v_kind.to_kind),
      hint = 'See market.transfer_kinds.';
  end if;
  if v_kind.reverses is null and new.reverses_id is null then
    return new;
  end if;
  -- Its lock makes concurrent reversals of one transfer follow one another.
  select t.* into v_reversed from market.transfers as t where t.id = new.reverses_id for no key update;
  select coalesce(sum(t.amount_minor), 0) into v_taken_back from market.transfers as t where t.reverses_id = new.reverses_id;
  if v_reversed.kind is distinct from v_kind.reverses
    or v_reversed.from_account_id <> new.to_account_id or v_reversed.to_account_id <> new.from_account_id
    or (v_reversed.chain_id, v_reversed.payment_id, v_reversed.refund_id, v_reversed.dispute_id, v_reversed.payout_id)
      is distinct from (new.chain_id, new.payment_id, new.refund_id, new.dispute_id, new.payout_id)
    or v_taken_back + new.amount_minor > v_reversed.amount_minor
  then
    raise sqlstate 'PT409' using
      message = 'illegal_reversal',
      detail = 'A reversal takes back one transfer of its kind, between the same accounts, and never more than it moved.',
      hint = 'See market.transfer_kinds.';
  end if;
  return new;
end;
$$;
create trigger _100_check
  before insert on market.transfers
  for each row execute function private.tg_transfers__check();

create function private.tg_transfers__write_entries()
returns trigger
language plpgsql
volatile
security definer -- the only place that writes entries
set search_path = ''
as $$
begin
  insert into market.entries (account_id, entry_no, transfer_id, currency, amount_minor, balance_before, balance_after)
  select s.account_id, 0, new.id, new.currency, s.amount, 0, 0
  from (values (new.from_account_id, -new.amount_minor), (new.to_account_id, new.amount_minor)) as s (account_id, amount)
  order by s.account_id;
  return null;
end;
$$;
create trigger _500_write_entries
  after insert on market.transfers
  for each row execute function private.tg_transfers__write_entries();

create function private.tg_entries__apply()
returns trigger
language plpgsql
volatile
security definer -- the only place that changes a balance
set search_path = ''
as $$
declare
  v_account market.accounts;
begin
  if not exists (
    select from market.transfers as t
    where t.id = new.transfer_id and t.currency = new.currency and new.amount_minor = case new.account_id
      when t.from_account_id then -t.amount_minor
      when t.to_account_id then t.amount_minor
    end
  ) then
    raise sqlstate 'PT403' using
      message = 'append_only',
      detail = 'An entry is one side of its transfer, which writes it.',
      hint = 'Write a transfer.';
  end if;
  update market.accounts as a
  set balance_minor = a.balance_minor + new.amount_minor, last_entry_no = a.last_entry_no + 1
  where a.id = new.account_id
  returning * into v_account;
  new.entry_no := v_account.last_entry_no;
  new.balance_after := v_account.balance_minor;
  new.balance_before := v_account.balance_minor - new.amount_minor;
  return new;
exception
  when check_violation then
    raise sqlstate 'PT409' using
      message = 'insufficient_funds',
      detail = 'The account does not hold that much.',
      hint = 'Nothing was moved.';
end;
$$;
create trigger _100_apply
  before insert on market.entries
  for each row execute function private.tg_entries__apply();

create trigger _000_append_only
  before update or delete or truncate on market.transfers
  for each statement execute function private.tg__append_only();
create trigger _000_append_only
  before update or delete or truncate on market.entries
  for each statement execute function private.tg__append_only();

create function private.ledger_account(p_kind text, p_owner_id uuid, p_currency text)
returns uuid
language plpgsql
volatile
security definer -- opens accounts
set search_path = ''
as $$
declare
  v_id uuid;
begin
  select a.id into v_id from market.accounts as a
  where a.kind = p_kind and a.owner_id = p_owner_id and a.currency = p_currency;
  if not found then
    insert into market.accounts (kind, owner_id, currency) values (p_kind, p_owner_id, p_currency)
    on conflict on constraint accounts_owner_key do nothing
    returning id into v_id;
    if v_id is null then -- somebody else opened it meanwhile
      select a.id into v_id from market.accounts as a
      where a.kind = p_kind and a.owner_id = p_owner_id and a.currency = p_currency;
    end if;
  end if;
  return v_id;
end;
$$;
comment on function private.ledger_account(text, uuid, text) is 'The account of this kind, owner and currency; opened when there is none.';

create function private.ledger_transfer(
  p_kind text, p_from uuid, p_to uuid, p_amount bigint, p_key text, p_chain_id uuid default null,
  p_payment_id uuid default null, p_refund_id uuid default null, p_dispute_id uuid default null,
  p_payout_id uuid default null, p_reverses_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer -- the one way into the ledger
set search_path = ''
as $$
declare
  v_transfer market.transfers;
begin
  -- In the order of ids, so that nobody waits for somebody who waits for him. A retry of the same key waits here.
  perform from market.accounts as a where a.id in (p_from, p_to) order by a.id for no key update;
  select t.* into v_transfer from market.transfers as t where t.idempotency_key = p_key;
  if found then
    if (v_transfer.kind, v_transfer.from_account_id, v_transfer.to_account_id, v_transfer.amount_minor)
      is distinct from (p_kind, p_from, p_to, p_amount)
    then
      raise sqlstate 'PT409' using
        message = 'transfer_key_reused',
        detail = 'Another transfer has this key.',
        hint = 'A key belongs to one movement of money.';
    end if;
    return v_transfer.id;
  end if;
  insert into market.transfers (
    kind, from_account_id, to_account_id, amount_minor, currency, chain_id, payment_id, refund_id, dispute_id, payout_id,
    reverses_id, idempotency_key
  )
  values (
    p_kind, p_from, p_to, p_amount, (select a.currency from market.accounts as a where a.id = p_from), p_chain_id,
    p_payment_id, p_refund_id, p_dispute_id, p_payout_id, p_reverses_id, p_key
  )
  returning * into v_transfer;
  return v_transfer.id;
end;
$$;
comment on function private.ledger_transfer(text, uuid, uuid, bigint, text, uuid, uuid, uuid, uuid, uuid, uuid) is
  'Moves money between two accounts of one currency, once for each key: a retry gets the same transfer. Errors (409): insufficient_funds, illegal_transfer, illegal_reversal, transfer_key_reused.';

create function private.ledger_take_back(p_transfer market.transfers, p_kind text, p_amount bigint)
returns uuid
language plpgsql
volatile
security definer -- writes the ledger
set search_path = ''
as $$
begin
  return private.ledger_transfer(
    p_kind, p_transfer.to_account_id, p_transfer.from_account_id, p_amount,
    format('%s:%s:%s', p_kind, p_transfer.id, (
      select count(*) + 1 from market.transfers as t where t.reverses_id = p_transfer.id
    )),
    p_transfer.chain_id, p_transfer.payment_id, p_transfer.refund_id, p_transfer.dispute_id, p_transfer.payout_id, p_transfer.id
  );
end;
$$;
comment on function private.ledger_take_back(market.transfers, text, bigint) is
  'Reverses a transfer, or a part of it. Whoever calls holds what makes a second call see the first (a chain, a payout).';

revoke execute on function
  private.tg_accounts__guard(), private.tg_transfers__check(), private.tg_transfers__write_entries(), private.tg_entries__apply(),
  private.ledger_account(text, uuid, text),
  private.ledger_transfer(text, uuid, uuid, bigint, text, uuid, uuid, uuid, uuid, uuid, uuid),
  private.ledger_take_back(market.transfers, text, bigint)
  from public, anon, authenticated;
