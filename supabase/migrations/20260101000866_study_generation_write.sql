-- Questions from a material: how they are written. The database trusts no worker and no model: the words that a question rests
-- on are in their passage, one option is right, no question comes twice; and it shuffles the options itself, so that their
-- order says nothing to whoever knows how they were made.

create function private.study_write_generated(
  p_job study.material_processing_jobs, p_item jsonb, p_provider text, p_model text
)
returns uuid
language plpgsql
volatile
security definer -- questions are written by functions only
set search_path = ''
as $$
declare
  v_chunk study.material_chunks;
  v_content jsonb := p_item -> 'content';
  v_quote text := p_item ->> 'quote';
  v_question study.questions;
begin
  select * into v_chunk from study.material_chunks as c
  where c.id = (p_item ->> 'chunk_id')::uuid and c.material_id = p_job.material_id for key share;
  if v_chunk.id is null or coalesce(v_quote, '') = '' or position(v_quote in v_chunk.content) = 0 then
    raise sqlstate 'PT422' using
      message = 'question_source_missing', detail = 'What the question rests on does not stand in its passage, word for word.',
      hint = 'Leave it out.';
  end if;
  if jsonb_typeof(v_content -> 'options') is distinct from 'array'
    or jsonb_array_length(v_content -> 'options') not between 4 and 5
    or coalesce(v_content ->> 'question_type', 'single_choice') <> 'single_choice'
  then
    raise sqlstate 'PT422' using
      message = 'question_invalid', detail = 'A generated question has four or five options, of which one is right.', hint = 'Leave it out.';
  end if;
  v_content := jsonb_build_object(
    'vignette', v_content -> 'vignette', 'explanation', v_content -> 'explanation',
    'options', (select jsonb_agg(o.value order by random()) from jsonb_array_elements(v_content -> 'options') as o (value)),
    'sources', jsonb_build_array(jsonb_build_object('chunk_id', v_chunk.id, 'quote', v_quote))
  );
  if exists (
    select from study.questions as q
    join study.question_versions as v on v.question_id = q.id and v.version_no = q.current_version
    where q.material_id = p_job.material_id and (q.author_id = p_job.user_id or q.visibility <> 'private')
      and (
        private.study_fold(v.vignette) = private.study_fold(v_content ->> 'vignette')
        -- Another question on the same words of the passage asks the same in other words, or gives this one's answer away.
        or exists (select from study.question_sources as s where s.version_id = v.id and s.material_id = q.material_id and s.quote = v_quote)
      )
  ) then
    raise sqlstate 'PT422' using
      message = 'question_duplicate', detail = 'There is a question on this already.', hint = 'Leave it out.';
  end if;
  insert into study.questions (author_id, material_id, topic_id, subtopic, status, visibility, difficulty, source)
  values (
    p_job.user_id, p_job.material_id,
    coalesce(
      (p_job.parameters ->> 'topic_id')::uuid, (select m.topic_id from study.materials as m where m.id = p_job.material_id),
      (
        select t.topic_id from study.material_topics as t
        where t.material_id = p_job.material_id and t.status <> 'dismissed'
        order by t.status = 'accepted' desc, t.confidence desc, t.topic_id limit 1
      )
    ),
    left(coalesce(v_chunk.heading_path[cardinality(v_chunk.heading_path)], ''), 200), 'in_review',
    p_job.parameters ->> 'visibility', coalesce(p_item ->> 'difficulty', p_job.parameters ->> 'difficulty'), 'generated'
  )
  returning * into v_question;
  perform private.study_write_version(v_question, 1, v_content, null, p_provider, p_model);
  return v_question.id;
end;
$$;
comment on function private.study_write_generated(study.material_processing_jobs, jsonb, text, text) is
  'Writes one generated question, to be reviewed; question_source_missing, question_invalid, question_duplicate and the errors of study_write_version (422).';

create function private.study_put_questions(
  p_job_id uuid, p_lease_token bigint, p_questions jsonb, p_position integer, p_provider text, p_model text, p_refused jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- writes questions for whoever asked
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs := private.study_generation_lease(p_job_id, p_lease_token);
  v_count integer := (v_job.parameters ->> 'count')::integer;
  v_written integer := (v_job.result ->> 'written')::integer;
  v_refused jsonb := v_job.result -> 'refused';
  v_codes text[] := '{}'::text[];
  v_item jsonb;
begin
  if v_job.id is null or not private.study_may_read_material(v_job.material_id, v_job.user_id) then
    return '{"proceed": false}'::jsonb;
  end if;
  for v_item in select q.value from jsonb_array_elements(coalesce(p_questions, '[]')) as q (value) loop
    exit when v_written >= v_count;
    -- One that is bad spoils no other.
    begin
      perform private.study_write_generated(v_job, v_item, left(p_provider, 100), left(p_model, 200));
      v_written := v_written + 1;
    exception
      when sqlstate 'PT422' then
        v_codes := v_codes || sqlerrm;
      when data_exception or integrity_constraint_violation then
        v_codes := v_codes || 'question_invalid'::text;
    end;
  end loop;
  select coalesce(jsonb_object_agg(r.code, r.times), '{}') into v_refused
  from (
    select r.code, sum(r.times) as times
    from (
      select o.key as code, o.value::integer as times from jsonb_each_text(v_refused) as o
      union all
      select p.key, least(greatest(p.value::integer, 0), 1000) from jsonb_each_text(coalesce(p_refused, '{}')) as p
      where p.key ~ '^[a-z][a-z0-9_]{2,60}$' and p.value ~ '^[0-9]{1,6}$'
      union all
      select c.code, 1 from unnest(v_codes) as c (code)
    ) as r
    where r.times > 0
    group by r.code
  ) as r;
  update study.material_processing_jobs as j
  set result = jsonb_build_object(
      'written', v_written, 'refused', v_refused, 'position', greatest((j.result ->> 'position')::integer, p_position)
    ),
    progress = greatest(j.progress, 95 * v_written / v_count), updated_at = now()
  where j.id = v_job.id;
  return jsonb_build_object('proceed', v_written < v_count, 'written', v_written, 'refused', to_jsonb(v_codes));
end;
$$;
comment on function private.study_put_questions(uuid, bigint, jsonb, integer, text, text, jsonb) is 'See study.put_questions.';

revoke execute on function
  private.study_write_generated(study.material_processing_jobs, jsonb, text, text),
  private.study_put_questions(uuid, bigint, jsonb, integer, text, text, jsonb)
  from public, anon, authenticated;
grant execute on function private.study_put_questions(uuid, bigint, jsonb, integer, text, text, jsonb) to service_role;
