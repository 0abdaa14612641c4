-- What the worker of learning.generate calls: begin, passages, progress, finish (0652), fail. Each call is one transaction
-- under the job's lease. A worker may die between any two: the next one begins again, and only one curriculum is ever made.

create function private.learning_check_lease(p_request_id uuid, p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  perform ops.assert_lease(p_job_id, p_lease_token);
  if not exists (
    select from ops.queue_items as j
    where j.id = p_job_id and j.resource_id = p_request_id and j.job_type = 'learning.generate'
  ) then
    perform private.raise_lease_lost(p_job_id); -- a lease on one request opens no other
  end if;
end;
$$;
comment on function private.learning_check_lease(uuid, uuid, bigint) is
  'Raises lease_lost (409) unless the worker still holds the job and the job is about this request.';

create function private.learning_end_generation(p_request_id uuid, p_error_code text, p_error_message text)
returns boolean
language plpgsql
volatile
security definer -- writes requests
set search_path = ''
as $$
declare
  v_request learning.generation_requests;
begin
  update learning.generation_requests as r
  set status = 'failed', error_code = p_error_code, error_message = left(p_error_message, 500), finished_at = clock_timestamp()
  where r.id = p_request_id and r.status in ('queued', 'running')
  returning * into v_request;
  if not found then
    return false;
  end if;
  perform private.learning_tell_progress(v_request);
  perform private.notify(
    v_request.user_id, 'curriculum_failed', 'warning', 'Your curriculum could not be made', v_request.request ->> 'subject',
    jsonb_build_object('request_id', v_request.id, 'error_code', p_error_code), '/learning', null
  );
  return true;
end;
$$;
comment on function private.learning_end_generation(uuid, text, text) is
  'Ends an unfinished request without a curriculum, and tells its owner. False when it was finished.';

create function private.learning_begin_generation(p_request_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the request
set search_path = ''
as $$
declare
  v_request learning.generation_requests;
begin
  select r.* into v_request from learning.generation_requests as r where r.id = p_request_id for no key update;
  perform private.learning_check_lease(p_request_id, p_job_id, p_lease_token);
  if v_request.id is null or v_request.finished_at is not null then
    return jsonb_build_object('proceed', false, 'status', v_request.status);
  end if;
  if not exists (select from core.profiles as p where p.id = v_request.user_id and p.is_active) then
    perform private.learning_end_generation(p_request_id, 'account_inactive', 'The account is suspended.');
    return jsonb_build_object('proceed', false, 'status', 'failed');
  end if;
  update learning.generation_requests as r set status = 'running', progress = 5
  where r.id = p_request_id returning * into v_request;
  perform private.learning_tell_progress(v_request);
  return jsonb_build_object('proceed', true, 'request', v_request.request - 'topic_id' || jsonb_build_object(
    'topic', (select t.name from core.topics as t where t.id = (v_request.request ->> 'topic_id')::uuid)
  ));
end;
$$;
comment on function private.learning_begin_generation(uuid, uuid, bigint) is 'See learning.begin_generation.';

create function private.learning_may_read(p_document core.search_documents, p_user_id uuid)
returns boolean
language sql
stable
security definer -- answers for the learner who is named
set search_path = ''
as $$
  select p_document.is_retrievable and private.setting('learning.generation_kinds') ? p_document.kind
    and (p_document.visibility in ('public', 'authenticated') or p_document.owner_id = p_user_id
      or p_document.visibility = 'restricted' and p_user_id = any (p_document.audience))
    and (p_document.owner_id is null or not private.is_blocked_between(p_document.owner_id, p_user_id))
    and (p_document.thread_owner_id is null or not private.is_blocked_between(p_document.thread_owner_id, p_user_id));
$$;
comment on function private.learning_may_read(core.search_documents, uuid) is
  'Whether a curriculum of this person may be made from a passage: of a kind in learning.generation_kinds, and he may read it.';

create function private.learning_generation_passages(p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_limit integer)
returns table (id uuid, entity_id uuid, chunk_no integer, title text, body text, locator jsonb, is_of_topic boolean)
language plpgsql
volatile
security definer -- reads the closed index for the learner who asked
set search_path = ''
as $$
declare
  v_request learning.generation_requests;
  v_topic_id uuid;
  v_topics uuid[];
  v_query text;
  v_kinds text[] := array(select jsonb_array_elements_text(private.setting('learning.generation_kinds')));
  v_limit integer := least(greatest(coalesce(p_limit, 40), 1), 120);
begin
  perform private.learning_check_lease(p_request_id, p_job_id, p_lease_token);
  select r.* into v_request from learning.generation_requests as r where r.id = p_request_id;
  v_topic_id := (v_request.request ->> 'topic_id')::uuid;
  v_topics := case when v_topic_id is not null then private.topic_subtree(v_topic_id) end;
  v_query := concat_ws(
    E'\n', v_request.request ->> 'subject', (select t.name from core.topics as t where t.id = v_topic_id),
    v_request.request ->> 'goals'
  );
  -- What is filed under the topic that the learner named goes before what merely shares words.
  return query
    with found as (
      select p.id, 1 as round, row_number() over () as place
      from private.retrieve_passages(v_query, v_kinds, v_topic_id, v_limit, v_request.user_id) as p
      where v_topic_id is not null
      union all
      -- What is filed there and shares no word is about it all the same; in the order of its document.
      (
        select d.id, 2, row_number() over (order by d.entity_id, d.chunk_no, d.id)
        from core.search_documents as d
        where v_topics is not null and (d.topic_id = any (v_topics) or d.topic_ids && v_topics)
          and private.learning_may_read(d, v_request.user_id)
        order by d.entity_id, d.chunk_no, d.id limit v_limit
      )
      union all
      select p.id, 3, row_number() over ()
      from private.retrieve_passages(v_query, v_kinds, null, v_limit, v_request.user_id) as p
    ),
    best as (
      select distinct on (f.id) f.id, f.round, f.place from found as f order by f.id, f.round
    )
    select d.id, d.entity_id, d.chunk_no, d.title, left(d.body, 8000), d.locator, b.round < 3
    from best as b
    join core.search_documents as d on d.id = b.id
    order by b.round, b.place
    limit v_limit;
end;
$$;
comment on function private.learning_generation_passages(uuid, uuid, bigint, integer) is 'See learning.generation_passages.';

create function private.learning_report_generation(p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_progress integer)
returns boolean
language plpgsql
volatile
security definer -- moves the request
set search_path = ''
as $$
declare
  v_request learning.generation_requests;
begin
  select r.* into v_request from learning.generation_requests as r where r.id = p_request_id for no key update;
  perform private.learning_check_lease(p_request_id, p_job_id, p_lease_token);
  if v_request.status is distinct from 'running' then
    return false;
  end if;
  update learning.generation_requests as r set progress = least(greatest(coalesce(p_progress, 0), r.progress), 99)
  where r.id = p_request_id and r.progress < p_progress
  returning * into v_request;
  if found then
    perform private.learning_tell_progress(v_request);
  end if;
  return true;
end;
$$;
comment on function private.learning_report_generation(uuid, uuid, bigint, integer) is 'See learning.report_generation.';

create function private.learning_fail_generation(
  p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_error_code text, p_error_message text
)
returns boolean
language plpgsql
volatile
security definer -- moves the request
set search_path = ''
as $$
begin
  perform from learning.generation_requests as r where r.id = p_request_id for no key update;
  perform private.learning_check_lease(p_request_id, p_job_id, p_lease_token);
  return private.learning_end_generation(
    p_request_id, case when p_error_code ~ '^[a-z][a-z_]{1,49}$' then p_error_code else 'generation_failed' end, p_error_message
  );
end;
$$;
comment on function private.learning_fail_generation(uuid, uuid, bigint, text, text) is 'See learning.fail_generation.';

-- A job that died, was cancelled, or whose worker died at its last attempt: whoever waits is told within a minute.
create function private.learning_rescue_generations()
returns integer
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select r.id from learning.generation_requests as r
    where r.status in ('queued', 'running')
      and not exists (
        select from ops.queue_items as j where j.resource_id = r.id and j.job_type = 'learning.generate'
      )
    order by r.created_at
    limit 100 for no key update of r skip locked
  loop
    v_count := v_count + private.learning_end_generation(v_id, 'generation_failed', 'It could not be made.')::integer;
  end loop;
  return v_count;
end;
$$;
comment on function private.learning_rescue_generations() is
  'Ends requests whose job is no longer in the queue; returns how many. A scheduled task.';
create index generation_requests_waiting_idx on learning.generation_requests (created_at) where status in ('queued', 'running');

insert into ops.scheduled_tasks (name, command, every, description) values
  ('learning_rescue_generations', 'private.learning_rescue_generations', interval '1 minute', 'Ends requests for curricula whose job is gone.');
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('learning_generation_requests', 'learning', 'generation_requests', 'finished_at', interval '90 days', 'delete',
    'Requests for curricula that are over; the curricula stay.');
create index generation_requests_finished_at_idx on learning.generation_requests (finished_at);

revoke execute on function
  private.learning_check_lease(uuid, uuid, bigint), private.learning_end_generation(uuid, text, text),
  private.learning_begin_generation(uuid, uuid, bigint), private.learning_may_read(core.search_documents, uuid),
  private.learning_generation_passages(uuid, uuid, bigint, integer),
  private.learning_report_generation(uuid, uuid, bigint, integer),
  private.learning_fail_generation(uuid, uuid, bigint, text, text), private.learning_rescue_generations()
  from public, anon, authenticated;
