-- Material: files of a person, their text with pages and places, cut into passages. A passage is verbatim at its place in
-- the text; places count characters (code points) from 0, the end is behind the last one.

create table study.groups (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  name text not null,
  description text not null default '',
  is_class boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint groups_texts_check check (length(name) between 1 and 120 and length(description) <= 1000)
);
comment on table study.groups is 'People who study together. is_class: led by an educator, who sees the progress of those who consented.';
create index groups_owner_id_idx on study.groups (owner_id);

create table study.group_members (
  group_id uuid not null references study.groups (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  role text not null default 'member',
  shares_progress boolean not null default false,
  invited_by uuid references core.profiles (id) on delete set null,
  accepted_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (group_id, user_id),
  constraint group_members_role_check check (role in ('owner', 'educator', 'member'))
);
comment on table study.group_members is 'Who is in a group, or was invited to (accepted_at is null). shares_progress: his own consent, and nobody else''s.';
create index group_members_user_id_idx on study.group_members (user_id, group_id) where accepted_at is not null;
create index group_members_user_id_all_idx on study.group_members (user_id);
create index group_members_invited_by_idx on study.group_members (invited_by);

create table study.materials (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  title text not null,
  description text not null default '',
  file_name text not null,
  file_type text not null,
  file_size bigint not null,
  bucket_id text not null,
  path text not null,
  file_id uuid references core.files (id) on delete set null,
  sha256 text,
  language text not null default 'simple',
  topic_id uuid references core.topics (id) on delete set null,
  visibility text not null default 'private',
  processing_status text not null default 'pending',
  processing_error text,
  progress smallint not null default 0,
  revision integer not null default 1,
  ready_revision integer,
  ready_sha256 text,
  page_count integer,
  character_count integer not null default 0,
  chunk_count integer not null default 0,
  question_count integer not null default 0,
  hidden_at timestamptz,
  processed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint materials_id_user_id_key unique (id, user_id),
  constraint materials_path_key unique (bucket_id, path),
  constraint materials_texts_check check (length(title) between 1 and 300 and length(description) <= 4000),
  constraint materials_file_name_check check (length(file_name) between 1 and 255),
  constraint materials_file_type_check check (file_type in ('pdf', 'docx', 'pptx', 'markdown', 'html', 'text', 'image')),
  constraint materials_file_size_check check (file_size between 1 and 52428800),
  constraint materials_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint materials_visibility_check check (visibility in ('private', 'authenticated', 'public')),
  constraint materials_processing_status_check check (
    processing_status in ('pending', 'parsing', 'ocr', 'chunking', 'embedding', 'completed', 'failed')
  ),
  constraint materials_processing_error_check check ((processing_status = 'failed') = (processing_error is not null)),
  constraint materials_progress_check check (progress between 0 and 100),
  constraint materials_revision_check check (revision >= 1 and ready_revision between 1 and revision),
  constraint materials_counts_check check (
    page_count between 1 and 100000 and character_count >= 0 and chunk_count >= 0 and question_count >= 0
  )
);
comment on table study.materials is 'Files to study from. What they say is in material_chunks; of a new version, the one before answers until it is ready.';
comment on column study.materials.ready_revision is 'The version whose passages are found; null while none is.';
comment on column study.materials.ready_sha256 is 'Of the file of ready_revision: the same bytes again change nothing.';
comment on column study.materials.visibility is 'private: the owner and whom it is shared with (material_shares). authenticated: everybody signed in. public: visitors, too.';
comment on column study.materials.sha256 is 'Of the file. Of two equal files of one person the second is not taken in again.';
create unique index materials_user_id_sha256_key on study.materials (user_id, sha256);
create index materials_user_id_idx on study.materials (user_id, updated_at desc, id desc);
create index materials_file_id_idx on study.materials (file_id);
create index materials_topic_id_idx on study.materials (topic_id);
create index materials_shared_idx on study.materials (visibility, id) where visibility <> 'private';

create table study.material_shares (
  id uuid primary key default gen_random_uuid(),
  material_id uuid not null references study.materials (id) on delete cascade,
  user_id uuid references core.profiles (id) on delete cascade,
  group_id uuid references study.groups (id) on delete cascade,
  created_at timestamptz not null default now(),
  constraint material_shares_target_check check (num_nonnulls(user_id, group_id) = 1),
  constraint material_shares_user_key unique (material_id, user_id),
  constraint material_shares_group_key unique (material_id, group_id)
);
comment on table study.material_shares is 'Material shared with a person or a group, to read.';
create index material_shares_user_id_idx on study.material_shares (user_id, material_id);
create index material_shares_group_id_idx on study.material_shares (group_id, material_id);

create table study.material_tags (
  material_id uuid not null references study.materials (id) on delete cascade,
  tag text not null,
  confidence real,
  is_auto_generated boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (material_id, tag),
  constraint material_tags_tag_check check (length(tag) between 1 and 60 and tag = lower(tag)),
  constraint material_tags_confidence_check check (confidence between 0 and 1)
);
comment on table study.material_tags is 'Words that a material is filed under; is_auto_generated: suggested by what it says.';
create index material_tags_tag_idx on study.material_tags (tag);

create table study.material_topics (
  material_id uuid not null references study.materials (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  confidence real not null default 1,
  status text not null default 'accepted',
  created_at timestamptz not null default now(),
  primary key (material_id, topic_id),
  constraint material_topics_confidence_check check (confidence between 0 and 1),
  constraint material_topics_status_check check (status in ('suggested', 'accepted', 'dismissed'))
);
comment on table study.material_topics is 'Topics of a material: suggested by what it says, accepted by its owner.';
create index material_topics_topic_id_idx on study.material_topics (topic_id);

create table study.material_pages (
  material_id uuid not null references study.materials (id) on delete cascade,
  revision integer not null,
  part_no integer not null,
  page_number integer,
  blocks jsonb not null default '[]',
  status text not null default 'read',
  created_at timestamptz not null default now(),
  primary key (material_id, revision, part_no),
  constraint material_pages_part_no_check check (part_no >= 0),
  constraint material_pages_page_number_check check (page_number >= 1),
  constraint material_pages_blocks_check check (jsonb_typeof(blocks) = 'array'),
  constraint material_pages_status_check check (status in ('read', 'needs_ocr', 'unreadable'))
);
comment on table study.material_pages is 'What was read so far of a version, page by page: a worker that dies goes on where it stopped. Gone once the version is ready.';

create table study.material_chunks (
  id uuid primary key default gen_random_uuid(),
  material_id uuid not null,
  user_id uuid not null,
  chunk_no integer not null,
  content text not null,
  heading_path text[] not null default '{}',
  page_number integer,
  page_end integer,
  page_breaks integer[] not null default '{}',
  char_start integer not null,
  char_end integer not null,
  content_hash text not null,
  language text not null,
  revision integer not null,
  created_at timestamptz not null default now(),
  constraint material_chunks_material_id_fkey foreign key (material_id, user_id)
    references study.materials (id, user_id) on delete cascade,
  constraint material_chunks_chunk_no_key unique (material_id, chunk_no) deferrable initially deferred,
  constraint material_chunks_content_check check (length(content) between 1 and 8000),
  constraint material_chunks_place_check check (
    chunk_no >= 0 and char_start >= 0 and char_end - char_start = length(content)
    and page_number >= 1 and page_end >= page_number
  ),
  constraint material_chunks_content_hash_check check (content_hash ~ '^[0-9a-f]{64}$')
);
comment on table study.material_chunks is 'Passages, in order: verbatim pieces of the text of a material. A passage that did not change keeps its id in a new version.';
comment on column study.material_chunks.user_id is 'The owner of the material, so that one index finds what is one''s own.';
comment on column study.material_chunks.page_breaks is 'Where in content the pages after page_number begin, in order.';
comment on column study.material_chunks.char_start is 'Characters from the beginning of the material''s text; char_end is behind the last one.';
create index material_chunks_material_id_idx on study.material_chunks (material_id, user_id);
create index material_chunks_user_id_idx on study.material_chunks (user_id);

create table study.chunk_embeddings (
  chunk_id uuid not null references study.material_chunks (id) on delete cascade,
  model text not null references study.embedding_models (model) on delete cascade,
  material_id uuid not null,
  content_hash text not null,
  embedding extensions.halfvec not null,
  created_at timestamptz not null default now(),
  primary key (chunk_id, model)
);
comment on table study.chunk_embeddings is 'One vector of a passage for each model. Retrieval compares vectors of one model only.';
comment on column study.chunk_embeddings.content_hash is 'Of the text that it was made of.';
-- Read in full on every exact scan: not in a side table, not compressed.
alter table study.chunk_embeddings alter column embedding set storage plain;
create index chunk_embeddings_material_id_idx on study.chunk_embeddings (material_id, model);
create index chunk_embeddings_model_idx on study.chunk_embeddings (model);

create table study.chunk_drafts (
  material_id uuid not null references study.materials (id) on delete cascade,
  revision integer not null,
  chunk_no integer not null,
  content text not null,
  heading_path text[] not null default '{}',
  page_number integer,
  page_end integer,
  page_breaks integer[] not null default '{}',
  char_start integer not null,
  char_end integer not null,
  content_hash text not null,
  model text,
  embedding extensions.halfvec,
  primary key (material_id, revision, chunk_no),
  constraint chunk_drafts_content_check check (length(content) between 1 and 8000),
  constraint chunk_drafts_place_check check (
    chunk_no >= 0 and char_start >= 0 and char_end - char_start = length(content)
    and page_number >= 1 and page_end >= page_number
  ),
  constraint chunk_drafts_content_hash_check check (content_hash ~ '^[0-9a-f]{64}$'),
  constraint chunk_drafts_embedding_check check ((model is null) = (embedding is null))
);
comment on table study.chunk_drafts is
  'Passages of a version that is being taken in. They become material_chunks all at once, when the last has its vector: nothing is half found.';

create table study.material_processing_jobs (
  id uuid primary key default gen_random_uuid(),
  material_id uuid not null references study.materials (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  job_type text not null,
  revision integer not null,
  status text not null default 'pending',
  progress smallint not null default 0,
  parameters jsonb not null default '{}',
  result jsonb not null default '{}',
  error_code text,
  error_message text,
  queue_item_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  constraint material_processing_jobs_job_type_check check (job_type in ('ingest', 'generate_questions')),
  constraint material_processing_jobs_status_check check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  constraint material_processing_jobs_progress_check check (progress between 0 and 100),
  constraint material_processing_jobs_completed_check check (
    (status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)
  ),
  constraint material_processing_jobs_error_check check ((status = 'failed') = (error_code is not null))
);
comment on table study.material_processing_jobs is 'Work on a material, for its owner to look at: taking it in, and making questions of it.';
create index material_processing_jobs_material_id_idx on study.material_processing_jobs (material_id, created_at desc);
create index material_processing_jobs_user_id_idx on study.material_processing_jobs (user_id, created_at desc);
create unique index material_processing_jobs_live_key on study.material_processing_jobs (material_id, job_type, user_id)
  where status in ('pending', 'running');
