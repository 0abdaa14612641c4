-- The stages that the database does alone: the originality check, and the delivery of what an expert approved.
-- (Assignment has a file of its own.)

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
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
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
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
  select * into v_question from qa.questions q where q.id = p_question_id and q.status = 'approved' for update;
  if not found then
    return jsonb_build_object('delivered', false);
  end if;
  v_version := private.qa_latest_version(p_question_id);
  update qa.questions q set status = 'delivered' where q.id = p_question_id;
  perform private.qa_store_fingerprints('answer', null, v_version.answer_id, v_version.content);

  select c.user_id into v_user_id from qa.clients c where c.id = v_question.client_id;
  -- A question of pictures alone has no words that others could find it by.
  if v_question.allow_reuse and v_question.content <> '' and v_user_id is not null then
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

revoke execute on function
  private.qa_check_originality(uuid, uuid, bigint), private.qa_deliver_answer(uuid, uuid, bigint)
  from public, anon, authenticated;
