-- The question bank as a whole: what answers add up to, who is told what of it, and questions in and out by the hundred.
begin;
select plan(97);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sk-ann@example.org') as ann, tests.create_user('sk-ben@example.org') as ben,
  tests.create_user('sk-off@example.org') as suspended, tests.create_user('sk-edu@example.org', '{educator}') as educator;
insert into core.topics (slug, name) values ('sk-heart', 'SK heart'), ('sk-old', 'SK old');
update core.topics as t set merged_into_id = n.id, is_active = false from core.topics as n where t.slug = 'sk-old' and n.slug = 'sk-heart';
create temp table learner as select n, tests.create_user(format('sk-learner-%s@example.org', n)) as id from generate_series(1, 40) as n;

create function pg_temp.item(p_vignette text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'vignette', p_vignette,
    'options', '[{"text": "Four", "is_correct": true, "rationale": "KEYWORD"}, {"text": "Two"}, {"text": "Three"}]'::jsonb
  ) || p_more;
$$;
-- An answer as practice hands it on, and what it leaves behind.
create function pg_temp.answer(p_user_id uuid, p_question_id uuid, p_selected smallint[], p_is_correct boolean, p_topic text default 'sk-heart', p_at timestamptz default now())
returns void
language plpgsql
as $$
declare
  v_attempt study.user_question_attempts;
begin
  select gen_random_uuid(), p_user_id, q.id, v.id, gen_random_uuid(), t.id, 'practice', p_selected, p_selected = '{}', p_is_correct, null, 2000, p_at::date, p_at
  into v_attempt
  from study.questions as q
  join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
  left join core.topics as t on t.slug = p_topic
  where q.id = p_question_id;
  perform private.study_count_attempts(array[v_attempt], p_at);
  insert into study.user_progress (user_id, question_id, total_attempts, correct_attempts, skipped_attempts, last_attempt_at)
  values (p_user_id, p_question_id, case when v_attempt.is_skipped then 0 else 1 end, p_is_correct::integer, v_attempt.is_skipped::integer, p_at)
  on conflict (user_id, question_id) do update set total_attempts = study.user_progress.total_attempts + excluded.total_attempts;
end;
$$;
create function pg_temp.question(p_vignette text)
returns uuid
language sql
as $$ select q.id from study.questions as q join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version where v.vignette = p_vignette order by q.created_at limit 1; $$;
grant execute on function pg_temp.item(text, jsonb), pg_temp.question(text) to public;

-- Import
select tests.as_anon();
select throws_ok($$ select study.import_questions('[]') $$, '42501', null, 'nobody without an account imports');
select throws_ok($$ select study.export_questions('{}') $$, '42501', null, 'nor exports');
select throws_ok($$ select * from study.question_statistics_of('{}') $$, '42501', null, 'nor asks for statistics');
select tests.as_owner();
update core.profiles set is_active = false where id = (select suspended from who);
select tests.as_user((select suspended from who));
select throws_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('How many?'))) $$, 'PT403', 'account_inactive', 'nobody suspended imports');

select tests.as_user((select ann from who));
create temp table done as select study.import_questions(jsonb_build_array(
  pg_temp.item('How many chambers?', '{"topic": "sk-heart", "subtopic": "Anatomy", "difficulty": "hard", "explanation": {"correct_explanation": "KEYWORD four", "references": ["Book", {"title": "Web", "url": "https://example.org"}]}}'),
  pg_temp.item('Which are valves?', '{"question_type": "multiple_choice", "options": [{"text": "Mitral", "is_correct": true}, {"text": "Aortic", "is_correct": true}, {"text": "Septum"}]}'),
  pg_temp.item('How many atria?', '{"topic": "sk-old"}')
), p_topic => 'sk-heart') as r;
select is(r - 'question_ids', '{"dry_run": false, "imported": 3, "skipped": [], "problems": []}', 'a file is imported') from done;
select results_eq($$ select q.source, q.status, q.visibility, q.subtopic, q.difficulty, t.slug::text, v.question_type
    from done cross join jsonb_array_elements_text(r -> 'question_ids') with ordinality as i (id, no)
    join study.questions as q on q.id = i.id::uuid join study.question_versions as v on v.question_id = q.id left join core.topics as t on t.id = q.topic_id order by i.no $$,
  $$ values ('import', 'published', 'private', 'Anatomy', 'hard', 'sk-heart', 'single_choice'),
    ('import', 'published', 'private', '', 'medium', 'sk-heart', 'multiple_choice'), ('import', 'published', 'private', '', 'medium', 'sk-heart', 'single_choice') $$,
  'each as it says, in its order; a merged topic is what it became');
select is(study.question_for_editing(pg_temp.question('How many chambers?')) #>> '{content,explanation,references,1,url}', 'https://example.org', 'with its references');
select is(study.question_for_editing(pg_temp.question('Which are valves?')) #> '{content,options,1,is_correct}', 'true', 'and every right option');

-- All or none
create function pg_temp.refused(p_items jsonb)
returns jsonb
language plpgsql
as $$
declare
  v_detail text;
begin
  perform study.import_questions(p_items);
  return '[]';
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return (select jsonb_agg(jsonb_build_array(p -> 'item', p -> 'code')) from jsonb_array_elements(v_detail::jsonb) as p);
end;
$$;
grant execute on function pg_temp.refused(jsonb) to public;
create temp table before as select count(*) from study.questions;
grant select on before to public;
select is(pg_temp.refused(jsonb_build_array(
  pg_temp.item('A good one?'), pg_temp.item('No key?', '{"options": [{"text": "a"}, {"text": "b"}]}'), '"words"', 'null',
  pg_temp.item('Equal?', '{"options": [{"text": "a", "is_correct": true}, {"text": " A "}]}'),
  pg_temp.item('Topic?', '{"topic": "sk-nothing"}'), pg_temp.item('Hard?', '{"difficulty": "nice"}'),
  pg_temp.item('<b>bold</b> or not?'), pg_temp.item('All?', '{"question_type": "multiple_choice", "options": [{"text": "a", "is_correct": true}, {"text": "b", "is_correct": true}]}'),
  pg_temp.item('Web?', '{"explanation": {"references": [{"title": "x", "url": "javascript:alert(1)"}]}}'), pg_temp.item('One?', '{"options": [{"text": "a", "is_correct": true}]}'),
  pg_temp.item('Long?', jsonb_build_object('subtopic', repeat('x', 201))), pg_temp.item('Good, too?')
)), '[[1, "question_key_invalid"], [2, "question_invalid"], [3, "question_invalid"], [4, "question_options_equal"], [5, "unknown_topic"], [6, "difficulty_invalid"], [7, "markup_not_allowed"], [8, "question_key_invalid"], [9, "question_invalid"], [10, "question_invalid"], [11, "text_too_long"]]', 'all that is wrong is named, each with its place');
select is(count(*), (select count from before), 'and nothing was written') from study.questions;
select is(tests.count_of($$ select * from study.question_versions where vignette = 'A good one?' $$), 0::bigint, 'not even what was right');
select throws_ok($$ select study.import_questions(jsonb_build_array(1)) $$, 'PT422', 'import_invalid', 'a number is no question');
select is(jsonb_array_length(pg_temp.refused((select jsonb_agg('1'::jsonb) from generate_series(1, 150)))), 100, 'after a hundred it has said enough');
select throws_ok(format('select study.import_questions(%L)', i), 'PT422', 'import_size_invalid', w)
from (values ('[]', 'none'), ('{}', 'no list'), ('null', 'null')) as t (i, w);
select throws_ok($$ select study.import_questions(null) $$, 'PT422', 'import_size_invalid', 'nothing');
select throws_ok($$ select study.import_questions((select jsonb_agg('1'::jsonb) from generate_series(1, 5001))) $$, 'PT422', 'import_size_invalid', 'too many');
select throws_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('How many?')), 'public') $$, 'PT422', 'visibility_invalid', 'for another audience');
select throws_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('How many?')), 'material') $$, 'PT422', 'visibility_invalid', 'for the readers of no material');
select throws_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('How many?')), p_material_id => gen_random_uuid()) $$, 'PT404', 'material_not_found', 'of a material that is not there');
select throws_ok($$ select private.study_import_question(pg_temp.item('x?..'), (select ben from who), null, 'private', false, null) $$, '42501', null, 'for somebody else, behind the function');

-- Again
create temp table again as select study.import_questions(jsonb_build_array(
  pg_temp.item('  how many   CHAMBERS?  '),
  pg_temp.item('How many atria?', '{"options": [{"text": "Three"}, {"text": "Two", "is_correct": true}, {"text": "Four"}]}'),
  pg_temp.item('How many ears?'), pg_temp.item('How many ears?')
)) as r;
select is(r -> 'imported', '1', 'what is there already is not imported again, nor twice from one file') from again;
select results_eq($$ select s -> 'item', s -> 'key_differs', (s ->> 'question_id')::uuid from again cross join jsonb_array_elements(r -> 'skipped') as s $$,
  $$ values ('0'::jsonb, 'false'::jsonb, pg_temp.question('How many chambers?')), ('1', 'true', pg_temp.question('How many atria?')), ('3', 'false', pg_temp.question('How many ears?')) $$,
  'and it is said which that is, and whether its key is another');
select is(r -> 'question_ids' -> 0, 'null', 'those have no new id') from again;
select is((study.retire_question(pg_temp.question('How many ears?'))).status, 'retired', 'what was taken out of practice');
select is(study.import_questions(jsonb_build_array(pg_temp.item('How many ears?'))) -> 'imported', '1', 'may come in again');
select tests.as_user((select ben from who));
select is(study.import_questions(jsonb_build_array(pg_temp.item('How many chambers?'))) -> 'imported', '1', 'what another has, does not matter');

-- On trial
select tests.as_user((select ann from who));
create temp table trial as select study.import_questions(jsonb_build_array(pg_temp.item('How many feet?'), pg_temp.item('How many chambers?'), '1'), p_dry_run => true) as r;
select is(r - 'problems' - 'skipped', '{"dry_run": true, "imported": 1, "question_ids": []}', 'a trial says what would come of it') from trial;
select is(jsonb_array_length(r -> 'problems') + jsonb_array_length(r -> 'skipped'), 2, 'and what would not') from trial;
select is(pg_temp.question('How many feet?'), null::uuid, 'and writes nothing');

-- Handed in at once
create temp table handed as select study.import_questions(jsonb_build_array(pg_temp.item('How many livers?'), pg_temp.item('How many kidneys?')), 'authenticated', true) as r;
select results_eq($$ select q.status, q.visibility, d.decision from study.questions as q join study.question_decisions as d on d.question_id = q.id where q.id = pg_temp.question('How many livers?') $$,
  $$ values ('in_review', 'authenticated', 'submitted') $$, 'questions for everybody are handed in');
select is((study.import_questions(jsonb_build_array(pg_temp.item('How many lungs?')), 'authenticated') ->> 'imported')::integer, 1, 'or kept as drafts');
select is((select status from study.questions where id = pg_temp.question('How many lungs?')), 'draft', 'until they are');
select tests.as_user((select educator from who));
select is((study.decide_question(pg_temp.question('How many livers?'), 1, 'publish', '', 0.9)).is_verified, true, 'an educator publishes what was imported');
select tests.as_owner();
select throws_ok($$ update study.question_options set option_text = 'x' where version_id = (select id from study.question_versions where vignette = 'How many livers?') $$, 'PT409', 'question_version_fixed', 'an imported version does not change either');
set constraints all immediate;
set constraints all deferred;
select pass('every version that came in is whole');

-- Limits: a trial costs as much
update core.settings set value = value || '{"import": {"burst": 2, "per_hour": 1}}' where key = 'study.limits';
select tests.as_user((select n.id from learner as n where n.n = 1));
select lives_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('One?..')), p_dry_run => true) $$, 'one');
select lives_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('One?..'))) $$, 'two');
select throws_ok($$ select study.import_questions(jsonb_build_array(pg_temp.item('Two?..'))) $$, 'PT429', 'rate_limited', 'and no more');
select tests.as_owner();
update core.settings set value = value || '{"import": {"burst": 30, "per_hour": 60}, "import_questions": {"burst": 4, "per_hour": 1}}' where key = 'study.limits';
select tests.as_user((select n.id from learner as n where n.n = 2));
select lives_ok($$ select study.import_questions((select jsonb_agg(pg_temp.item('Number ' || n)) from generate_series(1, 3) as n)) $$, 'so many questions');
select throws_ok($$ select study.import_questions((select jsonb_agg(pg_temp.item('Word ' || n)) from generate_series(1, 3) as n)) $$, 'PT429', 'rate_limited', 'and then none for a while');
select tests.as_owner();
-- The educators' list is not filled by one file.
update core.settings set value = value || '{"import_questions": {"burst": 5000, "per_hour": 1}, "import_submitted": {"burst": 3, "per_hour": 1}}' where key = 'study.limits';
create function pg_temp.hand_in(p_from integer, p_to integer, p_is_trial boolean default false) returns jsonb language sql
as $$ select study.import_questions((select jsonb_agg(pg_temp.item('Handed in ' || n)) from generate_series(p_from, p_to) as n), 'authenticated', true, p_dry_run => p_is_trial); $$;
select tests.as_user((select n.id from learner as n where n.n = 3));
select throws_ok($$ select pg_temp.hand_in(1, 4) $$, 'PT422', 'import_size_invalid', 'a learner hands in few at a time');
select lives_ok($$ select pg_temp.hand_in(1, 4, true) $$, 'a trial hands in nothing');
select lives_ok($$ select pg_temp.hand_in(1, 2) $$, 'so many');
select throws_ok($$ select pg_temp.hand_in(3, 4) $$, 'PT429', 'rate_limited', 'and then none for a while');
select tests.as_user((select educator from who));
select lives_ok($$ select pg_temp.hand_in(1, 4) $$, 'an educator as many as he likes');
select tests.as_owner();
update core.settings set value = '4' where key = 'study.max_questions';
select tests.as_user((select n.id from learner as n where n.n = 3));
select throws_ok($$ select study.import_questions((select jsonb_agg(pg_temp.item('Much ' || n)) from generate_series(1, 3) as n)) $$, 'PT422', 'too_many_questions', 'one author has so many questions, and no more');
select tests.as_owner();
update core.settings set value = '50000' where key = 'study.max_questions';

-- Export
select tests.as_user((select ann from who));
create temp table out_ann as select study.export_questions(array[pg_temp.question('How many livers?'), pg_temp.question('How many chambers?'), pg_temp.question('How many livers?')]) as r;
select results_eq($$ select e ->> 'vignette', e -> 'has_key', e #> '{options,0,is_correct}', e ->> 'difficulty', e ->> 'topic' from out_ann cross join jsonb_array_elements(r) as e $$,
  $$ values ('How many livers?', 'true'::jsonb, 'true'::jsonb, 'medium', null), ('How many chambers?', 'true', 'true', 'hard', 'sk-heart') $$, 'one''s own come with their keys, in the order asked for, each once');
select is(study.import_questions((select r from out_ann)) -> 'imported', '0', 'what was exported is known when it comes back');
select is(study.export_questions('{}'), '[]', 'none are none');
select throws_ok($$ select study.export_questions(array(select gen_random_uuid() from generate_series(1, 5001))) $$, 'PT422', 'too_many_questions', 'too many');
select throws_ok($$ select study.export_questions(null) $$, 'PT422', 'too_many_questions', 'all of them');
select tests.as_user((select educator from who));
select is(study.export_questions(array[pg_temp.question('How many livers?')]) #> '{0,has_key}', 'true', 'an educator has the key of what was handed in');
select tests.as_user((select ben from who));
create temp table out_ben as select study.export_questions(array(select id from study.questions where author_id <> (select ben from who))) as r;
select is(jsonb_array_length(r), 1, 'a learner exports what he may read') from out_ben;
select is(r #> '{0,options}', '[{"text": "Four"}, {"text": "Two"}, {"text": "Three"}]', 'its options without a word on them') from out_ben;
select ok(r::text !~ 'KEYWORD|is_correct|rationale|explanation', 'and nothing that gives the key away') from out_ben;
select tests.as_owner();
create temp table hidden as select pg_temp.question(v) as id, w from (values ('How many atria?', 'not what is private'), ('How many lungs?', 'nor a draft'), ('How many kidneys?', 'nor what is in review')) as t (v, w);
grant select on hidden to public;
select tests.as_user((select educator from who));
select throws_ok(format('select study.export_questions(%L)', array[id]), 'PT404', 'question_not_found', 'an educator has no draft') from hidden where w = 'nor a draft';
select tests.as_user((select ben from who));
select throws_ok(format('select study.export_questions(%L)', array[id]), 'PT404', 'question_not_found', w) from hidden;
select is(tests.count_of(format('select * from study.question_statistics_of(%L)', array(select id from hidden))), 0::bigint, 'and no statistics of these');
select tests.as_owner();
update core.profiles set is_active = false where id = (select ben from who);
select tests.as_user((select ben from who));
select is(jsonb_array_length(study.export_questions(array(select (e ->> 'id')::uuid from out_ben cross join jsonb_array_elements(r) as e))), 1, 'who is suspended still reads');
select tests.as_owner();
update core.profiles set is_active = true where id = (select ben from who);

-- What answers add up to
create temp table q as select pg_temp.question('How many livers?') as id;
select is(tests.count_of('select * from private.question_statistics_deltas'), 0::bigint, 'nobody has answered');
insert into study.mastery_levels (user_id, topic_id, ability, ability_variance, mastery_percentage, observed_at)
select l.id, t.id, (l.n - 20) / 10.0, 1, 50, now() - interval '1 day' from learner as l cross join core.topics as t where t.slug = 'sk-heart' and l.n <= 35;
-- Who knows more answers better; every third of the others takes the last option.
select pg_temp.answer(l.id, q.id, case when l.n % 4 > 1 or l.n > 25 then '{0}' when l.n % 3 = 0 then '{2}' else '{1}' end::smallint[], l.n % 4 > 1 or l.n > 25, case l.n % 2 when 0 then 'sk-heart' else 'sk-old' end)
from learner as l cross join q;
-- What is no first answer: skipped, a second one, its author's.
select pg_temp.answer((select ben from who), q.id, '{}', false) from q;
select pg_temp.answer((select ben from who), q.id, '{1}', false) from q;
select pg_temp.answer((select ben from who), q.id, '{0}', true) from q;
select pg_temp.answer((select ann from who), q.id, '{0}', true) from q;
select results_eq('select count(*), count(*) filter (where is_first), count(*) filter (where is_rated), count(*) filter (where is_skipped) from private.question_statistics_deltas',
  $$ values (44::bigint, 41::bigint, 35::bigint, 1::bigint) $$, 'first answers are told from others, known abilities from unknown, also through a merged topic');
select results_eq('select distinct ability from private.question_statistics_deltas where is_first and not is_rated', $$ select (private.setting('study.mastery') ->> 'prior_mean')::double precision $$, 'a newcomer counts as one');
select is((select times_answered from study.questions where id = (select id from q)), 0::bigint, 'the question itself nobody touched');
create temp table seen as select * from private.question_statistics_deltas;
select is(private.fold_question_statistics(), 44::bigint, 'a task adds them up');
select is(private.fold_question_statistics(), 0::bigint, 'once');
select results_eq('select times_answered, times_correct from study.questions where id = (select id from q)',
  'select count(*) filter (where not is_skipped), count(*) filter (where is_correct) from seen', 'the question''s counters are right');
select results_eq('select s.times_answered, s.times_correct, s.times_skipped, s.time_taken_ms, s.first_answers, s.first_correct, s.rated_answers, s.rated_correct from study.question_statistics as s where s.question_id = (select id from q)',
  $$ select count(*) filter (where not is_skipped), count(*) filter (where is_correct), count(*) filter (where is_skipped), 43 * 2000::bigint, count(*) filter (where is_first),
    count(*) filter (where is_first and is_correct), count(*) filter (where is_rated), count(*) filter (where is_rated and is_correct) from seen $$, 'and so are the sums of its version');
select results_eq('select s.option_counts[1:4] from study.question_statistics as s where s.question_id = (select id from q)',
  $$ select array[count(*) filter (where 0 = any (selected_indexes)), count(*) filter (where 1 = any (selected_indexes)), count(*) filter (where 2 = any (selected_indexes)), 0] from seen where is_first $$, 'and how often each option was taken first');
select ok(abs(s.ability_sum - (select sum(ability) from seen where is_first)) < 1e-9, 'and all abilities') from study.question_statistics as s where s.question_id = (select id from q);

-- One batch may hold one question twice, and a question that is gone.
select private.study_count_attempts(array(
  select row(gen_random_uuid(), l.id, v.question_id, v.id, gen_random_uuid(), null, 'practice', '{0}', false, true, null, 5, current_date, now())::study.user_question_attempts
  from learner as l cross join study.question_versions as v cross join generate_series(1, 2) where l.n = 1 and v.question_id = pg_temp.question('How many lungs?')
  union all
  select row(gen_random_uuid(), l.id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), null, 'practice', '{0}', false, true, null, 5, current_date, now())::study.user_question_attempts
  from learner as l where l.n = 1
), now());
select is((select count(*) from private.question_statistics_deltas where is_first and question_id = pg_temp.question('How many lungs?')), 1::bigint, 'of two answers in one batch one is the first');
select is(private.study_fold_batch(1), 1, 'a batch is as large as it is told');
select is(private.fold_question_statistics(), 2::bigint, 'the rest comes with the next');
select is(tests.count_of('select * from private.question_statistics_deltas'), 0::bigint, 'what nobody has any more is dropped');
select is((select s.option_counts[1] from study.question_statistics as s where s.question_id = pg_temp.question('How many lungs?')), 1::bigint, 'sums of several batches add up');

-- Discrimination is the correlation that it is said to be.
select ok(abs(
  private.study_point_biserial(count(*), count(*) filter (where is_correct), sum(ability), sum(ability * ability), sum(ability) filter (where is_correct))
    - corr(is_correct::integer, ability)
) < 1e-9, 'the point-biserial coefficient is Pearson''s') from seen where is_rated;
select is(private.study_point_biserial(10, 10, 5, 30, 5), null, 'of answers that are all right there is none');
select is(private.study_point_biserial(10, 5, 10, 10, 5), null, 'nor of learners who are all alike');
select is(private.study_point_biserial(0, 0, 0, 0, 0), null, 'nor of nobody');
select is(private.study_point_biserial(4, 2, 2, 2, 2), 1::double precision, 'who knows is right, who does not is not: 1');

select tests.as_user((select ann from who));
create temp table told as select * from study.question_statistics_of(array(select id from q));
select is((select count(*) from told), 1::bigint, 'its author is told all of it');
select ok(abs(discrimination - (select corr(is_correct::integer, ability) from seen where is_rated)) < 1e-9, 'its discrimination') from told;
select results_eq('select facility, average_time_ms, times_skipped, first_answers from told',
  'select (count(*) filter (where is_first and is_correct))::double precision / count(*) filter (where is_first), 2000::double precision, 1::bigint, count(*) filter (where is_first) from seen', 'its facility, and how long it takes');
select results_eq($$ select o ->> 'text', (o ->> 'chosen')::bigint, o -> 'is_correct' from told cross join jsonb_array_elements(options) as o $$,
  $$ select o.text, (select count(*) from seen where is_first and o.no = any (selected_indexes)), o.right from (values ('Four', 0, 'true'::jsonb), ('Two', 1, 'false'), ('Three', 2, 'false')) as o (text, no, "right") $$, 'and which options mislead');
select tests.as_user((select educator from who));
select isnt((select s.options from study.question_statistics_of(array(select id from q)) as s), null, 'so is an educator');
select tests.as_user((select ben from who));
select results_eq('select facility is not null, times_answered, discrimination, options, average_time_ms, times_skipped, rated_answers from study.question_statistics_of(array(select id from q))',
  $$ values (true, 43::bigint, null::double precision, null::jsonb, null::double precision, null::bigint, null::bigint) $$, 'a learner: how often it was answered, and how hard it is');
select throws_ok($$ select * from study.question_statistics $$, '42501', null, 'and not by another way');
select throws_ok($$ select * from private.question_statistics_deltas $$, '42501', null, 'nor what was answered just now');
select tests.as_user((select ann from who));
select is((select s.facility from study.question_statistics_of(array[pg_temp.question('How many lungs?')]) as s), null, 'of one answer there is no facility');
select lives_ok($$ select study.revise_question((select id from q), pg_temp.item('How many livers has one?')) $$, 'a new version');
select results_eq('select s.version_no, s.times_answered from study.question_statistics_of(array(select id from q)) as s', $$ values (2, 0::bigint) $$, 'begins anew');
select results_eq('select s.version_no, s.times_answered from study.question_statistics_of(array(select id from q), true) as s', $$ values (2, 0::bigint), (1, 43::bigint) $$, 'its editors see those before it');
select tests.as_owner();
select is((select times_answered from study.questions where id = (select id from q)), 43::bigint, 'the question counts all of them');
-- Whoever answered is gone; what he answered is a number.
delete from core.profiles where id in (select id from learner);
select is((select s.times_answered from study.question_statistics as s where s.question_id = (select id from q)), 43::bigint, 'sums stay when people go');

select * from finish();
rollback;
