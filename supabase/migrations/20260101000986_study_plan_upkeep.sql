-- What time does to a plan: blocks in which enough was studied are done, accepted ones in which too little was are missed,
-- suggestions that nobody followed go; and when a learner's day begins, his plan is made anew.

create function private.study_settle_blocks(p_at timestamptz, p_limit integer, p_user_id uuid default null)
returns integer
language plpgsql
volatile
security definer -- blocks have no direct writing
set search_path = ''
as $$
declare
  v_grace interval := make_interval(mins => private.setting_number('study.plan_grace_minutes'));
  v_over timestamptz := p_at - make_interval(mins => private.setting_number('study.plan_missed_after_minutes'));
  v_share double precision := private.setting_number('study.plan_done_percent') / 100::double precision;
  v_block record;
  v_topics uuid[];
  v_count integer;
  v_settled integer := 0;
begin
  for v_block in
    select b.* from study.plan_blocks as b
    where b.status in ('suggested', 'accepted') and b.starts_at <= p_at and (p_user_id is null or b.user_id = p_user_id)
    order by b.ends_at, b.id
    limit p_limit
    -- Whoever moves a block of his own has it; it comes next time. So nobody waits for anybody here.
    for update skip locked
  loop
    if v_block.kind = 'review' then
      select count(*)::integer into v_count from study.review_logs as l
      where l.user_id = v_block.user_id and l.undone_at is null
        and l.reviewed_at >= v_block.starts_at - v_grace and l.reviewed_at < least(v_block.ends_at + v_grace, p_at + interval '1 second');
    else
      v_topics := private.topic_subtree(v_block.topic_id);
      select count(*)::integer into v_count from study.user_question_attempts as a
      where a.user_id = v_block.user_id and not a.is_skipped
        and a.answered_at >= v_block.starts_at - v_grace and a.answered_at < least(v_block.ends_at + v_grace, p_at + interval '1 second')
        and (v_block.topic_id is null or a.topic_id = any (v_topics));
    end if;
    if v_count >= greatest(ceil(v_block.planned_count * v_share), 1) then
      update study.plan_blocks as b set status = 'done' where b.id = v_block.id;
    elsif v_block.ends_at > v_over then
      continue;
    elsif v_block.status = 'accepted' then
      update study.plan_blocks as b set status = 'missed' where b.id = v_block.id;
    else
      delete from study.plan_blocks as b where b.id = v_block.id;
    end if;
    v_settled := v_settled + 1;
  end loop;
  return v_settled;
end;
$$;
comment on function private.study_settle_blocks(timestamptz, integer, uuid) is
  'Looks at blocks that have begun, of everybody or of one person, those first that ended first: done once study.plan_done_percent of them was studied, missed (or gone, when only suggested) study.plan_missed_after_minutes after their end. Returns how many were settled.';

create function private.study_settle_plans()
returns integer
language sql
volatile
security definer -- a scheduled task
set search_path = ''
as $$ select private.study_settle_blocks(now(), 5000); $$;
comment on function private.study_settle_plans() is 'Settles blocks that have begun. A scheduled task.';

create function private.study_replan(p_at timestamptz, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- plans have no direct writing
set search_path = ''
as $$
declare
  v_started timestamptz := clock_timestamp();
  v_active_since timestamptz := p_at - make_interval(days => private.setting_number('study.plan_active_days'));
  v_plan record;
  v_planned integer := 0;
  v_resting integer := 0;
  v_failed integer := 0;
begin
  for v_plan in
    select p.user_id, p.days, f.is_active and greatest(p.planned_at, l.last_studied_at) > v_active_since as is_active
    from study.plans as p
    join core.profiles as f on f.id = p.user_id
    join study.learners as l on l.user_id = p.user_id
    where p.next_at <= p_at
    order by p.next_at, p.user_id
    limit p_limit
    -- Who is answering right now has his row; his plan comes next time.
    for update of l skip locked
  loop
    -- What is not done now is due at the next turn: those who answer do not wait long.
    exit when clock_timestamp() > v_started + interval '2 seconds';
    if not v_plan.is_active then
      update study.plans as p set next_at = p_at + interval '1 day' where p.user_id = v_plan.user_id;
      v_resting := v_resting + 1;
      continue;
    end if;
    begin
      perform private.study_plan(v_plan.user_id, v_plan.days, p_at);
      v_planned := v_planned + 1;
    exception when others then
      -- The plans of all others are made all the same.
      raise warning 'The plan of % could not be made: %', v_plan.user_id, sqlerrm;
      update study.plans as p set next_at = p_at + interval '1 hour' where p.user_id = v_plan.user_id;
      v_failed := v_failed + 1;
    end;
  end loop;
  return jsonb_build_object('planned', v_planned, 'resting', v_resting, 'failed', v_failed);
end;
$$;
comment on function private.study_replan(timestamptz, integer) is
  'Makes plans anew that are due, for two seconds at most: of people who studied or asked for one lately. Returns {planned, resting, failed}.';

create function private.study_replan_due()
returns jsonb
language sql
volatile
security definer -- a scheduled task
set search_path = ''
as $$ select private.study_replan(now(), 200); $$;
comment on function private.study_replan_due() is 'Makes plans anew that are due. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_settle_plans', 'private.study_settle_plans', '5 minutes', 'Blocks of plans are done once studied in, and missed once over.'),
  ('study_replan_due', 'private.study_replan_due', '1 minute', 'Plans are made anew when the learner''s day begins, or his wishes change.');

revoke execute on function
  private.study_settle_blocks(timestamptz, integer, uuid), private.study_settle_plans(), private.study_replan(timestamptz, integer),
  private.study_replan_due()
  from public, anon, authenticated;
