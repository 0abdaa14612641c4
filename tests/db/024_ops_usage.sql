-- Usage, AI calls and metrics; tasks, partitions and retention.
begin;
select plan(54);

create temp table p as select tests.create_user('usage@test.local') as id;
grant select on p to public;

-- Usage -------------------------------------------------------------------------------------------------------

select tests.as_service();
select lives_ok(format($$ select core.record_api_usage('/rest/v1/x', %L, 200, 12, (select id from p), 1, 2, '203.0.113.9') $$, method),
  method || ' is a method') from unnest(array['GET', 'HEAD', 'options', 'PATCH']) as method;
select is((select count(*) from ops.api_usage as u, p where u.user_id = p.id and u.client_network = '203.0.113.0/24'), 4::bigint,
  'requests are recorded, with the network');
select lives_ok($$ select core.record_api_usage('/x', 'GET') $$, 'a stranger''s, too');
select lives_ok($$ select core.record_api_usage('/x', 'GET', p_user_id => gen_random_uuid()) $$, 'and one whose account is gone');
select throws_ok($$ select core.record_api_usage('/x', 'no method') $$, '23514', null, 'nonsense is not');

select lives_ok(format($$ select core.record_ai_call(p_provider => 'openai', p_model => 'm', p_purpose => 'qa.generate', p_status => %L,
    p_prompt_tokens => 10, p_completion_tokens => 5, p_cost_micro_usd => 123, p_latency_ms => 900, p_prompt_hash => repeat('a', 64),
    p_prompt_length => 40, p_error_code => %L, p_user_id => (select id from p), p_resource_type => 'question', p_resource_id => gen_random_uuid()) $$,
  status, nullif(case status when 'success' then '' else 'e' end, '')), status || ' is an outcome')
from unnest(array['success', 'failed', 'timeout', 'rate_limited', 'refused', 'malformed']) as status;
select is((select c.cost_micro_usd from ops.ai_calls as c where c.id = core.record_ai_call('p', 'm', 'x', 'success')), null,
  'a cost that nobody knows is none, and not nothing');
select throws_ok($$ select core.record_ai_call('p', 'm', 'x', 'maybe') $$, '23514', null, 'another one is not');
select throws_ok($$ select core.record_ai_call('p', 'm', 'x', 'success', p_prompt_hash => 'the prompt itself') $$, '23514', null,
  'a prompt is no hash');
select throws_ok($$ select core.record_ai_call('p', 'm', 'x', 'success', p_cost_micro_usd => -1) $$, '23514', null, 'nothing costs less than nothing');
select tests.as_owner();
delete from auth.users where id = (select id from p);
select is((select count(*) from ops.ai_calls where user_id is null and purpose = 'qa.generate'), 6::bigint, 'calls outlive the account, without it');
select is((select sum(cost_micro_usd) from ops.ai_calls where purpose = 'qa.generate'), 738::numeric, 'and so does what they cost');

-- Metrics -----------------------------------------------------------------------------------------------------

select ops.record_metric('test.latency', g) from generate_series(1, 1000) as g;
select ops.record_metric('test.latency', 5, '{"model": "b"}'), ops.record_metric('test.latency', -3, '{"model": "c"}');
select is(ops.rollup_metrics() >= 3, true, 'hours are rolled up');
select is(ops.rollup_metrics(), 0, 'once');
select is((select (r.points, r.total, r.minimum, r.maximum) from ops.metric_rollups as r where r.name = 'test.latency' and r.labels = '{}'),
  row(1000::bigint, 500500::double precision, 1::double precision, 1000::double precision), 'count, sum and extremes are exact');
select ok(abs(ops.metric_percentile('test.latency', q, now() - interval '1 day', now(), '{}') / (q * 1000) - 1) < 0.011,
  format('p%s is right to within one percent', q * 100)) from unnest(array[0.5, 0.95, 0.99]) as q;
select is(ops.metric_percentile('test.latency', 0.5, now() - interval '1 day', now(), '{"model": "c"}'), 0::double precision, 'what is not positive counts as zero');
select ops.record_metric('test.latency', 7, '{"model": "b"}');
select is(ops.rollup_metrics(), 1, 'a late point is added');
select is(ops.metric_percentile('test.none', 0.5, now() - interval '1 day', now()), null, 'no points, no percentile');
select throws_ok($$ select ops.record_metric('test.latency', 'NaN') $$, '23514', null, 'a number that is none is refused');

-- Tasks -------------------------------------------------------------------------------------------------------

update ops.scheduled_tasks set is_enabled = false;
create function private.test_task() returns integer language sql as 'select 7';
create function private.test_task_fails() returns integer language plpgsql as $$
begin insert into ops.metrics (name, value) values ('test.undone', 1); raise exception 'out of order'; end $$;
insert into ops.scheduled_tasks (name, command, every, next_run_at) values
  ('test.a', 'private.test_task_fails', '1 minute', now() - interval '150 seconds'),
  ('test.b', 'private.test_task', '1 minute', now() - interval '1 second'),
  ('test.c', 'private.test_task', '1 minute', now() + interval '1 hour'),
  ('test.d', 'private.no_such_task', '1 minute', now() - interval '1 second');
select tests.as_service();
create temp table ran as select core.run_due_tasks() as report;
select tests.as_owner();
select is((select jsonb_agg(r ->> 'name' order by r ->> 'name') from ran, jsonb_array_elements(report) as r), '["test.a", "test.b", "test.d"]'::jsonb,
  'what is due runs, and nothing else');
select is((select r ->> 'result' from ran, jsonb_array_elements(report) as r where r ->> 'name' = 'test.b'), '7', 'a result is reported');
select is((select last_error from ops.scheduled_tasks where name = 'test.a'), 'out of order', 'an error is kept');
select is((select failures from ops.scheduled_tasks where name = 'test.d'), 1, 'and counted; it stopped nothing else');
select is((select count(*) from ops.metrics where name = 'test.undone'), 0::bigint, 'what a failed task did is undone');
select is((select next_run_at - now() from ops.scheduled_tasks where name = 'test.a'), interval '30 seconds', 'the next run keeps the grid; missed ones are dropped');
select is(ops.run_due_tasks(), '[]'::jsonb, 'nothing is due twice');
select throws_ok($$ insert into ops.scheduled_tasks (name, command, every) values ('x', 'select 1; drop table x', '1 minute') $$, '23514', null,
  'a command is the name of a function');
select throws_ok($$ insert into ops.scheduled_tasks (name, command, every) values ('x', 'private.test_task', '1 month') $$, '23514', null, 'a month is no interval');
select tests.as_service();
select throws_ok($$ update ops.scheduled_tasks set command = 'private.x' $$, '42501', null, 'a service schedules nothing');
select tests.as_owner();

-- Partitions --------------------------------------------------------------------------------------------------

select lives_ok($$ insert into ops.metrics (name, value, recorded_at) values ('test.old', 1, '1999-01-01'), ('test.new', 1, '2999-01-01') $$,
  'no insert fails for want of a month');
select ok(not private.ensure_month_partition('ops', 'metrics', '1999-01-01'), 'a month that the default holds is left there');
select ok(private.ensure_month_partition('ops', 'metrics', '2998-05-17'), 'another one is made');
select ok(not private.ensure_month_partition('ops', 'metrics', '2998-05-01'), 'once');
insert into ops.metrics (name, value, recorded_at) values ('test.new', 1, '2998-05-31 23:59+00');
select is((select m.tableoid::regclass::text from ops.metrics as m where m.recorded_at > '2998-01-01' and m.recorded_at < '2999-01-01'),
  'ops.metrics_2998_05', 'and takes its rows');
select is(ops.ensure_partitions(), 0, 'the coming months are there');
select is((select count(*) from ops.partition_sets as s where s.table_schema = 'ops'
    and to_regclass(format('ops.%I', s.table_name || to_char(now() + interval '3 months', '_YYYY_MM'))) is null), 0::bigint, 'three of them, of each table');

-- Retention ---------------------------------------------------------------------------------------------------

update ops.retention_policies set is_enabled = false;
create table public.kept (id integer primary key, person text, at timestamptz);
insert into public.kept select g, 'someone', now() - make_interval(days => g) from generate_series(1, 50) as g;
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, batch_size, anonymise_columns) values
  ('t.a', 'public', 'kept', 'at', '40 days 1 hour', 'delete', 3, '{}'),
  ('t.b', 'public', 'kept', 'at', '20 days 1 hour', 'anonymise', 100, '{person}'),
  ('t.c', 'public', 'no_such_table', 'at', '1 day', 'delete', 100, '{}'),
  ('t.d', 'ops', 'metrics', 'recorded_at', '1 day', 'drop_partition', 100, '{}');
select private.ensure_month_partition('ops', 'metrics', '2001-05-01');
insert into ops.metrics (name, value, recorded_at) values ('test.x', 1, '2001-05-05');
create temp table done as select ops.apply_retention() as report;
select is((select report ->> 't.a' from done), '10', 'old rows are deleted, in batches');
select is((select count(*) from public.kept), 40::bigint, 'others stay');
select is((select count(*) from public.kept where person is null), 20::bigint, 'old rows lose what is personal');
select matches((select last_error from ops.retention_policies where name = 't.c'), 'does not exist', 'a policy that fails says so and stops no other');
select is((select report ->> 't.d' from done), '1', 'old months are dropped');
select is(to_regclass('ops.metrics_2001_05'), null, 'as a whole');
select is(ops.apply_retention() ->> 't.b', '0', 'and once');

select * from finish();
rollback;
