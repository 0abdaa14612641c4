-- Follows: one's own, of people who want it, in numbers that stay right; topics through merges; lists and profile pages.
begin;
select plan(92);

create temp table who as select
  tests.create_user('f-ann@test.local', '{}', '{"username": "f_ann", "full_name": "Ann Follows"}') as ann,
  tests.create_user('f-bob@test.local', '{}', '{"username": "f_bob", "full_name": "Bob"}') as bob,
  tests.create_user('f-cleo@test.local', '{}', '{"username": "f_cleo", "full_name": "Cleo"}') as cleo,
  tests.create_user('f-dan@test.local', '{}', '{"username": "f_dan", "full_name": "Dan"}') as dan,
  tests.create_user('f-admin@test.local', '{admin}') as boss;
grant select on who to public;
update core.profiles set created_at = now() - interval '30 days';

create function pg_temp.number_of(p_user_id uuid, p_counter text) returns bigint language plpgsql security definer as $$
declare
  v_value bigint;
begin
  execute format('select coalesce((select %I from social.profile_stats where user_id = $1), 0)', p_counter) into v_value using p_user_id;
  return v_value + coalesce((
    select sum(d.delta) from social.counter_deltas d where d.kind = 'profile' and d.entity_id = p_user_id and d.counter = p_counter
  ), 0);
end;
$$;

-- Visitors
select tests.as_anon();
select throws_ok('select * from social.followers', '42501', null, 'a visitor sees no follows');
select throws_ok('select * from social.topic_followers', '42501', null, 'nor followed topics');
select throws_ok($$ insert into social.followers (follower_id, following_id) select ann, bob from who $$, '42501', null, 'follows nobody');
select throws_ok($$ insert into social.topic_followers (user_id, topic_id) select ann, gen_random_uuid() from who $$, '42501', null, 'and no topic');
select throws_ok('delete from social.followers', '42501', null, 'and ends no follow');
select throws_ok($$ select * from social.profile_page('f_bob') $$, '42501', null, 'profile pages are for people with an account');
select throws_ok($$ select * from social.follower_list('f_bob') $$, '42501', null, 'so are followers');
select throws_ok($$ select * from social.following_list('f_bob') $$, '42501', null, 'and the followed');
select throws_ok($$ select * from social.author_posts('f_bob') $$, '42501', null, 'and posts by author');

-- Following
select tests.as_user((select ann from who));
select lives_ok($$ insert into social.followers (following_id) select bob from who $$, 'one follows somebody; the follower is oneself by default');
select throws_ok($$ insert into social.followers (following_id) select bob from who $$, '23505', null, 'once');
select lives_ok($$ insert into social.followers (following_id) select bob from who on conflict do nothing $$, 'doing it again changes nothing when asked so');
select lives_ok($$ insert into social.followers (follower_id, following_id) select ann, cleo from who $$, 'naming oneself is allowed');
select throws_ok($$ insert into social.followers (following_id) select ann from who $$, 'PT422', 'follow_self', 'not oneself');
select throws_ok($$ insert into social.followers (following_id) values (gen_random_uuid()) $$, 'PT404', 'profile_not_found', 'not nobody');
select throws_ok($$ insert into social.followers (follower_id, following_id) select bob, cleo from who $$, '42501', null, 'not in another''s name');
select throws_ok($$ insert into social.followers (following_id, created_at) select dan, now() from who $$, '42501', null, 'the time is not the client''s');
select throws_ok($$ insert into social.followers (following_id, is_pulled) select dan, true from who $$, '42501', null, 'nor how it is served');
select throws_ok($$ update social.followers set following_id = (select dan from who) $$, '42501', null, 'a follow is not changed into another');
select is(tests.count_of('select * from social.followers where follower_id = (select ann from who)'), 2::bigint, 'both are there');
select tests.as_owner();
select is(pg_temp.number_of((select bob from who), 'followers_count'), 1::bigint, 'Bob has a follower');
select is(pg_temp.number_of((select ann from who), 'following_count'), 2::bigint, 'Ann follows two');
select is(pg_temp.number_of((select ann from who), 'followers_count'), 0::bigint, 'and has none');

-- Others
select tests.as_user((select dan from who));
select is(tests.count_of('select * from social.followers where follower_id = (select ann from who)'), 2::bigint, 'whoever is signed in sees who follows whom');
select is(tests.rows_changed('delete from social.followers where follower_id = (select ann from who)'), 0::bigint, 'and ends no follow of others');
select tests.as_user((select bob from who));
select is(tests.rows_changed('delete from social.followers where following_id = (select bob from who)'), 0::bigint, 'not even one of himself');
select lives_ok($$ insert into social.followers (following_id) select ann from who $$, 'following goes both ways');

-- Profile pages
select tests.as_user((select ann from who));
select results_eq(
  $$ select username, full_name, followers_count, following_count, is_me, i_follow, follows_me from social.profile_page('F_BOB') $$,
  $$ values ('f_bob', 'Bob', 1, 1, false, true, true) $$, 'a profile page, however the name is spelt'
);
select results_eq($$ select is_me, i_follow, followers_count from social.profile_page('f_ann') $$, $$ values (true, false, 1) $$, 'one''s own');
select is((select recent_posts from social.profile_page('f_bob')), '[]'::jsonb, 'without posts so far');
select throws_ok($$ select * from social.profile_page('f_nobody') $$, 'PT404', 'profile_not_found', 'unknown');
select throws_ok('select * from social.profile_page(null)', 'PT404', 'profile_not_found', 'none');
select throws_ok($$ select * from social.profile_page(repeat('x', 100000)) $$, 'PT404', 'profile_not_found', 'endless');
select throws_ok($$ select * from social.follower_list('f_nobody') $$, 'PT404', 'profile_not_found', 'no followers of nobody');
select throws_ok($$ select * from social.following_list('f_nobody') $$, 'PT404', 'profile_not_found', 'nor followed');
select throws_ok($$ select * from social.author_posts('f_nobody') $$, 'PT404', 'profile_not_found', 'nor posts');
select throws_ok($$ select * from social.follower_list('f_bob', 10, 'nonsense') $$, 'PT400', 'cursor_invalid', 'a cursor is one');
select throws_ok($$ select * from social.follower_list('f_bob', 10, '12:x') $$, 'PT400', 'cursor_invalid', 'in both halves');
select throws_ok($$ select private.social_find_person('f_bob', gen_random_uuid()) $$, '42501', null, 'the helper is not for clients');

-- Lists, page by page
select tests.as_owner();
update social.followers set created_at = now() - interval '1 hour' where follower_id = (select ann from who) and following_id = (select cleo from who);
select tests.as_user((select dan from who));
select results_eq($$ select username, i_follow, follows_me from social.following_list('f_ann') $$,
  $$ values ('f_bob', false, false), ('f_cleo', false, false) $$, 'newest follow first');
select results_eq(
  $$ select username from social.following_list('f_ann', 1, (select cursor from social.following_list('f_ann', 1))) $$,
  $$ values ('f_cleo') $$, 'the next page goes on where the first ended'
);
select is(tests.count_of($$ select * from social.following_list('f_ann', 5, (select cursor from social.following_list('f_ann', 5) offset 1)) $$), 0::bigint, 'and then it ends');
select results_eq($$ select username from social.follower_list('f_bob') $$, $$ values ('f_ann') $$, 'followers');
select is(tests.count_of($$ select * from social.following_list('f_ann', -5) $$), 1::bigint, 'a page has one row at least');

-- Blocks
select tests.as_user((select bob from who));
insert into core.blocks (blocker_id, blocked_id) select bob, ann from who;
select is(tests.count_of('select * from social.followers'), 0::bigint, 'whom one blocks is not seen among follows');
select tests.as_user((select dan from who));
select is(tests.count_of('select * from social.followers'), 1::bigint, 'the block ended following in both directions');
select tests.as_owner();
select is(pg_temp.number_of((select bob from who), 'followers_count') + pg_temp.number_of((select bob from who), 'following_count'), 0::bigint, 'and Bob''s numbers know');
select is(pg_temp.number_of((select ann from who), 'followers_count'), 0::bigint, 'so do Ann''s');
select tests.as_user((select ann from who));
select throws_ok($$ insert into social.followers (following_id) select bob from who $$, 'PT404', 'profile_not_found', 'who is blocked follows no more');
select throws_ok($$ select * from social.profile_page('f_bob') $$, 'PT404', 'profile_not_found', 'and finds nobody');
select throws_ok($$ select * from social.follower_list('f_bob') $$, 'PT404', 'profile_not_found', 'no list');
select throws_ok($$ select * from social.author_posts('f_bob') $$, 'PT404', 'profile_not_found', 'no posts');
select tests.as_user((select bob from who));
select throws_ok($$ insert into social.followers (following_id) select ann from who $$, 'PT404', 'profile_not_found', 'nor follows who blocked');
select throws_ok($$ select * from social.profile_page('f_ann') $$, 'PT404', 'profile_not_found', 'with the same answer');
select tests.as_owner();
select throws_ok($$ insert into social.followers (follower_id, following_id) select ann, bob from who $$, 'PT404', 'profile_not_found', 'not even the service gets past a block');
insert into social.followers (follower_id, following_id) select bob, cleo from who union all select dan, bob from who;
select tests.as_user((select ann from who));
select results_eq($$ select username from social.follower_list('f_cleo') $$, $$ values ('f_ann') $$, 'lists leave out the blocked');
select is(tests.count_of($$ select * from social.following_list('f_dan') $$), 0::bigint, 'whom others follow, too');
select tests.as_user((select dan from who));
select is(tests.count_of($$ select * from social.following_list('f_dan') $$), 1::bigint, 'others see that one');
select is(tests.count_of($$ select * from social.follower_list('f_cleo') $$), 2::bigint, 'others see both');

-- Suspended people
select tests.as_owner();
update core.profiles set is_active = false where id = (select dan from who);
select tests.as_user((select dan from who));
select throws_ok($$ insert into social.followers (following_id) select cleo from who $$, 'PT403', 'account_inactive', 'a suspended person follows nobody');
select throws_ok($$ insert into social.topic_followers (topic_id) values (gen_random_uuid()) $$, 'PT403', 'account_inactive', 'and no topic');
select is(tests.count_of($$ select * from social.profile_page('f_cleo') $$), 1::bigint, 'but reads');
select is(tests.count_of($$ select * from social.profile_page('f_dan') $$), 1::bigint, 'and sees his own page');
select tests.as_user((select ann from who));
select throws_ok($$ insert into social.followers (following_id) select dan from who $$, 'PT404', 'profile_not_found', 'nobody follows him');
select throws_ok($$ select * from social.profile_page('f_dan') $$, 'PT404', 'profile_not_found', 'or sees his page');
select tests.as_owner();
update core.profiles set is_active = false where id = (select bob from who);
select tests.as_user((select bob from who));
select is(tests.rows_changed('delete from social.followers where follower_id = (select bob from who)'), 0::bigint, 'nor does a suspended person unfollow');
select tests.as_owner();
update core.profiles set is_active = true where id in (select bob from who union select dan from who);

-- How many
select tests.as_owner();
update core.settings set value = '2' where key in ('social.max_follows', 'social.max_followed_topics');
select tests.as_user((select ann from who));
select lives_ok($$ insert into social.followers (following_id) select dan from who $$, 'up to the limit');
select throws_ok($$ insert into social.followers (following_id) select boss from who $$, 'PT409', 'follow_limit_reached', 'and no further');
select is(tests.rows_changed('delete from social.followers where following_id = (select dan from who)'), 1::bigint, 'one unfollows');
select lives_ok($$ insert into social.followers (following_id) select boss from who $$, 'and has room again');
select tests.as_user((select cleo from who));
select throws_ok($$ insert into social.followers (following_id) select x from who, unnest(array[ann, bob, dan]) as x $$, 'PT409', 'follow_limit_reached', 'many in one statement are counted, too');
select tests.as_owner();
update core.settings set value = jsonb_set(value, '{follow,usual}', '{"burst": 1, "per_hour": 1}') where key = 'social.limits';
delete from ops.rate_limits;
select tests.as_user((select cleo from who));
select lives_ok($$ insert into social.followers (following_id) select ann from who $$, 'the first in a while');
select throws_ok($$ insert into social.followers (following_id) select dan from who $$, 'PT429', 'rate_limited', 'a script runs into the limit');
select tests.as_owner();
update core.settings set value = jsonb_set(value, '{follow,usual}', '{"burst": 100, "per_hour": 1}') where key = 'social.limits';

-- Topics
insert into core.topics (slug, name) values ('ft-one', 'One'), ('ft-two', 'Two'), ('ft-three', 'Three'), ('ft-off', 'Off');
update core.topics set is_active = false where slug = 'ft-off';
create temp table t as select
  (select id from core.topics where slug = 'ft-one') as one, (select id from core.topics where slug = 'ft-two') as two,
  (select id from core.topics where slug = 'ft-three') as three, (select id from core.topics where slug = 'ft-off') as off;
grant select on t to public;
select tests.as_user((select ann from who));
select lives_ok('insert into social.topic_followers (topic_id) select one from t', 'one follows a topic');
select throws_ok('insert into social.topic_followers (topic_id) select off from t', 'PT404', 'topic_not_found', 'not one that is switched off');
select throws_ok('insert into social.topic_followers (topic_id) values (gen_random_uuid())', 'PT404', 'topic_not_found', 'nor none');
select throws_ok('insert into social.topic_followers (user_id, topic_id) select bob, one from who, t', '42501', null, 'nor for others');
insert into social.topic_followers (topic_id) select two from t;
select throws_ok('insert into social.topic_followers (topic_id) select three from t', 'PT409', 'follow_limit_reached', 'so many and no more');
select tests.as_user((select bob from who));
select is(tests.count_of('select * from social.topic_followers'), 0::bigint, 'what others want to read is their own business');
select is(tests.rows_changed('delete from social.topic_followers'), 0::bigint, 'and cannot be taken from them');
insert into social.topic_followers (topic_id) select one from t;
select tests.as_user((select boss from who));
select core.merge_topics((select one from t), (select two from t));
select tests.as_user((select ann from who));
select results_eq('select topic_id from social.topic_followers', 'select two from t', 'of two that become one, one is left');
select tests.as_user((select bob from who));
select results_eq('select topic_id from social.topic_followers', 'select two from t', 'who followed the old topic follows the new one');
select lives_ok('delete from social.topic_followers; insert into social.topic_followers (topic_id) select one from t', 'the old id still works');
select results_eq('select topic_id from social.topic_followers', 'select two from t', 'and leads to the new one');

select tests.as_owner();
update core.profiles set is_active = false where id = (select bob from who);
select tests.as_user((select bob from who));
select is(tests.rows_changed('delete from social.topic_followers'), 0::bigint, 'a suspended person unfollows no topic');
select is(tests.count_of('select * from social.topic_followers'), 1::bigint, 'but sees what he follows');

select tests.as_owner();
insert into social.followers (follower_id, following_id) select bob, cleo from who on conflict do nothing;
select is(tests.count_of($$ select * from social.followers where (follower_id, following_id) in (select bob, cleo from who union all select dan, bob from who) $$), 2::bigint, 'follows of the suspended stay');
select tests.as_user((select dan from who));
select is(tests.count_of($$ select * from social.follower_list('f_cleo') where username = 'f_bob' $$), 0::bigint, 'he is in no list of followers');
select is(tests.count_of($$ select * from social.following_list('f_dan') where username = 'f_bob' $$), 0::bigint, 'nor of whom one follows');

-- Who is gone is gone
select tests.as_owner();
insert into social.followers (follower_id, following_id) select dan, cleo from who;
create temp table before as select pg_temp.number_of((select cleo from who), 'followers_count') as n;
delete from auth.users where id = (select dan from who);
select is(pg_temp.number_of((select cleo from who), 'followers_count'), (select n - 1 from before), 'a deleted follower is counted no more');
select is((select count(*) from social.followers where follower_id = (select dan from who)), 0::bigint, 'and follows nobody');
select is(
  pg_temp.number_of((select cleo from who), 'followers_count'), (select count(*) from social.followers where following_id = (select cleo from who)),
  'the number is that of the rows'
);

select * from finish();
rollback;
