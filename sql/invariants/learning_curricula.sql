-- Learning: sessions are numbered from 1 and counted, what is required comes before, a curriculum is completed when all its
-- sessions are, work and notes are of whoever follows the session, time never exceeds what passed, and others see exactly
-- what was published.

select 'sessions not numbered from 1 without gaps' as rule, s.curriculum_id::text as id, format('%s sessions, the last is %s', count(*), max(s.session_number)) as detail
from learning.sessions as s
group by s.curriculum_id having count(*) <> max(s.session_number) or min(s.session_number) <> 1
union all
select 'total_sessions that are not there', c.id::text, c.total_sessions::text
from learning.curricula as c
where c.total_sessions <> (select count(*) from learning.sessions as s where s.curriculum_id = c.id)
union all
select 'prerequisite that does not come before', p.session_id::text, p.requires_session_id::text
from learning.session_prerequisites as p
join learning.sessions as l on l.id = p.session_id
join learning.sessions as e on e.id = p.requires_session_id
where e.session_number >= l.session_number or e.curriculum_id <> l.curriculum_id
union all
select 'completed curriculum with open sessions, or active one without', c.id::text, c.status
from learning.curricula as c
where c.status in ('active', 'completed')
  and (c.status = 'completed') <> (c.total_sessions > 0 and not exists (
    select from learning.sessions as s where s.curriculum_id = c.id and s.completed_at is null
  ))
union all
select 'work or note of somebody who does not follow the session', w.id::text, w.what
from (
  select w.id, w.session_id, w.user_id, 'work' as what from learning.session_work as w
  union all select n.id, n.session_id, n.user_id, 'note' from learning.user_notes as n
) as w
join learning.sessions as s on s.id = w.session_id
where s.user_id <> w.user_id
union all
select 'more minutes than passed', w.id::text, w.minutes::text
from learning.session_work as w
where not w.is_unmeasured and w.minutes * 60 > extract(epoch from coalesce(w.ended_at, w.started_at) - w.started_at)
union all
select 'work that runs on what is completed, paused or put away', w.id::text, c.status
from learning.session_work as w
join learning.sessions as s on s.id = w.session_id
join learning.curricula as c on c.id = s.curriculum_id
where w.ended_at is null and (s.completed_at is not null or c.status <> 'active')
union all
select 'estimate beside measured time, or of an open session', s.id::text, count(*)::text
from learning.session_work as w join learning.sessions as s on s.id = w.session_id
group by s.id, s.completed_at having bool_or(w.is_unmeasured) and (count(*) > 1 or s.completed_at is null)
union all
select 'template that is not as its curriculum says', coalesce(c.id, t.curriculum_id)::text, format('%s, %s', c.template_visibility, t.visibility)
from learning.curricula as c
full join learning.templates as t on t.curriculum_id = c.id
where c.template_visibility is distinct from t.visibility
  or t.curriculum_id is not null and (c.user_id, c.copies_count) is distinct from (t.user_id, t.copies_count)
union all
select 'template without its sessions', t.curriculum_id::text, t.total_sessions::text
from learning.templates as t
where t.total_sessions <> (select count(*) from learning.template_sessions as s where s.curriculum_id = t.curriculum_id)
union all
select 'search that does not know a template as it is', coalesce(t.curriculum_id, d.entity_id)::text, d.visibility
from (select * from learning.templates as t where t.visibility is not null and t.hidden_at is null) as t
full join (select * from core.search_documents as d where d.module = 'learning' and d.kind = 'curriculum') as d
  on d.entity_id = t.curriculum_id
where t.curriculum_id is null or d.id is null
  or (d.visibility, d.owner_id, d.title, d.is_retrievable) is distinct from (t.visibility, t.user_id, t.title, false)
union all
select 'template that shows material which its readers may not read', t.curriculum_id::text, s.session_number::text
from learning.templates as t
join learning.template_sessions as s on s.curriculum_id = t.curriculum_id
where t.visibility is not null and s.resources <> private.learning_public_resources(s.resources, t.visibility);
