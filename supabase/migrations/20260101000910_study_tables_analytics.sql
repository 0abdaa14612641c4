-- Analytics: what was done, summed by session and by day, in months. Jobs fill them from attempts and reviews; whatever is in
-- them can be computed anew while those are kept. Cut by the day they are about, so that a key holds each day to one row.

create table study.study_sessions (
  id uuid not null,
  user_id uuid not null references core.profiles (id) on delete cascade,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  session_type text not null,
  study_day date not null,
  duration_seconds integer not null,
  questions_answered integer not null default 0,
  questions_correct integer not null default 0,
  cards_reviewed integer not null default 0,
  xp_earned integer not null default 0,
  activity_data jsonb not null default '{}'::jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, started_at, id),
  constraint study_sessions_session_type_check check (session_type in ('timed', 'tutor', 'review', 'test', 'cards')),
  constraint study_sessions_time_check check (ended_at >= started_at and duration_seconds >= 0),
  constraint study_sessions_counts_check check (
    questions_answered >= 0 and questions_correct between 0 and questions_answered and cards_reviewed >= 0 and xp_earned >= 0
  )
) partition by range (started_at);
comment on table study.study_sessions is 'Sittings that are over: practice sessions, and runs of card reviews without a longer pause.';
comment on column study.study_sessions.id is 'That of the practice session, or of the first review.';
comment on column study.study_sessions.study_day is 'The learner''s day of its first answer.';
comment on column study.study_sessions.duration_seconds is 'Time on the clock of a practice session; of a run of reviews, the sum of what each took.';

create table study.performance_metrics (
  user_id uuid not null references core.profiles (id) on delete cascade,
  metric_date date not null,
  topic_id uuid not null,
  questions_attempted integer not null default 0,
  questions_correct integer not null default 0,
  questions_skipped integer not null default 0,
  time_taken_ms bigint not null default 0,
  accuracy_rate double precision generated always as (questions_correct::double precision / nullif(questions_attempted, 0)) stored,
  avg_time_per_question double precision generated always as (time_taken_ms / 1000.0::double precision / nullif(questions_attempted, 0)) stored,
  xp_earned integer not null default 0,
  updated_at timestamptz not null default now(),
  -- Twelve weeks of a learner are read from the key alone: his rows lie far apart.
  primary key (user_id, metric_date, topic_id) include (questions_attempted, questions_correct, time_taken_ms),
  constraint performance_metrics_counts_check check (
    questions_attempted >= 0 and questions_correct between 0 and questions_attempted and questions_skipped >= 0 and time_taken_ms >= 0
  )
) partition by range (metric_date);
comment on table study.performance_metrics is 'Answers of a learner''s day by topic. avg_time_per_question is in seconds.';
comment on column study.performance_metrics.topic_id is 'The topic, or the zero id for questions without one. No key: analytics outlive topics.';

create table study.retention_analytics (
  user_id uuid not null references core.profiles (id) on delete cascade,
  retention_date date not null,
  cards_reviewed integer not null default 0,
  cards_correct integer not null default 0,
  young_reviewed integer not null default 0,
  young_correct integer not null default 0,
  mature_reviewed integer not null default 0,
  mature_correct integer not null default 0,
  expected_count integer not null default 0,
  expected_correct integer not null default 0,
  expected_sum double precision not null default 0,
  interval_buckets jsonb not null default '{}'::jsonb,
  duration_ms bigint not null default 0,
  retention_rate double precision generated always as (cards_correct::double precision / nullif(cards_reviewed, 0)) stored,
  updated_at timestamptz not null default now(),
  primary key (user_id, retention_date),
  constraint retention_analytics_counts_check check (
    cards_reviewed >= 0 and cards_correct between 0 and cards_reviewed and young_correct between 0 and young_reviewed
      and mature_correct between 0 and mature_reviewed and young_reviewed + mature_reviewed = cards_reviewed
      and expected_correct between 0 and expected_count and expected_count <= cards_reviewed
  )
) partition by range (retention_date);
comment on table study.retention_analytics is
  'Recall of a learner''s day: reviews of cards in state review (not first ones, nor learning steps). young: interval below 21 days.';
comment on column study.retention_analytics.expected_sum is
  'The sum of the chances to recall that FSRS expected in expected_count reviews: against expected_correct it says how well it is fitted.';
comment on column study.retention_analytics.interval_buckets is
  'The retention curve, by days since the review before: {"1": [reviewed, correct], "2": …, "4": …} by powers of two of days.';

-- Days of learners that have to be summed anew. A key over user and day would make an answer wait for the job that is just
-- summing that day, or be lost to it; so each mark is a row of its own.
create table study.analytics_queue (
  id bigint generated always as identity primary key,
  user_id uuid not null references core.profiles (id) on delete cascade,
  study_day date not null,
  marked_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
comment on table study.analytics_queue is 'Days whose sums are to be made anew; a task empties it. Written in the transaction of what changed.';
create index analytics_queue_user_id_idx on study.analytics_queue (user_id, study_day);

do $$
declare
  v_table text;
begin
  foreach v_table in array array['study_sessions', 'performance_metrics', 'retention_analytics', 'analytics_queue'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on study.%I to service_role', v_table);
  end loop;
end;
$$;
grant select on study.study_sessions, study.performance_metrics, study.retention_analytics to authenticated;
create policy study_sessions_select_own on study.study_sessions for select to authenticated using (user_id = (select auth.uid()));
create policy performance_metrics_select_own on study.performance_metrics for select to authenticated using (user_id = (select auth.uid()));
create policy retention_analytics_select_own on study.retention_analytics for select to authenticated using (user_id = (select auth.uid()));
