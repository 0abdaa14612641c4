-- Chat. A room knows its last message, and each member how far he has read: unread is a subtraction, never a count.

create table social.chat_rooms (
  id uuid primary key default gen_random_uuid(),
  name text not null default '',
  description text not null default '',
  type text not null default 'group',
  direct_key text unique,
  created_by uuid,
  is_active boolean not null default true,
  channel_no integer not null default 1,
  last_seq bigint not null default 0,
  topic text not null generated always as ('room:' || id::text || ':' || channel_no::text) stored,
  last_message_at timestamptz not null default now(),
  last_message_id uuid,
  last_message_type text,
  last_message_preview text,
  members_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chat_rooms_type_check check (type in ('direct', 'group')),
  constraint chat_rooms_direct_check check (
    case type
      when 'direct' then direct_key ~ '^[0-9a-f-]{36}:[0-9a-f-]{36}$'
        and split_part(direct_key, ':', 1) collate "C" < split_part(direct_key, ':', 2) and name = ''
      else direct_key is null and length(name) between 1 and 100
    end
  ),
  constraint chat_rooms_description_check check (length(description) <= 1000),
  constraint chat_rooms_numbers_check check (last_seq >= 0 and channel_no > 0 and members_count >= 0)
) with (fillfactor = 70);
comment on table social.chat_rooms is 'Rooms of two (direct, one for each pair) and of groups.';
comment on column social.chat_rooms.direct_key is 'The two ids of a direct room, the smaller first: a pair has one room.';
comment on column social.chat_rooms.channel_no is 'Counts up when somebody leaves: the live channel is room:<id>:<channel_no>, so whoever is out hears nothing, even on an open socket whose permission was checked before.';
comment on column social.chat_rooms.topic is 'The private channel on which the database tells what happens in the room; typing goes on the same with typing: in front.';
comment on column social.chat_rooms.last_message_at is 'Of the newest message, or when the room was made; rooms are listed by it. No index: each message would then write more than the row.';
comment on column social.chat_rooms.created_by is
  'Set to null when the account ends, by a trigger. No foreign key: a room is written several times in one transaction, and Postgres then checks its keys anew, which would lock the creator after the room where everybody else locks people first.';
create index chat_rooms_created_by_idx on social.chat_rooms (created_by);

create table social.chat_room_participants (
  room_id uuid not null references social.chat_rooms (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  role text not null default 'member',
  joined_at timestamptz not null default now(),
  last_read_seq bigint not null default 0,
  last_read_at timestamptz,
  muted_until timestamptz,
  primary key (room_id, user_id),
  constraint chat_room_participants_role_check check (role in ('member', 'moderator', 'admin')),
  constraint chat_room_participants_last_read_seq_check check (last_read_seq >= 0)
) with (fillfactor = 80);
comment on table social.chat_room_participants is 'Who is in which room, as what, and how far he has read.';
create index chat_room_participants_user_id_idx on social.chat_room_participants (user_id, room_id);

-- Whom a moderator removed does not walk in again; an invitation of an administrator of the room takes the row away.
create table social.chat_room_bans (
  room_id uuid not null references social.chat_rooms (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  banned_by uuid references core.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
comment on table social.chat_room_bans is 'People removed from a room for good.';
create index chat_room_bans_user_id_idx on social.chat_room_bans (user_id);
create index chat_room_bans_banned_by_idx on social.chat_room_bans (banned_by);

create table social.chat_messages (
  id uuid primary key default gen_random_uuid(),
  room_id uuid not null references social.chat_rooms (id) on delete cascade,
  seq bigint not null,
  sender_id uuid references core.profiles (id) on delete set null,
  content text not null,
  message_type text not null default 'text',
  file_id uuid references core.files (id) on delete set null,
  data jsonb not null default '{}',
  reply_to_id uuid,
  client_id text,
  edited_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (room_id, seq),
  unique (room_id, id),
  constraint chat_messages_reply_to_id_fkey foreign key (room_id, reply_to_id)
    references social.chat_messages (room_id, id) on delete set null (reply_to_id),
  constraint chat_messages_message_type_check check (message_type in ('text', 'image', 'file', 'system')),
  constraint chat_messages_content_check check (length(content) <= 4000),
  constraint chat_messages_text_check check (deleted_at is null or (content = '' and file_id is null and data = '{}')),
  constraint chat_messages_text_required_check check (message_type not in ('text', 'system') or deleted_at is not null or content <> ''),
  constraint chat_messages_seq_check check (seq > 0),
  constraint chat_messages_client_id_check check (length(client_id) between 1 and 100)
);
comment on table social.chat_messages is 'Messages, numbered without gaps in each room by seq. Deleting takes the text away and leaves the number.';
comment on column social.chat_messages.data is 'Of a system message: what happened, for the frontend to word. Of a file: its path, name, size and type.';
comment on column social.chat_messages.client_id is 'Chosen by the sender''s device: sending it again does not send twice.';
create unique index chat_messages_client_id_idx on social.chat_messages (room_id, sender_id, client_id) where client_id is not null;
create index chat_messages_sender_id_idx on social.chat_messages (sender_id);
create index chat_messages_file_id_idx on social.chat_messages (file_id) where file_id is not null;
create index chat_messages_room_id_reply_to_id_idx on social.chat_messages (room_id, reply_to_id);
-- The room is a word of each message, so that the index itself leaves out what was said elsewhere, however common the word.
create index chat_messages_words_idx on social.chat_messages
  using gin ((array_to_tsvector(array[room_id::text]) || to_tsvector('pg_catalog.simple', content))) with (fastupdate = off)
  where message_type <> 'system';

create table social.chat_message_versions (
  message_id uuid not null references social.chat_messages (id) on delete cascade,
  version integer not null,
  content text not null,
  change text not null,
  changed_by uuid references core.profiles (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (message_id, version),
  constraint chat_message_versions_change_check check (change in ('edit', 'delete'))
);
comment on table social.chat_message_versions is 'What a message said before it was edited or deleted. For moderators, and kept for ninety days.';
create index chat_message_versions_changed_by_idx on social.chat_message_versions (changed_by);
create index chat_message_versions_created_at_idx on social.chat_message_versions (created_at);
