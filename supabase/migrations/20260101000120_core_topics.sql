-- Topics: one tree over everything that is taught, asked or booked. Synonyms lead to a topic, and a merged topic leads on
-- to the one that took it in, so an old name never breaks.
--
-- Everybody reads topics, visitors too. Moderators and administrators write them.

-- Spelling of a name as a slug: "Renal system" and "renal-system" are one.
create function private.topic_key(p_name text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select btrim(regexp_replace(lower(btrim(p_name)), '[^[:alnum:]]+', '-', 'g'), '-');
$$;
comment on function private.topic_key(text) is 'A name as it is compared: lower case, everything but letters and digits a hyphen.';

create table core.topics (
  id uuid primary key default gen_random_uuid(),
  parent_id uuid references core.topics (id) on delete restrict,
  slug extensions.citext not null unique,
  name text not null,
  description text not null default '',
  is_active boolean not null default true,
  merged_into_id uuid references core.topics (id) on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint topics_slug_check check (slug::text ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug::text) <= 80),
  constraint topics_name_check check (length(name) between 1 and 120),
  constraint topics_description_check check (length(description) <= 2000),
  constraint topics_parent_check check (parent_id <> id),
  constraint topics_merged_check check (merged_into_id is null or (merged_into_id <> id and not is_active))
);
comment on table core.topics is 'A tree of topics. A merged topic is inactive and names the one that took it in.';
create index topics_parent_id_idx on core.topics (parent_id);
create index topics_merged_into_id_idx on core.topics (merged_into_id);
create index topics_name_key_idx on core.topics (private.topic_key(name));

create table core.topic_synonyms (
  id uuid primary key default gen_random_uuid(),
  topic_id uuid not null references core.topics (id) on delete cascade,
  synonym extensions.citext not null unique,
  created_at timestamptz not null default now(),
  constraint topic_synonyms_synonym_check check (length(synonym::text) between 2 and 120)
);
comment on table core.topic_synonyms is 'Other names of a topic; each leads to one topic only.';
create index topic_synonyms_topic_id_idx on core.topic_synonyms (topic_id);

create table core.topic_links (
  topic_id uuid not null references core.topics (id) on delete cascade,
  module text not null,
  entity_type text not null,
  entity_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (topic_id, module, entity_type, entity_id),
  constraint topic_links_module_check check (module ~ '^[a-z_]{2,40}$' and entity_type ~ '^[a-z_]{2,60}$')
);
comment on table core.topic_links is
  'What belongs to which topic, across modules. Not for clients: it would tell that something exists; core.search tells what they may see.';
create index topic_links_entity_idx on core.topic_links (entity_id, module, entity_type);

create trigger _900_touch_updated_at
  before update on core.topics
  for each row execute function private.tg__touch_updated_at();

-- Two moves at once could close a ring that neither sees: moves go one at a time.
create function private.tg_topics__check_tree()
returns trigger
language plpgsql
security definer -- walks the whole tree
set search_path = ''
as $$
declare
  v_id uuid := new.parent_id;
  v_depth integer := 1;
begin
  perform pg_advisory_xact_lock(hashtextextended('core.topics', 0));
  while v_id is not null loop
    if v_id = new.id then
      raise sqlstate 'PT409' using
        message = 'topic_cycle',
        detail = 'A topic cannot stand below itself.',
        hint = 'Choose another parent.';
    end if;
    v_depth := v_depth + 1;
    if v_depth > 12 then
      raise sqlstate 'PT422' using
        message = 'topic_tree_too_deep',
        detail = 'Topics go twelve levels deep.',
        hint = 'Choose a parent further up.';
    end if;
    select t.parent_id into v_id from core.topics as t where t.id = v_id;
  end loop;
  return new;
end;
$$;

create trigger _200_check_tree
  before insert or update of parent_id, id on core.topics
  for each row when (new.parent_id is not null)
  execute function private.tg_topics__check_tree();

create function private.tg_topics__clean()
returns trigger
language plpgsql
security definer -- clean_text is not executable by clients
set search_path = ''
as $$
begin
  new.name := private.clean_text(new.name, 'name', 1, 120);
  new.description := private.clean_text(new.description, 'description', 0, 2000);
  if exists (select from core.topic_synonyms as s where s.synonym operator(extensions.=) new.slug and s.topic_id <> new.id) then
    raise sqlstate 'PT409' using
      message = 'topic_name_taken',
      detail = 'This name already leads to another topic.',
      hint = 'Choose another one, or merge the two topics.';
  end if;
  return new;
end;
$$;

create trigger _100_clean
  before insert or update of slug, name, description on core.topics
  for each row execute function private.tg_topics__clean();

create function private.tg_topic_synonyms__clean()
returns trigger
language plpgsql
security definer -- clean_text is not executable by clients
set search_path = ''
as $$
begin
  new.synonym := private.topic_key(private.clean_text(new.synonym::text, 'synonym', 2, 120));
  if exists (select from core.topics as t where t.slug operator(extensions.=) new.synonym and t.id <> new.topic_id and t.merged_into_id is null) then
    raise sqlstate 'PT409' using
      message = 'topic_name_taken',
      detail = 'This name already leads to another topic.',
      hint = 'Choose another one, or merge the two topics.';
  end if;
  return new;
end;
$$;

create trigger _100_clean
  before insert or update on core.topic_synonyms
  for each row execute function private.tg_topic_synonyms__clean();

create function private.topic_by_slug(p_slug text)
returns uuid
language plpgsql
stable
security definer -- modules resolve names for everybody
set search_path = ''
as $$
declare
  v_key text := private.topic_key(left(p_slug, 200));
  v_topic core.topics;
begin
  select * into v_topic from core.topics as t where t.slug operator(extensions.=) v_key::extensions.citext;
  if v_topic.id is null then
    select t.* into v_topic
    from core.topic_synonyms as s
    join core.topics as t on t.id = s.topic_id
    where s.synonym operator(extensions.=) v_key::extensions.citext;
  end if;
  if v_topic.id is null then
    select * into v_topic from core.topics as t
    where private.topic_key(t.name) = v_key and t.is_active
    order by t.created_at, t.id
    limit 1;
  end if;
  -- A merge points straight at its target, and merging the target moves the pointers: still, follow to the end.
  for i in 1..12 loop
    exit when v_topic.merged_into_id is null;
    select * into v_topic from core.topics as t where t.id = v_topic.merged_into_id;
  end loop;
  return case when v_topic.is_active then v_topic.id end;
end;
$$;
comment on function private.topic_by_slug(text) is
  'The topic of this slug, name or synonym, through merges; null when there is none or it is switched off.';

create function private.living_topic(p_topic_id uuid)
returns uuid
language plpgsql
volatile
security definer -- called by triggers
set search_path = ''
as $$
declare
  v_id uuid := p_topic_id;
  v_into_id uuid;
  v_is_active boolean;
begin
  for i in 1..12 loop
    -- In share mode: a merge waits for this row and takes it along, or is waited for and seen.
    select t.merged_into_id, t.is_active into v_into_id, v_is_active from core.topics as t where t.id = v_id for share;
    exit when v_into_id is null;
    v_id := v_into_id;
  end loop;
  if v_is_active is distinct from true then
    raise sqlstate 'PT422' using
      message = 'unknown_topic', detail = 'There is no such topic, or it is switched off.', hint = 'Take one from core.topics.';
  end if;
  return v_id;
end;
$$;
comment on function private.living_topic(uuid) is
  'The topic that this one has become, held until the end of the transaction; unknown_topic (422) when it is not there or off.';

create function private.topic_subtree(p_topic_id uuid)
returns uuid[]
language plpgsql
stable
security definer -- walks the whole tree
set search_path = ''
as $$
begin
  return array(
    with recursive subtree as (
      select t.id from core.topics as t where t.id = p_topic_id
      union
      select t.id from core.topics as t join subtree as s on t.parent_id = s.id or t.merged_into_id = s.id
    )
    select s.id from subtree as s
  );
end;
$$;
comment on function private.topic_subtree(uuid) is 'The topic and everything below it, merged ones included.';

create function private.link_topic(p_topic_id uuid, p_module text, p_entity_type text, p_entity_id uuid)
returns void
language sql
volatile
security definer -- topic_links is written by modules, for anybody
set search_path = ''
as $$
  insert into core.topic_links (topic_id, module, entity_type, entity_id)
  values (p_topic_id, p_module, p_entity_type, p_entity_id)
  on conflict do nothing;
$$;
comment on function private.link_topic(uuid, text, text, uuid) is 'Says that something belongs to a topic. Idempotent.';

create function private.unlink_topics(p_module text, p_entity_type text, p_entity_id uuid)
returns void
language sql
volatile
security definer -- topic_links is written by modules, for anybody
set search_path = ''
as $$
  delete from core.topic_links as l
  where l.entity_id = p_entity_id and l.module = p_module and l.entity_type = p_entity_type;
$$;
comment on function private.unlink_topics(text, text, uuid) is 'Removes all topics of a thing.';

revoke execute on all functions in schema private from public;
revoke execute on function
  private.topic_key(text), private.topic_by_slug(text), private.topic_subtree(uuid), private.living_topic(uuid),
  private.link_topic(uuid, text, text, uuid), private.unlink_topics(text, text, uuid)
  from anon, authenticated;
grant execute on function
  private.topic_key(text), private.topic_by_slug(text), private.topic_subtree(uuid),
  private.link_topic(uuid, text, text, uuid), private.unlink_topics(text, text, uuid)
  to service_role;
grant execute on function private.topic_by_slug(text), private.topic_subtree(uuid), private.topic_key(text) to authenticated;
