-- Rules about people that hold whoever writes: sign-up, clean texts, the last administrator, the history of roles.

create function private.is_reserved_username(p_username text)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Names that would pass for the house. Digits and underscores around them change nothing for the eye.
  select regexp_replace(lower(p_username), '[0-9_]', '', 'g') in (
    'admin', 'administrator', 'root', 'system', 'support', 'help', 'helpdesk', 'staff', 'official', 'moderator', 'mod',
    'lyceum', 'security', 'null', 'undefined', 'me', 'everyone', 'anonymous', 'deleted', 'service', 'api', 'postgres'
  )
  -- And as a word within a longer name: lyceum_support, the_admin. Not as letters of another word: badminton.
  or p_username ~* 'lyceum|(^|[0-9_])(admin|administrator|moderator|support|helpdesk|staff|official)([0-9_]|$)';
$$;
comment on function private.is_reserved_username(text) is 'True for a name that would pass for the platform or its staff.';

create function private.tg_profiles__clean()
returns trigger
language plpgsql
security definer -- the helpers that it calls are not executable by clients
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' or new.username::text is distinct from old.username::text then
    if new.username is null or new.username::text !~ '^[A-Za-z][A-Za-z0-9_]{2,29}$' then
      raise sqlstate 'PT422' using
        message = 'username_invalid',
        detail = 'A username has 3 to 30 letters, digits or underscores, and begins with a letter.',
        hint = 'Choose another one.';
    end if;
    if private.is_reserved_username(new.username::text) and not private.is_service() then
      raise sqlstate 'PT422' using
        message = 'username_reserved',
        detail = 'This username would pass for the platform or its staff.',
        hint = 'Choose another one.';
    end if;
  end if;
  new.full_name := nullif(private.clean_text(new.full_name, 'full_name', 0, 120), '');
  new.bio := nullif(private.clean_text(new.bio, 'bio', 0, 2000), '');
  return new;
end;
$$;

create trigger _200_clean
  before insert or update of username, full_name, bio on core.profiles
  for each row execute function private.tg_profiles__clean();

-- What a person wants to be called is a wish, not a condition: whatever is wrong with it, sign-up succeeds.
create function private.sign_up_text(p_value jsonb, p_max integer)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_text text;
begin
  if jsonb_typeof(p_value) is distinct from 'string' then
    return null;
  end if;
  v_text := private.clean_text(p_value #>> '{}', 'value', 0, p_max);
  -- Normalising can lengthen a text.
  return case when length(v_text) between 1 and p_max then v_text end;
exception when others then
  return null;
end;
$$;
comment on function private.sign_up_text(jsonb, integer) is 'A text of the sign-up metadata, or null when it is of no use.';

create function private.tg_users__create_profile()
returns trigger
language plpgsql
security definer -- fires for the Auth server, which may not write in core
set search_path = ''
as $$
declare
  v_meta jsonb := coalesce(new.raw_user_meta_data, '{}');
  v_wish text;
  v_name text;
  v_zone text;
  v_locale text;
begin
  -- Some engines store the object as a JSON string.
  if jsonb_typeof(v_meta) = 'string' then
    begin
      v_meta := (v_meta #>> '{}')::jsonb;
    exception when others then
      v_meta := '{}';
    end;
  end if;
  if jsonb_typeof(v_meta) is distinct from 'object' then
    v_meta := '{}';
  end if;

  v_wish := private.sign_up_text(v_meta -> 'username', 30);
  if v_wish !~ '^[A-Za-z][A-Za-z0-9_]{2,29}$' or private.is_reserved_username(v_wish) then
    v_wish := null;
  end if;
  v_name := coalesce(private.sign_up_text(v_meta -> 'full_name', 120), private.sign_up_text(v_meta -> 'name', 120));
  v_zone := private.sign_up_text(v_meta -> 'time_zone', 64);
  v_locale := private.sign_up_text(v_meta -> 'locale', 35);
  if not private.is_time_zone(v_zone) then
    v_zone := 'UTC';
  end if;
  if v_locale is null or v_locale !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' then
    v_locale := 'en';
  end if;

  -- A taken name falls back to a made-up one: never to the e-mail address, which stays secret.
  for v_try in 0..9 loop
    insert into core.profiles (id, username, full_name, time_zone, locale)
    values (
      new.id,
      case when v_try = 0 and v_wish is not null then v_wish
        else 'user_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 10) end,
      v_name, v_zone, v_locale
    )
    on conflict do nothing;
    exit when exists (select from core.profiles as p where p.id = new.id);
  end loop;

  perform set_config('lyceum.change_reason', 'Signed up.', true);
  perform set_config('lyceum.change_via', 'system', true);
  insert into core.user_roles (user_id, role) values (new.id, 'student') on conflict do nothing;
  perform set_config('lyceum.change_reason', '', true);
  perform set_config('lyceum.change_via', '', true);
  return null;
end;
$$;
comment on function private.tg_users__create_profile() is
  'Trigger on auth.users: makes the profile and the role student. Takes no role from the metadata and lets no wish fail the sign-up.';

create trigger _500_create_profile
  after insert on auth.users
  for each row execute function private.tg_users__create_profile();

-- The last administrator stays, whichever way he would go: role revoked, made read-only, suspended, or account deleted.
create function private.check_admin_remains(p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- holds the gate, which nobody else may touch
set search_path = ''
as $$
begin
  update private.admin_guard set version = version + 1;
  if not exists (
    select from core.user_roles as r
    join core.profiles as p on p.id = r.user_id and p.is_active
    join core.admins as a on a.id = r.user_id and a.level <> 'readonly'
    where r.role = 'admin' and r.user_id <> p_user_id
  ) then
    raise sqlstate 'PT409' using
      message = 'last_admin',
      detail = 'This is the last administrator who can act.',
      hint = 'Make somebody else an administrator first.';
  end if;
end;
$$;
comment on function private.check_admin_remains(uuid) is 'Raises last_admin (409) unless an administrator other than this one can act. One caller at a time.';

create function private.tg__keep_last_admin()
returns trigger
language plpgsql
security definer -- a rule about all administrators, whoever removes one
set search_path = ''
as $$
declare
  v_user_id uuid := (to_jsonb(old) ->> case tg_table_name when 'user_roles' then 'user_id' else 'id' end)::uuid;
begin
  -- Somebody who cannot act as it is, takes nothing away by going.
  if exists (
    select from core.user_roles as r
    join core.admins as a on a.id = r.user_id and a.level <> 'readonly'
    left join core.profiles as p on p.id = r.user_id
    where r.user_id = v_user_id and r.role = 'admin' and coalesce(p.is_active, true)
  ) then
    perform private.check_admin_remains(v_user_id);
  end if;
  return case tg_op when 'DELETE' then old else new end;
end;
$$;
comment on function private.tg__keep_last_admin() is 'Trigger: refuses what would leave the platform without an administrator.';

create trigger _100_keep_last_admin
  before delete on core.user_roles
  for each row when (old.role = 'admin')
  execute function private.tg__keep_last_admin();
create trigger _100_keep_last_admin_on_update
  before update on core.user_roles
  for each row when (old.role = 'admin' and (new.role <> 'admin' or new.user_id <> old.user_id))
  execute function private.tg__keep_last_admin();
create trigger _100_keep_last_admin
  before update of is_active on core.profiles
  for each row when (old.is_active and not new.is_active)
  execute function private.tg__keep_last_admin();
create trigger _110_keep_last_admin_on_delete
  before delete on core.profiles
  for each row execute function private.tg__keep_last_admin();
create trigger _100_keep_last_admin
  before update of level on core.admins
  for each row when (old.level <> 'readonly' and new.level = 'readonly')
  execute function private.tg__keep_last_admin();
create trigger _110_keep_last_admin_on_delete
  before delete on core.admins
  for each row execute function private.tg__keep_last_admin();
