-- Pictures of text: pages without any of their own wait for the OCR worker, as long as one calls in. Without one they are left
-- out; a material that has nothing else then ends as material_needs_ocr, to be tried again.

insert into ops.job_types (job_type, queue, priority, max_attempts, lease_seconds, follows_workers, is_enabled, description) values
  ('study.read_pages', 'ocr', 6, 4, 300, true, false,
   'Recognise pages of a material that are pictures. Payload: material_id, revision. Enabled while an OCR worker calls in.');

create function private.study_request_ocr(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the material, writes the queue
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
  v_item_id uuid;
begin
  if v_material.id is null or v_material.processing_status <> 'parsing' then
    return '{"proceed": false}'::jsonb;
  end if;
  v_item_id := ops.enqueue_job(
    'study.read_pages', jsonb_build_object('material_id', v_material.id, 'revision', v_material.revision), v_material.id,
    format('study.read_pages:%s:%s', v_material.id, v_material.revision)
  );
  if v_item_id is null then
    update study.material_pages as p set status = 'unreadable'
    where p.material_id = v_material.id and p.revision = v_material.revision and p.status = 'needs_ocr';
    return '{"proceed": true, "waits": false}'::jsonb;
  end if;
  perform private.study_move(v_material.id, 'ocr', 45);
  return '{"proceed": true, "waits": true}'::jsonb;
end;
$$;
comment on function private.study_request_ocr(uuid, bigint) is 'See study.request_ocr.';

create function private.study_begin_reading(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker the file that its job is about
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null or v_material.processing_status <> 'ocr' then
    return '{"proceed": false}'::jsonb;
  end if;
  return jsonb_build_object(
    'proceed', true, 'material_id', v_material.id, 'bucket_id', v_material.bucket_id, 'path', v_material.path,
    'file_type', v_material.file_type,
    'pages', (
      select coalesce(jsonb_agg(jsonb_build_object('part_no', p.part_no, 'page_number', p.page_number) order by p.part_no), '[]')
      from study.material_pages as p
      where p.material_id = v_material.id and p.revision = v_material.revision and p.status = 'needs_ocr'
    )
  );
end;
$$;
comment on function private.study_begin_reading(uuid, bigint) is 'See study.begin_page_reading.';

create function private.study_put_recognised(p_job_id uuid, p_lease_token bigint, p_part_no integer, p_blocks jsonb)
returns boolean
language plpgsql
volatile
security definer -- writes pages
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null or v_material.processing_status <> 'ocr' then
    return false;
  end if;
  update study.material_pages as p
  set blocks = coalesce(p_blocks, p.blocks), status = case when p_blocks is null then 'unreadable' else 'read' end
  where p.material_id = v_material.id and p.revision = v_material.revision and p.part_no = p_part_no and p.status = 'needs_ocr';
  perform private.study_move(v_material.id, 'ocr', 45 + (
    select 15 * count(*) filter (where p.status <> 'needs_ocr') / greatest(count(*), 1)
    from study.material_pages as p where p.material_id = v_material.id and p.revision = v_material.revision
  )::integer);
  return true;
end;
$$;
comment on function private.study_put_recognised(uuid, bigint, integer, jsonb) is 'See study.put_recognised_page.';

create function private.study_read_on(p_material_id uuid)
returns uuid
language plpgsql
volatile
security definer -- moves the material, writes the queue
set search_path = ''
as $$
declare
  v_revision integer;
begin
  select m.revision into v_revision from study.materials as m where m.id = p_material_id;
  update study.material_pages as p set status = 'unreadable'
  where p.material_id = p_material_id and p.revision = v_revision and p.status = 'needs_ocr';
  perform private.study_move(p_material_id, 'parsing', 60);
  return ops.enqueue_job(
    'study.ingest', jsonb_build_object('material_id', p_material_id, 'revision', v_revision), p_material_id,
    format('study.ingest:%s:%s:read', p_material_id, v_revision)
  );
end;
$$;
comment on function private.study_read_on(uuid) is 'Pages that nobody recognised are left out, and the material is taken in further.';

create function private.study_finish_reading(p_job_id uuid, p_lease_token bigint)
returns uuid
language plpgsql
volatile
security definer -- moves the material, writes the queue
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null or v_material.processing_status <> 'ocr' then
    return null;
  end if;
  return private.study_read_on(v_material.id);
end;
$$;
comment on function private.study_finish_reading(uuid, bigint) is 'See study.finish_page_reading.';

create function study.request_ocr(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_request_ocr(p_job_id, p_lease_token); $$;
comment on function study.request_ocr(uuid, bigint) is
  'Workers: pages without text are left to the OCR worker. {proceed, waits}; waits false: there is none, they are left out. lease_lost (409).';

create function study.begin_page_reading(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_begin_reading(p_job_id, p_lease_token); $$;
comment on function study.begin_page_reading(uuid, bigint) is
  'OCR workers: {proceed, material_id, bucket_id, path, file_type, pages: [{part_no, page_number}]} that are still to be recognised. lease_lost (409).';

create function study.put_recognised_page(p_job_id uuid, p_lease_token bigint, p_part_no integer, p_blocks jsonb)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_recognised(p_job_id, p_lease_token, p_part_no, p_blocks); $$;
comment on function study.put_recognised_page(uuid, bigint, integer, jsonb) is
  'OCR workers: what was recognised on a page; null: nothing can be. False: nobody waits for it any more. lease_lost (409).';

create function study.finish_page_reading(p_job_id uuid, p_lease_token bigint)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_finish_reading(p_job_id, p_lease_token); $$;
comment on function study.finish_page_reading(uuid, bigint) is 'OCR workers: no page is left; the material is taken in further. lease_lost (409).';

revoke execute on function
  private.study_request_ocr(uuid, bigint), private.study_begin_reading(uuid, bigint),
  private.study_put_recognised(uuid, bigint, integer, jsonb), private.study_read_on(uuid), private.study_finish_reading(uuid, bigint),
  study.request_ocr(uuid, bigint), study.begin_page_reading(uuid, bigint),
  study.put_recognised_page(uuid, bigint, integer, jsonb), study.finish_page_reading(uuid, bigint)
  from public, anon, authenticated;
grant execute on function
  private.study_request_ocr(uuid, bigint), private.study_begin_reading(uuid, bigint),
  private.study_put_recognised(uuid, bigint, integer, jsonb), private.study_finish_reading(uuid, bigint),
  study.request_ocr(uuid, bigint), study.begin_page_reading(uuid, bigint),
  study.put_recognised_page(uuid, bigint, integer, jsonb), study.finish_page_reading(uuid, bigint)
  to service_role;
