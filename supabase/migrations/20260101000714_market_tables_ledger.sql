-- The ledger: double entry, minor units, one currency a transfer, no float anywhere.
--
-- Money moves from one account to another in a transfer; each transfer has two entries that sum to zero. An entry keeps the
-- balance before and after it and is numbered within its account; the account points at its last one. All of that is held
-- by keys and checks, so that a balance cannot disagree with its entries, whoever writes.

create table market.accounts (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  owner_id uuid not null,
  currency text not null,
  balance_minor bigint not null default 0,
  last_entry_no bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint accounts_owner_key unique (kind, owner_id, currency),
  constraint accounts_id_currency_key unique (id, currency),
  constraint accounts_kind_check check (kind in ('learner', 'escrow', 'tutor', 'platform', 'refunds', 'disputed', 'in_transit', 'paid_out')),
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
  'Accounts. learner: what came from outside (negative: paid in). escrow: of one chain of bookings, until it is settled. tutor: earned, not yet paid out (negative: owed after a dispute). platform: commission and losses with one tutor. refunds: owed to a learner until the provider has sent it. disputed: held while a bank decides. in_transit: sent to a tutor. paid_out: arrived.';
-- The platform has one account for each tutor: a single one would be written by every settlement, and all of them would
-- follow one another.
comment on column market.accounts.owner_id is 'A person''s tombstone (of a platform account: the tutor''s), or the chain of bookings of an escrow or disputed account. No foreign key: accounts outlive both.';
create index accounts_owner_id_idx on market.accounts (owner_id);

create table market.transfer_kinds (
  kind text primary key,
  from_kind text not null,
  to_kind text not null,
  reverses text references market.transfer_kinds (kind) on delete restrict,
  description text not null,
  constraint transfer_kinds_kind_check check (kind ~ '^[a-z_]{3,40}$')
);
comment on table market.transfer_kinds is
  'The legal movements of money: from which kind of account to which. A trigger looks them up. reverses: names the kind of transfer that it takes back, and each row of it names that transfer.';
create index transfer_kinds_reverses_idx on market.transfer_kinds (reverses);

insert into market.transfer_kinds (kind, from_kind, to_kind, reverses, description) values
  ('payment', 'learner', 'escrow', null, 'A learner paid.'),
  ('earning', 'escrow', 'tutor', null, 'The tutor''s part of what is kept.'),
  ('earning_reversal', 'tutor', 'escrow', 'earning', 'Taken back from the tutor: a refund or a dispute after settlement.'),
  ('commission', 'escrow', 'platform', null, 'The platform''s part of what is kept.'),
  ('commission_reversal', 'platform', 'escrow', 'commission', 'Taken back from the platform likewise.'),
  ('refund', 'escrow', 'refunds', null, 'Owed to the learner.'),
  ('refund_cancelled', 'refunds', 'escrow', 'refund', 'No longer owed: it was not sent, and has become wrong.'),
  ('refund_paid', 'refunds', 'learner', null, 'The provider has given it back.'),
  ('refund_failed', 'learner', 'refunds', 'refund_paid', 'It came back to us: owed again.'),
  ('dispute', 'escrow', 'disputed', null, 'A bank has taken it until it has decided.'),
  ('dispute_won', 'disputed', 'escrow', 'dispute', 'The bank has given it back to us.'),
  ('dispute_lost', 'disputed', 'learner', null, 'The bank has given it to the learner.'),
  ('loss', 'platform', 'escrow', null, 'More was taken for a payment than had been paid: the platform bears it.'),
  ('loss_reversal', 'escrow', 'platform', 'loss', 'It turned out smaller.'),
  ('payout', 'tutor', 'in_transit', null, 'On its way to the tutor.'),
  ('payout_failed', 'in_transit', 'tutor', 'payout', 'It could not be sent.'),
  ('payout_paid', 'in_transit', 'paid_out', null, 'It arrived.'),
  ('payout_returned', 'paid_out', 'in_transit', 'payout_paid', 'It came back after it had arrived.');

create table market.transfers (
  id uuid primary key default gen_random_uuid(),
  kind text not null references market.transfer_kinds (kind) on delete restrict,
  from_account_id uuid not null,
  to_account_id uuid not null,
  amount_minor bigint not null,
  currency text not null,
  chain_id uuid references market.bookings (id) on delete restrict,
  payment_id uuid,
  refund_id uuid,
  dispute_id uuid,
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
  constraint transfers_subject_check check ((chain_id is null) <> (payout_id is null))
);
comment on table market.transfers is 'Movements of money, one a row. Append-only: what was wrong is reversed by another (reverses_id).';
create index transfers_from_account_id_idx on market.transfers (from_account_id, currency);
create index transfers_to_account_id_idx on market.transfers (to_account_id, currency, created_at);
create index transfers_chain_id_idx on market.transfers (chain_id);
create index transfers_payment_id_idx on market.transfers (payment_id);
create index transfers_kind_idx on market.transfers (kind);
create index transfers_refund_id_idx on market.transfers (refund_id);
create index transfers_dispute_id_idx on market.transfers (dispute_id);
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

alter table market.accounts enable row level security;
alter table market.transfer_kinds enable row level security;
alter table market.transfers enable row level security;
alter table market.entries enable row level security;
revoke all on market.accounts, market.transfer_kinds, market.transfers, market.entries from public, anon, authenticated, service_role;
