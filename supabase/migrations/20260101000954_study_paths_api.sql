-- What clients call for their learning paths. Each change answers with the path as it is then.

create function study.create_learning_path(
  p_name text, p_milestones jsonb default '[]', p_description text default '', p_target_date date default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_path(p_name, p_milestones, p_description, p_target_date); $$;
comment on function study.create_learning_path(text, jsonb, text, date) is
  'Makes a learning path: p_milestones, in their order, up to 200 of {topic: slug or id, target_mastery: 1–100, usually 80, requires: [topics of this path that come before]}. Milestones that are mastered already complete at once. Returns the path as study.learning_path does. Errors: path_invalid, path_has_cycle, unknown_topic, text_required, text_too_long, markup_not_allowed (422), milestone_not_found (404), milestone_exists, path_limit_reached (409), rate_limited (429).';

create function study.update_learning_path(p_learning_path_id uuid, p_changes jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_update_path(p_learning_path_id, p_changes); $$;
comment on function study.update_learning_path(uuid, jsonb) is
  'Changes name, description or target_date (YYYY-MM-DD, null: none) of a path of yours; what p_changes does not name stays. Errors: learning_path_not_found (404), path_invalid, text_required, text_too_long, markup_not_allowed (422), rate_limited (429).';

create function study.pause_learning_path(p_learning_path_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_path_paused(p_learning_path_id, true); $$;
comment on function study.pause_learning_path(uuid) is
  'Pauses a path: its milestones do not complete, and it is not proposed. Errors: learning_path_not_found (404), path_completed (409), rate_limited (429).';

create function study.resume_learning_path(p_learning_path_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_path_paused(p_learning_path_id, false); $$;
comment on function study.resume_learning_path(uuid) is
  'Goes on with a path; what was mastered meanwhile completes. Errors: learning_path_not_found (404), rate_limited (429).';

create function study.delete_learning_path(p_learning_path_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_delete_path(p_learning_path_id); $$;
comment on function study.delete_learning_path(uuid) is
  'Deletes a path of yours with its milestones; mastery and experience stay. Errors: learning_path_not_found (404), rate_limited (429).';

create function study.add_milestone(
  p_learning_path_id uuid, p_topic text,
  p_target_mastery double precision default null, p_requires uuid[] default '{}', p_order integer default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_add_milestone(p_learning_path_id, p_topic, p_target_mastery, p_requires, p_order); $$;
comment on function study.add_milestone(uuid, text, double precision, uuid[], integer) is
  'Adds a topic (slug or id) to a path, at the end or at a place; p_requires: ids of milestones that come before. Errors: learning_path_not_found, milestone_not_found (404), unknown_topic, path_invalid (422), milestone_exists, path_full (409), rate_limited (429).';

create function study.remove_milestone(p_milestone_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_remove_milestone(p_milestone_id); $$;
comment on function study.remove_milestone(uuid) is
  'Takes a milestone off its path. What it required is then required by what required it. Errors: milestone_not_found (404), rate_limited (429).';

create function study.set_milestone_target(p_milestone_id uuid, p_target_mastery double precision)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_milestone_target(p_milestone_id, p_target_mastery); $$;
comment on function study.set_milestone_target(uuid, double precision) is
  'Another target (1–100; null: the usual one) for a milestone that is not complete. Errors: milestone_not_found (404), milestone_completed (409), path_invalid (422), rate_limited (429).';

create function study.reorder_milestones(p_learning_path_id uuid, p_milestone_ids uuid[])
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_reorder_milestones(p_learning_path_id, p_milestone_ids); $$;
comment on function study.reorder_milestones(uuid, uuid[]) is
  'Another order: all milestones of the path, each once. Prerequisites stay what they are. Errors: learning_path_not_found (404), path_order_invalid (422), rate_limited (429).';

create function study.add_prerequisite(p_milestone_id uuid, p_requires_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_add_prerequisite(p_milestone_id, p_requires_id); $$;
comment on function study.add_prerequisite(uuid, uuid) is
  'p_requires_id has to be complete before p_milestone_id, of the same path. Errors: milestone_not_found (404), path_has_cycle (422), rate_limited (429).';

create function study.remove_prerequisite(p_milestone_id uuid, p_requires_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_remove_prerequisite(p_milestone_id, p_requires_id); $$;
comment on function study.remove_prerequisite(uuid, uuid) is
  'p_requires_id need not be complete before p_milestone_id any more; nothing happens when it need not before. Errors: milestone_not_found (404), rate_limited (429).';

revoke execute on function
  study.create_learning_path(text, jsonb, text, date),
  study.update_learning_path(uuid, jsonb),
  study.pause_learning_path(uuid),
  study.resume_learning_path(uuid),
  study.delete_learning_path(uuid),
  study.add_milestone(uuid, text, double precision, uuid[], integer),
  study.remove_milestone(uuid),
  study.set_milestone_target(uuid, double precision),
  study.reorder_milestones(uuid, uuid[]),
  study.add_prerequisite(uuid, uuid),
  study.remove_prerequisite(uuid, uuid)
  from public, anon, authenticated;
grant execute on function
  study.create_learning_path(text, jsonb, text, date),
  study.update_learning_path(uuid, jsonb),
  study.pause_learning_path(uuid),
  study.resume_learning_path(uuid),
  study.delete_learning_path(uuid),
  study.add_milestone(uuid, text, double precision, uuid[], integer),
  study.remove_milestone(uuid),
  study.set_milestone_target(uuid, double precision),
  study.reorder_milestones(uuid, uuid[]),
  study.add_prerequisite(uuid, uuid),
  study.remove_prerequisite(uuid, uuid)
  to authenticated;
