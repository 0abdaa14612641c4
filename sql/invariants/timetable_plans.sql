-- Timetables: what is shared is shared with others whom no block divides, weeks A and B are where there are two weeks,
-- exceptions belong to blocks of their own timetable, and search shows a timetable to those who may read it and nobody
-- else.

select 'timetable shared with its owner' as rule, s.timetable_id::text as id, s.user_id::text as detail
from timetable.timetable_shares as s
join timetable.timetables as t on t.id = s.timetable_id and t.user_id = s.user_id
union all
select 'timetable shared across a block', s.timetable_id::text, s.user_id::text
from timetable.timetable_shares as s
join timetable.timetables as t on t.id = s.timetable_id
join core.blocks as b
  on (b.blocker_id = t.user_id and b.blocked_id = s.user_id) or (b.blocker_id = s.user_id and b.blocked_id = t.user_id)
union all
select 'block of week A or B in a timetable of one week', b.id::text, b.timetable_id::text
from timetable.timeblocks as b
join timetable.timetables as t on t.id = b.timetable_id
where b.week is not null and t.cycle_weeks = 1
union all
select 'timetable that search does not know as it is', t.id::text, d.visibility
from timetable.timetables as t
left join core.search_documents as d
  on d.module = 'timetable' and d.kind = 'timetable' and d.entity_id = t.id and d.chunk_no = 0
where d.id is null or d.owner_id <> t.user_id or d.title <> t.name
  or coalesce(d.audience, '{}') <> array(
    select s.user_id from timetable.timetable_shares as s where s.timetable_id = t.id order by s.user_id
  )
union all
select 'passage of a timetable that is gone or shown otherwise', d.entity_id::text, d.chunk_no::text
from core.search_documents as d
left join core.search_documents as f
  on f.module = d.module and f.kind = d.kind and f.entity_id = d.entity_id and f.chunk_no = 0
where d.module = 'timetable' and d.kind = 'timetable' and (
  not exists (select from timetable.timetables as t where t.id = d.entity_id)
  or (d.visibility, d.owner_id, coalesce(d.audience, '{}')) is distinct from (f.visibility, f.owner_id, coalesce(f.audience, '{}'))
  or d.is_retrievable
)
union all
select 'day in search without its blocks', d.entity_id::text, d.chunk_no::text
from core.search_documents as d
where d.module = 'timetable' and d.kind = 'timetable' and d.chunk_no > 0
  and not exists (
    select from timetable.timeblocks as b where b.timetable_id = d.entity_id and b.weekday = d.chunk_no
  );
