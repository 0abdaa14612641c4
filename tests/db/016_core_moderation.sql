-- Moderation: people report and block, moderators act at once, acts are kept.
begin;
select plan(158);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local', '{expert}') as ben,
  tests.create_user('mod@test.local', '{moderator}') as moderator,
  tests.create_user('mod2@test.local', '{moderator}') as moderator2,
  tests.create_user('boss@test.local', '{admin}') as boss;
-- A module as core sees it: a table, and three functions with their names in moderated_kinds.
create table tests.notes (id uuid primary key default gen_random_uuid(), author_id uuid, note text, is_draft boolean default false, is_hidden boolean default false);
create function private.tests_note(p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean)
returns record language sql stable security definer set search_path = '' as $$
  select n.author_id, 'A note', n.note, '/notes/' || n.id, not n.is_draft or p_viewer_id is null, n.is_hidden from tests.notes as n where n.id = p_id;
$$;
create function private.tests_hide_note(p_type text, p_id uuid, p_actor_id uuid) returns void
language sql volatile security definer set search_path = '' as $$ update tests.notes set is_hidden = true where id = p_id; $$;
create function private.tests_show_note(p_type text, p_id uuid, p_actor_id uuid) returns void
language sql volatile security definer set search_path = '' as $$ update tests.notes set is_hidden = false where id = p_id; $$;
insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function)
values ('social', 'note', 'tests_note', 'tests_hide_note', 'tests_show_note');

create temp table thing as select gen_random_uuid() as id, gen_random_uuid() as draft, gen_random_uuid() as of_mod, gen_random_uuid() as of_boss;
insert into tests.notes (id, author_id, note, is_draft)
select t.id, w.ben, 'You are all fools.', false from thing as t, who as w
union all select t.draft, w.ben, 'Not out yet.', true from thing as t, who as w
union all select t.of_mod, w.moderator, 'A note of a moderator.', false from thing as t, who as w
union all select t.of_boss, w.boss, 'A note of the boss.', false from thing as t, who as w
union all select gen_random_uuid(), w.ben, 'Many of them.', false from who as w, generate_series(1, 25);
grant select on who, thing, tests.notes to public;

-- A visitor
select tests.as_anon();
select throws_ok($$ select core.report_content('social', 'note', (select id from thing), 'spam') $$, '42501', null, 'a visitor does not report');
select throws_ok('select * from core.moderation_reports', '42501', null, 'nor read reports');
select throws_ok($$ select core.suspend_user((select ben from who), 'Because.') $$, '42501', null, 'nor suspend');

-- The reporter
select tests.as_user((select ann from who));
select throws_ok($$ select core.report_content('social', 'note', (select id from thing), 'boring') $$, 'PT422', 'report_invalid', 'the reason is one of those');
select throws_ok($$ select core.report_content('social; drop', 'note', (select id from thing), 'spam') $$, 'PT422', 'kind_not_moderated', 'a module is a name');
select throws_ok($$ select core.report_content('social', 'note', null, 'spam') $$, 'PT422', 'report_invalid', 'a report is about something');
select throws_ok($$ select core.report_content('social', 'letter', (select id from thing), 'spam') $$, 'PT422', 'kind_not_moderated', 'of a kind that somebody can judge');
select throws_ok($$ select core.report_content('social', 'note', gen_random_uuid(), 'spam') $$, 'PT404', 'content_not_found', 'that is there');
select is(tests.count_of('select * from tests.notes where id = (select draft from thing)'), 1::bigint, 'a draft is there');
select throws_ok($$ select core.report_content('social', 'note', (select draft from thing), 'spam') $$, 'PT404', 'content_not_found', 'and not for him, so he cannot report it');
select throws_ok($$ select core.report_content('core', 'profile', auth.uid(), 'spam') $$, 'PT403', 'own_content', 'nor what is his own');
select throws_ok($$ select core.report_content('social', 'note', (select id from thing), 'spam', '<script>x</script>') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ insert into core.moderation_reports (module, entity_type, entity_id, reason) values ('a', 'b', gen_random_uuid(), 'spam') $$, '42501', null, 'not in the table');
select isnt(core.report_content('social', 'note', (select id from thing), 'abuse', 'Rude.'), null, 'one reports');
select is((select reported_user_id from core.moderation_reports), (select ben from who), 'the database knows whose it is');
create temp table r as select core.report_content('social', 'note', (select id from thing), 'abuse') as id;
grant select on r to public;
select is(tests.count_of('select * from core.moderation_reports'), 1::bigint, 'twice is once');
select throws_ok($$ update core.moderation_reports set status = 'actioned' $$, '42501', null, 'and does not decide');
select throws_ok($$ select core.resolve_report((select id from r), 'actioned') $$, 'PT403', 'role_required', 'nor by the function');
select throws_ok($$ select core.suspend_user((select ben from who), 'I dislike him.') $$, 'PT403', 'role_required', 'nor suspends');
select throws_ok($$ select private.set_user_active((select ben from who), false, 'I dislike him.', null) $$, 'PT403', 'role_required', 'nor behind the door');
select throws_ok($$ insert into core.moderation_actions (action, reason) values ('suspend', 'x') $$, '42501', null, 'nor writes acts');
select throws_ok(
  $$ do $do$ begin perform core.report_content('social', 'note', n.id, 'spam') from tests.notes as n where n.note = 'Many of them.'; end $do$ $$,
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
select throws_ok($$ select core.apply_as_expert('Still here', '{biology}') $$, 'PT403', 'account_inactive', 'calls nothing that writes');
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
select isnt(core.report_content('core', 'profile', (select moderator from who), 'abuse', 'Revenge.'), null, 'and may report a moderator');
create temp table r2 as select id from core.moderation_reports where reported_user_id = (select moderator from who);
grant select on r2 to public;
select tests.as_user((select moderator from who));
select throws_ok($$ select core.resolve_report((select id from r2), 'dismissed') $$, 'PT403', 'own_report', 'who does not decide on it');
select is(tests.count_of('select * from core.moderation_reports where id = (select id from r2)'), 0::bigint, 'nor reads who reported him, and why');
select tests.as_user((select boss from who));
select is(tests.count_of('select * from core.moderation_reports where id = (select id from r2)'), 1::bigint, 'an administrator does');
select isnt(core.moderate_content('core', 'profile', (select moderator from who), 'warn', 'Be polite.'), null, 'and warns him');
select tests.as_user((select moderator from who));
select is(tests.count_of($$ select * from core.moderation_actions where user_id = auth.uid() $$), 0::bigint, 'he does not see by whom');

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

-- The queue, and what is done about a thing
select tests.as_owner();
update core.profiles set is_active = true where id = (select ann from who);
create temp table more as select
  tests.create_user('cleo@test.local') as cleo, tests.create_user('dan@test.local') as dan,
  tests.create_user('mod3@test.local', '{moderator}') as mod3, gen_random_uuid() as bad, gen_random_uuid() as odd;
insert into tests.notes (id, author_id, note) select m.bad, m.dan, 'Where Cleo lives.' from more as m;
insert into tests.notes (id, author_id, note) select m.odd, null, 'Nobody wrote it who is still here.' from more as m;
grant select on more to public;
select tests.as_user((select cleo from more));
select isnt(core.report_content('social', 'note', (select bad from more), 'privacy', 'My address!'), null, 'Cleo reports');
select isnt(core.report_content('social', 'note', (select odd from more), 'spam'), null, 'twice');
select throws_ok('select * from core.moderation_queue()', 'PT403', 'role_required', 'who reports does not see the queue');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'hide', 'I want it gone.') $$, 'PT403', 'role_required', 'nor hides');
select throws_ok($$ select core.moderation_record((select dan from more)) $$, 'PT403', 'role_required', 'nor looks at records');
select throws_ok($$ select private.carry_out('social', 'note', (select bad from more), 'hide', 'x', auth.uid(), auth.uid(), null, null) $$, '42501', null, 'nor behind the door');
select throws_ok($$ insert into core.moderated_kinds (module, entity_type, lookup_function) values ('a_b', 'c_d', 'e') $$, '42501', null, 'nor registers kinds');
select tests.as_user((select ann from who));
select isnt(core.report_content('social', 'note', (select bad from more), 'abuse'), null, 'Ann reports it, too');
select tests.as_anon();
select throws_ok('select * from core.moderation_queue()', '42501', null, 'a visitor sees no queue');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'hide', 'Gone.') $$, '42501', null, 'nor acts');
select throws_ok($$ select core.appeal(gen_random_uuid(), 'Please look again.') $$, '42501', null, 'nor appeals');
select throws_ok('select * from core.my_moderation_actions()', '42501', null, 'nor asks what was decided');

select tests.as_user((select mod3 from more));
select results_eq(
  $$ select entity_id, reports_count, reasons, severity, reported_username, excerpt, is_there, is_hidden from core.moderation_queue() where severity > 10 and entity_id in (select bad from more union select odd from more) order by severity desc $$,
  $$ select bad, 2::bigint, '{"abuse": 1, "privacy": 1}'::jsonb, 80, (select username::text from core.profiles where id = dan), 'Where Cleo lives.', true, false from more
     union all select odd, 1::bigint, '{"spam": 1}', 20, null, 'Nobody wrote it who is still here.', true, false from more order by 4 desc $$,
  'one row a thing, the worst first'
);
select is(
  (select array_agg(q.entity_id) from core.moderation_queue('open', 100) as q),
  (select array_agg(x.entity_id order by x.n) from (
    select 1 as n, a.entity_id from core.moderation_queue('open', 1) as a
    union all
    select 1 + row_number() over (), b.entity_id from core.moderation_queue('open', 100, (select c.cursor from core.moderation_queue('open', 1) as c)) as b
  ) as x),
  'pages follow one another'
);
select throws_ok($$ select * from core.moderation_queue('lost') $$, 'PT422', 'report_status_invalid', 'a status is one of those');
select throws_ok($$ select * from core.moderation_queue('open', 10, '1_2_x_y') $$, 'PT400', 'cursor_invalid', 'a cursor is one that was given');
select throws_ok($$ select * from core.moderation_queue('open', 10, '1') $$, 'PT400', 'cursor_invalid', 'in full');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'burn', 'Burn it.') $$, 'PT422', 'action_invalid', 'an action is one of those');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'hide', ' ') $$, 'PT422', 'reason_required', 'with a reason');
select throws_ok($$ select core.moderate_content('social', 'note', gen_random_uuid(), 'hide', 'Gone.') $$, 'PT404', 'content_not_found', 'on something that is there');
select throws_ok($$ select core.moderate_content('social', 'letter', (select bad from more), 'hide', 'Gone.') $$, 'PT422', 'kind_not_moderated', 'of a kind that is known');
select throws_ok($$ select core.moderate_content('core', 'profile', (select dan from more), 'hide', 'Gone.') $$, 'PT422', 'action_not_possible', 'a person cannot be hidden');
select throws_ok($$ select core.moderate_content('core', 'profile', auth.uid(), 'dismiss', 'Fine.') $$, 'PT403', 'own_account', 'nobody judges himself');
select throws_ok($$ select core.moderate_content('social', 'note', (select of_boss from thing), 'hide', 'Coup.') $$, 'PT403', 'role_required', 'nor what an administrator wrote');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'hide', 'Gone.', (select id from r)) $$, 'PT404', 'report_not_found', 'for a report on this thing');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'unhide', 'Fine.') $$, 'PT409', 'already_done', 'what is visible is not shown');
select throws_ok($$ select core.moderate_content('social', 'note', (select odd from more), 'warn', 'Do not.') $$, 'PT409', 'author_gone', 'nobody is there to be warned');
create temp table act as select core.moderate_content('social', 'note', (select bad from more), 'hide', 'A private address.') as hide;
grant select, insert on act to public;
select ok((select is_hidden from tests.notes where id = (select bad from more)), 'hidden by the module''s function');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'hide', 'Once more.') $$, 'PT409', 'already_done', 'once');
select throws_ok($$ select core.moderate_content('social', 'note', (select bad from more), 'dismiss', 'Fine.') $$, 'PT409', 'report_closed', 'every report on it is decided');
select is((select count(*) from core.moderation_reports where entity_id = (select bad from more) and status = 'actioned' and resolved_by = (select mod3 from more)), 2::bigint, 'both at once');
select is((select action || '|' || reason from core.moderation_actions where id = (select hide from act) and user_id = (select dan from more) and report_id is not null), 'hide|A private address.', 'and the act is kept');
select is((core.moderation_record((select dan from more)) ->> 'hidden')::integer, 1, 'it is in his record');
select isnt(core.moderate_content('social', 'note', (select odd from more), 'dismiss', 'It is fine.'), null, 'a report that came to nothing');
select isnt(core.moderate_content('core', 'profile', (select dan from more), 'warn', 'Do not publish addresses.'), null, 'a warning');
select is((core.moderation_record((select dan from more)) ->> 'warnings')::integer, 1, 'counts');
select throws_ok($$ select core.moderation_record(gen_random_uuid()) $$, 'PT404', 'user_not_found', 'nobody has no record');

select tests.as_user((select cleo from more));
select is((select count(*) from core.notifications where type = 'report_resolved'), 2::bigint, 'who reported is told');
select throws_ok($$ select core.report_content('social', 'note', (select bad from more), 'spam') $$, 'PT409', 'content_removed', 'what is hidden is reported no more');

-- How urgent
select tests.as_owner();
select results_eq(
  $$ select private.report_severity(r) from unnest(array['illegal', 'privacy', 'harassment', 'abuse', 'plagiarism', 'misinformation', 'spam', 'other']) as r $$,
  'values (90), (80), (70), (60), (40), (40), (20), (10)', 'every reason has its place in the queue'
);
select tests.as_user((select cleo from more));

-- Appeals
select throws_ok($$ select core.appeal((select hide from act), 'Please look again.') $$, 'PT404', 'action_not_found', 'nobody appeals for another');
select is((select count(*) from core.my_moderation_actions()), 0::bigint, 'nor sees what was decided about another');
select tests.as_user((select mod3 from more));
select ok(core.suspend_user((select dan from more), 'A private address, and worse.'), 'Dan is suspended');
select tests.as_user((select dan from more));
select is((select string_agg(type || '|' || severity, ' ' order by type) from core.notifications), 'account_suspended|system content_hidden|system moderation_warning|system', 'he reads what happened');
select ok(not exists (select from core.notifications where data ? 'actor_id' or data::text || message like '%' || (select mod3 from more) || '%'), 'not by whom');
select results_eq('select action, can_appeal from core.my_moderation_actions()', $$ values ('suspend', true), ('warn', true), ('hide', true) $$, 'and what he can do');
select is(tests.count_of('select * from core.moderation_appeals'), 0::bigint, 'not in the table');
select throws_ok($$ insert into core.moderation_appeals (action_id, text) values (gen_random_uuid(), 'x') $$, '42501', null, 'where he writes nothing');
select throws_ok($$ select core.appeal((select hide from act), 'No.') $$, 'PT422', 'text_required', 'an appeal says something');
select throws_ok($$ select core.appeal((select hide from act), repeat('x', 2001)) $$, 'PT422', 'text_too_long', 'in bounds');
select throws_ok($$ select core.appeal((select hide from act), 'See <img src=x onerror=y>') $$, 'PT422', 'markup_not_allowed', 'in plain words');
create temp table appeals as
select core.appeal((select hide from act), 'It was my own address.') as hide,
  core.appeal((select m.id from core.my_moderation_actions() as m where m.action = 'suspend'), 'I did nothing of the kind.') as suspend,
  core.appeal((select m.id from core.my_moderation_actions() as m where m.action = 'warn'), 'I meant no harm by it.') as warn;
grant select on appeals to public;
select isnt((select suspend from appeals), null, 'the suspended one appeals');
select is(tests.count_of('select * from core.moderation_appeals'), 0::bigint, 'and does not read the table, now that it holds his own');
select throws_ok($$ select core.appeal((select hide from act), 'And another thing.') $$, 'PT409', 'already_appealed', 'once');
select ok(core.withdraw_appeal((select warn from appeals)), 'takes one back');
select ok(not core.withdraw_appeal((select warn from appeals)), 'once');
select throws_ok($$ select core.decide_appeal((select suspend from appeals), 'overturned', 'I am innocent.') $$, 'PT403', 'account_inactive', 'and decides nothing');
select throws_ok($$ select core.report_content('core', 'profile', (select mod3 from more), 'abuse') $$, 'PT403', 'account_inactive', 'nor reports');
select tests.as_user((select cleo from more));
select ok(not core.withdraw_appeal((select hide from appeals)), 'nobody takes back another''s');
select throws_ok($$ select core.decide_appeal((select hide from appeals), 'upheld', 'I agree.') $$, 'PT403', 'role_required', 'nor decides');
select tests.as_user((select mod3 from more));
select is(tests.count_of('select * from core.moderation_appeals where status = ''open'''), 2::bigint, 'moderators see appeals');
select throws_ok($$ select core.decide_appeal((select suspend from appeals), 'upheld', 'I was right.') $$, 'PT403', 'own_decision', 'who acted does not decide');
select tests.as_user((select boss from who));
select ok(core.restore_user((select moderator2 from who), 'Back again.'), 'another moderator is there');
select tests.as_user((select moderator2 from who));
select throws_ok($$ select core.decide_appeal((select suspend from appeals), 'maybe', 'Perhaps.') $$, 'PT422', 'decision_invalid', 'yes or no');
select throws_ok($$ select core.decide_appeal(gen_random_uuid(), 'upheld', 'Nothing.') $$, 'PT404', 'appeal_not_found', 'on an appeal that is there');
select throws_ok($$ select core.decide_appeal((select suspend from appeals), 'upheld', '') $$, 'PT422', 'reason_required', 'with a reason');
select throws_ok($$ select core.decide_appeal((select warn from appeals), 'upheld', 'It stands.') $$, 'PT409', 'appeal_closed', 'not on one that was withdrawn');
select ok(core.decide_appeal((select suspend from appeals), 'overturned', 'It was his own address.'), 'granted');
select ok(core.decide_appeal((select hide from appeals), 'overturned', 'It was his own address.'), 'both');
select throws_ok($$ select core.decide_appeal((select suspend from appeals), 'upheld', 'On second thoughts.') $$, 'PT409', 'appeal_closed', 'once');
select is(core.moderation_record((select dan from more)) - 'user_id' - 'username' - 'created_at' - 'last_action_at',
  '{"is_active": true, "warnings": 1, "hidden": 0, "suspensions": 0, "overturned": 2, "open_appeals": 0, "reports_about": 2, "reports_about_open": 0, "reports_about_actioned": 2, "reports_made": 0, "reports_made_dismissed": 0}'::jsonb,
  'what was overturned does not count');
select tests.as_user((select dan from more));
select is(private.require_user(), (select dan from more), 'the account is open again');
select throws_ok($$ select core.appeal((select m.id from core.my_moderation_actions() as m where m.action = 'unhide'), 'Please hide it again.') $$, 'PT404', 'action_not_found', 'what was decided for him is not appealed');
select tests.as_user((select cleo from more));
select isnt(core.report_content('core', 'profile', (select dan from more), 'spam'), null, 'he is reported once more');
select tests.as_user((select moderator2 from who));
select isnt(core.moderate_content('core', 'profile', (select dan from more), 'dismiss', 'Nothing in it.'), null, 'for nothing');
select tests.as_user((select dan from more));
select is((select count(*) from core.my_moderation_actions() as m where m.action = 'dismiss'), 0::bigint, 'of which he does not hear');
select ok(not (select is_hidden from tests.notes where id = (select bad from more)), 'and the note is back');
select is((select count(*) from core.notifications where type = 'appeal_decided' and severity = 'system'), 2::bigint, 'he was told');
select is((select appeal_status || '|' || decision_note from core.my_moderation_actions() where id = (select hide from act)), 'overturned|It was his own address.', 'and reads why');

-- An overturned suspension that was followed by another one opens nothing
select tests.as_user((select mod3 from more));
select ok(core.suspend_user((select dan from more), 'Rude.') and core.restore_user((select dan from more), 'For now.') and core.suspend_user((select dan from more), 'Rude again.'), 'suspended twice');
select tests.as_user((select dan from more));
create temp table older as select core.appeal((select m.id from core.my_moderation_actions() as m where m.reason = 'Rude.'), 'I was polite that time.') as id;
grant select on older to public;
select tests.as_user((select moderator2 from who));
select ok(not core.decide_appeal((select id from older), 'overturned', 'He was polite that time.'), 'nothing is undone');
select is((select is_active from core.profiles where id = (select dan from more)), false, 'the second suspension stands');

-- The only administrator; and what an administrator decided about a moderator is no moderator's business
select tests.as_user((select boss from who));
select ok(core.suspend_user((select mod3 from more), 'Too eager.'), 'the boss suspends a moderator');
select tests.as_user((select mod3 from more));
create temp table eager as select core.appeal((select m.id from core.my_moderation_actions() as m where m.action = 'suspend'), 'I only did my work.') as id;
grant select on eager to public;
select tests.as_user((select moderator2 from who));
select throws_ok($$ select core.decide_appeal((select id from eager), 'overturned', 'A friend.') $$, 'PT403', 'role_required', 'a colleague does not decide');
select tests.as_owner();
create temp table second as select tests.create_user('boss2@test.local', '{admin}') as id;
grant select on second to public;
select tests.as_user((select boss from who));
select throws_ok($$ select core.decide_appeal((select id from eager), 'upheld', 'I meant it.') $$, 'PT403', 'own_decision', 'nor the boss, while there is another');
select tests.as_owner();
delete from core.user_roles where user_id = (select id from second) and role = 'admin';
select tests.as_user((select boss from who));
select ok(not core.decide_appeal((select id from eager), 'upheld', 'I meant it.'), 'the only administrator has nobody to hand it to');

-- Limits, and what stays
select tests.as_owner();
insert into core.moderation_actions (action, user_id, user_tombstone, module, entity_type, entity_id, reason)
select 'warn', m.cleo, m.cleo, 'core', 'profile', m.cleo, 'Warning ' || n from more as m, generate_series(1, 6) as n;
select tests.as_user((select cleo from more));
select throws_ok($$ do $do$ begin perform core.appeal(m.id, 'Please look again.') from core.my_moderation_actions() as m; end $do$ $$, 'PT429', 'too_many_appeals', 'appeals are not a weapon');
select tests.as_service();
select throws_ok($$ select core.appeal(gen_random_uuid(), 'Please look again.') $$, '42501', null, 'the service appeals for nobody');
select tests.as_owner();
select is((select count(*) from ops.audit_logs where table_name = 'core.moderation_appeals' and (new_values ? 'text' or old_values ? 'text')), 0::bigint, 'what people write is not in the audit');
select ok((select count(*) from ops.audit_logs where table_name = 'core.moderation_appeals') >= 8, 'that they do is');
select ok((ops.export_user_data((select dan from more)) -> 'data') ?& '{core.moderation_appeals,private.core_export_moderation_actions}', 'both are in the export of his data');
create temp table late as select x.id from core.moderation_appeals as x where x.user_id = (select dan from more);
update core.moderation_appeals set status = 'open', decided_at = null where id = (select id from older);
delete from auth.users where id = (select dan from more);
select is((select string_agg(distinct x.text || coalesce(x.decision_note, ''), ',') from core.moderation_appeals as x join late using (id)), '', 'what he wrote goes with him');
select is((select status from core.moderation_appeals where id = (select id from older)), 'withdrawn', 'and nobody waits for an answer');

select * from finish();
rollback;
