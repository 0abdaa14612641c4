-- Work that recurs. pg_cron calls ops.run_due_tasks each minute where it exists; the timer of the job runner
-- does so elsewhere, through process-jobs. Calling it twice at once is harmless.
--
-- A command runs with the rights of the owner of ops, so nobody but that owner writes this table.

create table ops.scheduled_tasks (
  name text primary key,
  command text not null,
  every interval not null,
  next_run_at timestamptz not null default now(),
  last_run_at timestamptz,
  last_duration_ms integer,
  last_result text,
  last_error text,
  failures integer not null default 0,
  is_enabled boolean not null default true,
  description text not null default '',
  created_at timestamptz not null default now(),
  constraint scheduled_tasks_command_check check (command ~ '^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$'),
  constraint scheduled_tasks_every_check check (
    every >= interval '10 seconds' and extract(year from every) = 0 and extract(month from every) = 0
  )
);

comment on table ops.scheduled_tasks is
  'Functions without arguments that run at an interval. A module adds its own rows.';
comment on column ops.scheduled_tasks.command is 'A schema-qualified function that takes no arguments.';
comment on column ops.scheduled_tasks.failures is 'Runs that failed since the last one that did not.';

alter table ops.scheduled_tasks enable row level security;
grant select on ops.scheduled_tasks to service_role;

-- Each task has a subtransaction of its own: one that fails undoes its own work only, and is tried again after
-- its interval. A task that another call is running is skipped.
create or replace function ops.run_due_tasks()
returns jsonb
language plpgsql
volatile
security definer -- runs what the owner scheduled; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_started timestamptz := clock_timestamp();
  v_name text;
  v_task ops.scheduled_tasks;
  v_begin timestamptz;
  v_result text;
  v_error text;
  v_ran jsonb := '[]'::jsonb;
begin
  for v_name in
    select t.name from ops.scheduled_tasks as t
    where t.is_enabled and t.next_run_at <= v_started
    order by t.next_run_at, t.name
  loop
    select * into v_task
    from ops.scheduled_tasks as t
    where t.name = v_name and t.is_enabled and t.next_run_at <= v_started
    for update skip locked;
    continue when not found;

    v_begin := clock_timestamp();
    v_result := null;
    v_error := null;
    begin
      execute format('select %I.%I()::text', split_part(v_task.command, '.', 1), split_part(v_task.command, '.', 2))
        into v_result;
    exception when others then
      v_error := left(sqlerrm, 2000);
    end;

    -- The next run stays on the grid of the interval; runs that were missed are not made up for.
    update ops.scheduled_tasks as t
    set next_run_at = t.next_run_at + t.every * (
        floor(extract(epoch from v_started - t.next_run_at) / extract(epoch from t.every)) + 1
      )::double precision,
      last_run_at = v_begin,
      last_duration_ms = round(extract(epoch from clock_timestamp() - v_begin) * 1000),
      last_result = left(v_result, 2000),
      last_error = v_error,
      failures = case when v_error is null then 0 else t.failures + 1 end
    where t.name = v_name;
    v_ran := v_ran || jsonb_build_object('name', v_name, 'result', v_result, 'error', v_error);
  end loop;
  return v_ran;
end;
$$;

comment on function ops.run_due_tasks() is
  'Runs every task that is due, each in its own subtransaction; returns [{name, result, error}].';

-- A job that falls due later (a retry, a scheduled one) has nobody who stores it at that moment, and a call to the
-- workers may get lost: so the clock looks each minute.
create or replace function ops.wake_due()
returns integer
language plpgsql
volatile
security definer -- reads the queue; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_queue text;
  v_woken integer := 0;
begin
  for v_queue in
    select distinct q.queue from ops.queue_items as q where q.status = 'pending' and q.run_at <= clock_timestamp()
  loop
    perform private.wake_workers(v_queue);
    v_woken := v_woken + 1;
  end loop;
  return v_woken;
end;
$$;

comment on function ops.wake_due() is 'Wakes the workers of each queue with a due job; returns how many queues. A scheduled task.';

revoke execute on function ops.wake_due() from public;
grant execute on function ops.wake_due() to service_role;
revoke execute on function ops.run_due_tasks() from public;
grant execute on function ops.run_due_tasks() to service_role;

insert into ops.scheduled_tasks (name, command, every, description)
values
  ('ops.release_expired', 'ops.release_expired', '1 minute', 'Frees the jobs of workers that went silent.'),
  ('ops.wake_due', 'ops.wake_due', '1 minute', 'Wakes workers for jobs that fell due.'),
  ('ops.ensure_partitions', 'ops.ensure_partitions', '1 day', 'Creates the coming months of partitioned tables.'),
  ('ops.apply_retention', 'ops.apply_retention', '1 hour', 'Removes what is older than its retention policy allows.'),
  ('ops.rollup_metrics', 'ops.rollup_metrics', '5 minutes', 'Sums metrics by the hour.')
on conflict (name) do nothing;
