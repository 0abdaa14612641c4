-- Community questions and what people answered. Three in five have an accepted answer, one in twenty is closed.

create table bench.social_questions (
  n integer primary key, id uuid not null, author integer not null, answers integer not null, created_at timestamptz not null
);
comment on table bench.social_questions is 'Every community question, by number.';
insert into bench.social_questions (n, id, author, answers, created_at)
select
  s.n, bench.id('question', s.n), 1 + (s.n::bigint * 7907 % bench.size(50000))::integer,
  least(12, floor(1.1 * power(1 - bench.chance('answers', s.n), -0.5)))::integer,
  now() - interval '2 years' + s.n * interval '1 year' * 1.9 / bench.size(50000)
from generate_series(1, bench.size(50000)) as s (n);

insert into social.contents (id, kind, created_at)
select q.id, 'question', q.created_at from bench.social_questions as q order by q.n;

insert into social.questions (
  id, author_id, title, content, category, accepted_answer_id, closed_at, close_reason, likes_count, answers_count,
  views_count, created_at, updated_at
)
select
  q.id, a.id, t.title, t.body, 'study-help',
  case when q.answers > 0 and q.n % 5 < 3 then bench.id('answer', q.n * 16 + 1) end,
  case when q.n % 20 = 9 then q.created_at + interval '30 days' end, case when q.n % 20 = 9 then 'solved' end,
  3, q.answers, q.answers * 12, q.created_at, q.created_at
from bench.social_questions as q
join bench.people as a on a.n = q.author
join bench.short_texts as t on t.n = 1 + (q.n::bigint * 29 % (select count(*) from bench.short_texts))
order by q.n;

insert into social.question_topics (question_id, topic_id)
select q.id, t.id from bench.social_questions as q join bench.topics as t on t.n = 1 + q.n % 40 order by q.n;

insert into social.contents (id, kind, created_at)
select bench.id('answer', q.n * 16 + g.place), 'answer', q.created_at + g.place * interval '3 hours'
from bench.social_questions as q
cross join lateral generate_series(1, q.answers) as g (place)
order by q.n, g.place;

insert into social.answers (id, question_id, author_id, content, likes_count, created_at, updated_at)
select
  bench.id('answer', q.n * 16 + g.place), q.id, a.id, t.body, 2, m.moment, m.moment
from bench.social_questions as q
cross join lateral generate_series(1, q.answers) as g (place)
cross join lateral (select q.created_at + g.place * interval '3 hours' as moment) as m
join bench.people as a on a.n = 1 + (q.author + g.place * 13 - 1) % bench.size(50000)
join bench.short_texts as t on t.n = 1 + (q.n::bigint * 37 + g.place) % (select count(*) from bench.short_texts)
order by q.n, g.place;

select bench.give_indexes('social.contents');
