-- Resources: a file that somebody shares. He uploads it into his folder of the private bucket `resources` and calls
-- social.create_resource; a worker reads it, and only then, if it is what it says, others see it.
--
-- Kinds of files: documents, tables, slides, texts and pictures. No archives: nobody can say what is in one for all its
-- readers. No files with macros. A file is never replaced: what was looked at is what is handed out.

create function private.resource_file_type(p_file_name text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case lower(substring(p_file_name from '\.([A-Za-z0-9]{1,10})$'))
    when 'pdf' then 'application/pdf'
    when 'docx' then 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
    when 'pptx' then 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
    when 'xlsx' then 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
    when 'txt' then 'text/plain' when 'md' then 'text/markdown' when 'csv' then 'text/csv'
    when 'png' then 'image/png' when 'jpg' then 'image/jpeg' when 'jpeg' then 'image/jpeg' when 'webp' then 'image/webp'
  end;
$$;
comment on function private.resource_file_type(text) is 'The MIME type of a file by the ending of its name; null for a kind that is not taken.';

-- What others may see: the rule of the policies, the index and the counters.
create function private.is_resource_shared(p_resource social.resources)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select p_resource.is_public and p_resource.status = 'ready' and p_resource.deleted_at is null and p_resource.hidden_at is null;
$$;
comment on function private.is_resource_shared(social.resources) is 'True for a public resource that was found clean and is not removed.';

create function private.tg_resources__clean()
returns trigger
language plpgsql
security definer -- reads limits and writes versions
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.description := coalesce(new.description, '');
    if new.deleted_at is null and new.hidden_at is null then
      new.title := private.clean_text(new.title, 'title', 1, 255);
      new.description := private.clean_text(new.description, 'description', 0, 5000);
    end if;
    perform private.social_check_category(new.category);
    return new;
  end if;

  -- Who leaves takes his files along, and what has no file any more is no resource; a refused one keeps its reason.
  if new.deleted_at is null
    and (new.author_id is null and old.author_id is not null
      or new.file_id is null and old.file_id is not null and new.status <> 'rejected')
  then
    new.deleted_at := now();
    new.title := '';
    new.description := '';
    delete from social.content_versions as v where v.content_id = new.id and v.change <> 'hide';
    return new;
  end if;
  if (new.deleted_at, new.hidden_at) is distinct from (old.deleted_at, old.hidden_at) then
    return new; -- private.social_remove and private.social_unhide are at work
  end if;
  new.description := coalesce(new.description, '');
  if old.deleted_at is not null or old.hidden_at is not null then
    if (new.title, new.description) is distinct from (old.title, old.description) then
      perform private.social_raise_removed();
    end if;
    return new;
  end if;
  -- The key renames a category or sets it to null: then it is not to be judged.
  if new.category is distinct from old.category and not private.is_service() then
    perform private.social_check_category(new.category);
  end if;
  if (new.title, new.description) is distinct from (old.title, old.description) then
    new.title := private.clean_text(new.title, 'title', 1, 255);
    new.description := private.clean_text(new.description, 'description', 0, 5000);
    if (new.title, new.description) is distinct from (old.title, old.description) then
      perform private.social_edit(old.id, old.title, old.description);
      new.edited_at := now();
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_resources__clean() is 'Trigger: texts, category, history; a resource without author or file is deleted.';

create trigger _100_clean
  before insert or update of title, description, category, author_id, file_id on social.resources
  for each row execute function private.tg_resources__clean();
create trigger _060_refuse_move
  before update of id, author_id on social.resources
  for each row when (new.id <> old.id or (new.author_id is distinct from old.author_id and new.author_id is not null))
  execute function private.tg__social_refuse_move();

-- The file of a deleted resource belongs to nobody from now on: the worker of core.remove_files takes it away.
create function private.tg_resources__orphan_file()
returns trigger
language plpgsql
security definer -- core.files is written by no client
set search_path = ''
as $$
begin
  update core.files as f set owner_id = null
  where f.id = old.file_id and f.owner_id is not null;
  return null;
end;
$$;
comment on function private.tg_resources__orphan_file() is 'Trigger: the file of a deleted resource waits for removal.';
create trigger _710_orphan_file
  after update of deleted_at, author_id, file_id on social.resources
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function private.tg_resources__orphan_file();
create trigger _710_orphan_file_of_deleted
  after delete on social.resources
  for each row execute function private.tg_resources__orphan_file();

create function private.tg_resources__count()
returns trigger
language plpgsql
security definer -- counters are moved by nobody else
set search_path = ''
as $$
declare
  v_was uuid := case when tg_op <> 'INSERT' and private.is_resource_shared(old) then old.author_id end;
  v_is uuid := case when tg_op <> 'DELETE' and private.is_resource_shared(new) then new.author_id end;
begin
  if v_was is distinct from v_is then
    perform private.social_count('profile', p.id, 'resources_count', case when p.id = v_is then 1 else -1 end)
    from core.profiles as p where p.id in (v_was, v_is);
  end if;
  return null;
end;
$$;
comment on function private.tg_resources__count() is 'Trigger: the author''s resources_count, of what others may see.';
create trigger _300_count
  after insert or delete or update of is_public, status, deleted_at, hidden_at, author_id, file_id on social.resources
  for each row execute function private.tg_resources__count();

-- Topics: as of posts and questions.
create function private.tg_resource_topics__place()
returns trigger
language plpgsql
security definer -- locks the resource and reads its topics, for its author
set search_path = ''
as $$
declare
  v_resource social.resources;
begin
  select * into v_resource from social.resources as r where r.id = new.resource_id for no key update;
  if not found or (not private.is_service() and v_resource.author_id is distinct from auth.uid()) then
    return new; -- refused by the foreign key, or by the policy
  end if;
  if v_resource.deleted_at is not null or v_resource.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  new.topic_id := private.living_topic(new.topic_id);
  if exists (select from social.resource_topics as t where t.resource_id = new.resource_id and t.topic_id = new.topic_id) then
    return null;
  end if;
  perform private.social_check_topics((select count(*) from social.resource_topics as t where t.resource_id = new.resource_id));
  return new;
end;
$$;
comment on function private.tg_resource_topics__place() is 'Trigger: the living topic, once.';
create trigger _100_place
  before insert on social.resource_topics
  for each row execute function private.tg_resource_topics__place();

revoke execute on function
  private.resource_file_type(text), private.is_resource_shared(social.resources), private.tg_resources__clean(),
  private.tg_resources__orphan_file(), private.tg_resources__count(), private.tg_resource_topics__place()
  from public, anon, authenticated;
