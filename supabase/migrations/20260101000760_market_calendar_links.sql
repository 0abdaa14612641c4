-- A secret link to one's sessions, as a calendar to subscribe to: one as learner, one as tutor. The database keeps the
-- SHA-256 of the token, so that no copy of it opens anything; asking for a link again makes a new one and ends the old.
--
--   owner:     makes and revokes his links, sees when they were used; never the token again
--   service:   opens one by the hash of its token (0761)

insert into core.settings (key, value, description) values
  ('market.calendar_past_days', '180', 'How far back a calendar of sessions goes.'),
  ('market.calendar_cancelled_days', '90', 'For how long a session that was called off stays in calendars, marked as such, so that programs take it out.'),
  ('market.calendar_limits', '{
    "link": {"burst": 10, "per_hour": 20},
    "fetch": {"burst": 60, "per_hour": 240},
    "miss": {"burst": 60, "per_hour": 120}
  }', 'Burst at once, then per hour: links made by one person; readings of one link; attempts of one address with links that are none.');

create table market.calendar_links (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  role text not null,
  token_hash text not null unique,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint calendar_links_role_check check (role in ('learner', 'tutor')),
  constraint calendar_links_token_hash_check check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table market.calendar_links is 'Secret links to calendars of sessions. Only the SHA-256 of the token is kept; one of each role is alive.';
create unique index calendar_links_alive_key on market.calendar_links (user_id, role) where revoked_at is null;
create index calendar_links_user_id_idx on market.calendar_links (user_id, created_at);

alter table market.calendar_links enable row level security;
revoke all on market.calendar_links from public, anon, authenticated;
grant select on market.calendar_links to service_role;
grant select (id, user_id, role, last_used_at, revoked_at, created_at) on market.calendar_links to authenticated;
create policy calendar_links_select_own on market.calendar_links
  for select to authenticated
  using (user_id = (select auth.uid()));

create function private.market_calendar_role(p_role text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_role is null or p_role not in ('learner', 'tutor') then
    raise sqlstate 'PT422' using
      message = 'role_invalid', detail = 'A calendar is that of a learner or of a tutor.', hint = 'Send learner or tutor.';
  end if;
  return p_role;
end;
$$;
comment on function private.market_calendar_role(text) is 'learner or tutor; role_invalid (422).';

create function private.market_calendar_link(p_role text)
returns jsonb
language plpgsql
volatile
security definer -- links have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_role text := private.market_calendar_role(p_role);
  v_token text := translate(encode(extensions.gen_random_bytes(32), 'base64'), E'+/=\n', '-_');
  v_link market.calendar_links;
begin
  -- One after the other: of two at once the later link is alive.
  perform from core.profiles as p where p.id = v_user_id for no key update;
  if v_role = 'tutor' and not exists (select from market.tutors as t where t.id = v_user_id) then
    raise sqlstate 'PT403' using
      message = 'tutor_required', detail = 'You are no tutor.', hint = 'Ask for the calendar of the learner, or market.become_tutor.';
  end if;
  perform private.limit_action('market.calendar_limits', 'link', v_user_id::text);
  update market.calendar_links as l set revoked_at = now()
  where l.user_id = v_user_id and l.role = v_role and l.revoked_at is null;
  -- Old ones are of no use.
  delete from market.calendar_links as l
  where l.user_id = v_user_id and l.role = v_role and l.revoked_at < now() - interval '30 days';
  insert into market.calendar_links (user_id, role, token_hash)
  values (v_user_id, v_role, encode(sha256(convert_to(v_token, 'UTF8')), 'hex'))
  returning * into v_link;
  return jsonb_build_object(
    'id', v_link.id, 'role', v_link.role, 'created_at', v_link.created_at, 'token', v_token,
    'path', '/calendar/bookings/' || v_token || '.ics'
  );
end;
$$;
comment on function private.market_calendar_link(text) is 'See market.calendar_link.';

create function market.calendar_link(p_role text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_calendar_link(p_role); $$;
comment on function market.calendar_link(text) is
  'Makes a secret link to the calendar of your sessions, as learner or as tutor; the one before opens nothing from now on. Returns {id, role, token, path}; the token is shown this once, path comes behind /functions/v1. Errors: role_invalid (422), tutor_required (403), rate_limited (429).';

create function private.market_revoke_calendar_link(p_role text)
returns timestamptz
language plpgsql
volatile
security definer -- links have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_role text := private.market_calendar_role(p_role);
  v_revoked_at timestamptz;
begin
  update market.calendar_links as l set revoked_at = now()
  where l.user_id = v_user_id and l.role = v_role and l.revoked_at is null;
  select max(l.revoked_at) into v_revoked_at from market.calendar_links as l where l.user_id = v_user_id and l.role = v_role;
  return v_revoked_at;
end;
$$;
comment on function private.market_revoke_calendar_link(text) is 'See market.revoke_calendar_link.';

create function market.revoke_calendar_link(p_role text)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_revoke_calendar_link(p_role); $$;
comment on function market.revoke_calendar_link(text) is
  'From now on your link of this role opens nothing. Returns since when; again: the same; null: there was none. Suspended people may, too. Errors: role_invalid (422).';

revoke execute on function
  private.market_calendar_role(text), private.market_calendar_link(text),
  private.market_revoke_calendar_link(text), market.calendar_link(text), market.revoke_calendar_link(text)
  from public, anon, authenticated;
grant execute on function
  private.market_calendar_link(text), private.market_revoke_calendar_link(text), market.calendar_link(text),
  market.revoke_calendar_link(text)
  to authenticated;
