-- What people and administrators call about accounts and roles. Public functions are thin invoker wrappers; the work is
-- done by definers in `private`, each of which checks its caller first.

create function private.change_reason(p_reason text)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_reason is null or btrim(p_reason) = '' then
    raise sqlstate 'PT422' using
      message = 'reason_required',
      detail = 'A change like this is recorded with its reason.',
      hint = 'Say in a sentence why.';
  end if;
  return private.clean_text(p_reason, 'reason', 3, 500);
end;
$$;
comment on function private.change_reason(text) is 'The reason, cleaned; raises reason_required (422) when there is none.';

create function private.check_role_change(p_user_id uuid, p_role text)
returns void
language plpgsql
stable
security definer -- looks at accounts that the caller may not read
set search_path = ''
as $$
begin
  if p_role is null or not exists (select from core.roles as r where r.name = p_role) then
    raise sqlstate 'PT422' using
      message = 'unknown_role',
      detail = format('There is no role %s.', coalesce(quote_literal(p_role), 'without a name')),
      hint = 'The roles are listed in core.roles.';
  end if;
  if not exists (select from core.profiles as p where p.id = p_user_id) then
    raise sqlstate 'PT404' using
      message = 'user_not_found',
      detail = 'There is no such account.',
      hint = 'Check the id.';
  end if;
  if p_role = 'expert' then
    raise sqlstate 'PT409' using
      message = 'expert_role_is_decided',
      detail = 'The role expert follows from the decision on the application.',
      hint = 'Call core.decide_expert.';
  end if;
end;
$$;
comment on function private.check_role_change(uuid, text) is 'Raises unless this role of this account may be changed by hand.';

-- A new administrator may do everything: whoever may not, must not make one and so get around his own limits.
create function private.check_may_change_admins(p_actor uuid)
returns void
language plpgsql
stable
security definer -- reads the level of the administrator who calls
set search_path = ''
as $$
begin
  if p_actor is not null and not exists (
    select from core.admins as a where a.id = p_actor and (a.level = 'super' or a.permissions @> '{"all": true}')
  ) then
    raise sqlstate 'PT403' using
      message = 'permission_required',
      detail = 'Only an administrator with all permissions makes or removes administrators.',
      hint = 'Ask an administrator of level super.';
  end if;
end;
$$;
comment on function private.check_may_change_admins(uuid) is
  'Raises permission_required (403) unless this administrator has all permissions; null, the service, has.';

create function private.grant_role(p_user_id uuid, p_role text, p_reason text)
returns boolean
language plpgsql
volatile
security definer -- writes user_roles after checking that an administrator asks
set search_path = ''
as $$
declare
  v_actor uuid := private.require_admin('roles');
  v_reason text := private.change_reason(p_reason);
  v_is_new boolean;
begin
  perform private.check_role_change(p_user_id, p_role);
  if p_role = 'admin' then
    perform private.check_may_change_admins(v_actor);
  end if;
  perform set_config('lyceum.change_reason', v_reason, true);
  insert into core.user_roles (user_id, role, granted_by)
  values (p_user_id, p_role, v_actor)
  on conflict do nothing;
  v_is_new := found;
  perform set_config('lyceum.change_reason', '', true);
  if v_is_new then
    perform private.notify(p_user_id, 'role_granted', 'info', 'You have a new role',
      format('You are now %s.', p_role), jsonb_build_object('role', p_role));
  end if;
  return v_is_new;
end;
$$;
comment on function private.grant_role(uuid, text, text) is 'Gives the role; false when the person had it already.';

create function private.revoke_role(p_user_id uuid, p_role text, p_reason text)
returns boolean
language plpgsql
volatile
security definer -- writes user_roles after checking that an administrator asks
set search_path = ''
as $$
declare
  v_actor uuid := private.require_admin('roles');
  v_reason text := private.change_reason(p_reason);
  v_was boolean;
begin
  perform private.check_role_change(p_user_id, p_role);
  if p_role = 'admin' and v_actor <> p_user_id then
    perform private.check_may_change_admins(v_actor);
  end if;
  if p_role = 'admin' and v_actor is not null and v_actor <> p_user_id
    and exists (select from core.admins as a where a.id = p_user_id and a.level = 'super')
    and not exists (select from core.admins as a where a.id = v_actor and a.level = 'super')
  then
    raise sqlstate 'PT403' using
      message = 'super_admin_required',
      detail = 'Only an administrator of level super removes another one of that level.',
      hint = 'Ask one of them.';
  end if;
  perform set_config('lyceum.change_reason', v_reason, true);
  delete from core.user_roles as r where r.user_id = p_user_id and r.role = p_role;
  v_was := found;
  perform set_config('lyceum.change_reason', '', true);
  if v_was then
    perform private.notify(p_user_id, 'role_revoked', 'info', 'A role was taken back',
      format('You are no longer %s.', p_role), jsonb_build_object('role', p_role));
  end if;
  return v_was;
end;
$$;
comment on function private.revoke_role(uuid, text, text) is 'Takes the role back; false when the person did not have it.';

create function private.set_admin_level(p_user_id uuid, p_level text, p_permissions jsonb)
returns core.admins
language plpgsql
volatile
security definer -- writes core.admins after checking that a super administrator asks
set search_path = ''
as $$
declare
  v_actor uuid := private.require_admin('roles');
  v_admin core.admins;
begin
  if v_actor is not null and not exists (select from core.admins as a where a.id = v_actor and a.level = 'super') then
    raise sqlstate 'PT403' using
      message = 'super_admin_required',
      detail = 'Only an administrator of level super changes levels.',
      hint = 'Ask one of them.';
  end if;
  if p_level is null or p_level not in ('standard', 'super', 'readonly') or jsonb_typeof(coalesce(p_permissions, '{}')) <> 'object' then
    raise sqlstate 'PT422' using
      message = 'admin_level_invalid',
      detail = 'The level is standard, super or readonly; permissions are an object.',
      hint = 'See docs/core.md.';
  end if;
  update core.admins as a
  set level = p_level, permissions = coalesce(p_permissions, a.permissions)
  where a.id = p_user_id
  returning * into v_admin;
  if not found then
    raise sqlstate 'PT404' using
      message = 'admin_not_found',
      detail = 'This account is not an administrator.',
      hint = 'Grant the role admin first.';
  end if;
  return v_admin;
end;
$$;
comment on function private.set_admin_level(uuid, text, jsonb) is 'Sets level and permissions of an administrator.';

-- The first administrator of a new project, from a direct session only: execute is granted to nobody.
create function private.bootstrap_admin(p_email text)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  if not private.is_service() then
    raise sqlstate 'PT403' using message = 'role_required', detail = 'Only a direct database session may do this.', hint = 'Use psql or Studio.';
  end if;
  update private.admin_guard set version = version + 1;
  if exists (select from core.user_roles as r where r.role = 'admin') then
    raise sqlstate 'PT409' using
      message = 'admin_exists',
      detail = 'There is an administrator already.',
      hint = 'Let that administrator call core.grant_role.';
  end if;
  select u.id into v_user_id from auth.users as u where lower(u.email) = lower(btrim(p_email));
  if v_user_id is null then
    raise sqlstate 'PT404' using
      message = 'user_not_found',
      detail = 'Nobody has signed up with this address.',
      hint = 'Sign up first.';
  end if;
  perform private.grant_role(v_user_id, 'admin', 'First administrator.');
  update core.admins as a set level = 'super' where a.id = v_user_id;
  return v_user_id;
end;
$$;
comment on function private.bootstrap_admin(text) is
  'Makes the account with this e-mail address the first administrator, of level super. For psql and Studio; refused once there is one.';

create function private.my_profile()
returns core.profiles
language plpgsql
stable
security definer -- the column settings is readable by nobody, except here by the person himself
set search_path = ''
as $$
declare
  v_profile core.profiles;
begin
  select * into v_profile from core.profiles as p where p.id = (select auth.uid());
  if not found then
    perform private.require_user();
  end if;
  return v_profile;
end;
$$;
comment on function private.my_profile() is 'The whole profile of the caller, also while suspended.';

create function core.my_profile()
returns core.profiles
language sql
stable
security invoker
set search_path = ''
as $$ select private.my_profile(); $$;
comment on function core.my_profile() is 'Your own profile, with your settings. Works while suspended too: is_active says so.';

create function core.my_roles()
returns setof text
language sql
stable
security invoker
set search_path = ''
as $$
  select r.role from core.user_roles as r
  where r.user_id = (select auth.uid()) and (select private.is_active_user())
  order by r.role;
$$;
comment on function core.my_roles() is 'The roles that count for you now; none while suspended.';

create function core.grant_role(p_user_id uuid, p_role text, p_reason text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.grant_role(p_user_id, p_role, p_reason); $$;
comment on function core.grant_role(uuid, text, text) is
  'Administrators: gives a person a role; recorded with the reason. False when he had it already.';

create function core.revoke_role(p_user_id uuid, p_role text, p_reason text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.revoke_role(p_user_id, p_role, p_reason); $$;
comment on function core.revoke_role(uuid, text, text) is
  'Administrators: takes a role back; recorded with the reason. The last administrator stays.';

create function core.set_admin_level(p_user_id uuid, p_level text, p_permissions jsonb default null)
returns core.admins
language sql
volatile
security invoker
set search_path = ''
as $$ select private.set_admin_level(p_user_id, p_level, p_permissions); $$;
comment on function core.set_admin_level(uuid, text, jsonb) is
  'Administrators of level super: level (standard, super, readonly) and permissions of another administrator.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.change_reason(text), private.check_role_change(uuid, text), private.check_may_change_admins(uuid), private.grant_role(uuid, text, text),
  private.revoke_role(uuid, text, text), private.set_admin_level(uuid, text, jsonb), private.my_profile(),
  private.bootstrap_admin(text)
  from anon, authenticated, service_role;
grant execute on function private.my_profile(), core.my_profile(), core.my_roles() to authenticated;
grant execute on function
  private.grant_role(uuid, text, text), private.revoke_role(uuid, text, text), private.set_admin_level(uuid, text, jsonb),
  core.grant_role(uuid, text, text), core.revoke_role(uuid, text, text), core.set_admin_level(uuid, text, jsonb)
  to authenticated, service_role;
