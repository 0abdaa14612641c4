-- Groups: who studies together. Nobody is put into a group: one is invited, and comes. Progress is shared by one's own
-- consent, which can be taken back at any time.

create function private.study_my_group(p_group_id uuid, p_roles text[])
returns study.groups
language plpgsql
volatile
security definer -- locks a row that members may not write
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_group study.groups;
begin
  select g.* into v_group from study.groups as g
  join study.group_members as m on m.group_id = g.id and m.user_id = v_user_id and m.accepted_at is not null
  where g.id = p_group_id and m.role = any (p_roles)
  for no key update of g;
  if not found then
    raise sqlstate 'PT404' using
      message = 'group_not_found', detail = 'You lead no group with this id.', hint = 'List yours: groups.';
  end if;
  return v_group;
end;
$$;
comment on function private.study_my_group(uuid, text[]) is 'A group in which the caller has one of these roles, locked; group_not_found (404).';

create function private.study_create_group(p_name text, p_description text, p_is_class boolean)
returns study.groups
language plpgsql
volatile
security definer -- groups have no insert grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_group study.groups;
begin
  if coalesce(p_is_class, false) then
    perform private.require_role('educator');
  end if;
  perform from core.profiles as p where p.id = v_user_id for no key update;
  if (select count(*) from study.groups as g where g.owner_id = v_user_id) >= private.setting_number('study.max_groups') then
    raise sqlstate 'PT409' using
      message = 'group_limit_reached', detail = 'You own as many groups as one may.', hint = 'Delete one first.';
  end if;
  perform private.limit_action('study.limits', 'group', v_user_id::text);
  insert into study.groups (owner_id, name, description, is_class)
  values (
    v_user_id, private.clean_text(p_name, 'name', 1, 120), private.clean_text(coalesce(p_description, ''), 'description', 0, 1000),
    coalesce(p_is_class, false)
  )
  returning * into v_group;
  insert into study.group_members (group_id, user_id, role, accepted_at) values (v_group.id, v_user_id, 'owner', now());
  return v_group;
end;
$$;
comment on function private.study_create_group(text, text, boolean) is 'See study.create_group.';

create function private.study_invite(p_group_id uuid, p_user_id uuid, p_role text)
returns study.group_members
language plpgsql
volatile
security definer -- reads profiles and blocks of others, and tells them
set search_path = ''
as $$
declare
  v_group study.groups := private.study_my_group(p_group_id, '{owner,educator}');
  v_user_id uuid := (select auth.uid());
  v_member study.group_members;
begin
  if p_role is null or p_role not in ('educator', 'member') then
    raise sqlstate 'PT422' using message = 'group_role_invalid', detail = 'One is invited as educator or member.', hint = 'Send one of them.';
  end if;
  select * into v_member from study.group_members as m where m.group_id = p_group_id and m.user_id = p_user_id;
  if found then
    return v_member;
  end if;
  perform from core.profiles as p where p.id = p_user_id and p.is_active for key share;
  -- One answer for unknown, suspended and blocked: it tells nobody who blocked whom.
  if not found or private.is_blocked_between(v_user_id, p_user_id) or private.is_blocked_between(v_group.owner_id, p_user_id) then
    raise sqlstate 'PT409' using
      message = 'person_unavailable', detail = 'This person is unknown or suspended, or one of you has blocked the other.',
      hint = 'Choose somebody else.';
  end if;
  if (select count(*) from study.group_members as m where m.group_id = p_group_id) >= private.setting_number('study.max_group_members') then
    raise sqlstate 'PT409' using message = 'group_full', detail = 'The group has as many members as a group may have.', hint = 'Remove somebody first.';
  end if;
  perform private.limit_action('study.limits', 'invite', v_user_id::text);
  insert into study.group_members (group_id, user_id, role, invited_by)
  values (p_group_id, p_user_id, p_role, v_user_id)
  returning * into v_member;
  perform private.notify(
    p_user_id, 'study_group_invited', 'info', left(v_group.name, 120), 'You are invited to a study group.',
    jsonb_build_object('group_id', p_group_id, 'actor_id', v_user_id, 'role', p_role), '/groups/' || p_group_id,
    'study_group_invited:' || p_group_id
  );
  return v_member;
end;
$$;
comment on function private.study_invite(uuid, uuid, text) is 'See study.invite_to_group.';

create function private.study_answer_invitation(p_group_id uuid, p_accept boolean, p_shares_progress boolean)
returns study.group_members
language plpgsql
volatile
security definer -- group_members has no update grant; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_member study.group_members;
begin
  if coalesce(p_accept, false) then
    update study.group_members as m
    set accepted_at = coalesce(m.accepted_at, now()), shares_progress = coalesce(p_shares_progress, m.shares_progress)
    where m.group_id = p_group_id and m.user_id = v_user_id
    returning * into v_member;
  else
    delete from study.group_members as m
    where m.group_id = p_group_id and m.user_id = v_user_id and m.role <> 'owner'
    returning * into v_member;
  end if;
  if v_member.group_id is null then
    raise sqlstate 'PT404' using
      message = 'group_not_found', detail = 'You are not in this group, or own it.', hint = 'List yours: group_members.';
  end if;
  return v_member;
end;
$$;
comment on function private.study_answer_invitation(uuid, boolean, boolean) is 'See study.join_group and study.leave_group.';

create function private.study_remove_member(p_group_id uuid, p_user_id uuid)
returns boolean
language plpgsql
volatile
security definer -- group_members has no delete grant
set search_path = ''
as $$
declare
  v_group study.groups := private.study_my_group(p_group_id, '{owner,educator}');
begin
  delete from study.group_members as m
  where m.group_id = v_group.id and m.user_id = p_user_id and m.role <> 'owner'
    and (m.role = 'member' or v_group.owner_id = (select auth.uid()));
  return found;
end;
$$;
comment on function private.study_remove_member(uuid, uuid) is 'See study.remove_group_member.';

create function private.study_delete_group(p_group_id uuid)
returns boolean
language plpgsql
volatile
security definer -- groups have no delete grant
set search_path = ''
as $$
declare
  v_group study.groups := private.study_my_group(p_group_id, '{owner}');
begin
  delete from study.groups as g where g.id = v_group.id;
  return true;
end;
$$;
comment on function private.study_delete_group(uuid) is 'See study.delete_group.';

create function study.create_group(p_name text, p_description text default '', p_is_class boolean default false)
returns study.groups
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_group(p_name, p_description, p_is_class); $$;
comment on function study.create_group(text, text, boolean) is
  'A group of yours; p_is_class needs the role educator. Errors: role_required (403), group_limit_reached (409), text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

create function study.invite_to_group(p_group_id uuid, p_user_id uuid, p_role text default 'member')
returns study.group_members
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_invite(p_group_id, p_user_id, p_role); $$;
comment on function study.invite_to_group(uuid, uuid, text) is
  'Owners and educators of a group invite; who is invited decides. Again: the same row. Errors: group_not_found (404), person_unavailable, group_full (409), group_role_invalid (422), rate_limited (429).';

create function study.join_group(p_group_id uuid, p_shares_progress boolean default null)
returns study.group_members
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_answer_invitation(p_group_id, true, p_shares_progress); $$;
comment on function study.join_group(uuid, boolean) is
  'Takes an invitation. p_shares_progress is your consent that educators of the group see your progress: no, unless you say so; call again to change it. group_not_found (404).';

create function study.leave_group(p_group_id uuid)
returns study.group_members
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_answer_invitation(p_group_id, false, null); $$;
comment on function study.leave_group(uuid) is 'Leaves a group, or declines the invitation. Its owner deletes it instead. group_not_found (404).';

create function study.remove_group_member(p_group_id uuid, p_user_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_remove_member(p_group_id, p_user_id); $$;
comment on function study.remove_group_member(uuid, uuid) is 'Owners and educators remove members, the owner educators too. True when somebody was. group_not_found (404).';

create function study.delete_group(p_group_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_delete_group(p_group_id); $$;
comment on function study.delete_group(uuid) is 'The owner deletes a group; what was shared with it is no longer. group_not_found (404).';

grant update (name, description) on study.groups to authenticated;
create policy groups_update_own on study.groups
  for update to authenticated
  using (owner_id = (select auth.uid()) and (select private.is_active_user()))
  with check (owner_id = (select auth.uid()) and (select private.is_active_user()));

create function private.tg_groups__check()
returns trigger
language plpgsql
security definer -- clean_text is not executable by clients
set search_path = ''
as $$
begin
  new.name := private.clean_text(new.name, 'name', 1, 120);
  new.description := private.clean_text(new.description, 'description', 0, 1000);
  return new;
end;
$$;
create trigger _100_check before update on study.groups for each row execute function private.tg_groups__check();
create trigger _900_touch_updated_at before update on study.groups for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.study_my_group(uuid, text[]), private.study_create_group(text, text, boolean), private.study_invite(uuid, uuid, text),
  private.study_answer_invitation(uuid, boolean, boolean), private.study_remove_member(uuid, uuid), private.study_delete_group(uuid),
  private.tg_groups__check(), study.create_group(text, text, boolean), study.invite_to_group(uuid, uuid, text),
  study.join_group(uuid, boolean), study.leave_group(uuid), study.remove_group_member(uuid, uuid), study.delete_group(uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_create_group(text, text, boolean), private.study_invite(uuid, uuid, text),
  private.study_answer_invitation(uuid, boolean, boolean), private.study_remove_member(uuid, uuid), private.study_delete_group(uuid),
  study.create_group(text, text, boolean), study.invite_to_group(uuid, uuid, text), study.join_group(uuid, boolean),
  study.leave_group(uuid), study.remove_group_member(uuid, uuid), study.delete_group(uuid)
  to authenticated;
