-- Achievements: conditions are data, and each is looked at only when what it asks for has moved.
--
--   A total (questions_answered, streak, level …) stands in the learner's row. It is reached when the total passes the
--   threshold: one range of an index from the total before to the total after, whatever else there is.
--   An event (answer, review, session, day, goal, freeze) counts when it meets unlock_conditions; how often it did is kept in
--   user_achievements.progress, and no longer looked at once the achievement is there.
--   mastery and topics_mastered are read from mastery_levels after answers.

create table study.achievement_metrics (
  metric text primary key,
  kind text not null,
  fields text[] not null default '{}',
  description text not null,
  constraint achievement_metrics_kind_check check (kind in ('total', 'event', 'mastery'))
);
comment on table study.achievement_metrics is 'What achievements may ask for. fields: what unlock_conditions may look at.';
insert into study.achievement_metrics (metric, kind, fields, description) values
  ('questions_answered', 'total', '{}', 'Questions answered.'),
  ('questions_correct', 'total', '{}', 'Questions answered right.'),
  ('cards_reviewed', 'total', '{}', 'Cards reviewed.'),
  ('sessions_completed', 'total', '{}', 'Practice sessions finished.'),
  ('study_minutes', 'total', '{}', 'Minutes spent on answers and cards.'),
  ('streak', 'total', '{}', 'The longest streak of days.'),
  ('combo', 'total', '{}', 'Most right answers in a row, each question once a day.'),
  ('xp', 'total', '{}', 'Experience.'),
  ('level', 'total', '{}', 'The level.'),
  ('answer', 'event', '{is_correct,seconds,hour,weekday,confidence,difficulty,attempt_type}', 'An answer. hour and weekday (Monday 1) by the learner''s clock.'),
  ('review', 'event', '{rating,seconds,hour,weekday,interval_days,state}', 'A review of a card; interval_days and state as they were before it.'),
  ('activity', 'event', '{seconds,hour,weekday}', 'An answer or a review.'),
  ('session', 'event', '{session_type,selection,answered,correct,skipped,accuracy,minutes,hour,weekday}', 'A finished session; accuracy in percent of its answers.'),
  ('day', 'event', '{away_days,weekday,hour,month,day_of_month,streak}', 'A day on which something is done; away_days: days without, before it.'),
  ('goal', 'event', '{weekday,streak}', 'A daily goal that is met.'),
  ('freeze', 'event', '{freezes,streak}', 'A day of a streak that a freeze bridged.'),
  ('mastery', 'mastery', '{questions_answered}', 'Percent of mastery of the topic (topic_id, or any).'),
  ('topics_mastered', 'mastery', '{mastery,questions_answered}', 'Topics whose mastery meets unlock_conditions.');
alter table study.achievement_metrics enable row level security;
revoke all on study.achievement_metrics from public, anon, authenticated;
grant select on study.achievement_metrics to authenticated, service_role;
create policy achievement_metrics_select_all on study.achievement_metrics for select to authenticated using (true);

alter table study.achievements add constraint achievements_metric_fkey
  foreign key (metric) references study.achievement_metrics (metric) on delete restrict;

-- Each key of the conditions is a field, or min_, max_ or below_ and a field; a list means one of these.
create function private.study_meets(p_event jsonb, p_conditions jsonb)
returns boolean
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_key text;
  v_wanted jsonb;
  v_is_met boolean;
begin
  for v_key, v_wanted in select c.key, c.value from jsonb_each(p_conditions) as c loop
    v_is_met := case
      when v_key like 'min\_%' then (p_event ->> substr(v_key, 5))::numeric >= v_wanted::numeric
      when v_key like 'max\_%' then (p_event ->> substr(v_key, 5))::numeric <= v_wanted::numeric
      when v_key like 'below\_%' then (p_event ->> substr(v_key, 7))::numeric < v_wanted::numeric
      when jsonb_typeof(v_wanted) = 'array' then p_event -> v_key <@ v_wanted
      else p_event -> v_key = v_wanted
    end;
    if v_is_met is not true then
      return false;
    end if;
  end loop;
  return true;
end;
$$;
comment on function private.study_meets(jsonb, jsonb) is
  'Whether an event meets the conditions of an achievement: {field: value}, {field: [one of these]}, {min_field: n}, {max_field: n}, {below_field: n}, all of them. A field that the event lacks meets nothing.';

create function private.tg_achievements__check()
returns trigger
language plpgsql
security definer -- reads the metrics for whoever writes
set search_path = ''
as $$
declare
  v_metric study.achievement_metrics;
begin
  select * into v_metric from study.achievement_metrics as m where m.metric = new.metric;
  if exists (
    select from jsonb_each(new.unlock_conditions) as c
    where not regexp_replace(c.key, '^(min|max|below)_', '') = any (v_metric.fields)
      or c.key ~ '^(min|max|below)_' and jsonb_typeof(c.value) <> 'number'
      or jsonb_typeof(c.value) in ('object', 'null')
  ) or new.topic_id is not null and new.metric <> 'mastery'
  then
    raise sqlstate 'PT422' using
      message = 'achievement_conditions_invalid',
      detail = format('%s looks at: %s. Only mastery has a topic.', new.metric, coalesce(nullif(array_to_string(v_metric.fields, ', '), ''), 'nothing')),
      hint = 'Write {"field": value}, {"min_field": n}, {"max_field": n} or {"below_field": n}.';
  end if;
  return new;
end;
$$;
comment on function private.tg_achievements__check() is 'Trigger: unlock_conditions look at fields of the metric. achievement_conditions_invalid (422).';
create trigger _200_check before insert or update of metric, unlock_conditions, topic_id on study.achievements
  for each row execute function private.tg_achievements__check();

-- What was reached is had from now on, and its experience enters the ledger: once, by the keys of both.
create function private.study_unlock(p_user_id uuid, p_achievement_ids uuid[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- achievements have no direct writing
set search_path = ''
as $$
declare
  v_unlocked uuid[];
begin
  if cardinality(p_achievement_ids) = 0 then
    return;
  end if;
  with unlocked as (
    insert into study.user_achievements as u (user_id, achievement_id, progress, is_completed, unlocked_at, created_at)
    select p_user_id, a.id, a.threshold, true, p_at, p_at
    from study.achievements as a where a.id = any (p_achievement_ids)
    on conflict (user_id, achievement_id) do update
      set progress = excluded.progress, is_completed = true, unlocked_at = excluded.unlocked_at
      where not u.is_completed
    returning u.achievement_id
  )
  select coalesce(array_agg(u.achievement_id), '{}') into v_unlocked from unlocked as u;
  if cardinality(v_unlocked) = 0 then
    return;
  end if;
  perform private.study_note_gain(p_user_id, 0, null, (
    select jsonb_agg(jsonb_build_object('code', a.code, 'name', a.name, 'xp_reward', a.xp_reward) order by a.sort_order, a.code)
    from study.achievements as a where a.id = any (v_unlocked)
  ));
  insert into study.xp_transactions (user_id, amount, source, source_key, description, study_day, created_at)
  select p_user_id, a.xp_reward, 'achievement_unlock', a.id::text, a.name,
    (private.study_play_clock(private.study_learner(p_user_id), p_at)).study_day, p_at
  from study.achievements as a
  where a.id = any (v_unlocked) and a.xp_reward > 0
  on conflict (user_id, source, source_key) do nothing;
end;
$$;
comment on function private.study_unlock(uuid, uuid[], timestamptz) is
  'Gives achievements to a learner, with their experience; those that he has are left alone.';

create function private.study_unlock_totals(p_before study.learners, p_after study.learners, p_metrics text[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- achievements have no direct writing
set search_path = ''
as $$
declare
  v_before jsonb := private.study_totals(p_before);
  v_after jsonb := private.study_totals(p_after);
  v_metric text;
  v_from bigint;
  v_to bigint;
  v_reached uuid[] := '{}'::uuid[];
begin
  foreach v_metric in array p_metrics loop
    v_from := (v_before ->> v_metric)::bigint;
    v_to := (v_after ->> v_metric)::bigint;
    if v_to > v_from then
      v_reached := v_reached || array(
        select a.id from study.achievements as a
        where a.metric = v_metric and a.threshold > v_from and a.threshold <= v_to and a.is_active
      );
    end if;
  end loop;
  perform private.study_unlock(p_after.user_id, v_reached, p_at);
end;
$$;
comment on function private.study_unlock_totals(study.learners, study.learners, text[], timestamptz) is
  'Unlocks the achievements whose threshold these totals passed between two states of a learner.';

create function private.study_totals(p_learner study.learners)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'questions_answered', p_learner.questions_answered, 'questions_correct', p_learner.questions_correct,
    'cards_reviewed', p_learner.cards_reviewed, 'sessions_completed', p_learner.sessions_completed,
    'study_minutes', p_learner.study_ms / 60000, 'streak', p_learner.longest_streak, 'combo', p_learner.longest_combo,
    'xp', p_learner.xp, 'level', p_learner.level
  );
$$;
comment on function private.study_totals(study.learners) is 'The totals of a learner by the names of achievement_metrics.';

create function private.study_unlock_events(p_user_id uuid, p_events jsonb[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- achievements have no direct writing
set search_path = ''
as $$
declare
  v_metrics text[] := array(select distinct e.event ->> 'metric' from unnest(p_events) as e (event));
  v_reached uuid[];
begin
  if v_metrics && '{answer, review}'::text[] then
    v_metrics := v_metrics || 'activity'::text;
  end if;
  with counted as (
    insert into study.user_achievements as u (user_id, achievement_id, progress, created_at)
    select p_user_id, a.id, least(count(*), a.threshold), p_at
    from study.achievements as a
    join unnest(p_events) as e (event)
      on e.event ->> 'metric' = a.metric or a.metric = 'activity' and e.event ->> 'metric' in ('answer', 'review')
    where a.metric = any (v_metrics)
      and a.is_active
      and not exists (select from study.user_achievements as h where h.user_id = p_user_id and h.achievement_id = a.id and h.is_completed)
      and private.study_meets(e.event, a.unlock_conditions)
    group by a.id
    on conflict (user_id, achievement_id) do update set progress = u.progress + excluded.progress where not u.is_completed
    returning u.achievement_id, u.progress
  )
  select coalesce(array_agg(a.id), '{}') into v_reached
  from counted as c join study.achievements as a on a.id = c.achievement_id and c.progress >= a.threshold;
  perform private.study_unlock(p_user_id, v_reached, p_at);
end;
$$;
comment on function private.study_unlock_events(uuid, jsonb[], timestamptz) is
  'Counts events ({"metric": …, fields}) for the achievements whose conditions they meet, and unlocks those that have enough. The learner must be locked.';

create function private.study_unlock_mastery(p_user_id uuid, p_since timestamptz, p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- achievements have no direct writing
set search_path = ''
as $$
declare
  v_reached uuid[];
begin
  select coalesce(array_agg(a.id), '{}') into v_reached
  from study.achievements as a
  where a.metric in ('mastery', 'topics_mastered') and a.is_active
    and not exists (select from study.user_achievements as h where h.user_id = p_user_id and h.achievement_id = a.id and h.is_completed)
    -- Something it asks for was touched by these answers,
    and exists (
      select from study.mastery_levels as m
      where m.user_id = p_user_id and m.observed_at >= p_since and (a.topic_id is null or m.topic_id = a.topic_id)
        -- What private.study_meets asks, too: without a call for each topic.
        and m.mastery_percentage >= case a.metric when 'mastery' then a.threshold else coalesce((a.unlock_conditions ->> 'min_mastery')::numeric, 0) end
        and private.study_meets(jsonb_build_object('mastery', m.mastery_percentage, 'questions_answered', m.questions_answered), a.unlock_conditions)
    )
    -- and there is enough of it.
    and (a.metric = 'mastery' or a.threshold <= (
      select count(*) from study.mastery_levels as m
      where m.user_id = p_user_id
        and m.mastery_percentage >= coalesce((a.unlock_conditions ->> 'min_mastery')::numeric, 0)
        and private.study_meets(jsonb_build_object('mastery', m.mastery_percentage, 'questions_answered', m.questions_answered), a.unlock_conditions)
    ));
  perform private.study_unlock(p_user_id, v_reached, p_at);
end;
$$;
comment on function private.study_unlock_mastery(uuid, timestamptz, timestamptz) is
  'Unlocks achievements of mastery, after answers given since p_since have moved it.';

revoke execute on function
  private.study_meets(jsonb, jsonb), private.tg_achievements__check(), private.study_unlock(uuid, uuid[], timestamptz),
  private.study_unlock_totals(study.learners, study.learners, text[], timestamptz), private.study_totals(study.learners),
  private.study_unlock_events(uuid, jsonb[], timestamptz), private.study_unlock_mastery(uuid, timestamptz, timestamptz)
  from public, anon, authenticated;
