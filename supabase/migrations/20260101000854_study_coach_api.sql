-- The coach as the function coach calls it: as the person for what he may, as a service for what is written.

create function study.start_conversation(
  p_conversation_id uuid default null, p_type text default 'teaching', p_topic text default null,
  p_material_ids uuid[] default '{}', p_title text default ''
)
returns study.chat_conversations
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_start_conversation(p_conversation_id, p_type, p_topic, p_material_ids, p_title); $$;
comment on function study.start_conversation(uuid, text, text, uuid[], text) is
  'A conversation with the coach. p_type: teaching, review, exploration or clarification; p_topic (a slug) and p_material_ids narrow what it answers from. With an id of your choice: again the same, and nothing happens twice. Errors: conversation_not_found, material_not_found (404), conversation_type_invalid, unknown_topic, text_too_long, markup_not_allowed (422), rate_limited (429).';

create function study.ask_coach(p_conversation_id uuid, p_content text, p_client_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_ask(p_conversation_id, p_content, p_client_id); $$;
comment on function study.ask_coach(uuid, text, uuid) is
  'Puts a question into a conversation of yours, and the place of its answer: {question, answer, is_new}. Call the function coach instead, which answers, too. p_client_id of your choice: again the same, and nothing happens twice. Errors: conversation_not_found (404), answer_in_progress (409), client_id_invalid, text_required, text_too_long, markup_not_allowed (422), coach_limit_reached, too_many_answers, rate_limited (429).';

create function study.resume_answer(p_answer_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_resume_answer(p_answer_id); $$;
comment on function study.resume_answer(uuid) is
  'Takes an answer up again that was stopped, failed or was left behind: {question, answer, is_new}. Call the function coach instead. Errors: answer_not_found (404), answer_not_stopped, answer_in_progress (409), coach_limit_reached, too_many_answers, rate_limited (429).';

create function study.stop_answer(p_answer_id uuid)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_stop_answer(p_answer_id); $$;
comment on function study.stop_answer(uuid) is
  'Stops an answer of yours that is being written, from any device; what was shown stays. Returns its status. answer_not_found (404).';

create function study.coach_documents(p_query text, p_topic_id uuid default null, p_limit integer default 12)
returns table (id uuid, source text, title text, body text, locator jsonb, score real)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_coach_documents(p_query, p_topic_id, p_limit); $$;
comment on function study.coach_documents(text, uuid, integer) is
  'What the coach may answer from besides material, for you: approved answers of qa, accepted answers of social, course passages. source is qa, social or passage.';

create function study.keep_answer(p_answer_id uuid, p_attempt_no integer, p_content text default null)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_keep_answer(p_answer_id, p_attempt_no, p_content); $$;
comment on function study.keep_answer(uuid, integer, text) is
  'Services: what was shown of an answer so far; without a text, only that it is still being written. False: it was stopped or taken over, write no more.';

create function study.finish_answer(
  p_answer_id uuid, p_attempt_no integer, p_status text, p_content text default null, p_citations jsonb default '[]',
  p_is_covered boolean default null, p_confidence real default null, p_usage jsonb default '{}', p_error_code text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.study_finish_answer(
    p_answer_id, p_attempt_no, p_status, p_content, p_citations, p_is_covered, p_confidence, p_usage, p_error_code
  );
$$;
comment on function study.finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text) is
  'Services: the end of an answer: completed, stopped or failed, with its citations [{marker, chunk_id or document_id, quote}] and p_usage {provider, model, input_tokens, output_tokens, cost_micro_usd, busy_ms}. Without p_content, what was there before stays. {recorded, status}. Errors: answer_not_found (404), answer_status_invalid, citation_required, citation_not_in_source (422): then nothing is written.';

create function study.count_coach_usage(p_user_id uuid, p_usage jsonb)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_count_usage(p_user_id, p_usage); $$;
comment on function study.count_coach_usage(uuid, jsonb) is
  'Services: what was used for somebody besides an answer that is recorded: {input_tokens, output_tokens, cost_micro_usd, busy_ms}.';

create function study.save_conversation_summary(p_conversation_id uuid, p_summary text, p_up_to bigint)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_save_summary(p_conversation_id, p_summary, p_up_to); $$;
comment on function study.save_conversation_summary(uuid, text, bigint) is 'Services: what was said up to a message, in short. False when it is known already.';

revoke execute on function
  study.start_conversation(uuid, text, text, uuid[], text), study.ask_coach(uuid, text, uuid), study.resume_answer(uuid),
  study.stop_answer(uuid), study.coach_documents(text, uuid, integer), study.keep_answer(uuid, integer, text),
  study.finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text), study.count_coach_usage(uuid, jsonb),
  study.save_conversation_summary(uuid, text, bigint)
  from public, anon, authenticated;
grant execute on function
  study.start_conversation(uuid, text, text, uuid[], text), study.ask_coach(uuid, text, uuid), study.resume_answer(uuid),
  study.stop_answer(uuid), study.coach_documents(text, uuid, integer)
  to authenticated;
grant execute on function
  study.keep_answer(uuid, integer, text), study.finish_answer(uuid, integer, text, text, jsonb, boolean, real, jsonb, text),
  study.count_coach_usage(uuid, jsonb), study.save_conversation_summary(uuid, text, bigint)
  to service_role;
