-- Models of embeddings, and changing from one to the next: the one in use answers while vectors of the next are made behind
-- it; when no passage lacks one they swap, in one statement. Vectors of different models are never compared.

insert into ops.job_types (job_type, queue, priority, max_attempts, lease_seconds, description) values
  ('study.embed', 'default', 8, 8, 300, 'Make vectors of a model for passages that have none. Payload: model.');

create function private.study_vector_index(p_model text, p_dimensions integer)
returns void
language plpgsql
volatile
security definer -- makes an index; called when a model is registered and has no vectors yet
set search_path = ''
as $$
begin
  -- Cosine distance over half-precision vectors: performance and parameters as measured (docs/benchmarks.md).
  execute format(
    'create index if not exists %I on study.chunk_embeddings using hnsw ((embedding::extensions.halfvec(%s)) extensions.halfvec_cosine_ops) where model = %L',
    'chunk_embeddings_hnsw_' || left(md5(p_model), 12), p_dimensions, p_model
  );
end;
$$;
comment on function private.study_vector_index(text, integer) is 'The index for nearest neighbours among the vectors of a model.';

create function private.study_use_model(p_model text, p_provider text, p_dimensions integer)
returns study.embedding_models
language plpgsql
volatile
security definer -- writes models; executable by services only
set search_path = ''
as $$
declare
  v_model study.embedding_models;
begin
  select * into v_model from study.embedding_models as m where m.model = p_model;
  if v_model.status in ('active', 'building') and v_model.dimensions = p_dimensions then
    return v_model; -- nearly always
  end if;
  lock table study.embedding_models in share row exclusive mode;
  select * into v_model from study.embedding_models as m where m.model = p_model;
  if v_model.status in ('active', 'building') and v_model.dimensions = p_dimensions then
    return v_model;
  end if;
  if v_model.model is not null and v_model.dimensions <> p_dimensions then
    raise sqlstate 'PT409' using
      message = 'embedding_model_changed', detail = format('%s was registered with %s dimensions.', p_model, v_model.dimensions),
      hint = 'Give the model another name: one name is one kind of vector.';
  end if;
  -- A model that was being prepared gives way: one at a time.
  update study.embedding_models as m set status = 'retired' where m.status = 'building';
  insert into study.embedding_models as m (model, provider, dimensions, status, activated_at)
  select p_model, p_provider, p_dimensions, s.status, case s.status when 'active' then now() end
  from (
    select case when exists (select from study.embedding_models as a where a.status = 'active') then 'building' else 'active' end as status
  ) as s
  on conflict (model) do update set status = 'building'
  returning * into v_model;
  perform private.study_vector_index(p_model, p_dimensions);
  return v_model;
end;
$$;
comment on function private.study_use_model(text, text, integer) is 'See study.use_embedding_model.';

create function private.study_missing_count(p_model text)
returns bigint
language sql
stable
security definer -- counts passages of everybody
set search_path = ''
as $$
  select count(*) from study.material_chunks as c
  where not exists (
    select from study.chunk_embeddings as e where e.chunk_id = c.id and e.model = p_model and e.content_hash = c.content_hash
  );
$$;
comment on function private.study_missing_count(text) is 'How many passages lack a vector of this model.';

create function private.study_embedding_lease(p_job_id uuid, p_lease_token bigint)
returns text
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_model text;
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  select m.model into v_model
  from ops.queue_items as q
  join study.embedding_models as m on m.model = q.payload ->> 'model' and m.status <> 'retired'
  where q.id = p_job_id and q.job_type = 'study.embed';
  if not found and not exists (select from ops.queue_items as q where q.id = p_job_id and q.job_type = 'study.embed') then
    perform private.raise_lease_lost(p_job_id);
  end if;
  return v_model;
end;
$$;
comment on function private.study_embedding_lease(uuid, bigint) is
  'The model that a leased job makes vectors of; null when it is no longer in use; lease_lost (409).';

create function private.study_next_missing(p_job_id uuid, p_lease_token bigint, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker passages of everybody
set search_path = ''
as $$
declare
  v_model text := private.study_embedding_lease(p_job_id, p_lease_token);
begin
  return jsonb_build_object('model', v_model, 'chunks', coalesce(
    (
      select jsonb_agg(jsonb_build_object(
        'chunk_id', c.id, 'content', c.content, 'heading_path', c.heading_path, 'content_hash', c.content_hash, 'title', c.title
      ))
      from (
        select c.id, c.content, c.heading_path, c.content_hash, m.title
        from study.material_chunks as c
        join study.materials as m on m.id = c.material_id
        where v_model is not null and not exists (
          select from study.chunk_embeddings as e
          where e.chunk_id = c.id and e.model = v_model and e.content_hash = c.content_hash
        )
        limit least(greatest(p_limit, 1), 500)
      ) as c
    ),
    '[]'
  ));
end;
$$;
comment on function private.study_next_missing(uuid, bigint, integer) is 'See study.next_missing_vectors.';

create function private.study_put_missing(p_job_id uuid, p_lease_token bigint, p_model text, p_vectors jsonb)
returns integer
language plpgsql
volatile
security definer -- writes vectors
set search_path = ''
as $$
declare
  v_model text := private.study_embedding_lease(p_job_id, p_lease_token);
  v_count integer;
begin
  if v_model is null then
    return 0;
  end if;
  if v_model is distinct from p_model or exists (
    select from jsonb_to_recordset(p_vectors) as v (chunk_id uuid, content_hash text, embedding text)
    join study.embedding_models as m on m.model = p_model
    where extensions.vector_dims(v.embedding::extensions.halfvec) <> m.dimensions
  ) then
    raise sqlstate 'PT422' using
      message = 'embedding_invalid', detail = 'The model is not that of the job, or a vector has not its dimensions.',
      hint = 'See study.embedding_models.';
  end if;
  with there as materialized (
    -- Those that a new version takes away at this moment are left out: nobody waits, and nothing refers to what is gone.
    select c.id, c.material_id, c.content_hash
    from study.material_chunks as c
    where c.id in (select v.chunk_id from jsonb_to_recordset(p_vectors) as v (chunk_id uuid))
    for key share skip locked
  )
  insert into study.chunk_embeddings (chunk_id, model, material_id, content_hash, embedding)
  select c.id, p_model, c.material_id, c.content_hash, v.embedding::extensions.halfvec
  from jsonb_to_recordset(p_vectors) as v (chunk_id uuid, content_hash text, embedding text)
  -- Of a passage that changed meanwhile the vector says nothing.
  join there as c on c.id = v.chunk_id and c.content_hash = v.content_hash
  on conflict (chunk_id, model) do update set embedding = excluded.embedding, content_hash = excluded.content_hash;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.study_put_missing(uuid, bigint, text, jsonb) is 'See study.put_missing_vectors.';

create function private.study_tend_embeddings()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_model study.embedding_models;
  v_swapped text;
  v_removed integer;
begin
  select * into v_model from study.embedding_models as m where m.status = 'building';
  if found and private.study_missing_count(v_model.model) = 0 then
    -- Whoever brings passages in waits, or has brought them in: then one is missing, and the next run looks again.
    perform from study.embedding_models as m where m.status = 'active' for update;
    if private.study_missing_count(v_model.model) = 0 then
      update study.embedding_models as m set status = 'retired' where m.status = 'active';
      update study.embedding_models as m set status = 'active', activated_at = now() where m.model = v_model.model;
      v_swapped := v_model.model;
    end if;
  end if;
  for v_model in select * from study.embedding_models as m where m.status in ('active', 'building') order by m.model loop
    if private.study_missing_count(v_model.model) > 0 then
      perform ops.enqueue_job('study.embed', jsonb_build_object('model', v_model.model), null, 'study.embed:' || v_model.model);
    end if;
  end loop;
  -- What no longer answers goes, some at a time.
  delete from study.chunk_embeddings as e
  where (e.chunk_id, e.model) in (
    select o.chunk_id, o.model from study.chunk_embeddings as o
    join study.embedding_models as m on m.model = o.model and m.status = 'retired'
    limit 5000
  );
  get diagnostics v_removed = row_count;
  return jsonb_build_object('swapped_to', v_swapped, 'removed', v_removed);
end;
$$;
comment on function private.study_tend_embeddings() is
  'Has missing vectors made, swaps to a model that has them all, and removes those of models that are not in use. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_embeddings', 'private.study_tend_embeddings', '1 minute', 'Vectors that are missing are made; a model that has them all answers.');

create function study.use_embedding_model(p_model text, p_provider text, p_dimensions integer)
returns study.embedding_models
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_use_model(p_model, p_provider, p_dimensions); $$;
comment on function study.use_embedding_model(text, text, integer) is
  'Workers: says which model the provider has. The first is active at once; another is building until all passages have its vectors. embedding_model_changed (409): the same name with other dimensions.';

create function study.next_missing_vectors(p_job_id uuid, p_lease_token bigint, p_limit integer default 64)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_next_missing(p_job_id, p_lease_token, p_limit); $$;
comment on function study.next_missing_vectors(uuid, bigint, integer) is
  'Workers: passages without a vector of the job''s model: {model, chunks: [{chunk_id, content, heading_path, content_hash, title}]}; model null: not in use any more. lease_lost (409).';

create function study.put_missing_vectors(p_job_id uuid, p_lease_token bigint, p_model text, p_vectors jsonb)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_missing(p_job_id, p_lease_token, p_model, p_vectors); $$;
comment on function study.put_missing_vectors(uuid, bigint, text, jsonb) is
  'Workers: vectors [{chunk_id, content_hash, embedding}]; returns how many were kept. embedding_invalid (422), lease_lost (409).';

revoke execute on function
  private.study_vector_index(text, integer), private.study_use_model(text, text, integer), private.study_missing_count(text),
  private.study_embedding_lease(uuid, bigint), private.study_next_missing(uuid, bigint, integer),
  private.study_put_missing(uuid, bigint, text, jsonb), private.study_tend_embeddings(),
  study.use_embedding_model(text, text, integer), study.next_missing_vectors(uuid, bigint, integer),
  study.put_missing_vectors(uuid, bigint, text, jsonb)
  from public, anon, authenticated;
grant execute on function
  private.study_use_model(text, text, integer), private.study_next_missing(uuid, bigint, integer),
  private.study_put_missing(uuid, bigint, text, jsonb), study.use_embedding_model(text, text, integer),
  study.next_missing_vectors(uuid, bigint, integer), study.put_missing_vectors(uuid, bigint, text, jsonb)
  to service_role;
