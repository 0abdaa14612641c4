-- Searching in material: who finds what, what a question may be, what is told of a find, and whether the counts of words
-- behind the ranking stay exact.
begin;
select plan(93);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sr-ann@example.org') as ann, tests.create_user('sr-ben@example.org') as ben,
  tests.create_user('sr-cleo@example.org') as cleo, tests.create_user('sr-mod@example.org', '{moderator}') as moderator;
insert into core.topics (slug, name) values ('sr-body', 'Body');
insert into core.topics (slug, name, parent_id) select 'sr-heart', 'Heart', id from core.topics where slug = 'sr-body';
create temp table topic as select
  (select id from core.topics where slug = 'sr-body') as body, (select id from core.topics where slug = 'sr-heart') as heart;

create function pg_temp.add(p_user uuid, p_title text, p_paragraphs text[], p_visibility text default 'private') returns uuid
language plpgsql as $$
declare
  v_path text := tests.st_upload(p_user, p_title || '.txt');
  v_id uuid;
begin
  perform tests.as_user(p_user);
  v_id := (study.create_material(v_path, p_title, p_visibility => p_visibility, p_language => 'english')).id;
  perform tests.as_owner();
  perform tests.st_ingest(v_id, p_paragraphs);
  return v_id;
end;
$$;
-- The passages that somebody finds, by their first two words, best first.
create function pg_temp.found(p_query text, p_materials uuid[] default null, p_topic uuid default null, p_owner uuid default null)
returns text language sql as $$
  select coalesce(string_agg(split_part(s.content, ' ', 1) || ' ' || split_part(s.content, ' ', 2), ', ' order by s.n), 'nothing')
  from study.search_chunks(p_query, p_material_ids => p_materials, p_topic_id => p_topic, p_owner_id => p_owner) with ordinality
    as s (chunk_id, material_id, title, content, heading_path, page_number, page_end, char_start, char_end, headline, score, explanation, n);
$$;
create function pg_temp.found_any(p_query text, p_topic uuid default null) returns text language sql as $$
  select string_agg(x, ', ' order by x) from regexp_split_to_table(pg_temp.found(p_query, null, p_topic), ', ') as x;
$$;
create function pg_temp.miscounted() returns text language sql security definer as $$
  select coalesce(string_agg(format('%s %s: %s', x.lexeme, x.exact, x.kept), ', '), 'none')
  from (
    select coalesce(e.lexeme, k.lexeme) as lexeme, e.n as exact, k.n as kept
    from (select t.language, u.lexeme, count(*) as n from study.chunk_terms as t cross join lateral unnest(t.tsv) as u group by 1, 2) as e
    full join (
      select a.language, a.lexeme, sum(a.chunks) as n
      from (select language, lexeme, chunks from study.terms union all select language, lexeme, chunks from study.term_deltas) as a
      group by 1, 2 having sum(a.chunks) <> 0
    ) as k on k.language = e.language and k.lexeme = e.lexeme
    where e.n is distinct from k.n
    union all
    select 'passages', a.n, b.n
    from (select language, count(*) as n, sum(title_length) as t, sum(heading_length) as h, sum(content_length) as c from study.chunk_terms group by 1) as a
    full join (
      select language, sum(chunks) as n, sum(title_length) as t, sum(heading_length) as h, sum(content_length) as c
      from study.term_totals group by 1 having sum(chunks) <> 0
    ) as b on b.language = a.language
    where (a.n, a.t, a.h, a.c) is distinct from (b.n, b.t, b.h, b.c)
  ) as x;
$$;
create temp table files as select tests.st_upload(ann, 'new.txt') as new, tests.st_upload(ann, 'heart-2.txt') as heart2 from who;
create temp table m as select
  pg_temp.add(ann, 'The heart', array[
    'Mitral leaflets are two and lie on the left side.', 'Aspirin thins the blood; warfarin does so, too.',
    'Coronary arteries leave the aorta behind its valve.'
  ]) as heart,
  pg_temp.add(ben, 'A diary', array['Doubloons lie under the mitral stone of Zanzibar.']) as diary,
  pg_temp.add(cleo, 'Kidney', array['Nephrons filter blood in the glomerulus.', 'Loops of Henle save water.'], 'public') as kidney
from who;

-- Nobody without an account
select tests.as_anon();
select throws_ok($$ select study.search_chunks('mitral') $$, '42501', null, 'visitors do not search');
select throws_ok($$ select private.search_my_chunks('mitral', null, null, null, null, null, 10, false) $$, '42501', null, 'nor behind');
select throws_ok($$ select count(*) from study.terms $$, '42501', null, 'nor read words');

-- One's own, and nothing of a stranger's
select tests.as_user((select ann from who));
select is(pg_temp.found('mitral'), 'Mitral leaflets', 'the owner finds');
select is(pg_temp.found('doubloons'), 'nothing', 'not what is another''s');
select is(pg_temp.found('doubloons zanzibar', array[diary]), 'nothing', 'nor by its id') from m;
select is(pg_temp.found('doubloons', p_owner => ben), 'nothing', 'nor by its owner') from who;
select is(pg_temp.found('nephrons'), 'Nephrons filter', 'what is public');
select throws_ok($$ select * from study.retrieve_chunks((select ben from who), 'doubloons') $$, '42501', null, 'nobody searches as another');
select throws_ok($$ select * from private.study_search_chunks((select ben from who), 'doubloons', null, null, null, null, null, 10, true) $$, '42501', null, 'nor behind');
select throws_ok($$ select study.take_search((select ben from who)) $$, '42501', null, 'nor uses up his allowance');
select is((select string_agg(t, ', ') from unnest(array['chunk_terms', 'terms', 'term_deltas', 'term_totals', 'synonyms']) as t
  where has_table_privilege('authenticated', 'study.' || t, 'select')), null, 'the words of all are closed');
select tests.as_user((select ben from who));
select is(pg_temp.found('mitral'), 'Doubloons lie', 'each his own');
select tests.as_service();
select results_eq($$ select content from study.retrieve_chunks((select ben from who), 'mitral') $$, $$ values ('Doubloons lie under the mitral stone of Zanzibar.') $$, 'a worker finds what the person does, for whom it works');
select is((select count(*) from study.retrieve_chunks(null, 'mitral doubloons')), 0::bigint, 'for nobody nothing private');

-- Shared, taken back, in a group
select tests.as_user((select ann from who));
create temp table share as select (study.share_material(heart, (select ben from who))).id as one from m;
select tests.as_user((select ben from who));
select is(pg_temp.found('leaflets'), 'Mitral leaflets', 'whom it is shared with');
select tests.as_user((select cleo from who));
select is(pg_temp.found('leaflets'), 'nothing', 'nobody else');
select tests.as_user((select ann from who));
select ok(study.unshare_material(one), 'taken back') from share;
create temp table team as select (study.create_group('Team')).id as one;
select lives_ok($$ select study.invite_to_group(one, (select ben from who)), study.share_material((select heart from m), p_group_id => one) from team $$, 'shared with a group');
select tests.as_user((select ben from who));
select is(pg_temp.found('leaflets'), 'nothing', 'who is only invited does not find');
select lives_ok($$ select study.join_group(one) from team $$, 'he comes');
select is(pg_temp.found('leaflets'), 'Mitral leaflets', 'and finds');
select is(pg_temp.found('leaflets', p_owner => ann), 'Mitral leaflets', 'by whose it is') from who;
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select is(pg_temp.found('leaflets'), 'nothing', 'not of whom he blocked');
select tests.as_user((select ann from who));
update study.materials set visibility = 'authenticated' where id = (select heart from m);
insert into core.blocks (blocker_id, blocked_id) select ann, cleo from who;
select tests.as_user((select cleo from who));
select is(pg_temp.found('leaflets'), 'nothing', 'nor of who blocked her');
select tests.as_user((select moderator from who));
select is(pg_temp.found('leaflets'), 'Mitral leaflets', 'everybody else finds what is for everybody');

-- Hidden, suspended, not ready
select tests.as_owner();
update study.materials set hidden_at = now() where id = (select kidney from m);
select tests.as_user((select ann from who));
select is(pg_temp.found('nephrons'), 'nothing', 'what was hidden is gone');
select tests.as_user((select cleo from who));
select is(pg_temp.found('nephrons'), 'Nephrons filter', 'not for its owner');
select tests.as_user((select moderator from who));
select is(pg_temp.found('nephrons'), 'Nephrons filter', 'nor for moderators');
select tests.as_owner();
update study.materials set hidden_at = null where id = (select kidney from m);
delete from core.blocks;
select tests.as_user((select moderator from who));
select lives_ok($$ select core.suspend_user((select cleo from who), 'Spam.') $$, 'a person is suspended');
select tests.as_user((select cleo from who));
select is(pg_temp.found('nephrons'), 'Nephrons filter', 'and reads on');
select tests.as_user((select ann from who));
create temp table waiting as select (study.create_material(new, 'Nephrons anew')).id as one from files;
select is(pg_temp.found('anew'), 'nothing', 'what waits for a worker is not found');
select lives_ok($$ select study.replace_material_file((select heart from m), heart2) from files $$, 'a new version');
select is(pg_temp.found('leaflets'), 'Mitral leaflets', 'until it is ready the one before answers');

-- Filters
update study.materials set topic_id = (select heart from topic) where id = (select heart from m);
select is(pg_temp.found_any('blood'), 'Aspirin thins, Nephrons filter', 'all of it');
select is(pg_temp.found('blood', array[heart]), 'Aspirin thins', 'of one material') from m;
select is(pg_temp.found('blood', '{}'), 'nothing', 'of none');
select is(pg_temp.found('blood', p_owner => cleo), 'Nephrons filter', 'of one person') from who;
select is(pg_temp.found('blood', p_topic => body), 'Aspirin thins', 'of a topic and those under it') from topic;
select is(pg_temp.found('blood', p_topic => gen_random_uuid()), 'nothing', 'of no topic');
select tests.as_owner();
insert into study.material_topics (material_id, topic_id, status) select m.kidney, t.heart, 'suggested' from m, topic as t;
select tests.as_user((select ann from who));
select is(pg_temp.found('blood', p_topic => heart), 'Aspirin thins', 'what was only suggested is not under it') from topic;
select tests.as_owner();
update study.material_topics set status = 'accepted';
select tests.as_user((select ann from who));
select is(pg_temp.found_any('blood', heart), 'Aspirin thins, Nephrons filter', 'what was accepted is') from topic;
select is((select count(*) from study.search_chunks('blood', p_limit => 1)), 1::bigint, 'as many as asked for');
select is((select count(*) from study.search_chunks('blood', p_limit => -3)) + (select count(*) from study.search_chunks('blood', p_limit => null)), 3::bigint, 'one at least, ten unless told');
select throws_ok($$ select study.search_chunks('x', p_material_ids => array_fill(gen_random_uuid(), array[1001])) $$, 'PT422', 'too_many_filters', 'not by thousands of ids');

-- What a question may be
select is(pg_temp.found(null) || pg_temp.found('') || pg_temp.found(E' \n') || pg_temp.found('what is the of and it'), 'nothingnothingnothingnothing', 'without a word nothing is found');
select is(pg_temp.found('!leaflets'), 'Mitral leaflets', 'nothing in it is an operator: not not');
select is(pg_temp.found('leaflets & zebra | (lion <-> tiger):*'), 'Mitral leaflets', 'not and');
select is(pg_temp.found($$ 'leaflets' \ "\'' ' \\ $$), 'Mitral leaflets', 'quotes are no quotes');
select is(pg_temp.found('%_ .* ( [ { \ $1 ; drop table x; --'), 'nothing', 'nor is anything else');
select is(pg_temp.found('🫀 ' || E'\x01\x7f' || ' leaflets‮'), 'Mitral leaflets', 'signs and hearts are passed over');
select is(pg_temp.found(repeat('a', 9000) || ' leaflets'), 'Mitral leaflets', 'nor does a word without end stop it');
select is(pg_temp.found(left(repeat('Dear doctor, my aunt asks about mitral leaflets. ', 300), 10000)), 'Mitral leaflets', 'ten thousand characters are read');
select is(pg_temp.found((select string_agg(md5(i::text), ' ') || ' leaflets' from generate_series(1, 290) as i)), 'Mitral leaflets', 'hundreds of words that are nowhere do not push out the one that is');
select throws_ok($$ select study.search_chunks(repeat('x', 10001)) $$, 'PT422', 'text_too_long', 'more are not');
select throws_ok($$ select study.search_chunks('x', '[1,0]') $$, 'PT422', 'embedding_model_required', 'a vector comes with its model');
select throws_ok($$ select study.search_chunks('x', null, 'test-model') $$, 'PT422', 'embedding_model_required', 'and a model with its vector');

-- Slips, other words for it, titles
select is(pg_temp.found('leaflits'), 'nothing', 'for a slip words are offered once they were added up');
select tests.as_owner();
select ok(private.fold_study_terms() > 0, 'which is done');
select tests.as_user((select ann from who));
select is(pg_temp.found('leaflits'), 'Mitral leaflets', 'a misspelt word is taken for the one like it');
select is(pg_temp.found('Glomerulous'), 'Nephrons filter', 'in what others made public, too');
select is(pg_temp.found('dubloons'), 'nothing', 'not in what is another''s');
select is(pg_temp.found('cardiac'), pg_temp.found('heart'), 'a word for the same finds the same');
select isnt(pg_temp.found('cardiac'), 'nothing', 'which is something');
select is(pg_temp.found('coronary artery'), 'Coronary arteries', 'forms of a word are one word');
select is((select count(*) from study.search_chunks('heart')), 3::bigint, 'each passage is found by the title');
select is((select count(*) from study.search_chunks('chapter')), 5::bigint, 'and by its headings');
select ok(pg_temp.found('kidney water') like 'Loops of, %', 'who has it in the title and says the rest comes first');
select tests.as_owner();
update study.synonyms set word = 'Aortae' where language = 'english' and meaning = 'heart' and word = 'cardiac';
select is((select lexeme from study.synonyms where meaning = 'heart' and word = 'Aortae'), 'aorta', 'an operator changes synonyms, the database finds the lexeme');
select tests.as_user((select ann from who));
select is((select string_agg(t ->> 'as', ',' order by t ->> 'as') from study.search_chunks('heart', p_explain => true) as s cross join jsonb_array_elements(s.explanation #> '{words,terms}') as t
  where s.content like 'Coronary%'), 'synonym,word', 'at once');

-- What is told of a find
select results_eq($$ select headline from study.search_chunks('leaflets') $$, $$ values ('Mitral **leaflets** are two and lie on the left side') $$, 'the words found are marked');
select is((select headline from study.search_chunks('leaflits')), 'Mitral **leaflets** are two and lie on the left side', 'those taken for them, too');
select results_eq($$ select title, page_number, char_start, char_end - char_start, heading_path from study.search_chunks('warfarin') $$, $$ values ('The heart', 2, 51, 47, array['Chapter']) $$, 'with its place');
select is((select explanation from study.search_chunks('leaflets')), null, 'nothing is explained unasked');
select is((select explanation -> 'words' from study.search_chunks('leaflits heart', p_material_ids => array[(select heart from m)], p_explain => true, p_limit => 1)),
  '{"near": true, "rank": 1, "brought": 0.016393, "terms": [
    {"as": "word", "word": "heart", "found": "heart", "title": 1, "headings": 0, "text": 0},
    {"as": "lookalike", "word": "leaflit", "found": "leaflet", "title": 0, "headings": 0, "text": 1}]}'::jsonb, 'asked, it names the words and where they stand');
select is((select score from study.search_chunks('warfarin', p_explain => true)), (select (explanation #>> '{words,brought}')::double precision from study.search_chunks('warfarin', p_explain => true)), 'the score is what the parts brought');
create temp table told as select to_jsonb(s) as before from study.search_chunks('mitral leaflets aorta', p_explain => true) as s;
select tests.as_owner();
select ok(pg_temp.add((select ben from who), 'Thousand notes', array(select 'mitral aorta ' || i from generate_series(1, 120) as i)) is not null, 'another writes the same words a hundred times');
select tests.as_user((select ann from who));
select bag_eq($$ select to_jsonb(s) from study.search_chunks('mitral leaflets aorta', p_explain => true) as s $$, 'select before from told', 'nothing of what is told changes');
select bag_eq($$ select to_jsonb(s) from study.search_chunks('heart blood', p_explain => true) as s $$, $$ select to_jsonb(s) from study.search_chunks('heart blood', p_explain => true) as s $$, 'twice asked is twice the same');

-- Languages
select tests.as_owner();
update study.material_chunks set language = 'german', content = 'Die Häuser der Ärzte.', char_start = 0, char_end = 21 where content like 'Loops%';
select tests.as_user((select ann from who));
select is(pg_temp.found('Haus des Arztes') || ', ' || pg_temp.found('water'), 'Die Häuser, nothing', 'each passage is asked in its language; what it no longer says is not found');

-- The counts behind it
select is(pg_temp.miscounted(), 'none', 'words are counted exactly while nothing was added up');
select tests.as_owner();
select cmp_ok(private.fold_study_terms(7), '=', 7::bigint, 'some changes are added up');
select is(pg_temp.miscounted(), 'none', 'and the counts are exact');
select cmp_ok(private.fold_study_terms(), '>', 100::bigint, 'the others, too');
select is((select count(*) from study.term_deltas) || '/' || (select count(*) - count(distinct language) from study.term_totals), '0/0', 'nothing waits');
select is(pg_temp.miscounted(), 'none', 'exact');
update study.materials set title = 'The pump' where id = (select heart from m);
update study.material_chunks set heading_path = '{Valves}' where content like 'Mitral%';
delete from study.materials where title = 'Thousand notes';
select is(pg_temp.miscounted(), 'none', 'after a new title, a new heading and a deletion');
select tests.as_user((select ann from who));
select is(pg_temp.found('pump valves'), 'Mitral leaflets, Coronary arteries, Aspirin thins', 'by which it is found now');
select is(pg_temp.found('heart'), 'Coronary arteries', 'and not by the old one, but for a word that stands for it');
select tests.as_owner();
select ok(private.fold_study_terms() > 0, 'added up again');
select is(pg_temp.miscounted(), 'none', 'exact');
delete from study.materials;
select ok(private.fold_study_terms() > 0, 'all material goes');
select is((select count(*) from study.terms) + (select count(*) from study.term_totals) + (select count(*) from study.chunk_terms), 0::bigint, 'and all words with it');

select * from finish();
rollback;
