-- The audit: the chain is whole, nothing waits for a seal once its transaction is over, and the triggers know every
-- column. The last one breaks when a migration adds a column and does not call private.audit_table again.

select 'audit chain broken' as rule, v.first_broken_id::text as id, v.reason as detail
from ops.verify_audit_chain() as v
where not v.is_valid
union all
select 'audit rows unsealed', p.id::text, p.row_ids::text
from ops.audit_pending as p
where p.xact_id is distinct from pg_current_xact_id_if_assigned()
union all
select 'audited columns out of date', format('%s.%s', t.table_schema, t.table_name),
  format('audited %s, actual %s', t.columns, c.columns)
from ops.audited_tables as t
left join lateral (
  select array_agg(a.attname::text order by a.attnum) as columns
  from pg_catalog.pg_attribute as a
  where a.attrelid = to_regclass(format('%I.%I', t.table_schema, t.table_name))
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attname <> 'updated_at'
    and a.attname <> all (t.unaudited_columns)
) as c on true
where t.columns is distinct from c.columns
union all
select 'audit trigger missing or disabled', format('%s.%s', t.table_schema, t.table_name), e.name
from ops.audited_tables as t
cross join unnest('{insert,update,delete,truncate}'::text[]) as e (name)
where not exists (
  select from pg_catalog.pg_trigger as g
  where g.tgrelid = to_regclass(format('%I.%I', t.table_schema, t.table_name))
    and g.tgname = '_900_audit_' || e.name and g.tgenabled = 'O'
);
