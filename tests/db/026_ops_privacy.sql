-- A person's own data: export and erasure, from the request to the end.
begin;
select plan(50);

create temp table p as
select tests.create_user('privacy@test.local', '{}', '{"username": "private_person"}') as me, tests.create_user('privacy2@test.local') as other;
grant select on p to public;
update core.settings set value = '24' where key = 'ops.erasure_grace_hours';

-- Asking ------------------------------------------------------------------------------------------------------

select tests.as_anon();
select throws_ok(format('select core.%s()', call), '42501', null, 'a stranger may not: ' || call)
from unnest(array['request_data_export', 'request_erasure', 'cancel_erasure', 'my_privacy_requests']) as call;
select tests.as_user((select me from p));
select throws_ok(format('select core.%s', call), '42501', null, 'a user may not: ' || call)
from unnest(array['export_user_data(gen_random_uuid())', 'list_user_objects(gen_random_uuid())', 'finish_export(gen_random_uuid(), ''x'')',
  'finish_erasure(gen_random_uuid())', 'begin_erasure(gen_random_uuid())', 'forget_export(gen_random_uuid())', 'fail_privacy_request(gen_random_uuid(), ''x'')']) as call;
select throws_ok($$ select from ops.privacy_requests $$, '42501', null, 'nor look');
create temp table asked as select core.request_data_export() as export_id, core.request_erasure() as erasure_id;
grant select on asked to public;
select is(core.request_data_export(), (select export_id from asked), 'who asks twice has asked once');
select is((select count(*) from core.my_privacy_requests()), 2::bigint, 'and sees his requests');
select tests.as_user((select other from p));
select is((select count(*) from core.my_privacy_requests()), 0::bigint, 'which nobody else does');
select ok(not core.cancel_erasure(), 'nor can call them off');
select tests.as_owner();
select is((select q.payload from ops.queue_items as q, asked where q.resource_id = asked.export_id),
  (select jsonb_build_object('request_id', asked.export_id, 'user_id', p.me) from asked, p), 'a job is waiting');
select ok((select q.run_at > now() + interval '23 hours' from ops.queue_items as q, asked where q.resource_id = asked.erasure_id),
  'that of the erasure for a day');

-- Calling off -------------------------------------------------------------------------------------------------

select tests.as_user((select me from p));
select ok(core.cancel_erasure(), 'the erasure is called off');
select ok(not core.cancel_erasure(), 'once');
select tests.as_service();
select throws_ok($$ select core.finish_erasure((select erasure_id from asked)) $$, 'PT409', 'privacy_request_cancelled', 'no worker goes on with it');
select tests.as_owner();
select is((select count(*) from ops.queue_items as q, asked where q.resource_id = asked.erasure_id), 0::bigint, 'its job is gone');

-- Export ------------------------------------------------------------------------------------------------------

create table public.own_things (id integer primary key, owner uuid, what text, hidden text);
insert into public.own_things select 1, me, 'mine', 'h' from p union all select 2, other, 'not mine', 'h' from p;
insert into ops.privacy_sources (table_schema, table_name, user_column, columns) values
  ('public', 'own_things', 'owner', '{what}'), ('public', 'not_installed', 'owner', null);
select tests.as_service();
create temp table exported as select core.export_user_data((select me from p)) as document;
select is((select document #> '{data,public.own_things}' from exported), '[{"what": "mine"}]'::jsonb, 'the export has his rows, and the columns named');
select is((select document #>> '{data,core.profiles,0,username}' from exported), 'private_person', 'his profile');
select is((select document #>> '{data,auth.users,0,email}' from exported), 'privacy@test.local', 'his account');
select ok((select not document #> '{data,auth.users,0}' ? 'encrypted_password' from exported), 'but no password');
select throws_ok($$ select core.export_user_data(gen_random_uuid()) $$, 'PT404', 'user_not_found', 'nobody has no data');
select throws_ok($$ select core.finish_export((select export_id from asked), 'x/y.json') $$, 'PT422', 'export_not_found', 'an export ends with its file');
select tests.as_owner();
insert into storage.objects (bucket_id, name) select 'exports', me || '/' || export_id || '.json' from p, asked;
select tests.as_service();
select throws_ok($$ select core.finish_export((select export_id from asked), 'other/file.json') $$, 'PT422', 'export_not_found', 'not with any');
select lives_ok($$ select core.finish_export((select export_id from asked), (select me from p) || '/' || (select export_id from asked) || '.json') $$, 'it ends');
select lives_ok($$ select core.finish_export((select export_id from asked), 'whatever') $$, 'ending twice changes nothing');
select tests.as_user((select me from p));
select is((select status from core.my_privacy_requests() where kind = 'export'), 'completed', 'he sees that it is done');
select is((select count(*) from storage.objects where bucket_id = 'exports'), 1::bigint, 'may read the file');
select is((select count(*) from core.notifications where type = 'data_export_ready'), 1::bigint, 'and was told');
select tests.as_user((select other from p));
select is((select count(*) from storage.objects where bucket_id = 'exports'), 0::bigint, 'nobody else may');

-- Erasure -----------------------------------------------------------------------------------------------------

select tests.as_owner();
update core.settings set value = '0' where key = 'ops.erasure_grace_hours';
select tests.as_user((select me from p));
create temp table gone as select core.request_erasure() as id;
grant select on gone to public;
select tests.as_service();
select is((select c.payload ->> 'request_id' from core.claim_jobs('w', 10, 'default', '{privacy.erase}') as c), (select id::text from gone),
  'without a grace time the job is due at once');
select lives_ok($$ select core.begin_erasure((select id from gone)) $$, 'the removal begins');
select tests.as_user((select me from p));
select ok(not core.cancel_erasure(), 'from then on it cannot be called off');
select tests.as_service();
select throws_ok($$ select core.begin_erasure((select erasure_id from asked)) $$, 'PT409', 'privacy_request_cancelled', 'what was called off does not begin');
select ok(exists (select from ops.queue_items where job_type = 'privacy.expire' and resource_id = (select export_id from asked) and run_at > now() + interval '6 days'),
  'the file of the export goes after a week');
select throws_ok($$ select core.finish_erasure((select id from gone)) $$, 'PT409', 'user_objects_remain', 'files come first');
select is((select count(*) from core.list_user_objects((select me from p))), 1::bigint, 'they are listed');
select tests.as_owner();
set local session_replication_role = replica;
delete from storage.objects where bucket_id = 'exports';
set local session_replication_role = origin;
select tests.as_service();
select lives_ok($$ select core.finish_erasure((select id from gone)) $$, 'then the account goes');
select lives_ok($$ select core.finish_erasure((select id from gone)) $$, 'once');
select throws_ok($$ select core.finish_erasure((select export_id from asked)) $$, 'PT404', 'privacy_request_not_found', 'an export is no erasure');
select tests.as_owner();
select is((select count(*) from auth.users as u, p where u.id = p.me), 0::bigint, 'there is no account');
select is((select count(*) from core.profiles as c, p where c.id = p.me), 0::bigint, 'no profile');
select is((select (r.status, r.user_id) from ops.privacy_requests as r, gone where r.id = gone.id), row('completed'::text, null::uuid), 'the request is proof, and names nobody');
select ok(not exists (select from ops.audit_logs as l where l::text like '%private_person%' or l::text like '%privacy@test%'),
  'nothing personal is left in the audit');
select is((select count(*) from ops.audit_logs as l, gone where l.row_key = gone.id::text and l.action like 'privacy.%'), 2::bigint, 'which says that it was asked and done');

select * from finish();
rollback;
