-- The stages that workers run: generate → humanize → originality → assign → … → deliver.
--
-- Every stage is one transaction that checks the worker's lease, moves the question and enqueues the next stage.
-- A stage that has been done already does nothing, so a worker may die between any two statements: the next one
-- repeats the job without harm. Wrappers in schema qa are for the service role alone.

create function private.qa_check_lease(p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  -- Without a job only the database's owner may drive a stage (seeds, repairs in Studio).
  if p_job_id is null and (select auth.role()) is null then
    return;
  end if;
  perform ops.assert_lease(p_job_id, p_lease_token);
end;
$$;
comment on function private.qa_check_lease(uuid, bigint) is
  'Raises lease_lost (409) unless the worker still holds the job, and keeps it from being taken until the transaction ends.';

create function private.qa_enqueue_stage(p_job_type text, p_question_id uuid)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_priority smallint;
  v_key text;
begin
  -- The reviews count, too: when one was declined while the job that assigned it still runs, this is another job.
  select s.job_priority, format(
    '%s:%s:%s:%s:%s', p_job_type, q.id, q.revision_count, extract(epoch from q.waiting_since),
    (select count(*) from qa.expert_reviews r where r.question_id = q.id)
  )
  into v_priority, v_key
  from qa.questions q join qa.sla_policies s on s.priority = q.priority
  where q.id = p_question_id;
  return ops.enqueue_job(
    p_job_type => p_job_type,
    p_payload => jsonb_build_object('question_id', p_question_id),
    p_resource_id => p_question_id,
    p_dedupe_key => v_key,
    p_priority => v_priority
  );
end;
$$;
comment on function private.qa_enqueue_stage(text, uuid) is 'Enqueues a stage of the question at the priority of its service level, once.';

create function private.qa_add_version(
  p_answer_id uuid, p_stage text, p_content text, p_citations jsonb, p_expert_id uuid,
  p_provider text, p_model text, p_confidence numeric, p_provenance jsonb
)
returns uuid
language plpgsql
volatile
security definer -- the one way into answer_versions
set search_path = ''
as $$
declare
  v_version_id uuid;
  v_highest_marker integer;
  v_missing text;
begin
  select max(m[1]::integer) into v_highest_marker
  from regexp_matches(p_content, '\[([0-9]{1,2})\]', 'g') m;
  if v_highest_marker > jsonb_array_length(p_citations) then
    raise sqlstate 'PT422' using
      message = 'citation_unknown',
      detail = format('The text refers to [%s], but has %s citations.', v_highest_marker, jsonb_array_length(p_citations)),
      hint = 'Refer only to citations that are listed.';
  end if;

  -- A quote that its source does not hold is an invention.
  select c.value ->> 'quote' into v_missing
  from jsonb_array_elements(p_citations) c
  left join core.search_documents d on d.id = (c.value ->> 'document_id')::uuid
  where d.id is not null
    and position(regexp_replace(c.value ->> 'quote', '\s+', ' ', 'g') in regexp_replace(d.body, '\s+', ' ', 'g')) = 0
  limit 1;
  if v_missing is not null then
    raise sqlstate 'PT422' using
      message = 'citation_not_in_source',
      detail = format('The source does not say: %s', left(v_missing, 200)),
      hint = 'Quote word for word.';
  end if;

  insert into qa.answer_versions (
    answer_id, version_no, stage, content, expert_id, provider, model, confidence, provenance
  )
  values (
    p_answer_id,
    1 + coalesce((select max(v.version_no) from qa.answer_versions v where v.answer_id = p_answer_id), 0),
    p_stage, p_content, p_expert_id, p_provider, p_model, p_confidence, coalesce(p_provenance, '{}')
  )
  returning id into v_version_id;

  insert into qa.answer_citations (version_id, position, document_id, title, quote, locator)
  select v_version_id, c.ordinality, d.id, coalesce(c.value ->> 'title', d.title), c.value ->> 'quote',
    coalesce(c.value -> 'locator', d.locator, '{}')
  from jsonb_array_elements(p_citations) with ordinality as c (value, ordinality)
  left join core.search_documents d on d.id = (c.value ->> 'document_id')::uuid;

  update qa.answers a
  set word_count = coalesce(array_length(regexp_split_to_array(btrim(p_content), '\s+'), 1), 0)
  where a.id = p_answer_id;
  return v_version_id;
end;
$$;
comment on function private.qa_add_version(uuid, text, text, jsonb, uuid, text, text, numeric, jsonb) is
  'Appends a version with its citations [{document_id, title, quote, locator}] in order. Raises citation_unknown or citation_not_in_source (422).';

create function private.qa_version_citations(p_version_id uuid)
returns jsonb
language sql
stable
security definer -- joins what the stages and RPCs hand on
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'position', c.position, 'document_id', c.document_id, 'title', c.title, 'quote', c.quote, 'locator', c.locator
  ) order by c.position), '[]'::jsonb)
  from qa.answer_citations c where c.version_id = p_version_id;
$$;
comment on function private.qa_version_citations(uuid) is 'The citations of a version as [{position, document_id, title, quote, locator}].';

create function private.qa_latest_version(p_question_id uuid)
returns qa.answer_versions
language sql
stable
security definer -- see qa_version_citations
set search_path = ''
as $$
  select v.* from qa.answer_versions v
  join qa.answers a on a.id = v.answer_id
  where a.question_id = p_question_id
  order by v.version_no desc limit 1;
$$;
comment on function private.qa_latest_version(uuid) is 'The newest version of the answer to a question.';

create function private.qa_begin_generation(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the question
set search_path = ''
as $$
declare
  v_question qa.questions;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  select * into v_question from qa.questions q where q.id = p_question_id for update;
  if v_question.status = 'submitted' then
    update qa.questions q set status = 'processing' where q.id = p_question_id;
  elsif v_question.status is distinct from 'processing' then
    return jsonb_build_object('proceed', false, 'status', v_question.status);
  end if;
  return jsonb_build_object(
    'proceed', true,
    'question_id', v_question.id,
    'question_type', v_question.question_type,
    'content', v_question.content,
    'topic_id', v_question.topic_id,
    'revision', v_question.revision_count,
    'notes', (
      select r.review_notes from qa.expert_reviews r
      where r.question_id = p_question_id and r.review_status = 'needs_revision'
      order by r.completed_at desc limit 1
    ),
    'images', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'file_id', f.id, 'bucket_id', f.bucket_id, 'path', f.path, 'mime_type', f.mime_type,
        'status', f.status, 'rejected_reason', f.rejected_reason, 'extracted_text', i.extracted_text
      ) order by i.position), '[]'::jsonb)
      from qa.question_images i join core.files f on f.id = i.file_id
      where i.question_id = p_question_id
    )
  );
end;
$$;

create function private.qa_record_generated_answer(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_content text, p_citations jsonb,
  p_provider text, p_model text, p_confidence numeric, p_is_covered boolean
)
returns jsonb
language plpgsql
volatile
security definer -- writes the answer
set search_path = ''
as $$
declare
  v_answer_id uuid;
  v_version_id uuid;
  v_revision integer;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  select q.revision_count into v_revision
  from qa.questions q where q.id = p_question_id and q.status = 'processing' for update;
  if not found then
    return jsonb_build_object('recorded', false);
  end if;
  insert into qa.answers (question_id, response_type, ai_model, ai_confidence_score)
  values (p_question_id, 'ai', p_model, p_confidence)
  on conflict (question_id) do update
    set response_type = 'ai', ai_model = excluded.ai_model, ai_confidence_score = excluded.ai_confidence_score
  returning id into v_answer_id;
  v_version_id := private.qa_add_version(
    v_answer_id, 'ai', private.clean_text(p_content, 'content', 1, 40000), p_citations, null,
    p_provider, p_model, p_confidence,
    jsonb_build_object('written_by', 'ai', 'provider', p_provider, 'model', p_model,
      'confidence', p_confidence, 'is_covered', p_is_covered, 'revision', v_revision)
  );
  update qa.questions q set status = 'ai_generated', is_covered = p_is_covered where q.id = p_question_id;
  perform private.qa_enqueue_stage('qa.humanize', p_question_id);
  return jsonb_build_object('recorded', true, 'version_id', v_version_id);
end;
$$;

create function private.qa_reject_unreadable(p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_reason text)
returns jsonb
language plpgsql
volatile
security definer -- moves the question
set search_path = ''
as $$
declare
  v_user_id uuid;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  update qa.questions q set status = 'rejected', rejection_reason = p_reason
  where q.id = p_question_id and q.status = 'processing';
  if not found then
    return jsonb_build_object('rejected', false);
  end if;
  select c.user_id into v_user_id from qa.questions q join qa.clients c on c.id = q.client_id where q.id = p_question_id;
  perform private.notify(
    v_user_id, 'question_rejected', 'warning', 'Your question could not be read',
    'The images could not be used: ' || p_reason || '. Your credit is back.',
    jsonb_build_object('question_id', p_question_id)
  );
  return jsonb_build_object('rejected', true);
end;
$$;

create function private.qa_begin_humanization(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- reads the answer
set search_path = ''
as $$
declare
  v_version qa.answer_versions;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  if not exists (select from qa.questions q where q.id = p_question_id and q.status = 'ai_generated') then
    return jsonb_build_object('proceed', false);
  end if;
  v_version := private.qa_latest_version(p_question_id);
  return jsonb_build_object(
    'proceed', true,
    'version_id', v_version.id,
    'content', v_version.content,
    'citations', private.qa_version_citations(v_version.id)
  );
end;
$$;

create function private.qa_record_humanized_answer(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_original_version_id uuid, p_service_name text,
  p_status text, p_content text, p_changes_made integer, p_processing_time_ms integer, p_error_message text
)
returns jsonb
language plpgsql
volatile
security definer -- writes the answer
set search_path = ''
as $$
declare
  v_original qa.answer_versions;
  v_version_id uuid;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  perform from qa.questions q where q.id = p_question_id and q.status = 'ai_generated' for update;
  if not found then
    return jsonb_build_object('recorded', false);
  end if;
  select v.* into v_original
  from qa.answer_versions v join qa.answers a on a.id = v.answer_id
  where v.id = p_original_version_id and a.question_id = p_question_id;
  if p_status = 'success' then
    v_version_id := private.qa_add_version(
      v_original.answer_id, 'humanized', private.clean_text(p_content, 'content', 1, 40000),
      private.qa_version_citations(v_original.id), null,
      v_original.provider, v_original.model, v_original.confidence,
      v_original.provenance || jsonb_build_object('reworded_by', p_service_name)
    );
    update qa.answers a set response_type = 'humanized' where a.id = v_original.answer_id;
  end if;
  insert into qa.humanization_logs (
    answer_id, original_version_id, humanized_version_id, service_name, changes_made, processing_time_ms, status, error_message
  )
  values (
    v_original.answer_id, v_original.id, v_version_id, p_service_name, coalesce(p_changes_made, 0),
    p_processing_time_ms, p_status, p_error_message
  );
  -- Plain wording is a service, not a condition: what could not be reworded goes on as it is.
  update qa.questions q set status = 'humanized' where q.id = p_question_id;
  perform private.qa_enqueue_stage('qa.originality', p_question_id);
  return jsonb_build_object('recorded', true, 'version_id', v_version_id);
end;
$$;

create function private.qa_check_originality(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- reads every fingerprint
set search_path = ''
as $$
declare
  v_version qa.answer_versions;
  v_result record;
  v_passes boolean;
  v_started timestamptz := clock_timestamp();
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  perform from qa.questions q where q.id = p_question_id and q.status = 'humanized' for update;
  if not found then
    return jsonb_build_object('checked', false);
  end if;
  v_version := private.qa_latest_version(p_question_id);
  if not exists (select from qa.originality_checks o where o.version_id = v_version.id and o.status <> 'failed') then
    select * into v_result from private.qa_originality(
      v_version.content, p_question_id,
      array(select c.document_id from qa.answer_citations c where c.version_id = v_version.id and c.document_id is not null)
    );
    v_passes := v_result.originality_score >= (private.setting('qa.originality_threshold') #>> '{}')::numeric;
    insert into qa.originality_checks (
      answer_id, version_id, similarity_score, originality_score, passes_threshold, matches,
      fingerprint_count, processing_time_ms, status
    )
    values (
      v_version.answer_id, v_version.id, v_result.similarity_score, v_result.originality_score, v_passes,
      v_result.matches, v_result.fingerprint_count,
      extract(milliseconds from clock_timestamp() - v_started)::integer,
      case when v_passes then 'success' else 'warning' end
    );
  end if;
  perform private.qa_enqueue_stage('qa.assign', p_question_id);
  return jsonb_build_object('checked', true, 'passes_threshold', v_passes);
end;
$$;

create function private.qa_deliver_answer(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the question and publishes the answer
set search_path = ''
as $$
declare
  v_question qa.questions;
  v_version qa.answer_versions;
  v_user_id uuid;
begin
  perform private.qa_check_lease(p_job_id, p_lease_token);
  select * into v_question from qa.questions q where q.id = p_question_id and q.status = 'approved' for update;
  if not found then
    return jsonb_build_object('delivered', false);
  end if;
  v_version := private.qa_latest_version(p_question_id);
  update qa.questions q set status = 'delivered' where q.id = p_question_id;
  perform private.qa_store_fingerprints('answer', null, v_version.answer_id, v_version.content);

  select c.user_id into v_user_id from qa.clients c where c.id = v_question.client_id;
  if v_question.allow_reuse and v_user_id is not null then
    perform private.index_document(
      'qa', 'qa_answer', v_question.id, left(v_question.content, 300),
      -- Its markers point at its own citations; in another answer they would point at the wrong ones.
      regexp_replace(v_version.content, '\s*\[[0-9]{1,2}\]', '', 'g'), v_question.topic_id,
      jsonb_build_object('question_id', v_question.id), 'authenticated'
    );
  end if;
  perform private.notify(
    v_user_id, 'answer_delivered', 'success', 'Your answer is here',
    'An expert has checked the answer to your question.',
    jsonb_build_object('question_id', p_question_id)
  );
  return jsonb_build_object('delivered', true);
end;
$$;

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname in (
      'qa_check_lease', 'qa_enqueue_stage', 'qa_add_version', 'qa_version_citations', 'qa_latest_version',
      'qa_begin_generation', 'qa_record_generated_answer', 'qa_reject_unreadable', 'qa_begin_humanization',
      'qa_record_humanized_answer', 'qa_check_originality', 'qa_deliver_answer'
    )
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_function);
  end loop;
end;
$$;
