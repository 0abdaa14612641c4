-- Questions, what happened to them, and the images in them.

create table qa.questions (
  id uuid primary key default gen_random_uuid(),
  client_id uuid not null references qa.clients (id) on delete restrict,
  question_type text not null,
  content text not null default '',
  topic_id uuid references core.topics (id) on delete set null,
  status text not null default 'submitted',
  priority text not null default 'normal' references qa.sla_policies (priority) on delete restrict,
  credits_cost integer not null,
  word_count integer generated always as (
    coalesce(array_length(regexp_split_to_array(nullif(btrim(content), ''), '\s+'), 1), 0)
  ) stored,
  estimated_minutes integer,
  allow_reuse boolean not null default false,
  assigned_expert_id uuid references core.experts (id) on delete set null,
  revision_count integer not null default 0,
  is_covered boolean,
  rejection_reason text,
  cancel_reason text,
  idempotency_key text not null,
  request_hash text not null,
  metadata jsonb not null default '{}',
  due_at timestamptz not null,
  waiting_since timestamptz,
  sla_breached_at timestamptz,
  submitted_at timestamptz not null default now(),
  processed_at timestamptz,
  delivered_at timestamptz,
  rated_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint questions_idempotency_key_key unique (client_id, idempotency_key),
  constraint questions_id_client_id_key unique (id, client_id),
  constraint questions_question_type_check check (question_type in ('text', 'image', 'mixed')),
  constraint questions_status_check check (status in (
    'submitted', 'processing', 'ai_generated', 'humanized', 'expert_review',
    'approved', 'delivered', 'rated', 'rejected', 'cancelled'
  )),
  constraint questions_content_check check (length(content) <= 8000),
  constraint questions_credits_cost_check check (credits_cost > 0),
  constraint questions_revision_count_check check (revision_count >= 0),
  constraint questions_metadata_check check (jsonb_typeof(metadata) = 'object' and pg_column_size(metadata) <= 8192),
  constraint questions_delivered_at_check check ((status in ('delivered', 'rated')) = (delivered_at is not null)),
  constraint questions_rated_at_check check ((status = 'rated') = (rated_at is not null)),
  constraint questions_rejection_reason_check check (status <> 'rejected' or rejection_reason is not null)
);
create index questions_client_id_idx on qa.questions (client_id, created_at desc, id desc);
create index questions_topic_id_idx on qa.questions (topic_id);
create index questions_priority_idx on qa.questions (priority);
create index questions_assigned_expert_id_idx on qa.questions (assigned_expert_id) where assigned_expert_id is not null;
create index questions_open_idx on qa.questions (status, due_at)
  where status not in ('delivered', 'rated', 'rejected', 'cancelled');
create index questions_waiting_idx on qa.questions (waiting_since) where waiting_since is not null;
comment on table qa.questions is
  'Paid questions. Status moves only along question_transitions; times, price and assignment are set by the pipeline, never by a client.';
comment on column qa.questions.allow_reuse is
  'The client consents that the delivered answer helps to answer others. Off unless he says so.';
comment on column qa.questions.waiting_since is
  'Set while every fitting expert is busy: the place in the waiting list (by priority, then this time).';

alter table qa.credit_entries
  add constraint credit_entries_question_id_fkey
  foreign key (question_id) references qa.questions (id) on delete restrict;

create table qa.question_events (
  id bigint generated always as identity primary key,
  question_id uuid not null references qa.questions (id) on delete cascade,
  from_status text,
  to_status text not null,
  actor_id uuid,
  reason text,
  created_at timestamptz not null default clock_timestamp()
);
create index question_events_question_id_idx on qa.question_events (question_id, id);
comment on table qa.question_events is 'Every move of a question, in order: the timeline that a frontend shows. Append-only.';

create table qa.question_images (
  question_id uuid not null references qa.questions (id) on delete cascade,
  file_id uuid not null unique references core.files (id) on delete cascade,
  position smallint not null,
  extracted_text text,
  extracted_confidence real,
  created_at timestamptz not null default now(),
  primary key (question_id, position),
  constraint question_images_position_check check (position between 1 and 5),
  constraint question_images_confidence_check check (extracted_confidence between 0 and 1)
);
comment on table qa.question_images is
  'Images in a question, in order. extracted_text is what the OCR worker read (job type ocr.read_image); null until it has.';
