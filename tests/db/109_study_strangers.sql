-- What one person cannot do to another by material, questions and shares; and what does not stay behind.
begin;
select plan(84);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sx-ann@example.org') as ann, tests.create_user('sx-ben@example.org') as ben,
  tests.create_user('sx-cleo@example.org') as cleo, tests.create_user('sx-mod@example.org', '{moderator}') as moderator,
  tests.create_user('sx-edu@example.org', '{educator}') as educator;
create temp table files as
select tests.st_upload(ann, 'heart.txt') as heart, tests.st_upload(ann, 'liver.txt') as liver, tests.st_upload(ann, 'scan.pdf', 'application/pdf') as scan,
  tests.st_upload(ben, 'ben.txt') as ben
from who;
create function pg_temp.content(p_vignette text) returns jsonb language sql as $$
  select jsonb_build_object('vignette', p_vignette, 'options', '[{"text": "Two", "is_correct": true}, {"text": "Four"}]'::jsonb);
$$;
select tests.as_user((select ann from who));
select tests.share_temporaries();
create temp table m as
select (study.create_material(heart, 'The heart', p_visibility => 'authenticated')).id as heart, null::uuid as liver from files;
select tests.as_owner();
create temp table taken as select tests.st_ingest(heart, array['The heart has four chambers.', 'The mitral valve has two leaflets.']) from m;

-- Files
select tests.as_user((select ann from who));
update m set liver = (study.create_material((select f.liver from files as f), 'The liver')).id;
select throws_ok($$ select study.replace_material_file(liver, (select heart from files)) from m $$, 'PT409', 'material_file_in_use', 'a file is of one material');
select throws_ok($$ select study.replace_material_file(liver, (select ben from files)) from m $$, 'PT422', 'file_not_found', 'and of one person');
select is((select revision from study.materials where id = (select liver from m)), 1, 'nothing changed by that');
select tests.as_user((select ben from who));
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) select 'materials', ann || '/x.txt', ben::text from who $$, '42501', null, 'nobody uploads into the folder of another');
select is(tests.count_of($$ select * from storage.objects where name = (select liver from files) $$), 0::bigint, 'nor sees what is private there');
select is(tests.count_of($$ select * from storage.objects where name = (select heart from files) $$), 1::bigint, 'but what is for everybody');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'materials' and name <> (select ben from files) $$), 0::bigint, 'which he does not remove');
select is(tests.rows_changed($$ update storage.objects set name = 'x' where bucket_id = 'materials' $$), 0::bigint, 'and nothing is written over');
select tests.as_user((select ann from who));
select is(tests.rows_changed($$ delete from storage.objects where name = (select heart from files) $$), 0::bigint, 'the file of a material goes with it, and not before');

-- The lease of one material is none for another
select tests.as_owner();
create temp table lease as select l.* from m, tests.st_lease(m.liver) as l;
select tests.as_service();
select is((select study.begin_ingest(job_id, token) ->> 'material_id' from lease), (select liver::text from m), 'a lease says which material it is for');
select throws_ok($$ select study.begin_generation(job_id, token) from lease $$, 'PT409', 'lease_lost', 'it makes no questions');
select throws_ok($$ select study.next_missing_vectors(job_id, token) from lease $$, 'PT409', 'lease_lost', 'and sees no passages of others');
select throws_ok($$ select core.begin_file_removal(job_id, token) from lease $$, 'PT409', 'lease_lost', 'and removes nothing');
select tests.as_user((select ann from who));
select ok(study.delete_material(liver), 'the material is deleted meanwhile') from m;
select tests.as_service();
select throws_ok($$ select study.put_material_pages(job_id, token, '[{"part_no": 0}]', 10, repeat('a', 64), 1) from lease $$, 'PT409', 'lease_lost', 'and its worker is told');

-- Questions of another's material
select tests.as_user((select ben from who));
create temp table q as
select (study.create_question(pg_temp.content('For me?'), p_material_id => m.heart)).id as mine,
  (study.create_question(pg_temp.content('Never handed in?'), p_visibility => 'authenticated')).id as draft,
  (study.create_question(pg_temp.content('For its readers?'), p_visibility => 'material', p_material_id => m.heart)).id as handed
from m;
select tests.as_user((select ann from who));
select is(tests.count_of('select * from study.questions'), 0::bigint, 'what somebody makes of a material for himself its owner does not see');
select is((select question_count from study.materials), 0, 'not even in a number');
select tests.as_user((select ben from who));
select is((study.submit_question(handed, 'material')).status, 'in_review', 'handed in') from q;
select is((select question_count from study.materials), 1, 'it is counted');
select is((study.retire_question(handed)).status, 'retired', 'taken back') from q;
select is((select question_count from study.materials), 0, 'it is not');
select is((study.retire_question(draft)).status, 'retired', 'a draft is put away') from q;
select tests.as_user((select educator from who));
select throws_ok($$ select study.question_for_editing(draft) from q $$, 'PT404', 'question_not_found', 'which gives its key to nobody');
select throws_ok($$ select study.revise_question(draft, pg_temp.content('Mine now?')) from q $$, 'PT404', 'question_not_found', 'nor does anybody revise it');

select tests.as_user((select ann from who));
create temp table hers as select (study.create_question(pg_temp.content('Of my notes?'), p_material_id => (select heart from m))).id;
select tests.as_owner();
update study.questions set status = 'published', visibility = 'material' where id = (select id from hers);
update study.materials set visibility = 'private' where id = (select heart from m);
select tests.as_user((select ben from who));
select throws_ok($$ select study.flag_question(id, 'typo') from hers $$, 'PT404', 'question_not_found', 'of a material that one may not read one flags nothing');
select is(tests.count_of($$ select * from study.question_options as o join study.question_versions as v on v.id = o.version_id where v.question_id = (select id from hers) $$), 0::bigint, 'nor reads it');
select tests.as_owner();
update study.materials set visibility = 'authenticated' where id = (select heart from m);
select tests.as_user((select ben from who));
select is((study.flag_question(id, 'typo')).status, 'open', 'of one that one may read one does') from hers;

-- Notices name things: they go when those do
select tests.as_user((select ann from who));
create temp table shares as
select (study.share_material(heart, (select ben from who))).id as ben, (study.share_material(heart, (select cleo from who))).id as cleo from m;
create temp table g as select (study.create_group('A secret circle')).id as id;
create temp table invited as select study.invite_to_group(g.id, w.ben) as ben, study.invite_to_group(g.id, w.cleo) as cleo from g, who as w;
select tests.as_owner();
select is((select count(*) from core.notifications where type in ('material_shared', 'study_group_invited')), 4::bigint, 'four are told');
select tests.as_user((select ann from who));
select ok(study.unshare_material((select ben from shares)) and study.remove_group_member((select id from g), (select ben from who)), 'one share and one invitation are taken back');
select tests.as_owner();
select results_eq($$ select n.user_id, n.type from core.notifications as n where n.type in ('material_shared', 'study_group_invited') order by n.type $$,
  $$ select cleo, unnest('{material_shared,study_group_invited}'::text[]) from who $$, 'with their notices');

-- Groups and shares: who lets whom in, and who takes what back
select tests.as_user((select cleo from who));
select throws_ok($$ select study.create_group('My class', '', true) $$, 'PT403', 'role_required', 'a class is made by educators');
select throws_ok($$ select study.invite_to_group(g.id, w.ben) from g, who as w $$, 'PT404', 'group_not_found', 'whoever has not come yet invites nobody');
select throws_ok($$ select study.join_group(gen_random_uuid()) $$, 'PT404', 'group_not_found', 'nobody joins what he was not invited to');
select ok((study.join_group(g.id)).accepted_at is not null, 'whoever was comes') from g;
select throws_ok($$ select study.invite_to_group(g.id, w.ben) from g, who as w $$, 'PT404', 'group_not_found', 'a member invites nobody');
select throws_ok($$ select study.remove_group_member(g.id, w.ann) from g, who as w $$, 'PT404', 'group_not_found', 'and removes nobody');
select throws_ok($$ insert into study.group_members (group_id, user_id, accepted_at) select g.id, auth.uid(), now() from g $$, '42501', null, 'nor writes the row');
select throws_ok($$ update study.group_members set role = 'owner' $$, '42501', null, 'nor his part in it');
select tests.as_user((select ann from who));
create temp table led as select study.invite_to_group(g.id, w.educator, 'educator') as educator, study.invite_to_group(g.id, w.moderator, 'educator') as moderator from g, who as w;
select tests.as_user((select moderator from who));
select ok((study.join_group(g.id)).role = 'educator', 'an educator of the group comes') from g;
select tests.as_user((select educator from who));
select ok((study.join_group(g.id)).role = 'educator', 'and another') from g;
select ok(not study.remove_group_member(g.id, w.moderator), 'who does not remove the first') from g, who as w;
select ok(not study.remove_group_member(g.id, w.ann), 'nor the owner') from g, who as w;
select tests.as_user((select ann from who));
select ok(study.remove_group_member(g.id, w.moderator), 'the owner does') from g, who as w;
select tests.as_owner();
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select tests.as_user((select educator from who));
select throws_ok($$ select study.invite_to_group(g.id, w.ben) from g, who as w $$, 'PT409', 'person_unavailable', 'whoever blocked its owner is not invited by another, either');
select tests.as_user((select ann from who));
select throws_ok($$ select study.share_material(heart, (select ben from who)) from m $$, 'PT409', 'person_unavailable', 'nor is anything shared with him');
select tests.as_user((select ben from who));
select ok(not study.unshare_material(cleo), 'a share of others he does not take back') from shares;
select tests.as_owner();
insert into core.blocks (blocker_id, blocked_id) select cleo, ann from who;
delete from core.blocks;
select is((select count(*) from study.material_shares), 0::bigint, 'a block ends a share, and it does not come back');
update core.settings set value = '1' where key = 'study.max_materials';
select tests.as_user((select ann from who));
select throws_ok($$ select study.create_material(scan) from files $$, 'PT409', 'material_limit_reached', 'there are so many materials of one person');
select tests.as_owner();
update core.settings set value = '2000' where key = 'study.max_materials';

-- Whoever may not read a material any more learns nothing by guessing at its words
update study.materials set visibility = 'private' where id = (select heart from m);
create temp table passage as select id from study.material_chunks where content like '%leaflets%';
select tests.as_user((select ben from who));
select is((study.revise_question(mine, pg_temp.content('For me?') || jsonb_build_object('sources', (
  select jsonb_build_array(jsonb_build_object('chunk_id', p.id, 'quote', 'two leaflets')) from passage as p)))).current_version, 2, 'he revises what he wrote') from q;
select is(study.question_for_editing(mine) #> '{content,sources}', '[]', 'on words that he may not read it does not rest') from q;
select tests.as_owner();
update study.materials set visibility = 'authenticated' where id = (select heart from m);

-- Pages for an OCR worker that does not come back
select tests.as_user((select ann from who));
create temp table scan as select (study.create_material(scan, 'A scan')).id from files;
select tests.as_owner();
update ops.job_types set is_enabled = true where job_type = 'study.read_pages';
create temp table reading as select l.* from scan, tests.st_lease(scan.id) as l;
select tests.as_service();
select ok((select study.begin_ingest(job_id, token) is not null and study.put_material_pages(job_id, token, '[{"part_no": 0, "page_number": 1, "status": "needs_ocr"}]', 10, repeat('b', 64), 1) is not null from reading), 'a page is a picture');
select is((select study.request_ocr(job_id, token) ->> 'waits' from reading), 'true', 'it waits');
select lives_ok($$ select core.complete_job(job_id, token) from reading $$, 'its worker ends');
select tests.as_owner();
alter table study.materials disable trigger _900_touch_updated_at;
update study.materials set updated_at = now() - interval '59 minutes' where id = (select id from scan);
update ops.job_types set is_enabled = false where job_type = 'study.read_pages';
select is(private.study_tend_materials(), '{"given_up": 0, "read_on": 0}', 'for a while');
update study.materials set updated_at = now() - interval '61 minutes' where id = (select id from scan);
select is(private.study_tend_materials(), '{"given_up": 0, "read_on": 1}', 'and no longer');
alter table study.materials enable trigger _900_touch_updated_at;
select results_eq($$ select m.processing_status, p.status from study.materials as m join study.material_pages as p on p.material_id = m.id where m.id = (select id from scan) $$,
  $$ values ('parsing', 'unreadable') $$, 'it is left out, and the rest goes on');
select results_eq($$ select job_type from ops.queue_items where resource_id = (select id from scan) $$, $$ values ('study.ingest') $$, 'in a job of its own');

-- A newer version, and the same file twice
select tests.as_owner();
create temp table stale as select l.* from scan, tests.st_lease(scan.id) as l;
create temp table again as select tests.st_upload(ann, 'scan-2.pdf', 'application/pdf') as path, tests.st_upload(ann, 'scan-3.pdf', 'application/pdf') as twin from who;
select tests.as_user((select ann from who));
select is((select (study.replace_material_file(scan.id, again.path)).revision from scan, again), 2, 'a newer version comes');
create temp table twin as select (study.create_material(twin)).id from again;
select tests.as_service();
select is((select study.begin_ingest(job_id, token) ->> 'proceed' from stale), 'false', 'whoever works on the one before finds nothing to do');
select is((select study.put_material_pages(job_id, token, '[{"part_no": 0}]', 10, repeat('c', 64), 1) ->> 'proceed' from stale), 'false', 'and writes nothing');
select is((select study.fail_ingest(job_id, token, 'material_damaged') ->> 'proceed' from stale), 'false', 'nor ends what is new');
select tests.as_owner();
create temp table newer as select l.* from scan, tests.st_lease(scan.id) as l;
-- Claimed together with it.
create temp table second as select q.id as job_id, q.lease_token as token from ops.queue_items as q where q.resource_id = (select id from twin);
select tests.as_service();
select ok((select study.begin_ingest(job_id, token) is not null from newer) and (select study.begin_ingest(job_id, token) is not null from second), 'two are worked on');
select is((select study.put_material_pages(job_id, token, '[{"part_no": 0}]', 10, repeat('d', 64), 1) ->> 'proceed' from newer), 'true', 'one has these bytes');
select results_eq($$ select r ->> 'error', r ->> 'duplicate_of' from (select study.put_material_pages(job_id, token, '[{"part_no": 0}]', 10, repeat('d', 64), 1) as r from second) as r $$,
  $$ select 'material_duplicate', id::text from scan $$, 'the other is told which one');
select tests.as_user((select ann from who));
select results_eq($$ select processing_status, processing_error, chunk_count from study.materials where id = (select id from twin) $$, $$ values ('failed', 'material_duplicate', 0) $$, 'as its owner is');
select tests.as_owner();
create temp table others as select tests.st_upload(cleo, 'same.pdf', 'application/pdf') as path from who;
select tests.as_user((select cleo from who));
create temp table same as select (study.create_material(path)).id from others;
select tests.as_owner();
create temp table third as select l.* from same, tests.st_lease(same.id) as l;
select tests.as_service();
select ok((select study.begin_ingest(job_id, token) is not null from third), 'somebody else has the same file');
select is((select study.put_material_pages(job_id, token, '[{"part_no": 0}]', 10, repeat('d', 64), 1) ->> 'proceed' from third), 'true', 'and learns nothing by it');

-- Visitors, blocks, and what was hidden: where functions ask as where policies do
select tests.as_owner();
update study.materials set visibility = 'public' where id in (select heart from m union all select id from scan);
select tests.as_anon();
select is(tests.count_of('select * from study.materials'), 1::bigint, 'visitors see what is public and ready');
select tests.as_owner();
delete from study.material_shares;
insert into core.blocks (blocker_id, blocked_id) select ann, cleo from who;
select tests.as_user((select cleo from who));
select is(tests.count_of($$ select * from study.materials where id = (select heart from m) $$) + tests.count_of($$ select * from study.material_chunks $$), 0::bigint, 'whom its owner blocked sees nothing of it, public or not');
select is(tests.count_of($$ select * from storage.objects where name = (select heart from files) $$), 0::bigint, 'nor its file');
select throws_ok($$ select study.generate_questions(heart) from m $$, 'PT404', 'material_not_found', 'has nothing made of it');
select throws_ok($$ select study.create_question(pg_temp.content('Blocked?'), p_material_id => heart) from m $$, 'PT404', 'material_not_found', 'asks nothing about it');
select throws_ok($$ select study.start_conversation(p_material_ids => array[heart]) from m $$, 'PT404', 'material_not_found', 'and does not talk about it');
select tests.as_owner();
delete from core.blocks;
update study.materials set hidden_at = now() where id = (select heart from m);
select tests.as_user((select cleo from who));
select throws_ok($$ select study.generate_questions(heart) from m $$, 'PT404', 'material_not_found', 'nor does anybody of what was hidden');
select throws_ok($$ select study.start_conversation(p_material_ids => array[heart]) from m $$, 'PT404', 'material_not_found', 'or talks about it');
select tests.as_user((select ann from who));
select lives_ok($$ select study.start_conversation(p_material_ids => array[heart]) from m $$, 'but its owner');
select tests.as_owner();
update study.materials set hidden_at = null where id = (select heart from m);
select is((select count(*) from study.materials where user_id = (select ann from who) and sha256 = repeat('d', 64)), 1::bigint, 'bytes are one material of a person');

-- Suspended: reads on, writes nothing
select tests.as_user((select moderator from who));
select lives_ok($$ select core.suspend_user((select ben from who), 'Spam.') $$, 'a person is suspended');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from study.material_chunks'), 2::bigint, 'and reads on');
select throws_ok($$ select study.create_material(ben) from files $$, 'PT403', 'account_inactive', 'hands nothing in');
select throws_ok($$ select study.generate_questions(heart) from m $$, 'PT403', 'account_inactive', 'has nothing made');
select throws_ok($$ select study.start_conversation() $$, 'PT403', 'account_inactive', 'talks to no coach');

-- Going for good
select tests.as_owner();
select lives_ok($$ delete from auth.users where id = (select ann from who) $$, 'a person goes');
select is((select count(*) from core.notifications where title in ('The heart', 'A secret circle'))
  + (select count(*) from core.search_documents where module = 'study' and owner_id is distinct from (select cleo from who)) + (select count(*) from study.chunk_terms)
  + (select count(*) from core.files where owner_id is not null and path like (select ann || '/%' from who)), 0::bigint, 'and nothing of hers stays');

select * from finish();
rollback;
