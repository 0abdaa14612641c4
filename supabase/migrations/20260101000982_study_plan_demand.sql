-- What there is to study, and how long it takes: reviews by the forecast of memory, topics in the order of need, both in the
-- learner's own pace.

create function private.study_pace(
  p_user_id uuid, out seconds_a_review double precision, out seconds_a_question double precision
)
returns record
language plpgsql
stable
security definer -- reads the answers of whoever is planned for
set search_path = ''
as $$
declare
  -- The setting counts as so many observations: few answers say little, many say all.
  c_weight constant integer := 20;
begin
  select (c_weight * private.setting_number('study.plan_seconds_a_review') + coalesce(sum(least(r.duration_ms, 120000)), 0)::double precision / 1000)
    / (c_weight + count(*))
  into seconds_a_review
  from (
    select l.duration_ms from study.review_logs as l
    where l.user_id = p_user_id and l.undone_at is null and l.attempt_id is null and l.duration_ms > 0
    order by l.reviewed_at desc, l.id desc
    limit 200
  ) as r;
  select (c_weight * private.setting_number('study.plan_seconds_a_question') + coalesce(sum(least(a.time_taken_ms, 600000)), 0)::double precision / 1000)
    / (c_weight + count(*))
  into seconds_a_question
  from (
    select t.time_taken_ms from study.user_question_attempts as t
    where t.user_id = p_user_id and not t.is_skipped and t.time_taken_ms > 0
    order by t.answered_at desc, t.id desc
    limit 200
  ) as a;
end;
$$;
comment on function private.study_pace(uuid) is
  'Seconds that a learner takes for a review and for a question: the average of the last 200 (of a review 2 minutes at most, of a question 10), drawn towards the settings while there are few.';

create function private.study_plan_topics(p_user_id uuid, p_at timestamptz)
returns table (topic_id uuid, learning_path_id uuid, reason text)
language plpgsql
stable
security definer -- reads the progress of whoever is planned for
set search_path = ''
as $$
declare
  v_limit integer := private.setting_number('study.plan_topics');
begin
  return query
  select r.topic_id, r.learning_path_id, r.reason
  from (
    select n.topic_id, n.learning_path_id, n.learning_path_id is not null as is_on_path,
      case n.reason when 'path' then 'next_on_path' when 'fading' then 'fading_topic' when 'new' then 'new_topic' else 'weakest_topic' end as reason,
      row_number() over (partition by n.learning_path_id is not null order by n.score desc, n.topic_id) as place
    from private.study_next_topics(p_user_id, 1000, p_at) as n
  ) as r
  where r.place <= v_limit
  order by r.is_on_path desc, r.place;
end;
$$;
comment on function private.study_plan_topics(uuid, timestamptz) is
  'What a plan goes through in turn: the next topics of the learner''s paths, then those that are weakest, fade or are new, as private.study_next_topics ranks them; study.plan_topics of each.';

create function private.study_plan_load(p_user_id uuid, p_days integer, p_at timestamptz)
returns table (day_no integer, on_date date, starts_at timestamptz, ends_at timestamptz, reviews integer)
language plpgsql
stable
security definer -- reads the cards of whoever is planned for
set search_path = ''
as $$
declare
  v_today date := private.study_day(p_user_id, p_at);
begin
  return query
  select d.day_no, v_today + d.day_no, private.study_day_start(p_user_id, v_today + d.day_no),
    private.study_day_start(p_user_id, v_today + d.day_no + 1), coalesce(f.reviews, 0)
  from generate_series(0, p_days - 1) as d (day_no)
  left join private.study_review_forecast(p_user_id, p_days, p_at) as f on f.on_date = v_today + d.day_no
  order by d.day_no;
end;
$$;
comment on function private.study_plan_load(uuid, integer, timestamptz) is
  'The coming days of a learner, each from its beginning to its end, and the reviews that fall due on it; what is overdue stands on the first.';

revoke execute on function
  private.study_pace(uuid), private.study_plan_topics(uuid, timestamptz), private.study_plan_load(uuid, integer, timestamptz)
  from public, anon, authenticated;
