-- Clients and their credits. A client row is the account: it outlives the person (user_id becomes null),
-- because the ledger that hangs on it must.

create table qa.clients (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references core.profiles (id) on delete set null,
  plan text not null default 'free' references qa.plans (plan) on update cascade on delete restrict,
  status text not null default 'active',
  credits_available integer not null default 0,
  credits_held integer not null default 0,
  total_questions integer not null default 0,
  plan_expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint clients_status_check check (status in ('active', 'suspended', 'cancelled')),
  constraint clients_credits_available_check check (credits_available >= 0),
  constraint clients_credits_held_check check (credits_held >= 0),
  constraint clients_total_questions_check check (total_questions >= 0)
);
create index clients_plan_idx on qa.clients (plan);
comment on table qa.clients is
  'Who pays for questions. credits_available and credits_held are the running sums of credit_entries, kept by its trigger; nothing else may change them.';

create table qa.credit_entries (
  id bigint generated always as identity primary key,
  client_id uuid not null references qa.clients (id) on delete restrict,
  question_id uuid,
  entry_type text not null,
  available_delta integer not null,
  held_delta integer not null,
  available_after integer not null,
  held_after integer not null,
  idempotency_key text not null unique,
  reason text,
  actor_id uuid,
  created_at timestamptz not null default now(),
  constraint credit_entries_entry_type_check check (
    entry_type in ('grant', 'purchase', 'hold', 'capture', 'release', 'refund', 'adjustment')
  ),
  constraint credit_entries_deltas_check check (
    case entry_type
      when 'hold' then available_delta < 0 and held_delta = -available_delta
      when 'capture' then available_delta = 0 and held_delta < 0
      when 'release' then held_delta < 0 and available_delta = -held_delta
      when 'adjustment' then available_delta <> 0 and held_delta = 0
      else available_delta > 0 and held_delta = 0
    end
  ),
  constraint credit_entries_question_check check (
    (entry_type in ('hold', 'capture', 'release', 'refund')) = (question_id is not null)
  ),
  constraint credit_entries_after_check check (available_after >= 0 and held_after >= 0)
);
create index credit_entries_client_id_idx on qa.credit_entries (client_id, id desc);
create index credit_entries_question_id_idx on qa.credit_entries (question_id) where question_id is not null;
create unique index credit_entries_one_hold_idx on qa.credit_entries (question_id) where entry_type = 'hold';
create unique index credit_entries_one_settlement_idx on qa.credit_entries (question_id) where entry_type in ('capture', 'release');
create unique index credit_entries_one_refund_idx on qa.credit_entries (question_id) where entry_type = 'refund';
comment on table qa.credit_entries is
  'The credit ledger, append-only. A question holds its price once, and that hold is settled once: captured on delivery, or released on cancel or rejection. idempotency_key makes every entry safe to retry.';
