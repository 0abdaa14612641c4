-- Ranking by words: BM25F, then once more with what the best passages say about the words of the question.
--
-- The second look: a word of the question that the best thirty passages hardly have weighs less. So greetings, ages and
-- trades in a typed message stop to decide, without a list of them. No passage is looked for again, and no word is added.

create function private.study_candidates(p_materials uuid[], p_language text, p_terms jsonb, p_is_small boolean)
returns uuid[]
language plpgsql
stable
security definer -- the words are closed; called with the materials that the person may read
set search_path = ''
as $$
declare
  v_limit integer := private.study_search_number('candidates')::integer;
  v_rows double precision := private.study_search_number('scanned_rows');
begin
  if p_is_small then
    return array(
      with terms as materialized (
        select private.study_term_query(t.lexeme) as q, (private.study_term_query(t.lexeme)::text || ':A')::tsquery as q_title,
          t.points
        from jsonb_to_recordset(p_terms) as t (lexeme text, points double precision, chunks bigint)
      ),
      passages as materialized (
        select c.chunk_id, c.tsv from study.chunk_terms as c
        where c.material_id = any (p_materials) and c.language = p_language
      )
      select p.chunk_id
      from passages as p
      join terms as t on p.tsv @@ t.q
      group by p.chunk_id
      order by sum(t.points * case when p.tsv @@ t.q_title then 2 else 1 end) desc, p.chunk_id
      limit v_limit
    );
  end if;
  -- The rare words first, as far as the rows to look at allow; the rarest in any case.
  return array(
    with terms as materialized (
      select private.study_term_query(t.lexeme) as q, (private.study_term_query(t.lexeme)::text || ':A')::tsquery as q_title,
        t.points, t.chunks, sum(t.chunks) over (order by t.chunks, t.lexeme) - t.chunks as before
      from jsonb_to_recordset(p_terms) as t (lexeme text, points double precision, chunks bigint)
    ),
    -- Offset 0 keeps this a lookup in the index for each word.
    hits as (
      select h.chunk_id, t.points * case when h.is_in_title then 2 else 1 end as points
      from terms as t
      cross join lateral (
        select c.chunk_id, c.material_id, c.tsv @@ t.q_title as is_in_title
        from study.chunk_terms as c
        where c.tsv @@ t.q and c.language = p_language
        offset 0
      ) as h
      join unnest(p_materials) as m (id) on m.id = h.material_id
      where t.before + t.chunks <= v_rows or t.before = 0
    )
    select h.chunk_id from hits as h
    group by h.chunk_id
    order by sum(h.points) desc, h.chunk_id
    limit v_limit
  );
end;
$$;
comment on function private.study_candidates(uuid[], text, jsonb, boolean) is
  'The passages of a language that are worth ranking: those with the most and rarest of the words, words in titles before others.';

create function private.study_rank_words(
  p_query text, p_language text, p_materials uuid[], p_is_small boolean, p_limit integer, p_explain boolean
)
returns table (chunk_id uuid, score double precision, lexemes text[], explanation jsonb)
language plpgsql
stable
security definer -- the words are closed; called with the materials that the person may read
set search_path = ''
as $$
declare
  v_n jsonb := private.setting('study.search');
  v_k1 double precision := (v_n ->> 'k1')::double precision;
  v_b double precision := (v_n ->> 'b')::double precision;
  v_title_b double precision := (v_n ->> 'title_b')::double precision;
  v_title_weight double precision := (v_n ->> 'title_weight')::double precision;
  v_heading_b double precision := (v_n ->> 'heading_b')::double precision;
  v_heading_weight double precision := (v_n ->> 'heading_weight')::double precision;
  v_share double precision := (v_n ->> 'feedback_share')::double precision;
  v_passages integer := (v_n ->> 'feedback_passages')::integer;
  v_proximity double precision := (v_n ->> 'proximity')::double precision;
  v_terms jsonb;
  v_ids uuid[];
  v_title double precision;
  v_heading double precision;
  v_content double precision;
begin
  select jsonb_agg(to_jsonb(t) || jsonb_build_object('points', t.share * t.weight * t.idf)) into v_terms
  from private.study_query_terms(p_query, p_language, p_materials) as t;
  if v_terms is null then
    return;
  end if;
  v_ids := private.study_candidates(p_materials, p_language, v_terms, p_is_small);
  if cardinality(v_ids) = 0 then
    return;
  end if;
  select greatest(sum(t.title_length) / sum(t.chunks), 1), greatest(sum(t.heading_length) / sum(t.chunks), 1),
    greatest(sum(t.content_length) / sum(t.chunks), 1)
  into v_title, v_heading, v_content
  from study.term_totals as t where t.language = p_language;

  return query
    with terms as materialized (
      select t.* from jsonb_to_recordset(v_terms) as t (
        word text, lexeme text, kind text, share double precision, weight double precision, idf double precision, places smallint[]
      )
    ),
    words as materialized (
      select t.word, t.weight, t.idf, min(p.place) as place
      from terms as t cross join lateral unnest(t.places) as p (place)
      group by t.word, t.weight, t.idf
    ),
    occurrences as materialized (
      select c.chunk_id, t.word, t.lexeme, t.kind, u.positions, f.title, f.heading,
        t.share * (
          v_title_weight * f.title / (1 - v_title_b + v_title_b * c.title_length / v_title)
          + v_heading_weight * f.heading / (1 - v_heading_b + v_heading_b * c.heading_length / v_heading)
          + (cardinality(u.weights) - f.title - f.heading) / (1 - v_b + v_b * c.content_length / v_content)
        ) as frequency
      from study.chunk_terms as c
      cross join lateral unnest(c.tsv) as u
      join terms as t on t.lexeme = u.lexeme
      cross join lateral (
        select cardinality(array_positions(u.weights, 'A')) as title, cardinality(array_positions(u.weights, 'B')) as heading
      ) as f
      where c.chunk_id = any (v_ids)
    ),
    cells as materialized (
      select o.chunk_id, o.word, sum(o.frequency) / (v_k1 + sum(o.frequency)) as strength
      from occurrences as o group by o.chunk_id, o.word
    ),
    best as materialized (
      select c.chunk_id, sum(c.strength * w.weight * w.idf) as score
      from cells as c join words as w on w.word = c.word
      group by c.chunk_id
      order by score desc, c.chunk_id
      limit v_passages
    ),
    heard as materialized (
      select w.word, w.idf, w.place, w.weight * (1 - v_share + v_share * h.importance / max(h.importance) over ()) as weight
      from words as w
      cross join lateral (
        select coalesce(sum(b.score * c.strength), 0) / (select sum(x.score) from best as x) as importance
        from best as b join cells as c on c.chunk_id = b.chunk_id and c.word = w.word
      ) as h
    ),
    scored as materialized (
      select c.chunk_id, sum(c.strength * h.weight * h.idf) as score
      from cells as c join heard as h on h.word = c.word
      group by c.chunk_id
    ),
    neighbours as materialized (
      select x.word, x.next, x.points
      from (
        select h.word, lead(h.word) over w as next, lead(h.place) over w - h.place as gap,
          least(h.weight * h.idf, lead(h.weight * h.idf) over w) as points
        from heard as h window w as (order by h.place, h.word)
      ) as x
      where x.gap between 1 and 3
    ),
    near as materialized (
      select a.chunk_id, n.word, max(n.points / d.distance) as points
      from (select s.chunk_id from scored as s order by s.score desc, s.chunk_id limit 60) as s
      join occurrences as a on a.chunk_id = s.chunk_id
      join neighbours as n on n.word = a.word
      join occurrences as b on b.chunk_id = a.chunk_id and b.word = n.next
      cross join lateral (
        select min(abs(y.place - x.place)) as distance
        from unnest(a.positions) as x (place) cross join unnest(b.positions) as y (place)
        where y.place <> x.place
      ) as d
      where d.distance <= 5
      group by a.chunk_id, n.word
    ),
    nearness as (
      select n.chunk_id, v_proximity * sum(n.points) as points from near as n group by n.chunk_id
    ),
    best_of_all as materialized (
      select s.chunk_id, s.score + coalesce(n.points, 0) as score, n.chunk_id is not null as is_near
      from scored as s
      left join nearness as n on n.chunk_id = s.chunk_id
      order by s.score + coalesce(n.points, 0) desc, s.chunk_id
      limit p_limit
    ),
    -- What the reader can count himself. What a word is worth stays here: it follows from the words of other people, too.
    matched as (
      select o.chunk_id, array_agg(distinct o.lexeme) as lexemes,
        jsonb_agg(jsonb_build_object(
          'word', o.word, 'found', o.lexeme, 'as', o.kind, 'title', o.title, 'headings', o.heading,
          'text', cardinality(o.positions) - o.title - o.heading
        ) order by o.word, o.lexeme) filter (where p_explain) as terms
      from best_of_all as b join occurrences as o on o.chunk_id = b.chunk_id
      group by o.chunk_id
    )
    select b.chunk_id, b.score, m.lexemes,
      case when p_explain then jsonb_build_object('terms', m.terms, 'near', b.is_near) end
    from best_of_all as b
    join matched as m on m.chunk_id = b.chunk_id;
end;
$$;
comment on function private.study_rank_words(text, text, uuid[], boolean, integer, boolean) is
  'The best passages of a language by their words; explained by which words stand how often in title, headings and text.';

revoke execute on function
  private.study_candidates(uuid[], text, jsonb, boolean), private.study_rank_words(text, text, uuid[], boolean, integer, boolean)
  from public, anon, authenticated;
