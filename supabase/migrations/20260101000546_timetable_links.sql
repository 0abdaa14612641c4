-- Secret links: a calendar to subscribe to, or a page to look at, for whoever has the link. The database keeps the SHA-256
-- of the token, so that no copy of it opens anything; a link that is lost is revoked and made anew.

create function private.share_link(p_timetable_id uuid, p_kind text, p_label text)
returns jsonb
language plpgsql
volatile
security definer -- links have no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_timetable timetable.timetables := private.enter_timetable(p_timetable_id, 'owner');
  v_label text := private.clean_text(coalesce(p_label, ''), 'label', 0, 100);
  v_token text := translate(encode(extensions.gen_random_bytes(32), 'base64'), E'+/=\n', '-_');
  v_link timetable.timetable_links;
begin
  if p_kind is null or p_kind not in ('view', 'calendar') then
    raise sqlstate 'PT422' using
      message = 'link_kind_invalid', detail = 'A link is a view or a calendar.', hint = 'Send view or calendar.';
  end if;
  perform private.limit_action('timetable.limits', 'link', v_timetable.user_id::text);
  if (select count(*) from timetable.timetable_links as l where l.timetable_id = p_timetable_id and l.revoked_at is null)
    >= private.setting_number('timetable.max_links')
  then
    raise sqlstate 'PT409' using
      message = 'link_limit_reached',
      detail = format('A timetable has %s links at most.', private.setting_number('timetable.max_links')),
      hint = 'Revoke one that is not needed.';
  end if;
  insert into timetable.timetable_links (timetable_id, kind, token_hash, label)
  values (p_timetable_id, p_kind, encode(sha256(convert_to(v_token, 'UTF8')), 'hex'), v_label)
  returning * into v_link;
  return jsonb_build_object(
    'id', v_link.id, 'timetable_id', v_link.timetable_id, 'kind', v_link.kind, 'label', v_link.label,
    'created_at', v_link.created_at, 'token', v_token,
    'path', '/calendar/' || v_token || case p_kind when 'calendar' then '.ics' else '.json' end
  );
end;
$$;
comment on function private.share_link(uuid, text, text) is 'See timetable.share_link.';

create function timetable.share_link(p_timetable_id uuid, p_kind text, p_label text default '')
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.share_link(p_timetable_id, p_kind, p_label); $$;
comment on function timetable.share_link(uuid, text, text) is
  'Makes a secret link to a timetable of yours: p_kind view or calendar. Returns {id, kind, label, token, path}; the token is shown this once, path comes behind /functions/v1. Errors: timetable_not_found (404), timetable_owner_required (403), link_limit_reached (409), link_kind_invalid, text_too_long, markup_not_allowed (422), rate_limited (429).';

create function private.revoke_link(p_link_id uuid)
returns timestamptz
language plpgsql
volatile
security definer -- links have no direct writing; acts for the owner only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_revoked_at timestamptz;
begin
  update timetable.timetable_links as l
  set revoked_at = coalesce(l.revoked_at, now())
  from timetable.timetables as t
  where l.id = p_link_id and t.id = l.timetable_id and t.user_id = v_user_id
  returning l.revoked_at into v_revoked_at;
  if not found then
    raise sqlstate 'PT404' using
      message = 'link_not_found', detail = 'You have no such link.', hint = 'List them: timetable_links.';
  end if;
  return v_revoked_at;
end;
$$;
comment on function private.revoke_link(uuid) is 'See timetable.revoke_link.';

create function timetable.revoke_link(p_link_id uuid)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$ select private.revoke_link(p_link_id); $$;
comment on function timetable.revoke_link(uuid) is
  'From now on the link opens nothing. Returns since when; again: the same. link_not_found (404).';

revoke execute on function
  private.share_link(uuid, text, text), timetable.share_link(uuid, text, text), private.revoke_link(uuid),
  timetable.revoke_link(uuid)
  from public, anon, authenticated;
grant execute on function
  private.share_link(uuid, text, text), timetable.share_link(uuid, text, text), private.revoke_link(uuid),
  timetable.revoke_link(uuid)
  to authenticated;
