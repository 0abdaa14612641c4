-- What lies before the moderators: one entry for each thing, however many reported it, the worst first.

create function private.report_severity(p_reason text)
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_reason
    when 'illegal' then 90 when 'privacy' then 80 when 'harassment' then 70 when 'abuse' then 60
    when 'plagiarism' then 40 when 'misinformation' then 40 when 'spam' then 20 else 10
  end;
$$;
comment on function private.report_severity(text) is 'How urgent a reason is, 10 to 90.';

create function private.queue_cursor(
  p_cursor text, out severity integer, out reports_count bigint, out first_at timestamptz, out entity_id uuid
)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_parts text[] := string_to_array(p_cursor, '_');
begin
  if p_cursor is null then
    return;
  end if;
  severity := v_parts[1]::integer;
  reports_count := v_parts[2]::bigint;
  first_at := to_timestamp(0) + v_parts[3]::bigint * interval '1 microsecond';
  entity_id := v_parts[4]::uuid;
  if num_nulls(severity, reports_count, first_at, entity_id) > 0 then
    raise data_exception;
  end if;
exception when data_exception then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid',
    detail = 'This is no cursor of this list.',
    hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.queue_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.moderation_queue(p_status text, p_limit integer, p_cursor text)
returns table (
  module text, entity_type text, entity_id uuid, reports_count bigint, reasons jsonb, severity integer,
  first_reported_at timestamptz, last_reported_at timestamptz, assigned_to uuid, reported_user_id uuid, reported_username text,
  title text, excerpt text, link text, is_there boolean, is_hidden boolean, cursor text
)
language plpgsql
volatile
security definer -- shows moderators things of all modules
set search_path = ''
as $$
declare
  v_after record;
begin
  perform private.require_moderator();
  if coalesce(p_status, '') not in ('open', 'reviewing', 'actioned', 'dismissed') then
    raise sqlstate 'PT422' using
      message = 'report_status_invalid',
      detail = 'Reports are open, reviewing, actioned or dismissed.',
      hint = 'Send one of these. open shows those under review, too.';
  end if;
  select c.* into v_after from private.queue_cursor(p_cursor) as c;
  return query
  with things as (
    select r.module, r.entity_type, r.entity_id, count(*) as reports_count, max(private.report_severity(r.reason)) as severity,
      min(r.created_at) as first_at, max(r.created_at) as last_at,
      (array_agg(r.assigned_to order by r.updated_at desc) filter (where r.assigned_to is not null))[1] as assigned_to,
      (array_agg(r.reported_user_id) filter (where r.reported_user_id is not null))[1] as reported_user_id
    from core.moderation_reports as r
    where r.status = p_status or p_status = 'open' and r.status = 'reviewing'
    group by r.module, r.entity_type, r.entity_id
  ),
  page as (
    select t.* from things as t
    where p_cursor is null
      or (-t.severity, -t.reports_count, t.first_at, t.entity_id)
        > (-v_after.severity, -v_after.reports_count, v_after.first_at, v_after.entity_id)
    order by t.severity desc, t.reports_count desc, t.first_at, t.entity_id
    limit least(greatest(coalesce(p_limit, 20), 1), 100)
  )
  select t.module, t.entity_type, t.entity_id, t.reports_count,
    (
      select jsonb_object_agg(c.reason, c.number)
      from (
        select r.reason, count(*) as number from core.moderation_reports as r
        where r.module = t.module and r.entity_type = t.entity_type and r.entity_id = t.entity_id
          and (r.status = p_status or p_status = 'open' and r.status = 'reviewing')
        group by r.reason
      ) as c
    ),
    t.severity, t.first_at, t.last_at, t.assigned_to, t.reported_user_id, p.username::text,
    l.title, l.excerpt, l.link, coalesce(l.is_visible, false), coalesce(l.is_hidden, false),
    concat_ws('_', t.severity, t.reports_count, (extract(epoch from t.first_at) * 1000000)::bigint, t.entity_id)
  from page as t
  left join core.profiles as p on p.id = t.reported_user_id
  -- A module that is gone leaves its reports behind.
  left join core.moderated_kinds as k on k.module = t.module and k.entity_type = t.entity_type
  left join lateral private.moderated_thing(t.module, t.entity_type, t.entity_id, null) as l on k.module is not null
  order by t.severity desc, t.reports_count desc, t.first_at, t.entity_id;
end;
$$;
comment on function private.moderation_queue(text, integer, text) is 'Behind core.moderation_queue.';

create function private.moderation_record(p_user_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- counts what concerns one person, for moderators
set search_path = ''
as $$
declare
  v_profile core.profiles;
begin
  perform private.require_moderator();
  select * into v_profile from core.profiles as p where p.id = p_user_id;
  if not found then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'There is no such account.', hint = 'Check the id.';
  end if;
  return jsonb_build_object(
    'user_id', v_profile.id, 'username', v_profile.username, 'is_active', v_profile.is_active, 'created_at', v_profile.created_at
  ) || (
    -- What was overturned does not count against anybody.
    select jsonb_build_object(
      'warnings', count(*) filter (where a.action = 'warn'),
      'hidden', count(*) filter (where a.action = 'hide'),
      'suspensions', count(*) filter (where a.action = 'suspend'),
      'last_action_at', max(a.created_at)
    )
    from core.moderation_actions as a
    where a.user_id = p_user_id and a.action in ('warn', 'hide', 'suspend')
      and not exists (select from core.moderation_appeals as x where x.action_id = a.id and x.status = 'overturned')
  ) || (
    select jsonb_build_object(
      'overturned', count(*) filter (where x.status = 'overturned'), 'open_appeals', count(*) filter (where x.status = 'open')
    )
    from core.moderation_appeals as x where x.user_id = p_user_id
  ) || (
    select jsonb_build_object(
      'reports_about', count(*), 'reports_about_open', count(*) filter (where r.status in ('open', 'reviewing')),
      'reports_about_actioned', count(*) filter (where r.status = 'actioned')
    )
    from core.moderation_reports as r where r.reported_user_id = p_user_id
  ) || (
    select jsonb_build_object('reports_made', count(*), 'reports_made_dismissed', count(*) filter (where r.status = 'dismissed'))
    from core.moderation_reports as r where r.reporter_id = p_user_id
  );
end;
$$;
comment on function private.moderation_record(uuid) is 'Behind core.moderation_record.';

create function core.moderation_queue(p_status text default 'open', p_limit integer default 20, p_cursor text default null)
returns table (
  module text, entity_type text, entity_id uuid, reports_count bigint, reasons jsonb, severity integer,
  first_reported_at timestamptz, last_reported_at timestamptz, assigned_to uuid, reported_user_id uuid, reported_username text,
  title text, excerpt text, link text, is_there boolean, is_hidden boolean, cursor text
)
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.moderation_queue(p_status, p_limit, p_cursor); $$;
comment on function core.moderation_queue(text, integer, text) is
  'Moderators: what was reported, one row a thing, the most severe and most reported first. open (with those under review), reviewing, actioned or dismissed. Pass the cursor of the last row for the next page.';

create function core.moderation_record(p_user_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.moderation_record(p_user_id); $$;
comment on function core.moderation_record(uuid) is
  'Moderators: how often a person was warned, hidden, suspended, reported, and how his own reports were decided.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.report_severity(text), private.queue_cursor(text), private.moderation_queue(text, integer, text),
  private.moderation_record(uuid)
  from anon, authenticated;
grant execute on function
  private.moderation_queue(text, integer, text), private.moderation_record(uuid),
  core.moderation_queue(text, integer, text), core.moderation_record(uuid)
  to authenticated, service_role;
