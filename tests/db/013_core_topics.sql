-- Topics: read by everybody, written by moderators and administrators; no rings, no lost names.
begin;
select plan(52);

create temp table who as select
  tests.create_user('reader@test.local') as reader,
  tests.create_user('boss@test.local', '{admin}') as boss,
  tests.create_user('warden@test.local', '{moderator}') as warden,
  tests.create_user('viewer@test.local', '{admin}') as viewer;
grant select on who to public;

-- Everybody
select tests.as_owner();
insert into core.topics (slug, name) values ('tt-root', 'Root');
select tests.as_anon();
select is(tests.count_of($$ select * from core.topics where slug = 'tt-root' $$), 1::bigint, 'a visitor reads topics');
select lives_ok('select * from core.topic_synonyms', 'and synonyms');
select throws_ok($$ insert into core.topics (slug, name) values ('tt-x', 'X') $$, '42501', null, 'and writes none');
select throws_ok('select * from core.topic_links', '42501', null, 'what hangs on topics is not for visitors');
select tests.as_user((select reader from who));
select throws_ok($$ insert into core.topics (slug, name) values ('tt-x', 'X') $$, '42501', null, 'nor does a reader');
select is(tests.rows_changed($$ update core.topics set name = 'Mine' where slug = 'tt-root' $$), 0::bigint, 'or change one');
select throws_ok($$ delete from core.topics where slug = 'tt-root' $$, '42501', null, 'or delete one');
select throws_ok($$ select core.merge_topics(gen_random_uuid(), gen_random_uuid()) $$, 'PT403', 'role_required', 'or merge');
select is(tests.count_of('select * from core.topic_links'), 0::bigint, 'and sees no links');

-- The administrator
select tests.as_user((select boss from who));
insert into core.topics (parent_id, slug, name) select id, 'tt-a', 'Alpha' from core.topics where slug = 'tt-root';
insert into core.topics (parent_id, slug, name) select id, 'tt-b', 'Beta' from core.topics where slug = 'tt-a';
insert into core.topics (parent_id, slug, name) select id, 'tt-c', 'Gamma' from core.topics where slug = 'tt-b';
insert into core.topics (slug, name) values ('tt-d', 'Delta');
select is(tests.count_of($$ select * from core.topics where slug::text like 'tt-%' $$), 5::bigint, 'writes topics');
insert into core.topic_synonyms (topic_id, synonym) select id, 'First Letter' from core.topics where slug = 'tt-a';
select is((select synonym::text from core.topic_synonyms where topic_id = (select id from core.topics where slug = 'tt-a')), 'first-letter', 'a synonym is spelt as a slug');
select throws_ok($$ insert into core.topics (slug, name) values ('tt-a', 'Again') $$, '23505', null, 'a slug is there once');
select throws_ok($$ insert into core.topics (slug, name) values ('No-Good', 'Blank') $$, '23514', null, 'and has a form');
select throws_ok($$ insert into core.topics (slug, name) values ('tt-e', '<b>E</b>') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ insert into core.topics (slug, name) values ('tt-e', ' ') $$, 'PT422', 'text_required', 'a name is there');
select throws_ok($$ insert into core.topic_synonyms (topic_id, synonym) select id, 'tt b' from core.topics where slug = 'tt-a' $$, 'PT409', 'topic_name_taken', 'a synonym is no other topic''s slug');
select throws_ok($$ insert into core.topic_synonyms (topic_id, synonym) select id, 'FIRST-letter' from core.topics where slug = 'tt-d' $$, '23505', null, 'and leads to one topic');
select throws_ok($$ insert into core.topics (slug, name) values ('first-letter', 'First') $$, 'PT409', 'topic_name_taken', 'a slug is no other topic''s synonym');
select throws_ok($$ update core.topics set merged_into_id = id where slug = 'tt-a' $$, '42501', null, 'merging is not done in the table');

-- No rings
select throws_ok($$ update core.topics set parent_id = id where slug = 'tt-a' $$, 'PT409', 'topic_cycle', 'not below itself');
select throws_ok($$ update core.topics set parent_id = (select id from core.topics where slug = 'tt-c') where slug = 'tt-a' $$, 'PT409', 'topic_cycle', 'not below its grandchild');
select lives_ok($$ update core.topics set parent_id = (select id from core.topics where slug = 'tt-d') where slug = 'tt-b' $$, 'a branch may move');
select lives_ok($$ update core.topics set parent_id = (select id from core.topics where slug = 'tt-a') where slug = 'tt-b' $$, 'and back');
select throws_ok(
  $$ do $do$
     declare v_id uuid;
     begin
       select id into v_id from core.topics where slug = 'tt-d';
       for i in 1..13 loop
         insert into core.topics (parent_id, slug, name) values (v_id, 'tt-deep-' || i, 'Deep') returning id into v_id;
       end loop;
     end $do$ $$,
  'PT422', 'topic_tree_too_deep', 'twelve levels, not more'
);
select tests.as_owner();
select throws_ok($$ delete from core.topics where slug = 'tt-a' $$, '23503', null, 'a topic with children is not deleted');
select is(cardinality(private.topic_subtree((select id from core.topics where slug = 'tt-a'))), 3, 'a branch has its members');

-- Names
select is(private.topic_by_slug('tt-a'), (select id from core.topics where slug = 'tt-a'), 'by slug');
select is(private.topic_by_slug(' TT A '), (select id from core.topics where slug = 'tt-a'), 'however it is spelt');
select is(private.topic_by_slug('First letter'), (select id from core.topics where slug = 'tt-a'), 'by synonym');
select is(private.topic_by_slug('omega'), null, 'unknown');
select is(private.topic_by_slug(null), null, 'none');
select is(private.topic_by_slug(repeat('x', 100000)), null, 'endless');

-- Merging
insert into core.experts (id, verification_status) select reader, 'verified' from who;
insert into core.expert_topics (expert_id, topic_id, proficiency) select reader, (select id from core.topics where slug = 'tt-a'), 5 from who;
select private.link_topic((select id from core.topics where slug = 'tt-a'), 'qa', 'question', '00000000-0000-4000-8000-00000000000a');
select private.index_document('test', 'note', '00000000-0000-4000-8000-00000000000a', 'Of alpha', 'Text', (select id from core.topics where slug = 'tt-a'));
select tests.as_user((select boss from who));
create temp table t as select (select id from core.topics where slug = 'tt-a') as a, (select id from core.topics where slug = 'tt-c') as c, (select id from core.topics where slug = 'tt-d') as d;
grant select on t to public;
select throws_ok($$ select core.merge_topics((select a from t), (select c from t)) $$, 'PT409', 'topic_merge_refused', 'not into what stands below');
select throws_ok($$ select core.merge_topics((select a from t), (select a from t)) $$, 'PT409', 'topic_merge_refused', 'not into itself');
select throws_ok($$ select core.merge_topics((select a from t), gen_random_uuid()) $$, 'PT404', 'topic_not_found', 'not into nothing');
select is((core.merge_topics((select a from t), (select d from t))).slug::text, 'tt-d', 'two become one');
select is((core.merge_topics((select a from t), (select d from t))).slug::text, 'tt-d', 'twice is once');
select results_eq($$ select id from core.find_topic('tt-a') $$, $$ select d from t $$, 'the old slug leads on');
select results_eq($$ select id from core.find_topic('first letter') $$, $$ select d from t $$, 'and the old synonym');
select tests.as_owner();
select is((select parent_id from core.topics where slug = 'tt-b'), (select d from t), 'the children moved');
select is(
  (select count(*) from core.topic_links where topic_id = (select d from t))
  + (select count(*) from core.expert_topics where topic_id = (select d from t) and proficiency = 5)
  + (select count(*) from core.search_documents where topic_id = (select d from t) and kind = 'note'),
  3::bigint, 'so did links, experts and documents'
);
select is((select count(*) from core.search_documents where kind = 'topic' and entity_id = (select a from t)), 0::bigint, 'the merged topic is found no more');
select tests.as_user((select boss from who));
select throws_ok($$ select core.merge_topics((select d from t), (select a from t)) $$, 'PT409', 'topic_merge_refused', 'nothing is merged into what is merged');

-- The moderator
select tests.as_user((select warden from who));
insert into core.topics (slug, name) values ('tt-m1', 'Mine'), ('tt-m2', 'Mine, too');
select is(tests.rows_changed($$ update core.topics set name = 'Ours' where slug = 'tt-m1' $$), 1::bigint, 'a moderator writes topics');
insert into core.topic_synonyms (topic_id, synonym) select id, 'ours truly' from core.topics where slug = 'tt-m1';
select is(tests.rows_changed($$ delete from core.topic_synonyms where synonym = 'ours-truly' $$), 1::bigint, 'and synonyms');
insert into core.topic_synonyms (topic_id, synonym) select id, 'ours again' from core.topics where slug = 'tt-m1';
select is(
  (core.merge_topics((select id from core.topics where slug = 'tt-m1'), (select id from core.topics where slug = 'tt-m2'))).slug::text,
  'tt-m2', 'and merges them'
);
select is((select slug::text from core.find_topic('ours again')), 'tt-m2', 'with their synonyms');
select throws_ok($$ delete from core.topics where slug = 'tt-m2' $$, '42501', null, 'but deletes none');
select tests.as_owner();
update core.profiles set is_active = false where id = (select warden from who);
select tests.as_user((select warden from who));
select is(tests.rows_changed($$ update core.topics set name = 'Again' where slug = 'tt-m2' $$), 0::bigint, 'a suspended moderator writes none');
select throws_ok($$ select core.merge_topics(gen_random_uuid(), gen_random_uuid()) $$, 'PT403', 'account_inactive', 'nor merges');
select tests.as_owner();
update core.admins set level = 'readonly' where id = (select viewer from who);
select tests.as_user((select viewer from who));
select is(tests.rows_changed($$ update core.topics set name = 'Again' where slug = 'tt-m2' $$), 0::bigint, 'an administrator who may only look writes none');
select throws_ok($$ select core.merge_topics(gen_random_uuid(), gen_random_uuid()) $$, 'PT403', 'admin_read_only', 'nor merges');

select * from finish();
rollback;
