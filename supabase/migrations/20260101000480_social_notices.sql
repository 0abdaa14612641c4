-- Telling people what others did with what is theirs, without anybody waiting for it.
--
-- A hundred likes are one notification, which is one row, on which a hundred voters would queue. So whoever likes leaves
-- a row of his own in social.notices and goes on. If nobody else is at the same group and it costs nothing, the
-- notification is written at once; otherwise a task folds what waits into it, every ten seconds.
-- The row stays for a month: who takes a like back and gives it again is not told of twice.

create table social.notices (
  type text not null,
  source_id uuid not null,
  actor_id uuid not null references core.profiles (id) on delete cascade,
  subject_kind text not null,
  subject_id uuid not null,
  told_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (type, source_id, actor_id),
  constraint notices_type_check check (type in ('like', 'reaction', 'comment', 'reply', 'answer', 'accepted', 'follow')),
  constraint notices_subject_kind_check check (subject_kind in ('post', 'comment', 'question', 'answer', 'ai_answer', 'profile'))
);
comment on table social.notices is 'Who did what that somebody is to be told, or was. Waiting until told_at is set; kept for a month.';
comment on column social.notices.source_id is 'What was done: the comment or answer itself; of a like the thing, of a follow the person.';
comment on column social.notices.subject_id is 'What it was done to. Notices of one type on one subject become one notification. No key: what is gone is told of to nobody.';
create index notices_waiting_idx on social.notices (type, subject_id, created_at) where told_at is null;
create index notices_actor_id_idx on social.notices (actor_id);
create index notices_told_at_idx on social.notices (told_at) where told_at is not null;

alter table social.notices enable row level security;
revoke all on social.notices from public, anon, authenticated;
grant select on social.notices to service_role;

-- How each type reads, for one and for several.
create function private.social_wording(p_type text, p_kind text, p_who text, p_count bigint)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_type in ('comment', 'reply', 'answer') and p_count > 1 then
      format('%s new %s your %s, the latest by %s', p_count,
        case p_type when 'comment' then 'comments on' when 'reply' then 'replies to' else 'answers to' end, p_kind, p_who)
    else
      p_who || case when p_count > 2 then format(' and %s others', p_count - 1) when p_count = 2 then ' and 1 other' else '' end
      || case p_type
        when 'like' then ' liked your ' || p_kind
        when 'reaction' then ' reacted to your ' || p_kind
        when 'comment' then ' commented on your post'
        when 'reply' then ' replied to your comment'
        when 'answer' then ' answered your question'
        when 'accepted' then ' accepted your answer'
        when 'follow' then case when p_count > 1 then ' follow you' else ' follows you' end
        when 'mention' then ' mentioned you in ' || case p_kind when 'answer' then 'an answer' else 'a ' || p_kind end
      end
  end;
$$;
comment on function private.social_wording(text, text, text, bigint) is 'The title of a notification: "ann and 2 others liked your post", "3 new comments on your post, the latest by ann".';

-- Writes what waits in one group into one notification. Called with the gate of the group held, so it is the only one
-- here; a notification that its reader is just marking as read is left for the next time.
create function private.social_tell_group(p_type text, p_subject_kind text, p_subject_id uuid)
returns integer
language plpgsql
volatile
security definer -- writes notifications for others; called by triggers and by the task
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_title text;
  v_link text;
  v_key text := case p_type when 'accepted' then null when 'follow' then 'follow' else p_type || ':' || p_subject_id end;
  v_open bigint := 0;
  v_count integer;
  v_latest record;
begin
  if p_subject_kind = 'profile' then
    v_user_id := p_subject_id;
  else
    select c.author_id, c.title, c.link into v_user_id, v_title, v_link
    from private.social_content(p_subject_kind, p_subject_id, null) as c where not c.is_removed;
  end if;
  if v_key is not null then
    select n.group_count into v_open from core.notifications as n
    where n.user_id = v_user_id and n.group_key = v_key and n.read_at is null;
    if found then
      perform from core.notifications as n
      where n.user_id = v_user_id and n.group_key = v_key and n.read_at is null
      for no key update skip locked;
      if not found then
        return 0;
      end if;
    end if;
  end if;

  with told as (
    update social.notices as w set told_at = clock_timestamp()
    where w.type = p_type and w.subject_id = p_subject_id and w.told_at is null
      and (w.source_id, w.actor_id) in (
        select x.source_id, x.actor_id from social.notices as x
        where x.type = p_type and x.subject_id = p_subject_id and x.told_at is null
        for update skip locked
      )
    returning w.actor_id, w.source_id, w.created_at
  ),
  heard as (
    select t.*, p.username::text as username, count(*) over () as number
    from told as t join core.profiles as p on p.id = t.actor_id and p.is_active
    where t.actor_id <> v_user_id and not private.is_blocked_between(t.actor_id, v_user_id)
  )
  select h.* into v_latest from heard as h order by h.created_at desc, h.actor_id limit 1;
  if not found then
    return 0;
  end if;
  v_count := v_latest.number;
  if p_type in ('comment', 'reply', 'answer') then
    select c.link into v_link
    from private.social_content(case p_type when 'answer' then 'answer' else 'comment' end, v_latest.source_id, null) as c;
  elsif p_type = 'follow' then
    v_link := '/people/' || v_latest.username;
  end if;
  perform private.notify(
    v_user_id, p_type, 'info', private.social_wording(p_type, p_subject_kind, v_latest.username, coalesce(v_open, 0) + v_count),
    coalesce(v_title, ''),
    jsonb_strip_nulls(jsonb_build_object(
      'actor_id', v_latest.actor_id, 'actor_username', v_latest.username,
      'content_type', case
        when p_type in ('comment', 'reply') then 'comment' when p_type = 'answer' then 'answer'
        else nullif(p_subject_kind, 'profile')
      end,
      'content_id', case when p_type <> 'follow' then v_latest.source_id end,
      'subject_type', p_subject_kind, 'subject_id', p_subject_id
    )),
    v_link, v_key, v_count
  );
  return v_count;
end;
$$;
comment on function private.social_tell_group(text, text, uuid) is
  'Folds the waiting notices of a type and subject into one notification; returns how many.';

-- The gate of a group. Whoever gets it is alone in the group until his transaction ends; nobody waits for it.
create function private.social_gate(p_type text, p_subject_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select pg_try_advisory_xact_lock(hashtextextended('social.notices:' || p_type || ':' || p_subject_id::text, 0)); $$;
comment on function private.social_gate(text, uuid) is 'True for the one who may write the notification of this group now.';

-- Once for each actor and source. Conversations are told of at once where that is possible.
create function private.social_notice(p_type text, p_source_id uuid, p_actor_id uuid, p_subject_kind text, p_subject_id uuid)
returns void
language plpgsql
volatile
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  if p_actor_id is null then
    return;
  end if;
  insert into social.notices (type, source_id, actor_id, subject_kind, subject_id)
  values (p_type, p_source_id, p_actor_id, p_subject_kind, p_subject_id)
  on conflict do nothing;
  -- Likes and reactions come in crowds: the task tells of them, and no vote pays for that.
  if found and p_type not in ('like', 'reaction') and private.social_gate(p_type, p_subject_id) then
    perform private.social_tell_group(p_type, p_subject_kind, p_subject_id);
  end if;
end;
$$;
comment on function private.social_notice(text, uuid, uuid, text, uuid) is
  'Somebody did something to something. Never waits for others: what cannot be told at once is told by private.social_tell_waiting.';

-- What was taken back before it was told is not told.
create function private.social_unnotice(p_type text, p_source_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  delete from social.notices as w
  where w.type = p_type and w.source_id = p_source_id and w.actor_id = p_actor_id and w.told_at is null
    -- Locked: it is being told this moment.
    and exists (
      select from social.notices as x
      where x.type = p_type and x.source_id = p_source_id and x.actor_id = p_actor_id and x.told_at is null
      for update skip locked
    );
end;
$$;
comment on function private.social_unnotice(text, uuid, uuid) is 'Forgets a notice that was not told yet.';

-- The task: what could not be told at once. It waits for nobody either: a group at which somebody is just now comes next time.
create function private.social_tell_waiting()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_group record;
  v_told integer := 0;
begin
  for v_group in
    select w.type, w.subject_kind, w.subject_id from social.notices as w
    where w.told_at is null
    group by w.type, w.subject_kind, w.subject_id
    order by min(w.created_at)
    limit 1000
  loop
    begin
      if private.social_gate(v_group.type, v_group.subject_id) then
        v_told := v_told + private.social_tell_group(v_group.type, v_group.subject_kind, v_group.subject_id);
      end if;
    exception when others then
      -- One that fails keeps the others from nothing.
      raise warning 'social: notices of % on % were not told: %', v_group.type, v_group.subject_id, sqlerrm;
    end;
  end loop;
  return v_told;
end;
$$;
comment on function private.social_tell_waiting() is 'Folds all waiting notices into notifications; returns how many. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description)
values ('social_tell_waiting', 'private.social_tell_waiting', '10 seconds', 'Folds likes, follows and the like into notifications.');
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description)
values ('social_notices', 'social', 'notices', 'told_at', '30 days', 'delete', 'Who was told of what; what waits is kept.');

revoke execute on function
  private.social_wording(text, text, text, bigint), private.social_tell_group(text, text, uuid),
  private.social_gate(text, uuid), private.social_notice(text, uuid, uuid, text, uuid), private.social_unnotice(text, uuid, uuid),
  private.social_tell_waiting()
  from public, anon, authenticated;
