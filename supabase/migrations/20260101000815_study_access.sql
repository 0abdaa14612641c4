-- Who may read a material: its owner; whom it is shared with, in person or in a group; everybody signed in or visitors too,
-- when its owner says so. Not what a moderator hid, and nothing between people of whom one blocked the other.

create function private.study_shared_material_ids(p_viewer_id uuid)
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- reads shares and groups of everybody, for one person
set search_path = ''
as $$
begin
  return array(
    select s.material_id from study.material_shares as s where s.user_id = p_viewer_id
    union
    select s.material_id
    from study.group_members as g
    join study.material_shares as s on s.group_id = g.group_id
    where g.user_id = p_viewer_id and g.accepted_at is not null
  );
end;
$$;
comment on function private.study_shared_material_ids(uuid) is
  'Materials shared with a person, directly or through a group. Whether he may read them, hidden_at and blocks decide, too.';

create function private.my_shared_material_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by policies; answers about the caller only
set search_path = ''
as $$
begin
  return private.study_shared_material_ids((select auth.uid()));
end;
$$;
comment on function private.my_shared_material_ids() is 'Materials shared with the caller.';

create function private.study_may_read_material(p_material_id uuid, p_viewer_id uuid)
returns boolean
language plpgsql
stable
parallel safe
security definer -- reads materials and shares of everybody, for one person
set search_path = ''
as $$
begin
  return exists (
    select from study.materials as m
    where m.id = p_material_id
      and (
        m.user_id = p_viewer_id
        or (m.hidden_at is null or private.user_has_role(p_viewer_id, 'moderator') or private.user_has_role(p_viewer_id, 'admin'))
          and (m.visibility <> 'private' or m.id = any (private.study_shared_material_ids(p_viewer_id)))
          and not private.is_blocked_between(m.user_id, p_viewer_id)
      )
  );
end;
$$;
comment on function private.study_may_read_material(uuid, uuid) is 'The policy of study.materials, for functions that act for somebody.';

create function private.my_group_ids(p_roles text[] default null)
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by policies; answers about the caller only
set search_path = ''
as $$
begin
  return array(
    select g.group_id from study.group_members as g
    where g.user_id = (select auth.uid()) and g.accepted_at is not null and (p_roles is null or g.role = any (p_roles))
  );
end;
$$;
comment on function private.my_group_ids(text[]) is 'Groups that the caller is in, with one of these roles when some are named.';

insert into core.settings (key, value, description) values
  ('study.limits', '{
    "upload": {"burst": 50, "per_hour": 60}, "share": {"burst": 100, "per_hour": 200}, "group": {"burst": 20, "per_hour": 20},
    "invite": {"burst": 100, "per_hour": 100}, "search": {"burst": 120, "per_hour": 3600}, "coach": {"burst": 30, "per_hour": 120},
    "generate": {"burst": 10, "per_hour": 20}, "question": {"burst": 200, "per_hour": 400}, "flag": {"burst": 30, "per_hour": 60}
  }', 'How often a person may do what: burst at once, per_hour in the long run.'),
  ('study.max_materials', '2000', 'Materials of one person.'),
  ('study.max_groups', '50', 'Groups that one person owns.'),
  ('study.max_group_members', '500', 'Members of a group, invited ones included.');

revoke execute on function
  private.study_shared_material_ids(uuid), private.my_shared_material_ids(), private.study_may_read_material(uuid, uuid),
  private.my_group_ids(text[])
  from public, anon, authenticated;
grant execute on function private.my_shared_material_ids(), private.my_group_ids(text[]) to authenticated, service_role;
