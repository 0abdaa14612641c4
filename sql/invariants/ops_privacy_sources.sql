-- Every source of the data export that exists names columns that exist.
select s.table_schema, s.table_name, u.name as missing_column
from ops.privacy_sources as s
cross join lateral unnest(s.user_column || coalesce(s.columns, '{}')) as u (name)
where to_regclass(format('%I.%I', s.table_schema, s.table_name)) is not null
  and not exists (
    select from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(format('%I.%I', s.table_schema, s.table_name))
      and a.attname = u.name and not a.attisdropped
  );
