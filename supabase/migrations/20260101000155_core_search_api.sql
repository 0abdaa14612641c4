-- Finding: core.search and core.read_document for people. The rule of who may see what is repeated inside definers,
-- because full text operators lose their index under a policy (160 times slower in the study).
-- The predicate, word for word everywhere: public and authenticated for whoever is signed in; owner for the owner;
-- restricted for the owner and the audience.

create function private.search_cursor(p_cursor text, out score double precision, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor is null then
    return;
  end if;
  score := split_part(p_cursor, ':', 1)::double precision;
  id := split_part(p_cursor, ':', 2)::uuid;
  if score is null or score = 'NaN' then
    raise invalid_text_representation;
  end if;
exception when others then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid',
    detail = 'This is no cursor of a search.',
    hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.search_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.search(
  p_query text, p_kinds text[], p_topic_id uuid, p_limit integer, p_cursor text
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, snippet text, locator jsonb,
  topic_id uuid, score real, updated_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- the index is closed; returns only what the caller may see
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_query text := private.clean_text(p_query, 'query', 0, 500);
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), (private.setting('search.feed_limit') #>> '{}')::integer);
  v_topics uuid[] := private.topic_subtree(p_topic_id);
  v_after record;
begin
  select c.score, c.id into v_after from private.search_cursor(p_cursor) as c;
  if v_query = '' then
    if p_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'query_required', detail = 'A search needs words or a topic.', hint = 'Send p_query or p_topic_id.';
    end if;
    -- A topic without words: the newest first.
    return query
      select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240), d.locator, d.topic_id,
        1::real, d.updated_at, extract(epoch from d.updated_at)::double precision::text || ':' || d.id::text
      from core.search_documents as d
      where d.topic_id = any (v_topics)
        and (p_kinds is null or d.kind = any (p_kinds))
        and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
          or d.visibility = 'restricted' and v_user_id = any (d.audience))
        and (p_cursor is null or (d.updated_at, d.id) < (to_timestamp(v_after.score), v_after.id))
      order by d.updated_at desc, d.id desc
      limit v_limit;
    return;
  end if;

  return query
    with queries as materialized (
      select l.language, websearch_to_tsquery(private.search_config(l.language), v_query) as q
      from (
        select jsonb_array_elements_text(private.setting('search.languages')) as language
        union select 'simple'
      ) as l
    ),
    -- Offset 0 keeps this a lookup in the index for each language: joined by language, every document would be read.
    hits as (
      select h.id, h.score, s.language, s.q
      from queries as s
      cross join lateral (
        select d.id, (round((ts_rank_cd(d.tsv, s.q, 32) * d.weight)::numeric, 6))::real as score
        from core.search_documents as d
        where d.tsv @@ s.q and d.language = s.language
          and (p_kinds is null or d.kind = any (p_kinds))
          and (p_topic_id is null or d.topic_id = any (v_topics))
          and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
            or d.visibility = 'restricted' and v_user_id = any (d.audience))
        offset 0
      ) as h
    ),
    page as (
      select h.* from hits as h
      where p_cursor is null or (h.score, h.id) < (v_after.score::real, v_after.id)
      order by h.score desc, h.id desc
      limit v_limit
    )
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title,
      ts_headline(private.search_config(p.language), d.body, p.q, 'StartSel=**, StopSel=**, MaxWords=40, MinWords=20'),
      d.locator, d.topic_id, p.score, d.updated_at, p.score::text || ':' || d.id::text
    from page as p
    join core.search_documents as d on d.id = p.id
    order by p.score desc, p.id desc;
  if found or p_cursor is not null or length(v_query) < 3 or v_query ~ '"|(^|\s)-' then
    return;
  end if;

  -- Nothing has these words, and nothing was asked for exactly: perhaps one is misspelt. One page of what looks alike.
  return query
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240), d.locator, d.topic_id,
      (extensions.word_similarity(v_query, d.title || ' ' || d.body) * d.weight)::real as likeness, d.updated_at, null::text
    from core.search_documents as d
    where v_query operator(extensions.<%) (d.title || ' ' || d.body)
      and (p_kinds is null or d.kind = any (p_kinds))
      and (p_topic_id is null or d.topic_id = any (v_topics))
      and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
        or d.visibility = 'restricted' and v_user_id = any (d.audience))
    order by likeness desc, d.id desc
    limit v_limit;
end;
$$;
comment on function private.search(text, text[], uuid, integer, text) is 'One page of what the caller may see and what fits.';

create function private.read_document(p_id uuid)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, body text, locator jsonb,
  topic_id uuid, language text, updated_at timestamptz
)
language plpgsql
stable
security definer -- the index is closed; returns only what the caller may see
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  return query
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, d.body, d.locator, d.topic_id, d.language, d.updated_at
    from core.search_documents as d
    where d.id = p_id
      and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
        or d.visibility = 'restricted' and v_user_id = any (d.audience));
end;
$$;
comment on function private.read_document(uuid) is 'One passage, when the caller may see it.';

create function core.search(
  p_query text, p_kinds text[] default null, p_topic_id uuid default null, p_limit integer default 20,
  p_cursor text default null
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, snippet text, locator jsonb,
  topic_id uuid, score real, updated_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.search(p_query, p_kinds, p_topic_id, p_limit, p_cursor); $$;
comment on function core.search(text, text[], uuid, integer, text) is
  'Finds what you may see. Words are joined by AND; "…" is a phrase, -word excludes, OR chooses. An empty query with a topic lists its newest. Pass the cursor of the last row for the next page. In snippets ** stands around the words found.';

create function core.read_document(p_id uuid)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, body text, locator jsonb,
  topic_id uuid, language text, updated_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.read_document(p_id); $$;
comment on function core.read_document(uuid) is 'The passage behind a search result or a citation; no row when you may not see it.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.search_cursor(text), private.search(text, text[], uuid, integer, text), private.read_document(uuid)
  from anon, authenticated;
grant execute on function
  private.search(text, text[], uuid, integer, text), private.read_document(uuid),
  core.search(text, text[], uuid, integer, text), core.read_document(uuid)
  to authenticated;
