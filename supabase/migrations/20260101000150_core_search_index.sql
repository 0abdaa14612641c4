-- The one search index: everything that can be found, with who may find it.
--
-- Modules write documents with private.index_document; people read them through core.search and core.read_document,
-- workers through core.retrieve_passages. The table itself is closed: a policy would cost the index its use, and the
-- columns owner_id and audience say who else may read.

-- to_tsvector is stable when its configuration comes from a column; behind these fixed names it is immutable.
create function private.search_config(p_language text)
returns regconfig
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_language
    when 'arabic' then 'pg_catalog.arabic' when 'danish' then 'pg_catalog.danish' when 'dutch' then 'pg_catalog.dutch'
    when 'english' then 'pg_catalog.english' when 'finnish' then 'pg_catalog.finnish' when 'french' then 'pg_catalog.french'
    when 'german' then 'pg_catalog.german' when 'italian' then 'pg_catalog.italian' when 'norwegian' then 'pg_catalog.norwegian'
    when 'portuguese' then 'pg_catalog.portuguese' when 'russian' then 'pg_catalog.russian'
    when 'spanish' then 'pg_catalog.spanish' when 'swedish' then 'pg_catalog.swedish' when 'turkish' then 'pg_catalog.turkish'
    else 'pg_catalog.simple'
  end::regconfig;
$$;
comment on function private.search_config(text) is 'The text search configuration of a language; simple for one without stemming.';

create function private.search_vector(p_language text, p_title text, p_body text)
returns tsvector
language sql
immutable
security invoker
set search_path = ''
as $$
  select setweight(to_tsvector(private.search_config(p_language), p_title), 'A')
    || setweight(to_tsvector(private.search_config(p_language), p_body), 'B');
$$;
comment on function private.search_vector(text, text, text) is 'Title with weight A, body with weight B.';

create table core.search_documents (
  id uuid primary key default gen_random_uuid(),
  module text not null,
  kind text not null,
  entity_id uuid not null,
  chunk_no integer not null default 0,
  topic_id uuid references core.topics (id) on delete set null,
  title text not null,
  body text not null default '',
  locator jsonb not null default '{}',
  language text not null default 'english',
  visibility text not null default 'authenticated',
  owner_id uuid references core.profiles (id) on delete cascade,
  thread_owner_id uuid references core.profiles (id) on delete set null,
  audience uuid[],
  weight real not null default 1,
  topic_ids uuid[] not null default '{}',
  is_retrievable boolean not null default true,
  tsv tsvector generated always as (private.search_vector(language, title, body)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (module, kind, entity_id, chunk_no),
  constraint search_documents_title_check check (length(title) between 1 and 500),
  constraint search_documents_body_check check (length(body) <= 100000),
  constraint search_documents_chunk_no_check check (chunk_no >= 0),
  constraint search_documents_weight_check check (weight > 0 and weight <= 10),
  constraint search_documents_visibility_check check (visibility in ('public', 'authenticated', 'owner', 'restricted')),
  constraint search_documents_owner_check check (visibility <> 'owner' or owner_id is not null),
  constraint search_documents_audience_check check ((visibility = 'restricted') = (audience is not null))
);
comment on table core.search_documents is
  'Everything that can be found: one row for each passage. visibility: public and authenticated for every signed-in person, owner, restricted to audience and owner.';
comment on column core.search_documents.locator is 'Where the passage stands, for citations: page, heading, offsets.';
comment on column core.search_documents.thread_owner_id is
  'Under whose thing it stands: whoever is on the other side of a block with that person does not find it, either.';
comment on column core.search_documents.weight is 'Multiplies the score; 1 is usual.';
comment on column core.search_documents.topic_ids is 'Topics beside topic_id, which is the first. It is found under each of them.';
comment on column core.search_documents.is_retrievable is
  'False: people find it, but no answer is written from it, because nobody vouched for it.';
create index search_documents_tsv_idx on core.search_documents using gin (tsv) with (fastupdate = off);
create index search_documents_topic_id_idx on core.search_documents (topic_id, updated_at desc, id desc);
create index search_documents_topic_ids_idx on core.search_documents using gin (topic_ids) where topic_ids <> '{}';
create index search_documents_owner_id_idx on core.search_documents (owner_id) where owner_id is not null;
create index search_documents_thread_owner_id_idx on core.search_documents (thread_owner_id) where thread_owner_id is not null;
create index search_documents_updated_at_idx on core.search_documents (updated_at desc, id desc);

create trigger _900_touch_updated_at
  before update on core.search_documents
  for each row execute function private.tg__touch_updated_at();

alter table core.search_documents enable row level security;
revoke all on core.search_documents from anon, authenticated;
grant select, insert, update, delete on core.search_documents to service_role;

create function private.index_document(
  p_module text, p_kind text, p_entity_id uuid, p_title text, p_body text, p_topic_id uuid default null,
  p_locator jsonb default '{}', p_visibility text default 'authenticated', p_owner_id uuid default null,
  p_chunk_no integer default 0, p_audience uuid[] default null, p_language text default 'english',
  p_weight real default 1, p_topic_ids uuid[] default '{}', p_is_retrievable boolean default true,
  p_thread_owner_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer -- modules index what people write; clients may not execute it
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into core.search_documents as d (
    module, kind, entity_id, chunk_no, topic_id, title, body, locator, language, visibility, owner_id, audience,
    weight, topic_ids, is_retrievable, thread_owner_id
  ) values (
    p_module, p_kind, p_entity_id, coalesce(p_chunk_no, 0), p_topic_id, left(p_title, 500), left(coalesce(p_body, ''), 100000),
    coalesce(p_locator, '{}'), coalesce(p_language, 'english'), coalesce(p_visibility, 'authenticated'), p_owner_id,
    case when p_visibility = 'restricted' then coalesce(p_audience, '{}') end,
    coalesce(p_weight, 1), coalesce(p_topic_ids, '{}'), coalesce(p_is_retrievable, true), p_thread_owner_id
  )
  on conflict (module, kind, entity_id, chunk_no) do update set
    topic_id = excluded.topic_id, title = excluded.title, body = excluded.body, locator = excluded.locator,
    language = excluded.language, visibility = excluded.visibility, owner_id = excluded.owner_id,
    audience = excluded.audience, weight = excluded.weight, topic_ids = excluded.topic_ids,
    is_retrievable = excluded.is_retrievable, thread_owner_id = excluded.thread_owner_id
    -- Indexing the same again writes nothing: no dead row, no new place in lists by time.
    where (d.topic_id, d.title, d.body, d.locator, d.language, d.visibility, d.owner_id, d.audience, d.weight,
        d.topic_ids, d.is_retrievable, d.thread_owner_id)
      is distinct from (excluded.topic_id, excluded.title, excluded.body, excluded.locator, excluded.language,
        excluded.visibility, excluded.owner_id, excluded.audience, excluded.weight, excluded.topic_ids,
        excluded.is_retrievable, excluded.thread_owner_id)
  returning d.id into v_id;
  if v_id is null then
    select d.id into v_id from core.search_documents as d
    where d.module = p_module and d.kind = p_kind and d.entity_id = p_entity_id and d.chunk_no = coalesce(p_chunk_no, 0);
  end if;
  return v_id;
end;
$$;
comment on function private.index_document(text, text, uuid, text, text, uuid, jsonb, text, uuid, integer, uuid[], text, real, uuid[], boolean, uuid) is
  'Puts a passage into the index, or replaces it; the key is module, kind, entity and chunk.';

create function private.unindex_document(p_module text, p_kind text, p_entity_id uuid)
returns integer
language plpgsql
volatile
security definer -- the counterpart of index_document
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from core.search_documents as d
  where d.module = p_module and d.kind = p_kind and d.entity_id = p_entity_id;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.unindex_document(text, text, uuid) is 'Takes all passages of a thing out of the index; returns how many.';

revoke execute on all functions in schema private from public;
revoke execute on function
  private.index_document(text, text, uuid, text, text, uuid, jsonb, text, uuid, integer, uuid[], text, real, uuid[], boolean, uuid),
  private.unindex_document(text, text, uuid)
  from anon, authenticated;
grant execute on function
  private.search_config(text), private.search_vector(text, text, text),
  private.index_document(text, text, uuid, text, text, uuid, jsonb, text, uuid, integer, uuid[], text, real, uuid[], boolean, uuid),
  private.unindex_document(text, text, uuid)
  to service_role;
