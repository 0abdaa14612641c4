-- What the worker calls to look into a new file. By service_role alone, under the lease of the job. What was being checked for
-- files.grace_hours is refused: nobody can say what it is. Files without use are taken away by core.

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('social.inspect_resource', 5, 180, 'Look into a shared file: is it what it says? Payload: resource_id.');
insert into core.tended_buckets (bucket_id, description) values
  ('resources', 'Shared files: of deleted or refused resources, or never shared.'),
  ('chat-files', 'Files in chats: of messages that were deleted or hidden, or never sent.');

create function private.check_resource_lease(p_resource_id uuid, p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  if not exists (
    select from ops.queue_items as j
    where j.id = p_job_id and j.job_type = 'social.inspect_resource' and j.resource_id = p_resource_id
  ) then
    perform private.raise_lease_lost(p_job_id); -- a lease on one file opens no other
  end if;
end;
$$;
comment on function private.check_resource_lease(uuid, uuid, bigint) is
  'Raises lease_lost (409) unless the worker holds the job that inspects this resource.';

create function private.begin_resource_inspection(p_resource_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker the file that its job is about
set search_path = ''
as $$
begin
  perform private.check_resource_lease(p_resource_id, p_job_id, p_lease_token);
  return coalesce(
    (
      select jsonb_build_object(
        'proceed', true, 'bucket', f.bucket_id, 'path', f.path, 'file_type', r.file_type, 'object_version', f.object_version
      )
      from social.resources as r
      join core.files as f on f.id = r.file_id
      where r.id = p_resource_id and r.status = 'checking' and r.deleted_at is null
    ),
    '{"proceed": false}'
  );
end;
$$;
comment on function private.begin_resource_inspection(uuid, uuid, bigint) is 'See social.begin_resource_inspection.';

create function private.record_resource_inspection(
  p_resource_id uuid, p_job_id uuid, p_lease_token bigint, p_object_version text, p_sha256 text, p_detected_mime text,
  p_size_bytes bigint, p_is_clean boolean, p_reason text
)
returns text
language plpgsql
volatile
security definer -- writes what nobody else may
set search_path = ''
as $$
declare
  v_resource social.resources;
  v_file core.files;
  v_is_clean boolean := coalesce(p_is_clean, false);
  v_reason text := left(coalesce(nullif(btrim(p_reason), ''), 'Not accepted.'), 500);
begin
  select r.* into v_resource from social.resources as r where r.id = p_resource_id for no key update;
  perform private.check_resource_lease(p_resource_id, p_job_id, p_lease_token);
  if v_resource.id is null or v_resource.status <> 'checking' or v_resource.deleted_at is not null then
    return v_resource.status;
  end if;
  select f.* into v_file from core.files as f where f.id = v_resource.file_id for update;
  -- What was looked at has to be what lies there now.
  if v_is_clean and (
    v_file.object_version is distinct from p_object_version
    or private.storage_version(v_file.bucket_id, v_file.path) is distinct from p_object_version
  ) then
    v_is_clean := false;
    v_reason := 'The file changed while it was looked at.';
  end if;
  if v_file.id is not null then
    perform private.record_file_inspection(v_file.id, p_sha256, p_detected_mime, v_is_clean, v_reason);
  end if;
  update social.resources as r
  set status = case when v_is_clean then 'ready' else 'rejected' end,
    rejected_reason = case when not v_is_clean then v_reason end,
    file_size = case when p_size_bytes between 1 and 52428800 then p_size_bytes else r.file_size end
  where r.id = p_resource_id;
  return case when v_is_clean then 'ready' else 'rejected' end;
end;
$$;
comment on function private.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text) is
  'See social.record_resource_inspection.';

revoke execute on function
  private.check_resource_lease(uuid, uuid, bigint),
  private.begin_resource_inspection(uuid, uuid, bigint),
  private.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text)
  from public, anon, authenticated;
grant execute on function
  private.begin_resource_inspection(uuid, uuid, bigint),
  private.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text)
  to service_role;
