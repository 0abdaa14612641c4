-- The learner: one row of totals a person, which is the lock of everything that answering sets in motion, one of wishes, and
-- the learner's own day.

-- Level n begins at 50·n·(n − 1): 0, 100, 300, 600, 1000 … each level takes 100 more than the one before. The square root is
-- exact where a level begins: 1 + 2·xp/25 is then (2n − 1)².
create function private.study_level(p_xp bigint)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$ select floor((1 + sqrt(1 + 2 * greatest(p_xp, 0) / 25.0::double precision)) / 2)::integer; $$;
comment on function private.study_level(bigint) is
  'The level of so much experience: the greatest n with 50·n·(n − 1) ≤ p_xp, at least 1.';

create function private.study_level_xp(p_level integer)
returns bigint
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$ select 50 * p_level::bigint * (p_level - 1); $$;
comment on function private.study_level_xp(integer) is 'The experience with which a level begins: 50·n·(n − 1).';

create table study.learners (
  user_id uuid primary key references core.profiles (id) on delete cascade,
  xp bigint not null default 0,
  level integer not null generated always as (private.study_level(xp)) stored,
  current_streak integer not null default 0,
  longest_streak integer not null default 0,
  last_study_day date,
  last_studied_at timestamptz,
  day_zone text,
  day_start_hour smallint,
  streak_freezes integer not null default 0,
  questions_answered bigint not null default 0,
  questions_correct bigint not null default 0,
  cards_reviewed bigint not null default 0,
  sessions_completed bigint not null default 0,
  current_combo integer not null default 0,
  longest_combo integer not null default 0,
  study_ms bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint learners_xp_check check (xp >= 0),
  constraint learners_day_check check (num_nulls(last_study_day, last_studied_at, day_zone, day_start_hour) in (0, 4)),
  constraint learners_streak_check check (current_streak between 0 and longest_streak and streak_freezes >= 0),
  constraint learners_combo_check check (current_combo between 0 and longest_combo),
  constraint learners_counts_check check (
    questions_correct between 0 and questions_answered and cards_reviewed >= 0 and sessions_completed >= 0 and study_ms >= 0
  )
) with (fillfactor = 60); -- every answer changes the row, and no column of an index
comment on table study.learners is 'Totals of a learner. The ledgers behind them are the truth: xp_transactions, user_question_attempts, review_logs, user_streaks.';
comment on column study.learners.level is 'From xp: level n begins at 50·n·(n − 1).';
comment on column study.learners.day_zone is 'The time zone on whose clock last_study_day was counted; with day_start_hour.';
comment on column study.learners.day_start_hour is 'The hour at which the day began when last_study_day was counted.';
comment on column study.learners.current_streak is 'As of last_study_day: whether it still stands today, study.my_streak() says.';
comment on column study.learners.current_combo is 'Right answers in a row.';

create table study.learner_settings (
  user_id uuid primary key references core.profiles (id) on delete cascade,
  day_start_hour smallint not null default 0,
  daily_goal_xp integer not null default 50,
  daily_goal_minutes integer not null default 20,
  scheduler text not null default 'fsrs',
  desired_retention double precision not null default 0.9,
  weights double precision[],
  learning_steps_minutes integer[] not null default '{1, 10}',
  relearning_steps_minutes integer[] not null default '{10}',
  maximum_interval_days integer not null default 36500,
  is_fuzzed boolean not null default true,
  new_cards_per_day integer not null default 20,
  reviews_per_day integer not null default 200,
  easy_weekdays smallint[] not null default '{}',
  cards_from text not null default 'wrong',
  on_leaderboards boolean not null default false,
  study_from time not null default '08:00',
  study_until time not null default '22:00',
  study_weekdays smallint[] not null default '{1, 2, 3, 4, 5, 6, 7}',
  block_minutes integer not null default 30,
  updated_at timestamptz not null default now(),
  constraint learner_settings_day_start_hour_check check (day_start_hour between 0 and 6),
  constraint learner_settings_goals_check check (daily_goal_xp between 1 and 10000 and daily_goal_minutes between 1 and 1440),
  constraint learner_settings_scheduler_check check (scheduler in ('fsrs', 'sm2')),
  constraint learner_settings_desired_retention_check check (desired_retention between 0.7 and 0.99),
  constraint learner_settings_weights_check check (weights is null or cardinality(weights) = 21 and array_position(weights, null) is null),
  constraint learner_settings_learning_steps_check check (
    cardinality(learning_steps_minutes) <= 10 and 1 <= all (learning_steps_minutes) and 1440 >= all (learning_steps_minutes)
      and array_position(learning_steps_minutes, null) is null
  ),
  constraint learner_settings_relearning_steps_check check (
    cardinality(relearning_steps_minutes) <= 10 and 1 <= all (relearning_steps_minutes) and 1440 >= all (relearning_steps_minutes)
      and array_position(relearning_steps_minutes, null) is null
  ),
  constraint learner_settings_maximum_interval_check check (maximum_interval_days between 1 and 36500),
  constraint learner_settings_limits_check check (new_cards_per_day between 0 and 9999 and reviews_per_day between 0 and 9999),
  constraint learner_settings_easy_weekdays_check check (
    easy_weekdays <@ '{1, 2, 3, 4, 5, 6, 7}'::smallint[] and cardinality(easy_weekdays) <= 6
  ),
  constraint learner_settings_cards_from_check check (cards_from in ('none', 'wrong', 'all')),
  constraint learner_settings_study_hours_check check (study_from < study_until),
  constraint learner_settings_study_weekdays_check check (
    study_weekdays <@ '{1, 2, 3, 4, 5, 6, 7}'::smallint[] and cardinality(study_weekdays) between 1 and 7
  ),
  constraint learner_settings_block_minutes_check check (block_minutes between 10 and 180)
);
comment on table study.learner_settings is 'What a learner wishes. Without a row, the defaults.';
comment on column study.learner_settings.day_start_hour is 'When the learner''s day begins, on the clock of the profile''s time zone: who studies past midnight says 4.';
comment on column study.learner_settings.weights is 'The 21 weights of FSRS-6, fitted to the learner''s reviews; null: the published ones.';
comment on column study.learner_settings.easy_weekdays is 'ISO weekdays (Monday 1) on which fewer reviews are placed.';
comment on column study.learner_settings.cards_from is 'Which answered questions become review cards by themselves: none, those answered wrong, all.';

-- The learner's day at a moment: the date on the clock of the profile's time zone, a day beginning at day_start_hour.
create function private.study_day(p_user_id uuid, p_at timestamptz)
returns date
language plpgsql
stable
security definer -- reads the zone and the wishes of whoever is asked about
set search_path = ''
as $$
begin
  return (
    select ((p_at at time zone p.time_zone) - make_interval(hours => coalesce(s.day_start_hour, 0)))::date
    from core.profiles as p
    left join study.learner_settings as s on s.user_id = p.id
    where p.id = p_user_id
  );
end;
$$;
comment on function private.study_day(uuid, timestamptz) is 'The day that a moment belongs to, for a learner: his time zone, his start of the day.';

-- When a day of a learner begins. A clock that skips that hour begins it right after.
create function private.study_day_start(p_user_id uuid, p_day date)
returns timestamptz
language plpgsql
stable
security definer -- reads the zone and the wishes of whoever is asked about
set search_path = ''
as $$
begin
  return (
    select (p_day + make_interval(hours => coalesce(s.day_start_hour, 0))) at time zone p.time_zone
    from core.profiles as p
    left join study.learner_settings as s on s.user_id = p.id
    where p.id = p_user_id
  );
end;
$$;
comment on function private.study_day_start(uuid, date) is 'The moment at which a day of a learner begins.';

-- Whatever answering sets in motion begins here, so that two clients of one learner come one after the other.
create function private.study_learner(p_user_id uuid)
returns study.learners
language plpgsql
volatile
security definer -- totals have no direct writing
set search_path = ''
as $$
declare
  v_learner study.learners;
begin
  -- First, as whoever deletes an account does: the other way round, each would wait for the other.
  perform from core.profiles as p where p.id = p_user_id for key share;
  select * into v_learner from study.learners as l where l.user_id = p_user_id for update;
  if not found then
    insert into study.learners (user_id) values (p_user_id) on conflict do nothing;
    select * into v_learner from study.learners as l where l.user_id = p_user_id for update;
  end if;
  return v_learner;
end;
$$;
comment on function private.study_learner(uuid) is 'The learner''s totals, locked until the transaction ends.';

create function private.study_settings(p_user_id uuid)
returns study.learner_settings
language plpgsql
stable
security definer -- reads the wishes of whoever is acted for
set search_path = ''
as $$
declare
  v_settings study.learner_settings;
begin
  select * into v_settings from study.learner_settings as s where s.user_id = p_user_id;
  if not found then
    -- A row of defaults, not stored. Kept equal to the table's by a test.
    v_settings := row(
      p_user_id, 0, 50, 20, 'fsrs', 0.9, null, '{1, 10}', '{10}', 36500, true, 20, 200, '{}', 'wrong', false, '08:00', '22:00',
      '{1, 2, 3, 4, 5, 6, 7}', 30, now()
    );
  end if;
  return v_settings;
end;
$$;
comment on function private.study_settings(uuid) is 'What a learner wishes, or the defaults.';

alter table study.learners enable row level security;
alter table study.learner_settings enable row level security;
revoke all on study.learners, study.learner_settings from public, anon, authenticated;
grant select, insert, update, delete on study.learners, study.learner_settings to service_role;
grant select on study.learners, study.learner_settings to authenticated;
create policy learners_select_own on study.learners for select to authenticated using (user_id = (select auth.uid()));
create policy learner_settings_select_own on study.learner_settings for select to authenticated using (user_id = (select auth.uid()));

revoke execute on function
  private.study_level(bigint), private.study_level_xp(integer), private.study_day(uuid, timestamptz), private.study_day_start(uuid, date), private.study_learner(uuid), private.study_settings(uuid)
  from public, anon, authenticated;
