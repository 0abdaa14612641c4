-- What the function calendar asks with a secret link to somebody's sessions. It runs with the secret key, because a calendar
-- program has no account; so this decides what a link opens, and how often.
--
-- One event for each chain of moves: its last booking stands for it, under the id of the chain. What was only held is no
-- event. What was called off stays for a while, marked as such: a program that finds nothing may keep what it has.

create index bookings_tutor_calendar_idx on market.bookings (tutor_id, ends_at) where moved_at is null and status not in ('hold', 'expired');
create index bookings_learner_calendar_idx on market.bookings (learner_id, ends_at) where moved_at is null and status not in ('hold', 'expired');

create function private.market_calendar_person(p_id uuid, p_tombstone uuid, p_gone text)
returns jsonb
language sql
stable
security definer -- names of people, for the other party of a booking
set search_path = ''
as $$
  select jsonb_build_object('id', p_tombstone, 'name', coalesce(
    (select coalesce(nullif(btrim(p.full_name), ''), p.username::text) from core.profiles as p where p.id = p_id), p_gone
  ));
$$;
comment on function private.market_calendar_person(uuid, uuid, text) is 'Who it is, by name and without an address; p_gone when his account is gone.';

create function private.market_calendar_content(p_user_id uuid, p_role text)
returns jsonb
language sql
stable
security definer -- reads for a link that was checked
set search_path = ''
as $$
  with mine as (
    select b.*
    from (
      -- Each half goes along its own index.
      select l.* from market.bookings as l where p_role = 'learner' and l.learner_id = p_user_id
      union all
      select t.* from market.bookings as t where p_role = 'tutor' and t.tutor_id = p_user_id
    ) as b
    where b.moved_at is null and b.status not in ('hold', 'expired')
      and b.ends_at > now() - make_interval(days => private.setting_number('market.calendar_past_days'))
      and (
        b.status <> 'cancelled'
        or b.cancelled_at > now() - make_interval(days => private.setting_number('market.calendar_cancelled_days'))
          -- It was agreed on before it was called off.
          and exists (select from market.booking_events as e where e.booking_id = b.id and e.to_status = 'scheduled')
      )
    order by b.starts_at desc, b.id
    limit 1000
  )
  select jsonb_build_object('role', p_role, 'bookings', coalesce(jsonb_agg(jsonb_build_object(
    'chain_id', m.chain_id, 'title', m.title, 'status', m.status, 'sequence', m.calendar_sequence,
    'starts_at', extract(epoch from m.starts_at)::bigint, 'ends_at', extract(epoch from m.ends_at)::bigint,
    'created_at', (select extract(epoch from c.created_at)::bigint from market.bookings as c where c.id = m.chain_id),
    'updated_at', extract(epoch from m.updated_at)::bigint,
    'meeting_link', m.meeting_link,
    'tutor', private.market_calendar_person(m.tutor_id, m.tutor_tombstone, 'Former tutor'),
    'learner', private.market_calendar_person(m.learner_id, m.learner_tombstone, 'Former learner')
  ) order by m.starts_at, m.chain_id), '[]'))
  from mine as m;
$$;
comment on function private.market_calendar_content(uuid, text) is
  'Sessions of somebody as learner or as tutor, as his calendar shows them. No prices, notes or reasons.';

create function private.market_open_calendar_link(p_token_hash text, p_client text, p_version text)
returns jsonb
language plpgsql
volatile
security definer -- reads sessions for whoever holds the link; executable by services only
set search_path = ''
as $$
declare
  v_link market.calendar_links;
  v_content jsonb;
  v_version text;
begin
  select l.* into v_link
  from market.calendar_links as l
  join core.profiles as p on p.id = l.user_id and p.is_active
  where l.token_hash = p_token_hash and l.revoked_at is null;
  if not found then
    -- The address itself is not kept.
    perform private.limit_action('market.calendar_limits', 'miss', encode(sha256(convert_to(coalesce(p_client, ''), 'UTF8')), 'hex'));
    return null;
  end if;
  perform private.limit_action('market.calendar_limits', 'fetch', v_link.id::text);
  update market.calendar_links as l set last_used_at = now()
  where l.id = v_link.id and coalesce(l.last_used_at, '-infinity') < now() - interval '1 hour';
  v_content := private.market_calendar_content(v_link.user_id, v_link.role);
  -- Names, and what time takes out, change it too.
  v_version := md5(v_content::text);
  return jsonb_build_object('version', v_version, 'content', case when p_version is distinct from v_version then v_content end);
end;
$$;
comment on function private.market_open_calendar_link(text, text, text) is 'See market.open_calendar_link.';

create function market.open_calendar_link(p_token_hash text, p_client text default null, p_version text default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.market_open_calendar_link(p_token_hash, p_client, p_version); $$;
comment on function market.open_calendar_link(text, text, text) is
  'For services: what a secret link to sessions opens, {version, content}; content is null when p_version is still the version. Null for a link that is unknown, revoked, or of somebody suspended. rate_limited (429): too many readings of one link, or too many links that are none from one client.';

revoke execute on function
  private.market_calendar_person(uuid, uuid, text), private.market_calendar_content(uuid, text),
  private.market_open_calendar_link(text, text, text), market.open_calendar_link(text, text, text)
  from public, anon, authenticated;
grant execute on function private.market_open_calendar_link(text, text, text), market.open_calendar_link(text, text, text)
  to service_role;
