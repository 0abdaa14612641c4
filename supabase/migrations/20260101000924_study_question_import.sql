-- Many questions at once, all or none. What a file says is read by the function question-bank; here each item is a question as
-- study.create_question takes it, with its topic, subtopic and difficulty beside its words.

insert into core.settings (key, value, description) values
  ('study.max_import_questions', '5000', 'Questions of one import.'),
  ('study.max_questions', '50000', 'Questions of one author, from which on nothing is imported.')
on conflict (key) do nothing;
update core.settings
set value = value || '{
  "import": {"burst": 30, "per_hour": 60}, "import_questions": {"burst": 20000, "per_hour": 20000},
  "import_submitted": {"burst": 400, "per_hour": 400}, "export": {"burst": 60, "per_hour": 240}
}'
where key = 'study.limits';

-- A question that its author has already is not imported again.
create index question_versions_content_hash_idx on study.question_versions (content_hash);

create function private.study_right_options(p_version_id uuid)
returns text
language sql
stable
security definer -- reads the key, for the author
set search_path = ''
as $$
  select string_agg(o.option_key, ',' order by o.option_key)
  from study.question_options as o
  join study.question_keys as k using (version_id, option_index)
  where o.version_id = p_version_id and k.is_correct;
$$;
comment on function private.study_right_options(uuid) is 'The right options of a version as one word, in whatever order they stand.';

create function private.study_import_question(
  p_item jsonb, p_user_id uuid, p_topic_id uuid, p_visibility text, p_is_submitted boolean, p_material_id uuid
)
returns jsonb
language plpgsql
volatile
security definer -- questions have no insert grant
set search_path = ''
as $$
declare
  v_question study.questions;
  v_version_id uuid;
  v_known_id uuid;
  v_known_version_id uuid;
begin
  if jsonb_typeof(p_item) is distinct from 'object' then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'An item is a question with its topic, subtopic and difficulty.', hint = 'Send objects.';
  end if;
  if coalesce(p_item ->> 'difficulty', 'medium') not in ('easy', 'medium', 'hard', 'nbme') then
    raise sqlstate 'PT422' using
      message = 'difficulty_invalid', detail = 'A question is easy, medium, hard or nbme.', hint = 'Send one of them.';
  end if;
  insert into study.questions (author_id, material_id, topic_id, subtopic, status, visibility, difficulty, source)
  values (
    p_user_id, p_material_id, p_topic_id, private.clean_text(coalesce(p_item ->> 'subtopic', ''), 'subtopic', 0, 200),
    case when p_visibility = 'private' then 'published' when p_is_submitted then 'in_review' else 'draft' end,
    p_visibility, coalesce(p_item ->> 'difficulty', 'medium'), 'import'
  )
  returning * into v_question;
  v_version_id := private.study_write_version(
    v_question, 1, p_item - '{topic,subtopic,difficulty,sources}'::text[], p_user_id, null, null
  );
  -- From the words to the author, by no index of his: he may have written thousands, and few say the same.
  with same as materialized (
    select v.id, v.question_id, v.version_no from study.question_versions as v
    where v.content_hash = (select n.content_hash from study.question_versions as n where n.id = v_version_id) and v.id <> v_version_id
  )
  select q.id, v.id into v_known_id, v_known_version_id
  from same as v
  join study.questions as q on q.id = v.question_id and q.current_version = v.version_no
  where q.author_id is not distinct from p_user_id and q.status <> 'retired'
  order by q.created_at, q.id
  limit 1;
  if found then
    -- Undone with what was written: its caller takes this for an answer.
    raise sqlstate 'PT409' using
      message = 'question_known',
      detail = jsonb_build_object(
        'question_id', v_known_id,
        'key_differs', private.study_right_options(v_known_version_id) is distinct from private.study_right_options(v_version_id)
      )::text,
      hint = 'Revise it: study.revise_question.';
  end if;
  if p_is_submitted then
    insert into study.question_decisions (question_id, version_no, decision, decided_by) values (v_question.id, 1, 'submitted', p_user_id);
  end if;
  return to_jsonb(v_question.id);
end;
$$;
comment on function private.study_import_question(jsonb, uuid, uuid, text, boolean, uuid) is
  'Writes one item of an import; the errors of create_question, and question_known (409) with {question_id, key_differs} as its detail.';

create function private.study_import_questions(
  p_items jsonb, p_visibility text, p_is_submitted boolean, p_topic text, p_material_id uuid, p_is_dry_run boolean
)
returns jsonb
language plpgsql
volatile
security definer -- questions have no insert grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_count integer;
  v_most integer := private.setting_number('study.max_import_questions');
  v_limits jsonb := private.setting('study.limits');
  v_actions text[] := '{import_questions}'::text[];
  v_action text;
  v_is_submitted boolean := coalesce(p_is_submitted, false) and p_visibility is distinct from 'private';
  v_item jsonb;
  v_no integer := -1;
  v_topics jsonb := '{}'::jsonb;
  v_slug text;
  v_id jsonb;
  v_ids jsonb[] := '{}'::jsonb[];
  v_imported integer := 0;
  v_skipped jsonb[] := '{}'::jsonb[];
  v_problems jsonb[] := '{}'::jsonb[];
  v_code text;
  v_detail text;
begin
  -- What is handed in fills the educators' list: they alone hand in by the thousand.
  if v_is_submitted and not coalesce(p_is_dry_run, false) and not private.user_has_role(v_user_id, 'educator') then
    v_actions := v_actions || 'import_submitted'::text;
    v_most := least(v_most, (v_limits #>> '{import_submitted,burst}')::integer);
  end if;
  if jsonb_typeof(p_items) is distinct from 'array' or jsonb_array_length(p_items) not between 1 and v_most then
    raise sqlstate 'PT422' using
      message = 'import_size_invalid', detail = format('An import like this has 1 to %s questions.', v_most), hint = 'Import in parts.';
  end if;
  v_count := jsonb_array_length(p_items);
  if p_material_id is not null and not private.study_may_read_material(p_material_id, v_user_id) then
    raise sqlstate 'PT404' using
      message = 'material_not_found', detail = 'There is no material with this id that you may read.', hint = 'Leave it out.';
  end if;
  if coalesce(p_visibility, '') not in ('private', 'material', 'authenticated') or (p_visibility = 'material' and p_material_id is null) then
    raise sqlstate 'PT422' using
      message = 'visibility_invalid', detail = 'A question is private, authenticated, or for the readers of its material.', hint = 'Send one of them.';
  end if;
  -- A trial costs as much as the import: it is the same work.
  perform private.limit_action('study.limits', 'import', v_user_id::text);
  foreach v_action in array v_actions loop
    perform private.rate_limit(
      'study:' || v_action || ':' || v_user_id, (v_limits #>> array[v_action, 'burst'])::integer,
      (v_limits #>> array[v_action, 'per_hour'])::numeric / 3600, v_count
    );
  end loop;
  if (select count(*) from study.questions as q where q.author_id = v_user_id) + v_count > private.setting_number('study.max_questions') then
    raise sqlstate 'PT422' using
      message = 'too_many_questions', detail = format('One author has at most %s questions.', private.setting_number('study.max_questions')),
      hint = 'Import fewer.';
  end if;
  -- The same file sent twice at once: the second finds what the first has written.
  perform pg_advisory_xact_lock(hashtextextended('study.import:' || v_user_id, 0));
  perform from study.materials as m where m.id = p_material_id for no key update;
  begin
    for v_item in select i.value from jsonb_array_elements(p_items) with ordinality as i (value, no) order by i.no loop
      v_no := v_no + 1;
      begin
        v_slug := coalesce(nullif(btrim(v_item ->> 'topic'), ''), p_topic);
        if v_slug is not null and not v_topics ? v_slug then
          v_topics := v_topics || jsonb_build_object(v_slug, private.study_question_topic(v_slug));
        end if;
        v_id := private.study_import_question(
          v_item, v_user_id, (v_topics ->> v_slug)::uuid, p_visibility, v_is_submitted, p_material_id
        );
        v_ids := v_ids || v_id;
        v_imported := v_imported + 1;
      exception
        when sqlstate 'PT409' or sqlstate 'PT422' then
          get stacked diagnostics v_code = message_text, v_detail = pg_exception_detail;
          v_ids := v_ids || 'null'::jsonb;
          if v_code = 'question_known' then
            v_skipped := v_skipped || (jsonb_build_object('item', v_no) || v_detail::jsonb);
          else
            v_problems := v_problems || jsonb_build_object('item', v_no, 'code', v_code, 'message', v_detail);
          end if;
      end;
      exit when cardinality(v_problems) >= 100;
    end loop;
    if p_is_dry_run then
      raise exception using errcode = 'LYUND';
    end if;
  exception
    when sqlstate 'LYUND' then
      v_ids := '{}'::jsonb[];
  end;
  if cardinality(v_problems) > 0 and not coalesce(p_is_dry_run, false) then
    raise sqlstate 'PT422' using
      message = 'import_invalid', detail = to_jsonb(v_problems)::text, hint = 'Correct them and import again: nothing was written.';
  end if;
  return jsonb_build_object(
    'dry_run', coalesce(p_is_dry_run, false), 'imported', v_imported, 'question_ids', to_jsonb(v_ids), 'skipped', to_jsonb(v_skipped),
    'problems', to_jsonb(v_problems)
  );
end;
$$;
comment on function private.study_import_questions(jsonb, text, boolean, text, uuid, boolean) is 'See study.import_questions.';

create function study.import_questions(
  p_items jsonb, p_visibility text default 'private', p_submit boolean default false, p_topic text default null,
  p_material_id uuid default null, p_dry_run boolean default false
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '60s'
as $$ select private.study_import_questions(p_items, p_visibility, p_submit, p_topic, p_material_id, p_dry_run); $$;
comment on function study.import_questions(jsonb, text, boolean, text, uuid, boolean) is
  'Up to 5,000 questions of yours at once, all or none: p_items [{vignette, question_type, options, explanation, topic, subtopic, difficulty}] as create_question takes them. p_topic: for items that name none. p_submit: hands them in. What you have already, word for word, is skipped. p_dry_run: says what would come of it, and writes nothing. Returns {dry_run, imported, question_ids (null for one skipped), skipped: [{item, question_id, key_differs}], problems: [{item, code, message}]}; items count from 0. Errors: import_invalid with problems as JSON in its detail, import_size_invalid, too_many_questions, visibility_invalid (422), material_not_found (404), rate_limited (429).';

revoke execute on function
  private.study_right_options(uuid), private.study_import_question(jsonb, uuid, uuid, text, boolean, uuid),
  private.study_import_questions(jsonb, text, boolean, text, uuid, boolean),
  study.import_questions(jsonb, text, boolean, text, uuid, boolean)
  from public, anon, authenticated;
grant execute on function
  private.study_import_questions(jsonb, text, boolean, text, uuid, boolean),
  study.import_questions(jsonb, text, boolean, text, uuid, boolean)
  to authenticated;
