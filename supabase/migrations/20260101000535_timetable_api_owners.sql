-- What the owner of a document may do with its reading: watch it, give it up, try again, take it as it is.

create function timetable.processing_status(p_job_id uuid)
returns jsonb
language sql
stable
security invoker -- RLS says whose job it is
set search_path = ''
as $$
  select jsonb_build_object(
    'job_id', j.id, 'document_id', j.document_id, 'timetable_id', j.timetable_id, 'status', j.status, 'stage', j.stage,
    'progress', j.progress, 'confidence', j.confidence, 'processing_tier', j.processing_tier, 'is_cached', j.is_cached,
    'blocks', j.metadata -> 'blocks', 'unsure', j.metadata -> 'unsure', 'error_code', j.error_code,
    'error_message', j.error_message, 'retry_count', j.retry_count, 'timings', j.timings, 'created_at', j.created_at,
    'completed_at', j.completed_at,
    'review', (
      select jsonb_build_object('task_id', t.id, 'kind', t.kind, 'status', t.status, 'priority', t.priority, 'opinion_no', t.opinion_no)
      from timetable.hitl_tasks as t where t.job_id = j.id order by t.opinion_no desc limit 1
    )
  )
  from timetable.processing_jobs as j where j.id = p_job_id;
$$;
comment on function timetable.processing_status(uuid) is
  'How far the reading of a document is, with the state of its review; null when it is not yours. The same comes as timetable_progress on user:<id>.';

create function private.timetable_not_ready(p_job timetable.processing_jobs)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_job.status = 'hitl_in_progress' then
    raise sqlstate 'PT409' using
      message = 'review_in_progress', detail = 'A reviewer is at it.', hint = 'Wait until it is completed.';
  end if;
  raise sqlstate 'PT409' using
    message = 'processing_closed',
    detail = format('The document is %s.', coalesce(p_job.status, 'not being read')),
    hint = 'Ask for its status; retry_processing begins again.';
end;
$$;

create function private.timetable_newest_job(p_document_id uuid)
returns timetable.processing_jobs
language plpgsql
volatile
security definer -- locks a row that its owner may not update
set search_path = ''
as $$
declare
  v_job_id uuid;
begin
  select j.id into v_job_id
  from timetable.processing_jobs as j where j.document_id = p_document_id order by j.retry_count desc limit 1;
  return private.timetable_lock_job(v_job_id);
end;
$$;

create function private.timetable_cancel_processing(p_job_id uuid)
returns boolean
language plpgsql
volatile
security definer -- moves the job and ends its jobs of the queue
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs;
begin
  perform private.timetable_my_document((select j.document_id from timetable.processing_jobs as j where j.id = p_job_id));
  v_job := private.timetable_lock_job(p_job_id);
  if v_job.status = 'cancelled' then
    return false;
  elsif v_job.status in ('completed', 'failed', 'hitl_in_progress') then
    perform private.timetable_not_ready(v_job);
  end if;
  update timetable.hitl_tasks as t set status = 'cancelled' where t.job_id = p_job_id and t.status = 'pending';
  update timetable.processing_jobs as j set status = 'cancelled' where j.id = p_job_id;
  perform ops.cancel_jobs_for(p_job_id);
  return true;
end;
$$;

create function timetable.cancel_processing(p_job_id uuid)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.timetable_cancel_processing(p_job_id); $$;
comment on function timetable.cancel_processing(uuid) is
  'Gives up the reading of a document; blocks that were read stay, unchecked. False when it was cancelled already. Errors: document_not_found (404), review_in_progress, processing_closed (409).';

-- An archived timetable is read, not changed: neither by another reading nor by taking its blocks.
create function private.timetable_refuse_archived(p_timetable_id uuid)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if exists (select from timetable.timetables as t where t.id = p_timetable_id and t.status = 'archived') then
    raise sqlstate 'PT409' using
      message = 'timetable_archived',
      detail = 'An archived timetable is read, not changed.',
      hint = 'Reopen it first.';
  end if;
end;
$$;

create function private.timetable_retry_processing(p_document_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- writes jobs and the queue
set search_path = ''
as $$
declare
  v_document timetable.documents := private.timetable_my_document(p_document_id);
begin
  perform private.timetable_refuse_archived(v_document.timetable_id);
  if exists (
    select from timetable.processing_jobs as j
    where j.document_id = p_document_id and j.status not in ('completed', 'failed', 'cancelled')
  ) then
    raise sqlstate 'PT409' using
      message = 'processing_active',
      detail = 'The document is being read.',
      hint = 'Wait for it, or cancel it first.';
  end if;
  perform private.rate_limit(
    'timetable.submit:' || v_document.user_id,
    private.setting_number('timetable.submit_burst'),
    (private.setting('timetable.submit_per_second') #>> '{}')::numeric
  );
  update timetable.documents as d
  set file_id = private.register_file(d.user_id, d.bucket_id, d.path, 'timetable_document'),
    upload_status = case d.upload_status when 'failed' then 'pending' else d.upload_status end
  where d.id = p_document_id
  returning * into v_document;
  perform private.timetable_start_job(v_document);
  return private.timetable_submission(p_document_id);
end;
$$;

create function timetable.retry_processing(p_document_id uuid)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_retry_processing(p_document_id); $$;
comment on function timetable.retry_processing(uuid) is
  'Reads a document again; pages that were read already cost nothing. Blocks that nobody touched are replaced. Returns {document, job}. Errors: document_not_found (404), processing_active (409), file_not_found (422), rate_limited (429).';

create function private.timetable_accept_blocks(p_document_id uuid)
returns integer
language plpgsql
volatile
security definer -- moves the job and marks blocks
set search_path = ''
as $$
declare
  v_document timetable.documents := private.timetable_my_document(p_document_id);
  v_job timetable.processing_jobs := private.timetable_newest_job(p_document_id);
  v_count integer;
begin
  perform private.timetable_refuse_archived(v_document.timetable_id);
  if v_job.status is null or v_job.status not in ('hitl_pending', 'completed') then
    perform private.timetable_not_ready(v_job);
  end if;
  update timetable.timeblocks as b
  set is_checked = true, reasons = '{}', origin = 'person'
  where b.document_id = p_document_id and b.origin = 'machine';
  get diagnostics v_count = row_count;
  if v_job.status = 'hitl_pending' then
    update timetable.hitl_tasks as t set status = 'cancelled' where t.job_id = v_job.id and t.status = 'pending';
    update timetable.processing_jobs as j
    set status = 'completed', metadata = j.metadata || '{"unsure": 0, "accepted_by_owner": true}'
    where j.id = v_job.id;
  end if;
  return v_count;
end;
$$;

create function timetable.accept_blocks(p_document_id uuid)
returns integer language sql volatile security invoker set search_path = ''
as $$ select private.timetable_accept_blocks(p_document_id); $$;
comment on function timetable.accept_blocks(uuid) is
  'Takes the blocks of a document as they are: no person looks at them any more, and another reading leaves them alone. Returns how many were the machine''s. Errors: document_not_found (404), review_in_progress, processing_closed, blocks_overlap (409).';

do $$
declare
  v_function regprocedure;
  v_name text;
begin
  foreach v_name in array array['cancel_processing', 'retry_processing', 'accept_blocks', 'processing_status'] loop
    for v_function in
      select p.oid::regprocedure from pg_catalog.pg_proc as p
      where (p.pronamespace = 'timetable'::regnamespace and p.proname = v_name)
        or (p.pronamespace = 'private'::regnamespace and p.proname = 'timetable_' || v_name)
    loop
      execute format('revoke execute on function %s from public, anon', v_function);
      execute format('grant execute on function %s to authenticated', v_function);
    end loop;
  end loop;
end;
$$;
revoke execute on function
  private.timetable_not_ready(timetable.processing_jobs), private.timetable_newest_job(uuid)
  from public, anon, authenticated;

revoke execute on function private.timetable_refuse_archived(uuid) from public, anon, authenticated;
