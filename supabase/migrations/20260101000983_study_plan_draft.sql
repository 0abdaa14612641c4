-- The plan as it would be made now. Day by day, as early as there is free time:
--
-- - reviews first: what falls due, in blocks of the learner's length, each as long as its cards take. What finds no room, or
--   is over the reviews of a day, goes on to the next day;
-- - then topics, until the goal of the day is full, and one short block whatever the reviews take: the next topics of paths
--   and the weakest topics in turn;
-- - what was accepted counts for its day; what was dismissed does, too, so that it does not come back at another hour.
--
-- The same person at the same moment gets the same plan: nothing in it is left to chance.

create function private.study_plan_kept(
  p_user_id uuid, p_from timestamptz, p_to timestamptz, p_at timestamptz,
  out minutes integer, out topic_minutes integer, out reviews integer, out dismissed_reviews integer
)
returns record
language plpgsql
stable
security definer -- reads the plan of whoever is planned for
set search_path = ''
as $$
begin
  select
    coalesce(sum(k.minutes), 0)::integer,
    coalesce(sum(k.minutes) filter (where k.kind <> 'review'), 0)::integer,
    coalesce(sum(k.planned_count) filter (where k.kind = 'review' and k.status <> 'dismissed'), 0)::integer,
    coalesce(sum(k.planned_count) filter (where k.kind = 'review' and k.status = 'dismissed'), 0)::integer
  into minutes, topic_minutes, reviews, dismissed_reviews
  from (
    select b.kind, b.status, b.planned_count, extract(epoch from b.ends_at - b.starts_at)::integer / 60 as minutes
    from study.plan_blocks as b
    where b.user_id = p_user_id and b.starts_at >= p_from and b.starts_at < p_to
      and (
        b.status = 'dismissed' or b.status = 'accepted' and b.ends_at > p_at
        or b.status = 'suggested' and b.starts_at <= p_at and b.ends_at > p_at
      )
  ) as k;
end;
$$;
comment on function private.study_plan_kept(uuid, timestamptz, timestamptz, timestamptz) is
  'What stands for a day when a plan is made anew: minutes, those for topics, and reviews, of blocks that are accepted, dismissed, or going on.';

create function private.study_plan_room(p_user_id uuid, p_from timestamptz, p_to timestamptz, p_at timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- reads the plan of whoever is planned for
set search_path = ''
as $$
declare
  v_pause interval := make_interval(mins => private.setting_number('study.plan_break_minutes'));
begin
  return private.study_free_times(p_user_id, p_from, p_to) - (
    select coalesce(range_agg(
      case b.status
        when 'dismissed' then tstzrange(b.starts_at, b.ends_at)
        else tstzrange(b.starts_at - v_pause, b.ends_at + v_pause)
      end
    ), '{}')
    from study.plan_blocks as b
    where b.user_id = p_user_id and b.starts_at > p_from - interval '5 hours' and b.starts_at < p_to + v_pause
      and (b.status in ('dismissed', 'accepted') or b.status = 'suggested' and b.starts_at <= p_at)
  );
end;
$$;
comment on function private.study_plan_room(uuid, timestamptz, timestamptz, timestamptz) is
  'The free time that a plan may fill: not where something is accepted, with a pause before and after it, nor where it was dismissed.';

create function private.study_draft_plan(p_user_id uuid, p_days integer, p_at timestamptz)
returns setof study.plan_blocks
language plpgsql
stable
security definer -- reads all that a plan of somebody depends on; writes nothing
set search_path = ''
as $$
declare
  v_settings study.learner_settings := private.study_settings(p_user_id);
  v_min integer := private.setting_number('study.plan_min_minutes');
  v_max integer := private.setting_number('study.plan_max_minutes');
  v_step integer := private.setting_number('study.plan_step_minutes');
  v_length integer := greatest(v_min, v_settings.block_minutes / v_step * v_step);
  v_pause interval := make_interval(mins => private.setting_number('study.plan_break_minutes'));
  v_end timestamptz := private.study_day_start(p_user_id, private.study_day(p_user_id, p_at) + p_days);
  v_from timestamptz := least(p_at + make_interval(mins => private.setting_number('study.plan_lead_minutes')), v_end);
  v_pace record := private.study_pace(p_user_id);
  v_room tstzmultirange := private.study_plan_room(p_user_id, v_from, v_end, p_at);
  v_day_room tstzmultirange;
  v_day record;
  v_kept record;
  v_place tstzrange;
  v_block study.plan_blocks;
  v_topics study.plan_blocks[];
  v_turn integer := 0;
  v_carried integer := 0;
  v_new integer;
  v_total integer;
  v_reviews integer;
  v_minutes integer;
  v_used integer;
  v_studied integer;
  v_topic_minutes integer;
begin
  select array_agg(t.block) into v_topics
  from (
    select row(
      null, p_user_id, case when s.learning_path_id is null then 'practice' else 'path' end, 'suggested', s.topic_id, s.learning_path_id,
      p_at, p_at, 0, s.reason, 0, p_at, p_at
    )::study.plan_blocks as block
    from private.study_plan_topics(p_user_id, p_at) as s
  ) as t;
  if v_topics is null then
    -- Nothing is known of the learner yet.
    v_topics := array[
      row(null, p_user_id, 'practice', 'suggested', null, null, p_at, p_at, 0, 'daily_goal', 0, p_at, p_at)::study.plan_blocks
    ];
  end if;

  -- New cards have no day of their own: what today does not take is for the days after it, as many as one learns in a day.
  select greatest(count(*) - v_settings.new_cards_per_day, 0)::integer into v_new
  from study.sm2_review_cards as c where c.user_id = p_user_id and c.state = 'new' and not c.is_suspended;

  for v_day in select * from private.study_plan_load(p_user_id, p_days, p_at) as d order by d.day_no loop
    v_kept := private.study_plan_kept(p_user_id, v_day.starts_at, v_day.ends_at, p_at);
    v_day_room := v_room * tstzmultirange(tstzrange(v_day.starts_at, v_day.ends_at));
    v_used := v_kept.minutes;
    v_studied := 0;
    v_total := v_day.reviews + v_carried;
    v_reviews := least(v_total, v_settings.reviews_per_day);
    if v_day.day_no = 0 then
      v_reviews := private.study_due_count(p_user_id, p_at);
      v_studied := coalesce((
        select (s.study_ms / 60000)::integer
        from study.learners as l
        join study.user_streaks as s on s.user_id = l.user_id and s.streak_date = (private.study_play_clock(l, p_at)).study_day
        where l.user_id = p_user_id
      ), 0);
    end if;
    v_carried := greatest(v_total - v_reviews, 0);
    if v_day.day_no > 0 then
      v_reviews := v_reviews + least(v_new, v_settings.new_cards_per_day);
      v_new := greatest(v_new - v_settings.new_cards_per_day, 0);
    end if;
    v_reviews := greatest(v_reviews - v_kept.reviews, 0);
    v_carried := v_carried + least(v_kept.dismissed_reviews, v_reviews);
    v_reviews := greatest(v_reviews - v_kept.dismissed_reviews, 0);

    v_block := row(
      null, p_user_id, 'review', 'suggested', null, null, p_at, p_at, 0, 'reviews_due', 0, p_at, p_at
    )::study.plan_blocks;
    while v_reviews > 0 and v_used + v_min <= v_max loop
      v_minutes := ceil(v_reviews * v_pace.seconds_a_review / 60 / v_step)::integer * v_step;
      v_minutes := least(greatest(v_minutes, v_min), v_length, v_max - v_used);
      v_place := private.study_place_block(v_day_room, v_minutes, v_min, v_step);
      exit when v_place is null;
      v_minutes := extract(epoch from upper(v_place) - lower(v_place))::integer / 60;
      v_block.starts_at := lower(v_place);
      v_block.ends_at := upper(v_place);
      v_block.planned_count := least(v_reviews, greatest(floor(v_minutes * 60 / v_pace.seconds_a_review)::integer, 1));
      return next v_block;
      v_reviews := v_reviews - v_block.planned_count;
      v_used := v_used + v_minutes;
      v_day_room := v_day_room - tstzmultirange(tstzrange(lower(v_place) - v_pause, upper(v_place) + v_pause));
    end loop;
    v_carried := v_carried + v_reviews;

    v_topic_minutes := greatest(
      v_settings.daily_goal_minutes - v_studied - v_used,
      case when v_studied < v_settings.daily_goal_minutes then v_min - v_kept.topic_minutes else 0 end
    );
    v_topic_minutes := least(v_topic_minutes, v_max - v_used);
    while v_topic_minutes >= v_min loop
      v_place := private.study_place_block(v_day_room, least(v_length, v_topic_minutes / v_step * v_step), v_min, v_step);
      exit when v_place is null;
      v_minutes := extract(epoch from upper(v_place) - lower(v_place))::integer / 60;
      v_block := v_topics[1 + v_turn % cardinality(v_topics)];
      v_block.starts_at := lower(v_place);
      v_block.ends_at := upper(v_place);
      v_block.planned_count := greatest(floor(v_minutes * 60 / v_pace.seconds_a_question)::integer, 1);
      return next v_block;
      v_turn := v_turn + 1;
      v_topic_minutes := v_topic_minutes - v_minutes;
      v_day_room := v_day_room - tstzmultirange(tstzrange(lower(v_place) - v_pause, upper(v_place) + v_pause));
    end loop;
  end loop;
end;
$$;
comment on function private.study_draft_plan(uuid, integer, timestamptz) is
  'The blocks that would be suggested now, for p_days days of the learner from today on, without ids. Stored by private.study_plan.';

revoke execute on function
  private.study_plan_kept(uuid, timestamptz, timestamptz, timestamptz),
  private.study_plan_room(uuid, timestamptz, timestamptz, timestamptz), private.study_draft_plan(uuid, integer, timestamptz)
  from public, anon, authenticated;
