-- What the Data API offers of ops: wrappers in core. Those of services are invoker functions over ops, executable
-- by service_role only. Those of administrators are executable by authenticated, and check the role in private.

-- Services: jobs ------------------------------------------------------------------------------------------

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
  created_at timestamptz
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
    q.payload, q.lease_token, q.lease_expires_at, q.created_at
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
language sql
volatile
security invoker
set search_path = ''
as $$
  select ops.enqueue_job(p_job_type, p_payload, p_resource_id, p_dedupe_key, p_run_at, p_priority, p_max_attempts);
$$;

comment on function core.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) is
  'For services: stores a job; the id of the live one with the same dedupe key if there is one.';

create or replace function core.heartbeat_job(p_job_id uuid, p_lease_token bigint)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$
  select ops.heartbeat_job(p_job_id, p_lease_token);
$$;

comment on function core.heartbeat_job(uuid, bigint) is
  'For workers: extends a lease and returns its new end; PT409 lease_lost when it is another''s.';

create or replace function core.complete_job(p_job_id uuid, p_lease_token bigint, p_result jsonb default null)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select ops.complete_job(p_job_id, p_lease_token, p_result);
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
language sql
volatile
security invoker
set search_path = ''
as $$
  select ops.fail_job(p_job_id, p_lease_token, p_error, p_retry, p_retry_after_seconds);
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

-- Administrators ------------------------------------------------------------------------------------------

create or replace function private.cancel_job_as_admin(p_job_id uuid)
returns void
language plpgsql
volatile
security definer -- writes ops tables; checks the role first
set search_path = ''
as $$
begin
  perform private.require_role('admin');
  if not ops.cancel_job(p_job_id) then
    raise sqlstate 'PT404' using
      message = 'job_not_found',
      detail = 'No waiting or running job has this id.',
      hint = 'It may have ended: look into the history.';
  end if;
end;
$$;

create or replace function private.rerun_job_as_admin(p_dead_letter_id uuid)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; checks the role first
set search_path = ''
as $$
begin
  perform private.require_role('admin');
  return ops.rerun_job(p_dead_letter_id);
end;
$$;

create or replace function private.queue_health_as_admin()
returns setof ops.queue_health
language plpgsql
stable
security definer -- reads ops tables; checks the role first
set search_path = ''
as $$
begin
  perform private.require_role('admin');
  return query select * from ops.queue_health as h order by h.queue, h.job_type;
end;
$$;

create or replace function private.verify_audit_chain_as_admin()
returns table (is_valid boolean, checked_links bigint, checked_rows bigint, first_broken_id bigint, reason text)
language plpgsql
stable
security definer -- reads ops tables; checks the role first
set search_path = ''
as $$
begin
  perform private.require_role('admin');
  return query select * from ops.verify_audit_chain();
end;
$$;

comment on function private.cancel_job_as_admin(uuid) is 'Behind core.cancel_job.';
comment on function private.rerun_job_as_admin(uuid) is 'Behind core.rerun_job.';
comment on function private.queue_health_as_admin() is 'Behind core.queue_health.';
comment on function private.verify_audit_chain_as_admin() is 'Behind core.verify_audit_chain.';

create or replace function core.cancel_job(p_job_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.cancel_job_as_admin(p_job_id);
$$;

comment on function core.cancel_job(uuid) is
  'For administrators: cancels a waiting or running job; PT404 job_not_found when it is neither.';

create or replace function core.rerun_job(p_dead_letter_id uuid)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.rerun_job_as_admin(p_dead_letter_id);
$$;

comment on function core.rerun_job(uuid) is
  'For administrators: enqueues a dead job anew, once; returns the new id.';

create or replace function core.queue_health()
returns table (
  queue text,
  job_type text,
  due bigint,
  scheduled bigint,
  retrying bigint,
  processing bigint,
  expired bigint,
  oldest_due_seconds double precision,
  completed_last_hour bigint,
  completed_per_minute double precision,
  seconds_avg double precision,
  dead_last_day bigint,
  dead_open bigint,
  last_error text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.queue_health_as_admin();
$$;

comment on function core.queue_health() is
  'For administrators: depth, oldest due job, rate and failures of each queue and job type.';

create or replace function core.verify_audit_chain()
returns table (is_valid boolean, checked_links bigint, checked_rows bigint, first_broken_id bigint, reason text)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.verify_audit_chain_as_admin();
$$;

comment on function core.verify_audit_chain() is
  'For administrators: checks every audit row and link, and names the first broken one.';

-- Who may call what ---------------------------------------------------------------------------------------

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

revoke execute on function private.cancel_job_as_admin(uuid) from public, anon;
revoke execute on function private.rerun_job_as_admin(uuid) from public, anon;
revoke execute on function private.queue_health_as_admin() from public, anon;
revoke execute on function private.verify_audit_chain_as_admin() from public, anon;
revoke execute on function core.cancel_job(uuid) from public, anon;
revoke execute on function core.rerun_job(uuid) from public, anon;
revoke execute on function core.queue_health() from public, anon;
revoke execute on function core.verify_audit_chain() from public, anon;
grant execute on function private.cancel_job_as_admin(uuid) to authenticated, service_role;
grant execute on function private.rerun_job_as_admin(uuid) to authenticated, service_role;
grant execute on function private.queue_health_as_admin() to authenticated, service_role;
grant execute on function private.verify_audit_chain_as_admin() to authenticated, service_role;
grant execute on function core.cancel_job(uuid) to authenticated, service_role;
grant execute on function core.rerun_job(uuid) to authenticated, service_role;
grant execute on function core.queue_health() to authenticated, service_role;
grant execute on function core.verify_audit_chain() to authenticated, service_role;
