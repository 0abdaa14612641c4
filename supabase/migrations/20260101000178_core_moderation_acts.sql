-- What a moderator does about a thing: hide it, show it again, warn its author, or find nothing wrong.

-- All open reports on a thing are decided with it; whoever reported it is told.
create function private.resolve_reports(
  p_module text, p_entity_type text, p_entity_id uuid, p_status text, p_actor_id uuid, p_note text
)
returns integer
language plpgsql
volatile
security definer -- moderation_reports has no update grant
set search_path = ''
as $$
declare
  v_report record;
  v_count integer := 0;
begin
  for v_report in
    update core.moderation_reports as r
    set status = p_status, assigned_to = coalesce(p_actor_id, r.assigned_to), resolved_by = p_actor_id, resolved_at = now(),
      resolution_note = p_note
    where r.module = p_module and r.entity_type = p_entity_type and r.entity_id = p_entity_id
      and r.status in ('open', 'reviewing')
    returning r.id, r.reporter_id
  loop
    v_count := v_count + 1;
    perform private.notify(v_report.reporter_id, 'report_resolved', 'info', 'Your report was looked at',
      case p_status when 'actioned' then 'We acted on it. Thank you.' else 'We found nothing against the rules. Thank you.' end,
      jsonb_build_object('report_id', v_report.id));
  end loop;
  return v_count;
end;
$$;
comment on function private.resolve_reports(text, text, uuid, text, uuid, text) is
  'Decides all open reports on a thing and tells who reported it; returns how many.';

-- The act and its record, without asking who may. Undoing by an appeal comes here, too.
create function private.carry_out(
  p_module text, p_entity_type text, p_entity_id uuid, p_action text, p_reason text, p_actor_id uuid, p_author_id uuid,
  p_link text, p_report_id uuid
)
returns uuid
language plpgsql
volatile
security definer -- writes a history that nobody may write, and things of all modules
set search_path = ''
as $$
declare
  v_function text;
  v_action_id uuid;
begin
  if p_action in ('hide', 'unhide') then
    select case p_action when 'hide' then k.hide_function else k.unhide_function end into v_function
    from core.moderated_kinds as k where k.module = p_module and k.entity_type = p_entity_type;
    if v_function is null then
      raise sqlstate 'PT422' using
        message = 'action_not_possible', detail = 'A thing of this type cannot be hidden.', hint = 'Warn or suspend the person.';
    end if;
    execute format('select private.%I($1, $2, $3)', v_function) using p_entity_type, p_entity_id, p_actor_id;
  end if;
  insert into core.moderation_actions (
    action, user_id, user_tombstone, moderator_id, moderator_tombstone, report_id, module, entity_type, entity_id, reason
  ) values (
    p_action, p_author_id, p_author_id, p_actor_id, p_actor_id, p_report_id, p_module, p_entity_type, p_entity_id, p_reason
  )
  returning id into v_action_id;
  if p_author_id is not null and p_action <> 'dismiss' then
    perform private.notify(
      p_author_id, case p_action when 'hide' then 'content_hidden' when 'unhide' then 'content_restored' else 'moderation_warning' end,
      'system',
      case p_action
        when 'hide' then 'Something that you wrote was hidden'
        when 'unhide' then 'Something that you wrote is visible again'
        else 'You have been warned'
      end,
      p_reason,
      jsonb_build_object(
        'action_id', v_action_id, 'module', p_module, 'entity_type', p_entity_type, 'entity_id', p_entity_id
      ), p_link
    );
  end if;
  return v_action_id;
end;
$$;
comment on function private.carry_out(text, text, uuid, text, text, uuid, uuid, text, uuid) is
  'Hides, shows, warns or dismisses; records the act and tells the author, never by whom.';

create function private.moderate_content(
  p_module text, p_entity_type text, p_entity_id uuid, p_action text, p_reason text, p_report_id uuid
)
returns uuid
language plpgsql
volatile
security definer -- acts on things of all modules for a moderator
set search_path = ''
as $$
declare
  v_actor uuid := private.require_moderator();
  v_reason text := private.change_reason(p_reason);
  v_thing record;
  v_report_id uuid := p_report_id;
  v_action_id uuid;
begin
  if coalesce(p_action, '') not in ('hide', 'unhide', 'warn', 'dismiss') then
    raise sqlstate 'PT422' using
      message = 'action_invalid', detail = 'The actions are hide, unhide, warn and dismiss.', hint = 'Send one of these.';
  end if;
  -- Two moderators with the same thing before them act one after the other.
  perform pg_advisory_xact_lock(hashtextextended(format('core.moderate:%s:%s:%s', p_module, p_entity_type, p_entity_id), 0));
  v_thing := private.moderated_thing(p_module, p_entity_type, p_entity_id, null);
  if not v_thing.is_visible then
    raise sqlstate 'PT404' using
      message = 'content_not_found', detail = 'There is no such thing.', hint = 'Dismiss its reports with resolve_report.';
  end if;
  perform private.check_moderates(v_actor, v_thing.author_id);
  if p_report_id is null then
    select r.id into v_report_id from core.moderation_reports as r
    where r.module = p_module and r.entity_type = p_entity_type and r.entity_id = p_entity_id
      and r.status in ('open', 'reviewing')
    order by r.created_at, r.id limit 1;
  elsif not exists (
    select from core.moderation_reports as r
    where r.id = p_report_id and r.module = p_module and r.entity_type = p_entity_type and r.entity_id = p_entity_id
  ) then
    raise sqlstate 'PT404' using
      message = 'report_not_found', detail = 'There is no such report on this thing.', hint = 'Check the id.';
  end if;
  if p_action = 'hide' and v_thing.is_hidden or p_action = 'unhide' and not v_thing.is_hidden then
    raise sqlstate 'PT409' using
      message = 'already_done',
      detail = format('It is %s already.', case p_action when 'hide' then 'hidden' else 'visible' end),
      hint = 'Reload the queue.';
  end if;
  if p_action = 'dismiss' and not exists (
    select from core.moderation_reports as r
    where r.module = p_module and r.entity_type = p_entity_type and r.entity_id = p_entity_id
      and r.status in ('open', 'reviewing')
  ) then
    raise sqlstate 'PT409' using
      message = 'report_closed', detail = 'Every report on it is decided.', hint = 'Reload the queue.';
  end if;
  if p_action = 'warn' and v_thing.author_id is null then
    raise sqlstate 'PT409' using
      message = 'author_gone', detail = 'Nobody wrote it who is still here.', hint = 'Hide it.';
  end if;
  v_action_id := private.carry_out(
    p_module, p_entity_type, p_entity_id, p_action, v_reason, v_actor, v_thing.author_id, v_thing.link, v_report_id
  );
  if p_action <> 'unhide' then
    perform private.resolve_reports(
      p_module, p_entity_type, p_entity_id, case p_action when 'dismiss' then 'dismissed' else 'actioned' end, v_actor, v_reason
    );
  end if;
  return v_action_id;
end;
$$;
comment on function private.moderate_content(text, text, uuid, text, text, uuid) is 'Behind core.moderate_content.';

create function core.moderate_content(
  p_module text, p_entity_type text, p_entity_id uuid, p_action text, p_reason text, p_report_id uuid default null
)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.moderate_content(p_module, p_entity_type, p_entity_id, p_action, p_reason, p_report_id); $$;
comment on function core.moderate_content(text, text, uuid, text, text, uuid) is
  'Moderators: hide, unhide, warn or dismiss. Decides all open reports on the thing, tells its author and who reported it, and returns the id of the act.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.resolve_reports(text, text, uuid, text, uuid, text),
  private.carry_out(text, text, uuid, text, text, uuid, uuid, text, uuid),
  private.moderate_content(text, text, uuid, text, text, uuid)
  from anon, authenticated;
grant execute on function
  private.moderate_content(text, text, uuid, text, text, uuid), core.moderate_content(text, text, uuid, text, text, uuid)
  to authenticated, service_role;
