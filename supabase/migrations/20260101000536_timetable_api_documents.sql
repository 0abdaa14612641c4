-- Another look at a finished document, asked for by its owner or an administrator; and the end of a document.

create function private.timetable_reopen_document(p_document_id uuid, p_reason text)
returns uuid
language plpgsql
volatile
security definer -- writes reviews and moves the job
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_newest_job(p_document_id);
  v_reason text := private.clean_text(coalesce(p_reason, ''), 'reason', 3, 2000);
  v_id uuid;
begin
  perform private.timetable_my_document(p_document_id, true);
  if v_job.status is distinct from 'completed' then
    perform private.timetable_not_ready(v_job);
  end if;
  v_id := private.timetable_open_opinion(v_job.id, 'reopened', (
    select coalesce(jsonb_agg(private.timetable_block_draft(b) order by b.week nulls first, b.weekday, b.start_time, b.id), '[]')
    from timetable.timeblocks as b where b.document_id = p_document_id
  ), v_reason);
  update timetable.processing_jobs as j set status = 'hitl_pending' where j.id = v_job.id;
  return v_id;
end;
$$;

create function timetable.reopen_document(p_document_id uuid, p_reason text)
returns uuid language sql volatile security invoker set search_path = ''
as $$ select private.timetable_reopen_document(p_document_id, p_reason); $$;
comment on function timetable.reopen_document(uuid, text) is
  'Has a finished document looked at again by a person; for its owner and for administrators with the permission timetables. Returns the id of the review. Errors: document_not_found (404), review_in_progress, processing_closed, opinion_limit_reached (409), text_required (422).';

create function private.timetable_delete_document(p_document_id uuid)
returns void
language plpgsql
volatile
security definer -- removes rows that clients may not delete
set search_path = ''
as $$
declare
  v_job_id uuid;
begin
  perform private.timetable_my_document(p_document_id);
  for v_job_id in
    select j.id from timetable.processing_jobs as j where j.document_id = p_document_id order by j.created_at, j.id for update
  loop
    perform ops.cancel_jobs_for(v_job_id);
  end loop;
  delete from timetable.documents as d where d.id = p_document_id;
end;
$$;

create function timetable.delete_document(p_document_id uuid)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.timetable_delete_document(p_document_id); $$;
comment on function timetable.delete_document(uuid) is
  'Deletes a document with everything that was read from it; blocks stay in the timetable, and its file may be removed then. Errors: document_not_found (404).';

-- The file of a deleted document is no document any more, and its owner may remove it from the bucket. When he is gone
-- himself, it stays on the list of files that wait for removal.
create function private.tg_documents__forget_file()
returns trigger
language plpgsql
volatile
security definer -- core.files is written by no client
set search_path = ''
as $$
begin
  delete from core.files as f
  where f.id = old.file_id and exists (select from core.profiles as p where p.id = old.user_id);
  return null;
end;
$$;

create trigger _700_forget_file
  after delete on timetable.documents
  for each row execute function private.tg_documents__forget_file();

do $$
declare
  v_function regprocedure;
  v_name text;
begin
  foreach v_name in array array['reopen_document', 'delete_document'] loop
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
  private.tg_documents__forget_file()
  from public, anon, authenticated;
