-- Taking up a review, keeping it, saving on the way, letting it go. A claim gives a lease: a number that every later call
-- must carry. Whoever lost his lease cannot write. The verdict has a file of its own.

create function private.timetable_claim_review(p_task_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reviewer();
  v_task timetable.hitl_tasks;
  v_owner_id uuid;
  v_job_id uuid;
begin
  -- A reviewer's own claims come one after the other, so that their count holds; and his account stays meanwhile.
  perform from core.profiles as p where p.id = v_user_id for no key update;
  if not found then
    perform private.require_reviewer(); -- it went while we waited
  end if;
  if (
    select count(*) from timetable.hitl_tasks as t
    where t.assigned_to = v_user_id and t.status = 'in_progress' and t.lease_expires_at > now() and t.id is distinct from p_task_id
  ) >= private.setting_number('timetable.max_held_reviews') then
    raise sqlstate 'PT409' using
      message = 'reviewer_at_capacity',
      detail = 'You hold as many reviews as one person may.',
      hint = 'Complete one, or let it go.';
  end if;

  if p_task_id is null then
    perform private.timetable_expire_reviews();
    select t.id, t.job_id into p_task_id, v_job_id
    from timetable.hitl_tasks as t
    join timetable.processing_jobs as j on j.id = t.job_id
    where t.status = 'pending' and j.status = 'hitl_pending' and j.user_id <> v_user_id
      and not (t.kind = 'second_opinion' and exists (
        select from timetable.hitl_tasks as e where e.job_id = t.job_id and e.assigned_to = v_user_id and e.status = 'completed'
      ))
    order by t.rank, t.created_at, t.id
    limit 1 for update of j skip locked;
    if not found then
      raise sqlstate 'PT404' using
        message = 'nothing_to_review',
        detail = 'No document waits for you.',
        hint = 'Ask again in a while.';
    end if;
  else
    select t.job_id into v_job_id from timetable.hitl_tasks as t where t.id = p_task_id;
    perform from timetable.processing_jobs as j where j.id = v_job_id for update;
  end if;

  select j.user_id into v_owner_id from timetable.processing_jobs as j where j.id = v_job_id;
  select * into v_task from timetable.hitl_tasks as t where t.id = p_task_id for update;
  if v_task.id is null then
    raise sqlstate 'PT404' using
      message = 'review_not_found', detail = 'There is no such review.', hint = 'Claim without an id to get the next one.';
  elsif v_owner_id = v_user_id then
    raise sqlstate 'PT403' using
      message = 'own_document', detail = 'Nobody reviews what he handed in himself.', hint = 'Claim the next one.';
  elsif v_task.kind = 'second_opinion' and exists (
    select from timetable.hitl_tasks as e
    where e.job_id = v_job_id and e.assigned_to = v_user_id and e.status = 'completed'
  ) then
    raise sqlstate 'PT403' using
      message = 'second_opinion_needs_another',
      detail = 'You have given an opinion on this document.',
      hint = 'Claim the next one.';
  elsif v_task.status in ('completed', 'cancelled') then
    perform private.timetable_require_open(v_task);
  elsif v_task.status = 'in_progress' and v_task.assigned_to is distinct from v_user_id and v_task.lease_expires_at > now() then
    raise sqlstate 'PT409' using
      message = 'review_taken', detail = 'Another reviewer has this document.', hint = 'Claim the next one.';
  end if;

  if v_task.status = 'in_progress' and (v_task.assigned_to is distinct from v_user_id or v_task.lease_expires_at <= now()) then
    update timetable.hitl_tasks as t set status = 'pending' where t.id = p_task_id returning * into v_task;
  end if;
  -- Claiming again renews the lease under a new number: the same reviewer in a second window takes over.
  update timetable.hitl_tasks as t
  set status = 'in_progress', assigned_to = v_user_id, lease_token = t.lease_token + 1,
    assigned_at = coalesce(t.assigned_at, now()), lease_expires_at = private.timetable_lease_end(v_task.assigned_at)
  where t.id = p_task_id;
  return private.timetable_review_sheet(p_task_id);
end;
$$;

create function timetable.claim_review(p_task_id uuid default null)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_claim_review(p_task_id); $$;
comment on function timetable.claim_review(uuid) is
  'A reviewer takes up a review: this one, or the most urgent. {task_id, lease_token, expires_at, kind, blocks, draft, document, pages, …}; the file can be downloaded from document.path while the review is held. Errors: role_required, own_document, second_opinion_needs_another (403), nothing_to_review, review_not_found (404), review_taken, review_closed, reviewer_at_capacity, review_time_used_up (409).';

create function private.timetable_extend_review(p_task_id uuid, p_lease_token bigint)
returns timestamptz
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks := private.timetable_held_task(p_task_id, p_lease_token);
begin
  perform private.timetable_require_open(v_task);
  update timetable.hitl_tasks as t set lease_expires_at = private.timetable_lease_end(t.assigned_at)
  where t.id = p_task_id
  returning * into v_task;
  return v_task.lease_expires_at;
end;
$$;

create function timetable.extend_review(p_task_id uuid, p_lease_token bigint)
returns timestamptz language sql volatile security invoker set search_path = ''
as $$ select private.timetable_extend_review(p_task_id, p_lease_token); $$;
comment on function timetable.extend_review(uuid, bigint) is
  'Keeps a review for another period, a limited number of times; returns its new end. Errors: review_not_found (404), lease_lost, review_closed, review_time_used_up (409).';

create function private.timetable_save_review_draft(p_task_id uuid, p_lease_token bigint, p_draft jsonb, p_notes text)
returns timestamptz
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks := private.timetable_held_task(p_task_id, p_lease_token);
begin
  perform private.timetable_require_open(v_task);
  update timetable.hitl_tasks as t
  set saved_data = jsonb_build_object('blocks', private.timetable_clean_blocks(
      case jsonb_typeof(p_draft) when 'object' then p_draft -> 'blocks' else p_draft end, true
    )),
    review_notes = private.clean_text(coalesce(p_notes, t.review_notes), 'notes', 0, 4000)
  where t.id = p_task_id
  returning * into v_task;
  return v_task.updated_at;
end;
$$;

create function timetable.save_review_draft(p_task_id uuid, p_lease_token bigint, p_draft jsonb, p_notes text default null)
returns timestamptz language sql volatile security invoker set search_path = ''
as $$ select private.timetable_save_review_draft(p_task_id, p_lease_token, p_draft, p_notes); $$;
comment on function timetable.save_review_draft(uuid, bigint, jsonb, text) is
  'Saves blocks ({blocks: […]}) on the way; whoever holds the review after you goes on from there. Errors: review_not_found (404), lease_lost, review_closed (409), blocks_invalid, text_too_long, markup_not_allowed (422).';

create function private.timetable_release_review(p_task_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks := private.timetable_held_task(p_task_id, p_lease_token);
begin
  perform private.timetable_require_open(v_task);
  update timetable.hitl_tasks as t set status = 'pending' where t.id = p_task_id;
end;
$$;

create function timetable.release_review(p_task_id uuid, p_lease_token bigint)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.timetable_release_review(p_task_id, p_lease_token); $$;
comment on function timetable.release_review(uuid, bigint) is
  'Lets a review go; the next reviewer finds what you saved. Errors: review_not_found (404), lease_lost, review_closed (409).';

revoke execute on function
  private.timetable_claim_review(uuid), timetable.claim_review(uuid), private.timetable_extend_review(uuid, bigint),
  timetable.extend_review(uuid, bigint), private.timetable_save_review_draft(uuid, bigint, jsonb, text),
  timetable.save_review_draft(uuid, bigint, jsonb, text), private.timetable_release_review(uuid, bigint),
  timetable.release_review(uuid, bigint)
  from public, anon, authenticated;
grant execute on function
  private.timetable_claim_review(uuid), timetable.claim_review(uuid), private.timetable_extend_review(uuid, bigint),
  timetable.extend_review(uuid, bigint), private.timetable_save_review_draft(uuid, bigint, jsonb, text),
  timetable.save_review_draft(uuid, bigint, jsonb, text), private.timetable_release_review(uuid, bigint),
  timetable.release_review(uuid, bigint)
  to authenticated;
