-- The learner's days and his streak.
--
-- A day is a date on the learner's own clock (his zone, his start of the day). Two rules hold for whoever travels, changes his
-- zone or his start of the day:
--   A day is counted once it has begun on the present clock and the last counted day is over on the clock on which that was
--   counted; until then, what is done belongs to the last counted day. Dates never go back. So no hopping from zone to zone
--   makes two days of one, nor more days than the calendar has.
--   Missed are the dates that the present clock shows between what was done last, counted or not, and now. So no journey
--   loses a day to the date line: dates over which the clock jumped are bridged without a freeze.

create type private.study_clock as (study_day date, is_new boolean, missed integer, time_zone text, day_start_hour smallint);

create function private.study_clock_date(p_clock private.study_clock, p_at timestamptz)
returns date
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$ select ((p_at at time zone p_clock.time_zone) - make_interval(hours => p_clock.day_start_hour::integer))::date; $$;
comment on function private.study_clock_date(private.study_clock, timestamptz) is 'The date that a clock shows at a moment.';

create function private.study_play_clock(p_learner study.learners, p_at timestamptz)
returns private.study_clock
language plpgsql
stable
security definer -- reads the zone and the wishes of whoever is asked about
set search_path = ''
as $$
declare
  v_clock private.study_clock;
  v_last_clock private.study_clock;
  v_today date;
  v_by_last date;
begin
  select p.time_zone, coalesce(s.day_start_hour, 0::smallint) into v_clock.time_zone, v_clock.day_start_hour
  from core.profiles as p left join study.learner_settings as s on s.user_id = p.id
  where p.id = p_learner.user_id;
  v_today := private.study_clock_date(v_clock, p_at);
  if p_learner.last_study_day is null then
    v_clock.study_day := v_today;
    v_clock.is_new := true;
    v_clock.missed := 0;
    return v_clock;
  end if;
  v_last_clock.time_zone := p_learner.day_zone;
  v_last_clock.day_start_hour := p_learner.day_start_hour;
  v_by_last := private.study_clock_date(v_last_clock, p_at);
  v_clock.is_new := least(v_today, v_by_last) > p_learner.last_study_day;
  v_clock.study_day := case when v_clock.is_new then v_today else p_learner.last_study_day end;
  v_clock.missed := greatest(0, least(
    v_today - private.study_clock_date(v_clock, p_learner.last_studied_at) - 1, v_today - p_learner.last_study_day - 1
  ));
  return v_clock;
end;
$$;
comment on function private.study_play_clock(study.learners, timestamptz) is
  'What day a moment is for a learner: study_day, whether it is still to be counted (is_new), how many days were missed before it, and the clock it is read from.';

-- Counts the day of a moment, if it has not been: the streak goes on, freezes bridge what was missed, or it begins anew.
-- Freezes are used only when they suffice.
create function private.study_count_day(p_learner study.learners, p_at timestamptz)
returns study.learners
language plpgsql
volatile
security definer -- totals and days have no direct writing
set search_path = ''
as $$
declare
  v_rules jsonb := private.setting('study.streaks');
  v_clock private.study_clock := private.study_play_clock(p_learner, p_at);
  v_learner study.learners := p_learner;
  v_holes integer := v_clock.study_day - p_learner.last_study_day - 1;
  v_free integer := v_holes - v_clock.missed;
  v_is_kept boolean := v_holes is not null and v_clock.missed <= p_learner.streak_freezes;
  v_local timestamp := p_at at time zone v_clock.time_zone;
  v_events jsonb[];
begin
  if not v_clock.is_new then
    return p_learner;
  end if;
  if v_is_kept and v_holes > 0 then
    -- Experience of such a day may have come without anything done on it: a session that ended by itself, a new achievement.
    insert into study.user_streaks (user_id, streak_date, is_frozen, is_travel, streak_length, xp_earned)
    select p_learner.user_id, p_learner.last_study_day + n, true, n <= v_free, p_learner.current_streak, coalesce((
      select sum(x.amount) from study.xp_transactions as x
      where x.user_id = p_learner.user_id and x.study_day = p_learner.last_study_day + n
        and x.created_at > (p_learner.last_study_day - 3)::timestamp at time zone 'UTC'
    ), 0)
    from generate_series(1, v_holes) as n;
  end if;
  v_learner.current_streak := case when v_is_kept then p_learner.current_streak + 1 else 1 end;
  v_learner.longest_streak := greatest(p_learner.longest_streak, v_learner.current_streak);
  v_learner.streak_freezes := p_learner.streak_freezes - case when v_is_kept then v_clock.missed else 0 end;
  if v_learner.current_streak % (v_rules ->> 'freeze_every')::integer = 0 then
    v_learner.streak_freezes := greatest(v_learner.streak_freezes, least(v_learner.streak_freezes + 1, (v_rules ->> 'max_freezes')::integer));
  end if;
  update study.learners as l set
    current_streak = v_learner.current_streak, longest_streak = v_learner.longest_streak, streak_freezes = v_learner.streak_freezes,
    last_study_day = v_clock.study_day, last_studied_at = greatest(l.last_studied_at, p_at), day_zone = v_clock.time_zone, day_start_hour = v_clock.day_start_hour
  where l.user_id = p_learner.user_id
  returning l.* into v_learner;
  -- Experience of this day may have come before anything was done on it.
  insert into study.user_streaks (user_id, streak_date, streak_length, xp_earned, first_activity_at, last_activity_at)
  select p_learner.user_id, v_clock.study_day, v_learner.current_streak, coalesce(sum(x.amount), 0), p_at, p_at
  from study.xp_transactions as x
  where x.user_id = p_learner.user_id and x.study_day = v_clock.study_day and x.created_at > p_at - interval '3 days';
  if v_learner.current_streak > 1 then
    perform private.study_award_xp(
      p_learner.user_id, least(v_learner.current_streak, (v_rules ->> 'max_bonus_xp')::integer), 'streak_bonus', v_clock.study_day::text,
      '', jsonb_build_object('streak', v_learner.current_streak), p_at
    );
  end if;
  v_events := array[jsonb_build_object(
    'metric', 'day', 'away_days', coalesce(v_holes, 0), 'weekday', extract(isodow from v_clock.study_day), 'hour', extract(hour from v_local),
    'month', extract(month from v_clock.study_day), 'day_of_month', extract(day from v_clock.study_day), 'streak', v_learner.current_streak
  )];
  if v_is_kept and v_clock.missed > 0 then
    v_events := v_events || array_fill(
      jsonb_build_object('metric', 'freeze', 'freezes', v_clock.missed, 'streak', v_learner.current_streak), array[v_clock.missed]
    );
  end if;
  perform private.study_unlock_events(p_learner.user_id, v_events, p_at);
  perform private.study_unlock_totals(p_learner, v_learner, '{streak}', p_at);
  select * into v_learner from study.learners as l where l.user_id = p_learner.user_id;
  return v_learner;
end;
$$;
comment on function private.study_count_day(study.learners, timestamptz) is
  'Counts the learner''s day of a moment once something is done on it: row of user_streaks, streak, freezes used and earned, bonus, achievements. Returns the learner as he is then; unchanged when the day had been counted. The learner must be locked.';

create function private.study_streak_at(p_user_id uuid, p_at timestamptz)
returns table (current_streak integer, longest_streak integer, freezes integer, studied_today boolean, is_at_risk boolean)
language plpgsql
stable
security definer -- reads the totals of whoever is asked about
set search_path = ''
as $$
declare
  v_learner study.learners;
  v_clock private.study_clock;
  v_is_kept boolean;
begin
  select * into v_learner from study.learners as l where l.user_id = p_user_id;
  if v_learner.last_study_day is null then
    return query select 0, 0, coalesce(v_learner.streak_freezes, 0), false, false;
    return;
  end if;
  v_clock := private.study_play_clock(v_learner, p_at);
  v_is_kept := v_clock.missed <= v_learner.streak_freezes;
  return query select
    case when v_is_kept then v_learner.current_streak else 0 end,
    v_learner.longest_streak,
    v_learner.streak_freezes - case when v_is_kept then v_clock.missed else 0 end,
    not v_clock.is_new,
    -- Without anything done today, no freeze is left for today.
    v_clock.is_new and v_is_kept and v_clock.missed + 1 > v_learner.streak_freezes;
end;
$$;
comment on function private.study_streak_at(uuid, timestamptz) is
  'A learner''s streak at a moment, one row: current_streak (0 once it is lost), longest_streak, freezes that are left after those that hold it up, studied_today, is_at_risk (it is lost unless something is done today).';

insert into core.settings (key, value, description) values
  ('study.streaks', '{"freeze_every": 7, "max_freezes": 2, "max_bonus_xp": 30}',
    'Streaks: a freeze for every so many days, how many are kept at most, the most experience for a day of a streak.');

revoke execute on function
  private.study_clock_date(private.study_clock, timestamptz), private.study_play_clock(study.learners, timestamptz), private.study_count_day(study.learners, timestamptz),
  private.study_streak_at(uuid, timestamptz)
  from public, anon, authenticated;
