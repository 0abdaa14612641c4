-- Plans of study: suggestions are made for those who asked, under the lock of their learner, and never where one was
-- dismissed. That nothing accepted or suggested overlaps, the table itself sees to.

select 'suggestion without a plan' as rule, b.id::text as id, format('%s has suggestions to come, and asked for none', b.user_id) as detail
from study.plan_blocks as b
where b.status = 'suggested' and b.starts_at > now() and not exists (select from study.plans as p where p.user_id = b.user_id)
union all
select 'plan without a learner', p.user_id::text, 'nothing is locked when this plan is made'
from study.plans as p
where not exists (select from study.learners as l where l.user_id = p.user_id)
union all
select 'suggestion where one was dismissed', b.id::text, format('%s was dismissed for that time', d.id)
from study.plan_blocks as b
join study.plan_blocks as d on d.user_id = b.user_id and d.status = 'dismissed' and tstzrange(d.starts_at, d.ends_at) && tstzrange(b.starts_at, b.ends_at)
where b.status = 'suggested';
