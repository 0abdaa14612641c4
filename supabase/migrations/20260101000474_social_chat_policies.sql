-- Chat: who sees what. Members see their rooms, each other, and all messages of the room, those from before they joined
-- too. Nobody writes here but through RPCs, except when one's own room is to be silent (muted_until).

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'chat_rooms', 'chat_room_participants', 'chat_room_bans', 'chat_messages', 'chat_message_versions'
  ] loop
    execute format('alter table social.%I enable row level security', v_table);
    execute format('revoke all on social.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on social.%I to service_role', v_table);
  end loop;
end;
$$;
grant select on social.chat_rooms, social.chat_room_bans, social.chat_messages, social.chat_message_versions to authenticated;
-- Not muted_until: that somebody does not want to hear a room is his own affair. my_rooms tells one's own.
grant select (room_id, user_id, role, joined_at, last_read_seq, last_read_at), update (muted_until)
  on social.chat_room_participants to authenticated;

create policy chat_rooms_select_member on social.chat_rooms
  for select to authenticated
  using (id = any ((select private.my_room_ids())::uuid[]));

create policy chat_room_participants_select_member on social.chat_room_participants
  for select to authenticated
  using (room_id = any ((select private.my_room_ids())::uuid[]));
create policy chat_room_participants_update_own on social.chat_room_participants
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()));

create policy chat_room_bans_select_leader on social.chat_room_bans
  for select to authenticated
  using (room_id = any ((select private.my_led_room_ids())::uuid[]));

create policy chat_messages_select_member on social.chat_messages
  for select to authenticated
  using (room_id = any ((select private.my_room_ids())::uuid[]));

-- Of what is said among members, moderators read what one of them reported, and nothing else.
create policy chat_message_versions_select_staff on social.chat_message_versions
  for select to authenticated
  using (
    ((select private.has_role('moderator')) or (select private.has_role('admin')))
    and exists (
      select from core.moderation_reports as r
      where r.entity_id = message_id and r.module = 'social' and r.entity_type = 'chat_message'
    )
  );

-- Attachments: chat-files/<room id>/<user id>/<name>, private. There is no update policy: what was looked at stays what it was.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('chat-files', 'chat-files', false, 20971520, array[
  'image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf', 'text/plain',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation'
])
on conflict (id) do nothing;

create function private.can_read_chat_file(p_path text)
returns boolean
language plpgsql
stable
security definer -- files belong to their senders; answers about the caller only
set search_path = ''
as $$
declare
  v_room_id text := split_part(p_path, '/', 1);
  v_user_id uuid := (select auth.uid());
begin
  if v_room_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or not exists (
    select from social.chat_room_participants as m where m.room_id = v_room_id::uuid and m.user_id = v_user_id
  ) then
    return false;
  end if;
  -- His own, but not what was found harmful: he could pass it on by a signed URL.
  return (split_part(p_path, '/', 2) = v_user_id::text and not exists (
    select from core.files as f
    where f.bucket_id = 'chat-files' and f.path = p_path and f.status = 'rejected'
  )) or exists (
    select from core.files as f
    join social.chat_messages as m on m.file_id = f.id and m.room_id = v_room_id::uuid
    where f.bucket_id = 'chat-files' and f.path = p_path and f.status <> 'rejected'
  );
end;
$$;
comment on function private.can_read_chat_file(text) is
  'True for members of the room once the file was sent there, unless it was found harmful or taken back; for its uploader, unless it was found harmful, as long as he is a member.';

create function private.is_chat_file_sent(p_path text)
returns boolean
language plpgsql
stable
security definer -- messages may be in rooms that the caller has left
set search_path = ''
as $$
begin
  return exists (
    select from core.files as f join social.chat_messages as m on m.file_id = f.id
    where f.bucket_id = 'chat-files' and f.path = p_path
  );
end;
$$;
comment on function private.is_chat_file_sent(text) is 'True while a message shows the file.';

-- Files are not messages, and no allowance is taken for them: so they may not pile up, nor come where one may not write.
create function private.may_upload_chat_file(p_path text)
returns boolean
language plpgsql
stable
security definer -- counts the caller's own files; sees rooms and blocks
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_folder text := split_part(p_path, '/', 1) || '/' || v_user_id;
begin
  if not exists (
    select from social.chat_room_participants as m
    join social.chat_rooms as r on r.id = m.room_id
    where m.room_id::text = split_part(p_path, '/', 1) and m.user_id = v_user_id and r.is_active
      and (r.type = 'group' or not private.is_blocked_between(private.chat_other(r.direct_key, v_user_id), v_user_id))
  ) then
    return false;
  end if;
  return (
    select count(*) from storage.objects as o
    -- "0" comes after "/".
    where o.bucket_id = 'chat-files' and o.name collate "C" > v_folder || '/' and o.name collate "C" < v_folder || '0'
      and not private.is_chat_file_sent(o.name)
  ) < private.setting_number('social.chat_uploads_waiting');
end;
$$;
comment on function private.may_upload_chat_file(text) is
  'True when the caller may write in the room that the path names, and few of his files there wait for a message.';

revoke execute on function
  private.can_read_chat_file(text), private.is_chat_file_sent(text), private.may_upload_chat_file(text)
  from public, anon, authenticated;
grant execute on function
  private.can_read_chat_file(text), private.is_chat_file_sent(text), private.may_upload_chat_file(text)
  to authenticated, service_role;

create policy chat_files_select_member on storage.objects
  for select to authenticated
  using (bucket_id = 'chat-files' and private.can_read_chat_file(name));
create policy chat_files_insert_member on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'chat-files'
    and cardinality(storage.foldername(name)) = 2
    and (storage.foldername(name))[2] = (select auth.uid())::text
    and (select private.is_active_user())
    and private.may_upload_chat_file(name)
  );
-- What a message shows stays until the message is deleted.
create policy chat_files_delete_own on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'chat-files'
    and (storage.foldername(name))[2] = (select auth.uid())::text
    and (select private.is_active_user())
    and not private.is_chat_file_sent(name)
  );
