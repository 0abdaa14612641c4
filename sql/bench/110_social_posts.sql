-- Posts, their topics and comments: some people write far more than others, and a few posts are talked about a lot. One
-- in fifty is a draft, one in a hundred was deleted by its author.

create table bench.posts (
  n integer primary key,
  id uuid not null,
  author integer not null,
  votes integer not null,
  comments integer not null,
  is_draft boolean not null,
  is_deleted boolean not null,
  created_at timestamptz not null
);
comment on table bench.posts is 'Every post, by number. Who votes is counted from the author on, so nobody votes for himself.';

insert into bench.posts (n, id, author, votes, comments, is_draft, is_deleted, created_at)
select
  s.n, bench.id('post', s.n),
  -- Who is followed most has a low number (see the follows). The first three write a lot; who else does has any number.
  case when s.n % 160 = 0 then 2 + s.n / 160 % 3
    else 1 + (floor(power(bench.chance('author', s.n), 1.4) * p.people)::bigint * 7919 % p.people)::integer end,
  case when s.n % 50 = 3 then 0
    else least(p.people - 1, floor(1.75 * power(1 - bench.chance('votes', s.n), -0.55)))::integer end,
  case when s.n % 50 = 3 then 0
    else least(400, floor(0.75 * power(1 - bench.chance('comments', s.n), -0.45)))::integer end,
  s.n % 50 = 3, s.n % 100 = 7,
  now() - interval '2 years' + s.n * interval '1 year' * 1.9 / p.posts + bench.chance('post', s.n) * interval '1 hour'
from generate_series(1, bench.size(500000)) as s (n)
cross join (select bench.size(50000) as people, bench.size(500000) as posts) as p;

create table bench.short_texts (n integer primary key, title text not null, body text not null);
comment on table bench.short_texts is 'What posts and messages say.';
insert into bench.short_texts (n, title, body)
select t.n, initcap(array_to_string(t.words[1:5], ' ')), array_to_string(t.words[6:], ' ')
from (
  select m.n, string_to_array(m.body, ' ') as words from bench.make_texts(20000, 12, 24) as m
) as t;

-- Names are no words of the vocabulary, and no two look alike.
create function bench.name(p_n integer)
returns text
language sql
immutable
set search_path = ''
as $$ select initcap(translate(left(md5('name' || p_n), 9), '0123456789', 'ghijklmnop')); $$;
comment on function bench.name(integer) is 'The name in the title of every two hundredth post, from number 11 on.';

select bench.take_indexes(t.name)
from unnest('{social.contents, social.posts, social.comments, social.post_topics}'::regclass[]) as t (name);

insert into social.contents (id, kind, created_at)
select p.id, 'post', p.created_at from bench.posts as p order by p.n;

insert into social.posts (
  id, author_id, title, content, category, is_published, published_at, likes_count, dislikes_count, comments_count,
  deleted_at, created_at, updated_at
)
select
  p.id, a.id, case when p.is_deleted then '' when p.n % 200 = 11 then t.title || ' ' || bench.name(p.n) else t.title end, case when p.is_deleted then '' else t.body end,
  (array['study-help', 'discussion', 'exam-prep', 'notes', 'general'])[1 + p.n % 5], not p.is_draft,
  case when not p.is_draft then p.created_at end, p.votes - p.votes / 6, p.votes / 6, p.comments,
  case when p.is_deleted then p.created_at + interval '1 day' end, p.created_at,
  p.created_at + case when p.is_deleted then interval '1 day' else interval '0' end
from bench.posts as p
join bench.people as a on a.n = p.author
join bench.short_texts as t on t.n = 1 + (p.n::bigint * 17 % (select count(*) from bench.short_texts))
order by p.n;

insert into social.content_versions (content_id, version, title, content, change, changed_by, created_at)
select p.id, 1, 'Gone', 'It was deleted.', 'delete', a.id, p.created_at + interval '1 day'
from bench.posts as p
join bench.people as a on a.n = p.author
where p.is_deleted;

create table bench.topics (n integer primary key, id uuid not null);
comment on table bench.topics is 'The topics of the load, most used first.';
insert into bench.topics (n, id)
select row_number() over (order by t.slug), t.id from core.topics as t where t.slug::text like 'bench-%';

-- One topic each, and a second for one in three.
insert into social.post_topics (post_id, topic_id, published_at)
select p.id, t.id, case when not p.is_draft and not p.is_deleted then p.created_at end
from bench.posts as p
cross join lateral (
  select floor(40 * power(bench.chance('topic', p.n), 1.6))::integer as first
) as pick
join bench.topics as t on t.n = 1 + pick.first or p.n % 3 = 0 and t.n = 1 + (pick.first + 7) % 40
order by p.n;

-- Threads of four, each a reply to the one before.
create table bench.comments (
  n integer primary key, id uuid not null, post integer not null, author integer not null, place integer not null,
  depth integer not null, is_answered boolean not null, created_at timestamptz not null
);
comment on table bench.comments is 'Every comment, by number.';
insert into bench.comments (n, id, post, author, place, depth, is_answered, created_at)
select
  c.n, bench.id('comment', c.n), c.post, 1 + (c.author + c.place * 31 - 1) % bench.size(50000), c.place, (c.place - 1) % 4,
  c.place < c.comments and c.place % 4 <> 0, c.created_at + c.place * interval '7 minutes'
from (
  select (row_number() over (order by p.n, g.place))::integer as n, p.n as post, p.author, p.comments, p.created_at, g.place
  from bench.posts as p
  cross join lateral generate_series(1, p.comments) as g (place)
) as c;

insert into social.contents (id, kind, created_at)
select c.id, 'comment', c.created_at from bench.comments as c order by c.n;

insert into social.comments (
  id, post_id, author_id, parent_id, depth, content, likes_count, replies_count, created_at, updated_at
)
select
  c.id, bench.id('post', c.post), a.id, case when c.depth > 0 then bench.id('comment', c.n - 1) end, c.depth,
  t.title, (c.n % 2), c.is_answered::integer, c.created_at, c.created_at
from bench.comments as c
join bench.people as a on a.n = c.author
join bench.short_texts as t on t.n = 1 + (c.n::bigint * 23 % (select count(*) from bench.short_texts))
order by c.n;

select bench.give_indexes(t.name)
from unnest('{social.posts, social.comments, social.post_topics}'::regclass[]) as t (name);
