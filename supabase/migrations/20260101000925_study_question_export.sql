-- Questions as other programs take them. The key goes only to whoever may edit: everybody else gets what he may read anyway.

create function private.study_export_questions(p_question_ids uuid[])
returns jsonb
language plpgsql
volatile
security definer -- reads keys for those who may edit
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_most integer := private.setting_number('study.max_export_questions');
  v_items jsonb;
  v_missing uuid[];
begin
  if cardinality(p_question_ids) is distinct from 0 and coalesce(cardinality(p_question_ids), v_most + 1) > v_most then
    raise sqlstate 'PT422' using
      message = 'too_many_questions', detail = format('At most %s questions at once.', v_most), hint = 'Ask in parts.';
  end if;
  perform private.limit_action('study.limits', 'export', v_user_id::text);
  with wanted as (
    select u.id, min(u.no) as no from unnest(p_question_ids) with ordinality as u (id, no) group by u.id
  ),
  seen as (
    select w.no, q as question, private.study_may_edit_question(q, v_user_id) as edits
    from wanted as w
    join study.questions as q on q.id = w.id
    where private.study_may_see_question(q, v_user_id)
  )
  select
    coalesce((
      select jsonb_agg(
        jsonb_build_object(
          'id', (s.question).id, 'version_no', v.version_no, 'topic', t.slug, 'subtopic', (s.question).subtopic,
          'difficulty', (s.question).difficulty, 'has_key', s.edits, 'question_type', v.question_type, 'vignette', v.vignette
        ) || case
          when s.edits then jsonb_build_object('options', c.content -> 'options', 'explanation', c.content -> 'explanation')
          else jsonb_build_object('options', (
            select jsonb_agg(jsonb_build_object('text', o.option_text) order by o.option_index)
            from study.question_options as o where o.version_id = v.id
          ))
        end
        order by s.no
      )
      from seen as s
      join study.question_versions as v on v.question_id = (s.question).id and v.version_no = (s.question).current_version
      left join core.topics as t on t.id = (s.question).topic_id
      left join lateral (select private.study_question_content(v.id) as content where s.edits) as c on true
    ), '[]'),
    array(select w.id from wanted as w where w.no not in (select s.no from seen as s) order by w.no)
  into v_items, v_missing;
  if cardinality(v_missing) > 0 then
    raise sqlstate 'PT404' using
      message = 'question_not_found', detail = 'There is no question that you may read with the id ' || array_to_string(v_missing[:10], ', ') || '.',
      hint = 'Leave it out.';
  end if;
  return v_items;
end;
$$;
comment on function private.study_export_questions(uuid[]) is 'See study.export_questions.';

create function study.export_questions(p_question_ids uuid[])
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '60s'
as $$ select private.study_export_questions(p_question_ids); $$;
comment on function study.export_questions(uuid[]) is
  'Up to 5,000 questions that you may read, in their order, as study.import_questions takes them: [{id, version_no, topic, subtopic, difficulty, has_key, question_type, vignette, options, explanation}]. is_correct, rationale and explanation only of those that you may edit. Errors: question_not_found (404), too_many_questions (422), rate_limited (429).';

revoke execute on function private.study_export_questions(uuid[]), study.export_questions(uuid[]) from public, anon, authenticated;
grant execute on function private.study_export_questions(uuid[]), study.export_questions(uuid[]) to authenticated;
