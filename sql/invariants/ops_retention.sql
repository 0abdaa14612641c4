-- Every retention policy of a table that exists names columns that exist.
select p.name, u.name as missing_column
from ops.retention_policies as p
cross join lateral unnest(p.time_column || p.anonymise_columns) as u (name)
where to_regclass(format('%I.%I', p.table_schema, p.table_name)) is not null
  and not exists (
    select from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(format('%I.%I', p.table_schema, p.table_name))
      and a.attname = u.name and not a.attisdropped
  );
