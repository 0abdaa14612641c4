-- What is done about files that nobody could look into, and the RPCs of the worker.

create function private.tend_resources()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_before timestamptz := now() - make_interval(hours => private.setting_number('files.grace_hours'));
  v_given_up integer;
begin
  update social.resources as r
  set status = 'rejected', rejected_reason = 'The file could not be checked.'
  where r.status = 'checking' and r.created_at < v_before;
  get diagnostics v_given_up = row_count;
  return jsonb_build_object('given_up', v_given_up);
end;
$$;
comment on function private.tend_resources() is
  'Gives up on files that could not be checked for files.grace_hours. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('social_tend_resources', 'private.tend_resources', '1 hour',
   'Files that could not be checked are refused.');

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

revoke execute on function
  private.tend_resources(),
  social.begin_resource_inspection(uuid, uuid, bigint),
  social.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text)
  from public, anon, authenticated;
grant execute on function
  social.begin_resource_inspection(uuid, uuid, bigint),
  social.record_resource_inspection(uuid, uuid, bigint, text, text, text, bigint, boolean, text)
  to service_role;
