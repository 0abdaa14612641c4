-- What policies ask of Supabase Auth: who is calling. Runs after Auth has made its tables; safe to
-- run again.
--
-- The API puts the claims of the caller's token into `request.jwt.claims` for one transaction. The
-- older settings (`request.jwt.claim.sub` …) are read first because hosted Supabase does so too.

grant usage on schema auth to anon, authenticated, service_role;

create or replace function auth.jwt() returns jsonb
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

create or replace function auth.uid() returns uuid
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create or replace function auth.role() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

create or replace function auth.email() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email()
  to anon, authenticated, service_role;

-- Hosted Auth looks accounts up by this column and gives every identity an id; with both here,
-- one seed makes accounts that can sign in on either.
alter table auth.users
  add column if not exists instance_id uuid default '00000000-0000-0000-0000-000000000000';
alter table auth.identities alter column id set default gen_random_uuid();
