-- What qa gives to the layers below: its job types, scheduled tasks, settings, and the tables to audit.

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('qa.generate', 5, 180, 'Answer a question from the material, with citations.'),
  ('qa.humanize', 3, 120, 'Put the answer into plain words.'),
  ('qa.originality', 5, 60, 'Compare the answer with everything known.'),
  ('qa.assign', 10, 30, 'Find an expert for the review.'),
  ('qa.deliver', 10, 30, 'Hand the approved answer to the client.');

insert into core.settings (key, value, description) values
  ('qa.max_revisions', '2', 'How often an expert may send an answer back (needs_revision).'),
  ('qa.originality_threshold', '0.7', 'Least originality_score (0–1) that passes without a warning.'),
  ('qa.submit_burst', '60', 'Questions that one person may submit at once.'),
  ('qa.submit_per_second', '0.05', 'How fast that allowance grows again.');

insert into ops.scheduled_tasks (name, command, every) values
  ('qa_enforce_deadlines', 'private.qa_enforce_deadlines', interval '1 minute');

-- Texts that people wrote never enter the audit, only that they changed: it must outlive them without naming them.
select private.audit_table('qa.clients', array['updated_at']);
select private.audit_table('qa.credit_entries', array[]::text[]);
select private.audit_table('qa.questions', array['content', 'metadata', 'request_hash', 'idempotency_key', 'updated_at', 'rejection_reason', 'cancel_reason']);
select private.audit_table('qa.answers', array['updated_at']);
select private.audit_table('qa.answer_versions', array['content', 'provenance']);
select private.audit_table('qa.expert_reviews', array['corrections', 'review_notes', 'rejection_reason', 'updated_at']);
select private.audit_table('qa.ratings', array['comment']);
select private.audit_table('qa.plans', array[]::text[]);
select private.audit_table('qa.sla_policies', array[]::text[]);
