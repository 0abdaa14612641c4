-- Making a plan, and reading it. What the learner accepted or dismissed stays; a suggestion that would be made again stays
-- the same row, so that calendars do not see everything come and go.

create function private.study_plan(p_user_id uuid, p_days integer, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- suggestions have no direct writing
set search_path = ''
as $$
declare
  v_draft study.plan_blocks[];
begin
  perform private.study_learner(p_user_id);
  perform private.study_settle_blocks(p_at, 1000, p_user_id);
  v_draft := array(select d from private.study_draft_plan(p_user_id, p_days, p_at) as d);
  delete from study.plan_blocks as b
  where b.user_id = p_user_id and b.status = 'suggested' and b.starts_at > p_at
    and not exists (
      select from unnest(v_draft) as d
      where d.kind = b.kind and d.starts_at = b.starts_at and d.ends_at = b.ends_at
        and d.topic_id is not distinct from b.topic_id and d.learning_path_id is not distinct from b.learning_path_id
    );
  update study.plan_blocks as b set planned_count = d.planned_count, reason = d.reason
  from unnest(v_draft) as d
  where b.user_id = p_user_id and b.status = 'suggested' and b.starts_at = d.starts_at and b.starts_at > p_at
    and (b.planned_count, b.reason) <> (d.planned_count, d.reason);
  insert into study.plan_blocks (user_id, kind, topic_id, learning_path_id, starts_at, ends_at, planned_count, reason, created_at, updated_at)
  select p_user_id, d.kind, d.topic_id, d.learning_path_id, d.starts_at, d.ends_at, d.planned_count, d.reason, p_at, p_at
  from unnest(v_draft) as d
  where not exists (
    select from study.plan_blocks as b where b.user_id = p_user_id and b.status = 'suggested' and b.starts_at = d.starts_at
  );
  insert into study.plans as p (user_id, days, planned_at, next_at)
  values (p_user_id, p_days, p_at, private.study_day_start(p_user_id, private.study_day(p_user_id, p_at) + 1))
  on conflict (user_id) do update set days = excluded.days, planned_at = excluded.planned_at, next_at = excluded.next_at;
  return cardinality(v_draft);
end;
$$;
comment on function private.study_plan(uuid, integer, timestamptz) is
  'Makes the suggestions of a learner anew for so many days; returns how many there are. Whoever calls answers for the right to.';

create function private.study_list_plan(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns table (
  id uuid, kind text, status text, topic_id uuid, topic_name text, learning_path_id uuid, learning_path_name text,
  starts_at timestamptz, ends_at timestamptz, planned_count integer, reason text, is_busy boolean
)
language plpgsql
stable
security definer -- reads when a person is busy; callers name themselves
set search_path = ''
as $$
declare
  v_busy tstzmultirange := private.busy_times(p_user_id, p_from - interval '4 hours', p_to + interval '4 hours');
begin
  return query
  select b.id, b.kind, b.status, b.topic_id, t.name, b.learning_path_id, l.name, b.starts_at, b.ends_at, b.planned_count, b.reason,
    tstzrange(b.starts_at, b.ends_at) && v_busy
  from study.plan_blocks as b
  left join core.topics as t on t.id = b.topic_id
  left join study.learning_paths as l on l.id = b.learning_path_id
  -- A block is four hours long at most.
  where b.user_id = p_user_id and b.starts_at > p_from - interval '4 hours' and b.ends_at > p_from and b.starts_at < p_to
  order by b.starts_at, b.id;
end;
$$;
comment on function private.study_list_plan(uuid, timestamptz, timestamptz) is 'The blocks of somebody that lie between two moments, in part or wholly.';

create function private.study_plan_week(p_days integer)
returns table (
  id uuid, kind text, status text, topic_id uuid, topic_name text, learning_path_id uuid, learning_path_name text,
  starts_at timestamptz, ends_at timestamptz, planned_count integer, reason text, is_busy boolean
)
language plpgsql
volatile
security definer -- suggestions have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  if p_days is null or p_days not between 1 and 28 then
    raise sqlstate 'PT422' using
      message = 'plan_days_invalid', detail = 'A plan is for 1 to 28 days.', hint = 'Send p_days, 7 for a week.';
  end if;
  perform private.limit_action('study.limits', 'plan', v_user_id::text);
  perform private.study_plan(v_user_id, p_days, now());
  return query
  select p.* from private.study_list_plan(
    v_user_id, now(), private.study_day_start(v_user_id, private.study_day(v_user_id, now()) + p_days)
  ) as p;
end;
$$;
comment on function private.study_plan_week(integer) is 'See study.plan_week.';

create function study.plan_week(p_days integer default 7)
returns table (
  id uuid, kind text, status text, topic_id uuid, topic_name text, learning_path_id uuid, learning_path_name text,
  starts_at timestamptz, ends_at timestamptz, planned_count integer, reason text, is_busy boolean
)
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.study_plan_week(p_days); $$;
comment on function study.plan_week(integer) is
  'Makes your plan anew for p_days days from today on (1 to 28), and from now on each day: suggestions in your free time, inside study_from to study_until on study_weekdays. What you accepted or dismissed stays. Returns the plan as study.my_plan does. Errors: plan_days_invalid (422), rate_limited (429).';

create function private.study_my_plan(p_from timestamptz, p_to timestamptz)
returns table (
  id uuid, kind text, status text, topic_id uuid, topic_name text, learning_path_id uuid, learning_path_name text,
  starts_at timestamptz, ends_at timestamptz, planned_count integer, reason text, is_busy boolean
)
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_from timestamptz := coalesce(p_from, now());
  v_to timestamptz := coalesce(p_to, v_from + interval '7 days');
begin
  if not isfinite(v_from) or not isfinite(v_to) or v_to <= v_from or v_to - v_from > interval '100 days' then
    raise sqlstate 'PT422' using
      message = 'range_invalid', detail = 'A range goes from a moment to a later one, over 100 days at most.', hint = 'Ask for less at once.';
  end if;
  return query select p.* from private.study_list_plan(v_user_id, v_from, v_to) as p;
end;
$$;
comment on function private.study_my_plan(timestamptz, timestamptz) is 'See study.my_plan.';

create function study.my_plan(p_from timestamptz default null, p_to timestamptz default null)
returns table (
  id uuid, kind text, status text, topic_id uuid, topic_name text, learning_path_id uuid, learning_path_name text,
  starts_at timestamptz, ends_at timestamptz, planned_count integer, reason text, is_busy boolean
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_my_plan(p_from, p_to); $$;
comment on function study.my_plan(timestamptz, timestamptz) is
  'Your blocks from p_from (now) to p_to (a week later; 100 days at most), in order, whatever their status. planned_count: cards or questions. is_busy: something else is at that time, a lesson or a booking. Suspended people may, too. Errors: range_invalid (422).';

create function private.study_stop_plan()
returns integer
language plpgsql
volatile
security definer -- plans have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_removed integer;
begin
  perform private.study_learner(v_user_id);
  delete from study.plans as p where p.user_id = v_user_id;
  delete from study.plan_blocks as b where b.user_id = v_user_id and b.status = 'suggested' and b.starts_at > now();
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$$;
comment on function private.study_stop_plan() is 'See study.stop_plan.';

create function study.stop_plan()
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_stop_plan(); $$;
comment on function study.stop_plan() is
  'No more suggestions: takes away those to come, and makes none until study.plan_week is called again. What you accepted stays. Returns how many went.';

revoke execute on function
  private.study_plan(uuid, integer, timestamptz), private.study_list_plan(uuid, timestamptz, timestamptz),
  private.study_plan_week(integer), study.plan_week(integer), private.study_my_plan(timestamptz, timestamptz),
  study.my_plan(timestamptz, timestamptz), private.study_stop_plan(), study.stop_plan()
  from public, anon, authenticated;
grant execute on function
  private.study_plan_week(integer), study.plan_week(integer), private.study_my_plan(timestamptz, timestamptz),
  study.my_plan(timestamptz, timestamptz), private.study_stop_plan(), study.stop_plan()
  to authenticated;
