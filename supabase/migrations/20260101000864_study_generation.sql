-- Questions from a material: who asks for them. Its owner's are for its readers, once an educator has looked at them; another
-- reader's are for himself. Each is whole before it is written, rests on words of a passage, and waits for review.

insert into ops.job_types (job_type, queue, priority, max_attempts, lease_seconds, description) values
  ('study.generate_questions', 'default', 7, 4, 300, 'Make questions of the passages of a material, as far as the time of one run goes; then it enqueues itself again. Payload: generation_id.');
insert into core.settings (key, value, description) values
  ('study.max_generated', '50', 'Questions that one job makes of a material.')
on conflict (key) do nothing;

create unique index material_processing_jobs_idempotency_key
  on study.material_processing_jobs (user_id, (parameters ->> 'idempotency_key'))
  where job_type = 'generate_questions' and parameters ? 'idempotency_key';

create function private.study_enqueue_generation(p_generation_id uuid, p_after uuid)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_item_id uuid := ops.enqueue_job(
    'study.generate_questions', jsonb_build_object('generation_id', p_generation_id), p_generation_id,
    -- Under another key than the run before it, which ends when its worker says so.
    concat_ws(':', 'study.generate_questions', p_generation_id, p_after)
  );
begin
  update study.material_processing_jobs as j set queue_item_id = v_item_id, updated_at = now() where j.id = p_generation_id;
  return v_item_id;
end;
$$;
comment on function private.study_enqueue_generation(uuid, uuid) is 'Another run of a generation; p_after: the run that asks for it.';

create function private.study_generate_questions(
  p_material_id uuid, p_count integer, p_difficulty text, p_topic text, p_idempotency_key text, p_again boolean
)
returns study.material_processing_jobs
language plpgsql
volatile
security definer -- writes jobs and the queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_key text := nullif(btrim(p_idempotency_key), '');
  v_topic_id uuid := private.study_question_topic(p_topic);
  v_most integer := private.setting_number('study.max_generated');
  v_material study.materials;
  v_job study.material_processing_jobs;
begin
  if length(v_key) > 200 then
    raise sqlstate 'PT422' using message = 'idempotency_key_invalid', detail = 'A key has up to 200 characters.', hint = 'Send a new UUID.';
  end if;
  if not private.study_may_read_material(p_material_id, v_user_id) then
    raise sqlstate 'PT404' using
      message = 'material_not_found', detail = 'There is no material with this id that you may read.', hint = 'Check the id.';
  end if;
  -- One after the other: two requests at the same moment are told apart.
  select * into v_material from study.materials as m where m.id = p_material_id for no key update;
  if v_key is not null then
    select * into v_job from study.material_processing_jobs as j
    where j.user_id = v_user_id and j.job_type = 'generate_questions' and j.parameters ->> 'idempotency_key' = v_key;
    if found then
      return v_job; -- again, and nothing happens twice
    end if;
  end if;
  if p_count is null or p_count not between 1 and v_most then
    raise sqlstate 'PT422' using
      message = 'count_invalid', detail = format('One asks for 1 to %s questions.', v_most), hint = 'Ask again for more.';
  end if;
  if coalesce(p_difficulty, '') not in ('easy', 'medium', 'hard', 'nbme') then
    raise sqlstate 'PT422' using
      message = 'difficulty_invalid', detail = 'A question is easy, medium, hard or nbme.', hint = 'Send one of them.';
  end if;
  if v_material.ready_revision is null then
    raise sqlstate 'PT409' using
      message = 'material_not_ready', detail = 'The material is not taken in yet.', hint = 'Wait until its processing_status is completed.';
  end if;
  if exists (
    select from study.material_processing_jobs as j
    where j.material_id = p_material_id and j.user_id = v_user_id and j.job_type = 'generate_questions' and j.status in ('pending', 'running')
  ) then
    raise sqlstate 'PT409' using
      message = 'generation_in_progress', detail = 'Questions of this material are being made for you.',
      hint = 'Wait, or cancel it: study.cancel_generation.';
  end if;
  perform private.limit_action('study.limits', 'generate', v_user_id::text);
  insert into study.material_processing_jobs (material_id, user_id, job_type, revision, parameters, result)
  values (
    p_material_id, v_user_id, 'generate_questions', v_material.ready_revision,
    jsonb_strip_nulls(jsonb_build_object(
      'count', p_count, 'difficulty', p_difficulty, 'topic_id', v_topic_id, 'again', coalesce(p_again, false),
      'idempotency_key', v_key, 'visibility', case when v_material.user_id = v_user_id then 'material' else 'private' end
    )),
    jsonb_build_object('written', 0, 'refused', '{}'::jsonb, 'position', 0)
  )
  returning * into v_job;
  perform private.study_enqueue_generation(v_job.id, null);
  select * into v_job from study.material_processing_jobs as j where j.id = v_job.id;
  return v_job;
end;
$$;
comment on function private.study_generate_questions(uuid, integer, text, text, text, boolean) is 'See study.generate_questions.';

create function private.study_end_generation(p_generation_id uuid, p_status text, p_error_code text, p_error_message text)
returns study.material_processing_jobs
language plpgsql
volatile
security definer -- jobs are written by functions only
set search_path = ''
as $$
declare
  v_job study.material_processing_jobs;
begin
  update study.material_processing_jobs as j
  set status = p_status, completed_at = now(), updated_at = now(), error_code = p_error_code, error_message = left(p_error_message, 1000),
    progress = case p_status when 'completed' then 100 else j.progress end
  where j.id = p_generation_id and j.status in ('pending', 'running')
  returning * into v_job;
  if found and p_status <> 'cancelled' then
    perform private.notify(
      v_job.user_id, 'questions_generated', case p_status when 'completed' then 'success' else 'warning' end,
      format('%s questions were made of a material', v_job.result ->> 'written'),
      -- The title of another's material would outlast it.
      coalesce((select format('Of "%s".', left(m.title, 100)) from study.materials as m where m.id = v_job.material_id and m.user_id = v_job.user_id), ''),
      jsonb_build_object('material_id', v_job.material_id, 'generation_id', v_job.id, 'written', v_job.result -> 'written', 'error', p_error_code),
      '/materials/' || v_job.material_id, 'questions_generated:' || v_job.id
    );
  end if;
  return v_job;
end;
$$;
comment on function private.study_end_generation(uuid, text, text, text) is
  'Ends a generation that is under way: completed, failed with a code, or cancelled. What was written stays: each question is whole.';

create function private.study_cancel_generation(p_generation_id uuid)
returns study.material_processing_jobs
language plpgsql
volatile
security definer -- ends a job of the caller
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_job study.material_processing_jobs;
begin
  select * into v_job from study.material_processing_jobs as j
  where j.id = p_generation_id and j.user_id = v_user_id and j.job_type = 'generate_questions';
  if not found then
    raise sqlstate 'PT404' using
      message = 'generation_not_found', detail = 'You asked for no questions under this id.', hint = 'List yours: material_processing_jobs.';
  end if;
  -- As workers do: the material, then its job, then the queue.
  perform from study.materials as m where m.id = v_job.material_id for no key update;
  perform private.study_end_generation(p_generation_id, 'cancelled', null, null);
  perform ops.cancel_jobs_for(p_generation_id);
  select * into v_job from study.material_processing_jobs as j where j.id = p_generation_id;
  return v_job;
end;
$$;
comment on function private.study_cancel_generation(uuid) is 'See study.cancel_generation.';

-- Who asked sees how far it is, as it goes on. How many, and not what they say.
create function private.tg_material_processing_jobs__tell()
returns trigger
language plpgsql
security definer -- broadcasts to whoever asked
set search_path = ''
as $$
begin
  perform private.broadcast_to_user(new.user_id, 'question_progress', jsonb_build_object(
    'generation_id', new.id, 'material_id', new.material_id, 'status', new.status, 'progress', new.progress,
    'written', new.result -> 'written', 'error', new.error_code
  ));
  return null;
end;
$$;
create trigger _500_tell after update of status, progress, result on study.material_processing_jobs
  for each row when (
    new.job_type = 'generate_questions'
    and (old.status, old.progress, old.result) is distinct from (new.status, new.progress, new.result)
  )
  execute function private.tg_material_processing_jobs__tell();

revoke execute on function
  private.study_enqueue_generation(uuid, uuid), private.study_generate_questions(uuid, integer, text, text, text, boolean),
  private.study_end_generation(uuid, text, text, text), private.study_cancel_generation(uuid),
  private.tg_material_processing_jobs__tell()
  from public, anon, authenticated;
grant execute on function
  private.study_generate_questions(uuid, integer, text, text, text, boolean), private.study_cancel_generation(uuid)
  to authenticated;
