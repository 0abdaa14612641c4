-- What a question asks for: its words, words that mean the same, and for a word that stands nowhere those that look like it.

-- Who may see what, as in private.study_may_read_material; repeated here in one statement because operators of full text
-- search lose their index under a policy, and asking for each passage would cost more than ranking it.
create function private.study_readable_materials(
  p_viewer uuid, p_material_ids uuid[], p_topics uuid[], p_owner_id uuid
)
returns table (id uuid, chunk_count integer)
language plpgsql
stable
security definer -- asked by retrieval, which checks its caller
set search_path = ''
as $$
declare
  v_blocked uuid[] := array(
    select b.blocked_id from core.blocks as b where b.blocker_id = p_viewer
    union
    select b.blocker_id from core.blocks as b where b.blocked_id = p_viewer
  );
  v_is_moderator boolean := private.user_has_role(p_viewer, 'moderator') or private.user_has_role(p_viewer, 'admin');
begin
  return query
    with candidates as (
      select m.id from study.materials as m
      where m.user_id = p_viewer and (p_material_ids is null or m.id = any (p_material_ids))
      union
      select m.id from study.materials as m
      where m.visibility <> 'private' and (p_material_ids is null or m.id = any (p_material_ids))
      union
      select s.material_id from study.material_shares as s where s.user_id = p_viewer
      union
      select s.material_id
      from study.group_members as g join study.material_shares as s on s.group_id = g.group_id
      where g.user_id = p_viewer and g.accepted_at is not null
    )
    select m.id, m.chunk_count
    from candidates as c
    join study.materials as m on m.id = c.id
    where m.ready_revision is not null
      and (m.user_id = p_viewer or m.hidden_at is null or v_is_moderator)
      and m.user_id <> all (v_blocked)
      and (p_material_ids is null or m.id = any (p_material_ids))
      and (p_owner_id is null or m.user_id = p_owner_id)
      and (p_topics is null or m.topic_id = any (p_topics) or exists (
        select from study.material_topics as t
        where t.material_id = m.id and t.topic_id = any (p_topics) and t.status = 'accepted'
      ))
    order by m.id;
end;
$$;
comment on function private.study_readable_materials(uuid, uuid[], uuid[], uuid) is
  'The materials that a person may read and that the filters let through, if any passage of theirs can be found.';

-- Only what the person may read answers whether a word is there: else a search would tell of words in other people's notes.
create function private.study_has_word(p_language text, p_lexeme text, p_chunks bigint, p_materials uuid[])
returns boolean
language plpgsql
stable
security definer -- the words are closed
set search_path = ''
as $$
begin
  if p_chunks = 0 then
    return false;
  end if;
  -- So many have it that it is no slip.
  if p_chunks > 50 then
    return true;
  end if;
  return exists (
    select from (
      select t.material_id from study.chunk_terms as t
      where t.tsv @@ private.study_term_query(p_lexeme) and t.language = p_language
      offset 0
    ) as x
    where x.material_id = any (p_materials)
  );
end;
$$;
comment on function private.study_has_word(text, text, bigint, uuid[]) is 'Whether a word is known where the person may read.';

create function private.study_term_query(p_lexeme text)
returns tsquery
language sql
immutable
security invoker
set search_path = ''
as $$ select ('''' || replace(replace(p_lexeme, '\', '\\'), '''', '''''') || '''')::tsquery; $$;
comment on function private.study_term_query(text) is 'The query that asks for this lexeme, whatever characters it has.';

-- The module is loaded before its parameter is named: without it, only a superuser may set an unknown one.
do $$ begin perform extensions.similarity('', ''); end; $$;

create function private.study_lookalikes(p_language text, p_lexeme text, p_materials uuid[])
returns table (lexeme text, chunks bigint)
language plpgsql
stable
security definer -- the words are closed; returns only such as the person may read
set search_path = ''
set pg_trgm.similarity_threshold = 0.4
as $$
begin
  return query
    with near as materialized (
      select t.lexeme, t.chunks, extensions.similarity(t.lexeme, p_lexeme) as likeness
      from study.terms as t
      where t.lexeme operator(extensions.%) p_lexeme and t.language = p_language and length(t.lexeme) >= 3
      order by likeness desc, t.lexeme
      limit 20
    ),
    known as materialized (
      select n.*, max(n.likeness) over () as most
      from near as n
      where private.study_has_word(p_language, n.lexeme, n.chunks, p_materials)
    )
    select k.lexeme, k.chunks from known as k
    where k.likeness >= 0.8 * k.most
    order by k.likeness desc, k.lexeme
    limit 3;
end;
$$;
comment on function private.study_lookalikes(text, text, uuid[]) is 'The words that look most like this one, three at most.';

create function private.study_query_terms(p_query text, p_language text, p_materials uuid[])
returns table (word text, lexeme text, kind text, share double precision, weight double precision, idf double precision, places smallint[], chunks bigint)
language plpgsql
stable
security definer -- the words are closed
set search_path = ''
as $$
declare
  v_fewest double precision := private.study_search_number('fewest_passages');
  -- Among a handful of passages no word is rare or common.
  v_total double precision := greatest((
    select sum(t.chunks) from study.term_totals as t where t.language = p_language
  ), 4 * v_fewest);
  v_repeat double precision := private.study_search_number('repeat_k');
  v_share double precision := private.study_search_number('synonym_share');
begin
  return query
    with words as materialized (
      select u.lexeme, u.positions, n.chunks
      from unnest(private.study_lexemes(p_language, p_query)) as u
      join private.study_term_counts(p_language, tsvector_to_array(private.study_lexemes(p_language, p_query))) as n
        on n.lexeme = u.lexeme
      -- Of more than can be ranked those that stand somewhere, then rare ones and those that were said often.
      order by n.chunks = 0, cardinality(u.positions) / (v_repeat + cardinality(u.positions)) / ln(2 + n.chunks) desc, u.lexeme
      limit private.study_search_number('terms')::integer
    ),
    known as materialized (
      select w.*, private.study_has_word(p_language, w.lexeme, w.chunks, p_materials) as is_known from words as w
    ),
    alternatives as (
      select k.lexeme as word, k.lexeme, 'word' as kind, 1::double precision as share, k.chunks from known as k where k.is_known
      union all
      select distinct k.lexeme, s.lexeme, 'synonym', v_share, n.chunks
      from known as k
      join study.synonyms as m on m.language = p_language and m.lexeme = k.lexeme
      join study.synonyms as s on s.language = m.language and s.meaning = m.meaning and s.lexeme <> k.lexeme
      cross join lateral private.study_term_counts(p_language, array[s.lexeme]) as n
      where n.chunks > 0 and not exists (select from words as w where w.lexeme = s.lexeme)
      union all
      select k.lexeme, l.lexeme, 'lookalike', 1, l.chunks
      from (
        select x.lexeme from known as x
        where not x.is_known and length(x.lexeme) >= 5 and x.lexeme !~ '[^[:alpha:]''’-]'
        order by x.positions[1], x.lexeme
        limit 8
      ) as k
      cross join lateral private.study_lookalikes(p_language, k.lexeme, p_materials) as l
    )
    select a.word, a.lexeme, a.kind, a.share,
      cardinality(k.positions) * (v_repeat + 1) / (v_repeat + cardinality(k.positions)),
      ln(1 + (v_total - d.chunks + 0.5) / (d.chunks + 0.5)), k.positions, a.chunks
    from alternatives as a
    join known as k on k.lexeme = a.word
    -- A word and those that stand for it are one: as rare as all of them together.
    cross join lateral (
      select least(greatest(sum(x.chunks), v_fewest), v_total) as chunks
      from alternatives as x where x.word = a.word
    ) as d;
end;
$$;
comment on function private.study_query_terms(text, text, uuid[]) is
  'The words of a question with those that may stand for them: share is what an occurrence counts, weight how often the word was said, idf how rare it is, places where it stands in the question.';

revoke execute on function
  private.study_readable_materials(uuid, uuid[], uuid[], uuid), private.study_has_word(text, text, bigint, uuid[]),
  private.study_term_query(text), private.study_lookalikes(text, text, uuid[]), private.study_query_terms(text, text, uuid[])
  from public, anon, authenticated;
