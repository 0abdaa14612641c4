-- The stages as RPCs for workers. Each takes the job and its lease token, so that only its holder can write;
-- executable by the service role alone. The rules are in qa_pipeline and qa_assignment.

create function qa.begin_generation(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_begin_generation(p_question_id, p_job_id, p_lease_token); $$;
comment on function qa.begin_generation(uuid, uuid, bigint) is
  'Worker: takes a question up. {proceed, content, question_type, topic_id, revision, notes, images}; proceed is false when there is nothing to do. Errors: lease_lost (409).';

create function qa.record_generated_answer(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_content text, p_citations jsonb,
  p_provider text, p_model text, p_confidence numeric, p_is_covered boolean
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$
  select private.qa_record_generated_answer(
    p_question_id, p_job_id, p_lease_token, p_content, p_citations, p_provider, p_model, p_confidence, p_is_covered
  );
$$;
comment on function qa.record_generated_answer(uuid, uuid, bigint, text, jsonb, text, text, numeric, boolean) is
  'Worker: stores the AI''s answer with citations [{document_id, title, quote, locator}], confidence 0–1. Errors: lease_lost (409), citation_unknown, citation_not_in_source, markup_not_allowed (422).';

create function qa.reject_unreadable(p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_reason text)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_reject_unreadable(p_question_id, p_job_id, p_lease_token, p_reason); $$;
comment on function qa.reject_unreadable(uuid, uuid, bigint, text) is
  'Worker: rejects a question that consists of unusable images, and releases its credits. Errors: lease_lost (409).';

create function qa.begin_humanization(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_begin_humanization(p_question_id, p_job_id, p_lease_token); $$;
comment on function qa.begin_humanization(uuid, uuid, bigint) is
  'Worker: the answer to put into plain words. {proceed, version_id, content, citations}. Errors: lease_lost (409).';

create function qa.record_humanized_answer(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_original_version_id uuid, p_service_name text,
  p_status text, p_content text default null, p_changes_made integer default 0,
  p_processing_time_ms integer default null, p_error_message text default null
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$
  select private.qa_record_humanized_answer(
    p_question_id, p_job_id, p_lease_token, p_original_version_id, p_service_name,
    p_status, p_content, p_changes_made, p_processing_time_ms, p_error_message
  );
$$;
comment on function qa.record_humanized_answer(uuid, uuid, bigint, uuid, text, text, text, integer, integer, text) is
  'Worker: stores the reworded answer (p_status success, with p_content), or that it stays as it is (skipped, failed). Errors: lease_lost (409).';

create function qa.check_originality(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_check_originality(p_question_id, p_job_id, p_lease_token); $$;
comment on function qa.check_originality(uuid, uuid, bigint) is
  'Worker: compares the newest version with the material and all delivered answers. {checked, passes_threshold}. Errors: lease_lost (409).';

create function qa.assign_expert(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_assign_expert(p_question_id, p_job_id, p_lease_token); $$;
comment on function qa.assign_expert(uuid, uuid, bigint) is
  'Worker: finds an expert, or puts the question on the waiting list. {assigned, expert_id?, review_id?, reason?}. Errors: lease_lost (409).';

create function qa.deliver_answer(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.qa_deliver_answer(p_question_id, p_job_id, p_lease_token); $$;
comment on function qa.deliver_answer(uuid, uuid, bigint) is
  'Worker: hands the approved answer to the client and captures the credits. {delivered}. Errors: lease_lost (409).';

do $$
declare
  v_name text;
  v_function regprocedure;
begin
  foreach v_name in array array[
    'begin_generation', 'record_generated_answer', 'reject_unreadable', 'begin_humanization',
    'record_humanized_answer', 'check_originality', 'assign_expert', 'deliver_answer'
  ] loop
    for v_function in
      select p.oid::regprocedure from pg_catalog.pg_proc p
      where (p.pronamespace = 'qa'::regnamespace and p.proname = v_name)
        or (p.pronamespace = 'private'::regnamespace and p.proname = 'qa_' || v_name)
    loop
      execute format('revoke execute on function %s from public, anon, authenticated', v_function);
      execute format('grant execute on function %s to service_role', v_function);
    end loop;
  end loop;
end;
$$;
