-- The search index holds what social has published and not removed, as it is now, and nothing else.

with things as (
  select 'post' as kind, p.id, p.title, p.content as body, p.author_id, null::uuid as thread_owner_id, null::boolean as is_retrievable,
    'public' as visibility
  from social.posts as p
  where p.is_published and p.deleted_at is null and p.hidden_at is null
  union all
  select 'question', q.id, q.title, q.content, q.author_id, null, null, 'public'
  from social.questions as q
  where q.deleted_at is null and q.hidden_at is null
  union all
  select 'answer', a.id, q.title, a.content, a.author_id, q.author_id, q.accepted_answer_id is not distinct from a.id, 'public'
  from social.answers as a
  join social.questions as q on q.id = a.question_id
  where a.deleted_at is null and a.hidden_at is null and q.deleted_at is null and q.hidden_at is null
  union all
  select 'resource', r.id, r.title, null, r.author_id, null, null, case when r.is_public and r.status = 'ready' then 'public' else 'owner' end
  from social.resources as r
  where r.status <> 'rejected' and r.deleted_at is null and r.hidden_at is null
),
documents as (
  select d.* from core.search_documents as d
  where d.module = 'social' and d.kind in ('post', 'question', 'answer', 'resource')
)
select
  case
    when d.id is null then 'missing in the index'
    when t.id is null then 'in the index, though not to be found'
    else 'otherwise in the index'
  end as rule,
  coalesce(t.id, d.entity_id)::text as id, coalesce(t.kind, d.kind) as detail
from things as t
full join documents as d on d.kind = t.kind and d.entity_id = t.id
where d.id is null or t.id is null
  or (d.title, d.owner_id, d.thread_owner_id, d.visibility) is distinct from (t.title, t.author_id, t.thread_owner_id, t.visibility)
  or t.body is not null and d.body <> t.body
  or t.is_retrievable is not null and d.is_retrievable <> t.is_retrievable;
