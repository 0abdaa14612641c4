-- Comments: under what one sees, replies in the same post, six levels, threads that stay whole.
begin;
select plan(99);

create temp table who as select
  tests.create_member('ann@test.local') as ann,
  tests.create_member('ben@test.local') as ben,
  tests.create_member('kim@test.local') as kim,
  tests.create_member('sue@test.local') as sue,
  tests.create_member('mod@test.local', '{moderator}') as warden,
  tests.create_user('new@test.local') as novice;
grant select on who to public;
create temp table t as select
  tests.make_post((select ann from who)) as post,
  tests.make_post((select ann from who)) as other,
  tests.make_post((select ann from who), false) as draft,
  tests.make_post((select kim from who)) as kims;
alter table t add column by_kim uuid, add column by_ben uuid, add column by_sue uuid, add column reply uuid, add column elsewhere uuid;
update t set
  by_kim = tests.make_comment((select kim from who), post),
  by_ben = tests.make_comment((select ben from who), post),
  by_sue = tests.make_comment((select sue from who), post),
  elsewhere = tests.make_comment((select kim from who), other);
update t set reply = tests.make_comment((select ann from who), post, by_ben, 'A reply.');
grant select on t to public;
update social.comments set created_at = now() - interval '1 hour' + case id when by_kim then 1 when by_ben then 2 when by_sue then 3 else 4 end * interval '1 minute' from t;
select tests.block((select kim from who), (select ben from who));
select tests.suspend((select sue from who));

-- Anonymous
select tests.as_anon();
select is(tests.count_of($$ select * from social.comments where post_id = (select post from t) $$), 4::bigint, 'a visitor reads comments');
select throws_ok($$ insert into social.comments (post_id, content) values ((select post from t), 'x') $$, '42501', null, 'and writes none');
select throws_ok($$ update social.comments set content = 'x' $$, '42501', null, 'changes none');
select throws_ok($$ delete from social.comments $$, '42501', null, 'deletes none');
select throws_ok($$ select * from social.comment_thread((select post from t)) $$, '42501', null, 'and has no RPC');

-- Somebody
select tests.as_user((select kim from who));
select lives_ok($$ insert into social.comments (id, post_id, content) values ('00000000-0000-4000-8000-000000000511', (select post from t), ' Well said. ') $$, 'anybody comments on what he sees');
select results_eq(
  $$ select author_id, content, depth from social.comments where id = '00000000-0000-4000-8000-000000000511' $$,
  $$ select kim, 'Well said.'::text, 0::smallint from who $$, 'in his own name'
);
select lives_ok($$ insert into social.comments (id, post_id, parent_id, content) values ('00000000-0000-4000-8000-000000000512', (select post from t), '00000000-0000-4000-8000-000000000511', 'More.') $$, 'and replies');
select is((select depth from social.comments where id = '00000000-0000-4000-8000-000000000512'), 1::smallint, 'one deeper');
select throws_ok($$ insert into social.comments (post_id, parent_id, depth, content) values ((select post from t), (select by_kim from t), 0, 'x') $$, '42501', null, 'how deep is not his to say');
select throws_ok($$ insert into social.comments (post_id, author_id, content) values ((select post from t), (select ann from who), 'x') $$, '42501', null, 'nor who he is');
select throws_ok($$ insert into social.comments (post_id, content) values ((select post from t), ' ') $$, 'PT422', 'text_required', 'a text is there');
select throws_ok($$ insert into social.comments (post_id, content) values ((select post from t), repeat('x', 10001)) $$, 'PT422', 'text_too_long', 'not endless');
select throws_ok($$ insert into social.comments (post_id, content) values ((select post from t), '<iframe src=x>') $$, 'PT422', 'markup_not_allowed', 'and plain');
select throws_ok($$ insert into social.comments (post_id, content) values (gen_random_uuid(), 'x') $$, 'PT404', 'content_not_found', 'not on what is not there');
select throws_ok($$ insert into social.comments (post_id, content) values ((select draft from t), 'x') $$, 'PT404', 'content_not_found', 'or on somebody''s draft');
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), (select elsewhere from t), 'x') $$, 'PT422', 'parent_elsewhere', 'a reply stays in its post');
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), gen_random_uuid(), 'x') $$, 'PT422', 'parent_elsewhere', 'and answers something');
select throws_ok($$ insert into social.comments (id, post_id, parent_id, content) values ('00000000-0000-4000-8000-000000000513', (select post from t), '00000000-0000-4000-8000-000000000513', 'x') $$, 'PT422', 'parent_elsewhere', 'other than itself');
select throws_ok($$ update social.comments set post_id = (select other from t) where id = (select by_kim from t) $$, '42501', null, 'nothing is moved to another post');
select throws_ok($$ update social.comments set parent_id = (select reply from t) where id = (select by_kim from t) $$, '42501', null, 'or to another parent');
select throws_ok($$ update social.comments set likes_count = 9 where id = (select by_kim from t) $$, '42501', null, 'or liked by hand');
select throws_ok($$ delete from social.comments where id = (select by_kim from t) $$, '42501', null, 'rows stay');
select is(tests.rows_changed($$ update social.comments set content = 'Better.' where id = (select by_kim from t) $$), 1::bigint, 'one''s own is edited');
select is((select edited_at from social.comments where id = (select by_kim from t)), now(), 'visibly');
select is(tests.rows_changed($$ update social.comments set content = 'Better. ' where id = (select by_kim from t) $$), 1::bigint, 'saying the same');
select results_eq($$ select content, change from social.content_history('comment', (select by_kim from t)) $$, $$ values ('A comment.', 'edit') $$, 'is no edit');
select is(tests.rows_changed($$ update social.comments set content = 'Mine' where id = (select reply from t) $$), 0::bigint, 'somebody else''s is not');
select throws_ok($$ select social.delete_content('comment', (select reply from t)) $$, 'PT403', 'not_author', 'nor deleted');
select throws_ok($$ select * from social.content_history('comment', (select reply from t)) $$, 'PT403', 'not_author', 'its history is not for him');

-- The author of a draft
select tests.as_user((select ann from who));
select throws_ok($$ insert into social.comments (post_id, content) values ((select draft from t), 'x') $$, 'PT409', 'post_not_published', 'nobody comments on a draft');

-- Six levels
select tests.as_owner();
create temp table deep as
with recursive d as (select by_kim as id, 0 as n from t)
select id, n from d;
do $$
declare
  v_id uuid := (select id from deep);
begin
  for i in 1..5 loop
    v_id := tests.make_comment((select ann from who), (select post from t), v_id, 'Deep.');
    insert into deep values (v_id, i);
  end loop;
end $$;
grant select on deep to public;
select is((select c.depth from social.comments as c join deep as d on d.id = c.id where d.n = 5), 5::smallint, 'six levels');
select tests.as_user((select kim from who));
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), (select id from deep where n = 5), 'x') $$, 'PT422', 'thread_too_deep', 'and no seventh');
select tests.as_service();
select throws_ok($$ insert into social.comments (author_id, post_id, parent_id, content) values ((select kim from who), (select post from t), (select id from deep where n = 5), 'x') $$, 'PT422', 'thread_too_deep', 'for nobody');
select throws_ok($$ update social.comments set post_id = (select other from t) where id = (select by_ben from t) $$, 'PT409', 'content_not_movable', 'the secret key moves nothing to another post');
select throws_ok($$ update social.comments set parent_id = null, depth = 0 where id = (select reply from t) $$, 'PT409', 'content_not_movable', 'or to another place');
select throws_ok($$ update social.comments set author_id = (select kim from who) where id = (select reply from t) $$, 'PT409', 'content_not_movable', 'or to another author');

-- Blocked, in either direction
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.comments where id in (select unnest(array[by_kim, by_ben]) from t) $$), 1::bigint, 'who is blocked does not read the other''s comments');
select throws_ok($$ insert into social.comments (post_id, content) values ((select kims from t), 'x') $$, 'PT404', 'content_not_found', 'does not comment on his posts');
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), (select by_kim from t), 'x') $$, 'PT404', 'content_not_found', 'does not reply to him elsewhere');
select throws_ok($$ select * from social.comment_thread((select kims from t)) $$, 'PT404', 'content_not_found', 'does not read his threads');
select tests.as_user((select kim from who));
select is(tests.count_of($$ select * from social.comments where id in (select unnest(array[by_kim, by_ben, reply]) from t) $$), 2::bigint, 'who blocked does not read the other either, but what others replied');
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), (select by_ben from t), 'x') $$, 'PT404', 'content_not_found', 'and does not reply to him');
select results_eq(
  $$ select content, author_id, author, is_removed from social.comment_thread((select post from t)) where id = (select by_ben from t) $$,
  $$ values ('', null::uuid, null::jsonb, true) $$, 'in the thread his place is empty'
);
select is((select content from social.comment_thread((select post from t)) where id = (select reply from t)), 'A reply.', 'and what hangs on it stays');
select tests.as_owner();
select is(tests.count_of($$ select * from social.comments where id in (select unnest(array[by_kim, by_ben, reply]) from t) and content <> '' $$), 3::bigint, 'while all are there');

-- Suspended
select tests.as_user((select sue from who));
select is(tests.count_of($$ select * from social.comments where id in (select unnest(array[by_kim, by_sue]) from t) $$), 2::bigint, 'a suspended person reads');
select lives_ok($$ select * from social.comment_thread((select post from t)) $$, 'threads, too');
select throws_ok($$ insert into social.comments (post_id, content) values ((select post from t), 'x') $$, 'PT403', 'account_inactive', 'and writes nothing');
select is(tests.rows_changed($$ update social.comments set content = 'x' where id = (select by_sue from t) $$), 0::bigint, 'edits nothing');
select throws_ok($$ select social.delete_content('comment', (select by_sue from t)) $$, 'PT403', 'account_inactive', 'deletes nothing');
select tests.become('authenticated', '{"sub": "00000000-0000-4000-8000-0000000005ff", "role": "authenticated"}');
select throws_ok($$ select * from social.comment_thread((select post from t)) $$, 'PT401', 'not_authenticated', 'a token of a deleted account reads no thread');

-- A new account
select tests.as_user((select novice from who));
select lives_ok($$ insert into social.comments (post_id, content) select (select kims from t), 'Nr. ' || n from generate_series(1, 15) as n $$, 'a new account comments');
select throws_ok($$ insert into social.comments (post_id, content) values ((select kims from t), 'x') $$, 'PT429', 'rate_limited', 'not without end');

-- Removing
select tests.as_owner();
select is((select comments_count from social.posts where id = (select post from t)), 11, 'comments are counted');
select is((select replies_count from social.comments where id = (select by_ben from t)), 1, 'and replies');
select tests.as_user((select ben from who));
select is(social.delete_content('comment', (select by_ben from t)), true, 'an author deletes his comment');
select is(social.delete_content('comment', (select by_ben from t)), false, 'once');
select throws_ok($$ update social.comments set content = 'x' where id = (select by_ben from t) $$, 'PT409', 'content_removed', 'and edits it no more');
select throws_ok($$ insert into social.comments (post_id, parent_id, content) values ((select post from t), (select by_ben from t), 'x') $$, 'PT409', 'content_removed', 'nobody replies to it');
select results_eq($$ select content, change from social.content_history('comment', (select by_ben from t)) $$, $$ values ('A comment.', 'delete') $$, 'he knows what it said');
select tests.as_anon();
select results_eq($$ select content, deleted_at is not null from social.comments where id = (select by_ben from t) $$, $$ values ('', true) $$, 'an empty row stays');
select is((select content from social.comments where id = (select reply from t)), 'A reply.', 'with its replies');
select tests.as_owner();
select is((select comments_count from social.posts where id = (select post from t)), 10, 'counted no longer');
select private.social_remove('comment', (select reply from t), 'hide', (select warden from who));
select is((select content from social.comments where id = (select reply from t)), '', 'a moderator hides');
select is((select replies_count from social.comments where id = (select by_ben from t)), 0, 'counted no longer');
select private.social_unhide('comment', (select reply from t));
select is((select content from social.comments where id = (select reply from t)), 'A reply.', 'and shows');
select is((select replies_count from social.comments where id = (select by_ben from t)), 1, 'counted again');
select is(private.social_unhide('comment', (select reply from t)), false, 'once');
select private.social_remove('comment', (select by_kim from t), 'hide', (select warden from who));
select tests.as_user((select kim from who));
select is(social.delete_content('comment', (select by_kim from t)), true, 'what was hidden may be deleted');
select tests.as_owner();
select private.social_unhide('comment', (select by_kim from t));
select is((select content from social.comments where id = (select by_kim from t)), '', 'and then is not shown again');
select throws_ok($$ select private.social_remove('comment', (select by_sue from t), 'edit', null) $$, 'P0001', null, 'there are two ways to remove');
select throws_ok($$ select private.social_remove('comment', gen_random_uuid(), 'hide', null) $$, 'PT404', 'content_not_found', 'of what is there');
select tests.as_user((select kim from who));
select throws_ok($$ select private.social_remove('comment', (select by_sue from t), 'hide', null) $$, '42501', null, 'and clients call neither');
select throws_ok($$ select private.social_unhide('comment', (select reply from t)) $$, '42501', null, 'nor showing');
select tests.as_user((select ann from who));
select social.delete_content('post', (select other from t));
select throws_ok($$ insert into social.comments (post_id, content) values ((select other from t), 'x') $$, 'PT409', 'content_removed', 'nobody comments on what was removed');
select is(tests.count_of($$ select * from social.comments where id = (select elsewhere from t) and content <> '' $$), 1::bigint, 'what was said there stays');

-- The thread, page by page
create temp table thread as select * from social.comment_thread((select post from t)) with ordinality;
select results_eq(
  $$ select id from thread where ordinality <= 8 order by ordinality $$,
  $$ select id from (select id, n from deep union all select unnest(array[by_ben, reply]), unnest(array[6, 7]) from t) as x order by n $$,
  'reading order: each comment, then its replies, the oldest first'
);
create temp table pages as
with recursive pages as (
  select 1 as page, array(select id from social.comment_thread((select post from t), 3)) as ids
  union all
  select page + 1, array(select id from social.comment_thread((select post from t), 3, ids[cardinality(ids)]::text))
  from pages where cardinality(ids) = 3
)
select p.page, u.place, u.id from pages as p cross join unnest(p.ids) with ordinality as u (id, place);
select results_eq('select id from pages order by page, place', 'select id from thread order by ordinality', 'in pages as in one');
select is((select cursor from thread where ordinality = 4), (select id::text from thread where ordinality = 4), 'each row has its cursor');
select throws_ok($$ select * from social.comment_thread((select post from t), 3, 'x') $$, 'PT400', 'cursor_invalid', 'a cursor is one');
select throws_ok($$ select * from social.comment_thread((select post from t), 3, (select elsewhere::text from t)) $$, 'PT400', 'cursor_invalid', 'of this thread');
select throws_ok($$ select * from social.comment_thread(gen_random_uuid()) $$, 'PT404', 'content_not_found', 'of a post that is there');
select is(tests.count_of($$ select * from social.comment_thread((select post from t), -5) $$), 1::bigint, 'a page has one row at least');
select is((select author ->> 'username' from thread where id = '00000000-0000-4000-8000-000000000511'), (select username::text from core.profiles where id = (select kim from who)), 'with the author''s name');

select tests.as_user((select kim from who));
select results_eq($$ select author_id, author, content from social.comment_thread((select post from t)) where id = (select by_sue from t) $$, $$ select who.sue, null::jsonb, 'A comment.'::text from who $$, 'of who is suspended the words are there, and no name, as in profiles');
select tests.as_user((select sue from who));
select is((select author ->> 'id' from social.comment_thread((select post from t)) where id = (select by_sue from t)), (select sue::text from who), 'but he sees his own');
select tests.as_user((select ann from who));

-- Unpublished
update social.posts set is_published = false where id = (select post from t);
select isnt(tests.count_of($$ select * from social.comments where post_id = (select post from t) $$), 0::bigint, 'the author of a post reads on under what he withdrew');
select tests.as_user((select kim from who));
select results_eq($$ select distinct author_id from social.comments where post_id = (select post from t) $$, $$ select kim from who $$, 'a commenter reads his own');
select throws_ok($$ select * from social.comment_thread((select post from t)) $$, 'PT404', 'content_not_found', 'but no thread');
select throws_ok($$ select social.vote('comment', (select reply from t), 'upvote') $$, 'PT404', 'content_not_found', 'and votes on nothing there');
select throws_ok($$ select social.react('comment', (select reply from t), 'helpful') $$, 'PT404', 'content_not_found', 'nor reacts');
select is(social.delete_content('comment', '00000000-0000-4000-8000-000000000511'), true, 'and deletes his own');
select tests.as_anon();
select is(tests.count_of($$ select * from social.comments where post_id = (select post from t) $$), 0::bigint, 'visitors read none');

-- The person goes
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select count(*) from social.posts where id = (select post from t)), 0::bigint, 'a withdrawn post goes with its author, and all under it');
delete from auth.users where id = (select novice from who);
select is((select count(*) from social.comments where post_id = (select kims from t) and author_id is null and content <> ''), 15::bigint, 'comments stay without a name');
select tests.as_user((select kim from who));
select is((select count(*) from social.comment_thread((select kims from t)) where author is null and not is_removed), 15::bigint, 'in threads, too');

select tests.as_owner();
select is_empty('select * from private.social_counters_counted where value <> counted', 'after all that every number is right');
delete from social.comments where post_id = (select kims from t) and author_id is null;
select is((select comments_count from social.posts where id = (select kims from t)), 0, 'and comments that vanish are counted no longer');

select * from finish();
rollback;
