-- Chat: numbers without gaps, exact counts, and no group without an admin. They hold because every change of a room is
-- made under the lock of its row, and because triggers on the members count and hand over whichever way somebody goes.

select 'last_seq is not the last number' as rule, r.id::text as id, format('%s, messages up to %s', r.last_seq, coalesce(m.last, 0)) as detail
from social.chat_rooms as r
left join (select c.room_id, max(c.seq) as last from social.chat_messages as c group by c.room_id) as m on m.room_id = r.id
where r.last_seq <> coalesce(m.last, 0)
union all
select 'messages are numbered with gaps', c.room_id::text, format('%s messages, numbers up to %s', count(*), max(c.seq))
from social.chat_messages as c
group by c.room_id
having count(*) <> max(c.seq) or min(c.seq) <> 1
union all
select 'time does not grow with the number', c.room_id::text, format('message %s', c.seq)
from (
  select m.room_id, m.seq, m.created_at, lag(m.created_at) over (partition by m.room_id order by m.seq) as before
  from social.chat_messages as m
) as c
where c.created_at <= c.before
union all
select 'the last message of a room is another', r.id::text, format('%s', r.last_message_id)
from social.chat_rooms as r
left join social.chat_messages as m on m.room_id = r.id and m.seq = r.last_seq
where r.last_message_id is distinct from m.id
union all
select 'members_count is wrong', r.id::text, format('%s, there are %s', r.members_count, p.members)
from social.chat_rooms as r
cross join lateral (select count(*) as members from social.chat_room_participants as m where m.room_id = r.id) as p
where r.members_count <> p.members
union all
select 'somebody has read further than the room goes', m.room_id::text, format('%s at %s of %s', m.user_id, m.last_read_seq, r.last_seq)
from social.chat_room_participants as m
join social.chat_rooms as r on r.id = m.room_id
where m.last_read_seq > r.last_seq
union all
select 'group without an admin', r.id::text, format('%s members', r.members_count)
from social.chat_rooms as r
where r.type = 'group'
  and exists (select from social.chat_room_participants as m where m.room_id = r.id)
  and not exists (select from social.chat_room_participants as m where m.room_id = r.id and m.role = 'admin')
union all
select 'open group without members', r.id::text, null
from social.chat_rooms as r
where r.type = 'group' and r.is_active
  and not exists (select from social.chat_room_participants as m where m.room_id = r.id)
union all
select 'somebody who is none of the two in a direct room', m.room_id::text, m.user_id::text
from social.chat_room_participants as m
join social.chat_rooms as r on r.id = m.room_id and r.type = 'direct'
where m.user_id::text <> all (string_to_array(r.direct_key, ':'))
union all
select 'room made by nobody who is there', r.id::text, r.created_by::text
from social.chat_rooms as r
where r.created_by is not null and not exists (select from core.profiles as p where p.id = r.created_by)
union all
select 'banned, and in the room', b.room_id::text, b.user_id::text
from social.chat_room_bans as b
join social.chat_room_participants as m on m.room_id = b.room_id and m.user_id = b.user_id
union all
select 'direct room with roles', m.room_id::text, m.role
from social.chat_room_participants as m
join social.chat_rooms as r on r.id = m.room_id and r.type = 'direct'
where m.role <> 'member';
