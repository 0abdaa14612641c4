-- What learning gives to the layers below: the tables to audit and what belongs to a person's data. Its job types, tasks,
-- settings and retention stand with what they steer.

-- Texts of people never enter the audit, only that they changed; sessions, work and notes not at all.
select private.audit_table('learning.curriculum_transitions');
select private.audit_table('learning.curricula', array['title', 'subject', 'goals', 'background'],
  p_unaudited_columns => array['copies_count', 'total_sessions']);
select private.audit_table('learning.templates', array['title', 'subject', 'goals'],
  p_unaudited_columns => array['copies_count']);

create view private.learning_export_prerequisites with (security_invoker = true) as
select c.user_id, p.session_id, p.requires_session_id
from learning.session_prerequisites as p join learning.curricula as c on c.id = p.curriculum_id;
comment on view private.learning_export_prerequisites is 'Prerequisites with the person whose curriculum they are in.';
revoke all on private.learning_export_prerequisites from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('learning', 'curricula', 'user_id', null, 'Curricula.'),
  ('learning', 'sessions', 'user_id', null, 'Their sessions.'),
  ('private', 'learning_export_prerequisites', 'user_id', null, 'What has to be completed before which session.'),
  ('learning', 'session_work', 'user_id', null, 'Time spent on sessions.'),
  ('learning', 'user_notes', 'user_id', null, 'Notes on sessions.'),
  ('learning', 'templates', 'user_id', null, 'Curricula published as templates.'),
  ('learning', 'generation_requests', 'user_id', null, 'Curricula asked of the AI provider.');
