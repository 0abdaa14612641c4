-- Chat: how a message comes about, and what is kept and told when it is written, edited or deleted.

-- Whoever calls this has locked the room, or locks it here: the number, the time and the row belong together. Times grow
-- with the numbers, so that a list by time is a list by number.
create function private.chat_post(p_message social.chat_messages)
returns social.chat_messages
language plpgsql
volatile
security definer -- numbers messages for RPCs and triggers, never for clients
set search_path = ''
as $$
declare
  v_message social.chat_messages := p_message;
begin
  v_message.id := gen_random_uuid();
  update social.chat_rooms as r
  set last_seq = r.last_seq + 1,
    last_message_at = greatest(clock_timestamp(), r.last_message_at + interval '1 microsecond'),
    last_message_id = v_message.id, last_message_type = v_message.message_type,
    last_message_preview = left(coalesce(nullif(v_message.content, ''), v_message.data ->> 'name'), 120)
  where r.id = v_message.room_id
  returning r.last_seq, r.last_message_at into v_message.seq, v_message.created_at;
  v_message.updated_at := v_message.created_at;
  v_message.data := coalesce(v_message.data, '{}');
  insert into social.chat_messages values (v_message.*);
  -- Who writes has read what stands above.
  update social.chat_room_participants as m
  set last_read_seq = v_message.seq, last_read_at = v_message.created_at
  where m.room_id = v_message.room_id and m.user_id = v_message.sender_id;
  return v_message;
end;
$$;
comment on function private.chat_post(social.chat_messages) is 'Gives a message its number and time and stores it; the sender has then read it.';

-- The frontend words it from the data; the text is for whoever does not, and names nobody, because it stays.
create function private.chat_say(p_room_id uuid, p_actor_id uuid, p_event text, p_data jsonb)
returns void
language plpgsql
volatile
security definer -- writes messages for RPCs and triggers, never for clients
set search_path = ''
as $$
declare
  v_message social.chat_messages;
begin
  v_message.room_id := p_room_id;
  v_message.sender_id := p_actor_id;
  v_message.message_type := 'system';
  v_message.data := jsonb_build_object('event', p_event) || p_data;
  v_message.content := case p_event
    when 'room_created' then 'The room was opened.'
    when 'members_joined' then 'Somebody joined.'
    when 'member_left' then 'Somebody left.'
    when 'member_removed' then 'Somebody was removed.'
    when 'room_updated' then 'The room was renamed.'
  end;
  perform private.chat_post(v_message);
end;
$$;
comment on function private.chat_say(uuid, uuid, text, jsonb) is
  'Posts a system message: room_created, members_joined, member_left, member_removed or room_updated, with its data.';

create function private.chat_payload(p_message social.chat_messages)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select to_jsonb(p_message) - 'updated_at'; $$;
comment on function private.chat_payload(social.chat_messages) is 'A message as it is told live: the row as a client reads it.';

create function private.tg_chat_messages__tell()
returns trigger
language plpgsql
security definer -- clients may not send to room:… or user:<id>
set search_path = ''
as $$
declare
  v_room social.chat_rooms;
begin
  select r.* into v_room from social.chat_rooms as r where r.id = new.room_id;
  perform private.chat_broadcast(v_room.topic, 'message', private.chat_payload(new));
  -- So that a list of rooms is right without listening to every room; in a large one that would cost too much.
  if v_room.members_count <= private.setting_number('social.chat_hint_members') then
    perform private.chat_tell_members(new.room_id, 'room_activity', jsonb_build_object(
      'room_id', new.room_id, 'topic', v_room.topic, 'seq', new.seq, 'sender_id', new.sender_id,
      'message_type', new.message_type, 'preview', v_room.last_message_preview, 'created_at', new.created_at
    ), new.sender_id);
  end if;
  return null;
end;
$$;
comment on function private.tg_chat_messages__tell() is
  'Trigger: tells the room of a message, and its members where that is cheap.';

create function private.tg_chat_messages__keep_version()
returns trigger
language plpgsql
security definer -- writes a history that nobody may write
set search_path = ''
as $$
begin
  insert into social.chat_message_versions (message_id, version, content, change, changed_by)
  values (
    old.id,
    1 + coalesce((select max(v.version) from social.chat_message_versions as v where v.message_id = old.id), 0),
    old.content,
    case when old.deleted_at is null and new.deleted_at is not null then 'delete' else 'edit' end,
    (select p.id from core.profiles as p where p.id = (select auth.uid()))
  );
  update social.chat_rooms as r set last_message_preview = left(coalesce(nullif(new.content, ''), new.data ->> 'name', ''), 120)
  where r.id = new.room_id and r.last_message_id = new.id;
  perform private.chat_broadcast(
    r.topic, case when new.deleted_at is null then 'message_edited' else 'message_deleted' end, private.chat_payload(new)
  )
  from social.chat_rooms as r where r.id = new.room_id;
  return null;
end;
$$;
comment on function private.tg_chat_messages__keep_version() is
  'Trigger: keeps what a message said when it changes, and tells the room.';

-- A file that was taken back, or whose room is gone, waits for removal like one whose owner is gone, unless another message
-- shows it.
create function private.tg_chat_messages__release_file()
returns trigger
language plpgsql
security definer -- core.files is written by no client
set search_path = ''
as $$
begin
  if not exists (select from social.chat_messages as m where m.file_id = old.file_id) then
    update core.files as f set owner_id = null where f.id = old.file_id;
  end if;
  return null;
end;
$$;
comment on function private.tg_chat_messages__release_file() is 'Trigger: gives up a file that no message shows any more.';

create function private.tg_chat_rooms__tell()
returns trigger
language plpgsql
security definer -- clients may not send to room:…
set search_path = ''
as $$
begin
  perform private.chat_broadcast(new.topic, 'room_updated', jsonb_build_object(
    'room_id', new.id, 'name', new.name, 'description', new.description, 'is_active', new.is_active
  ));
  return null;
end;
$$;
comment on function private.tg_chat_rooms__tell() is 'Trigger: tells the room that its name, description or end changed.';

create trigger _500_tell
  after insert on social.chat_messages
  for each row execute function private.tg_chat_messages__tell();
create trigger _500_release_file
  after update of file_id on social.chat_messages
  for each row when (old.file_id is not null and new.file_id is null)
  execute function private.tg_chat_messages__release_file();
create trigger _500_release_file_on_delete
  after delete on social.chat_messages
  for each row when (old.file_id is not null)
  execute function private.tg_chat_messages__release_file();
create trigger _500_keep_version
  after update on social.chat_messages
  for each row when (old.content is distinct from new.content or old.deleted_at is distinct from new.deleted_at)
  execute function private.tg_chat_messages__keep_version();
create trigger _900_touch_updated_at
  before update on social.chat_messages
  for each row execute function private.tg__touch_updated_at();
create trigger _500_tell
  after update on social.chat_rooms
  for each row when (
    old.name is distinct from new.name or old.description is distinct from new.description
    or old.is_active is distinct from new.is_active
  )
  execute function private.tg_chat_rooms__tell();
create trigger _900_touch_updated_at
  before update on social.chat_rooms
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.chat_post(social.chat_messages), private.chat_say(uuid, uuid, text, jsonb), private.chat_payload(social.chat_messages),
  private.tg_chat_messages__tell(), private.tg_chat_messages__keep_version(), private.tg_chat_messages__release_file(), private.tg_chat_rooms__tell()
  from public, anon, authenticated;
