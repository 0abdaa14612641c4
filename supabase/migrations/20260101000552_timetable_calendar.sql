-- What the function calendar asks with a secret link. It runs with the secret key, because whoever holds a link may be
-- nobody here; so this decides what a link opens, and how often.

create function private.timetable_content(p_timetable timetable.timetables)
returns jsonb
language sql
stable
security definer -- reads for a link that was checked
set search_path = ''
as $$
  select jsonb_build_object(
    'timetable', jsonb_build_object(
      'id', p_timetable.id, 'name', p_timetable.name, 'class_name', p_timetable.class_name,
      'school_name', p_timetable.school_name, 'teacher_name', p_timetable.teacher_name, 'term', p_timetable.term,
      'year', p_timetable.year, 'status', p_timetable.status, 'starts_on', p_timetable.starts_on,
      'ends_on', p_timetable.ends_on, 'cycle_weeks', p_timetable.cycle_weeks,
      'week_start_date', p_timetable.week_start_date, 'time_zone', p_timetable.time_zone,
      'calendar_sequence', p_timetable.calendar_sequence,
      'updated_at', to_char(p_timetable.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ),
    'blocks', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', b.id, 'name', b.name, 'day_of_week', b.day_of_week, 'weekday', b.weekday, 'week', b.week,
        'start_time', to_char(b.start_time, 'HH24:MI'), 'end_time', to_char(b.end_time, 'HH24:MI'),
        'duration', b.duration, 'notes', b.notes, 'color', b.color, 'position', b.position
      ) order by b.weekday, b.start_time, b.position, b.id), '[]')
      from timetable.timeblocks as b where b.timetable_id = p_timetable.id
    ),
    'exceptions', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', e.id, 'timeblock_id', e.timeblock_id, 'kind', e.kind, 'on_date', e.on_date, 'to_date', e.to_date,
        'name', e.name, 'start_time', to_char(e.start_time, 'HH24:MI'), 'end_time', to_char(e.end_time, 'HH24:MI'),
        'notes', e.notes
      ) order by e.on_date, e.id), '[]')
      from timetable.timetable_exceptions as e where e.timetable_id = p_timetable.id
    ),
    'offsets', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'since', extract(epoch from o.since)::bigint, 'seconds', o.seconds
      ) order by o.since), '[]')
      from private.zone_offsets(
        p_timetable.time_zone,
        (coalesce(p_timetable.starts_on, p_timetable.created_at::date) - 400)::timestamp at time zone 'UTC',
        (coalesce(p_timetable.ends_on, p_timetable.created_at::date) + 400)::timestamp at time zone 'UTC'
      ) as o
    )
  );
$$;
comment on function private.timetable_content(timetable.timetables) is
  'A timetable as a link shows it: what is on the page, no people''s ids, nothing of how it was read.';

create function private.open_link(p_token_hash text, p_kind text, p_client text, p_version text)
returns jsonb
language plpgsql
volatile
security definer -- reads a timetable for whoever holds its link; executable by services only
set search_path = ''
as $$
declare
  v_link timetable.timetable_links;
  v_timetable timetable.timetables;
  v_version text;
begin
  select l.* into v_link
  from timetable.timetable_links as l
  join timetable.timetables as t on t.id = l.timetable_id
  join core.profiles as p on p.id = t.user_id and p.is_active
  where l.token_hash = p_token_hash and l.kind = p_kind and l.revoked_at is null;
  if not found then
    -- The address itself is not kept.
    perform private.limit_action('timetable.limits', 'miss', encode(sha256(convert_to(coalesce(p_client, ''), 'UTF8')), 'hex'));
    return null;
  end if;
  perform private.limit_action('timetable.limits', 'fetch', v_link.id::text);
  update timetable.timetable_links as l set last_used_at = now()
  where l.id = v_link.id and coalesce(l.last_used_at, '-infinity') < now() - interval '1 hour';
  select t.* into v_timetable from timetable.timetables as t where t.id = v_link.timetable_id;
  v_version := v_timetable.id::text || '-' || v_timetable.calendar_sequence;
  if p_version = v_version then
    return jsonb_build_object('version', v_version, 'content', null);
  end if;
  return jsonb_build_object('version', v_version, 'content', private.timetable_content(v_timetable));
end;
$$;
comment on function private.open_link(text, text, text, text) is 'See timetable.open_link.';

create function timetable.open_link(p_token_hash text, p_kind text, p_client text default null, p_version text default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.open_link(p_token_hash, p_kind, p_client, p_version); $$;
comment on function timetable.open_link(text, text, text, text) is
  'For services: what a secret link opens, {version, content}; content is null when p_version is still the version. Null for a link that is unknown, revoked, of another kind, or of somebody suspended. rate_limited (429): too many readings of one link, or too many links that are none from one client.';

revoke execute on function
  private.timetable_content(timetable.timetables), private.open_link(text, text, text, text),
  timetable.open_link(text, text, text, text)
  from public, anon, authenticated;
grant execute on function private.open_link(text, text, text, text), timetable.open_link(text, text, text, text) to service_role;
