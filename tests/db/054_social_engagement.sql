-- Reactions, bookmarks, and what lists show beside each thing.
begin;
select plan(63);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local') as ben,
  tests.create_user('off@test.local') as off,
  tests.create_user('foe@test.local') as foe;
grant select on who to public;
insert into core.blocks (blocker_id, blocked_id) select ann, foe from who;
create temp table t as select
  gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as removed, gen_random_uuid() as comment,
  gen_random_uuid() as question, gen_random_uuid() as answer, gen_random_uuid() as resource;
grant select on t to public;
insert into social.posts (id, author_id, title, content, is_published) select post, ann, 'Valves', 'How they close.', true from t, who;
insert into social.posts (id, author_id, title, content, is_published) select draft, ann, 'Draft', 'Not yet.', false from t, who;
insert into social.posts (id, author_id, title, content) select removed, ann, 'Gone', 'Gone.' from t, who;
update social.posts set title = '', content = '', deleted_at = now() where id = (select removed from t);
insert into social.comments (id, post_id, author_id, content) select comment, post, ben, 'Indeed.' from t, who;
insert into social.questions (id, author_id, title, content) select question, ann, 'Why?', 'Why do valves close?' from t, who;
insert into social.answers (id, question_id, author_id, content) select answer, question, ben, 'Pressure.' from t, who;
insert into social.resources (id, author_id, title, file_name, file_size, file_type)
select resource, ann, 'Notes', 'notes.pdf', 100, 'application/pdf' from t, who;
-- Suspended later, so that there is something of theirs to be seen.
select tests.as_user((select off from who));
select is(social.react('post', (select post from t), 'helpful'), '{"helpful": 1}', 'a reaction, with the totals');
insert into social.bookmarks (content_id, content_type) select question, 'question' from t;
select tests.as_owner();
update core.profiles set is_active = false where id = (select off from who);

-- Visitors
select tests.as_anon();
select throws_ok('select * from social.reactions', '42501', null, 'a visitor reads no reactions');
select throws_ok('select * from social.bookmarks', '42501', null, 'nor bookmarks');
select throws_ok($$ select social.react('post', (select post from t), 'helpful') $$, '42501', null, 'nor reacts');
select throws_ok($$ select * from social.engagement('{}') $$, '42501', null, 'nor asks for numbers, which stand in the rows');
select throws_ok('select * from social.my_bookmarks()', '42501', null, 'nor has a list');

-- Reactions
select tests.as_user((select ben from who));
select is(social.react('post', (select post from t), 'helpful'), '{"helpful": 2}', 'another person''s');
select is(social.react('post', (select post from t), 'helpful'), '{"helpful": 2}', 'twice is once');
select is(social.react('post', (select post from t), 'thanks'), '{"helpful": 2, "thanks": 1}', 'of several kinds');
select is(social.unreact('post', (select post from t), 'helpful'), '{"helpful": 1, "thanks": 1}', 'taken back, only one''s own');
select is(social.unreact('post', (select post from t), 'helpful'), '{"helpful": 1, "thanks": 1}', 'twice is once');
select is(social.react('comment', (select comment from t), 'celebrate'), '{"celebrate": 1}', 'also to what is one''s own');
select throws_ok($$ select social.react('post', (select post from t), 'love') $$, 'PT422', 'unknown_reaction', 'only those there are');
select throws_ok($$ select social.react('post', (select post from t), null) $$, 'PT422', 'unknown_reaction', 'and not none');
select throws_ok($$ select social.react('resource', (select resource from t), 'helpful') $$, 'PT422', 'not_reactable', 'not to a resource');
select throws_ok($$ select social.react('question', (select post from t), 'helpful') $$, 'PT404', 'content_not_found', 'not to a post as a question');
select throws_ok($$ select social.react('post', (select draft from t), 'helpful') $$, 'PT404', 'content_not_found', 'not to another''s draft');
select throws_ok($$ select social.react('post', (select removed from t), 'helpful') $$, 'PT409', 'content_removed', 'not to what was removed');
select throws_ok($$ insert into social.reactions (user_id, content_id, content_type, reaction) select ann, post, 'post', 'sad' from t, who $$, '42501', null, 'not directly');
select throws_ok('delete from social.reactions', '42501', null, 'nor are they removed so');
select is(tests.count_of('select * from social.reactions'), 2::bigint, 'one sees one''s own');
select tests.as_user((select foe from who));
select throws_ok($$ select social.react('post', (select post from t), 'helpful') $$, 'PT404', 'content_not_found', 'who is blocked does not react');
select tests.as_user((select off from who));
select throws_ok($$ select social.react('post', (select post from t), 'sad') $$, 'PT403', 'account_inactive', 'nor who is suspended');
select throws_ok($$ select social.unreact('post', (select post from t), 'helpful') $$, 'PT403', 'account_inactive', 'who takes nothing back, either');
select is(tests.count_of('select * from social.reactions'), 1::bigint, 'though he sees his');
select tests.as_owner();
select is((select count(*) from social.reactions), 3::bigint, 'all are there');

-- Bookmarks
select tests.as_user((select ben from who));
select lives_ok($$ insert into social.bookmarks (content_id, content_type, note) select post, 'post', E'  read \r\n again ' from t $$, 'a bookmark');
select results_eq('select user_id, note from social.bookmarks', $$ select ben, E'read \n again' from who $$, 'one''s own, its note cleaned');
select throws_ok($$ insert into social.bookmarks (content_id, content_type) select post, 'post' from t $$, '23505', null, 'once');
select lives_ok($$ insert into social.bookmarks (content_id) select question from t $$, 'the kind is found out');
select throws_ok($$ insert into social.bookmarks (content_id, content_type) select answer, 'post' from t $$, 'PT404', 'content_not_found', 'and not believed');
select throws_ok($$ insert into social.bookmarks (content_id, content_type) select draft, 'post' from t $$, 'PT404', 'content_not_found', 'what one does not see is not there');
select throws_ok($$ insert into social.bookmarks (content_id) values (gen_random_uuid()) $$, 'PT404', 'content_not_found', 'like what does not exist');
select throws_ok($$ insert into social.bookmarks (content_id) select removed from t $$, 'PT409', 'content_removed', 'nor what was removed');
select throws_ok($$ insert into social.bookmarks (user_id, content_id, content_type) select ann, post, 'post' from t, who $$, '42501', null, 'not for another');
select throws_ok($$ insert into social.bookmarks (content_id, note) select answer, '<b>bold</b>' from t $$, 'PT422', 'markup_not_allowed', 'plain text');
select throws_ok($$ insert into social.bookmarks (content_id, note) select answer, repeat('x', 501) from t $$, 'PT422', 'text_too_long', 'and not too much');
select is(tests.rows_changed($$ update social.bookmarks set note = ' for the exam ' where content_id = (select post from t) $$), 1::bigint, 'the note changes');
select is((select note from social.bookmarks where content_id = (select post from t)), 'for the exam', 'cleaned again');
select throws_ok($$ update social.bookmarks set note = '<script>' $$, 'PT422', 'markup_not_allowed', 'and looked at again');
select throws_ok($$ update social.bookmarks set content_id = (select answer from t) $$, '42501', null, 'it is not moved');
select tests.as_user((select foe from who));
select is(tests.count_of('select * from social.bookmarks'), 0::bigint, 'nobody sees the bookmarks of another');
select is(tests.rows_changed('delete from social.bookmarks'), 0::bigint, 'nor removes them');
select throws_ok($$ insert into social.bookmarks (content_id) select post from t $$, 'PT404', 'content_not_found', 'nor reaches who blocked him');
select throws_ok($$ insert into social.bookmarks (content_id) select answer from t $$, 'PT404', 'content_not_found', 'nor the title of his question, by what others answered');
select tests.as_user((select off from who));
select is(tests.count_of('select * from social.bookmarks'), 1::bigint, 'who is suspended sees his');
select throws_ok($$ insert into social.bookmarks (content_id) select post from t $$, 'PT403', 'account_inactive', 'makes none');
select is(tests.rows_changed('delete from social.bookmarks'), 0::bigint, 'and removes none');
select is(tests.count_of('select * from social.my_bookmarks()'), 1::bigint, 'and has his list');
select tests.as_owner();
select is((select count(*) from social.bookmarks), 3::bigint, 'all are there');

-- The list
update social.bookmarks set created_at = created_at - interval '1 hour' where content_id = (select question from t) and user_id = (select ben from who);
select tests.as_user((select ben from who));
select results_eq(
  'select content_type, title, link, note, is_available from social.my_bookmarks()',
  $$ select * from (select 'post', 'Valves', '/posts/' || post, 'for the exam', true from t union all select 'question', 'Why?', '/questions/' || question, '', true from t) as x $$,
  'the newest first, with title and link'
);
select is((select content_type from social.my_bookmarks(1, (select cursor from social.my_bookmarks(1)))), 'question', 'page by page');
select is(tests.count_of($$ select * from social.my_bookmarks(10, (select min(cursor) from social.my_bookmarks(2) where content_type = 'question')) $$), 0::bigint, 'to its end');
select throws_ok($$ select * from social.my_bookmarks(10, 'nonsense') $$, 'PT400', 'cursor_invalid', 'a cursor is one of the list');

-- Numbers beside each thing
select is((social.vote('post', (select post from t), 'upvote')).likes_count, 1, 'a vote');
select tests.as_owner();
insert into social.counter_deltas (kind, entity_id, counter, delta)
select 'post', post, 'dislikes_count', 3 from t union all select 'post', post, 'comments_count', 2 from t;
select tests.as_user((select ben from who));
select results_eq(
  $$ select content_type, likes_count, dislikes_count, votes_count, comments_count, reactions, my_vote, my_reactions, is_bookmarked
    from social.engagement((select array[answer, post, draft, question, resource, comment] from t)) $$,
  $$ values
    ('answer', 0, 0, 0, null::integer, '{}'::jsonb, null::text, '{}'::text[], false),
    ('post', 1, 3, -2, 3, '{"helpful": 1, "thanks": 1}', 'upvote', '{thanks}', true),
    ('question', 0, 0, 0, 1, '{}', null, '{}', true),
    ('comment', 0, 0, 0, 0, '{"celebrate": 1}', null, '{celebrate}', false) $$,
  'in the order asked, exact with what waits, without what one does not see'
);
select tests.as_user((select foe from who));
select is(tests.count_of('select * from social.engagement((select array[post, answer, comment] from t))'), 0::bigint, 'who is blocked gets no numbers of whom he may not see, nor of what is said there');
select throws_ok($$ select * from social.engagement(array(select gen_random_uuid() from generate_series(1, 101))) $$, 'PT422', 'too_many_ids', 'a hundred at a time');
select is(tests.count_of('select * from social.engagement(null)'), 0::bigint, 'nothing for nothing');

-- Removed, and gone
select tests.as_owner();
update social.posts set title = '', content = '', hidden_at = now() where id = (select post from t);
select tests.as_user((select ben from who));
select results_eq(
  $$ select title, link, note, is_available from social.my_bookmarks(1) $$, $$ values (null::text, null::text, 'for the exam', false) $$,
  'a bookmark of what was removed keeps the note'
);
select is(tests.rows_changed($$ delete from social.bookmarks where content_id = (select post from t) $$), 1::bigint, 'and can be removed');
select tests.as_owner();
delete from auth.users where id = (select ben from who);
select is((select count(*) from social.bookmarks where user_id = (select ben from who)) + (select count(*) from social.reactions where user_id = (select ben from who)), 0::bigint, 'a person''s go with him');
select is((select count(*) from social.reactions), 1::bigint, 'those of others stay');

select * from finish();
rollback;
