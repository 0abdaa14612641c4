-- Material: what is found is one whole version; passages stand where they say, one behind the other; a vector is of the words
-- that stand there now; what is over leaves no drafts; what waits has somebody who works on it.

select 'chunk_count is not the number of passages' as rule, m.id::text as id, format('%s, there are %s', m.chunk_count, c.number) as detail
from study.materials as m
cross join lateral (select count(*) as number from study.material_chunks as k where k.material_id = m.id) as c
where m.chunk_count <> c.number
union all
select 'passages without a version that is ready', m.id::text, m.processing_status
from study.materials as m
where m.ready_revision is null and exists (select from study.material_chunks as k where k.material_id = m.id)
union all
select 'completed, and another version is ready', m.id::text, format('%s of %s', m.ready_revision, m.revision)
from study.materials as m
where m.processing_status = 'completed' and m.ready_revision is distinct from m.revision
union all
select 'passages are not numbered from 0 without gaps', k.material_id::text, format('%s passages, numbers up to %s', count(*), max(k.chunk_no))
from study.material_chunks as k
group by k.material_id
having min(k.chunk_no) <> 0 or max(k.chunk_no) <> count(*) - 1
union all
select 'a passage belongs to somebody else than its material', k.id::text, k.user_id::text
from study.material_chunks as k
join study.materials as m on m.id = k.material_id
where m.user_id <> k.user_id
union all
select 'a passage has no words, or those of another text', k.id::text, k.language
from study.material_chunks as k
left join study.chunk_terms as t on t.chunk_id = k.id
where t.chunk_id is null or (t.material_id, t.language) <> (k.material_id, k.language)
union all
select 'a vector has not the dimensions of its model', e.chunk_id::text, e.model
from study.chunk_embeddings as e
join study.embedding_models as m on m.model = e.model
where extensions.vector_dims(e.embedding) <> m.dimensions
union all
select 'a vector is filed under another material', e.chunk_id::text, e.material_id::text
from study.chunk_embeddings as e
join study.material_chunks as k on k.id = e.chunk_id
where k.material_id <> e.material_id
union all
select 'pages or drafts of a material that is over', m.id::text, m.processing_status
from study.materials as m
where m.processing_status in ('completed', 'failed') and (
  exists (select from study.material_pages as p where p.material_id = m.id)
  or exists (select from study.chunk_drafts as d where d.material_id = m.id)
)
union all
select 'the work on a material and its job are not of one mind', m.id::text, format('%s, %s live jobs', m.processing_status, j.number)
from study.materials as m
cross join lateral (
  select count(*) as number from study.material_processing_jobs as x
  where x.material_id = m.id and x.job_type = 'ingest' and x.status in ('pending', 'running')
) as j
where j.number <> case when m.processing_status in ('completed', 'failed') then 0 else 1 end
union all
select 'shared with a group that the owner is not in', s.id::text, s.group_id::text
from study.material_shares as s
join study.materials as m on m.id = s.material_id
where s.group_id is not null and not exists (
  select from study.group_members as g where g.group_id = s.group_id and g.user_id = m.user_id and g.accepted_at is not null
)
union all
select 'a group has not its owner as its one owner', g.id::text, format('%s', array_agg(m.user_id))
from study.groups as g
left join study.group_members as m on m.group_id = g.id and m.role = 'owner' and m.accepted_at is not null
group by g.id
having array_agg(m.user_id) is distinct from array[g.owner_id]
