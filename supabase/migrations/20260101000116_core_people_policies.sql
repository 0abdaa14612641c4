-- Who may read and write which row about people.
--
-- Anonymous visitors: nothing. Signed-in people: the profiles of active people, their own roles. A suspended account
-- reads the same and writes nothing. Roles, activity and history: no client writes them.

alter table core.profiles enable row level security;
alter table core.roles enable row level security;
alter table core.user_roles enable row level security;
alter table core.admins enable row level security;
alter table core.role_change_history enable row level security;

revoke all on core.profiles, core.roles, core.user_roles, core.admins, core.role_change_history from anon, authenticated;

-- `settings` is missing on purpose: it is for the person alone, who reads it with core.my_profile().
grant select (id, username, full_name, avatar_path, bio, time_zone, locale, is_active, created_at, updated_at)
  on core.profiles to authenticated;
grant update (username, full_name, avatar_path, bio, time_zone, locale, settings) on core.profiles to authenticated;
grant select, update on core.profiles to service_role;

create policy profiles_select_active on core.profiles
  for select to authenticated
  using (
    id = (select auth.uid())
    or (is_active and (select private.is_user()))
    or (select private.has_role('admin'))
    or (select private.has_role('moderator'))
  );
create policy profiles_update_own on core.profiles
  for update to authenticated
  using (id = (select auth.uid()) and is_active)
  with check (id = (select auth.uid()) and is_active);

grant select on core.roles to authenticated, service_role;
create policy roles_select_user on core.roles
  for select to authenticated
  using ((select private.is_user()));

grant select on core.user_roles to authenticated;
grant select, insert, delete on core.user_roles to service_role;
create policy user_roles_select_own_or_admin on core.user_roles
  for select to authenticated
  using (user_id = (select auth.uid()) or (select private.has_role('admin')));

grant select on core.admins to authenticated;
grant select, update on core.admins to service_role;
create policy admins_select_admin on core.admins
  for select to authenticated
  using ((select private.has_role('admin')));

grant select on core.role_change_history to authenticated, service_role;
create policy role_change_history_select_own_or_admin on core.role_change_history
  for select to authenticated
  using (user_id = (select auth.uid()) or (select private.has_role('admin')));

create policy settings_select_public_or_admin on core.settings
  for select to authenticated
  using ((is_public and (select private.is_user())) or (select private.has_role('admin')));
