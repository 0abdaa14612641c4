-- Every live job has a known type and its queue.
select q.id, q.job_type, q.queue
from ops.queue_items as q
left join ops.job_types as t on t.job_type = q.job_type
where t.job_type is null;
