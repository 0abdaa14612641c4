-- The other parts of a search: the newest without words, and reading one passage. Each is called for somebody who is
-- signed in, and repeats the predicate of the file before.

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
  -- Statements of their own, so that each has the index of what it asks for; for each topic the newest from its index.
  if p_topics is not null then
    return query
      with newest as (
        select n.id, n.updated_at
        from unnest(p_topics) as t (id)
        cross join lateral (
          select d.id, d.updated_at from core.search_documents as d
          where d.topic_id = t.id
            and (p_kinds is null or d.kind = any (p_kinds))
            and (p_owner_id is null or d.owner_id = p_owner_id)
            and (p_since is null or d.updated_at >= p_since)
            and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
              or d.visibility = 'restricted' and v_user_id = any (d.audience))
            and (d.owner_id is null or d.owner_id <> all (v_blocked))
            and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked))
            and (p_after_id is null or (d.updated_at, d.id) < (to_timestamp(p_after_score), p_after_id))
          order by d.updated_at desc, d.id desc
          limit p_limit
        ) as n
        union
        (
          select d.id, d.updated_at from core.search_documents as d
          where d.topic_ids <> '{}' and d.topic_ids && p_topics
            and (p_kinds is null or d.kind = any (p_kinds))
            and (p_owner_id is null or d.owner_id = p_owner_id)
            and (p_since is null or d.updated_at >= p_since)
            and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
              or d.visibility = 'restricted' and v_user_id = any (d.audience))
            and (d.owner_id is null or d.owner_id <> all (v_blocked))
            and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked))
            and (p_after_id is null or (d.updated_at, d.id) < (to_timestamp(p_after_score), p_after_id))
          order by d.updated_at desc, d.id desc
          limit p_limit
        )
      )
      select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, left(d.body, 240), d.locator, d.topic_id,
        1::real, d.updated_at, extract(epoch from d.updated_at)::double precision::text || ':' || d.id::text
      from newest as n
      join core.search_documents as d on d.id = n.id
      order by n.updated_at desc, n.id desc
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
        and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked))
        and (p_after_id is null or (d.updated_at, d.id) < (to_timestamp(p_after_score), p_after_id))
      order by d.updated_at desc, d.id desc
      limit p_limit;
  end if;
end;
$$;
comment on function private.search_newest(text[], uuid[], uuid, timestamptz, integer, double precision, uuid) is
  'A search without words: the newest of a topic or of a person.';

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
  v_user_id uuid := private.require_reader();
  v_blocked uuid[] := private.my_block_ids();
begin
  return query
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, d.body, d.locator, d.topic_id, d.language, d.updated_at
    from core.search_documents as d
    where d.id = p_id
      and (d.visibility in ('public', 'authenticated') or d.owner_id = v_user_id
        or d.visibility = 'restricted' and v_user_id = any (d.audience))
      and (d.owner_id is null or d.owner_id <> all (v_blocked))
      and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked));
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
  private.read_document(uuid)
  from anon, authenticated;
grant execute on function private.read_document(uuid), core.read_document(uuid) to authenticated;
