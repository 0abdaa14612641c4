-- What attackers tried on core and ops: markup in other clothes, names of the house, administrators who reach for more
-- than they were given, words that outlive the person.
begin;
select plan(49);

create temp table who as select
  tests.create_user('ab-root@test.local') as root,
  tests.create_user('ab-limited@test.local', array['admin']) as limited,
  tests.create_user('ab-puppet@test.local') as puppet,
  tests.create_user('ab-eve@test.local') as eve,
  tests.create_user('ab-mallory@test.local') as mallory;
grant select on who to public;
insert into core.user_roles (user_id, role) select root, 'admin' from who;
update core.admins set level = 'super' where id = (select root from who);
update core.admins set permissions = '{"roles": true, "moderation": true}' where id = (select limited from who);

-- Markup
select ok(private.contains_markup(t), 'markup: ' || t) from unnest(array[
  '<details open ontoggle=alert(1)>', '<x onmouseover=alert(1)>look</x>', '<marquee onstart=alert(1)>', '<image src=x>',
  '<img src=x onerror=alert(1) y<z>', '<svg y<z onload=alert(1)>', '<object data=//evil.test y<z>', '<section onclick=alert(1)>',
  '<keygen autofocus onfocus=alert(1)>', '<x/onclick=alert(1)>', '<x a="b"onclick=alert(1)>', '<template>', '<title>'
]) as t;
select ok(not private.contains_markup(t), 'no markup: ' || t) from unnest(array[
  'if 0 <a <1 and b >c, what is c?', 'x<y and z>w', 'when x <y, is the data = 5 or the style = old?', 'p<0.05 (n=12), q<0.01',
  'is 3 < 4?', 'i <3 hearts'
]) as t;

select tests.as_user((select eve from who));
select throws_ok($$ update core.profiles set bio = 'Hello <details open ontoggle=alert(1)>' where id = auth.uid() $$, 'PT422', 'markup_not_allowed', 'a profile takes no markup');
select throws_ok($$ update core.profiles set avatar_path = auth.uid() || '/"><img src=x onerror=alert(1)>' where id = auth.uid() $$, '23514', null, 'nor does the path of its picture');
select lives_ok($$ update core.profiles set avatar_path = auth.uid() || '/my face (2).png' where id = auth.uid() $$, 'a plain path passes');

-- Names
select throws_ok(format($$ update core.profiles set username = %L where id = auth.uid() $$, n), 'PT422', 'username_reserved', n || ' is of the house')
from unnest(array['lyceum_support', 'LyceumStaff', 'the_admin', 'admin_team', 'help_moderator2']) as n;
select lives_ok(format($$ update core.profiles set username = %L where id = auth.uid() $$, n), n || ' is a name') from unnest(array['badminton_fan', 'supportive', 'modesta']) as n;

-- Administrators
select tests.as_user((select limited from who));
select throws_ok($$ select core.grant_role((select puppet from who), 'admin', 'A friend of mine') $$, 'PT403', 'permission_required', 'who may not do everything makes nobody who may');
select throws_ok($$ select core.revoke_role((select root from who), 'admin', 'Away with him') $$, 'PT403', 'permission_required', 'nor removes one');
select ok(core.grant_role((select puppet from who), 'educator', 'Teaches here'), 'other roles he gives');
select throws_ok($$ select core.suspend_user((select root from who), 'Away with him') $$, 'PT403', 'super_admin_required', 'one of level super is suspended by his equals only');
select throws_ok($$ select core.cancel_job(gen_random_uuid()) $$, 'PT403', 'permission_required', 'without the permission no job is cancelled');
select throws_ok($$ select core.rerun_job(gen_random_uuid()) $$, 'PT403', 'permission_required', 'nor run again');
select ok(core.suspend_user((select mallory from who), 'Spams the place'), 'others he suspends');
select ok(core.restore_user((select mallory from who), 'Promised to stop'), 'and restores');
select tests.as_owner();
update core.admins set level = 'readonly' where id = (select limited from who);
select tests.as_user((select limited from who));
select lives_ok('select * from core.queue_health()', 'who may only look, looks at the queue');
select throws_ok($$ select core.cancel_job(gen_random_uuid()) $$, 'PT403', 'admin_read_only', 'and touches nothing in it');
select tests.as_user((select root from who));
select throws_ok('select core.request_erasure()', 'PT409', 'last_admin', 'the last administrator is told at once that he stays, before any file of his is gone');
select ok(core.grant_role((select puppet from who), 'admin', 'Second in command'), 'one with all permissions makes administrators');
select lives_ok('select core.request_erasure()', 'and may go when another one stays');

-- Headers
select tests.as_owner();
select set_config('request.headers', '{"x-request-id": "eve@mail.test <script>", "x-forwarded-for": "8.8.8.8", "cf-connecting-ip": "203.0.113.7"}', true);
select is((select request_id from private.audit_actor()), null, 'what is no id of a request does not enter the audit');
select is((select client_network::text from private.audit_actor()), '203.0.113.0/24', 'the address that the edge saw counts, not the one that was claimed');
select set_config('request.headers', '{"x-request-id": "req-1.2_A"}', true);
select is((select request_id from private.audit_actor()), 'req-1.2_A', 'an id enters');
select set_config('request.headers', '', true);

-- Deletion
select tests.as_user((select eve from who));
create temp table r as select core.report_content('core', 'profile', (select mallory from who), 'spam', 'He wrote to me, Eve.') as id;
grant select on r to public;
select tests.as_user((select puppet from who));
create temp table s as select core.report_content('core', 'profile', (select mallory from who), 'abuse', 'Mallory lives next door.') as id;
grant select on s to public;
select tests.as_owner();
delete from auth.users where id = (select eve from who);
select is((select details from core.moderation_reports where id = (select id from r)), '', 'what a reporter wrote goes with him');
select is((select details from core.moderation_reports where id = (select id from s)), 'Mallory lives next door.', 'and nobody else''s report');
delete from auth.users where id = (select mallory from who);
select is((select details from core.moderation_reports where id = (select id from s)), '', 'what was written about somebody goes with him');

select * from finish();
rollback;
