-- How a document is read: its job, what was read where, and what people made of it.

create table timetable.processing_jobs (
  id uuid primary key default gen_random_uuid(),
  document_id uuid not null references timetable.documents (id) on delete cascade,
  timetable_id uuid references timetable.timetables (id) on delete set null,
  user_id uuid not null references core.profiles (id) on delete cascade,
  status text not null default 'pending',
  stage text,
  progress smallint not null default 0,
  confidence numeric(5, 2),
  processing_tier text,
  error_code text,
  error_message text,
  retry_count integer not null default 0,
  is_cached boolean not null default false,
  timings jsonb not null default '{}',
  metadata jsonb not null default '{}',
  stage_started_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint processing_jobs_status_check check (status in (
    'pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating', 'completed', 'failed',
    'cancelled', 'hitl_pending', 'hitl_in_progress'
  )),
  constraint processing_jobs_progress_check check (progress between 0 and 100),
  constraint processing_jobs_confidence_check check (confidence between 0 and 100),
  constraint processing_jobs_tier_check check (processing_tier in ('tesseract', 'text_layer', 'cloud_ocr', 'llm', 'hitl')),
  constraint processing_jobs_failed_check check ((status = 'failed') = (error_code is not null)),
  constraint processing_jobs_completed_check check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  constraint processing_jobs_retry_count_check check (retry_count >= 0)
);
comment on table timetable.processing_jobs is 'The reading of one document, from pending to completed. confidence: the mean of its blocks, in percent.';
comment on column timetable.processing_jobs.retry_count is 'How many readings of the document came before; the highest is the one that counts.';
comment on column timetable.processing_jobs.timings is 'Milliseconds of each stage.';
create unique index processing_jobs_active_idx on timetable.processing_jobs (document_id)
  where status not in ('completed', 'failed', 'cancelled');
create unique index processing_jobs_document_id_idx on timetable.processing_jobs (document_id, retry_count desc);
create index processing_jobs_user_id_created_at_idx on timetable.processing_jobs (user_id, created_at desc);
create index processing_jobs_timetable_id_idx on timetable.processing_jobs (timetable_id);
create index processing_jobs_status_idx on timetable.processing_jobs (status, created_at);

create table timetable.ocr_pages (
  job_id uuid not null references timetable.processing_jobs (id) on delete cascade,
  page integer not null,
  width integer not null,
  height integer not null,
  content jsonb not null,
  engine text not null,
  created_at timestamptz not null default now(),
  primary key (job_id, page),
  constraint ocr_pages_page_check check (page between 1 and 20),
  constraint ocr_pages_size_check check (width > 0 and height > 0)
);
comment on table timetable.ocr_pages is
  'What was read on each page, as the OCR callback delivered it: tables, cells, lines, words. Kept for ninety days.';
create index ocr_pages_created_at_idx on timetable.ocr_pages (created_at);

create table timetable.extraction_cells (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references timetable.processing_jobs (id) on delete cascade,
  page integer not null,
  table_no smallint not null default 1,
  row_no integer not null,
  column_no integer not null,
  row_span integer not null default 1,
  column_span integer not null default 1,
  box jsonb not null,
  text text not null,
  rotation smallint not null default 0,
  confidence numeric(4, 3) not null,
  created_at timestamptz not null default now(),
  constraint extraction_cells_box_check check (jsonb_typeof(box) = 'object'),
  constraint extraction_cells_confidence_check check (confidence between 0 and 1),
  constraint extraction_cells_rotation_check check (rotation in (0, 90, 180, 270))
);
comment on table timetable.extraction_cells is 'The cells that were found: where, what they say, how surely.';
create index extraction_cells_job_id_idx on timetable.extraction_cells (job_id, page, table_no, row_no, column_no);
create index extraction_cells_created_at_idx on timetable.extraction_cells (created_at);

create table timetable.hitl_tasks (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references timetable.processing_jobs (id) on delete cascade,
  opinion_no smallint not null default 1,
  kind text not null default 'review',
  reason text not null default '',
  assigned_to uuid references core.profiles (id) on delete set null,
  priority text not null default 'normal',
  rank smallint not null generated always as (
    case priority when 'urgent' then 1 when 'high' then 2 when 'normal' then 3 else 4 end
  ) stored,
  status text not null default 'pending',
  draft_data jsonb not null,
  saved_data jsonb,
  final_data jsonb,
  diff jsonb,
  disagreement jsonb,
  review_notes text not null default '',
  lease_token bigint not null default 0,
  lease_expires_at timestamptz,
  assigned_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (job_id, opinion_no),
  constraint hitl_tasks_opinion_no_check check (opinion_no > 0),
  constraint hitl_tasks_kind_check check (kind in ('review', 'second_opinion', 'reopened')),
  constraint hitl_tasks_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
  constraint hitl_tasks_status_check check (status in ('pending', 'in_progress', 'completed', 'cancelled')),
  constraint hitl_tasks_completed_check check (
    (status = 'completed') = (completed_at is not null)
    and (status = 'completed') = (final_data is not null)
    and (status = 'completed') = (diff is not null)
  ),
  constraint hitl_tasks_lease_check check ((status = 'in_progress') = (lease_expires_at is not null)),
  constraint hitl_tasks_pending_check check (status <> 'pending' or assigned_to is null),
  constraint hitl_tasks_notes_check check (length(review_notes) <= 4000 and length(reason) <= 2000)
);
comment on table timetable.hitl_tasks is
  'What a person is asked to check. draft_data, saved_data, final_data: {"blocks": […]}; a block of the draft has the id of its timeblock.';
comment on column timetable.hitl_tasks.diff is 'What the reviewer changed: {added, removed, changed: [{id, fields: {name: {from, to}}}], unchanged}.';
comment on column timetable.hitl_tasks.disagreement is 'Of a second opinion: the same between the two reviewers, from the first to the second.';
comment on column timetable.hitl_tasks.saved_data is 'What its holder saved on the way; whoever takes the task up after him goes on from there.';
comment on column timetable.hitl_tasks.lease_token is 'Grows with each claim: whoever holds an older number has lost the task.';
create unique index hitl_tasks_open_idx on timetable.hitl_tasks (job_id) where status in ('pending', 'in_progress');
create index hitl_tasks_queue_idx on timetable.hitl_tasks (rank, created_at, id) where status = 'pending';
create index hitl_tasks_lease_idx on timetable.hitl_tasks (lease_expires_at) where status = 'in_progress';
create index hitl_tasks_assigned_to_idx on timetable.hitl_tasks (assigned_to, status);

create table timetable.layout_corrections (
  layout_hash text not null,
  field text not null,
  read_text text not null,
  corrected_text text not null,
  times_seen integer not null default 1,
  updated_at timestamptz not null default now(),
  primary key (layout_hash, field, read_text, corrected_text),
  constraint layout_corrections_layout_hash_check check (layout_hash ~ '^[0-9a-zA-Z_:.-]{1,128}$'),
  constraint layout_corrections_field_check check (field in ('name', 'time', 'day')),
  constraint layout_corrections_text_check check (
    length(read_text) between 1 and 255 and length(corrected_text) between 1 and 255
  ),
  constraint layout_corrections_times_seen_check check (times_seen > 0)
);
comment on table timetable.layout_corrections is
  'What reviewers corrected in documents of one layout: the next document of the same school reads better. Words, never people. Each row is a vote count; one that leads back to read_text says: leave it.';

create table timetable.callback_nonces (
  signature text primary key,
  received_at timestamptz not null default now(),
  constraint callback_nonces_signature_check check (length(signature) between 16 and 200)
);
comment on table timetable.callback_nonces is
  'Signatures that the OCR callback has taken: each once. Kept for an hour, longer than a signature is valid.';
create index callback_nonces_received_at_idx on timetable.callback_nonces (received_at);
