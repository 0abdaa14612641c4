-- Who reads and writes topics, and how two become one. Administrators with the permission topics do, and moderators,
-- who see what people ask about.

create function private.can_edit_topics()
returns boolean
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  return private.has_role('moderator') or private.can_administer('topics');
end;
$$;
comment on function private.can_edit_topics() is 'True for moderators and for administrators with the permission topics. For policies.';

alter table core.topics enable row level security;
alter table core.topic_synonyms enable row level security;
alter table core.topic_links enable row level security;

revoke all on core.topics, core.topic_synonyms, core.topic_links from anon, authenticated;
grant select on core.topics, core.topic_synonyms to anon, authenticated;
grant insert (parent_id, slug, name, description, is_active), update (parent_id, slug, name, description, is_active)
  on core.topics to authenticated;
grant insert (topic_id, synonym), delete on core.topic_synonyms to authenticated;
grant select on core.topic_links to authenticated;
grant select, insert, update, delete on core.topics, core.topic_synonyms, core.topic_links to service_role;

create policy topics_select_anyone on core.topics
  for select to anon, authenticated
  using (true);
create policy topics_insert_editor on core.topics
  for insert to authenticated
  with check ((select private.can_edit_topics()));
create policy topics_update_editor on core.topics
  for update to authenticated
  using ((select private.can_edit_topics()))
  with check ((select private.can_edit_topics()));

create policy topic_synonyms_select_anyone on core.topic_synonyms
  for select to anon, authenticated
  using (true);
create policy topic_synonyms_insert_editor on core.topic_synonyms
  for insert to authenticated
  with check ((select private.can_edit_topics()));
create policy topic_synonyms_delete_editor on core.topic_synonyms
  for delete to authenticated
  using ((select private.can_edit_topics()));

create policy topic_links_select_admin on core.topic_links
  for select to authenticated
  using ((select private.has_role('admin')));

create function private.merge_topics(p_from_id uuid, p_into_id uuid)
returns core.topics
language plpgsql
volatile
security definer -- moves rows of several tables after checking that an editor of topics asks
set search_path = ''
as $$
declare
  v_from core.topics;
  v_into core.topics;
begin
  if not private.has_role('moderator') then
    perform private.require_admin('topics');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('core.topics', 0));
  select * into v_from from core.topics as t where t.id = p_from_id for update;
  select * into v_into from core.topics as t where t.id = p_into_id for update;
  if v_from.id is null or v_into.id is null then
    raise sqlstate 'PT404' using message = 'topic_not_found', detail = 'There is no such topic.', hint = 'Check both ids.';
  end if;
  if v_from.merged_into_id = v_into.id then
    return v_into;
  end if;
  if v_from.id = v_into.id or v_from.merged_into_id is not null or v_into.merged_into_id is not null
    or v_into.id = any (private.topic_subtree(v_from.id))
  then
    raise sqlstate 'PT409' using
      message = 'topic_merge_refused',
      detail = 'A topic is merged once, into a living topic that does not stand below it.',
      hint = 'Choose another target, or move it first.';
  end if;

  update core.topics as t set parent_id = v_into.id where t.parent_id = v_from.id;
  update core.topics as t set merged_into_id = v_into.id where t.merged_into_id = v_from.id;
  update core.topic_synonyms as s set topic_id = v_into.id where s.topic_id = v_from.id;
  insert into core.topic_links (topic_id, module, entity_type, entity_id)
  select v_into.id, l.module, l.entity_type, l.entity_id from core.topic_links as l where l.topic_id = v_from.id
  on conflict do nothing;
  delete from core.topic_links as l where l.topic_id = v_from.id;
  insert into core.expert_topics (expert_id, topic_id, proficiency)
  select e.expert_id, v_into.id, e.proficiency from core.expert_topics as e where e.topic_id = v_from.id
  on conflict (expert_id, topic_id) do update set proficiency = greatest(core.expert_topics.proficiency, excluded.proficiency);
  delete from core.expert_topics as e where e.topic_id = v_from.id;
  update core.search_documents as d set topic_id = v_into.id where d.topic_id = v_from.id;
  -- Last, so that nothing above is refused for pointing at a merged topic. The slug stays and leads on.
  update core.topics as t set is_active = false, merged_into_id = v_into.id where t.id = v_from.id;
  return v_into;
end;
$$;
comment on function private.merge_topics(uuid, uuid) is 'Moves everything from one topic to another; the old names lead on.';

create function core.merge_topics(p_from_id uuid, p_into_id uuid)
returns core.topics
language sql
volatile
security invoker
set search_path = ''
as $$ select private.merge_topics(p_from_id, p_into_id); $$;
comment on function core.merge_topics(uuid, uuid) is
  'Moderators and administrators: makes two topics one. Children, links, experts and documents move; the old slug and synonyms lead to the new topic.';

create function core.find_topic(p_name text)
returns setof core.topics
language sql
stable
security invoker
set search_path = ''
as $$ select t.* from core.topics as t where t.id = private.topic_by_slug(p_name); $$;
comment on function core.find_topic(text) is 'The topic with this slug, name or synonym, through merges; no row when there is none.';

revoke execute on all functions in schema core, private from public;
revoke execute on function private.can_edit_topics(), private.merge_topics(uuid, uuid) from anon, authenticated;
grant execute on function private.can_edit_topics() to authenticated;
grant execute on function private.merge_topics(uuid, uuid), core.merge_topics(uuid, uuid), core.find_topic(text)
  to authenticated, service_role;
