-- What learners did is in the sums of its day, unless the day is noted as waiting. Sums may hold more than is there: what a
-- question or a card took along when it was deleted.

with answers as (
  select a.user_id, a.study_day, count(*) filter (where not a.is_skipped) as answered, count(*) filter (where a.is_correct) as correct,
    count(*) filter (where a.is_skipped) as skipped
  from study.user_question_attempts as a group by a.user_id, a.study_day
), stored as (
  select m.user_id, m.metric_date, sum(m.questions_attempted) as answered, sum(m.questions_correct) as correct, sum(m.questions_skipped) as skipped
  from study.performance_metrics as m group by m.user_id, m.metric_date
)
select 'answers are in no sum' as problem, a.user_id, a.study_day
from answers as a
left join stored as s on s.user_id = a.user_id and s.metric_date = a.study_day
where not exists (select from study.analytics_queue as q where q.user_id = a.user_id and q.study_day = a.study_day)
  and not exists (
    select from ops.archived_partitions as p
    where p.table_schema = 'study' and p.table_name = 'performance_metrics' and p.month = date_trunc('month', a.study_day)::date
  )
  and (a.answered > coalesce(s.answered, 0) or a.correct > coalesce(s.correct, 0) or a.skipped > coalesce(s.skipped, 0))
union all
select 'reviews are in no sum', l.user_id, l.study_day
from (
  select r.user_id, r.study_day, count(*) as reviewed from study.review_logs as r
  where r.undone_at is null and r.state_before = 'review' group by r.user_id, r.study_day
) as l
left join study.retention_analytics as s on s.user_id = l.user_id and s.retention_date = l.study_day
where not exists (select from study.analytics_queue as q where q.user_id = l.user_id and q.study_day = l.study_day)
  and not exists (
    select from ops.archived_partitions as p
    where p.table_schema = 'study' and p.table_name = 'retention_analytics' and p.month = date_trunc('month', l.study_day)::date
  )
  and l.reviewed > coalesce(s.cards_reviewed, 0);
