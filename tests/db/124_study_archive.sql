-- Months that are put away: whole, once, with what comes late; found by exports, reached by erasure, read by nobody else.
begin;
select plan(46);

create temp table who as select tests.create_user('ar-ann@example.org') as ann, tests.create_user('ar-ben@example.org') as ben;
grant select on who to public;
create temp table t as select gen_random_uuid() as heart;
grant select on t to public;

-- A year ago by a fixed calendar: 2001-05, 2001-06 have months of their own, 2001-04 lies in the default one.
select private.ensure_month_partition('study', p.name, m.month::date)
from (values ('performance_metrics'), ('study_sessions'), ('retention_analytics')) as p (name), (values ('2001-05-01'), ('2001-06-01')) as m (month);
insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct)
select p.id, d.day::date, t.heart, 4, 3 from who, t, (select ann from who union all select ben from who) as p (id),
  (values ('2001-04-30'), ('2001-05-01'), ('2001-05-31'), ('2001-06-01')) as d (day);
insert into study.study_sessions (id, user_id, started_at, ended_at, session_type, study_day, duration_seconds)
select gen_random_uuid(), ann, d.at::timestamptz, d.at::timestamptz, 'tutor', d.at::date, 60
from who, (values ('2001-04-30 23:59:59+00'), ('2001-05-01 00:00+00'), ('2001-05-31 23:59:59+00'), ('2001-06-01 00:00+00')) as d (at);
insert into study.retention_analytics (user_id, retention_date, cards_reviewed, cards_correct, young_reviewed, young_correct)
select ann, '2001-05-07', 2, 1, 2, 1 from who;
select is((select count(*) from study.performance_metrics_default), 2::bigint, 'April has no month of its own');
-- The module's own are for another day.
delete from ops.retention_policies where table_name in ('performance_metrics', 'study_sessions', 'retention_analytics');
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action) values
  ('ar_metrics', 'study', 'performance_metrics', 'metric_date', now() - '2001-06-15', 'detach_partition'),
  ('ar_sessions', 'study', 'study_sessions', 'started_at', now() - '2001-06-15', 'detach_partition'),
  ('ar_recall', 'study', 'retention_analytics', 'retention_date', now() - '2001-06-15', 'detach_partition');
select throws_ok($$ update ops.retention_policies set action = 'burn' where name = 'ar_recall' $$, '23514', null, 'a policy does what there is');

-- The first run
create temp table run1 as select ops.apply_retention() as done;
select is((select done ->> 'ar_metrics' from run1), '6', 'two months of two people are put away, with the rows of the default one');
select is((select done ->> 'ar_sessions' from run1), '3', 'months of moments, too');
select is((select done ->> 'ar_recall' from run1), '1', 'and of recall');
select results_eq(
  $$ select name, month::text from ops.archived_partitions where table_name = 'performance_metrics' order by month $$,
  $$ values ('study_performance_metrics_2001_04', '2001-04-01'), ('study_performance_metrics_2001_05', '2001-05-01') $$, 'each month is listed'
);
select is((select count(*) from archive.study_performance_metrics_2001_04), 2::bigint, 'April is there');
select is((select count(*) from archive.study_performance_metrics_2001_05), 4::bigint, 'May is there');
select is((select accuracy_rate from archive.study_performance_metrics_2001_04 limit 1), 0.75::double precision, 'with what is generated');
select is((select accuracy_rate from archive.study_performance_metrics_2001_05 limit 1), 0.75::double precision, 'in both');
select results_eq($$ select started_at from archive.study_study_sessions_2001_05 order by 1 $$,
  $$ values ('2001-05-01 00:00+00'::timestamptz), ('2001-05-31 23:59:59+00') $$, 'a month of moments is one in UTC');
select results_eq($$ select metric_date::text from study.performance_metrics where user_id = (select ann from who) $$, $$ values ('2001-06-01') $$, 'what is younger stays');
select is(to_regclass('study.performance_metrics_2001_05'), null, 'nothing is left in study');
select is((select count(*) from pg_inherits as i join pg_class as c on c.oid = i.inhrelid join pg_namespace as n on n.oid = c.relnamespace where n.nspname = 'archive' and c.relkind = 'r'), 0::bigint, 'nor attached to it');

-- The second
create temp table run2 as select ops.apply_retention() as done;
select is((select array[done ->> 'ar_metrics', done ->> 'ar_sessions', done ->> 'ar_recall'] from run2), '{0,0,0}', 'a second run does nothing');
select is((select count(*) from archive.study_performance_metrics_2001_05), 4::bigint, 'and loses nothing');
select is((select count(*) from ops.retention_policies where name like 'ar\_%' and last_error is not null), 0::bigint, 'and nothing failed');

-- What comes late
select lives_ok($$ insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ann, '2001-05-15', heart, 1, 1 from who, t $$,
  'an insert into a month that is gone is taken');
select lives_ok($$ insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ann, '2001-05-31', heart, 9, 9 from who, t $$,
  'also for a day that is there');
select lives_ok($$ insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ann, '1999-12-31', heart, 1, 0 from who, t $$,
  'and for a month that never was');
select is((ops.apply_retention() ->> 'ar_metrics'), '3', 'the next run puts them away');
select results_eq($$ select metric_date::text, questions_attempted from archive.study_performance_metrics_2001_05 where user_id = (select ann from who) order by 1 $$,
  $$ values ('2001-05-01', 4), ('2001-05-15', 1), ('2001-05-31', 9) $$, 'beside the others, the later in place of the earlier');
select is((select count(*) from archive.study_performance_metrics_1999_12), 1::bigint, 'into a month made for it');
select is((select count(*) from study.performance_metrics_default), 0::bigint, 'the default one is empty');
select is(private.ensure_month_partition('study', 'performance_metrics', '2001-05-01'), true, 'a month that is made once more');
insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ben, '2001-05-20', heart, 2, 2 from who, t;
select is((ops.apply_retention() ->> 'ar_metrics'), '1', 'is put away, too');
select is((select count(*) from archive.study_performance_metrics_2001_05), 6::bigint, 'into the one that is there');
select is(to_regclass('study.performance_metrics_2001_05'), null, 'and is gone');
select throws_ok($$ insert into archive.study_performance_metrics_2001_05 (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ann, '2001-05-01', heart, 1, 1 from who, t $$,
  '23505', null, 'a day is there once');
select throws_ok($$ insert into archive.study_performance_metrics_1999_12 (user_id, metric_date, topic_id, questions_attempted, questions_correct) select ann, '1999-12-01', heart, 1, 2 from who, t $$,
  '23514', null, 'checks hold in a month made for rows');
select throws_ok($$ insert into archive.study_performance_metrics_1999_12 (user_id, metric_date, topic_id) select gen_random_uuid(), '1999-12-01', heart from t $$,
  '23503', null, 'keys, too');

-- Who may
select is((select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where n.nspname = 'archive' and c.relkind = 'r' and not c.relrowsecurity), 0::bigint, 'row level security is on');
select is((select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = 'archive' and c.relkind = 'r' and (has_table_privilege('authenticated', c.oid, 'select') or has_table_privilege('service_role', c.oid, 'select'))), 0::bigint, 'nobody has any right');
select tests.as_user((select ann from who));
select throws_ok($$ select * from archive.study_performance_metrics_2001_05 $$, '42501', null, 'no learner reads there');
select throws_ok($$ select * from ops.archived_partitions $$, '42501', null, 'nor the list');
select tests.as_service();
select throws_ok($$ select * from archive.study_performance_metrics_2001_05 $$, '42501', null, 'nor a service');
select ok(tests.count_of('select from ops.archived_partitions') >= 5, 'which may see the list');
select tests.as_owner();

-- The person's rights
insert into ops.privacy_sources (table_schema, table_name, user_column, columns) values ('study', 'performance_metrics', 'user_id', '{metric_date,questions_attempted}')
on conflict (table_schema, table_name, user_column) do update set columns = excluded.columns;
select is((
  select jsonb_agg(e.row ->> 'metric_date' order by e.row ->> 'metric_date')
  from jsonb_array_elements(ops.export_user_data((select ann from who)) -> 'data' -> 'study.performance_metrics') as e (row)
), '["1999-12-31", "2001-04-30", "2001-05-01", "2001-05-15", "2001-05-31", "2001-06-01"]', 'an export holds months that were put away');
select is((
  select count(*) from jsonb_array_elements(ops.export_user_data((select ben from who)) -> 'data' -> 'study.performance_metrics') as e (row)
), 5::bigint, 'of the one person');
delete from auth.users where id = (select ann from who);
select is((select count(*) from archive.study_performance_metrics_2001_05 where user_id = (select ann from who)), 0::bigint, 'erasure reaches a month that was detached');
select is((select count(*) from archive.study_performance_metrics_2001_04 where user_id = (select ann from who)), 0::bigint, 'one that was made');
select is((select count(*) from archive.study_study_sessions_2001_05 where user_id = (select ann from who)), 0::bigint, 'sittings');
select is((select count(*) from archive.study_retention_analytics_2001_05), 0::bigint, 'and recall');
select is((select count(*) from archive.study_performance_metrics_2001_05 where user_id = (select ben from who)), 3::bigint, 'of nobody else');

-- Other actions go on as before
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action) values
  ('ar_drop', 'study', 'study_sessions', 'started_at', now() - '2001-07-15', 'drop_partition');
select is((ops.apply_retention() ->> 'ar_drop'), '0', 'dropping drops');
select is(to_regclass('study.study_sessions_2001_06'), null, 'a whole month');

select * from finish();
rollback;
