-- Who is asking, and may he? The functions that every module's policies and RPCs ask.
--
-- All are definers because they read user_roles and profiles on behalf of people who may not; each answers only about
-- the caller, except private.user_has_role, which clients may not execute.
-- plpgsql on purpose: definers in the SQL language are planned anew on every call.

create function private.is_service()
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  -- Neither changes inside a definer: the role that the request was switched to, and the login behind it.
  v_role text := current_setting('role', true);
begin
  if coalesce(v_role, 'none') in ('', 'none') then
    v_role := session_user;
  end if;
  if v_role = 'service_role' then
    return true;
  end if;
  return v_role not in ('anon', 'authenticated', 'authenticator')
    and coalesce((select auth.role()), 'service_role') = 'service_role';
end;
$$;
comment on function private.is_service() is
  'True for the secret key and for a direct database session without a JWT (Studio, migrations, seeds).';

create function private.is_active_user()
returns boolean
language plpgsql
stable
parallel safe
security definer -- policies ask for people who may not read all profiles
set search_path = ''
as $$
begin
  return exists (
    select from core.profiles as p
    where p.id = (select auth.uid()) and p.is_active
  );
end;
$$;
comment on function private.is_active_user() is 'True when the caller is signed in and not suspended.';

create function private.is_user()
returns boolean
language plpgsql
stable
parallel safe
security definer -- policies ask for people who may not read all profiles
set search_path = ''
as $$
begin
  return exists (select from core.profiles as p where p.id = (select auth.uid()));
end;
$$;
comment on function private.is_user() is
  'True when the caller is signed in, suspended or not: for reading. A token of a deleted account is nobody''s.';

create function private.require_reader()
returns uuid
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := (select p.id from core.profiles as p where p.id = (select auth.uid()));
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using
      message = 'not_authenticated',
      detail = 'Nobody is signed in, or the account is gone.',
      hint = 'Sign in and try again.';
  end if;
  return v_user_id;
end;
$$;
comment on function private.require_reader() is
  'The id of the caller, suspended or not: for what only reads. Raises not_authenticated (401).';

create function private.user_has_role(p_user_id uuid, p_role text)
returns boolean
language plpgsql
stable
parallel safe
security definer -- reads anyone's roles; not executable by clients
set search_path = ''
as $$
begin
  return exists (
    select from core.user_roles as r
    join core.profiles as p on p.id = r.user_id
    where r.user_id = p_user_id and r.role = p_role and p.is_active
  );
end;
$$;
comment on function private.user_has_role(uuid, text) is 'True when that account is active and has the role.';

create function private.has_role(p_role text)
returns boolean
language plpgsql
stable
parallel safe
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  return private.user_has_role((select auth.uid()), p_role);
end;
$$;
comment on function private.has_role(text) is 'True when the caller has the role. A suspended account has none.';

create function private.require_user()
returns uuid
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_is_active boolean;
begin
  select p.is_active into v_is_active from core.profiles as p where p.id = v_user_id;
  if v_is_active is null then
    raise sqlstate 'PT401' using
      message = 'not_authenticated',
      detail = 'Nobody is signed in, or the account is gone.',
      hint = 'Sign in and try again.';
  end if;
  if not v_is_active then
    raise sqlstate 'PT403' using
      message = 'account_inactive',
      detail = 'This account is suspended.',
      hint = 'Write to the moderators.';
  end if;
  return v_user_id;
end;
$$;
comment on function private.require_user() is 'The id of the caller; raises not_authenticated (401) or account_inactive (403).';

create function private.require_role(p_role text)
returns uuid
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  if not private.user_has_role(v_user_id, p_role) then
    raise sqlstate 'PT403' using
      message = 'role_required',
      detail = format('This needs the role %s.', p_role),
      hint = 'Ask an administrator.';
  end if;
  -- Whoever requires the role is about to act on it; what only looks asks has_role.
  if p_role = 'admin' and exists (
    select from core.admins as a where a.id = v_user_id and a.level = 'readonly'
  ) then
    raise sqlstate 'PT403' using
      message = 'admin_read_only',
      detail = 'This administrator may look, but change nothing.',
      hint = 'Ask an administrator of another level.';
  end if;
  return v_user_id;
end;
$$;
comment on function private.require_role(text) is
  'The id of the caller, who has the role; otherwise role_required (403). An administrator of level readonly is refused with admin_read_only.';

create function private.can_administer(p_permission text)
returns boolean
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  return private.has_role('admin') and exists (
    select from core.admins as a
    where a.id = (select auth.uid())
      and (
        a.level = 'super'
        or a.level = 'standard' and (a.permissions @> '{"all": true}' or a.permissions @> jsonb_build_object(p_permission, true))
      )
  );
end;
$$;
comment on function private.can_administer(text) is 'True when the caller is an administrator who may change things and has this permission. For policies.';

-- One permission of an administrator. The service key and direct sessions pass: whoever holds them owns the database.
create function private.require_admin(p_permission text)
returns uuid
language plpgsql
volatile
security definer -- stamps the administrator's last action
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  if private.is_service() then
    return null;
  end if;
  v_user_id := private.require_role('admin');
  if p_permission = 'roles' then
    -- One change of roles after the other: two administrators who revoke each other would wait for each other's rows.
    -- What was true before the wait may be no longer.
    update private.admin_guard set version = version + 1;
    v_user_id := private.require_role('admin');
  end if;
  if not private.can_administer(p_permission) then
    raise sqlstate 'PT403' using
      message = 'permission_required',
      detail = format('This administrator lacks the permission %s.', p_permission),
      hint = 'Ask an administrator of level super.';
  end if;
  update core.admins as a set last_admin_action = now() where a.id = v_user_id;
  return v_user_id;
end;
$$;
comment on function private.require_admin(text) is
  'The id of the administrator who calls and has the permission; null for the service key and direct sessions; otherwise 403.';

revoke execute on function
  private.is_service(), private.is_user(), private.require_reader(), private.is_active_user(), private.user_has_role(uuid, text), private.has_role(text),
  private.require_user(), private.require_role(text), private.require_admin(text), private.can_administer(text)
  from public, anon, authenticated;
grant execute on function private.is_user(), private.is_active_user(), private.has_role(text), private.can_administer(text) to authenticated, service_role;
-- For invoker functions of the modules.
grant execute on function private.is_service(), private.require_user(), private.require_role(text)
  to authenticated, service_role;
grant execute on function private.user_has_role(uuid, text) to service_role;
