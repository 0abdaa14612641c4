-- Who may see what of reading and review. RLS decides; whoever writes goes through functions. Timetables and their
-- blocks have rules of their own, since they can be shared.
--
--   anon:     nothing
--   owner:    his documents, jobs, pages, cells, reviews
--   reviewer: the document of a review while he holds it; his finished reviews
--   admin:    everything, corrections too

create function private.my_review_job_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads
set search_path = ''
as $$
begin
  -- Whoever is no reviewer any more, or suspended, looks at nobody's document.
  if not (private.has_role('reviewer') or private.has_role('admin')) then
    return '{}'::uuid[];
  end if;
  return array(
    select t.job_id from timetable.hitl_tasks as t
    where t.assigned_to = (select auth.uid()) and t.status = 'in_progress' and t.lease_expires_at > now()
  );
end;
$$;
comment on function private.my_review_job_ids() is 'Processing jobs whose review the current user holds now.';

create function private.my_review_document_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policy of documents
set search_path = ''
as $$
begin
  return array(
    select j.document_id from timetable.processing_jobs as j where j.id = any (private.my_review_job_ids())
  );
end;
$$;
comment on function private.my_review_document_ids() is 'Documents whose review the current user holds now.';

create function private.my_review_document_paths()
returns text[]
language plpgsql
stable
security definer -- the files belong to the owner, not to the reviewer who asks
set search_path = ''
as $$
begin
  return array(
    select d.path from timetable.documents as d where d.id = any (private.my_review_document_ids())
  );
end;
$$;
comment on function private.my_review_document_paths() is
  'Paths in the bucket timetables that the current user may look at as a reviewer: those of the reviews that he holds.';

revoke execute on function
  private.my_review_job_ids(), private.my_review_document_ids(), private.my_review_document_paths()
  from public, anon;
grant execute on function
  private.my_review_job_ids(), private.my_review_document_ids(), private.my_review_document_paths()
  to authenticated, service_role;

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'job_transitions', 'documents', 'processing_jobs', 'ocr_pages', 'extraction_cells', 'hitl_tasks', 'layout_corrections',
    'callback_nonces'
  ] loop
    execute format('alter table timetable.%I enable row level security', v_table);
    execute format('revoke all on timetable.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on timetable.%I to service_role', v_table);
  end loop;
end;
$$;

grant select on
  timetable.job_transitions, timetable.documents, timetable.processing_jobs, timetable.ocr_pages,
  timetable.extraction_cells, timetable.hitl_tasks, timetable.layout_corrections
  to authenticated;

create policy job_transitions_select_all on timetable.job_transitions
  for select to authenticated
  using (true);

create policy processing_jobs_select_party on timetable.processing_jobs
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or (select private.has_role('admin'))
    or id = any ((select private.my_review_job_ids())::uuid[])
  );

create policy documents_select_party on timetable.documents
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or (select private.has_role('admin'))
    or id = any ((select private.my_review_document_ids())::uuid[])
  );

-- Pages and cells ask for their job, under that one's own policy.
create policy ocr_pages_select_party on timetable.ocr_pages
  for select to authenticated
  using (exists (select from timetable.processing_jobs as j where j.id = ocr_pages.job_id));

create policy extraction_cells_select_party on timetable.extraction_cells
  for select to authenticated
  using (exists (select from timetable.processing_jobs as j where j.id = extraction_cells.job_id));

create policy hitl_tasks_select_party on timetable.hitl_tasks
  for select to authenticated
  using (
    (assigned_to = (select auth.uid()) and ((select private.has_role('reviewer')) or (select private.has_role('admin'))))
    or (select private.has_role('admin'))
    or exists (
      select from timetable.processing_jobs as j where j.id = hitl_tasks.job_id and j.user_id = (select auth.uid())
    )
  );

create policy layout_corrections_select_admin on timetable.layout_corrections
  for select to authenticated
  using ((select private.has_role('admin')));

-- Files: a private bucket, one folder a person. Whoever reviews a document may look at it while he holds the review.
-- There is no update: a document that was handed in stays what it was.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values (
  'timetables', 'timetables', false, 20971520,
  array[
    'image/png', 'image/jpeg', 'application/pdf',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  ]
)
on conflict (id) do nothing;
insert into core.tended_buckets (bucket_id, description) values
  ('timetables', 'Documents: of people who are gone, deleted, or never handed in.');

create policy timetables_insert_own on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'timetables'
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and (select private.is_active_user())
  );

create policy timetables_select_party on storage.objects
  for select to authenticated
  using (
    bucket_id = 'timetables'
    and (
      (storage.foldername(name))[1] = (select auth.uid())::text
      or (select private.has_role('admin'))
      or name = any ((select private.my_review_document_paths())::text[])
    )
  );

-- What was handed in stays until its document is deleted; a file that was never used may go.
create policy timetables_delete_own on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'timetables'
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and (select private.is_active_user())
    and not exists (select from core.files as f where f.bucket_id = 'timetables' and f.path = name)
  );
