-- What a path looks like at a moment, and which topic comes next.

create function private.study_path_document(p_learning_path_id uuid, p_user_id uuid, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- reads the paths and the mastery of one person
set search_path = ''
as $$
declare
  v_document jsonb;
begin
  select jsonb_build_object(
    'id', p.id, 'name', p.name, 'description', p.description, 'status', p.status, 'target_date', p.target_date,
    'total_milestones', p.total_milestones, 'completed_milestones', p.completed_milestones, 'created_at', p.created_at,
    'milestones', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', m.id, 'topic', jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name), 'order', m.milestone_order,
        'target_mastery', m.target_mastery, 'is_completed', m.is_completed, 'completed_at', m.completed_at,
        'mastery_percentage', l.mastery_percentage, 'uncertainty', l.uncertainty, 'questions_answered', coalesce(l.questions_answered, 0),
        'is_open', not m.is_completed and not r.waits, 'requires', r.ids
      ) order by m.milestone_order)
      from study.learning_path_milestones as m
      join core.topics as t on t.id = m.topic_id
      left join private.study_mastery_at(p_user_id, p_at) as l on l.topic_id = m.topic_id
      cross join lateral (
        select coalesce(jsonb_agg(b.id order by b.milestone_order), '[]'::jsonb) as ids, coalesce(bool_or(not b.is_completed), false) as waits
        from study.learning_path_prerequisites as q
        join study.learning_path_milestones as b on b.id = q.requires_id
        where q.milestone_id = m.id
      ) as r
      where m.learning_path_id = p.id
    ), '[]'::jsonb)
  ) into v_document
  from study.learning_paths as p
  where p.id = p_learning_path_id and p.user_id = p_user_id;
  if v_document is null then
    raise sqlstate 'PT404' using
      message = 'learning_path_not_found', detail = 'You have no learning path with this id.', hint = 'List yours: learning_paths.';
  end if;
  return v_document;
end;
$$;
comment on function private.study_path_document(uuid, uuid, timestamptz) is 'See study.learning_path; learning_path_not_found (404).';

-- The topic that is worth most next: what stands open on one's paths, what was known and fades, what is weak, what little is
-- known about, and then what has not been touched. Of topics that were practised, only those below which nothing was.

create function private.study_next_topics(p_user_id uuid, p_limit integer, p_at timestamptz)
returns table (topic_id uuid, learning_path_id uuid, milestone_id uuid, score double precision, reason text)
language plpgsql
stable
security definer -- reads progress and the bank for one person
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_target double precision := (v_model ->> 'target_mastery')::double precision;
  v_day date := private.study_day(p_user_id, p_at);
  v_block_ids uuid[] := private.study_block_ids(p_user_id);
begin
  return query
  with levels as materialized (
    select l.*, m.mastery_percentage as best, m.ability_variance
    from private.study_mastery_at(p_user_id, p_at) as l
    join study.mastery_levels as m on m.user_id = p_user_id and m.topic_id = l.topic_id
  ),
  prior as (
    select private.study_ability_percentage((v_model ->> 'prior_mean')::double precision, (v_model ->> 'prior_sd')::double precision ^ 2) as mastery
  ),
  -- Open: everything before it is complete. A date that comes near presses.
  milestones as (
    select distinct on (m.topic_id) m.topic_id, p.id as learning_path_id, m.id as milestone_id,
      1 + greatest(m.target_mastery - coalesce(l.mastery_percentage, r.mastery), 0) / 100
        + coalesce(0.5 / (1 + greatest(p.target_date - v_day, 0) / 7.0::double precision), 0) - m.milestone_order / 1000.0::double precision as score,
      'path' as reason
    from study.learning_paths as p
    join study.learning_path_milestones as m on m.learning_path_id = p.id and not m.is_completed
    join core.topics as t on t.id = m.topic_id and t.is_active
    cross join prior as r
    left join levels as l on l.topic_id = m.topic_id
    where p.user_id = p_user_id and p.status = 'active'
      and not exists (
        select from study.learning_path_prerequisites as q
        join study.learning_path_milestones as b on b.id = q.requires_id
        where q.milestone_id = m.id and not b.is_completed
      )
    order by m.topic_id, 4 desc, m.id
  ),
  practised as (
    select l.topic_id, g.gap + g.fading + g.doubt as score,
      case
        when g.fading >= greatest(g.gap, g.doubt) and g.fading >= 0.05 then 'fading'
        when g.gap >= g.doubt and g.gap > 0 then 'weak'
        else 'uncertain'
      end as reason
    from levels as l
    join core.topics as t on t.id = l.topic_id and t.is_active
    cross join lateral (
      select greatest(v_target - l.mastery_percentage, 0) / 100 as gap, greatest(l.best - l.mastery_percentage, 0) / 100 as fading,
        l.uncertainty / 200 as doubt
    ) as g
    where not exists (select from core.topics as c join levels as d on d.topic_id = c.id where c.parent_id = l.topic_id)
      and (l.mastery_percentage < v_target or g.fading >= 0.05 or l.uncertainty >= 10)
  ),
  untouched as (
    select t.id as topic_id,
      -- Nearer to what one does comes first.
      0.1::double precision + case when exists (select from levels as l where l.topic_id = t.parent_id) then 0.1 else 0 end as score
    from core.topics as t
    where t.is_active
      and not exists (select from levels as l where l.topic_id = t.id)
      and exists (
        select from study.questions as q
        where coalesce(q.topic_id, '00000000-0000-0000-0000-000000000000'::uuid) = t.id and q.status = 'published'
          and q.visibility <> 'private' and q.visibility = 'authenticated' and (q.author_id is null or q.author_id <> all (v_block_ids))
      )
  ),
  everything as (
    select m.topic_id, m.learning_path_id, m.milestone_id, m.score, m.reason from milestones as m
    union all
    select p.topic_id, null, null, p.score, p.reason from practised as p
    where not exists (select from milestones as m where m.topic_id = p.topic_id)
    union all
    select u.topic_id, null, null, u.score, 'new' from untouched as u
    where not exists (select from milestones as m where m.topic_id = u.topic_id)
  )
  select e.topic_id, e.learning_path_id, e.milestone_id, e.score, e.reason
  from everything as e
  order by e.score desc, e.topic_id
  limit p_limit;
end;
$$;
comment on function private.study_next_topics(uuid, integer, timestamptz) is
  'Topics that are worth most next, best first. reason: path (an open milestone), fading (was known better), weak (below target_mastery), uncertain (answered too little), new (never practised, and the bank has questions). score: what is missing, what faded and half of the uncertainty, each as a share of 1; open milestones and 1 come first.';
revoke execute on function
  private.study_path_document(uuid, uuid, timestamptz), private.study_next_topics(uuid, integer, timestamptz)
  from public, anon, authenticated;
