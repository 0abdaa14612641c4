-- Helpers for the tests of what is summed of a learner's past: answers and reviews at any time, stored as grading stores
-- them, without what follows from them.

-- A published question with two options, the first right.
create function tests.sh_question(p_author_id uuid, p_topic_id uuid default null)
returns uuid
language plpgsql
as $$
declare
  v_id uuid := gen_random_uuid();
  v_version_id uuid := gen_random_uuid();
begin
  insert into study.questions (id, author_id, topic_id, status, visibility)
  values (v_id, p_author_id, p_topic_id, 'published', 'authenticated');
  insert into study.question_versions (id, question_id, version_no, vignette, content_hash)
  values (v_version_id, v_id, 1, 'What is true of ' || v_id || '?', md5(v_id::text));
  insert into study.question_options (version_id, option_index, option_text) values (v_version_id, 0, 'This'), (v_version_id, 1, 'That');
  insert into study.question_keys (version_id, option_index, is_correct) values (v_version_id, 0, true), (v_version_id, 1, false);
  return v_id;
end;
$$;

create function tests.sh_session(p_user_id uuid, p_at timestamptz, p_status text default 'completed', p_type text default 'tutor')
returns uuid
language sql
as $$
  insert into study.practice_sessions (user_id, session_type, status, started_at, completed_at, running_since, elapsed_ms, time_limit_seconds)
  values (
    p_user_id, p_type, p_status, p_at, case when p_status in ('completed', 'abandoned') then p_at + interval '10 minutes' end,
    case when p_status = 'active' then p_at end, 600000, case when p_type in ('timed', 'test') then 3600 end
  )
  returning id;
$$;

-- An answer (p_is_correct null: skipped), and the note that its day has to be summed.
create function tests.sh_answer(
  p_user_id uuid, p_question_id uuid, p_at timestamptz, p_is_correct boolean default true, p_session_id uuid default null, p_ms bigint default 20000
)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
  v_day date := private.study_day(p_user_id, p_at);
begin
  insert into study.user_question_attempts (
    user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes, is_skipped, is_correct, time_taken_ms, study_day, answered_at
  )
  select p_user_id, q.id, v.id, coalesce(p_session_id, tests.sh_session(p_user_id, p_at)), q.topic_id, 'practice',
    case when p_is_correct is null then '{}' when p_is_correct then '{0}' else '{1}' end::smallint[], p_is_correct is null,
    coalesce(p_is_correct, false), p_ms, v_day, p_at
  from study.questions as q join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
  where q.id = p_question_id
  returning id into v_id;
  perform private.study_mark_day(p_user_id, array[v_day]);
  return v_id;
end;
$$;

create function tests.sh_card(p_user_id uuid, p_due_on date, p_interval integer default 10)
returns uuid
language sql
as $$
  insert into study.sm2_review_cards (
    user_id, source, front, back, state, repetition_count, stability, difficulty, interval_days, due_at, due_on, last_reviewed_at
  )
  values (p_user_id, 'note', 'Front', 'Back', 'review', 1, p_interval, 5, p_interval, p_due_on, p_due_on, p_due_on - p_interval)
  returning id;
$$;

create function tests.sh_review(
  p_card_id uuid, p_at timestamptz, p_rating integer default 3, p_interval integer default 10, p_elapsed integer default null,
  p_expected double precision default 0.9, p_state text default 'review'
)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
  v_user_id uuid := (select c.user_id from study.sm2_review_cards as c where c.id = p_card_id);
  v_day date := private.study_day(v_user_id, p_at);
begin
  insert into study.review_logs (
    card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, retrievability, interval_days, due_at,
    duration_ms, study_day, reviewed_at
  )
  values (
    p_card_id, v_user_id, 1 + (select count(*) from study.review_logs as l where l.card_id = p_card_id and l.undone_at is null), 'fsrs', p_rating, p_state,
    jsonb_build_object('interval_days', p_interval, 'state', p_state), coalesce(p_elapsed, p_interval), p_expected, p_interval * 2,
    p_at + interval '20 days', 5000, v_day, p_at
  )
  returning id into v_id;
  perform private.study_mark_day(v_user_id, array[v_day]);
  return v_id;
end;
$$;

grant execute on all functions in schema tests to public;
