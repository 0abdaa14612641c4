-- AI answers: who reads them, who hears them being written, and the settings.
--
-- Whoever sees a question sees its completed AI answers; signed in, also those under way. Nobody writes them but the
-- stages of the job social.answer_question; ratings go through an RPC. An AI answer is never passed off as a person's: it
-- stands in a table of its own, and every row says so in its label.

alter table social.ai_answers
  add column label text not null generated always as ('Written by an AI from the cited material.') stored;
comment on column social.ai_answers.label is 'To be shown with the text, always; the same in every row.';
comment on column social.ai_answers.is_current is 'The one to show. A generation that fails hands this back to the last completed one.';
comment on column social.ai_answers.confidence_score is 'The provider''s own confidence, less the share of citations that it had made up.';
comment on column social.ai_answers.relevance_score is 'How much of the title''s words a cited quote holds, on average; 0 when the material does not say.';
comment on column social.ai_answers.completeness_score is 'How much of the title''s words the answer and its quotes hold together; 0 when the material does not say.';
comment on column social.ai_answers.tokens_used is 'Tokens sent and received; words where a provider has no tokens.';

-- Generations count from 1 within a question, so this finds the newest, and no two get one number.
create unique index ai_answers_question_id_generation_attempts_idx on social.ai_answers (question_id, generation_attempts desc);
drop index social.ai_answers_question_id_created_at_idx;
create index ai_answers_unfinished_idx on social.ai_answers (created_at) where status in ('pending', 'generating');

insert into core.settings (key, value, description) values
  ('social.ai_generations_per_question', '3', 'How many AI answers a question may get. One that failed stops counting after a day.'),
  ('social.ai_pause_minutes', '10', 'How long a completed AI answer stands before another one may be asked for.'),
  ('social.ai_kinds', '["passage", "qa_answer", "answer"]',
    'Kinds of documents that AI answers may draw on. Of kind answer, only community answers that were accepted.');

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('social.answer_question', 5, 180, 'Answer a community question from the material, with citations, while people listen.');

alter table social.ai_answers enable row level security;
alter table social.ai_answer_citations enable row level security;
alter table social.ai_answer_ratings enable row level security;
revoke all on social.ai_answers, social.ai_answer_citations, social.ai_answer_ratings from public, anon, authenticated;
grant select on social.ai_answers, social.ai_answer_citations to anon, authenticated;
grant select on social.ai_answer_ratings to authenticated;
grant select, insert, update, delete on social.ai_answers, social.ai_answer_citations, social.ai_answer_ratings to service_role;

-- The policies of questions decide within these; a question whose text was taken away keeps its answers to itself.
create policy ai_answers_select_anon on social.ai_answers
  for select to anon
  using (
    status = 'completed' and hidden_at is null
    and exists (select from social.questions as q where q.id = question_id and q.deleted_at is null and q.hidden_at is null)
  );
create policy ai_answers_select_reader on social.ai_answers
  for select to authenticated
  using (
    hidden_at is null
    and exists (select from social.questions as q where q.id = question_id and q.deleted_at is null and q.hidden_at is null)
  );

create policy ai_answer_citations_select_anon on social.ai_answer_citations
  for select to anon
  using (exists (select from social.ai_answers as a where a.id = ai_answer_id));
create policy ai_answer_citations_select_reader on social.ai_answer_citations
  for select to authenticated
  using (exists (select from social.ai_answers as a where a.id = ai_answer_id));

create policy ai_answer_ratings_select_own on social.ai_answer_ratings
  for select to authenticated
  using (user_id = (select auth.uid()));

-- Live: the channel question:<id>. The database sends; whoever may see the question listens, and nobody sends.
create function private.may_listen_to_question(p_topic text)
returns boolean
language plpgsql
stable
security definer -- looks at blocks and questions for a policy of realtime; tells about the caller only
set search_path = ''
as $$
declare
  v_question record;
begin
  if p_topic !~ '^question:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or (select auth.uid()) is null then
    return false;
  end if;
  v_question := private.social_content('question', substr(p_topic, 10)::uuid, (select auth.uid()));
  return coalesce(v_question.is_visible and not v_question.is_removed, false);
end;
$$;
comment on function private.may_listen_to_question(text) is 'True when the topic is question:<id> of a question that the caller may see.';
revoke execute on function private.may_listen_to_question(text) from public, anon, authenticated;
grant execute on function private.may_listen_to_question(text) to authenticated;

create policy realtime_messages_select_question on realtime.messages
  for select to authenticated
  using ((select private.may_listen_to_question((select realtime.topic()))));

create function private.broadcast_to_question(p_question_id uuid, p_event text, p_payload jsonb)
returns void
language plpgsql
volatile
security definer -- clients may not send to question:<id>
set search_path = ''
as $$
begin
  perform realtime.send(p_payload, p_event, 'question:' || p_question_id::text, true);
exception when others then
  -- What is stored counts; who missed something reads it.
  raise warning 'broadcast to question:% failed: %', p_question_id, sqlerrm;
end;
$$;
comment on function private.broadcast_to_question(uuid, text, jsonb) is 'Sends an event on the private channel question:<id>. Never raises.';
revoke execute on function private.broadcast_to_question(uuid, text, jsonb) from public, anon, authenticated;
