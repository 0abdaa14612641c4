-- Every table that is cut by month has a default partition and the coming month.
select s.table_schema, s.table_name
from ops.partition_sets as s
where to_regclass(format('%I.%I', s.table_schema, s.table_name || '_default')) is null
  or to_regclass(format(
    '%I.%I', s.table_schema,
    s.table_name || to_char((now() at time zone 'UTC') + interval '1 month', '_YYYY_MM')
  )) is null;
