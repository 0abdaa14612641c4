-- Reading and review: a job and its review are in the same state, whatever is open has a next step, nobody judged his own
-- document, and a finished document has no block left that nobody is sure of.

select 'job in review without its review' as rule, j.id::text as id, j.status as detail
from timetable.processing_jobs as j
where j.status in ('hitl_pending', 'hitl_in_progress')
  and not exists (
    select from timetable.hitl_tasks as t
    where t.job_id = j.id and t.status = case j.status when 'hitl_pending' then 'pending' else 'in_progress' end
  )
union all
select 'open review of a job that is not in review', t.id::text, format('review %s, job %s', t.status, j.status)
from timetable.hitl_tasks as t
join timetable.processing_jobs as j on j.id = t.job_id
where t.status in ('pending', 'in_progress')
  and j.status <> case t.status when 'pending' then 'hitl_pending' else 'hitl_in_progress' end
union all
select 'open job without a job of the queue', j.id::text, format('%s since %s', j.status, j.updated_at)
from timetable.processing_jobs as j
where j.status in ('pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating')
  and j.updated_at < now() - interval '5 minutes'
  and not exists (select from ops.queue_items as q where q.resource_id = j.id)
  and not exists (select from ops.dead_letters as x where x.resource_id = j.id and x.rerun_at is null)
union all
select 'ended job with a job of the queue', j.id::text, format('%s, %s %s', j.status, q.job_type, q.status)
from timetable.processing_jobs as j
join ops.queue_items as q on q.resource_id = j.id and q.job_type = 'timetable.read'
where j.status in ('structuring', 'llm_processing', 'validating', 'completed', 'cancelled', 'hitl_pending', 'hitl_in_progress')
union all
select 'reviewed by its owner', t.id::text, j.user_id::text
from timetable.hitl_tasks as t
join timetable.processing_jobs as j on j.id = t.job_id
where t.assigned_to = j.user_id
union all
select 'second opinion of the same person', t.id::text, t.assigned_to::text
from timetable.hitl_tasks as t
join timetable.hitl_tasks as e on e.job_id = t.job_id and e.opinion_no = t.opinion_no - 1
where t.kind = 'second_opinion' and t.assigned_to = e.assigned_to
union all
select 'completed, yet a block is unchecked', j.id::text, b.id::text
from timetable.processing_jobs as j
join timetable.timeblocks as b on b.document_id = j.document_id
where j.status = 'completed' and b.origin = 'machine' and not b.is_checked
  and not exists (
    select from timetable.processing_jobs as l where l.document_id = j.document_id and l.retry_count > j.retry_count
  )
union all
select 'block from a page that the document has not', b.id::text, format('page %s of %s', b.page, d.page_count)
from timetable.timeblocks as b
join timetable.documents as d on d.id = b.document_id
where b.page > d.page_count
union all
select 'more pages than the document has', j.id::text, format('%s of %s', count(*), d.page_count)
from timetable.ocr_pages as p
join timetable.processing_jobs as j on j.id = p.job_id
join timetable.documents as d on d.id = j.document_id
group by j.id, d.page_count
having count(*) > d.page_count
union all
select 'a job and its document name different people', j.id::text, null
from timetable.processing_jobs as j
join timetable.documents as d on d.id = j.document_id
where d.user_id <> j.user_id
union all
select 'a review is applied without a diff', t.id::text, null
from timetable.hitl_tasks as t
where t.status = 'completed' and jsonb_typeof(t.diff -> 'changed') is distinct from 'array';
