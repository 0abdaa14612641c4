-- Play as clients call it: each about the caller only, suspended people included, who may read.

create function private.study_level_mine()
returns table (
  xp bigint, level integer, level_xp bigint, next_level_xp bigint, progress double precision
)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select r.* from private.study_my_level(private.require_reader()) as r;
end;
$$;
comment on function private.study_level_mine() is 'See study.my_level.';

create function study.my_level()
returns table (
  xp bigint, level integer, level_xp bigint, next_level_xp bigint, progress double precision
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_level_mine(); $$;
comment on function study.my_level() is
  'Your experience and level: level_xp with which it began, next_level_xp with which the next begins, progress 0–1 between them. Level n begins at 50·n·(n − 1) XP.';

create function private.study_streak_mine()
returns table (
  current_streak integer, longest_streak integer, freezes integer, studied_today boolean, is_at_risk boolean,
  study_day date, day_ends_at timestamptz, xp_today integer, minutes_today integer, goal_xp integer, goal_minutes integer,
  is_goal_met boolean
)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select r.* from private.study_my_streak(private.require_reader(), now()) as r;
end;
$$;
comment on function private.study_streak_mine() is 'See study.my_streak.';

create function study.my_streak()
returns table (
  current_streak integer, longest_streak integer, freezes integer, studied_today boolean, is_at_risk boolean,
  study_day date, day_ends_at timestamptz, xp_today integer, minutes_today integer, goal_xp integer, goal_minutes integer,
  is_goal_met boolean
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_streak_mine(); $$;
comment on function study.my_streak() is
  'Your streak as it stands now, on your own day: is_at_risk when it is lost unless you study before day_ends_at; freezes: what is left of them. And how far today''s goal is, of experience or of minutes.';

create function private.study_achievements_mine()
returns table (
  code text, name text, description text, icon text, category text, rarity text, xp_reward integer, progress bigint,
  threshold bigint, is_completed boolean, unlocked_at timestamptz
)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select r.* from private.study_my_achievements(private.require_reader(), now()) as r;
end;
$$;
comment on function private.study_achievements_mine() is 'See study.my_achievements.';

create function study.my_achievements()
returns table (
  code text, name text, description text, icon text, category text, rarity text, xp_reward integer, progress bigint,
  threshold bigint, is_completed boolean, unlocked_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_achievements_mine(); $$;
comment on function study.my_achievements() is
  'All achievements with your progress towards each: progress of threshold, unlocked_at when you have it.';

create function private.study_streak_calendar_mine(p_month date)
returns table (
  study_day date, is_frozen boolean, streak_length integer, questions_answered integer, questions_correct integer,
  cards_reviewed integer, minutes integer, xp_earned integer, is_goal_met boolean
)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select r.* from private.study_calendar(private.require_reader(), p_month, now()) as r;
end;
$$;
comment on function private.study_streak_calendar_mine(date) is 'See study.streak_calendar.';

create function study.streak_calendar(p_month date default null)
returns table (
  study_day date, is_frozen boolean, streak_length integer, questions_answered integer, questions_correct integer,
  cards_reviewed integer, minutes integer, xp_earned integer, is_goal_met boolean
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_streak_calendar_mine(p_month); $$;
comment on function study.streak_calendar(date) is
  'Your days of a month (any day of it; null: this one) on which something was done, or which a freeze bridged.';

create function private.study_xp_history_mine(p_limit integer, p_cursor text)
returns table (
  id uuid, amount integer, source text, description text, metadata jsonb, study_day date, created_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select r.* from private.study_xp_history(private.require_reader(), p_limit, p_cursor) as r;
end;
$$;
comment on function private.study_xp_history_mine(integer, text) is 'See study.xp_history.';

create function study.xp_history(p_limit integer default 20, p_cursor text default null)
returns table (
  id uuid, amount integer, source text, description text, metadata jsonb, study_day date, created_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_xp_history_mine(p_limit, p_cursor); $$;
comment on function study.xp_history(integer, text) is
  'Your ledger of experience, newest first, at most 100 rows; p_cursor: of the last row of the page before. cursor_invalid (400).';

revoke execute on function
  private.study_level_mine(), study.my_level(),
  private.study_streak_mine(), study.my_streak(),
  private.study_achievements_mine(), study.my_achievements(),
  private.study_streak_calendar_mine(date), study.streak_calendar(date),
  private.study_xp_history_mine(integer, text), study.xp_history(integer, text)
  from public, anon, authenticated;
grant execute on function
  private.study_level_mine(), study.my_level(),
  private.study_streak_mine(), study.my_streak(),
  private.study_achievements_mine(), study.my_achievements(),
  private.study_streak_calendar_mine(date), study.streak_calendar(date),
  private.study_xp_history_mine(integer, text), study.xp_history(integer, text)
  to authenticated;
