-- Reading: what the OCR worker and its callback write, under the lease of the queue's job. Any of it may be repeated: a
-- worker that died is followed by another, which goes on after the last page that arrived.
--
-- p_job_id is the job of the queue everywhere; the processing job is what it is about. Where a reply says proceed: false,
-- there is nothing (more) to read, and the job of the queue has been ended: the worker claims the next.

create function private.timetable_check_lease(p_job_id uuid, p_lease_token bigint)
returns timetable.processing_jobs
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
declare
  v_resource_id uuid;
  v_job timetable.processing_jobs;
begin
  select q.resource_id into v_resource_id
  from ops.queue_items as q
  where q.id = p_job_id and q.job_type in ('timetable.read', 'timetable.structure');
  -- The processing job first: whoever cancels holds it, and then reaches for the queue.
  v_job := private.timetable_lock_job(v_resource_id);
  perform ops.assert_lease(p_job_id, p_lease_token);
  if v_resource_id is null then
    perform private.raise_lease_lost(p_job_id); -- a lease on something else opens nothing here
  end if;
  return v_job;
end;
$$;
comment on function private.timetable_check_lease(uuid, bigint) is
  'The processing job of a leased job of the queue, locked; null when its document is gone; lease_lost (409) when the lease is another''s.';

create function private.timetable_end_reading(p_job_id uuid, p_lease_token bigint, p_result jsonb)
returns jsonb
language plpgsql
volatile
security definer -- ends a job of the queue
set search_path = ''
as $$
begin
  perform ops.complete_job(p_job_id, p_lease_token, p_result);
  return jsonb_build_object('proceed', false) || p_result;
end;
$$;
comment on function private.timetable_end_reading(uuid, bigint, jsonb) is 'Ends the job of the queue with this result, and says so to the worker.';

create function private.timetable_begin_reading(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the job
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
begin
  if v_job.id is null or v_job.status not in ('pending', 'classifying', 'preprocessing', 'ocr') then
    return private.timetable_end_reading(p_job_id, p_lease_token, jsonb_build_object('status', v_job.status));
  end if;
  if v_job.status <> 'classifying' then
    update timetable.processing_jobs as j set status = 'classifying' where j.id = v_job.id;
  end if;
  return (
    select jsonb_build_object(
      'proceed', true, 'processing_job_id', v_job.id, 'document_id', d.id, 'user_id', d.user_id, 'bucket_id', d.bucket_id,
      'path', d.path, 'file_name', d.file_name, 'sha256', d.sha256, 'page_count', d.page_count,
      'pages_done', (
        select coalesce(jsonb_agg(p.page order by p.page), '[]') from timetable.ocr_pages as p where p.job_id = v_job.id
      )
    )
    from timetable.documents as d where d.id = v_job.document_id
  );
end;
$$;

create function private.timetable_record_stage(p_job_id uuid, p_lease_token bigint, p_status text, p_progress integer)
returns jsonb
language plpgsql
volatile
security definer -- moves the job
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
begin
  if p_status is null or p_status not in ('classifying', 'preprocessing', 'ocr', 'llm_processing', 'validating') then
    raise sqlstate 'PT422' using
      message = 'unknown_stage',
      detail = 'A worker reports classifying, preprocessing, ocr, llm_processing or validating.',
      hint = 'The other moves are made by the functions that record the results.';
  end if;
  if v_job.id is null then
    return private.timetable_end_reading(p_job_id, p_lease_token, jsonb_build_object('status', null));
  end if;
  update timetable.processing_jobs as j
  set status = p_status,
    progress = case when j.status = p_status then greatest(j.progress, least(greatest(coalesce(p_progress, 0), 0), 99))
      else least(greatest(coalesce(p_progress, 0), 0), 99) end
  where j.id = v_job.id
  returning * into v_job;
  return jsonb_build_object('proceed', true, 'status', v_job.status, 'progress', v_job.progress);
end;
$$;

-- The pages of an earlier reading of the same bytes, whoever handed them in: what the machine read, and nothing else of it.
create function private.timetable_reuse_pages(p_job timetable.processing_jobs, p_sha256 text, p_engine text)
returns integer
language plpgsql
volatile
security definer -- reads the pages of everybody for a hash that a worker has computed
set search_path = ''
as $$
declare
  v_source_id uuid;
  v_pages integer;
begin
  select j.id into v_source_id
  from timetable.documents as d
  join timetable.processing_jobs as j on j.document_id = d.id
  where d.sha256 = p_sha256 and j.id <> p_job.id
    and d.page_count = (
      select count(*) from timetable.ocr_pages as p
      where p.job_id = j.id and (p_engine is null or p.engine = p_engine)
    )
  order by j.created_at desc
  limit 1;
  if not found then
    return 0;
  end if;
  insert into timetable.ocr_pages (job_id, page, width, height, content, engine)
  select p_job.id, p.page, p.width, p.height, p.content, p.engine
  from timetable.ocr_pages as p where p.job_id = v_source_id
  on conflict (job_id, page) do nothing;
  get diagnostics v_pages = row_count;
  insert into timetable.extraction_cells (
    job_id, page, table_no, row_no, column_no, row_span, column_span, box, text, rotation, confidence
  )
  select p_job.id, c.page, c.table_no, c.row_no, c.column_no, c.row_span, c.column_span, c.box, c.text, c.rotation, c.confidence
  from timetable.extraction_cells as c
  where c.job_id = v_source_id
    and not exists (select from timetable.extraction_cells as e where e.job_id = p_job.id and e.page = c.page);
  return v_pages;
end;
$$;
comment on function private.timetable_reuse_pages(timetable.processing_jobs, text, text) is
  'Copies the pages of an earlier complete reading of the same file (by the same engine, when one is named); returns how many.';

create function private.timetable_tier_of(p_engine text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$ select case when p_engine ~* 'text layer|docx' then 'text_layer' else 'tesseract' end; $$;
comment on function private.timetable_tier_of(text) is 'Whether an engine reads text from the file itself, or recognises it.';

create function private.timetable_record_file(
  p_job_id uuid, p_lease_token bigint, p_sha256 text, p_mime text, p_size bigint, p_pages integer, p_engine text
)
returns jsonb
language plpgsql
volatile
security definer -- writes documents for a worker
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
  v_file_id uuid;
  v_reused integer := 0;
  v_done integer;
begin
  if v_job.id is null or v_job.status <> 'classifying' then
    return private.timetable_end_reading(p_job_id, p_lease_token, jsonb_build_object('status', v_job.status));
  end if;
  update timetable.documents as d
  set sha256 = lower(p_sha256), file_type = p_mime, file_size = p_size, page_count = coalesce(p_pages, d.page_count),
    upload_status = 'completed'
  where d.id = v_job.document_id
  returning d.file_id into v_file_id;
  if v_file_id is not null then
    perform private.record_file_inspection(v_file_id, p_sha256, p_mime, true, null);
  end if;
  if not exists (select from timetable.ocr_pages as p where p.job_id = v_job.id) then
    v_reused := private.timetable_reuse_pages(v_job, lower(p_sha256), p_engine);
    if v_reused > 0 then
      update timetable.documents as d set page_count = v_reused where d.id = v_job.document_id;
    end if;
  end if;
  select count(*) into v_done from timetable.ocr_pages as p where p.job_id = v_job.id;
  if v_done < coalesce((select d.page_count from timetable.documents as d where d.id = v_job.document_id), v_done + 1) then
    return jsonb_build_object('proceed', true, 'is_cached', false, 'status', v_job.status);
  end if;
  update timetable.processing_jobs as j
  set is_cached = j.is_cached or v_reused > 0, status = 'structuring', processing_tier = private.timetable_tier_of((
      select max(p.engine) from timetable.ocr_pages as p where p.job_id = v_job.id
    ))
  where j.id = v_job.id;
  perform private.timetable_enqueue('timetable.structure', v_job.id);
  return private.timetable_end_reading(
    p_job_id, p_lease_token, jsonb_build_object('status', 'structuring', 'is_cached', v_reused > 0, 'pages', v_done)
  );
end;
$$;

revoke execute on function
  private.timetable_check_lease(uuid, bigint), private.timetable_end_reading(uuid, bigint, jsonb),
  private.timetable_begin_reading(uuid, bigint),
  private.timetable_record_stage(uuid, bigint, text, integer),
  private.timetable_reuse_pages(timetable.processing_jobs, text, text), private.timetable_tier_of(text),
  private.timetable_record_file(uuid, bigint, text, text, bigint, integer, text)
  from public, anon, authenticated;
