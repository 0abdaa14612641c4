// The rows of study-history-rows.ts, made by the server itself.
export const perSession = 50;
export const topics = 60;

// Numbers that look random and are the same on every server: a number for each place and purpose.
export const helpers = `
  create or replace function pg_temp.id(p_kind text, p_no bigint) returns uuid language sql immutable
    as $$ select (p_kind || '-0000-4000-8000-' || lpad(p_no::text, 12, '0'))::uuid $$;
  create or replace function pg_temp.roll(p_no bigint, p_purpose integer) returns double precision language sql immutable
    as $$ select (hashint8extended(p_no, p_purpose) & 1073741823) / 1073741824.0::double precision $$`;

export const people = `
  with p as (
    insert into core.profiles (id, username)
    select pg_temp.id('a1000000', i), 'history_' || i from generate_series(1, $1::integer) as i returning id
  )
  insert into study.learners (user_id) select id from p`;

export const bank = [
  `insert into core.topics (id, slug, name)
   select pg_temp.id('a4000000', i), 'history-' || i, 'History ' || i from generate_series(1, $2::integer) as i where $1 > 0`,
  `insert into study.questions (id, author_id, topic_id, status, visibility, difficulty, is_verified, verified_at)
   select pg_temp.id('a2000000', i), pg_temp.id('a1000000', 1), pg_temp.id('a4000000', 1 + i % $2), 'published', 'authenticated',
     (array['easy', 'medium', 'hard', 'nbme'])[1 + i % 4], true, now()
   from generate_series(1, $1::integer) as i`,
  `insert into study.question_versions (id, question_id, version_no, vignette, content_hash)
   select pg_temp.id('a3000000', i), pg_temp.id('a2000000', i), 1, 'What is true of number ' || i || '?', md5(i::text)
   from generate_series(1, $1::integer) as i where $2 > 0`,
  `insert into study.question_options (version_id, option_index, option_text)
   select pg_temp.id('a3000000', i), o, 'Answer ' || o || ' to ' || i
   from generate_series(1, $1::integer) as i, generate_series(0, 3) as o where $2 > 0`,
  `insert into study.question_keys (version_id, option_index, is_correct)
   select pg_temp.id('a3000000', i), o, o = i % 4
   from generate_series(1, $1::integer) as i, generate_series(0, 3) as o where $2 > 0`,
];

// $1 sessions, $2 learners, $3 every how manieth session is of the busiest, $4 questions.
export const practice = [
  `create temp table history_sessions as
   select s as no, pg_temp.id('a5000000', s) as id,
     pg_temp.id('a1000000', case when s % $3::integer = 0 then 1 else 2 + floor(pg_temp.roll(s, 1) * ($2::integer - 1))::integer end) as user_id,
     date_trunc('hour', now()) - interval '365 days' * (($1::integer - s)::double precision / $1) as at,
     floor(pg_temp.roll(s, 2) * $4::integer)::bigint as first
   from generate_series(1, $1::integer) as s`,
  `insert into study.practice_sessions (id, user_id, session_type, status, total_questions, answered_count, correct_count, xp_earned,
     elapsed_ms, started_at, completed_at, last_activity_at)
   select id, user_id, 'tutor', 'completed', ${perSession}, ${perSession}, ${
    perSession / 2
  }, 300, 1500000, at, at + interval '25 minutes', at
   from history_sessions order by no`,
  `insert into study.user_question_attempts (id, user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes,
     is_correct, confidence_rating, time_taken_ms, study_day, answered_at)
   select pg_temp.id('a6000000', a.no), s.user_id, pg_temp.id('a2000000', a.question), pg_temp.id('a3000000', a.question), s.id,
     pg_temp.id('a4000000', 1 + a.question % ${topics}), 'practice', array[(a.question + a.wrong) % 4]::smallint[], a.wrong = 0,
     1 + a.no % 5, 10000 + a.no % 40000, (a.at at time zone 'UTC')::date, a.at
   from history_sessions as s
   cross join lateral (
     select s.no * ${perSession} + k as no, 1 + (s.first + k * 7) % $4::integer as question,
       case when pg_temp.roll(s.no * ${perSession} + k, 3) < 0.68 then 0 else 1 + (k % 3) end as wrong, s.at + k * interval '30 seconds' as at
     from generate_series(0, ${perSession - 1}) as k
   ) as a
   where $1 > 0 and $2 > 0 and $3 > 0
   order by s.no, a.no`,
];

// Every fifth answered question of a learner became a card; each was reviewed one to five times.
export const memory = [
  `insert into study.sm2_review_cards (id, user_id, source, question_id, topic_id, state, repetition_count, stability, difficulty,
     interval_days, due_at, due_on, last_reviewed_at, created_at)
   select pg_temp.id('a7000000', c.no), c.user_id, 'question', c.question_id, c.topic_id, 'review', 1 + c.no % 5, 1 + c.days, 1 + 9 * pg_temp.roll(c.no, 5),
     c.days, c.last_at + c.days * interval '1 day', (c.last_at + c.days * interval '1 day')::date, c.last_at, c.first_at
   from (
     select row_number() over (order by min(a.answered_at), a.user_id, a.question_id) as no, a.user_id, a.question_id, a.topic_id,
       min(a.answered_at) as first_at, greatest(max(a.answered_at), now() - interval '1 day' * (1 + floor(60 * pg_temp.roll(uuid_hash(a.question_id)::bigint, 6)))) as last_at,
       (1 + floor(90 * pg_temp.roll(uuid_hash(a.user_id)::bigint + uuid_hash(a.question_id), 4)))::integer as days
     from study.user_question_attempts as a
     where pg_temp.roll(uuid_hash(a.question_id)::bigint, 8) < 0.21
     group by a.user_id, a.question_id, a.topic_id
   ) as c
   order by c.no`,
  `insert into study.review_logs (id, card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days,
     retrievability, stability, difficulty, interval_days, due_at, duration_ms, study_day, reviewed_at)
   select pg_temp.id('a8000000', row_number() over (order by r.at, c.id)), c.id, c.user_id, n, 'fsrs', case when pg_temp.roll(uuid_hash(c.id)::bigint + n, 7) < 0.9 then 3 else 1 end,
     case n when 1 then 'new' else 'review' end, jsonb_build_object('interval_days', n * n * 3, 'state', case n when 1 then 'new' else 'review' end), n * n * 3,
     case when n > 1 then 0.9 end, c.stability, c.difficulty, c.interval_days, c.due_at, 6000, (r.at at time zone 'UTC')::date, r.at
   from study.sm2_review_cards as c
   cross join generate_series(1, 2) as n
   cross join lateral (select c.last_reviewed_at - (2 - n) * interval '12 days' as at) as r
   where n <= c.repetition_count
   order by r.at`,
];

export const sums = [
  `insert into study.user_progress (user_id, question_id, total_attempts, correct_attempts, confidence_sum, confidence_count, time_taken_ms,
     last_is_correct, first_attempt_at, last_attempt_at)
   select user_id, question_id, count(*), count(*) filter (where is_correct), sum(confidence_rating), count(*), sum(time_taken_ms),
     (array_agg(is_correct order by answered_at desc))[1], min(answered_at), max(answered_at)
   from study.user_question_attempts group by user_id, question_id`,
  `insert into study.mastery_levels (user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, observed_at)
   select user_id, topic_id, count(*), count(*) filter (where is_correct), 0.3, 0.2, 60, max(answered_at)
   from study.user_question_attempts group by user_id, topic_id`,
  `insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct, time_taken_ms)
   select user_id, study_day, topic_id, count(*), count(*) filter (where is_correct), sum(time_taken_ms)
   from study.user_question_attempts group by user_id, study_day, topic_id order by study_day`,
  `insert into study.retention_analytics (user_id, retention_date, cards_reviewed, cards_correct, young_reviewed, young_correct,
     expected_count, expected_correct, expected_sum, interval_buckets, duration_ms)
   select user_id, study_day, count(*), count(*) filter (where rating > 1), count(*), count(*) filter (where rating > 1),
     count(*), count(*) filter (where rating > 1), sum(retrievability),
     jsonb_build_object('8', jsonb_build_array(count(*), count(*) filter (where rating > 1))), sum(duration_ms)
   from study.review_logs where state_before = 'review' group by user_id, study_day order by study_day`,
  `insert into study.user_streaks (user_id, streak_date, streak_length, questions_answered, questions_correct, study_ms, xp_earned, first_activity_at, last_activity_at)
   select user_id, study_day, 1, count(*), count(*) filter (where is_correct), sum(time_taken_ms), 10 * count(*), min(answered_at), max(answered_at)
   from study.user_question_attempts group by user_id, study_day order by study_day`,
  `update study.learners as l
   set questions_answered = a.answered, questions_correct = a.correct, study_ms = a.ms, xp = 10 * a.answered, last_study_day = a.day, last_studied_at = a.at,
     day_zone = 'UTC', day_start_hour = 0
   from (
     select user_id, sum(questions_answered) as answered, sum(questions_correct) as correct, sum(study_ms) as ms, max(streak_date) as day,
       max(last_activity_at) as at
     from study.user_streaks group by user_id
   ) as a
   where a.user_id = l.user_id`,
];
