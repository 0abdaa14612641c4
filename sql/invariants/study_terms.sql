-- What the ranking takes for the number of passages with a word is that number: what was added up and what still waits. The
-- same for how many passages a language has and how long they are. A passage that is not in the index is found by nobody.
with exact as (
  select t.language, u.lexeme, count(*) as chunks from study.chunk_terms as t cross join lateral unnest(t.tsv) as u group by 1, 2
),
kept as (
  select x.language, x.lexeme, sum(x.chunks) as chunks
  from (
    select t.language, t.lexeme, t.chunks from study.terms as t
    union all
    select d.language, d.lexeme, d.chunks from study.term_deltas as d
  ) as x
  group by 1, 2
  having sum(x.chunks) <> 0
),
totals as (
  select t.language, count(*) as chunks, sum(t.title_length + t.heading_length + t.content_length) as length
  from study.chunk_terms as t group by 1
),
kept_totals as (
  select t.language, sum(t.chunks) as chunks, sum(t.title_length + t.heading_length + t.content_length) as length
  from study.term_totals as t group by 1
  having sum(t.chunks) <> 0
)
select 'study_term_counts' as rule, coalesce(e.language, k.language) || ':' || coalesce(e.lexeme, k.lexeme) as id,
  format('%s passages have it, %s are counted', coalesce(e.chunks, 0), coalesce(k.chunks, 0)) as detail
from exact as e
full join kept as k on k.language = e.language and k.lexeme = e.lexeme
where e.chunks is distinct from k.chunks

union all

select 'study_term_totals', coalesce(t.language, k.language),
  format('%s passages of %s words, %s of %s are counted', t.chunks, t.length, k.chunks, k.length)
from totals as t
full join kept_totals as k on k.language = t.language
where (t.chunks, t.length) is distinct from (k.chunks, k.length)

union all

select 'study_chunk_terms', c.id::text, 'the passage has no words in the index'
from study.material_chunks as c
where not exists (select from study.chunk_terms as t where t.chunk_id = c.id and t.language = c.language);
