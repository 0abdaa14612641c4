-- A running job was attempted, a job that waits has an attempt left.
select q.id, q.status, q.attempts, q.max_attempts
from ops.queue_items as q
where (q.status = 'processing' and q.attempts < 1)
  or (q.status = 'pending' and q.attempts >= q.max_attempts);
