-- Appeals: the person concerned asks for a second look, a suspended one too, though he may write nothing else.
-- Somebody other than the one who acted decides. Each act is appealed once; an appeal that was withdrawn does not count.

create table core.moderation_appeals (
  id uuid primary key default gen_random_uuid(),
  action_id uuid not null references core.moderation_actions (id) on delete restrict,
  user_id uuid references core.profiles (id) on delete set null,
  text text not null,
  status text not null default 'open',
  decided_by uuid references core.profiles (id) on delete set null,
  decided_at timestamptz,
  decision_note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint moderation_appeals_text_check check (length(text) <= 2000),
  constraint moderation_appeals_status_check check (status in ('open', 'upheld', 'overturned', 'withdrawn')),
  constraint moderation_appeals_decided_check check ((status in ('upheld', 'overturned')) = (decided_at is not null))
);
comment on table core.moderation_appeals is 'Second looks at acts of moderators. upheld: the act stands. overturned: it was undone.';
create unique index moderation_appeals_once_idx on core.moderation_appeals (action_id) where status <> 'withdrawn';
create index moderation_appeals_action_id_idx on core.moderation_appeals (action_id);
create index moderation_appeals_user_id_idx on core.moderation_appeals (user_id, created_at desc);
create index moderation_appeals_decided_by_idx on core.moderation_appeals (decided_by);
create index moderation_appeals_status_created_at_idx on core.moderation_appeals (status, created_at, id);

create trigger _900_touch_updated_at
  before update on core.moderation_appeals
  for each row execute function private.tg__touch_updated_at();

create function private.tg_moderation_appeals__forget()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  new.text := '';
  new.decision_note := null;
  if new.status = 'open' then
    new.status := 'withdrawn';
  end if;
  return new;
end;
$$;
comment on function private.tg_moderation_appeals__forget() is
  'Trigger: what he wrote, and what was answered to him, goes with the person. The decision stays.';

create trigger _200_forget
  before update of user_id on core.moderation_appeals
  for each row when (old.user_id is not null and new.user_id is null)
  execute function private.tg_moderation_appeals__forget();

alter table core.moderation_appeals enable row level security;
revoke all on core.moderation_appeals from anon, authenticated;
grant select on core.moderation_appeals to authenticated;
grant select, insert, update, delete on core.moderation_appeals to service_role;
-- The person concerned reads his own with core.my_moderation_actions, which does not say who decided.
create policy moderation_appeals_select_staff on core.moderation_appeals
  for select to authenticated
  using (
    user_id is distinct from (select auth.uid())
    and ((select private.has_role('moderator')) or (select private.has_role('admin')))
  );

insert into core.settings (key, value, description)
values ('moderation.appeals_per_day', '5', 'How many appeals one person may send in a day.');

create function private.appeal(p_action_id uuid, p_text text)
returns uuid
language plpgsql
volatile
security definer -- a suspended person appeals, though policies let him write nothing
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
  v_text text;
  v_id uuid;
begin
  perform private.require_reader();
  v_text := private.clean_text(p_text, 'text', 10, 2000);
  -- One at a time for each person, so that the limit counts right.
  perform pg_advisory_xact_lock(hashtextextended('core.appeal:' || v_user_id::text, 0));
  perform from core.moderation_actions as a
  where a.id = p_action_id and a.user_id = v_user_id and a.action in ('hide', 'warn', 'suspend');
  if not found then
    raise sqlstate 'PT404' using
      message = 'action_not_found',
      detail = 'No such act concerns you.',
      hint = 'See core.my_moderation_actions().';
  end if;
  if exists (select from core.moderation_appeals as x where x.action_id = p_action_id and x.status <> 'withdrawn') then
    raise sqlstate 'PT409' using
      message = 'already_appealed', detail = 'There is an appeal against this act.', hint = 'Wait for the decision, which is final.';
  end if;
  if (
    select count(*) from core.moderation_appeals as x where x.user_id = v_user_id and x.created_at > now() - interval '1 day'
  ) >= private.setting_number('moderation.appeals_per_day') then
    raise sqlstate 'PT429' using
      message = 'too_many_appeals', detail = 'So many appeals in a day are not taken.', hint = 'Send the rest tomorrow.';
  end if;
  insert into core.moderation_appeals (action_id, user_id, text) values (p_action_id, v_user_id, v_text) returning id into v_id;
  return v_id;
end;
$$;
comment on function private.appeal(uuid, text) is 'Behind core.appeal.';

create function private.withdraw_appeal(p_appeal_id uuid)
returns boolean
language plpgsql
volatile
security definer -- moderation_appeals has no update grant; the caller's own only
set search_path = ''
as $$
begin
  perform private.require_reader();
  update core.moderation_appeals as x set status = 'withdrawn'
  where x.id = p_appeal_id and x.user_id = (select auth.uid()) and x.status = 'open';
  return found;
end;
$$;
comment on function private.withdraw_appeal(uuid) is 'Behind core.withdraw_appeal.';

create function private.my_moderation_actions()
returns table (
  id uuid, action text, module text, entity_type text, entity_id uuid, reason text, created_at timestamptz, can_appeal boolean,
  appeal_id uuid, appeal_text text, appeal_status text, appealed_at timestamptz, decision_note text, decided_at timestamptz
)
language plpgsql
stable
security definer -- shows the caller what was decided about him, without who decided
set search_path = ''
as $$
begin
  perform private.require_reader();
  return query
  select a.id, a.action, a.module, a.entity_type, a.entity_id, a.reason, a.created_at,
    a.action in ('hide', 'warn', 'suspend') and coalesce(x.status, 'withdrawn') = 'withdrawn',
    x.id, x.text, x.status, x.created_at, x.decision_note, x.decided_at
  from core.moderation_actions as a
  left join lateral (
    select y.* from core.moderation_appeals as y where y.action_id = a.id
    order by y.status = 'withdrawn', y.created_at desc limit 1
  ) as x on true
  -- Not the reports that came to nothing: he never knew of them.
  where a.user_id = (select auth.uid()) and a.action <> 'dismiss'
  order by a.created_at desc, a.id desc
  limit 200;
end;
$$;
comment on function private.my_moderation_actions() is 'Behind core.my_moderation_actions.';

-- For the export of a person's data.
create view private.core_export_moderation_actions with (security_invoker = true) as
select a.user_id, a.id, a.action, a.module, a.entity_type, a.entity_id, a.reason, a.created_at
from core.moderation_actions as a
where a.action <> 'dismiss';
comment on view private.core_export_moderation_actions is 'What moderators decided about a person, without who decided.';
revoke all on private.core_export_moderation_actions from public, anon, authenticated;

create function core.appeal(p_action_id uuid, p_text text)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.appeal(p_action_id, p_text); $$;
comment on function core.appeal(uuid, text) is
  'Asks for a second look at what was decided about you: once, and also when your account is suspended. Returns the id of the appeal.';

create function core.withdraw_appeal(p_appeal_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.withdraw_appeal(p_appeal_id); $$;
comment on function core.withdraw_appeal(uuid) is 'Takes your open appeal back. False when there is none to take back.';

create function core.my_moderation_actions()
returns table (
  id uuid, action text, module text, entity_type text, entity_id uuid, reason text, created_at timestamptz, can_appeal boolean,
  appeal_id uuid, appeal_text text, appeal_status text, appealed_at timestamptz, decision_note text, decided_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.my_moderation_actions(); $$;
comment on function core.my_moderation_actions() is
  'What moderators decided about you and why, newest first, with your appeals. Works for suspended accounts.';

revoke execute on all functions in schema core, private from public;
revoke execute on function private.appeal(uuid, text), private.withdraw_appeal(uuid), private.my_moderation_actions()
  from anon, authenticated;
grant execute on function
  private.appeal(uuid, text), private.withdraw_appeal(uuid), private.my_moderation_actions(),
  core.appeal(uuid, text), core.withdraw_appeal(uuid), core.my_moderation_actions()
  to authenticated;
