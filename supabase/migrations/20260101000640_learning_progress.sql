-- Progress, time spent and streaks: derived from completed sessions, never stored.
--
-- A streak is a run of days, in the learner's own calendar, with a completed session on each. Each day is the one that his
-- clock showed then; whether the last of them is today or yesterday is asked of his clock now. So days of 23 and 25 hours
-- count as one, and nothing that was counted moves when he travels.

create function private.learning_streaks(
  p_days date[], p_today date, out current_streak integer, out longest_streak integer, out last_session_date date
)
returns record
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Days minus their rank are the same within a run.
  select
    coalesce((array_agg(r.days order by r.last_day desc) filter (where r.last_day >= p_today - 1))[1], 0)::integer,
    coalesce(max(r.days), 0)::integer,
    max(r.last_day)
  from (
    select count(*) as days, max(d.day) as last_day
    from (
      select u.day, u.day - (row_number() over (order by u.day))::integer as run
      from (select distinct unnest(p_days) as day) as u where u.day is not null
    ) as d
    group by d.run
  ) as r;
$$;
comment on function private.learning_streaks(date[], date) is
  'The run of days that today or yesterday keeps alive, the longest one, and the last day.';

create view learning.user_progress with (security_invoker = true) as
select
  c.id as curriculum_id, c.user_id, c.status, c.total_sessions, s.sessions_completed,
  case when c.total_sessions = 0 then 0 else s.sessions_completed * 100 / c.total_sessions end as percent,
  s.total_time_spent, k.current_streak, k.longest_streak, k.last_session_date
from learning.curricula as c
join core.profiles as p on p.id = c.user_id
cross join lateral (
  select
    count(x.completed_on)::integer as sessions_completed, array_agg(x.completed_on) as days,
    -- Session by session: joined, all work of the person would be read for each curriculum.
    coalesce(sum((select sum(w.minutes) from learning.session_work as w where w.session_id = x.id)), 0)::integer as total_time_spent
  from learning.sessions as x where x.curriculum_id = c.id
) as s
cross join lateral private.learning_streaks(s.days, (now() at time zone p.time_zone)::date) as k;
comment on view learning.user_progress is
  'How far one is with each of one''s curricula: percent rounded down, minutes of ended work, streaks in days with a completed session of that curriculum.';

create function private.learning_my_streak(
  out current_streak integer, out longest_streak integer, out last_session_date date, out today date, out is_today_done boolean
)
returns record
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_days date[] := array(
    select distinct s.completed_on from learning.sessions as s where s.user_id = v_user_id and s.completed_on is not null
  );
begin
  select (now() at time zone p.time_zone)::date into today from core.profiles as p where p.id = v_user_id;
  select k.current_streak, k.longest_streak, k.last_session_date into current_streak, longest_streak, last_session_date
  from private.learning_streaks(v_days, today) as k;
  is_today_done := today = any (v_days);
end;
$$;
comment on function private.learning_my_streak() is 'See learning.my_streak.';

create function learning.my_streak(
  out current_streak integer, out longest_streak integer, out last_session_date date, out today date, out is_today_done boolean
)
returns record
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.learning_my_streak(); $$;
comment on function learning.my_streak() is
  'Your streak over all your curricula, archived ones too: days in a row, in your time zone, with a completed session; what was done today or yesterday keeps it alive.';

revoke all on learning.user_progress from public, anon, authenticated;
grant select on learning.user_progress to authenticated, service_role;
revoke execute on function private.learning_streaks(date[], date), private.learning_my_streak(), learning.my_streak()
  from public, anon, authenticated;
-- The view runs with the rights of whoever asks.
grant execute on function private.learning_streaks(date[], date) to authenticated, service_role;
grant execute on function private.learning_my_streak(), learning.my_streak() to authenticated;
