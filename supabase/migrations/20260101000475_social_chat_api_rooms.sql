-- Chat, for clients: opening rooms and describing them.

create function private.direct_room(p_user_id uuid)
returns social.chat_rooms
language plpgsql
volatile
security definer -- rooms and members are written by RPCs only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_key text := private.chat_direct_key(v_user_id, p_user_id);
  v_room social.chat_rooms;
begin
  if p_user_id = v_user_id then
    raise sqlstate 'PT422' using
      message = 'direct_room_with_self', detail = 'A direct room has two members.', hint = 'Choose somebody else.';
  end if;
  perform from core.profiles as p where p.id in (v_user_id, p_user_id) order by p.id for key share;
  perform private.chat_require_reachable(v_user_id, array[p_user_id]);
  select r.* into v_room from social.chat_rooms as r where r.direct_key = v_key;
  if found then
    return v_room;
  end if;
  perform private.social_limit('room', v_user_id);
  -- Whoever is second waits for the first here, makes nothing, and finds the room below.
  insert into social.chat_rooms (type, direct_key, created_by)
  values ('direct', v_key, v_user_id)
  on conflict (direct_key) do nothing
  returning * into v_room;
  if v_room.id is not null then
    insert into social.chat_room_participants (room_id, user_id)
    select v_room.id, u.id from unnest(array[v_user_id, p_user_id]) as u (id);
  end if;
  select r.* into v_room from social.chat_rooms as r where r.direct_key = v_key;
  return v_room;
end;
$$;
comment on function private.direct_room(uuid) is 'Behind social.direct_room.';

create function social.direct_room(p_user_id uuid)
returns social.chat_rooms
language sql
volatile
security invoker
set search_path = ''
as $$ select private.direct_room(p_user_id); $$;
comment on function social.direct_room(uuid) is
  'The room of you and one other person: the one there is, or a new one. Errors: direct_room_with_self (422), person_unavailable (409), rate_limited (429).';

create function private.create_room(p_name text, p_description text, p_member_ids uuid[])
returns social.chat_rooms
language plpgsql
volatile
security definer -- rooms and members are written by RPCs only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_name text := private.clean_text(p_name, 'name', 1, 100);
  v_description text := private.clean_text(p_description, 'description', 0, 1000);
  v_others uuid[] := array(select distinct m from unnest(p_member_ids) as m where m <> v_user_id order by m);
  v_room social.chat_rooms;
begin
  perform private.chat_require_space(0, 1 + cardinality(v_others));
  perform from core.profiles as p where p.id = v_user_id or p.id = any (v_others) order by p.id for key share;
  perform private.chat_require_reachable(v_user_id, v_others);
  perform private.social_limit('room', v_user_id);
  insert into social.chat_rooms (name, description, created_by) values (v_name, v_description, v_user_id)
  returning * into v_room;
  insert into social.chat_room_participants (room_id, user_id, role)
  select v_room.id, u.id, case when u.id = v_user_id then 'admin' else 'member' end from unnest(v_user_id || v_others) as u (id);
  perform private.chat_say(v_room.id, v_user_id, 'room_created', jsonb_build_object('name', v_name, 'user_ids', v_others));
  select r.* into v_room from social.chat_rooms as r where r.id = v_room.id;
  return v_room;
end;
$$;
comment on function private.create_room(text, text, uuid[]) is 'Behind social.create_room.';

create function private.chat_require_space(p_present integer, p_more integer)
returns void
language plpgsql
stable
security definer -- reads settings
set search_path = ''
as $$
declare
  v_most integer := private.setting_number('social.chat_max_members');
begin
  if p_present + p_more > v_most then
    raise sqlstate 'PT409' using
      message = 'room_full', detail = format('A room holds at most %s people.', v_most), hint = 'Add fewer, or open another room.';
  end if;
end;
$$;
comment on function private.chat_require_space(integer, integer) is 'room_full (409) when so many more do not go in.';

create function social.create_room(p_name text, p_description text default '', p_member_ids uuid[] default '{}')
returns social.chat_rooms
language sql
volatile
security invoker
set search_path = ''
as $$ select private.create_room(p_name, p_description, p_member_ids); $$;
comment on function social.create_room(text, text, uuid[]) is
  'Opens a group; you are its admin. All of p_member_ids come in, or nobody. Errors: text_required, text_too_long, markup_not_allowed (422), person_unavailable, room_full (409), rate_limited (429).';

create function private.update_room(p_room_id uuid, p_name text, p_description text)
returns social.chat_rooms
language plpgsql
volatile
security definer -- rooms are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_room social.chat_rooms;
begin
  v_in := private.chat_enter(p_room_id, 'update');
  v_room := v_in.room;
  if p_name is not null then
    v_room.name := private.clean_text(p_name, 'name', 1, 100);
  end if;
  if p_description is not null then
    v_room.description := private.clean_text(p_description, 'description', 0, 1000);
  end if;
  if v_room is not distinct from v_in.room then
    return v_room;
  end if;
  perform private.social_limit('message', v_in.user_id);
  update social.chat_rooms as r set name = v_room.name, description = v_room.description where r.id = p_room_id;
  if v_room.name <> (v_in.room).name then
    perform private.chat_say(p_room_id, v_in.user_id, 'room_updated', jsonb_build_object('name', v_room.name));
  end if;
  select r.* into v_room from social.chat_rooms as r where r.id = p_room_id;
  return v_room;
end;
$$;
comment on function private.update_room(uuid, text, text) is 'Behind social.update_room.';

create function social.update_room(p_room_id uuid, p_name text default null, p_description text default null)
returns social.chat_rooms
language sql
volatile
security invoker
set search_path = ''
as $$ select private.update_room(p_room_id, p_name, p_description); $$;
comment on function social.update_room(uuid, text, text) is
  'Moderators and admins of a group: changes name or description; null leaves as it is. Errors: room_not_found (404), room_is_direct (409), room_role_required (403), text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.direct_room(uuid), private.create_room(text, text, uuid[]), private.update_room(uuid, text, text),
  private.chat_require_space(integer, integer),
  social.direct_room(uuid), social.create_room(text, text, uuid[]), social.update_room(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  private.direct_room(uuid), private.create_room(text, text, uuid[]), private.update_room(uuid, text, text),
  social.direct_room(uuid), social.create_room(text, text, uuid[]), social.update_room(uuid, text, text)
  to authenticated;
