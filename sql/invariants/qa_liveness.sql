-- No question is forgotten: whatever is open has a job, an expert, a place in the waiting list, or a dead job that an
-- administrator was told of. A stage enqueues the next one in the transaction that ends it, so this holds at every commit.

select
  'open_question_has_a_next_step' as rule,
  q.id::text as id,
  format('%s since %s, with no job, review, waiting place or dead letter', q.status, q.updated_at) as detail
from qa.questions q
where q.status in ('submitted', 'processing', 'ai_generated', 'humanized', 'expert_review', 'approved')
  and q.waiting_since is null
  and not exists (select from ops.queue_items j where j.resource_id = q.id)
  and not exists (select from ops.dead_letters d where d.resource_id = q.id and d.rerun_at is null)
  and not exists (
    select from qa.expert_reviews r
    where r.question_id = q.id and r.review_status in ('pending', 'in_progress')
  )

union all

select 'closed_question_waits_for_nothing', q.id::text, format('%s, waiting since %s', q.status, q.waiting_since)
from qa.questions q
where q.status not in ('humanized', 'expert_review') and q.waiting_since is not null

union all

-- A job that was done twice would show as two texts of one stage in one round.
select 'one_text_a_stage_and_round', v.answer_id::text, format('%s texts of stage %s in round %s', count(*), v.stage, v.provenance ->> 'revision')
from qa.answer_versions v
group by v.answer_id, v.stage, v.provenance ->> 'revision'
having count(*) > 1;
