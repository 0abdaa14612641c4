-- Templates: what of a curriculum others see. Publishing (share_template) writes a copy here, so that nobody reads over its
-- owner's shoulder: not how far he is, what he wrote about himself, nor what he changes before he publishes again.
--
--   visitors:  templates with visibility public
--   signed-in: all that are published and not hidden, but for people with whom there is a block
--   owner:     his own, hidden or not
--   moderator: all

create table learning.templates (
  curriculum_id uuid primary key references learning.curricula (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  visibility text,
  title text not null,
  subject text not null,
  topic_id uuid references core.topics (id) on delete set null,
  skill_level text not null,
  goals text not null,
  language text not null,
  session_duration integer not null,
  total_sessions integer not null,
  copies_count integer not null default 0,
  hidden_at timestamptz,
  published_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint templates_visibility_check check (visibility in ('authenticated', 'public')),
  constraint templates_kept_check check (visibility is not null or hidden_at is not null)
);
comment on table learning.templates is
  'Curricula as they were published for others to copy; duplicate_curriculum takes curriculum_id.';
comment on column learning.templates.visibility is 'authenticated, or public: also without an account. Null: taken back while hidden.';
comment on column learning.templates.hidden_at is 'Hidden by a moderator; its owner cannot publish it meanwhile.';
create index templates_user_id_idx on learning.templates (user_id);
create index templates_topic_id_idx on learning.templates (topic_id);
create index templates_popular_idx on learning.templates (copies_count desc, curriculum_id desc)
  where visibility is not null and hidden_at is null;

create table learning.template_sessions (
  curriculum_id uuid not null references learning.templates (curriculum_id) on delete cascade,
  session_number integer not null,
  title text not null,
  objectives text[] not null,
  materials text not null,
  resources jsonb not null,
  notes text not null,
  duration integer,
  requires integer[] not null default '{}',
  primary key (curriculum_id, session_number)
);
comment on table learning.template_sessions is 'The sessions of a template.';
comment on column learning.template_sessions.requires is 'Numbers of the sessions that have to be completed before.';

create trigger _900_touch_updated_at before update on learning.templates
  for each row execute function private.tg__touch_updated_at();

alter table learning.templates enable row level security;
alter table learning.template_sessions enable row level security;
revoke all on learning.templates, learning.template_sessions from public, anon, authenticated;
grant select on learning.templates, learning.template_sessions to anon, authenticated;
grant select, insert, update, delete on learning.templates, learning.template_sessions to service_role;

create policy templates_select_visitor on learning.templates
  for select to anon
  using (visibility = 'public' and hidden_at is null);
create policy templates_select_user on learning.templates
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or visibility is not null and hidden_at is null and user_id <> all ((select private.my_block_ids())::uuid[])
      and (select private.is_user())
    or (select private.has_role('moderator'))
  );
-- The policies of templates hold inside.
create policy template_sessions_select_visitor on learning.template_sessions
  for select to anon
  using (exists (select from learning.templates as t where t.curriculum_id = template_sessions.curriculum_id));
create policy template_sessions_select_user on learning.template_sessions
  for select to authenticated
  using (exists (select from learning.templates as t where t.curriculum_id = template_sessions.curriculum_id));

create function private.learning_template(p_curriculum_id uuid, p_viewer_id uuid)
returns learning.templates
language plpgsql
stable
security definer -- answers for the viewer who is named; not executable by clients
set search_path = ''
as $$
declare
  v_template learning.templates;
begin
  select t.* into v_template from learning.templates as t
  where t.curriculum_id = p_curriculum_id and t.visibility is not null and t.hidden_at is null
    and not private.is_blocked_between(t.user_id, p_viewer_id);
  return v_template;
end;
$$;
comment on function private.learning_template(uuid, uuid) is
  'The template that this person sees, or nothing.';

-- A template holds no passage of material that those who see it could not read themselves.
create function private.learning_public_resources(p_resources jsonb, p_visibility text)
returns jsonb
language sql
stable
security definer -- the search index is closed
set search_path = ''
as $$
  select coalesce(jsonb_agg(r.value order by r.no), '[]')
  from jsonb_array_elements(p_resources) with ordinality as r (value, no)
  where r.value ? 'url' or exists (
    select from core.search_documents as d
    where d.id = (r.value ->> 'document_id')::uuid
      and (d.visibility = 'public' or d.visibility = 'authenticated' and p_visibility = 'authenticated')
  );
$$;
comment on function private.learning_public_resources(jsonb, text) is
  'Links, and passages of material that is as open as the template.';

revoke execute on function private.learning_template(uuid, uuid), private.learning_public_resources(jsonb, text)
  from public, anon, authenticated;
