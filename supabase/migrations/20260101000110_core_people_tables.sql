-- People: profiles, roles and who changed them.
--
-- An account lives in auth.users; a profile is what others may know of it, and never holds an e-mail address.
-- What a person may do follows from rows in user_roles, which only administrators change.

create table core.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username extensions.citext not null unique,
  full_name text,
  avatar_path text,
  bio text,
  time_zone text not null default 'UTC',
  locale text not null default 'en',
  is_active boolean not null default true,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint profiles_username_check check (username::text ~ '^[A-Za-z][A-Za-z0-9_]{2,29}$'),
  constraint profiles_full_name_check check (length(full_name) between 1 and 120),
  constraint profiles_bio_check check (length(bio) <= 2000),
  -- The picture is the person's own: the first folder in the bucket `avatars` is the id.
  constraint profiles_avatar_path_check check (
    avatar_path is null or (starts_with(avatar_path, id::text || '/') and length(avatar_path) <= 300 and avatar_path !~ '\.\.|[<>"[:cntrl:]]')
  ),
  constraint profiles_time_zone_check check (private.is_time_zone(time_zone)),
  constraint profiles_locale_check check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' and length(locale) <= 35),
  constraint profiles_settings_check check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 16384)
);
comment on table core.profiles is 'What others may know of an account. One row for each row of auth.users, made by a trigger.';
comment on column core.profiles.is_active is 'False while suspended: no role counts and nothing can be written, at once.';
comment on column core.profiles.settings is 'Preferences of the frontend. Only the person reads them, through core.my_profile().';
comment on column core.profiles.avatar_path is 'Path in the public bucket avatars; starts with the id of the person.';
create index profiles_created_at_id_idx on core.profiles (created_at desc, id desc);

create trigger _900_touch_updated_at
  before update on core.profiles
  for each row execute function private.tg__touch_updated_at();

create table core.roles (
  name text primary key,
  description text not null,
  constraint roles_name_check check (name ~ '^[a-z][a-z_]{1,30}$')
);
comment on table core.roles is 'The roles there are.';
insert into core.roles (name, description) values
  ('student', 'Learns. Every new account has it.'),
  ('client', 'Pays for something: an organisation or a paying reader.'),
  ('educator', 'Publishes courses and material.'),
  ('expert', 'Verified for topics; reviews answers and tutors. Comes and goes with core.decide_expert.'),
  ('reviewer', 'Checks documents that were read by machine.'),
  ('moderator', 'Handles reports and suspends accounts.'),
  ('admin', 'Administers the platform; grants and revokes roles.')
on conflict (name) do nothing;

create table core.user_roles (
  user_id uuid not null references core.profiles (id) on delete cascade,
  role text not null references core.roles (name) on update cascade on delete restrict,
  granted_by uuid references core.profiles (id) on delete set null,
  granted_at timestamptz not null default now(),
  primary key (user_id, role)
);
comment on table core.user_roles is 'Who has which role. Changed by core.grant_role, core.revoke_role and core.decide_expert only.';
create index user_roles_role_user_id_idx on core.user_roles (role, user_id);
create index user_roles_granted_by_idx on core.user_roles (granted_by);

create table core.admins (
  id uuid primary key references core.profiles (id) on delete cascade,
  level text not null default 'standard',
  permissions jsonb not null default '{"all": true}',
  last_admin_action timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint admins_level_check check (level in ('standard', 'super', 'readonly')),
  constraint admins_permissions_check check (jsonb_typeof(permissions) = 'object')
);
comment on table core.admins is
  'How far an administrator reaches. A row comes and goes with the role admin. readonly looks but changes nothing; super may also change other administrators.';
comment on column core.admins.permissions is 'For level standard: {"all": true}, or one key for each permission, such as {"roles": true}.';

create trigger _900_touch_updated_at
  before update on core.admins
  for each row execute function private.tg__touch_updated_at();

-- People are referenced twice: by a key that is emptied when the account goes, and by a bare id that stays as a tombstone.
create table core.role_change_history (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references core.profiles (id) on delete set null,
  user_tombstone uuid not null,
  change text not null,
  role text not null,
  previous_roles text[] not null,
  new_roles text[] not null,
  changed_by uuid references core.profiles (id) on delete set null,
  changed_by_tombstone uuid,
  changed_via text not null,
  reason text not null,
  changed_at timestamptz not null default clock_timestamp(),
  constraint role_change_history_change_check check (change in ('granted', 'revoked')),
  constraint role_change_history_changed_via_check check (changed_via in ('user', 'service', 'system'))
);
comment on table core.role_change_history is
  'Every change of a role: who, which, by whom, why. Append-only; outlives both people, and then says nothing personal.';
comment on column core.role_change_history.user_tombstone is 'Id of the account at the time. Leads to nobody once the account is gone.';
comment on column core.role_change_history.changed_via is
  'user: an administrator who was signed in; service: the secret key or Studio; system: sign-up and deletion.';
create index role_change_history_user_id_changed_at_idx on core.role_change_history (user_id, changed_at desc);
create index role_change_history_changed_by_idx on core.role_change_history (changed_by);
create index role_change_history_changed_at_id_idx on core.role_change_history (changed_at desc, id desc);

-- Counts the changes that touch administrators. Its row is updated, not only locked, so that two such changes
-- run one after the other at every isolation level, and the second one sees what the first one did.
create table private.admin_guard (
  id boolean primary key default true,
  version bigint not null default 0,
  constraint admin_guard_id_check check (id)
);
comment on table private.admin_guard is 'One row: the gate through which every removal of an administrator goes.';
insert into private.admin_guard default values;
alter table private.admin_guard enable row level security;
