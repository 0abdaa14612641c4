-- Moderation: people report, moderators act, and each act is kept. Blocks are between two people and nobody else's.

create table core.blocks (
  blocker_id uuid not null default auth.uid() references core.profiles (id) on delete cascade,
  blocked_id uuid not null references core.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint blocks_self_check check (blocker_id <> blocked_id)
);
comment on table core.blocks is 'Who wants nothing from whom. Only the one who blocks can see it.';
create index blocks_blocked_id_idx on core.blocks (blocked_id);

create table core.moderation_reports (
  id uuid primary key default gen_random_uuid(),
  reporter_id uuid references core.profiles (id) on delete set null,
  reported_user_id uuid references core.profiles (id) on delete set null,
  module text not null,
  entity_type text not null,
  entity_id uuid not null,
  reason text not null,
  details text not null default '',
  status text not null default 'open',
  assigned_to uuid references core.profiles (id) on delete set null,
  resolved_by uuid references core.profiles (id) on delete set null,
  resolved_at timestamptz,
  resolution_note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint moderation_reports_module_check check (module ~ '^[a-z_]{2,40}$' and entity_type ~ '^[a-z_]{2,60}$'),
  constraint moderation_reports_reason_check check (
    reason in ('spam', 'abuse', 'harassment', 'misinformation', 'plagiarism', 'illegal', 'privacy', 'other')
  ),
  constraint moderation_reports_details_check check (length(details) <= 2000),
  constraint moderation_reports_status_check check (status in ('open', 'reviewing', 'actioned', 'dismissed')),
  constraint moderation_reports_resolved_check check ((status in ('actioned', 'dismissed')) = (resolved_at is not null))
);
comment on table core.moderation_reports is 'What people reported: a thing of any module, and why.';
create unique index moderation_reports_open_once_idx on core.moderation_reports (reporter_id, module, entity_type, entity_id)
  where status in ('open', 'reviewing');
create index moderation_reports_status_created_at_idx on core.moderation_reports (status, created_at, id);
create index moderation_reports_reporter_id_created_at_idx on core.moderation_reports (reporter_id, created_at desc);
create index moderation_reports_reported_user_id_idx on core.moderation_reports (reported_user_id);
create index moderation_reports_entity_idx on core.moderation_reports (entity_id, module, entity_type);
create index moderation_reports_assigned_to_idx on core.moderation_reports (assigned_to);
create index moderation_reports_resolved_by_idx on core.moderation_reports (resolved_by);

create trigger _900_touch_updated_at
  before update on core.moderation_reports
  for each row execute function private.tg__touch_updated_at();

-- What he wrote goes with the reporter, and what was written about him with the person reported.
create function private.tg_moderation_reports__forget()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  new.details := '';
  new.resolution_note := null;
  return new;
end;
$$;
comment on function private.tg_moderation_reports__forget() is
  'Trigger: empties the free text of a report when a person in it is deleted. The thing reported and the decision stay.';

create trigger _200_forget
  before update of reporter_id, reported_user_id on core.moderation_reports
  for each row when (
    (old.reporter_id is not null and new.reporter_id is null)
    or (old.reported_user_id is not null and new.reported_user_id is null)
  )
  execute function private.tg_moderation_reports__forget();

create table core.moderation_actions (
  id uuid primary key default gen_random_uuid(),
  action text not null,
  user_id uuid references core.profiles (id) on delete set null,
  user_tombstone uuid,
  moderator_id uuid references core.profiles (id) on delete set null,
  moderator_tombstone uuid,
  report_id uuid references core.moderation_reports (id) on delete restrict,
  module text,
  entity_type text,
  entity_id uuid,
  reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint moderation_actions_action_check check (action in ('suspend', 'restore', 'warn', 'hide', 'unhide', 'dismiss'))
);
comment on table core.moderation_actions is 'Every act of a moderator, with its reason. Append-only; outlives both people. moderator null: the service.';
create index moderation_actions_user_id_idx on core.moderation_actions (user_id, created_at desc);
create index moderation_actions_moderator_id_idx on core.moderation_actions (moderator_id);
create index moderation_actions_report_id_idx on core.moderation_actions (report_id);
create index moderation_actions_entity_id_created_at_idx on core.moderation_actions (entity_id, created_at desc);
create index moderation_actions_created_at_id_idx on core.moderation_actions (created_at desc, id desc);

create trigger _100_guard_history
  before update or delete on core.moderation_actions
  for each row execute function private.tg__guard_history('user_id', 'moderator_id');
create trigger _110_refuse_truncate
  before truncate on core.moderation_actions
  for each statement execute function private.tg__guard_history();

-- Whoever suspends or restores an account, by the functions, with the secret key or in Studio: the act is kept.
create function private.tg_profiles__record_activity()
returns trigger
language plpgsql
security definer -- writes a history that nobody may write
set search_path = ''
as $$
declare
  v_actor uuid := (select auth.uid());
begin
  insert into core.moderation_actions (
    action, user_id, user_tombstone, moderator_id, moderator_tombstone, report_id, module, entity_type, entity_id, reason
  ) values (
    case when new.is_active then 'restore' else 'suspend' end, new.id, new.id,
    (select p.id from core.profiles as p where p.id = v_actor), v_actor,
    nullif(current_setting('lyceum.change_report', true), '')::uuid, 'core', 'profile', new.id,
    coalesce(nullif(current_setting('lyceum.change_reason', true), ''), 'Changed in the table; no reason given.')
  );
  return null;
end;
$$;

create trigger _500_record_activity
  after update of is_active on core.profiles
  for each row when (old.is_active is distinct from new.is_active)
  execute function private.tg_profiles__record_activity();

alter table core.blocks enable row level security;
alter table core.moderation_reports enable row level security;
alter table core.moderation_actions enable row level security;
revoke all on core.blocks, core.moderation_reports, core.moderation_actions from anon, authenticated;
grant select, delete, insert (blocker_id, blocked_id) on core.blocks to authenticated;
grant select on core.moderation_reports, core.moderation_actions to authenticated;
grant select, insert, update, delete on core.blocks, core.moderation_reports to service_role;
grant select on core.moderation_actions to service_role;

create policy blocks_select_own on core.blocks
  for select to authenticated
  using (blocker_id = (select auth.uid()));
create policy blocks_insert_own on core.blocks
  for insert to authenticated
  with check (blocker_id = (select auth.uid()) and (select private.is_active_user()));
create policy blocks_delete_own on core.blocks
  for delete to authenticated
  using (blocker_id = (select auth.uid()));

-- Who reported him, a moderator is told as little as anybody.
create policy moderation_reports_select_own_or_staff on core.moderation_reports
  for select to authenticated
  using (
    reporter_id = (select auth.uid())
    or (
      reported_user_id is distinct from (select auth.uid())
      and ((select private.has_role('moderator')) or (select private.has_role('admin')))
    )
  );

-- The person concerned does not see who acted, be he a moderator himself; he is told in a notification.
create policy moderation_actions_select_staff on core.moderation_actions
  for select to authenticated
  using (
    user_id is distinct from (select auth.uid())
    and ((select private.has_role('moderator')) or (select private.has_role('admin')))
  );

create function private.is_blocked_between(p_one uuid, p_other uuid)
returns boolean
language plpgsql
stable
security definer -- tells modules, never clients, that a block exists
set search_path = ''
as $$
begin
  return exists (
    select from core.blocks as b
    where b.blocker_id = p_one and b.blocked_id = p_other or b.blocker_id = p_other and b.blocked_id = p_one
  );
end;
$$;
comment on function private.is_blocked_between(uuid, uuid) is 'True when either of the two has blocked the other.';

create function private.my_block_ids()
returns uuid[]
language plpgsql
stable
security definer -- for policies: both directions, about the caller only
set search_path = ''
as $$
begin
  return array(
    select b.blocked_id from core.blocks as b where b.blocker_id = (select auth.uid())
    union
    select b.blocker_id from core.blocks as b where b.blocked_id = (select auth.uid())
  );
end;
$$;
comment on function private.my_block_ids() is
  'Everybody whom the caller blocked or who blocked him, for policies that hide both from each other.';

revoke execute on all functions in schema private from public;
revoke execute on function private.is_blocked_between(uuid, uuid), private.my_block_ids() from anon, authenticated;
grant execute on function private.my_block_ids() to authenticated;
grant execute on function private.is_blocked_between(uuid, uuid) to service_role;
