-- One's own level, streak, achievements, days and ledger.

create function private.study_my_level(p_user_id uuid)
returns table (xp bigint, level integer, level_xp bigint, next_level_xp bigint, progress double precision)
language plpgsql
stable
security definer -- reads the totals of whoever is asked about
set search_path = ''
as $$
declare
  v_xp bigint := coalesce((select l.xp from study.learners as l where l.user_id = p_user_id), 0);
  v_level integer := private.study_level(v_xp);
  v_from bigint := private.study_level_xp(v_level);
  v_to bigint := private.study_level_xp(v_level + 1);
begin
  return query select v_xp, v_level, v_from, v_to, (v_xp - v_from)::double precision / (v_to - v_from);
end;
$$;
comment on function private.study_my_level(uuid) is 'See study.my_level.';

create function private.study_my_streak(p_user_id uuid, p_at timestamptz)
returns table (
  current_streak integer, longest_streak integer, freezes integer, studied_today boolean, is_at_risk boolean, study_day date,
  day_ends_at timestamptz, xp_today integer, minutes_today integer, goal_xp integer, goal_minutes integer, is_goal_met boolean
)
language plpgsql
stable
security definer -- reads the days of whoever is asked about
set search_path = ''
as $$
declare
  v_wishes study.learner_settings := private.study_settings(p_user_id);
  v_learner study.learners;
  v_clock private.study_clock;
begin
  select * into v_learner from study.learners as l where l.user_id = p_user_id;
  v_learner.user_id := p_user_id;
  v_clock := private.study_play_clock(v_learner, p_at);
  return query
  select s.current_streak, s.longest_streak, s.freezes, s.studied_today, s.is_at_risk, v_clock.study_day,
    -- The day that is going on ends when a new one can be counted: on both clocks.
    greatest(
      private.study_day_start(p_user_id, v_clock.study_day + 1),
      case when s.studied_today then (v_clock.study_day + 1 + make_interval(hours => v_learner.day_start_hour::integer)) at time zone v_learner.day_zone end
    ),
    coalesce(d.xp_earned, 0), (coalesce(d.study_ms, 0) / 60000)::integer, v_wishes.daily_goal_xp, v_wishes.daily_goal_minutes,
    d.goal_met_at is not null
  from private.study_streak_at(p_user_id, p_at) as s
  left join study.user_streaks as d on d.user_id = p_user_id and d.streak_date = v_clock.study_day;
end;
$$;
comment on function private.study_my_streak(uuid, timestamptz) is 'See study.my_streak.';

create function private.study_my_achievements(p_user_id uuid, p_at timestamptz)
returns table (
  code text, name text, description text, icon text, category text, rarity text, xp_reward integer, progress bigint, threshold bigint,
  is_completed boolean, unlocked_at timestamptz
)
language plpgsql
stable
security definer -- reads the totals of whoever is asked about
set search_path = ''
as $$
declare
  v_learner study.learners;
  v_totals jsonb;
begin
  select * into v_learner from study.learners as l where l.user_id = p_user_id;
  v_totals := private.study_totals(v_learner);
  return query
  with mastered as (
    select m.topic_id, m.mastery_percentage, m.questions_answered from private.study_mastery_at(p_user_id, p_at) as m
  )
  select a.code, a.name, a.description, a.icon, a.category, a.rarity, a.xp_reward,
    case when u.is_completed then a.threshold else least(a.threshold, coalesce(
      case k.kind
        when 'total' then (v_totals ->> a.metric)::bigint
        when 'event' then u.progress
        else case a.metric
          when 'mastery' then (
            select floor(max(m.mastery_percentage))::bigint from mastered as m
            where (a.topic_id is null or m.topic_id = a.topic_id)
              and private.study_meets(jsonb_build_object('mastery', m.mastery_percentage, 'questions_answered', m.questions_answered), a.unlock_conditions)
          )
          else (
            select count(*) from mastered as m
            where private.study_meets(jsonb_build_object('mastery', m.mastery_percentage, 'questions_answered', m.questions_answered), a.unlock_conditions)
          )
        end
      end, 0
    )) end,
    a.threshold, coalesce(u.is_completed, false), u.unlocked_at
  from study.achievements as a
  join study.achievement_metrics as k on k.metric = a.metric
  left join study.user_achievements as u on u.user_id = p_user_id and u.achievement_id = a.id
  where a.is_active or u.is_completed
  order by a.sort_order, a.code;
end;
$$;
comment on function private.study_my_achievements(uuid, timestamptz) is 'See study.my_achievements.';

create function private.study_xp_cursor(p_cursor text, out created_at timestamptz, out id uuid)
returns record
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_cursor is null then
    return;
  end if;
  created_at := to_timestamp(0) + split_part(p_cursor, '_', 1)::bigint * interval '1 microsecond';
  id := split_part(p_cursor, '_', 2)::uuid;
exception when data_exception then
  raise sqlstate 'PT400' using
    message = 'cursor_invalid', detail = 'This is no cursor of this list.', hint = 'Send the cursor of the last row of the page before.';
end;
$$;
comment on function private.study_xp_cursor(text) is 'Takes a cursor apart; cursor_invalid (400) when it is none.';

create function private.study_xp_history(p_user_id uuid, p_limit integer, p_cursor text)
returns table (
  id uuid, amount integer, source text, description text, metadata jsonb, study_day date, created_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- reads the ledger of whoever is asked about
set search_path = ''
as $$
declare
  v_after record;
begin
  select c.* into v_after from private.study_xp_cursor(p_cursor) as c;
  return query
  select x.id, x.amount, x.source, x.description, x.metadata, x.study_day, x.created_at,
    (extract(epoch from x.created_at) * 1000000)::bigint || '_' || x.id
  from study.xp_transactions as x
  where x.user_id = p_user_id and (v_after.id is null or (x.created_at, x.id) < (v_after.created_at, v_after.id))
  order by x.created_at desc, x.id desc
  limit least(greatest(coalesce(p_limit, 20), 1), 100);
end;
$$;
comment on function private.study_xp_history(uuid, integer, text) is 'See study.xp_history.';

create function private.study_calendar(p_user_id uuid, p_month date, p_at timestamptz)
returns table (
  study_day date, is_frozen boolean, streak_length integer, questions_answered integer, questions_correct integer, cards_reviewed integer,
  minutes integer, xp_earned integer, is_goal_met boolean
)
language plpgsql
stable
security definer -- reads the days of whoever is asked about
set search_path = ''
as $$
declare
  v_from date := date_trunc('month', coalesce(p_month, private.study_day(p_user_id, p_at))::timestamp)::date;
begin
  return query
  select s.streak_date, s.is_frozen, s.streak_length, s.questions_answered, s.questions_correct, s.cards_reviewed,
    (s.study_ms / 60000)::integer, s.xp_earned, s.goal_met_at is not null
  from study.user_streaks as s
  where s.user_id = p_user_id and s.streak_date >= v_from and s.streak_date < (v_from + interval '1 month')::date
  order by s.streak_date;
end;
$$;
comment on function private.study_calendar(uuid, date, timestamptz) is 'See study.streak_calendar.';

revoke execute on function
  private.study_my_level(uuid), private.study_my_streak(uuid, timestamptz), private.study_my_achievements(uuid, timestamptz),
  private.study_xp_cursor(text), private.study_xp_history(uuid, integer, text), private.study_calendar(uuid, date, timestamptz)
  from public, anon, authenticated;
