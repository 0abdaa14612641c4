-- The other parts of a search: the newest without words, what looks alike when words are misspelt, and reading one
-- passage. Each is called for somebody who is signed in, and repeats the predicate of the file before.

insert into core.settings (key, value, description) values
  ('search.enough_results', '5', 'A search that finds fewer goes on to what looks alike: words may be misspelt.')
on conflict (key) do nothing;

create function private.search_newest(
  p_kinds text[], p_topics uuid[], p_owner_id uuid, p_since timestamptz, p_limit integer,
  p_after_score double precision, p_after_id uuid
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
  if p_topics is null and p_owner_id is null then
    raise sqlstate 'PT422' using
      message = 'query_required', detail = 'A search needs words, a topic or an owner.',
      hint = 'Send p_query, p_topic_id or p_owner_id.';
  end if;
  -- Two statements, so that each has the index of what it asks for.
  if p_topics is not null then
    return query
      select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240), d.locator, d.topic_id,
        1::real, d.updated_at, extract(epoch from d.updated_at)::double precision::text || ':' || d.id::text
      from core.search_documents as d
      where (d.topic_id = any (p_topics) or d.topic_ids <> '{}' and d.topic_ids && p_topics)
        and (p_kinds is null or d.kind = any (p_kinds))
        and (p_owner_id is null or d.owner_id = p_owner_id)
        and (p_since is null or d.updated_at >= p_since)
        and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
          or d.visibility = 'restricted' and v_user_id = any (d.audience))
        and (d.owner_id is null or d.owner_id <> all (v_blocked))
        and (p_after_id is null or (d.updated_at, d.id) < (to_timestamp(p_after_score), p_after_id))
      order by d.updated_at desc, d.id desc
      limit p_limit;
  else
    return query
      select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240), d.locator, d.topic_id,
        1::real, d.updated_at, extract(epoch from d.updated_at)::double precision::text || ':' || d.id::text
      from core.search_documents as d
      where d.owner_id = p_owner_id
        and (p_kinds is null or d.kind = any (p_kinds))
        and (p_since is null or d.updated_at >= p_since)
        and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
          or d.visibility = 'restricted' and v_user_id = any (d.audience))
        and (d.owner_id is null or d.owner_id <> all (v_blocked))
        and (p_after_id is null or (d.updated_at, d.id) < (to_timestamp(p_after_score), p_after_id))
      order by d.updated_at desc, d.id desc
      limit p_limit;
  end if;
end;
$$;
comment on function private.search_newest(text[], uuid[], uuid, timestamptz, integer, double precision, uuid) is
  'A search without words: the newest of a topic or of a person.';

-- The module is loaded before its parameter is named: without it, only a superuser may set an unknown one.
do $$ begin perform extensions.word_similarity('', ''); end; $$;

-- Each word has to look like one in the document. Which words are tried does not depend on what is indexed, so that
-- nothing can be learnt of documents that one may not see.
create function private.search_alike(
  p_query text, p_languages text[], p_queries tsquery[], p_kinds text[], p_topics uuid[], p_owner_id uuid,
  p_since timestamptz, p_limit integer, p_after_score double precision, p_after_id uuid
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, snippet text, locator jsonb,
  topic_id uuid, score real, updated_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- the index is closed; called by private.search
set search_path = ''
set pg_trgm.word_similarity_threshold = 0.5
as $$
declare
  v_words text[];
begin
  -- Whoever quotes, excludes or chooses has asked for exactly that.
  if p_query ~* '"|(^|\s)-|\mor\M' then
    return;
  end if;
  select array_agg(w.lexeme order by length(w.lexeme) desc, w.lexeme) into v_words
  from (
    select t.lexeme
    from unnest(to_tsvector('pg_catalog.simple', p_query)) as t
    where length(t.lexeme) >= 3
      and not exists (
        select from unnest(p_languages) as l
        where l <> 'simple' and to_tsvector(private.search_config(l), t.lexeme) = ''
      )
    order by length(t.lexeme) desc, t.lexeme
    limit 8
  ) as w;
  if v_words is null then
    return;
  end if;
  -- Put together, so that every word is a condition that the index serves: an array of them would be read afterwards.
  return query execute format(
    $sql$
      select a.id, a.module, a.kind, a.entity_id, a.chunk_no, a.title, a.snippet, a.locator, a.topic_id, a.score,
        a.updated_at, '~' || a.score::text || ':' || a.id::text
      from (
        select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240) as snippet, d.locator,
          d.topic_id, d.updated_at,
          (round(((%s) / %s * d.weight)::numeric, 6))::real as score
        from core.search_documents as d
        where %s
          and ($5 is null or d.kind = any ($5))
          and ($6 is null or d.topic_id = any ($6) or d.topic_ids && $6)
          and ($7 is null or d.owner_id = $7)
          and ($8 is null or d.updated_at >= $8)
          and (d.visibility in ('public', 'authenticated') or d.owner_id = $2
            or d.visibility = 'restricted' and $2 = any (d.audience))
          and (d.owner_id is null or d.owner_id <> all ($3))
          and not exists (
            select from unnest($4, $9) as s (language, q) where s.language = d.language and d.tsv @@ s.q
          )
        offset 0
      ) as a
      where $10 is null or (a.score, a.id) < ($10::real, $11)
      order by a.score desc, a.id desc
      limit $12
    $sql$,
    (select string_agg(format('extensions.word_similarity($1[%s], d.title || '' '' || d.body)', n), ' + ')
      from generate_subscripts(v_words, 1) as n),
    cardinality(v_words),
    (select string_agg(format('$1[%s] operator(extensions.<%%) (d.title || '' '' || d.body)', n), ' and ')
      from generate_subscripts(v_words, 1) as n)
  )
  using v_words, (select auth.uid()), private.my_block_ids(), p_languages, p_kinds, p_topics, p_owner_id, p_since,
    p_queries, p_after_score, p_after_id, p_limit;
end;
$$;
comment on function private.search_alike(text, text[], tsquery[], text[], uuid[], uuid, timestamptz, integer, double precision, uuid) is
  'What looks like the words of a query, without what has them; most alike first.';

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
  v_blocked uuid[] := private.my_block_ids();
begin
  return query
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, d.body, d.locator, d.topic_id, d.language, d.updated_at
    from core.search_documents as d
    where d.id = p_id
      and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
        or d.visibility = 'restricted' and v_user_id = any (d.audience))
      and (d.owner_id is null or d.owner_id <> all (v_blocked));
end;
$$;
comment on function private.read_document(uuid) is 'One passage, when the caller may see it.';

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
  private.search_newest(text[], uuid[], uuid, timestamptz, integer, double precision, uuid),
  private.search_alike(text, text[], tsquery[], text[], uuid[], uuid, timestamptz, integer, double precision, uuid),
  private.read_document(uuid)
  from anon, authenticated;
grant execute on function private.read_document(uuid), core.read_document(uuid) to authenticated;
