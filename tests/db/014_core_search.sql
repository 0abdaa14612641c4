-- Search: what one may not see is neither found nor counted.
begin;
select plan(42);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local') as ben,
  tests.create_user('cyd@test.local') as cyd,
  tests.create_user('off@test.local') as off,
  tests.create_user('boss@test.local', '{admin}') as boss;
grant select on who to public;
update core.profiles set is_active = false where id = (select off from who);
insert into core.topics (slug, name) values ('ts-root', 'Searching');
insert into core.topics (parent_id, slug, name) select id, 'ts-leaf', 'Deep searching' from core.topics where slug = 'ts-root';

create function pg_temp.leaf() returns uuid language sql security definer as $$ select id from core.topics where slug = 'ts-leaf' $$;
create function pg_temp.root() returns uuid language sql security definer as $$ select id from core.topics where slug = 'ts-root' $$;
create function pg_temp.doc(p_name text, p_visibility text, p_owner uuid, p_audience uuid[], p_body text default 'The zygomorphic orchid is rare.') returns uuid language sql as $$
  select private.index_document('test', 'note', md5(p_name)::uuid, p_name, p_body, (select id from core.topics where slug = 'ts-leaf'), '{"page": 3}', p_visibility, p_owner, 0, p_audience)
$$;
grant execute on function pg_temp.leaf(), pg_temp.root() to public;
create temp table d as select
  pg_temp.doc('one public', 'public', null, null) as public,
  pg_temp.doc('two everybody', 'authenticated', (select ann from who), null) as everybody,
  pg_temp.doc('three own', 'owner', (select ann from who), null) as own,
  pg_temp.doc('four shared', 'restricted', (select ann from who), array[(select ben from who)]) as shared;
grant select on d to public;

-- The index itself
select is(pg_temp.doc('one public', 'public', null, null), (select public from d), 'indexing again is the same document');
select is((select updated_at from core.search_documents where id = (select public from d)), (select created_at from core.search_documents where id = (select public from d)), 'and writes nothing');
select throws_ok($$ select private.index_document('test', 'note', gen_random_uuid(), 'No owner', 'x', p_visibility => 'owner') $$, '23514', null, 'visible to the owner needs an owner');
select throws_ok($$ select private.index_document('test', 'note', gen_random_uuid(), 'No', 'x', p_visibility => 'secret') $$, '23514', null, 'no visibility that there is not');

-- A visitor
select tests.as_anon();
select throws_ok($$ select * from core.search('orchid') $$, '42501', null, 'a visitor does not search');
select throws_ok($$ select * from core.read_document((select public from d)) $$, '42501', null, 'nor read');
select throws_ok('select * from core.search_documents', '42501', null, 'nor enter the index');

-- The owner of the documents
select tests.as_user((select ann from who));
select is(tests.count_of($$ select * from core.search('zygomorphic orchid', '{note}') $$), 4::bigint, 'the owner finds all four');
select throws_ok('select * from core.search_documents', '42501', null, 'but does not enter the index');
select throws_ok($$ select private.index_document('test', 'note', gen_random_uuid(), 'Planted', 'x') $$, '42501', null, 'nor plant a document');
select throws_ok($$ select private.unindex_document('test', 'note', md5('one public')::uuid) $$, '42501', null, 'nor remove one');
select throws_ok($$ select * from core.retrieve_passages('orchid') $$, '42501', null, 'nor retrieve as a worker does');
select matches((select snippet from core.search('zygomorphic', '{note}', null, 1)), '\*\*zygomorphic\*\*', 'the snippet shows the word');
select is((select locator from core.search('orchid public', '{note}')), '{"page": 3}', 'and where it stands');

-- Who shares one of them
select tests.as_user((select ben from who));
select set_eq($$ select title from core.search('orchid', '{note}') $$, array['one public', 'two everybody', 'four shared'], 'the audience finds what is shared');
select is(tests.count_of($$ select * from core.read_document((select shared from d)) $$), 1::bigint, 'and reads it');
select is(tests.count_of($$ select * from core.read_document((select own from d)) $$), 0::bigint, 'not what is the owner''s');

-- A stranger, an administrator
select tests.as_user((select cyd from who));
select set_eq($$ select title from core.search('orchid', '{note}') $$, array['one public', 'two everybody'], 'a stranger finds neither');
select is(tests.count_of($$ select * from core.search('three own', '{note}') $$), 0::bigint, 'not by the title');
select is(tests.count_of($$ select * from core.search('zygomorfic', '{note}') $$), 2::bigint, 'a misspelt word finds what looks alike, and no more than that');
select is(tests.count_of($$ select * from core.search('', '{note}', pg_temp.root()) $$), 2::bigint, 'a topic lists no more either, with what is below it');
select is(tests.count_of($$ select * from core.read_document((select shared from d)) $$), 0::bigint, 'nor by the id');
select tests.as_user((select boss from who));
select is(tests.count_of($$ select * from core.search('orchid', '{note}') $$), 2::bigint, 'nor does an administrator');

-- Queries
select tests.as_user((select cyd from who));
select is(tests.count_of($$ select * from core.search('orchids', '{note}') $$), 2::bigint, 'the stem counts');
select is(tests.count_of($$ select * from core.search('orchid -everybody', '{note}') $$), 1::bigint, 'a minus excludes');
select is(tests.count_of($$ select * from core.search('"rare orchid"', '{note}') $$), 0::bigint, 'a phrase is a phrase');
select is(tests.count_of($$ select * from core.search('orchid', '{nothing}') $$), 0::bigint, 'kinds bound');
select is(tests.count_of($$ select * from core.search('orchid', null, pg_temp.leaf()) $$), 2::bigint, 'topics bound');
select is(tests.count_of($$ select * from core.search('!!! & | <-> :* ''') $$), 0::bigint, 'signs are no syntax');
select throws_ok($$ select * from core.search('  ') $$, 'PT422', 'query_required', 'empty');
select throws_ok($$ select * from core.search(repeat('x', 501)) $$, 'PT422', 'text_too_long', 'endless');
select throws_ok($$ select * from core.search('orchid', p_cursor => 'nonsense') $$, 'PT400', 'cursor_invalid', 'a made-up cursor');
select throws_ok($$ select * from core.search('orchid', p_cursor => 'NaN:' || gen_random_uuid()) $$, 'PT400', 'cursor_invalid', 'a cunning one');
create temp table page1 as select * from core.search('orchid', '{note}', null, 1);
select is(
  (select array_agg(t order by t) from (select title as t from page1 union all select title from core.search('orchid', '{note}', null, 1, (select cursor from page1))) as both_pages),
  array['one public', 'two everybody'], 'two pages hold each row once'
);
select is(tests.count_of($$ select * from core.search('', '{note}', pg_temp.leaf(), 10, (select cursor from core.search('', '{note}', pg_temp.leaf(), 1))) $$), 1::bigint, 'so do the pages of a topic');

-- Suspended
select tests.as_user((select off from who));
select throws_ok($$ select * from core.search('orchid') $$, 'PT403', 'account_inactive', 'who is suspended does not search');

-- Workers
select tests.as_service();
select is((select count(*) from core.retrieve_passages('a zygomorphic something', '{note}')), 2::bigint, 'for nobody: what everybody may see');
select is((select count(*) from core.retrieve_passages('zygomorphic', '{note}', null, 20, (select ben from who))), 3::bigint, 'for somebody: what he may see');
select is((select count(*) from core.retrieve_passages('zygomorfic', '{note}')), 2::bigint, 'a misspelt word helps itself');
select is((select count(*) from core.retrieve_passages('', '{note}') ) + (select count(*) from core.retrieve_passages(null, '{note}')), 0::bigint, 'nothing asked, nothing found');

-- What goes with the owner
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select array_agg(title) from core.search_documents where kind = 'note'), array['one public'], 'what belonged to a person goes with the account');
select is(private.unindex_document('test', 'note', md5('one public')::uuid), 1, 'a thing is taken out');

select * from finish();
rollback;
