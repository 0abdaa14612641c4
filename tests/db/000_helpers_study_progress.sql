-- Helpers for the tests of progress: questions of the bank, and graded answers to them.

create function tests.sp_question(
  p_topic_id uuid, p_difficulty text default 'medium', p_author_id uuid default null, p_visibility text default 'authenticated',
  p_status text default 'published', p_material_id uuid default null
)
returns uuid
language plpgsql
as $$
declare
  v_question study.questions;
begin
  insert into study.questions (author_id, topic_id, difficulty, status, visibility, material_id, is_verified, verified_at)
  values (
    p_author_id, p_topic_id, p_difficulty, p_status, p_visibility, p_material_id,
    p_status = 'published' and p_visibility <> 'private', case when p_status = 'published' and p_visibility <> 'private' then now() end
  )
  returning * into v_question;
  perform private.study_write_version(
    v_question, 1,
    jsonb_build_object(
      'vignette', 'Question ' || v_question.id,
      'options', '[{"text": "Right", "is_correct": true}, {"text": "Wrong"}, {"text": "Wronger"}, {"text": "Wrongest"}]'::jsonb
    ),
    null, null, null
  );
  if v_question.is_verified then
    insert into study.question_decisions (question_id, version_no, decision) values (v_question.id, 1, 'published');
  end if;
  return v_question.id;
end;
$$;

-- An attempt as grading writes it, in a session of its own. p_is_correct null: skipped. Without p_study_day, each answer to one
-- question is of another day, as a question says something of its topic once a day.
create function tests.sp_attempt(
  p_user_id uuid, p_question_id uuid, p_is_correct boolean, p_at timestamptz default now(), p_confidence smallint default null,
  p_study_day date default null
)
returns study.user_question_attempts
language plpgsql
as $$
declare
  v_session_id uuid;
  v_attempt study.user_question_attempts;
begin
  insert into study.practice_sessions (
    user_id, session_type, status, total_questions, answered_count, skipped_count, correct_count, started_at, completed_at
  )
  values (
    p_user_id, 'tutor', 'completed', 1, (p_is_correct is not null)::integer, (p_is_correct is null)::integer, coalesce(p_is_correct, false)::integer,
    p_at, p_at
  )
  returning id into v_session_id;
  insert into study.practice_session_questions (
    session_id, question_order, question_id, version_id, status, selected_indexes, confidence_rating, time_taken_ms, answered_at
  )
  select v_session_id, 1, q.id, v.id, case when p_is_correct is null then 'skipped' else 'answered' end,
    case when p_is_correct then '{0}' when not p_is_correct then '{1}' end::smallint[], p_confidence, 5000, p_at
  from study.questions as q
  join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
  where q.id = p_question_id;
  insert into study.user_question_attempts (
    user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes, is_skipped, is_correct,
    confidence_rating, time_taken_ms, study_day, answered_at
  )
  select p_user_id, q.id, v.id, v_session_id, q.topic_id, 'practice',
    case when p_is_correct then '{0}' when not p_is_correct then '{1}' else '{}' end::smallint[], p_is_correct is null,
    coalesce(p_is_correct, false), p_confidence, 5000,
    coalesce(p_study_day, private.study_day(p_user_id, p_at) + (
      select count(*)::integer from study.user_question_attempts as e where e.user_id = p_user_id and e.question_id = p_question_id
    )), p_at
  from study.questions as q
  join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
  where q.id = p_question_id
  returning * into v_attempt;
  return v_attempt;
end;
$$;

-- What is answered at once, with what it does to progress.
create function tests.sp_answer(p_user_id uuid, p_question_id uuid, p_is_correct boolean, p_at timestamptz default now(), p_times integer default 1)
returns void
language plpgsql
as $$
begin
  for i in 1..p_times loop
    perform private.study_progress_attempts(p_user_id, array[tests.sp_attempt(p_user_id, p_question_id, p_is_correct, p_at)], p_at);
  end loop;
end;
$$;
