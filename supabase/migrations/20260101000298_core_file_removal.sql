-- Taking away files that nobody uses any more: of deleted things, of people who are gone, refused, or uploaded and never
-- used. They stay for a while (files.grace_hours); then a job removes their bytes through the Storage API.
--
-- A bucket is tended when its module registers it here. Its files have a row in core.files as soon as something uses them;
-- whoever gives a file up takes its owner away (owner_id null), or its row.

create table core.tended_buckets (
  bucket_id text primary key,
  description text not null default ''
);
comment on table core.tended_buckets is
  'Buckets whose unused files are removed: those without a row in core.files, without an owner there, or rejected.';
alter table core.tended_buckets enable row level security;
revoke all on core.tended_buckets from public, anon, authenticated;
grant select on core.tended_buckets to service_role;

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('core.remove_files', 5, 180, 'Remove files that nobody uses any more, of the buckets in core.tended_buckets.');
insert into core.settings (key, value, description) values
  ('files.grace_hours', '24', 'How long a file without use stays before it is removed.');

create function private.unused_files()
returns table (bucket_id text, path text)
language plpgsql
stable
security definer -- reads the files of everybody, for the worker
set search_path = ''
as $$
declare
  v_before timestamptz := now() - make_interval(hours => private.setting_number('files.grace_hours'));
begin
  return query
    -- Of deleted things, of people who are gone, and refused.
    select f.bucket_id, f.path from core.files as f
    join core.tended_buckets as b on b.bucket_id = f.bucket_id
    where (f.owner_id is null or f.status = 'rejected') and f.updated_at < v_before
    union all
    -- Uploaded, and never used.
    select o.bucket_id, o.name from storage.objects as o
    join core.tended_buckets as b on b.bucket_id = o.bucket_id
    where o.created_at < v_before
      and not exists (select from core.files as f where f.bucket_id = o.bucket_id and f.path = o.name);
end;
$$;
comment on function private.unused_files() is 'Files of tended buckets that have been without use for files.grace_hours.';

create function private.tend_files()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_job_id uuid;
begin
  if exists (select from private.unused_files()) then
    v_job_id := ops.enqueue_job('core.remove_files', p_dedupe_key => 'core.remove_files');
  end if;
  return jsonb_build_object('job_id', v_job_id);
end;
$$;
comment on function private.tend_files() is 'Has files without use removed. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('core_tend_files', 'private.tend_files', '1 hour', 'Files that nobody uses are removed.');

create function private.check_removal_lease(p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  if not exists (select from ops.queue_items as j where j.id = p_job_id and j.job_type = 'core.remove_files') then
    perform private.raise_lease_lost(p_job_id); -- a lease on something else removes nothing
  end if;
end;
$$;
comment on function private.check_removal_lease(uuid, bigint) is 'lease_lost (409) unless the worker holds a job that removes files.';

create function private.begin_file_removal(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- reads the files of everybody
set search_path = ''
as $$
begin
  perform private.check_removal_lease(p_job_id, p_lease_token);
  -- A file that is gone, or in whose place another was uploaded, leaves its row only.
  delete from core.files as f
  using core.tended_buckets as b
  where b.bucket_id = f.bucket_id and f.owner_id is null
    and private.storage_version(f.bucket_id, f.path) is distinct from f.object_version;
  return coalesce(
    (
      select jsonb_agg(jsonb_build_object('bucket', u.bucket_id, 'path', u.path))
      from (select * from private.unused_files() as u order by u.bucket_id, u.path limit 100) as u
    ),
    '[]'
  );
end;
$$;
comment on function private.begin_file_removal(uuid, bigint) is 'See core.begin_file_removal.';

create function private.finish_file_removal(p_job_id uuid, p_lease_token bigint, p_bucket text, p_paths text[])
returns integer
language plpgsql
volatile
security definer -- removes rows of everybody
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.check_removal_lease(p_job_id, p_lease_token);
  delete from core.files as f
  using core.tended_buckets as b
  where b.bucket_id = f.bucket_id and f.bucket_id = p_bucket and f.path = any (p_paths)
    and (f.owner_id is null or f.status = 'rejected')
    and not exists (select from storage.objects as o where o.bucket_id = f.bucket_id and o.name = f.path);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.finish_file_removal(uuid, bigint, text, text[]) is 'See core.finish_file_removal.';

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

create function core.begin_file_removal(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.begin_file_removal(p_job_id, p_lease_token); $$;
comment on function core.begin_file_removal(uuid, bigint) is
  'Workers: files to remove through the Storage API, [{bucket, path}], a hundred at most. lease_lost (409).';

create function core.finish_file_removal(p_job_id uuid, p_lease_token bigint, p_bucket text, p_paths text[])
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.finish_file_removal(p_job_id, p_lease_token, p_bucket, p_paths); $$;
comment on function core.finish_file_removal(uuid, bigint, text, text[]) is
  'Workers: these files of a bucket are gone; forgets those of which that is true, and returns how many. lease_lost (409).';

revoke execute on function
  private.unused_files(), private.tend_files(), private.check_removal_lease(uuid, bigint), private.storage_version(text, text),
  private.begin_file_removal(uuid, bigint), private.finish_file_removal(uuid, bigint, text, text[]),
  core.begin_file_removal(uuid, bigint), core.finish_file_removal(uuid, bigint, text, text[])
  from public, anon, authenticated;
grant execute on function
  private.begin_file_removal(uuid, bigint), private.finish_file_removal(uuid, bigint, text, text[]),
  core.begin_file_removal(uuid, bigint), core.finish_file_removal(uuid, bigint, text, text[])
  to service_role;
