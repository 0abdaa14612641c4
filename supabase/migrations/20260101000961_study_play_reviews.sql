-- What reviews of cards and finished sessions bring.

create function private.study_play_review(p_user_id uuid, p_log study.review_logs, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_xp jsonb := private.setting('study.xp');
  v_start bigint := (private.study_learner(p_user_id)).xp;
  v_before study.learners := private.study_count_day(private.study_learner(p_user_id), p_at);
  v_learner study.learners;
  v_ms bigint := least(p_log.duration_ms, private.setting_number('study.max_review_seconds') * 1000::bigint);
  v_is_early boolean := p_log.state_before <> 'new' and (p_log.card_before ->> 'due_on')::date > p_log.study_day;
  v_made_from uuid := (select coalesce(c.question_id, c.message_id, c.document_id) from study.sm2_review_cards as c where c.id = p_log.card_id);
begin
  -- Nothing for a card that has counted today, nor for one that is not due.
  if not coalesce(v_is_early, false) and not exists (
    select from study.review_logs as l
    join study.xp_transactions as x on x.user_id = p_user_id and x.source = 'review_complete' and x.source_key = l.id::text
    where l.card_id = p_log.card_id and l.id <> p_log.id and l.undone_at is null and x.study_day = v_before.last_study_day
  )
  -- Nor for a card that was deleted and made again.
  and not (p_log.state_before = 'new' and v_made_from is not null and exists (
    select from study.xp_transactions as x
    where x.user_id = p_user_id and x.source = 'review_complete' and x.created_at > p_at - interval '3 days'
      and x.study_day = v_before.last_study_day and x.metadata ->> 'made_from' = v_made_from::text
      and not exists (
        select from study.xp_transactions as u where u.user_id = p_user_id and u.source = 'review_undone' and u.source_key = x.source_key
      )
  )) then
    perform private.study_award_xp(
      p_user_id, (v_xp ->> case when p_log.rating = 1 then 'review_again' else 'review' end)::integer, 'review_complete', p_log.id::text, '',
      jsonb_strip_nulls(jsonb_build_object('made_from', v_made_from)), p_at
    );
  end if;
  update study.learners as l set
    cards_reviewed = l.cards_reviewed + 1, study_ms = l.study_ms + v_ms, last_studied_at = greatest(l.last_studied_at, p_at)
  where l.user_id = p_user_id
  returning l.* into v_learner;
  update study.user_streaks as s set
    cards_reviewed = s.cards_reviewed + 1, study_ms = s.study_ms + v_ms, last_activity_at = greatest(s.last_activity_at, p_at)
  where s.user_id = p_user_id and s.streak_date = v_learner.last_study_day;
  perform private.study_unlock_totals(v_before, v_learner, '{cards_reviewed, study_minutes}', p_at);
  perform private.study_unlock_events(p_user_id, array[jsonb_build_object(
    'metric', 'review', 'rating', p_log.rating, 'seconds', p_log.duration_ms / 1000.0, 'state', p_log.state_before,
    'interval_days', (p_log.card_before ->> 'interval_days')::integer,
    'hour', extract(hour from p_at at time zone v_learner.day_zone), 'weekday', extract(isodow from v_learner.last_study_day)
  )], p_at);
  perform private.study_meet_goal(p_user_id, p_at);
  return (private.study_learner(p_user_id)).xp - v_start;
end;
$$;
comment on function private.study_play_review(uuid, study.review_logs, timestamptz) is
  'What a review of a card, already logged, brings its learner: totals, day, streak, experience, goal, achievements. Returns all experience earned by it.';

create function private.study_play_unreview(p_user_id uuid, p_log study.review_logs, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_learner study.learners := private.study_learner(p_user_id);
  v_day study.user_streaks;
  v_entry study.xp_transactions;
  v_ms bigint;
begin
  select * into v_entry from study.xp_transactions as x
  where x.user_id = p_user_id and x.source = 'review_complete' and x.source_key = p_log.id::text;
  insert into study.xp_transactions (user_id, amount, source, source_key, study_day, created_at)
  select p_user_id, -v_entry.amount, 'review_undone', p_log.id::text, v_entry.study_day, p_at
  where v_entry.id is not null
  on conflict (user_id, source, source_key) do nothing;
  -- The day it was counted on: as a rule the last one.
  select * into v_day from study.user_streaks as s
  where s.user_id = p_user_id and s.streak_date <= v_learner.last_study_day and s.cards_reviewed > 0
  order by s.streak_date desc limit 1;
  v_ms := least(p_log.duration_ms, private.setting_number('study.max_review_seconds') * 1000::bigint, v_day.study_ms);
  if v_day.user_id is not null then
    update study.user_streaks as s set cards_reviewed = s.cards_reviewed - 1, study_ms = s.study_ms - v_ms
    where s.user_id = p_user_id and s.streak_date = v_day.streak_date;
    update study.learners as l set cards_reviewed = l.cards_reviewed - 1, study_ms = l.study_ms - v_ms where l.user_id = p_user_id;
  end if;
  return (private.study_learner(p_user_id)).xp - v_learner.xp;
end;
$$;
comment on function private.study_play_unreview(uuid, study.review_logs, timestamptz) is
  'Takes back what a review brought in totals and experience, once; returns the experience, zero or less. The day stays counted, achievements stay.';

create function private.study_play_session(p_user_id uuid, p_session study.practice_sessions, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_xp jsonb := private.setting('study.xp');
  v_before study.learners := private.study_learner(p_user_id);
  v_learner study.learners;
  v_amount integer := 0;
  v_counted bigint;
  v_local timestamp;
begin
  if p_session.status <> 'completed' or p_session.answered_count = 0 then
    return 0;
  end if;
  -- Whoever answers the same questions again and again, or his own, earns nothing by finishing.
  select count(*) into v_counted
  from study.user_question_attempts as a
  join study.xp_transactions as x on x.user_id = a.user_id and x.source = 'question_answered' and x.created_at >= p_session.started_at
    and x.metadata ->> 'attempt_id' = a.id::text and not (x.metadata ->> 'is_own')::boolean
  where a.session_id = p_session.id;
  if v_counted >= (v_xp ->> 'session_questions')::integer then
    v_amount := (v_xp ->> 'session')::integer;
  end if;
  if p_session.correct_count = p_session.total_questions and v_counted >= (v_xp ->> 'perfect_questions')::integer then
    v_amount := v_amount + (v_xp ->> 'perfect_session')::integer;
  end if;
  perform private.study_award_xp(p_user_id, v_amount, 'session_complete', p_session.id::text, '', '{}'::jsonb, p_at);
  update study.learners as l set sessions_completed = l.sessions_completed + 1 where l.user_id = p_user_id returning l.* into v_learner;
  perform private.study_unlock_totals(v_before, v_learner, '{sessions_completed}', p_at);
  select p_at at time zone p.time_zone into v_local from core.profiles as p where p.id = p_user_id;
  perform private.study_unlock_events(p_user_id, array[jsonb_build_object(
    'metric', 'session', 'session_type', p_session.session_type, 'selection', p_session.selection,
    'answered', p_session.answered_count, 'correct', p_session.correct_count, 'skipped', p_session.skipped_count,
    'accuracy', round(100.0 * p_session.correct_count / p_session.answered_count, 2), 'minutes', p_session.elapsed_ms / 60000,
    'hour', extract(hour from v_local), 'weekday', extract(isodow from v_local)
  )], p_at);
  perform private.study_meet_goal(p_user_id, p_at);
  return (private.study_learner(p_user_id)).xp - v_before.xp;
end;
$$;
comment on function private.study_play_session(uuid, study.practice_sessions, timestamptz) is
  'What a finished session brings its learner, beyond its answers: called once, when it completes. Nothing for one without answers. Returns all experience earned by it.';

insert into core.settings (key, value, description) values
  ('study.max_review_seconds', '120', 'The most time that one review of a card counts as studied.');

revoke execute on function
  private.study_play_review(uuid, study.review_logs, timestamptz), private.study_play_unreview(uuid, study.review_logs, timestamptz),
  private.study_play_session(uuid, study.practice_sessions, timestamptz)
  from public, anon, authenticated;
