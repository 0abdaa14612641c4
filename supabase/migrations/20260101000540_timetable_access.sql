-- Timetables of people: who may do what with which, and the way into one that every RPC takes.
--
--   owner:         everything
--   shared, edits: reads; writes the timetable, its blocks and exceptions; not its sharing, links, status or deletion
--   shared, reads: reads, and may copy it for himself
--   suspended:     reads what he read before; his links are dead
--   admin:         nothing: what somebody teaches when is his own affair; figures only (processing_queue_stats)
--   anon:          nothing; who holds a secret link asks the function calendar

insert into core.settings (key, value, description) values
  ('timetable.max_timetables', '300', 'How many timetables one person may have.'),
  ('timetable.max_blocks', '500', 'How many blocks a timetable holds that people write.'),
  ('timetable.max_exceptions', '500', 'How many exceptions a timetable holds.'),
  ('timetable.max_shares', '100', 'With how many people one timetable may be shared.'),
  ('timetable.max_links', '20', 'How many secret links of one timetable may be alive.'),
  ('timetable.limits', '{
    "timetable": {"burst": 30, "per_hour": 60},
    "share": {"burst": 40, "per_hour": 60},
    "link": {"burst": 20, "per_hour": 40},
    "fetch": {"burst": 60, "per_hour": 240},
    "miss": {"burst": 60, "per_hour": 120}
  }', 'Burst at once, then per hour: new timetables, shares and links of one person; readings of one link; attempts of one address with links that are none.');

create table timetable.timetable_transitions (
  from_status text not null,
  to_status text not null,
  description text not null,
  primary key (from_status, to_status)
);
comment on table timetable.timetable_transitions is
  'The legal moves of a timetable. A trigger looks them up: what is not a row here cannot happen.';
insert into timetable.timetable_transitions (from_status, to_status, description) values
  ('draft', 'active', 'It holds from now on: activate_timetable.'),
  ('draft', 'archived', 'Put away unused.'),
  ('active', 'draft', 'Taken back, to be changed freely.'),
  ('active', 'archived', 'The term is over.'),
  ('archived', 'draft', 'Taken out again.');

-- Sharing ends with a block; until its row is gone, this hides it.
create function private.shared_timetable_ids(p_can_edit boolean)
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads; answers about the caller only
set search_path = ''
as $$
begin
  return array(
    select s.timetable_id
    from timetable.timetable_shares as s
    join timetable.timetables as t on t.id = s.timetable_id
    where s.user_id = (select auth.uid()) and (s.can_edit or not p_can_edit)
      and not private.is_blocked_between(t.user_id, s.user_id)
  );
end;
$$;
comment on function private.shared_timetable_ids(boolean) is
  'Timetables of others that are shared with the caller; with true only those that he may edit.';

create function private.readable_timetable_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads; answers about the caller only
set search_path = ''
as $$
begin
  return array(select t.id from timetable.timetables as t where t.user_id = (select auth.uid()))
    || private.shared_timetable_ids(false);
end;
$$;
comment on function private.readable_timetable_ids() is 'Timetables that the caller may read: his own, and those shared with him.';

create function private.editable_timetable_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads; answers about the caller only
set search_path = ''
as $$
begin
  if not private.is_active_user() then
    return '{}'::uuid[];
  end if;
  return array(select t.id from timetable.timetables as t where t.user_id = (select auth.uid()))
    || private.shared_timetable_ids(true);
end;
$$;
comment on function private.editable_timetable_ids() is
  'Timetables whose blocks the caller may write: his own, and those shared with him to edit. None while he is suspended.';

create function private.my_timetable_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by policies; answers about the caller only
set search_path = ''
as $$
begin
  return array(select t.id from timetable.timetables as t where t.user_id = (select auth.uid()));
end;
$$;
comment on function private.my_timetable_ids() is 'Timetables that the caller owns.';

-- Whoever asks for a timetable that is not there, or not for him, hears the same.
create function private.enter_timetable(p_id uuid, p_need text)
returns timetable.timetables
language plpgsql
volatile
security definer -- locks a row for the caller, whom it checks
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_timetable timetable.timetables;
begin
  perform from core.profiles as p where p.id = v_user_id for key share;
  select t.* into v_timetable from timetable.timetables as t where t.id = p_id for no key update;
  if v_timetable.user_id is distinct from v_user_id
    and not coalesce(p_id = any (private.shared_timetable_ids(false)), false)
  then
    raise sqlstate 'PT404' using
      message = 'timetable_not_found',
      detail = 'There is no such timetable, or it is not for you.',
      hint = 'Check its id.';
  end if;
  if p_need = 'owner' and v_timetable.user_id <> v_user_id then
    raise sqlstate 'PT403' using
      message = 'timetable_owner_required',
      detail = 'Only the owner of this timetable may do this.',
      hint = 'Ask its owner, or copy it: copies are yours.';
  end if;
  return v_timetable;
end;
$$;
comment on function private.enter_timetable(uuid, text) is
  'Locks a timetable for a caller who may read it, or who must own it (p_need owner); timetable_not_found (404), timetable_owner_required (403).';

revoke execute on function
  private.shared_timetable_ids(boolean),
  private.readable_timetable_ids(), private.editable_timetable_ids(), private.my_timetable_ids(),
  private.enter_timetable(uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.shared_timetable_ids(boolean), private.readable_timetable_ids(), private.editable_timetable_ids(),
  private.my_timetable_ids()
  to authenticated, service_role;
