-- Curricula, their sessions, and what was worked on them. Progress, time and streaks are derived from these rows
-- (learning.user_progress); no column of them can be set by a client.

create table learning.curricula (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  title text not null,
  subject text not null,
  topic_id uuid references core.topics (id) on delete set null,
  skill_level text not null default 'beginner',
  goals text not null default '',
  background text not null default '',
  language text not null default 'en',
  total_sessions integer not null default 0,
  session_duration integer not null,
  status text not null default 'active',
  source text not null default 'manual',
  template_visibility text,
  copied_from_id uuid references learning.curricula (id) on delete set null,
  copies_count integer not null default 0,
  status_before_archive text,
  completed_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint curricula_id_user_id_key unique (id, user_id),
  constraint curricula_title_check check (length(title) between 1 and 255),
  constraint curricula_subject_check check (length(subject) between 1 and 255),
  constraint curricula_skill_level_check check (skill_level in ('beginner', 'intermediate', 'advanced')),
  constraint curricula_texts_check check (length(goals) <= 2000 and length(background) <= 2000),
  constraint curricula_language_check check (language ~ '^[a-z]{2,3}$'),
  constraint curricula_total_sessions_check check (total_sessions between 0 and 200),
  constraint curricula_session_duration_check check (session_duration between 5 and 480),
  constraint curricula_status_check check (status in ('active', 'paused', 'completed', 'archived')),
  constraint curricula_source_check check (source in ('manual', 'generated', 'copy')),
  constraint curricula_template_visibility_check check (template_visibility in ('authenticated', 'public')),
  constraint curricula_copies_count_check check (copies_count >= 0),
  constraint curricula_completed_at_check check (status <> 'completed' or completed_at is not null),
  constraint curricula_archived_at_check check (
    (status = 'archived') = (archived_at is not null) and (status = 'archived') = (status_before_archive is not null)
    and status_before_archive in ('active', 'paused', 'completed')
  )
);
comment on table learning.curricula is
  'Curricula, each followed by the person who owns it. Others see one that is shared as a template, and copy it to follow it.';
comment on column learning.curricula.total_sessions is 'As many as there are rows in learning.sessions; kept by a trigger.';
comment on column learning.curricula.session_duration is 'Minutes a session takes when it does not say otherwise.';
comment on column learning.curricula.template_visibility is 'Null: only its owner sees it. authenticated, public: a template for others to copy.';
create index curricula_user_id_idx on learning.curricula (user_id, status, updated_at desc, id desc);
create index curricula_topic_id_idx on learning.curricula (topic_id);
create index curricula_copied_from_id_idx on learning.curricula (copied_from_id);
create index curricula_templates_idx on learning.curricula (copies_count desc, id desc) where template_visibility is not null;
create index curricula_completed_at_idx on learning.curricula (completed_at) where status = 'completed';

create table learning.sessions (
  id uuid primary key default gen_random_uuid(),
  curriculum_id uuid not null,
  user_id uuid not null,
  session_number integer not null,
  title text not null,
  objectives text[] not null default '{}',
  materials text not null default '',
  resources jsonb not null default '[]',
  notes text not null default '',
  duration integer,
  completed_at timestamptz,
  completed_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sessions_curriculum_id_fkey foreign key (curriculum_id, user_id)
    references learning.curricula (id, user_id) on delete cascade,
  constraint sessions_session_number_key unique (curriculum_id, session_number) deferrable initially deferred,
  constraint sessions_id_curriculum_id_key unique (id, curriculum_id),
  constraint sessions_session_number_check check (session_number between 1 and 200),
  constraint sessions_title_check check (length(title) between 1 and 255),
  constraint sessions_objectives_check check (
    cardinality(objectives) <= 20 and array_position(objectives, null) is null
    and octet_length(array_to_string(objectives, '')) <= 8000
  ),
  constraint sessions_materials_check check (length(materials) <= 20000 and length(notes) <= 20000),
  constraint sessions_resources_check check (jsonb_typeof(resources) = 'array' and octet_length(resources::text) <= 32768),
  constraint sessions_duration_check check (duration between 5 and 480),
  constraint sessions_completed_check check ((completed_at is null) = (completed_on is null))
);
comment on table learning.sessions is 'The sessions of a curriculum, numbered from 1 without gaps.';
comment on column learning.sessions.resources is
  'An array of {title, url} or {title, document_id, quote, locator}: a link, or a passage of the study material (core.search_documents).';
comment on column learning.sessions.notes is 'For whoever follows it, by whoever made it; copies take it along. One''s own notes are in learning.user_notes.';
comment on column learning.sessions.completed_on is 'The day on which it was completed, in the time zone that its learner then had: never rewritten when he travels.';
create index sessions_user_id_completed_on_idx on learning.sessions (user_id, completed_on) where completed_on is not null;
create index sessions_curriculum_id_user_id_idx on learning.sessions (curriculum_id, user_id);

create table learning.session_prerequisites (
  session_id uuid not null,
  requires_session_id uuid not null,
  curriculum_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (session_id, requires_session_id),
  constraint session_prerequisites_session_id_fkey foreign key (session_id, curriculum_id)
    references learning.sessions (id, curriculum_id) on delete cascade,
  constraint session_prerequisites_requires_session_id_fkey foreign key (requires_session_id, curriculum_id)
    references learning.sessions (id, curriculum_id) on delete cascade,
  constraint session_prerequisites_self_check check (session_id <> requires_session_id)
);
comment on table learning.session_prerequisites is
  'What has to be completed before a session. Always of the same curriculum and with a smaller number, so there are no rings.';
create index session_prerequisites_session_id_curriculum_id_idx on learning.session_prerequisites (session_id, curriculum_id);
create index session_prerequisites_requires_session_id_idx on learning.session_prerequisites (requires_session_id, curriculum_id);

create table learning.session_work (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references learning.sessions (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz,
  minutes integer not null default 0,
  is_unmeasured boolean not null default false,
  constraint session_work_times_check check (started_at <= seen_at and (ended_at is null or started_at <= ended_at)),
  constraint session_work_minutes_check check (minutes between 0 and 1440)
);
comment on table learning.session_work is 'Stretches of work on sessions, measured with the server''s clock.';
comment on column learning.session_work.minutes is 'What counts: never more than what passed, nor than a multiple of the session''s length (settings).';
comment on column learning.session_work.is_unmeasured is 'True: completed without ever being started; no minutes count.';
create unique index session_work_running_key on learning.session_work (user_id) where ended_at is null;
create index session_work_session_id_idx on learning.session_work (session_id);
create index session_work_user_id_idx on learning.session_work (user_id, started_at desc);

create table learning.user_notes (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  session_id uuid not null references learning.sessions (id) on delete cascade,
  content text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_notes_content_check check (length(content) between 1 and 20000)
);
comment on table learning.user_notes is 'Notes that one writes for oneself while following a session.';
create index user_notes_user_id_idx on learning.user_notes (user_id, updated_at desc, id desc);
create index user_notes_session_id_idx on learning.user_notes (session_id);

create table learning.generation_requests (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  curriculum_id uuid references learning.curricula (id) on delete set null,
  request jsonb not null,
  request_hash text not null,
  idempotency_key text not null,
  status text not null default 'queued',
  progress smallint not null default 0,
  provider text,
  model text,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint generation_requests_idempotency_key_key unique (user_id, idempotency_key),
  constraint generation_requests_idempotency_key_check check (length(idempotency_key) between 8 and 200),
  constraint generation_requests_request_check check (jsonb_typeof(request) = 'object' and octet_length(request::text) <= 16384),
  constraint generation_requests_status_check check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  constraint generation_requests_progress_check check (progress between 0 and 100),
  constraint generation_requests_finished_check check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)),
  constraint generation_requests_error_check check ((status = 'failed') = (error_code is not null))
);
comment on table learning.generation_requests is 'Curricula that were asked of the AI provider, and what became of them.';
create index generation_requests_curriculum_id_idx on learning.generation_requests (curriculum_id);
create index generation_requests_created_at_idx on learning.generation_requests (created_at);
