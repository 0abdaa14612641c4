-- What qa gives to the layers below: its job types, scheduled tasks, settings, and the tables to audit.

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('qa.generate', 5, 180, 'Answer a question from the material, with citations.'),
  ('qa.humanize', 3, 120, 'Put the answer into plain words.'),
  ('qa.originality', 5, 60, 'Compare the answer with everything known.'),
  ('qa.assign', 10, 30, 'Find an expert for the review.'),
  ('qa.deliver', 10, 30, 'Hand the approved answer to the client.');

insert into core.settings (key, value, description) values
  ('qa.max_revisions', '2', 'How often an expert may send an answer back (needs_revision).'),
  ('qa.image_text_wait_seconds', '120', 'How long a question waits for the text of its images before it goes on without.'),
  ('qa.max_review_periods', '4', 'For how many review periods of the service level an expert may hold one review.'),
  ('qa.originality_threshold', '0.7', 'Least originality_score (0–1) that passes without a warning.'),
  ('qa.submit_burst', '60', 'Questions that one person may submit at once.'),
  ('qa.submit_per_second', '0.05', 'How fast that allowance grows again.');

insert into ops.scheduled_tasks (name, command, every) values
  ('qa_enforce_deadlines', 'private.qa_enforce_deadlines', interval '1 minute'),
  ('qa_rescue_stranded', 'private.qa_rescue_stranded', interval '1 minute');

-- Texts that people wrote never enter the audit, only that they changed: it must outlive them without naming them.
select private.audit_table('qa.clients', array[]::text[]);
select private.audit_table('qa.credit_entries', array['reason', 'idempotency_key']);
select private.audit_table('qa.questions', array['content', 'metadata', 'request_hash', 'idempotency_key', 'rejection_reason', 'cancel_reason']);
select private.audit_table('qa.answers', array[]::text[]);
select private.audit_table('qa.answer_versions', array['content', 'provenance']);
select private.audit_table('qa.expert_reviews', array['corrections', 'review_notes', 'rejection_reason']);
select private.audit_table('qa.ratings', array['comment']);
select private.audit_table('qa.plans', array[]::text[]);
select private.audit_table('qa.sla_policies', array[]::text[]);

-- A person's own data, for the export. qa hangs on accounts, so that views say whose each row is.
create view private.qa_export_questions with (security_invoker = true) as
select c.user_id, q.* from qa.questions q join qa.clients c on c.id = q.client_id;
create view private.qa_export_credit_entries with (security_invoker = true) as
select c.user_id, e.* from qa.credit_entries e join qa.clients c on c.id = e.client_id;
create view private.qa_export_ratings with (security_invoker = true) as
select c.user_id, r.* from qa.ratings r join qa.clients c on c.id = r.client_id;
create view private.qa_export_answers with (security_invoker = true) as
select c.user_id, v.*
from qa.answer_versions v
join qa.answers a on a.id = v.answer_id
join qa.questions q on q.id = a.question_id
join qa.clients c on c.id = q.client_id
where v.stage = 'final' and q.status in ('delivered', 'rated');
comment on view private.qa_export_questions is 'Questions with the person who asked.';
comment on view private.qa_export_credit_entries is 'Ledger entries with the person whose credits they are.';
comment on view private.qa_export_ratings is 'Ratings with the person who gave them.';
comment on view private.qa_export_answers is 'Delivered answers with the person who asked.';
revoke all on
  private.qa_export_questions, private.qa_export_credit_entries, private.qa_export_ratings, private.qa_export_answers
  from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, description) values
  ('qa', 'clients', 'user_id', 'The client account.'),
  ('private', 'qa_export_questions', 'user_id', 'Questions asked.'),
  ('private', 'qa_export_answers', 'user_id', 'Answers delivered.'),
  ('private', 'qa_export_ratings', 'user_id', 'Ratings given.'),
  ('private', 'qa_export_credit_entries', 'user_id', 'The credit ledger.'),
  ('qa', 'expert_reviews', 'expert_id', 'Reviews done.');
