-- Practice: a session is an ordered list of questions, each in the version that was shown; an attempt is what was answered and
-- how it was graded. In the modes that tell only at the end (timed, test) nothing is graded before it, so that nothing leaks.

create table study.practice_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  session_type text not null,
  status text not null default 'active',
  selection text not null default 'topic',
  topic_id uuid references core.topics (id) on delete set null,
  settings jsonb not null default '{}'::jsonb,
  total_questions integer not null default 0,
  answered_count integer not null default 0,
  skipped_count integer not null default 0,
  correct_count integer not null default 0,
  xp_earned integer not null default 0,
  time_limit_seconds integer,
  elapsed_ms bigint not null default 0,
  running_since timestamptz,
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  last_activity_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint practice_sessions_session_type_check check (session_type in ('timed', 'tutor', 'review', 'test')),
  constraint practice_sessions_status_check check (status in ('active', 'paused', 'completed', 'abandoned')),
  constraint practice_sessions_selection_check check (selection in ('topic', 'unseen', 'wrong', 'due', 'adaptive', 'mixed', 'chosen')),
  constraint practice_sessions_settings_check check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 8192),
  constraint practice_sessions_counts_check check (
    total_questions between 0 and 500 and answered_count >= 0 and skipped_count >= 0 and answered_count + skipped_count <= total_questions
      and correct_count between 0 and answered_count
  ),
  constraint practice_sessions_xp_check check (xp_earned >= 0),
  constraint practice_sessions_clock_check check (
    elapsed_ms >= 0 and (running_since is not null) = (status = 'active') and (time_limit_seconds is null or time_limit_seconds between 10 and 86400)
  ),
  constraint practice_sessions_timed_check check (session_type not in ('timed', 'test') or time_limit_seconds is not null),
  constraint practice_sessions_completed_check check ((completed_at is not null) = (status in ('completed', 'abandoned')))
);
comment on table study.practice_sessions is 'Sittings of questions. The clock is the server''s: elapsed_ms, and while it runs the time since running_since.';
comment on column study.practice_sessions.session_type is
  'tutor and review: each answer is graded at once. timed and test: graded at the end; a test cannot be paused. review: the questions of due cards.';
comment on column study.practice_sessions.correct_count is 'Of what has been graded: 0 while a timed session or a test runs.';
comment on column study.practice_sessions.elapsed_ms is 'Milliseconds that the clock ran, up to running_since.';
create index practice_sessions_user_id_idx on study.practice_sessions (user_id, started_at desc, id desc);
create index practice_sessions_topic_id_idx on study.practice_sessions (topic_id);
create index practice_sessions_open_idx on study.practice_sessions (last_activity_at) where status in ('active', 'paused');
create index practice_sessions_open_own_idx on study.practice_sessions (user_id) where status in ('active', 'paused');
create index practice_sessions_clock_idx on study.practice_sessions (running_since) where status = 'active' and time_limit_seconds is not null;

create table study.practice_session_questions (
  session_id uuid not null references study.practice_sessions (id) on delete cascade,
  question_order integer not null,
  question_id uuid not null references study.questions (id) on delete cascade,
  version_id uuid not null references study.question_versions (id) on delete cascade,
  status text not null default 'pending',
  selected_indexes smallint[],
  confidence_rating smallint,
  shown_ms bigint,
  time_taken_ms bigint not null default 0,
  answered_at timestamptz,
  primary key (session_id, question_order),
  constraint practice_session_questions_question_key unique (session_id, question_id),
  constraint practice_session_questions_order_check check (question_order between 1 and 500),
  constraint practice_session_questions_status_check check (status in ('pending', 'answered', 'skipped')),
  constraint practice_session_questions_selected_check check (
    (status = 'answered') = (selected_indexes is not null) and cardinality(selected_indexes) between 1 and 10
      and selected_indexes <@ '{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}'::smallint[]
  ),
  constraint practice_session_questions_confidence_check check (confidence_rating between 1 and 5),
  constraint practice_session_questions_time_check check (time_taken_ms >= 0 and shown_ms >= 0),
  constraint practice_session_questions_answered_check check ((status = 'pending') = (answered_at is null))
);
comment on table study.practice_session_questions is 'The questions of a session, in order, and what was answered. Whether it was right stands in user_question_attempts, once it is graded.';
comment on column study.practice_session_questions.shown_ms is
  'Of the question that is in front of the learner: what the session''s clock showed when it was put there. Others: null.';
comment on column study.practice_session_questions.time_taken_ms is 'Time in front of the learner, on the session''s clock.';
-- One question at a time is in front of the learner.
create unique index practice_session_questions_shown_key on study.practice_session_questions (session_id) where shown_ms is not null;
create index practice_session_questions_question_id_idx on study.practice_session_questions (question_id);
create index practice_session_questions_version_id_idx on study.practice_session_questions (version_id);

create table study.user_question_attempts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  question_id uuid not null references study.questions (id) on delete cascade,
  version_id uuid not null references study.question_versions (id) on delete cascade,
  session_id uuid not null references study.practice_sessions (id) on delete cascade,
  topic_id uuid references core.topics (id) on delete set null,
  attempt_type text not null,
  selected_indexes smallint[] not null default '{}',
  is_skipped boolean not null default false,
  is_correct boolean not null,
  confidence_rating smallint,
  time_taken_ms bigint not null,
  study_day date not null,
  answered_at timestamptz not null default now(),
  constraint user_question_attempts_once_key unique (session_id, question_id),
  constraint user_question_attempts_attempt_type_check check (attempt_type in ('practice', 'review', 'test')),
  constraint user_question_attempts_skipped_check check (is_skipped = (selected_indexes = '{}') and not (is_skipped and is_correct)),
  constraint user_question_attempts_confidence_check check (confidence_rating between 1 and 5),
  constraint user_question_attempts_time_check check (time_taken_ms >= 0)
);
comment on table study.user_question_attempts is 'Every graded answer, and every question that was skipped: once a session and question. Append-only.';
comment on column study.user_question_attempts.topic_id is 'The question''s topic when it was answered.';
comment on column study.user_question_attempts.study_day is 'The learner''s day on which it was answered.';
create index user_question_attempts_user_id_idx on study.user_question_attempts (user_id, answered_at desc, id desc);
create index user_question_attempts_question_id_idx on study.user_question_attempts (question_id, user_id);
create index user_question_attempts_version_id_idx on study.user_question_attempts (version_id);
create index user_question_attempts_topic_id_idx on study.user_question_attempts (topic_id);

-- Kept beside the question, not in it: what is counted there by every attempt would make one hot row of a popular question.
create table study.question_statistics (
  version_id uuid primary key references study.question_versions (id) on delete cascade,
  question_id uuid not null references study.questions (id) on delete cascade,
  times_answered bigint not null default 0,
  times_correct bigint not null default 0,
  times_skipped bigint not null default 0,
  time_taken_ms bigint not null default 0,
  option_counts bigint[] not null default '{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}',
  first_answers bigint not null default 0,
  first_correct bigint not null default 0,
  ability_sum double precision not null default 0,
  ability_square_sum double precision not null default 0,
  ability_correct_sum double precision not null default 0,
  rated_answers bigint not null default 0,
  rated_correct bigint not null default 0,
  rated_ability_sum double precision not null default 0,
  updated_at timestamptz not null default now(),
  constraint question_statistics_counts_check check (
    times_correct between 0 and times_answered and times_skipped >= 0 and time_taken_ms >= 0
      and first_correct between 0 and first_answers and first_answers <= times_answered and cardinality(option_counts) = 10
  ),
  constraint question_statistics_rated_check check (
    rated_correct between 0 and rated_answers and rated_answers <= first_answers and rated_correct <= first_correct
  )
);
comment on table study.question_statistics is
  'Sums behind facility and discrimination of a version, over first answers only; what is not yet in them waits in private.question_statistics_deltas.';
comment on column study.question_statistics.first_answers is
  'First answers of people who did not write the question. Facility and discrimination rest on these: a question that is known by heart says nothing of who answers it.';
comment on column study.question_statistics.ability_sum is
  'Abilities of all who gave these first answers; of those of whom nothing is known, the mean of newcomers (study.mastery).';
comment on column study.question_statistics.rated_answers is
  'First answers of learners who had answered in the question''s topic before: of them an ability is known. rated_ability_sum, ability_square_sum and ability_correct_sum run over these.';
create index question_statistics_question_id_idx on study.question_statistics (question_id);

create trigger _900_touch_updated_at before update on study.question_statistics
  for each row execute function private.tg__touch_updated_at();

do $$
declare
  v_table text;
begin
  foreach v_table in array array['practice_sessions', 'practice_session_questions', 'user_question_attempts', 'question_statistics'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
  end loop;
end;
$$;
grant select, insert, update, delete on
  study.practice_sessions, study.practice_session_questions, study.question_statistics
  to service_role;
grant select, insert on study.user_question_attempts to service_role;
grant select on study.practice_sessions, study.practice_session_questions, study.user_question_attempts to authenticated;
create policy practice_sessions_select_own on study.practice_sessions
  for select to authenticated using (user_id = (select auth.uid()));
create policy practice_session_questions_select_own on study.practice_session_questions
  for select to authenticated
  using (exists (
    select from study.practice_sessions as s where s.id = practice_session_questions.session_id and s.user_id = (select auth.uid())
  ));
create policy user_question_attempts_select_own on study.user_question_attempts
  for select to authenticated using (user_id = (select auth.uid()));
