-- The ledger of experience moves everything that is made of it: the total, the level, the day, the week's board, and the
-- achievements that ask for experience. Whoever adds a row has all of it done; nothing else changes a total.

create function private.tg_xp_transactions__guard()
returns trigger
language plpgsql
security definer -- looks whether the person is gone
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and not exists (select from core.profiles as p where p.id = old.user_id) then
    return old;
  end if;
  raise sqlstate 'PT403' using
    message = 'append_only',
    detail = 'Entries of the ledger of experience are never changed or removed.',
    hint = 'Add an entry that corrects it, of source adjustment.';
end;
$$;
comment on function private.tg_xp_transactions__guard() is
  'Trigger: append_only (403) for every change of the ledger, and for every removal but the one with its person.';
create trigger _100_guard before update or delete on study.xp_transactions
  for each row execute function private.tg_xp_transactions__guard();

create function private.tg_learners__guard_xp()
returns trigger
language plpgsql
security definer -- sums the ledger
set search_path = ''
as $$
begin
  -- The ledger's own trigger is deeper. Anything else may only say what the ledger says.
  if pg_catalog.pg_trigger_depth() = 1
    and new.xp <> (select coalesce(sum(x.amount), 0) from study.xp_transactions as x where x.user_id = new.user_id)
  then
    raise sqlstate 'PT409' using
      message = 'xp_is_the_ledgers', detail = 'Experience is the sum of the ledger.', hint = 'Add an entry to study.xp_transactions.';
  end if;
  return new;
end;
$$;
comment on function private.tg_learners__guard_xp() is 'Trigger: learners.xp is the sum of the ledger. xp_is_the_ledgers (409).';
create trigger _100_guard_xp before insert on study.learners
  for each row when (new.xp <> 0) execute function private.tg_learners__guard_xp();
create trigger _101_guard_xp before update of xp on study.learners
  for each row when (new.xp <> old.xp) execute function private.tg_learners__guard_xp();

-- The Monday of a moment's week, the same for everybody: boards compare people of all zones.
create function private.study_week(p_at timestamptz)
returns date
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$ select date_trunc('week', p_at at time zone 'UTC')::date; $$;
comment on function private.study_week(timestamptz) is 'The Monday of the week of a moment; weeks change on Monday 00:00 UTC.';

create function private.tg_xp_transactions__count()
returns trigger
language plpgsql
security definer -- totals and boards have no direct writing
set search_path = ''
as $$
declare
  v_person record;
  v_before study.learners;
  v_after study.learners;
begin
  for v_person in
    select a.user_id, sum(a.amount) as amount, max(a.created_at) as at from added as a group by a.user_id order by a.user_id
  loop
    v_before := private.study_learner(v_person.user_id);
    update study.learners as l set xp = l.xp + v_person.amount where l.user_id = v_person.user_id returning l.* into v_after;
    -- A day without a row is one on which nothing has been done yet: its row begins with what the ledger holds.
    update study.user_streaks as s set xp_earned = s.xp_earned + d.amount
    from (
      select a.study_day, sum(a.amount) as amount from added as a where a.user_id = v_person.user_id group by a.study_day
    ) as d
    where s.user_id = v_person.user_id and s.streak_date = d.study_day;
    if exists (select from study.learner_settings as s where s.user_id = v_person.user_id and s.on_leaderboards) then
      insert into study.leaderboard_entries as e (week_start, user_id, xp, reached_at)
      select private.study_week(a.created_at), a.user_id, sum(a.amount), max(a.created_at)
      from added as a
      join core.profiles as p on p.id = a.user_id and p.is_active
      where a.user_id = v_person.user_id
      group by 1, 2
      order by 1
      on conflict (week_start, user_id) do update
        set xp = e.xp + excluded.xp, reached_at = greatest(e.reached_at, excluded.reached_at);
    end if;
    perform private.study_note_gain(v_person.user_id, v_person.amount::integer, v_before.level, '[]'::jsonb);
    perform private.study_unlock_totals(v_before, v_after, '{xp, level}', v_person.at);
  end loop;
  return null;
end;
$$;
comment on function private.tg_xp_transactions__count() is
  'Trigger: carries new entries of the ledger into learners, user_streaks and leaderboard_entries, notes them for the message to the learner, and unlocks what asks for so much.';
create trigger _500_count after insert on study.xp_transactions
  referencing new table as added
  for each statement execute function private.tg_xp_transactions__count();

create function private.study_award_xp(
  p_user_id uuid, p_amount integer, p_source text, p_source_key text, p_description text, p_metadata jsonb, p_at timestamptz
)
returns integer
language plpgsql
volatile
security definer -- the ledger has no direct writing
set search_path = ''
as $$
declare
  v_learner study.learners;
begin
  if p_amount = 0 then
    return 0;
  end if;
  v_learner := private.study_learner(p_user_id);
  insert into study.xp_transactions (user_id, amount, source, source_key, description, metadata, study_day, created_at)
  values (
    p_user_id, p_amount, p_source, p_source_key, coalesce(p_description, ''), coalesce(p_metadata, '{}'::jsonb),
    (private.study_play_clock(v_learner, p_at)).study_day, p_at
  )
  on conflict (user_id, source, source_key) do nothing;
  return case when found then p_amount else 0 end;
end;
$$;
comment on function private.study_award_xp(uuid, integer, text, text, text, jsonb, timestamptz) is
  'Enters experience into the ledger: how much (below zero takes back), for what (xp_transactions.source), which event (p_source_key). Returns p_amount, or 0 when that event has been counted. Locks the learner.';

revoke execute on function
  private.tg_xp_transactions__guard(), private.tg_learners__guard_xp(),
  private.study_week(timestamptz), private.tg_xp_transactions__count(),
  private.study_award_xp(uuid, integer, text, text, text, jsonb, timestamptz)
  from public, anon, authenticated;
