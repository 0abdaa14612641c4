-- What holds for every material, whoever writes: texts are clean, the status moves along its rows, readers of passages
-- learn at once what changed.

create function private.tg_materials__check()
returns trigger
language plpgsql
security definer -- clean_text and the table of moves are not for clients
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' or new.title <> old.title then
    new.title := private.clean_text(new.title, 'title', 1, 300);
  end if;
  if tg_op = 'INSERT' or new.description <> old.description then
    new.description := private.clean_text(new.description, 'description', 0, 4000);
  end if;
  if tg_op = 'INSERT' or new.language <> old.language then
    -- A language that the index does not know is read word by word.
    new.language := case when private.search_config(new.language) = 'pg_catalog.simple'::regconfig then 'simple' else new.language end;
  end if;
  if tg_op = 'UPDATE' and new.processing_status <> old.processing_status and not exists (
    select from study.material_transitions as t
    where t.from_status = old.processing_status and t.to_status = new.processing_status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A material cannot go from %s to %s.', old.processing_status, new.processing_status),
      hint = 'See study.material_transitions.';
  end if;
  return new;
end;
$$;
create trigger _100_check
  before insert or update of title, description, language, processing_status on study.materials
  for each row execute function private.tg_materials__check();
create trigger _900_touch_updated_at
  before update on study.materials
  for each row when (old.* is distinct from new.*) execute function private.tg__touch_updated_at();

-- Its owner sees how far it is, as it goes on.
create function private.tg_materials__tell_progress()
returns trigger
language plpgsql
security definer -- broadcasts to the owner
set search_path = ''
as $$
begin
  perform private.broadcast_to_user(new.user_id, 'material_progress', jsonb_build_object(
    'material_id', new.id, 'revision', new.revision, 'status', new.processing_status, 'progress', new.progress,
    'error', new.processing_error
  ));
  return null;
end;
$$;
create trigger _500_tell_progress
  after update of processing_status, progress on study.materials
  for each row when (
    old.processing_status is distinct from new.processing_status or old.progress is distinct from new.progress
  )
  execute function private.tg_materials__tell_progress();

-- A material that goes leaves its file without an owner: it is removed from Storage after a while.
create function private.tg_materials__release_file()
returns trigger
language plpgsql
security definer -- core.files is not written by clients
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' or new.file_id is distinct from old.file_id then
    update core.files as f set owner_id = null where f.id = old.file_id;
  end if;
  return null;
end;
$$;
create trigger _500_release_file
  after delete or update of file_id on study.materials
  for each row execute function private.tg_materials__release_file();

revoke execute on function
  private.tg_materials__check(), private.tg_materials__tell_progress(), private.tg_materials__release_file()
  from public, anon, authenticated;
