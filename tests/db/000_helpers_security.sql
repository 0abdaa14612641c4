-- For 001_security.sql: each rule about the catalogue as a view of the objects that break it.
create schema if not exists tests;

-- 1. What is ours ------------------------------------------------------------------------------------------------

create table tests.modules (schema_name text primary key, is_exposed boolean not null);
insert into tests.modules values
  ('core', true), ('qa', true), ('social', true), ('learning', true), ('market', true), ('timetable', true),
  ('study', true), ('public', true), ('ops', false), ('archive', false), ('private', false);

-- Supabase's own, what its extensions bring, and what the tests bring.
create table tests.platform (schema_name text primary key);
insert into tests.platform values
  ('auth'), ('storage'), ('realtime'), ('extensions'), ('supabase_migrations'), ('supabase_functions'), ('vault'),
  ('graphql'), ('graphql_public'), ('pgbouncer'), ('cron'), ('net'), ('pgsodium'), ('_realtime'), ('tests'),
  ('platform_test');

create view tests.relations as
select c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relacl, c.reloptions, m.schema_name,
  m.is_exposed, format('%I.%I', m.schema_name, c.relname) as name
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join tests.modules m on m.schema_name = n.nspname
where not exists (
  select from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
);

create view tests.functions as
select p.oid, p.proname, p.prosecdef, p.proconfig, m.schema_name, m.is_exposed,
  format('%I.%I', m.schema_name, p.proname) as name,
  format('%I.%I(%s)', m.schema_name, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as signature
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join tests.modules m on m.schema_name = n.nspname
where not exists (
  select from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
);

create view tests.policies as
select pol.polname, pol.polrelid, pol.polroles, pol.polcmd, pol.polpermissive,
  format('%s on %s', pol.polname, r.name) as name,
  concat_ws(' ',
    pg_catalog.pg_get_expr(pol.polqual, pol.polrelid), pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid)
  ) as expression
from pg_catalog.pg_policy pol
join tests.relations r on r.oid = pol.polrelid;

-- Whole-table and column grants to the roles of clients and to everybody.
create view tests.client_grants as
select r.oid, r.name, r.relkind, null::name as column_name, a.privilege_type,
  case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end as grantee
from tests.relations r cross join lateral pg_catalog.aclexplode(r.relacl) a
where a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated')
union all
select r.oid, r.name, r.relkind, t.attname, a.privilege_type,
  case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end
from tests.relations r
join pg_catalog.pg_attribute t on t.attrelid = r.oid
cross join lateral pg_catalog.aclexplode(t.attacl) a
where a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated');

create view tests.foreign_keys as
select c.oid, c.conrelid, c.conkey, c.confdeltype, format('%s of %s', c.conname, r.name) as name
from pg_catalog.pg_constraint c
join tests.relations r on r.oid = c.conrelid
where c.contype = 'f' and c.conparentid = 0;

-- 2. The rules ---------------------------------------------------------------------------------------------------

create view tests.schemas_unknown as
select n.nspname as name
from pg_catalog.pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and n.nspname not in (select schema_name from tests.modules union all select schema_name from tests.platform);

create view tests.schemas_open as
select format('%s on %s', g.role_name, m.schema_name) as name
from tests.modules m
join pg_catalog.pg_namespace n on n.nspname = m.schema_name
cross join (values ('anon'), ('authenticated')) g (role_name)
where (m.schema_name in ('ops', 'archive') and pg_catalog.has_schema_privilege(g.role_name, n.oid, 'usage'))
  or (m.schema_name <> 'public' and pg_catalog.has_schema_privilege(g.role_name, n.oid, 'create'));

create view tests.tables_without_rls as
select name from tests.relations where relkind in ('r', 'p') and not relrowsecurity;

create view tests.tables_without_key as
select r.name from tests.relations r
where r.relkind in ('r', 'p')
  and not exists (select from pg_catalog.pg_index i where i.indrelid = r.oid and i.indisprimary);

create view tests.policies_for_everybody as
select name from tests.policies where 0 = any (polroles);

-- A call whose arguments come from no row gives the same each time: in a select it runs once a statement.
create view tests.policies_unwrapped as
select name, expression from tests.policies
where expression ~ '(?<!SELECT )\mauth\.\w+\('
  or expression ~ '(?<!SELECT )\mcurrent_setting\('
  or expression ~ '(?<!SELECT |FROM )\mprivate\.\w+\((\s*(''[^'']*''::[\w "]+|NULL::[\w "]+|[-\d.]+|true|false)\s*,?)*\)';

create view tests.functions_unpinned as
select signature as name from tests.functions
where not coalesce('search_path=""' = any (proconfig), false);

create view tests.definers_exposed as
select signature as name from tests.functions where prosecdef and is_exposed;

create view tests.functions_for_anon as
select signature as name from tests.functions
where pg_catalog.has_function_privilege('anon', oid, 'execute');

create view tests.functions_of_users as
select distinct name from tests.functions
where is_exposed and pg_catalog.has_function_privilege('authenticated', oid, 'execute');

create view tests.functions_of_service as
select distinct name from tests.functions
where is_exposed and pg_catalog.has_function_privilege('service_role', oid, 'execute')
  and not pg_catalog.has_function_privilege('authenticated', oid, 'execute');

-- "update core.topics (description, name)": what a role may change, column by column.
create view tests.writes as
select grantee, concat_ws(' ', lower(privilege_type), name,
  '(' || string_agg(column_name, ', ' order by column_name) || ')') as name
from tests.client_grants
where privilege_type not in ('SELECT', 'USAGE')
group by grantee, privilege_type, name;

create view tests.reads_of_anon as
select distinct name from tests.client_grants where grantee in ('anon', 'public') and privilege_type = 'SELECT';

create view tests.grants_whole_table as
select format('%s on %s to %s', lower(privilege_type), name, grantee) as name from tests.client_grants
where column_name is null and privilege_type in ('INSERT', 'UPDATE') and relkind <> 'S';

create view tests.grants_dangerous as
select format('%s on %s to %s', lower(privilege_type), name, grantee) as name from tests.client_grants
where privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN') or grantee = 'public';

create view tests.grants_of_anon as
select format('%s on %s', lower(privilege_type), name) as name from tests.client_grants
where grantee = 'anon' and privilege_type <> 'SELECT';

create view tests.grants_hidden as
select format('%s on %s to %s', lower(g.privilege_type), g.name, g.grantee) as name
from tests.client_grants g join tests.relations r on r.oid = g.oid
where not r.is_exposed;

-- With a grant and no policy every row is refused; with a policy and no grant the policy never speaks.
create view tests.grants_without_policy as
select distinct format('%s on %s to %s', lower(g.privilege_type), g.name, g.grantee) as name
from tests.client_grants g
where g.relkind in ('r', 'p') and g.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') and not exists (
  select from tests.policies p
  where p.polrelid = g.oid and p.polpermissive and pg_catalog.to_regrole(g.grantee) = any (p.polroles)
    and p.polcmd in ('*', case g.privilege_type when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end)
);

create view tests.policies_without_grant as
select p.name from tests.policies p cross join lateral unnest(p.polroles) as member (role_id)
where pg_catalog.pg_get_userbyid(member.role_id) in ('anon', 'authenticated') and not exists (
  select from tests.client_grants g
  where g.oid = p.polrelid and g.grantee = pg_catalog.pg_get_userbyid(member.role_id)
    and p.polcmd in ('*', case g.privilege_type when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' when 'DELETE' then 'd' end)
);

-- Some index begins with exactly the columns of the key, in any order, and holds all rows that have them.
create view tests.foreign_keys_without_index as
select f.name from tests.foreign_keys f
where not exists (
  select from pg_catalog.pg_index i
  where i.indrelid = f.conrelid and i.indisvalid
    and (i.indkey::smallint[])[0:least(cardinality(f.conkey), i.indnkeyatts) - 1] @> f.conkey
    and (i.indpred is null or pg_catalog.pg_get_expr(i.indpred, i.indrelid) = (
      select format('(%I IS NOT NULL)', a.attname) from pg_catalog.pg_attribute a
      where a.attrelid = f.conrelid and a.attnum = f.conkey[1] and cardinality(f.conkey) = 1
    ))
);

create view tests.foreign_keys_undecided as
select name from tests.foreign_keys where confdeltype = 'a';

create view tests.extensions_in_public as
select e.extname as name from pg_catalog.pg_extension e where e.extnamespace = 'public'::regnamespace;

create view tests.uncommented as
select name from tests.relations
where relkind in ('r', 'p', 'v', 'm') and not relispartition
  and coalesce(trim(pg_catalog.obj_description(oid, 'pg_class')), '') = ''
union all
select signature from tests.functions
where is_exposed and coalesce(trim(pg_catalog.obj_description(oid, 'pg_proc')), '') = '';

create view tests.views_of_their_owner as
select name from tests.relations
where relkind = 'v'
  and not exists (select from unnest(reloptions) o (option) where o.option in ('security_invoker=true', 'security_invoker=on'));

create view tests.stored_views_shown as
select distinct name from tests.client_grants where relkind = 'm';

-- Hosted projects have such defaults for public alone, and nothing of ours is there.
create view tests.defaults_for_clients as
select format('%s in %s', d.defaclobjtype, coalesce(n.nspname, 'any schema')) as name
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
cross join lateral pg_catalog.aclexplode(d.defaclacl) a
where (a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated'))
  and (n.oid is null or n.nspname in (select schema_name from tests.modules where schema_name <> 'public'));

create view tests.things_in_public as
select name from tests.relations where schema_name = 'public' and relkind in ('r', 'p', 'v', 'm')
union all
select signature from tests.functions where schema_name = 'public';
