-- Material from upload to passages: who hands in what, what a worker may write, what a new version keeps, who reads it.
begin;
select plan(93);

create temp table who as
select tests.create_user('st-ann@example.org') as ann, tests.create_user('st-ben@example.org') as ben,
  tests.create_user('st-cleo@example.org') as cleo, tests.create_user('st-mod@example.org', '{moderator}') as moderator,
  tests.create_user('st-edu@example.org', '{educator}') as educator;
grant select on who to public;
insert into core.topics (slug, name) values ('st-heart', 'Heart');

-- Handing in
create temp table files as
select tests.st_upload(ann, 'heart.txt') as heart, tests.st_upload(ann, 'program.exe', 'application/x-msdownload') as program,
  tests.st_upload(ann, 'heart-2.txt') as heart2, tests.st_upload(ann, 'heart.pdf', 'application/pdf') as pdf,
  tests.st_upload(ben, 'ben.txt') as ben, tests.st_upload(ann, 'public.md') as public
from who;
grant select on files to public;
select tests.as_anon();
select throws_ok($$ select study.create_material('x/y.txt') $$, '42501', null, 'nobody without an account hands in');
select tests.as_user((select ann from who));
select throws_ok($$ select study.create_material(ben) from files $$, 'PT422', 'file_not_found', 'not the file of another');
select throws_ok($$ select study.create_material('nowhere.txt') $$, 'PT422', 'file_not_found', 'nor one that is not there');
select throws_ok($$ select study.create_material(program) from files $$, 'PT422', 'material_type_unknown', 'nor a program');
select throws_ok($$ select study.create_material(heart, p_topic => 'nothing') from files $$, 'PT422', 'unknown_topic', 'nor under a topic that is not there');
select throws_ok($$ select study.create_material(heart, p_visibility => 'secret') from files $$, 'PT422', 'visibility_invalid', 'nor for somebody else than there is');
select throws_ok($$ select study.create_material(heart, 'A <script>alert(1)</script>') from files $$, 'PT422', 'markup_not_allowed', 'nor with a script for a title');
select is(tests.count_of('select * from study.materials'), 0::bigint, 'of all that nothing is left');
create temp table m as select (study.create_material(heart, 'The heart', p_topic => 'st-heart')).id as heart from files;
grant select on m to public;
select is((study.create_material(heart, 'Again')).title, 'The heart', 'again: the same row') from files;
select results_eq('select processing_status, visibility, file_type, revision from study.materials', $$ values ('pending', 'private', 'text', 1) $$, 'it waits for a worker');
select is(tests.count_of($$ select * from study.material_processing_jobs where status = 'pending' $$), 1::bigint, 'and says so');

-- What a client may write of it
select throws_ok($$ update study.materials set processing_status = 'completed' $$, '42501', null, 'not its status');
select throws_ok($$ update study.materials set user_id = (select ben from who) $$, '42501', null, 'nor its owner');
select throws_ok($$ insert into study.materials (user_id, title) values (auth.uid(), 'x') $$, '42501', null, 'nor a row');
select throws_ok($$ delete from study.materials $$, '42501', null, 'nor does it go without a word');
select throws_ok($$ insert into study.material_chunks (material_id) values (gen_random_uuid()) $$, '42501', null, 'passages are not written');
select is(tests.rows_changed($$ update study.materials set title = 'The human heart', description = 'Notes' $$), 1::bigint, 'title and description are');
select throws_ok($$ update study.materials set title = '' $$, 'PT422', 'text_required', 'not empty');
select throws_ok($$ select study.begin_ingest(gen_random_uuid(), 1) $$, '42501', null, 'a person is no worker');
select throws_ok($$ select * from study.chunk_embeddings $$, '42501', null, 'vectors are nobody''s to read');
select throws_ok($$ select * from study.material_pages $$, '42501', null, 'nor pages');

-- A worker
select tests.as_owner();
create temp table lease as select l.* from m, tests.st_lease(m.heart) as l;
grant select on lease to public;
select tests.as_service();
select throws_ok($$ select study.begin_ingest(job_id, token + 1) from lease $$, 'PT409', 'lease_lost', 'with a lease of its own');
select is((select study.begin_ingest(job_id, token) ->> 'status' from lease), 'parsing', 'begins');
select is((select study.finish_ingest(job_id, token) ->> 'proceed' from lease), 'false', 'nothing is swapped before there is something');
select is((select study.put_material_pages(job_id, token, '[{"part_no": 0, "page_number": 1, "blocks": [{"text": "a"}]}]', 20, repeat('a', 64), 2) ->> 'proceed' from lease), 'true', 'pages arrive');
select is((select study.put_material_pages(job_id, token, '[{"part_no": 0, "page_number": 1}, {"part_no": 1, "page_number": 2}]', 30, repeat('a', 64), 2) ->> 'proceed' from lease), 'true', 'again, and one more');
select is((select jsonb_array_length(study.read_material_pages(job_id, token, 0)) from lease), 2, 'each once');
select is((select study.begin_ingest(job_id, token) ->> 'parts_done' from lease), '2', 'the next worker knows how far it is');
select is((select study.use_embedding_model('test-model', 'test', 8)).status, 'active', 'the first model answers at once');
select throws_ok($$ select study.use_embedding_model('test-model', 'test', 9) $$, 'PT409', 'embedding_model_changed', 'a name is one kind of vector');
select ok((select study.put_material_chunks(job_id, token, '{"language": "english", "character_count": 100, "is_last": true}',
  tests.st_chunks(array['The heart has four chambers.', 'The mitral valve has two leaflets.', 'The aorta leaves the left ventricle.'])) ->> 'proceed' from lease) = 'true', 'passages arrive');
select throws_ok($$ select study.put_vectors(job_id, token, 'test-model', '[{"chunk_no": 0, "embedding": "[1,2]"}]') from lease $$, 'PT422', 'embedding_invalid', 'a vector of another size is refused');
select throws_ok($$ select study.put_vectors(job_id, token, 'other', '[{"chunk_no": 0, "embedding": "[1,2]"}]') from lease $$, 'PT422', 'embedding_invalid', 'and of another model');
select is((select jsonb_array_length(study.next_drafts(job_id, token)) from lease), 3, 'three have no vector');
select is((select study.put_vectors(job_id, token, 'test-model', '[{"chunk_no": 0, "embedding": "[1,0,0,0,0,0,0,0]"}, {"chunk_no": 1, "embedding": "[1,0,0,0,0,0,0,1]"}]') ->> 'left' from lease), '1', 'then one');
select is(tests.count_of('select * from study.material_chunks'), 0::bigint, 'nothing is found yet');
select ok((select study.put_vectors(job_id, token, 'test-model', '[{"chunk_no": 2, "embedding": "[1,0,0,0,0,0,0,2]"}]') ->> 'left' = '0' from lease), 'then none');
select is((select study.finish_ingest(job_id, token) ->> 'added' from lease), '3', 'and they are found, all at once');
select is((select study.finish_ingest(job_id, token) ->> 'proceed' from lease), 'false', 'once');
select results_eq('select processing_status, progress::int, ready_revision, chunk_count, language from study.materials', $$ values ('completed', 100, 1, 3, 'english') $$, 'the material is ready');
select results_eq('select (select count(*) from study.material_pages), (select count(*) from study.chunk_drafts), (select count(*) from study.chunk_embeddings)', $$ values (0::bigint, 0::bigint, 3::bigint) $$, 'nothing is left over');
select lives_ok($$ select core.complete_job(job_id, token) from lease $$, 'the job ends');
select tests.as_user((select ann from who));
select is((select status from study.material_processing_jobs), 'completed', 'as the owner sees');
select is((select count(*) from study.material_chunks where content like '%mitral%' and page_number = 2), 1::bigint, 'who reads its passages');

-- Quotes
select tests.as_owner();
create temp table talk as select gen_random_uuid() as conversation, gen_random_uuid() as asked, gen_random_uuid() as answered;
insert into study.chat_conversations (id, user_id, last_message_no) select t.conversation, w.ben, 2 from talk as t, who as w;
insert into study.chat_messages (id, conversation_id, message_no, role, content, client_id) select asked, conversation, 1, 'user', 'What?', gen_random_uuid() from talk;
insert into study.chat_messages (id, conversation_id, message_no, role, content, reply_to_id) select answered, conversation, 2, 'assistant', 'It is [1] and [2].', asked from talk;
insert into study.message_citations (message_id, marker, source, chunk_id, material_id, title, quote, page_number, char_start, char_end, content_hash)
select t.answered, q.no, 'material', c.id, c.material_id, 'The heart', q.quote, c.page_number, c.char_start + position(q.quote in c.content) - 1, c.char_start + position(q.quote in c.content) - 1 + length(q.quote), c.content_hash
from talk as t, (values (1, 'two leaflets'), (2, 'four chambers')) as q (no, quote) join study.material_chunks as c on position(q.quote in c.content) > 0;
select is((select count(*) from study.message_citations), 2::bigint, 'two quotes');

-- A new version
create temp table before as select id, content from study.material_chunks;
grant select on before to public;
select tests.as_user((select ann from who));
select throws_ok($$ select study.replace_material_file(heart, (select pdf from files)) from m $$, 'PT422', 'material_type_mismatch', 'a version is of the same type');
select is((select (study.replace_material_file(heart, (select heart2 from files))).revision from m), 2, 'a new version');
select is(tests.count_of('select * from study.material_chunks'), 3::bigint, 'the one before is found until it is ready');
select tests.as_user((select ben from who));
select throws_ok($$ select study.replace_material_file(heart, (select ben from files)) from m $$, 'PT404', 'material_not_found', 'of another nobody makes one');
select tests.as_owner();
select is((select tests.st_ingest(heart, array['A new beginning.', 'The heart has four chambers.', 'The mitral valve has a pair of leaflets.', 'The aorta leaves the left ventricle.']) from m) - 'proceed' - 'error',
  '{"kept": 2, "added": 2, "removed": 1}', 'what did not change stays');
select is((select count(*) from study.material_chunks as c join before as b using (id, content)), 2::bigint, 'with its ids');
select results_eq('select chunk_no from study.material_chunks order by chunk_no', 'select generate_series(0, 3)', 'in the new order');
select is((select count(*) from study.chunk_embeddings as e join study.material_chunks as c on c.id = e.chunk_id and c.content_hash = e.content_hash), 4::bigint, 'each with its vector');
select results_eq('select marker::int, stale_at is not null, chunk_id is null from study.message_citations order by marker', $$ values (1, true, true), (2, false, false) $$, 'the quote that is gone is stale');
select is((select substr(array_to_string(array['A new beginning.', 'The heart has four chambers.'], '  '), char_start + 1, char_end - char_start) from study.message_citations where marker = 2), 'four chambers', 'the other is led to its new place');
select is((select count(*) from core.notifications where type = 'material_changed' and user_id = (select ann from who)), 1::bigint, 'the owner is told');

-- The same bytes again, a failure, and trying again
select tests.as_user((select ann from who));
select is((study.retry_material(heart)).revision, 2, 'what did not fail is not tried again') from m;
select tests.as_owner();
create temp table third as select tests.st_upload(ann, 'heart-3.txt') as path from who;
grant select on third to public;
select tests.as_user((select ann from who));
select is((select (study.replace_material_file(heart, (select path from third))).revision from m), 3, 'a third version');
select tests.as_owner();
create temp table lease3 as select l.* from m, tests.st_lease(m.heart) as l;
grant select on lease3 to public;
select tests.as_service();
select ok((select study.begin_ingest(job_id, token) ->> 'proceed' = 'true' from lease3), 'is begun');
select is((select study.fail_ingest(job_id, token, 'material_damaged', 'cut off') ->> 'error' from lease3), 'material_damaged', 'and fails');
select is((select study.begin_ingest(job_id, token) ->> 'proceed' from lease3), 'false', 'which is final');
select lives_ok($$ select core.complete_job(job_id, token) from lease3 $$, 'for this job');
select tests.as_user((select ann from who));
select results_eq('select processing_status, processing_error, ready_revision from study.materials', $$ values ('failed', 'material_damaged', 2) $$, 'as its owner sees');
select is(tests.count_of('select * from study.material_chunks'), 4::bigint, 'the version before is still found');
select is((select (study.retry_material(heart)).revision from m), 4, 'she tries again');
select tests.as_owner();
create temp table lease4 as select l.* from m, tests.st_lease(m.heart) as l;
grant select on lease4 to public;
select tests.as_service();
select ok((select study.begin_ingest(job_id, token) ->> 'proceed' = 'true' from lease4), 'another turn');
select is((select study.put_material_pages(job_id, token, '[]', 10, (select ready_sha256 from study.materials where id = m.heart), 1) ->> 'unchanged' from lease4, m), 'true', 'with the bytes that are there already nothing changes');
select results_eq('select processing_status, ready_revision, chunk_count from study.materials', $$ values ('completed', 4, 4) $$, 'and it is ready');

-- Sharing
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.materials') + tests.count_of('select * from study.material_chunks'), 0::bigint, 'a stranger sees nothing');
select throws_ok($$ select study.share_material(heart, auth.uid()) from m $$, 'PT404', 'material_not_found', 'nor takes it');
select tests.as_user((select ann from who));
create temp table shares as select (study.share_material(heart, (select ben from who))).id as ben from m;
grant select on shares to public;
select throws_ok($$ select study.share_material(heart, auth.uid()) from m $$, 'PT422', 'share_target_invalid', 'not with oneself');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.materials') || '/' || tests.count_of('select * from study.material_chunks'), '1/4', 'whom it is shared with reads it');
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'materials' $$), 2::bigint, 'and its file, besides his own');
select is(tests.rows_changed($$ update study.materials set title = 'Mine' $$), 0::bigint, 'to read only');
select tests.as_user((select ann from who));
insert into core.blocks (blocker_id, blocked_id) select auth.uid(), ben from who;
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.materials'), 0::bigint, 'a block ends it');
select tests.as_user((select educator from who));
create temp table groups as select (study.create_group('Cardiology', '', true)).id as class;
grant select on groups to public;
select lives_ok($$ select study.invite_to_group(class, (select cleo from who)), study.invite_to_group(class, (select ann from who)) from groups $$, 'an educator invites');
select tests.as_user((select ann from who));
select throws_ok($$ select study.share_material(heart, p_group_id => (select class from groups)) from m $$, 'PT404', 'group_not_found', 'who has not come yet shares nothing');
select ok((study.join_group(class)).accepted_at is not null, 'she comes') from groups;
select lives_ok($$ select study.share_material(heart, p_group_id => (select class from groups)) from m $$, 'and shares');
select tests.as_user((select cleo from who));
select is(tests.count_of('select * from study.materials'), 0::bigint, 'who is only invited does not read');
select ok(not (study.join_group(class)).shares_progress, 'she comes, and consents to nothing by that') from groups;
select is(tests.count_of('select * from study.materials'), 1::bigint, 'and reads');
select tests.as_user((select ann from who));
select lives_ok($$ select study.leave_group(class) from groups $$, 'the owner of the material leaves');
select tests.as_user((select cleo from who));
select is(tests.count_of('select * from study.materials'), 0::bigint, 'and takes it along');

-- Public
select tests.as_user((select ann from who));
update study.materials set visibility = 'public';
select tests.as_anon();
select is(tests.count_of('select * from study.materials') || '/' || tests.count_of('select * from study.material_chunks'), '1/4', 'what is public visitors read');
select tests.as_user((select cleo from who));
select is(tests.count_of($$ select * from core.search('human heart', '{material}') $$), 1::bigint, 'and people find');
select lives_ok($$ select core.report_content('study', 'material', heart, 'abuse') from m $$, 'somebody reports it');
select tests.as_user((select moderator from who));
select lives_ok($$ select core.moderate_content('study', 'material', heart, 'hide', 'Copied from a book.') from m $$, 'a moderator hides it');
select tests.as_anon();
select is(tests.count_of('select * from study.material_chunks'), 0::bigint, 'it is gone for others');
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.material_chunks'), 4::bigint, 'not for its owner');

-- Going
select ok(study.delete_material(heart), 'she deletes it') from m;
select tests.as_owner();
select results_eq('select marker::int, stale_at is not null, quote from study.message_citations order by marker', $$ values (1, true, 'two leaflets'), (2, true, 'four chambers') $$, 'what was quoted stays, word for word');
select is((select owner_id from core.files where path = (select path from third)), null, 'its file waits for removal');

select * from finish();
rollback;
