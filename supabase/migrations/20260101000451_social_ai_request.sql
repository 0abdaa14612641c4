-- Asking for an AI answer. The question is locked first, here and in every stage that ends one, so that asking twice at
-- once, and asking while one ends, happen one after the other; the unique index on is_current is what holds if not.

-- Why a question gets no AI answer (any more); null when it does.
create function private.ai_question_obstacle(p_question social.questions)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_question.id is null then 'question_gone'
    when p_question.deleted_at is not null or p_question.hidden_at is not null then 'question_removed'
    when p_question.closed_at is not null then 'question_closed'
  end;
$$;
comment on function private.ai_question_obstacle(social.questions) is 'question_gone, question_removed, question_closed, or null.';

-- Whether the newest AI answer lets another one begin; raises if not.
create function private.check_ai_regeneration(p_latest social.ai_answers)
returns void
language plpgsql
stable
security definer -- reads settings and all generations of the question
set search_path = ''
as $$
declare
  v_most integer := private.setting_number('social.ai_generations_per_question');
  v_pause interval := make_interval(mins => private.setting_number('social.ai_pause_minutes'));
  v_wait double precision;
begin
  if p_latest.hidden_at is not null and not (private.has_role('moderator') or private.has_role('admin')) then
    raise sqlstate 'PT409' using
      message = 'content_removed', detail = 'A moderator took the AI answer to this question away.', hint = 'Reload the page.';
  end if;
  -- What broke down does not use a question up for ever, and cannot be called up without end either.
  if (
    select count(*) from social.ai_answers as a
    where a.question_id = p_latest.question_id and (a.status <> 'failed' or a.created_at > now() - interval '1 day')
  ) >= v_most then
    raise sqlstate 'PT409' using
      message = 'ai_generations_used_up',
      detail = format('A question gets at most %s AI answers.', v_most),
      hint = 'Rate the one that is there, or wait for what people answer.';
  end if;
  v_wait := extract(epoch from p_latest.completed_at + v_pause - now());
  if p_latest.status = 'completed' and v_wait > 0 then
    raise sqlstate 'PT429' using
      message = 'ai_answer_too_soon',
      detail = format('Retry after %s seconds.', ceil(v_wait)),
      hint = 'The answer that is there is new: read it first.';
  end if;
end;
$$;
comment on function private.check_ai_regeneration(social.ai_answers) is
  'Raises content_removed, ai_generations_used_up (409) or ai_answer_too_soon (429) unless the question may get another AI answer.';

create function private.request_ai_answer(p_question_id uuid)
returns social.ai_answers
language plpgsql
volatile
security definer -- writes AI answers and the queue, which people may not
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_question social.questions;
  v_latest social.ai_answers;
  v_answer social.ai_answers;
begin
  perform private.social_require_content('question', p_question_id, v_user_id);
  select * into v_question from social.questions as q where q.id = p_question_id for no key update;
  -- Looked at again under the lock: it may have changed while we waited.
  case private.ai_question_obstacle(v_question)
    when 'question_gone' then
      raise sqlstate 'PT404' using
        message = 'content_not_found', detail = 'There is no such thing, or it is not for you.', hint = 'Check its type and id.';
    when 'question_removed' then
      raise sqlstate 'PT409' using
        message = 'content_removed', detail = 'It was deleted or hidden.', hint = 'Reload the page.';
    when 'question_closed' then
      raise sqlstate 'PT409' using
        message = 'question_closed', detail = 'A closed question takes no answers.', hint = 'Have it reopened, or ask anew.';
    else
      null;
  end case;

  select * into v_latest
  from social.ai_answers as a where a.question_id = p_question_id
  order by a.generation_attempts desc limit 1 for update;
  if v_latest.status in ('pending', 'generating') then
    return v_latest;
  end if;
  if v_latest.id is not null then
    perform private.check_ai_regeneration(v_latest);
  end if;
  perform private.social_limit('ai', v_user_id);

  update social.ai_answers as a set is_current = false where a.question_id = p_question_id and a.is_current;
  insert into social.ai_answers (question_id, requested_by, generation_attempts)
  values (p_question_id, v_user_id, coalesce(v_latest.generation_attempts, 0) + 1)
  returning * into v_answer;
  if ops.enqueue_job(
    p_job_type => 'social.answer_question',
    p_payload => jsonb_build_object('ai_answer_id', v_answer.id),
    p_resource_id => v_answer.id,
    p_dedupe_key => v_answer.id::text
  ) is null then
    raise sqlstate 'PT409' using
      message = 'job_type_disabled', detail = 'AI answers are switched off at present.', hint = 'Wait for what people answer.';
  end if;
  return v_answer;
end;
$$;
comment on function private.request_ai_answer(uuid) is 'See social.request_ai_answer.';

create function social.request_ai_answer(p_question_id uuid)
returns social.ai_answers
language sql
volatile
security invoker
set search_path = ''
as $$ select private.request_ai_answer(p_question_id); $$;
comment on function social.request_ai_answer(uuid) is
  'Asks for an AI answer to an open or answered question: returns the one under way, or begins the next, which is streamed on question:<id>. Errors: not_authenticated (401), account_inactive (403), content_not_found (404), content_removed, question_closed, ai_generations_used_up, job_type_disabled (409), ai_answer_too_soon, rate_limited (429).';

revoke execute on function
  private.ai_question_obstacle(social.questions), private.check_ai_regeneration(social.ai_answers),
  private.request_ai_answer(uuid), social.request_ai_answer(uuid)
  from public, anon, authenticated;
grant execute on function private.request_ai_answer(uuid), social.request_ai_answer(uuid) to authenticated;
