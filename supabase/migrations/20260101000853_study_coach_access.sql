-- Who sees conversations: whose they are, and nobody else. And upkeep: answers that were left behind, and citations of
-- documents that say something else by now.

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
    -- Besides the questions: whoever begins one asks in it, too.
    perform private.limit_action('study.limits', 'coach', new.user_id || ':conversations');
  end if;
  return new;
end;
$$;
comment on function private.tg_chat_conversations__check() is 'Trigger: a title is plain text, and nobody begins conversations without end.';
create trigger _100_check before insert or update of title on study.chat_conversations
  for each row execute function private.tg_chat_conversations__check();

-- A document of the index that is written anew or goes: as private.study_flag_stale does for material.
create function private.tg_search_documents__flag_citations()
returns trigger
language plpgsql
security definer -- citations of everybody
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    update study.message_citations as c set stale_at = now() where c.document_id = old.id and c.stale_at is null;
    return old;
  end if;
  update study.message_citations as c
  set char_start = case when p.found > 0 then p.found - 1 else c.char_start end,
    char_end = case when p.found > 0 then p.found - 1 else c.char_start end + length(c.quote),
    content_hash = case when p.found > 0 then p.hash else c.content_hash end,
    stale_at = case when p.found = 0 then coalesce(c.stale_at, now()) end
  from (
    select x.message_id, x.marker, position(x.quote in new.body) as found, encode(sha256(convert_to(new.body, 'UTF8')), 'hex') as hash
    from study.message_citations as x where x.document_id = new.id
  ) as p
  where c.message_id = p.message_id and c.marker = p.marker;
  return null;
end;
$$;
comment on function private.tg_search_documents__flag_citations() is
  'Trigger: what was quoted from a document is looked for again, and is stale when it is gone.';
create trigger _600_flag_citations before delete on core.search_documents
  for each row execute function private.tg_search_documents__flag_citations();
create trigger _600_flag_changed_citations after update of body on core.search_documents
  for each row when (old.body is distinct from new.body)
  execute function private.tg_search_documents__flag_citations();

create function private.study_tend_answers()
returns jsonb
language sql
volatile
security definer -- a scheduled task
set search_path = ''
as $$ select jsonb_build_object('left_behind', private.study_release_answers(null)); $$;
comment on function private.study_tend_answers() is
  'Ends answers on which nobody writes any more, because their function was killed: failed as left_behind. A scheduled task.';
insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_tend_answers', 'private.study_tend_answers', '1 minute', 'Answers of the coach that were left behind end as failed, to be resumed.');

revoke execute on function
  private.tg_chat_conversations__check(), private.tg_search_documents__flag_citations(), private.study_tend_answers()
  from public, anon, authenticated;
