-- What answering, reviewing and finishing bring: totals, the day, experience, the goal, achievements. Called in the
-- transaction of the answer, with the learner locked.
--
-- Experience is not to be farmed: a question counts once a day, whatever becomes of it; a question that one wrote oneself
-- counts little, and is right for no achievement; a session counts by what counted in it; a card counts once a day, and nothing when it is reviewed before it is due; a skip counts nothing.

insert into core.settings (key, value, description) values
  ('study.xp', '{
    "correct": {"easy": 8, "medium": 10, "hard": 14, "nbme": 16}, "wrong": 2, "own_question": 2, "review": 4, "review_again": 2,
    "session": 10, "session_questions": 5, "perfect_session": 15, "perfect_questions": 10, "daily_goal": 20
  }', 'Experience: for a right answer by difficulty, a wrong one, one''s own question; for a review; for a session of so many answers; for the daily goal.');

create function private.study_meet_goal(p_user_id uuid, p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- days have no direct writing
set search_path = ''
as $$
declare
  v_wishes study.learner_settings := private.study_settings(p_user_id);
  v_day study.user_streaks;
begin
  update study.user_streaks as s set goal_met_at = p_at
  where s.user_id = p_user_id and s.goal_met_at is null
    and s.streak_date = (select l.last_study_day from study.learners as l where l.user_id = p_user_id)
    and (s.xp_earned >= v_wishes.daily_goal_xp or s.study_ms >= v_wishes.daily_goal_minutes * 60000::bigint)
  returning s.* into v_day;
  if found then
    perform private.study_award_xp(
      p_user_id, (private.setting('study.xp') ->> 'daily_goal')::integer, 'daily_goal_met', v_day.streak_date::text, '', '{}'::jsonb, p_at
    );
    perform private.study_unlock_events(p_user_id, array[jsonb_build_object(
      'metric', 'goal', 'weekday', extract(isodow from v_day.streak_date), 'streak', v_day.streak_length
    )], p_at);
  end if;
end;
$$;
comment on function private.study_meet_goal(uuid, timestamptz) is
  'Marks the goal of the last counted day as met, once there is enough experience or time in it: its experience is given once a day.';

-- Answers of one day of the learner, in their order.
create function private.study_play_answers(p_user_id uuid, p_answers study.user_question_attempts[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_xp jsonb := private.setting('study.xp');
  v_first timestamptz := (select min(a.answered_at) from unnest(p_answers) as a);
  v_learner study.learners := private.study_count_day(private.study_learner(p_user_id), v_first);
  v_before study.learners := v_learner;
  v_day date := v_learner.last_study_day;
  v_own uuid[] := array(
    select q.id from unnest(p_answers) as a join study.questions as q on q.id = a.question_id
    where q.author_id = p_user_id and q.source in ('manual', 'import')
  );
  v_counted uuid[];
  v_answer study.user_question_attempts;
begin
  with entered as (
    insert into study.xp_transactions (user_id, amount, source, source_key, metadata, study_day, created_at)
    select p_user_id, e.amount, 'question_answered', e.question_id || ':' || v_day,
      jsonb_build_object('attempt_id', e.id, 'is_own', e.question_id = any (v_own)), v_day, p_at
    from (
      select a.id, a.question_id, a.answered_at, case
        when not a.is_correct then (v_xp ->> 'wrong')::integer
        when a.question_id = any (v_own) then (v_xp ->> 'own_question')::integer
        else (v_xp -> 'correct' ->> q.difficulty)::integer
      end as amount
      from unnest(p_answers) as a join study.questions as q on q.id = a.question_id
    ) as e
    where e.amount <> 0
    order by e.answered_at, e.id
    on conflict (user_id, source, source_key) do nothing
    returning (metadata ->> 'attempt_id')::uuid as attempt_id
  )
  select coalesce(array_agg(e.attempt_id), '{}') into v_counted from entered as e;
  -- The entries moved the learner's row.
  select * into v_learner from study.learners as l where l.user_id = p_user_id;
  foreach v_answer in array p_answers loop
    if not v_answer.is_correct then
      v_learner.current_combo := 0;
    elsif v_answer.id = any (v_counted) and not v_answer.question_id = any (v_own) then
      v_learner.current_combo := v_learner.current_combo + 1;
      v_learner.longest_combo := greatest(v_learner.longest_combo, v_learner.current_combo);
    end if;
  end loop;
  update study.learners as l set
    questions_answered = l.questions_answered + t.answered, questions_correct = l.questions_correct + t.correct, study_ms = l.study_ms + t.ms,
    current_combo = v_learner.current_combo, longest_combo = v_learner.longest_combo,
    last_studied_at = greatest(l.last_studied_at, t.last_at)
  from (
    select count(*) as answered, count(*) filter (where a.is_correct) as correct, sum(a.time_taken_ms) as ms, max(a.answered_at) as last_at
    from unnest(p_answers) as a
  ) as t
  where l.user_id = p_user_id
  returning l.* into v_learner;
  update study.user_streaks as s set
    questions_answered = s.questions_answered + (v_learner.questions_answered - v_before.questions_answered)::integer,
    questions_correct = s.questions_correct + (v_learner.questions_correct - v_before.questions_correct)::integer,
    study_ms = s.study_ms + v_learner.study_ms - v_before.study_ms,
    last_activity_at = greatest(s.last_activity_at, v_learner.last_studied_at)
  where s.user_id = p_user_id and s.streak_date = v_day;
  perform private.study_unlock_totals(v_before, v_learner, '{questions_answered, questions_correct, combo, study_minutes}', p_at);
  perform private.study_unlock_events(p_user_id, (
    select array_agg(jsonb_build_object(
      'metric', 'answer', 'is_correct', case when not a.question_id = any (v_own) then a.is_correct end, 'seconds', a.time_taken_ms / 1000.0, 'confidence', a.confidence_rating,
      'hour', extract(hour from a.answered_at at time zone v_learner.day_zone),
      'weekday', extract(isodow from v_day), 'difficulty', q.difficulty, 'attempt_type', a.attempt_type
    ))
    from unnest(p_answers) as a join study.questions as q on q.id = a.question_id
  ), p_at);
  perform private.study_unlock_mastery(p_user_id, v_first, p_at);
  perform private.study_meet_goal(p_user_id, p_at);
end;
$$;
comment on function private.study_play_answers(uuid, study.user_question_attempts[], timestamptz) is
  'What answers of one day bring their learner; see private.study_play_attempts.';

create function private.study_play_attempts(p_user_id uuid, p_attempts study.user_question_attempts[], p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_before bigint := (private.study_learner(p_user_id)).xp;
  v_day date;
begin
  -- A sitting may pass the learner's midnight: each answer belongs to the day on which it was given.
  for v_day in select distinct a.study_day from unnest(p_attempts) as a where not a.is_skipped order by 1 loop
    perform private.study_play_answers(
      p_user_id, array(select a from unnest(p_attempts) as a where a.study_day = v_day and not a.is_skipped), p_at
    );
  end loop;
  return (private.study_learner(p_user_id)).xp - v_before;
end;
$$;
comment on function private.study_play_attempts(uuid, study.user_question_attempts[], timestamptz) is
  'What graded answers bring their learner, at grading (p_at): totals, combo, day, streak, experience, goal, achievements. Skips bring nothing. Returns all experience earned by it.';

revoke execute on function
  private.study_meet_goal(uuid, timestamptz), private.study_play_answers(uuid, study.user_question_attempts[], timestamptz),
  private.study_play_attempts(uuid, study.user_question_attempts[], timestamptz)
  from public, anon, authenticated;
