-- The ledger: everybody's welcome and one purchase, a hold for each question and its settlement, in the order of time.

insert into qa.credit_entries (
  client_id, question_id, entry_type, available_delta, held_delta, available_after, held_after, idempotency_key, created_at
)
select
  e.client_id, e.question_id, e.entry_type, e.available, e.held,
  sum(e.available) over so_far, sum(e.held) over so_far, e.key, e.at
from (
  select p.client_id, null::uuid as question_id, 'grant' as entry_type, 3 as available, 0 as held,
    'welcome:' || p.client_id as key, p.created_at as at
  from bench.people as p
  union all
  select p.client_id, null, 'purchase', 5000, 0, 'purchase:' || p.client_id, p.created_at + interval '1 minute'
  from bench.people as p
  union all
  select q.client_id, q.id, 'hold', -q.credits_cost, q.credits_cost, 'hold:' || q.id, q.created_at
  from qa.questions as q
  union all
  select q.client_id, q.id, 'capture', 0, -q.credits_cost, 'capture:' || q.id, q.delivered_at
  from qa.questions as q
  where q.status in ('delivered', 'rated')
  union all
  select q.client_id, q.id, 'release', q.credits_cost, -q.credits_cost, 'release:' || q.id, q.closed_at
  from qa.questions as q
  where q.status = 'cancelled'
) as e
window so_far as (partition by e.client_id order by e.at, e.key rows unbounded preceding)
order by e.at, e.key;

update qa.clients as c
set credits_available = s.available, credits_held = s.held
from (
  select e.client_id, sum(e.available_delta) as available, sum(e.held_delta) as held
  from qa.credit_entries as e
  group by e.client_id
) as s
where s.client_id = c.id;
