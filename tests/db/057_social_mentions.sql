-- Mentions: who is named where, once, when he may see it; nobody else learns of it.
begin;
select plan(38);

create temp table who as select
  tests.create_user('m-ann@test.local', '{}', '{"username": "m_ann"}') as ann,
  tests.create_user('m-bob@test.local', '{}', '{"username": "m_bob"}') as bob,
  tests.create_user('m-cleo@test.local', '{}', '{"username": "M_Cleo"}') as cleo,
  tests.create_user('m-dan@test.local', '{}', '{"username": "m_dan"}') as dan;
grant select on who to public;
create function pg_temp.named(p_content_id uuid) returns text language sql security definer as $$
  select string_agg(lower(p.username::text), ' ' order by lower(p.username::text))
  from social.mentions m join core.profiles p on p.id = m.user_id where m.content_id = p_content_id;
$$;
create function pg_temp.id_of(p_title text) returns uuid language sql security definer as $$ select id from social.posts where title = p_title; $$;
create function pg_temp.post(p_title text, p_content text, p_is_published boolean default true) returns uuid language sql security definer as $$
  insert into social.posts (author_id, title, content, is_published, published_at)
  select ann, p_title, p_content, p_is_published, case when p_is_published then now() end from who
  returning id;
$$;
create function pg_temp.edit(p_title text, p_content text) returns text language plpgsql security definer as $$
begin
  update social.posts set content = p_content where title = p_title;
  return pg_temp.named(pg_temp.id_of(p_title));
end;
$$;
grant execute on function pg_temp.named(uuid), pg_temp.id_of(text) to public;

-- What a mention is
select is(private.mentioned_usernames('@ann, @Bob_2 and (@cleo).'), '{ann,bob_2,cleo}', 'names after @, in lower case');
select is(private.mentioned_usernames('@bob @ann @BOB'), '{bob,ann}', 'in their order, each once');
select is(private.mentioned_usernames('mail ann@example.org or bob@cleo, lib/@scope, a.@dot, x-@dash, @@twice'), '{}', 'not in addresses and paths');
select is(private.mentioned_usernames('@ab @1abc @_abc @' || repeat('x', 31)), '{}', 'only what can be a username');
select is(private.mentioned_usernames('@' || repeat('x', 30)), array[repeat('x', 30)], 'up to thirty characters');
select is(private.mentioned_usernames('über@bob ø@bob @bobø'), '{}', 'letters of all languages belong to a word');
select is(private.mentioned_usernames('@ann@example.org'), '{}', 'nor a handle of another network');
select is(private.mentioned_usernames(''), '{}', 'none in nothing');
select is(cardinality(private.mentioned_usernames(repeat('@aaa ', 8000))), 1, 'a long text is read');

-- Whom a post names
select pg_temp.post('p1', 'Hello @m_bob and @m_cleo, I am @m_ann; who is @nobody_here?');
select is(pg_temp.named(pg_temp.id_of('p1')), 'm_bob m_cleo', 'people who are there, not oneself');
select results_eq($$ select actor_id from social.mentions where content_id = pg_temp.id_of('p1') and user_id = (select bob from who) $$,
  $$ select ann from who $$, 'by the author');
select pg_temp.post('Asking @m_dan', 'In the title.');
select is(pg_temp.named(pg_temp.id_of('Asking @m_dan')), 'm_dan', 'the title counts');
create temp table first_row as select created_at, ctid::text as place from social.mentions where content_id = pg_temp.id_of('p1') and user_id = (select bob from who);
select is(pg_temp.edit('p1', 'Hello @m_bob and @m_dan.'), 'm_bob m_cleo m_dan', 'an edit adds, and takes nobody back');
select results_eq($$ select created_at, ctid::text from social.mentions where content_id = pg_temp.id_of('p1') and user_id = (select bob from who) $$,
  'select created_at, place from first_row', 'who was named is not named again');
select is(pg_temp.edit('p1', 'Hello nobody.'), 'm_bob m_cleo m_dan', 'the rows stay');

-- Drafts
select pg_temp.post('p2', 'Dear @m_bob', false);
select is(pg_temp.named(pg_temp.id_of('p2')), null, 'a draft names nobody');
select is(pg_temp.edit('p2', 'Dear @m_bob, dear @m_dan'), null, 'however often it is edited');
update social.posts set is_published = true, published_at = now() where title = 'p2';
select is(pg_temp.named(pg_temp.id_of('p2')), 'm_bob m_dan', 'until it is published');

-- Who is not named
update core.profiles set is_active = false where id = (select dan from who);
insert into core.blocks (blocker_id, blocked_id) select bob, ann from who;
select pg_temp.post('p3', '@m_bob @m_cleo @m_dan');
select is(pg_temp.named(pg_temp.id_of('p3')), 'm_cleo', 'neither who blocked nor who is suspended');
delete from core.blocks;
insert into core.blocks (blocker_id, blocked_id) select ann, bob from who;
select pg_temp.post('p4', '@m_bob @m_cleo');
select is(pg_temp.named(pg_temp.id_of('p4')), 'm_cleo', 'nor whom one blocked');
create temp table c as select gen_random_uuid() as comment, gen_random_uuid() as question, gen_random_uuid() as answer, gen_random_uuid() as reply;
grant select on c to public;
insert into social.comments (id, post_id, author_id, content) select comment, pg_temp.id_of('p4'), cleo, 'See, @m_bob, @m_ann' from who, c;
select is(pg_temp.named((select comment from c)), 'm_ann', 'a comment names nobody who may not see its post');
delete from core.blocks;
update core.profiles set is_active = true where id = (select dan from who);

-- Comments, questions, answers
insert into social.comments (id, post_id, author_id, content) select reply, pg_temp.id_of('p4'), cleo, 'Well, @m_bob' from who, c;
select is(pg_temp.named((select reply from c)), 'm_bob', 'a comment');
update social.comments set content = 'Well, @m_dan' where id = (select reply from c);
select is(pg_temp.named((select reply from c)), 'm_bob m_dan', 'edited');
insert into social.questions (id, author_id, title, content) select question, ann, 'Does @m_bob know?', 'Or @m_cleo?' from who, c;
select is(pg_temp.named((select question from c)), 'm_bob m_cleo', 'a question');
insert into social.answers (id, question_id, author_id, content) select answer, question, bob, 'No, @m_ann. Ask @m_cleo.' from who, c;
select is(pg_temp.named((select answer from c)), 'm_ann m_cleo', 'an answer');
update social.posts set title = '', content = '', deleted_at = now() where title = 'p3';
select is((select count(*) from social.mentions m join social.posts p on p.id = m.content_id where p.deleted_at is not null), 1::bigint, 'deleting names nobody and forgets nobody');

-- Ten at most
select tests.create_user('m-' || n || '@test.local', '{}', jsonb_build_object('username', 'm_many_' || n)) is not null from generate_series(1, 15) as n;
select pg_temp.post('p5', (select string_agg('@m_many_' || n, ' ' order by n) from generate_series(1, 13) as n));
select is((select count(*) from social.mentions where content_id = pg_temp.id_of('p5')), 10::bigint, 'ten people');
select is(pg_temp.named(pg_temp.id_of('p5')) like '%m_many_10%' and pg_temp.named(pg_temp.id_of('p5')) not like '%m_many_11%', true, 'the first ten');
select pg_temp.edit('p5', '@m_many_14 @m_many_15 @m_bob');
select is((select count(*) from social.mentions where content_id = pg_temp.id_of('p5')), 10::bigint, 'editing is no way around it');

-- Who sees it
select tests.as_anon();
select throws_ok('select * from social.mentions', '42501', null, 'a visitor sees no mentions');
select tests.as_user((select bob from who));
select is(tests.count_of('select * from social.mentions where user_id <> (select bob from who)'), 0::bigint, 'one sees one''s own');
select is(tests.count_of('select * from social.mentions') > 3, true, 'all of them');
select throws_ok($$ insert into social.mentions (content_id, user_id, actor_id) select pg_temp.id_of('p1'), cleo, bob from who $$, '42501', null, 'nobody writes one by hand');
select throws_ok('delete from social.mentions', '42501', null, 'or deletes one');
select throws_ok('update social.mentions set notified_at = now()', '42501', null, 'or changes one');
insert into core.blocks (blocker_id, blocked_id) select bob, ann from who;
select is(tests.count_of('select * from social.mentions where actor_id = (select ann from who)'), 0::bigint, 'not by whom one has blocked');
select tests.as_user((select ann from who));
select is(tests.count_of('select * from social.mentions where user_id = (select bob from who)'), 0::bigint, 'the author does not see who was found');
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select count(*) from social.mentions where content_id = (select question from c) and actor_id is null), 2::bigint, 'when the author goes, the rows stay without him');

select * from finish();
rollback;
