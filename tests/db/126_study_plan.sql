-- The plan: what is suggested, when, and what never is; what the learner does with it; what time does to it.
begin;
select plan(33);
select tests.share_temporaries();
set local time zone 'UTC';

-- A module that keeps people busy, and no other.
delete from core.busy_sources;
create table private.test_busy (user_id uuid, times tstzrange);
create function private.test_plan_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language sql stable set search_path = '' as $$
  select coalesce(range_agg(b.times), '{}') from private.test_busy as b where b.user_id = p_user_id and b.times && tstzrange(p_from, p_to); $$;
insert into core.busy_sources (module, busy_function) values ('test', 'test_plan_busy');

create temp table who as select tests.create_user('plan-learner@study.local') as learner, tests.create_user('plan-stranger@study.local') as stranger,
  tests.create_user('plan-paced@study.local') as paced;
create temp table t as select gen_random_uuid() as heart, gen_random_uuid() as lung, gen_random_uuid() as bone, gen_random_uuid() as skin;
insert into core.topics (id, slug, name) select heart, 'plan-heart', 'Heart' from t union all select lung, 'plan-lung', 'Lung' from t
  union all select bone, 'plan-bone', 'Bone' from t union all select skin, 'plan-skin', 'Skin' from t;

create function pg_temp.cards(p_user uuid, p_day date, p_count integer) returns void language sql as $$
  insert into study.sm2_review_cards (user_id, source, front, back, state, last_reviewed_at, stability, difficulty, interval_days, due_at, due_on)
  select p_user, 'note', 'front', 'back', 'review', p_day - 5, 5, 5, 5, p_day, p_day from generate_series(1, p_count); $$;
create function pg_temp.draft(p_user uuid, p_at text, p_days integer default 3) returns table (block text) language sql as $$
  select format('%s %s %s-%s %s %s', d.kind, coalesce(t.slug, '-'), to_char(d.starts_at, 'DD HH24:MI'), to_char(d.ends_at, 'HH24:MI'), d.planned_count, d.reason)
  from private.study_draft_plan(p_user, p_days, p_at::timestamptz) as d left join core.topics as t on t.id = d.topic_id order by d.starts_at; $$;
create function pg_temp.wish(p_user uuid, p_sets text) returns void language plpgsql as $$
  begin
    insert into study.learner_settings (user_id) values (p_user) on conflict do nothing;
    execute format('update study.learner_settings set %s where user_id = %L', p_sets, p_user);
  end; $$;
create function pg_temp.paths(p_user uuid, p_topics uuid[]) returns uuid language plpgsql as $$
  declare v_id uuid;
  begin
    insert into study.learning_paths (user_id, name) values (p_user, 'Exam') returning id into v_id;
    insert into study.learning_path_milestones (learning_path_id, topic_id, milestone_order)
    select v_id, u.id, u.no from unnest(p_topics) with ordinality as u (id, no);
    return v_id;
  end; $$;

-- When -------------------------------------------------------------------------------------------------------------
update core.profiles set time_zone = 'Europe/London' where id in (select unnest(array[learner, paced]) from who);
select pg_temp.wish((select paced from who), 'study_from = ''00:30'', study_until = ''03:00'', study_weekdays = ''{6, 7}''');
create function pg_temp.hours(p_from text, p_to text) returns text language sql as $$
  select private.study_plan_hours((select paced from who), p_from::timestamptz, p_to::timestamptz)::text; $$;
select is(pg_temp.hours('2026-03-28', '2026-03-29'), '{["2026-03-28 00:30:00+00","2026-03-28 03:00:00+00")}', 'hours by the clock of the learner');
select is(pg_temp.hours('2026-03-29', '2026-03-30'), '{["2026-03-29 00:30:00+00","2026-03-29 02:00:00+00")}', 'an hour that the clock leaves out is nobody''s');
select is(pg_temp.hours('2026-10-24 12:00', '2026-10-25 12:00'), '{["2026-10-24 23:30:00+00","2026-10-25 03:00:00+00")}', 'one that it shows twice is there twice');
select is(pg_temp.hours('2026-03-30', '2026-04-03'), '{}', 'and none on other weekdays');
select is(pg_temp.hours('2026-03-28 01:00', '2026-03-28 02:00'), '{["2026-03-28 01:00:00+00","2026-03-28 02:00:00+00")}', 'cut off where nobody asked');
select is(private.study_place_block('{["2026-01-01 08:07+00","2026-01-01 08:30+00"),["2026-01-01 10:01:30+00","2026-01-01 12:00+00")}', 30, 10, 5),
  '["2026-01-01 10:05+00","2026-01-01 10:35+00")', 'a block goes where it fits whole, on a whole step');
select is(private.study_place_block('{["2026-01-01 08:07+00","2026-01-01 08:33+00"),["2026-01-01 10:01:30+00","2026-01-01 10:31+00")}', 30, 10, 5),
  '["2026-01-01 10:05+00","2026-01-01 10:30+00")', 'else as much of it as fits');
select is(private.study_place_block('{["2026-01-01 08:00+00","2026-01-01 08:20+00"),["2026-01-01 09:00+00","2026-01-01 09:20+00")}', 30, 10, 5),
  '["2026-01-01 08:00+00","2026-01-01 08:20+00")', 'of two the first');
select is(private.study_place_block('{["2026-01-01 08:07+00","2026-01-01 08:19+00")}', 30, 10, 5), null, 'else nowhere');

-- What -------------------------------------------------------------------------------------------------------------
-- Monday. Twelve seconds a review, a minute a question, the goal 20 minutes, hours from 8 to 22.
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 2) $$,
  $$ values ('practice - 23 08:00-08:20 20 daily_goal'), ('practice - 24 08:00-08:20 20 daily_goal') $$, 'of whom nothing is known, time for the goal');
select pg_temp.cards((select learner from who), '2026-03-20', 60);
select pg_temp.cards((select learner from who), '2026-03-24', 30);
select pg_temp.cards((select learner from who), '2026-03-25', 400);
select pg_temp.paths((select learner from who), (select array[heart, lung] from t)) as id into temp path;
insert into study.mastery_levels (user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, observed_at)
select (select learner from who), bone, 5, 1, -2, 0.5, 20, timestamptz '2026-03-22' from t;
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 5) $$, $$ values
  ('review - 23 08:00-08:15 60 reviews_due'), ('path plan-heart 23 08:25-08:35 10 next_on_path'),
  ('review - 24 08:00-08:10 30 reviews_due'), ('path plan-lung 24 08:20-08:30 10 next_on_path'),
  ('review - 25 08:00-08:30 150 reviews_due'), ('review - 25 08:40-08:50 50 reviews_due'), ('practice plan-bone 25 09:00-09:10 10 weakest_topic'),
  ('review - 26 08:00-08:30 150 reviews_due'), ('review - 26 08:40-08:50 50 reviews_due'), ('path plan-heart 26 09:00-09:10 10 next_on_path'),
  ('path plan-lung 27 08:00-08:20 20 next_on_path') $$,
  'reviews first, 200 a day, the rest on the next one; then topics of the path and the weakest in turn');
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 5) $$, $$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 5) $$, 'the same plan each time');
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 14:02+00', 1) $$,
  $$ values ('review - 23 14:20-14:35 60 reviews_due'), ('path plan-heart 23 14:45-14:55 10 next_on_path') $$, 'nothing before a quarter of an hour from now');
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 21:50+00', 2) $$,
  $$ values ('review - 24 08:00-08:20 90 reviews_due'), ('path plan-heart 24 08:30-08:40 10 next_on_path') $$, 'what finds no room today goes on to tomorrow');
select is_empty($$ select pg_temp.draft((select learner from who), '2026-03-23 23:59+00', 1) $$, 'and at the end of the last day there is none');
insert into private.test_busy select learner, tstzrange('2026-03-23 08:20+00', '2026-03-23 14:00+00') from who;
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 1) $$,
  $$ values ('review - 23 08:00-08:15 60 reviews_due'), ('path plan-heart 23 14:00-14:10 10 next_on_path') $$, 'around what one is busy with');
insert into private.test_busy select learner, tstzrange('2026-03-23 07:00+00', '2026-03-23 23:00+00') from who;
select is_empty($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 1) $$, 'without free time there is no plan');
delete from private.test_busy;
insert into study.user_streaks (user_id, streak_date, study_ms, questions_answered) select learner, '2026-03-23', 20 * 60000, 5 from who;
insert into study.learners (user_id, last_study_day, last_studied_at, day_zone, day_start_hour) select learner, '2026-03-23', '2026-03-23 11:00+00', 'UTC', 0 from who
on conflict (user_id) do update set last_study_day = excluded.last_study_day, last_studied_at = excluded.last_studied_at, day_zone = 'UTC', day_start_hour = 0;
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 12:00+00', 1) $$,
  $$ values ('review - 23 12:15-12:30 60 reviews_due') $$, 'once the goal of today is met, only what is due');
delete from study.user_streaks;
select pg_temp.wish((select learner from who), 'block_minutes = 15, daily_goal_minutes = 60, study_from = ''18:00'', study_until = ''19:00'', study_weekdays = ''{1, 2}''');
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 3) $$, $$ values
  ('review - 23 18:00-18:15 60 reviews_due'), ('path plan-heart 23 18:25-18:40 15 next_on_path'), ('path plan-lung 23 18:50-19:00 10 next_on_path'),
  ('review - 24 18:00-18:10 30 reviews_due'), ('practice plan-bone 24 18:20-18:35 15 weakest_topic'), ('path plan-heart 24 18:45-19:00 15 next_on_path') $$,
  'inside one''s hours and weekdays, in blocks of one''s length');
-- A learner's day from four: 01:00 still belongs to Monday.
select pg_temp.wish((select learner from who), 'day_start_hour = 4, study_from = ''01:00'', study_until = ''02:00'', study_weekdays = ''{1, 2, 3}'', daily_goal_minutes = 10');
select results_eq($$ select pg_temp.draft((select learner from who), '2026-03-23 06:00+00', 2) $$, $$ values
  ('review - 24 01:00-01:15 60 reviews_due'), ('path plan-heart 24 01:25-01:35 10 next_on_path'),
  ('review - 25 01:00-01:10 30 reviews_due'), ('path plan-lung 25 01:20-01:30 10 next_on_path') $$, 'after midnight what fell due the day before');
delete from study.learner_settings where user_id = (select learner from who);
update core.profiles set time_zone = 'Pacific/Auckland' where id = (select learner from who);
select is((select min(starts_at) from private.study_draft_plan((select learner from who), 2, '2026-03-23 12:00+00')), '2026-03-23 19:00+00'::timestamptz, 'somewhere else the morning is another');
update core.profiles set time_zone = 'Europe/London' where id = (select learner from who);

-- New cards, limits, pace ------------------------------------------------------------------------------------------
insert into study.sm2_review_cards (user_id, source, front, back, due_on) select paced, 'note', 'front', 'back', '2026-03-23' from who, generate_series(1, 50);
delete from study.learner_settings where user_id = (select paced from who);
select results_eq($$ select d.block from pg_temp.draft((select paced from who), '2026-03-23 06:00+00', 4) as d where d.block like 'review%' $$, $$ values
  ('review - 23 08:00-08:10 20 reviews_due'), ('review - 24 08:00-08:10 20 reviews_due'), ('review - 25 08:00-08:10 10 reviews_due') $$, 'new cards, as many as one learns in a day');
delete from study.sm2_review_cards where user_id = (select paced from who);
select pg_temp.cards((select paced from who), '2026-03-23', 3000);
select pg_temp.wish((select paced from who), 'reviews_per_day = 9999, block_minutes = 180');
select is((select sum(ends_at - starts_at) from private.study_draft_plan((select paced from who), 1, '2026-03-23 06:00+00')), '4 hours'::interval, 'no day is filled up with more than four hours');
select is((select seconds_a_review from private.study_pace((select paced from who))), 12::double precision, 'whose pace is not known has the usual one');
insert into study.review_logs (card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, interval_days, due_at, duration_ms, study_day, reviewed_at)
select c.id, c.user_id, 1, 'fsrs', 3, 'review', '{}', 5, 5, now(), 60000, '2026-03-20', '2026-03-20' from study.sm2_review_cards as c where c.user_id = (select paced from who) limit 200;
select is(round((select seconds_a_review from private.study_pace((select paced from who)))::numeric, 2), round((20 * 12 + 200 * 60) / 220.0, 2), 'who takes longer is given longer');
select is((select max(planned_count) from private.study_draft_plan((select paced from who), 1, '2026-03-23 06:00+00')), floor(180 * 60 / (12240 / 220.0))::integer, 'and fewer cards');

-- Whoever it is, and whatever he is busy with ----------------------------------------------------------------------
create temp table crowd as select tests.create_user(format('plan-%s@study.local', n)) as id, n from generate_series(1, 40) as n;
do $$
declare
  v record;
begin
  perform setseed(0.42);
  for v in select * from crowd order by n loop
    update core.profiles set time_zone = (array['Europe/London', 'America/New_York', 'Pacific/Apia', 'Asia/Kathmandu', 'Australia/Lord_Howe'])[1 + v.n % 5] where id = v.id;
    insert into study.learner_settings (user_id, day_start_hour, daily_goal_minutes, study_from, study_until, study_weekdays, block_minutes, reviews_per_day)
    values (v.id, floor(random() * 7), 10 + floor(random() * 200), make_time(floor(random() * 12)::integer, floor(random() * 60)::integer, 0),
      make_time(13 + floor(random() * 11)::integer, floor(random() * 60)::integer, 0), case when random() < 0.5 then '{1,2,3,4,5,6,7}' else '{2,4,7}' end::smallint[],
      10 + floor(random() * 171), 50 + floor(random() * 300));
    insert into private.test_busy select v.id, tstzrange(s.at, s.at + random() * interval '5 hours')
    from (select timestamptz '2026-03-25 00:00+00' + random() * interval '9 days' as at from generate_series(1, 25)) as s;
    perform pg_temp.cards(v.id, '2026-03-26'::date + floor(random() * 7)::integer, floor(random() * 300)::integer) from generate_series(1, 4);
    perform private.study_plan(v.id, 7, '2026-03-26 05:00+00');
    -- Half of them accept some, dismiss some, and ask again two days later.
    if v.n % 2 = 0 then
      update study.plan_blocks as b set status = case when random() < 0.5 then 'accepted' else 'dismissed' end where b.user_id = v.id and random() < 0.5;
      insert into private.test_busy select v.id, tstzrange('2026-03-30 09:00+00', '2026-03-30 16:00+00');
      perform private.study_plan(v.id, 7, '2026-03-28 05:00+00');
    end if;
  end loop;
end;
$$;
create temp view planned as select b.*, c.n, case when c.n % 2 = 0 then timestamptz '2026-03-28 05:00+00' else '2026-03-26 05:00+00' end as planned_at
  from study.plan_blocks as b join crowd as c on c.id = b.user_id where b.status = 'suggested';
select cmp_ok((select count(*) from planned), '>', 200::bigint, 'forty learners have plans');
select is_empty($$ select p.n, p.starts_at from planned as p join private.test_busy as b on b.user_id = p.user_id and b.times && tstzrange(p.starts_at, p.ends_at) $$, 'nothing is suggested while one is busy');
select is_empty($$ select p.n, p.starts_at from planned as p join study.plan_blocks as k on k.user_id = p.user_id and k.id <> p.id and k.status <> 'missed' and tstzrange(k.starts_at, k.ends_at) && tstzrange(p.starts_at, p.ends_at) $$,
  'nor where anything else is planned or was dismissed');
select is_empty($$ select p.n, p.starts_at from planned as p join study.plan_blocks as k on k.user_id = p.user_id and k.id <> p.id and k.status in ('suggested', 'accepted')
  and (private.study_day(k.user_id, k.starts_at) = private.study_day(p.user_id, p.starts_at)) and k.starts_at >= p.ends_at and k.starts_at < p.ends_at + interval '10 minutes' $$, 'there is a pause between two');
select is_empty($$ select p.n, p.starts_at, z from planned as p join study.learner_settings as s on s.user_id = p.user_id join core.profiles as f on f.id = p.user_id
  cross join lateral (values (p.starts_at at time zone f.time_zone), ((p.ends_at - interval '1 second') at time zone f.time_zone)) as l (z)
  where not (l.z::time between s.study_from and s.study_until and extract(isodow from l.z)::smallint = any (s.study_weekdays)) $$, 'all of it in the hours and on the weekdays of the learner''s clock');
select is_empty($$ select p.n, p.starts_at, p.ends_at from planned as p join study.learner_settings as s on s.user_id = p.user_id
  where p.ends_at - p.starts_at not between interval '10 minutes' and make_interval(mins => greatest(s.block_minutes, 10)) or p.planned_count < 1
    or extract(epoch from p.starts_at)::integer % 300 <> 0 or extract(epoch from p.ends_at)::integer % 300 <> 0 or p.starts_at < p.planned_at + interval '15 minutes' $$, 'in blocks of the right length');
select is_empty($$ select k.user_id from study.plan_blocks as k join crowd as c on c.id = k.user_id group by k.user_id, private.study_day(k.user_id, k.starts_at)
  having sum(k.ends_at - k.starts_at) filter (where k.status = 'suggested') > interval '4 hours' $$, 'and of four hours a day at most');

select * from finish();
rollback;
