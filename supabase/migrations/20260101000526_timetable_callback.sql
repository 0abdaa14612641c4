-- What the OCR callback writes: pages as they come, all at once or one after the other, and the reason when there are none.
-- The last page hands the job on to structuring. See timetable_reading for the lease.

create function private.timetable_text_of_lines(p_lines jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(left(private.plain_text(string_agg(l.line ->> 'text', E'\n' order by l.place)), 4000), '')
  from jsonb_array_elements(case jsonb_typeof(p_lines) when 'array' then p_lines else '[]' end) with ordinality as l (line, place);
$$;

create function private.timetable_share_of(p_box jsonb, p_width numeric, p_height numeric)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'x', round((p_box ->> 'x')::numeric / p_width, 5), 'y', round((p_box ->> 'y')::numeric / p_height, 5),
    'width', round((p_box ->> 'width')::numeric / p_width, 5), 'height', round((p_box ->> 'height')::numeric / p_height, 5)
  );
$$;
comment on function private.timetable_share_of(jsonb, numeric, numeric) is 'A box in pixels of its page as shares of it.';

create function private.timetable_store_page(p_job_id uuid, p_page jsonb, p_engine text)
returns boolean
language plpgsql
volatile
security definer -- writes pages and cells for a worker
set search_path = ''
as $$
declare
  v_page integer := (p_page ->> 'number')::integer;
begin
  insert into timetable.ocr_pages (job_id, page, width, height, content, engine)
  values (
    p_job_id, v_page, ceil((p_page ->> 'width')::numeric)::integer, ceil((p_page ->> 'height')::numeric)::integer, p_page, p_engine
  )
  on conflict (job_id, page) do nothing;
  if not found then
    return false;
  end if;
  insert into timetable.extraction_cells (
    job_id, page, table_no, row_no, column_no, row_span, column_span, box, text, rotation, confidence
  )
  select
    p_job_id, v_page, t.no, (c ->> 'row')::integer, (c ->> 'column')::integer,
    coalesce((c ->> 'rowSpan')::integer, 1), coalesce((c ->> 'columnSpan')::integer, 1),
    private.timetable_share_of(c -> 'box', (p_page ->> 'width')::numeric, (p_page ->> 'height')::numeric),
    private.timetable_text_of_lines(c -> 'lines'),
    coalesce((c -> 'lines' -> 0 ->> 'rotation')::smallint, 0),
    coalesce(
      (select avg((l ->> 'confidence')::numeric) from jsonb_array_elements(c -> 'lines') as l),
      (t.item ->> 'confidence')::numeric, 0
    )
  from jsonb_array_elements(coalesce(p_page -> 'tables', '[]')) with ordinality as t (item, no)
  cross join jsonb_array_elements(coalesce(t.item -> 'cells', '[]')) as c;
  return true;
end;
$$;
comment on function private.timetable_store_page(uuid, jsonb, text) is 'Stores a page and its cells, once; false when it is there already.';

create function private.timetable_record_ocr(p_job_id uuid, p_lease_token bigint, p_payload jsonb)
returns jsonb
language plpgsql
volatile
security definer -- writes pages and moves the job for a worker
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
  v_file jsonb := p_payload -> 'file';
  v_engine text := left(coalesce(p_payload ->> 'engine', 'unknown'), 100);
  v_document timetable.documents;
  v_stage text;
  v_page jsonb;
  v_stored integer := 0;
  v_done integer;
begin
  if v_job.id is null or v_job.status not in ('pending', 'classifying', 'preprocessing', 'ocr') then
    return private.timetable_end_reading(p_job_id, p_lease_token, jsonb_build_object('stored', 0, 'status', v_job.status));
  end if;
  if p_payload ? 'documentId' and p_payload ->> 'documentId' is distinct from v_job.document_id::text then
    raise sqlstate 'PT409' using
      message = 'lease_lost',
      detail = 'The job is about another document.',
      hint = 'Send the documentId that begin_reading gave.';
  end if;
  if v_file is not null then
    update timetable.documents as d
    set sha256 = lower(v_file ->> 'sha256'), file_type = v_file ->> 'mimeType', file_size = (v_file ->> 'size')::bigint,
      page_count = (v_file ->> 'pages')::integer, upload_status = 'completed'
    where d.id = v_job.document_id;
    perform private.record_file_inspection(d.file_id, v_file ->> 'sha256', v_file ->> 'mimeType', true, null)
    from timetable.documents as d where d.id = v_job.document_id and d.file_id is not null;
  end if;
  -- A reader that reports no stages (any other OCR service) passes through them here.
  foreach v_stage in array array['classifying', 'preprocessing', 'ocr'] loop
    update timetable.processing_jobs as j set status = v_stage
    where j.id = v_job.id
      and j.status = case v_stage when 'classifying' then 'pending' when 'preprocessing' then 'classifying' else 'preprocessing' end;
  end loop;
  select * into v_document from timetable.documents as d where d.id = v_job.document_id;
  if v_document.page_count is null then
    raise sqlstate 'PT422' using
      message = 'file_required',
      detail = 'Nothing is known of the file yet.',
      hint = 'Send file: {sha256, mimeType, size, pages}, or call record_file first.';
  end if;

  for v_page in select * from jsonb_array_elements(coalesce(p_payload -> 'pages', '[]')) loop
    if coalesce((v_page ->> 'number')::integer, 0) not between 1 and v_document.page_count
      or coalesce((v_page ->> 'width')::numeric, 0) < 1 or coalesce((v_page ->> 'height')::numeric, 0) < 1
    then
      raise sqlstate 'PT422' using
        message = 'page_invalid',
        detail = format('Page %s of %s, or its size, cannot be.', v_page ->> 'number', v_document.page_count),
        hint = 'Number pages from 1, and give their width and height.';
    end if;
    if private.timetable_store_page(v_job.id, v_page, v_engine) then
      v_stored := v_stored + 1;
    end if;
  end loop;

  select count(*) into v_done from timetable.ocr_pages as p where p.job_id = v_job.id;
  if v_done < v_document.page_count then
    update timetable.processing_jobs as j
    set progress = greatest(j.progress, 10 + 60 * v_done / v_document.page_count)
    where j.id = v_job.id;
    return jsonb_build_object('proceed', true, 'stored', v_stored, 'pages_done', v_done, 'status', 'ocr');
  end if;
  update timetable.processing_jobs as j
  set status = 'structuring', processing_tier = private.timetable_tier_of(v_engine)
  where j.id = v_job.id;
  perform private.timetable_enqueue('timetable.structure', v_job.id);
  return private.timetable_end_reading(
    p_job_id, p_lease_token, jsonb_build_object('stored', v_stored, 'pages_done', v_done, 'status', 'structuring')
  );
end;
$$;

create function private.timetable_fail(p_job timetable.processing_jobs, p_code text, p_message text)
returns void
language plpgsql
volatile
security definer -- moves the job and tells its owner
set search_path = ''
as $$
begin
  update timetable.processing_jobs as j
  set status = 'failed', error_code = p_code, error_message = left(private.plain_text(p_message), 2000)
  where j.id = p_job.id;
  update timetable.documents as d set upload_status = 'failed'
  where d.id = p_job.document_id and d.upload_status = 'pending';
  perform private.notify(
    p_job.user_id, 'timetable_failed', 'error', 'Your document could not be read',
    left(private.plain_text(p_message), 500), jsonb_build_object('document_id', p_job.document_id, 'job_id', p_job.id, 'code', p_code)
  );
end;
$$;
comment on function private.timetable_fail(timetable.processing_jobs, text, text) is 'Ends a job as failed and tells its owner why.';

create function private.timetable_fail_reading(p_job_id uuid, p_lease_token bigint, p_code text, p_message text)
returns jsonb
language plpgsql
volatile
security definer -- moves the job
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
  v_is_over boolean := v_job.id is null
    or v_job.status not in ('pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating');
begin
  if coalesce(p_code, '') !~ '^[a-z][a-z0-9_]{2,59}$' then
    raise sqlstate 'PT422' using
      message = 'error_code_invalid',
      detail = 'A code is lower case words with underscores.',
      hint = 'Such as file_encrypted, file_empty, file_broken, unsupported_file, too_many_pages, nothing_found.';
  end if;
  if not v_is_over then
    perform private.timetable_fail(v_job, p_code, coalesce(p_message, p_code));
  end if;
  if exists (select from ops.queue_items as q where q.id = p_job_id and q.job_type = 'timetable.read') then
    perform ops.complete_job(p_job_id, p_lease_token, jsonb_build_object('failed', p_code));
  end if;
  return jsonb_build_object('failed', not v_is_over);
end;
$$;

create function private.timetable_take_signature(p_signature text)
returns boolean
language plpgsql
volatile
security definer -- writes what no client may read
set search_path = ''
as $$
begin
  insert into timetable.callback_nonces (signature) values (p_signature) on conflict (signature) do nothing;
  return found;
end;
$$;

revoke execute on function
  private.timetable_text_of_lines(jsonb), private.timetable_share_of(jsonb, numeric, numeric),
  private.timetable_store_page(uuid, jsonb, text), private.timetable_record_ocr(uuid, bigint, jsonb),
  private.timetable_fail(timetable.processing_jobs, text, text),
  private.timetable_fail_reading(uuid, bigint, text, text), private.timetable_take_signature(text)
  from public, anon, authenticated;
