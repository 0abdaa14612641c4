-- What people ask of the coach: a question, an answer taken up again, an answer stopped. Each RPC locks its conversation
-- first, then messages, then what was used today.

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
  -- One that nobody writes on any more gives way.
  perform private.study_release_answers(p_conversation_id);
  if exists (select from study.chat_messages as m where m.conversation_id = p_conversation_id and m.status = 'streaming') then
    raise sqlstate 'PT409' using
      message = 'answer_in_progress', detail = 'The coach is still answering.', hint = 'Wait, or stop it: study.stop_answer.';
  end if;
  perform private.study_take_coach_turn(v_conversation.user_id);
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
  v_user_id uuid := private.require_user();
  v_answer study.chat_messages;
  v_conversation study.chat_conversations;
begin
  select m.* into v_answer
  from study.chat_messages as m join study.chat_conversations as c on c.id = m.conversation_id
  where m.id = p_answer_id and m.role = 'assistant' and c.user_id = v_user_id;
  if not found then
    raise sqlstate 'PT404' using message = 'answer_not_found', detail = 'You have no such answer.', hint = 'Check the id.';
  end if;
  v_conversation := private.study_my_conversation(v_answer.conversation_id);
  perform private.study_release_answers(v_conversation.id);
  select * into v_answer from study.chat_messages as m where m.id = p_answer_id for update;
  if v_answer.status in ('completed', 'streaming') then
    raise sqlstate 'PT409' using
      message = 'answer_not_stopped', detail = format('The answer is %s.', v_answer.status), hint = 'Read it, or ask anew.';
  end if;
  if exists (select from study.chat_messages as m where m.conversation_id = v_conversation.id and m.status = 'streaming') then
    raise sqlstate 'PT409' using
      message = 'answer_in_progress', detail = 'The coach is answering something else.', hint = 'Wait, or stop it: study.stop_answer.';
  end if;
  perform private.study_take_coach_turn(v_conversation.user_id);
  update study.chat_messages as m
  set status = 'streaming', error_code = null, response_ms = null, attempt_no = m.attempt_no + 1, updated_at = now()
  where m.id = p_answer_id
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
  v_user_id uuid := private.require_reader(); -- stopping spends nothing
  v_status text;
begin
  -- Whoever writes it learns of it at the next piece, and records what was shown with its citations.
  update study.chat_messages as m
  set status = 'stopped', content = private.study_text_left(m.id, m.content), updated_at = now()
  from study.chat_conversations as c
  where m.id = p_answer_id and m.role = 'assistant' and m.status = 'streaming' and c.id = m.conversation_id and c.user_id = v_user_id
  returning m.status into v_status;
  if not found then
    select m.status into v_status
    from study.chat_messages as m join study.chat_conversations as c on c.id = m.conversation_id
    where m.id = p_answer_id and m.role = 'assistant' and c.user_id = v_user_id;
  end if;
  if v_status is null then
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

-- The same for one document, when it is cited.
create function private.study_coach_document(p_document_id uuid, p_user_id uuid)
returns core.search_documents
language sql
stable
security invoker
set search_path = ''
as $$
  select d.* from core.search_documents as d
  where d.id = p_document_id and d.is_retrievable
    and d.kind in (select jsonb_array_elements_text(private.setting('study.coach_kinds')))
    and (d.visibility in ('public', 'authenticated') or d.owner_id = p_user_id or d.visibility = 'restricted' and p_user_id = any (d.audience))
    and (d.owner_id is null or not private.is_blocked_between(d.owner_id, p_user_id))
    and (d.thread_owner_id is null or not private.is_blocked_between(d.thread_owner_id, p_user_id));
$$;
comment on function private.study_coach_document(uuid, uuid) is 'A document that the coach may answer this person from; null when it may not.';

revoke execute on function
  private.study_ask(uuid, text, uuid), private.study_resume_answer(uuid), private.study_stop_answer(uuid),
  private.study_coach_documents(text, uuid, integer), private.study_coach_document(uuid, uuid)
  from public, anon, authenticated;
grant execute on function
  private.study_ask(uuid, text, uuid), private.study_resume_answer(uuid), private.study_stop_answer(uuid),
  private.study_coach_documents(text, uuid, integer)
  to authenticated;
