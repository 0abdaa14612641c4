-- Which files nobody uses any more, the task that has them removed, and the RPCs of the worker.

create function private.unused_resource_files()
returns table (path text)
language plpgsql
stable
security definer -- reads the files of everybody, for the worker
set search_path = ''
as $$
declare
  v_before timestamptz := now() - make_interval(hours => (private.setting('social.file_grace_hours') #>> '{}')::integer);
begin
  return query
    -- Of deleted resources, of people who are gone, and refused.
    select f.path from core.files as f
    where f.bucket_id = 'resources' and (f.owner_id is null or f.status = 'rejected') and f.updated_at < v_before
    union all
    -- Uploaded, and never shared.
    select o.name from storage.objects as o
    where o.bucket_id = 'resources' and o.created_at < v_before
      and not exists (select from core.files as f where f.bucket_id = 'resources' and f.path = o.name);
end;
$$;
comment on function private.unused_resource_files() is
  'Files of the bucket resources that have been without use for social.file_grace_hours.';

create function private.tend_resources()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_before timestamptz := now() - make_interval(hours => (private.setting('social.file_grace_hours') #>> '{}')::integer);
  v_given_up integer;
  v_job_id uuid;
begin
  update social.resources as r
  set status = 'rejected', rejected_reason = 'The file could not be checked.'
  where r.status = 'checking' and r.created_at < v_before;
  get diagnostics v_given_up = row_count;
  if exists (select from private.unused_resource_files()) then
    v_job_id := ops.enqueue_job('social.remove_files', p_dedupe_key => 'social.remove_files');
  end if;
  return jsonb_build_object('given_up', v_given_up, 'job_id', v_job_id);
end;
$$;
comment on function private.tend_resources() is
  'Gives up on files that could not be checked for a day, and has files without use removed. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('social_tend_resources', 'private.tend_resources', '1 hour',
   'Files that could not be checked are refused; files that nobody uses are removed.');

create function social.begin_resource_inspection(p_resource_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.begin_resource_inspection(p_resource_id, p_job_id, p_lease_token); $$;
comment on function social.begin_resource_inspection(uuid, uuid, bigint) is
  'Workers: {proceed, bucket, path, file_type, object_version} of a file to look into; proceed is false when there is nothing to do. lease_lost (409).';

create function social.record_resource_inspection(
  p_resource_id uuid, p_job_id uuid, p_lease_token bigint, p_object_version text, p_sha256 text, p_detected_mime text,
  p_size_bytes bigint, p_is_clean boolean, p_reason text default null
)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.record_resource_inspection(
    p_resource_id, p_job_id, p_lease_token, p_object_version, p_sha256, p_detected_mime, p_size_bytes, p_is_clean, p_reason
  );
$$;
comment on function social.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text) is
  'Workers: what was found in a file; the resource becomes ready or rejected, once. Returns its status. lease_lost (409).';

create function social.begin_file_removal(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.begin_file_removal(p_job_id, p_lease_token); $$;
comment on function social.begin_file_removal(uuid, bigint) is
  'Workers: paths in the bucket resources to remove through the Storage API, a hundred at most. lease_lost (409).';

create function social.finish_file_removal(p_job_id uuid, p_lease_token bigint, p_paths text[])
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.finish_file_removal(p_job_id, p_lease_token, p_paths); $$;
comment on function social.finish_file_removal(uuid, bigint, text[]) is
  'Workers: these files are gone; forgets those of which that is true, and returns how many. lease_lost (409).';

revoke execute on function
  private.unused_resource_files(), private.tend_resources(),
  social.begin_resource_inspection(uuid, uuid, bigint),
  social.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text),
  social.begin_file_removal(uuid, bigint), social.finish_file_removal(uuid, bigint, text[])
  from public, anon, authenticated;
grant execute on function
  social.begin_resource_inspection(uuid, uuid, bigint),
  social.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text),
  social.begin_file_removal(uuid, bigint), social.finish_file_removal(uuid, bigint, text[])
  to service_role;
