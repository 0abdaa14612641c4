-- Sign-up makes a profile whatever was wished for; a person writes what is his, and nothing else.
begin;
select plan(63);

create temp table who as select
  tests.create_user('own@test.local', '{}', '{"username": "Own_er", "full_name": "Olga Owner", "time_zone": "Europe/Berlin", "role": "admin", "roles": ["admin"], "is_active": false}') as owner,
  tests.create_user('other@test.local', '{}', '{"username": "own_er"}') as other,
  tests.create_user('gone@test.local', '{}', '{"username": "gone_one"}') as suspended,
  tests.create_user('adm@test.local', '{admin}') as admin,
  tests.create_user('mod@test.local', '{moderator}') as moderator;
grant select on who to public;

-- Sign-up
select is((select username::text from core.profiles where id = (select owner from who)), 'Own_er', 'the username wished for is taken over');
select is((select full_name from core.profiles where id = (select owner from who)), 'Olga Owner', 'so is the name');
select is((select time_zone from core.profiles where id = (select owner from who)), 'Europe/Berlin', 'so is the time zone');
select ok((select is_active from core.profiles where id = (select owner from who)), 'metadata cannot switch the account off');
select results_eq(
  $$ select role from core.user_roles where user_id = (select owner from who) $$, array['student'],
  'a role in the metadata is no role: only student'
);
select is(
  (select changed_via || '/' || change || '/' || role from core.role_change_history where user_id = (select owner from who)),
  'system/granted/student', 'the first role stands in the history'
);
select matches(
  (select username::text from core.profiles where id = (select other from who)), '^user_[0-9a-f]{10}$',
  'a username taken in other letters is replaced, and sign-up succeeds'
);
select ok(
  not exists (select from core.profiles where username::text ~* '(own|other|gone|test\.local|@)' and username::text !~* '^(own_er|gone_one)$'),
  'no username is made from an e-mail address'
);

create function pg_temp.signs_up(p_meta jsonb) returns text language plpgsql as $$
declare
  v_id uuid := tests.create_user(gen_random_uuid() || '@test.local', '{}', p_meta);
begin
  return (
    select p.username::text || '|' || coalesce(p.full_name, '-') || '|' || p.time_zone || '|' || p.locale
    from core.profiles p where p.id = v_id
  );
end;
$$;
select matches(pg_temp.signs_up(null), '^user_[0-9a-f]{10}\|-\|UTC\|en$', 'sign-up without metadata');
select matches(pg_temp.signs_up('"{\"username\": \"from_text\", \"full_name\": \"Quoted\"}"'), '^from_text\|Quoted\|', 'metadata as a JSON string');
select matches(pg_temp.signs_up('"not json"'), '^user_', 'a string that is no JSON');
select matches(pg_temp.signs_up('[1, 2]'), '^user_', 'an array');
select matches(pg_temp.signs_up('42'), '^user_', 'a number');
select matches(pg_temp.signs_up('{"username": {"a": 1}, "full_name": ["x"], "time_zone": 5, "locale": null}'), '^user_[0-9a-f]{10}\|-\|UTC\|en$', 'values of the wrong type');
select matches(pg_temp.signs_up('{"username": "ab"}'), '^user_', 'too short');
select matches(pg_temp.signs_up(jsonb_build_object('username', repeat('a', 31))), '^user_', 'too long');
select matches(pg_temp.signs_up('{"username": "has space"}'), '^user_', 'with a space');
select matches(pg_temp.signs_up('{"username": "аdmіn"}'), '^user_', 'Cyrillic lookalikes');
select matches(pg_temp.signs_up('{"username": "Admin_1"}'), '^user_', 'a name of the house');
select matches(pg_temp.signs_up('{"username": "a@b.example"}'), '^user_', 'an e-mail address');
select matches(pg_temp.signs_up('{"full_name": "<script>alert(1)</script>"}'), '\|-\|', 'markup in the name is dropped');
select matches(pg_temp.signs_up(jsonb_build_object('full_name', repeat('x', 5000))), '\|-\|', 'an endless name is dropped');
select matches(pg_temp.signs_up(jsonb_build_object('full_name', repeat(U&'\0958', 120))), '\|-\|', 'a name that grows when it is normalised is dropped');
select matches(pg_temp.signs_up('{"time_zone": "Mars/Olympus", "locale": "Klingon!"}'), '\|UTC\|en$', 'unknown zone and locale');
select matches(pg_temp.signs_up('{"time_zone": "Foo/Bar+3"}'), '\|UTC\|', 'a POSIX zone is no zone');
select ok(private.is_time_zone('America/Argentina/Buenos_Aires') and private.is_time_zone('Etc/GMT+3') and not private.is_time_zone('EST5'), 'IANA names only');
select ok(private.is_time_zone('Etc/GMT-14') and not private.is_time_zone('Etc/GMT-15') and not private.is_time_zone('Etc/GMT+13') and not private.is_time_zone('Etc/GMT+99'),
  'nobody''s clock is days away');

update core.profiles set is_active = false where id = (select suspended from who);

-- Nobody is signed in
select tests.as_anon();
select throws_ok('select id from core.profiles', '42501', null, 'a visitor reads no profile');
select throws_ok('select core.my_profile()', '42501', null, 'and has none');
select throws_ok('select core.my_roles()', '42501', null, 'nor roles');
select throws_ok($$ insert into core.profiles (id, username) values (gen_random_uuid(), 'intruder') $$, '42501', null, 'and makes none');

-- The owner
select tests.as_user((select owner from who));
select is((select (core.my_profile()).id), (select owner from who), 'one reads one''s own profile');
select is((select array_agg(r) from core.my_roles() as r), array['student'], 'and one''s roles');
select lives_ok($$ update core.profiles set full_name = '  Olga  ', bio = 'I teach.', locale = 'de-AT', settings = '{"theme": "dark"}' where id = auth.uid() $$, 'one changes what is one''s own');
select is((select full_name from core.profiles where id = auth.uid()), 'Olga', 'texts are trimmed');
select is((core.my_profile()).settings, '{"theme": "dark"}', 'one reads one''s settings');
select throws_ok('select settings from core.profiles', '42501', null, 'the column settings is readable by nobody');
select throws_ok('select email from core.profiles', '42703', null, 'there is no e-mail address');
select lives_ok($$ update core.profiles set avatar_path = auth.uid() || '/me.png' where id = auth.uid() $$, 'a picture in one''s own folder');
select throws_ok($$ update core.profiles set avatar_path = (select other from who) || '/me.png' where id = auth.uid() $$, '23514', null, 'not in the folder of another');
select throws_ok($$ update core.profiles set avatar_path = auth.uid() || '/../x.png' where id = auth.uid() $$, '23514', null, 'and not out of it');
select throws_ok($$ update core.profiles set username = 'OWN_ER ' where id = auth.uid() $$, 'PT422', 'username_invalid', 'no blanks in a username');
select throws_ok($$ update core.profiles set username = 'moderator_1' where id = auth.uid() $$, 'PT422', 'username_reserved', 'no name of the house');
select throws_ok($$ update core.profiles set username = 'GONE_ONE' where id = auth.uid() $$, '23505', null, 'no name of another, in any letters');
select throws_ok($$ update core.profiles set username = null where id = auth.uid() $$, 'PT422', 'username_invalid', 'not without a name');
select throws_ok($$ update core.profiles set bio = '<img src=x onerror=alert(1)>' where id = auth.uid() $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ update core.profiles set bio = repeat('x', 2001) where id = auth.uid() $$, 'PT422', 'text_too_long', 'no endless text');
select throws_ok($$ update core.profiles set time_zone = 'Nowhere/Land' where id = auth.uid() $$, '23514', null, 'no bogus time zone');
select throws_ok($$ update core.profiles set is_active = true where id = auth.uid() $$, '42501', null, 'is_active cannot be set');
select throws_ok($$ update core.profiles set id = gen_random_uuid() where id = auth.uid() $$, '42501', null, 'nor the id');
select throws_ok($$ delete from core.profiles where id = auth.uid() $$, '42501', null, 'nor can a profile be deleted');

-- A stranger
select tests.as_user((select other from who));
select is((select full_name from core.profiles where id = (select owner from who)), 'Olga', 'others see a profile');
select is(tests.rows_changed($$ update core.profiles set full_name = 'Hacked' where id = (select owner from who) $$), 0::bigint, 'and cannot change it');
select is(tests.count_of($$ select id from core.profiles where id = (select suspended from who) $$), 0::bigint, 'a suspended person is out of sight');

-- Suspended
select tests.as_user((select suspended from who));
select is((core.my_profile()).is_active, false, 'a suspended person reads that he is');
select is((select full_name from core.profiles where id = (select owner from who)), 'Olga', 'and the names of others: he reads, but does not write');
select is((select count(*) from core.my_roles()), 0::bigint, 'has no role');
select is(tests.rows_changed($$ update core.profiles set bio = 'still here' where id = auth.uid() $$), 0::bigint, 'and writes nothing');
select throws_ok($$ select core.apply_as_expert('Anything at all', '{biology}') $$, 'PT403', 'account_inactive', 'nor calls anything');

-- Moderator
select tests.as_user((select moderator from who));
select is(tests.count_of($$ select id from core.profiles where id = (select suspended from who) $$), 1::bigint, 'a moderator sees the suspended one');

-- A token of somebody who was deleted
select tests.as_owner();
create temp table ghost as select tests.create_user('ghost@test.local') as id;
grant select on ghost to public;
delete from auth.users where id = (select id from ghost);
select is(tests.count_of($$ select id from core.profiles where id = (select id from ghost) $$), 0::bigint, 'the profile goes with the account');
select tests.as_user((select id from ghost));
select is(tests.count_of('select id from core.profiles'), 0::bigint, 'a token of a deleted account reads no names');
select throws_ok('select core.my_profile()', 'PT401', 'not_authenticated', 'the token of a deleted account is nobody''s');

select * from finish();
rollback;
