-- Community questions, what people answered, and what AI answered.

create table social.questions (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  author_id uuid default auth.uid() references core.profiles (id) on delete set null,
  title text not null,
  content text not null,
  category text references social.categories (slug) on update cascade on delete set null,
  accepted_answer_id uuid,
  closed_at timestamptz,
  closed_by uuid references core.profiles (id) on delete set null,
  close_reason text,
  status text not null generated always as (
    case when closed_at is not null then 'closed' when accepted_answer_id is not null then 'answered' else 'open' end
  ) stored,
  likes_count integer not null default 0,
  dislikes_count integer not null default 0,
  votes_count integer not null generated always as (likes_count - dislikes_count) stored,
  answers_count integer not null default 0,
  views_count integer not null default 0,
  edited_at timestamptz,
  deleted_at timestamptz,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint questions_title_check check (length(title) <= 255),
  constraint questions_content_check check (length(content) <= 20000),
  constraint questions_text_check check (
    case when deleted_at is null and hidden_at is null then title <> '' and content <> '' else title = '' and content = '' end
  ),
  constraint questions_closed_check check (
    (closed_at is null) = (close_reason is null) and (closed_at is not null or closed_by is null)
  ),
  constraint questions_close_reason_check check (
    close_reason in ('solved', 'duplicate', 'off_topic', 'unclear', 'outdated', 'other')
  ),
  constraint questions_counters_check check (
    likes_count >= 0 and dislikes_count >= 0 and answers_count >= 0 and views_count >= 0
  )
) with (fillfactor = 80);
comment on table social.questions is 'Questions to the community. Free, unlike those of qa.';
comment on column social.questions.status is 'Follows by itself: closed, else answered once an answer is accepted, else open.';
create index questions_author_id_created_at_idx on social.questions (author_id, created_at desc, id desc);
create index questions_created_at_idx on social.questions (created_at desc, id desc) where deleted_at is null and hidden_at is null;
create index questions_status_created_at_idx on social.questions (status, created_at desc, id desc);
create index questions_category_created_at_idx on social.questions (category, created_at desc, id desc);
create index questions_closed_by_idx on social.questions (closed_by) where closed_by is not null;

create table social.answers (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  question_id uuid not null references social.questions (id) on delete cascade,
  author_id uuid default auth.uid() references core.profiles (id) on delete set null,
  content text not null,
  likes_count integer not null default 0,
  dislikes_count integer not null default 0,
  votes_count integer not null generated always as (likes_count - dislikes_count) stored,
  edited_at timestamptz,
  deleted_at timestamptz,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (question_id, id),
  constraint answers_content_check check (length(content) <= 40000),
  constraint answers_text_check check ((deleted_at is null and hidden_at is null) = (content <> '')),
  constraint answers_counters_check check (likes_count >= 0 and dislikes_count >= 0)
) with (fillfactor = 80);
comment on table social.answers is 'Answers of people. Which one is accepted stands in the question.';
create index answers_question_id_created_at_idx on social.answers (question_id, created_at, id);
create index answers_author_id_created_at_idx on social.answers (author_id, created_at desc, id desc);

-- One accepted answer at most, and only one of this question: a column can hold no second.
alter table social.questions add constraint questions_accepted_answer_id_fkey
  foreign key (id, accepted_answer_id) references social.answers (question_id, id) on delete set null (accepted_answer_id);
create index questions_id_accepted_answer_id_idx on social.questions (id, accepted_answer_id);

create table social.question_topics (
  question_id uuid not null references social.questions (id) on delete cascade,
  topic_id uuid not null references core.topics (id) on delete cascade,
  primary key (question_id, topic_id)
);
comment on table social.question_topics is 'The topics (tags) of a question.';
create index question_topics_topic_id_idx on social.question_topics (topic_id, question_id);

create table social.ai_answers (
  id uuid primary key default gen_random_uuid() references social.contents (id) on delete cascade,
  question_id uuid not null references social.questions (id) on delete cascade,
  status text not null default 'pending',
  answer_text text not null default '',
  is_covered boolean,
  confidence_score numeric(3, 2),
  relevance_score numeric(3, 2),
  completeness_score numeric(3, 2),
  provider text,
  model_used text,
  tokens_used integer,
  processing_time_ms integer,
  generation_attempts integer not null default 1,
  requested_by uuid references core.profiles (id) on delete set null,
  error_code text,
  ratings_count integer not null default 0,
  ratings_sum integer not null default 0,
  is_current boolean not null default true,
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint ai_answers_status_check check (status in ('pending', 'generating', 'completed', 'failed')),
  constraint ai_answers_text_check check ((status = 'completed' and hidden_at is null) = (answer_text <> '')),
  constraint ai_answers_completed_check check ((status in ('completed', 'failed')) = (completed_at is not null)),
  constraint ai_answers_failed_check check ((status = 'failed') = (error_code is not null)),
  constraint ai_answers_scores_check check (
    confidence_score between 0 and 1 and relevance_score between 0 and 1 and completeness_score between 0 and 1
  ),
  constraint ai_answers_numbers_check check (
    tokens_used >= 0 and processing_time_ms >= 0 and generation_attempts > 0 and ratings_count >= 0
    and ratings_sum between ratings_count and ratings_count * 5
  )
);
comment on table social.ai_answers is 'What AI answered to a community question: always labelled, with its sources. One is current; regenerating makes the next.';
comment on column social.ai_answers.generation_attempts is 'Which generation of the question this is, from 1.';
comment on column social.ai_answers.is_covered is 'False: the material does not say, and the text says so.';
create unique index ai_answers_current_idx on social.ai_answers (question_id) where is_current;
create index ai_answers_question_id_created_at_idx on social.ai_answers (question_id, created_at desc);
create index ai_answers_requested_by_idx on social.ai_answers (requested_by, created_at desc);

create table social.ai_answer_citations (
  ai_answer_id uuid not null references social.ai_answers (id) on delete cascade,
  ordinal integer not null,
  document_id uuid references core.search_documents (id) on delete set null,
  title text not null default '',
  quote text not null,
  locator jsonb not null default '{}',
  primary key (ai_answer_id, ordinal),
  constraint ai_answer_citations_ordinal_check check (ordinal > 0),
  constraint ai_answer_citations_quote_check check (length(quote) between 1 and 4000)
);
comment on table social.ai_answer_citations is 'The sources of an AI answer: word for word quotes of passages. ordinal is the [n] in the text.';
create index ai_answer_citations_document_id_idx on social.ai_answer_citations (document_id);

create table social.ai_answer_ratings (
  ai_answer_id uuid not null references social.ai_answers (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  rating smallint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (ai_answer_id, user_id),
  constraint ai_answer_ratings_rating_check check (rating between 1 and 5)
);
comment on table social.ai_answer_ratings is 'What a reader thought of an AI answer, 1 to 5, once each; changeable.';
create index ai_answer_ratings_user_id_idx on social.ai_answer_ratings (user_id);
