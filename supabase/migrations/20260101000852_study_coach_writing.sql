-- What services write of an answer: pieces on the way, the end with its citations, and the summary of what was said before.
-- Each names the attempt that it belongs to: whoever was given up for dead and is not, writes no more.

create function private.study_keep_answer(p_answer_id uuid, p_attempt_no integer, p_content text)
returns boolean
language plpgsql
volatile
security definer -- messages are written by functions only; executable by services
set search_path = ''
as $$
begin
  update study.chat_messages as m set content = left(coalesce(p_content, m.content), 40000), updated_at = now()
  where m.id = p_answer_id and m.role = 'assistant' and m.status = 'streaming' and m.attempt_no = p_attempt_no;
  if not found then
    return false;
  end if;
  -- Of the attempt before; those of this one come with its end.
  if p_content is not null then
    delete from study.message_citations as c where c.message_id = p_answer_id;
  end if;
  return true;
end;
$$;
comment on function private.study_keep_answer(uuid, integer, text) is 'See study.keep_answer.';

-- A citation stands when its words are in the passage now, and the person who asked may read it now.
create function private.study_write_citations(p_answer study.chat_messages, p_user_id uuid, p_citations jsonb)
returns void
language plpgsql
volatile
security definer -- compares with what people may read
set search_path = ''
as $$
declare
  v_claim record;
  v_chunk study.material_chunks;
  v_document core.search_documents;
  v_position integer;
begin
  -- The materials first, as whoever swaps their passages does, who would otherwise wait for a passage that is held here.
  perform from study.materials as m
  where m.id in (
    select k.material_id from study.material_chunks as k
    join jsonb_to_recordset(coalesce(p_citations, '[]')) as c (chunk_id uuid) on c.chunk_id = k.id
  )
  order by m.id for share;
  delete from study.message_citations as c where c.message_id = p_answer.id;
  for v_claim in
    select c.marker, c.chunk_id, c.document_id, c.quote
    from jsonb_to_recordset(coalesce(p_citations, '[]')) as c (marker integer, chunk_id uuid, document_id uuid, quote text)
  loop
    v_position := -1;
    v_chunk := null;
    v_document := null;
    if v_claim.chunk_id is not null then
      select * into v_chunk from study.material_chunks as c where c.id = v_claim.chunk_id for key share;
      if v_chunk.id is not null and private.study_may_read_material(v_chunk.material_id, p_user_id) then
        v_position := position(v_claim.quote in v_chunk.content) - 1;
      end if;
    else
      v_document := private.study_coach_document(v_claim.document_id, p_user_id);
      v_position := position(v_claim.quote in v_document.body) - 1;
    end if;
    if v_position is null or v_position < 0 or coalesce(v_claim.quote, '') = '' then
      raise sqlstate 'PT422' using
        message = 'citation_not_in_source', detail = format('Citation %s does not stand in its passage.', v_claim.marker),
        hint = 'Quote word for word from a passage that was given.';
    end if;
    insert into study.message_citations (
      message_id, marker, source, chunk_id, material_id, document_id, title, quote, page_number, char_start, char_end, content_hash
    )
    select p_answer.id, v_claim.marker,
      case when v_chunk.id is not null then 'material' when v_document.module in ('qa', 'social') then v_document.module else 'passage' end,
      v_chunk.id, v_chunk.material_id, v_document.id,
      left(coalesce((select m.title from study.materials as m where m.id = v_chunk.material_id), v_document.title), 500), v_claim.quote,
      case when v_chunk.id is not null then private.study_quote_page(v_chunk, v_position)
        when v_document.locator ->> 'page' ~ '^[0-9]{1,6}$' then (v_document.locator ->> 'page')::integer end,
      coalesce(v_chunk.char_start, 0) + v_position, coalesce(v_chunk.char_start, 0) + v_position + length(v_claim.quote),
      coalesce(v_chunk.content_hash, encode(sha256(convert_to(v_document.body, 'UTF8')), 'hex'));
  end loop;
end;
$$;
comment on function private.study_write_citations(study.chat_messages, uuid, jsonb) is
  'Writes the citations of an answer, each compared with its passage; citation_not_in_source (422).';

create function private.study_count_usage(p_user_id uuid, p_usage jsonb)
returns void
language plpgsql
volatile
security definer -- executable by services
set search_path = ''
as $$
begin
  insert into study.coach_usage as u (user_id, day, input_tokens, output_tokens, cost_micro_usd, busy_ms)
  select p.id, (now() at time zone 'UTC')::date, greatest((p_usage ->> 'input_tokens')::bigint, 0),
    greatest((p_usage ->> 'output_tokens')::bigint, 0), greatest((p_usage ->> 'cost_micro_usd')::bigint, 0),
    greatest((p_usage ->> 'busy_ms')::bigint, 0)
  from core.profiles as p where p.id = p_user_id
  on conflict (user_id, day) do update set
    input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
    cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, busy_ms = u.busy_ms + excluded.busy_ms;
end;
$$;
comment on function private.study_count_usage(uuid, jsonb) is 'See study.count_coach_usage.';

-- No marker without a citation, no citation without a marker, no covered answer without either.
create function private.study_check_markers(p_content text, p_citations jsonb, p_is_covered boolean)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_in_text integer[] := array(
    select distinct m[1]::integer from regexp_matches(coalesce(p_content, ''), '\[([0-9]{1,3})\]', 'g') as m order by 1
  );
  v_cited integer[] := array(
    select distinct c.marker from jsonb_to_recordset(coalesce(p_citations, '[]')) as c (marker integer) order by 1
  );
begin
  if v_in_text <> v_cited or p_is_covered and v_cited = '{}' then
    raise sqlstate 'PT422' using
      message = 'citation_required',
      detail = format('The text has the markers %s, the citations are %s.', v_in_text, v_cited),
      hint = 'Send a citation for each marker and none besides; an answer without any is not covered.';
  end if;
end;
$$;
comment on function private.study_check_markers(text, jsonb, boolean) is 'citation_required (422) when the markers of a text and its citations are not the same.';

create function private.study_finish_answer(
  p_answer_id uuid, p_attempt_no integer, p_status text, p_content text, p_citations jsonb, p_is_covered boolean,
  p_confidence real, p_usage jsonb, p_error_code text
)
returns jsonb
language plpgsql
volatile
security definer -- messages and usage are written by functions only; executable by services
set search_path = ''
as $$
declare
  v_answer study.chat_messages;
  v_user_id uuid;
begin
  if coalesce(p_status, '') not in ('completed', 'stopped', 'failed') then
    raise sqlstate 'PT422' using
      message = 'answer_status_invalid', detail = 'An answer ends as completed, stopped or failed.', hint = 'Send one of them.';
  end if;
  -- The conversation first, as whoever asks or resumes does.
  select c.user_id into v_user_id
  from study.chat_conversations as c
  where c.id = (select m.conversation_id from study.chat_messages as m where m.id = p_answer_id)
  for no key update;
  select * into v_answer from study.chat_messages as m where m.id = p_answer_id and m.role = 'assistant' for update;
  if not found then
    raise sqlstate 'PT404' using message = 'answer_not_found', detail = 'There is no such answer.', hint = 'Its conversation was deleted.';
  end if;
  -- What was used counts, whatever became of it.
  perform private.study_count_usage(v_user_id, p_usage);
  -- Ended already, or taken up by somebody else.
  if v_answer.attempt_no <> p_attempt_no or v_answer.response_ms is not null or v_answer.status not in ('streaming', 'stopped') then
    return jsonb_build_object('recorded', false, 'status', v_answer.status);
  end if;
  -- Without a text nothing was shown: what there was before stays, with its citations.
  if p_content is not null or p_status = 'completed' then
    perform private.study_check_markers(p_content, p_citations, p_status = 'completed' and coalesce(p_is_covered, true));
    perform private.study_write_citations(v_answer, v_user_id, p_citations);
  end if;
  -- Stopped by its reader while it was being written: what he had seen stays, and it stays stopped.
  if v_answer.status = 'stopped' then
    p_status := 'stopped';
  end if;
  update study.chat_messages as m
  set content = left(coalesce(p_content, m.content), 40000), status = p_status, is_covered = p_is_covered,
    confidence = least(greatest(p_confidence, 0), 1), error_code = case when p_status = 'failed' then coalesce(p_error_code, 'coach_failed') end,
    provider = p_usage ->> 'provider', model = p_usage ->> 'model',
    input_tokens = m.input_tokens + greatest((p_usage ->> 'input_tokens')::integer, 0),
    output_tokens = m.output_tokens + greatest((p_usage ->> 'output_tokens')::integer, 0),
    cost_micro_usd = coalesce(m.cost_micro_usd, 0) + (p_usage ->> 'cost_micro_usd')::bigint,
    response_ms = greatest((p_usage ->> 'busy_ms')::integer, 0), updated_at = now()
  where m.id = p_answer_id
  returning * into v_answer;
  update study.chat_conversations as c set last_message_at = now(), updated_at = now() where c.id = v_answer.conversation_id;
  return jsonb_build_object('recorded', true, 'status', v_answer.status);
end;
$$;
comment on function private.study_finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text) is 'See study.finish_answer.';

create function private.study_save_summary(p_conversation_id uuid, p_summary text, p_up_to bigint)
returns boolean
language plpgsql
volatile
security definer -- executable by services
set search_path = ''
as $$
begin
  update study.chat_conversations as c set summary = left(p_summary, 8000), summarised_to = p_up_to
  where c.id = p_conversation_id and p_up_to > c.summarised_to and p_up_to <= c.last_message_no;
  return found;
end;
$$;
comment on function private.study_save_summary(uuid, text, bigint) is 'See study.save_conversation_summary.';

revoke execute on function
  private.study_keep_answer(uuid, integer, text), private.study_write_citations(study.chat_messages, uuid, jsonb),
  private.study_count_usage(uuid, jsonb), private.study_check_markers(text, jsonb, boolean),
  private.study_finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text),
  private.study_save_summary(uuid, text, bigint)
  from public, anon, authenticated;
grant execute on function
  private.study_keep_answer(uuid, integer, text), private.study_count_usage(uuid, jsonb),
  private.study_finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text),
  private.study_save_summary(uuid, text, bigint)
  to service_role;
