-- Sharing a file, and fetching one.

create function private.create_resource(
  p_path text, p_title text, p_description text, p_category text, p_topics text[], p_is_public boolean, p_id uuid
)
returns social.resources
language plpgsql
volatile
security definer -- takes the file in and writes the queue for its author
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_id uuid := coalesce(p_id, gen_random_uuid());
  v_resource social.resources;
  v_file_id uuid;
  v_file core.files;
  v_file_name text := private.plain_text(substring(left(p_path, 1024) from '[^/]+$'));
  v_type text := private.resource_file_type(v_file_name);
  v_name text;
  v_topic_id uuid;
begin
  -- The same call again, at the same time or later, finds what the first one made.
  perform pg_advisory_xact_lock(hashtextextended('social.resources:' || v_id, 0));
  if p_id is not null then
    select r.* into v_resource from social.resources as r where r.id = p_id and r.author_id = v_user_id;
    if found then
      if exists (select from core.files as f where f.id = v_resource.file_id and f.path = p_path) then
        return v_resource;
      end if;
    end if;
    if found or exists (select from social.contents as c where c.id = p_id) then
      raise sqlstate 'PT409' using
        message = 'id_taken', detail = 'This id belongs to something else.', hint = 'Make a new id for a new resource.';
    end if;
  end if;

  perform private.social_limit('upload', v_user_id);
  v_file_id := private.register_file(v_user_id, 'resources', p_path, 'resource');
  select * into v_file from core.files as f where f.id = v_file_id for update;
  if exists (select from social.resources as r where r.file_id = v_file.id) then
    raise sqlstate 'PT409' using
      message = 'file_already_shared', detail = 'This file is a resource already.', hint = 'Change that one, or upload the file again.';
  end if;
  if v_type is null or length(v_file_name) > 255
    or split_part(lower(v_file.mime_type), ';', 1) <> v_type
      and not (v_type like 'text/%' and lower(v_file.mime_type) like 'text/%')
  then
    raise sqlstate 'PT422' using
      message = 'file_type_not_allowed',
      detail = 'A resource is a pdf, docx, pptx, xlsx, txt, md, csv, png, jpg or webp, called so and sent as that type.',
      hint = 'Upload it again under a name with the right ending.';
  end if;
  if coalesce(v_file.size_bytes, 0) not between 1 and 52428800 then
    raise sqlstate 'PT422' using
      message = 'file_size_not_allowed', detail = 'A file has at least one byte and at most 50 MB.', hint = 'Upload another file.';
  end if;

  insert into social.resources (id, author_id, title, description, file_id, file_name, file_size, file_type, category, is_public)
  values (
    v_id, v_user_id, p_title, p_description, v_file.id, private.clean_text(v_file_name, 'file_name', 1, 255),
    v_file.size_bytes, v_type, p_category, coalesce(p_is_public, true)
  )
  returning * into v_resource;
  foreach v_name in array coalesce(p_topics, '{}') loop
    v_topic_id := private.topic_by_slug(v_name);
    if v_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic', detail = format('No topic is called %s.', left(coalesce(v_name, 'null'), 80)),
        hint = 'Take a slug from core.topics.';
    end if;
    insert into social.resource_topics (resource_id, topic_id) values (v_id, v_topic_id);
  end loop;
  perform ops.enqueue_job(
    'social.inspect_resource', jsonb_build_object('resource_id', v_id), v_id, 'social.inspect_resource:' || v_id
  );
  return v_resource;
end;
$$;
comment on function private.create_resource(text, text, text, text, text[], boolean, uuid) is 'See social.create_resource.';

create function private.download_resource(p_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- counts for the caller
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_resource social.resources;
  v_file core.files;
begin
  select r.* into v_resource from social.resources as r where r.id = p_id;
  -- Moderators look at what was hidden, too.
  if v_resource.hidden_at is null or not v_resource.is_public
    or not (private.has_role('moderator') or private.has_role('admin'))
  then
    perform private.social_require_content('resource', p_id, v_user_id);
  end if;
  select f.* into v_file from core.files as f where f.id = v_resource.file_id;
  if v_file.id is null or v_resource.deleted_at is not null then
    perform private.social_raise_removed();
  end if;
  -- One row a person and day: of two calls at once, the second waits for the first, and counts nothing.
  -- Whoever is suspended reads, and leaves no trace.
  if v_resource.author_id is distinct from v_user_id and private.is_active_user() and private.is_resource_shared(v_resource) then
    insert into social.resource_downloads (resource_id, user_id, downloaded_on)
    values (p_id, v_user_id, (now() at time zone 'utc')::date)
    on conflict do nothing;
    if found then
      perform private.social_count('resource', p_id, 'downloads_count', 1);
    end if;
  end if;
  return jsonb_build_object(
    'bucket', v_file.bucket_id, 'path', v_file.path, 'file_name', v_resource.file_name,
    'file_size', v_resource.file_size, 'file_type', v_resource.file_type, 'sha256', v_file.sha256
  );
end;
$$;
comment on function private.download_resource(uuid) is 'See social.download_resource.';

create function social.create_resource(
  p_path text, p_title text, p_description text default '', p_category text default null, p_topics text[] default '{}',
  p_is_public boolean default true, p_id uuid default null
)
returns social.resources
language sql
volatile
security invoker
set search_path = ''
as $$ select private.create_resource(p_path, p_title, p_description, p_category, p_topics, p_is_public, p_id); $$;
comment on function social.create_resource(text, text, text, text, text[], boolean, uuid) is
  'Shares a file that you uploaded into your folder of the bucket resources. It is checked first: status goes from checking to ready or rejected. With your own p_id, calling again makes nothing new. Errors: file_not_found, file_type_not_allowed, file_size_not_allowed, unknown_category, unknown_topic, too_many_topics (422), file_already_shared, id_taken (409), rate_limited (429).';

create function social.download_resource(p_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.download_resource(p_id); $$;
comment on function social.download_resource(uuid) is
  '{bucket, path, file_name, file_size, file_type, sha256} of a resource that you may see, for createSignedUrl. Counts once a person and day (UTC), not for the author. Errors: content_not_found (404), content_removed (409).';

revoke execute on function
  private.create_resource(text, text, text, text, text[], boolean, uuid), private.download_resource(uuid),
  social.create_resource(text, text, text, text, text[], boolean, uuid), social.download_resource(uuid)
  from public, anon, authenticated;
grant execute on function
  private.create_resource(text, text, text, text, text[], boolean, uuid), private.download_resource(uuid),
  social.create_resource(text, text, text, text, text[], boolean, uuid), social.download_resource(uuid)
  to authenticated;
