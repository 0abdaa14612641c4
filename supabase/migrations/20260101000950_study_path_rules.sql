-- What holds for learning paths, whoever writes: no ring of prerequisites, counts that agree, milestones that complete by
-- themselves and stay complete, and topics that lead on when they are merged.

insert into core.settings (key, value, description) values
  ('study.milestone_xp', '100', 'Experience for completing a milestone: once a topic.'),
  ('study.milestone_xp_target', '50', 'Milestones that aim at less mastery bring no experience.'),
  ('study.max_learning_paths', '50', 'Learning paths of one person.');
update core.settings set value = value || '{"path": {"burst": 100, "per_hour": 300}}' where key = 'study.limits';

-- Two writers could close a ring that neither sees: prerequisites of a path are written one at a time. Its row is changed,
-- not only locked, so that a transaction with an older view of it fails rather than misses a ring. Once a transaction: a path of
-- thousands of prerequisites is made in one.
create function private.tg_learning_path_prerequisites__check_ring()
returns trigger
language plpgsql
volatile
security definer -- walks the path, whoever writes
set search_path = ''
as $$
begin
  update study.learning_paths as p set updated_at = now() where p.id = new.learning_path_id and p.updated_at <> now();
  -- What nothing stands behind closes no ring.
  if new.requires_id = new.milestone_id or exists (
    select from study.learning_path_prerequisites as r where r.requires_id = new.milestone_id
  ) and exists (
    with recursive before as (
      select new.requires_id as id
      union
      select r.requires_id
      from before as b
      join study.learning_path_prerequisites as r on r.milestone_id = b.id
      where tg_op = 'INSERT' or (r.milestone_id, r.requires_id) <> (old.milestone_id, old.requires_id)
    )
    select from before as b where b.id = new.milestone_id
  ) then
    raise sqlstate 'PT422' using
      message = 'path_has_cycle', detail = 'A milestone would have to be complete before itself.',
      hint = 'Take away a prerequisite of the ring first.';
  end if;
  return new;
end;
$$;
comment on function private.tg_learning_path_prerequisites__check_ring() is 'Trigger: prerequisites never form a ring; path_has_cycle (422).';
create trigger _200_check_ring before insert or update on study.learning_path_prerequisites
  for each row execute function private.tg_learning_path_prerequisites__check_ring();

create function private.tg_learning_path_milestones__count()
returns trigger
language plpgsql
volatile
security definer -- counts are written here only
set search_path = ''
as $$
declare
  v_total integer := 0;
  v_completed integer := 0;
begin
  if tg_op in ('INSERT', 'UPDATE') then
    v_total := 1;
    v_completed := new.is_completed::integer;
  end if;
  if tg_op in ('UPDATE', 'DELETE') then
    v_total := v_total - 1;
    v_completed := v_completed - old.is_completed::integer;
  end if;
  update study.learning_paths as p
  set total_milestones = p.total_milestones + v_total, completed_milestones = p.completed_milestones + v_completed,
    status = case
      when p.status = 'paused' then 'paused'
      when p.total_milestones + v_total > 0 and p.completed_milestones + v_completed = p.total_milestones + v_total then 'completed'
      else 'active'
    end
  where p.id = coalesce(new.learning_path_id, old.learning_path_id);
  return null;
end;
$$;
comment on function private.tg_learning_path_milestones__count() is
  'Trigger: counts the milestones of a path; with the last one complete the path is, and a new one opens it again.';
create trigger _500_count after insert or delete or update of is_completed on study.learning_path_milestones
  for each row execute function private.tg_learning_path_milestones__count();

create function private.tg_learning_path_milestones__guard()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'milestone_fixed', detail = 'A complete milestone stays complete, on its path.', hint = 'Remove it, or add another one.';
end;
$$;
comment on function private.tg_learning_path_milestones__guard() is 'Trigger: a milestone is never made incomplete or moved to another path; milestone_fixed (409).';
create trigger _100_guard before update on study.learning_path_milestones
  for each row when (old.is_completed and not new.is_completed or old.learning_path_id <> new.learning_path_id)
  execute function private.tg_learning_path_milestones__guard();

create function private.study_complete_milestones(p_user_id uuid, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- milestones complete by themselves only
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_milestone record;
  v_completed integer := 0;
begin
  if not exists (select from study.learning_paths as p where p.user_id = p_user_id and p.status = 'active') then
    return 0;
  end if;
  loop
    for v_milestone in
      update study.learning_path_milestones as m
      set is_completed = true, completed_at = p_at
      from study.learning_paths as p
      where p.user_id = p_user_id and p.status = 'active' and m.learning_path_id = p.id and not m.is_completed
        and exists (
          select from study.mastery_levels as l
          where l.user_id = p_user_id and l.topic_id = m.topic_id
            and l.questions_answered >= (v_model ->> 'minimum_answers')::bigint
            and private.study_mastery_now(l, p_at, v_model) >= m.target_mastery
        )
        and not exists (
          select from study.learning_path_prerequisites as r
          join study.learning_path_milestones as b on b.id = r.requires_id
          where r.milestone_id = m.id and not b.is_completed
        )
      returning m.id, m.learning_path_id, m.topic_id, m.target_mastery
    loop
      v_completed := v_completed + 1;
      -- Once a topic: who deletes a path and makes it again earns nothing by it.
      perform private.study_award_xp(
        p_user_id,
        case when v_milestone.target_mastery >= private.setting_number('study.milestone_xp_target') then private.setting_number('study.milestone_xp') else 0 end,
        'milestone_complete', v_milestone.topic_id::text, 'A milestone is complete.',
        jsonb_build_object('milestone_id', v_milestone.id, 'learning_path_id', v_milestone.learning_path_id), p_at
      );
    end loop;
    -- What they stood before may be reached already.
    exit when not found;
  end loop;
  return v_completed;
end;
$$;
comment on function private.study_complete_milestones(uuid, timestamptz) is
  'Completes what is reached of a learner''s active paths: the target, with at least minimum_answers answers, and all that stands before it. Returns how many. The caller holds private.study_learner.';

-- Whatever stood before a milestone then stands before what it stood before.
create function private.study_drop_milestone(p_milestone_id uuid)
returns void
language plpgsql
volatile
security definer -- milestones have no direct writing
set search_path = ''
as $$
declare
  v_milestone study.learning_path_milestones;
begin
  insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id)
  select a.learning_path_id, a.milestone_id, b.requires_id
  from study.learning_path_prerequisites as a
  join study.learning_path_prerequisites as b on b.milestone_id = a.requires_id
  where a.requires_id = p_milestone_id
  on conflict do nothing;
  delete from study.learning_path_milestones as m where m.id = p_milestone_id returning m.* into v_milestone;
  update study.learning_path_milestones as m set milestone_order = m.milestone_order - 1
  where m.learning_path_id = v_milestone.learning_path_id and m.milestone_order > v_milestone.milestone_order;
end;
$$;
comment on function private.study_drop_milestone(uuid) is 'Removes a milestone; what it required, what required it now does. The others close up.';

create function private.tg_topics__move_progress()
returns trigger
language plpgsql
volatile
security definer -- moves other people's rows
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_milestone_id uuid;
begin
  insert into study.mastery_levels as m (
    user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, proficiency_level, observed_at
  )
  select o.user_id, new.merged_into_id, o.questions_answered + coalesce(t.questions_answered, 0),
    o.questions_correct + coalesce(t.questions_correct, 0), x.ability[1], x.ability[2],
    private.study_ability_percentage(x.ability[1], x.ability[2]), private.study_ability_level(x.ability[1], x.ability[2], v_model),
    greatest(o.observed_at, t.observed_at)
  from study.mastery_levels as o
  left join study.mastery_levels as t on t.user_id = o.user_id and t.topic_id = new.merged_into_id
  cross join lateral (
    select case
      when t.user_id is null then array[o.ability, o.ability_variance]
      else private.study_merge_abilities(
        private.study_ability_drift(
          array[o.ability, o.ability_variance], extract(epoch from t.observed_at - o.observed_at)::double precision / 86400, v_model
        ),
        private.study_ability_drift(
          array[t.ability, t.ability_variance], extract(epoch from o.observed_at - t.observed_at)::double precision / 86400, v_model
        ),
        v_model
      )
    end as ability
    offset 0
  ) as x
  where o.topic_id = new.id
  on conflict (user_id, topic_id) do update set
    questions_answered = excluded.questions_answered, questions_correct = excluded.questions_correct, ability = excluded.ability,
    ability_variance = excluded.ability_variance, mastery_percentage = excluded.mastery_percentage,
    proficiency_level = excluded.proficiency_level, observed_at = excluded.observed_at;
  delete from study.mastery_levels as m where m.topic_id = new.id;
  for v_milestone_id in
    select m.id
    from study.learning_path_milestones as m
    join study.learning_path_milestones as t on t.learning_path_id = m.learning_path_id and t.topic_id = new.merged_into_id
    where m.topic_id = new.id
    order by m.id
  loop
    perform private.study_drop_milestone(v_milestone_id);
  end loop;
  update study.learning_path_milestones as m set topic_id = new.merged_into_id where m.topic_id = new.id;
  return null;
end;
$$;
comment on function private.tg_topics__move_progress() is
  'Trigger: mastery and milestones of a merged topic go with it. Where a path has both, the one of the topic that stays does.';
create trigger _500_move_progress
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_progress();

revoke execute on function
  private.tg_learning_path_prerequisites__check_ring(), private.tg_learning_path_milestones__count(),
  private.tg_learning_path_milestones__guard(), private.study_complete_milestones(uuid, timestamptz),
  private.study_drop_milestone(uuid), private.tg_topics__move_progress()
  from public, anon, authenticated;
