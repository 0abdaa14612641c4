-- The ground that every module stands on: schemas, extensions, settings and the smallest helpers.
--
-- `core` is exposed through the Data API; `private` never is. It holds helpers and security-definer code; the roles may
-- enter it only because policies and thin public wrappers call functions there, each of which is granted by name.

create extension if not exists citext with schema extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists unaccent with schema extensions;

-- On hosted projects every new function is executable by everybody unless this stands first.
alter default privileges revoke execute on functions from public;
-- Except what extensions bring: operators need their functions, whoever compares or measures.
alter default privileges in schema extensions grant execute on functions to anon, authenticated, service_role;

create schema core;
comment on schema core is
  'People, roles, topics, files, search, notifications and moderation: what every module needs and none owns.';
grant usage on schema core to anon, authenticated, service_role;

create schema if not exists private;
comment on schema private is 'Helpers and security-definer code. Never exposed; executable by name only.';
revoke all on schema private from public;
grant usage on schema private to anon, authenticated, service_role;

create function private.tg__touch_updated_at()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function private.tg__touch_updated_at() is 'Trigger: sets updated_at on every update.';
-- A trigger needs no grant to fire, but the tables of other modules are owned by whoever migrates.
grant execute on function private.tg__touch_updated_at() to authenticated, service_role;

-- Time zones by their IANA names only: Postgres would also take "EST5", "Foo/Bar+3"
-- or "Etc/GMT+99" without a murmur, and no clock is further from UTC than twelve hours behind and fourteen ahead.
create function private.is_time_zone(p_name text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_name is null or p_name !~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+){1,2}|Etc/GMT([+]([0-9]|1[0-2])|-([0-9]|1[0-4])))$' then
    return false;
  end if;
  perform timestamptz '2000-01-01 00:00:00+00' at time zone p_name;
  return true;
exception when others then
  return false;
end;
$$;
comment on function private.is_time_zone(text) is
  'True for a time zone that this server knows by its IANA name, such as Europe/Berlin or UTC.';
grant execute on function private.is_time_zone(text) to authenticated, service_role;

-- Everything that an operator may want to tune. Modules add their own rows.
create table core.settings (
  key text primary key,
  value jsonb not null,
  description text not null default '',
  is_public boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settings_key_check check (key ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$')
);
comment on table core.settings is
  'Tunable numbers and switches of all modules, one row each; edited in Studio or with the service key.';
comment on column core.settings.is_public is 'True when any signed-in person may read the value.';

create trigger _100_touch_updated_at
  before update on core.settings
  for each row execute function private.tg__touch_updated_at();

create function private.setting(p_key text)
returns jsonb
language plpgsql
stable
security definer -- settings are read by code on behalf of people who may not read the table
set search_path = ''
as $$
begin
  return (select s.value from core.settings as s where s.key = p_key);
end;
$$;
comment on function private.setting(text) is 'The value of a setting, or null when there is no such key.';

create function private.setting_number(p_key text)
returns integer
language sql
stable
security invoker
set search_path = ''
as $$ select (private.setting(p_key) #>> '{}')::integer; $$;
comment on function private.setting_number(text) is 'A setting that is a whole number.';

insert into core.settings (key, value, description) values
  ('search.languages', '["english"]', 'Text search configurations in use. Queries are read in each of them.'),
  ('search.retrieval_excluded_kinds', '["profile", "topic", "expert"]',
    'Kinds that core.retrieve_passages leaves out unless they are asked for by name.'),
  ('search.feed_limit', '100', 'The most rows that one search returns.'),
  ('moderation.reports_per_hour', '20', 'How many reports one person may send in an hour.'),
  ('experts.max_topics', '20', 'How many topics one application may name.')
on conflict (key) do nothing;

alter table core.settings enable row level security;
revoke all on core.settings from anon, authenticated;
grant select on core.settings to authenticated;
grant select, insert, update, delete on core.settings to service_role;

revoke execute on function private.tg__touch_updated_at(), private.is_time_zone(text), private.setting(text),
  private.setting_number(text)
  from public, anon;
grant execute on function private.setting(text), private.setting_number(text) to service_role;
