-- The words of the index, so that a misspelt one can be corrected: comparing it with some hundred thousand words takes
-- milliseconds, with all documents it takes seconds.
--
-- Only words of what everybody signed in may find are here: a correction tells nobody of anything else. The list may lag
-- behind the documents, by a minute or so with new words, by some hours with words that no document has any longer.

create table core.search_words (
  language text not null,
  word text not null,
  checked_at timestamptz not null default now(),
  primary key (language, word)
) with (fillfactor = 80);
comment on table core.search_words is
  'The words of public and authenticated documents, as the index of their language has them. Written by a scheduled task.';
comment on column core.search_words.checked_at is 'When some document was last found to have the word.';
create index search_words_word_idx on core.search_words using gin (word extensions.gin_trgm_ops) with (fastupdate = off);

create table core.search_word_sources (
  id bigint generated always as identity primary key,
  document_id uuid not null
);
comment on table core.search_word_sources is 'Documents that were written and whose words are still to be taken. No foreign key: whoever deletes one must not wait.';

alter table core.search_words enable row level security;
alter table core.search_word_sources enable row level security;
revoke all on core.search_words, core.search_word_sources from public, anon, authenticated;
grant select on core.search_words, core.search_word_sources to service_role;

create function private.tg_search_documents__note_words()
returns trigger
language plpgsql
security definer -- the list is written by nobody else
set search_path = ''
as $$
begin
  insert into core.search_word_sources (document_id) values (new.id);
  return null;
end;
$$;
comment on function private.tg_search_documents__note_words() is 'Trigger: the words of this document are to be taken.';
create trigger _500_note_words
  after insert on core.search_documents
  for each row when (new.visibility in ('public', 'authenticated'))
  execute function private.tg_search_documents__note_words();
create trigger _500_note_changed_words
  after update of title, body, language, visibility on core.search_documents
  for each row when (
    new.visibility in ('public', 'authenticated')
    and (old.tsv is distinct from new.tsv or old.language <> new.language or old.visibility <> new.visibility)
  )
  execute function private.tg_search_documents__note_words();

create function private.collect_search_words(p_documents integer, p_checks integer)
returns jsonb
language plpgsql
volatile
security definer -- the list is written by nobody else
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_new integer;
  v_gone integer;
begin
  -- One at a time: two would wait for each other's words.
  if not pg_try_advisory_xact_lock(hashtext('core.collect_search_words')) then
    return null;
  end if;
  with taken as (
    delete from core.search_word_sources as s
    where s.id in (select x.id from core.search_word_sources as x order by x.id limit p_documents)
    returning s.document_id
  )
  select array_agg(distinct t.document_id) into v_ids from taken as t;
  insert into core.search_words (language, word)
  select distinct d.language, u.lexeme
  from core.search_documents as d
  cross join lateral unnest(d.tsv) as u
  where d.id = any (v_ids) and d.visibility in ('public', 'authenticated')
    and length(u.lexeme) between 3 and 40 and u.lexeme !~ '[^[:alpha:]''’-]'
  order by d.language, u.lexeme
  on conflict (language, word) do nothing;
  get diagnostics v_new = row_count;

  with oldest as (
    select w.language, w.word,
      exists (
        select from core.search_documents as d
        where d.tsv @@ quote_literal(w.word)::tsquery and d.language = w.language and d.visibility in ('public', 'authenticated')
      ) as is_there
    from core.search_words as w
    where w.checked_at < now() - interval '10 minutes'
    order by w.checked_at
    limit p_checks
  ),
  kept as (
    update core.search_words as w set checked_at = now()
    from oldest as o where o.is_there and w.language = o.language and w.word = o.word
  )
  delete from core.search_words as w using oldest as o where not o.is_there and w.language = o.language and w.word = o.word;
  get diagnostics v_gone = row_count;
  return jsonb_build_object('documents', coalesce(cardinality(v_ids), 0), 'new', v_new, 'gone', v_gone);
end;
$$;
comment on function private.collect_search_words(integer, integer) is
  'Takes the words of so many documents that were written since, and looks whether so many words, those longest unlooked at, are still anywhere.';

create function private.collect_search_words()
returns jsonb
language sql
volatile
security definer -- a scheduled task
set search_path = ''
as $$ select private.collect_search_words(5000, 2000); $$;
comment on function private.collect_search_words() is 'Keeps the list of words as the documents are. A scheduled task.';

-- The module is loaded before its parameter is named: without it, only a superuser may set an unknown one.
do $$ begin perform extensions.similarity('', ''); end; $$;

create function private.search_lookalikes(p_language text, p_word text)
returns table (q tsquery, likeness real)
language plpgsql
stable
security definer -- reads the list for searches
set search_path = ''
set pg_trgm.similarity_threshold = 0.3
as $$
begin
  return query
    select quote_literal(n.word)::tsquery, n.likeness
    from (
      select w.word, extensions.similarity(w.word, p_word) as likeness, max(extensions.similarity(w.word, p_word)) over () as most
      from core.search_words as w
      where w.word operator(extensions.%) p_word and w.language = p_language
    ) as n
    where n.likeness >= 0.8 * n.most
    order by n.likeness desc, n.word
    limit 3;
end;
$$;
comment on function private.search_lookalikes(text, text) is 'The words of a language that look most like this one, three at most.';

create function private.search_corrections(p_query text, p_languages text[])
returns tsquery[]
language plpgsql
stable
security definer -- reads the list for searches
set search_path = ''
as $$
declare
  v_language text;
  v_word text;
  v_alike tsquery;
  v_query tsquery;
  v_queries tsquery[] := array[]::tsquery[];
  v_corrected integer;
  v_is_any boolean := false;
begin
  -- Whoever quotes, excludes or chooses has asked for exactly that.
  if p_query ~* '"|(^|\s)-|\mor\M' then
    return null;
  end if;
  foreach v_language in array p_languages loop
    v_query := null;
    v_alike := null;
    v_corrected := 0;
    for v_word in select t.lexeme from unnest(to_tsvector(private.search_config(v_language), p_query)) as t order by t.lexeme loop
      v_alike := quote_literal(v_word)::tsquery;
      if length(v_word) >= 4
        and not exists (select from core.search_words as w where w.language = v_language and w.word = v_word)
      then
        v_corrected := v_corrected + 1;
        v_alike := null;
        if v_corrected <= 5 then
          select string_agg(a.q::text, ' | ')::tsquery into v_alike from private.search_lookalikes(v_language, v_word) as a;
        end if;
      end if;
      v_query := case when v_query is null then v_alike else v_query && v_alike end;
      exit when v_alike is null;
    end loop;
    if v_corrected = 0 or v_alike is null then
      v_query := null;
    end if;
    v_is_any := v_is_any or v_query is not null;
    v_queries := array_append(v_queries, v_query);
  end loop;
  return case when v_is_any then v_queries end;
end;
$$;
comment on function private.search_corrections(text, text[]) is
  'The query in each language with its unknown words replaced by known ones that look like them; null for a language in which there is nothing to correct or no such word, null altogether when that is so in all.';

revoke execute on function
  private.tg_search_documents__note_words(), private.collect_search_words(integer, integer), private.collect_search_words(),
  private.search_lookalikes(text, text), private.search_corrections(text, text[])
  from public, anon, authenticated;
