-- Posts: drafts for their author alone, written in one's own name, edited with history, removed without a hole.
begin;
select plan(131);

create temp table who as select
  tests.create_member('ann@test.local') as ann,
  tests.create_member('ben@test.local') as ben,
  tests.create_member('kim@test.local') as kim,
  tests.create_member('sue@test.local') as sue,
  tests.create_member('mod@test.local', '{moderator}') as warden,
  tests.create_member('boss@test.local', '{admin}') as boss,
  tests.create_user('new@test.local') as novice;
grant select on who to public;
select tests.block((select ann from who), (select ben from who));
select tests.suspend((select sue from who));
create temp table t as select
  tests.make_post((select ann from who), true, 'Seen') as seen,
  tests.make_post((select ann from who), false, 'Draft') as draft,
  tests.make_post((select ben from who), true, 'By Ben') as bens,
  tests.make_post((select sue from who), true, 'By Sue') as sues,
  tests.make_post((select ann from who), true, 'Third') as third;
grant select on t to public;
insert into core.topics (slug, name, is_active)
select 'pt-' || n, 'Topic ' || n, n <> 12 from generate_series(1, 12) as n;
insert into social.categories (slug, name, is_active) values ('off', 'Switched off', false);
create temp table topics as select slug::text as slug, id from core.topics where slug::text like 'pt-%';
grant select on topics to public;
create function pg_temp.topic(p_slug text) returns uuid language sql as $$ select id from topics where slug = p_slug $$;
grant execute on function pg_temp.topic(text) to public;

-- Anonymous
select tests.as_anon();
select is((select title from social.posts where id = (select seen from t)), 'Seen', 'a visitor reads what is published');
select is(tests.count_of($$ select * from social.posts where id = (select draft from t) $$), 0::bigint, 'and no draft');
select is(tests.count_of($$ select * from social.posts where id in (select unnest(array[seen, bens, sues]) from t) $$), 3::bigint, 'whoever wrote it');
select throws_ok($$ insert into social.posts (title, content) values ('x', 'y') $$, '42501', null, 'and writes none');
select throws_ok($$ update social.posts set title = 'x' $$, '42501', null, 'changes none');
select throws_ok($$ delete from social.posts $$, '42501', null, 'deletes none');
select throws_ok($$ select social.create_post('x', 'y') $$, '42501', null, 'by no RPC');
select throws_ok($$ select social.delete_content('post', gen_random_uuid()) $$, '42501', null, 'deletes nothing by RPC');
select throws_ok($$ select * from social.content_history('post', gen_random_uuid()) $$, '42501', null, 'reads no history by RPC');
select throws_ok($$ select * from social.content_versions $$, '42501', null, 'or from the table');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values (gen_random_uuid(), gen_random_uuid()) $$, '42501', null, 'places no topics');
select throws_ok($$ select * from social.contents $$, '42501', null, 'the register is nobody''s business');
select throws_ok($$ select * from social.profiles $$, '42501', null, 'names are for people with an account');

-- The author
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from social.posts where author_id = (select ann from who) $$), 3::bigint, 'an author reads his posts, the draft among them');
select lives_ok($$ insert into social.posts (id, title, content, category) values ('00000000-0000-4000-8000-000000000501', ' Title ', E'Text\r\n', 'discussion') $$, 'writes one');
select results_eq(
  $$ select author_id, title, content, is_published, published_at = now(), edited_at from social.posts where id = '00000000-0000-4000-8000-000000000501' $$,
  $$ select ann, 'Title'::text, 'Text'::text, true, true, null::timestamptz from who $$,
  'in his own name, clean, and published now'
);
select throws_ok($$ insert into social.posts (id, title, content) values ((select seen from t), 'x', 'y') $$, '23505', null, 'an id is there once');
select throws_ok($$ insert into social.posts (title, content) values (' ', 'y') $$, 'PT422', 'text_required', 'a title is there');
select throws_ok($$ select social.create_post(U&'\200d\2060\3164', 'Text.') $$, 'PT422', 'text_required', 'letters that nobody sees are no title');
select is((select title from social.create_post(U&'Essay \202Efdp.exe', 'Text.', p_is_published => false)), 'Essay fdp.exe', 'nor does one read otherwise than it is written');
select throws_ok($$ insert into social.posts (title, content) values ('x', E' \n') $$, 'PT422', 'text_required', 'and a text');
select throws_ok($$ insert into social.posts (title, content) values (repeat('x', 256), 'y') $$, 'PT422', 'text_too_long', 'the title is short');
select throws_ok($$ insert into social.posts (title, content) values ('x', repeat('y', 40001)) $$, 'PT422', 'text_too_long', 'the text is not endless');
select throws_ok($$ insert into social.posts (title, content) values ('x', '<script>alert(1)</script>') $$, 'PT422', 'markup_not_allowed', 'and is plain');
select throws_ok($$ insert into social.posts (title, content, category) values ('x', 'y', 'gossip') $$, 'PT422', 'unknown_category', 'categories are those that there are');
select throws_ok($$ insert into social.posts (title, content, category) values ('x', 'y', 'off') $$, 'PT422', 'unknown_category', 'and not switched off');
select throws_ok($$ insert into social.posts (author_id, title, content) values ((select ben from who), 'x', 'y') $$, '42501', null, 'nobody names an author');
select throws_ok($$ insert into social.posts (title, content, likes_count) values ('x', 'y', 99) $$, '42501', null, 'or his likes');
select throws_ok($$ insert into social.posts (title, content, published_at) values ('x', 'y', now() + interval '1 year') $$, '42501', null, 'or a time');
select throws_ok($$ update social.posts set comments_count = 99 $$, '42501', null, 'or comments, afterwards');
select throws_ok($$ update social.posts set deleted_at = now() $$, '42501', null, 'or removes with an update');
select throws_ok($$ update social.posts set author_id = null $$, '42501', null, 'or hides behind nobody');
select throws_ok($$ delete from social.posts where id = (select seen from t) $$, '42501', null, 'rows stay');
select throws_ok($$ select * from social.content_versions $$, '42501', null, 'history is read by RPC');

-- Drafts
select is(tests.rows_changed($$ update social.posts set title = 'Draft two' where id = (select draft from t) $$), 1::bigint, 'a draft is edited');
select is((select edited_at from social.posts where id = (select draft from t)), null, 'without a trace');
select is(tests.count_of($$ select * from social.content_history('post', (select draft from t)) $$), 0::bigint, 'as nobody has read it');
select is(tests.rows_changed($$ update social.posts set is_published = true where id = (select draft from t) $$), 1::bigint, 'is published');
select is((select published_at from social.posts where id = (select draft from t)), now(), 'now');
select tests.as_owner();
update social.posts set published_at = now() - interval '1 day' where id = (select draft from t);
select tests.as_user((select ann from who));
select is(tests.rows_changed($$ update social.posts set is_published = false where id = (select draft from t) $$), 1::bigint, 'is a draft again');
select is(tests.count_of($$ select * from social.posts where id = (select draft from t) and not is_published $$), 1::bigint, 'that its author still reads');
select tests.as_user((select kim from who));
select is(tests.count_of($$ select * from social.posts where id = (select draft from t) $$), 0::bigint, 'and nobody else');
select throws_ok($$ select social.delete_content('post', (select draft from t)) $$, 'PT404', 'content_not_found', 'for whom it is not there');
select throws_ok($$ select * from social.content_history('post', (select draft from t)) $$, 'PT404', 'content_not_found', 'nor its history');
select tests.as_user((select ann from who));
update social.posts set is_published = true where id = (select draft from t);
select is((select published_at from social.posts where id = (select draft from t)), now() - interval '1 day', 'publishing again does not make it new');
insert into social.posts (id, title, content, is_published) values ('00000000-0000-4000-8000-000000000503', 'Never', 'Text', false);
select is(social.delete_content('post', '00000000-0000-4000-8000-000000000503'), true, 'a draft that was never published is deleted');
select is(tests.count_of($$ select * from social.posts where id = '00000000-0000-4000-8000-000000000503' $$), 0::bigint, 'and vanishes');
select throws_ok($$ select social.delete_content('post', '00000000-0000-4000-8000-000000000503') $$, 'PT404', 'content_not_found', 'for good');
select tests.as_owner();
select is((select count(*) from private.social_export_versions where user_id = (select ann from who)), 0::bigint, 'there is nothing old to export');
select tests.as_user((select ann from who));

-- Edits
select is(tests.rows_changed($$ update social.posts set title = 'Seen ', content = 'Of a test.' where id = (select seen from t) $$), 1::bigint, 'an update that changes nothing');
select is((select edited_at from social.posts where id = (select seen from t)), null, 'is no edit');
select is(tests.rows_changed($$ update social.posts set content = 'Better.' where id = (select seen from t) $$), 1::bigint, 'one that does');
select is((select edited_at from social.posts where id = (select seen from t)), now(), 'is');
select is(tests.rows_changed($$ update social.posts set title = 'Well seen', category = 'notes' where id = (select seen from t) $$), 1::bigint, 'and another');
select results_eq(
  $$ select version, title, content, change from social.content_history('post', (select seen from t)) $$,
  $$ values (2, 'Seen', 'Better.', 'edit'), (1, 'Seen', 'Of a test.', 'edit') $$,
  'with a history'
);
select tests.as_owner();
select results_eq(
  $$ select content from private.social_export_versions where user_id = (select ann from who) order by version $$, $$ values ('Of a test.'), ('Better.') $$,
  'which is part of what a person can export'
);
select tests.as_user((select ann from who));
select throws_ok($$ update social.posts set content = '<img src=x>' where id = (select seen from t) $$, 'PT422', 'markup_not_allowed', 'edits are cleaned');
select throws_ok($$ update social.posts set category = 'gossip' where id = (select seen from t) $$, 'PT422', 'unknown_category', 'and checked');
select throws_ok($$ update social.posts set id = gen_random_uuid() where id = (select seen from t) $$, '42501', null, 'an id stays');

-- Another person
select tests.as_user((select kim from who));
select is((select title from social.posts where id = (select seen from t)), 'Well seen', 'somebody else reads it');
select is(tests.rows_changed($$ update social.posts set title = 'Mine' where id = (select seen from t) $$), 0::bigint, 'and does not change it');
select throws_ok($$ select social.delete_content('post', (select seen from t)) $$, 'PT403', 'not_author', 'or delete it');
select throws_ok($$ select * from social.content_history('post', (select seen from t)) $$, 'PT403', 'not_author', 'or read its history');
select throws_ok($$ select social.delete_content('post', gen_random_uuid()) $$, 'PT404', 'content_not_found', 'what is not there is not deleted');
select throws_ok($$ select social.delete_content('profile', (select kim from who)) $$, 'PT404', 'content_not_found', 'nor what is no such thing');
select throws_ok($$ select social.delete_content('comment', (select seen from t)) $$, 'PT404', 'content_not_found', 'nor what is of another type');

-- Blocked, in either direction
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.posts where id in (select unnest(array[seen, bens]) from t) $$), 1::bigint, 'the blocked one reads his own only');
select is(tests.rows_changed($$ update social.posts set title = 'Mine' where id = (select seen from t) $$), 0::bigint, 'changes nothing');
select throws_ok($$ select social.delete_content('post', (select seen from t)) $$, 'PT404', 'content_not_found', 'and it is not there for him');
select throws_ok($$ select * from social.content_history('post', (select seen from t)) $$, 'PT404', 'content_not_found', 'nor its history');
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from social.posts where id in (select unnest(array[third, bens]) from t) $$), 1::bigint, 'who blocked does not read him either');
select tests.as_owner();
select is(tests.count_of($$ select * from social.posts where id in (select unnest(array[seen, bens]) from t) $$), 2::bigint, 'while both are there');

-- Suspended
select tests.as_user((select sue from who));
select is(tests.count_of($$ select * from social.posts where id in (select unnest(array[seen, sues]) from t) $$), 2::bigint, 'a suspended person reads');
select throws_ok($$ insert into social.posts (title, content) values ('x', 'y') $$, 'PT403', 'account_inactive', 'and writes nothing');
select throws_ok($$ select social.create_post('x', 'y') $$, 'PT403', 'account_inactive', 'by no RPC');
select is(tests.rows_changed($$ update social.posts set title = 'x' where id = (select sues from t) $$), 0::bigint, 'edits nothing');
select throws_ok($$ select social.delete_content('post', (select sues from t)) $$, 'PT403', 'account_inactive', 'deletes nothing');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values ((select sues from t), pg_temp.topic('pt-1')) $$, '42501', null, 'places no topics');
select lives_ok($$ select * from social.content_history('post', (select sues from t)) $$, 'but reads his history');

-- A token of nobody
select tests.become('authenticated', '{"sub": "00000000-0000-4000-8000-0000000005ff", "role": "authenticated"}');
select throws_ok($$ insert into social.posts (title, content) values ('x', 'y') $$, 'PT401', 'not_authenticated', 'a token of a deleted account writes nothing');

-- Topics
select tests.as_user((select ann from who));
select lives_ok($$ insert into social.post_topics (post_id, topic_id) select (select seen from t), id from topics where slug in ('pt-1', 'pt-2') $$, 'an author places topics');
select is(tests.count_of($$ select * from social.post_topics where post_id = (select seen from t) and published_at is not null $$), 2::bigint, 'with the time of the post');
select is(tests.rows_changed($$ insert into social.post_topics (post_id, topic_id) values ((select seen from t), pg_temp.topic('pt-1')) $$), 0::bigint, 'each once');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values ((select seen from t), pg_temp.topic('pt-12')) $$, 'PT422', 'unknown_topic', 'living ones');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values ((select seen from t), gen_random_uuid()) $$, 'PT422', 'unknown_topic', 'that are there');
select throws_ok(
  $$ insert into social.post_topics (post_id, topic_id) select (select seen from t), id from topics where slug <> 'pt-12' $$,
  'PT422', 'too_many_topics', 'ten at most'
);
select throws_ok($$ insert into social.post_topics (post_id, topic_id, published_at) values ((select seen from t), pg_temp.topic('pt-3'), now()) $$, '42501', null, 'the time is not his to set');
select is(tests.rows_changed($$ delete from social.post_topics where post_id = (select seen from t) and topic_id = pg_temp.topic('pt-2') $$), 1::bigint, 'takes one away');
update social.posts set is_published = false where id = (select seen from t);
select is((select published_at from social.post_topics where post_id = (select seen from t)), null, 'a draft is not among the topic''s newest');
select tests.as_anon();
select is(tests.count_of($$ select * from social.post_topics where post_id = (select seen from t) $$), 0::bigint, 'and a visitor does not see what it is about');
select tests.as_user((select ann from who));
update social.posts set is_published = true where id = (select seen from t);
select isnt((select published_at from social.post_topics where post_id = (select seen from t)), null, 'until it is published again');
select tests.as_anon();
select is(tests.count_of($$ select * from social.post_topics where post_id = (select seen from t) $$), 1::bigint, 'for visitors, too');
select tests.as_user((select kim from who));
select is(tests.count_of($$ select * from social.post_topics where post_id = (select seen from t) $$), 1::bigint, 'somebody else reads topics');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values ((select seen from t), pg_temp.topic('pt-5')) $$, '42501', null, 'and places none');
select is(tests.rows_changed($$ delete from social.post_topics where post_id = (select seen from t) $$), 0::bigint, 'or takes away');
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.post_topics where post_id = (select seen from t) $$), 0::bigint, 'whom the author blocked reads none');

-- In one go
select tests.as_user((select kim from who));
select is(
  (social.create_post('One go', 'Text', 'notes', '{pt-3,Topic 4,pt-3}', true, '00000000-0000-4000-8000-000000000502')).author_id,
  (select kim from who), 'a post with its topics'
);
select is(tests.count_of($$ select * from social.post_topics where post_id = '00000000-0000-4000-8000-000000000502' $$), 2::bigint, 'each of them once');
select is(
  (social.create_post('Other', 'Words', p_id => '00000000-0000-4000-8000-000000000502')).title, 'One go', 'a retry finds what is there'
);
select throws_ok($$ select social.create_post('x', 'y', p_id => (select seen from t)) $$, 'PT409', 'id_taken', 'an id of somebody else''s is refused');
select throws_ok($$ select social.create_post('x', 'y', null, '{pt-3,nonsense}') $$, 'PT422', 'unknown_topic', 'an unknown topic is refused');
select is(tests.count_of($$ select * from social.posts where author_id = (select kim from who) $$), 1::bigint, 'and with it the post');
select is((social.create_post('Later', 'Text', p_is_published => false)).published_at, null, 'a draft in one go');

-- Merged topics lead on
select tests.as_user((select warden from who));
select core.merge_topics(pg_temp.topic('pt-3'), pg_temp.topic('pt-4'));
select core.merge_topics(pg_temp.topic('pt-1'), pg_temp.topic('pt-4'));
select tests.as_user((select ann from who));
select set_eq($$ select topic_id from social.post_topics where post_id in ('00000000-0000-4000-8000-000000000502', (select seen from t)) $$, $$ select pg_temp.topic('pt-4') $$, 'posts go where their topic goes, once');
insert into social.post_topics (post_id, topic_id) values ((select third from t), pg_temp.topic('pt-1'));
select is((select topic_id from social.post_topics where post_id = (select third from t)), pg_temp.topic('pt-4'), 'the old topic is the new one for what comes later');

-- Allowances
select tests.as_user((select novice from who));
select lives_ok($$ insert into social.posts (title, content) select 'Nr. ' || n, 'Text' from generate_series(1, 5) as n $$, 'a new account writes a few posts');
select throws_ok($$ insert into social.posts (title, content) values ('x', 'y') $$, 'PT429', 'rate_limited', 'and no more for a while');

-- Removing
select tests.as_user((select ann from who));
select is(social.delete_content('post', (select third from t)), true, 'an author deletes');
select is(social.delete_content('post', (select third from t)), false, 'once');
select throws_ok($$ update social.posts set title = 'x', content = 'y' where id = (select third from t) $$, 'PT409', 'content_removed', 'what is deleted is not edited');
select throws_ok($$ insert into social.post_topics (post_id, topic_id) values ((select third from t), pg_temp.topic('pt-5')) $$, 'PT409', 'content_removed', 'or given topics');
select is((select content from social.content_history('post', (select third from t))), 'Of a test.', 'its author still knows what it said');
select tests.as_anon();
select results_eq($$ select title, content, deleted_at is not null from social.posts where id = (select third from t) $$, $$ values ('', '', true) $$, 'for all others an empty row stays');
select is((select published_at from social.post_topics where post_id = (select third from t)), null, 'that is not among the topic''s newest');
select tests.as_owner();
select private.social_remove('post', (select seen from t), 'hide', (select warden from who));
select results_eq($$ select title, content, hidden_at is not null from social.posts where id = (select seen from t) $$, $$ values ('', '', true) $$, 'a hidden post is empty');
select is(private.social_unhide('post', (select seen from t)), true, 'and is shown again');
select is((select title || content from social.posts where id = (select seen from t)), 'Well seenBetter.', 'as it was');
select tests.as_user((select warden from who));
select is(tests.count_of($$ select * from social.content_history('post', (select seen from t)) $$), 3::bigint, 'a moderator reads the history of anything');
select is(tests.rows_changed($$ update social.posts set title = 'x' where id = (select seen from t) $$), 0::bigint, 'and edits nobody''s posts');
select throws_ok($$ select social.delete_content('post', (select seen from t)) $$, 'PT403', 'not_author', 'or deletes them');

-- Of what others may have seen, and of what a moderator judged, a row is left
select tests.as_owner();
create temp table left_behind as select
  tests.make_post((select kim from who), true, 'Was out') as was_out,
  tests.make_post((select kim from who), false, 'Hidden draft') as hidden_draft;
grant select on left_behind to public;
update social.posts set is_published = false where id = (select was_out from left_behind);
select private.social_remove('post', (select hidden_draft from left_behind), 'hide', (select warden from who));
select tests.as_user((select kim from who));
select social.delete_content('post', was_out), social.delete_content('post', hidden_draft) from left_behind;
select tests.as_owner();
select is(
  (select count(*) from social.posts where deleted_at is not null and id in (select unnest(array[was_out, hidden_draft]) from left_behind)),
  2::bigint, 'what was published once, or was hidden, does not vanish when it is deleted'
);

-- The secret key
select tests.as_service();
select lives_ok($$ insert into social.posts (author_id, title, content, published_at) values ((select ben from who), 'Imported', 'Text', '2020-01-01') $$, 'the secret key imports');
select throws_ok($$ insert into social.posts (author_id, title, content) values ((select ben from who), 'x', '<b>y</b>') $$, 'PT422', 'markup_not_allowed', 'clean text only');
select throws_ok($$ update social.posts set author_id = (select kim from who) where id = (select seen from t) $$, 'PT409', 'content_not_movable', 'and gives nothing to another author');

-- The person goes
select tests.as_owner();
update social.posts set is_published = false where id = '00000000-0000-4000-8000-000000000501';
delete from auth.users where id = (select ann from who);
select is((select count(*) from social.posts where id = '00000000-0000-4000-8000-000000000501'), 0::bigint, 'drafts go with their author');
select is((select count(*) from social.contents where id = '00000000-0000-4000-8000-000000000501'), 0::bigint, 'out of the register, too');
select results_eq($$ select title, author_id from social.posts where id = (select seen from t) $$, $$ values ('Well seen', null::uuid) $$, 'what was published stays, without a name');
select is((select count(*) from social.content_versions where content_id in (select unnest(array[seen, third]) from t) and change <> 'hide'), 0::bigint, 'what it said before does not');
delete from social.categories where slug = 'notes';
select is((select count(*) from social.posts where id in ((select seen from t), '00000000-0000-4000-8000-000000000502') and category is null), 2::bigint, 'a category that goes leaves its posts');
delete from core.topics where slug in ('pt-1', 'pt-3');
delete from core.topics where slug = 'pt-4';
select is((select count(*) from social.posts where id = '00000000-0000-4000-8000-000000000502'), 1::bigint, 'and so does a topic');
select is_empty('select * from private.social_counters_counted where value <> counted', 'after all that every number is right');

select * from finish();
rollback;
