// The lists of chat: as clients ask for them, without any rule, and as the design's tables leave one to write them.

export const lastMessages = `
  select id, seq, sender_id, content, message_type, reply_to_id, edited_at, deleted_at, created_at
  from social.chat_messages where room_id = $1 order by seq desc limit 50`;

// The design has no policy and no view; this is what its tables leave one to write.
export const designRooms = `
  select r.id, r.name, r.type, l.content, l.created_at,
    (select count(*) from bench.design_messages as m where m.room_id = r.id and not m.is_read) as unread
  from bench.design_participants as p
  join social.chat_rooms as r on r.id = p.room_id
  left join lateral (
    select m.content, m.created_at from bench.design_messages as m
    where m.room_id = r.id order by m.created_at desc limit 1
  ) as l on true
  where p.user_id = $1
  order by l.created_at desc nulls last, r.id desc limit $2`;

export const designMessages = `
  select id, sender_id, content, message_type, created_at
  from bench.design_messages where room_id = $1 order by created_at desc limit 50`;

// What private.my_rooms does, written by somebody whom no policy concerns.
export const bareRooms = `
  select r.id, r.topic, r.type, r.name, r.description, r.is_active, r.members_count,
    o.id as other_id, o.username::text as other_username, r.last_message_id, r.last_message_type, r.last_message_preview,
    r.last_message_at, l.sender_id as last_sender_id, s.username::text as last_sender_username,
    r.last_seq, m.last_read_seq, r.last_seq - m.last_read_seq as unread, m.role, m.muted_until, m.joined_at
  from social.chat_room_participants as m
  join social.chat_rooms as r on r.id = m.room_id
  left join core.profiles as o on o.id = case when r.type = 'direct' then (
    case when split_part(r.direct_key, ':', 1) = m.user_id::text then split_part(r.direct_key, ':', 2)
      else split_part(r.direct_key, ':', 1) end)::uuid end and o.is_active
  left join social.chat_messages as l on l.id = r.last_message_id
  left join core.profiles as s on s.id = l.sender_id and s.is_active
  where m.user_id = $1
  order by r.last_message_at desc, r.id desc limit $2`;
