-- Boards of a week: of those who asked to be on them, and only while they do. A rank is told without counting everybody above:
-- entries are counted by steps of 50 XP. Who passes from step to step leaves two changes behind, which a task adds up, so
-- that nobody waits for the row of a step; the exact number is the sum and the changes together, in one statement.

create table private.leaderboard_steps (
  week_start date not null,
  step integer not null,
  entries bigint not null,
  primary key (week_start, step)
);
comment on table private.leaderboard_steps is 'How many entries of a week''s board stand in each step of 50 XP, but for the changes that wait.';
create table private.leaderboard_changes (
  id bigint generated always as identity primary key,
  week_start date not null,
  step integer not null,
  change integer not null
);
comment on table private.leaderboard_changes is 'Changes of leaderboard_steps that a task has not added up yet.';
create index leaderboard_changes_week_start_idx on private.leaderboard_changes (week_start, step);
alter table private.leaderboard_steps enable row level security;
alter table private.leaderboard_changes enable row level security;
revoke all on private.leaderboard_steps, private.leaderboard_changes from public, anon, authenticated;

create function private.study_board_step(p_xp integer)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$ select floor(p_xp / 50.0)::integer; $$;
comment on function private.study_board_step(integer) is 'The step of so much experience on a board.';

create function private.tg_leaderboard_entries__count()
returns trigger
language plpgsql
security definer -- steps are written by nobody else
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    insert into private.leaderboard_changes (week_start, step, change) values (old.week_start, private.study_board_step(old.xp), -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into private.leaderboard_changes (week_start, step, change) values (new.week_start, private.study_board_step(new.xp), 1);
  end if;
  return null;
end;
$$;
comment on function private.tg_leaderboard_entries__count() is 'Trigger: notes which step of a board has one more, and which one less.';
create trigger _500_count_insert after insert on study.leaderboard_entries
  for each row execute function private.tg_leaderboard_entries__count();
create trigger _501_count_update after update of xp on study.leaderboard_entries
  for each row when (private.study_board_step(old.xp) <> private.study_board_step(new.xp))
  execute function private.tg_leaderboard_entries__count();
create trigger _502_count_delete after delete on study.leaderboard_entries
  for each row execute function private.tg_leaderboard_entries__count();

create function private.study_fold_boards()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_folded integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('study.fold_boards')) then
    return 0;
  end if;
  with taken as (
    delete from private.leaderboard_changes as c
    where c.id = any (array(select w.id from private.leaderboard_changes as w order by w.id limit 50000))
    returning c.week_start, c.step, c.change
  ),
  added as (
    insert into private.leaderboard_steps as s (week_start, step, entries)
    select t.week_start, t.step, sum(t.change) from taken as t group by t.week_start, t.step
    on conflict (week_start, step) do update set entries = s.entries + excluded.entries
  )
  select count(*) into v_folded from taken;
  delete from private.leaderboard_steps as s where s.entries = 0;
  return v_folded;
end;
$$;
comment on function private.study_fold_boards() is 'Adds waiting changes to the steps of boards; returns how many. A scheduled task.';

create function private.study_board_rank(p_week date, p_xp integer, p_reached_at timestamptz, p_user_id uuid)
returns bigint
language plpgsql
stable
security definer -- counts entries of everybody
set search_path = ''
as $$
declare
  v_step integer := private.study_board_step(p_xp);
begin
  return 1
    + coalesce((select sum(s.entries) from private.leaderboard_steps as s where s.week_start = p_week and s.step > v_step), 0)::bigint
    + coalesce((select sum(c.change) from private.leaderboard_changes as c where c.week_start = p_week and c.step > v_step), 0)
    + (
      select count(*) from study.leaderboard_entries as e
      where e.week_start = p_week and e.xp between p_xp and v_step * 50 + 49
        and (e.xp > p_xp or (e.reached_at, e.user_id) < (p_reached_at, p_user_id))
    );
end;
$$;
comment on function private.study_board_rank(date, integer, timestamptz, uuid) is
  'The place on a week''s board of who has so much, since then: more experience first, then who had it earlier.';

-- Whoever comes in the middle of a week begins with what he earned in it.
create function private.study_join_board(p_user_id uuid, p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- boards have no direct writing
set search_path = ''
as $$
declare
  v_week date := private.study_week(p_at);
begin
  -- Nothing enters the ledger in between.
  perform private.study_learner(p_user_id);
  insert into study.leaderboard_entries (week_start, user_id, xp, reached_at)
  select v_week, p_user_id, sum(x.amount), max(x.created_at)
  from study.xp_transactions as x
  where x.user_id = p_user_id and x.created_at >= v_week::timestamp at time zone 'UTC'
    and x.created_at < (v_week + 7)::timestamp at time zone 'UTC'
    and exists (select from study.learner_settings as s where s.user_id = p_user_id and s.on_leaderboards)
    and exists (select from core.profiles as p where p.id = p_user_id and p.is_active)
  having count(*) > 0
  on conflict (week_start, user_id) do nothing;
end;
$$;
comment on function private.study_join_board(uuid, timestamptz) is 'Puts a learner who wants it on the board of the week, with what he earned in it.';

create function private.tg_learner_settings__boards()
returns trigger
language plpgsql
security definer -- boards have no direct writing
set search_path = ''
as $$
begin
  if tg_op <> 'DELETE' and new.on_leaderboards then
    perform private.study_join_board(new.user_id, now());
  else
    -- Whoever is earning just now has looked before: he is waited for.
    perform from study.learners as l where l.user_id = old.user_id for update;
    delete from study.leaderboard_entries as e where e.user_id = old.user_id;
  end if;
  return null;
end;
$$;
comment on function private.tg_learner_settings__boards() is 'Trigger: who asks for boards is on this week''s at once, who leaves is on none at once.';
create trigger _500_boards_insert after insert on study.learner_settings
  for each row when (new.on_leaderboards) execute function private.tg_learner_settings__boards();
create trigger _501_boards_update after update of on_leaderboards on study.learner_settings
  for each row when (new.on_leaderboards <> old.on_leaderboards) execute function private.tg_learner_settings__boards();
create trigger _502_boards_delete after delete on study.learner_settings
  for each row when (old.on_leaderboards) execute function private.tg_learner_settings__boards();

create function private.tg_profiles__boards()
returns trigger
language plpgsql
security definer -- boards have no direct writing
set search_path = ''
as $$
begin
  if new.is_active then
    perform private.study_join_board(new.id, now());
  else
    perform from study.learners as l where l.user_id = new.id for update;
    delete from study.leaderboard_entries as e where e.user_id = new.id;
  end if;
  return null;
end;
$$;
comment on function private.tg_profiles__boards() is 'Trigger: who is suspended is on no board until he is back.';
create trigger _560_boards after update of is_active on core.profiles
  for each row when (new.is_active <> old.is_active) execute function private.tg_profiles__boards();

revoke execute on function
  private.study_board_step(integer), private.tg_leaderboard_entries__count(), private.study_fold_boards(),
  private.study_board_rank(date, integer, timestamptz, uuid), private.study_join_board(uuid, timestamptz),
  private.tg_learner_settings__boards(), private.tg_profiles__boards()
  from public, anon, authenticated;

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_fold_boards', 'private.study_fold_boards', '10 seconds', 'Adds up who stands in which step of the boards.');
