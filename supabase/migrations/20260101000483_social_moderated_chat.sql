-- Chat messages before the moderators: one that was reported by a member of its room, and no other. What it said is kept
-- in chat_message_versions when it is hidden, as when it is deleted; a file that it carried is gone for good.

create function private.social_moderated_message(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
declare
  v_message social.chat_messages;
begin
  select * into v_message from social.chat_messages as m where m.id = p_id and m.message_type <> 'system';
  if not found then
    return;
  end if;
  author_id := v_message.sender_id;
  select coalesce(nullif(r.name, ''), 'Direct messages') into title from social.chat_rooms as r where r.id = v_message.room_id;
  link := '/chat/' || v_message.room_id || '#' || p_id;
  is_visible := case
    when p_viewer_id is null then exists (
      select from core.moderation_reports as r where r.entity_id = p_id and r.module = 'social' and r.entity_type = p_type
    )
    else exists (
      select from social.chat_room_participants as m where m.room_id = v_message.room_id and m.user_id = p_viewer_id
    )
  end;
  excerpt := concat_ws(E'\n', nullif(v_message.content, ''), v_message.data ->> 'name');
  if v_message.deleted_at is not null then
    select v.content into excerpt from social.chat_message_versions as v
    where v.message_id = p_id and v.change = 'delete'
    order by v.version desc limit 1;
    -- Deleted by its sender or in its room, or hidden here?
    is_hidden := 'hide' = (
      select a.action from core.moderation_actions as a
      where a.module = 'social' and a.entity_type = p_type and a.entity_id = p_id and a.action in ('hide', 'unhide')
      order by a.created_at desc, a.id desc limit 1
    );
  end if;
end;
$$;
comment on function private.social_moderated_message(text, uuid, uuid) is 'Looks up a chat message for the moderators.';

create function private.social_hide_message(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  -- The room before its messages, like everybody who writes in it.
  perform from social.chat_rooms as r
  where r.id = (select m.room_id from social.chat_messages as m where m.id = p_id) for no key update;
  update social.chat_messages as m set content = '', file_id = null, data = '{}', deleted_at = now()
  where m.id = p_id and m.deleted_at is null;
  if not found then
    raise sqlstate 'PT409' using
      message = 'content_removed', detail = 'The message was deleted already.', hint = 'Warn its sender, or dismiss the reports.';
  end if;
end;
$$;
comment on function private.social_hide_message(text, uuid, uuid) is 'Takes the text of a chat message away; the room sees it at once.';

create function private.social_show_message(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  perform from social.chat_rooms as r
  where r.id = (select m.room_id from social.chat_messages as m where m.id = p_id) for no key update;
  update social.chat_messages as m set deleted_at = null, content = coalesce((
    select v.content from social.chat_message_versions as v
    where v.message_id = p_id and v.change = 'delete'
    order by v.version desc limit 1
  ), '')
  where m.id = p_id and m.deleted_at is not null
    -- Versions are kept for ninety days: a text of which nothing is left stays away.
    and (m.message_type <> 'text' or exists (
      select from social.chat_message_versions as v where v.message_id = p_id and v.change = 'delete' and v.content <> ''
    ));
end;
$$;
comment on function private.social_show_message(text, uuid, uuid) is 'Gives a hidden chat message its text back.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description)
values (
  'social', 'chat_message', 'social_moderated_message', 'social_hide_message', 'social_show_message',
  'Chat messages, reported by members of the room.'
);

revoke execute on function
  private.social_moderated_message(text, uuid, uuid), private.social_hide_message(text, uuid, uuid),
  private.social_show_message(text, uuid, uuid)
  from public, anon, authenticated;
