-- Cards: of one's own notes, of questions of the bank, of answers of the coach, and of approved answers that one may read.
-- And what is done with a card beside reviewing it.

insert into core.settings (key, value, description) values ('study.max_cards', '50000', 'Review cards of one person.');
update core.settings set value = value || '{"card": {"burst": 300, "per_hour": 300}}' where key = 'study.limits';

create function private.study_add_card(p_card study.sm2_review_cards)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
begin
  perform private.limit_action('study.limits', 'card', p_card.user_id::text);
  perform private.study_learner(p_card.user_id);
  -- Sent twice, or made by an answer before: the card that there is.
  select * into v_card from study.sm2_review_cards as c
  where c.user_id = p_card.user_id
    and (c.question_id = p_card.question_id or c.message_id = p_card.message_id or c.document_id = p_card.document_id);
  if found then
    return v_card;
  end if;
  if (select count(*) from study.sm2_review_cards as c where c.user_id = p_card.user_id) >= private.setting_number('study.max_cards') then
    raise sqlstate 'PT409' using
      message = 'too_many_cards', detail = 'You have as many cards as one person may have.', hint = 'Delete some that you no longer need.';
  end if;
  insert into study.sm2_review_cards (
    user_id, source, question_id, message_id, document_id, material_id, chunk_id, topic_id, front, back, quote, scheduler, due_on
  )
  values (
    p_card.user_id, p_card.source, p_card.question_id, p_card.message_id, p_card.document_id, p_card.material_id, p_card.chunk_id,
    p_card.topic_id, coalesce(p_card.front, ''), coalesce(p_card.back, ''), coalesce(p_card.quote, ''),
    (private.study_settings(p_card.user_id)).scheduler, private.study_day(p_card.user_id, now())
  )
  returning * into v_card;
  return v_card;
end;
$$;
comment on function private.study_add_card(study.sm2_review_cards) is
  'Adds a new card, due at once, or returns the one that this person has of the same question, answer or document; too_many_cards (409).';

create function private.study_create_card(p_front text, p_back text, p_topic text)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
begin
  v_card.user_id := private.require_user();
  v_card.source := 'note';
  v_card.front := private.clean_text(p_front, 'front', 1, 2000);
  v_card.back := private.clean_text(p_back, 'back', 1, 8000);
  v_card.topic_id := private.study_question_topic(p_topic);
  return private.study_add_card(v_card);
end;
$$;
comment on function private.study_create_card(text, text, text) is 'See study.create_card.';

create function private.study_card_from_question(p_question_id uuid)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
begin
  v_card.user_id := private.require_user();
  if p_question_id is null or not private.study_may_practise(p_question_id, v_card.user_id) then
    raise sqlstate 'PT404' using message = 'question_not_found', detail = 'There is no such question.', hint = 'Check the id.';
  end if;
  v_card.source := 'question';
  v_card.question_id := p_question_id;
  select q.topic_id into v_card.topic_id from study.questions as q where q.id = p_question_id;
  return private.study_add_card(v_card);
end;
$$;
comment on function private.study_card_from_question(uuid) is 'See study.card_from_question.';

create function private.study_card_from_message(p_message_id uuid, p_marker integer, p_front text, p_back text)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
  v_message record;
  v_citation study.message_citations;
begin
  v_card.user_id := private.require_user();
  select m.id, m.content, m.is_covered, c.topic_id, q.content as question into v_message
  from study.chat_messages as m
  join study.chat_conversations as c on c.id = m.conversation_id and c.user_id = v_card.user_id
  join study.chat_messages as q on q.id = m.reply_to_id
  where m.id = p_message_id and m.role = 'assistant' and m.status = 'completed';
  if not found then
    raise sqlstate 'PT404' using
      message = 'answer_not_found', detail = 'There is no such answer in your conversations, or it is not complete.', hint = 'Check the id.';
  end if;
  select * into v_citation from study.message_citations as s
  where s.message_id = p_message_id and (p_marker is null or s.marker = p_marker) order by s.marker limit 1;
  if v_citation.message_id is null and (p_marker is not null or v_message.is_covered is false) then
    raise sqlstate 'PT422' using
      message = 'answer_not_cited', detail = 'This answer has no such passage behind it.', hint = 'Choose an answer, and a marker, with a citation.';
  end if;
  v_card.source := 'coach';
  v_card.message_id := p_message_id;
  v_card.material_id := v_citation.material_id;
  v_card.chunk_id := v_citation.chunk_id;
  v_card.quote := v_citation.quote;
  v_card.topic_id := v_message.topic_id;
  v_card.front := private.clean_text(coalesce(p_front, left(v_message.question, 2000)), 'front', 1, 2000);
  v_card.back := case
    when p_back is not null then private.clean_text(p_back, 'back', 1, 8000)
    else left(regexp_replace(v_message.content, '\s*\[[0-9]{1,2}\]', '', 'g'), 8000)
  end;
  return private.study_add_card(v_card);
end;
$$;
comment on function private.study_card_from_message(uuid, integer, text, text) is 'See study.card_from_message.';

create function private.study_card_from_answer(p_document_id uuid, p_front text, p_back text)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing; reads what the caller may see
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
  v_document record;
begin
  v_card.user_id := private.require_user();
  -- The rule of who may see what is core's. Nobody vouches for what is not retrievable.
  select d.id, d.title, d.body, d.topic_id into v_document
  from private.read_document(p_document_id) as d
  join core.search_documents as s on s.id = d.id and s.is_retrievable
  where d.module = 'qa';
  if not found then
    raise sqlstate 'PT404' using
      message = 'answer_not_found', detail = 'There is no approved answer with this id that you may read.',
      hint = 'Send the id of a result of core.search of the kind qa_answer.';
  end if;
  v_card.source := 'qa';
  v_card.document_id := v_document.id;
  v_card.topic_id := v_document.topic_id;
  v_card.quote := left(v_document.body, 4000);
  v_card.front := private.clean_text(coalesce(p_front, v_document.title), 'front', 1, 2000);
  v_card.back := case when p_back is not null then private.clean_text(p_back, 'back', 1, 8000) else left(v_document.body, 8000) end;
  return private.study_add_card(v_card);
end;
$$;
comment on function private.study_card_from_answer(uuid, text, text) is 'See study.card_from_answer.';

create function private.study_edit_card(p_card_id uuid, p_front text, p_back text)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_front constant text := private.clean_text(p_front, 'front', 1, 2000);
  v_back constant text := private.clean_text(p_back, 'back', 1, 8000);
  v_card study.sm2_review_cards := private.study_own_card(p_card_id, private.require_user());
begin
  if v_card.source = 'question' then
    raise sqlstate 'PT409' using
      message = 'card_not_editable', detail = 'A card of a question says what the question says.', hint = 'Make a card of your own.';
  end if;
  -- What was out of date is the learner's own words from now on.
  update study.sm2_review_cards as c
  set front = v_front, back = v_back, is_leech = false, stale_at = null,
    quote = case when c.stale_at is null then c.quote else '' end,
    material_id = case when c.stale_at is null then c.material_id end, chunk_id = case when c.stale_at is null then c.chunk_id end
  where c.id = p_card_id
  returning * into v_card;
  return v_card;
end;
$$;
comment on function private.study_edit_card(uuid, text, text) is 'See study.edit_card.';

create function private.study_set_card(p_card_id uuid, p_change text)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_user();
  v_card study.sm2_review_cards := private.study_own_card(p_card_id, v_user_id);
begin
  if p_change = 'delete' then
    delete from study.sm2_review_cards as c where c.id = p_card_id;
  elsif p_change = 'reschedule' then
    perform private.limit_action('study.limits', 'review', v_user_id::text);
    perform private.study_store_card(private.study_replay_card(v_card, private.study_settings(v_user_id)));
    select * into v_card from study.sm2_review_cards as c where c.id = p_card_id;
  else
    update study.sm2_review_cards as c
    set is_suspended = case p_change when 'suspend' then true when 'unsuspend' then false else c.is_suspended end,
      buried_until = case p_change when 'bury' then private.study_day(v_user_id, now()) + 1 when 'unsuspend' then null else c.buried_until end
    where c.id = p_card_id
    returning * into v_card;
  end if;
  perform private.study_announce(v_user_id, now());
  return v_card;
end;
$$;
comment on function private.study_set_card(uuid, text) is
  'suspend, unsuspend, bury, reschedule or delete a card of the caller; returns it as it is then (deleted: as it was).';

revoke execute on function
  private.study_add_card(study.sm2_review_cards), private.study_create_card(text, text, text), private.study_card_from_question(uuid),
  private.study_card_from_message(uuid, integer, text, text), private.study_card_from_answer(uuid, text, text),
  private.study_edit_card(uuid, text, text), private.study_set_card(uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.study_create_card(text, text, text), private.study_card_from_question(uuid),
  private.study_card_from_message(uuid, integer, text, text), private.study_card_from_answer(uuid, text, text),
  private.study_edit_card(uuid, text, text), private.study_set_card(uuid, text)
  to authenticated;
