-- The queue for those who run it: dead jobs and their notices, running again, health, and who may call what.
begin;
select plan(50);

create temp table p as
select tests.create_user('queue-admin@test.local', '{admin}') as admin, tests.create_user('queue-student@test.local') as student;
grant select on p to public;
insert into ops.job_types (job_type, queue, max_attempts) values ('test.admin', 'test', 1);
create function pg_temp.kill_one(p_payload jsonb default '{}') returns uuid language plpgsql as $$
declare v_job ops.queue_items;
begin
  perform ops.enqueue_job('test.admin', p_payload);
  select * into v_job from ops.claim_jobs('w', 1, 'test');
  perform ops.fail_job(v_job.id, v_job.lease_token, 'out of order');
  return v_job.id;
end $$;
create temp table dead (id uuid);
grant select, insert on dead to public;

-- Death is told ------------------------------------------------------------------------------------------------

insert into dead select pg_temp.kill_one('{"n": 1}');
select is((select count(*) from core.notifications as n, p where n.user_id = p.admin and n.type = 'job_died'), 1::bigint,
  'an administrator is told of a dead job');
select is((select count(*) from core.notifications as n, p where n.user_id = p.student), 0::bigint, 'nobody else is');
select lives_ok($$ select pg_temp.kill_one('{"n": 2}') $$, 'another one dies at once');
select is((select count(*) from core.notifications as n, p where n.user_id = p.admin and n.type = 'job_died'), 1::bigint,
  'which is no news within ten minutes');
select lives_ok($$
  alter function private.notify(uuid, text, text, text, text, jsonb, text, text, integer) rename to notify_gone;
  update ops.dead_letters set died_at = died_at - interval '1 hour';
  select pg_temp.kill_one('{"n": 3}');
$$, 'notices that cannot be sent keep no job alive');
alter function private.notify_gone(uuid, text, text, text, text, jsonb, text, text, integer) rename to notify;
select is((select count(*) from ops.dead_letters where job_type = 'test.admin'), 3::bigint, 'three are dead');

-- Running again ------------------------------------------------------------------------------------------------

select tests.as_user((select admin from p));
create temp table again as select core.rerun_job((select id from dead)) as id;
select throws_ok($$ select core.rerun_job((select id from dead)) $$, 'PT409', 'already_rerun', 'a dead job runs again once');
select throws_ok($$ select core.rerun_job(gen_random_uuid()) $$, 'PT404', 'dead_letter_not_found', 'and must be there');
select tests.as_owner();
select isnt((select id from again), (select id from dead), 'it is a new job');
select is((select q.payload from ops.queue_items as q join again using (id)), '{"n": 1}'::jsonb, 'with the old payload');
select is((select q.attempts from ops.queue_items as q join again using (id)), 0::smallint, 'and all its attempts');
select is((select (d.rerun_job_id, d.rerun_by) from ops.dead_letters as d join dead using (id)),
  (select (again.id, p.admin) from again, p), 'the dead letter stays and says who ran it again, as what');
update ops.job_types set is_enabled = false where job_type = 'test.admin';
select throws_ok($$ select ops.rerun_job(id) from ops.dead_letters where rerun_at is null and job_type = 'test.admin' limit 1 $$,
  'PT409', 'job_type_disabled', 'a disabled type does not run again');
update ops.job_types set is_enabled = true where job_type = 'test.admin';

-- Health -------------------------------------------------------------------------------------------------------

select ops.enqueue_job('test.admin', p_run_at => now() + interval '1 hour');
update ops.queue_items set run_at = now() - interval '90 seconds' where id = (select id from again);
select tests.as_user((select admin from p));
create temp table health as select * from core.queue_health() where job_type = 'test.admin';
select is((select due from health), 1::bigint, 'health: due');
select is((select scheduled from health), 1::bigint, 'scheduled');
select is((select processing from health), 0::bigint, 'running');
select cmp_ok((select oldest_due_seconds from health), '>=', 90::double precision, 'the age of the oldest due');
select is((select dead_open from health), 2::bigint, 'dead and not run again');
select is((select last_error from health), 'out of order', 'the last error');

-- Cancelling ---------------------------------------------------------------------------------------------------

select lives_ok($$ select core.cancel_job((select id from again)) $$, 'an administrator cancels a job');
select throws_ok($$ select core.cancel_job((select id from again)) $$, 'PT404', 'job_not_found', 'which is gone then');

-- Who may call what --------------------------------------------------------------------------------------------

select tests.as_user((select student from p));
select throws_ok(format('select %s', call), 'PT403', 'role_required', 'a student may not: ' || call)
from unnest(array['core.cancel_job(gen_random_uuid())', 'core.rerun_job(gen_random_uuid())', 'core.queue_health()', 'core.verify_audit_chain()']) as call;
select throws_ok(format('select %s', call), '42501', null, 'nor: ' || call)
from unnest(array['core.claim_jobs(''w'')', 'core.enqueue_job(''test.admin'')', 'core.heartbeat_job(gen_random_uuid(), 1)',
  'core.complete_job(gen_random_uuid(), 1)', 'core.fail_job(gen_random_uuid(), 1, ''x'')', 'core.run_due_tasks()',
  'ops.claim_jobs(''w'')', 'ops.enqueue_job(''test.admin'')', 'private.rate_limit(''k'', 1, 1)', 'private.wake_workers(''x'')']) as call;
select throws_ok($$ select from ops.queue_items $$, '42501', null, 'nor read the queue');
select tests.as_anon();
select throws_ok($$ select core.queue_health() $$, '42501', null, 'a stranger may not even ask');
select throws_ok($$ select core.claim_jobs('w') $$, '42501', null, 'nor claim');
select tests.as_service();
create temp table served as select * from core.enqueue_job('test.admin', '{"s": 1}', p_priority => 1) as id;
select is((select c.payload from core.claim_jobs('w', 1, 'test') as c), '{"s": 1}'::jsonb, 'a service enqueues and claims');
select ok(core.heartbeat_job(q.id, q.lease_token) > now(), 'sends a heartbeat') from ops.queue_items as q, served where q.id = served.id;
select lives_ok($$ select core.complete_job(q.id, q.lease_token, '{}') from ops.queue_items as q, served where q.id = served.id $$, 'completes');
select is((select count(*) from ops.queue_history as h, served where h.id = served.id), 1::bigint, 'what it did is done');
select throws_ok($$ update ops.queue_items set priority = 1 $$, '42501', null, 'but writes no table of ops');
select ok(exists (select from core.queue_health()), 'and sees the health of the queue');
select ok((select v.is_valid from core.verify_audit_chain() as v), 'and that the audit is whole');
select tests.as_owner();

-- Hosted waking ------------------------------------------------------------------------------------------------

create schema if not exists net;
create table net.calls (url text, headers jsonb);
create or replace function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
  timeout_milliseconds integer default 5000) returns bigint language plpgsql as $$
begin
  insert into net.calls values (url, headers);
  return 1;
end $$;
create schema if not exists vault;
create table vault.decrypted_secrets (name text, decrypted_secret text);
select lives_ok($$ select ops.enqueue_job('test.admin') $$, 'without an address, enqueueing works');
insert into vault.decrypted_secrets values ('process_jobs_url', 'https://x.test/functions/v1/process-jobs'), ('process_jobs_key', 'k');
select set_config('ops.woken_queues', '', true);
select ops.enqueue_job('test.admin'), ops.enqueue_job('test.admin');
select is((select array_agg(c.headers ->> 'apikey') from net.calls as c), '{k}', 'process-jobs is called once a transaction');
select set_config('ops.woken_queues', '', true);
select cmp_ok(ops.wake_due(), '>=', 1, 'the clock wakes the workers of a queue with a due job');
select is((select count(*) from net.calls), 2::bigint, 'once more');
drop function net.http_post;
create function net.http_post() returns bigint language sql as 'select 1/0::bigint';
select set_config('ops.woken_queues', '', true);
select lives_ok($$ select ops.enqueue_job('test.admin') $$, 'a call that fails stops no job');

select * from finish();
rollback;
