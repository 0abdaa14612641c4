-- The second half of taking a material in: drafts of passages, their vectors, and the swap in which they become what is found.

create function private.study_put_drafts(p_job_id uuid, p_lease_token bigint, p_facts jsonb, p_chunks jsonb)
returns jsonb
language plpgsql
volatile
security definer -- writes drafts
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
  v_language text;
begin
  if v_material.id is null or v_material.processing_status not in ('parsing', 'chunking') then
    return '{"proceed": false}'::jsonb;
  end if;
  v_language := coalesce(nullif(v_material.language, 'simple'), p_facts ->> 'language', 'simple');
  perform private.study_move(v_material.id, 'chunking', 65);
  update study.materials as m
  set language = v_language, character_count = coalesce((p_facts ->> 'character_count')::integer, m.character_count)
  where m.id = v_material.id;
  insert into study.chunk_drafts (
    material_id, revision, chunk_no, content, heading_path, page_number, page_end, page_breaks, char_start, char_end, content_hash,
    model, embedding
  )
  select v_material.id, v_material.revision, c.chunk_no, c.content, coalesce(c.heading_path, '{}'), c.page_number, c.page_end,
    coalesce(c.page_breaks, '{}'), c.char_start, c.char_end, c.content_hash, e.model, e.embedding
  from jsonb_to_recordset(p_chunks) as c (
    chunk_no integer, content text, heading_path text[], page_number integer, page_end integer,
    page_breaks integer[], char_start integer, char_end integer, content_hash text
  )
  -- A passage that did not change has its vector already.
  left join lateral (
    select e.model, e.embedding
    from study.material_chunks as k
    join study.chunk_embeddings as e on e.chunk_id = k.id and e.content_hash = k.content_hash
    join study.embedding_models as a on a.model = e.model and a.status = 'active'
    where k.material_id = v_material.id and k.content_hash = c.content_hash
    limit 1
  ) as e on true
  on conflict do nothing;
  if coalesce((p_facts ->> 'is_last')::boolean, false) then
    -- Suggestions; what its owner dismissed or wrote himself stays as it is.
    insert into study.material_topics (material_id, topic_id, confidence, status)
    select v_material.id, t.id, least(greatest(t.confidence, 0), 1), 'suggested'
    from jsonb_to_recordset(coalesce(p_facts -> 'topics', '[]')) as t (id uuid, confidence real)
    join core.topics as c on c.id = t.id
    on conflict (material_id, topic_id) do nothing;
    insert into study.material_tags (material_id, tag, is_auto_generated)
    select v_material.id, lower(t.tag), true
    from jsonb_array_elements_text(coalesce(p_facts -> 'tags', '[]')) as t (tag)
    where length(t.tag) between 1 and 60 and not exists (
      select from study.material_tags as o where o.material_id = v_material.id and not o.is_auto_generated
    )
    on conflict (material_id, tag) do nothing;
    perform private.study_move(v_material.id, 'embedding', 70);
    delete from study.material_pages as p where p.material_id = v_material.id and p.revision = v_material.revision;
  end if;
  return '{"proceed": true}'::jsonb;
end;
$$;
comment on function private.study_put_drafts(uuid, bigint, jsonb, jsonb) is 'See study.put_material_chunks.';

create function private.study_next_drafts(p_job_id uuid, p_lease_token bigint, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker what has no vector yet
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null or v_material.processing_status <> 'embedding' then
    return '[]'::jsonb;
  end if;
  return coalesce(
    (
      select jsonb_agg(jsonb_build_object('chunk_no', d.chunk_no, 'content', d.content, 'heading_path', d.heading_path) order by d.chunk_no)
      from (
        select * from study.chunk_drafts as d
        where d.material_id = v_material.id and d.revision = v_material.revision and d.embedding is null
        order by d.chunk_no limit least(greatest(p_limit, 1), 500)
      ) as d
    ),
    '[]'
  );
end;
$$;
comment on function private.study_next_drafts(uuid, bigint, integer) is 'See study.next_drafts.';

create function private.study_put_vectors(p_job_id uuid, p_lease_token bigint, p_model text, p_vectors jsonb)
returns jsonb
language plpgsql
volatile
security definer -- writes drafts
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
  v_done bigint;
  v_all bigint;
begin
  if v_material.id is null or v_material.processing_status <> 'embedding' then
    return '{"proceed": false}'::jsonb;
  end if;
  if exists (
    select from jsonb_to_recordset(p_vectors) as v (chunk_no integer, embedding text)
    join study.embedding_models as m on m.model = p_model
    where extensions.vector_dims(v.embedding::extensions.halfvec) <> m.dimensions
  ) or not exists (select from study.embedding_models as m where m.model = p_model and m.status <> 'retired') then
    raise sqlstate 'PT422' using
      message = 'embedding_invalid', detail = 'The model is not in use, or a vector has not its dimensions.',
      hint = 'See study.embedding_models.';
  end if;
  update study.chunk_drafts as d
  set model = p_model, embedding = v.embedding::extensions.halfvec
  from jsonb_to_recordset(p_vectors) as v (chunk_no integer, embedding text)
  where d.material_id = v_material.id and d.revision = v_material.revision and d.chunk_no = v.chunk_no;
  select count(*) filter (where d.embedding is not null), count(*) into v_done, v_all
  from study.chunk_drafts as d where d.material_id = v_material.id and d.revision = v_material.revision;
  perform private.study_move(v_material.id, 'embedding', (70 + 29 * v_done / greatest(v_all, 1))::integer);
  return jsonb_build_object('proceed', true, 'left', v_all - v_done);
end;
$$;
comment on function private.study_put_vectors(uuid, bigint, text, jsonb) is 'See study.put_vectors.';

-- Which passage of the new version is which of the old one: the same text, and of equal ones the same in order.
create function private.study_swap(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes what is found
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
  v_kept integer;
  v_added integer;
  v_removed integer;
begin
  if v_material.id is null or v_material.processing_status <> 'embedding' then
    return '{"proceed": false}'::jsonb;
  end if;
  -- Whoever changes the model in use waits for this, and then sees these passages.
  perform from study.embedding_models as a where a.status = 'active' for share;
  -- All of it sees what stood there before: chunk numbers are compared at commit.
  with pairs as materialized (
    select k.id as chunk_id, d.chunk_no
    from (
      select c.id, c.content_hash, row_number() over (partition by c.content_hash order by c.chunk_no) as n
      from study.material_chunks as c where c.material_id = v_material.id
    ) as k
    join (
      select d.chunk_no, d.content_hash, row_number() over (partition by d.content_hash order by d.chunk_no) as n
      from study.chunk_drafts as d where d.material_id = v_material.id and d.revision = v_material.revision
    ) as d on d.content_hash = k.content_hash and d.n = k.n
  ),
  drafts as materialized (
    select d.*, coalesce(p.chunk_id, gen_random_uuid()) as chunk_id, p.chunk_id is not null as is_kept
    from study.chunk_drafts as d
    left join pairs as p on p.chunk_no = d.chunk_no
    where d.material_id = v_material.id and d.revision = v_material.revision
  ),
  removed as (
    delete from study.material_chunks as c
    where c.material_id = v_material.id and not exists (select from pairs as p where p.chunk_id = c.id)
    returning c.id
  ),
  kept as (
    update study.material_chunks as c
    set chunk_no = d.chunk_no, heading_path = d.heading_path, page_number = d.page_number, page_end = d.page_end,
      page_breaks = d.page_breaks, char_start = d.char_start, char_end = d.char_end, revision = d.revision,
      language = v_material.language
    from drafts as d
    where c.id = d.chunk_id and d.is_kept
    returning c.id
  ),
  added as (
    insert into study.material_chunks (
      id, material_id, user_id, chunk_no, content, heading_path, page_number, page_end, page_breaks, char_start, char_end,
      content_hash, language, revision
    )
    select d.chunk_id, v_material.id, v_material.user_id, d.chunk_no, d.content, d.heading_path, d.page_number, d.page_end,
      d.page_breaks, d.char_start, d.char_end, d.content_hash, v_material.language, d.revision
    from drafts as d
    where not d.is_kept
    returning id
  ),
  vectors as (
    insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
    select d.chunk_id, d.model, v_material.id, d.content_hash, d.embedding
    from drafts as d
    where d.embedding is not null
    on conflict (chunk_id, model) do nothing
  )
  select (select count(*) from kept), (select count(*) from added), (select count(*) from removed)
  into v_kept, v_added, v_removed;
  update study.materials as m set chunk_count = v_kept + v_added where m.id = v_material.id;
  perform private.study_flag_stale(v_material.id);
  return private.study_end_ingest(v_material.id, null, jsonb_build_object('kept', v_kept, 'added', v_added, 'removed', v_removed));
end;
$$;
comment on function private.study_swap(uuid, bigint) is 'See study.finish_ingest.';
