-- Dropping old months of the audit: what is left still verifies, from a checkpoint that is itself audited.
begin;
select plan(15);

-- A chain of our own: an old link in May 2001, one in the default partition, a new one.
set local session_replication_role = replica;
delete from ops.audit_logs;
delete from ops.audit_chain;
delete from ops.audit_checkpoints;
update ops.audit_head set link_id = 0, hash = sha256('lyceum'), sealed_at = '-infinity';
set local session_replication_role = origin;
select private.ensure_month_partition('ops', 'audit_logs', '2001-05-01'), private.ensure_month_partition('ops', 'audit_chain', '2001-05-01');

create table public.aged (id integer primary key);
select private.audit_table('public.aged');
set constraints all immediate;
create function pg_temp.age_last(p_at timestamptz) returns void language plpgsql as $$
declare v_link ops.audit_chain;
begin
  set local session_replication_role = replica;
  select * into v_link from ops.audit_chain order by link_id desc limit 1;
  update ops.audit_logs set occurred_at = p_at where id = any (v_link.row_ids);
  update ops.audit_chain set occurred_at = p_at, sealed_at = p_at where link_id = v_link.link_id;
  update ops.audit_chain as c set hash = private.audit_link_hash(c) where c.link_id = v_link.link_id;
  update ops.audit_head set hash = (select hash from ops.audit_chain where link_id = v_link.link_id), sealed_at = p_at;
  set local session_replication_role = origin;
end $$;
insert into public.aged values (1), (2);
select pg_temp.age_last('2001-05-05');
insert into public.aged values (3);
select pg_temp.age_last('2002-02-02');
insert into public.aged values (4);
select is((select (v.is_valid, v.checked_links, v.checked_rows) from ops.verify_audit_chain() as v), row(true, 3::bigint, 4::bigint),
  'the chain is whole before');
select is((select count(*) from ops.audit_logs_2001_05), 2::bigint, 'two rows are in an old month');
select is((select count(*) from ops.audit_logs_default), 1::bigint, 'one old row is in the default partition');

select is(private.drop_old_audit(now() - interval '1 year'), 3::bigint, 'retention drops the old rows');
select is(to_regclass('ops.audit_logs_2001_05'), null, 'by whole months');
select is((select count(*) from ops.audit_logs_default), 0::bigint, 'and from the default partition');
select is((select count(*) from ops.audit_chain where link_id <= 2), 0::bigint, 'their links go, too');
select is((select first_link_id from ops.audit_checkpoints), 3::bigint, 'a checkpoint says where the rest begins');
select is((select l.action from ops.audit_logs as l where l.table_name = 'ops.audit_checkpoints'), 'insert', 'and is audited');
select is((select v.reason from ops.verify_audit_chain() as v), null, 'from there the chain is whole');
select is((select count(*) from pg_catalog.pg_trigger as t where t.tgrelid = 'ops.audit_logs_default'::regclass and t.tgenabled <> 'O'), 0::bigint,
  'the default partition is guarded again');
select is(private.drop_old_audit(now() - interval '1 year'), 0::bigint, 'once more drops nothing');
select is((select count(*) from ops.audit_checkpoints), 1::bigint, 'and records nothing');
select throws_ok($$ delete from ops.audit_checkpoints $$, 'PT403', 'append_only_table', 'a checkpoint stays');
set local session_replication_role = replica;
delete from ops.audit_checkpoints;
set local session_replication_role = origin;
select matches((select v.reason from ops.verify_audit_chain() as v), 'link_removed', 'without it, the missing links show');

select * from finish();
rollback;
