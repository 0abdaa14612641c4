-- The end of a review: completed, which makes the reviewer's blocks the timetable's, or handed on for a second opinion,
-- whose word then counts. What the two disagree about is kept beside it.

create function private.timetable_final_blocks(p_task timetable.hitl_tasks, p_final jsonb)
returns jsonb
language plpgsql
volatile
security definer -- called for a reviewer who was checked
set search_path = ''
as $$
declare
  v_blocks jsonb := private.timetable_clean_blocks(
    case jsonb_typeof(p_final) when 'object' then p_final -> 'blocks' else p_final end, true
  );
  v_unknown text;
begin
  select b ->> 'id' into v_unknown
  from jsonb_array_elements(v_blocks) as b
  where b ->> 'id' is not null
    and not exists (select from jsonb_array_elements(p_task.draft_data -> 'blocks') as d where d ->> 'id' = b ->> 'id')
  limit 1;
  if found then
    raise sqlstate 'PT422' using
      message = 'blocks_invalid',
      detail = format('The draft has no block with the id %s.', v_unknown),
      hint = 'Keep the ids of the draft; leave the id out where you add a block.';
  end if;
  return v_blocks;
end;
$$;
comment on function private.timetable_final_blocks(timetable.hitl_tasks, jsonb) is
  'The blocks of a reviewer, checked as those of the machine are; an id is one of the draft.';

create function private.timetable_close_task(p_task timetable.hitl_tasks, p_final jsonb, p_notes text)
returns timetable.hitl_tasks
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks;
  v_before jsonb;
begin
  if p_task.kind = 'second_opinion' then
    select t.final_data -> 'blocks' into v_before
    from timetable.hitl_tasks as t where t.job_id = p_task.job_id and t.opinion_no = p_task.opinion_no - 1;
  end if;
  update timetable.hitl_tasks as t
  set status = 'completed', final_data = jsonb_build_object('blocks', p_final),
    diff = private.timetable_diff(t.draft_data -> 'blocks', p_final),
    disagreement = case when v_before is not null then private.timetable_diff(v_before, p_final) end,
    review_notes = private.clean_text(coalesce(p_notes, t.review_notes), 'notes', 0, 4000)
  where t.id = p_task.id
  returning * into v_task;
  return v_task;
end;
$$;

create function private.timetable_verdict(p_task timetable.hitl_tasks)
returns jsonb
language sql
stable
security definer -- hands the reviewer what became of his review
set search_path = ''
as $$
  select jsonb_build_object(
    'task_id', p_task.id, 'status', p_task.status, 'diff', p_task.diff, 'disagreement', p_task.disagreement,
    'job_status', j.status, 'completed_at', p_task.completed_at
  )
  from timetable.processing_jobs as j where j.id = p_task.job_id;
$$;

create function private.timetable_complete_review(p_task_id uuid, p_lease_token bigint, p_final jsonb, p_notes text)
returns jsonb
language plpgsql
volatile
security definer -- writes reviews, blocks and corrections
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks := private.timetable_held_task(p_task_id, p_lease_token);
  v_final jsonb := private.timetable_final_blocks(v_task, p_final);
  v_document timetable.documents;
  v_user_id uuid;
begin
  -- The reply to the first call may have been lost: the same blocks again are that first call.
  if v_task.status = 'completed' and v_task.final_data -> 'blocks' = v_final then
    return private.timetable_verdict(v_task);
  end if;
  perform private.timetable_require_open(v_task);
  select d.* into v_document
  from timetable.documents as d join timetable.processing_jobs as j on j.document_id = d.id where j.id = v_task.job_id;
  perform private.timetable_apply_review(v_document, v_task.draft_data -> 'blocks', v_final);
  perform private.timetable_learn(v_document.layout_hash, v_task.draft_data -> 'blocks', v_final);
  v_task := private.timetable_close_task(v_task, v_final, p_notes);
  update timetable.processing_jobs as j
  set status = 'completed', processing_tier = 'hitl',
    metadata = j.metadata || jsonb_build_object('reviewed_by_person', true, 'blocks', jsonb_array_length(v_final), 'unsure', 0)
  where j.id = v_task.job_id
  returning j.user_id into v_user_id;
  perform private.notify(
    v_user_id, 'timetable_checked', 'success', 'Your timetable has been checked',
    'A person has looked at what was unsure.',
    jsonb_build_object('document_id', v_document.id, 'job_id', v_task.job_id, 'task_id', v_task.id)
  );
  return private.timetable_verdict(v_task);
end;
$$;

create function timetable.complete_review(p_task_id uuid, p_lease_token bigint, p_final jsonb, p_notes text default null)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_complete_review(p_task_id, p_lease_token, p_final, p_notes); $$;
comment on function timetable.complete_review(uuid, bigint, jsonb, text) is
  'Ends a review with the right blocks, {blocks: [{id?, day, name, start, end, notes, color, week, page, box}]}: ids are those of the draft, a block that is missing is removed, one without an id is added. They become the timetable''s, and what was misread everywhere is learned for its layout. {task_id, status, diff, disagreement, job_status}; the same again is harmless. Errors: review_not_found (404), lease_lost, review_closed (409), blocks_invalid, text_required, text_too_long, markup_not_allowed (422).';

create function private.timetable_open_opinion(p_job_id uuid, p_kind text, p_blocks jsonb, p_reason text)
returns uuid
language plpgsql
volatile
security definer -- counts the reviews of a job
set search_path = ''
as $$
declare
  v_max integer := private.setting_number('timetable.max_opinions');
begin
  if (select count(*) from timetable.hitl_tasks as t where t.job_id = p_job_id) >= v_max then
    raise sqlstate 'PT409' using
      message = 'opinion_limit_reached',
      detail = format('One reading of a document is reviewed %s times at most.', v_max),
      hint = 'Settle it yourself, or hand the document in again.';
  end if;
  return private.timetable_open_review(p_job_id, p_kind, p_blocks, p_reason);
end;
$$;

create function private.timetable_request_second_opinion(p_task_id uuid, p_lease_token bigint, p_final jsonb, p_notes text)
returns jsonb
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_task timetable.hitl_tasks := private.timetable_held_task(p_task_id, p_lease_token);
  v_final jsonb := private.timetable_final_blocks(v_task, p_final);
  v_id uuid;
begin
  if v_task.status = 'completed' and v_task.final_data -> 'blocks' = v_final then
    return private.timetable_verdict(v_task);
  end if;
  perform private.timetable_require_open(v_task);
  v_task := private.timetable_close_task(v_task, v_final, p_notes);
  v_id := private.timetable_open_opinion(
    v_task.job_id, 'second_opinion', v_task.draft_data -> 'blocks', left(v_task.review_notes, 2000)
  );
  update timetable.processing_jobs as j set status = 'hitl_pending' where j.id = v_task.job_id;
  return private.timetable_verdict(v_task) || jsonb_build_object('next_task_id', v_id);
end;
$$;

create function timetable.request_second_opinion(p_task_id uuid, p_lease_token bigint, p_final jsonb, p_notes text default null)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_request_second_opinion(p_task_id, p_lease_token, p_final, p_notes); $$;
comment on function timetable.request_second_opinion(uuid, bigint, jsonb, text) is
  'Gives your blocks as an opinion and asks another reviewer, who begins with the machine''s draft as you did; his word counts, and disagreement says where you differ. p_notes are shown to him. {task_id, status, diff, job_status, next_task_id}. Errors: as complete_review, opinion_limit_reached (409).';

revoke execute on function
  private.timetable_final_blocks(timetable.hitl_tasks, jsonb), private.timetable_close_task(timetable.hitl_tasks, jsonb, text),
  private.timetable_verdict(timetable.hitl_tasks), private.timetable_complete_review(uuid, bigint, jsonb, text),
  timetable.complete_review(uuid, bigint, jsonb, text), private.timetable_open_opinion(uuid, text, jsonb, text),
  private.timetable_request_second_opinion(uuid, bigint, jsonb, text),
  timetable.request_second_opinion(uuid, bigint, jsonb, text)
  from public, anon, authenticated;
grant execute on function
  private.timetable_complete_review(uuid, bigint, jsonb, text), timetable.complete_review(uuid, bigint, jsonb, text),
  private.timetable_request_second_opinion(uuid, bigint, jsonb, text),
  timetable.request_second_opinion(uuid, bigint, jsonb, text)
  to authenticated;
