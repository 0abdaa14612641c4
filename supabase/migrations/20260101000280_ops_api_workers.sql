-- What the Data API offers workers: the queue, through wrappers in core that only service_role may execute. In
-- plpgsql, which keeps its plans: they are called often.

create or replace function core.claim_jobs(
  p_worker text,
  p_limit integer default 10,
  p_queue text default 'default',
  p_job_types text[] default null
)
returns table (
  id uuid,
  job_type text,
  queue text,
  resource_id uuid,
  priority integer,
  attempts integer,
  max_attempts integer,
  payload jsonb,
  lease_token bigint,
  lease_expires_at timestamptz,
  created_at timestamptz,
  error_message text
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return query
  select
    q.id, q.job_type, q.queue, q.resource_id, q.priority::integer, q.attempts::integer, q.max_attempts::integer,
    q.payload, q.lease_token, q.lease_expires_at, q.created_at, q.error_message
  from ops.claim_jobs(p_worker, p_limit, p_queue, p_job_types) as q;
end;
$$;

comment on function core.claim_jobs(text, integer, text, text[]) is
  'For workers: leases up to p_limit due jobs of a queue, most urgent and oldest first.';

create or replace function core.enqueue_job(
  p_job_type text,
  p_payload jsonb default '{}',
  p_resource_id uuid default null,
  p_dedupe_key text default null,
  p_run_at timestamptz default now(),
  p_priority integer default null,
  p_max_attempts integer default null
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.enqueue_job(p_job_type, p_payload, p_resource_id, p_dedupe_key, p_run_at, p_priority, p_max_attempts);
end;
$$;

comment on function core.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) is
  'For services: stores a job; the id of the live one with the same dedupe key if there is one.';

create or replace function core.heartbeat_job(p_job_id uuid, p_lease_token bigint)
returns timestamptz
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.heartbeat_job(p_job_id, p_lease_token);
end;
$$;

comment on function core.heartbeat_job(uuid, bigint) is
  'For workers: extends a lease and returns its new end; PT409 lease_lost when it is another''s.';

create or replace function core.complete_job(p_job_id uuid, p_lease_token bigint, p_result jsonb default null)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.complete_job(p_job_id, p_lease_token, p_result);
end;
$$;

comment on function core.complete_job(uuid, bigint, jsonb) is
  'For workers: ends a job well; PT409 lease_lost when the lease is another''s.';

create or replace function core.fail_job(
  p_job_id uuid,
  p_lease_token bigint,
  p_error text,
  p_retry boolean default true,
  p_retry_after_seconds integer default null
)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.fail_job(p_job_id, p_lease_token, p_error, p_retry, p_retry_after_seconds);
end;
$$;

comment on function core.fail_job(uuid, bigint, text, boolean, integer) is
  'For workers: ends an attempt that failed; returns ''retrying'' or ''dead''.';

create or replace function core.run_due_tasks()
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select ops.run_due_tasks();
$$;

comment on function core.run_due_tasks() is 'For the timer: runs the scheduled tasks that are due.';

revoke execute on function core.claim_jobs(text, integer, text, text[]) from public, anon, authenticated;
revoke execute on function core.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer)
  from public, anon, authenticated;
revoke execute on function core.heartbeat_job(uuid, bigint) from public, anon, authenticated;
revoke execute on function core.complete_job(uuid, bigint, jsonb) from public, anon, authenticated;
revoke execute on function core.fail_job(uuid, bigint, text, boolean, integer) from public, anon, authenticated;
revoke execute on function core.run_due_tasks() from public, anon, authenticated;
grant execute on function core.claim_jobs(text, integer, text, text[]) to service_role;
grant execute on function core.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) to service_role;
grant execute on function core.heartbeat_job(uuid, bigint) to service_role;
grant execute on function core.complete_job(uuid, bigint, jsonb) to service_role;
grant execute on function core.fail_job(uuid, bigint, text, boolean, integer) to service_role;
grant execute on function core.run_due_tasks() to service_role;
