-- What the worker of social.answer_question calls while it writes: begin, passages, stream, fail. (0453: record.)
--
-- Each call is one transaction under the job's lease, and service_role's alone. A worker may die between any two of
-- them: the next one begins again, listeners start over with the index 0, and only one answer is ever recorded. Whoever
-- lost the lease is refused before he is heard: the lease is locked when an event is sent.
-- Locks are taken in one order: question, AI answer, job.

create function private.check_ai_lease(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  if not exists (
    select from ops.queue_items as j
    where j.id = p_job_id and j.resource_id = p_ai_answer_id and j.job_type = 'social.answer_question'
  ) then
    perform private.raise_lease_lost(p_job_id); -- a lease on one answer opens no other
  end if;
end;
$$;
comment on function private.check_ai_lease(uuid, uuid, bigint) is
  'Raises lease_lost (409) unless the worker still holds the job and the job is about this AI answer.';

create function private.end_ai_answer(p_ai_answer_id uuid, p_error_code text)
returns boolean
language plpgsql
volatile
security definer -- writes AI answers
set search_path = ''
as $$
declare
  v_answer social.ai_answers;
  v_previous_id uuid;
begin
  -- Whoever asks for the next one waits here, and finds this one ended.
  perform from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id) for share;
  select * into v_answer from social.ai_answers as a
  where a.id = p_ai_answer_id and a.status in ('pending', 'generating') for update;
  if not found then
    return false;
  end if;
  select a.id into v_previous_id from social.ai_answers as a
  where a.question_id = v_answer.question_id and a.status = 'completed' and a.hidden_at is null
  order by a.generation_attempts desc limit 1;
  update social.ai_answers as a
  set status = 'failed', error_code = p_error_code, completed_at = now(), is_current = v_previous_id is null
  where a.id = p_ai_answer_id;
  update social.ai_answers as a set is_current = true where a.id = v_previous_id;
  perform private.broadcast_to_question(v_answer.question_id, 'ai_answer_failed', jsonb_build_object(
    'ai_answer_id', p_ai_answer_id, 'error_code', p_error_code
  ));
  return true;
end;
$$;
comment on function private.end_ai_answer(uuid, text) is
  'Ends an unfinished AI answer without a text; the last completed one is current again. False when it was finished.';

create function private.begin_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the AI answer
set search_path = ''
as $$
declare
  v_question social.questions;
  v_answer social.ai_answers;
  v_obstacle text;
begin
  select q.* into v_question
  from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id) for share;
  select * into v_answer from social.ai_answers as a where a.id = p_ai_answer_id for update;
  perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
  if v_answer.id is null or v_answer.status not in ('pending', 'generating') then
    return jsonb_build_object('proceed', false, 'status', v_answer.status);
  end if;
  v_obstacle := coalesce(
    private.ai_question_obstacle(v_question), case when v_answer.hidden_at is not null then 'answer_hidden' end
  );
  if v_obstacle is not null then
    perform private.end_ai_answer(p_ai_answer_id, v_obstacle);
    return jsonb_build_object('proceed', false, 'status', 'failed', 'error_code', v_obstacle);
  end if;
  update social.ai_answers as a set status = 'generating' where a.id = p_ai_answer_id and a.status = 'pending';
  perform private.broadcast_to_question(
    v_question.id,
    case v_answer.status when 'pending' then 'ai_answer_started' else 'ai_answer_restarted' end,
    jsonb_build_object('ai_answer_id', v_answer.id, 'generation', v_answer.generation_attempts, 'label', v_answer.label)
  );
  return jsonb_build_object(
    'proceed', true, 'question_id', v_question.id, 'title', v_question.title, 'content', v_question.content
  );
end;
$$;
comment on function private.begin_ai_answer(uuid, uuid, bigint) is 'See social.begin_ai_answer.';

create function private.stream_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_index integer, p_text text)
returns boolean
language plpgsql
volatile
security definer -- sends on question:<id>
set search_path = ''
as $$
declare
  v_question social.questions;
  v_status text;
  v_obstacle text;
begin
  if p_index is null or p_index < 0 or length(coalesce(p_text, '')) not between 1 and 8000 then
    raise sqlstate 'PT422' using
      message = 'invalid_delta', detail = 'A delta has an index from 0 and 1 to 8000 characters.', hint = 'Cut it up.';
  end if;
  -- Without locks on the question: eight times a second, that would be in everybody's way.
  select a.status into v_status from social.ai_answers as a where a.id = p_ai_answer_id;
  select q.* into v_question from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id);
  v_obstacle := private.ai_question_obstacle(v_question);
  if v_status = 'generating' and v_obstacle is not null then
    perform from social.questions as q where q.id = v_question.id for share;
    perform from social.ai_answers as a where a.id = p_ai_answer_id for update;
    perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
    perform private.end_ai_answer(p_ai_answer_id, v_obstacle);
    return false;
  end if;
  perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
  if v_status is distinct from 'generating' then
    return false;
  end if;
  perform private.broadcast_to_question(v_question.id, 'ai_answer_delta', jsonb_build_object(
    'ai_answer_id', p_ai_answer_id, 'index', p_index, 'text', p_text
  ));
  return true;
end;
$$;
comment on function private.stream_ai_answer(uuid, uuid, bigint, integer, text) is 'See social.stream_ai_answer.';

create function private.fail_ai_answer(p_ai_answer_id uuid, p_job_id uuid, p_lease_token bigint, p_error_code text)
returns boolean
language plpgsql
volatile
security definer -- moves the AI answer
set search_path = ''
as $$
begin
  perform from social.questions as q
  where q.id = (select a.question_id from social.ai_answers as a where a.id = p_ai_answer_id) for share;
  perform from social.ai_answers as a where a.id = p_ai_answer_id for update;
  perform private.check_ai_lease(p_ai_answer_id, p_job_id, p_lease_token);
  return private.end_ai_answer(
    p_ai_answer_id, case when p_error_code ~ '^[a-z][a-z_]{1,49}$' then p_error_code else 'generation_failed' end
  );
end;
$$;
comment on function private.fail_ai_answer(uuid, uuid, bigint, text) is 'See social.fail_ai_answer.';

-- A job that died, was cancelled, or whose worker died at its last attempt: whoever waits is told within a minute.
create function private.social_rescue_ai_answers()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select a.id from social.ai_answers as a
    where a.status in ('pending', 'generating')
      and not exists (
        select from ops.queue_items as j where j.resource_id = a.id and j.job_type = 'social.answer_question'
      )
    order by a.created_at
    limit 100
  loop
    v_count := v_count + private.end_ai_answer(v_id, 'generation_failed')::integer;
  end loop;
  return v_count;
end;
$$;
comment on function private.social_rescue_ai_answers() is
  'Ends AI answers whose job is no longer in the queue; returns how many. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every) values
  ('social_rescue_ai_answers', 'private.social_rescue_ai_answers', interval '1 minute');

revoke execute on function
  private.check_ai_lease(uuid, uuid, bigint), private.end_ai_answer(uuid, text),
  private.begin_ai_answer(uuid, uuid, bigint), private.stream_ai_answer(uuid, uuid, bigint, integer, text),
  private.fail_ai_answer(uuid, uuid, bigint, text), private.social_rescue_ai_answers()
  from public, anon, authenticated;
