-- Handing in a document: registered, given a timetable and a job in one transaction, once for each path. What a client
-- says about type and hash counts for nothing: a hash that could be named would open the reading of another's document.

-- Every path takes its locks in this order: the owner, the timetable, the document, the job, the review, the queue. Whoever
-- deletes one of the first waits for us, or we for him, with nothing in our hands.
create function private.timetable_lock_job(p_job_id uuid)
returns timetable.processing_jobs
language plpgsql
volatile
security definer -- locks rows that nobody but their functions may write
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs;
begin
  select * into v_job from timetable.processing_jobs as j where j.id = p_job_id;
  perform from core.profiles as p where p.id = v_job.user_id for key share;
  perform from timetable.timetables as t
  where t.id = (select d.timetable_id from timetable.documents as d where d.id = v_job.document_id) for key share;
  perform from timetable.documents as d where d.id = v_job.document_id for no key update;
  select * into v_job from timetable.processing_jobs as j where j.id = p_job_id for update;
  return v_job;
end;
$$;
comment on function private.timetable_lock_job(uuid) is
  'The job, locked until the transaction ends together with what hangs on it; a null row when it is gone.';

create function private.timetable_my_document(p_document_id uuid, p_may_admin boolean default false)
returns timetable.documents
language plpgsql
volatile
security definer -- locks a row that its owner may not update
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_document timetable.documents;
begin
  select * into v_document from timetable.documents as d where d.id = p_document_id;
  if v_document.id is null
    or v_document.user_id <> v_user_id and not (p_may_admin and private.can_administer('timetables'))
  then
    raise sqlstate 'PT404' using
      message = 'document_not_found',
      detail = 'You have no document with this id.',
      hint = 'List your documents first.';
  end if;
  perform from core.profiles as p where p.id = v_document.user_id for key share;
  perform from timetable.timetables as t where t.id = v_document.timetable_id for key share;
  select * into v_document from timetable.documents as d where d.id = p_document_id for no key update;
  return v_document;
end;
$$;
comment on function private.timetable_my_document(uuid, boolean) is
  'A document of the caller (or, when asked for, any for an administrator), locked; document_not_found (404).';

create function private.timetable_enqueue(p_job_type text, p_job_id uuid)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
begin
  return ops.enqueue_job(
    p_job_type => p_job_type,
    p_payload => jsonb_build_object('processing_job_id', p_job_id),
    p_resource_id => p_job_id,
    p_dedupe_key => p_job_type || ':' || p_job_id
  );
end;
$$;
comment on function private.timetable_enqueue(text, uuid) is 'Enqueues a part of a processing job, once at a time.';

create function private.timetable_start_job(p_document timetable.documents)
returns timetable.processing_jobs
language plpgsql
volatile
security definer -- writes jobs and the queue
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs;
begin
  insert into timetable.processing_jobs (document_id, timetable_id, user_id, retry_count)
  select p_document.id, p_document.timetable_id, p_document.user_id, count(*)
  from timetable.processing_jobs as j where j.document_id = p_document.id
  returning * into v_job;
  perform private.timetable_enqueue('timetable.read', v_job.id);
  return v_job;
end;
$$;
comment on function private.timetable_start_job(timetable.documents) is 'Begins the reading of a document.';

create function private.timetable_for_document(p_document timetable.documents)
returns uuid
language plpgsql
volatile
security definer -- makes a timetable for its owner
set search_path = ''
as $$
declare
  v_timetable_id uuid := p_document.timetable_id;
begin
  if v_timetable_id is null then
    insert into timetable.timetables (user_id, name, time_zone, status)
    select p_document.user_id, coalesce(nullif(btrim(regexp_replace(p_document.file_name, '\.[A-Za-z0-9]{1,5}$', '')), ''), 'Timetable'),
      p.time_zone, 'draft'
    from core.profiles as p where p.id = p_document.user_id
    returning id into v_timetable_id;
    update timetable.documents as d set timetable_id = v_timetable_id where d.id = p_document.id;
    update timetable.processing_jobs as j set timetable_id = v_timetable_id where j.document_id = p_document.id;
  end if;
  return v_timetable_id;
end;
$$;
comment on function private.timetable_for_document(timetable.documents) is
  'The timetable that a document is read into; a new draft when it has none (any more).';

create function private.timetable_submission(p_document_id uuid)
returns jsonb
language sql
stable
security definer -- hands the owner his document and its newest job
set search_path = ''
as $$
  select jsonb_build_object('document', to_jsonb(d), 'job', (
    select to_jsonb(j) from timetable.processing_jobs as j where j.document_id = d.id order by j.retry_count desc limit 1
  ))
  from timetable.documents as d where d.id = p_document_id;
$$;

create function private.timetable_submit_document(p_path text, p_file_name text, p_timetable_id uuid, p_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- writes documents, jobs and the queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_document timetable.documents;
  -- Some browsers send the whole path.
  v_name text := private.clean_text(
    regexp_replace(private.clean_text(coalesce(p_file_name, ''), 'file_name', 1, 1000), '^.*[/\\]', ''), 'file_name', 1, 255
  );
  v_file_id uuid;
begin
  perform from core.profiles as p where p.id = v_user_id for key share;
  if not found then
    perform private.require_user(); -- the account went while we waited
  end if;
  select * into v_document from timetable.documents as d
  where d.bucket_id = 'timetables' and d.path = p_path and d.user_id = v_user_id;
  if found then
    return private.timetable_submission(v_document.id);
  end if;
  if p_timetable_id is not null then
    perform from timetable.timetables as t
    where t.id = p_timetable_id and t.user_id = v_user_id and t.status <> 'archived' for key share;
    if not found then
      raise sqlstate 'PT404' using
        message = 'timetable_not_found',
        detail = 'You have no timetable with this id that is not archived.',
        hint = 'Leave it out: a new draft is made.';
    end if;
  end if;
  perform private.rate_limit(
    'timetable.submit:' || v_user_id,
    private.setting_number('timetable.submit_burst'),
    (private.setting('timetable.submit_per_second') #>> '{}')::numeric
  );
  v_file_id := private.register_file(v_user_id, 'timetables', p_path, 'timetable_document');

  -- Two submissions of one path meet here: the second waits, and finds the document of the first.
  insert into timetable.documents (id, user_id, timetable_id, file_id, file_name, bucket_id, path)
  values (coalesce(p_id, gen_random_uuid()), v_user_id, p_timetable_id, v_file_id, v_name, 'timetables', p_path)
  on conflict do nothing
  returning * into v_document;
  if not found then
    select * into v_document from timetable.documents as d
    where d.bucket_id = 'timetables' and d.path = p_path and d.user_id = v_user_id;
    if not found then
      raise sqlstate 'PT409' using
        message = 'id_taken',
        detail = 'A document with this id exists.',
        hint = 'Send another id, or none.';
    end if;
    return private.timetable_submission(v_document.id);
  end if;
  v_document.timetable_id := private.timetable_for_document(v_document);
  perform private.timetable_start_job(v_document);
  return private.timetable_submission(v_document.id);
end;
$$;

create function timetable.submit_document(
  p_path text, p_file_name text, p_timetable_id uuid default null, p_id uuid default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.timetable_submit_document(p_path, p_file_name, p_timetable_id, p_id);
$$;
comment on function timetable.submit_document(text, text, uuid, uuid) is
  'Hands in a file that was uploaded to timetables/<your user id>/…; it is read into p_timetable_id, or into a new draft. Returns {document, job}; the same path again returns the same. Errors: account_inactive (403), timetable_not_found (404), id_taken (409), file_not_found, text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.timetable_lock_job(uuid), private.timetable_my_document(uuid, boolean), private.timetable_enqueue(text, uuid),
  private.timetable_start_job(timetable.documents), private.timetable_for_document(timetable.documents),
  private.timetable_submission(uuid), private.timetable_submit_document(text, text, uuid, uuid),
  timetable.submit_document(text, text, uuid, uuid)
  from public, anon, authenticated;
grant execute on function
  private.timetable_submit_document(text, text, uuid, uuid), timetable.submit_document(text, text, uuid, uuid)
  to authenticated;
