-- How a notification comes about, and how it is read.

-- The channels that are open for this person and type now, and when the quiet hours end.
create function private.notification_route(p_user_id uuid, p_type text, out channels text[], out deliver_after timestamptz)
returns record
language plpgsql
stable
security definer -- reads preferences of everybody; called by private.notify
set search_path = ''
as $$
declare
  v_zone text;
  v_local timestamp;
  v_row record;
begin
  select p.time_zone into v_zone from core.profiles as p where p.id = p_user_id;
  v_local := now() at time zone v_zone;
  channels := '{}';
  for v_row in
    select c.channel, coalesce(w.is_enabled, c.is_default) as is_enabled, w.muted_until, w.quiet_from, w.quiet_to
    from (values ('in_app', true), ('email', false), ('push', false)) as c (channel, is_default)
    left join lateral (
      -- The row of the type itself wins over the row of all types.
      select n.* from core.notification_preferences as n
      where n.user_id = p_user_id and n.channel = c.channel and n.type in (p_type, '*')
      order by n.type = '*'
      limit 1
    ) as w on true
  loop
    continue when not v_row.is_enabled or v_row.muted_until > now();
    channels := channels || v_row.channel;
    if v_row.quiet_from < v_row.quiet_to and v_local::time >= v_row.quiet_from and v_local::time < v_row.quiet_to
      or v_row.quiet_from > v_row.quiet_to and (v_local::time >= v_row.quiet_from or v_local::time < v_row.quiet_to)
    then
      deliver_after := greatest(deliver_after, (
        v_local::date + v_row.quiet_to
        + case when v_local::time >= v_row.quiet_to then interval '1 day' else interval '0' end
      ) at time zone v_zone);
    end if;
  end loop;
end;
$$;
comment on function private.notification_route(uuid, text) is 'Open channels, and the end of the quiet hours if it is quiet now.';

create function private.notify(
  p_user_id uuid, p_type text, p_severity text, p_title text, p_message text, p_data jsonb default '{}',
  p_link text default null, p_group_key text default null, p_group_count integer default 1
)
returns uuid
language plpgsql
volatile
security definer -- modules tell people things; clients may not execute it
set search_path = ''
as $$
declare
  v_data jsonb := coalesce(p_data, '{}');
  v_route record;
  v_row core.notifications;
begin
  -- Whoever is just being deleted is told nothing: the key that a notification has would wait for that, and the one who
  -- deletes might wait for a row that the caller holds.
  perform from core.profiles as p where p.id = p_user_id for key share skip locked;
  if not found then
    return null;
  end if;
  -- Whoever is blocked does not reach the person who blocked him.
  if exists (
    select from core.blocks as b where b.blocker_id = p_user_id and b.blocked_id::text = v_data ->> 'actor_id'
  ) then
    return null;
  end if;
  select * into v_route from private.notification_route(p_user_id, p_type);
  if p_severity = 'system' then
    -- What concerns the account itself cannot be muted.
    v_route.channels := array(select distinct c from unnest(v_route.channels || '{in_app}'::text[]) as c order by c);
    v_route.deliver_after := null;
  elsif cardinality(v_route.channels) = 0 then
    return null;
  end if;

  insert into core.notifications as n (
    user_id, type, severity, title, message, data, link, group_key, group_count, channels, deliver_after
  ) values (
    p_user_id, p_type, coalesce(p_severity, 'info'), left(p_title, 200), left(coalesce(p_message, ''), 4000), v_data, p_link,
    p_group_key, p_group_count, v_route.channels, v_route.deliver_after
  )
  on conflict (user_id, group_key) where group_key is not null and read_at is null do update set
    group_count = n.group_count + excluded.group_count, severity = excluded.severity, title = excluded.title,
    message = excluded.message, data = excluded.data, link = excluded.link, channels = excluded.channels,
    deliver_after = excluded.deliver_after, updated_at = clock_timestamp()
  returning * into v_row;

  if 'in_app' = any (v_row.channels) then
    perform private.broadcast_to_user(p_user_id, 'notification', jsonb_build_object(
      'id', v_row.id, 'type', v_row.type, 'severity', v_row.severity, 'title', v_row.title, 'message', v_row.message,
      'data', v_row.data, 'link', v_row.link, 'group_key', v_row.group_key, 'group_count', v_row.group_count,
      'is_quiet', v_row.deliver_after is not null, 'created_at', v_row.created_at
    ));
  end if;
  return v_row.id;
end;
$$;
comment on function private.notify(uuid, text, text, text, text, jsonb, text, text, integer) is
  'Tells a person something: stored and broadcast. Null when he muted it, blocked data.actor_id, or is gone. Severity system is never muted. p_group_count: how many it stands for.';

-- Notifications outlive whom they tell of. His own, which go with him, are locked along, in one order with all others:
-- two people who told each other much may be deleted at once.
create index notifications_actor_id_idx on core.notifications ((data ->> 'actor_id')) where data ? 'actor_id';

create function private.tg_profiles__forget_actor()
returns trigger
language plpgsql
security definer -- writes notifications of others, for somebody who is going
set search_path = ''
as $$
begin
  perform from core.notifications as n
  where n.user_id = old.id or (n.data ? 'actor_id' and n.data ->> 'actor_id' = old.id::text)
  order by n.id for update;
  update core.notifications as n
  set data = n.data - 'actor_id' - 'actor_username',
    -- A username is letters, digits and underscores; it stands at the beginning or at the end.
    title = regexp_replace(
      n.title, format('^%1$s\M|\m%1$s$', nullif(regexp_replace(n.data ->> 'actor_username', '\W', '', 'g'), '')), 'Somebody'
    ),
    link = case when n.link = '/people/' || (n.data ->> 'actor_username') then null else n.link end
  where n.data ? 'actor_id' and n.data ->> 'actor_id' = old.id::text and n.user_id <> old.id;
  return old;
end;
$$;
comment on function private.tg_profiles__forget_actor() is
  'Trigger: what others were told of somebody stays, without his name (data.actor_id, data.actor_username, title, link).';

create trigger _400_forget_actor
  before delete on core.profiles
  for each row execute function private.tg_profiles__forget_actor();

create function private.mark_notifications_read(p_ids uuid[])
returns integer
language plpgsql
volatile
security definer -- read_at has no update grant: a client does not choose the time
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_count integer;
begin
  if v_user_id is null then
    perform private.require_user();
  end if;
  update core.notifications as n
  set read_at = now()
  where n.user_id = v_user_id and n.read_at is null and (p_ids is null or n.id = any (p_ids));
  get diagnostics v_count = row_count;
  if v_count > 0 then
    -- Other windows of the same person follow.
    perform private.broadcast_to_user(v_user_id, 'notifications_read', jsonb_build_object('ids', p_ids, 'count', v_count));
  end if;
  return v_count;
end;
$$;
comment on function private.mark_notifications_read(uuid[]) is 'Marks unread notifications of the caller as read; null: all of them.';

create function core.mark_notifications_read(p_ids uuid[] default null)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.mark_notifications_read(p_ids); $$;
comment on function core.mark_notifications_read(uuid[]) is
  'Marks your notifications as read: these, or all. Returns how many were unread.';

create function core.unread_notifications()
returns integer
language sql
stable
security invoker
set search_path = ''
as $$
  select count(*)::integer from core.notifications as n
  where n.user_id = (select auth.uid()) and n.read_at is null and 'in_app' = any (n.channels);
$$;
comment on function core.unread_notifications() is 'How many notifications you have not read, for a badge.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.notification_route(uuid, text), private.notify(uuid, text, text, text, text, jsonb, text, text, integer),
  private.mark_notifications_read(uuid[]), private.tg_profiles__forget_actor()
  from anon, authenticated;
grant execute on function private.notify(uuid, text, text, text, text, jsonb, text, text, integer) to service_role;
grant execute on function
  private.mark_notifications_read(uuid[]), core.mark_notifications_read(uuid[]), core.unread_notifications()
  to authenticated;
