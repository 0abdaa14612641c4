-- Every audited table has the columns that its audit trigger was written for. A row here means: call
-- private.audit_table again in the migration that changed the table.
select t.table_schema, t.table_name, t.columns as audited, c.columns as actual
from ops.audited_tables as t
left join lateral (
  select array_agg(a.attname::text order by a.attnum) as columns
  from pg_catalog.pg_attribute as a
  where a.attrelid = to_regclass(format('%I.%I', t.table_schema, t.table_name))
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attname <> 'updated_at'
) as c on true
where t.columns is distinct from c.columns;
