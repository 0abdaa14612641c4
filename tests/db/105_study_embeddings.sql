-- Vectors of passages: who brings them, one model for each, searching by them, and changing from one model to the next.
begin;
select plan(71);
select tests.share_temporaries();

create temp table who as
select tests.create_user('em-ann@example.org') as ann, tests.create_user('em-ben@example.org') as ben;
create temp table files as select tests.st_upload(ann, 'one.txt') as one, tests.st_upload(ann, 'two.txt') as two, tests.st_upload(ben, 'ben.txt') as ben from who;

-- A vector of so many numbers that points along two of its axes.
create function pg_temp.v(p_dimensions integer, p_first real, p_last real) returns text language sql as $$
  select '[' || p_first || repeat(',0', p_dimensions - 2) || ',' || p_last || ']';
$$;
create function pg_temp.found(p_query text, p_vector text, p_model text) returns text language sql as $$
  select coalesce(string_agg(split_part(s.content, ' ', 1), ', ' order by s.n), 'nothing')
  from study.search_chunks(p_query, p_vector, p_model) with ordinality
    as s (chunk_id, material_id, title, content, heading_path, page_number, page_end, char_start, char_end, headline, score, explanation, n);
$$;
create function pg_temp.job(p_model text, out id uuid, out token bigint) language plpgsql security definer as $$
begin
  select j.id, j.lease_token into id, token from core.claim_jobs('test', 20, 'default', '{study.embed}') as j where j.payload ->> 'model' = p_model;
end;
$$;
create function pg_temp.status(p_model text) returns text language sql security definer as $$
  select status from study.embedding_models where model = p_model;
$$;
create function pg_temp.vectors(p_model text) returns bigint language sql security definer as $$
  select count(*) from study.chunk_embeddings where model = p_model;
$$;

-- Nobody but a worker
select tests.as_user((select ann from who));
select throws_ok($$ select study.use_embedding_model('mine', 'me', 8) $$, '42501', null, 'a person registers no model');
select throws_ok($$ select study.next_missing_vectors(gen_random_uuid(), 1) $$, '42501', null, 'nor gets passages of others to embed');
select throws_ok($$ select study.put_missing_vectors(gen_random_uuid(), 1, 'test-model', '[]') $$, '42501', null, 'nor writes vectors');
select throws_ok($$ insert into study.chunk_embeddings select * from study.chunk_embeddings $$, '42501', null, 'nor past it');
select throws_ok($$ update study.embedding_models set status = 'active' $$, '42501', null, 'nor chooses');
select tests.as_anon();
select throws_ok($$ select * from study.embedding_models $$, '42501', null, 'visitors do not see which there are');

-- The first model: passages 0, 1, 2 of a material point further and further along the last axis
select tests.as_user((select ann from who));
create temp table m as select (study.create_material(one, 'Organs', p_language => 'english')).id as organs, null::uuid as late from files;
grant update on m to public;
select tests.as_owner();
select tests.st_ingest(organs, array['Heart pumps.', 'Kidney filters.', 'Lung breathes.']) from m;
select tests.as_user((select ben from who));
create temp table bens as select (study.create_material(ben, 'Diary', p_language => 'english')).id as diary from files;
select tests.as_owner();
select tests.st_ingest(diary, array['Gold is hidden.']) from bens;
select tests.as_user((select ann from who));
select results_eq('select model, status, dimensions from study.embedding_models', $$ values ('test-model', 'active', 8) $$, 'people see which model answers');
select is(pg_temp.found('', pg_temp.v(8, 1, 0), 'test-model'), 'Heart, Kidney, Lung', 'the nearest first');
select is(pg_temp.found('', pg_temp.v(8, 1, 2), 'test-model'), 'Lung, Kidney, Heart', 'from the other side, too');
select is(pg_temp.found('kidney', pg_temp.v(8, 1, 0), 'test-model'), 'Kidney, Heart, Lung', 'in both rankings beats in one');
select is((select explanation from study.search_chunks('', pg_temp.v(8, 1, 0), 'test-model', p_explain => true, p_limit => 1)),
  '{"vector": {"rank": 1, "brought": 0.016393, "distance": 0.0000, "model": "test-model"}}'::jsonb, 'which is explained');
select is((select headline from study.search_chunks('', pg_temp.v(8, 1, 0), 'test-model', p_limit => 1)), 'Heart pumps.', 'and nothing marked');
select tests.as_owner();
update core.settings set value = '{"test-model": 3, "default": 1}' where key = 'study.search_vector_weights';
select tests.as_user((select ann from who));
select is((select explanation #>> '{vector,brought}' from study.search_chunks('', pg_temp.v(8, 1, 0), 'test-model', p_explain => true, p_limit => 1)), '0.049180', 'a model counts as much as its setting says');
select tests.as_user((select ben from who));
select is(pg_temp.found('', pg_temp.v(8, 1, 1), 'test-model'), 'Gold', 'each by what he may read');

-- What is no vector of the model in use
select throws_ok($$ select study.search_chunks('x', pg_temp.v(8, 1, 0), 'other') $$, 'PT409', 'embedding_model_mismatch', 'another model is refused');
select throws_ok($$ select study.search_chunks('x', pg_temp.v(9, 1, 0), 'test-model') $$, 'PT409', 'embedding_model_mismatch', 'and other dimensions');
select throws_ok($$ select study.search_chunks('x', '[1,0', 'test-model') $$, 'PT422', 'embedding_invalid', 'half a vector');
select throws_ok($$ select study.search_chunks('x', 'heart', 'test-model') $$, 'PT422', 'embedding_invalid', 'a word');
select throws_ok($$ select study.search_chunks('x', '', 'test-model') $$, 'PT422', 'embedding_invalid', 'nothing');
select throws_ok($$ select study.search_chunks('x', '[1,0,0,0,0,0,0,NaN]', 'test-model') $$, 'PT422', 'embedding_invalid', 'no number');
select throws_ok($$ select study.search_chunks('x', '[1,0,0,0,0,0,0,1e9]', 'test-model') $$, 'PT422', 'embedding_invalid', 'one that is too large');
select throws_ok($$ select study.search_chunks('x', '[' || repeat('1,', 20000) || '1]', 'test-model') $$, 'PT422', 'embedding_invalid', 'or too many');
select is(pg_temp.found('gold', pg_temp.v(8, 0, 0), 'test-model') || ', ' || pg_temp.found('', '[0,0,0,0,0,0,0,1e-12]', 'test-model'), 'Gold, nothing', 'without a direction words are left');

-- The next model is made behind it
select tests.as_service();
select is((select (study.use_embedding_model('test-model', 'test', 8)).status), 'active', 'nothing changes');
select is((select (study.use_embedding_model('next-model', 'test', 16)).status), 'building', 'another is built');
select is((select (study.use_embedding_model('next-model', 'test', 16)).status), 'building', 'once');
select throws_ok($$ select study.use_embedding_model('next-model', 'test', 32) $$, 'PT409', 'embedding_model_changed', 'one name, one kind');
select throws_ok($$ select study.use_embedding_model('huge', 'test', 5000) $$, '23514', null, 'more dimensions than an index takes are refused');
select tests.as_owner();
select is((select count(*) from pg_indexes where tablename = 'chunk_embeddings' and indexdef like '%hnsw%' and indexdef like '%next-model%'), 1::bigint, 'with an index of its own');
select is(private.study_tend_embeddings() -> 'swapped_to', 'null'::jsonb, 'it does not take over with nothing');
select tests.as_user((select ann from who));
select is(pg_temp.found('', pg_temp.v(8, 1, 0), 'test-model'), 'Heart, Kidney, Lung', 'the old one answers');
select throws_ok($$ select study.search_chunks('x', pg_temp.v(16, 1, 0), 'next-model') $$, 'PT409', 'embedding_model_mismatch', 'the new one does not yet');
select tests.as_service();
create temp table job as select * from pg_temp.job('next-model');
select throws_ok($$ select study.next_missing_vectors(id, token + 1) from job $$, 'PT409', 'lease_lost', 'its job has a lease');
create temp table missing as select study.next_missing_vectors(id, token) as m from job;
select is((select m ->> 'model' || ' ' || jsonb_array_length(m -> 'chunks') from missing), 'next-model 4', 'everybody''s passages need a vector');
select throws_ok($$ select study.put_missing_vectors(id, token, 'test-model', '[]') from job $$, 'PT422', 'embedding_invalid', 'of this model');
select throws_ok($$ select study.put_missing_vectors(id, token, 'next-model', jsonb_build_array(jsonb_build_object('chunk_id', m #> '{chunks,0,chunk_id}',
  'content_hash', m #> '{chunks,0,content_hash}', 'embedding', pg_temp.v(8, 1, 0)))) from job, missing $$, 'PT422', 'embedding_invalid', 'with its dimensions');
select is(study.put_missing_vectors(id, token, 'next-model', jsonb_build_array(jsonb_build_object('chunk_id', m #> '{chunks,0,chunk_id}',
  'content_hash', repeat('0', 64), 'embedding', pg_temp.v(16, 1, 0)))), 0, 'of a text that changed meanwhile it is not kept') from job, missing;
select is(study.put_missing_vectors(id, token, 'next-model', jsonb_build_array(jsonb_build_object('chunk_id', gen_random_uuid(),
  'content_hash', repeat('0', 64), 'embedding', pg_temp.v(16, 1, 0)))), 0, 'nor of one that is gone') from job, missing;
create function pg_temp.put(p_at integer[]) returns integer language sql as $$
  select study.put_missing_vectors(id, token, 'next-model', (
    select jsonb_agg(jsonb_build_object('chunk_id', c.x -> 'chunk_id', 'content_hash', c.x -> 'content_hash',
      'embedding', pg_temp.v(16, 1, case when c.x ->> 'content' like 'Heart%' then 9 else 0 end)))
    from jsonb_array_elements(m -> 'chunks') with ordinality as c (x, n) where c.n = any (p_at)
  )) from job, missing;
$$;
grant execute on function pg_temp.put(integer[]) to public;
select is(pg_temp.put('{1,2,3}'), 3, 'three are made');
select is(pg_temp.put('{1,2,3}'), 3, 'again: the same three');
select tests.as_owner();
select is(private.study_tend_embeddings() -> 'swapped_to', 'null'::jsonb, 'with one missing it does not take over');
select is(pg_temp.vectors('next-model') || '/' || pg_temp.vectors('test-model'), '3/4', 'both have vectors');

-- A passage that comes in meanwhile has none of the new ones
select tests.as_user((select ann from who));
update m set late = (study.create_material((select two from files), 'Late', p_language => 'english')).id;
select tests.as_owner();
select tests.st_ingest(late, array['Spleen stores.']) from m;
select tests.as_service();
select is(pg_temp.put('{4}'), 1, 'the fourth is made');
select tests.as_owner();
select is(private.study_tend_embeddings() -> 'swapped_to', 'null'::jsonb, 'but one came in');
select tests.as_user((select ann from who));
select is(pg_temp.found('spleen', null, null), 'Spleen', 'which is found by its words');
select ok(pg_temp.found('', pg_temp.v(8, 1, 0), 'test-model') like '%Spleen%', 'and by the vector that it has');
select tests.as_service();
update missing set m = (select study.next_missing_vectors(id, token) from job);
select is((select jsonb_array_length(m -> 'chunks') from missing), 1, 'the job finds it');
select is(pg_temp.put('{1}'), 1, 'and makes its vector');
select tests.as_owner();
select is(private.study_tend_embeddings() -> 'swapped_to', '"next-model"'::jsonb, 'now it takes over');
select is(pg_temp.status('next-model') || '/' || pg_temp.status('test-model'), 'active/retired', 'all at once');
select tests.as_user((select ann from who));
select is(left(pg_temp.found('', pg_temp.v(16, 0, 1), 'next-model'), 5), 'Heart', 'its vectors answer');
select is((select count(*) from study.search_chunks('', pg_temp.v(16, 1, 0), 'next-model')), 4::bigint, 'of all passages');
select throws_ok($$ select study.search_chunks('x', pg_temp.v(8, 1, 0), 'test-model') $$, 'PT409', 'embedding_model_mismatch', 'the old one does not any more');
select tests.as_owner();
select is(pg_temp.vectors('test-model') || '/' || pg_temp.vectors('next-model'), '0/5', 'whose vectors are gone, and no others');
select is((select count(*) from ops.queue_items where job_type = 'study.embed' and status = 'pending'), 0::bigint, 'nothing is left to make');

-- Changing one's mind
select tests.as_service();
select is((select (study.use_embedding_model('third-model', 'test', 8)).status), 'building', 'a third');
select is((select (study.use_embedding_model('fourth-model', 'test', 8)).status), 'building', 'no, a fourth');
select is(pg_temp.status('third-model') || '/' || pg_temp.status('next-model'), 'retired/active', 'one at a time');
select is((select (study.use_embedding_model('test-model', 'test', 8)).status), 'building', 'the first again');
select is((select m.status from study.use_embedding_model('next-model', 'test', 16) as m), 'active', 'or to stay');
select tests.as_owner();
select throws_ok($$ insert into study.embedding_models (model, provider, dimensions, status) values ('x', 'test', 8, 'building') $$, '23505', null, 'two are never built at once');
select throws_ok($$ insert into study.embedding_models (model, provider, dimensions, status, activated_at) values ('x', 'test', 8, 'active', now()) $$, '23505', null, 'nor do two answer');
select ok(private.study_tend_embeddings() is not null, 'vectors of the first are asked for');
create temp table late_job as select * from pg_temp.job('test-model');
update study.embedding_models set status = 'retired' where model = 'test-model';
select is(study.next_missing_vectors(id, token), '{"model": null, "chunks": []}'::jsonb, 'a job for a model that was dropped has nothing to do') from late_job;
select is(study.put_missing_vectors(id, token, 'test-model', '[{"chunk_id": null}]'), 0, 'and writes nothing') from late_job;

-- The index and the filter: as many as asked for, and the nearest, however few of all may be read
delete from study.materials;
insert into study.materials (id, user_id, title, file_name, file_type, file_size, bucket_id, path, language, processing_status, ready_revision, chunk_count)
select ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, case when i = 1 then who.ann else who.ben end, 'M', 'm.txt', 'text', 1, 'materials', 'p/' || i,
  'simple', 'completed', 1, case when i = 1 then 150 else 1850 end
from who, generate_series(1, 2) as i;
insert into study.material_chunks (id, material_id, user_id, chunk_no, content, char_start, char_end, content_hash, language, revision)
select md5('c' || i)::uuid, m.id, m.user_id, i, 'w', 0, 1, repeat('0', 64), 'simple', 1
from generate_series(1, 2000) as i
join study.materials as m on m.path = case when i <= 150 then 'p/1' else 'p/2' end;
-- Hers lie on the one side, his on the other, where the question comes from.
insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
select md5('c' || i)::uuid, 'next-model', c.material_id, repeat('0', 64),
  ('[' || case when i <= 150 then -1 else 1 end || (select string_agg(',' || (hashtext(i || ':' || d) % 1000) / 1000.0, '' order by d) from generate_series(1, 15) as d) || ']')::extensions.halfvec
from generate_series(1, 2000) as i join study.material_chunks as c on c.id = md5('c' || i)::uuid;
create function pg_temp.nearest(p_path text, p_passages bigint, p_limit integer) returns uuid[] language sql as $$
  select array_agg(n.chunk_id)
  from study.materials as m, private.study_nearest_chunks(pg_temp.v(16, 1, 0.3), 'next-model', array[m.id], p_passages, p_limit) as n where m.path = p_path;
$$;
-- How many of so many exact neighbours are found when the index is asked first.
create function pg_temp.recalled(p_path text, p_limit integer) returns text language sql as $$
  select count(*) filter (where x = any (pg_temp.nearest(p_path, 1, p_limit))) || ' of ' || count(*) from unnest(pg_temp.nearest(p_path, 1000000000, p_limit)) as x;
$$;
insert into study.term_totals (language, chunks, title_length, heading_length, content_length) values ('simple', 2000, 0, 0, 0);
select is(pg_temp.recalled('p/1', 100), '100 of 100', 'few passages, far away: as many as asked for, and the nearest');
select is(pg_temp.recalled('p/1', 150), '150 of 150', 'all that there are');
select is(pg_temp.recalled('p/1', 200), '150 of 150', 'and no more');
select ok(split_part(pg_temp.recalled('p/2', 100), ' ', 1)::integer >= 98 and pg_temp.recalled('p/2', 100) like '% of 100', 'many: the same through the index, nearly');
select is(pg_temp.nearest('p/2', 1000000000, 100), pg_temp.nearest('p/2', 1000000000, 100), 'twice asked is twice the same');
insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
select chunk_id, 'fourth-model', material_id, content_hash, '[0,0,0,0,0,0,0,0]' from study.chunk_embeddings limit 3;
update study.embedding_models set status = 'retired' where status = 'active';
update study.embedding_models set status = 'active', activated_at = now() where model = 'fourth-model';
select is((select count(*) from study.materials as m, private.study_nearest_chunks(pg_temp.v(8, 1, 0), 'fourth-model', array[m.id], 1, 10)), 0::bigint, 'a passage without a direction is near nothing');

select * from finish();
rollback;
