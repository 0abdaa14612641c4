-- Working on jobs: claim, heartbeat, and what happens to those whose worker went silent.
--
-- A claim leases jobs to a worker for lease_seconds under a fencing token. Whoever lost a lease (it expired and
-- the job was released, or it was cancelled) gets PT409 lease_lost from every call and must drop its work.
-- A lease that ran out, but that nobody has taken over, is still good. Executable by service_role only.

create or replace function private.raise_lease_lost(p_job_id uuid)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'lease_lost',
    detail = format('Job %s is not leased under this token: it was released, cancelled or finished.', p_job_id),
    hint = 'Drop the work on it and claim again.';
end;
$$;

comment on function private.raise_lease_lost(uuid) is 'Raises PT409 lease_lost.';

-- A job whose worker died is free at once: waiting for the lease to run out was its backoff. One that has used
-- all its attempts this way is a poison job, and dies. Rows that another call is at are skipped.
create or replace function ops.release_expired()
returns integer
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job ops.queue_items;
  v_queue text;
  v_queues text[] := '{}'::text[];
  v_released integer := 0;
begin
  for v_job in
    select * from ops.queue_items as q
    where q.status = 'processing' and q.lease_expires_at < v_now
    order by q.lease_expires_at
    limit 1000
    for update skip locked
  loop
    if v_job.attempts >= v_job.max_attempts then
      perform private.bury_job(v_job, format('lease_expired: worker %s went silent', v_job.leased_by));
    else
      update ops.queue_items
      set status = 'pending', lease_token = null, leased_by = null, lease_expires_at = null,
        error_message = format('lease_expired: worker %s went silent', v_job.leased_by)
      where id = v_job.id;
      v_queues := v_queues || v_job.queue;
    end if;
    v_released := v_released + 1;
  end loop;

  for v_queue in select distinct u.queue from unnest(v_queues) as u (queue) loop
    perform private.wake_workers(v_queue);
  end loop;
  return v_released;
end;
$$;

comment on function ops.release_expired() is
  'Frees the jobs whose lease ran out, or buries those without attempts left; returns how many. A scheduled task.';

create or replace function ops.claim_jobs(
  p_worker text,
  p_limit integer default 10,
  p_queue text default 'default',
  p_job_types text[] default null
)
returns setof ops.queue_items
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
set plan_cache_mode = force_generic_plan -- planning each claim anew takes three times as long as the claim
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_limit integer := least(greatest(coalesce(p_limit, 10), 0), 1000);
begin
  if coalesce(p_worker, '') = '' then
    raise sqlstate 'PT422' using
      message = 'worker_required',
      detail = 'A claim names its worker.',
      hint = 'Pass a name that is unique among running workers.';
  end if;

  -- A dead worker's jobs need no timer while another one is claiming.
  if exists (
    select from ops.queue_items as q where q.status = 'processing' and q.lease_expires_at < v_now
  ) then
    perform ops.release_expired();
  end if;

  -- Each priority is a range of the index of its own, so that jobs scheduled for later cost a claim nothing.
  -- Ranges are read lazily, in the order of the array: what is not returned is not locked.
  return query
  with claimed as (
    update ops.queue_items as q
    set status = 'processing',
      attempts = q.attempts + 1,
      lease_token = nextval('ops.lease_tokens'),
      leased_by = p_worker,
      lease_expires_at = v_now + make_interval(secs => q.lease_seconds),
      started_at = coalesce(q.started_at, v_now)
    where q.id = any (array(
      select due.id
      from unnest('{1,2,3,4,5,6,7,8,9}'::smallint[]) as level (priority)
      cross join lateral (
        select c.id
        from ops.queue_items as c
        where c.queue = p_queue
          and c.status = 'pending'
          and c.priority = level.priority
          and c.run_at <= v_now
          and (p_job_types is null or c.job_type = any (p_job_types))
        order by c.run_at, c.id
        limit v_limit
        for update skip locked
      ) as due
      limit v_limit
    ))
    returning q.*
  )
  select * from claimed as c order by c.priority, c.run_at, c.id;
end;
$$;

comment on function ops.claim_jobs(text, integer, text, text[]) is
  'Leases up to p_limit due jobs of a queue to a worker, most urgent and oldest first; no job goes to two workers.';

create or replace function ops.heartbeat_job(p_job_id uuid, p_lease_token bigint)
returns timestamptz
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_expires_at timestamptz;
begin
  update ops.queue_items as q
  set lease_expires_at = clock_timestamp() + make_interval(secs => q.lease_seconds)
  where q.id = p_job_id and q.lease_token = p_lease_token
  returning q.lease_expires_at into v_expires_at;
  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;
  return v_expires_at;
end;
$$;

comment on function ops.heartbeat_job(uuid, bigint) is
  'Extends a lease by lease_seconds from now and returns its new end; PT409 lease_lost when it is another''s.';

create or replace function ops.assert_lease(p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- locks rows of ops; execute is granted to service_role only
set search_path = ''
as $$
begin
  perform from ops.queue_items as q
  where q.id = p_job_id and q.lease_token = p_lease_token
  for update;
  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;
end;
$$;

comment on function ops.assert_lease(uuid, bigint) is
  'Locks a leased job until the end of the transaction, so that what a stage writes is written by its holder; else PT409 lease_lost.';

revoke execute on function private.raise_lease_lost(uuid) from public;
revoke execute on function ops.release_expired() from public;
revoke execute on function ops.claim_jobs(text, integer, text, text[]) from public;
revoke execute on function ops.heartbeat_job(uuid, bigint) from public;
revoke execute on function ops.assert_lease(uuid, bigint) from public;
grant execute on function ops.release_expired() to service_role;
grant execute on function ops.claim_jobs(text, integer, text, text[]) to service_role;
grant execute on function ops.heartbeat_job(uuid, bigint) to service_role;
grant execute on function ops.assert_lease(uuid, bigint) to service_role;
