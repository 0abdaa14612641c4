-- Who follows whom: a few are followed by many (Zipf), most by some. The people from number 11 on are there to be looked at:
-- four that follow many, four with all the celebrities, four with a handful, four with topics only, four with both.

create table bench.follow_profiles (n integer primary key, profile text not null);
comment on table bench.follow_profiles is 'Whom the cases look at, by what they follow.';
insert into bench.follow_profiles (n, profile)
select 10 + row_number() over (), k.profile
from unnest('{many,celebrities,few,topics,mixed}'::text[]) with ordinality as k (profile, place)
cross join generate_series(1, 4)
order by k.place;

insert into social.followers (follower_id, following_id, created_at)
select f.id, t.id, f.created_at
from (
  -- Everybody else: half of whom one follows is famous.
  select distinct p.n as follower, case
    when g.k % 2 = 0 then 1 + floor(exp(bench.chance('famous' || g.k, p.n) * ln(bench.size(50000))))::integer
    else 1 + floor(bench.chance('friend' || g.k, p.n) * bench.size(50000))::integer
  end as following
  from bench.people as p
  cross join lateral generate_series(1, least(300, floor(4 * power(1 - bench.chance('follows', p.n), -0.6)))::integer) as g (k)
  where not exists (select from bench.follow_profiles as o where o.n = p.n)
  union
  select o.n, 1 + (o.n::bigint * 101 + g.k * 7)::integer % bench.size(50000)
  from bench.follow_profiles as o
  cross join lateral generate_series(
    1, case o.profile when 'many' then bench.size(2000) when 'few' then 5 when 'mixed' then bench.size(100) else 0 end
  ) as g (k)
  union
  select o.n, g.k from bench.follow_profiles as o cross join generate_series(1, 60) as g (k) where o.profile = 'celebrities'
) as x
join bench.people as f on f.n = x.follower
join bench.people as t on t.n = x.following
where x.follower <> x.following
order by x.follower, x.following;

update social.followers as f
set is_pulled = true
from (
  select f.following_id from social.followers as f group by f.following_id having count(*) > bench.size(5000)
) as famous
where f.following_id = famous.following_id;

insert into social.topic_followers (user_id, topic_id, created_at)
select p.id, t.id, p.created_at
from bench.people as p
left join bench.follow_profiles as o on o.n = p.n
join bench.topics as t on (t.n + p.n) % 40
  < case when o.profile in ('topics', 'mixed') then 5 when o.profile is null and p.n % 3 = 0 then 1 else 0 end;

-- Everybody followed before the first post was written: each post is in the feed of each follower, except those of the few
-- whose followers are too many.
select bench.take_indexes('social.feed_entries');

insert into social.feed_entries (user_id, published_at, post_id, author_id)
select f.follower_id, p.published_at, p.id, p.author_id
from social.followers as f
join social.posts as p on p.author_id = f.following_id
where not f.is_pulled and p.is_published and p.deleted_at is null
order by p.published_at;

select bench.give_indexes('social.feed_entries');
