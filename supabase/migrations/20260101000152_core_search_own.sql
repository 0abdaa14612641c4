-- What core itself puts into the index: people, topics, and experts who are verified.

create function private.tg_profiles__index()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
begin
  if new.is_active then
    perform private.index_document(
      'core', 'profile', new.id, concat_ws(' ', new.username, new.full_name), coalesce(new.bio, ''), null, '{}',
      'authenticated', new.id, 0, null, 'simple'
    );
  else
    perform private.unindex_document('core', 'profile', new.id);
    perform private.unindex_document('core', 'expert', new.id);
  end if;
  return null;
end;
$$;
create trigger _800_index
  after insert or update of username, full_name, bio, is_active on core.profiles
  for each row execute function private.tg_profiles__index();

create function private.tg_topics__index()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
begin
  if new.is_active then
    perform private.index_document('core', 'topic', new.id, new.name, new.description, new.id, '{}', 'public');
  else
    perform private.unindex_document('core', 'topic', new.id);
  end if;
  return null;
end;
$$;
create trigger _800_index
  after insert or update of name, description, is_active on core.topics
  for each row execute function private.tg_topics__index();
create function private.tg_topics__unindex()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
begin
  perform private.unindex_document('core', 'topic', old.id);
  return null;
end;
$$;
create trigger _800_unindex
  after delete on core.topics
  for each row execute function private.tg_topics__unindex();

create function private.index_expert(p_expert_id uuid)
returns void
language plpgsql
volatile
security definer -- the index is closed
set search_path = ''
as $$
declare
  v_name text;
  v_headline text;
begin
  select concat_ws(' ', p.username, p.full_name), e.headline into v_name, v_headline
  from core.experts as e
  join core.profiles as p on p.id = e.id and p.is_active
  where e.id = p_expert_id and e.verification_status = 'verified';
  if found then
    perform private.index_document('core', 'expert', p_expert_id, v_name, v_headline, null, '{}', 'authenticated', p_expert_id);
  else
    perform private.unindex_document('core', 'expert', p_expert_id);
  end if;
end;
$$;
comment on function private.index_expert(uuid) is 'Puts a verified, active expert into the search index, or takes him out.';

create function private.tg__index_expert()
returns trigger
language plpgsql
security definer -- the index is closed
set search_path = ''
as $$
begin
  perform private.index_expert(new.id);
  return null;
end;
$$;
create trigger _800_index
  after insert or update of headline, verification_status on core.experts
  for each row execute function private.tg__index_expert();
create trigger _810_index_expert
  after update of username, full_name, is_active on core.profiles
  for each row execute function private.tg__index_expert();

revoke execute on all functions in schema private from public;
revoke execute on function
  private.tg_profiles__index(), private.tg_topics__index(), private.tg_topics__unindex(), private.tg__index_expert(), private.index_expert(uuid)
  from anon, authenticated;
