-- Files: what has been uploaded, by whom, and whether it was found clean.
--
-- The bytes are in Storage; here is what the platform knows of them. A client's word about type and size counts for
-- nothing: a worker reads the file and records what it is.

create table core.files (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid references core.profiles (id) on delete set null,
  bucket_id text not null,
  path text not null,
  purpose text not null,
  object_version text not null default '',
  sha256 text,
  size_bytes bigint,
  mime_type text,
  detected_mime text,
  status text not null default 'pending',
  rejected_reason text,
  inspected_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (bucket_id, path),
  constraint files_status_check check (status in ('pending', 'clean', 'rejected')),
  constraint files_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint files_size_bytes_check check (size_bytes >= 0),
  constraint files_purpose_check check (purpose ~ '^[a-z][a-z_]{1,39}$'),
  constraint files_inspected_check check ((status = 'pending') = (inspected_at is null)),
  constraint files_rejected_reason_check check ((status = 'rejected') = (rejected_reason is not null))
);
comment on table core.files is 'Uploaded files. Without an owner: the person is gone and the file waits for removal.';
comment on column core.files.mime_type is 'As the uploader declared it. Trust detected_mime.';
comment on column core.files.object_version is 'Which upload to this path was inspected: a later one has to be inspected again.';
create index files_owner_id_created_at_idx on core.files (owner_id, created_at desc);
create index files_sha256_idx on core.files (sha256) where sha256 is not null;
create index files_orphaned_idx on core.files (created_at) where owner_id is null;

create trigger _900_touch_updated_at
  before update on core.files
  for each row execute function private.tg__touch_updated_at();

alter table core.files enable row level security;
revoke all on core.files from anon, authenticated;
grant select on core.files to authenticated;
grant select, insert, update, delete on core.files to service_role;

create policy files_select_own_or_admin on core.files
  for select to authenticated
  using (owner_id = (select auth.uid()) or (select private.has_role('admin')));

create function private.register_file(p_owner uuid, p_bucket text, p_path text, p_purpose text)
returns uuid
language plpgsql
volatile
security definer -- reads storage.objects of everybody; called by modules, never by clients
set search_path = ''
as $$
declare
  v_object record;
  v_version text;
  v_file core.files;
begin
  select o.*, coalesce(o.owner_id, o.owner::text) as owner_key into v_object
  from storage.objects as o
  where o.bucket_id = p_bucket and o.name = p_path;
  -- One answer for "not there" and "not yours": the path of another person tells nothing.
  if not found or v_object.owner_key is distinct from p_owner::text then
    raise sqlstate 'PT422' using
      message = 'file_not_found',
      detail = 'There is no such file of yours.',
      hint = 'Upload it first, into your own folder, and send its path.';
  end if;
  v_version := concat_ws(' ', v_object.id, v_object.version, extract(epoch from v_object.updated_at));

  insert into core.files as f (owner_id, bucket_id, path, purpose, object_version, size_bytes, mime_type)
  values (
    p_owner, p_bucket, p_path, p_purpose, v_version,
    case when v_object.metadata ->> 'size' ~ '^[0-9]{1,15}$' then (v_object.metadata ->> 'size')::bigint end,
    left(v_object.metadata ->> 'mimetype', 255)
  )
  -- The path was used before: another upload, or another owner, starts again at pending.
  on conflict (bucket_id, path) do update set
    owner_id = excluded.owner_id, purpose = excluded.purpose, object_version = excluded.object_version,
    size_bytes = excluded.size_bytes, mime_type = excluded.mime_type, status = 'pending', sha256 = null,
    detected_mime = null, rejected_reason = null, inspected_at = null
    where f.object_version <> excluded.object_version or f.owner_id is distinct from excluded.owner_id
  returning * into v_file;
  if v_file.id is null then
    select * into v_file from core.files as f where f.bucket_id = p_bucket and f.path = p_path;
  end if;
  return v_file.id;
end;
$$;
comment on function private.register_file(uuid, text, text, text) is
  'Takes an uploaded object into core.files, once per upload; file_not_found (422) unless it is there and belongs to the owner.';

create function private.record_file_inspection(
  p_file_id uuid, p_sha256 text, p_detected_mime text, p_is_clean boolean, p_reason text
)
returns core.files
language plpgsql
volatile
security definer -- executable by service_role only: that grant is the check of its caller
set search_path = ''
as $$
declare
  v_file core.files;
begin
  update core.files as f
  set sha256 = lower(p_sha256), detected_mime = p_detected_mime, inspected_at = now(),
    status = case when coalesce(p_is_clean, false) then 'clean' else 'rejected' end,
    rejected_reason = case when not coalesce(p_is_clean, false) then coalesce(nullif(btrim(p_reason), ''), 'Not accepted.') end
  where f.id = p_file_id
  returning * into v_file;
  if not found then
    raise sqlstate 'PT404' using message = 'file_not_found', detail = 'There is no such file.', hint = 'Check the id.';
  end if;
  return v_file;
end;
$$;
comment on function private.record_file_inspection(uuid, text, text, boolean, text) is 'Records what a worker found in a file.';

create function core.record_file_inspection(
  p_file_id uuid, p_sha256 text, p_detected_mime text, p_is_clean boolean, p_reason text default null
)
returns core.files
language sql
volatile
security invoker
set search_path = ''
as $$ select private.record_file_inspection(p_file_id, p_sha256, p_detected_mime, p_is_clean, p_reason); $$;
comment on function core.record_file_inspection(uuid, text, text, boolean, text) is
  'Workers: records hash, real type and verdict of a file. Idempotent.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.register_file(uuid, text, text, text), private.record_file_inspection(uuid, text, text, boolean, text),
  core.record_file_inspection(uuid, text, text, boolean, text)
  from anon, authenticated;
grant execute on function
  private.register_file(uuid, text, text, text), private.record_file_inspection(uuid, text, text, boolean, text),
  core.record_file_inspection(uuid, text, text, boolean, text)
  to service_role;

-- Pictures of people: a public bucket, one folder a person. A public bucket serves its files by URL without asking the
-- policies; these say who lists and who writes.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('avatars', 'avatars', true, 2097152, array['image/png', 'image/jpeg', 'image/webp'])
on conflict (id) do nothing;

create policy avatars_select_own on storage.objects
  for select to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy avatars_insert_own on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text and (select private.is_active_user())
  );
create policy avatars_update_own on storage.objects
  for update to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text)
  with check (
    bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text and (select private.is_active_user())
  );
create policy avatars_delete_own on storage.objects
  for delete to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
