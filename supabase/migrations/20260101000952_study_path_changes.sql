-- Changing learning paths. Each change answers with the path as it is then.

create function private.study_update_path(p_learning_path_id uuid, p_changes jsonb)
returns jsonb
language plpgsql
volatile
security definer -- paths have no update grant
set search_path = ''
as $$
declare
  v_path study.learning_paths := private.study_my_path(p_learning_path_id);
begin
  if coalesce(jsonb_typeof(p_changes), '') <> 'object' or exists (
    select from jsonb_each(p_changes) as c
    where c.key not in ('name', 'description', 'target_date') or jsonb_typeof(c.value) not in ('string', 'null')
      or c.key = 'target_date' and c.value #>> '{}' !~ '^\d{4}-\d{2}-\d{2}$'
  ) then
    raise sqlstate 'PT422' using
      message = 'path_invalid', detail = 'Of a path its name, description and target_date change.', hint = 'Send {name, description, target_date} or some of them.';
  end if;
  update study.learning_paths as p
  set name = case when p_changes ? 'name' then private.clean_text(p_changes ->> 'name', 'name', 1, 200) else p.name end,
    description = case when p_changes ? 'description' then private.clean_text(coalesce(p_changes ->> 'description', ''), 'description', 0, 2000) else p.description end,
    target_date = case when p_changes ? 'target_date' then private.study_target_date(p.user_id, (p_changes ->> 'target_date')::date) else p.target_date end
  where p.id = v_path.id;
  return private.study_settle_path(v_path.id);
exception when invalid_datetime_format or datetime_field_overflow then
  raise sqlstate 'PT422' using message = 'path_invalid', detail = 'There is no such day.', hint = 'Send target_date as YYYY-MM-DD.';
end;
$$;
comment on function private.study_update_path(uuid, jsonb) is 'See study.update_learning_path.';

create function private.study_set_path_paused(p_learning_path_id uuid, p_is_paused boolean)
returns jsonb
language plpgsql
volatile
security definer -- paths have no update grant
set search_path = ''
as $$
declare
  v_path study.learning_paths := private.study_my_path(p_learning_path_id);
begin
  if p_is_paused and v_path.status = 'completed' then
    raise sqlstate 'PT409' using message = 'path_completed', detail = 'A complete path is not paused.', hint = 'Add a milestone, or leave it.';
  end if;
  update study.learning_paths as p
  set status = case
    when p_is_paused then 'paused'
    when p.total_milestones > 0 and p.completed_milestones = p.total_milestones then 'completed'
    else 'active'
  end
  where p.id = v_path.id;
  return private.study_settle_path(v_path.id);
end;
$$;
comment on function private.study_set_path_paused(uuid, boolean) is 'See study.pause_learning_path and study.resume_learning_path.';

create function private.study_delete_path(p_learning_path_id uuid)
returns void
language plpgsql
volatile
security definer -- paths have no delete grant
set search_path = ''
as $$
declare
  v_path study.learning_paths := private.study_my_path(p_learning_path_id);
begin
  delete from study.learning_paths as p where p.id = v_path.id;
end;
$$;
comment on function private.study_delete_path(uuid) is 'See study.delete_learning_path.';

create function private.study_add_milestone(
  p_learning_path_id uuid, p_topic text, p_target_mastery double precision, p_requires uuid[], p_order integer
)
returns jsonb
language plpgsql
volatile
security definer -- milestones have no direct writing
set search_path = ''
as $$
declare
  v_path study.learning_paths := private.study_my_path(p_learning_path_id);
  v_topic_id uuid := private.study_path_topic(p_topic);
  v_order integer := least(greatest(coalesce(p_order, v_path.total_milestones + 1), 1), v_path.total_milestones + 1);
  v_requires uuid[] := coalesce(p_requires, '{}');
  v_id uuid;
begin
  if v_path.total_milestones >= 200 then
    raise sqlstate 'PT409' using message = 'path_full', detail = 'A path has at most 200 milestones.', hint = 'Make another path.';
  end if;
  if exists (select from study.learning_path_milestones as m where m.learning_path_id = v_path.id and m.topic_id = v_topic_id) then
    raise sqlstate 'PT409' using message = 'milestone_exists', detail = 'This topic is on the path already.', hint = 'Change that milestone.';
  end if;
  if exists (
    select from unnest(v_requires) as r (id)
    where not exists (select from study.learning_path_milestones as m where m.learning_path_id = v_path.id and m.id = r.id)
  ) then
    raise sqlstate 'PT404' using
      message = 'milestone_not_found', detail = 'A milestone that is required is not on this path.', hint = 'See study.learning_path.';
  end if;
  update study.learning_path_milestones as m set milestone_order = m.milestone_order + 1
  where m.learning_path_id = v_path.id and m.milestone_order >= v_order;
  insert into study.learning_path_milestones (learning_path_id, topic_id, milestone_order, target_mastery)
  values (v_path.id, v_topic_id, v_order, private.study_target(p_target_mastery))
  returning id into v_id;
  insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id)
  select distinct v_path.id, v_id, r.id from unnest(v_requires) as r (id);
  return private.study_settle_path(v_path.id);
end;
$$;
comment on function private.study_add_milestone(uuid, text, double precision, uuid[], integer) is 'See study.add_milestone.';

create function private.study_remove_milestone(p_milestone_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- milestones have no direct writing
set search_path = ''
as $$
declare
  v_milestone study.learning_path_milestones := private.study_my_milestone(p_milestone_id);
begin
  perform private.study_drop_milestone(v_milestone.id);
  return private.study_settle_path(v_milestone.learning_path_id);
end;
$$;
comment on function private.study_remove_milestone(uuid) is 'See study.remove_milestone.';

create function private.study_set_milestone_target(p_milestone_id uuid, p_target_mastery double precision)
returns jsonb
language plpgsql
volatile
security definer -- milestones have no direct writing
set search_path = ''
as $$
declare
  v_milestone study.learning_path_milestones := private.study_my_milestone(p_milestone_id);
begin
  if v_milestone.is_completed then
    raise sqlstate 'PT409' using message = 'milestone_completed', detail = 'This milestone is complete.', hint = 'Change one that is not.';
  end if;
  update study.learning_path_milestones as m set target_mastery = private.study_target(p_target_mastery) where m.id = v_milestone.id;
  return private.study_settle_path(v_milestone.learning_path_id);
end;
$$;
comment on function private.study_set_milestone_target(uuid, double precision) is 'See study.set_milestone_target.';

create function private.study_reorder_milestones(p_learning_path_id uuid, p_milestone_ids uuid[])
returns jsonb
language plpgsql
volatile
security definer -- milestones have no direct writing
set search_path = ''
as $$
declare
  v_path study.learning_paths := private.study_my_path(p_learning_path_id);
begin
  if array(select m.id from study.learning_path_milestones as m where m.learning_path_id = v_path.id order by m.id)
    is distinct from array(select u.id from unnest(p_milestone_ids) as u (id) order by u.id)
  then
    raise sqlstate 'PT422' using
      message = 'path_order_invalid', detail = 'An order names each milestone of the path once.', hint = 'See study.learning_path.';
  end if;
  update study.learning_path_milestones as m set milestone_order = u.ordinality
  from unnest(p_milestone_ids) with ordinality as u (id, ordinality)
  where m.id = u.id and m.milestone_order <> u.ordinality;
  return private.study_settle_path(v_path.id);
end;
$$;
comment on function private.study_reorder_milestones(uuid, uuid[]) is 'See study.reorder_milestones.';

create function private.study_add_prerequisite(p_milestone_id uuid, p_requires_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- prerequisites have no direct writing
set search_path = ''
as $$
declare
  v_milestone study.learning_path_milestones := private.study_my_milestone(p_milestone_id);
begin
  if not exists (
    select from study.learning_path_milestones as m where m.id = p_requires_id and m.learning_path_id = v_milestone.learning_path_id
  ) then
    raise sqlstate 'PT404' using
      message = 'milestone_not_found', detail = 'The milestone that is required is not on this path.', hint = 'See study.learning_path.';
  end if;
  perform private.study_require_milestone(v_milestone.learning_path_id, v_milestone.id, p_requires_id);
  return private.study_settle_path(v_milestone.learning_path_id);
end;
$$;
comment on function private.study_add_prerequisite(uuid, uuid) is 'See study.add_prerequisite.';

create function private.study_remove_prerequisite(p_milestone_id uuid, p_requires_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- prerequisites have no direct writing
set search_path = ''
as $$
declare
  v_milestone study.learning_path_milestones := private.study_my_milestone(p_milestone_id);
begin
  delete from study.learning_path_prerequisites as r where r.milestone_id = v_milestone.id and r.requires_id = p_requires_id;
  return private.study_settle_path(v_milestone.learning_path_id);
end;
$$;
comment on function private.study_remove_prerequisite(uuid, uuid) is 'See study.remove_prerequisite.';

revoke execute on function
  private.study_update_path(uuid, jsonb), private.study_set_path_paused(uuid, boolean), private.study_delete_path(uuid),
  private.study_add_milestone(uuid, text, double precision, uuid[], integer), private.study_remove_milestone(uuid),
  private.study_set_milestone_target(uuid, double precision),
  private.study_reorder_milestones(uuid, uuid[]), private.study_add_prerequisite(uuid, uuid), private.study_remove_prerequisite(uuid, uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_update_path(uuid, jsonb), private.study_set_path_paused(uuid, boolean), private.study_delete_path(uuid),
  private.study_add_milestone(uuid, text, double precision, uuid[], integer), private.study_remove_milestone(uuid),
  private.study_set_milestone_target(uuid, double precision),
  private.study_reorder_milestones(uuid, uuid[]), private.study_add_prerequisite(uuid, uuid), private.study_remove_prerequisite(uuid, uuid)
  to authenticated;
