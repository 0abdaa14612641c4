-- The queue: order, leases, retries, death, dedupe, schedule, cancelling.
begin;
select plan(62);

insert into ops.job_types (job_type, queue, max_attempts, lease_seconds, backoff_base_seconds, backoff_max_seconds)
values
  ('test.plain', 'test', 3, 60, 10, 25),
  ('test.poison', 'test', 2, 60, 10, 25);
insert into ops.job_types (job_type, queue, is_enabled) values ('test.off', 'test', false);

-- The only job of the queue `test` that is leased now.
create function pg_temp.held() returns ops.queue_items language sql as $$
  select q from ops.queue_items as q where q.queue = 'test' and q.status = 'processing' $$;
create function pg_temp.age_lease() returns void language sql as $$
  update ops.queue_items set lease_expires_at = now() - interval '1 second'
  where queue = 'test' and status = 'processing' $$;

-- Putting in --------------------------------------------------------------------------------------------------

select throws_ok($$ select ops.enqueue_job('test.unknown') $$, 'PT422', 'unknown_job_type', 'an unknown type is refused');
select throws_ok($$ select ops.enqueue_job(null) $$, 'PT422', 'unknown_job_type', 'and so is none');
select is(ops.enqueue_job('test.off'), null, 'a disabled type gives null');
select is((select count(*) from ops.queue_items where job_type = 'test.off'), 0::bigint, 'and no job');
select throws_ok($$ select ops.enqueue_job('test.plain', '[]') $$, 'PT422', 'invalid_job', 'a payload is an object');
select throws_ok($$ select ops.enqueue_job('test.plain', p_priority => 0) $$, 'PT422', 'invalid_job', 'priority 0 is refused');
select throws_ok($$ select ops.enqueue_job('test.plain', p_priority => 10) $$, 'PT422', 'invalid_job', 'priority 10 is refused');
select throws_ok($$ select ops.enqueue_job('test.plain', p_max_attempts => 0) $$, 'PT422', 'invalid_job', 'no attempts are refused');
select throws_ok($$ select ops.enqueue_job('test.plain', p_run_at => 'infinity') $$, 'PT422', 'invalid_job', 'never is no time');
select throws_ok($$ select ops.enqueue_jobs('test.plain', array['{}', '3']::jsonb[]) $$, 'PT422', 'invalid_job',
  'one bad payload refuses all');

-- Order -------------------------------------------------------------------------------------------------------

select lives_ok($$
  select ops.enqueue_job('test.plain', '{"n": 3}');
  select ops.enqueue_job('test.plain', '{"n": 4}');
  select ops.enqueue_job('test.plain', '{"n": 2}', p_priority => 2);
  select ops.enqueue_job('test.plain', '{"n": 1}', p_priority => 1, p_run_at => now() - interval '1 minute');
  select ops.enqueue_job('test.plain', '{"n": 9}', p_priority => 1, p_run_at => now() + interval '1 hour');
  select ops.enqueue_jobs('test.plain', array['{"n": 5}', '{"n": 6}']::jsonb[]);
$$, 'jobs are stored');
select is((select array_agg(c.payload ->> 'n') from ops.claim_jobs('w1', 3, 'test') as c), array['1', '2', '3'],
  'a claim gives the most urgent first, then the oldest');
select is((select array_agg(c.payload ->> 'n') from ops.claim_jobs('w2', 10, 'test') as c), array['4', '5', '6'],
  'another one gets the rest, in the order of one call; what is scheduled for later waits');
select is((select count(*) from ops.claim_jobs('w3', 10, 'test')), 0::bigint, 'and a third one nothing');
select is((select count(distinct q.lease_token) from ops.queue_items as q where q.queue = 'test'), 6::bigint,
  'each lease has its own token');
select is((select array_agg(distinct q.leased_by order by q.leased_by) from ops.queue_items as q where q.queue = 'test' and q.leased_by is not null),
  array['w1', 'w2'], 'and a holder');
select throws_ok($$ select ops.claim_jobs('', 1, 'test') $$, 'PT422', 'worker_required', 'a claim names its worker');
select is((select count(*) from ops.claim_jobs('w1', 0, 'test')), 0::bigint, 'a limit of zero claims nothing');
select is((select count(*) from ops.complete_jobs(
  (select array_agg(q.id order by q.id) from ops.queue_items as q where q.queue = 'test' and q.status = 'processing'),
  (select array_agg(q.lease_token order by q.id) from ops.queue_items as q where q.queue = 'test' and q.status = 'processing')
) as done, unnest(done)), 6::bigint, 'many are completed at once');
select is((select count(*) from ops.queue_history where queue = 'test' and status = 'completed'), 6::bigint,
  'and are in the history');
update ops.queue_items set run_at = now() - interval '1 second' where queue = 'test';
select is((select c.payload ->> 'n' from ops.claim_jobs('w1', 1, 'test') as c), '9', 'its hour has come');
select lives_ok($$ select ops.complete_job((pg_temp.held()).id, (pg_temp.held()).lease_token, '{"ok": true}') $$, 'it is completed');
select is((select h.result from ops.queue_history as h where h.payload ->> 'n' = '9' and h.queue = 'test'), '{"ok": true}'::jsonb,
  'with its result');
select is((select count(*) from ops.queue_items where queue = 'test'), 0::bigint, 'nothing is left in the live table');

-- Types -------------------------------------------------------------------------------------------------------

select ops.enqueue_job('test.plain'), ops.enqueue_job('test.poison');
select is((select array_agg(c.job_type) from ops.claim_jobs('w1', 10, 'test', '{test.poison}') as c), array['test.poison'],
  'a worker may take some types only');
select throws_ok($$ delete from ops.job_types where job_type = 'test.poison' $$, 'PT409', 'job_type_in_use', 'a type in use stays');
select throws_ok($$ update ops.job_types set job_type = 'test.other' where job_type = 'test.poison' $$, 'PT409', 'job_type_in_use',
  'and keeps its name');
select ops.cancel_job(q.id) from ops.queue_items as q where q.job_type = 'test.plain';

-- Leases ------------------------------------------------------------------------------------------------------

create temp table first_lease as select (pg_temp.held()).*;
update ops.queue_items as q set lease_expires_at = clock_timestamp() + interval '1 second' from first_lease as f where q.id = f.id;
select ok(ops.heartbeat_job(id, lease_token) > clock_timestamp() + interval '50 seconds', 'a heartbeat extends the lease') from first_lease;
select throws_ok($$ select ops.heartbeat_job(id, lease_token + 1) from first_lease $$, 'PT409', 'lease_lost', 'a wrong token is refused');
select lives_ok($$ select ops.assert_lease(id, lease_token) from first_lease $$, 'the holder holds it');
select pg_temp.age_lease();
select lives_ok($$ select ops.assert_lease(id, lease_token) from first_lease $$, 'a lease that ran out and was not taken is still good');
select is((select c.attempts from ops.claim_jobs('w2', 1, 'test') as c), 2::smallint, 'another worker takes it over, with no timer');
select ok((pg_temp.held()).lease_token > (select lease_token from first_lease), 'under a higher token');
select throws_ok(format('select %s from first_lease', call), 'PT409', 'lease_lost', call || ' of the one who lost it is refused')
from unnest(array['ops.complete_job(id, lease_token)', 'ops.fail_job(id, lease_token, ''x'')', 'ops.heartbeat_job(id, lease_token)',
  'ops.assert_lease(id, lease_token)']) as call;
select is((select ops.complete_jobs(array[id], array[lease_token]) from first_lease), '{}'::uuid[], 'in bulk, too');
select is((pg_temp.held()).leased_by, 'w2', 'the job is still that of the other');

-- Poison: it kills each worker, until its attempts are used up --------------------------------------------------

select pg_temp.age_lease();
select is(ops.release_expired(), 1, 'its lease runs out once more');
select is((select d.attempts from ops.dead_letters as d join first_lease as f using (id)), 2::smallint, 'after its last attempt it is dead');
select matches((select d.error_message from ops.dead_letters as d join first_lease as f using (id)), '^lease_expired: worker w2', 'and says why');
select throws_ok($$ select ops.complete_job(id, lease_token) from first_lease $$, 'PT409', 'lease_lost', 'nobody completes it now');

-- Retries -----------------------------------------------------------------------------------------------------

select ops.enqueue_job('test.plain', p_max_attempts => 6);
create temp table delays (attempt integer, seconds double precision);
do $$
declare v_job ops.queue_items;
begin
  for v_attempt in 1..5 loop
    select * into v_job from ops.claim_jobs('w1', 1, 'test');
    perform ops.fail_job(v_job.id, v_job.lease_token, 'boom');
    insert into delays select v_attempt, extract(epoch from q.run_at - clock_timestamp()) from ops.queue_items as q where q.id = v_job.id;
    update ops.queue_items set run_at = clock_timestamp() where id = v_job.id;
  end loop;
end $$;
select is((select count(*) from delays where seconds between -1 and least(25, 10 * power(2, attempt - 1))), 5::bigint,
  'each backoff is between now and the doubled delay, or its maximum');
-- Without chance, the five would be 10, 20, 25, 25 and 25 seconds to the millisecond.
select cmp_ok((select count(*) from delays where abs(seconds - least(25, 10 * power(2, attempt - 1))) > 0.1), '>=', 3::bigint, 'and is jittered');
select is((select q.error_message from ops.queue_items as q where q.queue = 'test'), 'boom', 'the last error is kept');
select is((select q.attempts from ops.claim_jobs('w1', 1, 'test') as q), 6::smallint, 'the last attempt');
select is(ops.fail_job((pg_temp.held()).id, (pg_temp.held()).lease_token, 'boom'), 'dead', 'is the last');

select ops.enqueue_job('test.plain');
select is((select count(*) from ops.claim_jobs('w1', 1, 'test')), 1::bigint, 'a job');
select is(ops.fail_job((pg_temp.held()).id, (pg_temp.held()).lease_token, 'busy', p_retry_after_seconds => 100), 'retrying', 'that is to come later');
select ok((select q.run_at - clock_timestamp() between interval '98 seconds' and interval '100 seconds' from ops.queue_items as q where q.queue = 'test'),
  'comes as much later as was asked');
update ops.queue_items set run_at = clock_timestamp() where queue = 'test';
select is((select count(*) from ops.claim_jobs('w1', 1, 'test')), 1::bigint, 'and again');
select is(ops.fail_job((pg_temp.held()).id, (pg_temp.held()).lease_token, 'hopeless', p_retry => false), 'dead', 'one that is hopeless dies at once');

-- Dedupe ------------------------------------------------------------------------------------------------------

create temp table keyed as select ops.enqueue_job('test.plain', '{"v": 1}', p_dedupe_key => 'k') as id;
select is(ops.enqueue_job('test.plain', '{"v": 2}', p_dedupe_key => 'k'), (select id from keyed), 'a live duplicate gives the id of the first');
select isnt(ops.enqueue_job('test.poison', p_dedupe_key => 'k'), (select id from keyed), 'a key counts for one type');
select is((select count(*) from ops.claim_jobs('w1', 1, 'test', '{test.plain}')), 1::bigint, 'while it is worked on');
select is(ops.enqueue_job('test.plain', p_dedupe_key => 'k'), (select id from keyed), 'it is live');
select ops.complete_job((pg_temp.held()).id, (pg_temp.held()).lease_token);
select isnt(ops.enqueue_job('test.plain', p_dedupe_key => 'k'), (select id from keyed), 'once it is done, the key is free');

-- Cancelling --------------------------------------------------------------------------------------------------

select ok(not ops.cancel_job(gen_random_uuid()), 'no job, nothing cancelled');
create temp table thing as select gen_random_uuid() as id;
select ops.enqueue_job('test.plain', p_resource_id => id, p_priority => 1), ops.enqueue_job('test.plain', p_resource_id => id) from thing;
create temp table claimed as select * from ops.claim_jobs('w1', 1, 'test');
select is(ops.cancel_jobs_for((select id from thing)), 2, 'all jobs about a thing are cancelled, waiting and running');
select throws_ok($$ select ops.complete_job(id, lease_token) from claimed $$, 'PT409', 'lease_lost', 'the holder of one finds his lease lost');
select is((select count(*) from ops.queue_history as h, thing where h.resource_id = thing.id and h.status = 'cancelled'), 2::bigint,
  'both are in the history');

select * from finish();
rollback;
