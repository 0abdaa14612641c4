-- Notifications: for the person alone, as he wants them, once; live on his own channel only.
begin;
select plan(54);

create temp table who as select
  tests.create_user('ann@test.local') as ann,
  tests.create_user('ben@test.local') as ben,
  tests.create_user('off@test.local') as off;
grant select on who to public;
update core.profiles set is_active = false where id = (select off from who);

create function pg_temp.tell(p_who uuid, p_type text default 'greeting', p_group text default null, p_severity text default 'info', p_data jsonb default '{}') returns uuid language sql as $$
  select private.notify(p_who, p_type, p_severity, 'Hello', 'A word.', p_data, '/inbox', p_group)
$$;
create function pg_temp.messages(p_who uuid) returns bigint language sql as $$
  select count(*) from realtime.messages where topic = 'user:' || p_who and event = 'notification' and private
$$;

select isnt(pg_temp.tell((select ann from who)), null, 'a person is told');
select is(pg_temp.messages((select ann from who)), 1::bigint, 'live too, on a private channel');
select is((select payload ->> 'title' from realtime.messages where topic = 'user:' || (select ann from who) and event = 'notification'), 'Hello', 'with what was said');
select is(pg_temp.tell(gen_random_uuid()), null, 'nobody is not told');
select is(pg_temp.tell(null), null, 'nor none');
select throws_ok($$ select private.notify((select ann from who), 'x.y', 'loud', 'T', 'M') $$, '23514', null, 'severities are known');
select throws_ok($$ select private.notify((select ann from who), 'x.y', 'info', 'T', 'M', '{}', 'javascript:alert(1)') $$, '23514', null, 'a link is no script');
select throws_ok($$ select private.notify((select ann from who), 'x.y', 'info', 'T', 'M', '{}', '//evil.example') $$, '23514', null, 'nor another host');
select throws_ok($$ select private.notify((select ann from who), 'x.y', 'info', 'T', 'M', '[]') $$, '23514', null, 'data is an object');
select isnt(private.notify((select ann from who), 'x.y', 'info', repeat('t', 300), null), null, 'a long title does not fail the work that caused it');
select is((select length(title) from core.notifications where type = 'x.y'), 200, 'it is cut');

-- Grouping
create temp table g as select pg_temp.tell((select ben from who), 'vote', 'votes:1') as first;
grant select on g to public;
select is(pg_temp.tell((select ben from who), 'vote', 'votes:1'), (select first from g), 'the same again is the same');
select is((select group_count from core.notifications where id = (select first from g)), 2, 'with a count');
select isnt(pg_temp.tell((select ann from who), 'vote', 'votes:1'), (select first from g), 'another person''s is another');
select is(pg_temp.messages((select ben from who)), 2::bigint, 'each is live');
update core.notifications set read_at = now() where id = (select first from g);
select isnt(pg_temp.tell((select ben from who), 'vote', 'votes:1'), (select first from g), 'after reading, it begins anew');

-- Preferences
insert into core.notification_preferences (user_id, type, is_enabled) values ((select ben from who), 'vote', false);
select is(pg_temp.tell((select ben from who), 'vote'), null, 'a type can be switched off');
select isnt(pg_temp.tell((select ben from who), 'greeting'), null, 'the others stay');
insert into core.notification_preferences (user_id, is_enabled) values ((select ben from who), false);
select is(pg_temp.tell((select ben from who), 'greeting'), null, 'all can');
update core.notification_preferences set is_enabled = true where user_id = (select ben from who) and type = 'vote';
select isnt(pg_temp.tell((select ben from who), 'vote'), null, 'but for one: the type wins over all');
select isnt(pg_temp.tell((select ben from who), 'greeting', null, 'system'), null, 'what concerns the account is not muted');
update core.notification_preferences set is_enabled = true, muted_until = now() + interval '1 hour' where user_id = (select ben from who) and type = '*';
select is(pg_temp.tell((select ben from who), 'greeting'), null, 'muted for a while');
update core.notification_preferences set muted_until = now() - interval '1 hour' where user_id = (select ben from who) and type = '*';
select isnt(pg_temp.tell((select ben from who), 'greeting'), null, 'and the while ends');
insert into core.notification_preferences (user_id, type, channel) values ((select ben from who), 'mailed', 'email');
select is((select channels from private.notification_route((select ben from who), 'mailed')), '{in_app,email}', 'a channel may be added');
update core.profiles set time_zone = 'Asia/Kolkata' where id = (select ben from who);
update core.notification_preferences
set quiet_from = ((now() at time zone 'Asia/Kolkata') - interval '1 hour')::time, quiet_to = ((now() at time zone 'Asia/Kolkata') + interval '1 hour')::time, muted_until = null
where user_id = (select ben from who) and type = '*';
select is(
  date_trunc('second', (select deliver_after from private.notification_route((select ben from who), 'greeting'))),
  date_trunc('second', now() + interval '1 hour'), 'quiet hours end by the person''s own clock, over midnight too'
);
update core.notification_preferences
set quiet_from = ((now() at time zone 'Asia/Kolkata') + interval '1 hour')::time, quiet_to = ((now() at time zone 'Asia/Kolkata') + interval '2 hours')::time
where user_id = (select ben from who) and type = '*';
select is((select deliver_after from private.notification_route((select ben from who), 'greeting')), null, 'before them it is not quiet');
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select is(pg_temp.tell((select ben from who), 'vote', null, 'info', jsonb_build_object('actor_id', (select ann from who))), null, 'who is blocked does not reach the one who blocked him');
select isnt(pg_temp.tell((select ann from who), 'vote', null, 'info', jsonb_build_object('actor_id', (select ben from who))), null, 'the other way he does');

-- A visitor
select tests.as_anon();
select throws_ok('select * from core.notifications', '42501', null, 'a visitor reads none');
select throws_ok('select core.mark_notifications_read()', '42501', null, 'and marks none');

-- The person
select tests.as_user((select ann from who));
select is(tests.count_of('select * from core.notifications'), 4::bigint, 'one reads one''s own');
select is(core.unread_notifications(), 4, 'and knows how many are new');
select throws_ok($$ select private.notify((select ben from who), 'spam', 'system', 'Buy', 'now') $$, '42501', null, 'one does not tell others');
select throws_ok($$ insert into core.notifications (user_id, type, title) values ((select ben from who), 'spam', 'Buy') $$, '42501', null, 'nor in the table');
select throws_ok($$ select private.broadcast_to_user((select ben from who), 'spam', '{}') $$, '42501', null, 'nor live');
select throws_ok($$ update core.notifications set title = 'x' $$, '42501', null, 'what was said stays said');
select throws_ok($$ update core.notifications set read_at = '1999-01-01' $$, '42501', null, 'nor does one choose the time of reading');
select is(core.mark_notifications_read(array[(select id from core.notifications where type = 'greeting')]), 1, 'one marks one');
select is(core.mark_notifications_read(), 3, 'and all');
select is(core.mark_notifications_read(), 0, 'twice is once');
select is(core.mark_notifications_read(array(select id from core.notifications where false)), 0, 'none is none');
select is(tests.rows_changed($$ delete from core.notifications where type = 'greeting' $$), 1::bigint, 'and deletes one''s own');
select lives_ok($$ insert into core.notification_preferences (user_id, type, channel, is_enabled) values (auth.uid(), 'vote', 'in_app', false) on conflict (user_id, type, channel) do update set is_enabled = excluded.is_enabled $$, 'one writes one''s preferences, as an upsert');
select throws_ok($$ insert into core.notification_preferences (user_id, is_enabled) values ((select off from who), false) $$, '42501', null, 'not those of another');
select throws_ok($$ update core.notification_preferences set user_id = (select off from who) $$, '42501', null, 'nor push one''s own on him');
select throws_ok($$ insert into core.notification_preferences (user_id, type, quiet_from) values (auth.uid(), 'vote2', '22:00') $$, '23514', null, 'quiet hours have two ends');

-- A stranger
select is(tests.count_of($$ select * from core.notification_preferences where user_id = (select ben from who) $$), 0::bigint, 'a stranger does not see preferences');
select is(core.mark_notifications_read(array[(select first from g)]), 0, 'nor mark what is not his');
select is(tests.count_of($$ select * from core.notifications where user_id = (select ben from who) $$), 0::bigint, 'nor read it');

-- The channel
select set_config('realtime.topic', 'user:' || (select ann from who), true);
select ok(tests.count_of($$ select * from realtime.messages where topic = 'user:' || auth.uid() $$) > 0, 'one listens to one''s own channel');
select throws_ok($$ insert into realtime.messages (topic, extension, event, payload, private) values ('user:' || auth.uid(), 'broadcast', 'notification', '{}', true) $$, '42501', null, 'but does not send there');
select set_config('realtime.topic', 'user:' || (select ben from who), true);
select is(tests.count_of('select * from realtime.messages'), 0::bigint, 'the channel of another is silent');
select throws_ok($$ insert into realtime.messages (topic, extension, event, payload, private) values ('user:' || (select ben from who), 'broadcast', 'notification', '{}', true) $$, '42501', null, 'and takes nothing');
select tests.as_anon();
select set_config('realtime.topic', 'user:' || (select ann from who), true);
select is(tests.count_of('select * from realtime.messages'), 0::bigint, 'a visitor listens to nobody');

select * from finish();
rollback;
