-- Searching in material: for people among what they may read, for workers on behalf of a person.

create function private.study_search_chunks(
  p_viewer uuid, p_query text, p_query_embedding text, p_model text, p_material_ids uuid[], p_topic_id uuid,
  p_owner_id uuid, p_limit integer, p_explain boolean
)
returns table (
  chunk_id uuid, material_id uuid, title text, content text, heading_path text[], page_number integer, page_end integer,
  char_start integer, char_end integer, headline text, score double precision, explanation jsonb
)
language plpgsql
stable
security definer -- executable by no client; its callers say who looks
set search_path = ''
as $$
declare
  v_limit integer := least(greatest(coalesce(p_limit, 10), 1), 100);
  v_topics uuid[] := case when p_topic_id is not null then private.topic_subtree(p_topic_id) end;
begin
  -- Length first: nothing that is far too long reaches the parser.
  if length(p_query) > 10000 then
    raise sqlstate 'PT422' using
      message = 'text_too_long',
      detail = format('query has %s characters; at most 10000 are taken.', length(p_query)),
      hint = 'Shorten it.';
  end if;
  if cardinality(p_material_ids) > 1000 then
    raise sqlstate 'PT422' using
      message = 'too_many_filters',
      detail = 'At most 1000 materials can be named.',
      hint = 'Name fewer, or filter by topic or owner.';
  end if;
  if (p_query_embedding is null) <> (p_model is null) then
    raise sqlstate 'PT422' using
      message = 'embedding_model_required',
      detail = 'An embedding and the model that made it go together.',
      hint = 'Send both, or neither.';
  end if;
  return query
    with found as materialized (
      select r.chunk_id, r.score, r.lexemes, r.explanation, row_number() over () as place
      from private.study_rank_chunks(
        p_viewer, coalesce(p_query, ''), p_query_embedding, p_model, p_material_ids, v_topics, p_owner_id, v_limit,
        coalesce(p_explain, false)
      ) as r
    )
    select c.id, c.material_id, m.title, c.content, c.heading_path, c.page_number, c.page_end, c.char_start, c.char_end,
      ts_headline(
        private.search_config(c.language), c.content, h.q, 'StartSel=**, StopSel=**, MaxWords=40, MinWords=20, MaxFragments=2'
      ),
      round(f.score::numeric, 6)::double precision, f.explanation
    from found as f
    join study.material_chunks as c on c.id = f.chunk_id
    join study.materials as m on m.id = c.material_id
    cross join lateral (
      -- A point is no lexeme: where nothing was found by its words, nothing is marked.
      select coalesce(
        string_agg('''' || replace(replace(l.lexeme, '\', '\\'), '''', '''''') || '''', ' | '), '''.'''
      )::tsquery as q
      from unnest(f.lexemes) as l (lexeme)
    ) as h
    order by f.place;
end;
$$;
comment on function private.study_search_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean) is
  'The passages that a person may read and that fit a question, best first.';

create function private.search_my_chunks(
  p_query text, p_query_embedding text, p_model text, p_material_ids uuid[], p_topic_id uuid, p_owner_id uuid,
  p_limit integer, p_explain boolean
)
returns table (
  chunk_id uuid, material_id uuid, title text, content text, heading_path text[], page_number integer, page_end integer,
  char_start integer, char_end integer, headline text, score double precision, explanation jsonb
)
language plpgsql
stable
security definer -- for the caller and nobody else
set search_path = ''
as $$
begin
  return query
    select * from private.study_search_chunks(
      private.require_reader(), p_query, p_query_embedding, p_model, p_material_ids, p_topic_id, p_owner_id, p_limit, p_explain
    );
end;
$$;
comment on function private.search_my_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean) is
  'study_search_chunks for whoever asks.';

create function study.search_chunks(
  p_query text, p_query_embedding text default null, p_model text default null, p_material_ids uuid[] default null,
  p_topic_id uuid default null, p_owner_id uuid default null, p_limit integer default 10, p_explain boolean default false
)
returns table (
  chunk_id uuid, material_id uuid, title text, content text, heading_path text[], page_number integer, page_end integer,
  char_start integer, char_end integer, headline text, score double precision, explanation jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.search_my_chunks(
    p_query, p_query_embedding, p_model, p_material_ids, p_topic_id, p_owner_id, p_limit, p_explain
  );
$$;
comment on function study.search_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean) is
  'Finds passages of the material that you may read: by words (rare ones and those in titles count more, misspelt ones are taken for those like them) and, with an embedding of the model that is active, by meaning. A question may be a word or a whole message; nothing in it is an operator. Best first; in headline ** stands around the words found; p_explain says what each part brought.';

create function study.retrieve_chunks(
  p_for_user uuid, p_query text, p_query_embedding text default null, p_model text default null,
  p_material_ids uuid[] default null, p_topic_id uuid default null, p_owner_id uuid default null,
  p_limit integer default 10, p_explain boolean default false
)
returns table (
  chunk_id uuid, material_id uuid, title text, content text, heading_path text[], page_number integer, page_end integer,
  char_start integer, char_end integer, headline text, score double precision, explanation jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.study_search_chunks(
    p_for_user, p_query, p_query_embedding, p_model, p_material_ids, p_topic_id, p_owner_id, p_limit, p_explain
  );
$$;
comment on function study.retrieve_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean) is
  'Workers: what search_chunks finds for this person.';

revoke execute on function
  private.study_search_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean),
  private.search_my_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean),
  study.search_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean),
  study.retrieve_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean)
  from public, anon, authenticated;
grant execute on function
  private.search_my_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean),
  study.search_chunks(text, text, text, uuid[], uuid, uuid, integer, boolean)
  to authenticated;
grant execute on function
  private.study_search_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean),
  study.retrieve_chunks(uuid, text, text, text, uuid[], uuid, uuid, integer, boolean)
  to service_role;
