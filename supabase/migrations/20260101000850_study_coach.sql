-- Conversations with the coach. The function coach asks as its caller: what he may not read, the coach does not, either. What
-- it answers is written by services, and every citation is compared with the passage it names before it is kept.

insert into core.settings (key, value, description) values
  ('study.coach_limits', '{"messages": 200, "input_tokens": 2000000, "output_tokens": 200000, "cost_micro_usd": 2000000, "seconds": 3600}',
   'What one person may have of the coach in a day (UTC).'),
  ('study.coach_parallel', '3', 'Answers that are written for one person at the same time.'),
  ('study.coach_stale_seconds', '120', 'An answer that nobody has written on for so long was left behind: it can be resumed.'),
  ('study.coach_kinds', '["passage", "qa_answer", "answer"]',
   'Kinds of documents besides material that the coach answers from: course material, approved answers of qa, accepted ones of social.');

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

create function private.study_start_conversation(p_conversation_id uuid, p_type text, p_topic text, p_material_ids uuid[], p_title text)
returns study.chat_conversations
language plpgsql
volatile
security definer -- looks up topics and materials for its caller
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_topic_id uuid := case when p_topic is not null then private.topic_by_slug(p_topic) end;
  v_material_ids uuid[] := coalesce(p_material_ids, '{}');
  v_conversation study.chat_conversations;
begin
  select * into v_conversation from study.chat_conversations as c where c.id = p_conversation_id and c.user_id = v_user_id;
  if found then
    return v_conversation; -- again, and nothing happens twice
  end if;
  if coalesce(p_type, '') not in ('teaching', 'review', 'exploration', 'clarification') then
    raise sqlstate 'PT422' using
      message = 'conversation_type_invalid', detail = 'A conversation is for teaching, review, exploration or clarification.',
      hint = 'Send one of them.';
  end if;
  if p_topic is not null and v_topic_id is null then
    raise sqlstate 'PT422' using
      message = 'unknown_topic', detail = 'There is no such topic.', hint = 'Use the slug of a row in core.topics.';
  end if;
  if cardinality(v_material_ids) > 100
    or exists (select from unnest(v_material_ids) as m (id) where private.study_may_read_material(m.id, v_user_id) is not true)
  then
    raise sqlstate 'PT404' using
      message = 'material_not_found', detail = 'One of the materials is none that you may read, or there are more than 100.',
      hint = 'Name materials that you find in study.materials, or none.';
  end if;
  insert into study.chat_conversations (id, user_id, conversation_type, topic_id, material_ids, title)
  values (coalesce(p_conversation_id, gen_random_uuid()), v_user_id, p_type, v_topic_id, v_material_ids, coalesce(p_title, ''))
  on conflict (id) do nothing
  returning * into v_conversation;
  -- Somebody else's id, or one's own from the same moment: only one's own is found.
  if v_conversation.id is null then
    v_conversation := private.study_my_conversation(p_conversation_id);
  end if;
  return v_conversation;
end;
$$;
comment on function private.study_start_conversation(uuid, text, text, uuid[], text) is 'See study.start_conversation.';

-- Markers that no citation stands behind yet point nowhere once nobody writes on.
create function private.study_text_left(p_answer_id uuid, p_content text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when exists (select from study.message_citations as c where c.message_id = p_answer_id) then p_content
    else regexp_replace(p_content, '\s*\[[0-9]{1,3}\]', '', 'g')
  end;
$$;
comment on function private.study_text_left(uuid, text) is 'What stays of an answer whose writer is gone: without markers, unless its citations are recorded.';

create function private.study_release_answers(p_conversation_id uuid)
returns integer
language plpgsql
volatile
security definer -- messages are written by functions only
set search_path = ''
as $$
declare
  v_count integer;
begin
  update study.chat_messages as m
  set status = 'failed', error_code = 'left_behind', content = private.study_text_left(m.id, m.content), updated_at = now()
  where m.status = 'streaming' and (p_conversation_id is null or m.conversation_id = p_conversation_id)
    and m.updated_at < now() - make_interval(secs => private.setting_number('study.coach_stale_seconds'));
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function private.study_release_answers(uuid) is
  'Ends answers on which nobody writes any more, of one conversation or of all: failed as left_behind, to be resumed.';

create function private.study_take_coach_turn(p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- counts what was used
set search_path = ''
as $$
declare
  v_limits jsonb := private.setting('study.coach_limits');
  v_day date := (now() at time zone 'UTC')::date;
  v_used study.coach_usage;
  v_what text;
begin
  perform private.limit_action('study.limits', 'coach', p_user_id::text);
  insert into study.coach_usage (user_id, day) values (p_user_id, v_day) on conflict do nothing;
  -- One after the other: two at once would both see the last place free.
  select * into v_used from study.coach_usage as u where u.user_id = p_user_id and u.day = v_day for update;
  v_what := case
    when v_used.messages >= (v_limits ->> 'messages')::integer then 'questions'
    when v_used.input_tokens >= (v_limits ->> 'input_tokens')::bigint or v_used.output_tokens >= (v_limits ->> 'output_tokens')::bigint then 'words'
    when v_used.cost_micro_usd >= (v_limits ->> 'cost_micro_usd')::bigint then 'money'
    when v_used.busy_ms >= 1000 * (v_limits ->> 'seconds')::bigint then 'time'
  end;
  if v_what is not null then
    raise sqlstate 'PT429' using
      message = 'coach_limit_reached',
      detail = format(
        'Today''s share of %s is used up. Retry after %s seconds.', v_what,
        ceil(extract(epoch from (v_day + 1)::timestamp - (now() at time zone 'UTC')))
      ),
      hint = 'It begins anew at midnight UTC.';
  end if;
  if (
    select count(*) from study.chat_conversations as c join study.chat_messages as m on m.conversation_id = c.id
    where c.user_id = p_user_id and m.status = 'streaming'
      and m.updated_at >= now() - make_interval(secs => private.setting_number('study.coach_stale_seconds'))
  ) >= private.setting_number('study.coach_parallel') then
    raise sqlstate 'PT429' using
      message = 'too_many_answers', detail = 'The coach is answering you in other conversations.',
      hint = 'Wait until one of them is finished, or stop it: study.stop_answer.';
  end if;
  update study.coach_usage as u set messages = u.messages + 1 where u.user_id = p_user_id and u.day = v_day;
end;
$$;
comment on function private.study_take_coach_turn(uuid) is
  'Counts one answer: coach_limit_reached (429) once a limit of study.coach_limits is reached today, too_many_answers (429), rate_limited (429).';

revoke execute on function
  private.study_my_conversation(uuid), private.study_start_conversation(uuid, text, text, uuid[], text),
  private.study_text_left(uuid, text), private.study_release_answers(uuid), private.study_take_coach_turn(uuid)
  from public, anon, authenticated;
grant execute on function private.study_start_conversation(uuid, text, text, uuid[], text) to authenticated;
