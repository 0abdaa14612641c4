-- The question bank: who writes, who verifies, what never changes, and that nobody reads the key.
begin;
select plan(111);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sq-ann@example.org') as ann, tests.create_user('sq-ben@example.org') as ben,
  tests.create_user('sq-gone@example.org') as gone, tests.create_user('sq-mod@example.org', '{moderator}') as moderator,
  tests.create_user('sq-admin@example.org', '{admin}') as admin,
  tests.create_user('sq-edu@example.org', '{educator}') as educator, tests.create_user('sq-edu2@example.org', '{educator}') as educator2;
insert into core.topics (slug, name) values ('sq-heart', 'Heart');

create function pg_temp.content(p_vignette text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'vignette', p_vignette,
    'options', '[{"text": "Four", "is_correct": true, "rationale": "KEYWORD four"}, {"text": "Two", "rationale": "of a fish"},
      {"text": "Three", "rationale": "of a frog"}, {"text": "Five", "rationale": "of nobody"}]'::jsonb,
    'explanation', '{"correct_explanation": "KEYWORD explanation", "pathophysiology": "p", "clinical_relevance": "c", "references": ["Book", {"title": "Web", "url": "https://example.org/a"}]}'::jsonb
  ) || p_more;
$$;
create function pg_temp.options(variadic p_texts text[])
returns jsonb
language sql
as $$
  select jsonb_build_object('options', jsonb_agg(jsonb_build_object('text', ltrim(t, '*'), 'is_correct', t like '*%') order by n))
  from unnest(p_texts) with ordinality as o (t, n);
$$;

-- A material of Ann's, private
select tests.as_user((select ann from who));
select tests.as_owner();
create temp table file as select tests.st_upload(ann, 'heart.txt') as path from who;
select tests.as_user((select ann from who));
create temp table material as select (study.create_material(path, 'The heart')).id from file;
select tests.as_owner();
create temp table ingested as select tests.st_ingest(id, array['The heart has four chambers. They beat.', 'The mitral valve has two leaflets.']) as result from material;
create temp table chunk as select c.* from study.material_chunks as c join material as x on x.id = c.material_id;

-- Writing
select tests.as_anon();
select throws_ok($$ select study.create_question(pg_temp.content('How many chambers?')) $$, '42501', null, 'nobody without an account writes');
select tests.as_user((select ann from who));
create temp table q as select r.* from study.create_question(pg_temp.content('How many chambers has the heart?'), 'sq-heart', 'Anatomy') as r;
select results_eq('select status, visibility, source, current_version, is_verified from q', $$ values ('published', 'private', 'manual', 1, false) $$, 'one''s own is ready at once, for oneself');
select results_eq($$ select o.option_index::int, o.option_text from study.question_options as o join study.question_versions as v on v.id = o.version_id join q on q.id = v.question_id order by 1 $$,
  $$ values (0, 'Four'), (1, 'Two'), (2, 'Three'), (3, 'Five') $$, 'its options stand in their order');
select is(study.question_for_editing((select id from q)) #>> '{content,options,0,rationale}', 'KEYWORD four', 'who wrote it sees its key');
select is(study.question_for_editing((select id from q)) #>> '{content,explanation,references,1,url}', 'https://example.org/a', 'and its references');
select throws_ok($$ select study.create_question(pg_temp.content('How many?', pg_temp.options('*One', '*Two', 'Three'))) $$, 'PT422', 'question_key_invalid', 'two right ones of a single choice are refused');
select throws_ok($$ select study.create_question(pg_temp.content('How many?', pg_temp.options('One', 'Two', 'Three'))) $$, 'PT422', 'question_key_invalid', 'and none');
select throws_ok($$ select study.create_question(pg_temp.content('How many?', pg_temp.options('*One', '*Two') || '{"question_type": "multiple_choice"}')) $$, 'PT422', 'question_key_invalid', 'and all of a multiple choice');
select lives_ok($$ select study.create_question(pg_temp.content('Which are valves?', pg_temp.options('*Mitral', '*Aortic', 'Septum') || '{"question_type": "multiple_choice"}')) $$, 'several of a multiple choice are not');
select throws_ok($$ select study.create_question(pg_temp.content('How many?', pg_temp.options('*Four', ' four  '))) $$, 'PT422', 'question_options_equal', 'equal options are refused, whatever their case and spaces');
select throws_ok($$ select study.create_question(pg_temp.content('How many?', pg_temp.options('*ﬁve', 'five', 'six'))) $$, 'PT422', 'question_options_equal', 'and letters');
select throws_ok(format('select study.create_question(pg_temp.content(%L, %L))', 'How many?', c), 'PT422', e, w)
from (values
  ('{"options": [{"text": "a", "is_correct": true}]}', 'question_invalid', 'one option'),
  ('{"options": {"text": "a"}}', 'question_invalid', 'options that are no list'),
  ('{"options": ["a", "b"]}', 'question_invalid', 'options that are words'),
  ('{"options": null}', 'question_invalid', 'null'),
  ('{"options": [{"text": "a", "is_correct": "yes"}, {"text": "b"}]}', 'question_invalid', 'a key that is a word'),
  ('{"options": [{"is_correct": true}, {"text": "b"}]}', 'text_required', 'an option without text'),
  ('{"question_type": "essay"}', 'question_invalid', 'another type'),
  ('{"vignette": {"a": 1}}', 'question_invalid', 'a vignette that is an object'),
  ('{"vignette": "<script>alert(1)</script>"}', 'markup_not_allowed', 'a script'),
  ('{"sources": {"chunk_id": 1}}', 'question_invalid', 'sources that are no list'),
  ('{"sources": [1]}', 'question_invalid', 'sources that are numbers'),
  ('{"explanation": []}', 'question_invalid', 'an explanation that is a list'),
  ('{"explanation": {"references": "x"}}', 'question_invalid', 'references that are a word'),
  ('{"explanation": {"references": [{"title": "x", "url": "javascript:alert(1)"}]}}', 'question_invalid', 'an address that runs')
) as t (c, e, w);
select throws_ok($$ select study.create_question(pg_temp.content('How many?'), p_visibility => 'material') $$, 'PT422', 'visibility_invalid', 'for the readers of no material');
select throws_ok($$ select study.create_question(pg_temp.content('How many?'), p_difficulty => 'nice') $$, 'PT422', 'difficulty_invalid', 'of another difficulty');
select throws_ok($$ select study.create_question(pg_temp.content('How many?'), 'nothing') $$, 'PT422', 'unknown_topic', 'of another topic');
select throws_ok($$ insert into study.questions (author_id) values (auth.uid()) $$, '42501', null, 'no row without the function');
select throws_ok($$ update study.questions set is_verified = true $$, '42501', null, 'no verification by hand');
select throws_ok($$ delete from study.questions $$, '42501', null, 'no deletion');

-- Sources
create temp table sourced as select (study.create_question(
  pg_temp.content('Chambers of the heart?', jsonb_build_object('sources', jsonb_build_array(
    jsonb_build_object('chunk_id', c.id, 'quote', 'four chambers'), jsonb_build_object('chunk_id', c.id, 'quote', 'nine chambers')))),
  p_material_id => c.material_id)).id from chunk as c where c.chunk_no = 0;
select is(jsonb_array_length(study.question_for_editing((select id from sourced)) #> '{content,sources}'), 1, 'a quote that does not stand there is left out');
select is((select question_count from study.materials), 0, 'what is for its author alone is not counted');

-- The key is nobody's to read
select tests.as_user((select ann from who));
select throws_ok(format('select * from study.%I', t), '42501', null, t || ' is closed to its author')
from unnest(array['question_keys', 'question_explanations', 'question_sources']) as t;
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'a stranger sees no private question');
select is(tests.count_of('select * from study.question_versions'), 0::bigint, 'nor a version');
select is(tests.count_of('select * from study.question_options'), 0::bigint, 'nor options');
select throws_ok($$ select study.question_for_editing((select id from q)) $$, 'PT404', 'question_not_found', 'nor the key');
select throws_ok($$ select study.revise_question((select id from q), pg_temp.content('Mine now')) $$, 'PT404', 'question_not_found', 'nor revises it');
select throws_ok($$ select study.submit_question((select id from q)) $$, 'PT404', 'question_not_found', 'nor hands it in');
select throws_ok($$ select study.retire_question((select id from q)) $$, 'PT404', 'question_not_found', 'nor takes it back');
select throws_ok($$ select study.flag_question((select id from q), 'typo') $$, 'PT404', 'question_not_found', 'nor flags it');
select throws_ok($$ select study.create_question(pg_temp.content('x?..'), p_material_id => (select id from material)) $$, 'PT404', 'material_not_found', 'nor writes to a material that is not shared with him');
select throws_ok($$ select private.study_question_content((select current_version from q)::text::uuid) $$, '42501', null, 'nor asks behind the functions');
select tests.as_user((select educator from who));
select throws_ok($$ select study.question_for_editing((select id from q)) $$, 'PT404', 'question_not_found', 'an educator sees no private question');
select throws_ok($$ select * from study.question_keys $$, '42501', null, 'and no key but through it');
select tests.as_user((select admin from who));
select throws_ok($$ select * from study.question_keys $$, '42501', null, 'nor does an administrator');

-- Review
select tests.as_user((select ann from who));
create temp table open as select (study.create_question(pg_temp.content('How many chambers, everybody?'), 'sq-heart', p_visibility => 'authenticated')).id;
select tests.as_user((select educator from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'a draft is not in review');
select throws_ok($$ select study.question_for_editing((select id from open)) $$, 'PT404', 'question_not_found', 'nor looked at');
select tests.as_user((select ann from who));
select throws_ok($$ select study.submit_question((select id from open), 'private') $$, 'PT422', 'visibility_invalid', 'it is handed in for somebody');
select is((study.submit_question((select id from open))).status, 'in_review', 'and is in review');
select is((study.submit_question((select id from open))).status, 'in_review', 'once');
select is(tests.count_of('select * from study.question_decisions'), 1::bigint, 'as is written down once');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'learners wait');
select throws_ok($$ select study.decide_question((select id from open), 1, 'publish') $$, 'PT403', 'role_required', 'and do not decide');
select tests.as_user((select educator from who));
select is(tests.count_of('select * from study.questions'), 1::bigint, 'educators see it');
select throws_ok($$ select study.decide_question((select id from open), 1, 'reject', '') $$, 'PT422', 'text_required', 'a rejection has a reason');
select throws_ok($$ select study.decide_question((select id from open), 1, 'burn', 'why') $$, 'PT422', 'decision_invalid', 'another decision there is not');
select throws_ok($$ select study.decide_question((select id from open), 1, 'publish', '', 'NaN') $$, 'PT422', 'quality_invalid', 'quality is a number');
select throws_ok($$ select study.submit_question((select id from open), 'authenticated') $$, 'PT404', 'question_not_found', 'only its author hands it in');
-- While the educator reads, its author changes it.
select tests.as_user((select ann from who));
select is((study.revise_question((select id from open), pg_temp.content('How many chambers, really?'))).current_version, 2, 'a new version');
select tests.as_user((select educator from who));
select throws_ok($$ select study.decide_question((select id from open), 1, 'publish') $$, 'PT409', 'question_changed', 'what is decided on is what was looked at');
select is((study.decide_question((select id from open), 2, 'publish', '', 0.8)).is_verified, true, 'published');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions'), 1::bigint, 'everybody sees it');
select is((select count(distinct content_hash) from study.question_versions), 2::bigint, 'with its versions');
select is((select v.content_hash from study.question_versions as v where v.version_no = 2), (
  select encode(sha256(convert_to(lower(v.vignette) || E'\n' || string_agg(lower(o.option_text), E'\n' order by lower(o.option_text) collate "C"), 'UTF8')), 'hex')
  from study.question_versions as v join study.question_options as o on o.version_id = v.id where v.version_no = 2 group by v.vignette
), 'whose hash is of what he reads: no key can be tried against it');
select throws_ok($$ select study.question_for_editing((select id from open)) $$, 'PT404', 'question_not_found', 'and no key');
select is(tests.count_of('select * from study.question_decisions'), 0::bigint, 'nor what was said of it');

-- An educator's version is verified by another
select tests.as_user((select educator from who));
select is((study.revise_question((select id from open), pg_temp.content('How many chambers has a heart?'))).is_verified, false, 'another text is not verified');
select throws_ok($$ select study.decide_question((select id from open), 3, 'publish') $$, 'PT403', 'own_question', 'nobody verifies his own');
select tests.as_user((select educator2 from who));
select lives_ok($$ select study.decide_question((select id from open), 3, 'publish') $$, 'another does');
select tests.as_user((select ann from who));
select throws_ok($$ select study.decide_question((select id from open), 3, 'publish') $$, 'PT403', 'role_required', 'its author does not');

-- For the readers of a material
create temp table shared as select r.* from study.submit_question((select id from sourced), 'material') as r;
select is((select status from shared), 'in_review', 'a question for readers of a material is handed in');
select tests.as_user((select educator from who));
select throws_ok($$ select study.question_for_editing((select id from shared)) $$, 'PT404', 'question_not_found', 'an educator who may not read it learns nothing of it');
select is(tests.count_of('select * from study.questions where id = (select id from shared)'), 0::bigint, 'not even that it is there');
select tests.as_owner();
insert into study.material_shares (material_id, user_id) select material.id, who.educator from material, who;
select tests.as_user((select educator from who));
select lives_ok($$ select study.decide_question((select id from shared), 1, 'publish') $$, 'one who may decides');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions where id = (select id from shared)'), 0::bigint, 'whoever may not read it does not practise with it');

-- Flags
select is((study.flag_question((select id from open), 'typo', 'A typo')).status, 'open', 'a learner says what is wrong');
select is((study.flag_question((select id from open), 'unclear')).reason, 'typo', 'once a version');
select throws_ok($$ select study.flag_question((select id from open), 'ugly') $$, 'PT422', 'flag_reason_invalid', 'by a reason that there is');
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.question_flags'), 0::bigint, 'others do not see who said it');
select tests.as_user((select educator2 from who));
select is(tests.count_of('select * from study.question_flags'), 1::bigint, 'educators do');
select is((study.decide_question((select id from open), 3, 'publish')).is_flagged, false, 'and close it');

-- What never changes
select tests.as_service();
select throws_ok(format('update study.%I set %s', t, s), '42501', null, t || ' is append-only')
from (values ('question_versions', 'vignette = ''x'''), ('question_options', 'option_text = ''x'''), ('question_keys', 'is_correct = true'),
  ('question_explanations', 'pathophysiology = ''x'''), ('question_sources', 'quote = ''x'''), ('question_decisions', 'reason = ''x''')) as u (t, s);
select tests.as_owner();
select throws_ok(s, 'PT409', 'question_version_fixed', s)
from unnest(array[
  $$ update study.question_keys set is_correct = not is_correct $$, $$ update study.question_versions set content_hash = 'x' $$,
  $$ delete from study.question_options $$, $$ update study.question_sources set quote = 'x', char_end = char_start + 1 $$,
  $$ delete from study.question_decisions $$
]) as s;
insert into study.question_versions (id, question_id, version_no, vignette, content_hash, created_at)
select '00000000-0000-4000-8000-000000000106', id, 9, 'Written yesterday', 'x', now() - interval '1 day' from q;
select throws_ok($$ insert into study.question_options (version_id, option_index, option_text) values ('00000000-0000-4000-8000-000000000106', 0, 'late') $$,
  'PT409', 'question_version_fixed', 'nothing is added to a version later');
select throws_ok($$ set constraints study._200_whole immediate $$, 'PT422', 'question_key_invalid', 'and a version without options is none');
select lives_ok($$ delete from study.questions where id = (select id from q) $$, 'a question goes with all that hangs on it');
set constraints study._200_whole immediate;

-- A passage that changes
select is((select stale_at from study.questions where id = (select id from shared)), null, 'a question is fresh');
create temp table replacing as select tests.st_upload(ann, 'heart-2.txt') as path from who;
select tests.as_user((select ann from who));
select lives_ok($$ select study.replace_material_file((select id from material), (select path from replacing)) $$, 'its material gets a new version');
select tests.as_owner();
create temp table again as select tests.st_ingest(id, array['The heart has 4 cavities. They beat.', 'The mitral valve has two leaflets.']) as result from material;
select isnt((select stale_at from study.questions where id = (select id from shared)), null, 'that says something else: it is flagged');
select tests.as_user((select ann from who));
select is((study.revise_question((select id from shared), pg_temp.content('Cavities of the heart?', '{"sources": []}'))).stale_at, null, 'a new version is fresh');

-- People who go
select tests.as_user((select gone from who));
create temp table lost as select (study.create_question(pg_temp.content('A private one?'))).id;
create temp table handed as select (study.create_question(pg_temp.content('One for all?'), p_visibility => 'authenticated')).id;
select lives_ok($$ select study.submit_question((select id from handed)) $$, 'somebody hands in a question');
select tests.as_user((select educator from who));
select lives_ok($$ select study.decide_question((select id from handed), 1, 'publish') $$, 'which is published');
select tests.as_user((select gone from who));
select lives_ok($$ select study.flag_question((select id from open), 'outdated') $$, 'flags another');
select tests.as_owner();
select lives_ok($$ delete from auth.users where id = (select gone from who) $$, 'and goes');
select is(tests.count_of('select * from study.questions where id = (select id from lost)'), 0::bigint, 'what nobody published goes, too');
select results_eq($$ select q.author_id, v.created_by, q.status from study.questions as q join study.question_versions as v on v.question_id = q.id where q.id = (select id from handed) $$,
  $$ values (null::uuid, null::uuid, 'published') $$, 'what was published stays, without a name');
select lives_ok($$ delete from auth.users where id = (select ann from who) $$, 'an owner of material, too');
select is(tests.count_of('select * from study.questions where material_id is not null'), 0::bigint, 'no question points to what is gone');
select * from finish();
rollback;
