-- What people wrote, in the search index: every published post, question and answer whose text is there.

insert into core.search_documents (
  module, kind, entity_id, topic_id, topic_ids, title, body, visibility, owner_id, is_retrievable, created_at, updated_at
)
select
  'social', 'post', p.id, t.ids[1], coalesce(t.ids[2:], '{}'), p.title, p.content, 'public', p.author_id, true,
  p.created_at, p.updated_at
from social.posts as p
left join (
  select pt.post_id, array_agg(pt.topic_id order by pt.topic_id) as ids from social.post_topics as pt group by pt.post_id
) as t on t.post_id = p.id
where p.is_published and p.deleted_at is null
order by p.created_at;

insert into core.search_documents (
  module, kind, entity_id, topic_id, title, body, visibility, owner_id, is_retrievable, created_at, updated_at
)
select
  'social', 'question', q.id, t.topic_id, q.title, q.content, 'public', q.author_id, true, q.created_at, q.updated_at
from social.questions as q
left join social.question_topics as t on t.question_id = q.id
order by q.created_at;

insert into core.search_documents (
  module, kind, entity_id, topic_id, title, body, visibility, owner_id, thread_owner_id, is_retrievable, created_at, updated_at
)
select
  'social', 'answer', a.id, t.topic_id, q.title, a.content, 'public', a.author_id, q.author_id,
  q.accepted_answer_id is not distinct from a.id, a.created_at, a.updated_at
from social.answers as a
join social.questions as q on q.id = a.question_id
left join social.question_topics as t on t.question_id = q.id
order by a.created_at;

select bench.give_indexes('core.search_documents');
