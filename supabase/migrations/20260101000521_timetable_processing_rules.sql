-- The rules of a processing job, in triggers, so that they hold whoever moves it: legal moves only, each stage timed,
-- every step broadcast to the owner on user:<id>. A review moves its job along: the job follows the task.

create function private.tg_processing_jobs__check_transition()
returns trigger
language plpgsql
stable
security definer -- job_transitions is read for whoever makes the move
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'pending' then
      raise sqlstate 'PT409' using
        message = 'illegal_transition',
        detail = 'A processing job begins as pending.',
        hint = 'Insert it as pending and move it along.';
    end if;
  elsif not exists (
    select from timetable.job_transitions as t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A processing job cannot go from %s to %s.', old.status, new.status),
      hint = 'See timetable.job_transitions for the legal moves.';
  end if;
  return new;
end;
$$;

create trigger _200_check_transition_insert
  before insert on timetable.processing_jobs
  for each row execute function private.tg_processing_jobs__check_transition();

create trigger _200_check_transition
  before update of status on timetable.processing_jobs
  for each row when (old.status is distinct from new.status)
  execute function private.tg_processing_jobs__check_transition();

create function private.tg_processing_jobs__stamp()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_spent bigint := greatest(extract(epoch from v_now - coalesce(old.stage_started_at, old.created_at)) * 1000, 0)::bigint;
begin
  -- A stage that was run twice (a crash) has cost the time of both.
  new.timings := new.timings || jsonb_build_object(
    old.status, v_spent + coalesce((old.timings ->> old.status)::bigint, 0)
  );
  new.stage_started_at := v_now;
  new.started_at := coalesce(new.started_at, v_now);
  if new.status not in ('completed', 'failed', 'cancelled') then
    new.stage := new.status;
    new.completed_at := null;
  else
    new.completed_at := v_now;
  end if;
  -- Never back, except where reading begins again.
  new.progress := case new.status
    when 'classifying' then 0
    when 'preprocessing' then greatest(new.progress, 5)
    when 'ocr' then greatest(new.progress, 10)
    when 'structuring' then greatest(new.progress, 70)
    when 'llm_processing' then greatest(new.progress, 75)
    when 'validating' then greatest(new.progress, 90)
    when 'hitl_pending' then 95
    when 'hitl_in_progress' then 95
    when 'completed' then 100
    else new.progress
  end;
  return new;
end;
$$;
comment on function private.tg_processing_jobs__stamp() is 'Times the stage that ends and begins the next one.';

create trigger _300_stamp
  before update of status on timetable.processing_jobs
  for each row when (old.status is distinct from new.status)
  execute function private.tg_processing_jobs__stamp();

create function private.tg_processing_jobs__tell()
returns trigger
language plpgsql
volatile
security definer -- sends to the owner's channel and writes metrics, which nobody else may
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and old.status <> new.status and old.status <> 'pending' and old.status not like 'hitl%' then
    perform ops.record_metric(
      'timetable.stage_ms', (new.timings ->> old.status)::double precision - coalesce((old.timings ->> old.status)::double precision, 0),
      jsonb_build_object('stage', old.status)
    );
  end if;
  perform private.broadcast_to_user(new.user_id, 'timetable_progress', jsonb_build_object(
    'job_id', new.id,
    'document_id', new.document_id,
    'timetable_id', new.timetable_id,
    'status', new.status,
    'progress', new.progress,
    'confidence', new.confidence,
    'is_cached', new.is_cached,
    'error_code', new.error_code,
    'at', clock_timestamp()
  ));
  return null;
end;
$$;
comment on function private.tg_processing_jobs__tell() is 'Broadcasts timetable_progress to the owner, and records how long the stage took.';

create trigger _500_tell_insert
  after insert on timetable.processing_jobs
  for each row execute function private.tg_processing_jobs__tell();

create trigger _500_tell
  after update on timetable.processing_jobs
  for each row when (old.status is distinct from new.status or old.progress is distinct from new.progress)
  execute function private.tg_processing_jobs__tell();

-- The reviewer is gone (his account was deleted): his time is up, and the next sweep lets the task go. Not here: whoever
-- deletes him holds no lock on the job, and every other path takes the job before the task.
create function private.tg_hitl_tasks__orphan()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  new.lease_expires_at := least(old.lease_expires_at, now());
  return new;
end;
$$;

create trigger _100_orphan
  before update of assigned_to on timetable.hitl_tasks
  for each row when (new.assigned_to is null and old.status = 'in_progress' and new.status = 'in_progress')
  execute function private.tg_hitl_tasks__orphan();

create function private.tg_hitl_tasks__check_transition()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if (old.status, new.status) not in (
    ('pending', 'in_progress'), ('in_progress', 'pending'), ('in_progress', 'completed'), ('pending', 'cancelled')
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A review cannot go from %s to %s.', old.status, new.status),
      hint = 'Claim it first; what is completed or cancelled stays so.';
  end if;
  if new.status <> 'in_progress' then
    new.lease_expires_at := null;
  end if;
  if new.status in ('pending', 'cancelled') then
    new.assigned_to := null;
    new.assigned_at := null;
  end if;
  if new.status = 'completed' then
    new.completed_at := clock_timestamp();
    new.saved_data := null;
  end if;
  return new;
end;
$$;

create trigger _200_check_transition
  before update of status on timetable.hitl_tasks
  for each row when (old.status is distinct from new.status)
  execute function private.tg_hitl_tasks__check_transition();

-- completed and cancelled are moves of the job that the functions make themselves: they know where it goes.
create function private.tg_hitl_tasks__move_job()
returns trigger
language plpgsql
volatile
security definer -- moves the job for a reviewer
set search_path = ''
as $$
begin
  update timetable.processing_jobs as j
  set status = case new.status when 'in_progress' then 'hitl_in_progress' else 'hitl_pending' end
  where j.id = new.job_id;
  return null;
end;
$$;

create trigger _500_move_job
  after update of status on timetable.hitl_tasks
  for each row when (old.status is distinct from new.status and new.status in ('pending', 'in_progress'))
  execute function private.tg_hitl_tasks__move_job();

create trigger _900_touch_updated_at
  before update on timetable.documents
  for each row execute function private.tg__touch_updated_at();
create trigger _900_touch_updated_at
  before update on timetable.processing_jobs
  for each row execute function private.tg__touch_updated_at();
create trigger _900_touch_updated_at
  before update on timetable.hitl_tasks
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.tg_processing_jobs__check_transition(), private.tg_processing_jobs__stamp(), private.tg_processing_jobs__tell(),
  private.tg_hitl_tasks__orphan(), private.tg_hitl_tasks__check_transition(), private.tg_hitl_tasks__move_job()
  from public, anon, authenticated;
