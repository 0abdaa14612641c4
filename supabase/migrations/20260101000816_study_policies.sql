-- Who may see what of material. RLS decides; whoever writes more than a title goes through functions.
--
--   anon:      materials that are public, their passages, tags and topics
--   signed in: what is theirs, shared with them, or for everybody
--   moderator: also what was hidden
--   jobs:      their owner

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'groups', 'group_members', 'materials', 'material_shares', 'material_tags', 'material_topics', 'material_pages',
    'material_chunks', 'chunk_drafts', 'chunk_embeddings', 'material_processing_jobs'
  ] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on study.%I to service_role', v_table);
  end loop;
end;
$$;

grant select on
  study.groups, study.group_members, study.materials, study.material_shares, study.material_tags, study.material_topics,
  study.material_chunks, study.material_processing_jobs
  to authenticated;
grant select on study.materials, study.material_tags, study.material_topics, study.material_chunks to anon;
grant update (title, description, language, topic_id, visibility) on study.materials to authenticated;

create policy materials_select_reader on study.materials
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or (
      hidden_at is null
      and (visibility <> 'private' or id = any ((select private.my_shared_material_ids())::uuid[]))
      and user_id <> all ((select private.my_block_ids())::uuid[])
      and (select private.is_user())
    )
    or (hidden_at is not null and (select private.has_role('moderator')))
  );
create policy materials_select_anon on study.materials
  for select to anon
  using (visibility = 'public' and ready_revision is not null and hidden_at is null);
create policy materials_update_own on study.materials
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));

-- What hangs on a material is read by whoever reads it: its own policy is asked.
create policy material_chunks_select_reader on study.material_chunks
  for select to anon, authenticated
  using (exists (select from study.materials as m where m.id = material_chunks.material_id));
create policy material_tags_select_reader on study.material_tags
  for select to anon, authenticated
  using (exists (select from study.materials as m where m.id = material_tags.material_id));
create policy material_topics_select_reader on study.material_topics
  for select to anon, authenticated
  using (exists (select from study.materials as m where m.id = material_topics.material_id));

create policy material_shares_select_party on study.material_shares
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or group_id = any ((select private.my_group_ids())::uuid[])
    or exists (select from study.materials as m where m.id = material_shares.material_id and m.user_id = (select auth.uid()))
  );
create policy material_processing_jobs_select_own on study.material_processing_jobs
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy groups_select_member on study.groups
  for select to authenticated
  using (
    owner_id = (select auth.uid())
    or id = any ((select private.my_group_ids())::uuid[])
    or exists (select from study.group_members as g where g.group_id = groups.id and g.user_id = (select auth.uid()))
  );
create policy group_members_select_member on study.group_members
  for select to authenticated
  using (user_id = (select auth.uid()) or group_id = any ((select private.my_group_ids())::uuid[]));

-- Files: a private bucket, one folder a person. Whoever reads a material may download its file. There is no update.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values (
  'materials', 'materials', false, 52428800,
  array[
    'application/pdf', 'text/plain', 'text/markdown', 'text/html', 'image/png', 'image/jpeg',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation'
  ]
)
on conflict (id) do nothing;
insert into core.tended_buckets (bucket_id, description) values
  ('materials', 'Study material: of deleted materials and older versions, or never taken in.');

create policy materials_files_select_reader on storage.objects
  for select to authenticated
  using (
    bucket_id = 'materials'
    and (
      (storage.foldername(name))[1] = (select auth.uid())::text
      or exists (select from study.materials as m where m.bucket_id = 'materials' and m.path = objects.name)
    )
  );
create policy materials_files_insert_own on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'materials' and (storage.foldername(name))[1] = (select auth.uid())::text and (select private.is_active_user())
  );
create policy materials_files_delete_own on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'materials' and (storage.foldername(name))[1] = (select auth.uid())::text
    -- What is a material goes with it.
    and not exists (select from study.materials as m where m.bucket_id = 'materials' and m.path = objects.name)
  );
