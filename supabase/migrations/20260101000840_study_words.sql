-- How texts become words for retrieval, the numbers of the ranking, and words that mean the same.
--
-- Ranking is BM25F over title, headings and text with what Postgres has: lexemes of the language of each passage, how rare
-- each is (0841), and one round of feedback from the best passages, which weighs down what a typed message tells besides
-- its question (0843). k1 stands against occurrences of which one in a title counts as title_weight.

insert into core.settings (key, value, description) values
  ('study.search', '{
    "k1": 5, "b": 0.5, "title_weight": 6, "title_b": 0.75, "heading_weight": 3, "heading_b": 0.75,
    "repeat_k": 1, "synonym_share": 0.3, "feedback_passages": 30, "feedback_share": 0.4, "proximity": 0.1,
    "fewest_passages": 5, "terms": 200, "candidates": 300, "scanned_passages": 4000, "scanned_rows": 10000,
    "rrf_k": 60, "compared_numbers": 40000000, "indexed_share": 0.5, "ef_search": 800
  }', 'The ranking of study.search_chunks; docs/study.md says what each number does.'),
  ('study.search_vector_weights', '{"local-lexical-1": 0.1, "default": 1}',
    'What the rank by vectors of a model counts beside the rank by words. The local model compares words, too: it only breaks ties.')
on conflict (key) do nothing;

create function private.study_search_number(p_key text)
returns double precision
language sql
stable
security invoker
set search_path = ''
as $$ select (private.setting('study.search') ->> p_key)::double precision; $$;
comment on function private.study_search_number(text) is 'One number of the ranking.';

-- The parser takes word.Word for a host and and/or for a path: both are words. Signs that nobody sees (soft hyphens, marks of
-- direction) are part of none. Where accents carry no stem, none is kept.
create function private.study_plain_words(p_language text, p_text text)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_text text := regexp_replace(coalesce(p_text, ''), '[/\\_|]', ' ', 'g');
begin
  v_text := regexp_replace(v_text, U&'[\00AD\200B-\200F\202A-\202E\2060-\2064\FEFF]', '', 'g');
  v_text := regexp_replace(v_text, '([[:alpha:]])[.:@](?=[[:alpha:]])', '\1 ', 'g');
  v_text := regexp_replace(v_text, '([[:alpha:]]{4})(?=[0-9])', '\1 ', 'g');
  if private.search_config(p_language)::oid in ('pg_catalog.english'::regconfig::oid, 'pg_catalog.simple'::regconfig::oid) then
    v_text := extensions.unaccent('extensions.unaccent'::regdictionary, v_text);
  end if;
  return v_text;
end;
$$;
comment on function private.study_plain_words(text, text) is 'The text as the parser shall see it; passages and questions alike.';

create function private.study_lexemes(p_language text, p_text text)
returns tsvector
language sql
stable
security invoker
set search_path = ''
as $$ select to_tsvector(private.search_config(p_language), private.study_plain_words(p_language, p_text)); $$;
comment on function private.study_lexemes(text, text) is 'The lexemes of a text with their places.';

-- The title stands first, then the headings: a question that names the subject finds its own passages before those that
-- mention it.
create function private.study_passage_lexemes(p_language text, p_title text, p_headings text[], p_content text)
returns tsvector
language sql
stable
security invoker
set search_path = ''
as $$
  select setweight(private.study_lexemes(p_language, p_title), 'A')
    || setweight(private.study_lexemes(p_language, (
      select string_agg(h.heading, E'\n' order by h.n)
      from unnest(p_headings) with ordinality as h (heading, n)
      where lower(btrim(h.heading)) <> lower(btrim(p_title))
    )), 'B')
    || private.study_lexemes(p_language, p_content);
$$;
comment on function private.study_passage_lexemes(text, text, text[], text) is
  'The lexemes of a passage: those of the title weigh A, of the headings B, of the text D. A heading that repeats the title counts once.';

create table study.synonyms (
  language text not null,
  meaning text not null,
  word text not null,
  lexeme text not null,
  primary key (language, meaning, word),
  constraint synonyms_texts_check check (length(meaning) between 1 and 60 and length(word) between 1 and 60)
);
comment on table study.synonyms is
  'Single words that may stand for each other in a search, by what they mean. An operator adds rows; passages need no new index.';
comment on column study.synonyms.lexeme is 'The word as the index of its language has it; set by the database.';
create index synonyms_lexeme_idx on study.synonyms (language, lexeme);

create function private.tg_synonyms__set_lexeme()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  new.lexeme := (
    select u.lexeme from unnest(private.study_lexemes(new.language, new.word)) as u order by u.positions[1] limit 1
  );
  return new;
end;
$$;
comment on function private.tg_synonyms__set_lexeme() is 'Trigger: the lexeme follows from language and word.';
create trigger _100_set_lexeme
  before insert or update on study.synonyms
  for each row execute function private.tg_synonyms__set_lexeme();

-- What a layman calls it, and what a textbook does.
insert into study.synonyms (language, meaning, word)
select 'english', split_part(g.words, ' ', 1), w.word
from unnest(array[
  'heart cardiac', 'kidney renal', 'liver hepatic', 'lung pulmonary', 'brain cerebral', 'stomach gastric', 'skin cutaneous',
  'muscle muscular', 'nerve neural', 'eye ocular', 'blood hematologic', 'urine urinary', 'bone osseous', 'mouth oral',
  'nose nasal', 'ear aural', 'breast mammary', 'womb uterus', 'belly abdomen', 'vein venous', 'artery arterial',
  'cancer carcinoma', 'tumor neoplasm', 'swelling edema', 'bleeding hemorrhage', 'itching pruritus', 'vomiting emesis',
  'dizziness vertigo', 'clot thrombus', 'fracture break', 'injury trauma', 'fat lipid', 'newborn neonatal', 'child pediatric',
  'pregnancy gestation', 'medicine medication drug', 'doctor physician', 'vaccine vaccination immunization',
  'inherited hereditary genetic', 'cause etiology', 'treatment therapy', 'contagious infectious', 'surgery operation',
  'dose dosage', 'disease illness', 'symptom sign'
]) as g (words)
cross join lateral regexp_split_to_table(g.words, ' ') as w (word)
on conflict do nothing;

alter table study.synonyms enable row level security;
revoke all on study.synonyms from public, anon, authenticated;
grant select, insert, update, delete on study.synonyms to service_role;

revoke execute on function
  private.study_search_number(text), private.study_plain_words(text, text), private.study_lexemes(text, text),
  private.study_passage_lexemes(text, text, text[], text), private.tg_synonyms__set_lexeme()
  from public, anon, authenticated;
