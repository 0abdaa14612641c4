-- Jobs: each is in one place, of a known type, and has what its state needs. They hold because rows move between the
-- three tables in one statement each, and only through the functions of ops.

select 'job in two places' as rule, j.id::text as id, string_agg(j.place, ', ') as detail
from (
  select q.id, 'live' as place from ops.queue_items as q
  union all
  select h.id, h.status from ops.queue_history as h
  union all
  select d.id, 'dead' from ops.dead_letters as d
) as j
group by j.id
having count(*) > 1
union all
select 'job of unknown type', q.id::text, q.job_type
from ops.queue_items as q
where not exists (select from ops.job_types as t where t.job_type = q.job_type)
union all
select 'waiting job without an attempt left', q.id::text, format('%s of %s', q.attempts, q.max_attempts)
from ops.queue_items as q
where q.status = 'pending' and q.attempts >= q.max_attempts
union all
select 'running job that was never attempted', q.id::text, q.leased_by
from ops.queue_items as q
where q.status = 'processing' and q.attempts < 1
union all
select 'dead job run again as nothing', d.id::text, d.rerun_job_id::text
from ops.dead_letters as d
where d.rerun_at > now() - interval '1 day'
  and not exists (select from ops.queue_items as q where q.id = d.rerun_job_id)
  and not exists (select from ops.queue_history as h where h.id = d.rerun_job_id)
  and not exists (select from ops.dead_letters as o where o.id = d.rerun_job_id);
