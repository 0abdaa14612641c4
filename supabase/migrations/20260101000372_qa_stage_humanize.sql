-- Stage two: the answer in plain, readable words. It never hides that AI wrote it, and never holds the answer up.

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
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
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

create function private.qa_store_humanized_answer(
  p_question_id uuid, p_original_version_id uuid, p_service_name text, p_status text, p_content text,
  p_changes_made integer, p_processing_time_ms integer, p_error_message text
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
comment on function private.qa_store_humanized_answer(uuid, uuid, text, text, text, integer, integer, text) is
  'Stores the reworded version, or that the answer stays as it is, and moves the question on.';

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
begin
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
  return private.qa_store_humanized_answer(
    p_question_id, p_original_version_id, p_service_name, p_status, p_content, p_changes_made,
    p_processing_time_ms, p_error_message
  );
end;
$$;

revoke execute on function
  private.qa_begin_humanization(uuid, uuid, bigint),
  private.qa_store_humanized_answer(uuid, uuid, text, text, text, integer, integer, text),
  private.qa_record_humanized_answer(uuid, uuid, bigint, uuid, text, text, text, integer, integer, text)
  from public, anon, authenticated;
