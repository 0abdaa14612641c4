-- Files: taken in when they are there and one's own; judged by workers; avatars in one's own folder.
begin;
select plan(40);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local') as ben,
  tests.create_user('off@test.local') as off,
  tests.create_user('boss@test.local', '{admin}') as boss;
grant select on who to public;
update core.profiles set is_active = false where id = (select off from who);
insert into storage.buckets (id, name, public) values ('test-files', 'test-files', false);
insert into storage.objects (bucket_id, name, owner_id, metadata)
select 'test-files', ann || '/heart.png', ann::text, '{"size": 1234, "mimetype": "image/png"}' from who;
create function pg_temp.take(p_who uuid, p_path text) returns uuid language sql as $$ select private.register_file(p_who, 'test-files', p_path, 'question_image') $$;

select throws_ok($$ select pg_temp.take((select ann from who), 'nowhere.png') $$, 'PT422', 'file_not_found', 'a file that is not there');
select throws_ok($$ select pg_temp.take((select ben from who), (select ann from who) || '/heart.png') $$, 'PT422', 'file_not_found', 'the file of another, with the same words');
select throws_ok($$ select pg_temp.take(null, (select ann from who) || '/heart.png') $$, 'PT422', 'file_not_found', 'nobody''s');
create temp table f as select pg_temp.take((select ann from who), (select ann from who) || '/heart.png') as id;
grant select on f to public;
select isnt((select id from f), null, 'one''s own is taken in');
select is(pg_temp.take((select ann from who), (select ann from who) || '/heart.png'), (select id from f), 'once');
select results_eq($$ select status, size_bytes, mime_type, detected_mime from core.files where id = (select id from f) $$, $$ values ('pending', 1234::bigint, 'image/png', null::text) $$, 'as declared, and not believed');

-- Clients
select tests.as_anon();
select throws_ok('select * from core.files', '42501', null, 'a visitor sees no files');
select tests.as_user((select ann from who));
select is(tests.count_of('select * from core.files'), 1::bigint, 'the owner sees his');
select throws_ok($$ update core.files set status = 'clean' $$, '42501', null, 'and does not judge it');
select throws_ok($$ insert into core.files (owner_id, bucket_id, path, purpose) values (auth.uid(), 'x', 'y', 'zz') $$, '42501', null, 'nor enters one');
select throws_ok($$ select core.record_file_inspection((select id from f), repeat('a', 64), 'image/png', true) $$, '42501', null, 'nor calls what workers call');
select throws_ok($$ select private.register_file(auth.uid(), 'test-files', 'x', 'yy') $$, '42501', null, 'nor takes in by himself');
select tests.as_user((select ben from who));
select is(tests.count_of('select * from core.files'), 0::bigint, 'a stranger sees nothing');
select tests.as_user((select boss from who));
select is(tests.count_of('select * from core.files'), 1::bigint, 'an administrator does');

-- The worker
select tests.as_service();
select throws_ok($$ select core.record_file_inspection(gen_random_uuid(), repeat('a', 64), 'image/png', true) $$, 'PT404', 'file_not_found', 'a worker judges what is there');
select throws_ok($$ select core.record_file_inspection((select id from f), 'no hash', 'image/png', true) $$, '23514', null, 'with a real hash');
select is((core.record_file_inspection((select id from f), upper(repeat('a', 64)), 'image/png', true)).status, 'clean', 'clean');
select is((core.record_file_inspection((select id from f), repeat('a', 64), 'image/png', true)).sha256, repeat('a', 64), 'twice is once');
select is((core.record_file_inspection((select id from f), repeat('b', 64), 'text/html', false)).rejected_reason, 'Not accepted.', 'rejected, with a reason in any case');
select is((core.record_file_inspection((select id from f), repeat('b', 64), 'text/html', null)).status, 'rejected', 'no verdict is no yes');
select is((core.record_file_inspection((select id from f), repeat('a', 64), 'image/png', true)).rejected_reason, null, 'a later verdict replaces it');

-- Bait and switch
select tests.as_owner();
select is(pg_temp.take((select ann from who), (select ann from who) || '/heart.png'), (select id from f), 'taken in again, unchanged');
select is((select status from core.files where id = (select id from f)), 'clean', 'it stays clean');
update storage.objects set version = 'second', updated_at = clock_timestamp() + interval '1 second' where bucket_id = 'test-files';
select is(pg_temp.take((select ann from who), (select ann from who) || '/heart.png'), (select id from f), 'after another upload to the same path');
select results_eq($$ select status, sha256 from core.files where id = (select id from f) $$, $$ values ('pending', null::text) $$, 'it has to be looked at again');

-- Avatars
select tests.as_anon();
select throws_ok($$ insert into storage.objects (bucket_id, name) values ('avatars', 'x/a.png') $$, '42501', null, 'a visitor uploads nothing');
select tests.as_user((select ann from who));
select lives_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('avatars', auth.uid() || '/me.png', auth.uid()::text) $$, 'one''s own folder');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('avatars', (select ben from who) || '/me.png', auth.uid()::text) $$, '42501', null, 'not that of another');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('avatars', 'me.png', auth.uid()::text) $$, '42501', null, 'nor no folder');
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('test-files', auth.uid() || '/me.png', auth.uid()::text) $$, '42501', null, 'nor another bucket');
select throws_ok($$ update storage.objects set name = (select ben from who) || '/me.png' where bucket_id = 'avatars' $$, '42501', null, 'nor by moving');
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'avatars' $$), 0::bigint, 'a stranger does not list');
select is(tests.rows_changed($$ update storage.objects set metadata = '{}' where bucket_id = 'avatars' $$), 0::bigint, 'nor overwrite');
select tests.as_user((select off from who));
select throws_ok($$ insert into storage.objects (bucket_id, name, owner_id) values ('avatars', auth.uid() || '/me.png', auth.uid()::text) $$, '42501', null, 'who is suspended uploads nothing');
select tests.as_owner();
select ok((select public and file_size_limit = 2097152 and not 'image/svg+xml' = any (allowed_mime_types) from storage.buckets where id = 'avatars'), 'pictures only, and no SVG');
select is((select count(*) from storage.objects where bucket_id = 'avatars'), 1::bigint, 'the picture is still there');

-- Settings
select tests.as_user((select ann from who));
select is(tests.count_of('select * from core.settings'), 0::bigint, 'settings are not for everybody');
select throws_ok($$ update core.settings set value = '1000000' $$, '42501', null, 'nor to be changed');
select tests.as_user((select boss from who));
select ok(tests.count_of('select * from core.settings') > 0, 'an administrator reads them');

-- What stays
select tests.as_owner();
delete from auth.users where id = (select ann from who);
select is((select owner_id from core.files where id = (select id from f)), null, 'the row of a deleted person''s file stays, so that the file can be removed');

select * from finish();
rollback;
