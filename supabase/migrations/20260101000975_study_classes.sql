-- Class views: what educators of a class see of those who let them.
--
-- Asked anew at every call: the group is a class, its owner is still an educator, the caller owns it or is its educator; and
-- of the members only those who have come, who share their progress, who are not suspended, and between whom and the caller
-- there is no block. Who leaves, or takes his consent back, is in no figure from that moment on.
--
-- Sums are of those only whom the caller sees one by one, so that they tell nothing of anybody else, however few share.
-- Figures are of stored days: up to a minute old.

create function private.study_class(p_group_id uuid)
returns study.groups
language plpgsql
stable
security definer -- reads roles of the owner
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_group study.groups;
begin
  select g.* into v_group from study.groups as g
  join study.group_members as m on m.group_id = g.id
  where g.id = p_group_id and g.is_class and m.user_id = v_user_id and m.accepted_at is not null and m.role in ('owner', 'educator')
    and private.is_active_user() and private.user_has_role(g.owner_id, 'educator') and private.user_has_role(v_user_id, 'educator');
  if not found then
    raise sqlstate 'PT404' using
      message = 'class_not_found', detail = 'You lead no class with this id.', hint = 'List your groups: a class says is_class.';
  end if;
  return v_group;
end;
$$;
comment on function private.study_class(uuid) is 'A class that the caller leads; class_not_found (404).';

create function private.study_class_learners(p_group_id uuid, p_viewer_id uuid)
returns table (user_id uuid, username text, full_name text, avatar_path text, joined_at timestamptz)
language plpgsql
stable
security definer -- reads members, profiles and blocks of others
set search_path = ''
as $$
begin
  return query
  select p.id, p.username::text, p.full_name, p.avatar_path, m.accepted_at
  from study.group_members as m
  join core.profiles as p on p.id = m.user_id and p.is_active
  where m.group_id = p_group_id and m.accepted_at is not null and m.shares_progress
    and (m.user_id = p_viewer_id or not private.is_blocked_between(m.user_id, p_viewer_id));
end;
$$;
comment on function private.study_class_learners(uuid, uuid) is 'Who of a class shares his progress with the educator who asks.';

create function private.study_class_overview(p_group_id uuid)
returns jsonb
language plpgsql
stable
security definer -- reads what learners agreed to show
set search_path = ''
as $$
declare
  v_group study.groups := private.study_class(p_group_id);
  v_today date := (now() at time zone 'UTC')::date;
  v_from date := v_today - (extract(isodow from v_today)::integer - 1) - 77;
  v_ids uuid[] := array(select l.user_id from private.study_class_learners(p_group_id, (select auth.uid())) as l order by 1);
  v_result jsonb;
begin
  with sums as materialized (
    select m.user_id, m.metric_date as day, coalesce(t.merged_into_id, m.topic_id) as topic_id, m.questions_attempted as answered,
      m.questions_correct as correct
    from study.performance_metrics as m left join core.topics as t on t.id = m.topic_id
    where m.user_id = any (v_ids) and m.metric_date >= v_from
  )
  select jsonb_build_object(
    'weeks', (
      select jsonb_agg(jsonb_build_object(
        'week_start', v_from + 7 * n, 'learners', w.learners, 'answered', w.answered, 'correct', w.correct,
        'accuracy', private.study_share(w.correct, w.answered)
      ) order by n)
      from generate_series(0, 11) as n
      cross join lateral (
        select count(distinct s.user_id) as learners, coalesce(sum(s.answered), 0) as answered, coalesce(sum(s.correct), 0) as correct
        from sums as s where s.day >= v_from + 7 * n and s.day < v_from + 7 * n + 7
      ) as w
    ),
    'topics', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'topic_id', t.topic_id, 'slug', c.slug, 'name', c.name, 'learners', t.learners, 'answered', t.answered, 'correct', t.correct,
        'accuracy', private.study_share(t.correct, t.answered)
      ) order by t.correct::double precision / t.answered, t.topic_id), '[]')
      from (
        select s.topic_id, count(distinct s.user_id) as learners, sum(s.answered) as answered, sum(s.correct) as correct
        from sums as s group by s.topic_id having sum(s.answered) > 0
        order by 3 desc, 1 limit 50
      ) as t
      join core.topics as c on c.id = t.topic_id
    )
  ) into v_result;
  return jsonb_build_object(
    'group_id', v_group.id, 'name', v_group.name,
    'members', (select count(*) from study.group_members as m where m.group_id = p_group_id and m.accepted_at is not null and m.role = 'member'),
    'sharing', cardinality(v_ids)
  ) || v_result;
end;
$$;
comment on function private.study_class_overview(uuid) is 'See study.class_overview.';

create function private.study_class_progress(p_group_id uuid, p_limit integer, p_cursor text)
returns table (
  user_id uuid, username text, full_name text, avatar_path text, joined_at timestamptz, last_study_day date, xp bigint, level integer,
  current_streak integer, questions_answered bigint, questions_correct bigint, answered_28_days bigint, correct_28_days bigint,
  accuracy_28_days numeric, study_ms_28_days bigint, reviews_28_days bigint, retention_28_days numeric, weakest_topics jsonb, cursor text
)
language plpgsql
stable
security definer -- reads what learners agreed to show
set search_path = ''
as $$
declare
  v_group study.groups := private.study_class(p_group_id);
  v_since date := (now() at time zone 'UTC')::date - 27;
begin
  return query
  with page as materialized (
    select l.* from private.study_class_learners(v_group.id, (select auth.uid())) as l
    where p_cursor is null or lower(l.username) collate "C" > lower(p_cursor) collate "C"
    order by lower(l.username) collate "C"
    limit least(200, greatest(1, coalesce(p_limit, 50)))
  )
  select l.user_id, l.username, l.full_name, l.avatar_path, l.joined_at, t.last_study_day, coalesce(t.xp, 0), coalesce(t.level, 1),
    coalesce(s.current_streak, 0), coalesce(t.questions_answered, 0), coalesce(t.questions_correct, 0),
    a.answered, a.correct, private.study_share(a.correct, a.answered), d.study_ms, r.reviewed, private.study_share(r.recalled, r.reviewed),
    w.topics, l.username
  from page as l
  left join study.learners as t on t.user_id = l.user_id
  left join lateral private.study_streak_at(l.user_id, now()) as s on true
  cross join lateral (
    select coalesce(sum(m.questions_attempted), 0)::bigint as answered, coalesce(sum(m.questions_correct), 0)::bigint as correct
    from study.performance_metrics as m where m.user_id = l.user_id and m.metric_date >= v_since
  ) as a
  cross join lateral (
    select coalesce(sum(e.study_ms), 0)::bigint as study_ms from study.user_streaks as e
    where e.user_id = l.user_id and e.streak_date >= v_since
  ) as d
  cross join lateral (
    select coalesce(sum(n.cards_reviewed), 0)::bigint as reviewed, coalesce(sum(n.cards_correct), 0)::bigint as recalled
    from study.retention_analytics as n where n.user_id = l.user_id and n.retention_date >= v_since
  ) as r
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
      'topic_id', k.id, 'slug', k.slug, 'name', k.name, 'mastery_percentage', round(k.mastery_percentage::numeric, 1)
    ) order by k.mastery_percentage, k.id), '[]') as topics
    from (
      select c.id, c.slug, c.name, v.mastery_percentage
      from private.study_mastery_at(l.user_id, now()) as v join core.topics as c on c.id = v.topic_id and c.is_active
      where v.questions_answered >= 5
      order by v.mastery_percentage, c.id limit 3
    ) as k
  ) as w
  order by lower(l.username) collate "C";
end;
$$;
comment on function private.study_class_progress(uuid, integer, text) is 'See study.class_members_progress.';

create function study.class_overview(p_group_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_class_overview(p_group_id); $$;
comment on function study.class_overview(uuid) is
  'A class that you lead: {group_id, name, members, sharing: who show you their progress, weeks: 12 [{week_start, learners, answered, correct, accuracy}], topics of these weeks, weakest first [{topic_id, slug, name, learners, answered, correct, accuracy}]}. Sums of those who share, up to a minute old. class_not_found (404).';

create function study.class_members_progress(p_group_id uuid, p_limit integer default 50, p_cursor text default null)
returns table (
  user_id uuid, username text, full_name text, avatar_path text, joined_at timestamptz, last_study_day date, xp bigint, level integer,
  current_streak integer, questions_answered bigint, questions_correct bigint, answered_28_days bigint, correct_28_days bigint,
  accuracy_28_days numeric, study_ms_28_days bigint, reviews_28_days bigint, retention_28_days numeric, weakest_topics jsonb, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_class_progress(p_group_id, p_limit, p_cursor); $$;
comment on function study.class_members_progress(uuid, integer, text) is
  'Those of a class that you lead who show you their progress, by name, at most 200 a page; p_cursor is the cursor of the last row. What happened in 28 days is up to a minute old. weakest_topics: three of those with five answers or more [{topic_id, slug, name, mastery_percentage}]. class_not_found (404).';

revoke execute on function
  private.study_class(uuid), private.study_class_learners(uuid, uuid), private.study_class_overview(uuid),
  private.study_class_progress(uuid, integer, text), study.class_overview(uuid), study.class_members_progress(uuid, integer, text)
  from public, anon, authenticated;
grant execute on function
  private.study_class_overview(uuid), private.study_class_progress(uuid, integer, text), study.class_overview(uuid),
  study.class_members_progress(uuid, integer, text)
  to authenticated;
