-- What the second half of study gives to the layers below: what belongs to a person's data, and what is kept how long.
-- A learner's own history is its own log (attempts, reviews, the ledger): the audit holds what others' rules hang on.

select private.audit_table('study.achievements', p_unaudited_columns => array['is_caught_up']);
select private.audit_table('study.achievement_metrics');
select private.audit_table('study.plan_block_transitions');
select private.audit_table('study.plan_links', array['token_hash'], p_unaudited_columns => array['last_used_at']);

create view private.study_export_session_questions with (security_invoker = true) as
select s.user_id, q.session_id, q.question_order, q.question_id, q.version_id, q.status, q.selected_indexes, q.confidence_rating,
  q.time_taken_ms, q.answered_at
from study.practice_session_questions as q join study.practice_sessions as s on s.id = q.session_id;
create view private.study_export_milestones with (security_invoker = true) as
select p.user_id, m.* from study.learning_path_milestones as m join study.learning_paths as p on p.id = m.learning_path_id;
create view private.study_export_prerequisites with (security_invoker = true) as
select p.user_id, r.* from study.learning_path_prerequisites as r join study.learning_paths as p on p.id = r.learning_path_id;
comment on view private.study_export_session_questions is 'What a person was asked in practice sessions, and answered.';
comment on view private.study_export_milestones is 'Milestones with the person whose path they are on.';
comment on view private.study_export_prerequisites is 'What stands before which milestone, with the person whose path it is.';
revoke all on
  private.study_export_session_questions, private.study_export_milestones, private.study_export_prerequisites
  from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('study', 'learners', 'user_id', null, 'Totals of learning.'),
  ('study', 'learner_settings', 'user_id', null, 'What was wished for learning.'),
  ('study', 'practice_sessions', 'user_id', null, 'Practice sessions.'),
  ('private', 'study_export_session_questions', 'user_id', null, 'What was asked in them, and answered.'),
  ('study', 'user_question_attempts', 'user_id', null, 'Graded answers.'),
  ('study', 'user_progress', 'user_id', null, 'What was done with each question.'),
  ('study', 'mastery_levels', 'user_id', null, 'How well topics are known.'),
  ('study', 'learning_paths', 'user_id', null, 'Learning paths.'),
  ('private', 'study_export_milestones', 'user_id', null, 'Their milestones.'),
  ('private', 'study_export_prerequisites', 'user_id', null, 'What stands before which of them.'),
  ('study', 'sm2_review_cards', 'user_id', null, 'Review cards.'),
  ('study', 'review_logs', 'user_id', null, 'Every review of them.'),
  ('study', 'weight_fits', 'user_id', null, 'Fits of the weights by which reviews are timed.'),
  ('study', 'xp_transactions', 'user_id', null, 'Experience, as it was earned.'),
  ('study', 'user_achievements', 'user_id', null, 'Achievements.'),
  ('study', 'user_streaks', 'user_id', null, 'Days of study.'),
  ('study', 'leaderboard_entries', 'user_id', null, 'Weeks on leaderboards.'),
  ('study', 'study_sessions', 'user_id', null, 'Sittings.'),
  ('study', 'performance_metrics', 'user_id', null, 'Answers by day and topic.'),
  ('study', 'retention_analytics', 'user_id', null, 'Recall by day.'),
  ('study', 'plans', 'user_id', null, 'Wish for a study plan.'),
  ('study', 'plan_blocks', 'user_id', null, 'Blocks of the study plan.'),
  ('study', 'plan_links', 'user_id', array['id', 'last_used_at', 'revoked_at', 'created_at'], 'Links to the study plan as a calendar.');

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('study_sessions', 'study', 'study_sessions', 'started_at', '25 months', 'detach_partition', 'Sittings: put away by whole months.'),
  ('study_performance_metrics', 'study', 'performance_metrics', 'metric_date', '25 months', 'detach_partition', 'Answers by day: put away by whole months.'),
  ('study_retention_analytics', 'study', 'retention_analytics', 'retention_date', '25 months', 'detach_partition', 'Recall by day: put away by whole months.'),
  ('study_plan_blocks', 'study', 'plan_blocks', 'ends_at', '400 days', 'delete', 'Blocks of study plans that are long past.');
