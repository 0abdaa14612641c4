-- Votes, as many as the counters of the things say: on a thing vote the people that come after its author.

select bench.take_indexes('social.votes');

insert into social.votes (user_id, votable_type, votable_id, vote_type, created_at, updated_at)
select
  v.id, 'post', p.id, case when g.k <= p.votes / 6 then 'downvote' else 'upvote' end,
  p.created_at + g.k * interval '5 minutes', p.created_at + g.k * interval '5 minutes'
from bench.posts as p
cross join lateral generate_series(1, p.votes) as g (k)
join bench.people as v on v.n = 1 + (p.author - 1 + g.k) % bench.size(50000)
order by p.n, g.k;

insert into social.votes (user_id, votable_type, votable_id, vote_type, created_at, updated_at)
select v.id, 'comment', c.id, 'upvote', c.created_at, c.created_at
from bench.comments as c
join bench.people as v on v.n = 1 + c.author % bench.size(50000)
where c.n % 2 = 1
order by c.n;

insert into social.votes (user_id, votable_type, votable_id, vote_type, created_at, updated_at)
select v.id, 'question', q.id, 'upvote', q.created_at, q.created_at
from bench.social_questions as q
cross join generate_series(1, 3) as g (k)
join bench.people as v on v.n = 1 + (q.author - 1 + g.k) % bench.size(50000)
order by q.n, g.k;

insert into social.votes (user_id, votable_type, votable_id, vote_type, created_at, updated_at)
select v.id, 'answer', bench.id('answer', q.n * 16 + g.place), 'upvote', q.created_at, q.created_at
from bench.social_questions as q
cross join lateral generate_series(1, q.answers) as g (place)
cross join generate_series(1, 2) as k (k)
join bench.people as v on v.n = 1 + (q.author + g.place * 13 - 1 + k.k) % bench.size(50000)
order by q.n, g.place, k.k;

select bench.give_indexes('social.votes');
