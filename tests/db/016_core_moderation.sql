-- Moderation: people report and block, moderators act at once, acts are kept.
begin;
select plan(56);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local', '{expert}') as ben,
  tests.create_user('mod@test.local', '{moderator}') as moderator,
  tests.create_user('mod2@test.local', '{moderator}') as moderator2,
  tests.create_user('boss@test.local', '{admin}') as boss;
create temp table thing as select gen_random_uuid() as id;
grant select on who, thing to public;

-- A visitor
select tests.as_anon();
select throws_ok($$ select core.report_content('social', 'post', (select id from thing), 'spam') $$, '42501', null, 'a visitor does not report');
select throws_ok('select * from core.moderation_reports', '42501', null, 'nor read reports');
select throws_ok($$ select core.suspend_user((select ben from who), 'Because.') $$, '42501', null, 'nor suspend');

-- The reporter
select tests.as_user((select ann from who));
select throws_ok($$ select core.report_content('social', 'post', (select id from thing), 'boring') $$, 'PT422', 'report_invalid', 'the reason is one of those');
select throws_ok($$ select core.report_content('social; drop', 'post', (select id from thing), 'spam') $$, 'PT422', 'report_invalid', 'a module is a name');
select throws_ok($$ select core.report_content('social', 'post', null, 'spam') $$, 'PT422', 'report_invalid', 'a report is about something');
select throws_ok($$ select core.report_content('social', 'post', (select id from thing), 'spam', '', gen_random_uuid()) $$, 'PT422', 'report_invalid', 'and about somebody who is there');
select throws_ok($$ select core.report_content('social', 'post', (select id from thing), 'spam', '<script>x</script>') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ insert into core.moderation_reports (module, entity_type, entity_id, reason) values ('a', 'b', gen_random_uuid(), 'spam') $$, '42501', null, 'not in the table');
select isnt(core.report_content('social', 'post', (select id from thing), 'abuse', 'Rude.', (select ben from who)), null, 'one reports');
create temp table r as select core.report_content('social', 'post', (select id from thing), 'abuse') as id;
grant select on r to public;
select is(tests.count_of('select * from core.moderation_reports'), 1::bigint, 'twice is once');
select throws_ok($$ update core.moderation_reports set status = 'actioned' $$, '42501', null, 'and does not decide');
select throws_ok($$ select core.resolve_report((select id from r), 'actioned') $$, 'PT403', 'role_required', 'nor by the function');
select throws_ok($$ select core.suspend_user((select ben from who), 'I dislike him.') $$, 'PT403', 'role_required', 'nor suspends');
select throws_ok($$ select private.set_user_active((select ben from who), false, 'I dislike him.', null) $$, 'PT403', 'role_required', 'nor behind the door');
select throws_ok($$ insert into core.moderation_actions (action, reason) values ('suspend', 'x') $$, '42501', null, 'nor writes acts');
select throws_ok(
  $$ do $do$ begin for i in 1..20 loop perform core.report_content('social', 'post', gen_random_uuid(), 'spam'); end loop; end $do$ $$,
  'PT429', 'too_many_reports', 'reports are not a weapon'
);

-- The person reported
select tests.as_user((select ben from who));
select is(tests.count_of('select * from core.moderation_reports'), 0::bigint, 'does not see who reported him');
select ok(private.has_role('expert'), 'has his role so far');

-- The moderator
select tests.as_user((select moderator from who));
select is(tests.count_of('select * from core.moderation_reports'), 1::bigint, 'a moderator sees reports');
select throws_ok($$ select core.resolve_report((select id from r), 'open') $$, 'PT422', 'report_status_invalid', 'not back');
select throws_ok($$ select core.resolve_report(gen_random_uuid(), 'actioned') $$, 'PT404', 'report_not_found', 'not what is not there');
select is((core.resolve_report((select id from r), 'reviewing')).assigned_to, (select moderator from who), 'takes it up');
select throws_ok($$ select core.suspend_user((select ben from who), null) $$, 'PT422', 'reason_required', 'no act without a reason');
select throws_ok($$ select core.suspend_user(gen_random_uuid(), 'Nobody.') $$, 'PT404', 'user_not_found', 'on nobody');
select throws_ok($$ select core.suspend_user(auth.uid(), 'Tired.') $$, 'PT403', 'own_account', 'on himself');
select throws_ok($$ select core.suspend_user((select moderator2 from who), 'Rival.') $$, 'PT403', 'role_required', 'on a colleague');
select throws_ok($$ select core.suspend_user((select boss from who), 'Coup.') $$, 'PT403', 'role_required', 'on an administrator');
select throws_ok($$ select core.suspend_user((select ben from who), 'Rude.', gen_random_uuid()) $$, 'PT404', 'report_not_found', 'for a report that is not there');
select ok(core.suspend_user((select ben from who), 'Rude again and again.', (select id from r)), 'suspends');
select ok(not core.suspend_user((select ben from who), 'Rude again and again.'), 'twice is once');
select is((core.resolve_report((select id from r), 'actioned', 'Suspended.')).resolved_by, (select moderator from who), 'decides');
select throws_ok($$ select core.resolve_report((select id from r), 'dismissed') $$, 'PT409', 'report_closed', 'once');
select results_eq(
  $$ select action, user_id, moderator_id, report_id, reason from core.moderation_actions $$,
  $$ select 'suspend', ben, moderator, (select id from r), 'Rude again and again.' from who $$, 'the act is kept'
);
select throws_ok($$ delete from core.moderation_actions $$, '42501', null, 'and stays');

-- At once
select tests.as_user((select ben from who));
select ok(not private.has_role('expert'), 'the suspended one has no role with the token he holds');
select throws_ok($$ select * from core.search('anything') $$, 'PT403', 'account_inactive', 'calls nothing');
select is(tests.rows_changed($$ update core.experts set headline = 'Still here' where id = auth.uid() $$), 0::bigint, 'writes nothing');
select throws_ok($$ insert into core.blocks (blocker_id, blocked_id) values (auth.uid(), (select moderator from who)) $$, '42501', null, 'nor there');
select is((select count(*) from core.notifications where type = 'account_suspended' and severity = 'system'), 1::bigint, 'but reads why');
select is(tests.count_of('select * from core.moderation_actions'), 0::bigint, 'not by whom');
select tests.as_user((select ann from who));
select is((select count(*) from core.search('Made by a test', '{expert,profile}') where entity_id = (select ben from who)), 0::bigint, 'and is found no more');
select is((select count(*) from core.notifications where type = 'report_resolved'), 1::bigint, 'the reporter was told');

-- The administrator
select tests.as_user((select boss from who));
select ok(core.restore_user((select ben from who), 'He apologised.'), 'restores');
select ok(core.suspend_user((select moderator2 from who), 'Absent.'), 'suspends a moderator');
select tests.as_user((select moderator from who));
select throws_ok($$ select core.restore_user((select moderator2 from who), 'A friend.') $$, 'PT403', 'role_required', 'whom no moderator brings back');
select tests.as_user((select ben from who));
select ok(private.has_role('expert'), 'who is restored has his roles again');
select isnt(core.report_content('core', 'profile', (select moderator from who), 'abuse', 'Revenge.', (select moderator from who)), null, 'and may report a moderator');
create temp table r2 as select id from core.moderation_reports where reported_user_id = (select moderator from who);
grant select on r2 to public;
select tests.as_user((select moderator from who));
select throws_ok($$ select core.resolve_report((select id from r2), 'dismissed') $$, 'PT403', 'own_report', 'who does not decide on it');

-- Blocks
select tests.as_user((select ann from who));
select throws_ok($$ insert into core.blocks (blocker_id, blocked_id) values (auth.uid(), auth.uid()) $$, '23514', null, 'nobody blocks himself');
select throws_ok($$ insert into core.blocks (blocker_id, blocked_id) values ((select ben from who), auth.uid()) $$, '42501', null, 'nor in the name of another');
insert into core.blocks (blocker_id, blocked_id) values (auth.uid(), (select ben from who));
select tests.as_user((select ben from who));
select is(tests.count_of('select * from core.blocks'), 0::bigint, 'the blocked one does not see it');

-- Past the functions
select tests.as_service();
update core.profiles set is_active = false where id = (select ann from who);
select is((select action || '|' || coalesce(moderator_id::text, 'service') || '|' || reason from core.moderation_actions where user_id = (select ann from who)), 'suspend|service|Changed in the table; no reason given.', 'an act past the functions is kept too');
select throws_ok($$ insert into core.moderation_actions (action, reason) values ('suspend', 'x') $$, '42501', null, 'and none is made up');

-- What stays
select tests.as_owner();
select ok(private.is_blocked_between((select ben from who), (select ann from who)), 'modules know, in both directions');
delete from auth.users where id in ((select ben from who), (select moderator from who));
select is((select count(*) from core.moderation_actions where user_tombstone = (select ben from who) and user_id is null and moderator_id is distinct from (select moderator from who) and reason = 'Removed with the account.'), 2::bigint, 'acts outlive both people');

select * from finish();
rollback;
