-- Handing in a file, a new version of it, trying again, and taking it away. What a client says about type and content counts
-- for nothing beyond the name: the worker looks at the bytes.

insert into ops.job_types (job_type, queue, priority, max_attempts, lease_seconds, description) values
  ('study.ingest', 'default', 6, 8, 300, 'Take a material in: parse, cut, embed, as far as the time of one run goes; then it enqueues itself again. Payload: material_id, revision.');

create function private.study_my_material(p_material_id uuid)
returns study.materials
language plpgsql
volatile
security definer -- locks a row that its owner may update only in part
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_material study.materials;
begin
  select * into v_material from study.materials as m where m.id = p_material_id and m.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'material_not_found', detail = 'You have no material with this id.', hint = 'List yours: materials.';
  end if;
  return v_material;
end;
$$;
comment on function private.study_my_material(uuid) is 'A material of the caller, locked; material_not_found (404).';

create function private.study_file_type(p_file_name text, p_mime text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_file_name ~* '\.pdf$' then 'pdf'
    when p_file_name ~* '\.docx$' then 'docx'
    when p_file_name ~* '\.pptx$' then 'pptx'
    when p_file_name ~* '\.(md|markdown)$' then 'markdown'
    when p_file_name ~* '\.html?$' then 'html'
    when p_file_name ~* '\.txt$' then 'text'
    when p_file_name ~* '\.(png|jpe?g)$' then 'image'
    when p_mime = 'application/pdf' then 'pdf'
    when p_mime = 'text/markdown' then 'markdown'
    when p_mime = 'text/html' then 'html'
    when p_mime like 'text/%' then 'text'
    when p_mime in ('image/png', 'image/jpeg') then 'image'
    when p_mime like '%wordprocessingml.document' then 'docx'
    when p_mime like '%presentationml.presentation' then 'pptx'
  end;
$$;
comment on function private.study_file_type(text, text) is
  'What a file is called to be, by its name, else by the declared type; null for nothing that is taken in.';

create function private.study_start_ingest(p_material_id uuid, p_revision integer)
returns uuid
language plpgsql
volatile
security definer -- writes jobs and the queue
set search_path = ''
as $$
declare
  v_job_id uuid;
  v_item_id uuid;
begin
  update study.material_processing_jobs as j
  set status = 'cancelled', completed_at = now()
  where j.material_id = p_material_id and j.job_type = 'ingest' and j.status in ('pending', 'running');
  insert into study.material_processing_jobs (material_id, user_id, job_type, revision)
  select m.id, m.user_id, 'ingest', p_revision from study.materials as m where m.id = p_material_id
  returning id into v_job_id;
  v_item_id := ops.enqueue_job(
    'study.ingest', jsonb_build_object('material_id', p_material_id, 'revision', p_revision), p_material_id,
    format('study.ingest:%s:%s', p_material_id, p_revision)
  );
  update study.material_processing_jobs as j set queue_item_id = v_item_id where j.id = v_job_id;
  return v_job_id;
end;
$$;
comment on function private.study_start_ingest(uuid, integer) is 'Begins to take a version of a material in; what was going on for an older one is given up.';

create function private.study_create_material(
  p_path text, p_title text, p_file_name text, p_topic text, p_visibility text, p_language text
)
returns study.materials
language plpgsql
volatile
security definer -- writes materials, jobs and the queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_name text := private.clean_text(regexp_replace(coalesce(nullif(p_file_name, ''), p_path, ''), '^.*[/\\]', ''), 'file_name', 1, 255);
  v_topic_id uuid := case when p_topic is not null then private.topic_by_slug(p_topic) end;
  v_type text;
  v_file core.files;
  v_material study.materials;
begin
  perform from core.profiles as p where p.id = v_user_id for no key update;
  select * into v_material from study.materials as m where m.bucket_id = 'materials' and m.path = p_path and m.user_id = v_user_id;
  if found then
    return v_material; -- again, and nothing happens twice
  end if;
  if p_topic is not null and v_topic_id is null then
    raise sqlstate 'PT422' using
      message = 'unknown_topic', detail = 'There is no such topic.', hint = 'Use the slug of a row in core.topics.';
  end if;
  if coalesce(p_visibility, '') not in ('private', 'authenticated', 'public') then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid', detail = 'A material is private, authenticated or public.', hint = 'Send one of them.';
  end if;
  if (select count(*) from study.materials as m where m.user_id = v_user_id) >= private.setting_number('study.max_materials') then
    raise sqlstate 'PT409' using
      message = 'material_limit_reached', detail = 'You have as many materials as one may have.', hint = 'Delete one first.';
  end if;
  perform private.limit_action('study.limits', 'upload', v_user_id::text);
  v_file.id := private.register_file(v_user_id, 'materials', p_path, 'material');
  select * into v_file from core.files as f where f.id = v_file.id;
  v_type := private.study_file_type(v_name, v_file.mime_type);
  if v_type is null then
    raise sqlstate 'PT422' using
      message = 'material_type_unknown', detail = 'Files of this kind are not taken in.',
      hint = 'PDF, DOCX, PPTX, Markdown, HTML, plain text, PNG and JPEG are.';
  end if;
  if coalesce(v_file.size_bytes, 0) = 0 then
    raise sqlstate 'PT422' using message = 'material_empty', detail = 'The file is empty.', hint = 'Upload it again.';
  end if;
  insert into study.materials (
    user_id, title, file_name, file_type, file_size, bucket_id, path, file_id, topic_id, visibility, language
  ) values (
    v_user_id, coalesce(nullif(btrim(p_title), ''), nullif(regexp_replace(v_name, '\.[A-Za-z0-9]{1,8}$', ''), ''), 'Material'),
    v_name, v_type, v_file.size_bytes, 'materials', p_path, v_file.id, v_topic_id, p_visibility, coalesce(p_language, 'simple')
  )
  returning * into v_material;
  perform private.study_start_ingest(v_material.id, v_material.revision);
  return v_material;
end;
$$;
comment on function private.study_create_material(text, text, text, text, text, text) is 'See study.create_material.';

create function private.study_restart_material(p_material_id uuid, p_path text)
returns study.materials
language plpgsql
volatile
security definer -- writes materials, jobs and the queue for their owner
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_material study.materials;
  v_file core.files;
begin
  -- As create_material does: of two requests with one path the second sees what the first made of it.
  perform from core.profiles as p where p.id = v_user_id for no key update;
  v_material := private.study_my_material(p_material_id);
  perform private.limit_action('study.limits', 'upload', v_material.user_id::text);
  if p_path is not null and p_path <> v_material.path then
    v_file.id := private.register_file(v_material.user_id, 'materials', p_path, 'material');
    select * into v_file from core.files as f where f.id = v_file.id;
    if private.study_file_type(p_path, v_file.mime_type) is distinct from v_material.file_type then
      raise sqlstate 'PT422' using
        message = 'material_type_mismatch', detail = format('This material is %s, and so is each version of it.', v_material.file_type),
        hint = 'Hand the file in as a material of its own.';
    end if;
    if coalesce(v_file.size_bytes, 0) = 0 then
      raise sqlstate 'PT422' using message = 'material_empty', detail = 'The file is empty.', hint = 'Upload it again.';
    end if;
    if exists (select from study.materials as m where m.bucket_id = 'materials' and m.path = p_path) then
      raise sqlstate 'PT409' using
        message = 'material_file_in_use', detail = 'Another material of yours has this file.', hint = 'Upload it once more, to a path of its own.';
    end if;
  elsif v_material.processing_status <> 'failed' then
    return v_material; -- nothing to try again
  end if;
  update study.materials as m
  set processing_status = 'pending', processing_error = null, progress = 0, revision = m.revision + 1,
    path = coalesce(v_file.path, m.path), file_id = coalesce(v_file.id, m.file_id), file_size = coalesce(v_file.size_bytes, m.file_size)
  where m.id = p_material_id
  returning * into v_material;
  perform private.study_start_ingest(v_material.id, v_material.revision);
  return v_material;
end;
$$;
comment on function private.study_restart_material(uuid, text) is
  'Begins a version of a material anew: another file, or the same that failed.';

create function private.study_delete_material(p_material_id uuid)
returns boolean
language plpgsql
volatile
security definer -- materials have no delete grant: what was made of them is told apart first
set search_path = ''
as $$
declare
  v_material study.materials := private.study_my_material(p_material_id);
begin
  perform ops.cancel_jobs_for(v_material.id);
  delete from study.materials as m where m.id = v_material.id;
  return true;
end;
$$;
comment on function private.study_delete_material(uuid) is 'See study.delete_material.';

create function study.create_material(
  p_path text, p_title text default null, p_file_name text default null, p_topic text default null,
  p_visibility text default 'private', p_language text default null
)
returns study.materials
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_material(p_path, p_title, p_file_name, p_topic, p_visibility, p_language); $$;
comment on function study.create_material(text, text, text, text, text, text) is
  'Takes in a file that you uploaded to materials/<your id>/…: parse, cut, embed, as jobs, with material_progress on user:<id>. p_topic: a slug; p_language: english, german, …, else it is guessed. Again with the same path: the same row. Errors: file_not_found, material_type_unknown, material_empty, unknown_topic, visibility_invalid, text_too_long, markup_not_allowed (422), material_limit_reached (409), rate_limited (429). What is wrong inside the file ends in processing_status failed with processing_error.';

create function study.replace_material_file(p_material_id uuid, p_path text)
returns study.materials
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_restart_material(p_material_id, p_path); $$;
comment on function study.replace_material_file(uuid, text) is
  'A new version of a material of yours, from another uploaded file of the same type. The version before is found until the new one is ready; passages that did not change keep their ids. Errors: material_not_found (404), file_not_found, material_type_mismatch, material_empty (422), material_file_in_use (409), rate_limited (429).';

create function study.retry_material(p_material_id uuid)
returns study.materials
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_restart_material(p_material_id, null); $$;
comment on function study.retry_material(uuid) is 'Tries a material of yours again that failed. One that did not fail: nothing happens. material_not_found (404), rate_limited (429).';

create function study.delete_material(p_material_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_delete_material(p_material_id); $$;
comment on function study.delete_material(uuid) is
  'Deletes a material of yours with its passages; its file is removed soon. Citations and questions made of it stay, without it. material_not_found (404).';

revoke execute on function
  private.study_my_material(uuid), private.study_file_type(text, text), private.study_start_ingest(uuid, integer),
  private.study_create_material(text, text, text, text, text, text), private.study_restart_material(uuid, text),
  private.study_delete_material(uuid), study.create_material(text, text, text, text, text, text),
  study.replace_material_file(uuid, text), study.retry_material(uuid), study.delete_material(uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_create_material(text, text, text, text, text, text), private.study_restart_material(uuid, text),
  private.study_delete_material(uuid), study.create_material(text, text, text, text, text, text),
  study.replace_material_file(uuid, text), study.retry_material(uuid), study.delete_material(uuid)
  to authenticated;
