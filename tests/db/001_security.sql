-- A walk through the catalogue: the rules that every object keeps, whoever wrote it. Each rule is a view of those
-- that break it. First all views must be empty but for the exceptions named here; then one object of each kind is
-- made wrong on purpose, and the view must find it: a rule that sees nothing proves nothing.
begin;
select plan(53);

-- 1. What is ours ------------------------------------------------------------------------------------------------

create temp table modules (schema_name text primary key, is_exposed boolean not null);
insert into modules values
  ('core', true), ('qa', true), ('social', true), ('learning', true), ('market', true), ('timetable', true),
  ('study', true), ('public', true), ('ops', false), ('private', false);

-- Supabase's own, what its extensions bring, and what the tests bring.
create temp table platform (schema_name text primary key);
insert into platform values
  ('auth'), ('storage'), ('realtime'), ('extensions'), ('supabase_migrations'), ('supabase_functions'), ('vault'),
  ('graphql'), ('graphql_public'), ('pgbouncer'), ('cron'), ('net'), ('pgsodium'), ('_realtime'), ('tests'),
  ('platform_test');

-- Functions that somebody without an account may run.
create temp table anon_may_execute (signature text primary key);

-- RPCs of workers and operators: service_role alone may run them.
create temp table service_only (name text primary key);
insert into service_only values
  ('core.begin_idempotent'), ('core.cache_get'), ('core.cache_put'), ('core.claim_jobs'), ('core.complete_job'),
  ('core.enqueue_job'), ('core.export_user_data'), ('core.fail_job'), ('core.fail_privacy_request'),
  ('core.finish_erasure'), ('core.finish_export'), ('core.finish_idempotent'), ('core.finish_webhook'),
  ('core.heartbeat_job'), ('core.list_user_objects'), ('core.receive_webhook'), ('core.record_ai_call'),
  ('core.record_api_usage'), ('core.record_file_inspection'), ('core.record_metric'), ('core.retrieve_passages'),
  ('core.run_due_tasks'), ('core.take_rate_limit'), ('qa.assign_expert'), ('qa.begin_generation'),
  ('qa.begin_humanization'), ('qa.check_originality'), ('qa.deliver_answer'), ('qa.record_generated_answer'),
  ('qa.record_humanized_answer'), ('qa.reject_unreadable');

create temp view relations as
select c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relacl, c.reloptions, m.schema_name,
  m.is_exposed, format('%I.%I', m.schema_name, c.relname) as name
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join modules m on m.schema_name = n.nspname
where not exists (
  select from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
);

create temp view functions as
select p.oid, p.proname, p.prosecdef, p.proconfig, m.schema_name, m.is_exposed,
  format('%I.%I', m.schema_name, p.proname) as name,
  format('%I.%I(%s)', m.schema_name, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as signature
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join modules m on m.schema_name = n.nspname
where not exists (
  select from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
);

create temp view policies as
select pol.polname, pol.polrelid, pol.polroles, pol.polcmd, pol.polpermissive,
  format('%s on %s', pol.polname, r.name) as name,
  concat_ws(' ',
    pg_catalog.pg_get_expr(pol.polqual, pol.polrelid), pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid)
  ) as expression
from pg_catalog.pg_policy pol
join relations r on r.oid = pol.polrelid;

-- Whole-table and column grants to the roles of clients and to everybody.
create temp view client_grants as
select r.oid, r.name, r.relkind, 'table' as level, a.privilege_type,
  case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end as grantee
from relations r cross join lateral pg_catalog.aclexplode(r.relacl) a
where a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated')
union all
select r.oid, r.name, r.relkind, 'column', a.privilege_type,
  case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee)::text end
from relations r
join pg_catalog.pg_attribute t on t.attrelid = r.oid
cross join lateral pg_catalog.aclexplode(t.attacl) a
where a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated');

create temp view foreign_keys as
select c.oid, c.conrelid, c.conkey, c.confdeltype, format('%s of %s', c.conname, r.name) as name
from pg_catalog.pg_constraint c
join relations r on r.oid = c.conrelid
where c.contype = 'f' and c.conparentid = 0;

-- 2. The rules ---------------------------------------------------------------------------------------------------

create temp view schemas_unknown as
select n.nspname as name
from pg_catalog.pg_namespace n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and n.nspname not in (select schema_name from modules union all select schema_name from platform);

create temp view schemas_open as
select format('%s on %s', g.role_name, m.schema_name) as name
from modules m
join pg_catalog.pg_namespace n on n.nspname = m.schema_name
cross join (values ('anon'), ('authenticated')) g (role_name)
where (m.schema_name = 'ops' and pg_catalog.has_schema_privilege(g.role_name, n.oid, 'usage'))
  or (m.schema_name <> 'public' and pg_catalog.has_schema_privilege(g.role_name, n.oid, 'create'));

create temp view tables_without_rls as
select name from relations where relkind in ('r', 'p') and not relrowsecurity;

create temp view tables_without_key as
select r.name from relations r
where r.relkind in ('r', 'p')
  and not exists (select from pg_catalog.pg_index i where i.indrelid = r.oid and i.indisprimary);

create temp view policies_for_everybody as
select name from policies where 0 = any (polroles);

-- A call whose arguments come from no row gives the same each time: in a select it runs once a statement.
create temp view policies_unwrapped as
select name, expression from policies
where expression ~ '(?<!SELECT )\mauth\.\w+\('
  or expression ~ '(?<!SELECT )\mcurrent_setting\('
  or expression ~ '(?<!SELECT |FROM )\mprivate\.\w+\((\s*(''[^'']*''::[\w "]+|NULL::[\w "]+|[-\d.]+|true|false)\s*,?)*\)';

create temp view functions_unpinned as
select signature as name from functions
where not coalesce('search_path=""' = any (proconfig), false);

create temp view definers_exposed as
select signature as name from functions where prosecdef and is_exposed;

create temp view functions_for_anon as
select signature as name from functions
where pg_catalog.has_function_privilege('anon', oid, 'execute')
  and signature not in (select signature from anon_may_execute);

create temp view functions_of_service as
select distinct name from functions
where is_exposed and pg_catalog.has_function_privilege('service_role', oid, 'execute')
  and not pg_catalog.has_function_privilege('authenticated', oid, 'execute');

create temp view grants_whole_table as
select format('%s on %s to %s', lower(privilege_type), name, grantee) as name from client_grants
where level = 'table' and privilege_type in ('INSERT', 'UPDATE') and relkind <> 'S';

create temp view grants_dangerous as
select format('%s on %s to %s', lower(privilege_type), name, grantee) as name from client_grants
where privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN') or grantee = 'public';

create temp view grants_of_anon as
select format('%s on %s', lower(privilege_type), name) as name from client_grants
where grantee = 'anon' and privilege_type <> 'SELECT';

create temp view grants_hidden as
select format('%s on %s to %s', lower(g.privilege_type), g.name, g.grantee) as name
from client_grants g join relations r on r.oid = g.oid
where not r.is_exposed;

-- With a grant and no policy every row is refused; with a policy and no grant the policy never speaks.
create temp view grants_without_policy as
select distinct format('%s on %s to %s', lower(g.privilege_type), g.name, g.grantee) as name
from client_grants g
where g.relkind in ('r', 'p') and g.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') and not exists (
  select from policies p
  where p.polrelid = g.oid and p.polpermissive and pg_catalog.to_regrole(g.grantee) = any (p.polroles)
    and p.polcmd in ('*', case g.privilege_type when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' else 'd' end)
);

create temp view policies_without_grant as
select p.name from policies p cross join lateral unnest(p.polroles) as member (role_id)
where pg_catalog.pg_get_userbyid(member.role_id) in ('anon', 'authenticated') and not exists (
  select from client_grants g
  where g.oid = p.polrelid and g.grantee = pg_catalog.pg_get_userbyid(member.role_id)
    and p.polcmd in ('*', case g.privilege_type when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' when 'DELETE' then 'd' end)
);

-- Some index begins with exactly the columns of the key, in any order, and holds all rows that have them.
create temp view foreign_keys_without_index as
select f.name from foreign_keys f
where not exists (
  select from pg_catalog.pg_index i
  where i.indrelid = f.conrelid and i.indisvalid
    and (i.indkey::smallint[])[0:least(cardinality(f.conkey), i.indnkeyatts) - 1] @> f.conkey
    and (i.indpred is null or pg_catalog.pg_get_expr(i.indpred, i.indrelid) = (
      select format('(%I IS NOT NULL)', a.attname) from pg_catalog.pg_attribute a
      where a.attrelid = f.conrelid and a.attnum = f.conkey[1] and cardinality(f.conkey) = 1
    ))
);

create temp view foreign_keys_undecided as
select name from foreign_keys where confdeltype = 'a';

create temp view extensions_in_public as
select e.extname as name from pg_catalog.pg_extension e where e.extnamespace = 'public'::regnamespace;

create temp view uncommented as
select name from relations
where relkind in ('r', 'p', 'v', 'm') and not relispartition
  and coalesce(trim(pg_catalog.obj_description(oid, 'pg_class')), '') = ''
union all
select signature from functions
where is_exposed and coalesce(trim(pg_catalog.obj_description(oid, 'pg_proc')), '') = '';

create temp view views_of_their_owner as
select name from relations
where relkind = 'v'
  and not exists (select from unnest(reloptions) o (option) where o.option in ('security_invoker=true', 'security_invoker=on'));

create temp view stored_views_shown as
select distinct name from client_grants where relkind = 'm';

-- Hosted projects have such defaults for public alone, and nothing of ours is there.
create temp view defaults_for_clients as
select format('%s in %s', d.defaclobjtype, coalesce(n.nspname, 'any schema')) as name
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
cross join lateral pg_catalog.aclexplode(d.defaclacl) a
where (a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) in ('anon', 'authenticated'))
  and (n.oid is null or n.nspname in (select schema_name from modules where schema_name <> 'public'));

create temp view things_in_public as
select name from relations where schema_name = 'public' and relkind in ('r', 'p', 'v', 'm')
union all
select signature from functions where schema_name = 'public';

-- 3. Nothing of ours breaks a rule -------------------------------------------------------------------------------

create temp table rules (place integer generated always as identity, rule text primary key, about text not null);
insert into rules (rule, about) values
  ('schemas_unknown', 'every schema is a module of ours or one of the platform: a new one is named above'),
  ('schemas_open', 'clients may not enter ops, and may make nothing in any schema'),
  ('tables_without_rls', 'row level security is on for every table, partitions and hidden schemas included'),
  ('tables_without_key', 'every table has a primary key'),
  ('policies_for_everybody', 'every policy says to whom'),
  ('policies_unwrapped', 'a policy asks once a statement who is calling, not once a row'),
  ('functions_unpinned', 'every function pins its search_path'),
  ('definers_exposed', 'no security definer function stands in an exposed schema'),
  ('functions_for_anon', 'anon may execute only what is named above'),
  ('grants_whole_table', 'clients insert and update named columns, never a whole table'),
  ('grants_dangerous', 'no client may truncate, reference or put a trigger on a table, and nothing is for public'),
  ('grants_of_anon', 'anon writes nothing'),
  ('grants_hidden', 'nothing in a hidden schema is granted to clients'),
  ('grants_without_policy', 'what is granted on a table has a policy for that command and role'),
  ('policies_without_grant', 'who has a policy has the grant that it speaks about'),
  ('foreign_keys_without_index', 'every foreign key has an index that begins with its columns'),
  ('foreign_keys_undecided', 'every foreign key says what happens on delete'),
  ('extensions_in_public', 'no extension is in public'),
  ('uncommented', 'every table, view and exposed function is commented'),
  ('views_of_their_owner', 'every view reads with the rights of whoever asks'),
  ('stored_views_shown', 'no client reads a materialized view: it knows no policies'),
  ('defaults_for_clients', 'no default privilege hands new objects to clients'),
  ('things_in_public', 'public is empty');

select is_empty(format('select distinct name from pg_temp.%I order by 1', rule), about) from rules order by place;

select set_eq(
  'select name from functions_of_service', 'select name from service_only',
  'exactly the functions named above are for service_role alone'
);
select is_empty(
  $$
    select f.signature from functions f join service_only s on s.name = f.name
    where pg_catalog.has_function_privilege('authenticated', f.oid, 'execute')
  $$,
  'none of them has a variant that a client may execute'
);
select is_empty(
  'select signature from anon_may_execute except select signature from functions',
  'the list for anon names only functions that there are'
);

-- 4. Each rule sees what breaks it -------------------------------------------------------------------------------

create table core.probe (
  id uuid,
  topic_id uuid references core.topics (id),
  topic_two uuid references core.topics (id) on delete cascade,
  topic_three uuid references core.topics (id) on delete cascade,
  topic_four uuid references core.topics (id) on delete cascade
);
create index on core.probe (topic_two, id);
create index on core.probe (topic_three) where topic_three is not null;
create index on core.probe (id) include (topic_four);
create function core.probe() returns integer language sql as 'select 1';

select is_empty(
  $$select distinct privilege_type from client_grants where name = 'core.probe'$$,
  'a new table is closed to clients until somebody opens it'
);
select ok(
  not pg_catalog.has_function_privilege('anon', 'core.probe()', 'execute')
  and not pg_catalog.has_function_privilege('authenticated', 'core.probe()', 'execute'),
  'and so is a new function'
);

create schema probe;
grant usage on schema ops to authenticated;
grant all on core.probe to authenticated;
grant insert (id) on core.probe to anon;
grant select on ops.job_types to authenticated;
grant execute on function core.probe() to anon, service_role;
alter function core.probe() security definer;
create policy probe_all on core.probe using (auth.uid() = id);
create policy probe_select on core.probe for select to authenticated using (private.has_role('admin'));
create policy probe_delete on core.probe for delete to authenticated
  using ((select auth.uid()) = id and (select private.has_role('admin')));
create policy probe_update on core.probe for update to anon using ((select auth.uid()) = id);
create view core.probe_view as select 1 as one;
create materialized view core.probe_stored as select 1 as one;
grant select on core.probe_stored to authenticated;
alter default privileges in schema core grant select on tables to anon;
create table public.probe (id integer primary key);
alter extension unaccent set schema public;

create temp table expected (rule text not null, names text[] not null);
insert into expected values
  ('schemas_unknown', '{probe}'),
  ('schemas_open', '{authenticated on ops}'),
  ('tables_without_rls', '{core.probe,public.probe}'),
  ('tables_without_key', '{core.probe}'),
  ('policies_for_everybody', '{probe_all on core.probe}'),
  ('policies_unwrapped', '{probe_all on core.probe,probe_select on core.probe}'),
  ('functions_unpinned', '{core.probe()}'),
  ('definers_exposed', '{core.probe()}'),
  ('functions_for_anon', '{core.probe()}'),
  ('grants_whole_table', '{insert on core.probe to authenticated,update on core.probe to authenticated}'),
  ('grants_dangerous', '{references on core.probe to authenticated,trigger on core.probe to authenticated,truncate on core.probe to authenticated}'),
  ('grants_of_anon', '{insert on core.probe}'),
  ('grants_hidden', '{select on ops.job_types to authenticated}'),
  ('grants_without_policy', '{insert on core.probe to anon,insert on core.probe to authenticated,select on ops.job_types to authenticated,update on core.probe to authenticated}'),
  ('policies_without_grant', '{probe_update on core.probe}'),
  ('foreign_keys_without_index', '{probe_topic_four_fkey of core.probe,probe_topic_id_fkey of core.probe}'),
  ('foreign_keys_undecided', '{probe_topic_id_fkey of core.probe}'),
  ('extensions_in_public', '{unaccent}'),
  ('uncommented', '{core.probe,core.probe(),core.probe_stored,core.probe_view,public.probe}'),
  ('views_of_their_owner', '{core.probe_view}'),
  ('stored_views_shown', '{core.probe_stored}'),
  ('defaults_for_clients', '{r in core}'),
  ('things_in_public', '{public.probe}');

-- MAINTAIN exists from Postgres 17 on.
select set_eq(
  format('select distinct name from pg_temp.%I where name not like %L', e.rule, 'maintain %'),
  e.names,
  format('%s finds them', e.rule)
)
from expected e join rules r on r.rule = e.rule order by r.place;

select is_empty('select rule from rules except select rule from expected', 'no rule goes without that proof');

select * from finish();
rollback;
