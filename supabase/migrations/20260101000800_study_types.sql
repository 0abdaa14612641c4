-- study: material, coach, practice, memory. What steers it are rows.

create extension if not exists vector with schema extensions;

create schema if not exists study;
comment on schema study is 'Adaptive study: material with retrieval, a coach that cites, a question bank, practice, memory.';
grant usage on schema study to anon, authenticated, service_role;
alter default privileges in schema study revoke execute on functions from public;

create table study.material_transitions (
  from_status text not null,
  to_status text not null,
  description text not null,
  primary key (from_status, to_status)
);
comment on table study.material_transitions is
  'The legal moves of a material''s processing_status. A trigger looks them up: what is not a row here cannot happen.';

insert into study.material_transitions (from_status, to_status, description) values
  ('pending', 'parsing', 'A worker looks at the file and reads it, some pages at a time.'),
  ('parsing', 'ocr', 'Pages without text wait for the OCR worker.'),
  ('ocr', 'parsing', 'Its pages are read.'),
  ('parsing', 'chunking', 'All text is there; it is cut on its structure.'),
  ('chunking', 'embedding', 'Passages are there; vectors are made of those that are new.'),
  ('embedding', 'completed', 'Everything can be found.'),
  ('completed', 'pending', 'A new version of the file came.'),
  ('failed', 'pending', 'Tried again, or a new version of the file came.'),
  ('pending', 'failed', 'It cannot be read; processing_error says why.'),
  ('parsing', 'failed', 'It cannot be read; processing_error says why.'),
  ('ocr', 'failed', 'Its pages cannot be read.'),
  ('chunking', 'failed', 'It cannot be taken in; processing_error says why.'),
  ('embedding', 'failed', 'It cannot be taken in; processing_error says why.'),
  -- A new version while the one before is still worked on: the work begins again.
  ('parsing', 'pending', 'A newer version of the file came.'),
  ('ocr', 'pending', 'A newer version of the file came.'),
  ('chunking', 'pending', 'A newer version of the file came.'),
  ('embedding', 'pending', 'A newer version of the file came.');

create table study.embedding_models (
  model text primary key,
  provider text not null,
  dimensions integer not null,
  status text not null default 'building',
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  constraint embedding_models_model_check check (length(model) between 1 and 200),
  constraint embedding_models_dimensions_check check (dimensions between 8 and 4000),
  constraint embedding_models_status_check check (status in ('building', 'active', 'retired')),
  constraint embedding_models_activated_at_check check (status <> 'active' or activated_at is not null)
);
comment on table study.embedding_models is
  'Models that vectors were made with. One answers (active); another may be building behind it; when it has all passages they swap.';
create unique index embedding_models_active_key on study.embedding_models (status) where status in ('active', 'building');

create view study.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path from core.profiles as p;
comment on view study.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';

create view study.topics with (security_invoker = true) as
select t.id, t.slug, t.name, t.description, t.parent_id, t.is_active, t.merged_into_id from core.topics as t;
comment on view study.topics is 'Topics, for embedding; core.topics is where they are written.';

alter table study.material_transitions enable row level security;
alter table study.embedding_models enable row level security;
revoke all on study.material_transitions, study.embedding_models, study.profiles, study.topics from public, anon, authenticated;
grant select on study.material_transitions, study.embedding_models, study.profiles, study.topics to authenticated, service_role;

create policy material_transitions_select_user on study.material_transitions
  for select to authenticated using ((select private.is_user()));
create policy embedding_models_select_user on study.embedding_models
  for select to authenticated using ((select private.is_user()));
