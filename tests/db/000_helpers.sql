-- What the tests of the database share: people to act as, and ways to become them. Loaded once, before the other files.

create schema if not exists tests;
comment on schema tests is 'Helpers of the pgTAP tests; never part of a deployment.';
grant usage on schema tests to anon, authenticated, service_role;

-- An account as the Auth server makes it. p_roles beyond student are given straight in the table, since the functions
-- that give roles are themselves under test; an expert is verified.
create or replace function tests.create_user(p_email text, p_roles text[] default '{}', p_meta jsonb default '{}')
returns uuid
language plpgsql
as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  values (
    v_id, 'authenticated', 'authenticated', p_email, now(),
    '{"provider": "email", "providers": ["email"]}', p_meta, now(), now()
  );
  if 'expert' = any (p_roles) then
    insert into core.experts (id, verification_status, headline) values (v_id, 'verified', 'Made by a test');
  end if;
  insert into core.user_roles (user_id, role)
  select v_id, r from unnest(p_roles) as r
  on conflict do nothing;
  return v_id;
end;
$$;

create or replace function tests.become(p_role text, p_claims jsonb)
returns void
language plpgsql
as $$
begin
  perform set_config('role', 'none', true);
  perform set_config('request.jwt.claims', coalesce(p_claims::text, ''), true);
  perform set_config('role', p_role, true);
end;
$$;

create or replace function tests.as_user(p_user_id uuid)
returns void
language plpgsql
as $$
declare
  v_email text;
begin
  perform set_config('role', 'none', true);
  select u.email into v_email from auth.users u where u.id = p_user_id;
  perform tests.become('authenticated', jsonb_build_object('sub', p_user_id, 'role', 'authenticated', 'email', v_email));
end;
$$;

create or replace function tests.as_anon()
returns void
language sql
as $$ select tests.become('anon', '{"role": "anon"}'); $$;

create or replace function tests.as_service()
returns void
language sql
as $$ select tests.become('service_role', '{"role": "service_role"}'); $$;

-- Back to whoever runs the tests, without a JWT: as a migration or Studio.
create or replace function tests.as_owner()
returns void
language sql
as $$ select tests.become('none', null); $$;

-- How many rows a statement returns to the person who runs it.
create or replace function tests.count_of(p_sql text)
returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  execute format('select count(*) from (%s) as q', p_sql) into v_count;
  return v_count;
end;
$$;

-- How many rows a statement changes for the person who runs it: what RLS hides is not refused, but untouched.
create or replace function tests.rows_changed(p_sql text)
returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  execute p_sql;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

grant execute on all functions in schema tests to public;

-- What a test keeps in temporary tables and functions is for every actor of it. Undone with its transaction.
create or replace function tests.share_temporaries()
returns void
language plpgsql
as $$
begin
  alter default privileges grant select on tables to public;
  alter default privileges grant execute on functions to public;
end;
$$;
