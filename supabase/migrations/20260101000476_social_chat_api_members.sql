-- Chat, for clients: who is in a group. private.chat_may says who may.

create function private.add_members(p_room_id uuid, p_user_ids uuid[])
returns integer
language plpgsql
volatile
security definer -- members are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_new uuid[];
begin
  perform private.chat_require_space(0, cardinality(p_user_ids));
  v_in := private.chat_enter(p_room_id, 'add', p_user_ids);
  v_new := array(
    select distinct n from unnest(p_user_ids) as n
    where n is not null
      and not exists (select from social.chat_room_participants as m where m.room_id = p_room_id and m.user_id = n)
    order by n
  );
  if cardinality(v_new) = 0 then
    return 0;
  end if;
  perform private.chat_require_reachable(v_in.user_id, v_new);
  if private.chat_may('unban', v_in.role) then
    delete from social.chat_room_bans as b where b.room_id = p_room_id and b.user_id = any (v_new);
  elsif exists (select from social.chat_room_bans as b where b.room_id = p_room_id and b.user_id = any (v_new)) then
    raise sqlstate 'PT409' using
      message = 'person_banned', detail = 'Somebody of these was removed from this room for good.', hint = 'Ask an admin of the room to add him.';
  end if;
  perform private.chat_require_space((v_in.room).members_count, cardinality(v_new));
  perform private.social_limit('message', v_in.user_id);
  insert into social.chat_room_participants (room_id, user_id, last_read_seq)
  select p_room_id, n, (v_in.room).last_seq from unnest(v_new) as n;
  perform private.chat_say(p_room_id, v_in.user_id, 'members_joined', jsonb_build_object('user_ids', v_new));
  return cardinality(v_new);
end;
$$;
comment on function private.add_members(uuid, uuid[]) is 'Behind social.add_members.';

create function private.remove_member(p_room_id uuid, p_user_id uuid, p_ban boolean)
returns void
language plpgsql
volatile
security definer -- members are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_target text;
begin
  v_in := private.chat_enter(p_room_id, case when p_ban then 'ban' else 'remove' end, array[p_user_id]);
  select m.role into v_target from social.chat_room_participants as m where m.room_id = p_room_id and m.user_id = p_user_id;
  if v_target is null and not (p_ban and exists (select from core.profiles as p where p.id = p_user_id)) then
    raise sqlstate 'PT404' using
      message = 'member_not_found', detail = 'This person is not in the room.', hint = 'List the members of the room.';
  end if;
  perform private.chat_require_lower(v_in.role, 'remove', v_target);
  perform private.social_limit('message', v_in.user_id);
  if p_ban then
    insert into social.chat_room_bans (room_id, user_id, banned_by) values (p_room_id, p_user_id, v_in.user_id)
    on conflict (room_id, user_id) do nothing;
  end if;
  if v_target is not null then
    delete from social.chat_room_participants as m where m.room_id = p_room_id and m.user_id = p_user_id;
    perform private.chat_say(
      p_room_id, v_in.user_id, 'member_removed', jsonb_build_object('user_id', p_user_id, 'is_banned', p_ban)
    );
  end if;
end;
$$;
comment on function private.remove_member(uuid, uuid, boolean) is 'Behind social.remove_member.';

create function private.chat_require_lower(p_role text, p_action text, p_target_role text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if not private.chat_may(p_action, p_role, p_target_role) then
    raise sqlstate 'PT403' using
      message = 'room_role_required',
      detail = format('Your role in this room is %s; nobody acts on an equal or higher one.', p_role),
      hint = 'Ask an admin of the room; to go yourself use leave_room.';
  end if;
end;
$$;
comment on function private.chat_require_lower(text, text, text) is 'room_role_required (403) unless this role may do that to somebody of the other one.';

create function private.leave_room(p_room_id uuid)
returns void
language plpgsql
volatile
security definer -- members are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
begin
  v_in := private.chat_enter(p_room_id, 'leave');
  delete from social.chat_room_participants as m where m.room_id = p_room_id and m.user_id = v_in.user_id;
  perform private.chat_say(p_room_id, v_in.user_id, 'member_left', jsonb_build_object('user_id', v_in.user_id));
end;
$$;
comment on function private.leave_room(uuid) is 'Behind social.leave_room.';

create function private.set_member_role(p_room_id uuid, p_user_id uuid, p_role text)
returns void
language plpgsql
volatile
security definer -- members are written by RPCs only
set search_path = ''
as $$
declare
  v_is_self boolean := p_user_id = (select auth.uid());
  v_in record;
  v_target text;
begin
  if private.chat_rank(p_role) = 0 or p_role is null then
    raise sqlstate 'PT422' using
      message = 'room_role_unknown', detail = 'The roles of a room are member, moderator and admin.', hint = 'Send one of them.';
  end if;
  -- Anybody may step down himself.
  v_in := private.chat_enter(p_room_id, case when v_is_self then 'update' else 'role' end, array[p_user_id]);
  select m.role into v_target from social.chat_room_participants as m where m.room_id = p_room_id and m.user_id = p_user_id;
  if v_target is null then
    raise sqlstate 'PT404' using
      message = 'member_not_found', detail = 'This person is not in the room.', hint = 'List the members of the room.';
  end if;
  if v_target = p_role then
    return;
  end if;
  if v_is_self then
    perform private.chat_require_lower(v_in.role, 'update', p_role);
    if v_target = 'admin' and not exists (
      select from social.chat_room_participants as m
      where m.room_id = p_room_id and m.role = 'admin' and m.user_id <> p_user_id
    ) then
      raise sqlstate 'PT409' using
        message = 'last_room_admin', detail = 'The room would have no admin.', hint = 'Make somebody else an admin first, or leave the room.';
    end if;
  else
    perform private.chat_require_lower(v_in.role, 'role', v_target);
  end if;
  perform private.social_limit('message', v_in.user_id);
  update social.chat_room_participants as m set role = p_role where m.room_id = p_room_id and m.user_id = p_user_id;
end;
$$;
comment on function private.set_member_role(uuid, uuid, text) is 'Behind social.set_member_role.';

create function social.add_members(p_room_id uuid, p_user_ids uuid[])
returns integer language sql volatile security invoker set search_path = ''
as $$ select private.add_members(p_room_id, p_user_ids); $$;
comment on function social.add_members(uuid, uuid[]) is
  'Moderators and admins of a group: all of them come in, or nobody; returns how many were not in yet. They read what was said before. An admin lifts a ban by it. Errors: room_not_found (404), room_role_required (403), room_is_direct, person_unavailable, person_banned, room_full (409), rate_limited (429).';

create function social.remove_member(p_room_id uuid, p_user_id uuid, p_ban boolean default false)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.remove_member(p_room_id, p_user_id, coalesce(p_ban, false)); $$;
comment on function social.remove_member(uuid, uuid, boolean) is
  'Moderators and admins of a group: removes somebody of a lower role; with p_ban for good, also before he ever came. Errors: room_not_found, member_not_found (404), room_role_required (403), room_is_direct (409), rate_limited (429).';

create function social.leave_room(p_room_id uuid)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.leave_room(p_room_id); $$;
comment on function social.leave_room(uuid) is
  'Leaves a group. The last admin hands over to the moderator, else the member, who has been there longest; an empty room closes. Errors: room_not_found (404), room_is_direct (409).';

create function social.set_member_role(p_room_id uuid, p_user_id uuid, p_role text)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.set_member_role(p_room_id, p_user_id, p_role); $$;
comment on function social.set_member_role(uuid, uuid, text) is
  'Admins of a group: makes somebody of a lower role member, moderator or admin. Moderators and admins may step down themselves. Errors: room_not_found, member_not_found (404), room_role_required (403), room_role_unknown (422), room_is_direct, last_room_admin (409), rate_limited (429).';

revoke execute on function
  private.add_members(uuid, uuid[]), private.remove_member(uuid, uuid, boolean), private.leave_room(uuid),
  private.set_member_role(uuid, uuid, text), private.chat_require_lower(text, text, text),
  social.add_members(uuid, uuid[]), social.remove_member(uuid, uuid, boolean), social.leave_room(uuid),
  social.set_member_role(uuid, uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.add_members(uuid, uuid[]), private.remove_member(uuid, uuid, boolean), private.leave_room(uuid),
  private.set_member_role(uuid, uuid, text),
  social.add_members(uuid, uuid[]), social.remove_member(uuid, uuid, boolean), social.leave_room(uuid),
  social.set_member_role(uuid, uuid, text)
  to authenticated;
