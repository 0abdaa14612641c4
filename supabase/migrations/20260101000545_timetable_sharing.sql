-- Sharing with people. The owner shares and takes back; whoever it is shared with may leave. A block ends it both ways.

-- Sharing and blocking of the same two people take turns, so that neither misses the other.
create function private.timetable_lock_pair(p_one uuid, p_other uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select pg_catalog.pg_advisory_xact_lock(
    pg_catalog.hashtextextended(least(p_one, p_other)::text || greatest(p_one, p_other)::text, 545)
  );
$$;
comment on function private.timetable_lock_pair(uuid, uuid) is 'Until the end of the transaction: these two people, for sharing and blocking.';

create function private.share_timetable(p_timetable_id uuid, p_user_id uuid, p_can_edit boolean)
returns timetable.timetable_shares
language plpgsql
volatile
security definer -- reads profiles and blocks of others, and tells them; acts for the owner only
set search_path = ''
as $$
declare
  v_owner_id uuid := private.require_user();
  v_timetable timetable.timetables;
  v_share timetable.timetable_shares;
  v_is_new boolean;
begin
  perform private.timetable_lock_pair(v_owner_id, p_user_id);
  v_timetable := private.enter_timetable(p_timetable_id, 'owner');
  if p_user_id = v_owner_id then
    raise sqlstate 'PT422' using
      message = 'share_with_self', detail = 'It is yours already.', hint = 'Choose somebody else.';
  end if;
  perform from core.profiles as p where p.id = p_user_id and p.is_active for key share;
  -- One answer for unknown, suspended and blocked: it tells nobody who blocked whom.
  if not found or private.is_blocked_between(v_owner_id, p_user_id) then
    raise sqlstate 'PT409' using
      message = 'person_unavailable',
      detail = 'This person is unknown or suspended, or one of you has blocked the other.',
      hint = 'Choose somebody else.';
  end if;
  select s.* into v_share from timetable.timetable_shares as s
  where s.timetable_id = p_timetable_id and s.user_id = p_user_id;
  v_is_new := not found;
  if v_is_new then
    perform private.limit_action('timetable.limits', 'share', v_owner_id::text);
    if (select count(*) from timetable.timetable_shares as s where s.timetable_id = p_timetable_id)
      >= private.setting_number('timetable.max_shares')
    then
      raise sqlstate 'PT409' using
        message = 'share_limit_reached',
        detail = format('A timetable is shared with %s people at most.', private.setting_number('timetable.max_shares')),
        hint = 'Make a link for more.';
    end if;
  end if;
  insert into timetable.timetable_shares as s (timetable_id, user_id, can_edit)
  values (p_timetable_id, p_user_id, coalesce(p_can_edit, false))
  on conflict (timetable_id, user_id) do update set can_edit = excluded.can_edit
  returning * into v_share;
  if v_is_new then
    perform private.notify(
      p_user_id, 'timetable.shared', 'info', left(v_timetable.name, 200),
      case when v_share.can_edit then 'A timetable was shared with you. You may edit it.' else 'A timetable was shared with you.' end,
      jsonb_build_object('timetable_id', p_timetable_id, 'actor_id', v_owner_id, 'can_edit', v_share.can_edit),
      '/timetables/' || p_timetable_id, 'timetable.shared:' || p_timetable_id
    );
  end if;
  return v_share;
end;
$$;
comment on function private.share_timetable(uuid, uuid, boolean) is 'See timetable.share_timetable.';

create function timetable.share_timetable(p_timetable_id uuid, p_user_id uuid, p_can_edit boolean default false)
returns timetable.timetable_shares
language sql
volatile
security invoker
set search_path = ''
as $$ select private.share_timetable(p_timetable_id, p_user_id, p_can_edit); $$;
comment on function timetable.share_timetable(uuid, uuid, boolean) is
  'Shares a timetable of yours with a person, to read or to edit; again: changes which. He is told. Errors: timetable_not_found (404), timetable_owner_required (403), person_unavailable, share_limit_reached (409), share_with_self (422), rate_limited (429).';

create function private.unshare_timetable(p_timetable_id uuid, p_user_id uuid)
returns boolean
language plpgsql
volatile
security definer -- shares have no direct writing; acts for the owner, or for the person himself
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_timetable timetable.timetables := private.enter_timetable(
    p_timetable_id, case when p_user_id is null or p_user_id = private.require_user() then 'read' else 'owner' end
  );
begin
  delete from timetable.timetable_shares as s
  where s.timetable_id = v_timetable.id and s.user_id = coalesce(p_user_id, v_user_id);
  return found;
end;
$$;
comment on function private.unshare_timetable(uuid, uuid) is 'See timetable.unshare_timetable.';

create function timetable.unshare_timetable(p_timetable_id uuid, p_user_id uuid default null)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.unshare_timetable(p_timetable_id, p_user_id); $$;
comment on function timetable.unshare_timetable(uuid, uuid) is
  'Takes a timetable of yours back from a person; without p_user_id you leave one that was shared with you. False when it was not shared. Errors: timetable_not_found (404), timetable_owner_required (403).';

create function private.tg_blocks__unshare()
returns trigger
language plpgsql
volatile
security definer -- removes shares of both, whoever blocks
set search_path = ''
as $$
begin
  perform private.timetable_lock_pair(new.blocker_id, new.blocked_id);
  delete from timetable.timetable_shares as s
  using timetable.timetables as t
  where t.id = s.timetable_id
    and (t.user_id = new.blocker_id and s.user_id = new.blocked_id or t.user_id = new.blocked_id and s.user_id = new.blocker_id);
  return null;
end;
$$;
comment on function private.tg_blocks__unshare() is 'Trigger: a block ends what the two shared with each other.';
create trigger _550_unshare_timetables after insert on core.blocks
  for each row execute function private.tg_blocks__unshare();

-- Who finds it in a search follows the shares, whatever ends them: a block, a deleted account.
create function private.tg_timetable_shares__index()
returns trigger
language plpgsql
volatile
security definer -- writes the search index
set search_path = ''
as $$
begin
  perform private.index_timetable(case when tg_op = 'DELETE' then old.timetable_id else new.timetable_id end);
  return null;
end;
$$;
comment on function private.tg_timetable_shares__index() is 'Trigger: keeps the readers in the search index as the shares are.';
create trigger _800_index after insert or delete on timetable.timetable_shares
  for each row execute function private.tg_timetable_shares__index();

revoke execute on function
  private.timetable_lock_pair(uuid, uuid), private.share_timetable(uuid, uuid, boolean),
  timetable.share_timetable(uuid, uuid, boolean), private.unshare_timetable(uuid, uuid),
  timetable.unshare_timetable(uuid, uuid), private.tg_blocks__unshare(), private.tg_timetable_shares__index()
  from public, anon, authenticated;
grant execute on function
  private.share_timetable(uuid, uuid, boolean), timetable.share_timetable(uuid, uuid, boolean),
  private.unshare_timetable(uuid, uuid), timetable.unshare_timetable(uuid, uuid)
  to authenticated;
