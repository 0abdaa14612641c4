-- The tables as the design has them that this module comes from, with its indexes and no others: what the cases compare
-- with. Column names are its own. What it left out and cannot do without (votes_count of posts) is there.

create table bench.design_posts (
  id uuid primary key, author_id uuid not null, title varchar(255) not null, content text not null, category varchar(50),
  tags text[], likes_count integer default 0, votes_count integer default 0, comments_count integer default 0,
  is_published boolean default true, created_at timestamptz default now(), updated_at timestamptz default now()
);
comment on table bench.design_posts is 'The posts, as the design keeps them.';
insert into bench.design_posts (
  id, author_id, title, content, category, tags, likes_count, votes_count, comments_count, is_published, created_at, updated_at
)
select
  p.id, p.author_id, p.title, p.content, p.category,
  array(
    select t.slug::text from social.post_topics as pt join core.topics as t on t.id = pt.topic_id where pt.post_id = p.id
  ),
  p.likes_count, p.votes_count, p.comments_count, p.is_published, p.created_at, p.updated_at
from social.posts as p
where p.deleted_at is null
order by p.created_at;
create index on bench.design_posts (author_id);
create index on bench.design_posts (category);
create index on bench.design_posts (created_at);
create index on bench.design_posts using gin (tags);

create table bench.design_followers (
  id uuid primary key default gen_random_uuid(), follower_id uuid not null, following_id uuid not null,
  created_at timestamptz default now(), unique (follower_id, following_id)
);
comment on table bench.design_followers is 'The follows, as the design keeps them.';
insert into bench.design_followers (follower_id, following_id, created_at)
select f.follower_id, f.following_id, f.created_at from social.followers as f;
create index on bench.design_followers (follower_id);
create index on bench.design_followers (following_id);

create table bench.design_participants (
  id uuid primary key default gen_random_uuid(), room_id uuid not null, user_id uuid not null, role text default 'member',
  joined_at timestamptz default now(), unique (room_id, user_id)
);
comment on table bench.design_participants is 'The members of rooms, as the design keeps them.';
insert into bench.design_participants (room_id, user_id, role, joined_at)
select p.room_id, p.user_id, p.role, p.joined_at from social.chat_room_participants as p;

create table bench.design_messages (
  id uuid primary key, room_id uuid not null, sender_id uuid not null, content text not null, message_type text default 'text',
  file_url text, is_read boolean default false, created_at timestamptz default now()
);
comment on table bench.design_messages is 'The messages, as the design keeps them: one mark for having been read by everybody.';
insert into bench.design_messages (id, room_id, sender_id, content, is_read, created_at)
select
  m.id, m.room_id, m.sender_id, m.content, m.seq <= coalesce(p.last_read_seq, m.seq), m.created_at
from social.chat_messages as m
left join social.chat_room_participants as p
  on p.room_id = m.room_id and p.user_id = (select x.id from bench.people as x where x.n = 1)
order by m.created_at;
create index on bench.design_messages (room_id);
create index on bench.design_messages (sender_id);
create index on bench.design_messages (created_at);

-- What one would write for a policy that the design lacks: is the reader a member, asked for each message.
alter table bench.design_messages enable row level security;
grant usage on schema bench to bench_reader;
grant select on bench.design_messages, bench.design_participants to bench_reader;
create policy design_messages_select_bench on bench.design_messages
  for select to bench_reader
  using (
    exists (select from bench.design_participants as p where p.room_id = design_messages.room_id and p.user_id = auth.uid())
  );
