-- Progress: what a learner did with each question, how well he knows each topic, and the paths he follows through topics.

create table study.user_progress (
  user_id uuid not null references core.profiles (id) on delete cascade,
  question_id uuid not null references study.questions (id) on delete cascade,
  total_attempts integer not null default 0,
  correct_attempts integer not null default 0,
  skipped_attempts integer not null default 0,
  accuracy_rate double precision not null generated always as (
    case when total_attempts > 0 then correct_attempts::double precision / total_attempts else 0 end
  ) stored,
  confidence_sum integer not null default 0,
  confidence_count integer not null default 0,
  avg_confidence double precision generated always as (confidence_sum::double precision / nullif(confidence_count, 0)) stored,
  time_taken_ms bigint not null default 0,
  last_is_correct boolean,
  first_attempt_at timestamptz,
  last_attempt_at timestamptz not null,
  primary key (user_id, question_id),
  constraint user_progress_counts_check check (
    total_attempts >= 0 and correct_attempts between 0 and total_attempts and skipped_attempts >= 0 and time_taken_ms >= 0
      and confidence_count between 0 and total_attempts and confidence_sum between confidence_count and 5 * confidence_count
  )
);
comment on table study.user_progress is 'What a learner did with each question. total_attempts counts answers, not skips.';
create index user_progress_question_id_idx on study.user_progress (question_id);
create index user_progress_wrong_idx on study.user_progress (user_id, last_attempt_at) where not last_is_correct;

create table study.mastery_levels (
  user_id uuid not null references core.profiles (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  questions_answered bigint not null default 0,
  questions_correct bigint not null default 0,
  ability double precision not null,
  ability_variance double precision not null,
  mastery_percentage double precision not null,
  proficiency_level text not null default 'novice',
  observed_at timestamptz not null,
  primary key (user_id, topic_id),
  constraint mastery_levels_counts_check check (questions_correct between 0 and questions_answered),
  constraint mastery_levels_variance_check check (ability_variance > 0),
  constraint mastery_levels_percentage_check check (mastery_percentage between 0 and 100),
  constraint mastery_levels_proficiency_check check (proficiency_level in ('novice', 'beginner', 'intermediate', 'advanced', 'expert'))
);
comment on table study.mastery_levels is
  'How well a learner knows a topic (and what lies below it), as of observed_at: study.my_mastery() says how much of it is left now.';
create index mastery_levels_topic_id_idx on study.mastery_levels (topic_id);

create table study.learning_paths (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  name text not null,
  description text not null default '',
  status text not null default 'active',
  target_date date,
  total_milestones integer not null default 0,
  completed_milestones integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint learning_paths_name_check check (length(name) between 1 and 200),
  constraint learning_paths_description_check check (length(description) <= 2000),
  constraint learning_paths_status_check check (status in ('active', 'paused', 'completed')),
  constraint learning_paths_counts_check check (completed_milestones between 0 and total_milestones and total_milestones <= 200)
);
comment on table study.learning_paths is 'A way through topics: milestones, and which of them stand before which.';
create index learning_paths_user_id_idx on study.learning_paths (user_id, created_at desc, id desc);

create table study.learning_path_milestones (
  id uuid primary key default gen_random_uuid(),
  learning_path_id uuid not null references study.learning_paths (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  milestone_order integer not null,
  target_mastery double precision not null default 80,
  is_completed boolean not null default false,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  constraint learning_path_milestones_topic_key unique (learning_path_id, topic_id),
  constraint learning_path_milestones_order_key unique (learning_path_id, milestone_order) deferrable initially deferred,
  constraint learning_path_milestones_path_key unique (learning_path_id, id),
  constraint learning_path_milestones_order_check check (milestone_order between 1 and 200),
  constraint learning_path_milestones_target_check check (target_mastery between 1 and 100),
  constraint learning_path_milestones_completed_check check (is_completed = (completed_at is not null))
);
comment on table study.learning_path_milestones is 'A topic to master on a path. It completes by itself once its target is reached and what stands before it is complete.';
create index learning_path_milestones_topic_id_idx on study.learning_path_milestones (topic_id);

create table study.learning_path_prerequisites (
  learning_path_id uuid not null references study.learning_paths (id) on delete cascade,
  milestone_id uuid not null,
  requires_id uuid not null,
  primary key (milestone_id, requires_id),
  constraint learning_path_prerequisites_milestone_fkey foreign key (learning_path_id, milestone_id)
    references study.learning_path_milestones (learning_path_id, id) on delete cascade,
  constraint learning_path_prerequisites_requires_fkey foreign key (learning_path_id, requires_id)
    references study.learning_path_milestones (learning_path_id, id) on delete cascade,
  constraint learning_path_prerequisites_self_check check (milestone_id <> requires_id)
);
comment on table study.learning_path_prerequisites is 'Which milestone of a path stands before which: both of one path (by key), and never in a ring (by trigger).';
create index learning_path_prerequisites_path_idx on study.learning_path_prerequisites (learning_path_id, milestone_id);
create index learning_path_prerequisites_requires_idx on study.learning_path_prerequisites (learning_path_id, requires_id);

create trigger _900_touch_updated_at before update on study.learning_paths
  for each row execute function private.tg__touch_updated_at();

do $$
declare
  v_table text;
begin
  foreach v_table in array array['user_progress', 'mastery_levels', 'learning_paths', 'learning_path_milestones', 'learning_path_prerequisites'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on study.%I to service_role', v_table);
    execute format('grant select on study.%I to authenticated', v_table);
  end loop;
end;
$$;
create policy user_progress_select_own on study.user_progress for select to authenticated using (user_id = (select auth.uid()));
create policy mastery_levels_select_own on study.mastery_levels for select to authenticated using (user_id = (select auth.uid()));
create policy learning_paths_select_own on study.learning_paths for select to authenticated using (user_id = (select auth.uid()));
create policy learning_path_milestones_select_own on study.learning_path_milestones
  for select to authenticated
  using (exists (
    select from study.learning_paths as p where p.id = learning_path_milestones.learning_path_id and p.user_id = (select auth.uid())
  ));
create policy learning_path_prerequisites_select_own on study.learning_path_prerequisites
  for select to authenticated
  using (exists (
    select from study.learning_paths as p where p.id = learning_path_prerequisites.learning_path_id and p.user_id = (select auth.uid())
  ));
