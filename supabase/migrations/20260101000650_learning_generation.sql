-- Curricula made by the AI provider: asked for here, planned by a worker (0651), from material that the learner may read.
--
--   owner:     asks, sees his requests, cancels; once for each idempotency key
--   worker:    under the lease of the job; the database decides whose material is read and what a plan may hold
--   suspended: sees his requests
-- The learner's row comes first, then the request, then its job: everybody takes them in this order.

insert into core.settings (key, value, description) values
  ('learning.max_generated_sessions', '40', 'How many sessions a curriculum may be asked to have.'),
  ('learning.max_generations', '3', 'How many curricula one person may have in the making at once.'),
  ('learning.generation_kinds', '["passage", "qa_answer"]',
    'Kinds of search documents that curricula are made from; module study indexes passages, qa delivered answers whose askers consented.');

insert into ops.job_types (job_type, max_attempts, lease_seconds, description) values
  ('learning.generate', 3, 180, 'Plan a curriculum from the material that the learner may read. Payload: request_id.');

create trigger _900_touch_updated_at before update on learning.generation_requests
  for each row execute function private.tg__touch_updated_at();

create function private.tg_generation_requests__keep_end()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'generation_finished', detail = format('It is %s.', old.status), hint = 'Ask for another one, with a new key.';
end;
$$;
comment on function private.tg_generation_requests__keep_end() is 'Trigger: what is over stays as it ended; generation_finished (409).';
create trigger _200_keep_end before update of status on learning.generation_requests
  for each row when (old.finished_at is not null and old.status <> new.status)
  execute function private.tg_generation_requests__keep_end();

create function private.learning_tell_progress(p_request learning.generation_requests)
returns void
language sql
volatile
security definer -- sends on user:<id>
set search_path = ''
as $$
  select private.broadcast_to_user(p_request.user_id, 'curriculum_progress', jsonb_build_object(
    'request_id', p_request.id, 'status', p_request.status, 'progress', p_request.progress,
    'curriculum_id', p_request.curriculum_id, 'error_code', p_request.error_code
  ));
$$;
comment on function private.learning_tell_progress(learning.generation_requests) is
  'Event curriculum_progress on user:<id>: {request_id, status, progress, curriculum_id, error_code}.';

create function private.learning_generate(p_request jsonb, p_topic text, p_idempotency_key text)
returns learning.generation_requests
language plpgsql
volatile
security definer -- writes requests and the queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_hash text := md5(jsonb_build_array(p_request, p_topic)::text);
  v_max integer := least(private.setting_number('learning.max_generated_sessions'), private.setting_number('learning.max_sessions'), 200);
  v_request learning.generation_requests;
  v_topic_id uuid;
begin
  if p_idempotency_key is null or length(p_idempotency_key) not between 8 and 200 then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_required',
      detail = 'p_idempotency_key needs 8 to 200 characters.',
      hint = 'Send crypto.randomUUID(), and the same one again when you retry.';
  end if;
  -- A retry waits here for the first try, and then finds its request.
  perform from core.profiles as p where p.id = v_user_id for no key update;
  select r.* into v_request from learning.generation_requests as r
  where r.user_id = v_user_id and r.idempotency_key = p_idempotency_key;
  if found then
    if v_request.request_hash <> v_hash then
      raise sqlstate 'PT422' using
        message = 'idempotency_key_reused',
        detail = 'This key was used for another curriculum.',
        hint = 'Use a new key for a new curriculum.';
    end if;
    return v_request;
  end if;

  p_request := p_request || jsonb_build_object(
    'subject', private.clean_text(p_request ->> 'subject', 'subject', 1, 255),
    'goals', private.clean_text(coalesce(p_request ->> 'goals', ''), 'goals', 0, 2000),
    'background', private.clean_text(coalesce(p_request ->> 'background', ''), 'background', 0, 2000)
  );
  if coalesce(p_request ->> 'skill_level', '') not in ('beginner', 'intermediate', 'advanced')
    or coalesce(p_request ->> 'language', '') !~ '^[a-z]{2,3}$'
    or coalesce((p_request ->> 'session_duration')::integer, 0) not between 5 and 480
    or coalesce((p_request ->> 'total_sessions')::integer, 0) not between 1 and v_max
  then
    raise sqlstate 'PT422' using
      message = 'curriculum_invalid',
      detail = format('skill_level is beginner, intermediate or advanced; language two or three small letters; session_duration 5 to 480 minutes; total_sessions 1 to %s.', v_max),
      hint = 'Correct it.';
  end if;
  if p_topic is not null then
    v_topic_id := private.topic_by_slug(p_topic);
    if v_topic_id is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic',
        detail = format('There is no topic %s.', quote_literal(left(p_topic, 80))),
        hint = 'Take a slug from core.topics, or leave it out.';
    end if;
  end if;
  if (select count(*) from learning.curricula as c where c.user_id = v_user_id) >= private.setting_number('learning.max_curricula') then
    raise sqlstate 'PT409' using
      message = 'curriculum_limit_reached',
      detail = format('A person has %s curricula at most.', private.setting_number('learning.max_curricula')),
      hint = 'Delete one that is not needed.';
  end if;
  if (
    select count(*) from learning.generation_requests as r where r.user_id = v_user_id and r.status in ('queued', 'running')
  ) >= private.setting_number('learning.max_generations') then
    raise sqlstate 'PT409' using
      message = 'generation_limit_reached',
      detail = format('A person has %s curricula in the making at most.', private.setting_number('learning.max_generations')),
      hint = 'Wait for one, or cancel it: learning.cancel_generation.';
  end if;
  perform private.limit_action('learning.limits', 'generate', v_user_id::text);

  insert into learning.generation_requests (user_id, request, request_hash, idempotency_key)
  values (v_user_id, p_request || jsonb_build_object('topic_id', v_topic_id), v_hash, p_idempotency_key)
  returning * into v_request;
  if ops.enqueue_job(
    p_job_type => 'learning.generate',
    p_payload => jsonb_build_object('request_id', v_request.id),
    p_resource_id => v_request.id,
    p_dedupe_key => v_request.id::text
  ) is null then
    raise sqlstate 'PT409' using
      message = 'job_type_disabled', detail = 'No curricula are made at present.', hint = 'Make one yourself: learning.create_curriculum.';
  end if;
  return v_request;
end;
$$;
comment on function private.learning_generate(jsonb, text, text) is 'See learning.generate_curriculum.';

create function learning.generate_curriculum(
  p_subject text, p_total_sessions integer, p_session_duration integer, p_skill_level text default 'beginner',
  p_goals text default '', p_background text default '', p_topic text default null, p_language text default 'en',
  p_idempotency_key text default null
)
returns learning.generation_requests
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.learning_generate(jsonb_build_object(
    'subject', p_subject, 'total_sessions', p_total_sessions, 'session_duration', p_session_duration,
    'skill_level', p_skill_level, 'goals', p_goals, 'background', p_background, 'language', p_language
  ), p_topic, p_idempotency_key);
$$;
comment on function learning.generate_curriculum(text, integer, integer, text, text, text, text, text, text) is
  'Asks for a curriculum of so many sessions of so many minutes, made from the study material that you may read. Returns the request: its progress comes as curriculum_progress on user:<id>, its curriculum_id when it is completed. The same key again returns the same request. Errors: idempotency_key_required, idempotency_key_reused, curriculum_invalid, unknown_topic, text_required, text_too_long, markup_not_allowed (422), curriculum_limit_reached, generation_limit_reached, job_type_disabled (409), rate_limited (429).';

create function private.learning_cancel_generation(p_request_id uuid)
returns learning.generation_requests
language plpgsql
volatile
security definer -- writes requests and the queue for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_request learning.generation_requests;
begin
  perform from core.profiles as p where p.id = v_user_id for no key update;
  select r.* into v_request from learning.generation_requests as r
  where r.id = p_request_id and r.user_id = v_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'generation_not_found', detail = 'You asked for no such curriculum.', hint = 'List them: generation_requests.';
  end if;
  if v_request.status = 'cancelled' then
    return v_request;
  end if;
  update learning.generation_requests as r set status = 'cancelled', finished_at = clock_timestamp()
  where r.id = p_request_id returning * into v_request;
  -- Whoever works on it has lost the lease.
  perform ops.cancel_jobs_for(p_request_id);
  perform private.learning_tell_progress(v_request);
  return v_request;
end;
$$;
comment on function private.learning_cancel_generation(uuid) is 'See learning.cancel_generation.';

create function learning.cancel_generation(p_request_id uuid)
returns learning.generation_requests
language sql
volatile
security invoker
set search_path = ''
as $$ select private.learning_cancel_generation(p_request_id); $$;
comment on function learning.cancel_generation(uuid) is
  'Stops a curriculum that is in the making; again: the same. Errors: generation_not_found (404), generation_finished (409).';

revoke execute on function
  private.tg_generation_requests__keep_end(), private.learning_tell_progress(learning.generation_requests),
  private.learning_generate(jsonb, text, text), private.learning_cancel_generation(uuid),
  learning.generate_curriculum(text, integer, integer, text, text, text, text, text, text), learning.cancel_generation(uuid)
  from public, anon, authenticated;
grant execute on function
  private.learning_generate(jsonb, text, text), private.learning_cancel_generation(uuid),
  learning.generate_curriculum(text, integer, integer, text, text, text, text, text, text), learning.cancel_generation(uuid)
  to authenticated;
