-- What answering sets in motion, in the transaction of the answer and in one order: item statistics, progress and mastery,
-- review cards, play, the days to sum anew, and one message to the learner.
--
-- Attempts are append-only: what was answered and how it was graded does not change.

create function private.tg_attempts__guard()
returns trigger
language plpgsql
security definer -- whoever writes
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and pg_catalog.pg_trigger_depth() > 1 then
    return old; -- with its person, question or session
  end if;
  if tg_op = 'UPDATE' and to_jsonb(new) - 'topic_id' = to_jsonb(old) - 'topic_id' then
    return new;
  end if;
  raise sqlstate 'PT409' using
    message = 'attempt_fixed', detail = 'An attempt does not change.', hint = 'Answer the question in another session.';
end;
$$;
comment on function private.tg_attempts__guard() is
  'Trigger: attempts are append-only; only their topic moves (merged, deleted), and they go with their person, question or session. attempt_fixed (409).';
create trigger _100_guard before update or delete on study.user_question_attempts
  for each row execute function private.tg_attempts__guard();

create function private.study_consequences(p_user_id uuid, p_attempts study.user_question_attempts[], p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- writes what no client writes
set search_path = ''
as $$
declare
  v_xp integer;
begin
  if cardinality(p_attempts) = 0 then
    return 0;
  end if;
  perform private.study_learner(p_user_id);
  -- Before progress: a first answer is one that progress does not know yet.
  perform private.study_count_attempts(p_attempts, p_at);
  perform private.study_progress_attempts(p_user_id, p_attempts, p_at);
  perform private.study_review_attempts(p_user_id, p_attempts, p_at);
  v_xp := private.study_play_attempts(p_user_id, p_attempts, p_at);
  perform private.study_mark_day(p_user_id, array(select distinct a.study_day from unnest(p_attempts) as a order by a.study_day));
  return v_xp;
end;
$$;
comment on function private.study_consequences(uuid, study.user_question_attempts[], timestamptz) is
  'Everything that follows from graded attempts but the message to the learner; returns the experience earned.';

create function private.study_apply_attempts(p_user_id uuid, p_attempts study.user_question_attempts[], p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- writes what no client writes
set search_path = ''
as $$
declare
  v_xp integer := private.study_consequences(p_user_id, p_attempts, p_at);
begin
  if cardinality(p_attempts) > 0 then
    perform private.study_announce(p_user_id, p_at);
  end if;
  return v_xp;
end;
$$;
comment on function private.study_apply_attempts(uuid, study.user_question_attempts[], timestamptz) is
  'Everything that follows from graded attempts, whose rows are already stored, in the order in which they were answered: item statistics, progress and mastery, cards, play, the days to sum anew, one broadcast study_progress on user:<id>. Returns the experience earned. p_at: when they were graded.';

-- The key is read here, and where a result is shown.
create function private.study_grade(p_session study.practice_sessions, p_question_id uuid)
returns study.user_question_attempts[]
language plpgsql
volatile
security definer -- reads the key; attempts have no insert grant
set search_path = ''
as $$
declare
  v_cap bigint := private.setting_number('study.max_question_seconds') * 1000::bigint;
  v_type text := case p_session.session_type when 'test' then 'test' when 'review' then 'review' else 'practice' end;
  v_attempts study.user_question_attempts[];
begin
  with graded as (
    insert into study.user_question_attempts as a (
      user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes, is_skipped, is_correct,
      confidence_rating, time_taken_ms, study_day, answered_at
    )
    select p_session.user_id, q.question_id, q.version_id, p_session.id, b.topic_id, v_type,
      coalesce(q.selected_indexes, '{}'), q.status = 'skipped',
      q.status = 'answered' and q.selected_indexes = array(
        select k.option_index from study.question_keys as k where k.version_id = q.version_id and k.is_correct order by k.option_index
      ),
      q.confidence_rating, least(q.time_taken_ms, v_cap), private.study_day(p_session.user_id, q.answered_at), q.answered_at
    from study.practice_session_questions as q
    join study.questions as b on b.id = q.question_id
    where q.session_id = p_session.id and q.status <> 'pending' and (p_question_id is null or q.question_id = p_question_id)
    -- In a mode that grades at once, only what was skipped is left at the end.
    on conflict (session_id, question_id) do nothing
    returning a as attempt, a.question_id, a.answered_at
  )
  select coalesce(array_agg(g.attempt order by g.answered_at, q.question_order), '{}') into v_attempts
  from graded as g
  join study.practice_session_questions as q on q.session_id = p_session.id and q.question_id = g.question_id;
  return v_attempts;
end;
$$;
comment on function private.study_grade(study.practice_sessions, uuid) is
  'Grades what was answered and skipped in a session (null: all of it, else one question) and not graded yet: an answer is right when it selects all the right options and no other. Returns the new attempts in the order in which they were answered.';

revoke execute on function
  private.tg_attempts__guard(), private.study_consequences(uuid, study.user_question_attempts[], timestamptz),
  private.study_apply_attempts(uuid, study.user_question_attempts[], timestamptz),
  private.study_grade(study.practice_sessions, uuid)
  from public, anon, authenticated;
