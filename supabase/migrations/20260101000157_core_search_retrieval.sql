-- Retrieval for workers that answer from the material: any of the words may match, rare words count more, titles count
-- more than bodies, and a word that stands nowhere is taken for a misspelling of those like it.
-- What nobody vouched for (is_retrievable false) is no material, whatever kinds are asked for.

create function private.retrieve_passages(
  p_query text, p_kinds text[], p_topic_id uuid, p_limit integer, p_for_user uuid
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, body text, locator jsonb,
  topic_id uuid, score real
)
language plpgsql
stable
security definer -- executable by service_role only: that grant is the check of its caller
set search_path = ''
as $$
declare
  v_text text := left(coalesce(p_query, ''), 4000);
  v_topics uuid[] := case when p_topic_id is not null then private.topic_subtree(p_topic_id) end;
  v_blocked uuid[] := array(
    select b.blocked_id from core.blocks as b where b.blocker_id = p_for_user
    union
    select b.blocker_id from core.blocks as b where b.blocked_id = p_for_user
  );
  v_excluded text[] := array(select jsonb_array_elements_text(private.setting('search.retrieval_excluded_kinds')));
begin
  return query
    with languages as (
      select jsonb_array_elements_text(private.setting('search.languages')) as language
      union select 'simple'
    ),
    terms as (
      select l.language, t.lexeme, t.lexeme::text as word,
        (quote_literal(replace(t.lexeme, '\', '\\')))::tsquery as q
      from languages as l
      cross join lateral unnest(to_tsvector(private.search_config(l.language), v_text)) as t
      limit 200
    ),
    any_term as (
      select t.language, string_agg(t.q::text, ' | ')::tsquery as q from terms as t group by t.language
    ),
    -- Offset 0 keeps this a lookup in the index for each language: joined by language, every document would be read.
    candidates as materialized (
      select c.*
      from any_term as a
      cross join lateral (
        select d.id, d.tsv, d.language, d.weight, d.topic_id
        from core.search_documents as d
        where d.tsv @@ a.q and d.language = a.language
          and (case when p_kinds is null then d.kind <> all (v_excluded) else d.kind = any (p_kinds) end)
          and d.is_retrievable
          and (v_topics is null or d.topic_id = any (v_topics) or d.topic_ids && v_topics)
          and (d.visibility in ('public', 'authenticated') or d.owner_id = p_for_user
            or d.visibility = 'restricted' and p_for_user = any (d.audience))
          and (d.owner_id is null or d.owner_id <> all (v_blocked))
          and (d.thread_owner_id is null or d.thread_owner_id <> all (v_blocked))
        offset 0
      ) as c
    ),
    -- Without division by length: passages are of one size, and long ones are not worse.
    matches as materialized (
      select c.id, c.weight, t.language, t.lexeme, ts_rank('{0.1, 0.2, 0.2, 1.0}', c.tsv, t.q) as tf
      from candidates as c
      join terms as t on t.language = c.language and c.tsv @@ t.q
    ),
    corpus as materialized (
      -- The planner's estimate: counting everything for each question would cost more than it tells.
      select greatest(
        (select c.reltuples from pg_catalog.pg_class as c where c.oid = 'core.search_documents'::regclass)::double precision,
        (select count(*) from candidates), 1
      ) as n
    ),
    rarity as (
      select m.language, m.lexeme, ln(1 + (k.n - count(*) + 0.5) / (count(*) + 0.5)) as idf
      from matches as m cross join corpus as k
      group by m.language, m.lexeme, k.n
    ),
    -- Words that stand nowhere, as they were typed.
    strange as materialized (
      select t.lexeme as word
      from terms as t
      where t.language = 'simple' and length(t.lexeme) >= 5
        and exists (
          select from languages as l
          where l.language <> 'simple' and to_tsvector(private.search_config(l.language), t.lexeme) <> ''
        )
        and not exists (
          select from languages as l
          cross join lateral unnest(to_tsvector(private.search_config(l.language), t.lexeme)) as u
          join matches as m on m.language = l.language and m.lexeme = u.lexeme
        )
      limit 5
    ),
    lookalikes as (
      select d.id, d.weight, ln(1 + k.n) * 0.2 * w.likeness as points
      from strange as s
      cross join corpus as k
      cross join languages as l
      cross join lateral unnest(to_tsvector(private.search_config(l.language), s.word)) as u
      cross join lateral private.search_lookalikes(l.language, u.lexeme) as w
      cross join lateral (
        select x.id, x.weight
        from core.search_documents as x
        where x.tsv @@ w.q and x.language = l.language
          and (case when p_kinds is null then x.kind <> all (v_excluded) else x.kind = any (p_kinds) end)
          and x.is_retrievable
          and (v_topics is null or x.topic_id = any (v_topics) or x.topic_ids && v_topics)
          and (x.visibility in ('public', 'authenticated') or x.owner_id = p_for_user
            or x.visibility = 'restricted' and p_for_user = any (x.audience))
          and (x.owner_id is null or x.owner_id <> all (v_blocked))
          and (x.thread_owner_id is null or x.thread_owner_id <> all (v_blocked))
        order by ts_rank('{0.1, 0.2, 0.2, 1.0}', x.tsv, w.q) desc, x.id
        limit 20
      ) as d
    ),
    scored as (
      select p.id, (sum(p.points) * max(p.weight))::real as score
      from (
        select m.id, m.weight, m.tf * r.idf as points
        from matches as m
        join rarity as r on r.language = m.language and r.lexeme = m.lexeme
        union all
        select l.id, l.weight, l.points from lookalikes as l
      ) as p
      group by p.id
    )
    select d.id, d.module, d.kind, d.entity_id, d.chunk_no, d.title, d.body, d.locator, d.topic_id, s.score
    from scored as s
    join core.search_documents as d on d.id = s.id
    order by s.score desc, s.id
    limit least(greatest(coalesce(p_limit, 20), 1), 200);
end;
$$;
comment on function private.retrieve_passages(text, text[], uuid, integer, uuid) is 'The passages that share words with the text, best first.';

create function core.retrieve_passages(
  p_query text, p_kinds text[] default null, p_topic_id uuid default null, p_limit integer default 20,
  p_for_user uuid default null
)
returns table (
  id uuid, module text, kind text, entity_id uuid, chunk_no integer, title text, body text, locator jsonb,
  topic_id uuid, score real
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.retrieve_passages(p_query, p_kinds, p_topic_id, p_limit, p_for_user); $$;
comment on function core.retrieve_passages(text, text[], uuid, integer, uuid) is
  'Workers: passages that share words with the text, best first, among what p_for_user may see; without p_for_user, what everybody signed in may see. Never from what nobody vouched for.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.retrieve_passages(text, text[], uuid, integer, uuid), core.retrieve_passages(text, text[], uuid, integer, uuid)
  from anon, authenticated;
grant execute on function
  private.retrieve_passages(text, text[], uuid, integer, uuid), core.retrieve_passages(text, text[], uuid, integer, uuid)
  to service_role;
