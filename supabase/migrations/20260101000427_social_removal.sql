-- Deleting, hiding, showing again, and what a thing said before. The row stays, empty, so that its thread stays whole.

create function private.social_raise_unknown()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'content_not_found', detail = 'There is no such thing, or it is not for you.', hint = 'Check its type and id.';
end;
$$;
comment on function private.social_raise_unknown() is 'Raises content_not_found (404).';

-- Where the words of each kind are.
create function private.social_columns(p_kind text, out table_name text, out title_column text, out content_column text)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  table_name := case when p_kind in ('post', 'comment', 'question', 'answer', 'ai_answer', 'resource') then p_kind || 's' end;
  title_column := case when p_kind in ('post', 'question', 'resource') then 'title' end;
  content_column := case p_kind when 'ai_answer' then 'answer_text' when 'resource' then 'description' else 'content' end;
  if table_name is null then
    perform private.social_raise_unknown();
  end if;
end;
$$;
comment on function private.social_columns(text) is 'Table and columns of a kind of thing; content_not_found (404) for what is none.';

-- The state of a thing, locked. Of an answer the question is locked first, as whoever accepts one does.
create function private.social_lock_content(
  p_kind text, p_id uuid,
  out title text, out content text, out author_id uuid, out deleted_at timestamptz, out hidden_at timestamptz
)
returns record
language plpgsql
volatile
security definer -- reads and locks anybody's things for functions that checked who asks
set search_path = ''
as $$
declare
  v_at record;
begin
  v_at := private.social_columns(p_kind);
  if p_kind = 'answer' then
    perform from social.questions as q
    where q.id = (select a.question_id from social.answers as a where a.id = p_id)
    for no key update;
  end if;
  execute format(
    'select %s, t.%I, %s, t.hidden_at from social.%I as t where t.id = $1 for no key update',
    case when v_at.title_column is null then '''''' else 't.title' end,
    v_at.content_column,
    case p_kind when 'ai_answer' then 'null::uuid, null::timestamptz' else 't.author_id, t.deleted_at' end,
    v_at.table_name
  ) into title, content, author_id, deleted_at, hidden_at using p_id;
  if content is null then
    perform private.social_raise_unknown();
  end if;
end;
$$;
comment on function private.social_lock_content(text, uuid) is
  'What a thing says and whether it was removed, locked until the end of the transaction; content_not_found (404).';

create function private.social_remove(p_kind text, p_id uuid, p_change text, p_actor_id uuid)
returns boolean
language plpgsql
volatile
security definer -- takes away anybody's text for functions that checked who asks
set search_path = ''
as $$
declare
  v_at record;
  v_was record;
begin
  if p_change is distinct from 'hide' and (p_change is distinct from 'delete' or p_kind = 'ai_answer') then
    raise exception 'a thing of kind % is not removed by %', p_kind, p_change;
  end if;
  v_at := private.social_columns(p_kind);
  v_was := private.social_lock_content(p_kind, p_id);
  if (case p_change when 'hide' then v_was.hidden_at else v_was.deleted_at end) is not null then
    return false;
  end if;
  if v_was.deleted_at is null and v_was.hidden_at is null then
    perform private.social_keep_version(p_id, v_was.title, v_was.content, p_change, p_actor_id);
  end if;
  execute format(
    'update social.%I as t set %I = now(), %I = ''''%s where t.id = $1',
    v_at.table_name, case p_change when 'hide' then 'hidden_at' else 'deleted_at' end, v_at.content_column,
    case when v_at.title_column is null then '' else ', title = ''''' end
  ) using p_id;
  if p_kind = 'answer' then
    update social.questions as q set accepted_answer_id = null where q.accepted_answer_id = p_id;
  end if;
  return true;
end;
$$;
comment on function private.social_remove(text, uuid, text, uuid) is
  'Takes the text of a thing away: ''delete'' (its author) or ''hide'' (a moderator). An accepted answer is accepted no longer. False when it was done before.';

create function private.social_unhide(p_kind text, p_id uuid)
returns boolean
language plpgsql
volatile
security definer -- gives anybody's text back for functions that checked who asks
set search_path = ''
as $$
declare
  v_at record;
  v_was record;
  v_version social.content_versions;
begin
  v_at := private.social_columns(p_kind);
  v_was := private.social_lock_content(p_kind, p_id);
  if v_was.hidden_at is null then
    return false;
  end if;
  -- What its author deleted meanwhile stays away.
  if v_was.deleted_at is null then
    select * into v_version from social.content_versions as v
    where v.content_id = p_id and v.change = 'hide' order by v.version desc limit 1;
  end if;
  execute format(
    'update social.%I as t set hidden_at = null, %I = $2%s where t.id = $1',
    v_at.table_name, v_at.content_column, case when v_at.title_column is null then '' else ', title = $3' end
  ) using p_id, coalesce(v_version.content, ''), coalesce(v_version.title, '');
  return true;
end;
$$;
comment on function private.social_unhide(text, uuid) is
  'Shows again what a moderator hid, as it was. False when it was not hidden.';

create function private.social_delete_content(p_type text, p_id uuid)
returns boolean
language plpgsql
volatile
security definer -- deleted_at has no update grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_content record;
begin
  perform private.social_columns(p_type);
  v_content := private.social_content(p_type, p_id, v_user_id);
  if v_content.author_id is distinct from v_user_id then
    if not v_content.is_visible then
      perform private.social_raise_unknown();
    end if;
    raise sqlstate 'PT403' using
      message = 'not_author', detail = 'Only who wrote it does this.', hint = 'Report it, if it breaks the rules.';
  end if;
  -- Nobody else has ever read it: no thread to keep whole, nothing to moderate.
  if p_type = 'post' then
    delete from social.posts as p where p.id = p_id and p.published_at is null and p.hidden_at is null;
    if found then
      return true;
    end if;
  end if;
  return private.social_remove(p_type, p_id, 'delete', v_user_id);
end;
$$;
comment on function private.social_delete_content(text, uuid) is 'Behind social.delete_content.';

create function social.delete_content(p_type text, p_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_delete_content(p_type, p_id); $$;
comment on function social.delete_content(text, uuid) is
  'Deletes a post, comment, question, answer or resource of one''s own: its text goes, its row and the thread around it stay; a draft that was never published vanishes. False when it was deleted before. Errors: content_not_found (404), not_author (403).';

create function private.social_content_history(p_type text, p_id uuid)
returns setof social.content_versions
language plpgsql
stable
security definer -- content_versions is for the author of the thing and for moderators
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_content record;
  v_is_moderator boolean := private.has_role('moderator') or private.has_role('admin');
begin
  if not exists (select from social.contents as c where c.id = p_id and c.kind = p_type) then
    perform private.social_raise_unknown();
  end if;
  v_content := private.social_content(p_type, p_id, v_user_id);
  if not v_is_moderator and v_content.author_id is distinct from v_user_id then
    if not v_content.is_visible then
      perform private.social_raise_unknown();
    end if;
    raise sqlstate 'PT403' using
      message = 'not_author', detail = 'Only who wrote it, and moderators, read its history.', hint = 'Read what it says now.';
  end if;
  return query select v.* from social.content_versions as v where v.content_id = p_id order by v.version desc;
end;
$$;
comment on function private.social_content_history(text, uuid) is 'Behind social.content_history.';

-- Not who changed it: a moderator who hid something is not named to its author.
create function social.content_history(p_type text, p_id uuid)
returns table (version integer, title text, content text, change text, created_at timestamptz)
language sql
stable
security invoker
set search_path = ''
as $$
  select h.version, h.title, h.content, h.change, h.created_at from private.social_content_history(p_type, p_id) as h order by h.version desc;
$$;
comment on function social.content_history(text, uuid) is
  'What a thing said before each change, newest first: for its author and moderators. Errors: content_not_found (404), not_author (403).';

-- For the export of a person's data: changed_by would be the moderator of what he hid.
create view private.social_export_versions with (security_invoker = true) as
select a.author_id as user_id, v.content_id, v.version, v.title, v.content, v.change, v.created_at
from social.content_versions as v
join (
  select p.id, p.author_id from social.posts as p
  union all select c.id, c.author_id from social.comments as c
  union all select q.id, q.author_id from social.questions as q
  union all select n.id, n.author_id from social.answers as n
  union all select r.id, r.author_id from social.resources as r
) as a on a.id = v.content_id;
comment on view private.social_export_versions is 'What things said before, with the person who wrote them.';
revoke all on private.social_export_versions from public, anon, authenticated;

revoke execute on function
  private.social_raise_unknown(), private.social_columns(text), private.social_lock_content(text, uuid),
  private.social_remove(text, uuid, text, uuid),
  private.social_unhide(text, uuid), private.social_delete_content(text, uuid), private.social_content_history(text, uuid),
  social.delete_content(text, uuid), social.content_history(text, uuid)
  from public, anon, authenticated;
grant execute on function
  private.social_delete_content(text, uuid), private.social_content_history(text, uuid),
  social.delete_content(text, uuid), social.content_history(text, uuid)
  to authenticated;
