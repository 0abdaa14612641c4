-- One way in which a version is written: by an author, an educator, an import or a worker.
--
-- Content: {"vignette", "question_type": "single_choice" | "multiple_choice", "options": [{"text", "is_correct", "rationale"}],
--  "explanation": {"correct_explanation", "pathophysiology", "clinical_relevance", "references": […]},
--  "sources": [{"chunk_id", "quote"}]}

create function private.study_write_version(
  p_question study.questions, p_version_no integer, p_content jsonb, p_created_by uuid, p_provider text, p_model text
)
returns uuid
language plpgsql
volatile
security definer -- versions and keys are written here only
set search_path = ''
as $$
declare
  v_version study.question_versions;
  v_explanation jsonb := coalesce(p_content -> 'explanation', '{}');
  v_options jsonb := coalesce(p_content -> 'options', '[]');
begin
  if jsonb_typeof(p_content) is distinct from 'object' or jsonb_typeof(v_options) <> 'array' or jsonb_array_length(v_options) not between 2 and 10
    or jsonb_typeof(v_explanation) <> 'object' or octet_length(p_content::text) > 65536
  then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'A question has a vignette and 2 to 10 options, in 64 kB at most.',
      hint = 'Send {vignette, options: [{text, is_correct, rationale}], explanation}.';
  end if;
  insert into study.question_versions (question_id, version_no, question_type, vignette, created_by, provider, model, content_hash)
  values (
    p_question.id, p_version_no, coalesce(p_content ->> 'question_type', 'single_choice'),
    private.clean_text(p_content ->> 'vignette', 'vignette', 3, 8000), p_created_by, p_provider, p_model,
    encode(sha256(convert_to(p_content::text, 'UTF8')), 'hex')
  )
  returning * into v_version;
  insert into study.question_options (version_id, option_index, option_text)
  select v_version.id, o.no - 1, private.clean_text(o.value ->> 'text', 'option', 1, 1000)
  from jsonb_array_elements(v_options) with ordinality as o (value, no);
  insert into study.question_keys (version_id, option_index, is_correct, rationale)
  select v_version.id, o.no - 1, coalesce((o.value ->> 'is_correct')::boolean, false),
    private.clean_text(coalesce(o.value ->> 'rationale', ''), 'rationale', 0, 2000)
  from jsonb_array_elements(v_options) with ordinality as o (value, no);
  insert into study.question_explanations (version_id, correct_explanation, pathophysiology, clinical_relevance, reference_list)
  values (
    v_version.id, private.clean_text(coalesce(v_explanation ->> 'correct_explanation', ''), 'correct_explanation', 0, 8000),
    private.clean_text(coalesce(v_explanation ->> 'pathophysiology', ''), 'pathophysiology', 0, 8000),
    private.clean_text(coalesce(v_explanation ->> 'clinical_relevance', ''), 'clinical_relevance', 0, 8000),
    coalesce(v_explanation -> 'references', '[]')
  );
  insert into study.question_sources (version_id, material_id, chunk_id, quote, page_number, char_start, char_end, content_hash)
  select v_version.id, c.material_id, c.id, s.value ->> 'quote', private.study_quote_page(c, p.position),
    c.char_start + p.position, c.char_start + p.position + length(s.value ->> 'quote'), c.content_hash
  from jsonb_array_elements(coalesce(p_content -> 'sources', '[]')) as s (value)
  join study.material_chunks as c on c.id = (s.value ->> 'chunk_id')::uuid and c.material_id = p_question.material_id
  cross join lateral (select position(s.value ->> 'quote' in c.content) - 1 as position) as p
  where p.position >= 0 and s.value ->> 'quote' <> '';
  -- Now, and not at the end: whoever called learns what is wrong with it.
  set constraints study._200_whole immediate;
  set constraints study._200_whole deferred;
  return v_version.id;
exception
  when unique_violation then
    raise sqlstate 'PT422' using
      message = 'question_options_equal', detail = 'Two options say the same.', hint = 'Make them distinct.';
  when check_violation or invalid_text_representation or not_null_violation then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'A value of the question is missing or out of range.',
      hint = 'question_type is single_choice or multiple_choice; is_correct is true or false; texts within their lengths.';
end;
$$;
comment on function private.study_write_version(study.questions, integer, jsonb, uuid, text, text) is
  'Writes a version whole, or raises question_invalid, question_options_equal, question_key_invalid (422). A source whose quote is not verbatim in its passage is left out.';

create function private.study_question_topic(p_topic text)
returns uuid
language plpgsql
stable
security definer -- looks a topic up
set search_path = ''
as $$
declare
  v_topic_id uuid := private.topic_by_slug(p_topic);
begin
  if p_topic is not null and v_topic_id is null then
    raise sqlstate 'PT422' using
      message = 'unknown_topic', detail = 'There is no such topic.', hint = 'Use the slug of a row in core.topics.';
  end if;
  return v_topic_id;
end;
$$;
comment on function private.study_question_topic(text) is 'The id of a topic, null for none; unknown_topic (422).';

create function private.study_edit_question(p_question_id uuid)
returns study.questions
language plpgsql
volatile
security definer -- locks a row that clients do not write
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_question study.questions;
begin
  select * into v_question from study.questions as q
  where q.id = p_question_id
    and (q.author_id = v_user_id or q.visibility <> 'private' and (private.has_role('educator') or private.has_role('admin')))
  for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'question_not_found', detail = 'There is no question with this id that you may edit.', hint = 'List yours: questions.';
  end if;
  return v_question;
end;
$$;
comment on function private.study_edit_question(uuid) is 'A question that the caller wrote, or may look after as an educator; question_not_found (404).';

create function private.study_create_question(
  p_content jsonb, p_topic text, p_subtopic text, p_difficulty text, p_visibility text, p_material_id uuid
)
returns study.questions
language plpgsql
volatile
security definer -- questions have no insert grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_question study.questions;
begin
  if p_material_id is not null and not private.study_may_read_material(p_material_id, v_user_id) then
    raise sqlstate 'PT404' using
      message = 'material_not_found', detail = 'There is no material with this id that you may read.', hint = 'Leave it out.';
  end if;
  if coalesce(p_visibility, '') not in ('private', 'material', 'authenticated') or (p_visibility = 'material' and p_material_id is null) then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid', detail = 'A question is private, authenticated, or for the readers of its material.', hint = 'Send one of them.';
  end if;
  if coalesce(p_difficulty, '') not in ('easy', 'medium', 'hard', 'nbme') then
    raise sqlstate 'PT422' using
      message = 'difficulty_invalid', detail = 'A question is easy, medium, hard or nbme.', hint = 'Send one of them.';
  end if;
  perform private.study_limit('question', v_user_id::text);
  -- What only its author sees needs nobody's leave.
  insert into study.questions (author_id, material_id, topic_id, subtopic, status, visibility, difficulty)
  values (
    v_user_id, p_material_id, private.study_question_topic(p_topic), private.clean_text(coalesce(p_subtopic, ''), 'subtopic', 0, 200),
    case p_visibility when 'private' then 'published' else 'draft' end, p_visibility, p_difficulty
  )
  returning * into v_question;
  perform private.study_write_version(v_question, 1, p_content, v_user_id, null, null);
  return v_question;
end;
$$;
comment on function private.study_create_question(jsonb, text, text, text, text, uuid) is 'See study.create_question.';

create function private.study_revise_question(p_question_id uuid, p_content jsonb)
returns study.questions
language plpgsql
volatile
security definer -- versions are written by functions only
set search_path = ''
as $$
declare
  v_question study.questions := private.study_edit_question(p_question_id);
begin
  perform private.study_limit('question', (select auth.uid())::text);
  perform private.study_write_version(v_question, v_question.current_version + 1, p_content, (select auth.uid()), null, null);
  -- Another text has to be looked at anew, by somebody else.
  update study.questions as q
  set current_version = q.current_version + 1, is_verified = false, verified_by = null, verified_at = null, stale_at = null,
    status = case when q.visibility = 'private' then 'published' when q.status in ('draft', 'rejected') then 'draft' else 'in_review' end
  where q.id = v_question.id
  returning * into v_question;
  return v_question;
end;
$$;
comment on function private.study_revise_question(uuid, jsonb) is 'See study.revise_question.';

create function private.study_submit_question(p_question_id uuid, p_visibility text)
returns study.questions
language plpgsql
volatile
security definer -- the status is written by functions only
set search_path = ''
as $$
declare
  v_question study.questions := private.study_edit_question(p_question_id);
begin
  if v_question.status = 'in_review' then
    return v_question;
  end if;
  if coalesce(p_visibility, '') not in ('material', 'authenticated') or p_visibility = 'material' and v_question.material_id is null then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid', detail = 'A question is submitted for everybody signed in, or for the readers of its material.',
      hint = 'Send authenticated or material.';
  end if;
  update study.questions as q set status = 'in_review', visibility = p_visibility where q.id = v_question.id
  returning * into v_question;
  insert into study.question_decisions (question_id, version_no, decision, decided_by)
  values (v_question.id, v_question.current_version, 'submitted', (select auth.uid()));
  return v_question;
end;
$$;
comment on function private.study_submit_question(uuid, text) is 'See study.submit_question.';

create function private.study_decide_question(p_question_id uuid, p_decision text, p_reason text, p_quality_score real)
returns study.questions
language plpgsql
volatile
security definer -- verification is written here only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_role('educator');
  v_question study.questions := private.study_edit_question(p_question_id);
  v_reason text := private.clean_text(coalesce(p_reason, ''), 'reason', case when p_decision = 'publish' then 0 else 3 end, 1000);
begin
  if p_decision is null or p_decision not in ('publish', 'reject', 'retire') then
    raise sqlstate 'PT422' using message = 'decision_invalid', detail = 'One publishes, rejects or retires.', hint = 'Send publish, reject or retire.';
  end if;
  if v_question.author_id = v_user_id or exists (
    select from study.question_versions as v
    where v.question_id = v_question.id and v.version_no = v_question.current_version and v.created_by = v_user_id
  ) then
    raise sqlstate 'PT403' using message = 'own_question', detail = 'Nobody verifies what he wrote.', hint = 'Ask another educator.';
  end if;
  if p_quality_score is not null and (p_quality_score < 0 or p_quality_score > 1 or p_quality_score = 'NaN') then
    raise sqlstate 'PT422' using message = 'quality_invalid', detail = 'Quality is from 0 to 1.', hint = 'Correct it.';
  end if;
  if v_question.visibility = 'private' or (p_decision <> 'retire' and v_question.status not in ('in_review', 'published')) then
    raise sqlstate 'PT409' using
      message = 'question_not_in_review', detail = format('The question is %s.', v_question.status), hint = 'Its author submits it first.';
  end if;
  update study.questions as q
  set status = case p_decision when 'publish' then 'published' when 'reject' then 'rejected' else 'retired' end,
    is_verified = p_decision = 'publish', verified_by = case when p_decision = 'publish' then v_user_id end,
    verified_at = case when p_decision = 'publish' then now() end, quality_score = coalesce(p_quality_score, q.quality_score),
    is_flagged = false, stale_at = case when p_decision = 'publish' then null else q.stale_at end
  where q.id = v_question.id
  returning * into v_question;
  update study.question_flags as f
  set status = case when p_decision = 'publish' then 'dismissed' else 'resolved' end, resolved_by = v_user_id, resolved_at = now()
  where f.question_id = v_question.id and f.status = 'open';
  insert into study.question_decisions (question_id, version_no, decision, reason, decided_by)
  values (v_question.id, v_question.current_version, v_question.status, v_reason, v_user_id);
  if v_question.author_id is not null then
    perform private.notify(
      v_question.author_id, 'question_' || v_question.status, case when p_decision = 'publish' then 'success' else 'warning' end,
      'Your question was ' || v_question.status, v_reason, jsonb_build_object('question_id', v_question.id),
      '/study/questions/' || v_question.id, 'question_decided:' || v_question.id
    );
  end if;
  return v_question;
end;
$$;
comment on function private.study_decide_question(uuid, text, text, real) is 'See study.decide_question.';

revoke execute on function
  private.study_write_version(study.questions, integer, jsonb, uuid, text, text), private.study_question_topic(text),
  private.study_edit_question(uuid), private.study_create_question(jsonb, text, text, text, text, uuid),
  private.study_revise_question(uuid, jsonb), private.study_submit_question(uuid, text),
  private.study_decide_question(uuid, text, text, real)
  from public, anon, authenticated;
grant execute on function
  private.study_create_question(jsonb, text, text, text, text, uuid), private.study_revise_question(uuid, jsonb),
  private.study_submit_question(uuid, text), private.study_decide_question(uuid, text, text, real)
  to authenticated;
