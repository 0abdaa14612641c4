-- The words of each passage, and how many passages have each word.
--
-- Counts are exact at any time and no row of them is hot: whoever writes passages appends what changed, a task adds it up,
-- and the count of a word is what was added up and what still waits. The words of all are counted, private ones too, so
-- nothing here is readable by clients, and the ranking takes fewer than fewest_passages for fewest_passages.

create table study.chunk_terms (
  chunk_id uuid primary key references study.material_chunks (id) on delete cascade,
  material_id uuid not null references study.materials (id) on delete cascade,
  language text not null,
  tsv tsvector not null,
  title_length integer not null,
  heading_length integer not null,
  content_length integer not null
)
-- Ranking reads the vectors of hundreds of passages: they stay in their rows, uncompressed.
with (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
comment on table study.chunk_terms is 'The lexemes of a passage with its title and headings, and how many there are of each.';
create index chunk_terms_tsv_idx on study.chunk_terms using gin (tsv) with (fastupdate = off);
create index chunk_terms_material_id_idx on study.chunk_terms (material_id);

create table study.terms (
  language text not null,
  lexeme text not null,
  chunks bigint not null,
  primary key (language, lexeme),
  constraint terms_chunks_check check (chunks > 0)
) with (fillfactor = 80);
comment on table study.terms is 'How many passages of a language have a lexeme, without what still waits in term_deltas.';
create index terms_lexeme_idx on study.terms using gin (lexeme extensions.gin_trgm_ops) with (fastupdate = off);

create table study.term_deltas (
  id bigint generated always as identity primary key,
  language text not null,
  lexeme text not null,
  chunks bigint not null
);
comment on table study.term_deltas is 'By how much counts of lexemes changed and were not added up yet. Append-only but for the task that adds up.';
create index term_deltas_lexeme_idx on study.term_deltas (language, lexeme) include (chunks);

-- Summed in reading: as many rows as statements that wrote passages since the task ran.
create table study.term_totals (
  id bigint generated always as identity primary key,
  language text not null,
  chunks bigint not null,
  title_length bigint not null,
  heading_length bigint not null,
  content_length bigint not null
);
comment on table study.term_totals is 'How many passages there are in a language and how long they are: the sum of these rows.';
create index term_totals_language_idx on study.term_totals (language);

alter table study.chunk_terms enable row level security;
alter table study.terms enable row level security;
alter table study.term_deltas enable row level security;
alter table study.term_totals enable row level security;
revoke all on study.chunk_terms, study.terms, study.term_deltas, study.term_totals from public, anon, authenticated;
grant select on study.chunk_terms, study.terms, study.term_deltas, study.term_totals to service_role;

create function private.tg_chunk_terms__count()
returns trigger
language plpgsql
volatile
security definer -- the counts are written by nobody else
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    insert into study.term_deltas (language, lexeme, chunks)
    select o.language, u.lexeme, -count(*) from old_rows as o cross join lateral unnest(o.tsv) as u group by o.language, u.lexeme;
    insert into study.term_totals (language, chunks, title_length, heading_length, content_length)
    select o.language, -count(*), -sum(o.title_length), -sum(o.heading_length), -sum(o.content_length)
    from old_rows as o group by o.language;
  end if;
  if tg_op <> 'DELETE' then
    insert into study.term_deltas (language, lexeme, chunks)
    select n.language, u.lexeme, count(*) from new_rows as n cross join lateral unnest(n.tsv) as u group by n.language, u.lexeme;
    insert into study.term_totals (language, chunks, title_length, heading_length, content_length)
    select n.language, count(*), sum(n.title_length), sum(n.heading_length), sum(n.content_length)
    from new_rows as n group by n.language;
  end if;
  return null;
end;
$$;
comment on function private.tg_chunk_terms__count() is 'Trigger: appends by how much the counts changed.';
create trigger _100_count_inserted after insert on study.chunk_terms
  referencing new table as new_rows for each statement execute function private.tg_chunk_terms__count();
create trigger _100_count_updated after update on study.chunk_terms
  referencing old table as old_rows new table as new_rows for each statement execute function private.tg_chunk_terms__count();
create trigger _100_count_deleted after delete on study.chunk_terms
  referencing old table as old_rows for each statement execute function private.tg_chunk_terms__count();

create function private.fold_study_terms(p_limit integer)
returns bigint
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_folded bigint;
begin
  -- One at a time: two would wait for each other's words.
  if not pg_try_advisory_xact_lock(hashtext('study.fold_terms')) then
    return null;
  end if;
  -- The oldest first, so that no word is taken away before it was added.
  with taken as (
    delete from study.term_deltas as d
    where d.id in (select x.id from study.term_deltas as x order by x.id limit p_limit)
    returning d.language, d.lexeme, d.chunks
  ),
  sums as materialized (
    select t.language, t.lexeme, sum(t.chunks)::bigint as chunks, count(*) as deltas
    from taken as t group by t.language, t.lexeme
  ),
  gone as (
    delete from study.terms as t using sums as s
    where t.language = s.language and t.lexeme = s.lexeme and t.chunks + s.chunks = 0
  ),
  changed as (
    update study.terms as t set chunks = t.chunks + s.chunks from sums as s
    where t.language = s.language and t.lexeme = s.lexeme and s.chunks <> 0 and t.chunks + s.chunks <> 0
  ),
  added as (
    insert into study.terms (language, lexeme, chunks)
    select s.language, s.lexeme, s.chunks from sums as s
    where s.chunks <> 0
      and not exists (select from study.terms as t where t.language = s.language and t.lexeme = s.lexeme)
  )
  select coalesce(sum(s.deltas), 0) into v_folded from sums as s;

  with taken as (
    delete from study.term_totals as t
    where t.id in (select x.id from study.term_totals as x order by x.id limit p_limit)
    returning t.*
  )
  insert into study.term_totals (language, chunks, title_length, heading_length, content_length)
  select t.language, sum(t.chunks), sum(t.title_length), sum(t.heading_length), sum(t.content_length)
  from taken as t group by t.language
  having sum(t.chunks) <> 0;
  return v_folded;
end;
$$;
comment on function private.fold_study_terms(integer) is
  'Adds up so many of the changes that wait; returns how many, null when another does it.';

create function private.fold_study_terms()
returns bigint
language sql
volatile
security definer -- a scheduled task
set search_path = ''
as $$ select private.fold_study_terms(200000); $$;
comment on function private.fold_study_terms() is 'Adds up the counts of words. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_fold_terms', 'private.fold_study_terms', '10 seconds', 'Adds up how many passages have each word.')
on conflict (name) do nothing;

create function private.study_term_counts(p_language text, p_lexemes text[])
returns table (lexeme text, chunks bigint)
language plpgsql
stable
security definer -- the counts are closed
set search_path = ''
as $$
begin
  return query
    select l.lexeme, coalesce((
        select t.chunks from study.terms as t where t.language = p_language and t.lexeme = l.lexeme
      ), 0) + coalesce((
        select sum(d.chunks)::bigint from study.term_deltas as d where d.language = p_language and d.lexeme = l.lexeme
      ), 0)
    from unnest(p_lexemes) as l (lexeme);
end;
$$;
comment on function private.study_term_counts(text, text[]) is 'In how many passages of all people each lexeme stands, exactly. Never shown to anybody.';

revoke execute on function
  private.tg_chunk_terms__count(), private.fold_study_terms(integer), private.fold_study_terms(),
  private.study_term_counts(text, text[])
  from public, anon, authenticated;
