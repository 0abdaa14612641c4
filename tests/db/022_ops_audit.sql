-- The audit: what it keeps, who is said to have acted, that nobody changes it, and that it shows when somebody did.
begin;
select plan(68);

create table public.audited (
  id integer primary key,
  name text,
  email text,
  amount bigint not null default 0,
  details json,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
select private.audit_table('public.audited', '{email}');
create table public.audited_pair (a integer, b text, note text, primary key (a, b));
select private.audit_table('public.audited_pair', p_keep_inserts => false);
create table public.keyless (a integer);

set constraints all immediate;
create temp table before as select coalesce(max(id), 0) as id from ops.audit_logs;
create function pg_temp.logs() returns setof ops.audit_logs language sql as $$
  select * from ops.audit_logs where id > (select id from before) and table_name like 'public.%' order by id $$;
create function pg_temp.last() returns ops.audit_logs language sql as $$
  select l from pg_temp.logs() as l order by l.id desc limit 1 $$;

-- What is kept ------------------------------------------------------------------------------------------------

insert into public.audited (id, name, email, amount) values (1, 'one', 'one@x.test', 10), (2, 'two', 'two@x.test', 20);
select is((select count(*) from pg_temp.logs() where action = 'insert'), 2::bigint, 'each inserted row is a row');
select is((select row_key from pg_temp.logs() limit 1), '1', 'named by its key');
select is((select new_values from pg_temp.logs() limit 1), '{"name": "one", "amount": 10, "details": null}'::jsonb,
  'with its values, but not the ignored ones');
update public.audited set amount = 11, updated_at = now() + interval '1 hour' where id = 1;
select is((pg_temp.last()).changed_columns, '{amount}', 'an update names what it changed');
select is((pg_temp.last()).old_values, '{"amount": 10}'::jsonb, 'what it was');
select is((pg_temp.last()).new_values, '{"amount": 11}'::jsonb, 'and what it is');
update public.audited set email = 'new@x.test', name = null where id = 1;
select is((pg_temp.last()).changed_columns, '{name,email}', 'an ignored column that changed is named');
select is((pg_temp.last()).new_values, '{"name": null}'::jsonb, 'without its value; a null is kept');
create temp table quiet as select count(*) as n from pg_temp.logs();
update public.audited set amount = amount, updated_at = now() + interval '2 hours';
select is((select count(*) from pg_temp.logs()), (select n from quiet), 'an update that changes nothing is none');
update public.audited set details = '{"a": 1}' where id = 2;
select is((pg_temp.last()).changed_columns, '{details}', 'a type without equality is compared as text');
update public.audited set id = 3 where id = 2;
select is((select array_agg(l.action || ' ' || l.row_key order by l.action) from (select * from pg_temp.logs() order by id desc limit 2) as l),
  '{delete 2,insert 3}', 'a changed key shows as a delete and an insert');
delete from public.audited where id = 3;
select is((pg_temp.last()).action, 'delete', 'a delete is a row');
select is((pg_temp.last()).old_values - 'created_at', '{"id": 3, "name": "two", "amount": 20, "details": {"a": 1}}'::jsonb,
  'with what was there, but not the ignored values');
insert into public.audited_pair values (1, 'x', 'secret');
select is((pg_temp.last()).row_key, '1:x', 'a key of two columns');
select is((pg_temp.last()).new_values, null, 'where inserts are not kept, there are no values');
truncate public.audited_pair;
select is((pg_temp.last()).action, 'truncate', 'a truncate is a row');
select ok(not exists (select from pg_temp.logs() as l where l::text like '%@x.test%'), 'no ignored value is anywhere');
select private.audit_event('exported', 'public.report', '7', '{"rows": 3}');
select is((pg_temp.last()).action || (pg_temp.last()).new_values::text, 'exported{"rows": 3}', 'a module records an event of its own');
select throws_ok($$ select private.audit_table('public.keyless') $$, 'PT422', 'table_not_auditable', 'a table without a key is refused');
select throws_ok($$ select private.audit_table('public.audited', '{no_such}') $$, 'PT422', 'table_not_auditable', 'an unknown column is, too');

-- Who acted ---------------------------------------------------------------------------------------------------

select is((pg_temp.last()).actor_kind, 'database', 'a session without a JWT is the database');
select set_config('request.jwt.claims', '{"sub": "5f0c0a52-0000-4000-8000-000000000001", "role": "authenticated"}', true);
select set_config('request.headers', '{"x-request-id": "req-1", "x-forwarded-for": "203.0.113.77, 10.0.0.1"}', true);
update public.audited set amount = 12;
select is((pg_temp.last()).actor_kind, 'user', 'a user is one');
select is((pg_temp.last()).actor_id, '5f0c0a52-0000-4000-8000-000000000001'::uuid, 'by his id');
select is((pg_temp.last()).request_id, 'req-1', 'with the request');
select is((pg_temp.last()).client_network, '203.0.113.0/24'::inet, 'and the network, not the address');
select set_config('request.headers', '{"x-forwarded-for": "2001:db8:1:2::5"}', true);
update public.audited set amount = 13;
select is((pg_temp.last()).client_network, '2001:db8:1::/48'::inet, 'of either family');
select set_config('request.headers', '{"x-forwarded-for": "not an address"}', true);
update public.audited set amount = 14;
select is((pg_temp.last()).client_network, null, 'nonsense in a header stops nothing');
select set_config('request.jwt.claims', '{"role": "service_role"}', true);
update public.audited set amount = 15;
select is((pg_temp.last()).actor_kind, 'service', 'a service is one');
select set_config('request.jwt.claims', '{"role": "anon"}', true);
update public.audited set amount = 16;
select is((pg_temp.last()).actor_kind, 'anonymous', 'a stranger is one');
select set_config('request.jwt.claims', '', true), set_config('request.headers', '', true);

-- Nobody changes it -------------------------------------------------------------------------------------------

select throws_ok(format('%s', call), 'PT403', 'append_only_table', call || ' is refused, to the owner too')
from unnest(array[
  'update ops.audit_logs set action = ''x''',
  'delete from ops.audit_logs',
  'truncate ops.audit_logs',
  'truncate ops.audit_logs_default',
  'update ops.audit_chain set hash = ''x''',
  'delete from ops.audit_chain',
  'truncate ops.audit_chain',
  'delete from ops.audit_head'
]) as call;
select tests.as_service();
select throws_ok($$ insert into ops.audit_logs (table_name, action) values ('x', 'x') $$, '42501', null, 'a service writes no audit row');
select throws_ok($$ delete from ops.audit_logs $$, '42501', null, 'and deletes none');
select throws_ok($$ update ops.audit_head set link_id = 1 $$, '42501', null, 'nor moves the head');
select ok(tests.count_of('select from ops.audit_logs') > 0, 'but reads it');
select tests.as_anon();
select throws_ok($$ select from ops.audit_logs $$, '42501', null, 'a stranger does not');
select tests.as_owner();

-- The chain ---------------------------------------------------------------------------------------------------

set constraints all deferred;
create temp table links as select count(*) as n from ops.audit_chain;
insert into public.audited (id) select g from generate_series(100, 104) as g;
update public.audited set amount = 1 where id >= 100;
select is((select v.reason from ops.verify_audit_chain() as v), null, 'rows that are not sealed yet are no finding');
set constraints all immediate;
select is((select count(*) from ops.audit_chain), (select n + 1 from links), 'a transaction is one link, however many statements');
select is((select cardinality(row_ids) from ops.audit_chain order by link_id desc limit 1), 10, 'of all its rows');
select is((select count(*) from ops.audit_pending), 0::bigint, 'and nothing waits');
delete from public.audited where id = 104;
select ok((select v.is_valid and v.checked_rows > 10 and v.checked_links > 1 from ops.verify_audit_chain() as v), 'the chain is whole');

-- Tampering: each kind is tried by a superuser who sleeps the triggers, found, named, and undone. Ids: the last link
-- has one row, the one before it ten.
create temp table ids as select
  (select row_ids[3] from ops.audit_chain order by link_id desc offset 1 limit 1) as row_id,
  (select max(link_id) from ops.audit_chain) as link_id;
create function pg_temp.finding(p_sql text) returns text language plpgsql as $$
declare v_found record;
begin
  begin
    set local session_replication_role = replica;
    execute p_sql;
    select v.reason || ' ' || v.first_broken_id as finding into v_found from ops.verify_audit_chain() as v where not v.is_valid;
    raise exception using errcode = 'P0099', message = coalesce(v_found.finding, 'nothing');
  exception when sqlstate 'P0099' then
    return sqlerrm;
  end;
end $$;
select is(pg_temp.finding(format($$ update ops.audit_logs set %s where id = (select row_id from ids) $$, change)),
  (select 'row_changed ' || row_id from ids), change || ' is found')
from unnest(array['new_values = ''{"amount": 999}''', 'actor_id = gen_random_uuid()', 'table_name = ''public.other''', 'row_key = null']) as change;
select is(pg_temp.finding($$ update ops.audit_logs set occurred_at = occurred_at + interval '1 second' where id = (select row_id from ids) $$),
  (select 'row_removed ' || row_id from ids), 'another time is found');
select is(pg_temp.finding($$ delete from ops.audit_logs where id = (select row_id from ids) $$),
  (select 'row_removed ' || row_id from ids), 'a removed row is found');
select is(pg_temp.finding($$ insert into ops.audit_logs (id, table_name, action) values (999999999, 'public.audited', 'insert') $$),
  'row_unsealed 999999999', 'a row that was slipped in is found');
select is(pg_temp.finding($$ update ops.audit_chain set row_ids = row_ids[1:9], row_hashes = substr(row_hashes, 1, 288) where link_id = (select link_id - 1 from ids) $$),
  (select 'link_changed ' || link_id - 1 from ids), 'a link that forgot a row is found');
select is(pg_temp.finding($$ delete from ops.audit_chain where link_id = (select link_id - 1 from ids) $$),
  (select 'link_removed ' || link_id - 1 from ids), 'a removed link is found');
select is(pg_temp.finding($$ delete from ops.audit_chain where link_id = (select link_id from ids) $$),
  (select 'link_removed ' || link_id from ids), 'the last one, too');
select is(pg_temp.finding($$ delete from ops.audit_logs where id in (select unnest(row_ids) from ops.audit_chain where link_id = (select link_id from ids));
    delete from ops.audit_chain where link_id = (select link_id from ids) $$),
  (select 'link_removed ' || link_id from ids), 'with its rows, too');
select is(pg_temp.finding($$ update ops.audit_head set hash = sha256('x') $$), (select 'head_changed ' || link_id from ids), 'a changed head is found');
select matches(pg_temp.finding($$ insert into ops.audit_checkpoints (rows_before, first_link_id, anchor_hash) select now(), link_id, sha256('x') from ids $$),
  '^checkpoint_forged', 'a checkpoint that retention did not write is found');
select ok((select v.is_valid from ops.verify_audit_chain() as v), 'and all of that undone, the chain is whole');

-- Columns that are not looked at -----------------------------------------------------------------------------------

create table public.counted (id integer primary key, name text, likes integer not null default 0);
select private.audit_table('public.counted', p_unaudited_columns => '{likes}');
insert into public.counted (id, name) values (1, 'one');
update public.counted set likes = 5;
select is((pg_temp.last()).action, 'insert', 'a counter that moves leaves no row');
select ok(not (pg_temp.last()).new_values ? 'likes', 'and is in none');
update public.counted set likes = 6, name = 'uno';
select results_eq('select changed_columns from pg_temp.last()', $$values ('{name}'::text[])$$, 'what changes with it does');
select throws_ok($$select private.audit_table('public.counted', p_unaudited_columns => '{loves}')$$, 'PT422', 'table_not_auditable',
  'a column that there is not is refused');

-- Real tables -------------------------------------------------------------------------------------------------

create temp table person as select tests.create_user('audited@test.local', '{moderator}', '{"username": "audited_person", "full_name": "Audited Person"}') as id;
select is((select l.new_values ->> 'role' from ops.audit_logs as l, person where l.table_name = 'core.user_roles' and l.row_key = person.id || ':moderator'),
  'moderator', 'a role that was given is in the audit');
update core.profiles set is_active = false, bio = 'about me' where id = (select id from person);
delete from auth.users where id = (select id from person);
select is((select count(*) from ops.audit_logs as l, person where l.row_key like person.id || '%' and l.action = 'delete'), 3::bigint,
  'the rows outlive the person');
select ok(not exists (select from ops.audit_logs as l, person where l.row_key like person.id || '%' and l::text ~* 'audited.person|about me'),
  'with nothing personal in them');

select * from finish();
rollback;
