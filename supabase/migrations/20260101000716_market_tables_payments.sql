-- Payments, refunds, disputes and payouts, as the provider of payments knows them. What they mean in money is in the ledger.

create table market.payments (
  id uuid primary key default gen_random_uuid(),
  booking_id uuid not null references market.bookings (id) on delete restrict,
  chain_id uuid not null references market.bookings (id) on delete restrict,
  learner_tombstone uuid not null,
  provider text not null,
  checkout_id text,
  checkout_url text,
  provider_payment_id text,
  status text not null default 'created',
  amount_minor bigint not null,
  currency text not null,
  refunded_minor bigint not null default 0,
  is_kept boolean not null default false,
  failure_code text,
  flag text,
  expires_at timestamptz,
  checked_at timestamptz,
  captured_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payments_provider_check check (provider in ('stripe', 'local')),
  constraint payments_checkout_id_key unique (provider, checkout_id),
  constraint payments_provider_payment_id_key unique (provider, provider_payment_id),
  constraint payments_status_check check (status in ('created', 'open', 'captured', 'failed', 'expired')),
  constraint payments_amount_check check (amount_minor > 0 and refunded_minor between 0 and amount_minor),
  constraint payments_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint payments_captured_check check ((status = 'captured') = (captured_at is not null)),
  constraint payments_kept_check check (not is_kept or status = 'captured'),
  constraint payments_refunded_check check (refunded_minor = 0 or status = 'captured')
);
comment on table market.payments is 'Attempts to pay for a booking with a provider. At most one of a chain of bookings is kept; what was paid twice is given back.';
create index payments_booking_id_idx on market.payments (booking_id);
create index payments_chain_id_idx on market.payments (chain_id);
comment on column market.payments.is_kept is 'True of the one payment that its chain of bookings is paid with; every other one that was captured is given back whole.';
comment on column market.payments.flag is 'Why an administrator should look at it: what the provider said does not fit what we know.';
create unique index payments_kept_key on market.payments (chain_id) where is_kept;
create index payments_learner_tombstone_idx on market.payments (learner_tombstone, created_at desc);
create index payments_open_idx on market.payments (created_at) where status in ('created', 'open');
create index payments_flag_idx on market.payments (created_at) where flag is not null;
create unique index payments_live_key on market.payments (booking_id) where status in ('created', 'open');

create table market.refunds (
  id uuid primary key default gen_random_uuid(),
  payment_id uuid not null references market.payments (id) on delete restrict,
  amount_minor bigint not null,
  reason text not null,
  requested_by uuid references core.profiles (id) on delete set null,
  status text not null default 'pending',
  note text not null default '',
  attempt smallint not null default 1,
  provider_refund_id text,
  past_provider_refund_ids text[] not null default '{}',
  sending_at timestamptz,
  failure_code text,
  idempotency_key text not null unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint refunds_amount_minor_check check (amount_minor > 0),
  constraint refunds_reason_check check (reason in (
    'cancelled_by_learner', 'cancelled_by_tutor', 'cancelled_by_system', 'tutor_no_show', 'slot_gone', 'paid_twice',
    'administrator', 'provider'
  )),
  constraint refunds_status_check check (status in ('pending', 'sent', 'succeeded', 'failed', 'cancelled')),
  constraint refunds_note_check check (length(note) <= 500),
  constraint refunds_attempt_check check (attempt >= 1),
  constraint refunds_finished_check check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
);
comment on table market.refunds is 'Money on its way back to a learner. pending: to be sent by a job; sent: the provider has it; failed: still owed; cancelled: no longer owed.';
comment on column market.refunds.sending_at is 'Since when a worker may have handed it to the provider. Nobody does so again a day later, since providers forget keys.';
comment on column market.refunds.past_provider_refund_ids is 'What the provider called its failed attempts: news of them changes nothing.';
create index refunds_open_idx on market.refunds (created_at) where status in ('pending', 'sent', 'failed');
create index refunds_payment_id_idx on market.refunds (payment_id);
create index refunds_requested_by_idx on market.refunds (requested_by);
create unique index refunds_provider_refund_id_key on market.refunds (provider_refund_id) where provider_refund_id is not null;

create table market.disputes (
  id uuid primary key default gen_random_uuid(),
  payment_id uuid not null references market.payments (id) on delete restrict,
  provider_dispute_id text not null unique,
  amount_minor bigint not null,
  status text not null default 'open',
  reason text,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  constraint disputes_amount_minor_check check (amount_minor > 0),
  constraint disputes_status_check check (status in ('open', 'won', 'lost')),
  constraint disputes_closed_check check ((status = 'open') = (closed_at is null))
);
comment on table market.disputes is 'Payments that a learner disputes with his bank. Its money waits until the bank has decided.';
create index disputes_payment_id_idx on market.disputes (payment_id);

create table market.payout_accounts (
  tutor_tombstone uuid primary key,
  tutor_id uuid unique references core.profiles (id) on delete set null,
  provider text not null,
  provider_account_id text not null,
  status text not null default 'pending',
  status_at timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payout_accounts_tutor_id_check check (tutor_id = tutor_tombstone),
  constraint payout_accounts_provider_account_key unique (provider, provider_account_id),
  constraint payout_accounts_provider_account_id_check check (length(provider_account_id) between 1 and 200),
  constraint payout_accounts_provider_check check (provider in ('stripe', 'local')),
  constraint payout_accounts_status_check check (status in ('pending', 'enabled', 'restricted'))
);
comment on table market.payout_accounts is
  'Where a tutor''s earnings are sent: his account with the provider of payments. No bank details are kept here. It outlives his account here, so that what he has earned still reaches him.';
comment on column market.payout_accounts.status_at is 'When the provider said so; older news does not change it.';

create table market.payout_batches (
  id uuid primary key default gen_random_uuid(),
  currency text not null,
  payouts_count integer not null default 0,
  total_minor bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint payout_batches_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint payout_batches_totals_check check (payouts_count >= 0 and total_minor >= 0)
);
comment on table market.payout_batches is 'Payouts that were made together.';

create table market.payouts (
  id uuid primary key default gen_random_uuid(),
  batch_id uuid not null references market.payout_batches (id) on delete restrict,
  tutor_id uuid references core.profiles (id) on delete set null,
  tutor_tombstone uuid not null,
  provider text not null,
  provider_account_id text not null,
  amount_minor bigint not null,
  currency text not null,
  status text not null default 'pending',
  provider_transfer_id text,
  sending_at timestamptz,
  failure_code text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint payouts_amount_minor_check check (amount_minor > 0),
  constraint payouts_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint payouts_provider_check check (provider in ('stripe', 'local')),
  constraint payouts_status_check check (status in ('pending', 'sent', 'paid', 'failed')),
  constraint payouts_finished_check check ((status in ('paid', 'failed')) = (finished_at is not null)),
  constraint payouts_one_a_batch_key unique (batch_id, tutor_tombstone)
);
comment on table market.payouts is 'What is sent to a tutor of what he has earned. pending: planned; it leaves his account when it is sent.';
create index payouts_tutor_tombstone_idx on market.payouts (tutor_tombstone, created_at desc);
create index payouts_tutor_id_idx on market.payouts (tutor_id, created_at desc);
create unique index payouts_pending_key on market.payouts (tutor_tombstone, currency) where status = 'pending';
create index payouts_status_idx on market.payouts (status) where status in ('pending', 'sent');
create unique index payouts_provider_transfer_id_key on market.payouts (provider_transfer_id) where provider_transfer_id is not null;

alter table market.transfers
  add constraint transfers_payment_id_fkey foreign key (payment_id) references market.payments (id) on delete restrict,
  add constraint transfers_refund_id_fkey foreign key (refund_id) references market.refunds (id) on delete restrict,
  add constraint transfers_dispute_id_fkey foreign key (dispute_id) references market.disputes (id) on delete restrict,
  add constraint transfers_payout_id_fkey foreign key (payout_id) references market.payouts (id) on delete restrict;

alter table market.payments enable row level security;
alter table market.refunds enable row level security;
alter table market.disputes enable row level security;
alter table market.payout_accounts enable row level security;
alter table market.payout_batches enable row level security;
alter table market.payouts enable row level security;
revoke all on
  market.payments, market.refunds, market.disputes, market.payout_accounts, market.payout_batches, market.payouts
  from public, anon, authenticated, service_role;
