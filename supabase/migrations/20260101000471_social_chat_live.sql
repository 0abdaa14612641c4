-- Chat, live: what happens in a room is told on its private channel, by the database alone.
--
-- A channel ends when somebody leaves: channel_no counts up, those who remain are told the new topic on user:<id>
-- (room_moved) and read what has come since. Realtime may have checked a socket's permission long ago; the old topic is
-- silent from that moment all the same.

create function private.chat_broadcast(p_topic text, p_event text, p_payload jsonb)
returns void
language plpgsql
volatile
security definer -- clients may not send to room:…
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, p_topic, true);
exception when others then
  -- What is stored counts; a live message that is lost shows at the next reading.
  raise warning 'broadcast to % failed: %', p_topic, sqlerrm;
end;
$$;
comment on function private.chat_broadcast(text, text, jsonb) is 'Sends an event on the channel of a room. Never raises.';

create function private.chat_tell_members(p_room_id uuid, p_event text, p_payload jsonb, p_except uuid default null)
returns void
language plpgsql
volatile
security definer -- clients may not send to user:<id>
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, 'user:' || m.user_id::text, true)
  from social.chat_room_participants as m
  where m.room_id = p_room_id and m.user_id is distinct from p_except;
exception when others then
  raise warning 'telling the members of % failed: %', p_room_id, sqlerrm;
end;
$$;
comment on function private.chat_tell_members(uuid, text, jsonb, uuid) is 'Sends an event to each member on user:<id>, but one. Never raises.';

create function private.chat_move_channel(p_room_id uuid)
returns void
language plpgsql
volatile
security definer -- writes rooms for triggers
set search_path = ''
as $$
declare
  v_topic text;
begin
  update social.chat_rooms as r set channel_no = r.channel_no + 1 where r.id = p_room_id returning r.topic into v_topic;
  if found then
    perform private.chat_tell_members(p_room_id, 'room_moved', jsonb_build_object('room_id', p_room_id, 'topic', v_topic));
  end if;
end;
$$;
comment on function private.chat_move_channel(uuid) is 'Ends the live channel of a room, begins the next, and tells the members (room_moved).';

-- What a topic names, if the caller may listen to it: room or typing. Anything else, however spelt, is null.
create function private.my_channel(p_topic text)
returns text
language plpgsql
stable
parallel safe
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_parts text[] := regexp_match(p_topic, '^(room|typing):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9][0-9]{0,8})$');
begin
  if v_parts is null then
    return null;
  end if;
  return (
    select v_parts[1]
    from social.chat_room_participants as m
    join social.chat_rooms as r on r.id = m.room_id
    where m.room_id = v_parts[2]::uuid and m.user_id = (select auth.uid()) and r.channel_no = v_parts[3]::integer
  );
end;
$$;
comment on function private.my_channel(text) is
  'room or typing when this is the current channel of a room of the caller, else null. Never raises.';

create function private.my_spoken_channel(p_topic text)
returns text
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_kind text := private.my_channel(p_topic);
  v_user_id uuid := (select auth.uid());
begin
  if v_kind is null or exists (
    select from social.chat_rooms as r
    where r.id = split_part(p_topic, ':', 2)::uuid
      and (not r.is_active or r.type = 'direct' and private.is_blocked_between(private.chat_other(r.direct_key, v_user_id), v_user_id))
  ) then
    return null;
  end if;
  return v_kind;
end;
$$;
comment on function private.my_spoken_channel(text) is
  'Like private.my_channel, for appearing and typing: null also in a closed room, and in a direct one of two of whom one blocked the other.';

revoke execute on function
  private.chat_broadcast(text, text, jsonb), private.chat_tell_members(uuid, text, jsonb, uuid),
  private.chat_move_channel(uuid), private.my_channel(text), private.my_spoken_channel(text)
  from public, anon, authenticated;
grant execute on function private.my_channel(text), private.my_spoken_channel(text) to authenticated;

create policy realtime_messages_select_room on realtime.messages
  for select to authenticated
  using ((select private.my_channel((select realtime.topic()))) is not null);
-- Members appear on the channel of a room and say nothing there: a message that is heard there comes from the database.
create policy realtime_messages_insert_room_presence on realtime.messages
  for insert to authenticated
  with check (
    extension = 'presence'
    and (select private.my_spoken_channel((select realtime.topic()))) = 'room'
    and (select private.is_active_user())
  );
create policy realtime_messages_insert_typing on realtime.messages
  for insert to authenticated
  with check (
    extension = 'broadcast'
    and (select private.my_spoken_channel((select realtime.topic()))) = 'typing'
    and (select private.is_active_user())
  );
