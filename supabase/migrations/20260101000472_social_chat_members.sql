-- Chat: what follows when somebody comes into a room or goes out of it, whichever way: by an RPC, by the secret key, or
-- because the account ends.

create function private.tg_chat_room_participants__join()
returns trigger
language plpgsql
security definer -- counts in rooms that clients may not write
set search_path = ''
as $$
declare
  v_room record;
begin
  for v_room in
    select n.room_id, count(*) as joined, array_agg(n.user_id order by n.user_id) as user_ids
    from new_rows as n group by n.room_id order by n.room_id
  loop
    update social.chat_rooms as r set members_count = r.members_count + v_room.joined where r.id = v_room.room_id;
    perform private.chat_broadcast(r.topic, 'member_joined', jsonb_build_object('room_id', r.id, 'user_ids', v_room.user_ids))
    from social.chat_rooms as r where r.id = v_room.room_id;
    perform private.broadcast_to_user(u.id, 'room_joined', jsonb_build_object('room_id', r.id, 'topic', r.topic, 'type', r.type))
    from social.chat_rooms as r cross join unnest(v_room.user_ids) as u (id)
    where r.id = v_room.room_id and r.type = 'group';
  end loop;
  return null;
end;
$$;
comment on function private.tg_chat_room_participants__join() is 'Trigger: counts who came in, and tells the room and them.';

create function private.tg_chat_room_participants__leave()
returns trigger
language plpgsql
security definer -- counts in rooms and hands over roles that clients may not write
set search_path = ''
as $$
declare
  v_left record;
  v_room social.chat_rooms;
begin
  for v_left in
    select o.room_id, count(*) as gone, array_agg(o.user_id order by o.user_id) as user_ids
    from old_rows as o group by o.room_id order by o.room_id
  loop
    update social.chat_rooms as r
    set members_count = r.members_count - v_left.gone,
      is_active = r.is_active and (r.type = 'direct' or r.members_count > v_left.gone)
    where r.id = v_left.room_id
    returning r.* into v_room;
    if v_room.type = 'group' and not exists (
      select from social.chat_room_participants as m where m.room_id = v_room.id and m.role = 'admin'
    ) then
      -- The last admin hands over to the moderator, else the member, who has been there longest.
      update social.chat_room_participants as m set role = 'admin'
      where m.room_id = v_room.id and m.user_id = (
        select h.user_id from social.chat_room_participants as h
        where h.room_id = v_room.id
        order by private.chat_rank(h.role) desc, h.joined_at, h.user_id
        limit 1
      );
    end if;
    perform private.chat_move_channel(v_left.room_id);
    perform private.chat_broadcast(r.topic, 'member_left', jsonb_build_object('room_id', r.id, 'user_ids', v_left.user_ids))
    from social.chat_rooms as r where r.id = v_left.room_id;
    perform private.broadcast_to_user(u.id, 'room_left', jsonb_build_object('room_id', v_left.room_id))
    from unnest(v_left.user_ids) as u (id);
  end loop;
  return null;
end;
$$;
comment on function private.tg_chat_room_participants__leave() is
  'Trigger: counts who went, hands over the last admin, closes an empty room, ends the channel, and tells those who stay.';

create function private.tg_chat_room_participants__tell_role()
returns trigger
language plpgsql
security definer -- clients may not send to room:…
set search_path = ''
as $$
begin
  perform private.chat_broadcast(
    r.topic, 'member_role', jsonb_build_object('room_id', new.room_id, 'user_id', new.user_id, 'role', new.role)
  )
  from social.chat_rooms as r where r.id = new.room_id;
  return null;
end;
$$;
comment on function private.tg_chat_room_participants__tell_role() is 'Trigger: tells the room of a new role.';

create trigger _500_join
  after insert on social.chat_room_participants referencing new table as new_rows
  for each statement execute function private.tg_chat_room_participants__join();
create trigger _500_leave
  after delete on social.chat_room_participants referencing old table as old_rows
  for each statement execute function private.tg_chat_room_participants__leave();
create trigger _500_tell_role
  after update of role on social.chat_room_participants
  for each row when (old.role is distinct from new.role)
  execute function private.tg_chat_room_participants__tell_role();

-- Before the account goes he leaves his rooms one by one. All are locked first, in order, those too that he made and
-- left: two people who are deleted at once do not wait for each other.
create function private.tg_profiles__leave_rooms()
returns trigger
language plpgsql
security definer -- acts for somebody who is being deleted
set search_path = ''
as $$
declare
  v_room record;
begin
  perform from social.chat_rooms as r
  where r.created_by = old.id
    or r.id in (select m.room_id from social.chat_room_participants as m where m.user_id = old.id)
  order by r.id
  for no key update;
  update social.chat_rooms as r set created_by = null where r.created_by = old.id;
  for v_room in
    select m.room_id, r.type from social.chat_room_participants as m
    join social.chat_rooms as r on r.id = m.room_id
    where m.user_id = old.id
    order by m.room_id
  loop
    delete from social.chat_room_participants as m where m.room_id = v_room.room_id and m.user_id = old.id;
    if v_room.type = 'group' then
      perform private.chat_say(v_room.room_id, null, 'member_left', jsonb_build_object('user_id', old.id, 'is_deleted', true));
    end if;
  end loop;
  return old;
end;
$$;
comment on function private.tg_profiles__leave_rooms() is 'Trigger: takes a person out of all rooms before the account goes.';

-- Suspended, or blocked by the other one: whoever is on the channel already neither appears nor types there any more.
create function private.tg_profiles__quieten_rooms()
returns trigger
language plpgsql
security definer -- moves channels of rooms
set search_path = ''
as $$
begin
  perform private.chat_move_channel(l.id)
  from (
    select r.id from social.chat_rooms as r
    where r.id in (select m.room_id from social.chat_room_participants as m where m.user_id = new.id)
    order by r.id
    for no key update
  ) as l;
  return null;
end;
$$;
comment on function private.tg_profiles__quieten_rooms() is 'Trigger: a suspension ends the channels of somebody''s rooms.';

create function private.tg_blocks__quieten_room()
returns trigger
language plpgsql
security definer -- moves the channel of a room
set search_path = ''
as $$
begin
  perform private.chat_move_channel(r.id) from social.chat_rooms as r
  where r.direct_key = private.chat_direct_key(new.blocker_id, new.blocked_id);
  return null;
end;
$$;
comment on function private.tg_blocks__quieten_room() is 'Trigger: a block ends the channel of the room of the two.';

create function private.chat_direct_key(p_one uuid, p_other uuid)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  -- Compared as the constraint compares them: as text, by bytes.
  select least(p_one::text collate "C", p_other::text collate "C") || ':' || greatest(p_one::text collate "C", p_other::text collate "C");
$$;
comment on function private.chat_direct_key(uuid, uuid) is 'The key of the room of two people, whoever asks.';

create trigger _500_leave_rooms
  before delete on core.profiles
  for each row execute function private.tg_profiles__leave_rooms();
create trigger _510_quieten_rooms
  after update of is_active on core.profiles
  for each row when (old.is_active and not new.is_active)
  execute function private.tg_profiles__quieten_rooms();
create trigger _500_quieten_room
  after insert on core.blocks
  for each row execute function private.tg_blocks__quieten_room();

revoke execute on function
  private.tg_chat_room_participants__join(), private.tg_chat_room_participants__leave(),
  private.tg_chat_room_participants__tell_role(), private.tg_profiles__leave_rooms(), private.tg_profiles__quieten_rooms(),
  private.tg_blocks__quieten_room(), private.chat_direct_key(uuid, uuid)
  from public, anon, authenticated;
