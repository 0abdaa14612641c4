-- The end of a generation: a plan becomes a curriculum with its sessions, prerequisites and resources, or nothing of it does.
-- And the worker's calls as RPCs of the service role.
--
-- A plan is {title, sessions: [{title, objectives, materials, notes, duration, requires, passages: [{document_id, quote}]}]}.
-- What a passage is called and where it stands says the index; one that the learner may not read is dropped, and so is a
-- quote that does not stand in it.

create function private.learning_shown(p_text text, p_max integer)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when private.contains_markup(s.text) then 'Study material' else s.text end
  from (
    select coalesce(nullif(left(replace(private.plain_text(p_text), '<', '‹'), p_max), ''), 'Study material') as text
  ) as s;
$$;
comment on function private.learning_shown(text, integer) is 'The title of material as a title of ours: without markup, cut, never empty.';

create function private.learning_plan_resources(p_passages jsonb, p_user_id uuid)
returns jsonb
language sql
stable
security definer -- reads the closed index for the learner who asked
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'title', private.learning_shown(d.title, 255), 'document_id', d.id,
    'quote', case
      when length(p.quote) <= 2000 and not private.contains_markup(p.quote)
        and position(regexp_replace(p.quote, '\s+', ' ', 'g') in regexp_replace(d.body, '\s+', ' ', 'g')) > 0
      then p.quote else ''
    end,
    'locator', case when octet_length(d.locator::text) <= 2000 and not private.contains_markup(d.locator::text) then d.locator else '{}' end
  ) order by p.no), '[]')
  from (
    select distinct on (e.value ->> 'document_id') e.value ->> 'document_id' as document_id,
      btrim(coalesce(e.value ->> 'quote', '')) as quote, e.no
    from jsonb_array_elements(case when jsonb_typeof(p_passages) = 'array' then p_passages else '[]' end)
      with ordinality as e (value, no)
    where e.no <= 10 and e.value ->> 'document_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    order by e.value ->> 'document_id', e.no
  ) as p
  join core.search_documents as d on d.id = p.document_id::uuid
  where private.learning_may_read(d, p_user_id);
$$;
comment on function private.learning_plan_resources(jsonb, uuid) is
  'Passages that a plan names ({document_id, quote}), as resources of a session; what the learner may not read is left out.';

create function private.learning_finish_generation(
  p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_plan jsonb, p_provider text, p_model text
)
returns jsonb
language plpgsql
volatile
security definer -- makes a curriculum for the learner who asked for it
set search_path = ''
as $$
declare
  v_user_id uuid := (select r.user_id from learning.generation_requests as r where r.id = p_request_id);
  v_request learning.generation_requests;
  v_curriculum learning.curricula;
  v_topic_id uuid;
  v_code text;
  v_detail text;
begin
  perform from core.profiles as p where p.id = v_user_id for no key update;
  select r.* into v_request from learning.generation_requests as r where r.id = p_request_id for no key update;
  perform private.learning_check_lease(p_request_id, p_job_id, p_lease_token);
  if v_request.status is distinct from 'running' then
    return jsonb_build_object('recorded', false, 'status', v_request.status);
  end if;
  -- The topic may have been merged or switched off since.
  select case when o.is_active then o.id end into v_topic_id
  from core.topics as t join core.topics as o on o.id = coalesce(t.merged_into_id, t.id)
  where t.id = (v_request.request ->> 'topic_id')::uuid;
  begin
    if not exists (select from core.profiles as p where p.id = v_user_id and p.is_active) then
      raise sqlstate 'PT403' using message = 'account_inactive', detail = 'The account is suspended.', hint = 'Write to the moderators.';
    end if;
    if jsonb_typeof(p_plan -> 'sessions') is distinct from 'array'
      or jsonb_array_length(p_plan -> 'sessions') <> (v_request.request ->> 'total_sessions')::integer
      or exists (
        select from jsonb_array_elements(p_plan -> 'sessions') as s
        where (s.value ->> 'duration')::numeric > (v_request.request ->> 'session_duration')::numeric
      )
    then
      perform private.learning_session_invalid('The plan has another number of sessions than was asked for, or longer ones.');
    end if;
    v_curriculum := private.learning_insert(
      v_user_id, null, 'generated', null,
      v_request.request - array['topic_id', 'total_sessions']
        || jsonb_build_object('title', p_plan ->> 'title', 'topic_id', v_topic_id),
      (
        select jsonb_agg(s.value - 'passages' || jsonb_build_object(
          'resources', private.learning_plan_resources(s.value -> 'passages', v_user_id)
        ) order by s.no)
        from jsonb_array_elements(p_plan -> 'sessions') with ordinality as s (value, no)
      )
    );
  exception
    -- A plan that cannot be kept: nothing of it is, and its owner hears why.
    when sqlstate 'PT403' or sqlstate 'PT409' or sqlstate 'PT422' or data_exception then
      get stacked diagnostics v_code = message_text, v_detail = pg_exception_detail;
      if v_code not in ('account_inactive', 'curriculum_limit_reached', 'curriculum_full') then
        v_code := 'plan_unusable';
      end if;
      perform private.learning_end_generation(p_request_id, v_code, v_detail);
      return jsonb_build_object('recorded', false, 'status', 'failed', 'error_code', v_code);
  end;
  update learning.generation_requests as r
  set status = 'completed', progress = 100, curriculum_id = v_curriculum.id, provider = left(p_provider, 100),
    model = left(p_model, 200), finished_at = clock_timestamp()
  where r.id = p_request_id
  returning * into v_request;
  perform private.learning_tell_progress(v_request);
  perform private.notify(
    v_user_id, 'curriculum_ready', 'success', 'Your curriculum is ready', v_curriculum.title,
    jsonb_build_object('curriculum_id', v_curriculum.id, 'request_id', p_request_id), '/learning/' || v_curriculum.id, null
  );
  return jsonb_build_object('recorded', true, 'status', 'completed', 'curriculum_id', v_curriculum.id);
end;
$$;
comment on function private.learning_finish_generation(uuid, uuid, bigint, jsonb, text, text) is 'See learning.finish_generation.';

create function learning.begin_generation(p_request_id uuid, p_job_id uuid, p_lease_token bigint)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.learning_begin_generation(p_request_id, p_job_id, p_lease_token); $$;
comment on function learning.begin_generation(uuid, uuid, bigint) is
  'Worker: takes a request up, again if need be. {proceed, request: {subject, topic, goals, background, skill_level, language, total_sessions, session_duration}}; proceed is false when there is nothing to do. Errors: lease_lost (409).';

create function learning.generation_passages(p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_limit integer default 40)
returns table (id uuid, entity_id uuid, chunk_no integer, title text, body text, locator jsonb, is_of_topic boolean)
language sql volatile security invoker set search_path = ''
as $$ select * from private.learning_generation_passages(p_request_id, p_job_id, p_lease_token, p_limit); $$;
comment on function learning.generation_passages(uuid, uuid, bigint, integer) is
  'Worker: passages about the subject, best first, among what the learner who asked may read; first those filed under the topic that he named (is_of_topic). Errors: lease_lost (409).';

create function learning.report_generation(p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_progress integer)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.learning_report_generation(p_request_id, p_job_id, p_lease_token, p_progress); $$;
comment on function learning.report_generation(uuid, uuid, bigint, integer) is
  'Worker: how far it is, 0 to 99, sent as curriculum_progress; it never goes back. False: it is over, stop. Errors: lease_lost (409).';

create function learning.finish_generation(
  p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_plan jsonb, p_provider text, p_model text
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.learning_finish_generation(p_request_id, p_job_id, p_lease_token, p_plan, p_provider, p_model); $$;
comment on function learning.finish_generation(uuid, uuid, bigint, jsonb, text, text) is
  'Worker: makes the curriculum of a plan, in one go. {recorded, status, curriculum_id?, error_code?}; doing it twice does nothing. A plan that cannot be kept ends the request as failed. Errors: lease_lost (409).';

create function learning.fail_generation(
  p_request_id uuid, p_job_id uuid, p_lease_token bigint, p_error_code text, p_error_message text default null
)
returns boolean language sql volatile security invoker set search_path = ''
as $$ select private.learning_fail_generation(p_request_id, p_job_id, p_lease_token, p_error_code, p_error_message); $$;
comment on function learning.fail_generation(uuid, uuid, bigint, text, text) is
  'Worker: ends a request that cannot be met. False when it was finished. Errors: lease_lost (409).';

revoke execute on function
  private.learning_shown(text, integer), private.learning_plan_resources(jsonb, uuid) from public, anon, authenticated;
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc as p
    where p.pronamespace in ('learning'::regnamespace, 'private'::regnamespace)
      and p.proname ~ '^(learning_)?(begin_generation|generation_passages|report_generation|finish_generation|fail_generation)$'
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end;
$$;
