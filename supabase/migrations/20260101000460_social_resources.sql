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
security definer -- keeps the old text where its author may not write
set search_path = ''
as $$
begin
  -- Who leaves takes his files along; and what has no file any more is no resource.
  if tg_op = 'UPDATE' and new.deleted_at is null
    and (new.author_id is null and old.author_id is not null or new.file_id is null and old.file_id is not null)
  then
    new.deleted_at := now();
    new.title := '';
    new.description := '';
    delete from social.content_versions as v where v.content_id = new.id;
  end if;
  new.description := coalesce(new.description, '');
  if new.deleted_at is not null or new.hidden_at is not null then
    return new;
  end if;
  if tg_op = 'INSERT' or new.title is distinct from old.title then
    new.title := private.clean_text(new.title, 'title', 1, 255);
  end if;
  if tg_op = 'INSERT' or new.description is distinct from old.description then
    new.description := private.clean_text(new.description, 'description', 0, 5000);
  end if;
  if new.category is not null and (tg_op = 'INSERT' or new.category is distinct from old.category)
    and not exists (select from social.categories as c where c.slug = new.category and c.is_active)
  then
    raise sqlstate 'PT422' using
      message = 'category_not_found', detail = 'There is no such category.', hint = 'Choose one of social.categories.';
  end if;
  if tg_op = 'UPDATE' and old.deleted_at is null and old.hidden_at is null
    and (new.title, new.description) is distinct from (old.title, old.description)
  then
    new.edited_at := now();
    insert into social.content_versions (content_id, version, title, content, change, changed_by)
    select new.id, coalesce(max(v.version), 0) + 1, old.title, old.description, 'edit', (select auth.uid())
    from social.content_versions as v where v.content_id = new.id;
  end if;
  return new;
end;
$$;
create trigger _100_clean
  before insert or update of title, description, category, author_id, file_id, deleted_at, hidden_at on social.resources
  for each row execute function private.tg_resources__clean();

-- The file of a deleted resource belongs to nobody from now on: the worker of social.remove_files takes it away.
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
create trigger _700_orphan_file
  after update of deleted_at, author_id, file_id on social.resources
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function private.tg_resources__orphan_file();
create trigger _700_orphan_file_of_deleted
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
create trigger _600_count
  after insert or delete or update of is_public, status, deleted_at, hidden_at, author_id, file_id on social.resources
  for each row execute function private.tg_resources__count();

-- Topics: a handful, and the one that a merged topic became.
create function private.tg_resource_topics__check()
returns trigger
language plpgsql
security definer -- counts rows and follows merges
set search_path = ''
as $$
declare
  v_topic core.topics;
  v_most integer := (private.setting('social.max_topics') #>> '{}')::integer;
begin
  select * into v_topic from core.topics as t where t.id = new.topic_id;
  if v_topic.merged_into_id is not null then
    new.topic_id := v_topic.merged_into_id;
  elsif not coalesce(v_topic.is_active, false) then
    raise sqlstate 'PT422' using
      message = 'topic_not_found', detail = 'There is no such topic.', hint = 'Look it up with core.find_topic.';
  end if;
  -- Those who add topics to one resource add them one after the other.
  perform from social.resources as r where r.id = new.resource_id for no key update;
  if (select count(*) from social.resource_topics as t where t.resource_id = new.resource_id and t.topic_id <> new.topic_id) >= v_most then
    raise sqlstate 'PT422' using
      message = 'too_many_topics', detail = format('At most %s topics.', v_most), hint = 'Choose those that fit best.';
  end if;
  return new;
end;
$$;
create trigger _100_check
  before insert on social.resource_topics
  for each row execute function private.tg_resource_topics__check();

insert into core.settings (key, value, description) values
  ('social.max_topics', '5', 'How many topics a post, a question or a resource may have.')
on conflict (key) do nothing;

revoke execute on function
  private.resource_file_type(text), private.is_resource_shared(social.resources), private.tg_resources__clean(),
  private.tg_resources__orphan_file(), private.tg_resources__count(), private.tg_resource_topics__check()
  from public, anon, authenticated;
