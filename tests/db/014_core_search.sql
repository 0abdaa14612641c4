-- Search: what one may not see is neither found nor counted.
begin;
select plan(74);

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

-- The words that misspelt ones are corrected by
select isnt(private.collect_search_words(1000000, 0), null, 'the words are collected');
select ok(exists (select from core.search_words where language = 'english' and word = 'zygomorph'), 'as the index has them');
select is(private.collect_search_words() ->> 'documents', '0', 'once for each document');

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

-- Words of what one may not see
select tests.as_owner();
select private.index_document('test', 'secret', md5('secret')::uuid, 'Secret', 'Quixotic blancmange recipes.', null, '{}', 'owner', (select ann from who));
select private.index_document('test', 'secret', md5('shared secret')::uuid, 'Shared', 'Quixotic blancmange recipes.', null, '{}', 'restricted', (select ann from who), 0, array[(select ben from who)]);
select private.collect_search_words(1000000, 0);
select is((select count(*) from core.search_words where word like 'blancmang%'), 0::bigint, 'words of what is not for everybody are not in the list');
select tests.as_user((select ann from who));
select throws_ok('select * from core.search_words', '42501', null, 'which nobody reads');
select throws_ok('select * from core.search_word_sources', '42501', null, 'nor what is still to be read');
select throws_ok('select private.collect_search_words()', '42501', null, 'nor collects');
select throws_ok($$ select * from private.search_lookalikes('english', 'zygomorfic') $$, '42501', null, 'nor asks');
select is(tests.count_of($$ select * from core.search('blancmange') $$), 2::bigint, 'the owner finds them by the word');
select is(tests.count_of($$ select * from core.search('blankmange') $$), 0::bigint, 'not by one like it');
select tests.as_owner();
select private.index_document('test', 'secret', md5('secret')::uuid, 'Secret', 'Quixotic blancmange recipes.');
select private.collect_search_words(1000000, 0);
select tests.as_user((select cyd from who));
select is((select array_agg(title) from core.search('blankmange')), array['Secret'], 'once it is for everybody, everybody does; what looks alike is found by the rule like all else');
select tests.as_owner();
select private.unindex_document('test', 'secret', md5('secret')::uuid);
update core.search_words set checked_at = now() - interval '1 hour';
select private.collect_search_words(1000000, 1000000);
select is((select count(*) from core.search_words where word like 'blancmang%'), 0::bigint, 'a word that no open document has any longer is forgotten');
select ok(exists (select from core.search_words where word = 'zygomorph'), 'others stay');

-- Corrections
select tests.as_user((select cyd from who));
select is(tests.count_of($$ select * from core.search('zygomorfic orchit') $$), 2::bigint, 'each word is corrected');
select is(tests.count_of($$ select * from core.search('zygomorfic orchid everybody', '{note}') $$), 1::bigint, 'those that are known stay as they are');
select is(tests.count_of($$ select * from core.search('zygomorfic xxqqzzkk', '{note}') $$), 0::bigint, 'a word like none finds nothing');
select is(tests.count_of($$ select * from core.search('"zygomorfic"', '{note}') $$) + tests.count_of($$ select * from core.search('zygomorfic -everybody', '{note}') $$)
  + tests.count_of($$ select * from core.search('zygomorfic or orchit', '{note}') $$), 0::bigint, 'whoever quotes, excludes or chooses has asked for exactly that');
select is(tests.count_of($$ select * from core.search('zygomorphic', '{note}', null, 1) where cursor like '~%' $$), 0::bigint, 'what has the words needs no correction');
create temp table alike1 as select * from core.search('zygomorfic', '{note}', null, 1);
select matches((select cursor from alike1), '^~', 'a page of corrected words says so in its cursor');
select is(
  (select array_agg(t order by t) from (select title as t from alike1 union all select title from core.search('zygomorfic', '{note}', null, 1, (select cursor from alike1))) as both_pages),
  array['one public', 'two everybody'], 'two such pages hold each row once'
);
select is(tests.count_of($$ select * from core.search('zygomorphic', '{note}', null, 1, (select cursor from core.search('zygomorphic', '{note}', null, 1))) where cursor like '~%' $$), 0::bigint, 'a later page never goes on to corrections');

-- Several topics, one owner, since when
select tests.as_owner();
insert into core.topics (slug, name) values ('ts-first', 'First of two'), ('ts-second', 'Second of two');
select private.index_document('test', 'two', md5('two topics')::uuid, 'Two topics', 'Bergamot.', (select id from core.topics where slug = 'ts-first'),
  p_owner_id => (select ben from who), p_topic_ids => array[(select id from core.topics where slug = 'ts-second')], p_is_retrievable => false);
create temp table topic as select (select id from core.topics where slug = 'ts-first') as first, (select id from core.topics where slug = 'ts-second') as second;
grant select on topic to public;
select tests.as_user((select cyd from who));
select is(tests.count_of($$ select * from core.search('bergamot', null, (select first from topic)) $$) + tests.count_of($$ select * from core.search('bergamot', null, (select second from topic)) $$), 2::bigint, 'it is found under each of its topics');
select is(tests.count_of($$ select * from core.search('', null, (select second from topic)) where kind = 'two' $$), 1::bigint, 'and listed');
select is(tests.count_of($$ select * from core.search('bergamot', null, pg_temp.leaf()) $$), 0::bigint, 'not under others');
select is((select array_agg(kind order by kind) from core.search('', '{two,note}', p_owner_id => (select ben from who))), array['two'], 'an owner lists what is his, as far as one sees it');
select is(tests.count_of($$ select * from core.search('bergamot', p_owner_id => (select cyd from who)) $$), 0::bigint, 'an owner bounds');
select is(tests.count_of($$ select * from core.search('bergamot', p_since => now() + interval '1 hour') $$) , 0::bigint, 'so does a time');
select is(tests.count_of($$ select * from core.search('bergamot', p_since => now() - interval '1 hour') $$) , 1::bigint, 'that may be past');

-- A block, of the owner or of the one under whose thing it stands
select tests.as_owner();
select private.index_document('test', 'reply', md5('reply')::uuid, 'A reply', 'Bergamot, too.', p_owner_id => (select ann from who), p_thread_owner_id => (select ben from who));
insert into core.blocks (blocker_id, blocked_id) select ben, cyd from who;
select tests.as_user((select cyd from who));
select is(tests.count_of($$ select * from core.search('bergamot') $$) + tests.count_of($$ select * from core.search('bergamott') $$)
  + tests.count_of($$ select * from core.search('', null, (select second from topic)) where kind = 'two' $$), 0::bigint, 'across a block nothing is found, nor what stands under it');
select tests.as_user((select boss from who));
select is(tests.count_of($$ select * from core.search('bergamot') $$), 2::bigint, 'others find both');
select tests.as_service();
select is((select array_agg(title) from core.retrieve_passages('bergamot', '{two,reply}', null, 20, (select boss from who))), array['A reply'], 'no answer is written from what nobody vouched for');
select is((select count(*) from core.retrieve_passages('bergamot', '{reply}', null, 20, (select cyd from who))), 0::bigint, 'nor, for one person, from across a block');
select tests.as_owner();
delete from core.blocks;

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
select cmp_ok(tests.count_of($$ select * from core.search('orchid') $$), '>', 0::bigint, 'who is suspended searches: he may read');

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
