-- Roles: by administrators only, each change recorded, the record kept, the last administrator too.
begin;
select plan(70);

create temp table who as select
  tests.create_user('root@test.local') as root,
  tests.create_user('ann@test.local') as ann,
  tests.create_user('bob@test.local') as bob,
  tests.create_user('eve@test.local') as eve;
grant select on who to public;

-- The first administrator
select throws_ok($$ select private.bootstrap_admin('nobody@test.local') $$, 'PT404', 'user_not_found', 'the first administrator has an account');
select is(private.bootstrap_admin(' ROOT@test.local '), (select root from who), 'a direct session makes the first administrator');
select is((select level from core.admins where id = (select root from who)), 'super', 'of level super');
select throws_ok($$ select private.bootstrap_admin('eve@test.local') $$, 'PT409', 'admin_exists', 'and only the first');
select tests.as_service();
select throws_ok($$ select private.bootstrap_admin('eve@test.local') $$, '42501', null, 'not through the API, with the secret key either');

-- Nobody and everybody
select tests.as_anon();
select throws_ok($$ select core.grant_role((select eve from who), 'admin', 'I want it') $$, '42501', null, 'a visitor grants nothing');
select throws_ok('select * from core.user_roles', '42501', null, 'and reads no roles');
select tests.as_user((select eve from who));
select throws_ok($$ select core.grant_role((select eve from who), 'admin', 'I want it') $$, 'PT403', 'role_required', 'nobody makes himself an administrator');
select throws_ok($$ select core.revoke_role((select root from who), 'admin', 'Down with it') $$, 'PT403', 'role_required', 'nor unmakes one');
select throws_ok($$ select private.grant_role((select eve from who), 'admin', 'I want it') $$, 'PT403', 'role_required', 'nor behind the door');
select throws_ok($$ insert into core.user_roles (user_id, role) values (auth.uid(), 'admin') $$, '42501', null, 'nor in the table');
select throws_ok($$ update core.user_roles set role = 'admin' where user_id = auth.uid() $$, '42501', null, 'nor by changing a row');
select throws_ok($$ delete from core.user_roles $$, '42501', null, 'nor by deleting');
select throws_ok($$ insert into core.admins (id) values (auth.uid()) $$, '42501', null, 'nor among the administrators');
select throws_ok($$ insert into core.role_change_history (user_tombstone, change, role, previous_roles, new_roles, changed_via, reason) values (auth.uid(), 'granted', 'admin', '{}', '{}', 'user', 'x') $$, '42501', null, 'nor writes history');
select throws_ok($$ update core.profiles set is_active = false where id = (select root from who) $$, '42501', null, 'nor suspends in the table');
select is(tests.count_of('select * from core.user_roles'), 1::bigint, 'one reads one''s own roles only');
select is(tests.count_of('select * from core.admins'), 0::bigint, 'administrators are not listed');
select throws_ok($$ select private.user_has_role((select root from who), 'admin') $$, '42501', null, 'nor can one ask about others');
select ok(not private.has_role('admin'), 'claims that one has no role');
select set_config('request.jwt.claims', jsonb_build_object('sub', (select eve from who), 'role', 'authenticated', 'app_metadata', '{"roles": ["admin"]}'::jsonb, 'user_metadata', '{"role": "admin"}'::jsonb)::text, true);
select ok(not private.has_role('admin'), 'and claims in the token make none');
select set_config('request.jwt.claims', jsonb_build_object('sub', (select eve from who), 'role', 'service_role')::text, true);
select ok(not private.is_service(), 'nor does a claim without the role');
select set_config('request.jwt.claims', '', true);
select ok(not private.is_service(), 'nor no claim at all');

-- The administrator
select tests.as_user((select root from who));
select throws_ok($$ select core.grant_role((select ann from who), 'admin', ' ') $$, 'PT422', 'reason_required', 'not without a reason');
select throws_ok($$ select core.grant_role((select ann from who), 'emperor', 'Why not') $$, 'PT422', 'unknown_role', 'not a role that there is not');
select throws_ok($$ select core.grant_role((select ann from who), null, 'Why not') $$, 'PT422', 'unknown_role', 'nor none');
select throws_ok($$ select core.grant_role(gen_random_uuid(), 'educator', 'Why not') $$, 'PT404', 'user_not_found', 'not to nobody');
select throws_ok($$ select core.grant_role((select ann from who), 'expert', 'Knows much') $$, 'PT409', 'expert_role_is_decided', 'the role expert is decided elsewhere');
select ok(core.grant_role((select ann from who), 'admin', 'Helps me.'), 'grants');
select ok(not core.grant_role((select ann from who), 'admin', 'Helps me.'), 'twice is once');
select ok(core.grant_role((select bob from who), 'educator', 'Teaches.'), 'another role');
select ok(core.revoke_role((select bob from who), 'educator', 'Left the school.'), 'revokes');
select ok(not core.revoke_role((select bob from who), 'educator', 'Left the school.'), 'twice is once');
select results_eq(
  $$ select change, role, previous_roles, new_roles, changed_by, changed_via, reason from core.role_change_history
     where user_id = (select bob from who) and role = 'educator' order by changed_at $$,
  $$ values ('granted', 'educator', '{student}'::text[], '{educator,student}'::text[], (select root from who), 'user', 'Teaches.'),
     ('revoked', 'educator', '{educator,student}'::text[], '{student}'::text[], (select root from who), 'user', 'Left the school.') $$,
  'each change is recorded with who, what and why'
);
select is(tests.count_of($$ select * from core.admins $$), 2::bigint, 'an administrator reads the administrators');
select throws_ok($$ update core.role_change_history set reason = 'x' $$, '42501', null, 'but not even he changes history');
select throws_ok($$ delete from core.role_change_history $$, '42501', null, 'or deletes it');

-- The person concerned
select tests.as_user((select bob from who));
select is(tests.count_of($$ select * from core.role_change_history $$), 3::bigint, 'one reads one''s own history only');
select is(tests.count_of($$ select * from core.notifications where type in ('role_granted', 'role_revoked') $$), 2::bigint, 'and was told');

-- Levels
select tests.as_user((select ann from who));
select throws_ok($$ select core.set_admin_level((select ann from who), 'super') $$, 'PT403', 'super_admin_required', 'a standard administrator does not raise himself');
select throws_ok($$ select core.revoke_role((select root from who), 'admin', 'Coup.') $$, 'PT403', 'super_admin_required', 'nor removes one of level super');
select throws_ok($$ update core.admins set level = 'super' where id = auth.uid() $$, '42501', null, 'nor in the table');
select tests.as_user((select root from who));
select throws_ok($$ select core.set_admin_level((select ann from who), 'god') $$, 'PT422', 'admin_level_invalid', 'no such level');
select throws_ok($$ select core.set_admin_level((select bob from who), 'standard') $$, 'PT404', 'admin_not_found', 'no such administrator');
select is((core.set_admin_level((select ann from who), 'readonly')).level, 'readonly', 'one of level super sets levels');
select tests.as_user((select ann from who));
select ok(private.has_role('admin'), 'one of level readonly is an administrator');
select ok(tests.count_of('select * from core.role_change_history') > 3, 'and looks');
select throws_ok($$ select core.grant_role((select bob from who), 'educator', 'Why not') $$, 'PT403', 'admin_read_only', 'but changes nothing');
select tests.as_user((select root from who));
select is((core.set_admin_level((select ann from who), 'standard', '{"experts": true}')).permissions, '{"experts": true}', 'permissions');
select tests.as_user((select ann from who));
select throws_ok($$ select core.grant_role((select bob from who), 'educator', 'Why not') $$, 'PT403', 'permission_required', 'bound what he may do');

-- The last administrator
select tests.as_user((select root from who));
select is((core.set_admin_level((select ann from who), 'readonly')).level, 'readonly', 'one who only looks');
select throws_ok($$ select core.revoke_role((select root from who), 'admin', 'Enough.') $$, 'PT409', 'last_admin', 'the last who can act stays: revoking');
select throws_ok($$ select core.set_admin_level((select root from who), 'readonly') $$, 'PT409', 'last_admin', 'made read-only');
select tests.as_service();
select throws_ok($$ delete from core.user_roles where user_id = (select root from who) $$, 'PT409', 'last_admin', 'deleted in the table');
select throws_ok($$ delete from core.user_roles where role = 'admin' $$, 'PT409', 'last_admin', 'all at once');
select throws_ok($$ update core.profiles set is_active = false where id = (select root from who) $$, 'PT409', 'last_admin', 'suspended');
select throws_ok($$ delete from core.admins $$, '42501', null, 'the row in admins');
select tests.as_owner();
select throws_ok($$ delete from auth.users where id = (select root from who) $$, 'PT409', 'last_admin', 'the account deleted');
select throws_ok($$ delete from core.admins where id = (select root from who) $$, 'PT409', 'last_admin', 'by the owner too');
select is((select count(*) from core.user_roles where role = 'admin'), 2::bigint, 'all are still there');
select tests.as_user((select root from who));
select is((core.set_admin_level((select ann from who), 'super')).level, 'super', 'with a second one who can act');
select ok(core.revoke_role((select root from who), 'admin', 'Enough.'), 'the first may go');
select ok(not private.has_role('admin'), 'at once');
select tests.as_owner();
select is((select count(*) from core.admins where id = (select root from who)), 0::bigint, 'and is gone from the administrators');

-- Deletion leaves the history, and nothing personal in it
delete from auth.users where id = (select bob from who);
select is((select count(*) from core.role_change_history where user_tombstone = (select bob from who) and user_id is null), 4::bigint, 'the history of a deleted person stays, with the end of his role');
select is((select array_agg(distinct reason order by reason) from core.role_change_history where user_tombstone = (select bob from who)), array['Account deleted.', 'Removed with the account.'], 'without what was said about him');
delete from auth.users where id = (select root from who);
select is((select changed_by_tombstone::text || coalesce(changed_by::text, ' gone') || reason from core.role_change_history where user_id = (select ann from who) and role = 'admin'), (select root || ' gone' from who) || 'Helps me.', 'and what a deleted administrator did stays with its reason');
select throws_ok($$ update core.role_change_history set reason = 'Forged.' $$, 'PT403', 'append_only_table', 'the owner cannot change it either');
select throws_ok($$ delete from core.role_change_history $$, 'PT403', 'append_only_table', 'nor delete from it');
select throws_ok($$ update core.role_change_history set user_id = null where user_id = (select eve from who) $$, 'PT403', 'append_only_table', 'nor hide whom it is about');

select * from finish();
rollback;
