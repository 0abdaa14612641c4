-- Finding: core.search and core.read_document for people. The rule of who may see what is repeated inside definers,
-- because full text operators lose their index under a policy (160 times slower in the study).
-- The predicate, word for word everywhere: public and authenticated for whoever is signed in; owner for the owner;
-- restricted for the owner and the audience; and never what belongs to somebody on the other side of a block, or stands
-- under something of his.
--
-- A search that finds nothing at all is tried once more with its words corrected (private.search_corrections). The
-- cursors of such pages begin with ~.

create function private.search_cursor(p_cursor text, out score double precision, out id uuid, out is_corrected boolean)
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
  is_corrected := starts_with(p_cursor, '~');
  score := split_part(ltrim(p_cursor, '~'), ':', 1)::double precision;
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

create function private.search_page(
  p_languages text[], p_queries tsquery[], p_kinds text[], p_topics uuid[], p_owner_id uuid, p_since timestamptz,
  p_limit integer, p_after_score double precision, p_after_id uuid, p_mark text
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, snippet text, locator jsonb,
  topic_id uuid, score real, updated_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- the index is closed; called by private.search
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_blocked uuid[] := private.my_block_ids();
begin
  return query
    -- Offset 0 keeps this a lookup in the index for each language: joined by language, every document would be read.
    with hits as (
      select h.id, h.score, s.language, s.q
      from unnest(p_languages, p_queries) as s (language, q)
      cross join lateral (
        select d.id, (round((ts_rank_cd(d.tsv, s.q, 32) * d.weight)::numeric, 6))::real as score
        from core.search_documents as d
        where d.tsv @@ s.q and d.language = s.language
          and (p_kinds is null or d.kind = any (p_kinds))
          and (p_topics is null or d.topic_id = any (p_topics) or d.topic_ids && p_topics)
          and (p_owner_id is null or d.owner_id = p_owner_id)
          and (p_since is null or d.updated_at >= p_since)
          and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
            or d.visibility = 'restricted' and v_user_id = any (d.audience))
          and (d.owner_id is null or d.owner_id <> all (v_blocked))
          and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked))
        offset 0
      ) as h
    ),
    page as (
      select h.* from hits as h
      where p_after_id is null or (h.score, h.id) < (p_after_score::real, p_after_id)
      order by h.score desc, h.id desc
      limit p_limit
    )
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title,
      ts_headline(private.search_config(p.language), d.body, p.q, 'StartSel=**, StopSel=**, MaxWords=40, MinWords=20'),
      d.locator, d.topic_id, p.score, d.updated_at, p_mark || p.score::text || ':' || d.id::text
    from page as p
    join core.search_documents as d on d.id = p.id
    order by p.score desc, p.id desc;
end;
$$;
comment on function private.search_page(text[], tsquery[], text[], uuid[], uuid, timestamptz, integer, double precision, uuid, text) is
  'What the caller may see and what fits a query of each language, best first. The mark begins the cursors.';

create function private.search(
  p_query text, p_kinds text[], p_topic_id uuid, p_limit integer, p_cursor text, p_owner_id uuid, p_since timestamptz
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
  v_query text := private.clean_text(p_query, 'query', 0, 500);
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), private.setting_number('search.feed_limit'));
  v_topics uuid[] := case when p_topic_id is not null then private.topic_subtree(p_topic_id) end;
  v_languages text[];
  v_queries tsquery[];
  v_after record;
begin
  perform private.require_reader();
  select c.score, c.id, c.is_corrected into v_after from private.search_cursor(p_cursor) as c;
  if v_query = '' then
    return query select * from private.search_newest(p_kinds, v_topics, p_owner_id, p_since, v_limit, v_after.score, v_after.id);
    return;
  end if;
  select array_agg(l.language), array_agg(websearch_to_tsquery(private.search_config(l.language), v_query))
  into v_languages, v_queries
  from (
    select jsonb_array_elements_text(private.setting('search.languages')) as language
    union select 'simple'
  ) as l;

  if v_after.is_corrected is not true then
    return query
      select * from private.search_page(
        v_languages, v_queries, p_kinds, v_topics, p_owner_id, p_since, v_limit, v_after.score, v_after.id, ''
      );
    if found or p_cursor is not null then
      return;
    end if;
  end if;
  v_queries := private.search_corrections(v_query, v_languages);
  if v_queries is not null then
    return query
      select * from private.search_page(
        v_languages, v_queries, p_kinds, v_topics, p_owner_id, p_since, v_limit, v_after.score, v_after.id, '~'
      );
  end if;
end;
$$;
comment on function private.search(text, text[], uuid, integer, text, uuid, timestamptz) is
  'One page of what the caller may see and what fits.';

create function core.search(
  p_query text, p_kinds text[] default null, p_topic_id uuid default null, p_limit integer default 20,
  p_cursor text default null, p_owner_id uuid default null, p_since timestamptz default null
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, snippet text, locator jsonb,
  topic_id uuid, score real, updated_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.search(p_query, p_kinds, p_topic_id, p_limit, p_cursor, p_owner_id, p_since); $$;
comment on function core.search(text, text[], uuid, integer, text, uuid, timestamptz) is
  'Finds what you may see. Words are joined by AND; "…" is a phrase, -word excludes, OR chooses. When nothing has the words, what has words like them is found. p_owner_id: of one person; p_since: changed since then. An empty query with a topic or an owner lists the newest. Pass the cursor of the last row for the next page. In snippets ** stands around the words found.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.search_cursor(text),
  private.search_page(text[], tsquery[], text[], uuid[], uuid, timestamptz, integer, double precision, uuid, text),
  private.search(text, text[], uuid, integer, text, uuid, timestamptz)
  from anon, authenticated;
grant execute on function
  private.search(text, text[], uuid, integer, text, uuid, timestamptz),
  core.search(text, text[], uuid, integer, text, uuid, timestamptz)
  to authenticated;
