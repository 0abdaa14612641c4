-- Analytics, 3: the task that stores the sums of noted days.
--
-- It takes notes first, and reads what was answered in later statements: whatever was noted is there to be read, because it
-- was stored in one transaction with its note. A note that comes meanwhile waits for the next time. So no answer is missed,
-- none counts twice, and nobody who answers waits.

create function private.study_store_answers(p_users uuid[], p_days date[])
returns integer
language plpgsql
volatile
security definer -- sums have no direct writing
set search_path = ''
as $$
declare
  v_changed integer;
  v_removed integer;
begin
  with sums as (
    select * from private.study_day_answers(p_users, p_days)
  ), removed as (
    delete from study.performance_metrics as m
    using unnest(p_users, p_days) as d (user_id, day)
    where m.user_id = d.user_id and m.metric_date = d.day
      and not exists (select from sums as s where s.user_id = m.user_id and s.study_day = m.metric_date and s.topic_id = m.topic_id)
    returning 1
  ), stored as (
    insert into study.performance_metrics as m (
      user_id, metric_date, topic_id, questions_attempted, questions_correct, questions_skipped, time_taken_ms, xp_earned
    )
    select s.user_id, s.study_day, s.topic_id, s.attempted, s.correct, s.skipped, s.time_taken_ms, s.xp_earned from sums as s
    on conflict (user_id, metric_date, topic_id) do update set
      questions_attempted = excluded.questions_attempted, questions_correct = excluded.questions_correct,
      questions_skipped = excluded.questions_skipped, time_taken_ms = excluded.time_taken_ms, xp_earned = excluded.xp_earned, updated_at = now()
    where (m.questions_attempted, m.questions_correct, m.questions_skipped, m.time_taken_ms, m.xp_earned)
      is distinct from (excluded.questions_attempted, excluded.questions_correct, excluded.questions_skipped, excluded.time_taken_ms, excluded.xp_earned)
    returning 1
  )
  select (select count(*) from stored)::integer, (select count(*) from removed)::integer into v_changed, v_removed;
  return v_changed + v_removed;
end;
$$;
comment on function private.study_store_answers(uuid[], date[]) is 'Makes study.performance_metrics of days what it should be; how many rows changed.';

create function private.study_store_reviews(p_users uuid[], p_days date[])
returns integer
language plpgsql
volatile
security definer -- sums have no direct writing
set search_path = ''
as $$
declare
  v_changed integer;
  v_removed integer;
begin
  with sums as (
    select * from private.study_day_reviews(p_users, p_days)
  ), removed as (
    delete from study.retention_analytics as r
    using unnest(p_users, p_days) as d (user_id, day)
    where r.user_id = d.user_id and r.retention_date = d.day
      and not exists (select from sums as s where s.user_id = r.user_id and s.study_day = r.retention_date)
    returning 1
  ), stored as (
    insert into study.retention_analytics as r (
      user_id, retention_date, cards_reviewed, cards_correct, young_reviewed, young_correct, mature_reviewed, mature_correct,
      expected_count, expected_correct, expected_sum, interval_buckets, duration_ms
    )
    select s.user_id, s.study_day, s.reviewed, s.correct, s.young_reviewed, s.young_correct, s.reviewed - s.young_reviewed,
      s.correct - s.young_correct, s.expected_count, s.expected_correct, s.expected_sum, s.buckets, s.duration_ms
    from sums as s
    on conflict (user_id, retention_date) do update set
      cards_reviewed = excluded.cards_reviewed, cards_correct = excluded.cards_correct,
      young_reviewed = excluded.young_reviewed, young_correct = excluded.young_correct,
      mature_reviewed = excluded.mature_reviewed, mature_correct = excluded.mature_correct,
      expected_count = excluded.expected_count, expected_correct = excluded.expected_correct, expected_sum = excluded.expected_sum,
      interval_buckets = excluded.interval_buckets, duration_ms = excluded.duration_ms, updated_at = now()
    where (r.cards_reviewed, r.cards_correct, r.young_reviewed, r.young_correct, r.expected_sum, r.interval_buckets, r.duration_ms)
      is distinct from (excluded.cards_reviewed, excluded.cards_correct, excluded.young_reviewed, excluded.young_correct,
        excluded.expected_sum, excluded.interval_buckets, excluded.duration_ms)
    returning 1
  )
  select (select count(*) from stored)::integer, (select count(*) from removed)::integer into v_changed, v_removed;
  return v_changed + v_removed;
end;
$$;
comment on function private.study_store_reviews(uuid[], date[]) is 'Makes study.retention_analytics of days what it should be; how many rows changed.';

create function private.study_store_sittings(p_users uuid[], p_days date[])
returns integer
language plpgsql
volatile
security definer -- sums have no direct writing
set search_path = ''
as $$
declare
  v_changed integer;
  v_removed integer;
begin
  with sums as (
    select * from private.study_day_sittings(p_users, p_days)
  ), removed as (
    -- A practice session stays what it was; a run of reviews begins elsewhere when one was undone.
    delete from study.study_sessions as s
    using unnest(p_users, p_days) as d (user_id, day)
    where s.user_id = d.user_id and s.study_day = d.day and s.session_type = 'cards'
      and s.started_at >= (d.day - 1)::timestamp at time zone 'UTC' and s.started_at < (d.day + 2)::timestamp at time zone 'UTC'
      and not exists (select from sums as n where n.id = s.id and n.started_at = s.started_at)
    returning 1
  ), stored as (
    insert into study.study_sessions as s (
      id, user_id, started_at, ended_at, session_type, study_day, duration_seconds, questions_answered, questions_correct,
      cards_reviewed, xp_earned, activity_data
    )
    select n.id, n.user_id, n.started_at, n.ended_at, n.session_type, n.study_day, n.duration_seconds, n.answered, n.correct,
      n.reviewed, n.xp_earned, n.activity_data
    from sums as n
    on conflict (user_id, started_at, id) do update set
      ended_at = excluded.ended_at, study_day = excluded.study_day, duration_seconds = excluded.duration_seconds,
      questions_answered = excluded.questions_answered, questions_correct = excluded.questions_correct,
      cards_reviewed = excluded.cards_reviewed, xp_earned = excluded.xp_earned, activity_data = excluded.activity_data
    where (s.ended_at, s.study_day, s.duration_seconds, s.questions_answered, s.questions_correct, s.cards_reviewed, s.xp_earned, s.activity_data)
      is distinct from (excluded.ended_at, excluded.study_day, excluded.duration_seconds, excluded.questions_answered,
        excluded.questions_correct, excluded.cards_reviewed, excluded.xp_earned, excluded.activity_data)
    returning 1
  )
  select (select count(*) from stored)::integer, (select count(*) from removed)::integer into v_changed, v_removed;
  return v_changed + v_removed;
end;
$$;
comment on function private.study_store_sittings(uuid[], date[]) is 'Makes study.study_sessions of days what it should be; how many rows changed.';

create function private.study_sum_batch(p_limit integer)
returns integer
language plpgsql
volatile
security definer -- the queue and the sums have no direct writing
set search_path = ''
as $$
declare
  v_people uuid[];
  v_users uuid[];
  v_days date[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'sums are made in read committed transactions only: others would not see what came with a note';
  end if;
  -- One at a time: of two that sum one day, the elder might come last.
  if not pg_try_advisory_xact_lock(hashtext('study.sum_days')) then
    return 0;
  end if;
  -- Who is just being deleted is left alone: his notes go with him.
  select array_agg(k.id) into v_people
  from (
    select p.id from core.profiles as p
    where p.id in (select q.user_id from (select n.user_id from study.analytics_queue as n order by n.id limit p_limit) as q)
    for key share skip locked
  ) as k;
  with taken as (
    delete from study.analytics_queue as q
    where q.id = any (array(
      select n.id from study.analytics_queue as n where n.user_id = any (v_people) order by n.id limit p_limit for update skip locked
    ))
    returning q.user_id, q.study_day
  )
  select array_agg(t.user_id order by t.user_id, t.study_day), array_agg(t.study_day order by t.user_id, t.study_day) into v_users, v_days
  from (select distinct q.user_id, q.study_day from taken as q) as t;
  if v_users is null then
    return 0;
  end if;
  perform private.study_store_answers(v_users, v_days), private.study_store_reviews(v_users, v_days), private.study_store_sittings(v_users, v_days);
  return cardinality(v_users);
end;
$$;
comment on function private.study_sum_batch(integer) is
  'Takes at most so many notes, and sums the days that they name; returns how many days. 0 when nothing waits or another does it.';

create function private.study_sum_days()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_stop timestamptz := clock_timestamp() + interval '5 seconds';
  v_days integer;
  v_summed integer := 0;
begin
  loop
    v_days := private.study_sum_batch(2000);
    v_summed := v_summed + v_days;
    exit when v_days = 0 or clock_timestamp() >= v_stop;
  end loop;
  return v_summed;
end;
$$;
comment on function private.study_sum_days() is
  'Sums the days of learners in which something was answered or reviewed since the last time; returns how many. A scheduled task, five seconds at a time.';

revoke execute on function
  private.study_store_answers(uuid[], date[]), private.study_store_reviews(uuid[], date[]), private.study_store_sittings(uuid[], date[]),
  private.study_sum_batch(integer), private.study_sum_days()
  from public, anon, authenticated;

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_sum_days', 'private.study_sum_days', '30 seconds', 'Sums what learners answered and reviewed by day.');
