-- Reading and structuring as RPCs for workers. Each takes the job of the queue and its lease token, so that only its
-- holder can write; executable by the service role alone. The rules are in timetable_reading, _callback and _structuring.

create function timetable.begin_reading(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_begin_reading(p_job_id, p_lease_token); $$;
comment on function timetable.begin_reading(uuid, bigint) is
  'Worker: takes a document up. {proceed, processing_job_id, document_id, user_id, bucket_id, path, file_name, sha256, page_count, pages_done}; proceed false: nothing to read, the job of the queue is ended. Errors: lease_lost (409).';

create function timetable.record_stage(p_job_id uuid, p_lease_token bigint, p_status text, p_progress integer default 0)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_record_stage(p_job_id, p_lease_token, p_status, p_progress); $$;
comment on function timetable.record_stage(uuid, bigint, text, integer) is
  'Worker: where it is (classifying, preprocessing, ocr, llm_processing, validating) and how far, in percent of the whole. {proceed, status, progress}. Errors: lease_lost, illegal_transition (409), unknown_stage (422).';

create function timetable.record_file(
  p_job_id uuid, p_lease_token bigint, p_sha256 text, p_mime text, p_size bigint, p_pages integer, p_engine text default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_record_file(p_job_id, p_lease_token, p_sha256, p_mime, p_size, p_pages, p_engine); $$;
comment on function timetable.record_file(uuid, bigint, text, text, bigint, integer, text) is
  'Worker: what the bytes are. {proceed, is_cached, status}; proceed false: the same file was read before (by p_engine, when named), its pages are taken from there, and the job of the queue is ended. Errors: lease_lost (409).';

create function timetable.record_ocr(p_job_id uuid, p_lease_token bigint, p_payload jsonb)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_record_ocr(p_job_id, p_lease_token, p_payload); $$;
comment on function timetable.record_ocr(uuid, bigint, jsonb) is
  'Callback: pages that were read, {engine, pages: Page[], file: {sha256, mimeType, size, pages}, documentId}, all or some; a page counts once. {proceed, stored, pages_done, status}; proceed false: it was the last, structuring is enqueued, the job of the queue is ended. Errors: lease_lost (409), file_required, page_invalid (422).';

create function timetable.fail_reading(p_job_id uuid, p_lease_token bigint, p_code text, p_message text default null)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_fail_reading(p_job_id, p_lease_token, p_code, p_message); $$;
comment on function timetable.fail_reading(uuid, bigint, text, text) is
  'Worker: the document cannot be read, for good: {failed}. p_message is for its owner. Ends a job of type timetable.read. Errors: lease_lost (409), error_code_invalid (422).';

create function timetable.take_signature(p_signature text)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.timetable_take_signature(p_signature); $$;
comment on function timetable.take_signature(text) is 'Callback: true once for each signature, false when it was seen.';

create function timetable.begin_structure(p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_begin_structure(p_job_id, p_lease_token); $$;
comment on function timetable.begin_structure(uuid, bigint) is
  'Worker: what is there to structure. {proceed, processing_job_id, document_id, user_id, sha256, bucket_id, path, mime_type, is_cached, tier, engine, layout_hash, corrections, threshold, pages}. Errors: lease_lost (409).';

create function timetable.layout_corrections_of(p_layout_hash text)
returns jsonb language sql stable security invoker set search_path = ''
as $$ select private.timetable_layout_corrections(p_layout_hash); $$;
comment on function timetable.layout_corrections_of(text) is
  'Worker: what reviewers corrected in documents of this layout: [{field: name|time|day, read, corrected, times_seen}]; a time is HH:MM-HH:MM.';

create function timetable.record_blocks(
  p_job_id uuid, p_lease_token bigint, p_layout_hash text, p_blocks jsonb, p_tier text, p_confidence numeric default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_record_blocks(p_job_id, p_lease_token, p_layout_hash, p_blocks, p_tier, p_confidence); $$;
comment on function timetable.record_blocks(uuid, bigint, text, jsonb, text, numeric) is
  'Worker: the blocks [{day, name, start, end, notes, color, week, page, box (shares of the page), confidence, reasons, read}] of tier tesseract, text_layer, cloud_ocr or llm; read: {name, time, day} before a correction of the layout was applied. {recorded, status: completed|hitl_pending, blocks, unsure, confidence, timetable_id}. Errors: lease_lost (409), blocks_invalid (422).';

do $$
declare
  v_name text;
  v_function regprocedure;
begin
  foreach v_name in array array[
    'begin_reading', 'record_stage', 'record_file', 'record_ocr', 'fail_reading', 'take_signature', 'begin_structure',
    'layout_corrections_of', 'record_blocks'
  ] loop
    for v_function in
      select p.oid::regprocedure from pg_catalog.pg_proc as p
      where (p.pronamespace = 'timetable'::regnamespace and p.proname = v_name)
        or (p.pronamespace = 'private'::regnamespace and p.proname = 'timetable_' || regexp_replace(v_name, '_of$', ''))
    loop
      execute format('revoke execute on function %s from public, anon, authenticated', v_function);
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end loop;
end;
$$;
