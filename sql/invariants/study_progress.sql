-- Progress: with each question what its attempts add up to; mastery that says what its ability says, and knows every answer to
-- its topic; paths whose counts are counts, without rings, and complete when all their milestones are.

with attempts as (
  select a.user_id, a.question_id, count(*) filter (where not a.is_skipped) as answered, count(*) filter (where a.is_correct) as correct,
    count(*) filter (where a.is_skipped) as skipped
  from study.user_question_attempts as a
  group by a.user_id, a.question_id
)
select 'progress is not what the attempts add up to' as rule, coalesce(a.user_id, p.user_id)::text as id,
  format('question %s: %s answered, %s right, %s skipped; counted %s, %s, %s', coalesce(a.question_id, p.question_id),
    p.total_attempts, p.correct_attempts, p.skipped_attempts, a.answered, a.correct, a.skipped) as detail
from attempts as a
full join study.user_progress as p on p.user_id = a.user_id and p.question_id = a.question_id
where (p.total_attempts, p.correct_attempts, p.skipped_attempts) is distinct from (a.answered, a.correct, a.skipped)

union all

select 'mastery does not know an answer', a.user_id::text, format('topic %s: %s of %s', a.topic_id, m.questions_answered, a.answered)
from (
  select a.user_id, coalesce(t.merged_into_id, t.id) as topic_id, count(*) as answered, count(*) filter (where a.is_correct) as correct
  from study.user_question_attempts as a
  join core.topics as t on t.id = a.topic_id
  where not a.is_skipped
  group by 1, 2
) as a
left join study.mastery_levels as m on m.user_id = a.user_id and m.topic_id = a.topic_id
where m.user_id is null or m.questions_answered < a.answered or m.questions_correct < a.correct

union all

select 'mastery is not what its ability says', m.user_id::text, format('topic %s: %s', m.topic_id, m.mastery_percentage)
from study.mastery_levels as m
where abs(m.mastery_percentage - 100 / (1 + exp(-m.ability / sqrt(1 + pi() * m.ability_variance / 8)))) > 1e-6

union all

select 'counts of a path are not those of its milestones', p.id::text,
  format('%s of %s, counted %s of %s, %s', p.completed_milestones, p.total_milestones, c.completed, c.total, p.status)
from study.learning_paths as p
cross join lateral (
  select count(*) as total, count(*) filter (where m.is_completed) as completed
  from study.learning_path_milestones as m
  where m.learning_path_id = p.id
) as c
where (p.total_milestones, p.completed_milestones) is distinct from (c.total, c.completed)
  or p.status = 'completed' and (c.total = 0 or c.completed < c.total)
  or p.status = 'active' and c.total > 0 and c.completed = c.total

union all

select 'a milestone stands before itself', r.id::text, ''
from (
  with recursive before as (
    select q.milestone_id as id, q.requires_id from study.learning_path_prerequisites as q
    union
    select b.id, q.requires_id from before as b join study.learning_path_prerequisites as q on q.milestone_id = b.requires_id
  )
  select distinct b.id from before as b where b.id = b.requires_id
) as r;
