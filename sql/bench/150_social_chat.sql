-- Chat: person 1 is in bench.size(500) rooms, of which the first eight are big; the other rooms have two to twelve members.

create table bench.rooms (
  n integer primary key, id uuid not null, first_member integer not null, size integer not null, messages integer not null,
  is_direct boolean not null, created_at timestamptz not null, spoken_at timestamptz not null
);
comment on table bench.rooms is 'Every room, by number. The rooms of person 1 come first.';
insert into bench.rooms (n, id, first_member, size, messages, is_direct, created_at, spoken_at)
select
  s.n, bench.id('room', s.n), case when s.n <= p.mine then 1 else 1 + s.n - p.mine end,
  case when s.n <= 8 then bench.size(1000) when s.n % 2 = 0 then 2 else 3 + s.n % 10 end,
  case when s.n <= 8 then bench.size(5000) when s.n <= p.mine then 30 + s.n * 7 % 251 else 5 + s.n * 7 % 41 end,
  s.n > 8 and s.n % 2 = 0, now() - interval '1 year', now() - bench.chance('room', s.n) * interval '60 days'
from (select bench.size(500) as mine, bench.size(3500) as others) as p
cross join lateral generate_series(1, p.mine + p.others) as s (n);

-- The other members follow the first one in number; in the rooms of person 1 from a different place each.
create table bench.members (room integer, place integer, person integer not null, primary key (room, place));
comment on table bench.members is 'Who is in which room.';
insert into bench.members (room, place, person)
select
  r.n, g.place,
  case when g.place = 0 then r.first_member
    when r.first_member = 1 then 2 + (r.n + g.place - 2) % (bench.size(50000) - 1)
    else 2 + (r.first_member - 2 + g.place) % (bench.size(50000) - 1) end
from bench.rooms as r
cross join lateral generate_series(0, r.size - 1) as g (place);

select bench.take_indexes('social.chat_messages');

insert into social.chat_messages (id, room_id, seq, sender_id, content, deleted_at, created_at, updated_at)
select
  bench.id(format('message %s-', r.n), g.seq), r.id, g.seq, p.id, case when g.seq % 101 = 50 and g.seq < r.messages then '' else t.title end,
  case when g.seq % 101 = 50 and g.seq < r.messages then m.moment end, m.moment, m.moment
from bench.rooms as r
cross join lateral generate_series(1, r.messages) as g (seq)
cross join lateral (
  select r.created_at + (r.spoken_at - r.created_at) * (g.seq / r.messages::double precision) as moment
) as m
join bench.members as i on i.room = r.n and i.place = g.seq * 7 % r.size
join bench.people as p on p.n = i.person
join bench.short_texts as t on t.n = 1 + (r.n * 131 + g.seq) % (select count(*) from bench.short_texts)
order by m.moment;

insert into social.chat_message_versions (message_id, version, content, change, changed_by, created_at)
select m.id, 1, 'It was deleted.', 'delete', m.sender_id, m.deleted_at
from social.chat_messages as m
where m.deleted_at is not null;

select bench.give_indexes('social.chat_messages');

insert into social.chat_rooms (
  id, name, type, direct_key, created_by, last_seq, last_message_at, last_message_id, last_message_type, last_message_preview,
  members_count, created_at, updated_at
)
select
  r.id, case when r.is_direct then '' else format('Room %s', r.n) end, case when r.is_direct then 'direct' else 'group' end,
  case when r.is_direct then (
    select string_agg(p.id::text, ':' order by p.id::text collate "C")
    from bench.members as i join bench.people as p on p.n = i.person where i.room = r.n
  ) end,
  first.id, r.messages, m.created_at, m.id, m.message_type, m.content, r.size, r.created_at, m.created_at
from bench.rooms as r
join bench.people as first on first.n = r.first_member
join social.chat_messages as m on m.room_id = r.id and m.seq = r.messages;

-- In one room in three somebody has not read the last messages.
insert into social.chat_room_participants (room_id, user_id, role, joined_at, last_read_seq, last_read_at)
select
  r.id, p.id, case when i.place = 0 and not r.is_direct then 'admin' else 'member' end, r.created_at,
  case when (r.n + i.place) % 3 = 0 then r.messages - r.messages * 2 / 5 else r.messages end, r.spoken_at
from bench.rooms as r
join bench.members as i on i.room = r.n
join bench.people as p on p.n = i.person
order by r.n, i.place;
