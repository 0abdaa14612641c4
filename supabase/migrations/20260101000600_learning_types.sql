-- learning: curricula that one follows, session by session. The legal moves of a curriculum are rows.

create schema if not exists learning;
comment on schema learning is 'Learning: curricula with sessions, generated, edited, shared as templates, followed.';
grant usage on schema learning to anon, authenticated, service_role;
alter default privileges in schema learning revoke execute on functions from public;

create table learning.curriculum_transitions (
  from_status text not null,
  to_status text not null,
  description text not null,
  primary key (from_status, to_status)
);
comment on table learning.curriculum_transitions is
  'The legal moves of a curriculum. A trigger looks them up: what is not a row here cannot happen.';

insert into learning.curriculum_transitions (from_status, to_status, description) values
  ('active', 'paused', 'Its owner takes a break.'),
  ('paused', 'active', 'He goes on.'),
  ('active', 'completed', 'Its last open session was completed.'),
  ('completed', 'active', 'A session was reopened or added.'),
  ('active', 'archived', 'Put away.'),
  ('paused', 'archived', 'Put away.'),
  ('completed', 'archived', 'Put away, by its owner or after two years.'),
  ('archived', 'active', 'Taken up again.'),
  ('archived', 'paused', 'Taken out, as paused as it was.'),
  ('archived', 'completed', 'Taken out, as complete as it was.');

create view learning.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path from core.profiles as p;
comment on view learning.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';

create view learning.topics with (security_invoker = true) as
select t.id, t.slug, t.name, t.description, t.parent_id, t.is_active, t.merged_into_id from core.topics as t;
comment on view learning.topics is 'Topics, for embedding; core.topics is where they are written.';

alter table learning.curriculum_transitions enable row level security;
revoke all on learning.curriculum_transitions, learning.profiles, learning.topics from public, anon, authenticated;
grant select on learning.curriculum_transitions, learning.profiles, learning.topics to authenticated, service_role;

create policy curriculum_transitions_select_user on learning.curriculum_transitions
  for select to authenticated
  using ((select private.is_user()));
