-- Jobs that fail: retries with backoff, death, cancelling, running again.

-- Tells administrators that a job died, once in ten minutes a type. A notice is never worth a job: whatever
-- goes wrong here is a warning.
create or replace function private.notify_dead_job(p_job_id uuid, p_job_type text, p_error text)
returns void
language plpgsql
volatile
security definer -- reads roles, and writes notices to others
set search_path = ''
as $$
declare
  v_admin_id uuid;
begin
  if exists (
    select from ops.dead_letters as d
    where d.job_type = p_job_type and d.died_at > clock_timestamp() - interval '10 minutes' and d.id <> p_job_id
  ) then
    return;
  end if;
  for v_admin_id in select r.user_id from core.user_roles as r where r.role = 'admin' loop
    perform private.notify(
      v_admin_id, 'job_died', 'error', 'A job failed for good',
      format('%s: %s', p_job_type, left(p_error, 200)),
      jsonb_build_object('job_id', p_job_id, 'job_type', p_job_type),
      null, 'job_died:' || p_job_type
    );
  end loop;
exception when others then
  raise warning 'administrators were not told of dead job %: %', p_job_id, sqlerrm;
end;
$$;

comment on function private.notify_dead_job(uuid, text, text) is
  'Notifies every administrator of a dead job, at most once in ten minutes a type. Never raises.';

create or replace function private.bury_job(p_job ops.queue_items, p_error text)
returns void
language plpgsql
volatile
security definer -- writes ops tables; called by the functions of the queue only
set search_path = ''
as $$
begin
  delete from ops.queue_items as q where q.id = p_job.id;
  insert into ops.dead_letters (
    id, job_type, queue, resource_id, priority, attempts, max_attempts, payload, dedupe_key, error_message,
    created_at, died_at
  )
  values (
    p_job.id, p_job.job_type, p_job.queue, p_job.resource_id, p_job.priority, p_job.attempts,
    p_job.max_attempts, p_job.payload, p_job.dedupe_key, left(coalesce(p_error, 'unknown'), 2000),
    p_job.created_at, clock_timestamp()
  );
  perform private.notify_dead_job(p_job.id, p_job.job_type, coalesce(p_error, 'unknown'));
end;
$$;

comment on function private.bury_job(ops.queue_items, text) is 'Moves a live job to the dead letters.';

-- Exponential backoff with full jitter: anywhere between now and the doubled delay, so that jobs which failed
-- together do not come back together. What a provider asks for (Retry-After) is kept exactly, up to a day.
create or replace function ops.fail_job(
  p_job_id uuid,
  p_lease_token bigint,
  p_error text,
  p_retry boolean default true,
  p_retry_after_seconds integer default null
)
returns text
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_job ops.queue_items;
  v_base double precision;
  v_max double precision;
  v_delay double precision;
begin
  select * into v_job
  from ops.queue_items as q
  where q.id = p_job_id and q.lease_token = p_lease_token
  for update;
  if not found then
    perform private.raise_lease_lost(p_job_id);
  end if;

  if not coalesce(p_retry, true) or v_job.attempts >= v_job.max_attempts then
    perform private.bury_job(v_job, p_error);
    return 'dead';
  end if;

  if p_retry_after_seconds is not null then
    v_delay := least(greatest(p_retry_after_seconds, 0), 86400);
  else
    select t.backoff_base_seconds, t.backoff_max_seconds into v_base, v_max
    from ops.job_types as t
    where t.job_type = v_job.job_type;
    v_delay := random() * least(coalesce(v_max, 900), coalesce(v_base, 5) * power(2, v_job.attempts - 1));
  end if;
  update ops.queue_items
  set status = 'pending', lease_token = null, leased_by = null, lease_expires_at = null,
    run_at = clock_timestamp() + make_interval(secs => v_delay),
    error_message = left(coalesce(p_error, 'unknown'), 2000)
  where id = p_job_id;
  return 'retrying';
end;
$$;

comment on function ops.fail_job(uuid, bigint, text, boolean, integer) is
  'Ends an attempt that failed. ''retrying'': it comes back after a backoff; ''dead'': attempts are used up, or p_retry is false.';

create or replace function ops.cancel_job(p_job_id uuid)
returns boolean
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  with gone as (
    delete from ops.queue_items as q where q.id = p_job_id returning q.*
  )
  insert into ops.queue_history (
    id, job_type, queue, resource_id, priority, status, attempts, payload, error_message, created_at,
    started_at, finished_at
  )
  select
    g.id, g.job_type, g.queue, g.resource_id, g.priority, 'cancelled', g.attempts, g.payload,
    g.error_message, g.created_at, g.started_at, clock_timestamp()
  from gone as g;
  return found;
end;
$$;

comment on function ops.cancel_job(uuid) is
  'Cancels a waiting or running job; its holder gets lease_lost. False when there is no such live job.';

create or replace function ops.cancel_jobs_for(p_resource_id uuid)
returns integer
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_id uuid;
  v_cancelled integer := 0;
begin
  for v_id in
    select q.id from ops.queue_items as q where q.resource_id = p_resource_id order by q.id for update
  loop
    if ops.cancel_job(v_id) then
      v_cancelled := v_cancelled + 1;
    end if;
  end loop;
  return v_cancelled;
end;
$$;

comment on function ops.cancel_jobs_for(uuid) is
  'Cancels every live job about one thing (a question, a file, a document); returns how many.';

create or replace function ops.rerun_job(p_dead_letter_id uuid)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_dead ops.dead_letters;
  v_job_id uuid;
begin
  select * into v_dead from ops.dead_letters as d where d.id = p_dead_letter_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'dead_letter_not_found',
      detail = 'No dead job has this id.',
      hint = 'Look it up in ops.dead_letters.';
  end if;
  if v_dead.rerun_at is not null then
    raise sqlstate 'PT409' using
      message = 'already_rerun',
      detail = format('It was run again as job %s.', v_dead.rerun_job_id),
      hint = 'Look for that job; if it died too, run that one again.';
  end if;

  v_job_id := ops.enqueue_job(
    v_dead.job_type, v_dead.payload, v_dead.resource_id, v_dead.dedupe_key, now(), v_dead.priority,
    v_dead.max_attempts
  );
  if v_job_id is null then
    raise sqlstate 'PT409' using
      message = 'job_type_disabled',
      detail = format('Jobs of type %s are not taken at present.', v_dead.job_type),
      hint = 'Enable the type in ops.job_types first.';
  end if;
  update ops.dead_letters
  set rerun_at = clock_timestamp(), rerun_by = auth.uid(), rerun_job_id = v_job_id
  where id = p_dead_letter_id;
  return v_job_id;
end;
$$;

comment on function ops.rerun_job(uuid) is
  'Enqueues a dead job anew, once, with all its attempts; the dead letter stays and names the new job. Returns its id.';

revoke execute on function private.notify_dead_job(uuid, text, text) from public;
revoke execute on function private.bury_job(ops.queue_items, text) from public;
revoke execute on function ops.fail_job(uuid, bigint, text, boolean, integer) from public;
revoke execute on function ops.cancel_job(uuid) from public;
revoke execute on function ops.cancel_jobs_for(uuid) from public;
revoke execute on function ops.rerun_job(uuid) from public;
grant execute on function ops.fail_job(uuid, bigint, text, boolean, integer) to service_role;
grant execute on function ops.cancel_job(uuid) to service_role;
grant execute on function ops.cancel_jobs_for(uuid) to service_role;
grant execute on function ops.rerun_job(uuid) to service_role;
