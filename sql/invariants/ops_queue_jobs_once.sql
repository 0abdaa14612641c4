-- A job is in one place: live, in the history once, or dead.
select j.id, array_agg(j.place) as places
from (
  select q.id, 'live' as place from ops.queue_items as q
  union all
  select h.id, h.status from ops.queue_history as h
  union all
  select d.id, 'dead' from ops.dead_letters as d
) as j
group by j.id
having count(*) > 1;
