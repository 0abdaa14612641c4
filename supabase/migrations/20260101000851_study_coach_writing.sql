-- What services write of an answer: pieces on the way, the end with its citations, and the summary of what was said before.

create function private.study_keep_answer(p_answer_id uuid, p_content text)
returns boolean
language plpgsql
volatile
security definer -- messages are written by functions only; executable by services
set search_path = ''
as $$
begin
  update study.chat_messages as m set content = p_content, updated_at = now()
  where m.id = p_answer_id and m.role = 'assistant' and m.status = 'streaming';
  return found;
end;
$$;
comment on function private.study_keep_answer(uuid, text) is 'See study.keep_answer.';

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
  delete from study.message_citations as c where c.message_id = p_answer.id;
  for v_claim in
    select c.marker, c.chunk_id, c.document_id, c.quote
    from jsonb_to_recordset(coalesce(p_citations, '[]')) as c (marker integer, chunk_id uuid, document_id uuid, quote text)
  loop
    v_position := -1;
    v_chunk := null;
    v_document := null;
    if v_claim.chunk_id is not null then
      select * into v_chunk from study.material_chunks as c where c.id = v_claim.chunk_id;
      if v_chunk.id is not null and private.study_may_read_material(v_chunk.material_id, p_user_id) then
        v_position := position(v_claim.quote in v_chunk.content) - 1;
      end if;
    else
      select * into v_document from core.search_documents as d
      where d.id = v_claim.document_id
        and (d.visibility in ('public', 'authenticated') or d.owner_id = p_user_id or d.visibility = 'restricted' and p_user_id = any (d.audience));
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

create function private.study_finish_answer(
  p_answer_id uuid, p_status text, p_content text, p_citations jsonb, p_is_covered boolean, p_confidence real, p_usage jsonb, p_error_code text
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
  v_markers integer[];
begin
  select * into v_answer from study.chat_messages as m where m.id = p_answer_id and m.role = 'assistant' for update;
  if not found then
    raise sqlstate 'PT404' using message = 'answer_not_found', detail = 'There is no such answer.', hint = 'Its conversation was deleted.';
  end if;
  select c.user_id into v_user_id from study.chat_conversations as c where c.id = v_answer.conversation_id;
  -- What was used counts, whatever became of it.
  insert into study.coach_usage as u (user_id, day, input_tokens, output_tokens, cost_micro_usd, busy_ms)
  values (
    v_user_id, (now() at time zone 'UTC')::date, coalesce((p_usage ->> 'input_tokens')::bigint, 0),
    coalesce((p_usage ->> 'output_tokens')::bigint, 0), coalesce((p_usage ->> 'cost_micro_usd')::bigint, 0),
    coalesce((p_usage ->> 'busy_ms')::bigint, 0)
  )
  on conflict (user_id, day) do update set
    input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
    cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, busy_ms = u.busy_ms + excluded.busy_ms;
  if v_answer.status not in ('streaming', 'stopped') then
    return jsonb_build_object('recorded', false, 'status', v_answer.status);
  end if;
  -- Stopped by its reader while it was being written: what he had seen stays, and it stays stopped.
  if v_answer.status = 'stopped' and p_status = 'completed' then
    p_status := 'stopped';
  end if;
  -- No marker without a citation, no citation without a marker.
  select array_agg(distinct m[1]::integer order by m[1]::integer) into v_markers
  from regexp_matches(coalesce(p_content, ''), '\[(\d{1,2})\]', 'g') as m;
  if p_status <> 'failed' and exists (
    select from unnest(v_markers) as u (marker)
    where u.marker not in (select c.marker from jsonb_to_recordset(coalesce(p_citations, '[]')) as c (marker integer))
  ) then
    raise sqlstate 'PT422' using
      message = 'citation_required', detail = 'A marker of the text has no citation.', hint = 'Send a citation for each marker.';
  end if;
  if p_status = 'completed' and coalesce(p_is_covered, false) and coalesce(jsonb_array_length(p_citations), 0) = 0 then
    raise sqlstate 'PT422' using
      message = 'citation_required', detail = 'An answer stands on a passage, or says that the material does not say.',
      hint = 'Cite, or send p_is_covered false.';
  end if;
  perform private.study_write_citations(v_answer, v_user_id, p_citations);
  update study.chat_messages as m
  set content = left(coalesce(p_content, m.content), 40000), status = p_status, is_covered = p_is_covered,
    confidence = least(greatest(p_confidence, 0), 1), error_code = case when p_status = 'failed' then coalesce(p_error_code, 'coach_failed') end,
    provider = p_usage ->> 'provider', model = p_usage ->> 'model',
    input_tokens = m.input_tokens + coalesce((p_usage ->> 'input_tokens')::integer, 0),
    output_tokens = m.output_tokens + coalesce((p_usage ->> 'output_tokens')::integer, 0),
    cost_micro_usd = coalesce(m.cost_micro_usd, 0) + (p_usage ->> 'cost_micro_usd')::bigint,
    response_ms = (p_usage ->> 'busy_ms')::integer, updated_at = now()
  where m.id = p_answer_id
  returning * into v_answer;
  update study.chat_conversations as c set last_message_at = now(), updated_at = now() where c.id = v_answer.conversation_id;
  return jsonb_build_object('recorded', true, 'status', v_answer.status);
end;
$$;
comment on function private.study_finish_answer(uuid, text, text, jsonb, boolean, real, jsonb, text) is 'See study.finish_answer.';

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

do $$
declare
  v_table text;
begin
  foreach v_table in array array['chat_conversations', 'chat_messages', 'message_citations', 'coach_usage'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on study.%I to service_role', v_table);
  end loop;
end;
$$;
grant select on study.chat_conversations, study.chat_messages, study.message_citations, study.coach_usage to authenticated;
grant insert (title, conversation_type, topic_id, material_ids) on study.chat_conversations to authenticated;
grant update (title, conversation_type, topic_id, material_ids, is_archived) on study.chat_conversations to authenticated;
grant delete on study.chat_conversations to authenticated;

create policy chat_conversations_select_own on study.chat_conversations
  for select to authenticated using (user_id = (select auth.uid()));
create policy chat_conversations_insert_own on study.chat_conversations
  for insert to authenticated with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy chat_conversations_update_own on study.chat_conversations
  for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy chat_conversations_delete_own on study.chat_conversations
  for delete to authenticated using (user_id = (select auth.uid()));
create policy chat_messages_select_own on study.chat_messages
  for select to authenticated
  using (exists (select from study.chat_conversations as c where c.id = chat_messages.conversation_id));
create policy message_citations_select_own on study.message_citations
  for select to authenticated
  using (exists (select from study.chat_messages as m where m.id = message_citations.message_id));
create policy coach_usage_select_own on study.coach_usage
  for select to authenticated using (user_id = (select auth.uid()));

create function private.tg_chat_conversations__check()
returns trigger
language plpgsql
security definer -- clean_text is not executable by clients
set search_path = ''
as $$
begin
  new.title := private.clean_text(new.title, 'title', 0, 300);
  if tg_op = 'INSERT' then
    perform private.study_limit('coach', new.user_id::text);
  end if;
  return new;
end;
$$;
create trigger _100_check before insert or update of title on study.chat_conversations
  for each row execute function private.tg_chat_conversations__check();

revoke execute on function
  private.study_keep_answer(uuid, text), private.study_write_citations(study.chat_messages, uuid, jsonb),
  private.study_finish_answer(uuid, text, text, jsonb, boolean, real, jsonb, text), private.study_save_summary(uuid, text, bigint),
  private.tg_chat_conversations__check()
  from public, anon, authenticated;
grant execute on function
  private.study_keep_answer(uuid, text), private.study_finish_answer(uuid, text, text, jsonb, boolean, real, jsonb, text),
  private.study_save_summary(uuid, text, bigint)
  to service_role;
