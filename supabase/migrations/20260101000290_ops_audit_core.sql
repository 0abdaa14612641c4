-- What of core and ops is under audit: roles, administrators, experts, suspensions, moderation, settings. The values
-- of columns in which people write about themselves or others are left out; that they changed is not.

select private.audit_table('core.user_roles');
select private.audit_table('core.admins', '{last_admin_action}');
select private.audit_table('core.role_change_history', '{reason}');
select private.audit_table(
  'core.profiles', '{username,full_name,avatar_path,bio,time_zone,locale,settings}', p_keep_inserts => false
);

select private.audit_table('core.experts', '{headline,credentials,time_zone,languages}');
select private.audit_table('core.expert_topics');
select private.audit_table('core.expert_decisions', '{reason}');

select private.audit_table('core.moderation_reports', '{details,resolution_note}');
select private.audit_table('core.moderation_actions', '{reason}');
select private.audit_table('core.moderation_appeals', '{text,decision_note}');
select private.audit_table('core.moderated_kinds');

select private.audit_table('core.settings');
select private.audit_table('ops.job_types');
