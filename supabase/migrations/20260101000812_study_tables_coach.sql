-- Conversations with the coach. What it says stands on passages: each citation is a row, verbatim, checked before it is shown.

create table study.chat_conversations (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  title text not null default '',
  conversation_type text not null default 'teaching',
  topic_id uuid references core.topics (id) on delete set null,
  material_ids uuid[] not null default '{}',
  summary text not null default '',
  summarised_to bigint not null default 0,
  last_message_no bigint not null default 0,
  is_archived boolean not null default false,
  last_message_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chat_conversations_title_check check (length(title) <= 300),
  constraint chat_conversations_conversation_type_check check (
    conversation_type in ('teaching', 'review', 'exploration', 'clarification')
  ),
  constraint chat_conversations_material_ids_check check (
    cardinality(material_ids) <= 100 and array_position(material_ids, null) is null
  ),
  constraint chat_conversations_summary_check check (length(summary) <= 8000 and summarised_to between 0 and last_message_no)
);
comment on table study.chat_conversations is 'Conversations with the coach. material_ids narrows what it answers from; who may read a material is asked each time anew.';
comment on column study.chat_conversations.summary is 'What was said up to message number summarised_to, in short: sent to the model in its place.';
create index chat_conversations_user_id_idx on study.chat_conversations (user_id, is_archived, last_message_at desc nulls last, id desc);
create index chat_conversations_topic_id_idx on study.chat_conversations (topic_id);

create table study.chat_messages (
  id uuid primary key default gen_random_uuid(),
  conversation_id uuid not null references study.chat_conversations (id) on delete cascade,
  message_no bigint not null,
  role text not null,
  content text not null default '',
  status text not null default 'completed',
  reply_to_id uuid references study.chat_messages (id) on delete cascade,
  client_id uuid,
  attempt_no integer not null default 1,
  is_covered boolean,
  confidence real,
  provider text,
  model text,
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  cost_micro_usd bigint,
  response_ms integer,
  error_code text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chat_messages_message_no_key unique (conversation_id, message_no),
  constraint chat_messages_client_id_key unique (conversation_id, client_id),
  constraint chat_messages_role_check check (role in ('user', 'assistant')),
  constraint chat_messages_content_check check (length(content) <= 40000),
  constraint chat_messages_status_check check (status in ('streaming', 'completed', 'stopped', 'failed')),
  constraint chat_messages_roles_check check (
    case role
      when 'user' then status = 'completed' and reply_to_id is null and client_id is not null
      else reply_to_id is not null and client_id is null
    end
  ),
  constraint chat_messages_confidence_check check (confidence between 0 and 1),
  constraint chat_messages_usage_check check (input_tokens >= 0 and output_tokens >= 0 and cost_micro_usd >= 0 and response_ms >= 0),
  constraint chat_messages_error_check check ((status = 'failed') = (error_code is not null))
);
comment on table study.chat_messages is 'What was asked and answered, numbered. An answer that was stopped keeps what had been shown, and can be resumed.';
comment on column study.chat_messages.attempt_no is 'Counted up when an answer is taken up again: whoever wrote before writes no more.';
comment on column study.chat_messages.is_covered is 'False: the material does not say, and the answer says so.';
create index chat_messages_reply_to_id_idx on study.chat_messages (reply_to_id);
create unique index chat_messages_live_key on study.chat_messages (conversation_id) where status = 'streaming';

create table study.message_citations (
  message_id uuid not null references study.chat_messages (id) on delete cascade,
  marker smallint not null,
  source text not null,
  chunk_id uuid references study.material_chunks (id) on delete set null,
  material_id uuid references study.materials (id) on delete set null,
  document_id uuid references core.search_documents (id) on delete set null,
  title text not null,
  quote text not null,
  page_number integer,
  char_start integer not null,
  char_end integer not null,
  content_hash text not null,
  stale_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (message_id, marker),
  constraint message_citations_marker_check check (marker between 1 and 99),
  constraint message_citations_source_check check (source in ('material', 'qa', 'social', 'passage')),
  constraint message_citations_texts_check check (length(title) <= 500 and length(quote) between 1 and 4000),
  constraint message_citations_place_check check (char_start >= 0 and char_end - char_start = length(quote))
);
comment on table study.message_citations is
  'The passages that an answer stands on: marker [n] of its text, the words themselves, and where they stand. stale_at: since when the passage says something else.';
comment on column study.message_citations.char_start is 'In the text of the material; of other sources, in the body of the document.';
create index message_citations_chunk_id_idx on study.message_citations (chunk_id);
create index message_citations_material_id_idx on study.message_citations (material_id);
create index message_citations_document_id_idx on study.message_citations (document_id);

create table study.coach_usage (
  user_id uuid not null references core.profiles (id) on delete cascade,
  day date not null,
  messages integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_micro_usd bigint not null default 0,
  busy_ms bigint not null default 0,
  primary key (user_id, day),
  constraint coach_usage_counts_check check (
    messages >= 0 and input_tokens >= 0 and output_tokens >= 0 and cost_micro_usd >= 0 and busy_ms >= 0
  )
);
comment on table study.coach_usage is 'What a person had of the coach on a day (UTC), against the limits in the settings.';
