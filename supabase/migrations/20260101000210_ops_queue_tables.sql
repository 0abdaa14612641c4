-- The job queue: what can run, what is waiting or running, what is done, what died.
--
-- queue_items holds live jobs only, so that it stays small however many jobs have been; a finished job moves
-- to queue_history, a hopeless one to dead_letters. A payload carries ids and options, never personal data:
-- it is kept with the history. No client has a grant; rows change through the functions of the next files.

create table ops.job_types (
  job_type text primary key,
  queue text not null default 'default',
  priority smallint not null default 5,
  max_attempts smallint not null default 5,
  lease_seconds integer not null default 120,
  backoff_base_seconds integer not null default 5,
  backoff_max_seconds integer not null default 900,
  is_enabled boolean not null default true,
  follows_workers boolean not null default false,
  description text not null default '',
  created_at timestamptz not null default now(),
  constraint job_types_name_check check (job_type ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  constraint job_types_priority_check check (priority between 1 and 9),
  constraint job_types_max_attempts_check check (max_attempts between 1 and 100),
  constraint job_types_lease_check check (lease_seconds between 1 and 86400),
  constraint job_types_backoff_check check (
    backoff_base_seconds >= 0 and backoff_max_seconds between backoff_base_seconds and 604800
  )
);

comment on table ops.job_types is
  'What can be enqueued, and how it is tried. A module adds its own rows; a disabled type is not enqueued.';
comment on column ops.job_types.follows_workers is
  'True: is_enabled is set by the calls of its workers (core.call_in), and not by hand.';
comment on column ops.job_types.priority is '1 is most urgent, 9 least.';

create sequence ops.job_numbers as bigint;
comment on sequence ops.job_numbers is 'Puts jobs of the same moment in the order of their coming.';

-- A UUID of version 7 whose counter comes from a sequence: ids grow, so jobs that are due at the same moment run in
-- the order in which they came, and new rows lie together in the index.
create or replace function private.new_job_id()
returns uuid
language plpgsql
volatile
security definer -- uses the sequence, whoever inserts
set search_path = ''
as $$
declare
  v_number bigint := nextval('ops.job_numbers');
begin
  return (
    lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || lpad(to_hex((v_number >> 14) & 4095), 3, '0')
    || to_hex(32768 | (v_number & 16383)) || right(gen_random_uuid()::text, 12)
  )::uuid;
end;
$$;

comment on function private.new_job_id() is 'The id of a new job: later ones are greater.';
revoke execute on function private.new_job_id() from public;

-- Rows of a queue live for seconds and are written three times. Vacuum early and without pauses, or dead rows
-- slow the claims; leave room in each page for the update that a claim is.
create table ops.queue_items (
  id uuid not null default private.new_job_id(),
  job_type text not null,
  queue text not null default 'default',
  resource_id uuid,
  priority smallint not null default 5,
  status text not null default 'pending',
  attempts smallint not null default 0,
  max_attempts smallint not null default 5,
  lease_seconds integer not null default 120,
  payload jsonb not null default '{}',
  run_at timestamptz not null default now(),
  lease_token bigint,
  leased_by text,
  lease_expires_at timestamptz,
  dedupe_key text,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  constraint queue_items_pkey primary key (id),
  constraint queue_items_status_check check (status in ('pending', 'processing')),
  constraint queue_items_priority_check check (priority between 1 and 9),
  constraint queue_items_attempts_check check (attempts between 0 and max_attempts),
  constraint queue_items_lease_check check (
    (status = 'processing') = (lease_token is not null)
    and (lease_token is null) = (lease_expires_at is null)
  ),
  constraint queue_items_payload_check check (jsonb_typeof(payload) = 'object')
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_insert_scale_factor = 0.2,
  autovacuum_analyze_scale_factor = 0.2,
  autovacuum_vacuum_cost_delay = 0
);

comment on table ops.queue_items is
  'Live jobs: waiting (pending) or leased to a worker (processing). Finished ones are in queue_history or dead_letters.';
comment on column ops.queue_items.lease_token is
  'Fencing token of the current lease, from a sequence that only grows: an older holder can change nothing.';
comment on column ops.queue_items.job_type is
  'Checked against job_types by ops.enqueue_job: a foreign key would cost an index and a lookup on each move.';

create index queue_items_pending_idx on ops.queue_items (queue, priority, run_at, id)
  where status = 'pending';
create index queue_items_lease_expires_at_idx on ops.queue_items (lease_expires_at)
  where status = 'processing';
create unique index queue_items_dedupe_idx on ops.queue_items (job_type, dedupe_key)
  where dedupe_key is not null;
create index queue_items_resource_id_idx on ops.queue_items (resource_id)
  where resource_id is not null;

create sequence ops.lease_tokens as bigint;
comment on sequence ops.lease_tokens is 'Fencing tokens: each claim of any job gets a higher one.';

create table ops.queue_history (
  id uuid not null,
  job_type text not null,
  queue text not null,
  resource_id uuid,
  priority smallint not null,
  status text not null,
  attempts smallint not null,
  payload jsonb not null,
  result jsonb,
  error_message text,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz not null default now(),
  constraint queue_history_pkey primary key (id, finished_at),
  constraint queue_history_status_check check (status in ('completed', 'cancelled'))
) partition by range (finished_at);

comment on table ops.queue_history is
  'Finished jobs, by month: completed, or cancelled before their end. error_message is that of the last failed attempt.';

create index queue_history_finished_at_idx on ops.queue_history using brin (finished_at);
create index queue_history_resource_id_idx on ops.queue_history (resource_id)
  where resource_id is not null;

create table ops.dead_letters (
  id uuid primary key,
  job_type text not null,
  queue text not null,
  resource_id uuid,
  priority smallint not null,
  attempts smallint not null,
  max_attempts smallint not null,
  payload jsonb not null,
  dedupe_key text,
  error_message text not null,
  created_at timestamptz not null,
  died_at timestamptz not null default now(),
  rerun_at timestamptz,
  rerun_by uuid,
  rerun_job_id uuid,
  constraint dead_letters_rerun_check check ((rerun_at is null) = (rerun_job_id is null))
);

comment on table ops.dead_letters is
  'Jobs that failed for good, under the id they had. An administrator may run each again, once: as a new job, named here.';
comment on column ops.dead_letters.rerun_by is
  'The administrator who ran it again; an id only, which outlives the account.';

create index dead_letters_job_type_died_at_idx on ops.dead_letters (job_type, died_at desc);
create index dead_letters_resource_id_idx on ops.dead_letters (resource_id)
  where resource_id is not null;

alter table ops.job_types enable row level security;
alter table ops.queue_items enable row level security;
alter table ops.queue_history enable row level security;
alter table ops.dead_letters enable row level security;

grant select on ops.job_types, ops.queue_items, ops.queue_history, ops.dead_letters to service_role;

select private.partition_by_month('ops.queue_history');

-- Live jobs name their type without a foreign key, so a type that is in use is kept here.
create or replace function private.tg_job_types__keep_used()
returns trigger
language plpgsql
security definer -- looks into the queue whoever deletes
set search_path = ''
as $$
begin
  if exists (select from ops.queue_items as q where q.job_type = old.job_type)
    and (tg_op = 'DELETE' or new.job_type <> old.job_type)
  then
    raise sqlstate 'PT409' using
      message = 'job_type_in_use',
      detail = format('Jobs of type %s are waiting or running.', old.job_type),
      hint = 'Disable the type, and delete it once its jobs are done.';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end;
$$;

comment on function private.tg_job_types__keep_used() is 'Refuses to remove or rename a job type that live jobs have.';
revoke execute on function private.tg_job_types__keep_used() from public;

create trigger _100_keep_used
  before update of job_type or delete on ops.job_types
  for each row execute function private.tg_job_types__keep_used();
