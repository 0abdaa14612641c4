-- Questions from a material: what workers call, under the lease of the job study.generate_questions. Any of it may be
-- repeated; a worker that died is followed by another, which goes on behind the last passage that was tried.

create function private.study_generation_lease(p_job_id uuid, p_lease_token bigint)
returns study.material_processing_jobs
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_item ops.queue_items;
  v_job study.material_processing_jobs;
begin
  select q.* into v_item from ops.queue_items as q where q.id = p_job_id and q.job_type = 'study.generate_questions';
  if v_item.id is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  -- The material first: whoever deletes it holds it, and then reaches for what hangs on it.
  perform from study.materials as m
  where m.id = (select j.material_id from study.material_processing_jobs as j where j.id = v_item.resource_id) for no key update;
  select * into v_job from study.material_processing_jobs as j where j.id = v_item.resource_id for no key update;
  perform ops.assert_lease(p_job_id, p_lease_token);
  if v_job.status not in ('pending', 'running') then
    return null;
  end if;
  return v_job;
end;
$$;
comment on function private.study_generation_lease(uuid, bigint) is
  'The generation of a leased job, locked; null when there is nothing to do for it any more; lease_lost (409).';

create function private.study_begin_generation(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker what is asked for
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs := private.study_generation_lease(p_job_id, p_lease_token);
  v_material study.materials;
begin
  if v_job.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  if not private.study_may_read_material(v_job.material_id, v_job.user_id) then
    perform private.study_end_generation(v_job.id, 'failed', 'material_not_found', 'The material is not shared any more.');
    return '{"proceed": false}'::jsonb;
  end if;
  select * into v_material from study.materials as m where m.id = v_job.material_id;
  update study.material_processing_jobs as j
  set status = 'running', started_at = coalesce(j.started_at, now()), progress = greatest(j.progress, 1), updated_at = now()
  where j.id = v_job.id;
  return jsonb_build_object(
    'proceed', true, 'generation_id', v_job.id, 'material_id', v_material.id, 'title', v_material.title, 'language', v_material.language,
    'count', (v_job.parameters ->> 'count')::integer, 'difficulty', v_job.parameters ->> 'difficulty',
    'again', (v_job.parameters ->> 'again')::boolean, 'written', (v_job.result ->> 'written')::integer,
    'position', (v_job.result ->> 'position')::integer, 'refused', v_job.result -> 'refused'
  );
end;
$$;
comment on function private.study_begin_generation(uuid, bigint) is 'See study.begin_generation.';

create function private.study_generation_passages(p_job_id uuid, p_lease_token bigint, p_after integer, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker what the asker may read
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs := private.study_generation_lease(p_job_id, p_lease_token);
begin
  return coalesce(
    (
      select jsonb_agg(jsonb_build_object(
        'chunk_id', c.id, 'chunk_no', c.chunk_no, 'content', c.content, 'heading_path', c.heading_path,
        'has_questions', exists (
          select from study.question_sources as s
          join study.question_versions as v on v.id = s.version_id
          join study.questions as q on q.id = v.question_id and q.current_version = v.version_no
          where s.chunk_id = c.id and (q.author_id = v_job.user_id or q.visibility <> 'private')
        )
      ) order by c.chunk_no)
      from (
        select * from study.material_chunks as c
        where c.material_id = v_job.material_id and c.chunk_no > coalesce(p_after, -1)
          and private.study_may_read_material(v_job.material_id, v_job.user_id)
        order by c.chunk_no limit least(greatest(p_limit, 1), 500)
      ) as c
    ),
    '[]'
  );
end;
$$;
comment on function private.study_generation_passages(uuid, bigint, integer, integer) is 'See study.generation_passages.';

create function private.study_finish_generation(p_job_id uuid, p_lease_token bigint, p_error_code text, p_error_message text)
returns jsonb
language plpgsql
volatile
security definer -- ends a generation
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs := private.study_generation_lease(p_job_id, p_lease_token);
  v_code text := case
    when p_error_code ~ '^[a-z][a-z0-9_]{2,60}$' then p_error_code
    when p_error_code is not null then 'generation_failed'
    -- Nothing sensible could be asked is an end, too, and no success.
    when v_job.result ->> 'written' = '0' then 'generation_nothing_found'
  end;
begin
  if v_job.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  v_job := private.study_end_generation(v_job.id, case when v_code is null then 'completed' else 'failed' end, v_code, p_error_message);
  return jsonb_build_object('proceed', false, 'status', v_job.status, 'error', v_job.error_code) || v_job.result;
end;
$$;
comment on function private.study_finish_generation(uuid, bigint, text, text) is 'See study.finish_generation.';

create function private.study_continue_generation(p_job_id uuid, p_lease_token bigint)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs := private.study_generation_lease(p_job_id, p_lease_token);
begin
  return case when v_job.id is not null then private.study_enqueue_generation(v_job.id, p_job_id) end;
end;
$$;
comment on function private.study_continue_generation(uuid, bigint) is 'See study.continue_generation.';

create function private.study_tend_generations()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_id uuid;
  v_given_up integer := 0;
begin
  for v_id in
    select j.id from study.material_processing_jobs as j
    where j.job_type = 'generate_questions' and j.status in ('pending', 'running') and j.updated_at < now() - interval '10 minutes'
      and not exists (select from ops.queue_items as q where q.resource_id = j.id)
    order by j.updated_at
    limit 100
    for no key update skip locked
  loop
    perform private.study_end_generation(v_id, 'failed', 'generation_given_up', null);
    v_given_up := v_given_up + 1;
  end loop;
  return jsonb_build_object('given_up', v_given_up);
end;
$$;
comment on function private.study_tend_generations() is
  'Ends generations on which nobody works any more, because their job failed too often: failed as generation_given_up. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_generations', 'private.study_tend_generations', '5 minutes', 'Questions that a job failed too often to make end as failed.');

revoke execute on function
  private.study_generation_lease(uuid, bigint), private.study_begin_generation(uuid, bigint),
  private.study_generation_passages(uuid, bigint, integer, integer), private.study_finish_generation(uuid, bigint, text, text),
  private.study_continue_generation(uuid, bigint), private.study_tend_generations()
  from public, anon, authenticated;
grant execute on function
  private.study_begin_generation(uuid, bigint), private.study_generation_passages(uuid, bigint, integer, integer),
  private.study_finish_generation(uuid, bigint, text, text), private.study_continue_generation(uuid, bigint)
  to service_role;
