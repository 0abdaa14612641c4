-- Chat: who may do what to whom in a room, who listens and speaks on its channels, its files, and what is left of people
-- who are gone.
begin;
select plan(146);

create temp table who as select
  tests.create_user('ada@chat.test') as ada, tests.create_user('abe@chat.test') as abe,
  tests.create_user('mia@chat.test') as mia, tests.create_user('max@chat.test') as max,
  tests.create_user('ben@chat.test') as ben, tests.create_user('cat@chat.test') as cat,
  tests.create_user('eve@chat.test') as eve, tests.create_user('off@chat.test') as off;
grant select on who to public;
update core.settings set value = jsonb_set(jsonb_set(value, '{message,new,burst}', '1000'), '{room,new,burst}', '1000') where key = 'social.limits';
create temp table made (name text primary key, id uuid);
grant all on made to public;
create temp table channel as select 1 as no;
grant select on channel to public;
create function pg_temp.room() returns uuid language sql stable as $$ select id from made where name = 'room' $$;
create function pg_temp.role_of(p_who uuid) returns text language sql stable as
  $$ select role from social.chat_room_participants where room_id = (select id from made where name = 'room') and user_id = p_who $$;
-- What Realtime asks before somebody is let in or heard, put as it puts it.
create function pg_temp.hears(p_topic text) returns boolean language plpgsql as $$
begin
  perform set_config('realtime.topic', p_topic, true);
  return exists (select from realtime.messages as m where m.event = 'probe');
end;
$$;
create function pg_temp.speaks(p_topic text, p_extension text) returns boolean language plpgsql as $$
begin
  perform set_config('realtime.topic', p_topic, true);
  insert into realtime.messages (topic, extension) values (p_topic, p_extension);
  return true;
exception when insufficient_privilege then
  return false;
end;
$$;
create function pg_temp.topic(p_kind text default 'room') returns text language sql stable as
  $$ select p_kind || ':' || pg_temp.room() || ':' || (select no from channel) $$;
create function pg_temp.at_channel() returns void language sql as
  $$ update channel set no = (select channel_no from social.chat_rooms where id = pg_temp.room()) $$;
create function pg_temp.told(p_user uuid, p_event text) returns bigint language sql stable as
  $$ select count(*) from realtime.messages where topic = 'user:' || p_user and event = p_event $$;
create function pg_temp.was_told(p_event text, p_pattern text) returns boolean language sql stable as
  $$ select exists (select from realtime.messages where event = p_event and payload::text || topic like p_pattern) $$;
grant execute on function pg_temp.room(), pg_temp.role_of(uuid), pg_temp.hears(text), pg_temp.speaks(text, text), pg_temp.topic(text) to public;
insert into realtime.messages (topic, extension, event) values ('probe', 'broadcast', 'probe');

-- A room with an admin, two moderators, two members, and one who will be suspended.
select tests.as_user((select ada from who));
insert into made select 'room', (social.create_room('Room', '', array[(select mia from who), (select max from who), (select ben from who), (select cat from who), (select off from who)])).id;
select lives_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select mia from who), 'moderator'), 'an admin makes a moderator');
select lives_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select max from who), 'moderator'), 'and another');
select throws_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select ben from who), 'king'), 'PT422', 'room_role_unknown', 'there are three roles');
select throws_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select ben from who), null), 'PT422', 'room_role_unknown', 'none is not one of them');
select throws_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select eve from who), 'member'), 'PT404', 'member_not_found', 'for people in the room');
select throws_ok(format('select social.set_member_role(%L, %L, %L)', pg_temp.room(), (select ada from who), 'member'), 'PT409', 'last_room_admin', 'the last admin does not step down');
select tests.as_owner();
select is(pg_temp.role_of((select mia from who)), 'moderator', 'the role is there');
select ok(pg_temp.was_told('member_role', '%moderator%room:' || pg_temp.room() || ':1'), 'and told in the room');
update core.profiles set is_active = false where id = (select off from who);
select is((select channel_no from social.chat_rooms where id = pg_temp.room()), 2, 'when somebody is suspended his channels end');
select is(pg_temp.told((select off from who), 'room_moved'), 1::bigint, 'he is told the next, for he still reads');
select pg_temp.at_channel();

-- 1. Everybody's attempts on everybody
create temp table tries (actor text, action text, target text, outcome text);
insert into tries values
  ('off', 'add', 'eve', 'PT403 account_inactive'), ('off', 'remove', 'ben', 'PT403 account_inactive'),
  ('off', 'role', 'ben', 'PT403 account_inactive'), ('off', 'update', '', 'PT403 account_inactive'),
  ('off', 'send', '', 'PT403 account_inactive'), ('off', 'leave', '', 'PT403 account_inactive'), ('off', 'read', '', 'PT403 account_inactive'),
  ('eve', 'add', 'eve', 'PT404 room_not_found'), ('eve', 'remove', 'ben', 'PT404 room_not_found'),
  ('eve', 'ban', 'ben', 'PT404 room_not_found'), ('eve', 'role', 'eve', 'PT404 room_not_found'),
  ('eve', 'update', '', 'PT404 room_not_found'), ('eve', 'send', '', 'PT404 room_not_found'), ('eve', 'leave', '', 'PT404 room_not_found'),
  ('ben', 'add', 'eve', 'PT403 room_role_required'), ('ben', 'remove', 'cat', 'PT403 room_role_required'),
  ('ben', 'ban', 'cat', 'PT403 room_role_required'), ('ben', 'remove', 'mia', 'PT403 room_role_required'),
  ('ben', 'remove', 'eve', 'PT403 room_role_required'),
  ('ben', 'remove', 'ada', 'PT403 room_role_required'), ('ben', 'role', 'cat', 'PT403 room_role_required'),
  ('ben', 'role', 'ben', 'PT403 room_role_required'), ('ben', 'update', '', 'PT403 room_role_required'),
  ('mia', 'remove', 'max', 'PT403 room_role_required'), ('mia', 'remove', 'ada', 'PT403 room_role_required'),
  ('mia', 'ban', 'ada', 'PT403 room_role_required'), ('mia', 'remove', 'mia', 'PT403 room_role_required'),
  ('mia', 'role', 'ben', 'PT403 room_role_required'), ('mia', 'role', 'mia', 'PT403 room_role_required'),
  ('mia', 'remove', 'eve', 'PT404 member_not_found'),
  ('ada', 'remove', 'ada', 'PT403 room_role_required'), ('ada', 'remove', 'eve', 'PT404 member_not_found'),
  ('ada', 'add', 'off', 'none'), ('mia', 'update', '', 'none'), ('ben', 'send', '', 'none'), ('cat', 'read', '', 'none');
create function pg_temp.act(p_actor text, p_action text, p_target text) returns text language plpgsql as $$
declare
  v_people jsonb := (select to_jsonb(w) from who as w);
  v_target uuid := (v_people ->> nullif(p_target, ''))::uuid;
begin
  perform tests.as_user((v_people ->> p_actor)::uuid);
  case p_action
    when 'add' then perform social.add_members(pg_temp.room(), array[v_target]);
    when 'remove' then perform social.remove_member(pg_temp.room(), v_target);
    when 'ban' then perform social.remove_member(pg_temp.room(), v_target, true);
    when 'role' then perform social.set_member_role(pg_temp.room(), v_target, 'admin');
    when 'update' then perform social.update_room(pg_temp.room(), 'Renamed', 'By ' || p_actor);
    when 'send' then perform social.send_message(pg_temp.room(), 'Hello');
    when 'leave' then perform social.leave_room(pg_temp.room());
    when 'read' then perform social.mark_room_read(pg_temp.room());
  end case;
  perform tests.as_owner();
  return 'none';
exception when others then
  perform tests.as_owner();
  return sqlstate || ' ' || sqlerrm;
end;
$$;
grant execute on function pg_temp.act(text, text, text) to public;
select is(pg_temp.act(actor, action, target), outcome, concat_ws(' ', actor, action, target)) from tries;
select tests.as_anon();
select throws_ok(format('select social.leave_room(%L)', pg_temp.room()), '42501', null, 'a visitor does nothing at all');
select throws_ok(format('select social.remove_member(%L, %L)', pg_temp.room(), (select ben from who)), '42501', null, 'removes nobody');
select tests.as_owner();
select results_eq($$ select name, description, members_count from social.chat_rooms $$, $$ values ('Renamed', 'By mia', 6) $$, 'what was granted is done, and no more');
select is((select count(*) from social.chat_messages where data ->> 'event' = 'room_updated'), 1::bigint, 'the room says that it was renamed');
select ok(pg_temp.was_told('room_updated', '%By mia%'), 'and tells it live');
select ok(pg_temp.was_told('room_read', '%last_read_seq%room:%'), 'as it does how far people have read');

create function pg_temp.admin_on_admin() returns text language plpgsql as $$
begin
  perform tests.as_user((select ada from who));
  perform social.set_member_role(pg_temp.room(), (select mia from who), 'admin');
  perform social.set_member_role(pg_temp.room(), (select mia from who), 'member');
  return 'none';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end;
$$;
select is(pg_temp.admin_on_admin(), 'PT403 room_role_required', 'whom an admin made an admin he does not unmake');

-- 2. Adding
insert into core.blocks (blocker_id, blocked_id) select eve, mia from who;
select is(pg_temp.act('mia', 'add', 'eve'), 'PT409 person_unavailable', 'whom one has blocked does not add one');
update core.settings set value = '6' where key = 'social.chat_max_members';
select is(pg_temp.act('ada', 'add', 'eve'), 'PT409 room_full', 'not into a room that is full');
update core.settings set value = '200' where key = 'social.chat_max_members';
select is(pg_temp.act('ada', 'add', 'eve'), 'none', 'somebody else does');
select is(pg_temp.act('ada', 'add', 'eve'), 'none', 'twice is once');
select is((select members_count from social.chat_rooms where id = pg_temp.room()), 7, 'and counted once');
select is(pg_temp.told((select eve from who), 'room_joined'), 1::bigint, 'she is told');
select ok(pg_temp.was_told('member_joined', '%' || (select eve from who) || '%room:%:2'), 'so is the room');
select tests.as_user((select eve from who));
select ok(tests.count_of('select * from social.chat_messages') > 3, 'who comes later reads from the beginning');
select is((select unread from social.my_rooms()), 1::bigint, 'and has not to read it all');

-- 3. The channels
select ok(pg_temp.hears(pg_temp.topic()), 'a member listens to the room');
select ok(pg_temp.hears(pg_temp.topic('typing')), 'and to who is typing');
select ok(not pg_temp.hears('room:' || pg_temp.room() || ':1'), 'not on the channel before');
select ok(not pg_temp.hears('room:' || pg_temp.room() || ':3'), 'nor on the next');
select ok(not pg_temp.hears(t), format('nor on %s', t)) from unnest(array[
  'room:', 'room:x:2', 'room:' || pg_temp.room(), 'room:' || pg_temp.room() || ':', 'room:' || pg_temp.room() || ':2:2',
  'room:' || pg_temp.room() || ':99999999999999999999', upper(pg_temp.topic()), 'x' || pg_temp.topic(), ''
]) as t;
select ok(pg_temp.speaks(pg_temp.topic(), 'presence'), 'a member appears in the room');
select ok(pg_temp.speaks(pg_temp.topic('typing'), 'broadcast'), 'and types');
select ok(not pg_temp.speaks(pg_temp.topic(), 'broadcast'), 'nobody says anything on the channel of a room');
select ok(not pg_temp.speaks('room:' || pg_temp.room() || ':1', 'broadcast'), 'nor on the one before');
select ok(not pg_temp.speaks('user:' || (select ben from who), 'broadcast'), 'nor to a person');
select ok(not pg_temp.speaks(pg_temp.topic('typing'), 'presence'), 'and appears where one types');
select tests.as_owner();
update social.chat_rooms set is_active = false where id = pg_temp.room();
select tests.as_user((select eve from who));
select ok(pg_temp.hears(pg_temp.topic()) and not pg_temp.speaks(pg_temp.topic(), 'presence') and not pg_temp.speaks(pg_temp.topic('typing'), 'broadcast'), 'in a closed room one listens, and neither appears nor types');
select tests.as_owner();
update social.chat_rooms set is_active = true where id = pg_temp.room();
select tests.as_user((select off from who));
select ok(pg_temp.hears(pg_temp.topic()), 'a suspended member listens');
select ok(tests.count_of('select * from social.chat_messages') > 3, 'and reads');
select is(tests.count_of('select * from social.my_rooms()'), 1::bigint, 'and has his list');
select ok(not pg_temp.speaks(pg_temp.topic(), 'presence'), 'does not appear');
select ok(not pg_temp.speaks(pg_temp.topic('typing'), 'broadcast'), 'nor types');
select is(tests.rows_changed($$ update social.chat_room_participants set muted_until = now() where user_id = auth.uid() $$), 0::bigint, 'nor changes what he hears');

-- 4. Files
select tests.as_user((select ben from who));
create function pg_temp.put(p_path text) returns text language plpgsql as $$
begin
  insert into storage.objects (bucket_id, name, owner_id, metadata)
  values ('chat-files', p_path, auth.uid()::text, '{"size": 10, "mimetype": "application/pdf"}');
  return 'stored';
exception when insufficient_privilege then
  return 'refused';
end;
$$;
grant execute on function pg_temp.put(text) to public;
select is(pg_temp.put(pg_temp.room() || '/' || auth.uid() || '/notes.pdf'), 'stored', 'a member uploads into his folder of the room');
select is(pg_temp.put(pg_temp.room() || '/' || (select cat from who) || '/notes.pdf'), 'refused', 'not into another''s');
select is(pg_temp.put(auth.uid() || '/' || auth.uid() || '/notes.pdf'), 'refused', 'not into no room');
select is(pg_temp.put(pg_temp.room() || '/' || auth.uid() || '/a/notes.pdf'), 'refused', 'not below it');
select tests.as_owner();
update core.settings set value = '3' where key = 'social.chat_uploads_waiting';
select tests.as_user((select ben from who));
select is((select string_agg(pg_temp.put(pg_temp.room() || '/' || auth.uid() || '/more-' || n), ' ' order by n) from generate_series(1, 4) as n), 'stored stored refused refused', 'files that no message shows do not pile up');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'chat-files' and name like '%/more-%' $$), 2::bigint, 'who takes them back may upload again');
select tests.as_owner();
update social.chat_rooms set is_active = false where id = pg_temp.room();
select tests.as_user((select ben from who));
select is(pg_temp.put(pg_temp.room() || '/' || auth.uid() || '/late.pdf'), 'refused', 'nothing into a closed room');
select tests.as_owner();
update social.chat_rooms set is_active = true where id = pg_temp.room();
select tests.as_user((select ben from who));
select tests.as_user((select off from who));
select is(pg_temp.put(pg_temp.room() || '/' || auth.uid() || '/notes.pdf'), 'refused', 'a suspended member uploads nothing');
create temp table path as select pg_temp.room() || '/' || ben || '/notes.pdf' as p from who;
grant select on path to public;
select tests.as_user((select cat from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'what was not sent is nobody else''s');
select throws_ok(format('select social.send_message(%L, %L, %L, %L)', pg_temp.room(), '', 'file', (select p from path)), 'PT422', 'file_not_found', 'nor sent by another');
select tests.as_user((select ben from who));
select throws_ok(format('select social.send_message(%L, %L, %L, %L)', pg_temp.room(), '', 'image', (select p from path)), 'PT422', 'file_not_accepted', 'a PDF is no image');
create function pg_temp.elsewhere() returns text language plpgsql as $$
begin
  perform social.send_message((social.create_room('Second')).id, '', 'file', (select p from path));
  return 'sent';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end;
$$;
select is(pg_temp.elsewhere(), 'PT422 file_not_found', 'nor is it of another room');
insert into made select 'file', (social.send_message(pg_temp.room(), '', 'file', (select p from path))).id;
select is((select data ->> 'name' from social.chat_messages where id = (select id from made where name = 'file')), 'notes.pdf', 'a message shows it');
select is(tests.rows_changed($$ delete from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'then it stays');
select tests.as_user((select cat from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 1::bigint, 'and members read it');
select tests.as_owner();
update core.files set status = 'rejected', rejected_reason = 'Bad.', inspected_at = now() where bucket_id = 'chat-files';
select tests.as_user((select cat from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'not when it was found to be harmful');
select tests.as_owner();
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'its sender neither, who could pass it on');
select throws_ok(format('select social.send_message(%L, %L, %L, %L)', pg_temp.room(), '', 'file', (select p from path)), 'PT422', 'file_not_accepted', 'nor is it sent again');
select tests.as_owner();
update core.files set status = 'clean', rejected_reason = null where bucket_id = 'chat-files';
select tests.as_user((select ben from who));
select is((social.delete_message((select id from made where name = 'file'))).data, '{}', 'with its message it is taken back');
select tests.as_user((select cat from who));
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'from everybody');
select tests.as_owner();
select is((select owner_id from core.files where bucket_id = 'chat-files'), null, 'and waits for removal');

-- 5. Going
select is(pg_temp.act('mia', 'remove', 'ben'), 'none', 'a moderator removes a member');
select is((select channel_no from social.chat_rooms where id = pg_temp.room()), 3, 'the channel ends');
select is(pg_temp.told((select ben from who), 'room_left'), 1::bigint, 'he is told that he is out');
select is(pg_temp.told((select ben from who), 'room_moved'), 1::bigint, 'and not where it goes on: once is from before');
select ok(pg_temp.told((select cat from who), 'room_moved') = 2, 'the others are');
select tests.as_user((select ben from who));
select ok(not pg_temp.hears('room:' || pg_temp.room() || ':2') and not pg_temp.hears('room:' || pg_temp.room() || ':3'), 'he hears nothing more');
select is(tests.count_of('select * from social.chat_messages'), 0::bigint, 'and reads nothing more');
select is(tests.count_of($$ select * from storage.objects where bucket_id = 'chat-files' $$), 0::bigint, 'nor his files there');
select is(pg_temp.act('ben', 'send', ''), 'PT404 room_not_found', 'and writes nothing more');
select is(pg_temp.act('mia', 'add', 'ben'), 'none', 'who was only removed may come back');
select is(pg_temp.act('mia', 'ban', 'ben'), 'none', 'removed for good');
select is(pg_temp.act('mia', 'add', 'ben'), 'PT409 person_banned', 'he does not, by a moderator');
select tests.as_user((select cat from who));
select is(tests.count_of('select * from social.chat_room_bans'), 0::bigint, 'members do not see who is banned');
select tests.as_user((select mia from who));
select is(tests.count_of('select * from social.chat_room_bans'), 1::bigint, 'who leads the room does');
select is(pg_temp.act('ada', 'add', 'ben'), 'none', 'an admin lifts it');
select is(tests.count_of('select * from social.chat_room_bans'), 0::bigint, 'the ban is gone');
select is(pg_temp.act('ada', 'leave', ''), 'none', 'the last admin leaves');
select is(pg_temp.role_of((select max from who)) || pg_temp.role_of((select mia from who)), case when (select max < mia from who) then 'adminmoderator' else 'moderatoradmin' end, 'and hands over to a moderator');

-- 6. The end of an account
create temp table heir as select case when pg_temp.role_of(max) = 'admin' then max else mia end as id, case when pg_temp.role_of(max) = 'admin' then mia else max end as next from who;
delete from auth.users where id = (select id from heir);
select is(pg_temp.role_of((select next from heir)), 'admin', 'when the admin''s account ends, the next takes over');
select is((select count(*) from social.chat_messages where sender_id is null and data @> '{"event": "member_left", "is_deleted": true}'), 1::bigint, 'the room says that somebody left, and not who');
delete from auth.users where id = (select ada from who);
select is((select created_by from social.chat_rooms where id = pg_temp.room()), null, 'the room outlives who made it');
delete from auth.users where id in (select next from heir union select unnest(array[off, cat, eve]) from who);
select is(pg_temp.role_of((select ben from who)), 'admin', 'the last one left leads');
select is(pg_temp.act('ben', 'leave', ''), 'none', 'until he goes');
select results_eq('select members_count, is_active from social.chat_rooms', $$ values (0, false) $$, 'an empty room is closed');

-- 7. Direct rooms have no roles, and stay
select tests.as_user((select ben from who));
insert into made select 'direct', (social.direct_room((select abe from who))).id;
update made set name = 'old' where name = 'room';
update made set name = 'room' where name = 'direct';
select tests.as_owner();
insert into tries select 'ben', a, 'abe', 'PT409 room_is_direct' from unnest(array['add', 'remove', 'ban', 'role', 'update', 'leave']) as a;
select is(pg_temp.act(actor, action, target), outcome, concat_ws(' ', 'in a direct room:', action)) from tries where outcome like '%direct';
select is(pg_temp.act('ben', 'send', ''), 'none', 'one writes');
insert into core.blocks (blocker_id, blocked_id) select abe, ben from who;
select is((select channel_no from social.chat_rooms where id = pg_temp.room()), 2, 'when one blocks the other the channel ends');
select pg_temp.at_channel();
select tests.as_user((select ben from who));
select ok(pg_temp.hears(pg_temp.topic()), 'both may read on');
select ok(not pg_temp.speaks(pg_temp.topic(), 'presence') and not pg_temp.speaks(pg_temp.topic('typing'), 'broadcast'), 'neither appears nor types');
select tests.as_owner();
delete from core.blocks;
delete from auth.users where id = (select ben from who);
select tests.as_user((select abe from who));
select results_eq(format('select content, sender_id from social.chat_messages where room_id = %L', pg_temp.room()), $$ values ('Hello', null::uuid) $$, 'what somebody said stays when he is gone, without him');
select results_eq('select other_id, members_count, unread from social.my_rooms()', $$ values (null::uuid, 1, 1::bigint) $$, 'and the room with him');
select is(pg_temp.act('abe', 'send', ''), 'PT409 person_unavailable', 'but nobody is there to write to');

select * from finish();
rollback;
