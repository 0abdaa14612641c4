-- Reviews: one active review a question, by somebody who may judge it, and no expert beyond his limit.
-- An expert who lowers max_concurrent_reviews keeps what he has: he is over his limit until he has worked it off.

select
  'one_active_review' as rule,
  r.question_id::text as id,
  format('%s active reviews', count(*)) as detail
from qa.expert_reviews r
where r.review_status in ('pending', 'in_progress')
group by r.question_id
having count(*) > 1

union all

select 'expert_within_his_limit', e.id::text, format('%s active reviews, %s allowed', count(*), e.max_concurrent_reviews)
from core.experts e
join qa.expert_reviews r on r.expert_id = e.id and r.review_status in ('pending', 'in_progress')
group by e.id
having count(*) > e.max_concurrent_reviews

union all

select 'nobody_reviews_his_own_question', r.id::text, format('expert %s asked question %s', r.expert_id, r.question_id)
from qa.expert_reviews r
join qa.questions q on q.id = r.question_id
join qa.clients c on c.id = q.client_id
where c.user_id = r.expert_id

union all

select 'active_review_only_in_expert_review', r.id::text, format('question %s is %s', q.id, q.status)
from qa.expert_reviews r
join qa.questions q on q.id = r.question_id
where r.review_status in ('pending', 'in_progress') and q.status <> 'expert_review'

union all

select 'assigned_expert_has_the_review', q.id::text, format('assigned to %s, reviewed by %s', q.assigned_expert_id, r.expert_id)
from qa.questions q
join qa.expert_reviews r on r.question_id = q.id and r.review_status in ('pending', 'in_progress')
where q.status = 'expert_review' and q.assigned_expert_id is distinct from r.expert_id

union all

select 'approval_has_one_review', q.id::text, format('%s, %s approving reviews', q.status, count(r.id))
from qa.questions q
left join qa.expert_reviews r on r.question_id = q.id and r.review_status = 'approved'
group by q.id
having count(r.id) <> (case when q.status in ('approved', 'delivered', 'rated') then 1 else 0 end)

union all

select 'revisions_are_counted', q.id::text, format('revision_count %s, needs_revision reviews %s', q.revision_count, count(r.id))
from qa.questions q
left join qa.expert_reviews r on r.question_id = q.id and r.review_status = 'needs_revision'
group by q.id
having q.revision_count <> count(r.id);
