-- Deciding on reports, suspending. Suspension works at once: every policy and RPC that writes asks is_active.

-- The moderator or administrator who calls; null for the service.
create function private.require_moderator()
returns uuid
language plpgsql
volatile
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  if private.is_service() then
    return null;
  end if;
  if private.has_role('moderator') then
    return private.require_user();
  end if;
  if private.has_role('admin') then
    return private.require_admin('moderation');
  end if;
  return private.require_role('moderator');
end;
$$;
comment on function private.require_moderator() is
  'The id of the moderator or administrator who calls; null for the service key; otherwise 403.';

-- Whose account, and whose things, may this moderator act on? Null, the service, may act on all.
create function private.check_moderates(p_actor_id uuid, p_user_id uuid)
returns void
language plpgsql
stable
security definer -- looks at the roles of people whom the caller may not read
set search_path = ''
as $$
begin
  if p_actor_id is null or p_user_id is null then
    return;
  end if;
  if p_actor_id = p_user_id then
    raise sqlstate 'PT403' using
      message = 'own_account',
      detail = 'Nobody suspends or restores himself, or moderates what is his own.',
      hint = 'Ask another moderator.';
  end if;
  -- user_has_role would say no for a suspended one.
  if not private.can_administer('moderation') and exists (
    select from core.user_roles as r where r.user_id = p_user_id and r.role in ('moderator', 'admin')
  ) then
    raise sqlstate 'PT403' using
      message = 'role_required',
      detail = 'Only an administrator acts on moderators and administrators and what is theirs.',
      hint = 'Ask an administrator.';
  end if;
  if exists (select from core.admins as a where a.id = p_user_id and a.level = 'super')
    and not exists (select from core.admins as a where a.id = p_actor_id and a.level = 'super')
  then
    raise sqlstate 'PT403' using
      message = 'super_admin_required',
      detail = 'Only an administrator of level super acts on another one of that level.',
      hint = 'Ask one of them.';
  end if;
end;
$$;
comment on function private.check_moderates(uuid, uuid) is
  'Raises own_account, role_required or super_admin_required (403) when this moderator may not act on this person.';

create function private.resolve_report(p_report_id uuid, p_status text, p_note text)
returns core.moderation_reports
language plpgsql
volatile
security definer -- moderation_reports has no update grant
set search_path = ''
as $$
declare
  v_actor uuid := private.require_moderator();
  v_note text := private.clean_text(p_note, 'note', 0, 2000);
  v_report core.moderation_reports;
begin
  if coalesce(p_status, '') not in ('reviewing', 'actioned', 'dismissed') then
    raise sqlstate 'PT422' using
      message = 'report_status_invalid', detail = 'A report becomes reviewing, actioned or dismissed.', hint = 'Send one of these.';
  end if;
  select * into v_report from core.moderation_reports as r where r.id = p_report_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'report_not_found', detail = 'There is no such report.', hint = 'Check the id.';
  end if;
  if v_actor is not null and v_actor = v_report.reported_user_id then
    raise sqlstate 'PT403' using
      message = 'own_report', detail = 'Nobody decides on a report about himself.', hint = 'Leave it to another moderator.';
  end if;
  perform private.check_moderates(v_actor, v_report.reported_user_id);
  if v_report.status in ('actioned', 'dismissed') then
    raise sqlstate 'PT409' using
      message = 'report_closed', detail = 'This report is decided.', hint = 'A new report opens it anew.';
  end if;
  update core.moderation_reports as r
  set status = p_status,
    assigned_to = coalesce(v_actor, r.assigned_to),
    resolved_by = case when p_status <> 'reviewing' then v_actor end,
    resolved_at = case when p_status <> 'reviewing' then now() end,
    resolution_note = nullif(v_note, '')
  where r.id = p_report_id
  returning * into v_report;
  if p_status <> 'reviewing' and v_report.reporter_id is not null then
    perform private.notify(v_report.reporter_id, 'report_resolved', 'info', 'Your report was looked at',
      case p_status when 'actioned' then 'We acted on it. Thank you.' else 'We found nothing against the rules. Thank you.' end,
      jsonb_build_object('report_id', v_report.id));
  end if;
  return v_report;
end;
$$;
comment on function private.resolve_report(uuid, text, text) is 'Takes up or decides a report.';

create function private.set_user_active(p_user_id uuid, p_is_active boolean, p_reason text, p_report_id uuid)
returns boolean
language plpgsql
volatile
security definer -- is_active has no update grant
set search_path = ''
as $$
declare
  v_actor uuid := private.require_moderator();
  v_reason text := private.change_reason(p_reason);
  v_is_active boolean;
begin
  select p.is_active into v_is_active from core.profiles as p where p.id = p_user_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'There is no such account.', hint = 'Check the id.';
  end if;
  perform private.check_moderates(v_actor, p_user_id);
  if p_report_id is not null and not exists (select from core.moderation_reports as r where r.id = p_report_id) then
    raise sqlstate 'PT404' using message = 'report_not_found', detail = 'There is no such report.', hint = 'Check the id.';
  end if;
  if v_is_active = p_is_active then
    return false;
  end if;
  perform set_config('lyceum.change_reason', v_reason, true);
  perform set_config('lyceum.change_report', coalesce(p_report_id::text, ''), true);
  update core.profiles as p set is_active = p_is_active where p.id = p_user_id;
  perform set_config('lyceum.change_reason', '', true);
  perform set_config('lyceum.change_report', '', true);
  perform private.notify(
    p_user_id, case when p_is_active then 'account_restored' else 'account_suspended' end, 'system',
    case when p_is_active then 'Your account is open again' else 'Your account is suspended' end, v_reason
  );
  return true;
end;
$$;
comment on function private.set_user_active(uuid, boolean, text, uuid) is 'Suspends or restores an account; false when it was so already.';

create function core.resolve_report(p_report_id uuid, p_status text, p_note text default '')
returns core.moderation_reports
language sql
volatile
security invoker
set search_path = ''
as $$ select private.resolve_report(p_report_id, p_status, p_note); $$;
comment on function core.resolve_report(uuid, text, text) is 'Moderators: reviewing, actioned or dismissed. The reporter is told.';

create function core.suspend_user(p_user_id uuid, p_reason text, p_report_id uuid default null)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.set_user_active(p_user_id, false, p_reason, p_report_id); $$;
comment on function core.suspend_user(uuid, text, uuid) is
  'Moderators and administrators: suspends an account at once. False when it was suspended already.';

create function core.restore_user(p_user_id uuid, p_reason text, p_report_id uuid default null)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.set_user_active(p_user_id, true, p_reason, p_report_id); $$;
comment on function core.restore_user(uuid, text, uuid) is
  'Moderators and administrators: opens a suspended account again. False when it was open already.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.require_moderator(), private.check_moderates(uuid, uuid), private.resolve_report(uuid, text, text),
  private.set_user_active(uuid, boolean, text, uuid)
  from anon, authenticated;
grant execute on function
  private.resolve_report(uuid, text, text), private.set_user_active(uuid, boolean, text, uuid),
  core.resolve_report(uuid, text, text), core.suspend_user(uuid, text, uuid), core.restore_user(uuid, text, uuid)
  to authenticated, service_role;
