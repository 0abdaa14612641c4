-- The price of a question is held once, and that hold is settled at most once, by what became of the question:
-- captured when it was delivered, released when it was cancelled or rejected, open until then.

with books as (
  select
    q.id,
    q.status,
    q.credits_cost,
    count(*) filter (where e.entry_type = 'hold') as holds,
    count(*) filter (where e.entry_type = 'capture') as captures,
    count(*) filter (where e.entry_type = 'release') as releases,
    count(*) filter (where e.entry_type = 'refund') as refunds,
    bool_and(
      case e.entry_type when 'refund' then e.available_delta else abs(e.held_delta) end = q.credits_cost
    ) as is_priced_right
  from qa.questions q
  left join qa.credit_entries e on e.question_id = q.id
  group by q.id
)
select
  'settled_as_the_question_ended' as rule,
  b.id::text as id,
  format('%s: %s holds, %s captures, %s releases, %s refunds', b.status, b.holds, b.captures, b.releases, b.refunds) as detail
from books b
where b.holds <> 1
  or b.captures <> (case when b.status in ('delivered', 'rated') then 1 else 0 end)
  or b.releases <> (case when b.status in ('cancelled', 'rejected') then 1 else 0 end)
  or b.refunds > b.captures

union all

select 'entries_are_of_the_price', b.id::text, format('an entry differs from the price of %s', b.credits_cost)
from books b
where not b.is_priced_right

union all

-- A settlement before its hold would be credit from nowhere.
select 'hold_comes_first', s.question_id::text, format('%s %s comes before hold %s', s.entry_type, s.id, h.id)
from qa.credit_entries s
join qa.credit_entries h on h.question_id = s.question_id and h.entry_type = 'hold'
where s.entry_type <> 'hold' and s.id < h.id;
