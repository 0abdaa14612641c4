-- The coach: no marker without a citation and none the other way round, numbers without gaps, nothing answered twice, and
-- nobody writes on what has ended. A citation that is not stale stands in its passage, word for word.

select 'markers and citations of an answer are not the same' as rule, m.id::text as id, format('%s, cited %s', t.markers, c.markers) as detail
from study.chat_messages as m
cross join lateral (
  select array(select distinct r[1]::integer from regexp_matches(m.content, '\[([0-9]{1,3})\]', 'g') as r order by 1) as markers
) as t
cross join lateral (
  select array(select x.marker::integer from study.message_citations as x where x.message_id = m.id order by 1) as markers
) as c
where m.role = 'assistant' and m.status <> 'streaming' and t.markers <> c.markers
union all
select 'a covered answer stands on nothing', m.id::text, m.status
from study.chat_messages as m
where m.status = 'completed' and m.role = 'assistant'
  and (m.is_covered is null or m.is_covered <> exists (select from study.message_citations as x where x.message_id = m.id))
union all
select 'a citation does not stand in its passage', x.message_id::text, format('[%s] %s', x.marker, x.quote)
from study.message_citations as x
join study.material_chunks as k on k.id = x.chunk_id
where x.stale_at is null and substr(k.content, x.char_start - k.char_start + 1, x.char_end - x.char_start) <> x.quote
union all
select 'a citation does not stand in its document', x.message_id::text, format('[%s] %s', x.marker, x.quote)
from study.message_citations as x
join core.search_documents as d on d.id = x.document_id
where x.stale_at is null and substr(d.body, x.char_start + 1, x.char_end - x.char_start) <> x.quote
union all
select 'messages are numbered with gaps', m.conversation_id::text, format('%s messages, numbers up to %s', count(*), max(m.message_no))
from study.chat_messages as m
group by m.conversation_id
having count(*) <> max(m.message_no) or min(m.message_no) <> 1
union all
select 'last_message_no is not the last number', c.id::text, format('%s', c.last_message_no)
from study.chat_conversations as c
where c.last_message_no <> coalesce((select max(m.message_no) from study.chat_messages as m where m.conversation_id = c.id), 0)
union all
select 'a question has not one answer', q.id::text, format('%s answers', count(a.id))
from study.chat_messages as q
left join study.chat_messages as a on a.reply_to_id = q.id
where q.role = 'user'
group by q.id
having count(a.id) <> 1
