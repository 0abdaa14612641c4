-- What must be true of play at any time, as a view that returns no row: sql/invariants runs it, so do the tests in the middle
-- of their transactions, and a task does every day. And what is done by the clock: new achievements for those who have earned
-- them already, old boards taken away.

create view private.study_play_violations with (security_invoker = true) as
with days as (
  select s.*, lag(s.streak_date) over w as date_before, lag(s.streak_length) over w as length_before
  from study.user_streaks as s
  window w as (partition by s.user_id order by s.streak_date)
),
sums as (
  select
    s.user_id, sum(s.questions_answered) as answered, sum(s.questions_correct) as correct, sum(s.cards_reviewed) as reviewed,
    sum(s.study_ms) as ms, max(s.streak_date) as last_day, max(s.streak_length) as longest,
    count(*) filter (where s.is_frozen and not s.is_travel) as freezes_used,
    count(*) filter (where not s.is_frozen and s.streak_length % (private.setting('study.streaks') ->> 'freeze_every')::integer = 0) as freezes_earned
  from study.user_streaks as s group by s.user_id
),
ledger as (select x.user_id, sum(x.amount) as xp from study.xp_transactions as x group by x.user_id)
select 'experience_is_the_sum_of_the_ledger' as rule, coalesce(l.user_id, x.user_id)::text as id, format('%s, ledger %s', l.xp, x.xp) as detail
from study.learners as l full join ledger as x on x.user_id = l.user_id
where coalesce(l.xp, 0) <> coalesce(x.xp, 0)
union all
select 'totals_are_the_sums_of_days', l.user_id::text,
  format('%s %s %s %s, days %s %s %s %s', l.questions_answered, l.questions_correct, l.cards_reviewed, l.study_ms, s.answered, s.correct, s.reviewed, s.ms)
from study.learners as l left join sums as s on s.user_id = l.user_id
where (l.questions_answered, l.questions_correct, l.cards_reviewed, l.study_ms)
  <> (coalesce(s.answered, 0), coalesce(s.correct, 0), coalesce(s.reviewed, 0), coalesce(s.ms, 0))
union all
select 'every_answer_is_counted', a.user_id::text, format('%s answers, %s counted', count(*), max(l.questions_answered))
from study.user_question_attempts as a left join study.learners as l on l.user_id = a.user_id
where not a.is_skipped
group by a.user_id having count(*) > coalesce(max(l.questions_answered), 0)
union all
select 'experience_of_a_day_is_in_the_ledger', d.user_id::text, format('%s: %s, ledger %s', d.streak_date, d.xp_earned, coalesce(x.xp, 0))
from study.user_streaks as d
left join (
  select t.user_id, t.study_day, sum(t.amount) as xp from study.xp_transactions as t group by t.user_id, t.study_day
) as x on x.user_id = d.user_id and x.study_day = d.streak_date
where d.xp_earned <> coalesce(x.xp, 0)
union all
select 'streak_follows_from_the_days', d.user_id::text, format('%s: %s after %s (%s)', d.streak_date, d.streak_length, d.length_before, d.date_before)
from days as d
where d.streak_length <> case when d.date_before = d.streak_date - 1 then d.length_before else 0 end + case when d.is_frozen then 0 else 1 end
  or d.is_frozen and d.date_before is distinct from d.streak_date - 1
union all
select 'learner_stands_on_the_last_day', l.user_id::text, format('%s %s of %s', l.last_study_day, l.current_streak, l.longest_streak)
from study.learners as l
left join sums as s on s.user_id = l.user_id
left join study.user_streaks as d on d.user_id = l.user_id and d.streak_date = s.last_day
where l.last_study_day is distinct from s.last_day or l.current_streak <> coalesce(d.streak_length, 0)
  or l.longest_streak <> coalesce(s.longest, 0) or d.is_frozen
union all
select 'freezes_were_earned', s.user_id::text, format('%s used, %s left, %s earned', s.freezes_used, l.streak_freezes, s.freezes_earned)
from sums as s join study.learners as l on l.user_id = s.user_id
where s.freezes_used + l.streak_freezes > s.freezes_earned
union all
select 'goal_has_one_entry', coalesce(d.user_id, x.user_id)::text, coalesce(d.streak_date::text, x.source_key)
from (select s.user_id, s.streak_date from study.user_streaks as s where s.goal_met_at is not null) as d
full join (select t.user_id, t.source_key from study.xp_transactions as t where t.source = 'daily_goal_met') as x
  on x.user_id = d.user_id and x.source_key = d.streak_date::text
where d.user_id is null or x.user_id is null and (private.setting('study.xp') ->> 'daily_goal')::integer <> 0
union all
select 'rewarded_achievement_is_had', x.user_id::text, x.source_key
from study.xp_transactions as x
where x.source = 'achievement_unlock' and not exists (
  select from study.user_achievements as u where u.user_id = x.user_id and u.achievement_id::text = x.source_key and u.is_completed
) and exists (select from study.achievements as a where a.id::text = x.source_key)
union all
select 'undone_review_takes_back_what_it_brought', x.user_id::text, x.source_key
from study.xp_transactions as x
left join study.xp_transactions as r on r.user_id = x.user_id and r.source = 'review_complete' and r.source_key = x.source_key
where x.source = 'review_undone' and x.amount is distinct from -r.amount
union all
select 'board_shows_what_was_earned', e.user_id::text, format('%s: %s, ledger %s', e.week_start, e.xp, x.xp)
from study.leaderboard_entries as e
cross join lateral (
  select sum(t.amount) as xp from study.xp_transactions as t
  where t.user_id = e.user_id and t.created_at >= e.week_start::timestamp at time zone 'UTC'
    and t.created_at < (e.week_start + 7)::timestamp at time zone 'UTC'
) as x
where x.xp is distinct from e.xp
union all
select 'on_boards_by_wish_only', e.user_id::text, e.week_start::text
from study.leaderboard_entries as e
left join study.learner_settings as s on s.user_id = e.user_id
left join core.profiles as p on p.id = e.user_id
where s.on_leaderboards is not true or p.is_active is not true
union all
select 'steps_of_boards_add_up', c.week_start || ' ' || c.step, format('%s, entries %s', c.counted, c.entries)
from (
  select u.week_start, u.step, sum(u.counted) as counted, sum(u.entries) as entries
  from (
    select s.week_start, s.step, s.entries as counted, 0 as entries from private.leaderboard_steps as s
    union all
    select w.week_start, w.step, w.change, 0 from private.leaderboard_changes as w
    union all
    select e.week_start, private.study_board_step(e.xp), 0, 1 from study.leaderboard_entries as e
  ) as u
  group by u.week_start, u.step
) as c
where c.counted <> c.entries;
comment on view private.study_play_violations is 'Where ledger, totals, days, streaks, achievements and boards disagree: never a row.';

create function private.study_check_play()
returns integer
language plpgsql
volatile
security definer -- reads all learners, and tells administrators, as a task
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from study.leaderboard_entries as e where e.week_start < private.study_week(now()) - 56;
  select count(*) into v_count from private.study_play_violations;
  if v_count > 0 then
    perform private.notify(
      r.user_id, 'play_disagrees', 'error', 'Experience or streaks do not add up', format('%s findings; see sql/invariants.', v_count),
      '{}', null, 'play_disagrees'
    ) from core.user_roles as r where r.role = 'admin';
  end if;
  return v_count;
end;
$$;
comment on function private.study_check_play() is
  'Takes boards older than eight weeks away, checks that play adds up and tells administrators of what does not; returns how much that is. A scheduled task.';

-- Totals are looked at when they pass a threshold: a threshold that comes later is gone through once.
create function private.tg_achievements__catch_up()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  new.is_caught_up := false;
  return new;
end;
$$;
comment on function private.tg_achievements__catch_up() is 'Trigger: what is asked for has changed, so a task looks who has it already.';
create trigger _300_catch_up before update of metric, threshold, is_active on study.achievements
  for each row execute function private.tg_achievements__catch_up();

create function private.study_catch_up_achievements()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_achievement study.achievements;
  v_learner study.learners;
  v_given integer := 0;
begin
  for v_achievement in
    select a.* from study.achievements as a
    join study.achievement_metrics as m on m.metric = a.metric and m.kind = 'total'
    where a.is_active and not a.is_caught_up order by a.threshold
  loop
    for v_learner in
      select l.* from study.learners as l
      where (private.study_totals(l) ->> v_achievement.metric)::bigint >= v_achievement.threshold
        and not exists (
          select from study.user_achievements as u where u.user_id = l.user_id and u.achievement_id = v_achievement.id and u.is_completed
        )
      limit 500 - v_given
      for update of l skip locked
    loop
      perform private.study_unlock(v_learner.user_id, array[v_achievement.id], now());
      v_given := v_given + 1;
    end loop;
    exit when v_given >= 500;
    update study.achievements as a set is_caught_up = true
    where a.id = v_achievement.id and not exists (
      select from study.learners as l
      where (private.study_totals(l) ->> v_achievement.metric)::bigint >= v_achievement.threshold
        and not exists (select from study.user_achievements as u where u.user_id = l.user_id and u.achievement_id = a.id and u.is_completed)
    );
  end loop;
  return v_given;
end;
$$;
comment on function private.study_catch_up_achievements() is
  'Gives achievements that are new, or easier than they were, to those who have earned them already: totals only, 500 at a time; returns how many. A scheduled task.';

revoke all on private.study_play_violations from public, anon, authenticated;
revoke execute on function private.study_check_play(), private.tg_achievements__catch_up(), private.study_catch_up_achievements()
  from public, anon, authenticated;

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_check_play', 'private.study_check_play', interval '1 day', 'Do ledger, totals, days and streaks agree? Old boards go.'),
  ('study_catch_up_achievements', 'private.study_catch_up_achievements', interval '15 minutes', 'Gives new achievements to those who have earned them already.');
