-- The week's board as people see it.

create function private.study_leaderboard(p_user_id uuid, p_limit integer, p_around boolean, p_weeks_ago integer, p_at timestamptz)
returns table (rank bigint, user_id uuid, username text, full_name text, avatar_path text, xp integer, is_me boolean)
language plpgsql
stable
security definer -- names and experience of those who asked to be seen
set search_path = ''
as $$
declare
  v_limit integer := least(greatest(coalesce(p_limit, 20), 0), 100);
  v_week date := private.study_week(p_at) - 7 * least(greatest(coalesce(p_weeks_ago, 0), 0), 7);
  v_beside integer := case when p_around then 3 else 0 end;
  v_me study.leaderboard_entries;
  v_rank bigint;
begin
  select * into v_me from study.leaderboard_entries as e where e.week_start = v_week and e.user_id = p_user_id and e.xp > 0;
  if found then
    v_rank := private.study_board_rank(v_week, v_me.xp, v_me.reached_at, v_me.user_id);
  end if;
  return query
  with shown as (
    select t.place, t.user_id, t.xp
    from (
      select row_number() over (order by e.xp desc, e.reached_at, e.user_id) as place, e.user_id, e.xp
      from study.leaderboard_entries as e
      where e.week_start = v_week and e.xp > 0
      order by e.xp desc, e.reached_at, e.user_id
      limit v_limit
    ) as t
    union
    select v_rank, v_me.user_id, v_me.xp where v_rank is not null
    union
    -- Each side in two pieces, equals and others, so that each goes along the index.
    select v_rank - row_number() over (order by a.xp, a.reached_at desc, a.user_id desc), a.user_id, a.xp
    from (
      (
        select e.user_id, e.xp, e.reached_at from study.leaderboard_entries as e
        where v_rank is not null and e.week_start = v_week and e.xp = v_me.xp and (e.reached_at, e.user_id) < (v_me.reached_at, v_me.user_id)
        order by e.reached_at desc, e.user_id desc limit v_beside
      )
      union all
      (
        select e.user_id, e.xp, e.reached_at from study.leaderboard_entries as e
        where v_rank is not null and e.week_start = v_week and e.xp > v_me.xp
        order by e.xp, e.reached_at desc, e.user_id desc limit v_beside
      )
      order by xp, reached_at desc, user_id desc
      limit v_beside
    ) as a
    union
    select v_rank + row_number() over (order by b.xp desc, b.reached_at, b.user_id), b.user_id, b.xp
    from (
      (
        select e.user_id, e.xp, e.reached_at from study.leaderboard_entries as e
        where v_rank is not null and e.week_start = v_week and e.xp = v_me.xp and (e.reached_at, e.user_id) > (v_me.reached_at, v_me.user_id)
        order by e.reached_at, e.user_id limit v_beside
      )
      union all
      (
        select e.user_id, e.xp, e.reached_at from study.leaderboard_entries as e
        where v_rank is not null and e.week_start = v_week and e.xp < v_me.xp and e.xp > 0
        order by e.xp desc, e.reached_at, e.user_id limit v_beside
      )
      order by xp desc, reached_at, user_id
      limit v_beside
    ) as b
  )
  select s.place, s.user_id, p.username::text, p.full_name, p.avatar_path, s.xp, s.user_id = p_user_id
  from shown as s
  join core.profiles as p on p.id = s.user_id
  where p.is_active and not private.is_blocked_between(s.user_id, p_user_id)
  order by s.place;
end;
$$;
comment on function private.study_leaderboard(uuid, integer, boolean, integer, timestamptz) is 'See study.leaderboard.';

create function private.study_leaderboard_mine(p_limit integer, p_around boolean, p_weeks_ago integer)
returns table (rank bigint, user_id uuid, username text, full_name text, avatar_path text, xp integer, is_me boolean)
language plpgsql
stable
security definer -- for the caller only
set search_path = ''
as $$
begin
  return query select b.* from private.study_leaderboard(private.require_reader(), p_limit, p_around, p_weeks_ago, now()) as b;
end;
$$;
comment on function private.study_leaderboard_mine(integer, boolean, integer) is 'See study.leaderboard.';

create function study.leaderboard(p_limit integer default 20, p_around boolean default false, p_weeks_ago integer default 0)
returns table (rank bigint, user_id uuid, username text, full_name text, avatar_path text, xp integer, is_me boolean)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_leaderboard_mine(p_limit, p_around, p_weeks_ago); $$;
comment on function study.leaderboard(integer, boolean, integer) is
  'The board of a week (from Monday 00:00 UTC), of those with on_leaderboards in their settings: the first p_limit (at most 100), and yourself when you are on it; p_around: with three above and three below you. p_weeks_ago: 0 this week, up to 7. Whoever is blocked is left out, and ranks count everybody.';

revoke execute on function
  private.study_leaderboard(uuid, integer, boolean, integer, timestamptz), private.study_leaderboard_mine(integer, boolean, integer),
  study.leaderboard(integer, boolean, integer)
  from public, anon, authenticated;
grant execute on function private.study_leaderboard_mine(integer, boolean, integer), study.leaderboard(integer, boolean, integer) to authenticated;
