-- The dashboard, 1: its parts. Each reads what the task has stored, and computes the few days that it has not.
--
-- Nothing here depends on how much a learner has answered: twelve weeks of sums by topic, a year of recall by day.

create function private.study_waiting_days(p_user_id uuid, p_from date)
returns date[]
language sql
stable
security definer -- only tasks read the queue
set search_path = ''
as $$
  select array(select distinct q.study_day from study.analytics_queue as q where q.user_id = p_user_id and q.study_day >= p_from order by 1);
$$;
comment on function private.study_waiting_days(uuid, date) is 'A learner''s days from p_from that are not stored as they should be.';

create function private.study_answers_by_week(p_user_id uuid, p_from date)
returns table (week integer, topic_id uuid, attempted bigint, correct bigint, time_taken_ms bigint)
language plpgsql
stable
security definer -- reads the sums of whoever is asked about
set search_path = ''
as $$
declare
  v_waiting date[] := private.study_waiting_days(p_user_id, p_from);
begin
  return query
  select w.week, coalesce(t.merged_into_id, w.topic_id), sum(w.attempted)::bigint, sum(w.correct)::bigint, sum(w.ms)::bigint
  from (
    select (m.metric_date - p_from) / 7 as week, m.topic_id, sum(m.questions_attempted) as attempted, sum(m.questions_correct) as correct,
      sum(m.time_taken_ms) as ms
    from study.performance_metrics as m
    where m.user_id = p_user_id and m.metric_date >= p_from and not m.metric_date = any (v_waiting)
    group by 1, 2
    union all
    select (s.study_day - p_from) / 7, s.topic_id, s.attempted, s.correct, s.time_taken_ms
    from private.study_day_answers(array_fill(p_user_id, array[cardinality(v_waiting)]), v_waiting) as s
  ) as w
  left join core.topics as t on t.id = w.topic_id
  group by 1, 2;
end;
$$;
comment on function private.study_answers_by_week(uuid, date) is
  'Answers of a learner from a day on, by topic and week from that day (0 the first), up to this moment. The zero id: no topic.';

create function private.study_reviews_from(p_user_id uuid, p_from date)
returns table (
  study_day date, reviewed integer, correct integer, young_reviewed integer, young_correct integer,
  expected_count integer, expected_correct integer, expected_sum double precision, buckets jsonb
)
language plpgsql
stable
security definer -- reads the sums of whoever is asked about
set search_path = ''
as $$
declare
  v_waiting date[] := private.study_waiting_days(p_user_id, p_from);
begin
  return query
  select r.retention_date, r.cards_reviewed, r.cards_correct, r.young_reviewed, r.young_correct,
    r.expected_count, r.expected_correct, r.expected_sum, r.interval_buckets
  from study.retention_analytics as r
  where r.user_id = p_user_id and r.retention_date >= p_from and not r.retention_date = any (v_waiting)
  union all
  select s.study_day, s.reviewed, s.correct, s.young_reviewed, s.young_correct,
    s.expected_count, s.expected_correct, s.expected_sum, s.buckets
  from private.study_day_reviews(array_fill(p_user_id, array[cardinality(v_waiting)]), v_waiting) as s;
end;
$$;
comment on function private.study_reviews_from(uuid, date) is 'Recall of a learner from a day on, by day, up to this moment.';

create function private.study_share(p_part bigint, p_whole bigint)
returns numeric
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$ select round(p_part::numeric / nullif(p_whole, 0), 4); $$;
comment on function private.study_share(bigint, bigint) is 'A part of a whole, 0 to 1, with four digits; null of nothing.';

create function private.study_dashboard_answers(p_user_id uuid, p_monday date, p_at timestamptz)
returns jsonb
language plpgsql
stable
security definer -- reads the sums of whoever is asked about
set search_path = ''
as $$
declare
  v_from date := p_monday - 77;
  v_weeks jsonb;
  v_topics jsonb;
begin
  with sums as materialized (
    select a.week, a.topic_id, a.attempted as answered, a.correct, a.time_taken_ms as ms from private.study_answers_by_week(p_user_id, v_from) as a
  ), weeks as (
    select w.week, sum(w.answered)::bigint as answered, sum(w.correct)::bigint as correct from sums as w group by w.week
  ), topics as (
    select s.topic_id, sum(s.answered)::bigint as answered, sum(s.correct)::bigint as correct, sum(s.ms) as ms
    from sums as s group by s.topic_id
    order by 2 desc, 1 limit 20
  ), by_week as (
    -- Written out: a function of ours is called for each row, which would take longer than all the rest.
    select s.topic_id, jsonb_object_agg(s.week, round(s.correct::numeric / nullif(s.answered, 0), 4)) as accuracies
    from sums as s where s.topic_id in (select t.topic_id from topics as t) group by s.topic_id
  )
  select
    (
      select jsonb_agg(jsonb_build_object(
        'week_start', v_from + 7 * n, 'answered', coalesce(w.answered, 0), 'correct', coalesce(w.correct, 0),
        'accuracy', private.study_share(w.correct, w.answered)
      ) order by n)
      from generate_series(0, 11) as n left join weeks as w on w.week = n
    ),
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'topic_id', c.id, 'slug', c.slug, 'name', c.name, 'answered', t.answered, 'correct', t.correct,
        'accuracy', private.study_share(t.correct, t.answered), 'seconds_per_question', round(t.ms / 1000.0 / nullif(t.answered, 0), 1),
        'mastery_percentage', round(m.mastery_percentage::numeric, 1), 'proficiency_level', m.proficiency_level,
        'accuracy_by_week', (select jsonb_agg(b.accuracies -> n::text order by n) from generate_series(0, 11) as n)
      ) order by t.answered desc, t.topic_id), '[]')
      from topics as t
      join by_week as b on b.topic_id = t.topic_id
      left join core.topics as c on c.id = t.topic_id
      left join private.study_mastery_at(p_user_id, p_at) as m on m.topic_id = t.topic_id
    )
  into v_weeks, v_topics;
  return jsonb_build_object('weeks', v_weeks, 'topics', v_topics);
end;
$$;
comment on function private.study_dashboard_answers(uuid, date, timestamptz) is
  'Accuracy of the twelve weeks up to that of p_monday: {weeks: [{week_start, answered, correct, accuracy}], topics: the twenty with most answers [{topic_id, slug, name, answered, correct, accuracy, seconds_per_question, mastery_percentage, proficiency_level, accuracy_by_week: [12]}]}. Answers without a topic, or whose topic is gone, have null for it.';

create function private.study_dashboard_retention(p_user_id uuid, p_today date)
returns jsonb
language plpgsql
stable
security definer -- reads the sums of whoever is asked about
set search_path = ''
as $$
declare
  v_retention jsonb;
begin
  with days as materialized (
    select * from private.study_reviews_from(p_user_id, p_today - 364)
  )
  select jsonb_build_object(
    'reviewed', coalesce(sum(d.reviewed), 0), 'recalled', coalesce(sum(d.correct), 0),
    'rate', private.study_share(sum(d.correct), sum(d.reviewed)),
    'rate_30_days', private.study_share(
      sum(d.correct) filter (where d.study_day > p_today - 30), sum(d.reviewed) filter (where d.study_day > p_today - 30)
    ),
    'young_rate', private.study_share(sum(d.young_correct), sum(d.young_reviewed)),
    'mature_rate', private.study_share(sum(d.correct - d.young_correct), sum(d.reviewed - d.young_reviewed)),
    'expected_rate', round((sum(d.expected_sum) / nullif(sum(d.expected_count), 0))::numeric, 4),
    'expected_rate_came_true', private.study_share(sum(d.expected_correct), sum(d.expected_count)),
    'curve', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'days', c.days, 'reviewed', c.reviewed, 'recalled', c.recalled, 'rate', private.study_share(c.recalled, c.reviewed)
      ) order by c.days), '[]')
      from (
        select b.key::integer as days, sum((b.value ->> 0)::bigint)::bigint as reviewed, sum((b.value ->> 1)::bigint)::bigint as recalled
        from days as e cross join jsonb_each(e.buckets) as b group by b.key
      ) as c
    )
  ) into v_retention
  from days as d;
  return v_retention;
end;
$$;
comment on function private.study_dashboard_retention(uuid, date) is
  'Recall of the last 365 days: {reviewed, recalled, rate, rate_30_days, young_rate, mature_rate, expected_rate (what FSRS expected of the reviews that it foresaw), expected_rate_came_true (how many of them were recalled), curve: [{days: reviewed that long after the review before, up to the next power of two, reviewed, recalled, rate}]}. Rates are 0 to 1, null of nothing.';

revoke execute on function
  private.study_waiting_days(uuid, date), private.study_answers_by_week(uuid, date), private.study_reviews_from(uuid, date),
  private.study_share(bigint, bigint), private.study_dashboard_answers(uuid, date, timestamptz), private.study_dashboard_retention(uuid, date)
  from public, anon, authenticated;
