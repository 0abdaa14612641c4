-- Analytics, 2: the sums of days, computed from what was answered and reviewed. What the task stores and what the dashboard
-- adds for days that are not stored yet come from the same functions.
--
-- An answer is found by when it was given: a learner's day, wherever he is and whenever it begins, lies between midnight UTC
-- of the day before and of the day after the next.

insert into core.settings (key, value, description) values
  ('study.sitting_gap_minutes', '30', 'A pause between two card reviews that ends a sitting.');

create function private.study_day_answers(p_users uuid[], p_days date[])
returns table (
  user_id uuid, study_day date, topic_id uuid, attempted integer, correct integer, skipped integer, time_taken_ms bigint, xp_earned integer
)
language plpgsql
stable
security definer -- reads attempts of whoever is asked about
set search_path = ''
as $$
begin
  return query
  select d.user_id, d.day, coalesce(a.topic_id, '00000000-0000-0000-0000-000000000000'),
    (count(*) filter (where not a.is_skipped))::integer, (count(*) filter (where a.is_correct))::integer,
    (count(*) filter (where a.is_skipped))::integer, sum(a.time_taken_ms)::bigint, coalesce(sum(x.amount), 0)::integer
  from unnest(p_users, p_days) as d (user_id, day)
  join study.user_question_attempts as a on a.user_id = d.user_id and a.study_day = d.day
    and a.answered_at >= (d.day - 1)::timestamp at time zone 'UTC' and a.answered_at < (d.day + 2)::timestamp at time zone 'UTC'
  -- A question earns once a day, by the day of play, which a journey can move by one against the clock.
  left join study.xp_transactions as x on x.user_id = d.user_id and x.source = 'question_answered'
    and x.source_key in (a.question_id || ':' || d.day, a.question_id || ':' || (d.day - 1), a.question_id || ':' || (d.day + 1))
    and x.metadata ->> 'attempt_id' = a.id::text
  group by d.user_id, d.day, coalesce(a.topic_id, '00000000-0000-0000-0000-000000000000');
end;
$$;
comment on function private.study_day_answers(uuid[], date[]) is
  'Answers by topic of days of learners, p_users[i] with p_days[i]: rows of study.performance_metrics as they should be.';

create function private.study_day_reviews(p_users uuid[], p_days date[])
returns table (
  user_id uuid, study_day date, reviewed integer, correct integer, young_reviewed integer, young_correct integer,
  expected_count integer, expected_correct integer, expected_sum double precision, buckets jsonb, duration_ms bigint
)
language plpgsql
stable
security definer -- reads reviews of whoever is asked about
set search_path = ''
as $$
begin
  return query
  with reviews as (
    select d.user_id, d.day, l.rating > 1 as is_correct, l.retrievability, l.duration_ms,
      (l.card_before ->> 'interval_days')::integer < 21 as is_young,
      1 << least(15, length(ltrim(greatest(1, l.elapsed_days)::bit(32)::text, '0')) - 1) as bucket
    from unnest(p_users, p_days) as d (user_id, day)
    join study.review_logs as l on l.user_id = d.user_id and l.study_day = d.day and l.undone_at is null and l.state_before = 'review'
      and l.reviewed_at >= (d.day - 1)::timestamp at time zone 'UTC' and l.reviewed_at < (d.day + 2)::timestamp at time zone 'UTC'
  ), curves as (
    select b.user_id, b.day, jsonb_object_agg(b.bucket, jsonb_build_array(b.reviewed, b.correct)) as buckets
    from (
      select r.user_id, r.day, r.bucket, count(*) as reviewed, count(*) filter (where r.is_correct) as correct
      from reviews as r group by r.user_id, r.day, r.bucket
    ) as b
    group by b.user_id, b.day
  )
  select r.user_id, r.day, count(*)::integer, (count(*) filter (where r.is_correct))::integer,
    (count(*) filter (where r.is_young))::integer, (count(*) filter (where r.is_young and r.is_correct))::integer,
    count(r.retrievability)::integer, (count(r.retrievability) filter (where r.is_correct))::integer,
    coalesce(sum(r.retrievability), 0), c.buckets, sum(r.duration_ms)::bigint
  from reviews as r
  join curves as c on c.user_id = r.user_id and c.day = r.day
  group by r.user_id, r.day, c.buckets;
end;
$$;
comment on function private.study_day_reviews(uuid[], date[]) is
  'Recall of days of learners, p_users[i] with p_days[i]: rows of study.retention_analytics as they should be. Forgotten is what was rated again.';

create function private.study_day_sittings(p_users uuid[], p_days date[])
returns table (
  id uuid, user_id uuid, started_at timestamptz, ended_at timestamptz, session_type text, study_day date,
  duration_seconds integer, answered integer, correct integer, reviewed integer, xp_earned integer, activity_data jsonb
)
language plpgsql
stable
security definer -- reads sessions of whoever is asked about
set search_path = ''
as $$
begin
  return query
  with touched as (
    select distinct a.session_id
    from unnest(p_users, p_days) as d (user_id, day)
    join study.user_question_attempts as a on a.user_id = d.user_id and a.study_day = d.day
      and a.answered_at >= (d.day - 1)::timestamp at time zone 'UTC' and a.answered_at < (d.day + 2)::timestamp at time zone 'UTC'
  )
  -- Who leaves a session ends it when somebody notices: its sitting was over with the last answer.
  select s.id, s.user_id, s.started_at, greatest(s.started_at, case s.status when 'completed' then s.completed_at else a.last_at end),
    s.session_type, a.first_day, (s.elapsed_ms / 1000)::integer, a.answered, a.correct, a.reviewed, s.xp_earned,
    jsonb_build_object('status', s.status, 'selection', s.selection, 'topic_id', s.topic_id, 'questions_skipped', a.skipped)
  from touched as t
  join study.practice_sessions as s on s.id = t.session_id and s.status in ('completed', 'abandoned')
  cross join lateral (
    select min(u.study_day) as first_day, max(u.answered_at) as last_at, (count(*) filter (where not u.is_skipped))::integer as answered,
      (count(*) filter (where u.is_correct))::integer as correct, (count(*) filter (where u.is_skipped))::integer as skipped,
      count(l.id)::integer as reviewed
    from study.user_question_attempts as u
    left join study.review_logs as l on l.attempt_id = u.id and l.undone_at is null
    where u.session_id = s.id
  ) as a;

  return query
  with reviews as (
    select d.user_id, d.day, l.id, l.reviewed_at, l.duration_ms, l.rating,
      l.reviewed_at - lag(l.reviewed_at) over w > make_interval(mins => private.setting_number('study.sitting_gap_minutes')) as is_first
    from unnest(p_users, p_days) as d (user_id, day)
    join study.review_logs as l on l.user_id = d.user_id and l.study_day = d.day and l.undone_at is null and l.attempt_id is null
      and l.reviewed_at >= (d.day - 1)::timestamp at time zone 'UTC' and l.reviewed_at < (d.day + 2)::timestamp at time zone 'UTC'
    window w as (partition by d.user_id, d.day order by l.reviewed_at, l.id)
  ), runs as (
    select r.*, count(*) filter (where r.is_first) over (partition by r.user_id, r.day order by r.reviewed_at, r.id) as run
    from reviews as r
  )
  select (array_agg(r.id order by r.reviewed_at, r.id))[1], r.user_id, min(r.reviewed_at), max(r.reviewed_at), 'cards', r.day, (sum(r.duration_ms) / 1000)::integer, 0, 0,
    count(*)::integer, greatest(0, coalesce(sum(x.amount), 0))::integer,
    jsonb_build_object('forgotten', count(*) filter (where r.rating = 1))
  from runs as r
  left join study.xp_transactions as x on x.user_id = r.user_id and x.source = 'review_complete' and x.source_key = r.id::text
  group by r.user_id, r.day, r.run;
end;
$$;
comment on function private.study_day_sittings(uuid[], date[]) is
  'Sittings of days of learners, p_users[i] with p_days[i]: rows of study.study_sessions as they should be. Practice sessions that have ended and in which something was answered or skipped, on the day of their first answer; and runs of card reviews, cut by a pause of study.sitting_gap_minutes and by the day.';

revoke execute on function
  private.study_day_answers(uuid[], date[]), private.study_day_reviews(uuid[], date[]), private.study_day_sittings(uuid[], date[])
  from public, anon, authenticated;
