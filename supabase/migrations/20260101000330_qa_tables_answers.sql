-- Answers and their versions, citations, reviews, ratings, and the record of each check.

create table qa.answers (
  id uuid primary key default gen_random_uuid(),
  question_id uuid not null unique references qa.questions (id) on delete cascade,
  response_type text not null default 'ai',
  ai_model text,
  ai_confidence_score numeric(5, 4),
  expert_id uuid references core.experts (id) on delete set null,
  word_count integer not null default 0,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint answers_id_question_id_key unique (id, question_id),
  constraint answers_response_type_check check (response_type in ('ai', 'humanized', 'expert', 'hybrid')),
  constraint answers_ai_confidence_score_check check (ai_confidence_score between 0 and 1)
);
create index answers_expert_id_idx on qa.answers (expert_id);
comment on table qa.answers is
  'One a question: where its text comes from. response_type: ai, humanized, hybrid (AI, corrected by the expert) or expert (written by him). The text is in answer_versions.';

create table qa.answer_versions (
  id uuid primary key default gen_random_uuid(),
  answer_id uuid not null references qa.answers (id) on delete cascade,
  version_no integer not null,
  stage text not null,
  content text not null,
  expert_id uuid references core.experts (id) on delete set null,
  provider text,
  model text,
  confidence numeric(5, 4),
  provenance jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint answer_versions_version_no_key unique (answer_id, version_no),
  constraint answer_versions_stage_check check (stage in ('ai', 'humanized', 'expert', 'final')),
  constraint answer_versions_content_check check (length(content) between 1 and 40000),
  constraint answer_versions_confidence_check check (confidence between 0 and 1)
);
create index answer_versions_expert_id_idx on qa.answer_versions (expert_id);
comment on table qa.answer_versions is
  'Every text that an answer ever had, append-only: ai, humanized, expert, final. provenance says who wrote and who checked it.';

create table qa.answer_citations (
  version_id uuid not null references qa.answer_versions (id) on delete cascade,
  position smallint not null,
  document_id uuid references core.search_documents (id) on delete set null,
  title text not null,
  quote text not null,
  locator jsonb not null default '{}',
  primary key (version_id, position),
  constraint answer_citations_position_check check (position between 1 and 50)
);
create index answer_citations_document_id_idx on qa.answer_citations (document_id);
comment on table qa.answer_citations is
  'What [1], [2] … in a version stand for: title, exact quote and place (locator). Kept when the source is deleted.';

create table qa.expert_reviews (
  id uuid primary key default gen_random_uuid(),
  answer_id uuid not null,
  question_id uuid not null,
  expert_id uuid references core.experts (id) on delete set null,
  review_status text not null default 'pending',
  is_approved boolean generated always as (
    case review_status when 'approved' then true when 'rejected' then false end
  ) stored,
  rejection_reason text,
  corrections text,
  review_notes text,
  lease_token bigint not null default 0,
  expires_at timestamptz,
  review_time_seconds integer,
  assigned_at timestamptz not null default now(),
  claimed_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint expert_reviews_answer_fkey foreign key (answer_id, question_id)
    references qa.answers (id, question_id) on delete cascade,
  constraint expert_reviews_review_status_check check (review_status in (
    'pending', 'in_progress', 'approved', 'rejected', 'needs_revision', 'expired', 'declined', 'cancelled'
  )),
  constraint expert_reviews_expires_at_check check (
    (review_status in ('pending', 'in_progress')) = (expires_at is not null)
  ),
  constraint expert_reviews_completed_at_check check (
    (review_status in ('pending', 'in_progress')) = (completed_at is null)
  ),
  constraint expert_reviews_rejection_reason_check check ((review_status = 'rejected') = (rejection_reason is not null)),
  constraint expert_reviews_needs_revision_check check (review_status <> 'needs_revision' or review_notes is not null),
  constraint expert_reviews_review_time_seconds_check check (review_time_seconds >= 0)
);
create unique index expert_reviews_one_active_idx on qa.expert_reviews (question_id)
  where review_status in ('pending', 'in_progress');
create index expert_reviews_question_id_idx on qa.expert_reviews (question_id, assigned_at);
create index expert_reviews_answer_id_idx on qa.expert_reviews (answer_id, question_id);
create index expert_reviews_expert_id_idx on qa.expert_reviews (expert_id, assigned_at desc);
create index expert_reviews_active_idx on qa.expert_reviews (expert_id) where review_status in ('pending', 'in_progress');
create index expert_reviews_expires_at_idx on qa.expert_reviews (expires_at) where expires_at is not null;
comment on table qa.expert_reviews is
  'Reviews: pending (assigned, to be claimed by expires_at), in_progress (claimed under a lease until expires_at), then a verdict, or expired, declined, cancelled. One active review a question.';

create table qa.ratings (
  id uuid primary key default gen_random_uuid(),
  question_id uuid not null unique,
  client_id uuid not null,
  answer_id uuid not null,
  expert_id uuid references core.experts (id) on delete set null,
  overall_score smallint not null,
  quality_score smallint,
  speed_score smallint,
  expertise_score smallint,
  comment text,
  helpful boolean,
  would_recommend boolean,
  created_at timestamptz not null default now(),
  -- The rating is about this client's question and this question's answer, or it is no row.
  constraint ratings_question_fkey foreign key (question_id, client_id) references qa.questions (id, client_id) on delete restrict,
  constraint ratings_answer_fkey foreign key (answer_id, question_id) references qa.answers (id, question_id) on delete restrict,
  constraint ratings_overall_score_check check (overall_score between 1 and 5),
  constraint ratings_quality_score_check check (quality_score between 1 and 5),
  constraint ratings_speed_score_check check (speed_score between 1 and 5),
  constraint ratings_expertise_score_check check (expertise_score between 1 and 5),
  constraint ratings_comment_check check (length(comment) <= 2000)
);
create index ratings_question_id_client_id_idx on qa.ratings (question_id, client_id);
create index ratings_answer_id_idx on qa.ratings (answer_id, question_id);
create index ratings_expert_id_idx on qa.ratings (expert_id, created_at desc);
comment on table qa.ratings is 'What the client thinks of a delivered answer, once. Scores 1 to 5. expert_id is who approved it.';

create table qa.humanization_logs (
  id bigint generated always as identity primary key,
  answer_id uuid not null references qa.answers (id) on delete cascade,
  original_version_id uuid not null references qa.answer_versions (id) on delete cascade,
  humanized_version_id uuid references qa.answer_versions (id) on delete cascade,
  service_name text not null,
  changes_made integer not null default 0,
  processing_time_ms integer,
  status text not null,
  error_message text,
  created_at timestamptz not null default now(),
  constraint humanization_logs_status_check check (status in ('success', 'failed', 'skipped')),
  constraint humanization_logs_changes_made_check check (changes_made >= 0)
);
create index humanization_logs_answer_id_idx on qa.humanization_logs (answer_id);
create index humanization_logs_original_version_id_idx on qa.humanization_logs (original_version_id);
create index humanization_logs_humanized_version_id_idx on qa.humanization_logs (humanized_version_id);
comment on table qa.humanization_logs is
  'Each attempt to put an answer into plain words. It makes text readable; it never hides that AI wrote it, so it keeps no "AI detection" scores.';

create table qa.originality_checks (
  id bigint generated always as identity primary key,
  answer_id uuid not null references qa.answers (id) on delete cascade,
  version_id uuid not null references qa.answer_versions (id) on delete cascade,
  service_name text not null default 'winnowing',
  similarity_score numeric(5, 4),
  originality_score numeric(5, 4),
  passes_threshold boolean,
  matches jsonb not null default '[]',
  fingerprint_count integer not null default 0,
  processing_time_ms integer,
  status text not null,
  error_message text,
  created_at timestamptz not null default now(),
  constraint originality_checks_status_check check (status in ('success', 'warning', 'failed')),
  constraint originality_checks_scores_check check (
    similarity_score between 0 and 1 and originality_score between 0 and 1
  ),
  -- A failed check has no verdict; a finished one has.
  constraint originality_checks_verdict_check check ((status = 'failed') = (passes_threshold is null))
);
create index originality_checks_answer_id_idx on qa.originality_checks (answer_id, created_at desc);
create index originality_checks_version_id_idx on qa.originality_checks (version_id);
comment on table qa.originality_checks is
  'Overlap of a version with everything delivered before and the material. similarity_score counts all overlap, originality_score is 1 minus the overlap that no citation accounts for (both 0 to 1). matches: [{source_id, kind, title, attributed, score, passages: [text]}].';
