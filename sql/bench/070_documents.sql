-- The search index: passages of study material, and the people and topics that core itself puts there.
-- Its indexes are built when the last module has added its own.

select bench.take_indexes('core.search_documents');

insert into core.search_documents (module, kind, entity_id, topic_id, title, body, locator, visibility, owner_id, created_at, updated_at)
select
  'bench', 'passage', gen_random_uuid(), topics.ids[1 + t.n % 40], initcap(left(t.body, 60)), t.body,
  jsonb_build_object('page', t.n), v.visibility,
  case when v.visibility = 'owner' then (select p.id from bench.people as p where p.n = 1 + t.n % bench.size(50000)) end,
  at.moment, at.moment
from bench.make_texts(bench.size(current_setting('bench.passages')::integer), 60, 120) as t
cross join lateral (
  select (array['public', 'public', 'authenticated', 'authenticated', 'authenticated', 'authenticated', 'authenticated',
    'authenticated', 'authenticated', 'owner'])[1 + t.n % 10] as visibility
) as v
cross join lateral (select now() - (t.n % 700) * interval '1 day' as moment) as at
cross join (select array_agg(x.id order by x.slug) as ids from core.topics as x where x.slug::text like 'bench-%') as topics;

insert into core.search_documents (module, kind, entity_id, title, language, owner_id)
select 'core', 'profile', p.id, concat_ws(' ', p.username, p.full_name), 'simple', p.id from core.profiles as p;
insert into core.search_documents (module, kind, entity_id, title, body, owner_id)
select 'core', 'expert', e.id, concat_ws(' ', p.username, p.full_name), e.headline, e.id
from core.experts as e
join core.profiles as p on p.id = e.id;
insert into core.search_documents (module, kind, entity_id, topic_id, title, body, visibility)
select 'core', 'topic', t.id, t.id, t.name, t.description, 'public' from core.topics as t where t.slug::text like 'bench-%';

-- What somebody would write who queried the table without the RPC: the rule as a policy. Only for this role.
do $$
begin
  if not exists (select from pg_catalog.pg_roles as r where r.rolname = 'bench_reader') then
    create role bench_reader nologin;
  end if;
end;
$$;
grant usage on schema core, auth, private to bench_reader;
grant execute on all functions in schema auth to bench_reader;
grant select on core.search_documents to bench_reader;
create policy search_documents_select_bench on core.search_documents
  for select to bench_reader
  using (
    visibility in ('public', 'authenticated') or owner_id = (select auth.uid())
    or visibility = 'restricted' and (select auth.uid()) = any (audience)
  );
