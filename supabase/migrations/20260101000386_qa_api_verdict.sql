-- The verdict on a review: approved, rejected, or sent back with notes.

create function private.qa_approve(
  p_question qa.questions, p_review qa.expert_reviews, p_version qa.answer_versions, p_corrections text
)
returns void
language plpgsql
volatile
security definer -- writes versions
set search_path = ''
as $$
declare
  v_citations jsonb;
  v_provenance jsonb;
  v_response_type text;
begin
  if p_corrections is null and p_question.is_covered is not true then
    raise sqlstate 'PT422' using
      message = 'corrections_required',
      detail = 'The AI found nothing in the material, so there is no answer to approve.',
      hint = 'Write the answer in p_corrections, or reject the question.';
  end if;
  v_citations := private.qa_version_citations(p_version.id);
  v_response_type := case
    when p_corrections is not null and p_question.is_covered is not true then 'expert'
    when p_corrections is not null then 'hybrid'
    when p_version.stage = 'humanized' then 'humanized'
    else 'ai'
  end;
  if v_response_type = 'expert' then
    -- The AI has no part in this text, so its name and confidence do not stand beside it.
    p_version.provider := null;
    p_version.model := null;
    p_version.confidence := null;
    p_version.provenance := p_version.provenance - array['provider', 'model', 'confidence'];
  end if;
  -- No name in here: a version is for ever, the expert may leave. Who reviewed is answers.expert_id.
  v_provenance := p_version.provenance || jsonb_build_object(
    'response_type', v_response_type,
    'written_by', case v_response_type when 'expert' then 'expert' else 'ai' end,
    'reviewed_at', now(),
    'corrected', p_corrections is not null,
    'statement', case v_response_type
      when 'expert' then 'Written by an expert; the AI found nothing in the material.'
      when 'hybrid' then 'Drafted by AI from the cited sources, corrected and approved by an expert.'
      else 'Written by AI from the cited sources, checked and approved by an expert.'
    end
  );
  if p_corrections is not null then
    perform private.qa_add_version(
      p_version.answer_id, 'expert', p_corrections, v_citations, p_review.expert_id,
      p_version.provider, p_version.model, null, v_provenance
    );
  end if;
  perform private.qa_add_version(
    p_version.answer_id, 'final', coalesce(p_corrections, p_version.content), v_citations, p_review.expert_id,
    p_version.provider, p_version.model, p_version.confidence, v_provenance
  );
  update qa.answers a
  set response_type = v_response_type, expert_id = p_review.expert_id, approved_at = now()
  where a.id = p_version.answer_id;
end;
$$;

create function private.qa_complete_review(
  p_review_id uuid, p_lease_token bigint, p_verdict text, p_corrections text, p_review_notes text, p_rejection_reason text
)
returns qa.expert_reviews
language plpgsql
volatile
security definer -- writes reviews, versions and the question
set search_path = ''
as $$
declare
  v_review qa.expert_reviews := private.qa_review_for_expert(p_review_id, p_lease_token);
  v_question qa.questions;
  v_version qa.answer_versions;
  v_corrections text := nullif(private.clean_text(coalesce(p_corrections, ''), 'corrections', 0, 20000), '');
  v_notes text := nullif(private.clean_text(coalesce(p_review_notes, ''), 'review_notes', 0, 4000), '');
  v_reason text := nullif(private.clean_text(coalesce(p_rejection_reason, ''), 'rejection_reason', 0, 2000), '');
begin
  if v_review.review_status <> 'in_progress' then
    -- The reply to the first call may have been lost: the same verdict again is that first call.
    if v_review.review_status = p_verdict then
      return v_review;
    end if;
    raise sqlstate 'PT409' using
      message = 'review_closed',
      detail = format('The review is %s.', v_review.review_status),
      hint = 'Claim it first, or claim the next one.';
  end if;
  select * into v_question from qa.questions q where q.id = v_review.question_id;
  v_version := private.qa_latest_version(v_review.question_id);

  case p_verdict
    when 'approved' then
      perform private.qa_approve(v_question, v_review, v_version, v_corrections);
    when 'rejected' then
      if v_reason is null then
        raise sqlstate 'PT422' using
          message = 'rejection_reason_required',
          detail = 'A rejection needs its reason.',
          hint = 'Say in p_rejection_reason what the client should know.';
      end if;
    when 'needs_revision' then
      if v_notes is null then
        raise sqlstate 'PT422' using
          message = 'review_notes_required',
          detail = 'A revision needs notes on what to change.',
          hint = 'Say it in p_review_notes.';
      end if;
      if v_question.revision_count >= private.setting_number('qa.max_revisions') then
        raise sqlstate 'PT409' using
          message = 'revision_limit_reached',
          detail = format('The answer was sent back %s times.', v_question.revision_count),
          hint = 'Correct it yourself, or reject it.';
      end if;
    else
      raise sqlstate 'PT422' using
        message = 'unknown_verdict',
        detail = 'The verdict is approved, rejected or needs_revision.',
        hint = 'Use one of these.';
  end case;

  update qa.expert_reviews r
  set review_status = p_verdict, corrections = v_corrections, review_notes = v_notes,
      rejection_reason = case when p_verdict = 'rejected' then v_reason end
  where r.id = v_review.id
  returning * into v_review;

  if p_verdict = 'approved' then
    update qa.questions q set status = 'approved' where q.id = v_question.id;
    perform private.qa_enqueue_stage('qa.deliver', v_question.id);
  elsif p_verdict = 'rejected' then
    update qa.questions q set status = 'rejected', rejection_reason = v_reason where q.id = v_question.id;
    perform private.notify(
      c.user_id, 'question_rejected', 'warning', 'Your question was not answered',
      v_reason || ' Your credit is back.', jsonb_build_object('question_id', v_question.id)
    ) from qa.clients c where c.id = v_question.client_id;
  else
    update qa.questions q set status = 'processing', revision_count = q.revision_count + 1 where q.id = v_question.id;
    perform private.qa_enqueue_stage('qa.generate', v_question.id);
  end if;
  return v_review;
end;
$$;

create function qa.complete_review(
  p_review_id uuid,
  p_lease_token bigint,
  p_verdict text,
  p_corrections text default null,
  p_review_notes text default null,
  p_rejection_reason text default null
)
returns qa.expert_reviews
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.qa_complete_review(
    p_review_id, p_lease_token, p_verdict, p_corrections, p_review_notes, p_rejection_reason
  );
$$;
comment on function qa.complete_review(uuid, bigint, text, text, text, text) is
  'The verdict on a claimed review: approved (as it is, or with p_corrections, the whole corrected text, whose [n] refer to the listed citations), rejected (needs p_rejection_reason), needs_revision (needs p_review_notes; a limited number of times). The same verdict again is harmless. Errors: review_not_found (404), lease_lost, review_closed, revision_limit_reached (409), corrections_required, rejection_reason_required, review_notes_required, citation_unknown, unknown_verdict (422).';

revoke execute on function
  private.qa_approve(qa.questions, qa.expert_reviews, qa.answer_versions, text),
  private.qa_complete_review(uuid, bigint, text, text, text, text),
  qa.complete_review(uuid, bigint, text, text, text, text)
  from public, anon, authenticated;
grant execute on function
  private.qa_complete_review(uuid, bigint, text, text, text, text),
  qa.complete_review(uuid, bigint, text, text, text, text)
  to authenticated;
