-- Questions and their timelines: nine in ten were delivered, most of those rated; some were cancelled; a few are with
-- an expert or wait for one, as on a platform that keeps up.

create table bench.asked (
  n integer primary key,
  id uuid not null default gen_random_uuid(),
  person integer not null,
  status text not null,
  priority text not null,
  cost integer not null,
  created_at timestamptz not null
);
comment on table bench.asked is 'Every question, by number, with who asked it.';

-- Person 1 asked the first five hundred; of the others some ask much more than others.
insert into bench.asked (n, person, status, priority, cost, created_at)
select
  s.n,
  case when s.n <= bench.size(500) then 1 else 2 + floor(power(random(), 2) * (e.first_expert - 2))::integer end,
  s.status, p.priority, p.credits_cost,
  now() - interval '2 years' + (case when s.status in ('expert_review', 'humanized') then 0.998 else random() * 0.995 end) * interval '2 years'
from (
  select
    g.n,
    case
      when g.n % 200 = 0 then 'humanized' when g.n % 100 = 1 then 'expert_review' when g.n % 12 = 5 then 'cancelled'
      when random() < 0.6 then 'rated' else 'delivered'
    end as status,
    (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + g.n % 6] as priority
  from generate_series(1, bench.size(200000)) as g (n)
) as s
join qa.sla_policies as p on p.priority = s.priority
cross join (select min(x.n) as first_expert from bench.people as x where x.is_expert) as e;

insert into qa.questions (
  id, client_id, question_type, content, topic_id, status, priority, credits_cost, assigned_expert_id, idempotency_key,
  request_hash, due_at, waiting_since, submitted_at, processed_at, delivered_at, rated_at, closed_at, created_at,
  updated_at, cancel_reason
)
select
  q.id, c.client_id, 'text', t.body, topics.ids[1 + q.n % 40], q.status, q.priority, q.cost,
  case when q.status in ('expert_review', 'delivered', 'rated') then experts.ids[1 + (q.n + q.n / 100) % cardinality(experts.ids)] end,
  format('bench-%s', q.n), md5(q.n::text), q.created_at + interval '1 day',
  case when q.status = 'humanized' then q.created_at + interval '2 minutes' end,
  q.created_at,
  case when q.status <> 'cancelled' then q.created_at + interval '1 minute' end,
  case when q.status in ('delivered', 'rated') then q.created_at + interval '1 hour' end,
  case when q.status = 'rated' then q.created_at + interval '1 day' end,
  case when q.status in ('delivered', 'rated', 'cancelled') then q.created_at + interval '1 hour' end,
  q.created_at, q.created_at + interval '1 hour',
  case when q.status = 'cancelled' then 'client' end
from bench.asked as q
join bench.people as c on c.n = q.person
join bench.make_texts(2000, 15, 60) as t on t.n = 1 + q.n % 2000
cross join (select array_agg(x.id order by x.slug) as ids from core.topics as x where x.slug::text like 'bench-%') as topics
cross join (select array_agg(x.id order by x.id) as ids from core.experts as x) as experts
order by q.created_at;

update qa.clients as c
set total_questions = s.total
from (select q.client_id, count(*) as total from qa.questions as q group by q.client_id) as s
where s.client_id = c.id;

insert into qa.question_events (question_id, from_status, to_status, created_at)
select q.id, lag(m.status) over (partition by q.n order by m.place), m.status, q.created_at + m.place * interval '9 minutes'
from bench.asked as q
cross join unnest(
  case
    when q.status = 'cancelled' then '{submitted,cancelled}'::text[]
    else '{submitted,processing,ai_generated,humanized,expert_review,approved,delivered,rated}'::text[]
  end
) with ordinality as m (status, place)
where m.place <= case q.status when 'humanized' then 4 when 'expert_review' then 5 when 'delivered' then 7 else 8 end
order by q.created_at, m.place;
