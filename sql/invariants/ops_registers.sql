-- What modules register with ops exists: columns of retention and of data exports, functions of tasks, partitions of
-- the coming month. A module that is not installed is no violation; a misspelt column of one that is, is one.

with named as (
  select 'retention policy' as what, p.name as entry, p.table_schema, p.table_name,
    p.time_column || p.anonymise_columns as columns
  from ops.retention_policies as p
  union all
  select 'export source', format('%s.%s', s.table_schema, s.table_name), s.table_schema, s.table_name,
    s.user_column || coalesce(s.columns, '{}')
  from ops.privacy_sources as s
)
select n.what || ' names a missing column' as rule, n.entry as id, u.name as detail
from named as n
cross join unnest(n.columns) as u (name)
where to_regclass(format('%I.%I', n.table_schema, n.table_name)) is not null
  and not exists (
    select from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(format('%I.%I', n.table_schema, n.table_name))
      and a.attname = u.name and not a.attisdropped
  )
union all
select 'task names a missing function', t.name, t.command
from ops.scheduled_tasks as t
where to_regprocedure(t.command || '()') is null
union all
select 'coming month has no partition', format('%s.%s', s.table_schema, s.table_name), m.suffix
from ops.partition_sets as s
cross join lateral (
  values ('_default'), (to_char((now() at time zone 'UTC') + interval '1 month', '_YYYY_MM'))
) as m (suffix)
where to_regclass(format('%I.%I', s.table_schema, s.table_name || m.suffix)) is null
union all
select 'erased account is still there', r.id::text, r.user_tombstone::text
from ops.privacy_requests as r
join auth.users as u on u.id = r.user_tombstone
where r.kind = 'erasure' and r.status = 'completed';
