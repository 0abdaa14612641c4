-- Ending jobs well: one, or many in one statement. A finished job leaves the live table for the history. Executable
-- by service_role only.
--
-- Here and in every other call of a lease's holder the row is found by its id and token alone, never by its status:
-- that would bring in the index of running jobs, in which each job that has ended is a dead entry until vacuum.

create or replace function ops.complete_job(p_job_id uuid, p_lease_token bigint, p_result jsonb default null)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  with gone as (
    delete from ops.queue_items as q
    where q.id = p_job_id and q.lease_token = p_lease_token
    returning q.*
  )
  insert into ops.queue_history (
    id, job_type, queue, resource_id, priority, status, attempts, payload, result, error_message, created_at,
    started_at, finished_at
  )
  select
    g.id, g.job_type, g.queue, g.resource_id, g.priority, 'completed', g.attempts, g.payload, p_result,
    g.error_message, g.created_at, g.started_at, clock_timestamp()
  from gone as g;
  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;
end;
$$;

comment on function ops.complete_job(uuid, bigint, jsonb) is
  'Moves a leased job to the history with its result; PT409 lease_lost when the lease is another''s.';

create or replace function ops.complete_jobs(p_job_ids uuid[], p_lease_tokens bigint[])
returns uuid[]
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_done uuid[];
begin
  with gone as (
    -- A token is of one job and one lease, so a job whose own token is among them is held by the caller.
    delete from ops.queue_items as q
    where q.id = any (p_job_ids) and q.lease_token = any (p_lease_tokens)
    returning q.*
  ),
  kept as (
    insert into ops.queue_history (
      id, job_type, queue, resource_id, priority, status, attempts, payload, error_message, created_at,
      started_at, finished_at
    )
    select
      g.id, g.job_type, g.queue, g.resource_id, g.priority, 'completed', g.attempts, g.payload,
      g.error_message, g.created_at, g.started_at, clock_timestamp()
    from gone as g
    returning id
  )
  select coalesce(array_agg(k.id), '{}') into v_done from kept as k;
  return v_done;
end;
$$;

comment on function ops.complete_jobs(uuid[], bigint[]) is
  'Completes many leased jobs in one statement. Returns those that were: the others'' leases are lost.';

revoke execute on function ops.complete_job(uuid, bigint, jsonb) from public;
revoke execute on function ops.complete_jobs(uuid[], bigint[]) from public;
grant execute on function ops.complete_job(uuid, bigint, jsonb) to service_role;
grant execute on function ops.complete_jobs(uuid[], bigint[]) to service_role;
