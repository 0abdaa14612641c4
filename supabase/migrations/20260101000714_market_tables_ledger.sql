-- The ledger: double entry, minor units, one currency a transfer, no float anywhere.
--
-- Money moves from one account to another in a transfer; each transfer has two entries that sum to zero. An entry keeps the
-- balance before and after it and is numbered within its account; the account points at its last one. All of that is held
-- by keys and checks, so that a balance cannot disagree with its entries, whoever writes.

create table market.accounts (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  owner_id uuid,
  currency text not null,
  balance_minor bigint not null default 0,
  last_entry_no bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint accounts_owner_key unique nulls not distinct (kind, owner_id, currency),
  constraint accounts_id_currency_key unique (id, currency),
  constraint accounts_kind_check check (kind in ('learner', 'escrow', 'tutor', 'platform', 'refunds', 'disputed', 'in_transit', 'paid_out')),
  constraint accounts_owner_check check ((kind = 'platform') = (owner_id is null)),
  constraint accounts_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint accounts_balance_check check (
    case kind
      when 'learner' then true
      when 'tutor' then true
      when 'platform' then true
      else balance_minor >= 0
    end
  )
);
comment on table market.accounts is
  'Accounts. learner: what came from outside (negative: paid in). escrow: of one chain of bookings, until it is settled. tutor: earned, not yet paid out (negative: owed after a dispute). platform: commission. refunds: owed to a learner until the provider has sent it. disputed: held while a bank decides. in_transit: sent to a tutor. paid_out: arrived.';
comment on column market.accounts.owner_id is 'A person''s tombstone, or the chain of bookings of an escrow or disputed account. No foreign key: accounts outlive both.';

create table market.transfers (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  from_account_id uuid not null,
  to_account_id uuid not null,
  amount_minor bigint not null,
  currency text not null,
  chain_id uuid references market.bookings (id) on delete restrict,
  payment_id uuid,
  payout_id uuid,
  reverses_id uuid references market.transfers (id) on delete restrict,
  idempotency_key text not null unique,
  created_at timestamptz not null default clock_timestamp(),
  constraint transfers_from_account_id_fkey foreign key (from_account_id, currency)
    references market.accounts (id, currency) on delete restrict,
  constraint transfers_to_account_id_fkey foreign key (to_account_id, currency)
    references market.accounts (id, currency) on delete restrict,
  constraint transfers_amount_minor_check check (amount_minor > 0),
  constraint transfers_accounts_check check (from_account_id <> to_account_id),
  constraint transfers_kind_check check (kind in (
    'payment', 'earning', 'commission', 'refund', 'refund_paid', 'refund_failed', 'dispute', 'dispute_lost', 'dispute_won',
    'earning_reversal', 'commission_reversal', 'payout', 'payout_paid', 'payout_failed', 'adjustment'
  ))
);
comment on table market.transfers is 'Movements of money, one a row. Append-only: what was wrong is reversed by another (reverses_id).';
create index transfers_from_account_id_idx on market.transfers (from_account_id, currency);
create index transfers_to_account_id_idx on market.transfers (to_account_id, currency);
create index transfers_chain_id_idx on market.transfers (chain_id);
create index transfers_payment_id_idx on market.transfers (payment_id);
create index transfers_payout_id_idx on market.transfers (payout_id);
create index transfers_reverses_id_idx on market.transfers (reverses_id);

create table market.entries (
  account_id uuid not null,
  entry_no bigint not null,
  transfer_id uuid not null references market.transfers (id) on delete restrict,
  currency text not null,
  amount_minor bigint not null,
  previous_entry_no bigint generated always as (nullif(entry_no - 1, 0)) stored,
  balance_before bigint not null,
  balance_after bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (account_id, entry_no),
  constraint entries_transfer_id_key unique (transfer_id, account_id),
  constraint entries_balance_key unique (account_id, entry_no, balance_after),
  constraint entries_account_id_fkey foreign key (account_id, currency) references market.accounts (id, currency) on delete restrict,
  constraint entries_previous_fkey foreign key (account_id, previous_entry_no, balance_before)
    references market.entries (account_id, entry_no, balance_after) on delete restrict,
  constraint entries_entry_no_check check (entry_no >= 1),
  constraint entries_amount_check check (amount_minor <> 0),
  constraint entries_balance_check check (balance_after = balance_before + amount_minor),
  constraint entries_first_check check (entry_no > 1 or balance_before = 0)
);
comment on table market.entries is 'The two sides of each transfer, numbered within their account. Append-only.';
create index entries_account_id_currency_idx on market.entries (account_id, currency);
create index entries_previous_idx on market.entries (account_id, previous_entry_no, balance_before);

-- An account that has entries says what the last of them says. (Null: no entry yet, and nothing in it.)
alter table market.accounts
  add column head_entry_no bigint generated always as (nullif(last_entry_no, 0)) stored,
  add constraint accounts_empty_check check (last_entry_no > 0 or balance_minor = 0),
  add constraint accounts_head_fkey foreign key (id, head_entry_no, balance_minor)
    references market.entries (account_id, entry_no, balance_after) on delete restrict
    deferrable initially deferred;
create index accounts_head_idx on market.accounts (id, head_entry_no, balance_minor);
