-- Originality: fingerprints of every passage and every delivered answer, and the check against them.
--
-- Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003):
-- hash every run of 4 words, keep the smallest hash of each window of 4 runs (the rightmost of equals). Any text of
-- 7 words that two documents share is found; nothing shorter than 4 words is. A hash is the first 60 bits of md5,
-- so it is the same on every engine and version.

create table qa.fingerprint_sources (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  document_id uuid unique references core.search_documents (id) on delete cascade,
  answer_id uuid unique references qa.answers (id) on delete cascade,
  created_at timestamptz not null default now(),
  constraint fingerprint_sources_kind_check check (
    (kind = 'passage') = (document_id is not null) and (kind = 'answer') = (answer_id is not null)
  )
);
comment on table qa.fingerprint_sources is 'What has fingerprints: a passage of the search index, or a delivered answer.';

create table qa.fingerprints (
  hash bigint not null,
  source_id uuid not null references qa.fingerprint_sources (id) on delete cascade,
  word_no integer not null,
  primary key (hash, source_id, word_no)
);
create index fingerprints_source_id_idx on qa.fingerprints (source_id);
comment on table qa.fingerprints is 'Winnowed hashes of word 4-grams; word_no is where the 4-gram begins (from 1).';

create function private.qa_words(p_text text)
returns table (word_no integer, word text)
language sql
stable
security invoker
set search_path = ''
rows 300
as $$
  -- Citation markers are no words of the author. Case and accents do not make a text another one.
  select row_number() over (order by t.n)::integer, t.w
  from regexp_split_to_table(
    lower(extensions.unaccent(regexp_replace(p_text, '\[[0-9]{1,3}\]', ' ', 'g'))), '[^[:alnum:]]+'
  ) with ordinality as t (w, n)
  where t.w <> '';
$$;
comment on function private.qa_words(text) is 'The words of a text in order, lower-cased, without accents, punctuation and [n] markers.';

create function private.qa_fingerprints(p_text text)
returns table (hash bigint, word_no integer)
language sql
stable
security invoker
set search_path = ''
rows 100
as $$
  with grams as (
    select
      w.word_no,
      string_agg(w.word, ' ') over four as gram,
      count(*) over four as gram_size
    from private.qa_words(p_text) w
    window four as (order by w.word_no rows between current row and 3 following)
  ),
  hashes as (
    select g.word_no, ('x' || left(md5(g.gram), 15))::bit(60)::bigint as hash
    from grams g
    where g.gram_size = 4
  ),
  winnowed as (
    -- min over [hash, -word_no]: the smallest hash, and of equal ones the rightmost.
    select min(array[h.hash, -h.word_no]) over (order by h.word_no rows between current row and 3 following) as pick
    from hashes h
  )
  select distinct w.pick[1], -w.pick[2]::integer from winnowed w;
$$;
comment on function private.qa_fingerprints(text) is
  'Winnowed fingerprints of a text (word 4-grams, window 4). Empty for fewer than 4 words.';

create function private.qa_store_fingerprints(p_kind text, p_document_id uuid, p_answer_id uuid, p_text text)
returns void
language plpgsql
volatile
security definer -- writes tables that no client may write
set search_path = ''
as $$
declare
  v_source_id uuid;
begin
  delete from qa.fingerprint_sources
  where document_id = p_document_id or answer_id = p_answer_id;
  insert into qa.fingerprint_sources (kind, document_id, answer_id)
  values (p_kind, p_document_id, p_answer_id)
  returning id into v_source_id;
  insert into qa.fingerprints (hash, source_id, word_no)
  select f.hash, v_source_id, f.word_no from private.qa_fingerprints(p_text) f;
end;
$$;
comment on function private.qa_store_fingerprints(text, uuid, uuid, text) is 'Replaces the fingerprints of one passage or answer.';

create function private.tg_search_documents__fingerprint()
returns trigger
language plpgsql
volatile
security definer -- whoever indexes a passage need not know of fingerprints
set search_path = ''
as $$
begin
  perform private.qa_store_fingerprints('passage', new.id, null, new.body);
  return null;
end;
$$;

create trigger _800_fingerprint_insert
  after insert on core.search_documents
  for each row when (new.kind = 'passage')
  execute function private.tg_search_documents__fingerprint();

create trigger _800_fingerprint_update
  after update of body on core.search_documents
  for each row when (new.kind = 'passage' and old.body is distinct from new.body)
  execute function private.tg_search_documents__fingerprint();

create function private.qa_find_overlaps(p_text text, p_question_id uuid, p_cited_documents uuid[])
returns table (source_id uuid, kind text, title text, attributed boolean, hashes bigint[], passages text[])
language sql
stable
security definer -- reads every fingerprint; the caller sees only overlap with his own text
set search_path = ''
as $$
  with mine as materialized (
    select f.hash, f.word_no from private.qa_fingerprints(p_text) f
  ),
  shared as (
    select f.source_id, m.hash, m.word_no,
      -- Runs of shared 4-grams become one passage when no window of the winnowing lies between them.
      m.word_no - lag(m.word_no) over (partition by f.source_id order by m.word_no) > 7 as is_new_run
    from mine m
    join (select distinct fp.hash, fp.source_id from qa.fingerprints fp where fp.hash in (select hash from mine)) f
      on f.hash = m.hash
    join qa.fingerprint_sources s on s.id = f.source_id
    left join qa.answers a on a.id = s.answer_id
    where a.question_id is distinct from p_question_id or p_question_id is null
  ),
  runs as (
    select s.source_id, s.hash, s.word_no,
      count(*) filter (where s.is_new_run) over (partition by s.source_id order by s.word_no) as run_no
    from shared s
  ),
  spans as (
    select r.source_id, r.run_no, min(r.word_no) as first_word, max(r.word_no) + 3 as last_word
    from runs r group by r.source_id, r.run_no
  ),
  words as materialized (
    select w.word_no, w.word from private.qa_words(p_text) w
  ),
  excerpts as (
    select s.source_id, array_agg(e.excerpt order by s.first_word) as passages
    from spans s
    cross join lateral (
      select string_agg(w.word, ' ' order by w.word_no) as excerpt
      from words w where w.word_no between s.first_word and s.last_word
    ) e
    group by s.source_id
  )
  select
    e.source_id,
    src.kind,
    -- A delivered answer belongs to somebody: that there is one is all that others learn.
    coalesce(d.title, 'A delivered answer'),
    coalesce(src.document_id = any (p_cited_documents), false),
    (select array_agg(distinct r.hash) from runs r where r.source_id = e.source_id),
    e.passages
  from excerpts e
  join qa.fingerprint_sources src on src.id = e.source_id
  left join core.search_documents d on d.id = src.document_id;
$$;
comment on function private.qa_find_overlaps(text, uuid, uuid[]) is
  'Sources that share fingerprints with the text, with the shared passages. Answers to the same question are left out; cited documents are marked attributed.';

create function private.qa_originality(p_text text, p_question_id uuid, p_cited_documents uuid[])
returns table (similarity_score numeric, originality_score numeric, fingerprint_count integer, matches jsonb)
language plpgsql
stable
security definer -- see qa_find_overlaps
set search_path = ''
as $$
declare
  v_total integer;
begin
  select count(distinct f.hash)::integer into v_total from private.qa_fingerprints(p_text) f;
  return query
  with overlapping as materialized (
    select * from private.qa_find_overlaps(p_text, p_question_id, coalesce(p_cited_documents, '{}'))
  ),
  attributed as (
    select distinct h from overlapping o, unnest(o.hashes) h where o.attributed
  ),
  totals as (
    select
      count(distinct h)::numeric as shared,
      -- What a cited source accounts for is a quotation, wherever else it also stands.
      (count(distinct h) filter (where h not in (select a.h from attributed a)))::numeric as unattributed
    from overlapping o, unnest(o.hashes) h
  )
  select
    round(coalesce(t.shared / nullif(v_total, 0), 0), 4),
    round(1 - coalesce(t.unattributed / nullif(v_total, 0), 0), 4),
    v_total,
    coalesce((
      select jsonb_agg(m.item order by m.score desc)
      from (
        select
          round(cardinality(o.hashes)::numeric / nullif(v_total, 0), 4) as score,
          jsonb_build_object(
            'source_id', o.source_id, 'kind', o.kind, 'title', o.title, 'attributed', o.attributed,
            'score', round(cardinality(o.hashes)::numeric / nullif(v_total, 0), 4),
            'passages', to_jsonb(o.passages)
          ) as item
        from overlapping o
        order by cardinality(o.hashes) desc
        limit 20
      ) m
    ), '[]'::jsonb)
  from totals t;
end;
$$;
comment on function private.qa_originality(text, uuid, uuid[]) is
  'similarity_score: share of the text''s fingerprints found elsewhere. originality_score: 1 minus the share that no cited source accounts for. Both 0 to 1. matches: up to 20 sources, most overlap first.';

revoke execute on function
  private.qa_words(text), private.qa_fingerprints(text), private.qa_store_fingerprints(text, uuid, uuid, text),
  private.tg_search_documents__fingerprint(), private.qa_find_overlaps(text, uuid, uuid[]),
  private.qa_originality(text, uuid, uuid[])
  from public, anon, authenticated;
