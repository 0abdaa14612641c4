-- What the RPCs of reviewers share: who may review, the lease of a review, and the sheet that a reviewer works from.
-- Nobody reviews his own upload; a second opinion is given by somebody who has not given one yet.

create function private.require_reviewer()
returns uuid
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
begin
  if private.has_role('reviewer') then
    return private.require_role('reviewer');
  elsif private.has_role('admin') then
    return private.require_role('admin');
  end if;
  return private.require_role('reviewer');
end;
$$;
comment on function private.require_reviewer() is 'The id of the caller, a reviewer or an administrator; otherwise role_required (403).';

create function private.timetable_held_task(p_task_id uuid, p_lease_token bigint)
returns timetable.hitl_tasks
language plpgsql
volatile
security definer -- locks rows that the reviewer may not update himself
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reviewer();
  v_task timetable.hitl_tasks;
begin
  perform private.timetable_lock_job(t.job_id) from timetable.hitl_tasks as t where t.id = p_task_id;
  select * into v_task from timetable.hitl_tasks as t where t.id = p_task_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'review_not_found',
      detail = 'There is no such review.',
      hint = 'Claim the next one.';
  end if;
  if v_task.assigned_to is distinct from v_user_id or v_task.lease_token is distinct from p_lease_token
    or (v_task.status = 'in_progress' and v_task.lease_expires_at <= now())
  then
    raise sqlstate 'PT409' using
      message = 'lease_lost',
      detail = 'The review is not yours (any more): its time ran out, or it was taken up again elsewhere.',
      hint = 'Claim it again, or claim the next one.';
  end if;
  return v_task;
end;
$$;
comment on function private.timetable_held_task(uuid, bigint) is
  'A review that the caller holds under this number (or has completed under it), locked; lease_lost (409) otherwise.';

create function private.timetable_require_open(p_task timetable.hitl_tasks)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if p_task.status <> 'in_progress' then
    raise sqlstate 'PT409' using
      message = 'review_closed',
      detail = format('The review is %s.', p_task.status),
      hint = 'Claim the next one.';
  end if;
end;
$$;

create function private.timetable_lease_end(p_assigned_at timestamptz)
returns timestamptz
language plpgsql
stable
security definer -- reads settings
set search_path = ''
as $$
declare
  v_period interval := make_interval(mins => private.setting_number('timetable.review_minutes'));
  v_periods integer := private.setting_number('timetable.max_review_periods');
  v_end timestamptz := least(now() + v_period, coalesce(p_assigned_at, now()) + v_periods * v_period);
begin
  if v_end <= now() then
    raise sqlstate 'PT409' using
      message = 'review_time_used_up',
      detail = format('A review is held for at most %s times %s.', v_periods, v_period),
      hint = 'Complete it, or let it go: what you saved stays.';
  end if;
  return v_end;
end;
$$;
comment on function private.timetable_lease_end(timestamptz) is
  'Until when a claim or an extension made now holds; review_time_used_up (409) after timetable.max_review_periods of them.';

create function private.timetable_review_sheet(p_task_id uuid)
returns jsonb
language sql
stable
security definer -- hands the reviewer what his review is about
set search_path = ''
as $$
  select jsonb_build_object(
    'task_id', t.id, 'lease_token', t.lease_token, 'expires_at', t.lease_expires_at, 'kind', t.kind, 'reason', t.reason,
    'opinion_no', t.opinion_no, 'priority', t.priority, 'is_resumed', t.saved_data is not null,
    'draft', t.draft_data -> 'blocks',
    'blocks', coalesce(t.saved_data, t.draft_data) -> 'blocks',
    'notes', t.review_notes,
    'threshold', private.setting('timetable.accept_confidence'),
    'document', jsonb_build_object(
      'id', d.id, 'bucket_id', d.bucket_id, 'path', d.path, 'file_name', d.file_name, 'file_type', d.file_type,
      'page_count', d.page_count
    ),
    'pages', (
      select coalesce(jsonb_agg(jsonb_build_object('page', p.page, 'width', p.width, 'height', p.height) order by p.page), '[]')
      from timetable.ocr_pages as p where p.job_id = t.job_id
    )
  )
  from timetable.hitl_tasks as t
  join timetable.processing_jobs as j on j.id = t.job_id
  join timetable.documents as d on d.id = j.document_id
  where t.id = p_task_id;
$$;

-- What ran out goes back into the queue. The job before the review, as everywhere; what somebody is at is skipped.
create function private.timetable_expire_reviews()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_task record;
  v_count integer := 0;
begin
  for v_task in
    select t.id
    from timetable.hitl_tasks as t
    join timetable.processing_jobs as j on j.id = t.job_id
    where t.status = 'in_progress' and t.lease_expires_at <= now()
    order by t.lease_expires_at
    limit 200 for update of j skip locked
  loop
    update timetable.hitl_tasks as t set status = 'pending'
    where t.id = v_task.id and t.status = 'in_progress' and t.lease_expires_at <= now();
    if found then
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end;
$$;
comment on function private.timetable_expire_reviews() is
  'Takes reviews back from whoever let their time run out, saved work and all; returns how many. A scheduled task.';

revoke execute on function
  private.require_reviewer(), private.timetable_held_task(uuid, bigint),
  private.timetable_require_open(timetable.hitl_tasks), private.timetable_lease_end(timestamptz),
  private.timetable_review_sheet(uuid), private.timetable_expire_reviews()
  from public, anon, authenticated;
