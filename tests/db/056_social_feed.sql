-- The feed: what comes in, what goes out, in which order, page by page; authors with very many followers; trending.
begin;
select plan(77);

create temp table who as select
  tests.create_user('e-ann@test.local', '{}', '{"username": "e_ann", "full_name": "Ann"}') as ann,
  tests.create_user('e-bob@test.local', '{}', '{"username": "e_bob"}') as bob,
  tests.create_user('e-cleo@test.local', '{}', '{"username": "e_cleo"}') as cleo,
  tests.create_user('e-dan@test.local', '{}', '{"username": "e_dan"}') as dan,
  tests.create_user('e-eve@test.local', '{}', '{"username": "e_eve"}') as eve;
grant select on who to public;
update core.profiles set created_at = now() - interval '30 days';

-- A post so many minutes old, as its author's client would have written it then.
create function pg_temp.post(p_author uuid, p_title text, p_minutes integer, p_topic text default null) returns uuid
language plpgsql security definer as $$
declare
  v_id uuid;
begin
  insert into social.posts (author_id, title, content, is_published, published_at)
  values (p_author, p_title, 'Text of ' || p_title, p_minutes is not null, now() - make_interval(mins => p_minutes))
  returning id into v_id;
  update social.posts as p set published_at = now() - make_interval(mins => p_minutes)
  where p.id = v_id and p.published_at is distinct from now() - make_interval(mins => p_minutes);
  if p_topic is not null then
    insert into social.post_topics (post_id, topic_id) values (v_id, private.topic_by_slug(p_topic));
    update social.post_topics as t set published_at = p.published_at from social.posts as p
    where p.id = v_id and t.post_id = v_id and t.published_at is distinct from p.published_at;
  end if;
  return v_id;
end;
$$;
create function pg_temp.titles(p_cursor text default null, p_limit integer default 20) returns text language sql as $$
  select string_agg(f.title, ' ' order by f.place)
  from social.feed(p_limit, p_cursor) with ordinality as f (
    id, title, excerpt, is_shortened, category, published_at, edited_at, author_id, author, topics, likes_count, dislikes_count,
    votes_count, comments_count, my_vote, is_bookmarked, reason, more_from_author, cursor, place
  );
$$;
create function pg_temp.last_cursor(p_cursor text default null, p_limit integer default 20) returns text language sql as $$
  select (array_agg(f.cursor order by f.published_at, f.id))[1] from social.feed(p_limit, p_cursor) as f;
$$;
create function pg_temp.id_of(p_title text) returns uuid language sql security definer as $$ select id from social.posts where title = p_title; $$;
grant execute on function pg_temp.titles(text, integer), pg_temp.last_cursor(text, integer), pg_temp.id_of(text) to public;

-- Who may not
select tests.as_anon();
select throws_ok('select * from social.feed()', '42501', null, 'a visitor has no feed');
select throws_ok('select * from social.trending()', '42501', null, 'nor trending');
select throws_ok('select * from social.feed_entries', '42501', null, 'nor the table');
select throws_ok('select * from social.trending_ranks', '42501', null, 'nor the rankings');
select tests.as_user((select ann from who));
select throws_ok('select * from social.feed_entries', '42501', null, 'the table is not for people');
select throws_ok($$ insert into social.feed_entries (user_id, published_at, post_id, author_id) select ann, now(), gen_random_uuid(), bob from who $$,
  '42501', null, 'nobody writes into feeds');
select throws_ok('delete from social.feed_entries', '42501', null, 'or takes out');
select throws_ok('select * from social.trending_ranks', '42501', null, 'the rankings neither');
select throws_ok($$ select social.fan_out_post(gen_random_uuid(), null, null, null) $$, '42501', null, 'the job is the worker''s');
select throws_ok($$ select private.social_refresh_trending() $$, '42501', null, 'the task is the clock''s');
select throws_ok($$ select * from private.social_feed_candidates((select bob from who), '{}', '{}', '{}', 'infinity', gen_random_uuid(), 10) $$, '42501', null, 'nobody reads another''s feed');
select throws_ok($$ select * from private.social_post_cards('{}', null) $$, '42501', null, 'or any card');
select is(tests.count_of('select * from social.feed()'), 0::bigint, 'a new feed is empty');
select tests.become('authenticated', '{"role": "authenticated"}');
select throws_ok('select * from social.feed()', 'PT401', 'not_authenticated', 'nobody without an account');
select throws_ok('select * from social.trending()', 'PT401', 'not_authenticated', 'nor trending');

-- In and out
select tests.as_owner();
insert into social.followers (follower_id, following_id) select ann, bob from who union all select ann, cleo from who union all select dan, bob from who;
select pg_temp.post(bob, 'b1', 50) from who;
select pg_temp.post(cleo, 'c1', 40) from who;
select pg_temp.post(bob, 'draft', null) from who;
select pg_temp.post(eve, 'e1', 30) from who;
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'c1 b1', 'published posts of the followed, newest first');
select results_eq($$ select author ->> 'username', reason, more_from_author, excerpt, is_shortened from social.feed(1) $$,
  $$ values ('e_cleo', 'person', 0, 'Text of c1', false) $$, 'with author and reason');
select tests.as_user((select dan from who));
select is(pg_temp.titles(), 'b1', 'each has his own');
select tests.as_user((select bob from who));
select is(pg_temp.titles(), null, 'one''s own posts are no news');
select tests.as_owner();
update social.posts set is_published = true, published_at = now() - interval '20 minutes' where title = 'draft';
update social.posts set published_at = now() - interval '20 minutes' where title = 'draft';
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'draft c1 b1', 'a draft that is published comes in');
select tests.as_owner();
update social.posts set is_published = false where title = 'draft';
select is((select count(*) from social.feed_entries where post_id = pg_temp.id_of('draft')), 0::bigint, 'unpublished, it goes out');
update social.posts set title = '', content = '', hidden_at = now() where id = pg_temp.id_of('c1');
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'b1', 'what a moderator hides goes out');
select tests.as_owner();
update social.posts set title = 'c1', content = 'Text', hidden_at = null where author_id = (select cleo from who);
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'c1 b1', 'and comes back at its place');
select tests.as_owner();
select lives_ok($$ update social.posts set content = 'Longer ' || repeat('x', 2000) where title = 'c1' $$, 'an edit');
select is((select count(*) from social.feed_entries where post_id = pg_temp.id_of('c1')), 1::bigint, 'is no second entry');
select tests.as_user((select ann from who));
select results_eq($$ select length(excerpt), is_shortened from social.feed(1) $$, 'values (1000, true)', 'long texts are shortened');

-- Following and unfollowing
select tests.as_owner();
update core.settings set value = '2' where key = 'social.feed_backfill';
select pg_temp.post(eve, 'e2', 25) from who;
select pg_temp.post(eve, 'e3', 24) from who;
select tests.as_user((select ann from who));
insert into social.followers (following_id) select eve from who;
select is(pg_temp.titles(), 'e3 e2 c1 b1', 'following brings the newest posts');
delete from social.followers where following_id = (select eve from who);
select is(pg_temp.titles(), 'c1 b1', 'unfollowing takes them out');
select tests.as_owner();
select is((select count(*) from social.feed_entries where user_id = (select ann from who)), 2::bigint, 'from the table, too');
insert into social.feed_entries (user_id, published_at, post_id, author_id) select ann, p.published_at, p.id, eve from who, social.posts p where p.title = 'e3';
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'c1 b1', 'an entry that came in while one unfollowed is not shown');
insert into core.blocks (blocker_id, blocked_id) select ann, cleo from who;
select is(pg_temp.titles(), 'b1', 'nor is who is blocked');
select tests.as_owner();
select is((select count(*) from social.feed_entries where user_id = (select ann from who) and author_id = (select cleo from who)), 0::bigint, 'his posts are out');
delete from core.blocks;
insert into social.followers (follower_id, following_id) select ann, cleo from who;

-- Votes and bookmarks of one's own
insert into social.votes (user_id, votable_type, votable_id, vote_type) select ann, 'post', pg_temp.id_of('b1'), 'upvote' from who;
insert into social.bookmarks (user_id, content_type, content_id) select ann, 'post', pg_temp.id_of('b1') from who;
select tests.as_user((select ann from who));
select results_eq($$ select title, my_vote, is_bookmarked from social.feed() $$,
  $$ values ('c1', null, false), ('b1', 'upvote', true) $$, 'one sees one''s own vote and bookmark');
select tests.as_user((select dan from who));
select results_eq($$ select title, my_vote, is_bookmarked from social.feed() $$, $$ values ('b1', null::text, false) $$, 'and nobody else''s');

-- Pages, and somebody who writes too much
select tests.as_owner();
select pg_temp.post(bob, 'b' || n, 20 - n) from who, generate_series(2, 7) as n;
select tests.as_user((select ann from who));
select is(pg_temp.titles(), 'b7 b6 b5 c1', 'three of one author on a page');
select results_eq($$ select title, more_from_author from social.feed() $$,
  $$ values ('b7', 0), ('b6', 0), ('b5', 4), ('c1', 0) $$, 'the others are counted at his last');
select is(tests.count_of($$ select * from social.feed(20, pg_temp.last_cursor()) $$), 0::bigint, 'and belong to this page');
select is(pg_temp.titles(null, 3), 'b7 b6 b5', 'a page that is full ends there');
select is(pg_temp.titles(pg_temp.last_cursor(null, 3), 3), 'b4 b3 b2', 'the next one goes on');
select is(pg_temp.titles(pg_temp.last_cursor(pg_temp.last_cursor(null, 3), 3), 3), 'c1 b1', 'to the end');
select results_eq($$ select title from social.author_posts('e_bob', 4, (select cursor from social.author_posts('e_bob', 3) offset 2)) $$,
  $$ values ('b4'), ('b3'), ('b2'), ('b1') $$, 'all of his are on his page');
select is(jsonb_array_length((select recent_posts from social.profile_page('e_bob'))), 5, 'the five newest on his profile');
select throws_ok($$ select * from social.feed(20, 'x') $$, 'PT400', 'cursor_invalid', 'a cursor is one');
select tests.as_owner();
select pg_temp.post(bob, 'flood' || n, 0) from who, generate_series(1, 60) as n;
select tests.as_user((select ann from who));
select results_eq($$ select left(title, 5), more_from_author from social.feed(10) $$,
  $$ values ('flood', 0), ('flood', 0), ('flood', 64), ('c1', 0) $$, 'a flood does not bury the others');
select tests.as_owner();
delete from social.posts where title like 'flood%';

-- Topics
insert into core.topics (slug, name) values ('et-root', 'Root'), ('et-other', 'Other');
insert into core.topics (slug, name, parent_id) select 'et-leaf', 'Leaf', id from core.topics where slug = 'et-root';
select pg_temp.post(eve, 'leaf', 10, 'et-leaf') from who;
select pg_temp.post(bob, 'both', 9, 'et-root') from who;
select pg_temp.post(eve, 'other', 8, 'et-other') from who;
select pg_temp.post(ann, 'mine', 7, 'et-root') from who;
select tests.as_user((select ann from who));
insert into social.topic_followers (topic_id) select id from core.topics where slug = 'et-root';
select results_eq($$ select title, reason, topics -> 0 ->> 'slug' from social.feed(2) $$,
  $$ values ('both', 'person', 'et-root'), ('leaf', 'topic', 'et-leaf') $$, 'a topic brings the posts below it; a person counts more; once each');
insert into core.blocks (blocker_id, blocked_id) select ann, eve from who;
select is(tests.count_of($$ select * from social.feed() where title = 'leaf' $$), 0::bigint, 'not of who is blocked');
delete from core.blocks;
select tests.as_owner();
delete from auth.users where id = (select eve from who);
select tests.as_user((select ann from who));
select results_eq($$ select title, author from social.feed() where reason = 'topic' $$, $$ values ('leaf', null::jsonb) $$, 'whose author is gone stays, without him');

-- Many followers: a job
select tests.as_owner();
update core.settings set value = '1' where key in ('social.feed_write_at_once', 'social.feed_chunk');
delete from ops.queue_items;
select pg_temp.post(bob, 'big', 6) from who;
select is((select count(*) from social.feed_entries where post_id = pg_temp.id_of('big')), 0::bigint, 'above the limit nothing is written at once');
select is((select count(*) from ops.queue_items where job_type = 'social.fan_out_post' and resource_id = pg_temp.id_of('big')) > 0, true, 'a job is');
create temp table job as select q.* from core.claim_jobs('test', 1, 'default', '{social.fan_out_post}') as q;
grant select on job to public;
select tests.as_service();
select throws_ok($$ select social.fan_out_post(pg_temp.id_of('big'), null, id, lease_token + 1) from job $$, 'PT409', 'lease_lost', 'who does not hold it does not write');
select throws_ok($$ select social.fan_out_post(pg_temp.id_of('b1'), null, id, lease_token) from job $$, 'PT409', 'lease_lost', 'nor another post');
create temp table portion as select social.fan_out_post(pg_temp.id_of('big'), null, id, lease_token) as one from job;
select is((select (one ->> 'written')::integer from portion), 1, 'the first portion');
select is((select (social.fan_out_post(pg_temp.id_of('big'), one ->> 'next', id, lease_token) ->> 'written')::integer from job, portion), 1, 'the second');
select is((select social.fan_out_post(pg_temp.id_of('big'), null, id, lease_token) ->> 'written' from job), '1', 'begun again');
select tests.as_owner();
select is((select count(*) from social.feed_entries where post_id = pg_temp.id_of('big')), 2::bigint, 'each follower has it once');

-- Too many followers
update core.settings set value = '1' where key = 'social.feed_write_at_most';
select private.social_fan_out_post(pg_temp.id_of('big'), null, null, null);
select pg_temp.post(bob, 'huge', 5) from who;
select is((select count(*) from social.feed_entries where post_id = pg_temp.id_of('huge')), 0::bigint, 'nothing is written for the many');
select tests.as_user((select dan from who));
select is(pg_temp.titles(null, 2), 'huge big', 'they read it all the same');
select is(pg_temp.titles(pg_temp.last_cursor(null, 3), 3), 'b7 b6 b5', 'page by page');
select tests.as_user((select cleo from who));
insert into social.followers (following_id) select bob from who;
select is(pg_temp.titles(null, 1), 'huge', 'a new follower, too');

-- Trending
select tests.as_owner();
delete from social.posts;
select pg_temp.post(bob, 'old', 60 * 24 * 3, 'et-leaf') from who;
select pg_temp.post(bob, 'good', 60, 'et-root') from who;
select pg_temp.post(cleo, 'bad', 1) from who;
select pg_temp.post(cleo, 'fresh', 2) from who;
update social.posts set likes_count = 100 where title in ('old', 'good');
update social.posts set dislikes_count = 20 where title = 'bad';
select tests.as_user((select ann from who));
select is(tests.count_of('select * from social.trending()'), 0::bigint, 'before the first ranking there is none');
select tests.as_owner();
select is(private.social_refresh_trending(), '4 posts, 0 questions', 'the task ranks');
select tests.as_user((select ann from who));
select results_eq('select title from social.trending()', $$ values ('good'), ('fresh'), ('bad'), ('old') $$, 'points and freshness count, three days are too old');
create temp table first_page as select cursor, row_number() over () as n from social.trending('post', null, 2);
select tests.as_owner();
update social.posts set likes_count = 100000 where title = 'bad';
update core.settings set value = value || '{"reply_weight": 1}' where key = 'social.trending';
select private.social_refresh_trending();
select tests.as_user((select ann from who));
select is((select title from social.trending('post', null, 1)), 'bad', 'a new ranking begins with what moved up');
select results_eq($$ select title from social.trending('post', null, 5, (select cursor from first_page where n = 2)) $$,
  $$ values ('bad'), ('old') $$, 'who was reading reads on where he was: nothing twice, nothing missed');
select results_eq($$ select title from social.trending('post', 'et-root') $$, $$ values ('good'), ('old') $$, 'one topic, with what is below it');
select throws_ok($$ select * from social.trending('post', 'no-such') $$, 'PT404', 'topic_not_found', 'a topic that is there');
select throws_ok($$ select * from social.trending('comment') $$, 'PT422', 'kind_invalid', 'posts and questions only');
select throws_ok($$ select * from social.trending('post', null, 5, '1:x') $$, 'PT400', 'cursor_invalid', 'a cursor is one');
select throws_ok($$ select * from social.trending('post', null, 5, '1:1') $$, 'PT409', 'cursor_expired', 'of a ranking that is still there');
insert into core.blocks (blocker_id, blocked_id) select ann, cleo from who;
select is(tests.count_of('select * from social.trending()'), 2::bigint, 'not what the blocked wrote');
select tests.as_owner();
delete from core.blocks;
update social.posts set title = '', content = '', deleted_at = now() where title = 'bad';
insert into social.questions (author_id, title, content) select bob, 'Why?', 'Because of what?' from who;
select private.social_refresh_trending();
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from social.trending() where votes_count > 1000 $$), 0::bigint, 'nor what was taken away');
select results_eq($$ select title, status, replies_count, author ->> 'username' from social.trending('question') $$,
  $$ values ('Why?', 'open', 0, 'e_bob') $$, 'questions trend as well');
insert into core.blocks (blocker_id, blocked_id) select ann, bob from who;
select is(tests.count_of($$ select * from social.trending('question') $$), 0::bigint, 'not what the blocked asked');
delete from core.blocks;
select tests.as_owner();
update social.questions set title = '', content = '', deleted_at = now();
update social.posts set is_published = false where title = 'fresh';
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from social.trending('question') $$), 0::bigint, 'what is taken away leaves a ranking that there is already');
select results_eq('select title from social.trending()', $$ values ('good'), ('old') $$, 'and so does what its author withdrew');
select tests.as_owner();
update social.posts set comments_count = 1000000000 where title = 'old';
update social.trending_ranks set taken_at = taken_at - interval '21 minutes';
select private.social_refresh_trending();
select is((select count(distinct taken_at) from social.trending_ranks), 1::bigint, 'rankings go after a while');
select tests.as_user((select ann from who));
select is((select title from social.trending('post', null, 1)), 'old', 'replies count');

select * from finish();
rollback;
