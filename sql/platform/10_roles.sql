-- The roles of a hosted Supabase project, for a bare Postgres. Runs before Auth and Storage make
-- their tables. Safe to run again.
--
-- PostgREST logs in as `authenticator` and switches to one of the three API roles; no other role
-- is reachable from outside. Only `service_role` passes over row-level security.

do $$
declare
  v_role record;
begin
  for v_role in
    select * from (values
      ('anon', 'nologin'),
      ('authenticated', 'nologin'),
      ('service_role', 'nologin bypassrls'),
      ('authenticator', 'noinherit login'),
      ('supabase_auth_admin', 'noinherit createrole nologin'),
      ('supabase_storage_admin', 'noinherit createrole nologin'),
      ('supabase_realtime_admin', 'noinherit nologin'),
      ('dashboard_user', 'nologin createdb createrole')
    ) as roles (name, options)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role.name) then
      execute format('create role %I %s', v_role.name, v_role.options);
    end if;
  end loop;
end
$$;

grant anon, authenticated, service_role to authenticator;

-- Extensions live apart from the tables; the API roles may use what they bring.
create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;

-- Hosted Supabase opens `public` to the API roles by default, and nothing else.
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on sequences to anon, authenticated, service_role;

do $$
begin
  execute format(
    'alter database %I set search_path = "$user", public, extensions', current_database()
  );
end
$$;
