-- Every move of a question is in its timeline, follows on the one before, is legal, and leads to where it is now.

with moves as (
  select
    e.id,
    e.question_id,
    e.from_status,
    e.to_status,
    lag(e.to_status) over w as previous_status,
    row_number() over w as place,
    lead(e.id) over w is null as is_last
  from qa.question_events e
  window w as (partition by e.question_id order by e.id)
)
select
  'timeline_begins_with_submitted' as rule,
  m.question_id::text as id,
  format('from %s to %s', coalesce(m.from_status, 'nothing'), m.to_status) as detail
from moves m
where m.place = 1 and (m.from_status is not null or m.to_status <> 'submitted')

union all

select 'move_follows_on_the_one_before', m.question_id::text, format('from %s after %s', m.from_status, m.previous_status)
from moves m
where m.place > 1 and m.from_status is distinct from m.previous_status

union all

select 'move_is_legal', m.question_id::text, format('from %s to %s', m.from_status, m.to_status)
from moves m
where m.place > 1 and not exists (
  select from qa.question_transitions t where t.from_status = m.from_status and t.to_status = m.to_status
)

union all

select 'timeline_ends_where_the_question_is', q.id::text, format('%s, the timeline ends with %s', q.status, coalesce(m.to_status, 'nothing'))
from qa.questions q
left join moves m on m.question_id = q.id and m.is_last
where m.to_status is distinct from q.status;
