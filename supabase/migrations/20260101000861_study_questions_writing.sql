-- One way in which a version is written: by an author, an educator, an import or a worker.
--
-- Content: {"vignette", "question_type": "single_choice" | "multiple_choice", "options": [{"text", "is_correct", "rationale"}],
--  "explanation": {"correct_explanation", "pathophysiology", "clinical_relevance", "references": […]},
--  "sources": [{"chunk_id", "quote"}]}

create function private.study_references(p_references jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_references is null then
    return '[]'::jsonb;
  end if;
  if jsonb_typeof(p_references) <> 'array' or jsonb_array_length(p_references) > 30 or exists (
    select from jsonb_array_elements(p_references) as r (value)
    where jsonb_typeof(r.value) not in ('string', 'object')
      or jsonb_typeof(r.value) = 'object' and coalesce(r.value ->> 'url', 'https://') !~* '^https?://[^\s<>"]*$'
  ) then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'References are up to 30 texts or {title, url} with an address on the web.', hint = 'Correct them.';
  end if;
  return coalesce(
    (
      select jsonb_agg(
        case jsonb_typeof(r.value)
          when 'string' then to_jsonb(private.clean_text(r.value #>> '{}', 'reference', 1, 500))
          else jsonb_strip_nulls(jsonb_build_object(
            'title', private.clean_text(r.value ->> 'title', 'reference', 1, 500), 'url', left(r.value ->> 'url', 1000)
          ))
        end
        order by r.no
      )
      from jsonb_array_elements(p_references) with ordinality as r (value, no)
    ),
    '[]'
  );
end;
$$;
comment on function private.study_references(jsonb) is 'References as they are kept, in clean words; question_invalid (422).';

create function private.study_content_hash(p_vignette text, p_options text[])
returns text
language plpgsql -- kept planned: an import asks thousands of times
immutable
security invoker
set search_path = ''
as $$
begin
  return encode(sha256(convert_to(private.study_fold(p_vignette) || E'\n' || (
    select string_agg(private.study_fold(o), E'\n' order by private.study_fold(o) collate "C") from unnest(p_options) as o
  ), 'UTF8')), 'hex');
end;
$$;
comment on function private.study_content_hash(text, text[]) is 'Of what everybody reads of a version, in whatever order the options stand.';

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
  v_vignette text;
  v_explanation jsonb := coalesce(p_content -> 'explanation', '{}');
  v_options jsonb := coalesce(p_content -> 'options', '[]');
  v_sources jsonb := coalesce(p_content -> 'sources', '[]');
begin
  if jsonb_typeof(p_content) is distinct from 'object' or jsonb_typeof(v_options) <> 'array' or jsonb_typeof(v_explanation) <> 'object'
    or jsonb_typeof(v_sources) <> 'array' or octet_length(p_content::text) > 65536
    or jsonb_typeof(coalesce(p_content -> 'vignette', '""')) <> 'string'
    or jsonb_array_length(v_options) not between 2 and 10 or jsonb_array_length(v_sources) > 10
    or exists (select from jsonb_array_elements(v_options || v_sources) as o (value) where jsonb_typeof(o.value) <> 'object')
    or exists (
      select from jsonb_array_elements(v_options) as o (value)
      where jsonb_typeof(coalesce(o.value -> 'text', '""')) <> 'string' or jsonb_typeof(coalesce(o.value -> 'is_correct', 'false')) <> 'boolean'
    )
  then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'A question has a vignette and 2 to 10 options, in 64 kB at most.',
      hint = 'Send {vignette, options: [{text, is_correct, rationale}], explanation}.';
  end if;
  set constraints study._200_whole deferred;
  v_vignette := private.clean_text(p_content ->> 'vignette', 'vignette', 3, 8000);
  insert into study.question_versions (question_id, version_no, question_type, vignette, created_by, provider, model, content_hash)
  select p_question.id, p_version_no, coalesce(p_content ->> 'question_type', 'single_choice'), v_vignette, p_created_by, p_provider, p_model,
    private.study_content_hash(v_vignette, array_agg(o.value ->> 'text'))
  from jsonb_array_elements(v_options) as o (value)
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
    private.study_references(v_explanation -> 'references')
  );
  insert into study.question_sources (version_id, material_id, chunk_id, quote, page_number, char_start, char_end, content_hash)
  select v_version.id, c.material_id, c.id, s.value ->> 'quote', private.study_quote_page(c, p.position),
    c.char_start + p.position, c.char_start + p.position + length(s.value ->> 'quote'), c.content_hash
  from jsonb_array_elements(v_sources) as s (value)
  join study.material_chunks as c on c.id = (s.value ->> 'chunk_id')::uuid and c.material_id = p_question.material_id
  cross join lateral (select position(s.value ->> 'quote' in c.content) - 1 as position) as p
  where p.position >= 0 and s.value ->> 'quote' <> '';
  -- Now, and not only at the end: whoever called learns what is wrong with it. Not by the constraint: to set it looks at all
  -- that was written in the transaction, each time.
  perform private.study_check_version(v_version.id);
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
  -- The material first, whose questions are counted: whoever deletes it comes from there.
  perform from study.materials as m
  where m.id = (select q.material_id from study.questions as q where q.id = p_question_id) for no key update;
  select * into v_question from study.questions as q
  where q.id = p_question_id
    and (
      q.author_id = v_user_id
      -- A retired one is its author's alone: it may never have been handed in.
      or q.status not in ('draft', 'retired') and private.has_role('educator') and (
        q.visibility = 'authenticated' or q.visibility = 'material' and private.study_may_read_material(q.material_id, v_user_id)
      )
    )
  for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'question_not_found', detail = 'There is no question with this id that you may edit.', hint = 'List yours: questions.';
  end if;
  return v_question;
end;
$$;
comment on function private.study_edit_question(uuid) is 'A question that the caller wrote, or was handed to him as an educator, locked; question_not_found (404).';

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
  perform private.limit_action('study.limits', 'question', v_user_id::text);
  perform from study.materials as m where m.id = p_material_id for no key update;
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

revoke execute on function
  private.study_references(jsonb), private.study_content_hash(text, text[]),
  private.study_write_version(study.questions, integer, jsonb, uuid, text, text), private.study_question_topic(text),
  private.study_edit_question(uuid), private.study_create_question(jsonb, text, text, text, text, uuid)
  from public, anon, authenticated;
grant execute on function private.study_create_question(jsonb, text, text, text, text, uuid) to authenticated;
