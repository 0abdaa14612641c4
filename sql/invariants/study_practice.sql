-- Practice: an attempt is what was answered in its session, graded by the key of the version that was shown, and never before
-- the end of a session that grades at its end; counts are counts. A question that is deleted takes its rows out of a session,
-- so counts are compared where all questions are still there.

with whole as (
  select s.id, s.user_id, s.session_type, s.status, s.total_questions, s.answered_count, s.skipped_count, s.correct_count,
    c.answered, c.skipped, c.correct
  from study.practice_sessions as s
  cross join lateral (
    select count(*) as rows, count(*) filter (where q.status = 'answered') as answered,
      count(*) filter (where q.status = 'skipped') as skipped, count(*) filter (where a.is_correct) as correct
    from study.practice_session_questions as q
    left join study.user_question_attempts as a on a.session_id = q.session_id and a.question_id = q.question_id
    where q.session_id = s.id
  ) as c
  where c.rows = s.total_questions
)
select 'counts of a session are not those of its questions' as rule, w.id::text as id,
  format('answered %s of %s, skipped %s of %s, correct %s of %s', w.answered_count, w.answered, w.skipped_count, w.skipped, w.correct_count, w.correct) as detail
from whole as w
where (w.answered_count, w.skipped_count, w.correct_count) is distinct from (w.answered, w.skipped, w.correct)
union all
select 'an attempt is not what was answered in its session', a.id::text, format('session %s, question %s', a.session_id, a.question_id)
from study.user_question_attempts as a
join study.practice_sessions as s on s.id = a.session_id
left join study.practice_session_questions as q on q.session_id = a.session_id and q.question_id = a.question_id
where q.session_id is null or a.user_id <> s.user_id or a.version_id <> q.version_id
  or a.selected_indexes <> coalesce(q.selected_indexes, '{}') or a.is_skipped <> (q.status = 'skipped')
union all
select 'an attempt is not graded by the key', a.id::text, format('selected %s', a.selected_indexes)
from study.user_question_attempts as a
where not a.is_skipped and a.is_correct <> (a.selected_indexes = array(
  select k.option_index from study.question_keys as k where k.version_id = a.version_id and k.is_correct order by k.option_index
))
union all
select 'graded before the end', a.id::text, s.session_type
from study.user_question_attempts as a
join study.practice_sessions as s on s.id = a.session_id
where s.session_type in ('timed', 'test') and s.status <> 'completed'
union all
select 'answered, over, and not graded', s.id::text, format('question %s', q.question_id)
from study.practice_sessions as s
join study.practice_session_questions as q on q.session_id = s.id
where s.status = 'completed' and q.status <> 'pending'
  and not exists (select from study.user_question_attempts as a where a.session_id = s.id and a.question_id = q.question_id)
union all
select 'a session shows a version of another question', q.session_id::text, q.question_id::text
from study.practice_session_questions as q
join study.question_versions as v on v.id = q.version_id
where v.question_id <> q.question_id;
