-- A walk through the catalogue: the rules that every object keeps, whoever wrote it. Each rule is a view of those
-- that break it (000_helpers_security.sql). First all views must be empty but for what is named here; then one object
-- of each kind is made wrong on purpose, and the view must find it: a rule that sees nothing proves nothing.
begin;
select plan(53);

-- 1. What is named ------------------------------------------------------------------------------------------------

create temp table named (list text, name text, primary key (list, name));

-- RPCs of people, each of which asks who they are; of workers and operators, for service_role alone. Nobody
-- without an account may run any.
insert into named select 'user', name from regexp_split_to_table($$
  core.apply_as_expert core.cancel_erasure core.cancel_job core.decide_expert core.find_topic core.grant_role
  core.mark_notifications_read core.merge_topics core.my_privacy_requests core.my_profile core.my_roles
  core.queue_health core.read_document core.report_content core.request_data_export core.request_erasure
  core.rerun_job core.resolve_report core.restore_user core.revoke_role core.search core.set_admin_level
  core.suspend_user core.unread_notifications core.verify_audit_chain
  qa.calculate_expert_rating qa.cancel_question qa.claim_review qa.complete_review qa.decline_review
  qa.extend_review qa.grant_credits qa.quote_question qa.rate_answer qa.refund_question qa.submit_question
  qa.track_question
  core.appeal core.decide_appeal core.moderate_content core.moderation_queue core.moderation_record
  core.my_moderation_actions core.withdraw_appeal social.accept_answer social.add_members social.ask_question
  social.author_posts social.close_question social.comment_thread social.content_history social.create_post
  social.create_resource social.create_room social.delete_content social.delete_message social.direct_room
  social.download_resource social.edit_message social.engagement social.feed social.follower_list
  social.following_list social.is_accepted social.leave_room social.mark_room_read social.my_bookmarks
  social.my_rooms social.profile_page social.rate_ai_answer social.react social.record_view
  social.remove_member social.reopen_question social.repair_counters social.request_ai_answer
  social.search_messages social.send_message social.set_member_role social.trending social.unaccept_answer
  social.unreact social.update_room social.vote
  timetable."overlaps" timetable.accept_blocks timetable.activate_timetable timetable.archive_timetable
  timetable.cancel_processing timetable.claim_review timetable.complete_review timetable.copy_timetable
  timetable.delete_document timetable.extend_review timetable.my_week timetable.occurrences
  timetable.processing_status timetable.release_review timetable.reopen_document timetable.reopen_timetable
  timetable.request_second_opinion timetable.retry_processing timetable.review_queue timetable.revoke_link
  timetable.save_review_draft timetable.share_link timetable.share_timetable timetable.submit_document
  timetable.unshare_timetable
  study.cancel_generation study.generate_questions study.retire_question
  study.ask_coach study.coach_documents study.create_group study.create_material study.create_question
  study.decide_question study.delete_group study.delete_material study.flag_question study.invite_to_group
  study.join_group study.leave_group study.question_for_editing study.remove_group_member
  study.replace_material_file study.resume_answer study.retry_material study.revise_question
  study.search_chunks study.set_material_tags study.set_material_topic study.share_material
  study.start_conversation study.stop_answer study.submit_question study.unshare_material
  study.abandon_practice study.accept_plan_block study.add_milestone study.add_prerequisite
  study.answer_question study.answered_question study.bury_card study.card_from_answer study.card_from_message
  study.card_from_question study.class_members_progress study.class_overview study.create_card
  study.create_learning_path study.create_plan_link study.dashboard study.delete_card
  study.delete_learning_path study.dismiss_plan_block study.due_cards study.edit_card study.export_questions
  study.finish_practice study.fit_weights study.import_questions study.leaderboard study.learning_path
  study.move_plan_block study.my_achievements study.my_level study.my_mastery study.my_plan study.my_progress
  study.my_settings study.my_streak study.next_topics study.pause_learning_path study.pause_practice
  study.plan_week study.practice_result study.practice_session study.preview_card study.question_statistics_of
  study.remove_milestone study.remove_prerequisite study.reorder_milestones study.reschedule_all
  study.reschedule_card study.resume_learning_path study.resume_practice study.review_card
  study.revoke_plan_link study.set_learner_settings study.set_milestone_target study.show_question
  study.skip_question study.start_practice study.stop_plan study.streak_calendar study.suspend_card
  study.undo_review study.unsuspend_card study.update_learning_path study.xp_history
  learning.cancel_generation learning.generate_curriculum market.calendar_link market.revoke_calendar_link
  learning.add_session learning.archive_curriculum learning.complete_session learning.create_curriculum
  learning.duplicate_curriculum learning.heartbeat_session learning.my_streak learning.pause_curriculum
  learning.pause_session learning.remove_session learning.reopen_session learning.reorder_sessions
  learning.restore_curriculum learning.resume_curriculum learning.set_prerequisites learning.share_template
  learning.start_session
  market.become_tutor market.booking_page market.cancel_booking market.clear_payment_flag market.complete_booking
  market.contest_no_show market.free_slots market.free_slots_of market.give_feedback market.hold_slot
  market.my_bookings market.my_earnings market.my_tutor market.payment_problems market.refund_booking
  market.release_hold market.reply_to_feedback market.report_no_show market.reschedule_booking
  market.resolve_booking market.resolve_payout market.resolve_refund market.run_payouts market.search_tutors
  market.set_availability market.set_meeting_link market.set_override market.set_proficiency market.tutor_page
$$, '\s+') as name where name <> '';
insert into named select 'service', name from regexp_split_to_table($$
  core.begin_idempotent core.cache_get core.cache_put core.claim_jobs core.complete_job core.enqueue_job
  core.begin_file_removal core.finish_file_removal
  core.begin_erasure core.export_user_data core.fail_job core.fail_privacy_request core.finish_erasure core.finish_export core.forget_export
  core.finish_idempotent core.finish_webhook core.heartbeat_job core.list_user_objects core.receive_webhook
  core.record_ai_call core.record_api_usage core.record_file_inspection core.record_metric core.retrieve_passages
  core.run_due_tasks core.take_rate_limit
  qa.assign_expert qa.begin_generation qa.begin_humanization qa.check_originality qa.deliver_answer
  qa.record_generated_answer qa.record_humanized_answer qa.record_image_text qa.reject_unreadable
  social.ai_answer_passages social.begin_ai_answer social.fail_ai_answer social.fan_out_post
  social.record_ai_answer social.stream_ai_answer
  core.call_in timetable.begin_reading timetable.begin_structure timetable.fail_reading
  timetable.layout_corrections_of timetable.open_link timetable.receive_delivery timetable.record_blocks
  timetable.record_file timetable.record_ocr timetable.record_stage timetable.take_signature
  social.begin_resource_inspection social.record_resource_inspection
  study.begin_generation study.continue_generation study.finish_generation study.generation_passages study.put_questions
  study.begin_ingest study.begin_page_reading study.continue_ingest study.count_coach_usage study.fail_ingest
  study.finish_answer study.finish_ingest study.finish_page_reading study.keep_answer study.next_drafts
  study.next_missing_vectors study.put_material_chunks study.put_material_pages study.put_missing_vectors
  study.put_recognised_page study.put_vectors study.read_material_pages study.request_ocr
  study.retrieve_chunks study.save_conversation_summary study.take_search study.use_embedding_model
  study.begin_fit study.fit_histories study.open_plan_link study.record_fit
  learning.begin_generation learning.fail_generation learning.finish_generation learning.generation_passages
  learning.report_generation market.open_calendar_link
  market.attach_checkout market.begin_checkout market.begin_payment_check market.begin_payout
  market.begin_refund market.begin_refund_check market.close_booking market.finish_payout market.finish_refund
  market.payout_account market.record_payment_event market.repair_cards market.save_payout_account
  market.send_reminder
$$, '\s+') as name where name <> '';

-- What somebody without an account may read, row by row as the policies say.
insert into named select 'anon_reads', name from regexp_split_to_table($$
  core.topic_synonyms core.topics learning.template_sessions learning.templates qa.plans qa.question_transitions qa.sla_policies
  social.ai_answer_citations social.ai_answers social.answers social.categories social.comments
  social.post_topics social.posts social.question_topics social.questions social.reaction_types
  social.resource_topics social.resources social.topics study.material_chunks study.material_tags study.material_topics
  study.materials
$$, '\s+') as name where name <> '';

-- All that a person may write without an RPC, again within the policies.
insert into named select 'writes', trim(line) from regexp_split_to_table($$
  delete core.blocks
  delete core.notification_preferences
  delete core.notifications
  delete core.topic_synonyms
  delete learning.curricula
  delete learning.user_notes
  delete market.booking_notes
  delete market.offers
  delete market.out_of_office
  delete social.bookmarks
  delete social.followers
  delete social.post_topics
  delete social.question_topics
  delete social.resource_topics
  delete social.topic_followers
  delete study.chat_conversations
  delete timetable.timeblocks
  delete timetable.timetable_exceptions
  delete timetable.timetables
  insert core.blocks (blocked_id, blocker_id)
  insert core.notification_preferences (channel, is_enabled, muted_until, quiet_from, quiet_to, type, user_id)
  insert core.topic_synonyms (synonym, topic_id)
  insert core.topics (description, is_active, name, parent_id, slug)
  insert learning.user_notes (content, id, session_id)
  insert market.booking_notes (booking_id, content, id, is_shared)
  insert market.offers (booking_window_days, buffer_after_minutes, buffer_before_minutes, cancellation_policy, currency, description, duration_minutes, id, is_active, minimum_notice_minutes, price_minor, slot_step_minutes, title, topic_id)
  insert market.out_of_office (ends_at, id, reason, starts_at)
  insert social.answers (content, id, question_id)
  insert social.bookmarks (content_id, content_type, note)
  insert social.comments (content, id, parent_id, post_id)
  insert social.followers (follower_id, following_id)
  insert social.post_topics (post_id, topic_id)
  insert social.posts (category, content, id, is_published, title)
  insert social.question_topics (question_id, topic_id)
  insert social.questions (category, content, id, title)
  insert social.resource_topics (resource_id, topic_id)
  insert social.topic_followers (topic_id, user_id)
  insert study.chat_conversations (conversation_type, material_ids, title, topic_id)
  insert timetable.timeblocks (color, day_of_week, end_time, id, name, notes, position, start_time, timetable_id, week)
  insert timetable.timetable_exceptions (end_time, id, kind, name, notes, on_date, start_time, timeblock_id, timetable_id, to_date)
  insert timetable.timetables (class_name, cycle_weeks, ends_on, id, name, school_name, starts_on, teacher_name, term, time_zone, week_start_date, year)
  update core.experts (currency, experience_years, headline, hourly_rate_max_minor, hourly_rate_min_minor, is_available, languages, time_zone)
  update core.notification_preferences (channel, is_enabled, muted_until, quiet_from, quiet_to, type, user_id)
  update core.profiles (avatar_path, bio, full_name, locale, settings, time_zone, username)
  update core.topics (description, is_active, name, parent_id, slug)
  update learning.curricula (background, goals, language, session_duration, skill_level, subject, title, topic_id)
  update learning.sessions (duration, materials, notes, objectives, resources, title)
  update learning.user_notes (content)
  update market.booking_notes (content, is_shared)
  update market.offers (booking_window_days, buffer_after_minutes, buffer_before_minutes, cancellation_policy, currency, description, duration_minutes, is_active, minimum_notice_minutes, price_minor, slot_step_minutes, title, topic_id)
  update market.out_of_office (ends_at, reason, starts_at)
  update market.tutors (about, accepts_bookings, default_meeting_link, max_bookings_per_day, video_url)
  update social.answers (content)
  update social.bookmarks (note)
  update social.chat_room_participants (muted_until)
  update social.comments (content)
  update social.posts (category, content, is_published, title)
  update social.questions (category, content, title)
  update social.resources (category, description, is_public, title)
  update study.chat_conversations (conversation_type, is_archived, material_ids, title, topic_id)
  update study.groups (description, name)
  update study.materials (description, language, title, topic_id, visibility)
  update timetable.timeblocks (color, day_of_week, end_time, is_checked, name, notes, position, start_time, week)
  update timetable.timetable_exceptions (end_time, name, notes, on_date, start_time, to_date)
  update timetable.timetables (class_name, cycle_weeks, ends_on, name, school_name, starts_on, teacher_name, term, time_zone, week_start_date, year)
$$, '\n') as line where trim(line) <> '';

-- 2. Nothing of ours breaks a rule -------------------------------------------------------------------------------

create temp table rules (place integer generated always as identity, rule text primary key, about text not null);
insert into rules (rule, about) values
  ('schemas_unknown', 'every schema is a module of ours or one of the platform''s: a new one is named in the helpers'),
  ('schemas_open', 'clients may not enter ops, and may make nothing in any schema'),
  ('tables_without_rls', 'row level security is on for every table, partitions and hidden schemas included'),
  ('tables_without_key', 'every table has a primary key'),
  ('policies_for_everybody', 'every policy says to whom'),
  ('policies_unwrapped', 'a policy asks once a statement who is calling, not once a row'),
  ('functions_unpinned', 'every function pins its search_path'),
  ('functions_for_anon', 'nobody without an account may execute anything'),
  ('definers_exposed', 'no security definer function stands in an exposed schema'),
  ('grants_whole_table', 'clients insert and update named columns, never a whole table'),
  ('grants_dangerous', 'no client may truncate, reference or put a trigger on a table, and nothing is for public'),
  ('grants_of_anon', 'anon writes nothing'),
  ('grants_hidden', 'nothing in a hidden schema is granted to clients'),
  ('grants_without_policy', 'what is granted on a table has a policy for that command and role'),
  ('policies_without_grant', 'who has a policy has the grant that it speaks about'),
  ('foreign_keys_without_index', 'every foreign key has an index that begins with its columns'),
  ('foreign_keys_undecided', 'every foreign key says what happens on delete'),
  ('extensions_in_public', 'no extension is in public'),
  ('uncommented', 'every table, view and exposed function is commented'),
  ('views_of_their_owner', 'every view reads with the rights of whoever asks'),
  ('stored_views_shown', 'no client reads a materialized view: it knows no policies'),
  ('defaults_for_clients', 'no default privilege hands new objects to clients'),
  ('things_in_public', 'public is empty');

select is_empty(format('select distinct name from tests.%I order by 1', rule), about) from rules order by place;

select set_eq(
  format('select name from tests.%s', seen), format('select name from named where list = %L', list), about
)
from (values
  ('functions_of_users', 'user', 'people may execute exactly the functions named above'),
  ('functions_of_service', 'service', 'and service_role alone exactly those'),
  ('reads_of_anon', 'anon_reads', 'without an account one reads exactly what is named above'),
  ('writes where grantee = ''authenticated''', 'writes', 'people write exactly the columns named above')
) as lists (seen, list, about);

-- 3. Each rule sees what breaks it -------------------------------------------------------------------------------

create table core.probe (
  id uuid,
  topic_id uuid references core.topics (id),
  topic_two uuid references core.topics (id) on delete cascade,
  topic_three uuid references core.topics (id) on delete cascade,
  topic_four uuid references core.topics (id) on delete cascade
);
create index on core.probe (topic_two, id);
create index on core.probe (topic_three) where topic_three is not null;
create index on core.probe (id) include (topic_four);
create function core.probe() returns integer language sql as 'select 1';

select is_empty(
  $$select distinct privilege_type from tests.client_grants where name = 'core.probe'$$,
  'a new table is closed to clients until somebody opens it'
);
select ok(
  not pg_catalog.has_function_privilege('anon', 'core.probe()', 'execute')
  and not pg_catalog.has_function_privilege('authenticated', 'core.probe()', 'execute'),
  'and so is a new function'
);

create schema probe;
grant usage on schema ops to authenticated;
grant all on core.probe to authenticated;
grant insert (id) on core.probe to anon;
grant select on ops.job_types to authenticated;
grant execute on function core.probe() to anon, service_role;
alter function core.probe() security definer;
create policy probe_all on core.probe using (auth.uid() = id);
create policy probe_select on core.probe for select to authenticated using (private.has_role('admin'));
create policy probe_delete on core.probe for delete to authenticated
  using ((select auth.uid()) = id and (select private.has_role('admin')));
create policy probe_update on core.probe for update to anon using ((select auth.uid()) = id);
create view core.probe_view as select 1 as one;
create materialized view core.probe_stored as select 1 as one;
grant select on core.probe_stored to authenticated;
alter default privileges in schema core grant select on tables to anon;
create table public.probe (id integer primary key);
revoke all on public.probe from anon, authenticated; -- hosted projects open new tables in public
alter extension unaccent set schema public;

create temp table expected (rule text not null, names text[] not null);
insert into expected values
  ('functions_for_anon', '{core.probe()}'),
  ('schemas_unknown', '{probe}'),
  ('schemas_open', '{authenticated on ops}'),
  ('tables_without_rls', '{core.probe,public.probe}'),
  ('tables_without_key', '{core.probe}'),
  ('policies_for_everybody', '{probe_all on core.probe}'),
  ('policies_unwrapped', '{probe_all on core.probe,probe_select on core.probe}'),
  ('functions_unpinned', '{core.probe()}'),
  ('definers_exposed', '{core.probe()}'),
  ('grants_whole_table', '{insert on core.probe to authenticated,update on core.probe to authenticated}'),
  ('grants_dangerous', '{references on core.probe to authenticated,trigger on core.probe to authenticated,truncate on core.probe to authenticated}'),
  ('grants_of_anon', '{insert on core.probe}'),
  ('grants_hidden', '{select on ops.job_types to authenticated}'),
  ('grants_without_policy', '{insert on core.probe to anon,insert on core.probe to authenticated,select on ops.job_types to authenticated,update on core.probe to authenticated}'),
  ('policies_without_grant', '{probe_update on core.probe}'),
  ('foreign_keys_without_index', '{probe_topic_four_fkey of core.probe,probe_topic_id_fkey of core.probe}'),
  ('foreign_keys_undecided', '{probe_topic_id_fkey of core.probe}'),
  ('extensions_in_public', '{unaccent}'),
  ('uncommented', '{core.probe,core.probe(),core.probe_stored,core.probe_view,public.probe}'),
  ('views_of_their_owner', '{core.probe_view}'),
  ('stored_views_shown', '{core.probe_stored}'),
  ('defaults_for_clients', '{r in core}'),
  ('things_in_public', '{public.probe}');

-- MAINTAIN exists from Postgres 17 on.
select set_eq(
  format('select distinct name from tests.%I where name not like %L', e.rule, 'maintain %'),
  e.names,
  format('%s finds them', e.rule)
)
from expected e order by e.rule;

select is_empty('select rule from rules except select rule from expected', 'no rule goes without that proof');

select * from finish();
rollback;
