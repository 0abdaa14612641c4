-- Chat, for clients: the list of one's rooms, finding what was said in them, and having read it. Lists are one query inside
-- a definer that repeats the rule of the policies: only rooms of the caller.

create function private.chat_cursor(p_cursor text, out at timestamptz, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor is null then
    return;
  end if;
  at := timestamptz 'epoch' + split_part(p_cursor, ':', 1)::bigint * interval '1 microsecond';
  id := split_part(p_cursor, ':', 2)::uuid;
exception when others then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid', detail = 'This is no cursor of such a list.', hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.chat_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.chat_cursor_of(p_at timestamptz, p_id uuid)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$ select (extract(epoch from p_at) * 1000000)::bigint || ':' || p_id; $$;
comment on function private.chat_cursor_of(timestamptz, uuid) is 'The cursor of a row, by its time and id.';

create function private.my_rooms(p_limit integer, p_cursor text)
returns table (
  id uuid, topic text, type text, name text, description text, is_active boolean, members_count integer,
  other_id uuid, other_username text, other_full_name text, other_avatar_path text,
  last_message_id uuid, last_message_type text, last_message_preview text, last_message_at timestamptz,
  last_sender_id uuid, last_sender_username text,
  last_seq bigint, last_read_seq bigint, unread bigint, role text, muted_until timestamptz, joined_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- reads the caller's rooms past the policies, which would ask for each of them
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 500);
  v_after record;
begin
  v_after := private.chat_cursor(p_cursor);
  return query
    with page as materialized (
      select r.*, m.last_read_seq, m.role, m.muted_until, m.joined_at,
        case when r.type = 'direct' then private.chat_other(r.direct_key, v_user_id) end as other_id
      from social.chat_room_participants as m
      join social.chat_rooms as r on r.id = m.room_id
      where m.user_id = v_user_id
        -- A direct room in which nothing was said yet is there for whoever opened it.
        and (r.last_seq > 0 or r.type = 'group' or r.created_by = v_user_id)
        and (p_cursor is null or (r.last_message_at, r.id) < (v_after.at, v_after.id))
      order by r.last_message_at desc, r.id desc
      limit v_limit
    )
    select r.id, r.topic, r.type, r.name, r.description, r.is_active, r.members_count,
      o.id, o.username::text, o.full_name, o.avatar_path,
      r.last_message_id, r.last_message_type, r.last_message_preview, r.last_message_at,
      l.sender_id, s.username::text,
      r.last_seq, r.last_read_seq, r.last_seq - r.last_read_seq, r.role, r.muted_until, r.joined_at,
      private.chat_cursor_of(r.last_message_at, r.id)
    from page as r
    left join core.profiles as o on o.id = r.other_id and o.is_active
    left join social.chat_messages as l on l.id = r.last_message_id
    left join core.profiles as s on s.id = l.sender_id and s.is_active
    order by r.last_message_at desc, r.id desc;
end;
$$;
comment on function private.my_rooms(integer, text) is 'Behind social.my_rooms.';

create function social.my_rooms(p_limit integer default 50, p_cursor text default null)
returns table (
  id uuid, topic text, type text, name text, description text, is_active boolean, members_count integer,
  other_id uuid, other_username text, other_full_name text, other_avatar_path text,
  last_message_id uuid, last_message_type text, last_message_preview text, last_message_at timestamptz,
  last_sender_id uuid, last_sender_username text,
  last_seq bigint, last_read_seq bigint, unread bigint, role text, muted_until timestamptz, joined_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.my_rooms(p_limit, p_cursor); $$;
comment on function social.my_rooms(integer, text) is
  'Your rooms, newest activity first: live channel, name or the other person, last message, what is unread, your role. At most 500 a page; p_cursor is the cursor of the last row of the page before. Errors: cursor_invalid (400).';

create function private.search_messages(p_query text, p_room_id uuid, p_limit integer, p_cursor text)
returns table (
  id uuid, room_id uuid, seq bigint, sender_id uuid, content text, message_type text, data jsonb, created_at timestamptz,
  cursor text
)
language plpgsql
stable
security definer -- full text operators lose their index under a policy; only rooms of the caller are searched
set search_path = ''
as $$
declare
  v_words tsquery := websearch_to_tsquery('pg_catalog.simple', private.clean_text(p_query, 'query', 0, 500));
  v_rooms uuid[] := private.my_room_ids();
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_after record;
begin
  v_after := private.chat_cursor(p_cursor);
  if p_room_id is not null then
    if not p_room_id = any (v_rooms) then
      raise sqlstate 'PT404' using
        message = 'room_not_found', detail = 'There is no such room, or you are not in it.', hint = 'List your rooms with my_rooms.';
    end if;
    v_rooms := array[p_room_id];
  end if;
  if numnode(v_words) = 0 then
    raise sqlstate 'PT422' using message = 'query_required', detail = 'There are no words to look for.', hint = 'Send some in p_query.';
  end if;
  if cardinality(v_rooms) = 0 then
    return;
  end if;
  -- The rooms are words of the index: those of others are not even looked at.
  v_words := v_words && (select string_agg(quote_literal(r::text), ' | ') from unnest(v_rooms) as r)::tsquery;
  return query
    select m.id, m.room_id, m.seq, m.sender_id, m.content, m.message_type, m.data, m.created_at,
      private.chat_cursor_of(m.created_at, m.id)
    from social.chat_messages as m
    where (array_to_tsvector(array[m.room_id::text]) || to_tsvector('pg_catalog.simple', m.content)) @@ v_words
      and m.message_type <> 'system' and m.deleted_at is null
      and m.room_id = any (v_rooms)
      and (p_cursor is null or (m.created_at, m.id) < (v_after.at, v_after.id))
    order by m.created_at desc, m.id desc
    limit v_limit;
end;
$$;
comment on function private.search_messages(text, uuid, integer, text) is 'Behind social.search_messages.';

create function social.search_messages(
  p_query text, p_room_id uuid default null, p_limit integer default 20, p_cursor text default null
)
returns table (
  id uuid, room_id uuid, seq bigint, sender_id uuid, content text, message_type text, data jsonb, created_at timestamptz,
  cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.search_messages(p_query, p_room_id, p_limit, p_cursor); $$;
comment on function social.search_messages(text, uuid, integer, text) is
  'Messages with these words in your rooms, or in one of them, newest first; "quoted words" in their order, -without. Errors: query_required (422), room_not_found (404), cursor_invalid (400).';

create function private.mark_room_read(p_room_id uuid, p_seq bigint)
returns bigint
language plpgsql
volatile
security definer -- a client does not choose how far the room goes
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_topic text;
  v_seq bigint;
begin
  -- Without the lock of the room: its last number only grows, and so does what was read.
  update social.chat_room_participants as m
  set last_read_seq = least(coalesce(p_seq, r.last_seq), r.last_seq), last_read_at = now()
  from social.chat_rooms as r
  where m.room_id = p_room_id and m.user_id = v_user_id and r.id = m.room_id
    and m.last_read_seq < least(coalesce(p_seq, r.last_seq), r.last_seq)
  returning m.last_read_seq, r.topic into v_seq, v_topic;
  if found then
    perform private.chat_broadcast(v_topic, 'room_read', jsonb_build_object('room_id', p_room_id, 'user_id', v_user_id, 'last_read_seq', v_seq));
    return v_seq;
  end if;
  select m.last_read_seq into v_seq from social.chat_room_participants as m
  where m.room_id = p_room_id and m.user_id = v_user_id;
  if not found then
    raise sqlstate 'PT404' using
      message = 'room_not_found', detail = 'There is no such room, or you are not in it.', hint = 'List your rooms with my_rooms.';
  end if;
  return v_seq;
end;
$$;
comment on function private.mark_room_read(uuid, bigint) is 'Behind social.mark_room_read.';

create function social.mark_room_read(p_room_id uuid, p_seq bigint default null)
returns bigint language sql volatile security invoker set search_path = ''
as $$ select private.mark_room_read(p_room_id, p_seq); $$;
comment on function social.mark_room_read(uuid, bigint) is
  'You have read the room up to this number, or all of it. Never goes back. Returns how far you have read. Errors: room_not_found (404).';

revoke execute on function
  private.chat_cursor(text), private.chat_cursor_of(timestamptz, uuid), private.my_rooms(integer, text),
  private.search_messages(text, uuid, integer, text), private.mark_room_read(uuid, bigint),
  social.my_rooms(integer, text), social.search_messages(text, uuid, integer, text), social.mark_room_read(uuid, bigint)
  from public, anon, authenticated;
grant execute on function
  private.my_rooms(integer, text), private.search_messages(text, uuid, integer, text), private.mark_room_read(uuid, bigint),
  social.my_rooms(integer, text), social.search_messages(text, uuid, integer, text), social.mark_room_read(uuid, bigint)
  to authenticated;
