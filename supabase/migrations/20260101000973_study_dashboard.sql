-- The dashboard, 2: everything that a learner's first page shows, in one call.

create function private.study_dashboard(p_user_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- reads what belongs to one learner, of whom its callers make sure
set search_path = ''
as $$
declare
  v_learner study.learners;
  v_wishes study.learner_settings := private.study_settings(p_user_id);
  v_today date := private.study_day(p_user_id, p_at);
  v_done study.user_streaks;
  v_streak jsonb;
  v_days jsonb;
  v_forecast jsonb;
  v_level integer;
begin
  select * into v_learner from study.learners as l where l.user_id = p_user_id;
  -- The day that counts: a traveller's may have begun earlier than his clock says now.
  select * into v_done from study.user_streaks as s
  where s.user_id = p_user_id and s.streak_date = (private.study_play_clock(v_learner, p_at)).study_day;
  select to_jsonb(s) into v_streak from private.study_streak_at(p_user_id, p_at) as s;
  select jsonb_agg(jsonb_build_object(
    'day', v_today - 83 + n, 'study_ms', coalesce(s.study_ms, 0), 'questions_answered', coalesce(s.questions_answered, 0),
    'cards_reviewed', coalesce(s.cards_reviewed, 0), 'xp_earned', coalesce(s.xp_earned, 0), 'is_frozen', coalesce(s.is_frozen, false)
  ) order by n) into v_days
  from generate_series(0, 83) as n
  left join study.user_streaks as s on s.user_id = p_user_id and s.streak_date = v_today - 83 + n;
  select jsonb_agg(to_jsonb(f) order by f.on_date) into v_forecast from private.study_review_forecast(p_user_id, 30, p_at) as f;
  v_level := coalesce(v_learner.level, 1);
  return jsonb_build_object(
    'day', v_today,
    'xp', coalesce(v_learner.xp, 0),
    'level', jsonb_build_object(
      'level', v_level, 'begins_at', private.study_level_xp(v_level), 'next_at', private.study_level_xp(v_level + 1)
    ),
    'streak', v_streak,
    'goal', jsonb_build_object(
      'xp', v_wishes.daily_goal_xp, 'xp_earned', coalesce(v_done.xp_earned, 0),
      'minutes', v_wishes.daily_goal_minutes, 'study_ms', coalesce(v_done.study_ms, 0),
      'is_met', v_done.goal_met_at is not null, 'met_at', v_done.goal_met_at
    ),
    'due', private.study_due_count(p_user_id, p_at),
    'totals', jsonb_build_object(
      'questions_answered', coalesce(v_learner.questions_answered, 0), 'questions_correct', coalesce(v_learner.questions_correct, 0),
      'accuracy', private.study_share(v_learner.questions_correct, v_learner.questions_answered),
      'cards_reviewed', coalesce(v_learner.cards_reviewed, 0), 'sessions_completed', coalesce(v_learner.sessions_completed, 0),
      'study_ms', coalesce(v_learner.study_ms, 0)
    ),
    'retention', private.study_dashboard_retention(p_user_id, v_today),
    'forecast', coalesce(v_forecast, '[]'::jsonb),
    'days', v_days
  ) || private.study_dashboard_answers(p_user_id, v_today - (extract(isodow from v_today)::integer - 1), p_at);
end;
$$;
comment on function private.study_dashboard(uuid, timestamptz) is 'See study.dashboard, of a learner at a moment.';

create function private.study_my_dashboard()
returns jsonb
language plpgsql
stable
security definer -- its parts are closed; shows the caller's own only
set search_path = ''
as $$
begin
  return private.study_dashboard(private.require_reader(), now());
end;
$$;
comment on function private.study_my_dashboard() is 'See study.dashboard.';

create function study.dashboard()
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_my_dashboard(); $$;
comment on function study.dashboard() is
  'Your first page in one call: {day, xp, level {level, begins_at, next_at}, streak {current_streak, longest_streak, freezes, studied_today, is_at_risk}, goal {xp, xp_earned, minutes, study_ms, is_met, met_at}, due: cards today, totals {questions_answered, questions_correct, accuracy, cards_reviewed, sessions_completed, study_ms}, weeks: 12 [{week_start, answered, correct, accuracy}], topics: up to 20 of these weeks [{topic_id, slug, name, answered, correct, accuracy, seconds_per_question, mastery_percentage, proficiency_level, accuracy_by_week: 12}], retention of a year {reviewed, recalled, rate, rate_30_days, young_rate, mature_rate, expected_rate, expected_rate_came_true, curve [{days, reviewed, recalled, rate}]}, forecast: 30 [{on_date, reviews}], days: 84 [{day, study_ms, questions_answered, cards_reviewed, xp_earned, is_frozen}]}. Days are yours, weeks begin on Monday, accuracies and rates are 0 to 1 (null of nothing). not_authenticated (401).';

revoke execute on function private.study_dashboard(uuid, timestamptz), private.study_my_dashboard(), study.dashboard()
  from public, anon, authenticated;
grant execute on function private.study_my_dashboard(), study.dashboard() to authenticated;
