-- Taking a material in: what workers call, under the lease of the job study.ingest. Any of it may be repeated; a worker that
-- died is followed by another, which goes on after the last page that arrived. A worker that comes with an older version
-- finds that there is nothing to do.

create function private.study_check_lease(p_job_id uuid, p_lease_token bigint)
returns study.materials
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_item ops.queue_items;
  v_material study.materials;
begin
  select q.* into v_item from ops.queue_items as q
  where q.id = p_job_id and q.job_type in ('study.ingest', 'study.read_pages');
  if v_item.id is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  -- The material first: whoever deletes or replaces it holds it, and then reaches for the queue.
  select * into v_material from study.materials as m where m.id = v_item.resource_id for no key update;
  perform ops.assert_lease(p_job_id, p_lease_token);
  if v_material.id is null or v_material.revision <> (v_item.payload ->> 'revision')::integer
    or v_material.processing_status in ('completed', 'failed')
  then
    return null;
  end if;
  return v_material;
end;
$$;
comment on function private.study_check_lease(uuid, bigint) is
  'The material of a leased job, locked; null when there is nothing to do for it any more; lease_lost (409).';

create function private.study_move(p_material_id uuid, p_status text, p_progress integer)
returns void
language plpgsql
volatile
security definer -- the status is written by functions only
set search_path = ''
as $$
begin
  update study.materials as m
  set processing_status = p_status, progress = greatest(m.progress, p_progress)
  where m.id = p_material_id and (m.processing_status <> p_status or m.progress < p_progress);
  update study.material_processing_jobs as j
  set status = 'running', started_at = coalesce(j.started_at, now()), progress = greatest(j.progress, p_progress), updated_at = now()
  where j.material_id = p_material_id and j.job_type = 'ingest' and j.status in ('pending', 'running');
end;
$$;
comment on function private.study_move(uuid, text, integer) is 'The next status of a material, and how far it is in percent; never back.';

create function private.study_begin_ingest(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker the material that its job is about
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  if v_material.processing_status = 'pending' then
    perform private.study_move(v_material.id, 'parsing', 1);
  end if;
  return jsonb_build_object(
    'proceed', true, 'material_id', v_material.id, 'user_id', v_material.user_id, 'revision', v_material.revision,
    'status', case v_material.processing_status when 'pending' then 'parsing' else v_material.processing_status end,
    'bucket_id', v_material.bucket_id, 'path', v_material.path, 'file_type', v_material.file_type,
    'file_name', v_material.file_name, 'title', v_material.title, 'language', v_material.language, 'sha256', v_material.sha256,
    'page_count', v_material.page_count,
    'parts_done', (
      select count(*) from study.material_pages as p where p.material_id = v_material.id and p.revision = v_material.revision
    ),
    'drafts_without_vector', (
      select count(*) from study.chunk_drafts as d
      where d.material_id = v_material.id and d.revision = v_material.revision and d.embedding is null
    ),
    'drafts', (
      select count(*) from study.chunk_drafts as d where d.material_id = v_material.id and d.revision = v_material.revision
    )
  );
end;
$$;
comment on function private.study_begin_ingest(uuid, bigint) is 'See study.begin_ingest.';

create function private.study_put_pages(
  p_job_id uuid, p_lease_token bigint, p_sha256 text, p_page_count integer, p_parts jsonb, p_progress integer
)
returns jsonb
language plpgsql
volatile
security definer -- writes pages
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
  v_same study.materials;
begin
  if v_material.id is null or v_material.processing_status <> 'parsing' then
    return '{"proceed": false}'::jsonb;
  end if;
  if p_sha256 is not null and p_sha256 is distinct from v_material.sha256 then
    select * into v_same from study.materials as m where m.user_id = v_material.user_id and m.sha256 = p_sha256 and m.id <> v_material.id;
    if found then
      return private.study_end_ingest(v_material.id, 'material_duplicate', jsonb_build_object('duplicate_of', v_same.id));
    end if;
  end if;
  if p_sha256 = v_material.ready_sha256 then
    -- The same bytes again: what is there stays.
    update study.materials as m set sha256 = p_sha256 where m.id = v_material.id;
    return private.study_end_ingest(v_material.id, null, '{"unchanged": true}');
  end if;
  if p_sha256 is not null then
    update study.materials as m set sha256 = p_sha256, page_count = p_page_count where m.id = v_material.id;
  end if;
  insert into study.material_pages (material_id, revision, part_no, page_number, blocks, status)
  select v_material.id, v_material.revision, p.part_no, p.page_number, coalesce(p.blocks, '[]'), coalesce(p.status, 'read')
  from jsonb_to_recordset(p_parts) as p (part_no integer, page_number integer, blocks jsonb, status text)
  on conflict do nothing;
  perform private.study_move(v_material.id, 'parsing', least(p_progress, 60));
  return '{"proceed": true}'::jsonb;
exception
  -- Two equal files of one person at the same moment.
  when unique_violation then
    return private.study_end_ingest(v_material.id, 'material_duplicate', '{}');
end;
$$;
comment on function private.study_put_pages(uuid, bigint, text, integer, jsonb, integer) is 'See study.put_material_pages.';

create function private.study_end_ingest(p_material_id uuid, p_error_code text, p_result jsonb)
returns jsonb
language plpgsql
volatile
security definer -- ends the work on a material
set search_path = ''
as $$
begin
  update study.materials as m
  set processing_status = 'failed', processing_error = p_error_code
  where m.id = p_material_id and p_error_code is not null;
  if p_error_code is null then
    -- By the rows of material_transitions, one after the other.
    update study.materials as m set processing_status = 'chunking' where m.id = p_material_id and m.processing_status = 'parsing';
    update study.materials as m set processing_status = 'embedding' where m.id = p_material_id and m.processing_status = 'chunking';
    update study.materials as m
    set processing_status = 'completed', progress = 100, processed_at = now(), ready_revision = m.revision, ready_sha256 = m.sha256
    where m.id = p_material_id;
  end if;
  delete from study.material_pages as p where p.material_id = p_material_id;
  delete from study.chunk_drafts as d where d.material_id = p_material_id;
  update study.material_processing_jobs as j
  set status = case when p_error_code is null then 'completed' else 'failed' end, completed_at = now(), updated_at = now(),
    progress = case when p_error_code is null then 100 else j.progress end, error_code = p_error_code,
    result = j.result || p_result
  where j.material_id = p_material_id and j.job_type = 'ingest' and j.status in ('pending', 'running');
  return jsonb_build_object('proceed', false, 'error', p_error_code) || p_result;
end;
$$;
comment on function private.study_end_ingest(uuid, text, jsonb) is
  'Ends the work on a version: failed with a code, or completed. Pages and drafts go; of a failed version nothing is found, of the one before everything.';
