-- The question bank. A question is a row, what it says is a version that never changes, and which options are right stands in
-- a table of its own that no client reads: a grant that is missing keeps the key better than a policy.

create table study.questions (
  id uuid primary key default gen_random_uuid(),
  author_id uuid references core.profiles (id) on delete set null,
  material_id uuid references study.materials (id) on delete set null,
  topic_id uuid references core.topics (id) on delete set null,
  subtopic text not null default '',
  status text not null default 'draft',
  visibility text not null default 'private',
  difficulty text not null default 'medium',
  current_version integer not null default 1,
  quality_score real not null default 0,
  is_verified boolean not null default false,
  verified_by uuid references core.profiles (id) on delete set null,
  verified_at timestamptz,
  is_flagged boolean not null default false,
  flag_count integer not null default 0,
  stale_at timestamptz,
  source text not null default 'manual',
  times_answered bigint not null default 0,
  times_correct bigint not null default 0,
  difficulty_estimate double precision not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint questions_subtopic_check check (length(subtopic) <= 200),
  constraint questions_status_check check (status in ('draft', 'in_review', 'published', 'rejected', 'retired')),
  constraint questions_visibility_check check (visibility in ('private', 'material', 'authenticated')),
  constraint questions_visibility_material_check check (visibility <> 'material' or material_id is not null or status = 'retired'),
  constraint questions_difficulty_check check (difficulty in ('easy', 'medium', 'hard', 'nbme')),
  constraint questions_quality_score_check check (quality_score between 0 and 1),
  constraint questions_verified_check check (is_verified = (verified_at is not null)),
  constraint questions_counts_check check (times_answered >= 0 and times_correct between 0 and times_answered and flag_count >= 0),
  constraint questions_source_check check (source in ('manual', 'generated', 'import', 'qa'))
);
comment on table study.questions is 'Questions to practise with. What a question says is in question_versions; an attempt names the version it saw.';
comment on column study.questions.visibility is 'private: its author. material: whoever may read its material. authenticated: everybody signed in.';
comment on column study.questions.difficulty_estimate is
  'Difficulty in logits: what the label says, moved towards what first answers to the present version say. Set by triggers.';
comment on column study.questions.stale_at is 'Since when the passage it came from says something else.';
create index questions_author_id_idx on study.questions (author_id, updated_at desc, id desc);
create index questions_material_id_idx on study.questions (material_id);
create index questions_topic_id_idx on study.questions (topic_id, status, difficulty);
create index questions_verified_by_idx on study.questions (verified_by);
create index questions_review_idx on study.questions (updated_at, id) where status = 'in_review' or is_flagged;

create table study.question_versions (
  id uuid primary key default gen_random_uuid(),
  question_id uuid not null references study.questions (id) on delete cascade,
  version_no integer not null,
  question_type text not null default 'single_choice',
  vignette text not null,
  created_by uuid references core.profiles (id) on delete set null,
  provider text,
  model text,
  content_hash text not null,
  created_at timestamptz not null default now(),
  constraint question_versions_version_no_key unique (question_id, version_no),
  constraint question_versions_version_no_check check (version_no >= 1),
  constraint question_versions_question_type_check check (question_type in ('single_choice', 'multiple_choice')),
  constraint question_versions_vignette_check check (length(vignette) between 3 and 8000)
);
comment on table study.question_versions is 'What a question says. Append-only: a change is a new version.';
comment on column study.question_versions.content_hash is 'Of what everybody reads, vignette and options: one that held the key would give it away.';
create index question_versions_created_by_idx on study.question_versions (created_by);

create function private.study_fold(p_text text)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return lower(btrim(regexp_replace(normalize(p_text, nfkc), '\s+', ' ', 'g')));
end;
$$;
comment on function private.study_fold(text) is 'A text as it is compared: one kind of letter, case and space.';
revoke execute on function private.study_fold(text) from public, anon, authenticated;
-- Services that write an option have its key computed.
grant execute on function private.study_fold(text) to service_role;

create table study.question_options (
  version_id uuid not null references study.question_versions (id) on delete cascade,
  option_index smallint not null,
  option_text text not null,
  option_key text not null generated always as (md5(private.study_fold(option_text))) stored,
  primary key (version_id, option_index),
  constraint question_options_option_key_key unique (version_id, option_key),
  constraint question_options_option_index_check check (option_index between 0 and 9),
  constraint question_options_option_text_check check (length(option_text) between 1 and 1000)
);
comment on table study.question_options is 'The options of a version, in their order. Nothing here says which is right.';
comment on column study.question_options.option_key is 'Of the text as it is compared: no two options of a version say the same.';

create table study.question_keys (
  version_id uuid not null,
  option_index smallint not null,
  is_correct boolean not null,
  rationale text not null default '',
  primary key (version_id, option_index),
  constraint question_keys_option_fkey foreign key (version_id, option_index)
    references study.question_options (version_id, option_index) on delete cascade,
  constraint question_keys_rationale_check check (length(rationale) <= 2000)
);
comment on table study.question_keys is 'Which options are right, and why each is or is not. No client reads this table: RPCs show it to who has answered, and to editors.';

create table study.question_explanations (
  version_id uuid primary key references study.question_versions (id) on delete cascade,
  correct_explanation text not null default '',
  pathophysiology text not null default '',
  clinical_relevance text not null default '',
  reference_list jsonb not null default '[]',
  constraint question_explanations_texts_check check (
    length(correct_explanation) <= 8000 and length(pathophysiology) <= 8000 and length(clinical_relevance) <= 8000
  ),
  constraint question_explanations_reference_list_check check (
    jsonb_typeof(reference_list) = 'array' and octet_length(reference_list::text) <= 16384
  )
);
comment on table study.question_explanations is 'What is explained after answering; as unreadable before as the key. reference_list: an array of {title, url} or plain texts.';

create table study.question_sources (
  id uuid primary key default gen_random_uuid(),
  version_id uuid not null references study.question_versions (id) on delete cascade,
  material_id uuid references study.materials (id) on delete set null,
  chunk_id uuid references study.material_chunks (id) on delete set null,
  quote text not null,
  page_number integer,
  char_start integer not null,
  char_end integer not null,
  content_hash text not null,
  stale_at timestamptz,
  created_at timestamptz not null default now(),
  constraint question_sources_quote_check check (length(quote) between 1 and 4000),
  constraint question_sources_place_check check (char_start >= 0 and char_end - char_start = length(quote))
);
comment on table study.question_sources is 'The passage that a version came from: the words themselves, and where they stand. As unreadable before answering as the key.';
create index question_sources_version_id_idx on study.question_sources (version_id);
create index question_sources_material_id_idx on study.question_sources (material_id);
create index question_sources_chunk_id_idx on study.question_sources (chunk_id);

create table study.question_flags (
  id uuid primary key default gen_random_uuid(),
  question_id uuid not null references study.questions (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  version_id uuid not null references study.question_versions (id) on delete cascade,
  reason text not null,
  comment text not null default '',
  status text not null default 'open',
  resolved_by uuid references core.profiles (id) on delete set null,
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  constraint question_flags_once_key unique (question_id, user_id, version_id),
  constraint question_flags_reason_check check (reason in ('wrong_key', 'unclear', 'typo', 'outdated', 'offensive', 'other')),
  constraint question_flags_comment_check check (length(comment) <= 1000),
  constraint question_flags_status_check check (status in ('open', 'resolved', 'dismissed')),
  constraint question_flags_resolved_check check ((status = 'open') = (resolved_at is null))
);
comment on table study.question_flags is 'What learners found wrong with a version of a question: once a person and version.';
create index question_flags_user_id_idx on study.question_flags (user_id);
create index question_flags_version_id_idx on study.question_flags (version_id);
create index question_flags_resolved_by_idx on study.question_flags (resolved_by);

create table study.question_decisions (
  id uuid primary key default gen_random_uuid(),
  question_id uuid not null references study.questions (id) on delete cascade,
  version_no integer not null,
  decision text not null,
  reason text not null default '',
  decided_by uuid references core.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint question_decisions_decision_check check (decision in ('submitted', 'published', 'rejected', 'retired')),
  constraint question_decisions_reason_check check (length(reason) <= 1000)
);
comment on table study.question_decisions is 'What educators decided about a question, and on which version. Append-only.';
create index question_decisions_question_id_idx on study.question_decisions (question_id, created_at);
create index question_decisions_decided_by_idx on study.question_decisions (decided_by);
