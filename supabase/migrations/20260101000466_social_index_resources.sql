-- Resources in the search index: title, name of the file and description. Of a shared one for everybody signed in; of a
-- private one, or one that is still being checked, for its author; of a refused or removed one not at all.

create function private.social_index_resource(p_id uuid)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_resource social.resources;
  v_topics uuid[];
begin
  perform private.social_lock_index(p_id);
  select * into v_resource from social.resources as r
  where r.id = p_id and r.status <> 'rejected' and r.deleted_at is null and r.hidden_at is null and r.author_id is not null;
  if not found then
    perform private.unindex_document('social', 'resource', p_id);
    return;
  end if;
  v_topics := array(select t.topic_id from social.resource_topics as t where t.resource_id = p_id order by t.topic_id);
  perform private.index_document(
    'social', 'resource', p_id, v_resource.title, concat_ws(E'\n', nullif(v_resource.description, ''), v_resource.file_name),
    v_topics[1], jsonb_build_object('file_type', v_resource.file_type),
    p_visibility => case when private.is_resource_shared(v_resource) then 'public' else 'owner' end,
    p_owner_id => v_resource.author_id, p_topic_ids => v_topics[2:], p_language => private.social_language()
  );
end;
$$;
comment on function private.social_index_resource(uuid) is 'Puts a resource into the search index as it is now, or takes it out.';

create constraint trigger _800_index
  after insert or delete or update of title, description, is_public, status, author_id, file_id, deleted_at, hidden_at on social.resources
  deferrable initially deferred
  for each row execute function private.tg__social_index('resource', 'id');
create constraint trigger _800_index
  after insert or delete on social.resource_topics
  deferrable initially deferred
  for each row execute function private.tg__social_index('resource', 'resource_id');

revoke execute on function private.social_index_resource(uuid) from public, anon, authenticated;
