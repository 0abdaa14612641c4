-- The history of roles writes itself: no path that changes a role can leave it out, and none can change it afterwards.

-- History tables outlive the people in them. The only change that they take is the one that deletion makes: a key to a
-- person who is gone is emptied. With the person whom the row is about (the first argument) goes the free text about him.
-- Ledgers of modules: nothing in them changes, whoever asks.
create function private.tg__append_only()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT403' using
    message = 'append_only',
    detail = format('Rows of %I.%I are never changed or removed.', tg_table_schema, tg_table_name),
    hint = 'Add a row that corrects it.';
end;
$$;
comment on function private.tg__append_only() is 'Trigger: append_only (403) for every change and removal.';
revoke execute on function private.tg__append_only() from public, anon, authenticated;

create function private.tg__guard_history()
returns trigger
language plpgsql
security definer -- looks whether the account is really gone
set search_path = ''
as $$
declare
  v_old jsonb;
  v_new jsonb;
  v_key text;
begin
  if tg_op = 'UPDATE' then
    v_old := to_jsonb(old);
    v_new := to_jsonb(new);
    foreach v_key in array tg_argv loop
      if v_old -> v_key <> 'null' and v_new -> v_key = 'null'
        and not exists (select from core.profiles as p where p.id = (v_old ->> v_key)::uuid)
      then
        v_old := v_old || jsonb_build_object(v_key, null);
        if v_key = tg_argv[0] then
          new.reason := 'Removed with the account.';
        end if;
      end if;
    end loop;
    if v_old = v_new then
      return new;
    end if;
  end if;
  raise sqlstate 'PT403' using
    message = 'append_only_table',
    detail = format('%s of %I.%I is refused: its rows are never changed or removed.', tg_op, tg_table_schema, tg_table_name),
    hint = 'Write a new row that corrects the old one.';
end;
$$;
comment on function private.tg__guard_history() is
  'Trigger of history tables with a column reason. Arguments: the columns that point at people, the subject first.';

create trigger _100_guard_history
  before update or delete on core.role_change_history
  for each row execute function private.tg__guard_history('user_id', 'changed_by');
create trigger _110_refuse_truncate
  before truncate on core.role_change_history
  for each statement execute function private.tg__guard_history();

create function private.change_via()
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return coalesce(
    nullif(current_setting('lyceum.change_via', true), ''),
    case when (select auth.uid()) is null then 'service' else 'user' end
  );
end;
$$;
comment on function private.change_via() is 'How the current change comes about: user, service or system.';

create function private.tg_user_roles__record()
returns trigger
language plpgsql
security definer -- writes a history that nobody may write
set search_path = ''
as $$
declare
  v_user_id uuid := case tg_op when 'DELETE' then old.user_id else new.user_id end;
  v_role text := case tg_op when 'DELETE' then old.role else new.role end;
  v_now text[];
  v_is_gone boolean := not exists (select from core.profiles as p where p.id = v_user_id);
  v_actor uuid := (select auth.uid());
begin
  select coalesce(array_agg(r.role order by r.role), '{}') into v_now
  from core.user_roles as r where r.user_id = v_user_id;

  insert into core.role_change_history (
    user_id, user_tombstone, change, role, previous_roles, new_roles, changed_by, changed_by_tombstone, changed_via, reason
  ) values (
    case when not v_is_gone then v_user_id end, v_user_id,
    case tg_op when 'DELETE' then 'revoked' else 'granted' end, v_role,
    case tg_op when 'DELETE' then array(select unnest(v_now || v_role) as r order by r) else array_remove(v_now, v_role) end,
    v_now,
    (select p.id from core.profiles as p where p.id = v_actor), v_actor,
    case when v_is_gone then 'system' else private.change_via() end,
    case when v_is_gone then 'Account deleted.'
      else coalesce(nullif(current_setting('lyceum.change_reason', true), ''), 'Changed in the table; no reason given.') end
  );

  -- The row in admins comes and goes with the role.
  if v_role = 'admin' and tg_op = 'DELETE' then
    delete from core.admins as a where a.id = v_user_id;
  elsif v_role = 'admin' then
    insert into core.admins (id) values (v_user_id) on conflict do nothing;
  end if;
  return null;
end;
$$;

create trigger _500_record
  after insert or delete on core.user_roles
  for each row execute function private.tg_user_roles__record();

-- A role is granted or revoked; turning one row into another would be both and leave no trace.
create function private.tg_user_roles__refuse_update()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if new.role is distinct from old.role and exists (select from core.roles as r where r.name = old.role)
    or new.user_id is distinct from old.user_id
  then
    raise sqlstate 'PT409' using
      message = 'role_row_fixed',
      detail = 'A row of user_roles is inserted or deleted, not changed into another.',
      hint = 'Call core.revoke_role and core.grant_role.';
  end if;
  return new;
end;
$$;

create trigger _050_refuse_update
  before update on core.user_roles
  for each row execute function private.tg_user_roles__refuse_update();

revoke execute on all functions in schema private from public;
revoke execute on function private.check_admin_remains(uuid), private.sign_up_text(jsonb, integer),
  private.is_reserved_username(text), private.change_via() from anon, authenticated;
