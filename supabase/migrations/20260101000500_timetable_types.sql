-- timetable: documents read into time blocks, and checked by people where the machine is not sure.
-- The legal moves of a processing job are rows: workers read, reviewers check, the owner may give up.

create schema if not exists timetable;
comment on schema timetable is 'Timetables: read from documents, checked by people, shared and subscribed to.';
grant usage on schema timetable to anon, authenticated, service_role;
alter default privileges in schema timetable revoke execute on functions from public;

create table timetable.job_transitions (
  from_status text not null,
  to_status text not null,
  actor text not null,
  description text not null,
  primary key (from_status, to_status),
  constraint job_transitions_actor_check check (actor in ('worker', 'system', 'reviewer', 'owner'))
);
comment on table timetable.job_transitions is
  'The legal moves of a processing job. A trigger looks them up: what is not a row here cannot happen.';

insert into timetable.job_transitions (from_status, to_status, actor, description) values
  ('pending', 'classifying', 'worker', 'A worker looks what kind of file it is.'),
  ('pending', 'structuring', 'worker', 'Its pages were read for an earlier job: nothing to read.'),
  ('classifying', 'preprocessing', 'worker', 'The file is what it says; its pages are made ready.'),
  ('classifying', 'structuring', 'worker', 'The same file was read before: its pages are taken from there.'),
  ('preprocessing', 'ocr', 'worker', 'Pages are read, or their text layer is taken.'),
  ('ocr', 'structuring', 'worker', 'Words and tables are there; blocks are made of them.'),
  ('structuring', 'llm_processing', 'worker', 'Confidence is too low and a language model is configured.'),
  ('structuring', 'validating', 'worker', 'Blocks are there; they are checked against each other.'),
  ('llm_processing', 'validating', 'worker', 'The model answered, or it did not help.'),
  ('validating', 'completed', 'system', 'Every block is sure enough.'),
  ('validating', 'hitl_pending', 'system', 'A person looks at what is unsure.'),
  ('hitl_pending', 'hitl_in_progress', 'reviewer', 'A reviewer took it up.'),
  ('hitl_in_progress', 'hitl_pending', 'reviewer', 'The reviewer let go, his time ran out, or a second opinion is wanted.'),
  ('hitl_in_progress', 'completed', 'reviewer', 'The reviewer finished.'),
  ('hitl_pending', 'completed', 'owner', 'The owner takes the blocks as they are.'),
  ('completed', 'hitl_pending', 'owner', 'Reopened: the owner or an administrator wants it looked at again.'),
  -- A worker that died: the next one begins its part again.
  ('preprocessing', 'classifying', 'worker', 'Reading begins again after a crash.'),
  ('ocr', 'classifying', 'worker', 'Reading begins again after a crash.'),
  ('llm_processing', 'structuring', 'worker', 'Structuring begins again after a crash.'),
  ('validating', 'structuring', 'worker', 'Structuring begins again after a crash.');

insert into timetable.job_transitions (from_status, to_status, actor, description)
select s, 'failed', 'worker', 'It cannot be read; error_code says why.'
from unnest(array['pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating']) as s;

insert into timetable.job_transitions (from_status, to_status, actor, description)
select s, 'cancelled', 'owner', 'The owner gave it up.'
from unnest(array[
  'pending', 'classifying', 'preprocessing', 'ocr', 'structuring', 'llm_processing', 'validating', 'hitl_pending'
]) as s;

create view timetable.profiles with (security_invoker = true) as
select p.id, p.username, p.full_name, p.avatar_path from core.profiles as p;
comment on view timetable.profiles is 'People, for embedding: reader''s rights, no e-mail addresses.';
revoke all on timetable.profiles from public, anon, authenticated;
grant select on timetable.profiles to authenticated, service_role;
