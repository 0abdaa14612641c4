-- Putting jobs into the queue, and waking those who work on it. By service_role and by the functions of modules.

-- Waking is best effort: whatever goes wrong here, the job is stored and the timer finds it a minute later.
-- Locally a worker listens to the channel ops_jobs. On hosted Supabase the edge function process-jobs is called
-- through pg_net, at most once a transaction and queue; its address and key are secrets of the Vault, and the
-- address may be the setting ops.process_jobs_url instead.
create or replace function private.wake_workers(p_queue text)
returns void
language plpgsql
volatile
security definer -- reads the Vault, whoever enqueues
set search_path = ''
as $$
declare
  v_woken text;
  v_url text;
  v_key text;
begin
  if to_regproc('net.http_post') is null then
    -- Only where nobody can be called: transactions that notify commit one after the other.
    perform pg_catalog.pg_notify('ops_jobs', p_queue);
    return;
  end if;

  v_woken := coalesce(current_setting('ops.woken_queues', true), '');
  if position('/' || p_queue || '/' in v_woken) > 0 then
    return;
  end if;
  perform set_config('ops.woken_queues', v_woken || '/' || p_queue || '/', true);

  begin
    if to_regclass('vault.decrypted_secrets') is not null then
      -- Put together, because a checker of SQL would look for the Vault, and for pg_net, where there is none.
      execute format($sql$
        select
          max(s.decrypted_secret) filter (where s.name = 'process_jobs_url'),
          max(s.decrypted_secret) filter (where s.name = 'process_jobs_key')
        from %I.decrypted_secrets as s
        where s.name in ('process_jobs_url', 'process_jobs_key')
      $sql$, 'vault') into v_url, v_key;
    end if;
    v_url := coalesce(v_url, private.setting('ops.process_jobs_url') #>> '{}');
    if v_url is not null and v_key is not null then
      execute format($sql$
        select %I.http_post(
          url := $1,
          body := jsonb_build_object('queue', $3),
          headers := jsonb_build_object('content-type', 'application/json', 'apikey', $2)
        )
      $sql$, 'net') using v_url, v_key, p_queue;
    end if;
  exception when others then
    raise warning 'workers were not called: %', sqlerrm;
  end;
end;
$$;

comment on function private.wake_workers(text) is
  'Tells workers that a queue has work: a call of process-jobs where pg_net is there, else NOTIFY ops_jobs. Never raises.';

create or replace function private.tg_queue_items__wake_workers()
returns trigger
language plpgsql
security definer -- the listener is told, whoever enqueues
set search_path = ''
as $$
declare
  v_queue text;
begin
  for v_queue in
    select distinct n.queue from new_rows as n
    where n.status = 'pending' and n.run_at <= clock_timestamp()
  loop
    perform private.wake_workers(v_queue);
  end loop;
  return null;
end;
$$;

comment on function private.tg_queue_items__wake_workers() is 'Wakes the workers of each queue that got a due job.';

create trigger _900_wake_workers
  after insert on ops.queue_items
  referencing new table as new_rows
  for each statement execute function private.tg_queue_items__wake_workers();

-- The type of a job that may be enqueued now; a null row when it is disabled.
create or replace function private.enqueueable_type(p_job_type text)
returns ops.job_types
language plpgsql
stable
security definer -- reads ops, which callers may not
set search_path = ''
as $$
declare
  v_type ops.job_types;
begin
  select * into v_type from ops.job_types as t where t.job_type = p_job_type;
  if not found then
    raise sqlstate 'PT422' using
      message = 'unknown_job_type',
      detail = format('There is no job type %s.', coalesce(quote_literal(p_job_type), 'null')),
      hint = 'Add it to ops.job_types first.';
  end if;
  if not v_type.is_enabled then
    return null;
  end if;
  return v_type;
end;
$$;

comment on function private.enqueueable_type(text) is
  'The settings of a job type; null when it is disabled, PT422 unknown_job_type when there is none.';

create or replace function ops.enqueue_job(
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
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_type ops.job_types;
  v_now timestamptz := clock_timestamp();
  v_run_at timestamptz := coalesce(p_run_at, now());
  v_id uuid;
begin
  v_type := private.enqueueable_type(p_job_type);
  if v_type.job_type is null then
    return null;
  end if;
  if jsonb_typeof(coalesce(p_payload, '{}')) <> 'object'
    or coalesce(p_priority, 5) not between 1 and 9
    or coalesce(p_max_attempts, 1) not between 1 and 100
    or not isfinite(v_run_at)
  then
    raise sqlstate 'PT422' using
      message = 'invalid_job',
      detail = 'A payload is an object, a priority 1 to 9, max_attempts 1 to 100, run_at a finite time.',
      hint = 'Correct the arguments.';
  end if;
  -- now() is the same for the whole transaction; jobs that are due at once keep the order of their calls.
  if v_run_at = now() then
    v_run_at := v_now;
  end if;

  -- A concurrent insert of the same key makes this one wait. When its job ends between our insert and our
  -- look, neither is there, and we try again.
  loop
    insert into ops.queue_items (
      job_type, queue, resource_id, priority, max_attempts, lease_seconds, payload, run_at, dedupe_key, created_at
    )
    values (
      p_job_type, v_type.queue, p_resource_id, coalesce(p_priority, v_type.priority),
      coalesce(p_max_attempts, v_type.max_attempts), v_type.lease_seconds, coalesce(p_payload, '{}'), v_run_at,
      p_dedupe_key, v_now
    )
    on conflict (job_type, dedupe_key) where dedupe_key is not null do nothing
    returning id into v_id;
    exit when v_id is not null;

    select q.id into v_id
    from ops.queue_items as q
    where q.job_type = p_job_type and q.dedupe_key = p_dedupe_key;
    exit when v_id is not null;
  end loop;
  return v_id;
end;
$$;

comment on function ops.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) is
  'Stores a job and wakes the workers. Returns its id; that of the live job with the same type and dedupe key if there is one; null when the type is disabled.';

create or replace function ops.enqueue_jobs(
  p_job_type text,
  p_payloads jsonb[],
  p_run_at timestamptz default now(),
  p_priority integer default null
)
returns uuid[]
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_type ops.job_types;
  v_now timestamptz := clock_timestamp();
  v_run_at timestamptz := coalesce(p_run_at, now());
  v_ids uuid[];
begin
  v_type := private.enqueueable_type(p_job_type);
  if v_type.job_type is null then
    return '{}'::uuid[];
  end if;
  if coalesce(p_priority, 5) not between 1 and 9 or not isfinite(v_run_at)
    or exists (select from unnest(p_payloads) as u (payload) where jsonb_typeof(u.payload) is distinct from 'object')
  then
    raise sqlstate 'PT422' using
      message = 'invalid_job',
      detail = 'A payload is an object, a priority 1 to 9, run_at a finite time.',
      hint = 'Correct the arguments.';
  end if;
  if v_run_at = now() then
    v_run_at := v_now;
  end if;

  with stored as (
    insert into ops.queue_items (
      job_type, queue, priority, max_attempts, lease_seconds, payload, run_at, created_at
    )
    select
      p_job_type, v_type.queue, coalesce(p_priority, v_type.priority), v_type.max_attempts,
      v_type.lease_seconds, u.payload, v_run_at, v_now
    from unnest(p_payloads) with ordinality as u (payload, place)
    order by u.place
    returning id
  )
  select coalesce(array_agg(s.id order by s.id), '{}') into v_ids from stored as s;
  return v_ids;
end;
$$;

comment on function ops.enqueue_jobs(text, jsonb[], timestamptz, integer) is
  'Stores many jobs of one type in one statement, in the order of their payloads; returns their ids in that order.';

revoke execute on function private.wake_workers(text) from public;
revoke execute on function private.tg_queue_items__wake_workers() from public;
revoke execute on function private.enqueueable_type(text) from public;
revoke execute on function ops.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) from public;
revoke execute on function ops.enqueue_jobs(text, jsonb[], timestamptz, integer) from public;
grant execute on function ops.enqueue_job(text, jsonb, uuid, text, timestamptz, integer, integer) to service_role;
grant execute on function ops.enqueue_jobs(text, jsonb[], timestamptz, integer) to service_role;
