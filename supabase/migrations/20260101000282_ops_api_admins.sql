-- What the Data API offers administrators (and services): the queue's health, cancelling, running again, and the
-- check of the audit. core has the wrappers; private checks the role.

create or replace function private.cancel_job_as_admin(p_job_id uuid)
returns void
language plpgsql
volatile
security definer -- writes ops tables; checks the role first
set search_path = ''
as $$
begin
  perform private.require_admin('jobs');
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
  perform private.require_admin('jobs');
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
  -- Who only looks may look at this.
  if not private.is_service() and not private.has_role('admin') then
    perform private.require_role('admin');
  end if;
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
  -- Who only looks may look at this.
  if not private.is_service() and not private.has_role('admin') then
    perform private.require_role('admin');
  end if;
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
