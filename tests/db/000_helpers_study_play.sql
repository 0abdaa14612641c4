-- Helpers of the tests of play: people of a zone, questions of the bank, and answers and reviews at any time.

create function tests.play_learner(p_email text, p_zone text default 'UTC')
returns uuid
language plpgsql
as $$
declare
  v_id uuid := tests.create_user(p_email, '{}', jsonb_build_object('time_zone', p_zone));
begin
  return v_id;
end;
$$;

create function tests.play_question(p_author uuid default null, p_difficulty text default 'medium', p_topic uuid default null, p_source text default 'manual')
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
  v_version_id uuid;
begin
  insert into study.questions (author_id, topic_id, status, visibility, difficulty, source)
  values (p_author, p_topic, 'published', 'private', p_difficulty, p_source) returning id into v_id;
  insert into study.question_versions (question_id, version_no, vignette, content_hash) values (v_id, 1, 'A question of a test?', 'x') returning id into v_version_id;
  insert into study.question_options (version_id, option_index, option_text) values (v_version_id, 0, 'Right'), (v_version_id, 1, 'Wrong');
  insert into study.question_keys (version_id, option_index, is_correct) values (v_version_id, 0, true), (v_version_id, 1, false);
  return v_id;
end;
$$;

-- An answer, graded at once, in a session of its own; only what play makes of it. p_graded_at: when it was graded, if later.
create function tests.play_answer(
  p_user_id uuid, p_question_id uuid, p_is_correct boolean, p_at timestamptz, p_ms bigint default 60000, p_confidence integer default null,
  p_graded_at timestamptz default null, p_is_skipped boolean default false
)
returns integer
language plpgsql
as $$
declare
  v_session uuid;
  v_attempt study.user_question_attempts;
begin
  insert into study.practice_sessions (user_id, session_type, total_questions, running_since, started_at)
  values (p_user_id, 'tutor', 1, p_at, p_at) returning id into v_session;
  insert into study.user_question_attempts (
    user_id, question_id, version_id, session_id, attempt_type, selected_indexes, is_skipped, is_correct, confidence_rating, time_taken_ms,
    study_day, answered_at
  )
  select p_user_id, p_question_id, v.id, v_session, 'practice', case when p_is_skipped then '{}'::smallint[] else '{0}' end, p_is_skipped,
    p_is_correct, p_confidence, p_ms, private.study_day(p_user_id, p_at), p_at
  from study.question_versions as v where v.question_id = p_question_id
  returning * into v_attempt;
  return private.study_play_attempts(p_user_id, array[v_attempt], coalesce(p_graded_at, p_at));
end;
$$;

-- A card and its first review that is due. p_early: not due yet.
create function tests.play_card(p_user_id uuid, p_at timestamptz)
returns uuid
language sql
as $$
  insert into study.sm2_review_cards (user_id, source, front, back, due_at, due_on)
  values (p_user_id, 'note', 'Front', 'Back', p_at, private.study_day(p_user_id, p_at)) returning id;
$$;

create function tests.play_log(p_card_id uuid, p_rating integer, p_at timestamptz, p_ms bigint default 10000, p_due_in integer default 0, p_interval integer default 0)
returns study.review_logs
language plpgsql
as $$
declare
  v_card study.sm2_review_cards;
  v_log study.review_logs;
begin
  select * into v_card from study.sm2_review_cards where id = p_card_id;
  insert into study.review_logs (
    card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, interval_days, due_at, duration_ms, study_day, reviewed_at
  )
  select p_card_id, v_card.user_id, 1 + (select count(*) from study.review_logs as l where l.card_id = p_card_id and l.undone_at is null), 'fsrs', p_rating,
    'review', to_jsonb(v_card) || jsonb_build_object('due_on', private.study_day(v_card.user_id, p_at) + p_due_in, 'interval_days', p_interval),
    0, 1, p_at + interval '1 day', p_ms, private.study_day(v_card.user_id, p_at), p_at
  returning * into v_log;
  return v_log;
end;
$$;

create function tests.play_review(p_card_id uuid, p_rating integer, p_at timestamptz, p_ms bigint default 10000, p_due_in integer default 0, p_interval integer default 0)
returns integer
language plpgsql
as $$
declare
  v_log study.review_logs := tests.play_log(p_card_id, p_rating, p_at, p_ms, p_due_in, p_interval);
begin
  return private.study_play_review(v_log.user_id, v_log, p_at);
end;
$$;

grant execute on all functions in schema tests to public;
