-- social: posts, community questions, votes, follows, a feed, shared resources and chat.
-- What steers it are rows: categories, reactions, settings.

create schema if not exists social;
comment on schema social is 'Social learning: posts, community questions, follows, resources, chat.';
grant usage on schema social to anon, authenticated, service_role;
alter default privileges in schema social revoke execute on functions from public;

create table social.categories (
  slug text primary key,
  name text not null,
  description text not null default '',
  position integer not null default 100,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  constraint categories_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 50),
  constraint categories_name_check check (length(name) between 1 and 80)
);
comment on table social.categories is 'The few shelves on which posts, questions and resources stand. Subjects are topics, in core.';

insert into social.categories (slug, name, description, position) values
  ('study-help', 'Study help', 'Understanding something, solving something.', 10),
  ('discussion', 'Discussion', 'Views and experiences.', 20),
  ('exam-prep', 'Exam preparation', 'Plans, past papers, what to expect.', 30),
  ('notes', 'Notes and summaries', 'What one has written down for others.', 40),
  ('announcements', 'Announcements', 'News and dates.', 50),
  ('general', 'General', 'Everything else.', 90);

create table social.reaction_types (
  reaction text primary key,
  emoji text not null,
  position integer not null default 100,
  constraint reaction_types_reaction_check check (reaction ~ '^[a-z_]{2,20}$')
);
comment on table social.reaction_types is 'The reactions that can be given.';

insert into social.reaction_types (reaction, emoji, position) values
  ('helpful', '💡', 10), ('thanks', '🙏', 20), ('celebrate', '🎉', 30), ('laugh', '😄', 40), ('curious', '🤔', 50), ('sad', '😢', 60);

create view social.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path, p.bio, p.is_active, p.created_at from core.profiles as p;
comment on view social.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';

create view social.topics with (security_invoker = true) as
select t.id, t.slug, t.name, t.description, t.parent_id, t.is_active, t.merged_into_id from core.topics as t;
comment on view social.topics is 'Topics, for embedding; core.topics is where they are written.';

alter table social.categories enable row level security;
alter table social.reaction_types enable row level security;
revoke all on social.categories, social.reaction_types, social.profiles, social.topics from public, anon, authenticated;
grant select on social.categories, social.reaction_types, social.topics to anon, authenticated;
grant select on social.profiles to authenticated;
grant select on social.profiles, social.topics to service_role;
grant select, insert, update, delete on social.categories, social.reaction_types to service_role;

create policy categories_select_anyone on social.categories for select to anon, authenticated using (true);
create policy reaction_types_select_anyone on social.reaction_types for select to anon, authenticated using (true);
