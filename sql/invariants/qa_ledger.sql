-- Credits: the balances of a client are the sums of his entries, and no entry is another one's double.
-- They hold because one trigger changes balances, and only together with an entry.

with sums as (
  select
    c.id,
    c.credits_available,
    c.credits_held,
    coalesce(sum(e.available_delta), 0) as available_sum,
    coalesce(sum(e.held_delta), 0) as held_sum
  from qa.clients c
  left join qa.credit_entries e on e.client_id = c.id
  group by c.id
),
open_holds as (
  select q.client_id, sum(q.credits_cost) as credits
  from qa.questions q
  where q.status not in ('delivered', 'rated', 'rejected', 'cancelled')
  group by q.client_id
)
select
  'balance_is_sum_of_entries' as rule,
  s.id::text as id,
  format('available %s, entries say %s; held %s, entries say %s',
    s.credits_available, s.available_sum, s.credits_held, s.held_sum) as detail
from sums s
where s.credits_available <> s.available_sum or s.credits_held <> s.held_sum

union all

select 'balance_is_never_negative', c.id::text, format('available %s, held %s', c.credits_available, c.credits_held)
from qa.clients c
where c.credits_available < 0 or c.credits_held < 0

union all

-- What is held is the price of the open questions, to the credit.
select 'held_is_price_of_open_questions', c.id::text, format('held %s, open questions cost %s', c.credits_held, coalesce(o.credits, 0))
from qa.clients c
left join open_holds o on o.client_id = c.id
where c.credits_held <> coalesce(o.credits, 0)

union all

select 'entry_belongs_to_client_of_question', e.id::text, format('question %s is of client %s, not %s', q.id, q.client_id, e.client_id)
from qa.credit_entries e
join qa.questions q on q.id = e.question_id
where q.client_id <> e.client_id

union all

select 'total_questions_is_count', c.id::text, format('total_questions %s, questions %s', c.total_questions, count(q.id))
from qa.clients c
left join qa.questions q on q.client_id = c.id
group by c.id
having c.total_questions <> count(q.id);
