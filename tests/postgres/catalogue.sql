-- What a database is, as lines that a person can read and that another version of Postgres writes alike. Each
-- line says by itself what it is about. Run with an empty search_path, so that every name is written out.
--
-- Left out is what versions do by themselves: owners' own rights; MAINTAIN, which only 17 knows; the identity of a
-- partition's column, which 17 takes over from its table; and the alias before a column of a view (one letter, by
-- the style of this project), which 16 and newer write only where it is needed.

with schemas as (
  select n.oid, n.nspname, n.nspacl, n.nspowner
  from pg_catalog.pg_namespace as n
  where n.nspname !~ '^pg_' and n.nspname not in (
    'information_schema', 'extensions', 'auth', 'storage', 'realtime', 'supabase_migrations', 'cron', 'tests', 'public'
  )
),
relations as (
  select c.*, format('%s.%s', s.nspname, c.relname) as name
  from pg_catalog.pg_class as c join schemas as s on s.oid = c.relnamespace
),
-- Tables of the platform carry policies and triggers of the project.
guarded as (
  select c.oid, format('%s.%s', n.nspname, c.relname) as name
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and (
    n.oid in (select s.oid from schemas as s)
    or format('%s.%s', n.nspname, c.relname) in ('auth.users', 'storage.objects', 'storage.buckets', 'realtime.messages')
  )
),
rights as (
  select format('schema %s', s.nspname) as what, s.nspacl as acl, s.nspowner as owner from schemas as s
  union all
  select format('%s %s', case r.relkind when 'S' then 'sequence' else 'table' end, r.name), r.relacl, r.relowner
  from relations as r where r.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select format('column %s.%s', r.name, a.attname), a.attacl, r.relowner
  from relations as r join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attacl is not null
  union all
  select format('function %s.%s(%s)', s.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
    coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)), p.proowner
  from pg_catalog.pg_proc as p join schemas as s on s.oid = p.pronamespace
),
lines as (
  select format('schema %s', s.nspname) as line from schemas as s
  union all
  select format('extension %s in %s', e.extname, n.nspname)
  from pg_catalog.pg_extension as e join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
  where e.extname not in ('pg_cron', 'pgtap', 'plpgsql', 'plpgsql_check', 'pg_stat_statements')
  union all
  select format(
    'relation %s: kind %s, row security %s%s, options %s, %s', r.name, r.relkind, r.relrowsecurity,
    case when r.relforcerowsecurity then ' forced' else '' end, coalesce(r.reloptions::text, '-'),
    case r.relpersistence when 'u' then 'unlogged' else 'logged' end
  )
  from relations as r where r.relkind in ('r', 'p', 'v', 'm', 'S')
  union all
  select format('partition %s of %s: %s', r.name, i.inhparent::regclass, pg_catalog.pg_get_expr(r.relpartbound, r.oid))
  from relations as r join pg_catalog.pg_inherits as i on i.inhrelid = r.oid
  where r.relkind in ('r', 'p')
  union all
  select format(
    'column %s.%s: number %s, %s%s%s%s', r.name, a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then ' not null' else '' end,
    case when d.oid is null then '' when a.attgenerated <> '' then ' generated as ' else ' default ' end
      || coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), ''),
    case when a.attidentity = '' or r.relispartition then '' else ' identity ' || a.attidentity::text end
  )
  from relations as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_attrdef as d on d.adrelid = r.oid and d.adnum = a.attnum
  where r.relkind in ('r', 'p', 'v', 'm')
  union all
  select format('constraint %s on %s: %s%s', k.conname, r.name, pg_catalog.pg_get_constraintdef(k.oid),
    case when k.convalidated then '' else ' not valid' end)
  from relations as r join pg_catalog.pg_constraint as k on k.conrelid = r.oid
  where k.contype <> 't'
  union all
  select format('index %s', pg_catalog.pg_get_indexdef(r.oid)) from relations as r where r.relkind in ('i', 'I')
  union all
  select format('view %s: %s', r.name,
    regexp_replace(regexp_replace(pg_catalog.pg_get_viewdef(r.oid), '\m[a-z]\.', '', 'g'), '\s+', ' ', 'g'))
  from relations as r where r.relkind in ('v', 'm')
  union all
  select format('trigger %s%s', pg_catalog.pg_get_triggerdef(t.oid),
    case t.tgenabled when 'O' then '' else ', enabled ' || t.tgenabled::text end)
  from pg_catalog.pg_trigger as t join guarded as g on g.oid = t.tgrelid
  where not t.tgisinternal
  union all
  select format(
    'policy %s on %s: %s for %s to %s, using %s, check %s', p.polname, g.name,
    case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
    (select string_agg(coalesce(o.rolname, 'public'), ', ' order by o.rolname)
      from unnest(p.polroles) as u (oid) left join pg_catalog.pg_roles as o on o.oid = u.oid),
    coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '-'),
    coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '-')
  )
  from pg_catalog.pg_policy as p join guarded as g on g.oid = p.polrelid
  union all
  select format(
    'function %s.%s(%s) returns %s: kind %s, %s, volatility %s, %s%s%s, settings %s, body %s', s.nspname, p.proname,
    pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), p.prokind, l.lanname,
    p.provolatile, case when p.prosecdef then 'definer' else 'invoker' end,
    case when p.proisstrict then ', strict' else '' end, case when p.proleakproof then ', leakproof' else '' end,
    coalesce(p.proconfig::text, '-'), md5(coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc))
  )
  from pg_catalog.pg_proc as p
  join schemas as s on s.oid = p.pronamespace join pg_catalog.pg_language as l on l.oid = p.prolang
  union all
  select format('domain %s: %s%s', t.oid::regtype, pg_catalog.format_type(t.typbasetype, t.typtypmod),
    case when t.typnotnull then ' not null' else '' end)
  from pg_catalog.pg_type as t join schemas as s on s.oid = t.typnamespace where t.typtype = 'd'
  union all
  select format('grant on %s: %s to %s%s', x.what, a.privilege_type, coalesce(o.rolname, 'public'),
    case when a.is_grantable then ' with grant option' else '' end)
  from rights as x
  cross join lateral pg_catalog.aclexplode(x.acl) as a
  left join pg_catalog.pg_roles as o on o.oid = a.grantee
  where a.grantee <> x.owner and a.privilege_type <> 'MAINTAIN'
  union all
  select format('comment on %s: %s', i.type || ' ' || i.identity, d.description)
  from pg_catalog.pg_description as d
  cross join lateral pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
  where i.schema in (select s.nspname from schemas as s)
)
select line from lines order by line collate "C"
