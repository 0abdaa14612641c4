-- Topics, search and moderation: no rings, no way into a merged topic, nobody found who is suspended.

select 'topic below itself' as rule, t.id::text as id, t.slug::text as detail
from core.topics as t
where exists (
  with recursive above as (
    select t.parent_id as id
    union
    select p.parent_id from core.topics as p join above as a on p.id = a.id
  )
  select from above as a where a.id = t.id
)
union all
select 'topic merged into a merged one', t.id::text, t.slug::text
from core.topics as t
join core.topics as m on m.id = t.merged_into_id
where m.merged_into_id is not null
union all
select 'synonym leads to a merged topic', s.id::text, s.synonym::text
from core.topic_synonyms as s
join core.topics as t on t.id = s.topic_id
where t.merged_into_id is not null
union all
select 'suspended person in the index', d.id::text, d.kind
from core.search_documents as d
join core.profiles as p on p.id = d.entity_id
where d.module = 'core' and d.kind in ('profile', 'expert') and not p.is_active
union all
select 'active person missing in the index', p.id::text, null
from core.profiles as p
where p.is_active and not exists (
  select from core.search_documents as d where d.module = 'core' and d.kind = 'profile' and d.entity_id = p.id
)
union all
select 'suspension without an act', p.id::text, null
from core.profiles as p
where not p.is_active and not exists (
  select from core.moderation_actions as a where a.user_id = p.id and a.action = 'suspend'
);
