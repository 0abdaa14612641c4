-- Chat, for clients: writing, editing and deleting messages.

-- The file that a message shows: uploaded by its sender into his folder of this room.
create function private.chat_attach(p_room_id uuid, p_user_id uuid, p_type text, p_path text)
returns core.files
language plpgsql
volatile
security definer -- registers files for RPCs, never for clients
set search_path = ''
as $$
declare
  v_file core.files;
begin
  if p_path not like p_room_id || '/' || p_user_id || '/_%' then
    raise sqlstate 'PT422' using
      message = 'file_not_found',
      detail = 'There is no such file of yours for this room.',
      hint = 'Upload it to chat-files/<room id>/<your id>/ first, and send its path.';
  end if;
  v_file.id := private.register_file(p_user_id, 'chat-files', p_path, 'chat_file');
  select f.* into v_file from core.files as f where f.id = v_file.id;
  if v_file.status = 'rejected' or p_type = 'image' and coalesce(v_file.mime_type, '') not like 'image/%' then
    raise sqlstate 'PT422' using
      message = 'file_not_accepted', detail = 'The file is no image, or was found to be harmful.', hint = 'Send another one.';
  end if;
  return v_file;
end;
$$;
comment on function private.chat_attach(uuid, uuid, text, text) is
  'Registers the file of a message; file_not_found or file_not_accepted (422).';

create function private.send_message(
  p_room_id uuid, p_content text, p_type text, p_file_path text, p_reply_to uuid, p_client_id text
)
returns social.chat_messages
language plpgsql
volatile
security definer -- messages are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_content text := private.clean_text(p_content, 'content', case p_type when 'text' then 1 else 0 end, 4000);
  v_file core.files;
  v_message social.chat_messages;
begin
  if p_type is null or p_type not in ('text', 'image', 'file') or (p_type = 'text') <> (p_file_path is null) then
    raise sqlstate 'PT422' using
      message = 'message_type_invalid',
      detail = 'A message is text, or image or file with the path of one.',
      hint = 'Send p_file_path exactly when p_type is image or file.';
  end if;
  if length(p_client_id) not between 1 and 100 then
    raise sqlstate 'PT422' using
      message = 'client_id_invalid', detail = 'It has 1 to 100 characters.', hint = 'Send a random UUID, or leave it out.';
  end if;
  v_in := private.chat_enter(p_room_id, 'write');
  -- Under the lock of the room: of two attempts with one client_id the second sees what the first has written.
  select m.* into v_message from social.chat_messages as m
  where m.room_id = p_room_id and m.sender_id = v_in.user_id and m.client_id = p_client_id;
  if found then
    return v_message;
  end if;
  perform private.social_limit('message', v_in.user_id);
  if p_reply_to is not null and not exists (
    select from social.chat_messages as m where m.room_id = p_room_id and m.id = p_reply_to and m.message_type <> 'system'
  ) then
    raise sqlstate 'PT422' using
      message = 'reply_not_found', detail = 'This room has no such message.', hint = 'Reply to a message of the same room.';
  end if;

  v_message.room_id := p_room_id;
  v_message.sender_id := v_in.user_id;
  v_message.content := v_content;
  v_message.message_type := p_type;
  v_message.reply_to_id := p_reply_to;
  v_message.client_id := p_client_id;
  if p_file_path is not null then
    v_file := private.chat_attach(p_room_id, v_in.user_id, p_type, p_file_path);
    v_message.file_id := v_file.id;
    v_message.data := jsonb_build_object(
      'path', v_file.path, 'name', private.clean_text(regexp_replace(v_file.path, '^.*/', ''), 'file name', 1, 255),
      'size_bytes', v_file.size_bytes, 'mime_type', v_file.mime_type
    );
  end if;
  return private.chat_post(v_message);
end;
$$;
comment on function private.send_message(uuid, text, text, text, uuid, text) is 'Behind social.send_message.';

-- A message of a room of the caller, which is locked with all that follows from it.
create function private.chat_enter_message(
  p_message_id uuid, p_action text, out user_id uuid, out role text, out message social.chat_messages
)
returns record
language plpgsql
volatile
security definer -- acts for the caller only
set search_path = ''
as $$
declare
  v_room_id uuid;
  v_in record;
begin
  user_id := private.require_user();
  select m.room_id into v_room_id from social.chat_messages as m
  where m.id = p_message_id and m.room_id = any (private.my_room_ids());
  if found then
    v_in := private.chat_enter(v_room_id, p_action);
    role := v_in.role;
    select m.* into message from social.chat_messages as m where m.id = p_message_id for no key update;
  end if;
  if message.id is null then
    raise sqlstate 'PT404' using
      message = 'message_not_found', detail = 'There is no such message, or it is not for you.', hint = 'Read the room again.';
  end if;
  if message.message_type = 'system' then
    raise sqlstate 'PT409' using
      message = 'message_is_fixed', detail = 'What the room says of itself stays.', hint = 'Nothing to do.';
  end if;
end;
$$;
comment on function private.chat_enter_message(uuid, text) is
  'Like private.chat_enter, by a message; message_not_found (404), message_is_fixed (409).';

create function private.edit_message(p_message_id uuid, p_content text)
returns social.chat_messages
language plpgsql
volatile
security definer -- messages are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_message social.chat_messages;
  v_content text;
begin
  v_in := private.chat_enter_message(p_message_id, 'write');
  v_message := v_in.message;
  if v_message.sender_id is distinct from v_in.user_id then
    raise sqlstate 'PT403' using
      message = 'message_not_yours', detail = 'Only its sender edits a message.', hint = 'Moderators of the room may delete it.';
  end if;
  if v_message.deleted_at is not null
    or v_message.created_at < now() - make_interval(mins => private.setting_number('social.chat_edit_minutes'))
  then
    raise sqlstate 'PT409' using
      message = 'message_is_fixed', detail = 'It was deleted, or the time for editing is over.', hint = 'Send another message.';
  end if;
  v_content := private.clean_text(p_content, 'content', case v_message.message_type when 'text' then 1 else 0 end, 4000);
  if v_content <> v_message.content then
    perform private.social_limit('message', v_in.user_id);
    update social.chat_messages as m set content = v_content, edited_at = now() where m.id = p_message_id
    returning m.* into v_message;
  end if;
  return v_message;
end;
$$;
comment on function private.edit_message(uuid, text) is 'Behind social.edit_message.';

create function private.delete_message(p_message_id uuid)
returns social.chat_messages
language plpgsql
volatile
security definer -- messages are written by RPCs only
set search_path = ''
as $$
declare
  v_in record;
  v_message social.chat_messages;
begin
  v_in := private.chat_enter_message(p_message_id, 'delete');
  v_message := v_in.message;
  if v_message.deleted_at is not null then
    return v_message;
  end if;
  if not private.chat_may('delete', v_in.role) then
    if v_message.sender_id is distinct from v_in.user_id then
      raise sqlstate 'PT403' using
        message = 'room_role_required', detail = 'Only moderators of the room delete what others wrote.', hint = 'Ask one of them, or report it.';
    elsif v_message.created_at < now() - make_interval(hours => private.setting_number('social.chat_delete_hours')) then
      raise sqlstate 'PT409' using
        message = 'message_is_fixed', detail = 'The time for deleting is over.', hint = 'Ask a moderator of the room.';
    end if;
  end if;
  update social.chat_messages as m set content = '', file_id = null, data = '{}', deleted_at = now()
  where m.id = p_message_id
  returning m.* into v_message;
  return v_message;
end;
$$;
comment on function private.delete_message(uuid) is 'Behind social.delete_message.';

create function social.send_message(
  p_room_id uuid, p_content text default '', p_type text default 'text', p_file_path text default null,
  p_reply_to uuid default null, p_client_id text default null
)
returns social.chat_messages language sql volatile security invoker set search_path = ''
as $$ select private.send_message(p_room_id, p_content, p_type, p_file_path, p_reply_to, p_client_id); $$;
comment on function social.send_message(uuid, text, text, text, uuid, text) is
  'Writes into a room of yours. p_type image or file: p_file_path in bucket chat-files, uploaded by you to <room id>/<your id>/; p_content may then be empty. p_client_id of your choice: again the same, and nothing is sent twice. Errors: room_not_found (404), room_closed, person_unavailable (409), text_required, text_too_long, markup_not_allowed, message_type_invalid, client_id_invalid, reply_not_found, file_not_found, file_not_accepted (422), rate_limited (429).';
create function social.edit_message(p_message_id uuid, p_content text)
returns social.chat_messages language sql volatile security invoker set search_path = ''
as $$ select private.edit_message(p_message_id, p_content); $$;
comment on function social.edit_message(uuid, text) is
  'Changes the text of a message of yours, for fifteen minutes; what it said before is kept for moderators. Errors: message_not_found (404), message_not_yours (403), message_is_fixed, room_closed, person_unavailable (409), text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';
create function social.delete_message(p_message_id uuid)
returns social.chat_messages language sql volatile security invoker set search_path = ''
as $$ select private.delete_message(p_message_id); $$;
comment on function social.delete_message(uuid) is
  'Takes the text and the file of a message away and leaves its place: the sender for 24 hours, moderators of the room at any time. Errors: message_not_found (404), room_role_required (403), message_is_fixed (409).';

revoke execute on function
  private.chat_attach(uuid, uuid, text, text), private.chat_enter_message(uuid, text),
  private.send_message(uuid, text, text, text, uuid, text), private.edit_message(uuid, text),
  private.delete_message(uuid),
  social.send_message(uuid, text, text, text, uuid, text), social.edit_message(uuid, text),
  social.delete_message(uuid)
  from public, anon, authenticated;
grant execute on function
  private.send_message(uuid, text, text, text, uuid, text), private.edit_message(uuid, text),
  private.delete_message(uuid),
  social.send_message(uuid, text, text, text, uuid, text), social.edit_message(uuid, text),
  social.delete_message(uuid)
  to authenticated;
