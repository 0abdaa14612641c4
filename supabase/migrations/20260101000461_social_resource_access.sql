-- Who sees which resource, and who reads which file of the bucket.
--
-- anon and people see public resources that are ready; people not those of anybody on the other side of a block. The
-- author sees his own whatever its state; moderators also what was removed, but nothing private. The author changes title,
-- description, category, topics and whether it is public; everything else has an RPC.

alter table social.resources enable row level security;
alter table social.resource_topics enable row level security;
alter table social.resource_downloads enable row level security;
alter table social.profile_stats enable row level security;
revoke all on social.resources, social.resource_topics, social.resource_downloads, social.profile_stats
  from public, anon, authenticated;
grant select on social.resources, social.resource_topics to anon, authenticated;
grant select on social.resource_downloads, social.profile_stats to authenticated;
grant update (title, description, category, is_public) on social.resources to authenticated;
grant insert (resource_id, topic_id), delete on social.resource_topics to authenticated;
grant select, insert, update, delete on
  social.resources, social.resource_topics, social.resource_downloads, social.profile_stats
  to service_role;

create policy resources_select_anon on social.resources
  for select to anon
  using (is_public and status = 'ready' and deleted_at is null and hidden_at is null);
create policy resources_select_person on social.resources
  for select to authenticated
  using (
    author_id = (select auth.uid())
    or is_public and status = 'ready' and deleted_at is null and hidden_at is null
      and (author_id is null or author_id <> all ((select private.my_block_ids())::uuid[]))
    or is_public and ((select private.has_role('moderator')) or (select private.has_role('admin')))
  );
create policy resources_update_author on social.resources
  for update to authenticated
  using (
    author_id = (select auth.uid()) and deleted_at is null and hidden_at is null and (select private.is_active_user())
  )
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));

-- Topics are seen with their resource: the policies of resources decide.
create policy resource_topics_select_anon on social.resource_topics
  for select to anon
  using (exists (select from social.resources as r where r.id = resource_id));
create policy resource_topics_select_person on social.resource_topics
  for select to authenticated
  using (exists (select from social.resources as r where r.id = resource_id));
create policy resource_topics_insert_author on social.resource_topics
  for insert to authenticated
  with check (
    (select private.is_active_user())
    and exists (
      select from social.resources as r
      where r.id = resource_id and r.author_id = (select auth.uid()) and r.deleted_at is null and r.hidden_at is null
    )
  );
create policy resource_topics_delete_author on social.resource_topics
  for delete to authenticated
  using (
    (select private.is_active_user())
    and exists (
      select from social.resources as r
      where r.id = resource_id and r.author_id = (select auth.uid()) and r.deleted_at is null and r.hidden_at is null
    )
  );

create policy resource_downloads_select_own on social.resource_downloads
  for select to authenticated
  using (user_id = (select auth.uid()));

-- The numbers of profile pages.
create policy profile_stats_select_person on social.profile_stats
  for select to authenticated
  using (true);

-- The bucket. Nobody overwrites, moves or takes away what is shared: a file that was looked at stays as it is.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('resources', 'resources', false, 52428800, array[
  'application/pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'text/plain', 'text/markdown', 'text/csv', 'image/png', 'image/jpeg', 'image/webp'
])
on conflict (id) do nothing;

create function private.is_resource_file(p_path text)
returns boolean
language plpgsql
stable
security definer -- knows every file; answers about one path of the caller's own folder
set search_path = ''
as $$
begin
  return exists (select from core.files as f where f.bucket_id = 'resources' and f.path = p_path);
end;
$$;
comment on function private.is_resource_file(text) is 'True when a path of the bucket resources belongs, or belonged, to a resource.';

create function private.may_read_resource_file(p_path text)
returns boolean
language plpgsql
stable
security definer -- who may see a resource may read its file, whose row in core.files he does not see
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_file_id uuid;
  v_resource social.resources;
begin
  select f.id into v_file_id from core.files as f where f.bucket_id = 'resources' and f.path = p_path;
  if not found then
    return split_part(p_path, '/', 1) = v_user_id::text; -- uploaded, and not shared yet
  end if;
  select * into v_resource from social.resources as r where r.file_id = v_file_id and r.deleted_at is null;
  -- Whoever could still read what was taken away could go on handing out signed URLs.
  return found and (
    v_resource.author_id = v_user_id and v_resource.status <> 'rejected' and v_resource.hidden_at is null
    or private.is_resource_shared(v_resource)
      and (v_resource.author_id is null or v_resource.author_id <> all (private.my_block_ids()))
    or v_resource.is_public and (private.has_role('moderator') or private.has_role('admin'))
  ) is true;
end;
$$;
comment on function private.may_read_resource_file(text) is
  'True when the caller may read this file of the bucket resources: his own, unless it was refused or hidden; that of a shared resource that he may see; for moderators also of public ones that are hidden or refused. What was deleted, nobody reads.';

create policy resources_insert_own on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'resources' and (storage.foldername(name))[1] = (select auth.uid())::text and (select private.is_active_user())
  );
create policy resources_select_reader on storage.objects
  for select to authenticated
  using (bucket_id = 'resources' and private.may_read_resource_file(name));
create policy resources_delete_own_unused on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'resources' and (storage.foldername(name))[1] = (select auth.uid())::text
    and not private.is_resource_file(name)
  );

revoke execute on function private.is_resource_file(text), private.may_read_resource_file(text) from public, anon, authenticated;
grant execute on function private.is_resource_file(text), private.may_read_resource_file(text) to authenticated;
