-- Analytics: days are noted, summed and summed again, from what was answered and reviewed; months are made ahead.
begin;
select plan(65);

create temp table who as
select tests.create_user('an-ann@example.org') as ann, tests.create_user('an-ben@example.org') as ben, tests.create_user('an-kim@example.org') as kim;
grant select on who to public;
update core.profiles set time_zone = 'Pacific/Kiritimati' where id = (select kim from who);
insert into core.topics (slug, name) values ('an-heart', 'Heart'), ('an-kidney', 'Kidney');
create temp table q as
select tests.sh_question(ben, heart.id) as heart, tests.sh_question(ben, heart.id) as heart2, tests.sh_question(ben, kidney.id) as kidney,
  tests.sh_question(ben) as none, heart.id as heart_id, kidney.id as kidney_id
from who, core.topics as heart, core.topics as kidney where heart.slug = 'an-heart' and kidney.slug = 'an-kidney';
grant select on q to public;
delete from study.analytics_queue;

-- Months
select is(
  (select count(*) from pg_inherits as i join pg_class as c on c.oid = i.inhrelid where i.inhparent = p.name::regclass and c.relispartition),
  5::bigint, p.name || ' has this month, three more and a default one'
) from (values ('study.study_sessions'), ('study.performance_metrics'), ('study.retention_analytics')) as p (name);
select is(
  (select string_agg(pg_get_expr(c.relpartbound, c.oid), '; ') from pg_class as c where c.oid = to_regclass('study.performance_metrics_' || to_char(now() at time zone 'UTC', 'YYYY_MM'))),
  format('FOR VALUES FROM (%L) TO (%L)', date_trunc('month', now() at time zone 'UTC')::date, (date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date),
  'a month of dates begins on its first day'
);
select is(
  (select string_agg(pg_get_expr(c.relpartbound, c.oid), '; ') from pg_class as c where c.oid = to_regclass('study.study_sessions_' || to_char(now() at time zone 'UTC', 'YYYY_MM'))),
  format('FOR VALUES FROM (%L) TO (%L)', (date_trunc('month', now() at time zone 'UTC') at time zone 'UTC')::text, ((date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC')::text),
  'one of moments at midnight UTC'
);
select is(private.ensure_month_partition('study', 'performance_metrics', '2997-02-11'), true, 'another month is made');
select is(private.ensure_month_partition('study', 'performance_metrics', '2997-02-28'), false, 'once');
set local timezone = 'America/New_York';
select is(private.ensure_month_partition('study', 'performance_metrics', '2997-05-01') and private.ensure_month_partition('study', 'study_sessions', '2997-05-01'), true, 'whatever the clock of the server');
set local timezone = 'UTC';
select is((select string_agg(pg_get_expr(c.relpartbound, c.oid), '; ' order by c.relname) from pg_class as c where c.relname in ('performance_metrics_2997_05', 'study_sessions_2997_05') and c.relkind = 'r'),
  'FOR VALUES FROM (''2997-05-01'') TO (''2997-06-01''); FOR VALUES FROM (''2997-05-01 00:00:00+00'') TO (''2997-06-01 00:00:00+00'')', 'with the same bounds');
select is(ops.ensure_partitions(), 0, 'and the coming ones are there');

-- Notes
select lives_ok($$ select private.study_mark_day(ann, array['2026-03-02', '2026-03-01', '2026-03-02', null]::date[]) from who $$, 'days are noted');
select lives_ok($$ select private.study_mark_day(ann, '{}'), private.study_mark_day(ann, null) from who $$, 'none, too');
select results_eq($$ select study_day::text from study.analytics_queue order by id $$, $$ values ('2026-03-01'), ('2026-03-02') $$, 'each once, without what is none');
select is(private.study_sum_days(), 2, 'both are summed');
select is((select count(*) from study.performance_metrics where user_id = (select ann from who)), 0::bigint, 'to nothing, as nothing was done');
select is((select count(*) from study.analytics_queue), 0::bigint, 'and are noted no more');
select is(private.study_sum_days(), 0, 'then there is nothing to do');

-- Answers
create temp table s as select tests.sh_session(ann, '2026-03-10 09:00+00') as tutor, tests.sh_session(ann, '2026-03-10 20:00+00', 'active') as active from who;
select tests.sh_answer(ann, heart, '2026-03-10 09:01+00', true, tutor), tests.sh_answer(ann, heart2, '2026-03-10 09:02+00', false, tutor, 40000),
  tests.sh_answer(ann, kidney, '2026-03-10 09:03+00', null, tutor, 1000), tests.sh_answer(ann, none, '2026-03-10 09:04+00', true, tutor),
  tests.sh_answer(ann, heart, '2026-03-10 20:01+00', true, active), tests.sh_answer(ben, heart, '2026-03-10 09:01+00', false)
from q, s, who;
select is(private.study_sum_days(), 2, 'two learners, one day each');
create temp view metrics as
select m.metric_date, coalesce(t.slug::text, 'none') as topic, m.questions_attempted as n, m.questions_correct as r, m.questions_skipped as k, m.time_taken_ms as ms,
  m.accuracy_rate as a, m.avg_time_per_question as s
from study.performance_metrics as m left join core.topics as t on t.id = m.topic_id where m.user_id = (select ann from who);
select results_eq(
  $$ select metric_date::text, topic, n, r, k, ms, round(a::numeric, 3), round(s::numeric, 1) from metrics order by topic $$,
  $$ values ('2026-03-10', 'an-heart', 3, 2, 0, 80000::bigint, 0.667, 26.7), ('2026-03-10', 'an-kidney', 0, 0, 1, 1000, null, null), ('2026-03-10', 'none', 1, 1, 0, 20000, 1.000, 20.0) $$,
  'by topic: a skip is no answer, accuracy of nothing is none'
);
select is((select questions_attempted from study.performance_metrics where user_id = (select ben from who)), 1, 'each learner his own');
create temp table before_again as select m.tableoid as part, m.ctid as place, m.* from study.performance_metrics as m;
select private.study_mark_day(ann, '{2026-03-10}'::date[]) from who;
select is(private.study_sum_days(), 1, 'summed again');
select is_empty(
  $$ (table before_again except select m.tableoid, m.ctid, m.* from study.performance_metrics as m)
     union all (select m.tableoid, m.ctid, m.* from study.performance_metrics as m except table before_again) $$, 'it is the same, and not even touched');
select tests.sh_answer(ann, heart, '2026-03-10 23:59:59+00', false) from who, q;
select tests.sh_answer(ann, heart, '2026-03-11 00:00+00', false) from who, q;
select is(private.study_sum_days(), 2, 'midnight parts days');
select results_eq($$ select metric_date::text, n, r from metrics where topic = 'an-heart' order by 1 $$, $$ values ('2026-03-10', 4, 2), ('2026-03-11', 1, 0) $$, 'late answers are added');
update study.user_question_attempts set topic_id = (select kidney_id from q) where user_id = (select ann from who) and study_day = '2026-03-11';
select private.study_mark_day(ann, '{2026-03-11}'::date[]) from who;
select is(private.study_sum_days(), 1, 'a topic that is another one now');
select results_eq($$ select topic, n from metrics where metric_date = '2026-03-11' $$, $$ values ('an-kidney', 1) $$, 'takes its answers along');
select is((select updated_at from study.performance_metrics where user_id = (select ann from who) and metric_date = '2026-03-10' and questions_skipped = 1),
  (select updated_at from before_again where user_id = (select ann from who) and questions_skipped = 1), 'and leaves the others alone');

-- The learner's day, wherever he is: Kiritimati is fourteen hours ahead.
select tests.sh_answer(kim, heart, '2026-03-10 09:59:59+00') from who, q;
select tests.sh_answer(kim, heart, '2026-03-10 10:00+00', false) from who, q;
select tests.sh_answer(kim, heart, '2026-03-11 09:59:59+00') from who, q;
update core.profiles set time_zone = 'Etc/GMT+12' where id = (select kim from who);
insert into study.learner_settings (user_id, day_start_hour) select kim, 6 from who;
select tests.sh_answer(kim, heart, '2026-03-21 17:59:59+00') from who, q;
select tests.sh_answer(kim, heart, '2026-03-21 18:00+00', false) from who, q;
select is(private.study_sum_days(), 4, 'four days of somebody who moved to the other end of the clock');
select results_eq(
  $$ select metric_date::text, questions_attempted, questions_correct from study.performance_metrics where user_id = (select kim from who) order by 1 $$,
  $$ values ('2026-03-10', 1, 1), ('2026-03-11', 2, 1), ('2026-03-20', 1, 1), ('2026-03-21', 1, 0) $$, 'as they were on his own clock'
);

-- Experience goes to the topic of the answer that earned it.
insert into study.xp_transactions (user_id, amount, source, source_key, metadata, study_day, created_at)
select a.user_id, 10, 'question_answered', a.question_id || ':' || a.study_day, jsonb_build_object('attempt_id', a.id), a.study_day, a.answered_at
from study.user_question_attempts as a where a.user_id = (select ann from who) and a.answered_at in ('2026-03-10 09:01+00', '2026-03-10 09:04+00');
select private.study_mark_day(ann, '{2026-03-10}'::date[]) from who;
select is(private.study_sum_days(), 1, 'what was earned');
select results_eq(
  $$ select coalesce(t.slug::text, 'none'), m.xp_earned from study.performance_metrics as m left join core.topics as t on t.id = m.topic_id
     where m.user_id = (select ann from who) and m.metric_date = '2026-03-10' order by 1 $$,
  $$ values ('an-heart', 10), ('an-kidney', 0), ('none', 10) $$, 'once, although the question was answered three times'
);

-- Sittings
select results_eq(
  $$ select session_type, study_day::text, questions_answered, questions_correct, duration_seconds, ended_at, (activity_data ->> 'questions_skipped')::integer
     from study.study_sessions where id = (select tutor from s) $$,
  $$ values ('tutor', '2026-03-10', 3, 2, 600, '2026-03-10 09:10+00'::timestamptz, 1) $$, 'a session that is over is a sitting'
);
select is((select count(*) from study.study_sessions where id = (select active from s)), 0::bigint, 'one that goes on is none');
select is((select count(*) from study.analytics_queue), 0::bigint, 'nothing waits');
update study.practice_sessions set last_activity_at = now() where id = (select active from s);
select is((select count(*) from study.analytics_queue), 0::bigint, 'nor for a session that goes on');
update study.practice_sessions set status = 'abandoned', running_since = null, completed_at = '2026-03-20 00:00+00' where id = (select active from s);
select is((select string_agg(study_day::text, ',') from study.analytics_queue), '2026-03-10', 'its end notes the days of its answers');
select is(private.study_sum_days(), 1, 'which are summed');
select results_eq($$ select status, ended_at from study.study_sessions as u, jsonb_to_record(u.activity_data) as d (status text) where id = (select active from s) $$,
  $$ values ('abandoned', '2026-03-10 20:01+00'::timestamptz) $$, 'one that was left ended with its last answer');
create temp table empty_session as select tests.sh_session(ann, '2026-03-12 09:00+00', 'active') as id from who;
update study.practice_sessions set status = 'completed', running_since = null, completed_at = started_at where id = (select id from empty_session);
select is((select count(*) from study.analytics_queue), 0::bigint, 'a session without an answer is none');
create temp table long_session as select tests.sh_session(ann, '2026-03-14 23:50+00') as id from who;
select tests.sh_answer(ann, heart, '2026-03-14 23:55+00', true, l.id), tests.sh_answer(ann, kidney, '2026-03-15 00:05+00', true, l.id) from who, q, long_session as l;
select is(private.study_sum_days(), 2, 'a session over midnight');
select results_eq($$ select study_day::text, questions_answered from study.study_sessions where id = (select id from long_session) $$, $$ values ('2026-03-14', 2) $$, 'is one sitting, of the day it began on');

-- Recall
create temp table c as select tests.sh_card(ann, '2026-04-01') as one, tests.sh_card(ann, '2026-04-01', 30) as two from who;
create temp table r as
select tests.sh_review(one, '2026-04-01 08:00+00', 3, 10, 11, 0.88) as a, tests.sh_review(two, '2026-04-01 08:05+00', 1, 30, 30, 0.9) as b,
  tests.sh_review(one, '2026-04-01 09:00+00', 4, 10, 0, null) as d, tests.sh_review(two, '2026-04-01 09:20+00', 3, 0, 0, null, 'relearning') as e from c;
select is(private.study_sum_days(), 1, 'reviews of a day');
create temp view recall as
select cards_reviewed as n, cards_correct as r, young_reviewed as yn, young_correct as yr, mature_reviewed as mn, mature_correct as mr, expected_count as en, expected_correct as er,
  round(expected_sum::numeric, 2) as es, interval_buckets as b, duration_ms as ms, round(retention_rate::numeric, 3) as rate
from study.retention_analytics where user_id = (select ann from who) and retention_date = '2026-04-01';
select results_eq('select n, r, yn, yr, mn, mr, en, er, es, ms, rate from recall', $$ values (3, 2, 2, 2, 1, 0, 2, 1, 1.78, 15000::bigint, 0.667) $$,
  'learning steps do not count; young and mature by the interval; what FSRS expected, of what it foresaw');
select is((select b from recall), '{"1": [1, 1], "8": [1, 1], "16": [1, 0]}', 'the curve, by days since the review before');
select results_eq(
  $$ select started_at, ended_at, cards_reviewed, duration_seconds, (activity_data ->> 'forgotten')::integer from study.study_sessions where user_id = (select ann from who) and session_type = 'cards' order by 1 $$,
  $$ values ('2026-04-01 08:00+00'::timestamptz, '2026-04-01 08:05+00'::timestamptz, 2, 10, 1), ('2026-04-01 09:00+00', '2026-04-01 09:20+00', 2, 10, 0) $$,
  'a pause of more than half an hour parts sittings'
);
update study.review_logs set undone_at = now() where id = (select d from r);
select private.study_mark_day(ann, '{2026-04-01}'::date[]) from who;
select is(private.study_sum_days(), 1, 'a review that was undone');
select results_eq('select n, r, b from recall', $$ values (2, 1, '{"8": [1, 1], "16": [1, 0]}'::jsonb) $$, 'is gone from the sums');
select results_eq($$ select started_at, cards_reviewed from study.study_sessions where user_id = (select ann from who) and session_type = 'cards' order by 1 $$,
  $$ values ('2026-04-01 08:00+00'::timestamptz, 2), ('2026-04-01 09:20+00', 1) $$, 'the sitting begins with the next');
update study.review_logs set undone_at = now() where user_id = (select ann from who);
select private.study_mark_day(ann, '{2026-04-01}'::date[]) from who;
select is(private.study_sum_days(), 1, 'when all are undone');
select is_empty('select * from recall', 'nothing is left of the day');
select is((select count(*) from study.study_sessions where user_id = (select ann from who) and session_type = 'cards'), 0::bigint, 'nor a sitting');
select is((select count(*) from (
  select e.days, (1 << least(15, length(ltrim(greatest(1, e.days)::bit(32)::text, '0')) - 1)) as bucket from unnest('{0,1,2,3,4,7,8,31,32,63,64,1023,1024,32767,32768,36500}'::integer[]) as e (days)
) as b where not (greatest(1, days) >= bucket and (days < 2 * bucket or bucket = 32768))), 0::bigint, 'each bucket holds what is below the next power of two');
select tests.sh_review(one, '2026-04-02 08:00+00', 3, 10, n) from c, unnest('{0,1,2,3,4,7,8,31,32,63,64,1023,1024,32767,32768,36500}'::integer[]) as n;
select is(private.study_sum_days(), 1, 'long intervals');
select is((select interval_buckets from study.retention_analytics where user_id = (select ann from who) and retention_date = '2026-04-02'),
  '{"1": [2, 2], "2": [2, 2], "4": [2, 2], "8": [1, 1], "16": [1, 1], "32": [2, 2], "64": [1, 1], "512": [1, 1], "1024": [1, 1], "16384": [1, 1], "32768": [2, 2]}', 'lie in the bucket of their power of two');

-- Who may
select tests.as_user((select ann from who));
select throws_ok($$ select private.study_mark_day(auth.uid(), '{2026-01-01}') $$, '42501', null, 'no client notes days');
select throws_ok($$ select private.study_sum_days() $$, '42501', null, 'nor sums them');
select throws_ok($$ select * from study.analytics_queue $$, '42501', null, 'nor reads what waits');
select throws_ok($$ insert into study.performance_metrics (user_id, metric_date, topic_id) select auth.uid(), now(), auth.uid() $$, '42501', null, 'nor writes sums');
select throws_ok(format('select * from study.performance_metrics_%s', to_char(now() at time zone 'UTC', 'YYYY_MM')), '42501', null, 'nor reads a month by its name');
select throws_ok($$ select * from study.retention_analytics_default $$, '42501', null, 'nor the default one');
select is(tests.count_of('select from study.performance_metrics where user_id <> auth.uid()'), 0::bigint, 'of others one sees nothing');
select ok(tests.count_of('select from study.performance_metrics') > 0, 'one''s own one sees');
select tests.as_anon();
select throws_ok($$ select * from study.study_sessions $$, '42501', null, 'nobody without an account');

-- Erasure
select tests.as_owner();
select tests.sh_answer(ann, heart, now()) from who, q;
delete from auth.users where id = (select ann from who);
select is((select count(*) from study.performance_metrics where user_id = (select ann from who)) + (select count(*) from study.study_sessions where user_id = (select ann from who))
  + (select count(*) from study.retention_analytics where user_id = (select ann from who)) + (select count(*) from study.analytics_queue where user_id = (select ann from who)),
  0::bigint, 'sums and notes go with their person');
select is(private.study_sum_days(), 0, 'and nothing comes of it');

select * from finish();
rollback;
