-- A secret link to one's plan, as a calendar to subscribe to. The database keeps the SHA-256 of the token, so that no copy of
-- it opens anything; asking for a link again makes a new one and ends the old.
--
--   owner:     makes and revokes the link, sees when it was used; never the token again
--   service:   the function calendar opens one by the hash of its token, because a calendar program has no account

create function private.study_create_plan_link()
returns jsonb
language plpgsql
volatile
security definer -- links have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_token text := translate(encode(extensions.gen_random_bytes(32), 'base64'), E'+/=\n', '-_');
  v_link study.plan_links;
begin
  -- One after the other: of two at once the later link is alive.
  perform from core.profiles as p where p.id = v_user_id for no key update;
  perform private.limit_action('study.limits', 'plan_link', v_user_id::text);
  update study.plan_links as l set revoked_at = now() where l.user_id = v_user_id and l.revoked_at is null;
  -- Old ones are of no use.
  delete from study.plan_links as l where l.user_id = v_user_id and l.revoked_at < now() - interval '30 days';
  insert into study.plan_links (user_id, token_hash)
  values (v_user_id, encode(sha256(convert_to(v_token, 'UTF8')), 'hex'))
  returning * into v_link;
  return jsonb_build_object(
    'id', v_link.id, 'created_at', v_link.created_at, 'token', v_token, 'path', '/calendar/study/' || v_token || '.ics'
  );
end;
$$;
comment on function private.study_create_plan_link() is 'See study.create_plan_link.';

create function study.create_plan_link()
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_plan_link(); $$;
comment on function study.create_plan_link() is
  'Makes a secret link to your plan as a calendar; the one before opens nothing from now on. Returns {id, created_at, token, path}; the token is shown this once, path comes behind /functions/v1. Errors: rate_limited (429).';

create function private.study_revoke_plan_link()
returns timestamptz
language plpgsql
volatile
security definer -- links have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
begin
  update study.plan_links as l set revoked_at = now() where l.user_id = v_user_id and l.revoked_at is null;
  return (select max(l.revoked_at) from study.plan_links as l where l.user_id = v_user_id);
end;
$$;
comment on function private.study_revoke_plan_link() is 'See study.revoke_plan_link.';

create function study.revoke_plan_link()
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_revoke_plan_link(); $$;
comment on function study.revoke_plan_link() is
  'From now on your link opens nothing. Returns since when; again: the same; null: there was none. Suspended people may, too.';

create function private.study_plan_content(p_user_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- reads for a link that was checked
set search_path = ''
as $$
declare
  v_from timestamptz := p_at - make_interval(days => private.setting_number('study.plan_calendar_past_days'));
  v_to timestamptz := p_at + interval '1 day' + make_interval(days => private.setting_number('study.plan_ahead_days'));
  -- Suggestions reach four weeks ahead.
  v_busy tstzmultirange := private.busy_times(p_user_id, p_at, p_at + interval '29 days');
begin
  return jsonb_build_object('blocks', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', b.id, 'kind', b.kind, 'status', b.status, 'topic', t.name, 'path', l.name, 'planned_count', b.planned_count,
      'sequence', b.calendar_sequence,
      'starts_at', extract(epoch from b.starts_at)::bigint, 'ends_at', extract(epoch from b.ends_at)::bigint,
      'created_at', extract(epoch from b.created_at)::bigint, 'updated_at', extract(epoch from b.updated_at)::bigint
    ) order by b.starts_at, b.id), '[]')
    from study.plan_blocks as b
    left join core.topics as t on t.id = b.topic_id
    left join study.learning_paths as l on l.id = b.learning_path_id
    where b.user_id = p_user_id and b.starts_at > v_from and b.starts_at < v_to
      -- A suggestion into which something came goes when the plan is made anew; nobody is called to it until then.
      and (b.status in ('accepted', 'done') or b.status = 'suggested' and not tstzrange(b.starts_at, b.ends_at) && v_busy)
  ));
end;
$$;
comment on function private.study_plan_content(uuid, timestamptz) is
  'The plan of somebody as his calendar shows it: suggestions, what he accepted, what he did. Not what he dismissed or missed.';

create function private.study_open_plan_link(p_token_hash text, p_client text, p_version text, p_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- reads a plan for whoever holds the link; executable by services only
set search_path = ''
as $$
declare
  v_link study.plan_links;
  v_content jsonb;
  v_version text;
begin
  select l.* into v_link
  from study.plan_links as l
  join core.profiles as p on p.id = l.user_id and p.is_active
  where l.token_hash = p_token_hash and l.revoked_at is null;
  if not found then
    -- The address itself is not kept.
    perform private.limit_action('study.limits', 'plan_miss', encode(sha256(convert_to(coalesce(p_client, ''), 'UTF8')), 'hex'));
    return null;
  end if;
  perform private.limit_action('study.limits', 'plan_fetch', v_link.id::text);
  update study.plan_links as l set last_used_at = p_at
  where l.id = v_link.id and coalesce(l.last_used_at, '-infinity') < p_at - interval '1 hour';
  v_content := private.study_plan_content(v_link.user_id, p_at);
  -- Names of topics and paths, and what time takes out, change it too.
  v_version := md5(v_content::text);
  return jsonb_build_object('version', v_version, 'content', case when p_version is distinct from v_version then v_content end);
end;
$$;
comment on function private.study_open_plan_link(text, text, text, timestamptz) is 'See study.open_plan_link.';

create function study.open_plan_link(p_token_hash text, p_client text default null, p_version text default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_open_plan_link(p_token_hash, p_client, p_version, now()); $$;
comment on function study.open_plan_link(text, text, text) is
  'For services: what a secret link to a plan opens, {version, content}; content is null when p_version is still the version. Null for a link that is unknown, revoked, or of somebody suspended. rate_limited (429): too many readings of one link, or too many links that are none from one client.';

revoke execute on function
  private.study_create_plan_link(), study.create_plan_link(), private.study_revoke_plan_link(), study.revoke_plan_link(),
  private.study_plan_content(uuid, timestamptz), private.study_open_plan_link(text, text, text, timestamptz),
  study.open_plan_link(text, text, text)
  from public, anon, authenticated;
grant execute on function
  private.study_create_plan_link(), study.create_plan_link(), private.study_revoke_plan_link(), study.revoke_plan_link()
  to authenticated;
grant execute on function private.study_open_plan_link(text, text, text, timestamptz), study.open_plan_link(text, text, text)
  to service_role;
