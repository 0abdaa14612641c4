-- Conversations with the coach. The function coach asks as its caller: what he may not read, the coach does not, either. What
-- it answers is written by services, and every citation is compared with the passage it names before it is kept.

insert into core.settings (key, value, description) values
  ('study.coach_limits', '{"messages": 200, "input_tokens": 2000000, "output_tokens": 200000, "cost_micro_usd": 2000000, "seconds": 3600}',
   'What one person may have of the coach in a day (UTC).'),
  ('study.coach_stale_seconds', '120', 'An answer that nobody has written on for so long was left behind: it can be resumed.');

create function private.study_my_conversation(p_conversation_id uuid)
returns study.chat_conversations
language plpgsql
volatile
security definer -- locks a row for RPCs of its owner
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_conversation study.chat_conversations;
begin
  select * into v_conversation from study.chat_conversations as c
  where c.id = p_conversation_id and c.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'conversation_not_found', detail = 'You have no conversation with this id.', hint = 'List yours: chat_conversations.';
  end if;
  return v_conversation;
end;
$$;
comment on function private.study_my_conversation(uuid) is 'A conversation of the caller, locked; conversation_not_found (404).';

create function private.study_check_coach_limits(p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- reads what was used
set search_path = ''
as $$
declare
  v_limits jsonb := private.setting('study.coach_limits');
  v_used study.coach_usage;
  v_what text;
begin
  select * into v_used from study.coach_usage as u
  where u.user_id = p_user_id and u.day = (now() at time zone 'UTC')::date;
  v_what := case
    when v_used.messages >= (v_limits ->> 'messages')::integer then 'questions'
    when v_used.input_tokens >= (v_limits ->> 'input_tokens')::bigint or v_used.output_tokens >= (v_limits ->> 'output_tokens')::bigint then 'words'
    when v_used.cost_micro_usd >= (v_limits ->> 'cost_micro_usd')::bigint then 'money'
    when v_used.busy_ms >= 1000 * (v_limits ->> 'seconds')::bigint then 'time'
  end;
  if v_what is not null then
    raise sqlstate 'PT429' using
      message = 'coach_limit_reached', detail = format('Today''s share of %s is used up.', v_what),
      hint = 'It begins anew at midnight UTC.';
  end if;
end;
$$;
comment on function private.study_check_coach_limits(uuid) is 'coach_limit_reached (429) once a limit of study.coach_limits is reached today.';

create function private.study_ask(p_conversation_id uuid, p_content text, p_client_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- messages are written by functions only
set search_path = ''
as $$
declare
  v_conversation study.chat_conversations := private.study_my_conversation(p_conversation_id);
  v_question study.chat_messages;
  v_answer study.chat_messages;
begin
  if p_client_id is null then
    raise sqlstate 'PT422' using message = 'client_id_invalid', detail = 'A question has an id of your choice.', hint = 'Send a new UUID as p_client_id.';
  end if;
  select * into v_question from study.chat_messages as m where m.conversation_id = p_conversation_id and m.client_id = p_client_id;
  if found then
    select * into v_answer from study.chat_messages as m where m.reply_to_id = v_question.id;
    return jsonb_build_object('question', to_jsonb(v_question), 'answer', to_jsonb(v_answer), 'is_new', false);
  end if;
  perform private.study_limit('coach', v_conversation.user_id::text);
  perform private.study_check_coach_limits(v_conversation.user_id);
  -- One that nobody writes on any more gives way.
  update study.chat_messages as m set status = 'failed', error_code = 'left_behind'
  where m.conversation_id = p_conversation_id and m.status = 'streaming'
    and m.updated_at < now() - make_interval(secs => private.study_number('study.coach_stale_seconds'));
  if exists (select from study.chat_messages as m where m.conversation_id = p_conversation_id and m.status = 'streaming') then
    raise sqlstate 'PT409' using
      message = 'answer_in_progress', detail = 'The coach is still answering.', hint = 'Wait, or stop it: study.stop_answer.';
  end if;
  insert into study.chat_messages (conversation_id, message_no, role, content, client_id)
  values (p_conversation_id, v_conversation.last_message_no + 1, 'user', private.clean_text(p_content, 'content', 1, 8000), p_client_id)
  returning * into v_question;
  insert into study.chat_messages (conversation_id, message_no, role, status, reply_to_id)
  values (p_conversation_id, v_conversation.last_message_no + 2, 'assistant', 'streaming', v_question.id)
  returning * into v_answer;
  update study.chat_conversations as c
  set last_message_no = v_answer.message_no, last_message_at = now(), updated_at = now(),
    title = case when c.title = '' then left(v_question.content, 80) else c.title end
  where c.id = p_conversation_id;
  insert into study.coach_usage as u (user_id, day, messages)
  values (v_conversation.user_id, (now() at time zone 'UTC')::date, 1)
  on conflict (user_id, day) do update set messages = u.messages + 1;
  return jsonb_build_object('question', to_jsonb(v_question), 'answer', to_jsonb(v_answer), 'is_new', true);
end;
$$;
comment on function private.study_ask(uuid, text, uuid) is 'See study.ask_coach.';

create function private.study_resume_answer(p_answer_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- messages are written by functions only
set search_path = ''
as $$
declare
  v_answer study.chat_messages;
  v_conversation study.chat_conversations;
begin
  select * into v_answer from study.chat_messages as m where m.id = p_answer_id and m.role = 'assistant';
  v_conversation := private.study_my_conversation(v_answer.conversation_id);
  select * into v_answer from study.chat_messages as m where m.id = p_answer_id for update;
  if v_answer.status = 'completed' or v_answer.status = 'streaming'
    and v_answer.updated_at >= now() - make_interval(secs => private.study_number('study.coach_stale_seconds'))
  then
    raise sqlstate 'PT409' using
      message = 'answer_not_stopped', detail = format('The answer is %s.', v_answer.status), hint = 'Read it, or ask anew.';
  end if;
  if v_answer.status <> 'streaming' and exists (
    select from study.chat_messages as m where m.conversation_id = v_conversation.id and m.status = 'streaming'
  ) then
    raise sqlstate 'PT409' using
      message = 'answer_in_progress', detail = 'The coach is answering something else.', hint = 'Wait, or stop it: study.stop_answer.';
  end if;
  perform private.study_limit('coach', v_conversation.user_id::text);
  perform private.study_check_coach_limits(v_conversation.user_id);
  update study.chat_messages as m set status = 'streaming', error_code = null, updated_at = now() where m.id = p_answer_id
  returning * into v_answer;
  return jsonb_build_object(
    'question', (select to_jsonb(q) from study.chat_messages as q where q.id = v_answer.reply_to_id), 'answer', to_jsonb(v_answer),
    'is_new', true
  );
end;
$$;
comment on function private.study_resume_answer(uuid) is 'See study.resume_answer.';

create function private.study_stop_answer(p_answer_id uuid)
returns text
language plpgsql
volatile
security definer -- messages are written by functions only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_status text;
begin
  update study.chat_messages as m
  set status = case m.status when 'streaming' then 'stopped' else m.status end, updated_at = now()
  from study.chat_conversations as c
  where m.id = p_answer_id and m.role = 'assistant' and c.id = m.conversation_id and c.user_id = v_user_id
  returning m.status into v_status;
  if not found then
    raise sqlstate 'PT404' using message = 'answer_not_found', detail = 'You have no such answer.', hint = 'Check the id.';
  end if;
  return v_status;
end;
$$;
comment on function private.study_stop_answer(uuid) is 'See study.stop_answer.';

-- What the coach may answer from besides material: what people wrote and others vouched for.
create function private.study_coach_documents(p_query text, p_topic_id uuid, p_limit integer)
returns table (id uuid, source text, title text, body text, locator jsonb, score real)
language plpgsql
stable
security definer -- the index is closed; asks for its caller, who is signed in
set search_path = ''
as $$
begin
  return query
    select r.id, case r.module when 'qa' then 'qa' when 'social' then 'social' else 'passage' end, r.title, left(r.body, 8000), r.locator, r.score
    from private.retrieve_passages(
      p_query, array(select jsonb_array_elements_text(private.setting('study.coach_kinds'))), p_topic_id,
      least(greatest(coalesce(p_limit, 12), 1), 50), private.require_reader()
    ) as r;
end;
$$;
comment on function private.study_coach_documents(text, uuid, integer) is 'See study.coach_documents.';
insert into core.settings (key, value, description) values
  ('study.coach_kinds', '["passage", "answer"]', 'Kinds of documents besides material that the coach answers from: course material, approved answers of qa, accepted ones of social.');

revoke execute on function
  private.study_my_conversation(uuid), private.study_check_coach_limits(uuid), private.study_ask(uuid, text, uuid),
  private.study_resume_answer(uuid), private.study_stop_answer(uuid), private.study_coach_documents(text, uuid, integer)
  from public, anon, authenticated;
grant execute on function
  private.study_ask(uuid, text, uuid), private.study_resume_answer(uuid), private.study_stop_answer(uuid),
  private.study_coach_documents(text, uuid, integer)
  to authenticated;
