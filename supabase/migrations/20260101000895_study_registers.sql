-- What study gives to the layers below: the tables to audit and what belongs to a person's data. Its job types, tasks and
-- settings stand with what they steer. Conversations go with their person, and are audited by nobody.

-- Texts of people never enter the audit, only that they changed; passages, vectors and pages not at all.
select private.audit_table('study.material_transitions');
select private.audit_table('study.embedding_models');
select private.audit_table('study.groups', array['name', 'description']);
select private.audit_table('study.group_members');
select private.audit_table('study.materials', array['title', 'description', 'file_name', 'path', 'sha256', 'ready_sha256'], p_unaudited_columns => array[
  'progress', 'processing_status', 'page_count', 'character_count', 'chunk_count', 'question_count'
]);
select private.audit_table('study.material_shares');
select private.audit_table('study.questions', array['subtopic'], p_unaudited_columns => array[
  'times_answered', 'times_correct', 'flag_count', 'quality_score', 'difficulty_estimate'
]);
select private.audit_table('study.question_flags', array['comment']);
select private.audit_table('study.question_decisions', array['reason']);

create view private.study_export_messages with (security_invoker = true) as
select c.user_id, m.id, m.conversation_id, m.message_no, m.role, m.content, m.status, m.is_covered, m.created_at
from study.chat_messages as m join study.chat_conversations as c on c.id = m.conversation_id;
create view private.study_export_citations with (security_invoker = true) as
select c.user_id, s.message_id, s.marker, s.source, s.title, s.quote, s.page_number, s.created_at
from study.message_citations as s
join study.chat_messages as m on m.id = s.message_id
join study.chat_conversations as c on c.id = m.conversation_id;
create view private.study_export_versions with (security_invoker = true) as
select v.created_by as user_id, v.id, v.question_id, v.version_no, private.study_question_content(v.id) as content, v.created_at
from study.question_versions as v;
create view private.study_export_tags with (security_invoker = true) as
select m.user_id, t.material_id, t.tag, t.is_auto_generated from study.material_tags as t join study.materials as m on m.id = t.material_id;
comment on view private.study_export_messages is 'What a person asked the coach, and what it answered.';
comment on view private.study_export_citations is 'Passages that the coach cited to a person.';
comment on view private.study_export_versions is 'Questions as a person wrote them.';
comment on view private.study_export_tags is 'Tags with the person whose material they are of.';
revoke all on
  private.study_export_messages, private.study_export_citations, private.study_export_versions, private.study_export_tags
  from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('study', 'materials', 'user_id', null, 'Study material handed in. The files themselves are listed with the files.'),
  ('study', 'material_chunks', 'user_id', null, 'What is in that material.'),
  ('private', 'study_export_tags', 'user_id', null, 'Tags of that material.'),
  ('study', 'material_shares', 'user_id', null, 'Material shared with the person.'),
  ('study', 'material_processing_jobs', 'user_id', null, 'Work on that material.'),
  ('study', 'groups', 'owner_id', null, 'Groups.'),
  ('study', 'group_members', 'user_id', null, 'Membership of groups.'),
  ('study', 'chat_conversations', 'user_id', null, 'Conversations with the coach.'),
  ('private', 'study_export_messages', 'user_id', null, 'What was asked of the coach, and answered.'),
  ('private', 'study_export_citations', 'user_id', null, 'Passages that the coach cited.'),
  ('study', 'coach_usage', 'user_id', null, 'What was used of the coach a day.'),
  ('study', 'questions', 'author_id', null, 'Questions for practice.'),
  ('private', 'study_export_versions', 'user_id', null, 'What they say.'),
  ('study', 'question_flags', 'user_id', null, 'Questions found wrong.'),
  ('study', 'question_decisions', 'decided_by', null, 'Decisions about questions.');

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('study_processing_jobs', 'study', 'material_processing_jobs', 'completed_at', '180 days', 'delete', 'Work on material that is over.');
