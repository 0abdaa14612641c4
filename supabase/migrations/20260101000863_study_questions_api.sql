-- The question bank as clients call it.

create function private.study_question_content(p_version_id uuid)
returns jsonb
language sql
stable
security definer -- reads the key: for those who were let in before
set search_path = ''
as $$
  select jsonb_build_object(
    'version_id', v.id, 'version_no', v.version_no, 'question_type', v.question_type, 'vignette', v.vignette,
    'options', (
      select jsonb_agg(jsonb_build_object('index', o.option_index, 'text', o.option_text, 'is_correct', k.is_correct, 'rationale', k.rationale) order by o.option_index)
      from study.question_options as o join study.question_keys as k using (version_id, option_index)
      where o.version_id = v.id
    ),
    'explanation', (
      select jsonb_build_object(
        'correct_explanation', e.correct_explanation, 'pathophysiology', e.pathophysiology,
        'clinical_relevance', e.clinical_relevance, 'references', e.reference_list
      )
      from study.question_explanations as e where e.version_id = v.id
    ),
    'sources', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'material_id', s.material_id, 'chunk_id', s.chunk_id, 'quote', s.quote, 'page_number', s.page_number,
        'char_start', s.char_start, 'char_end', s.char_end, 'stale_at', s.stale_at
      ) order by s.created_at, s.id), '[]')
      from study.question_sources as s where s.version_id = v.id
    )
  )
  from study.question_versions as v where v.id = p_version_id;
$$;
comment on function private.study_question_content(uuid) is 'A version with its key, explanation and sources.';

create function private.study_question_for_editing(p_question_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- shows the key to who may edit
set search_path = ''
as $$
declare
  v_question study.questions := private.study_edit_question(p_question_id);
begin
  return to_jsonb(v_question) || jsonb_build_object('content', (
    select private.study_question_content(v.id) from study.question_versions as v
    where v.question_id = v_question.id and v.version_no = v_question.current_version
  ));
end;
$$;
comment on function private.study_question_for_editing(uuid) is 'See study.question_for_editing.';

create function private.study_flag_question(p_question_id uuid, p_reason text, p_comment text)
returns study.question_flags
language plpgsql
volatile
security definer -- flags are written here only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_comment text := private.clean_text(coalesce(p_comment, ''), 'comment', 0, 1000);
  v_question study.questions;
  v_flag study.question_flags;
begin
  select * into v_question from study.questions as q
  where q.id = p_question_id and q.status = 'published' and (
    q.author_id = v_user_id or q.visibility = 'authenticated'
    or q.visibility = 'material' and private.study_may_read_material(q.material_id, v_user_id)
  )
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'question_not_found', detail = 'There is no such question.', hint = 'Check the id.';
  end if;
  if p_reason is null or p_reason not in ('wrong_key', 'unclear', 'typo', 'outdated', 'offensive', 'other') then
    raise sqlstate 'PT422' using
      message = 'flag_reason_invalid', detail = 'A flag says wrong_key, unclear, typo, outdated, offensive or other.', hint = 'Send one of them.';
  end if;
  perform private.limit_action('study.limits', 'flag', v_user_id::text);
  insert into study.question_flags (question_id, user_id, version_id, reason, comment)
  select v_question.id, v_user_id, v.id, p_reason, v_comment
  from study.question_versions as v where v.question_id = v_question.id and v.version_no = v_question.current_version
  on conflict (question_id, user_id, version_id) do nothing
  returning * into v_flag;
  if v_flag.id is null then
    select f.* into v_flag from study.question_flags as f
    join study.question_versions as v on v.id = f.version_id and v.version_no = v_question.current_version
    where f.question_id = v_question.id and f.user_id = v_user_id;
  else
    update study.questions as q set is_flagged = true, flag_count = q.flag_count + 1 where q.id = v_question.id;
  end if;
  return v_flag;
end;
$$;
comment on function private.study_flag_question(uuid, text, text) is 'See study.flag_question.';

create function study.create_question(
  p_content jsonb, p_topic text default null, p_subtopic text default '', p_difficulty text default 'medium',
  p_visibility text default 'private', p_material_id uuid default null
)
returns study.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_question(p_content, p_topic, p_subtopic, p_difficulty, p_visibility, p_material_id); $$;
comment on function study.create_question(jsonb, text, text, text, text, uuid) is
  'A question of yours: p_content {vignette, question_type: single_choice|multiple_choice, options: [{text, is_correct, rationale}], explanation: {correct_explanation, pathophysiology, clinical_relevance, references}}. private: ready at once, for you. Otherwise a draft that you submit. Errors: question_invalid, question_options_equal, question_key_invalid, unknown_topic, visibility_invalid, difficulty_invalid, text_required, text_too_long, markup_not_allowed (422), material_not_found (404), rate_limited (429).';

create function study.revise_question(p_question_id uuid, p_content jsonb)
returns study.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_revise_question(p_question_id, p_content); $$;
comment on function study.revise_question(uuid, jsonb) is
  'A new version of a question, by its author or an educator; attempts keep the version that they saw. It has to be verified anew. Without sources in p_content it rests on those of the version before. question_not_found (404), and the errors of create_question.';

create function study.retire_question(p_question_id uuid)
returns study.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_retire_question(p_question_id); $$;
comment on function study.retire_question(uuid) is
  'Takes a question of yours out of practice, for good unless you submit it again; what was answered stays. question_not_found (404).';

create function study.submit_question(p_question_id uuid, p_visibility text default 'authenticated')
returns study.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_submit_question(p_question_id, p_visibility); $$;
comment on function study.submit_question(uuid, text) is
  'Hands a question of yours to the educators, with its key and the quotes that it rests on: for everybody signed in, or for the readers of its material. question_not_found (404), visibility_invalid (422).';

create function study.decide_question(
  p_question_id uuid, p_version_no integer, p_decision text, p_reason text default '', p_quality_score real default null
)
returns study.questions
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_decide_question(p_question_id, p_version_no, p_decision, p_reason, p_quality_score); $$;
comment on function study.decide_question(uuid, integer, text, text, real) is
  'Educators: publish (verified), reject or retire a question that others wrote; p_version_no is the version that you looked at, p_quality_score 0–1. Closes its flags. Errors: role_required, own_question (403), question_not_found (404), question_changed, question_not_in_review (409), decision_invalid, quality_invalid, text_required (422).';

create function study.question_for_editing(p_question_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_question_for_editing(p_question_id); $$;
comment on function study.question_for_editing(uuid) is
  'A question with the key, explanation and sources of its present version, for its author and for educators. question_not_found (404).';

create function study.flag_question(p_question_id uuid, p_reason text, p_comment text default '')
returns study.question_flags
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_flag_question(p_question_id, p_reason, p_comment); $$;
comment on function study.flag_question(uuid, text, text) is
  'Says what is wrong with a question: wrong_key, unclear, typo, outdated, offensive or other; educators look at it. Once a version. question_not_found (404), flag_reason_invalid, text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.study_question_content(uuid), private.study_question_for_editing(uuid), private.study_flag_question(uuid, text, text),
  study.create_question(jsonb, text, text, text, text, uuid), study.revise_question(uuid, jsonb), study.submit_question(uuid, text),
  study.retire_question(uuid), study.decide_question(uuid, integer, text, text, real), study.question_for_editing(uuid), study.flag_question(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  private.study_question_for_editing(uuid), private.study_flag_question(uuid, text, text),
  study.create_question(jsonb, text, text, text, text, uuid), study.revise_question(uuid, jsonb), study.submit_question(uuid, text),
  study.retire_question(uuid), study.decide_question(uuid, integer, text, text, real), study.question_for_editing(uuid), study.flag_question(uuid, text, text)
  to authenticated;
