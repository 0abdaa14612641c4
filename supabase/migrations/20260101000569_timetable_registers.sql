-- What timetable gives to the layers below: the tables to audit and what belongs to a person's data. Its job types, tasks,
-- settings and retention stand with what they steer.

-- Texts of people and of their documents never enter the audit, only that they changed.
select private.audit_table('timetable.job_transitions');
select private.audit_table('timetable.documents', array['file_name', 'path']);
select private.audit_table('timetable.processing_jobs', array['error_message', 'metadata'],
  p_unaudited_columns => array['timings', 'progress', 'stage', 'stage_started_at']);
select private.audit_table('timetable.hitl_tasks', array[
  'draft_data', 'saved_data', 'final_data', 'diff', 'disagreement', 'review_notes', 'reason'
]);
select private.audit_table('timetable.timetables', array['name', 'class_name', 'school_name', 'teacher_name'],
  p_unaudited_columns => array['calendar_sequence']);
select private.audit_table('timetable.timetable_shares');
select private.audit_table('timetable.timetable_links', array['token_hash', 'label'],
  p_unaudited_columns => array['last_used_at']);
select private.audit_table('timetable.layout_corrections', array['read_text', 'corrected_text']);

create view private.timetable_export_pages with (security_invoker = true) as
select j.user_id, p.* from timetable.ocr_pages as p join timetable.processing_jobs as j on j.id = p.job_id;
comment on view private.timetable_export_pages is 'What was read on the pages of a person''s documents.';
revoke all on private.timetable_export_pages from public, anon, authenticated;

create view private.timetable_export_blocks with (security_invoker = true) as
select t.user_id, b.* from timetable.timeblocks as b join timetable.timetables as t on t.id = b.timetable_id;
create view private.timetable_export_exceptions with (security_invoker = true) as
select t.user_id, e.* from timetable.timetable_exceptions as e join timetable.timetables as t on t.id = e.timetable_id;
create view private.timetable_export_links with (security_invoker = true) as
select t.user_id, l.id, l.timetable_id, l.kind, l.label, l.created_at, l.revoked_at
from timetable.timetable_links as l join timetable.timetables as t on t.id = l.timetable_id;
comment on view private.timetable_export_blocks is 'Blocks with the person whose timetable they are in.';
comment on view private.timetable_export_exceptions is 'Exceptions with the person whose timetable they are of.';
comment on view private.timetable_export_links is 'Secret links with the person whose timetable they open; never the token.';
revoke all on private.timetable_export_blocks, private.timetable_export_exceptions, private.timetable_export_links
  from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('timetable', 'timetables', 'user_id', null, 'Timetables.'),
  ('private', 'timetable_export_blocks', 'user_id', null, 'Their blocks.'),
  ('private', 'timetable_export_exceptions', 'user_id', null, 'Days that are different.'),
  ('private', 'timetable_export_links', 'user_id', null, 'Secret links.'),
  ('timetable', 'timetable_shares', 'user_id', null, 'Timetables shared with the person.'),
  ('timetable', 'documents', 'user_id', null, 'Documents handed in.'),
  ('timetable', 'processing_jobs', 'user_id', null, 'How they were read.'),
  ('private', 'timetable_export_pages', 'user_id', null, 'What was read on their pages.'),
  -- Draft and final hold somebody else's document.
  ('timetable', 'hitl_tasks', 'assigned_to',
   array['id', 'opinion_no', 'kind', 'status', 'diff', 'review_notes', 'assigned_at', 'completed_at'], 'Reviews done.');

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('timetable_revoked_links', 'timetable', 'timetable_links', 'revoked_at', '90 days', 'delete', 'Revoked links.');
