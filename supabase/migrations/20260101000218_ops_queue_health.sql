-- How the queue does: one row for each queue and job type. Read by service_role and, through core.queue_health,
-- by administrators.

create or replace view ops.queue_health
with (security_invoker = true)
as
with live as (
  select
    q.queue,
    q.job_type,
    count(*) filter (where q.status = 'pending' and q.run_at <= now()) as due,
    count(*) filter (where q.status = 'pending' and q.run_at > now()) as scheduled,
    count(*) filter (where q.status = 'pending' and q.attempts > 0) as retrying,
    count(*) filter (where q.status = 'processing') as processing,
    count(*) filter (where q.status = 'processing' and q.lease_expires_at < now()) as expired,
    min(q.run_at) filter (where q.status = 'pending' and q.run_at <= now()) as oldest_due_at
  from ops.queue_items as q
  group by q.queue, q.job_type
),
done as (
  select
    h.queue,
    h.job_type,
    count(*) filter (where h.status = 'completed') as completed_last_hour,
    avg(extract(epoch from h.finished_at - h.started_at)) filter (where h.status = 'completed') as seconds_avg
  from ops.queue_history as h
  where h.finished_at > now() - interval '1 hour'
  group by h.queue, h.job_type
),
dead as (
  select
    d.queue,
    d.job_type,
    count(*) filter (where d.died_at > now() - interval '1 day') as dead_last_day,
    count(*) filter (where d.rerun_at is null) as dead_open,
    (array_agg(d.error_message order by d.died_at desc))[1] as last_error
  from ops.dead_letters as d
  group by d.queue, d.job_type
),
names as (
  select t.queue, t.job_type from ops.job_types as t
  union
  select l.queue, l.job_type from live as l
  union
  select d.queue, d.job_type from dead as d
  union
  select d.queue, d.job_type from done as d
)
select
  n.queue,
  n.job_type,
  coalesce(l.due, 0) as due,
  coalesce(l.scheduled, 0) as scheduled,
  coalesce(l.retrying, 0) as retrying,
  coalesce(l.processing, 0) as processing,
  coalesce(l.expired, 0) as expired,
  coalesce(extract(epoch from now() - l.oldest_due_at), 0)::double precision as oldest_due_seconds,
  coalesce(c.completed_last_hour, 0) as completed_last_hour,
  (coalesce(c.completed_last_hour, 0) / 60.0)::double precision as completed_per_minute,
  c.seconds_avg::double precision as seconds_avg,
  coalesce(d.dead_last_day, 0) as dead_last_day,
  coalesce(d.dead_open, 0) as dead_open,
  d.last_error
from names as n
left join live as l using (queue, job_type)
left join done as c using (queue, job_type)
left join dead as d using (queue, job_type);

comment on view ops.queue_health is
  'Each queue and job type: jobs due, scheduled, retrying, running, expired; age of the oldest due; rate; dead jobs and their last error.';

grant select on ops.queue_health to service_role;
