-- Votes: one a person and thing, never on one's own, counted exactly whatever happens to the person or the thing.
begin;
select plan(89);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local') as ben,
  tests.create_user('cat@test.local') as cat,
  tests.create_user('off@test.local') as off,
  tests.create_user('foe@test.local') as foe,
  tests.create_user('boss@test.local', '{admin}') as boss;
grant select on who to public;
update core.profiles set is_active = false where id = (select off from who);
insert into core.blocks (blocker_id, blocked_id) select ann, foe from who;

create temp table t as select
  gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as removed, gen_random_uuid() as comment,
  gen_random_uuid() as question, gen_random_uuid() as answer, gen_random_uuid() as resource, gen_random_uuid() as orphan;
grant select on t to public;
insert into social.posts (id, author_id, title, content, is_published) select post, ann, 'Valves', 'How they close.', true from t, who;
insert into social.posts (id, author_id, title, content, is_published) select draft, ann, 'Draft', 'Not yet.', false from t, who;
insert into social.posts (id, author_id, title, content, is_published) select orphan, null, 'Old', 'By somebody who is gone.', true from t;
insert into social.posts (id, author_id, title, content) select removed, ann, 'Gone', 'Gone.' from t, who;
update social.posts set title = '', content = '', deleted_at = now() where id = (select removed from t);
insert into social.comments (id, post_id, author_id, content) select comment, post, ben, 'Indeed.' from t, who;
insert into social.questions (id, author_id, title, content) select question, ann, 'Why?', 'Why do valves close?' from t, who;
insert into social.answers (id, question_id, author_id, content) select answer, question, ben, 'Pressure.' from t, who;
insert into social.resources (id, author_id, title, file_name, file_size, file_type)
select resource, ann, 'Notes', 'notes.pdf', 100, 'application/pdf' from t, who;

create function pg_temp.votes_of(p_kind text, p_id uuid) returns text language sql as $$
  select v.likes_count || '/' || v.dislikes_count from private.social_vote_totals(p_kind, p_id) as v $$;
create function pg_temp.likes_of(p_user_id uuid) returns integer language sql as $$
  select s.likes_count + private.social_waiting('profile', s.user_id, 'likes_count') from social.profile_stats as s where s.user_id = p_user_id $$;
create function pg_temp.wrong() returns bigint language sql as $$
  select count(*) from private.social_counters_counted as c where c.value <> c.counted $$;

-- A visitor
select tests.as_anon();
select throws_ok($$ select social.vote('post', (select post from t), 'upvote') $$, '42501', null, 'a visitor does not vote');
select throws_ok('select * from social.votes', '42501', null, 'nor reads votes');
select throws_ok('select * from social.counter_deltas', '42501', null, 'nor what waits');

-- The first vote, its change, its end
select tests.as_user((select ben from who));
select is(social.vote('post', (select post from t), 'upvote')::text, '(1,0,1,upvote)', 'an upvote, with the totals');
select is(social.vote('post', (select post from t), 'upvote')::text, '(1,0,1,upvote)', 'twice is once');
select is(tests.count_of('select * from social.votes'), 1::bigint, 'one row');
select is(social.vote('post', (select post from t), 'downvote')::text, '(0,1,-1,downvote)', 'changed');
select is(social.vote('post', (select post from t), null)::text, '(0,0,0,)', 'taken back');
select is(social.vote('post', (select post from t))::text, '(0,0,0,)', 'taken back twice is once');
select is(tests.count_of('select * from social.votes'), 0::bigint, 'no row');
select is((social.vote('post', (select post from t), 'upvote')).votes_count, 1, 'and given again');
select is((select likes_count from social.posts where id = (select post from t)), 1, 'the column says so at once when nobody else is there');
select is((social.vote('question', (select question from t), 'downvote')).votes_count, -1, 'a question');
select is((social.vote('post', (select orphan from t), 'upvote')).likes_count, 1, 'a thing whose author is gone');
select tests.as_user((select ann from who));
select is((social.vote('comment', (select comment from t), 'upvote')).likes_count, 1, 'a comment');
select is((social.vote('answer', (select answer from t), 'upvote')).likes_count, 1, 'an answer');
select tests.as_owner();
select is(pg_temp.likes_of((select ann from who)), 1, 'the author of the post has one like: a downvote takes none');
select is(pg_temp.likes_of((select ben from who)), 2, 'the author of comment and answer has two');

-- What is refused
select tests.as_user((select ann from who));
select throws_ok($$ select social.vote('post', (select post from t), 'upvote') $$, 'PT403', 'own_vote', 'nobody votes on his own');
select throws_ok($$ select social.vote('post', (select draft from t), 'upvote') $$, 'PT403', 'own_vote', 'nor on his own draft');
select throws_ok($$ select social.vote('post', (select removed from t), 'upvote') $$, 'PT409', 'content_removed', 'nor on what was removed');
select tests.as_user((select ben from who));
select throws_ok($$ select social.vote('post', (select draft from t), 'upvote') $$, 'PT404', 'content_not_found', 'the draft of another is not there');
select throws_ok($$ select social.vote('post', gen_random_uuid(), 'upvote') $$, 'PT404', 'content_not_found', 'nor what does not exist');
select throws_ok($$ select social.vote('post', null, 'upvote') $$, 'PT404', 'content_not_found', 'nor nothing');
select throws_ok($$ select social.vote('question', (select post from t), 'upvote') $$, 'PT404', 'content_not_found', 'a post is no question');
select throws_ok($$ select social.vote('comment', (select comment from t), 'downvote') $$, 'PT403', 'own_vote', 'one''s own comment');
select throws_ok($$ select social.vote('answer', (select answer from t), 'upvote') $$, 'PT403', 'own_vote', 'one''s own answer');
select throws_ok($$ select social.vote('resource', (select resource from t), 'upvote') $$, 'PT422', 'not_votable', 'a resource is not voted on');
select throws_ok($$ select social.vote('posts; drop table social.posts', (select post from t), 'upvote') $$, 'PT422', 'not_votable', 'nor is a table name');
select throws_ok($$ select social.vote(null, (select post from t), 'upvote') $$, 'PT422', 'not_votable', 'nor no type');
select throws_ok($$ select social.vote('post', (select post from t), 'love') $$, 'PT422', 'vote_invalid', 'up or down');
select tests.as_user((select foe from who));
select throws_ok($$ select social.vote('post', (select post from t), 'upvote') $$, 'PT404', 'content_not_found', 'who is blocked by the author does not reach it');
select throws_ok($$ select social.vote('answer', (select answer from t), 'upvote') $$, 'PT404', 'content_not_found', 'nor an answer to the question that he does not see');
select throws_ok($$ select social.vote('comment', (select comment from t), 'upvote') $$, 'PT404', 'content_not_found', 'nor a comment there');
select tests.as_user((select off from who));
select throws_ok($$ select social.vote('post', (select post from t), 'upvote') $$, 'PT403', 'account_inactive', 'who is suspended does not vote');
select is(tests.count_of('select * from social.votes'), 0::bigint, 'and has no votes');

-- Nothing passes by the call
select tests.as_user((select cat from who));
select throws_ok($$ insert into social.votes (user_id, votable_type, votable_id, vote_type) select auth.uid(), 'post', post, 'upvote' from t $$, '42501', null, 'no direct vote');
select throws_ok($$ update social.votes set vote_type = 'downvote' $$, '42501', null, 'no direct change');
select throws_ok('delete from social.votes', '42501', null, 'no direct removal');
select throws_ok($$ select private.social_vote_totals('post', (select post from t)) $$, '42501', null, 'no call of what lies behind');
select throws_ok($$ select private.social_count('post', (select post from t), 'likes_count', 1000) $$, '42501', null, 'no counting by hand');
select throws_ok($$ select private.social_count_post((select post from t), 'likes_count', 1000) $$, '42501', null, 'of any kind');
select throws_ok($$ insert into social.counter_deltas (kind, entity_id, counter, delta) select 'post', post, 'likes_count', 1000 from t $$, '42501', null, 'nor by a change that waits');
select throws_ok($$ update social.posts set likes_count = 1000 $$, '42501', null, 'nor in the column');
select throws_ok($$ select private.social_fold_counters() $$, '42501', null, 'nor the fold');
select throws_ok($$ select * from social.repair_counters() $$, 'PT403', 'role_required', 'nor the repair');
select is(tests.count_of('select * from social.votes'), 0::bigint, 'of the votes of others one sees none');
select tests.as_owner();
select is((select count(*) from social.votes), 5::bigint, 'though they are there');
select is(pg_temp.wrong(), 0::bigint, 'and every counter is right');

-- The limit
update core.settings set value = jsonb_set(value, '{vote}', '{"usual": {"burst": 2, "per_hour": 1}, "new": {"burst": 2, "per_hour": 1}}') where key = 'social.limits';
select tests.as_user((select boss from who));
select is((social.vote('question', (select question from t), 'upvote')).likes_count, 1, 'one vote');
select is((social.vote('question', (select question from t), 'upvote')).likes_count, 1, 'another call');
select throws_ok($$ select social.vote('question', (select question from t), null) $$, 'PT429', 'rate_limited', 'and no third');
select tests.as_owner();
delete from ops.rate_limits;

-- What waits: one finds the row locked. Here that is written as if it had been. Likes of authors wait in any case.
select ok(private.social_fold_counters() > 0, 'what waits for authors is folded');
insert into social.counter_deltas (kind, entity_id, counter, delta)
select 'post', post, 'likes_count', 1 from t union all select 'post', post, 'dislikes_count', 2 from t;
select is(pg_temp.votes_of('post', (select post from t)), '2/2', 'what waits is part of the total');
select tests.as_user((select cat from who));
select is(social.vote('post', (select post from t), 'upvote')::text, '(3,2,1,upvote)', 'also of that which a voter is told');
select tests.as_owner();
select is((select array[likes_count, dislikes_count] from social.posts where id = (select post from t)), '{3,2}', 'who gets the row takes along what waits, of every counter');
select results_eq($$ select kind, counter, delta from social.counter_deltas $$, $$ values ('profile', 'likes_count', 1) $$, 'and for the post nothing waits any longer');
insert into social.counter_deltas (kind, entity_id, counter, delta)
select 'post', post, 'likes_count', -5 from t union all select 'comment', gen_random_uuid(), 'likes_count', 1 union all
select 'profile', gen_random_uuid(), 'likes_count', 1 union all select 'question', question, 'views_count', 7 from t;
select is(private.social_fold_counters(), 3, 'the fold comes by');
select results_eq($$ select kind, counter, delta from social.counter_deltas $$, $$ values ('post', 'likes_count', -2) $$, 'what would make a counter negative waits on; what belongs to nothing is dropped');
select is((select likes_count from social.posts where id = (select post from t)), 0, 'the column stays at zero');
select is((select views_count from social.questions where id = (select question from t)), 7, 'and other rows are not held up');
insert into social.counter_deltas (kind, entity_id, counter, delta) select 'post', post, 'likes_count', 4 from t;
select is(private.social_fold_counters(), 1, 'when what makes up for it arrives');
select is((select likes_count from social.posts where id = (select post from t)), 2, 'both are added');
select is((select count(*) from social.counter_deltas), 0::bigint, 'and gone');
select throws_ok($$ insert into social.counter_deltas (kind, entity_id, counter, delta) values ('post', gen_random_uuid(), 'content', 1) $$, '23514', null, 'only counters wait');
select throws_ok($$ select private.social_count('post', (select post from t), 'title', 1) $$, 'P0001', null, 'and only counters are counted');
select throws_ok($$ select private.social_count('core.profiles', (select post from t), 'likes_count', 1) $$, 'P0001', null, 'of known kinds');
select is((select count(*) from ops.scheduled_tasks where name = 'social_fold_counters' and is_enabled), 1::bigint, 'it is scheduled');

-- The repair: above, post and question were given what nobody voted.
update core.admins set level = 'standard', permissions = '{"topics": true}' where id = (select boss from who);
select tests.as_user((select boss from who));
select throws_ok('select * from social.repair_counters()', 'PT403', 'permission_required', 'an administrator without the permission');
select tests.as_owner();
update core.admins set level = 'super' where id = (select boss from who);
select tests.as_user((select boss from who));
select results_eq($$ select kind, counter, wrong_rows from social.repair_counters() $$, $$ values ('post', 'dislikes_count', 1) $$, 'says what was wrong');
select is_empty('select * from social.repair_counters()', 'and finds nothing the second time');
select tests.as_owner();
select is((select array[likes_count, dislikes_count] from social.posts where id = (select post from t)), '{2,0}', 'the post has the votes that were given');
update social.profile_stats set likes_count = 900, followers_count = 3 where user_id = (select ann from who);
update social.comments set likes_count = 0 where id = (select comment from t);
delete from social.profile_stats where user_id = (select cat from who);
select tests.as_service();
select results_eq($$ select kind, counter, wrong_rows from social.repair_counters() $$, $$ values ('comment', 'likes_count', 1), ('profile', 'followers_count', 1), ('profile', 'likes_count', 1) $$, 'the secret key may repair, too');
select tests.as_owner();
select is(pg_temp.wrong(), 0::bigint, 'every counter is right');
select is((select count(*) from social.profile_stats where user_id = (select cat from who)), 1::bigint, 'and everybody has his row');

-- What the secret key writes is counted as well
select tests.as_service();
insert into social.votes (user_id, votable_type, votable_id, vote_type) select cat, 'question', question, 'upvote' from t, who;
select is((select likes_count from social.questions where id = (select question from t)), 2, 'a vote that is brought in');
select throws_ok($$ insert into social.votes (user_id, votable_type, votable_id, vote_type) select cat, 'question', orphan, 'upvote' from t, who $$, '23503', null, 'on what is there, as what it is');

-- A voter goes, an author goes, a thing goes
select tests.as_owner();
delete from auth.users where id = (select cat from who);
select is(pg_temp.votes_of('question', (select question from t)), '1/1', 'votes go with their person');
select is((select count(*) from social.votes where user_id = (select cat from who)), 0::bigint, 'all of them');
select is(pg_temp.wrong(), 0::bigint, 'and the counters follow');
delete from social.questions where id = (select question from t);
select is((select count(*) from social.votes where votable_id in (select question from t union all select answer from t)), 0::bigint, 'votes go with their thing');
select is(array[pg_temp.likes_of((select ann from who)), pg_temp.likes_of((select ben from who))], '{1,1}', 'and the likes of the authors with them');
delete from social.contents where id = (select comment from t);
select is(pg_temp.likes_of((select ben from who)), 0, 'from whichever end it is deleted');
delete from auth.users where id = (select ann from who);
select is(pg_temp.votes_of('post', (select post from t)), '1/0', 'what a person leaves behind keeps its votes');
select ok(private.social_fold_counters() >= 0, 'after the fold');
select is((select count(*) from social.counter_deltas), 0::bigint, 'nothing waits');
select is(pg_temp.wrong(), 0::bigint, 'and every counter is right');
select isnt((select count(*) from social.votes), 0::bigint, 'of votes that are still there');
select throws_ok($$ update social.posts set likes_count = -1 where id = (select orphan from t) $$, '23514', null, 'no counter below zero');

select * from finish();
rollback;
