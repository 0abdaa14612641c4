-- Asking a question: checked, priced, paid for and enqueued in one transaction, once for each idempotency key.
-- The RPC in schema qa is a thin wrapper that runs as the caller; the definer below it checks him.

create function private.qa_submit_question(
  p_content text, p_idempotency_key text, p_topic text, p_priority text, p_image_paths text[],
  p_allow_reuse boolean, p_metadata jsonb
)
returns qa.questions
language plpgsql
volatile
security definer -- writes questions, ledger and queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_client qa.clients;
  v_question qa.questions;
  v_content text;
  v_topic_id uuid;
  v_estimate jsonb;
  v_images text[] := coalesce(p_image_paths, '{}');
  v_hash text := md5(jsonb_build_array(
    p_content, p_topic, p_priority, p_image_paths, p_allow_reuse, p_metadata
  )::text);
  v_path text;
  v_position integer := 0;
  v_constraint text;
begin
  if p_idempotency_key is null or length(p_idempotency_key) not between 8 and 200 then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_required',
      detail = 'p_idempotency_key needs 8 to 200 characters.',
      hint = 'Send crypto.randomUUID(), and the same one again when you retry.';
  end if;

  -- One submission of a client after the other: the retry waits here for the first one and then finds its question.
  select * into v_client from qa.clients c where c.user_id = v_user_id for update;
  select * into v_question from qa.questions q
  where q.client_id = v_client.id and q.idempotency_key = p_idempotency_key;
  if found then
    if v_question.request_hash <> v_hash then
      raise sqlstate 'PT422' using
        message = 'idempotency_key_reused',
        detail = 'This key was used for another question.',
        hint = 'Use a new key for a new question.';
    end if;
    return v_question;
  end if;

  if v_client.status <> 'active' then
    raise sqlstate 'PT403' using
      message = 'client_not_active',
      detail = format('Your client account is %s.', v_client.status),
      hint = 'Ask support to activate it.';
  end if;
  perform private.rate_limit(
    'qa.submit:' || v_user_id,
    private.setting_number('qa.submit_burst'),
    (private.setting('qa.submit_per_second') #>> '{}')::numeric
  );

  v_content := private.clean_text(p_content, 'content', case when cardinality(v_images) = 0 then 10 else 0 end, 8000);
  if cardinality(v_images) > 5 then
    raise sqlstate 'PT422' using
      message = 'too_many_images',
      detail = format('%s images; at most 5 are taken.', cardinality(v_images)),
      hint = 'Choose the five that matter.';
  end if;
  perform private.clean_text(p_idempotency_key, 'p_idempotency_key', 0, 200);
  if jsonb_typeof(coalesce(p_metadata, '{}')) <> 'object' or pg_column_size(p_metadata) > 8192 then
    raise sqlstate 'PT422' using
      message = 'metadata_invalid',
      detail = 'metadata must be a JSON object of at most 8 kB.',
      hint = 'Leave it out, or send an object.';
  end if;
  if private.contains_markup(p_metadata::text) then
    raise sqlstate 'PT422' using
      message = 'markup_not_allowed', detail = 'metadata holds HTML or a script.', hint = 'Send plain text.';
  end if;
  if p_topic is not null then
    v_topic_id := private.topic_by_slug(p_topic);
    if v_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic',
        detail = format('There is no topic %s.', quote_literal(left(p_topic, 80))),
        hint = 'Take a slug from core.topics, or leave it out.';
    end if;
  end if;
  v_estimate := private.qa_estimate(p_priority, v_topic_id);

  insert into qa.questions (
    client_id, question_type, content, topic_id, priority, credits_cost, estimated_minutes, allow_reuse,
    idempotency_key, request_hash, metadata, due_at
  )
  values (
    v_client.id,
    case when cardinality(v_images) = 0 then 'text' when v_content = '' then 'image' else 'mixed' end,
    v_content, v_topic_id, p_priority, (v_estimate ->> 'credits')::integer,
    (v_estimate ->> 'estimated_minutes')::integer, coalesce(p_allow_reuse, false),
    p_idempotency_key, v_hash, coalesce(p_metadata, '{}'),
    now() + (v_estimate ->> 'deliver_within_minutes')::integer * interval '1 minute'
  )
  returning * into v_question;
  perform private.qa_book(v_client.id, 'hold', v_question.credits_cost, 'hold:' || v_question.id, v_question.id, 'submitted');

  foreach v_path in array v_images loop
    v_position := v_position + 1;
    insert into qa.question_images (question_id, file_id, position)
    values (v_question.id, private.register_file(v_user_id, 'question-images', v_path, 'question_image'), v_position);
  end loop;

  update qa.clients c set total_questions = c.total_questions + 1 where c.id = v_client.id;
  perform private.qa_start_pipeline(v_question.id);
  return v_question;
exception
  when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'question_images_file_id_key' then
      raise;
    end if;
    raise sqlstate 'PT409' using
      message = 'image_already_used',
      detail = 'An image belongs to one question only.',
      hint = 'Upload it again under a new name.';
end;
$$;

create function qa.submit_question(
  p_content text,
  p_idempotency_key text,
  p_topic text default null,
  p_priority text default 'normal',
  p_image_paths text[] default '{}',
  p_allow_reuse boolean default false,
  p_metadata jsonb default '{}'
)
returns qa.questions
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_submit_question(
    p_content, p_idempotency_key, p_topic, p_priority, p_image_paths, p_allow_reuse, p_metadata
  );
$$;
comment on function qa.submit_question(text, text, text, text, text[], boolean, jsonb) is
  'Asks a question and holds its price. p_content: 10–8000 characters of plain text (may be empty with images). p_idempotency_key: 8–200 characters; the same key and body again returns the same question. p_topic: a slug of core.topics. p_image_paths: up to 5 paths in bucket question-images, uploaded by the caller. p_allow_reuse: consent that the answer helps others. Errors: text_required, text_too_long, markup_not_allowed, unknown_topic, unknown_priority, file_not_found, idempotency_key_reused (422), insufficient_credits (402), client_not_active (403), rate_limited (429).';

revoke execute on function
  private.qa_submit_question(text, text, text, text, text[], boolean, jsonb),
  qa.submit_question(text, text, text, text, text[], boolean, jsonb)
  from public, anon, authenticated;
grant execute on function
  private.qa_submit_question(text, text, text, text, text[], boolean, jsonb),
  qa.submit_question(text, text, text, text, text[], boolean, jsonb)
  to authenticated;
