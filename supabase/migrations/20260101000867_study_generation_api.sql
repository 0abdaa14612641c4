-- Questions from a material, as clients and workers call it.

create function study.generate_questions(
  p_material_id uuid, p_count integer default 10, p_difficulty text default 'medium', p_topic text default null,
  p_idempotency_key text default null, p_again boolean default false
)
returns study.material_processing_jobs
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_generate_questions(p_material_id, p_count, p_difficulty, p_topic, p_idempotency_key, p_again); $$;
comment on function study.generate_questions(uuid, integer, text, text, text, boolean) is
  'Makes questions of a material that you may read: of your own for its readers, once an educator published them; of another''s for yourself. A job does it; its row says how far it is, and so does the event question_progress. p_again: also of passages that have questions. The same p_idempotency_key: the same job. Errors: material_not_found (404), count_invalid, difficulty_invalid, unknown_topic, idempotency_key_invalid (422), material_not_ready, generation_in_progress (409), rate_limited (429).';

create function study.cancel_generation(p_generation_id uuid)
returns study.material_processing_jobs
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_cancel_generation(p_generation_id); $$;
comment on function study.cancel_generation(uuid) is
  'Stops making questions; those that are there stay. One that has ended: nothing happens. generation_not_found (404).';

create function study.begin_generation(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_begin_generation(p_job_id, p_lease_token); $$;
comment on function study.begin_generation(uuid, bigint) is
  'Workers: what is asked for and how far it is: {proceed, generation_id, material_id, title, language, count, difficulty, again, written, position, refused}. proceed false: it has ended. lease_lost (409).';

create function study.generation_passages(p_job_id uuid, p_lease_token bigint, p_after integer default -1, p_limit integer default 200)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_generation_passages(p_job_id, p_lease_token, p_after, p_limit); $$;
comment on function study.generation_passages(uuid, bigint, integer, integer) is
  'Workers: passages of the material behind a chunk_no, in order: [{chunk_id, chunk_no, content, heading_path, has_questions}]. lease_lost (409).';

create function study.put_questions(
  p_job_id uuid, p_lease_token bigint, p_questions jsonb, p_position integer default 0, p_provider text default null,
  p_model text default null, p_refused jsonb default '{}'
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_questions(p_job_id, p_lease_token, p_questions, p_position, p_provider, p_model, p_refused); $$;
comment on function study.put_questions(uuid, bigint, jsonb, integer, text, text, jsonb) is
  'Workers: questions [{chunk_id, quote, difficulty, content: {vignette, options, explanation}}], each written whole or refused by itself; p_position: passages that were tried, p_refused: what the worker refused itself, {code: times}. Returns {proceed, written, refused: [code]}; proceed false: there are enough, or it has ended. lease_lost (409).';

create function study.finish_generation(
  p_job_id uuid, p_lease_token bigint, p_error_code text default null, p_error_message text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_finish_generation(p_job_id, p_lease_token, p_error_code, p_error_message); $$;
comment on function study.finish_generation(uuid, bigint, text, text) is
  'Workers: it has ended, with a code when it failed; without any question it failed as generation_nothing_found. What was written stays. lease_lost (409).';

create function study.continue_generation(p_job_id uuid, p_lease_token bigint)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_continue_generation(p_job_id, p_lease_token); $$;
comment on function study.continue_generation(uuid, bigint) is
  'Workers: the time of this run is over; another goes on, behind whatever else waits. Complete the job after it. lease_lost (409).';

revoke execute on function
  study.generate_questions(uuid, integer, text, text, text, boolean), study.cancel_generation(uuid),
  study.begin_generation(uuid, bigint), study.generation_passages(uuid, bigint, integer, integer),
  study.put_questions(uuid, bigint, jsonb, integer, text, text, jsonb), study.finish_generation(uuid, bigint, text, text),
  study.continue_generation(uuid, bigint)
  from public, anon, authenticated;
grant execute on function study.generate_questions(uuid, integer, text, text, text, boolean), study.cancel_generation(uuid)
  to authenticated;
grant execute on function
  study.begin_generation(uuid, bigint), study.generation_passages(uuid, bigint, integer, integer),
  study.put_questions(uuid, bigint, jsonb, integer, text, text, jsonb), study.finish_generation(uuid, bigint, text, text),
  study.continue_generation(uuid, bigint)
  to service_role;
