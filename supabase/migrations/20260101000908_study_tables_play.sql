-- Play: experience as a ledger, in which one event counts once; achievements, whose conditions are data; one row for each day
-- of a learner; and the week's boards, of those who asked to be on them.

create table study.xp_transactions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  amount integer not null,
  source text not null,
  source_key text not null,
  description text not null default '',
  metadata jsonb not null default '{}'::jsonb,
  study_day date not null,
  created_at timestamptz not null default now(),
  constraint xp_transactions_once_key unique (user_id, source, source_key),
  constraint xp_transactions_amount_check check (amount <> 0 and abs(amount) <= 100000),
  constraint xp_transactions_source_check check (source in (
    'question_answered', 'session_complete', 'streak_bonus', 'achievement_unlock', 'milestone_complete', 'review_complete', 'daily_goal_met',
    'review_undone', 'adjustment'
  )),
  constraint xp_transactions_source_key_check check (length(source_key) between 1 and 200),
  constraint xp_transactions_metadata_check check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 2048)
);
comment on table study.xp_transactions is 'The ledger of experience. Append-only; learners.xp is its sum, and levels follow from that.';
comment on column study.xp_transactions.source_key is 'Which event: the id of an attempt, review, achievement, milestone, or the day. One event counts once.';
create index xp_transactions_user_id_idx on study.xp_transactions (user_id, created_at desc, id desc);

create table study.achievements (
  id uuid primary key default gen_random_uuid(),
  code text not null unique,
  name text not null,
  description text not null,
  icon text not null default '',
  category text not null,
  rarity text not null default 'common',
  xp_reward integer not null default 0,
  metric text not null,
  threshold bigint not null,
  topic_id uuid references core.topics (id) on delete cascade,
  unlock_conditions jsonb not null default '{}'::jsonb,
  is_active boolean not null default true,
  is_caught_up boolean not null default false,
  sort_order integer not null default 0,
  created_at timestamptz not null default now(),
  constraint achievements_code_check check (code ~ '^[a-z][a-z0-9_]{1,99}$'),
  constraint achievements_texts_check check (length(name) between 1 and 255 and length(description) between 1 and 1000 and length(icon) <= 500),
  constraint achievements_category_check check (category in ('milestone', 'streak', 'mastery', 'speed', 'consistency', 'special')),
  constraint achievements_rarity_check check (rarity in ('common', 'uncommon', 'rare', 'epic', 'legendary')),
  constraint achievements_xp_reward_check check (xp_reward between 0 and 100000),
  constraint achievements_threshold_check check (threshold >= 1),
  constraint achievements_conditions_check check (jsonb_typeof(unlock_conditions) = 'object')
);
comment on table study.achievements is 'What can be achieved. The condition is data: a metric reaches a threshold, counting only events that meet unlock_conditions.';
comment on column study.achievements.is_caught_up is 'Whether those who had earned it before it came, or was changed, have it: for totals; events count from then on.';
create index achievements_metric_idx on study.achievements (metric, threshold);
create index achievements_topic_id_idx on study.achievements (topic_id);

create table study.user_achievements (
  user_id uuid not null references core.profiles (id) on delete cascade,
  achievement_id uuid not null references study.achievements (id) on delete cascade,
  progress bigint not null default 0,
  is_completed boolean not null default false,
  unlocked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (user_id, achievement_id),
  constraint user_achievements_progress_check check (progress >= 0),
  constraint user_achievements_completed_check check (is_completed = (unlocked_at is not null))
);
comment on table study.user_achievements is 'How far a learner is with an achievement, and since when he has it. What is had is never lost.';
create index user_achievements_achievement_id_idx on study.user_achievements (achievement_id);

create table study.user_streaks (
  user_id uuid not null references core.profiles (id) on delete cascade,
  streak_date date not null,
  is_frozen boolean not null default false,
  is_travel boolean not null default false,
  streak_length integer not null default 0,
  questions_answered integer not null default 0,
  questions_correct integer not null default 0,
  cards_reviewed integer not null default 0,
  study_ms bigint not null default 0,
  xp_earned integer not null default 0,
  goal_met_at timestamptz,
  first_activity_at timestamptz,
  last_activity_at timestamptz,
  primary key (user_id, streak_date),
  constraint user_streaks_counts_check check (
    questions_answered >= 0 and questions_correct between 0 and questions_answered and cards_reviewed >= 0 and study_ms >= 0 and streak_length >= 0
  ),
  constraint user_streaks_frozen_check check (
    case when is_frozen then questions_answered = 0 and cards_reviewed = 0 else not is_travel end
  )
) with (fillfactor = 80);
comment on table study.user_streaks is 'One row for each day of a learner on which something was done, or which a freeze bridged: the learner''s own day.';
comment on column study.user_streaks.is_travel is
  'A frozen day that cost no freeze: the learner''s clock jumped over it (a journey east across zones, another start of the day).';
comment on column study.user_streaks.streak_length is 'Days in a row up to this one; frozen days keep the count, and do not add to it.';

create table study.leaderboard_entries (
  week_start date not null,
  user_id uuid not null references core.profiles (id) on delete cascade,
  xp integer not null default 0,
  reached_at timestamptz not null default now(),
  primary key (week_start, user_id),
  constraint leaderboard_entries_week_check check (extract(isodow from week_start) = 1)
);
comment on table study.leaderboard_entries is 'Experience of one week (Monday 00:00 UTC to Monday, the same for everybody), of those who asked to be on boards. Read through study.leaderboard.';
comment on column study.leaderboard_entries.xp is 'The sum of the ledger in that week: below zero when more was undone than earned, and then not shown.';
create index leaderboard_entries_rank_idx on study.leaderboard_entries (week_start, xp desc, reached_at, user_id);
create index leaderboard_entries_user_id_idx on study.leaderboard_entries (user_id);

do $$
declare
  v_table text;
begin
  foreach v_table in array array['xp_transactions', 'achievements', 'user_achievements', 'user_streaks', 'leaderboard_entries'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
  end loop;
end;
$$;
grant select, insert on study.xp_transactions to service_role;
grant select, insert, update, delete on study.achievements, study.user_achievements, study.user_streaks, study.leaderboard_entries to service_role;
grant select on study.xp_transactions, study.achievements, study.user_achievements, study.user_streaks to authenticated;
create policy xp_transactions_select_own on study.xp_transactions for select to authenticated using (user_id = (select auth.uid()));
create policy achievements_select_all on study.achievements for select to authenticated using (is_active);
create policy user_achievements_select_own on study.user_achievements for select to authenticated using (user_id = (select auth.uid()));
create policy user_streaks_select_own on study.user_streaks for select to authenticated using (user_id = (select auth.uid()));
