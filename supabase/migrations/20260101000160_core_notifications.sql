-- Notifications: stored, and broadcast on the private channel user:<id>. The person decides what reaches him and how.

create table core.notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  type text not null,
  severity text not null default 'info',
  title text not null,
  message text not null default '',
  data jsonb not null default '{}',
  link text,
  group_key text,
  group_count integer not null default 1,
  channels text[] not null default '{in_app}',
  deliver_after timestamptz,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notifications_type_check check (type ~ '^[a-z][a-z0-9_.]{1,59}$'),
  constraint notifications_severity_check check (severity in ('info', 'success', 'warning', 'error', 'system')),
  constraint notifications_title_check check (length(title) between 1 and 200),
  constraint notifications_message_check check (length(message) <= 4000),
  constraint notifications_data_check check (jsonb_typeof(data) = 'object'),
  -- A path within the site, or https: never a script, never another host by two slashes.
  constraint notifications_link_check check (link ~ '^(/([^/\\]|$)|https://)' and length(link) <= 1000),
  constraint notifications_group_count_check check (group_count > 0)
);
comment on table core.notifications is 'What a person was told. Unread ones with the same group_key become one, with a count.';
comment on column core.notifications.channels is 'Where it goes, as the person wants it: in_app, email, push.';
comment on column core.notifications.deliver_after is 'End of the quiet hours in which it came; null when it may go out at once. In the app it shows at once either way.';
create index notifications_user_id_updated_at_idx on core.notifications (user_id, updated_at desc, id desc);
create index notifications_user_id_unread_idx on core.notifications (user_id) where read_at is null;
create unique index notifications_user_id_group_key_idx on core.notifications (user_id, group_key)
  where group_key is not null and read_at is null;
create index notifications_created_at_idx on core.notifications (created_at);

create table core.notification_preferences (
  user_id uuid not null references core.profiles (id) on delete cascade,
  type text not null default '*',
  channel text not null default 'in_app',
  is_enabled boolean not null default true,
  muted_until timestamptz,
  quiet_from time,
  quiet_to time,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, type, channel),
  constraint notification_preferences_type_check check (type = '*' or type ~ '^[a-z][a-z0-9_.]{1,59}$'),
  constraint notification_preferences_channel_check check (channel in ('in_app', 'email', 'push')),
  constraint notification_preferences_quiet_check check ((quiet_from is null) = (quiet_to is null))
);
comment on table core.notification_preferences is
  'What a person wants, per type and channel; type * is every type without a row of its own. Without any row: in the app yes, e-mail and push no.';
comment on column core.notification_preferences.muted_until is 'Nothing through this channel before then.';
comment on column core.notification_preferences.quiet_from is 'Quiet hours, by the clock of profiles.time_zone; they may pass midnight.';

create trigger _900_touch_updated_at
  before update on core.notification_preferences
  for each row execute function private.tg__touch_updated_at();

alter table core.notifications enable row level security;
alter table core.notification_preferences enable row level security;
revoke all on core.notifications, core.notification_preferences from anon, authenticated;
grant select, delete on core.notifications to authenticated;
grant select, delete,
  insert (user_id, type, channel, is_enabled, muted_until, quiet_from, quiet_to),
  update (user_id, type, channel, is_enabled, muted_until, quiet_from, quiet_to)
  on core.notification_preferences to authenticated;
grant select, insert, update, delete on core.notifications, core.notification_preferences to service_role;

create policy notifications_select_own on core.notifications
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy notifications_delete_own on core.notifications
  for delete to authenticated
  using (user_id = (select auth.uid()));

create policy notification_preferences_select_own on core.notification_preferences
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy notification_preferences_insert_own on core.notification_preferences
  for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy notification_preferences_update_own on core.notification_preferences
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()));
create policy notification_preferences_delete_own on core.notification_preferences
  for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

-- Private channels: whoever may select from realtime.messages for a topic may listen to it. Only the person himself
-- listens to user:<id>; nobody sends there except the database.
create policy realtime_messages_select_own_user_topic on realtime.messages
  for select to authenticated
  using ((select realtime.topic()) = 'user:' || (select auth.uid())::text);

create function private.broadcast_to_user(p_user_id uuid, p_event text, p_payload jsonb)
returns void
language plpgsql
volatile
security definer -- clients may not send to user:<id>
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, 'user:' || p_user_id::text, true);
exception when others then
  -- What is stored counts; a live message that is lost shows at the next reading.
  raise warning 'broadcast to user:% failed: %', p_user_id, sqlerrm;
end;
$$;
comment on function private.broadcast_to_user(uuid, text, jsonb) is 'Sends an event on the private channel user:<id>. Never raises.';

revoke execute on all functions in schema private from public;
revoke execute on function private.broadcast_to_user(uuid, text, jsonb) from anon, authenticated;
grant execute on function private.broadcast_to_user(uuid, text, jsonb) to service_role;
