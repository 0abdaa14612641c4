-- Questions from material: who asks, what a worker may write, what is refused, how it ends.
begin;
select plan(64);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sg-ann@example.org') as ann, tests.create_user('sg-ben@example.org') as ben,
  tests.create_user('sg-cleo@example.org') as cleo, tests.create_user('sg-edu@example.org', '{educator}') as educator;
insert into core.topics (slug, name) values ('sg-heart', 'Heart');

create temp table file as select tests.st_upload(ann, 'heart.txt') as path from who;
select tests.as_user((select ann from who));
create temp table material as select (study.create_material(path, 'The heart')).id from file;
grant select on material to public;
select throws_ok($$ select study.generate_questions(id) from material $$, 'PT409', 'material_not_ready', 'what is not taken in is not asked about');
select tests.as_owner();
create temp table ingested as select tests.st_ingest(id, array['The heart has four chambers. It beats.', 'The mitral valve has two leaflets.', 'The aorta is an artery.']) as result from material;
create temp table chunk as select c.* from study.material_chunks as c join material as x on x.id = c.material_id;

create function pg_temp.item(p_chunk_no integer, p_quote text, p_vignette text, p_more jsonb default '{}')
returns jsonb
language sql
as $$
  select jsonb_build_object('chunk_id', c.id, 'quote', p_quote, 'difficulty', 'hard', 'content', jsonb_build_object(
    'vignette', p_vignette,
    'options', '[{"text": "Right", "is_correct": true, "rationale": "r"}, {"text": "Wrong a"}, {"text": "Wrong b"}, {"text": "Wrong c"}]'::jsonb,
    'explanation', '{"correct_explanation": "Because."}'::jsonb
  ) || p_more)
  from chunk as c where c.chunk_no = p_chunk_no;
$$;
-- A worker's turn; it takes whatever else waits along.
create function pg_temp.lease(p_generation uuid, out job_id uuid, out token bigint)
language plpgsql
as $$
begin
  perform core.claim_jobs('test', 20, 'default', '{study.generate_questions}');
  select q.id, q.lease_token into job_id, token from ops.queue_items as q where q.resource_id = p_generation and q.status = 'processing';
end;
$$;

-- Asking
select tests.as_anon();
select throws_ok($$ select study.generate_questions(id) from material $$, '42501', null, 'nobody without an account asks');
select tests.as_user((select ben from who));
select throws_ok($$ select study.generate_questions(id) from material $$, 'PT404', 'material_not_found', 'nobody who may not read it');
select tests.as_user((select ann from who));
select throws_ok($$ select study.generate_questions(id, 0) from material $$, 'PT422', 'count_invalid', 'not for none');
select throws_ok($$ select study.generate_questions(id, 51) from material $$, 'PT422', 'count_invalid', 'nor for too many');
select throws_ok($$ select study.generate_questions(id, 5, 'nice') from material $$, 'PT422', 'difficulty_invalid', 'nor of another difficulty');
select throws_ok($$ select study.generate_questions(id, 5, 'easy', 'nothing') from material $$, 'PT422', 'unknown_topic', 'nor on another topic');
select throws_ok($$ select study.generate_questions(id, p_idempotency_key => repeat('x', 201)) from material $$, 'PT422', 'idempotency_key_invalid', 'nor with a key of any length');
create temp table g as select r.* from material, lateral study.generate_questions(id, 3, 'medium', 'sg-heart', 'key-1') as r;
grant select on g to public;
select results_eq($$ select status, job_type, parameters ->> 'visibility' from g $$, $$ values ('pending', 'generate_questions', 'material') $$, 'the owner''s are for readers of the material');
select is((study.generate_questions((select id from material), 3, p_idempotency_key => 'key-1')).id, (select id from g), 'again: the same');
select throws_ok($$ select study.generate_questions(id) from material $$, 'PT409', 'generation_in_progress', 'one at a time');
select throws_ok($$ insert into study.material_processing_jobs (material_id) select id from material $$, '42501', null, 'by the function alone');
select throws_ok($$ select study.begin_generation(gen_random_uuid(), 1) $$, '42501', null, 'a person is no worker');
select throws_ok($$ select study.put_questions(gen_random_uuid(), 1, '[]') $$, '42501', null, 'nor writes as one');

-- Another reader, at the same time, for himself
select tests.as_owner();
insert into study.material_shares (material_id, user_id) select material.id, u from material, who, unnest(array[who.ben, who.educator]) as u;
select tests.as_user((select ben from who));
create temp table gb as select r.* from material, lateral study.generate_questions(id, 1) as r;
grant select on gb to public;
select is((select parameters ->> 'visibility' from gb), 'private', 'another reader''s are his own');
select is(tests.count_of('select * from study.material_processing_jobs'), 1::bigint, 'and he sees his own job only');
select throws_ok($$ select study.cancel_generation(id) from g $$, 'PT404', 'generation_not_found', 'nobody stops another''s');

-- Work
select tests.as_owner();
create temp table lease as select l.* from g, pg_temp.lease(g.id) as l;
select tests.as_service();
select throws_ok($$ select study.begin_generation(job_id, token + 1) from lease $$, 'PT409', 'lease_lost', 'with a lease of its own');
select is((select study.begin_generation(job_id, token) - '{generation_id,material_id}'::text[] from lease),
  '{"proceed": true, "title": "The heart", "language": "english", "count": 3, "difficulty": "medium", "again": false, "written": 0, "position": 0, "refused": {}}', 'a worker learns what is asked');
select is((select jsonb_array_length(study.generation_passages(job_id, token)) from lease), 3, 'and the passages');
select is((select study.generation_passages(job_id, token, 0, 1) -> 0 ->> 'chunk_no' from lease), '1', 'in portions');
select is((select study.put_questions(job_id, token, jsonb_build_array(
  pg_temp.item(0, 'The heart has four chambers.', 'How many chambers?'),
  pg_temp.item(0, 'The heart has nine chambers.', 'Made up?'),
  pg_temp.item(0, 'It beats.', 'how  MANY chambers?'),
  pg_temp.item(0, 'The heart has four chambers.', 'On the same words?'),
  pg_temp.item(1, 'The mitral valve', 'Equal ones?', '{"options": [{"text": "a", "is_correct": true}, {"text": "A"}, {"text": "b"}, {"text": "c"}]}'),
  pg_temp.item(1, 'The mitral valve', 'Two right?', '{"options": [{"text": "a", "is_correct": true}, {"text": "d", "is_correct": true}, {"text": "b"}, {"text": "c"}]}'),
  pg_temp.item(1, 'The mitral valve', 'Few?', '{"options": [{"text": "a", "is_correct": true}, {"text": "b"}]}'),
  pg_temp.item(1, 'The mitral valve', '<script>alert(1)</script>'),
  '{"chunk_id": "x", "quote": "y"}'::jsonb, '[]'::jsonb, '7'::jsonb, 'null'::jsonb
), 1, 'local', 'cloze', '{"options_equal": 2, "<b>": 3, "bad_number": "x"}') -> 'refused' from lease),
  '["question_source_missing", "question_duplicate", "question_duplicate", "question_options_equal", "question_key_invalid", "question_invalid", "markup_not_allowed", "question_invalid", "question_source_missing", "question_source_missing", "question_source_missing"]',
  'each bad one is refused by itself');
select is((select j.result from study.material_processing_jobs as j join g on g.id = j.id), '{"written": 1, "position": 1, "refused":
  {"question_duplicate": 2, "question_source_missing": 4, "question_options_equal": 1, "question_key_invalid": 1, "question_invalid": 2, "markup_not_allowed": 1, "options_equal": 2}}', 'and counted');
select results_eq($$ select q.status, q.visibility, q.source, q.difficulty, q.subtopic, t.slug::text, v.provider, v.model, v.created_by is null
  from study.questions as q join study.question_versions as v on v.question_id = q.id join core.topics as t on t.id = q.topic_id where q.source = 'generated' $$,
  $$ values ('in_review', 'material', 'generated', 'hard', 'Chapter', 'sg-heart', 'local', 'cloze', true) $$, 'what is written waits for an educator');
select results_eq($$ select s.quote, s.page_number, s.char_start, s.char_end from study.question_sources as s $$,
  $$ values ('The heart has four chambers.', 1, 0, 28) $$, 'tied to the words that it rests on');
select is((select question_count from study.materials as m join material using (id)), 1, 'the material counts it');
select is((select (study.generation_passages(job_id, token) -> 0 ->> 'has_questions')::boolean from lease), true, 'its passage has a question');
select is((select (study.put_questions(job_id, token, (
  select jsonb_agg(pg_temp.item(1, 'valve has', 'Question ' || n)) from generate_series(1, 3) as n), 2)) ->> 'written' from lease), '2', 'one on the same words');
select is((select study.put_questions(job_id, token, jsonb_build_array(pg_temp.item(2, 'The aorta', 'The third?'), pg_temp.item(2, 'an artery', 'The fourth?')), 3) ->> 'proceed' from lease), 'false', 'and no more than asked for');
select is((select question_count from study.materials as m join material using (id)), 3, 'three of three');
select tests.as_service();
select is((select study.finish_generation(job_id, token) ->> 'status' from lease), 'completed', 'it ends');
select is((select study.begin_generation(job_id, token) ->> 'proceed' from lease), 'false', 'once');
select is((select study.put_questions(job_id, token, '[]') ->> 'proceed' from lease), 'false', 'after which nothing is written');
select is((select study.continue_generation(job_id, token) from lease), null, 'nor gone on with');
select lives_ok($$ select core.complete_job(job_id, token) from lease $$, 'the job ends, too');

-- Who sees them
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.questions'), 3::bigint, 'the owner sees them');
select is(tests.count_of($$ select * from core.notifications where type = 'questions_generated' $$), 1::bigint, 'and is told');
select is(tests.count_of('select * from study.question_options'), 12::bigint, 'with options');
select throws_ok($$ select * from study.question_keys $$, '42501', null, 'and no key');
select is(tests.count_of($$ select * from study.material_processing_jobs where result::text like '%Right%' or parameters::text like '%Right%' $$), 0::bigint, 'the job does not tell it');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'readers wait for the educator');
select tests.as_user((select educator from who));
select is(tests.count_of($$ select * from study.questions where status = 'in_review' $$), 3::bigint, 'who reads the material and sees them');
select lives_ok($$ select study.decide_question(q.id, 1, 'publish') from study.questions as q $$, 'and publishes');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.questions'), 3::bigint, 'now they have them');
select tests.as_user((select cleo from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'strangers do not');

-- Nothing new in what has questions; access that is withdrawn meanwhile
select tests.as_owner();
create temp table lease_b as select l.* from gb, pg_temp.lease(gb.id) as l;
select tests.as_service();
select is((select study.begin_generation(job_id, token) ->> 'proceed' from lease_b), 'true', 'the reader''s turn');
select is((select study.put_questions(job_id, token, jsonb_build_array(pg_temp.item(0, 'The heart has four chambers.', 'The same again?')), 1) -> 'refused' ->> 0 from lease_b), 'question_duplicate', 'what the readers have is not made twice');
select tests.as_owner();
delete from study.material_shares where user_id = (select ben from who);
select tests.as_service();
select is((select study.generation_passages(job_id, token) from lease_b), '[]', 'whoever may not read it any more gets no passages');
select is((select study.put_questions(job_id, token, jsonb_build_array(pg_temp.item(0, 'It beats.', 'Late?')), 1) ->> 'proceed' from lease_b), 'false', 'and no questions');
select is((select study.begin_generation(job_id, token) ->> 'proceed' from lease_b), 'false', 'the next run ends it');
select is((select j.error_code from study.material_processing_jobs as j join gb on gb.id = j.id), 'material_not_found', 'and says why');

-- Failing, nothing found, cancelled, given up
select tests.as_user((select ann from who));
create temp table g2 as select r.* from material, lateral study.generate_questions(id, 2, p_again => true) as r;
grant select on g2 to public;
select tests.as_owner();
create temp table lease2 as select l.* from g2, pg_temp.lease(g2.id) as l;
select tests.as_service();
select is((select study.finish_generation(job_id, token) ->> 'error' from lease2), 'generation_nothing_found', 'without a question it failed');
select lives_ok($$ select core.complete_job(job_id, token) from lease2 $$, 'and its job is done');
select tests.as_user((select ann from who));
create temp table g3 as select r.* from material, lateral study.generate_questions(id, 2, p_again => true) as r;
grant select on g3 to public;
select tests.as_owner();
create temp table lease3 as select l.* from g3, pg_temp.lease(g3.id) as l;
select tests.as_service();
select is((select study.put_questions(job_id, token, jsonb_build_array(pg_temp.item(2, 'aorta is', 'Kept?')), 1) ->> 'written' from lease3), '1', 'one is written');
select isnt((select study.continue_generation(job_id, token) from lease3), null, 'another run goes on');
select is((select study.finish_generation(job_id, token, 'DROP TABLE') ->> 'error' from lease3), 'generation_failed', 'a code that is none becomes one');
select is(tests.count_of($$ select * from study.questions where material_id = (select id from material) $$), 4::bigint, 'what was written stays');
select tests.as_user((select ann from who));
create temp table g4 as select r.* from material, lateral study.generate_questions(id, 2, p_again => true) as r;
grant select on g4 to public;
select is((select (study.cancel_generation(id)).status from g4), 'cancelled', 'its owner stops one');
select is((select (study.cancel_generation(id)).status from g4), 'cancelled', 'once');
select tests.as_owner();
select is(tests.count_of($$ select * from ops.queue_items as q join g4 on g4.id = q.resource_id $$), 0::bigint, 'no job is left');
select tests.as_user((select ann from who));
create temp table g5 as select r.* from material, lateral study.generate_questions(id, 2, p_again => true) as r;
grant select on g5 to public;
select tests.as_owner();
delete from ops.queue_items as q using g5 where q.resource_id = g5.id;
update study.material_processing_jobs as j set updated_at = now() - interval '1 hour' from g5 where g5.id = j.id;
select is(private.study_tend_generations() ->> 'given_up', '1', 'one on which nobody works is given up');
select is((select j.error_code from study.material_processing_jobs as j join g5 on g5.id = j.id), 'generation_given_up', 'and says so');

-- The order of the options says nothing: the first that the worker sends is the right one.
select tests.as_user((select ann from who));
create temp table g6 as select r.* from material, lateral study.generate_questions(id, 30, p_again => true) as r;
grant select on g6 to public;
select tests.as_owner();
create temp table lease6 as select l.* from g6, pg_temp.lease(g6.id) as l;
select tests.as_service();
select is((select study.put_questions(job_id, token, (
  select jsonb_agg(pg_temp.item(0, substr('The heart has four chambers.', 1, 5 + n % 20) , 'Shuffled ' || n || '?')) from generate_series(1, 20) as n)) ->> 'written' from lease6), '20', 'twenty more');
select tests.as_owner();
select cmp_ok((
  select count(distinct k.option_index) from study.question_keys as k join study.question_versions as v on v.id = k.version_id
  where k.is_correct and v.vignette like 'Shuffled %'), '>', 1::bigint, 'are not all answered alike');
select * from finish();
rollback;
