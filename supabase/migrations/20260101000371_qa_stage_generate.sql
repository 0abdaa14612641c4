-- Stage one: a worker takes the question up, and hands in what the AI answered. See qa_pipeline for what all stages share.

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
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
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

create function private.qa_store_generated_answer(
  p_question_id uuid, p_content text, p_citations jsonb, p_provider text, p_model text, p_confidence numeric, p_is_covered boolean
)
returns uuid
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
  select q.revision_count into v_revision
  from qa.questions q where q.id = p_question_id and q.status = 'processing' for update;
  if not found then
    return null;
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
  return v_version_id;
end;
$$;
comment on function private.qa_store_generated_answer(uuid, text, jsonb, text, text, numeric, boolean) is
  'Stores the first version of an answer and moves the question on; null when it is not in process (any more).';

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
  v_version_id uuid;
begin
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
  v_version_id := private.qa_store_generated_answer(
    p_question_id, p_content, p_citations, p_provider, p_model, p_confidence, p_is_covered
  );
  return jsonb_strip_nulls(jsonb_build_object('recorded', v_version_id is not null, 'version_id', v_version_id));
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
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
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

revoke execute on function
  private.qa_begin_generation(uuid, uuid, bigint),
  private.qa_store_generated_answer(uuid, text, jsonb, text, text, numeric, boolean),
  private.qa_record_generated_answer(uuid, uuid, bigint, text, jsonb, text, text, numeric, boolean),
  private.qa_reject_unreadable(uuid, uuid, bigint, text)
  from public, anon, authenticated;
