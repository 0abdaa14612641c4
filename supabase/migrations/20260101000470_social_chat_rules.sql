-- Chat: who may do what in which room, in one place, and the way into it that every RPC takes.
--
-- Locks are taken in one order everywhere: the people concerned, then the room, then members and messages. Whatever
-- changes a room holds its row, so numbers have no gaps, counts are exact, and whoever was removed has not just written.

insert into core.settings (key, value, description) values
  ('social.chat_max_members', '200', 'How many people a chat room holds.'),
  ('social.chat_hint_members', '100', 'Up to this size of a room its members hear of each message on user:<id> as room_activity; in larger ones only on the channel of the room.'),
  ('social.chat_edit_minutes', '15', 'How long the sender may edit a chat message.'),
  ('social.chat_uploads_waiting', '20', 'How many files of one person may lie in a room''s folder without a message that shows them.'),
  ('social.chat_delete_hours', '24', 'How long the sender may delete a chat message. Moderators of the room may at any time.');

create function private.chat_rank(p_role text)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case p_role when 'admin' then 3 when 'moderator' then 2 when 'member' then 1 else 0 end;
$$;
comment on function private.chat_rank(text) is 'Roles of a room as numbers, to compare them.';

create function private.chat_may(p_action text, p_role text, p_target_role text default null)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select private.chat_rank(p_role) >= case p_action
    when 'read' then 1 when 'write' then 1 when 'leave' then 1
    when 'add' then 2 when 'remove' then 2 when 'ban' then 2 when 'delete' then 2 when 'update' then 2
    when 'role' then 3 when 'unban' then 3
    else 9
  end
  -- Nobody acts on an equal or higher role.
  and (p_target_role is null or private.chat_rank(p_target_role) < private.chat_rank(p_role));
$$;
comment on function private.chat_may(text, text, text) is
  'The whole rule of who may do what in a room: read, write, leave; add, remove, ban, delete (messages of others), update (from moderator on); role, unban (admin). With p_target_role: to somebody of that role.';

create function private.my_room_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads
set search_path = ''
as $$
begin
  return array(select m.room_id from social.chat_room_participants as m where m.user_id = (select auth.uid()));
end;
$$;
comment on function private.my_room_ids() is 'The rooms of the caller, for policies.';

create function private.my_led_room_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by a policy; reads the caller's memberships only
set search_path = ''
as $$
begin
  return array(
    select m.room_id from social.chat_room_participants as m
    where m.user_id = (select auth.uid()) and private.chat_may('ban', m.role)
  );
end;
$$;
comment on function private.my_led_room_ids() is 'The rooms in which the caller is a moderator or admin, for policies.';

-- Who is in a direct room beside this person; null when he is gone.
create function private.chat_other(p_direct_key text, p_user_id uuid)
returns uuid
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case
    when split_part(p_direct_key, ':', 1) = p_user_id::text then split_part(p_direct_key, ':', 2)
    else split_part(p_direct_key, ':', 1)
  end::uuid;
$$;
comment on function private.chat_other(text, uuid) is 'The other one of a direct room, by its key.';

-- One answer for unknown, suspended and blocked: it tells nobody who blocked whom.
create function private.chat_require_reachable(p_user_id uuid, p_others uuid[])
returns void
language plpgsql
volatile
security definer -- reads profiles and blocks of everybody; answers for RPCs, never for clients
set search_path = ''
as $$
begin
  if exists (
    select from unnest(p_others) as o (id)
    left join core.profiles as p on p.id = o.id and p.is_active
    where p.id is null or private.is_blocked_between(o.id, p_user_id)
  ) then
    raise sqlstate 'PT409' using
      message = 'person_unavailable',
      detail = 'This person, or one of these, is unknown or suspended, or one of you has blocked the other.',
      hint = 'Choose somebody else.';
  end if;
end;
$$;
comment on function private.chat_require_reachable(uuid, uuid[]) is
  'person_unavailable (409) unless all of them exist, are active, and neither has blocked nor was blocked by the user.';

create function private.chat_enter(
  p_room_id uuid, p_action text, p_others uuid[] default '{}', out user_id uuid, out role text, out room social.chat_rooms
)
returns record
language plpgsql
volatile
security definer -- locks rooms and people; acts for the caller only
set search_path = ''
as $$
begin
  user_id := private.require_user();
  -- People before rooms: whoever is just being deleted holds his row and waits for his rooms.
  perform from core.profiles as p where p.id = user_id or p.id = any (p_others) order by p.id for key share;
  select r.* into room from social.chat_rooms as r
  where r.id = p_room_id
    and exists (select from social.chat_room_participants as m where m.room_id = r.id and m.user_id = chat_enter.user_id)
  for no key update;
  -- Read again: what was true before the wait may be no longer.
  perform private.require_user();
  select m.role into role from social.chat_room_participants as m
  where m.room_id = p_room_id and m.user_id = chat_enter.user_id;
  if room.id is null or role is null then
    raise sqlstate 'PT404' using
      message = 'room_not_found', detail = 'There is no such room, or you are not in it.', hint = 'List your rooms with my_rooms.';
  end if;
  if room.type = 'direct' and p_action not in ('write', 'delete') then
    raise sqlstate 'PT409' using
      message = 'room_is_direct',
      detail = 'A direct room has its two members, no roles and no name, and cannot be left.',
      hint = 'Make a group with create_room, or block the person.';
  end if;
  if not room.is_active and p_action not in ('leave', 'delete') then
    raise sqlstate 'PT409' using message = 'room_closed', detail = 'This room is closed.', hint = 'Make another one.';
  end if;
  if p_action <> 'delete' and not private.chat_may(p_action, role) then
    raise sqlstate 'PT403' using
      message = 'room_role_required',
      detail = format('Your role in this room is %s.', role),
      hint = 'Ask an admin of the room.';
  end if;
  if room.type = 'direct' and p_action = 'write' then
    perform private.chat_require_reachable(user_id, array[private.chat_other(room.direct_key, user_id)]);
  end if;
end;
$$;
comment on function private.chat_enter(uuid, text, uuid[]) is
  'Locks the people concerned and the room, and returns caller, role and room; room_not_found (404), room_is_direct, room_closed, person_unavailable (409) or room_role_required (403). Of delete, whose message it is decides.';

revoke execute on function
  private.chat_rank(text), private.chat_may(text, text, text), private.my_room_ids(), private.my_led_room_ids(),
  private.chat_other(text, uuid), private.chat_require_reachable(uuid, uuid[]), private.chat_enter(uuid, text, uuid[])
  from public, anon, authenticated;
grant execute on function private.my_room_ids(), private.my_led_room_ids() to authenticated, service_role;
