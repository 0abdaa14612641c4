-- What the worker calls: looking into a new file, and taking away files that nobody uses. By service_role alone, under the
-- lease of the job.
--
-- A file without use stays for a while (social.file_grace_hours): of a deleted or refused resource, or uploaded and never
-- shared. Then it goes. What was being checked for all that time is refused: nobody can say what it is.

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('social.inspect_resource', 5, 180, 'Look into a shared file: is it what it says? Payload: resource_id.'),
  ('social.remove_files', 5, 180, 'Remove files of the bucket resources that nobody uses any more.');
insert into core.settings (key, value, description) values
  ('social.file_grace_hours', '24', 'How long a file of a deleted or refused resource, or one never shared, stays before it is removed.');

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
    where j.id = p_job_id and j.job_type = case when p_resource_id is null then 'social.remove_files' else 'social.inspect_resource' end
      and j.resource_id is not distinct from p_resource_id
  ) then
    perform private.raise_lease_lost(p_job_id); -- a lease on one file opens no other
  end if;
end;
$$;
comment on function private.check_resource_lease(uuid, uuid, bigint) is
  'Raises lease_lost (409) unless the worker holds the job that inspects this resource; without one, the job that removes files.';

create function private.storage_version(p_bucket text, p_path text)
returns text
language sql
stable
security definer -- reads storage.objects of everybody, for workers
set search_path = ''
as $$
  select concat_ws(' ', o.id, o.version, extract(epoch from o.updated_at))
  from storage.objects as o where o.bucket_id = p_bucket and o.name = p_path;
$$;
comment on function private.storage_version(text, text) is 'Which upload lies at a path now, as core.files.object_version has it; null when none does.';

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

create function private.begin_file_removal(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- reads the files of everybody
set search_path = ''
as $$
begin
  perform private.check_resource_lease(null, p_job_id, p_lease_token);
  -- A file that is gone, or in whose place another was uploaded, leaves its row only.
  delete from core.files as f
  where f.bucket_id = 'resources' and f.owner_id is null
    and private.storage_version(f.bucket_id, f.path) is distinct from f.object_version;
  return coalesce(
    (
      select jsonb_agg(u.path)
      from (select u.path from private.unused_resource_files() as u order by u.path limit 100) as u
    ),
    '[]'
  );
end;
$$;
comment on function private.begin_file_removal(uuid, bigint) is 'See social.begin_file_removal.';

create function private.finish_file_removal(p_job_id uuid, p_lease_token bigint, p_paths text[])
returns integer
language plpgsql
volatile
security definer -- removes rows of everybody
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.check_resource_lease(null, p_job_id, p_lease_token);
  delete from core.files as f
  where f.bucket_id = 'resources' and f.path = any (p_paths)
    and (f.owner_id is null or f.status = 'rejected')
    and not exists (select from storage.objects as o where o.bucket_id = f.bucket_id and o.name = f.path);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.finish_file_removal(uuid, bigint, text[]) is 'See social.finish_file_removal.';

revoke execute on function
  private.check_resource_lease(uuid, uuid, bigint), private.storage_version(text, text),
  private.begin_resource_inspection(uuid, uuid, bigint),
  private.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text),
  private.begin_file_removal(uuid, bigint), private.finish_file_removal(uuid, bigint, text[])
  from public, anon, authenticated;
grant execute on function
  private.begin_resource_inspection(uuid, uuid, bigint),
  private.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text),
  private.begin_file_removal(uuid, bigint), private.finish_file_removal(uuid, bigint, text[])
  to service_role;
