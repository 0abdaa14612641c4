-- What all writing has in common, and posts.
--
-- People insert and update the rows of their own through the Data API; the triggers clean what they send, take it from
-- their allowance, and set what is not theirs to set. The secret key passes over allowances, not over the rules.

update core.settings set value = value || '{
  "edit": {"usual": {"burst": 60, "per_hour": 200}, "new": {"burst": 20, "per_hour": 40}},
  "draft": {"usual": {"burst": 200, "per_hour": 1200}, "new": {"burst": 100, "per_hour": 600}}
}'
where key = 'social.limits';

create function private.social_writer(p_author_id uuid)
returns uuid
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  if private.is_service() then
    return p_author_id;
  end if;
  return private.require_user();
end;
$$;
comment on function private.social_writer(uuid) is
  'In whose name a row is written: a client''s own, whatever he sends. The secret key may name anybody.';

create function private.social_check_category(p_category text)
returns void
language plpgsql
stable
security definer -- called by triggers
set search_path = ''
as $$
begin
  if p_category is not null and not exists (select from social.categories as c where c.slug = p_category and c.is_active) then
    raise sqlstate 'PT422' using
      message = 'unknown_category',
      detail = 'There is no such category, or it is switched off.',
      hint = 'Take a slug from social.categories.';
  end if;
end;
$$;
comment on function private.social_check_category(text) is 'Raises unknown_category (422) for what is no category now.';

create function private.social_raise_removed()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using message = 'content_removed', detail = 'It was deleted or hidden.', hint = 'Reload the page.';
end;
$$;
comment on function private.social_raise_removed() is 'Raises content_removed (409).';

-- The row of the thing is locked by whoever changes its text, so that numbers cannot meet.
create function private.social_keep_version(p_id uuid, p_title text, p_content text, p_change text, p_actor_id uuid)
returns void
language sql
volatile
security definer -- content_versions is written by nobody else
set search_path = ''
as $$
  insert into social.content_versions (content_id, version, title, content, change, changed_by)
  select p_id, coalesce(max(v.version), 0) + 1, p_title, p_content, p_change, p_actor_id
  from social.content_versions as v where v.content_id = p_id;
$$;
comment on function private.social_keep_version(uuid, text, text, text, uuid) is 'Keeps what a thing said until now.';

-- An edit of a text: from the allowance of whoever edits, and what it said until now is kept.
create function private.social_edit(p_id uuid, p_title text, p_content text)
returns void
language plpgsql
volatile
security definer -- called by triggers
set search_path = ''
as $$
begin
  if not private.is_service() then
    perform private.social_limit('edit', auth.uid());
  end if;
  perform private.social_keep_version(p_id, p_title, p_content, 'edit', auth.uid());
end;
$$;
comment on function private.social_edit(uuid, text, text) is 'Counts and records an edit; takes the old text.';

create function private.tg__social_refuse_move()
returns trigger
language plpgsql
security definer -- raises only
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'content_not_movable',
    detail = 'What is written stays with its author and where it stands.',
    hint = 'Write it anew, and delete the old one.';
end;
$$;
comment on function private.tg__social_refuse_move() is 'Trigger: nothing changes its author (but that he may go), its post or its question.';

create function private.tg_posts__clean()
returns trigger
language plpgsql
security definer -- reads limits and writes versions
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.author_id := private.social_writer(new.author_id);
    new.title := private.clean_text(new.title, 'title', 1, 255);
    new.content := private.clean_text(new.content, 'content', 1, 40000);
    perform private.social_check_category(new.category);
    if private.is_service() then
      new.published_at := case when new.is_published then coalesce(new.published_at, now()) end;
    else
      perform private.social_limit('post', new.author_id);
      new.published_at := case when new.is_published then now() end;
    end if;
    return new;
  end if;

  if (new.deleted_at, new.hidden_at) is distinct from (old.deleted_at, old.hidden_at) then
    return new; -- private.social_remove and private.social_unhide are at work
  end if;
  if old.deleted_at is not null or old.hidden_at is not null then
    if (new.title, new.content, new.is_published) is distinct from (old.title, old.content, old.is_published) then
      perform private.social_raise_removed();
    end if;
    return new;
  end if;
  -- The key renames a category or sets it to null: then it is not to be judged.
  if new.category is distinct from old.category and not private.is_service() then
    perform private.social_check_category(new.category);
  end if;
  if (new.title, new.content) is distinct from (old.title, old.content) then
    new.title := private.clean_text(new.title, 'title', 1, 255);
    new.content := private.clean_text(new.content, 'content', 1, 40000);
    -- Nobody else has read a draft: it has no history.
    if old.published_at is not null and (new.title, new.content) is distinct from (old.title, old.content) then
      perform private.social_edit(old.id, old.title, old.content);
      new.edited_at := now();
    end if;
  end if;
  -- The rest costs as much to write, though nothing of it is kept; a frontend may save a draft every few seconds.
  if (new.category is distinct from old.category or old.published_at is null) and not private.is_service() then
    perform private.social_limit(case when old.published_at is null then 'draft' else 'edit' end, new.author_id);
  end if;
  if new.is_published and new.published_at is null then
    new.published_at := now();
  end if;
  return new;
end;
$$;
comment on function private.tg_posts__clean() is 'Trigger: author, allowance, texts, category, time of publishing, history.';

create trigger _100_clean
  before insert or update of title, content, category, is_published on social.posts
  for each row execute function private.tg_posts__clean();
create trigger _060_refuse_move
  before update of id, author_id on social.posts
  for each row when (new.id <> old.id or (new.author_id is distinct from old.author_id and new.author_id is not null))
  execute function private.tg__social_refuse_move();

-- What nobody ever saw goes with the person; what was published stays, without a name. What he had deleted or written
-- over goes, too. What moderators hid is kept: they may have to show it again.
create function private.tg_profiles__forget_writing()
returns trigger
language plpgsql
security definer -- removes things of somebody who is going
set search_path = ''
as $$
begin
  delete from social.posts as p where p.author_id = old.id and not p.is_published;
  delete from social.content_versions as v
  where v.change in ('edit', 'delete') and v.content_id in (
    select p.id from social.posts as p where p.author_id = old.id
    union all select c.id from social.comments as c where c.author_id = old.id
    union all select q.id from social.questions as q where q.author_id = old.id
    union all select a.id from social.answers as a where a.author_id = old.id
    union all select r.id from social.resources as r where r.author_id = old.id
  );
  return old;
end;
$$;
comment on function private.tg_profiles__forget_writing() is 'Trigger: drafts and old texts go with their author.';

create trigger _300_forget_writing
  before delete on core.profiles
  for each row execute function private.tg_profiles__forget_writing();

revoke execute on function
  private.social_writer(uuid), private.social_check_category(text), private.social_raise_removed(),
  private.social_keep_version(uuid, text, text, text, uuid), private.social_edit(uuid, text, text),
  private.tg__social_refuse_move(), private.tg_posts__clean(), private.tg_profiles__forget_writing()
  from public, anon, authenticated;
