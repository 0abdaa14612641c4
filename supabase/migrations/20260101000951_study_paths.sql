-- Writing learning paths. All of it by functions for the owner, who holds his learner row meanwhile, as answering does: so that
-- a milestone is not completed while its path changes.

create function private.study_path_topic(p_topic text)
returns uuid
language plpgsql
volatile
security definer -- holds a topic
set search_path = ''
as $$
begin
  return private.living_topic(case
    when p_topic ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_topic::uuid
    else private.study_question_topic(p_topic)
  end);
end;
$$;
comment on function private.study_path_topic(text) is 'A topic by slug, name, synonym or id, held; unknown_topic (422).';

create function private.study_target(p_target double precision)
returns double precision
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if p_target is null then
    return (private.study_model() ->> 'target_mastery')::double precision;
  end if;
  -- NaN is greater than every number.
  if p_target < 1 or p_target > 100 then
    raise sqlstate 'PT422' using
      message = 'path_invalid', detail = 'A target is a mastery from 1 to 100 percent.', hint = 'Send such a number, or none for the usual one.';
  end if;
  return p_target;
end;
$$;
comment on function private.study_target(double precision) is 'A target of a milestone, or the usual one; path_invalid (422).';

create function private.study_my_path(p_learning_path_id uuid)
returns study.learning_paths
language plpgsql
volatile
security definer -- locks rows that clients do not write
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_path study.learning_paths;
begin
  perform private.study_learner(v_user_id);
  select * into v_path from study.learning_paths as p where p.id = p_learning_path_id and p.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'learning_path_not_found', detail = 'You have no learning path with this id.', hint = 'List yours: learning_paths.';
  end if;
  perform private.limit_action('study.limits', 'path', v_user_id::text);
  return v_path;
end;
$$;
comment on function private.study_my_path(uuid) is 'A learning path of the caller, locked, to be changed; learning_path_not_found (404), rate_limited (429).';

create function private.study_my_milestone(p_milestone_id uuid)
returns study.learning_path_milestones
language plpgsql
volatile
security definer -- locks rows that clients do not write
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_milestone study.learning_path_milestones;
begin
  select m.* into v_milestone
  from study.learning_path_milestones as m
  join study.learning_paths as p on p.id = m.learning_path_id
  where m.id = p_milestone_id and p.user_id = v_user_id;
  if found then
    perform private.study_my_path(v_milestone.learning_path_id);
    -- As it is now that nobody else changes it.
    select m.* into v_milestone from study.learning_path_milestones as m where m.id = p_milestone_id;
  end if;
  if not found then
    raise sqlstate 'PT404' using
      message = 'milestone_not_found', detail = 'You have no milestone with this id.', hint = 'See study.learning_path.';
  end if;
  return v_milestone;
end;
$$;
comment on function private.study_my_milestone(uuid) is 'A milestone of the caller, its path locked; milestone_not_found (404), rate_limited (429).';

-- After each change: what is reached completes, and the path is shown as it then is.
create function private.study_settle_path(p_learning_path_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- milestones complete by themselves only
set search_path = ''
as $$
declare
  v_user_id uuid := (select auth.uid());
begin
  if private.study_complete_milestones(v_user_id, now()) > 0 then
    perform private.study_announce(v_user_id, now());
  end if;
  return private.study_path_document(p_learning_path_id, v_user_id, now());
end;
$$;
comment on function private.study_settle_path(uuid) is 'Completes what a change of the caller''s path made complete, tells him, and shows the path.';

create function private.study_target_date(p_user_id uuid, p_date date)
returns date
language plpgsql
volatile
security definer -- reads the clock of a person
set search_path = ''
as $$
begin
  if p_date < private.study_day(p_user_id, now()) or p_date > private.study_day(p_user_id, now()) + 3660 then
    raise sqlstate 'PT422' using
      message = 'path_invalid', detail = 'A path aims at a day from today on, within ten years.', hint = 'Send such a date, or none.';
  end if;
  return p_date;
end;
$$;
comment on function private.study_target_date(uuid, date) is 'A day to aim at, or none; path_invalid (422).';

create function private.study_require_milestone(p_learning_path_id uuid, p_milestone_id uuid, p_requires_id uuid)
returns void
language plpgsql
volatile
security definer -- prerequisites have no direct writing
set search_path = ''
as $$
begin
  insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id)
  values (p_learning_path_id, p_milestone_id, p_requires_id)
  on conflict do nothing;
end;
$$;
comment on function private.study_require_milestone(uuid, uuid, uuid) is 'One milestone before another; path_has_cycle (422).';

create function private.study_create_path(p_name text, p_milestones jsonb, p_description text, p_target_date date)
returns jsonb
language plpgsql
volatile
security definer -- paths have no insert grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_milestones jsonb := coalesce(p_milestones, '[]');
  v_item record;
  v_topic_ids uuid[] := '{}'::uuid[];
  v_path_id uuid;
begin
  perform private.study_learner(v_user_id);
  perform private.limit_action('study.limits', 'path', v_user_id::text);
  if jsonb_typeof(v_milestones) <> 'array' or jsonb_array_length(v_milestones) > 200 or octet_length(v_milestones::text) > 65536 or exists (
    select from jsonb_array_elements(v_milestones) as m (value)
    where jsonb_typeof(m.value) <> 'object' or jsonb_typeof(m.value -> 'topic') is distinct from 'string'
      or jsonb_typeof(coalesce(m.value -> 'target_mastery', '1')) not in ('number', 'null')
      or case jsonb_typeof(m.value -> 'target_mastery') when 'number' then (m.value ->> 'target_mastery')::numeric not between 1 and 100 else false end
      or jsonb_typeof(coalesce(m.value -> 'requires', '[]')) <> 'array'
      or exists (
        select from jsonb_array_elements(case jsonb_typeof(m.value -> 'requires') when 'array' then m.value -> 'requires' else '[]' end) as r (value)
        where jsonb_typeof(r.value) <> 'string'
      )
  ) or (
    -- Each is looked at for a ring.
    select sum(case jsonb_typeof(m.value -> 'requires') when 'array' then jsonb_array_length(m.value -> 'requires') end)
    from jsonb_array_elements(v_milestones) as m (value)
  ) > 1000 then
    raise sqlstate 'PT422' using
      message = 'path_invalid',
      detail = 'Milestones are up to 200 of {topic, target_mastery, requires: [topic]}, and require up to 1,000 in all.', hint = 'Send such a list.';
  end if;
  if (select count(*) from study.learning_paths as p where p.user_id = v_user_id) >= private.setting_number('study.max_learning_paths') then
    raise sqlstate 'PT409' using
      message = 'path_limit_reached', detail = 'You have as many learning paths as one may.', hint = 'Delete one first.';
  end if;
  insert into study.learning_paths (user_id, name, description, target_date)
  values (
    v_user_id, private.clean_text(p_name, 'name', 1, 200), private.clean_text(coalesce(p_description, ''), 'description', 0, 2000),
    private.study_target_date(v_user_id, p_target_date)
  )
  returning id into v_path_id;
  for v_item in select m.value, m.ordinality as no from jsonb_array_elements(v_milestones) with ordinality as m order by m.ordinality loop
    v_topic_ids := v_topic_ids || private.study_path_topic(v_item.value ->> 'topic');
    if v_topic_ids[v_item.no] = any (v_topic_ids[:v_item.no - 1]) then
      raise sqlstate 'PT409' using
        message = 'milestone_exists', detail = 'A topic stands on the path twice, perhaps under two of its names.', hint = 'Name it once.';
    end if;
    insert into study.learning_path_milestones (learning_path_id, topic_id, milestone_order, target_mastery)
    values (v_path_id, v_topic_ids[v_item.no], v_item.no, private.study_target((v_item.value ->> 'target_mastery')::double precision));
  end loop;
  for v_item in
    select m.ordinality as no, private.study_path_topic(r.value #>> '{}') as requires_id
    from jsonb_array_elements(v_milestones) with ordinality as m
    cross join jsonb_array_elements(coalesce(m.value -> 'requires', '[]')) as r (value)
  loop
    if not coalesce(v_item.requires_id = any (v_topic_ids), false) then
      raise sqlstate 'PT404' using
        message = 'milestone_not_found', detail = 'A topic that is required is not on this path.', hint = 'Make it a milestone, too.';
    end if;
    perform private.study_require_milestone(
      v_path_id,
      (select m.id from study.learning_path_milestones as m where m.learning_path_id = v_path_id and m.topic_id = v_topic_ids[v_item.no]),
      (select m.id from study.learning_path_milestones as m where m.learning_path_id = v_path_id and m.topic_id = v_item.requires_id)
    );
  end loop;
  return private.study_settle_path(v_path_id);
end;
$$;
comment on function private.study_create_path(text, jsonb, text, date) is 'See study.create_learning_path.';

revoke execute on function
  private.study_path_topic(text), private.study_target(double precision), private.study_my_path(uuid), private.study_my_milestone(uuid),
  private.study_settle_path(uuid),
  private.study_create_path(text, jsonb, text, date),
  private.study_target_date(uuid, date), private.study_require_milestone(uuid, uuid, uuid)
  from public, anon, authenticated;
grant execute on function private.study_create_path(text, jsonb, text, date) to authenticated;
