-- Chat: rooms, messages, reading positions, lists and search, by everybody who has no business there, too. Who may do
-- what to members is in 062.
begin;
select plan(100);

create temp table who as select
  tests.create_user('ann@chat.test', '{}', '{"username": "chat_ann"}') as ann,
  tests.create_user('ben@chat.test', '{}', '{"username": "chat_ben"}') as ben,
  tests.create_user('cat@chat.test', '{}', '{"username": "chat_cat"}') as cat,
  tests.create_user('dan@chat.test') as dan,
  tests.create_user('eve@chat.test') as eve,
  tests.create_user('off@chat.test') as off,
  tests.create_user('mod@chat.test', '{moderator}') as mod;
grant select on who to public;
update core.profiles set is_active = false where id = (select off from who);
update core.settings set value = jsonb_set(jsonb_set(value, '{message,new,burst}', '1000'), '{room,new,burst}', '1000') where key = 'social.limits';
create temp table made (name text primary key, id uuid);
grant all on made to public;
create function pg_temp.id(p_name text) returns uuid language sql stable as $$ select id from made where name = p_name $$;
create function pg_temp.say(p_room text, p_text text) returns uuid language sql as $$ select (social.send_message(pg_temp.id(p_room), p_text)).id $$;
grant execute on function pg_temp.id(text), pg_temp.say(text, text) to public;

-- 1. Direct rooms
select tests.as_anon();
select throws_ok(format('select social.direct_room(%L)', (select ben from who)), '42501', null, 'a visitor opens no room');
select tests.as_user((select off from who));
select throws_ok(format('select social.direct_room(%L)', (select ben from who)), 'PT403', 'account_inactive', 'nor does a suspended person');
select tests.as_user((select ann from who));
select throws_ok(format('select social.direct_room(%L)', (select ann from who)), 'PT422', 'direct_room_with_self', 'nobody talks to himself');
select throws_ok('select social.direct_room(gen_random_uuid())', 'PT409', 'person_unavailable', 'nor to nobody');
select throws_ok('select social.direct_room(null)', 'PT409', 'person_unavailable', 'null is nobody');
select throws_ok(format('select social.direct_room(%L)', (select off from who)), 'PT409', 'person_unavailable', 'nor to somebody suspended');
insert into made select 'direct', (social.direct_room((select ben from who))).id;
select is((social.direct_room((select ben from who))).id, pg_temp.id('direct'), 'asked for again it is the same room');
select results_eq($$ select name, other_username, unread from social.my_rooms() $$, $$ values ('', 'chat_ben', 0::bigint) $$, 'whoever opened it has it in his list, under the other''s name');
select tests.as_user((select ben from who));
select is((social.direct_room((select ann from who))).id, pg_temp.id('direct'), 'for the other one, too');
select is(tests.count_of('select * from social.my_rooms()'), 0::bigint, 'an empty one does not stand in the other''s list');
select results_eq('select members_count, type, topic from social.chat_rooms', format($$ values (2, 'direct', 'room:%s:1') $$, pg_temp.id('direct')), 'both are members');
select tests.as_user((select eve from who));
select is(tests.count_of('select * from social.chat_rooms'), 0::bigint, 'a stranger sees no room');
select is(tests.count_of('select user_id from social.chat_room_participants'), 0::bigint, 'nor who is in it');

-- 2. Groups
select tests.as_user((select off from who));
select throws_ok($$ select social.create_room('Off') $$, 'PT403', 'account_inactive', 'a suspended person opens no group');
select tests.as_user((select ann from who));
select throws_ok($$ select social.create_room('  ') $$, 'PT422', 'text_required', 'a group has a name');
select throws_ok($$ select social.create_room('<b>x</b>') $$, 'PT422', 'markup_not_allowed', 'in plain text');
select throws_ok(format($$ select social.create_room('G', '', array[%L]::uuid[]) $$, (select off from who)), 'PT409', 'person_unavailable', 'with people who can be reached');
select throws_ok($$ select social.create_room('G', '', array(select gen_random_uuid() from generate_series(1, 200))) $$, 'PT409', 'room_full', 'and not with everybody');
insert into made select 'group', (social.create_room('Anatomy', 'Bones', array[(select ben from who), (select cat from who), (select ann from who)])).id;
select results_eq(
  format('select user_id, role from social.chat_room_participants where room_id = %L order by role, user_id', pg_temp.id('group')),
  $$ select * from (select ann, 'admin' from who union all select ben, 'member' from who union all select cat, 'member' from who) as e (id, r) order by r, id $$,
  'the creator is a member, and its admin; himself named among the others is once'
);
select results_eq(
  format('select seq, message_type, sender_id, data ->> ''event'' from social.chat_messages where room_id = %L', pg_temp.id('group')),
  $$ select 1::bigint, 'system', ann, 'room_created' from who $$, 'the room says how it began'
);

-- 3. Sending
insert into made select 'hello', pg_temp.say('group', 'Hello everybody');
select is((select seq from social.chat_messages where id = pg_temp.id('hello')), 2::bigint, 'messages are numbered');
select is((social.send_message(pg_temp.id('group'), 'once', p_client_id => 'c1')).id, (social.send_message(pg_temp.id('group'), 'once more', p_client_id => 'c1')).id, 'the same client_id again sends nothing');
select is((select content from social.chat_messages where client_id = 'c1'), 'once', 'and changes nothing');
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), ' '), 'PT422', 'text_required', 'there is something in it');
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), repeat('x', 4001)), 'PT422', 'text_too_long', 'not too much');
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), '<script>x</script>'), 'PT422', 'markup_not_allowed', 'in plain text');
select throws_ok(format('select social.send_message(%L, %L, %L)', pg_temp.id('group'), 'x', 'system'), 'PT422', 'message_type_invalid', 'nobody speaks for the room');
select throws_ok(format('select social.send_message(%L, %L, %L)', pg_temp.id('group'), 'x', 'image'), 'PT422', 'message_type_invalid', 'an image has a file');
select throws_ok(format('select social.send_message(%L, %L, p_client_id => %L)', pg_temp.id('group'), 'x', ''), 'PT422', 'client_id_invalid', 'a client_id is a text');
select throws_ok(format('select social.send_message(%L, %L, p_reply_to => %L)', pg_temp.id('direct'), 'x', pg_temp.id('hello')), 'PT422', 'reply_not_found', 'a reply stays in its room');
select throws_ok(format('select social.send_message(%L, %L, p_reply_to => (select id from social.chat_messages where room_id = %1$L and seq = 1))', pg_temp.id('group'), 'x'), 'PT422', 'reply_not_found', 'nobody replies to what the room says of itself');
insert into made select 'reply', (social.send_message(pg_temp.id('group'), 'And hello again', p_reply_to => pg_temp.id('hello'))).id;
select is((select reply_to_id from social.chat_messages where id = pg_temp.id('reply')), pg_temp.id('hello'), 'within it a reply it is');
select throws_ok(format($$ insert into social.chat_messages (room_id, seq, content) values (%L, 99, 'x') $$, pg_temp.id('group')), '42501', null, 'nobody writes past the RPC');
select throws_ok($$ update social.chat_messages set content = 'x' $$, '42501', null, 'nor changes');
select throws_ok($$ delete from social.chat_messages $$, '42501', null, 'nor deletes');
select throws_ok($$ update social.chat_rooms set last_seq = 0 $$, '42501', null, 'nor counts');
select throws_ok(format($$ insert into social.chat_room_participants (room_id, user_id) select %L, eve from who $$, pg_temp.id('group')), '42501', null, 'nor brings people in');
select throws_ok($$ update social.chat_room_participants set role = 'admin' $$, '42501', null, 'nor gives roles');
select throws_ok($$ update social.chat_room_participants set last_read_seq = 99 $$, '42501', null, 'nor reads ahead');

select tests.as_user((select eve from who));
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), 'x'), 'PT404', 'room_not_found', 'a stranger does not write');
select is(tests.count_of('select * from social.chat_messages'), 0::bigint, 'and reads nothing');
select throws_ok(format('select social.mark_room_read(%L)', pg_temp.id('group')), 'PT404', 'room_not_found', 'has read nothing');
select throws_ok(format('select social.edit_message(%L, %L)', pg_temp.id('hello'), 'x'), 'PT404', 'message_not_found', 'edits nothing');
select throws_ok(format('select social.delete_message(%L)', pg_temp.id('hello')), 'PT404', 'message_not_found', 'deletes nothing');
select tests.as_anon();
select throws_ok('select * from social.chat_messages', '42501', null, 'a visitor reads nothing');
select throws_ok('select * from social.chat_rooms', '42501', null, 'no rooms');
select throws_ok('select * from social.my_rooms()', '42501', null, 'has none');
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), 'x'), '42501', null, 'and writes nothing');
select tests.as_owner();
select is(tests.count_of(format('select * from social.chat_messages where room_id = %L', pg_temp.id('group'))), 4::bigint, 'the messages are there');

-- 4. Reading positions and lists
select tests.as_user((select ben from who));
select is(tests.count_of(format('select * from social.chat_messages where room_id = %L', pg_temp.id('group'))), 4::bigint, 'a member reads them');
select results_eq($$ select name, unread, role, last_message_preview, last_sender_username, members_count from social.my_rooms() $$, $$ values ('Anatomy', 4::bigint, 'member', 'And hello again', 'chat_ann', 3) $$, 'his list says what is unread and who spoke last');
select is(social.mark_room_read(pg_temp.id('group'), 2), 2::bigint, 'he has read two');
select is(social.mark_room_read(pg_temp.id('group'), 1), 2::bigint, 'never less');
select is(social.mark_room_read(pg_temp.id('group'), -5), 2::bigint, 'not below nothing');
select is((select unread from social.my_rooms()), 2::bigint, 'two are left');
select is(social.mark_room_read(pg_temp.id('group'), 999), 4::bigint, 'and never more than there is');
select tests.as_user((select ann from who));
select is((select unread from social.my_rooms() where type = 'group'), 0::bigint, 'who writes has read');
select is((select last_read_seq from social.chat_room_participants where user_id = (select ben from who) and room_id = pg_temp.id('group')), 4::bigint, 'members see how far others have read');
select throws_ok('select muted_until from social.chat_room_participants', '42501', null, 'but not whether they want to hear it');
select is(tests.rows_changed(format($$ update social.chat_room_participants set muted_until = now() + interval '1 day' where room_id = %L $$, pg_temp.id('group'))), 1::bigint, 'one makes one''s own room silent, nobody else''s');
select isnt((select muted_until from social.my_rooms() where type = 'group'), null, 'the list says so');
select pg_temp.say('direct', 'Only for Ben');
select results_eq($$ select type, cursor is not null from social.my_rooms(1) $$, $$ values ('direct', true) $$, 'the newest activity stands first');
select results_eq($$ select type from social.my_rooms(1, (select cursor from social.my_rooms(1))) $$, $$ values ('group') $$, 'the next page goes on');
select is(tests.count_of($$ select * from social.my_rooms(1, (select cursor from social.my_rooms() order by last_message_at limit 1)) $$), 0::bigint, 'to the end');
select throws_ok($$ select * from social.my_rooms(1, 'banana') $$, 'PT400', 'cursor_invalid', 'a cursor is one of ours');

-- 5. Search
select is((select id from social.search_messages('hello "everybody"')), pg_temp.id('hello'), 'words are found');
select is(tests.count_of($$ select * from social.search_messages('hello') $$), 2::bigint, 'in all rooms');
select is(tests.count_of(format('select * from social.search_messages(%L, %L)', 'ben', pg_temp.id('direct'))), 1::bigint, 'or in one');
select results_eq($$ select id from social.search_messages('hello', p_limit => 1, p_cursor => (select cursor from social.search_messages('hello', p_limit => 1))) $$, $$ select pg_temp.id('hello') $$, 'page by page');
select throws_ok($$ select * from social.search_messages(' - ') $$, 'PT422', 'query_required', 'by words');
select is(tests.count_of($$ select * from social.search_messages('opened') $$), 0::bigint, 'not in what the room says of itself');
select tests.as_user((select cat from who));
select is(tests.count_of($$ select * from social.search_messages('hello or ben') $$), 2::bigint, 'not in rooms of others');
select throws_ok(format('select * from social.search_messages(%L, %L)', 'ben', pg_temp.id('direct')), 'PT404', 'room_not_found', 'nor when asked for by id');
select tests.as_user((select eve from who));
select is(tests.count_of($$ select * from social.search_messages('hello') $$), 0::bigint, 'a stranger finds nothing');
select is(tests.count_of(format('select * from social.search_messages(%L)', 'hello or ' || pg_temp.id('group'))), 0::bigint, 'not by the id of the room either');

-- 6. Editing and deleting
select tests.as_user((select ben from who));
select throws_ok(format('select social.edit_message(%L, %L)', pg_temp.id('hello'), 'x'), 'PT403', 'message_not_yours', 'nobody edits for another');
select throws_ok(format('select social.delete_message(%L)', pg_temp.id('hello')), 'PT403', 'room_role_required', 'nor deletes, as a member');
insert into made select 'bens', pg_temp.say('group', 'First');
select is((social.edit_message(pg_temp.id('bens'), 'Second')).content, 'Second', 'his own he edits');
select is((select last_message_preview from social.my_rooms() where type = 'group'), 'Second', 'the list follows');
select tests.as_owner();
update social.chat_messages set created_at = created_at - interval '16 minutes' where id = pg_temp.id('bens');
select tests.as_user((select ben from who));
select throws_ok(format('select social.edit_message(%L, %L)', pg_temp.id('bens'), 'Third'), 'PT409', 'message_is_fixed', 'for a quarter of an hour');
select tests.as_owner();
update social.chat_messages set created_at = created_at - interval '25 hours' where id = pg_temp.id('bens');
select tests.as_user((select ben from who));
select throws_ok(format('select social.delete_message(%L)', pg_temp.id('bens')), 'PT409', 'message_is_fixed', 'and deletes for a day');
select tests.as_user((select ann from who));
select results_eq(format('select content, deleted_at is not null from social.delete_message(%L)', pg_temp.id('bens')), $$ values ('', true) $$, 'who leads the room deletes at any time');
select is((social.delete_message(pg_temp.id('bens'))).id, pg_temp.id('bens'), 'twice is once');
select throws_ok(format('select social.edit_message(%L, %L)', (select id from social.chat_messages where seq = 1 and room_id = pg_temp.id('group')), 'x'), 'PT409', 'message_is_fixed', 'what the room says of itself stays');
insert into made select 'short', pg_temp.say('group', 'Short');
select is((social.delete_message(pg_temp.id('short'))).content, '', 'one is deleted at once');
select throws_ok(format('select social.edit_message(%L, %L)', pg_temp.id('short'), 'x'), 'PT409', 'message_is_fixed', 'and not written anew');
select is(tests.count_of('select * from social.chat_message_versions'), 0::bigint, 'what was said before is not for members');
select tests.as_user((select mod from who));
select is(tests.count_of('select * from social.chat_message_versions'), 0::bigint, 'nor for moderators of the platform, as long as nobody reported it');
select tests.as_user((select ann from who));
select isnt(core.report_content('social', 'chat_message', pg_temp.id('bens'), 'abuse'), null, 'a member reports it');
select tests.as_user((select mod from who));
select results_eq('select version, content, change, changed_by from social.chat_message_versions order by version',
  $$ select 1, 'First', 'edit', ben from who union all select 2, 'Second', 'delete', ann from who $$, 'then they read what it said before');
select is(tests.count_of('select * from social.chat_messages'), 0::bigint, 'who read no rooms otherwise');

-- 7. Blocks, and a closed room
select tests.as_user((select ben from who));
insert into core.blocks (blocker_id, blocked_id) select ben, ann from who;
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('direct'), 'x'), 'PT409', 'person_unavailable', 'who has blocked somebody does not write to him');
select tests.as_user((select ann from who));
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('direct'), 'x'), 'PT409', 'person_unavailable', 'nor the other way round, in the same words');
select throws_ok(format('select social.direct_room(%L)', (select ben from who)), 'PT409', 'person_unavailable', 'no room is opened either');
select is(tests.count_of(format('select * from social.chat_messages where room_id = %L', pg_temp.id('direct'))), 1::bigint, 'what was said can be read');
select isnt(pg_temp.say('group', 'To all'), null, 'in a group both write');
select tests.as_owner();
delete from core.blocks;
update social.chat_rooms set is_active = false where id = pg_temp.id('group');
select tests.as_user((select ann from who));
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), 'x'), 'PT409', 'room_closed', 'in a closed room nobody writes');
select tests.as_owner();
update social.chat_rooms set is_active = true where id = pg_temp.id('group');

update core.profiles set is_active = false where id = (select ben from who);
select tests.as_user((select ann from who));
select results_eq($$ select other_id, other_username, other_full_name from social.my_rooms() where type = 'direct' $$, $$ values (null::uuid, null::text, null::text) $$, 'who is suspended has no name in the list');
select tests.as_owner();

-- 8. Limits
update core.settings set value = jsonb_set(value, '{message,new}', '{"burst": 1, "per_hour": 1}') where key = 'social.limits';
select tests.as_user((select cat from who));
select isnt(pg_temp.say('group', 'one'), null, 'a person may write');
select throws_ok(format('select social.send_message(%L, %L)', pg_temp.id('group'), 'two'), 'PT429', 'rate_limited', 'a script is stopped');

select * from finish();
rollback;
