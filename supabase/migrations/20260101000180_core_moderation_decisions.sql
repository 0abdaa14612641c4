-- How an appeal is decided: by a moderator other than the one who acted, and if it is granted, the act is undone.

-- Undone is only what still stands: not a suspension after which there was another one, nor what was shown again since.
create function private.undo_action(p_action core.moderation_actions, p_actor_id uuid, p_reason text)
returns boolean
language plpgsql
volatile
security definer -- acts on people and on things of all modules; called by private.decide_appeal
set search_path = ''
as $$
declare
  v_thing record;
begin
  if p_action.action = 'warn' or exists (
    select from core.moderation_actions as a
    where a.module = p_action.module and a.entity_type = p_action.entity_type and a.entity_id = p_action.entity_id
      and a.action in (p_action.action, case p_action.action when 'hide' then 'unhide' else 'restore' end)
      and (a.created_at, a.id) > (p_action.created_at, p_action.id)
  ) then
    return false;
  end if;
  if p_action.action = 'suspend' then
    return private.set_user_active(p_action.user_id, true, p_reason, null);
  end if;
  perform pg_advisory_xact_lock(
    hashtextextended(format('core.moderate:%s:%s:%s', p_action.module, p_action.entity_type, p_action.entity_id), 0)
  );
  v_thing := private.moderated_thing(p_action.module, p_action.entity_type, p_action.entity_id, null);
  if not v_thing.is_hidden then
    return false;
  end if;
  perform private.carry_out(
    p_action.module, p_action.entity_type, p_action.entity_id, 'unhide', p_reason, p_actor_id, v_thing.author_id, v_thing.link,
    null
  );
  return true;
end;
$$;
comment on function private.undo_action(core.moderation_actions, uuid, text) is
  'Opens the account or shows the thing again, if it is still this act that closed or hid it.';

create function private.decide_appeal(p_appeal_id uuid, p_decision text, p_note text)
returns boolean
language plpgsql
volatile
security definer -- moderation_appeals has no update grant
set search_path = ''
as $$
declare
  v_actor uuid := private.require_moderator();
  v_note text := private.change_reason(p_note);
  v_appeal core.moderation_appeals;
  v_action core.moderation_actions;
  v_is_undone boolean := false;
begin
  if coalesce(p_decision, '') not in ('upheld', 'overturned') then
    raise sqlstate 'PT422' using
      message = 'decision_invalid', detail = 'An act is upheld or overturned.', hint = 'Send one of these.';
  end if;
  select * into v_appeal from core.moderation_appeals as x where x.id = p_appeal_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'appeal_not_found', detail = 'There is no such appeal.', hint = 'Check the id.';
  end if;
  if v_appeal.status <> 'open' then
    raise sqlstate 'PT409' using
      message = 'appeal_closed', detail = 'This appeal was decided or withdrawn.', hint = 'Reload the list.';
  end if;
  select * into v_action from core.moderation_actions as a where a.id = v_appeal.action_id;
  perform private.check_moderates(v_actor, v_appeal.user_id);
  -- The only administrator who can act has nobody to hand it to.
  if v_actor = v_action.moderator_tombstone and not (
    private.can_administer('moderation') and not exists (
      select from core.user_roles as r
      join core.profiles as p on p.id = r.user_id and p.is_active
      join core.admins as a on a.id = r.user_id and a.level <> 'readonly'
      where r.role = 'admin' and r.user_id <> v_actor
    )
  ) then
    raise sqlstate 'PT403' using
      message = 'own_decision',
      detail = 'Whoever acted does not decide on the appeal.',
      hint = 'Leave it to another moderator.';
  end if;
  update core.moderation_appeals as x
  set status = p_decision, decided_by = v_actor, decided_at = now(), decision_note = v_note
  where x.id = p_appeal_id;
  if p_decision = 'overturned' then
    v_is_undone := private.undo_action(v_action, v_actor, v_note);
  end if;
  perform private.notify(
    v_appeal.user_id, 'appeal_decided', 'system',
    case p_decision when 'overturned' then 'Your appeal was granted' else 'Your appeal was turned down' end, v_note,
    jsonb_build_object('appeal_id', p_appeal_id, 'action_id', v_action.id, 'decision', p_decision)
  );
  return v_is_undone;
end;
$$;
comment on function private.decide_appeal(uuid, text, text) is 'Behind core.decide_appeal.';

create function core.decide_appeal(p_appeal_id uuid, p_decision text, p_note text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.decide_appeal(p_appeal_id, p_decision, p_note); $$;
comment on function core.decide_appeal(uuid, text, text) is
  'Moderators other than the one who acted: upheld, or overturned, which undoes the act. True when something was undone.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.undo_action(core.moderation_actions, uuid, text), private.decide_appeal(uuid, text, text)
  from anon, authenticated;
grant execute on function private.decide_appeal(uuid, text, text), core.decide_appeal(uuid, text, text)
  to authenticated, service_role;
