-- Workers outside the project call in. A job type that needs one (follows_workers) is enabled by its worker's call, and
-- disabled when none has called for a while: who enqueues such a job gets null at once, instead of waiting for nobody.

create unlogged table ops.worker_calls (
  job_type text primary key references ops.job_types (job_type) on delete cascade,
  worker text not null,
  called_at timestamptz not null default now(),
  constraint worker_calls_worker_check check (length(worker) between 1 and 100)
);
comment on table ops.worker_calls is
  'The last call of a worker for each job type. Not logged: after a crash of the server they call again.';
alter table ops.worker_calls enable row level security;
grant select on ops.worker_calls to service_role;

create function ops.call_in(p_worker text, p_job_types text[])
returns integer
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_known integer;
begin
  if coalesce(p_worker, '') = '' then
    raise sqlstate 'PT422' using
      message = 'worker_required',
      detail = 'A call names its worker.',
      hint = 'Pass a name that is unique among running workers.';
  end if;
  -- In the order of the key, so that two workers that call at once wait for each other and do not lock up.
  insert into ops.worker_calls as c (job_type, worker)
  select t.job_type, left(p_worker, 100)
  from ops.job_types as t where t.job_type = any (p_job_types) order by t.job_type
  on conflict (job_type) do update set worker = excluded.worker, called_at = now();
  get diagnostics v_known = row_count;
  update ops.job_types as t set is_enabled = true
  where t.job_type = any (p_job_types) and t.follows_workers and not t.is_enabled;
  return v_known;
end;
$$;
comment on function ops.call_in(text, text[]) is
  'A worker says that it works on these job types; those that follow their workers are enabled. How many of them are known.';

-- Only what a call has enabled is disabled again: without a call nothing here is touched.
create function ops.retire_silent_workers()
returns integer
language plpgsql
volatile
security definer -- writes ops tables; a scheduled task
set search_path = ''
as $$
declare
  v_disabled integer;
begin
  update ops.job_types as t set is_enabled = false
  from ops.worker_calls as c
  where c.job_type = t.job_type and t.follows_workers and t.is_enabled
    and c.called_at < now() - interval '2 minutes';
  get diagnostics v_disabled = row_count;
  return v_disabled;
end;
$$;
comment on function ops.retire_silent_workers() is
  'Disables the job types whose workers have not called for two minutes; returns how many. A scheduled task.';

create function core.call_in(p_worker text, p_job_types text[])
returns integer language plpgsql volatile security invoker set search_path = ''
as $$
begin
  return ops.call_in(p_worker, p_job_types);
end;
$$;
comment on function core.call_in(text, text[]) is
  'For workers, each half minute: says that somebody works on these job types. Errors: worker_required (422).';

revoke execute on function ops.call_in(text, text[]), ops.retire_silent_workers(), core.call_in(text, text[])
  from public, anon, authenticated;
grant execute on function ops.call_in(text, text[]), core.call_in(text, text[]) to service_role;

insert into ops.scheduled_tasks (name, command, every) values
  ('ops_retire_silent_workers', 'ops.retire_silent_workers', interval '1 minute');
