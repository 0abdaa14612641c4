-- How long things are kept: as data, carried out by the scheduled task ops.apply_retention.
--
-- Only the owner of ops writes policies: an action removes rows from any table that a row names.

create table ops.retention_policies (
  name text primary key,
  table_schema text not null,
  table_name text not null,
  time_column text not null,
  keep interval not null,
  action text not null,
  anonymise_columns text[] not null default '{}',
  batch_size integer not null default 5000,
  is_enabled boolean not null default true,
  description text not null default '',
  last_run_at timestamptz,
  last_rows bigint,
  last_error text,
  constraint retention_policies_keep_check check (keep >= interval '0'),
  constraint retention_policies_action_check check (action in ('delete', 'drop_partition', 'detach_partition', 'anonymise')),
  constraint retention_policies_anonymise_check check ((action = 'anonymise') = (cardinality(anonymise_columns) > 0)),
  constraint retention_policies_batch_check check (batch_size between 1 and 100000)
);

comment on table ops.retention_policies is 'How long the rows of a table are kept, and what happens to them then. A module adds its own.';
comment on column ops.retention_policies.time_column is
  'Rows whose value is older than keep are due; a null never is (read_at: only what was read).';
comment on column ops.retention_policies.action is
  'delete rows in batches; drop_partition: whole months at once; detach_partition: whole months into the schema archive; anonymise: set anonymise_columns to null.';

alter table ops.retention_policies enable row level security;
grant select on ops.retention_policies to service_role;

-- Drops the partitions that lie wholly before a time. Rows of the default partition are left: they are few.
create or replace function private.drop_old_partitions(p_schema text, p_table text, p_before timestamptz)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_partition record;
  v_rows bigint;
  v_dropped bigint := 0;
begin
  for v_partition in
    select c.oid::regclass as name
    from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = format('%I.%I', p_schema, p_table)::regclass
      and c.relname ~ ('^' || p_table || '_\d{4}_\d{2}$')
      and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= p_before
    order by c.relname
  loop
    execute format('select count(*) from %s', v_partition.name) into v_rows;
    execute format('drop table %s', v_partition.name);
    v_dropped := v_dropped + v_rows;
  end loop;
  return v_dropped;
end;
$$;

comment on function private.drop_old_partitions(text, text, timestamptz) is
  'Drops months that end before a time; returns how many rows went with them.';

-- The default partition of an append-only table is emptied by hand: its triggers sleep for one statement.
create or replace function private.clear_audit_default(p_partition regclass, p_column text, p_before timestamptz)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_any boolean;
  v_rows bigint := 0;
begin
  execute format('select exists (select from %s where %I < $1)', p_partition, p_column) into v_any using p_before;
  if v_any then
    execute format('alter table %s disable trigger user', p_partition);
    execute format('delete from %s where %I < $1', p_partition, p_column) using p_before;
    get diagnostics v_rows = row_count;
    execute format('alter table %s enable trigger user', p_partition);
  end if;
  return v_rows;
end;
$$;

comment on function private.clear_audit_default(regclass, text, timestamptz) is
  'Removes old rows from the default partition of the audit.';

-- The audit goes by whole months, rows and links together, and leaves a checkpoint behind that is itself audited:
-- from there on the chain verifies.
create or replace function private.drop_old_audit(p_before timestamptz)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_before timestamptz := date_trunc('month', p_before at time zone 'UTC') at time zone 'UTC';
  v_head ops.audit_head;
  v_first ops.audit_chain;
  v_known bigint;
  v_rows bigint;
begin
  -- Nothing may be sealed between our look at the chain and the drop.
  select * into v_head from ops.audit_head for update;
  v_rows := private.drop_old_partitions('ops', 'audit_logs', v_before)
    + private.clear_audit_default('ops.audit_logs_default', 'occurred_at', v_before);
  perform private.drop_old_partitions('ops', 'audit_chain', v_before),
    private.clear_audit_default('ops.audit_chain_default', 'sealed_at', v_before);

  select * into v_first from ops.audit_chain as c order by c.link_id limit 1;
  select coalesce(max(p.first_link_id), 1) into v_known from ops.audit_checkpoints as p;
  v_first.link_id := coalesce(v_first.link_id, v_head.link_id + 1);
  if v_rows > 0 or v_first.link_id > v_known then
    insert into ops.audit_checkpoints (rows_before, first_link_id, anchor_hash)
    values (v_before, v_first.link_id, coalesce(v_first.previous_hash, v_head.hash));
  end if;
  return v_rows;
end;
$$;

comment on function private.drop_old_audit(timestamptz) is
  'Drops the months of the audit before a time, and records where the chain begins from now on.';

create or replace function private.apply_retention_policy(p_policy ops.retention_policies)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_before timestamptz := now() - p_policy.keep;
  v_table text := format('%I.%I', p_policy.table_schema, p_policy.table_name);
  v_due text := format('%I < $1', p_policy.time_column);
  v_changes text;
  v_rows bigint;
begin
  if v_table in ('ops.audit_logs', 'ops.audit_chain') then
    return private.drop_old_audit(v_before);
  end if;
  if p_policy.action = 'drop_partition' then
    return private.drop_old_partitions(p_policy.table_schema, p_policy.table_name, v_before);
  end if;
  if p_policy.action = 'detach_partition' then
    return private.archive_old_partitions(p_policy.table_schema, p_policy.table_name, v_before);
  end if;

  -- tableoid beside ctid: in a partitioned table a ctid alone names a row of each partition.
  if p_policy.action = 'anonymise' then
    select string_agg(format('%I = null', u.name), ', '),
      format('%s and (%s)', v_due, string_agg(format('%I is not null', u.name), ' or '))
    into v_changes, v_due
    from unnest(p_policy.anonymise_columns) as u (name);
    v_changes := format('update %s as t set %s', v_table, v_changes);
  else
    v_changes := format('delete from %s as t', v_table);
  end if;
  execute format(
    '%s where (t.tableoid, t.ctid) in (select s.tableoid, s.ctid from %s as s where %s limit %s for update skip locked)',
    v_changes, v_table, v_due, p_policy.batch_size
  ) using v_before;
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;

comment on function private.apply_retention_policy(ops.retention_policies) is
  'Carries out one policy, at most one batch of it; returns the rows it removed or emptied.';

-- A policy that fails (a table that is gone, a lock that is held) stops no other, and says why in last_error. What is
-- left over after twenty batches waits for the next run.
create or replace function ops.apply_retention()
returns jsonb
language plpgsql
volatile
security definer -- removes rows of any module; execute is granted to service_role only
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_policy ops.retention_policies;
  v_rows bigint;
  v_error text;
  v_done jsonb := '{}'::jsonb;
begin
  for v_policy in select * from ops.retention_policies as p where p.is_enabled order by p.name loop
    v_rows := null;
    v_error := null;
    begin
      for v_batch in 1..20 loop
        v_rows := coalesce(v_rows, 0) + private.apply_retention_policy(v_policy);
        exit when v_policy.action in ('drop_partition', 'detach_partition') or v_rows < v_batch * v_policy.batch_size;
      end loop;
    exception when others then
      v_rows := null;
      v_error := left(sqlerrm, 2000);
    end;
    update ops.retention_policies as p
    set last_run_at = clock_timestamp(), last_rows = v_rows, last_error = v_error
    where p.name = v_policy.name;
    v_done := v_done || jsonb_build_object(v_policy.name, coalesce(to_jsonb(v_rows), to_jsonb(v_error)));
  end loop;
  return v_done;
end;
$$;

comment on function ops.apply_retention() is
  'Carries out every retention policy, at most twenty batches each; returns {policy: rows or error}. A scheduled task.';

revoke execute on function private.drop_old_partitions(text, text, timestamptz) from public;
revoke execute on function private.clear_audit_default(regclass, text, timestamptz) from public;
revoke execute on function private.drop_old_audit(timestamptz) from public;
revoke execute on function private.apply_retention_policy(ops.retention_policies) from public;
revoke execute on function ops.apply_retention() from public;
grant execute on function ops.apply_retention() to service_role;

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description)
values
  ('ops.queue_history', 'ops', 'queue_history', 'finished_at', '7 days', 'delete', 'Finished jobs.'),
  ('ops.queue_history months', 'ops', 'queue_history', 'finished_at', '40 days', 'drop_partition', 'Empty months.'),
  ('ops.dead_letters', 'ops', 'dead_letters', 'died_at', '180 days', 'delete', 'Dead jobs that nobody ran again.'),
  ('ops.audit_logs', 'ops', 'audit_logs', 'occurred_at', '1 year', 'drop_partition', 'Audit rows and links, by whole months.'),
  ('ops.api_usage', 'ops', 'api_usage', 'created_at', '100 days', 'drop_partition', 'Until after a quarter is billed.'),
  ('ops.ai_calls', 'ops', 'ai_calls', 'created_at', '13 months', 'drop_partition', 'A year of cost to compare with.'),
  ('ops.metrics', 'ops', 'metrics', 'recorded_at', '14 days', 'delete', 'Raw points; the hours stay.'),
  ('ops.metric_rollups', 'ops', 'metric_rollups', 'hour', '2 years', 'delete', 'Hours of metrics.'),
  ('ops.cache_entries', 'ops', 'cache_entries', 'expires_at', '0 days', 'delete', 'Expired cache entries.'),
  ('ops.rate_limits', 'ops', 'rate_limits', 'updated_at', '7 days', 'delete', 'Buckets that are full again.'),
  ('ops.idempotency_keys', 'ops', 'idempotency_keys', 'created_at', '7 days', 'delete', 'Keys that no client retries any more.'),
  ('ops.webhook_events', 'ops', 'webhook_events', 'received_at', '90 days', 'delete', 'Events that no provider repeats any more.'),
  ('ops.privacy_requests', 'ops', 'privacy_requests', 'finished_at', '3 years', 'delete', 'The proof that requests were met.'),
  ('core.notifications read', 'core', 'notifications', 'read_at', '30 days', 'delete', 'Notices that were read.'),
  ('core.notifications', 'core', 'notifications', 'created_at', '180 days', 'delete', 'All notices.')
on conflict (name) do nothing;
