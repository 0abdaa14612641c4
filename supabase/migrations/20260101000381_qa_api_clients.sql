-- What a client may do besides asking: get a quote, cancel, rate the answer.

create function private.my_question_for_update(p_question_id uuid)
returns qa.questions
language plpgsql
volatile
security definer -- locks a row that the client may not update himself
set search_path = ''
as $$
declare
  v_question qa.questions;
begin
  perform private.require_user();
  select * into v_question from qa.questions q
  where q.id = p_question_id and q.client_id = private.my_client_id()
  for update;
  if not found then
    -- The same answer for a stranger's question and for none: it does not tell which.
    raise sqlstate 'PT404' using
      message = 'question_not_found',
      detail = 'You have no question with this id.',
      hint = 'List your questions first.';
  end if;
  return v_question;
end;
$$;

create function private.qa_quote_question(p_priority text, p_topic text)
returns jsonb
language plpgsql
stable
security definer -- reads the whole queue
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_topic_id uuid := private.topic_by_slug(p_topic);
  v_estimate jsonb;
  v_available integer;
begin
  if p_topic is not null and v_topic_id is null then
    raise sqlstate 'PT422' using
      message = 'unknown_topic',
      detail = format('There is no topic %s.', quote_literal(left(p_topic, 80))),
      hint = 'Take a slug from core.topics, or leave it out.';
  end if;
  v_estimate := private.qa_estimate(p_priority, v_topic_id);
  select c.credits_available into v_available from qa.clients c where c.user_id = v_user_id;
  return v_estimate || jsonb_build_object(
    'credits_available', coalesce(v_available, 0),
    'is_affordable', coalesce(v_available, 0) >= (v_estimate ->> 'credits')::integer
  );
end;
$$;

create function qa.quote_question(p_priority text default 'normal', p_topic text default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.qa_quote_question(p_priority, p_topic);
$$;
comment on function qa.quote_question(text, text) is
  'What a question would cost and take now: {priority, credits, estimated_minutes, deliver_within_minutes, questions_ahead, experts_available, free_places, credits_available, is_affordable}. Errors: unknown_priority, unknown_topic (422).';

create function private.qa_cancel_question(p_question_id uuid, p_reason text)
returns qa.questions
language plpgsql
volatile
security definer -- moves the question
set search_path = ''
as $$
declare
  v_question qa.questions := private.my_question_for_update(p_question_id);
begin
  if v_question.status = 'cancelled' then
    return v_question;
  end if;
  if exists (
    select from qa.expert_reviews r where r.question_id = p_question_id and r.review_status = 'in_progress'
  ) then
    raise sqlstate 'PT409' using
      message = 'review_in_progress',
      detail = 'An expert is working on the answer.',
      hint = 'Wait for the answer.';
  end if;
  update qa.expert_reviews r set review_status = 'cancelled'
  where r.question_id = p_question_id and r.review_status = 'pending';
  update qa.questions q
  set status = 'cancelled', cancel_reason = nullif(private.clean_text(coalesce(p_reason, ''), 'reason', 0, 500), '')
  where q.id = p_question_id
  returning * into v_question;
  perform ops.cancel_jobs_for(p_question_id);
  return v_question;
end;
$$;

create function qa.cancel_question(p_question_id uuid, p_reason text default null)
returns qa.questions
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_cancel_question(p_question_id, p_reason);
$$;
comment on function qa.cancel_question(uuid, text) is
  'Cancels one''s own question before an expert takes it up, and releases its credits. Again is harmless. Errors: question_not_found (404), review_in_progress, illegal_transition (409).';

create function private.qa_rate_answer(
  p_question_id uuid, p_overall_score integer, p_quality_score integer, p_speed_score integer,
  p_expertise_score integer, p_comment text, p_helpful boolean, p_would_recommend boolean
)
returns qa.ratings
language plpgsql
volatile
security definer -- moves the question
set search_path = ''
as $$
declare
  v_question qa.questions := private.my_question_for_update(p_question_id);
  v_answer qa.answers;
  v_rating qa.ratings;
begin
  if v_question.status = 'rated' then
    raise sqlstate 'PT409' using
      message = 'already_rated',
      detail = 'An answer is rated once.',
      hint = 'The first rating stands.';
  end if;
  if v_question.status <> 'delivered' then
    raise sqlstate 'PT409' using
      message = 'not_delivered',
      detail = format('The question is %s.', v_question.status),
      hint = 'Rate the answer once it is delivered.';
  end if;
  if p_overall_score is null or exists (
    select from unnest(array[p_overall_score, p_quality_score, p_speed_score, p_expertise_score]) s
    where s not between 1 and 5
  ) then
    raise sqlstate 'PT422' using
      message = 'score_out_of_range',
      detail = 'Scores are whole numbers from 1 to 5; overall_score is required.',
      hint = 'Leave out the scores that you do not give.';
  end if;
  select * into v_answer from qa.answers a where a.question_id = p_question_id;
  insert into qa.ratings (
    question_id, client_id, answer_id, expert_id, overall_score, quality_score, speed_score, expertise_score,
    comment, helpful, would_recommend
  )
  values (
    p_question_id, v_question.client_id, v_answer.id, v_answer.expert_id, p_overall_score, p_quality_score,
    p_speed_score, p_expertise_score,
    nullif(private.clean_text(coalesce(p_comment, ''), 'comment', 0, 2000), ''), p_helpful, p_would_recommend
  )
  returning * into v_rating;
  update qa.questions q set status = 'rated' where q.id = p_question_id;
  return v_rating;
end;
$$;

create function qa.rate_answer(
  p_question_id uuid,
  p_overall_score integer,
  p_quality_score integer default null,
  p_speed_score integer default null,
  p_expertise_score integer default null,
  p_comment text default null,
  p_helpful boolean default null,
  p_would_recommend boolean default null
)
returns qa.ratings
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_rate_answer(
    p_question_id, p_overall_score, p_quality_score, p_speed_score, p_expertise_score, p_comment, p_helpful, p_would_recommend
  );
$$;
comment on function qa.rate_answer(uuid, integer, integer, integer, integer, text, boolean, boolean) is
  'Rates a delivered answer, once. Scores 1–5. Errors: question_not_found (404), not_delivered, already_rated (409), score_out_of_range, markup_not_allowed (422).';

revoke execute on function
  private.my_question_for_update(uuid), private.qa_quote_question(text, text), qa.quote_question(text, text),
  private.qa_cancel_question(uuid, text), qa.cancel_question(uuid, text),
  private.qa_rate_answer(uuid, integer, integer, integer, integer, text, boolean, boolean),
  qa.rate_answer(uuid, integer, integer, integer, integer, text, boolean, boolean)
  from public, anon, authenticated;
grant execute on function
  private.qa_quote_question(text, text), qa.quote_question(text, text), private.qa_cancel_question(uuid, text),
  qa.cancel_question(uuid, text),
  private.qa_rate_answer(uuid, integer, integer, integer, integer, text, boolean, boolean),
  qa.rate_answer(uuid, integer, integer, integer, integer, text, boolean, boolean)
  to authenticated;
