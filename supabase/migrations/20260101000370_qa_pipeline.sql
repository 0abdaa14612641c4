-- The stages that workers run: generate → humanize → originality → assign → … → deliver.
--
-- Every stage is one transaction that checks the worker's lease, moves the question and enqueues the next stage.
-- A stage that has been done already does nothing, so a worker may die between any two statements: the next one
-- repeats the job without harm. Wrappers in schema qa are for the service role alone.

create function private.qa_check_lease(p_question_id uuid, p_job_id uuid, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- reads the queue
set search_path = ''
as $$
begin
  -- Without a job only the database's owner may drive a stage (seeds, repairs in Studio).
  if p_job_id is null and (select auth.role()) is null then
    return;
  end if;
  -- The question first, as every other path locks: whoever cancels it holds it and then reaches for its jobs.
  perform from qa.questions q where q.id = p_question_id for update;
  perform ops.assert_lease(p_job_id, p_lease_token);
  if not exists (select from ops.queue_items j where j.id = p_job_id and j.resource_id = p_question_id) then
    perform private.raise_lease_lost(p_job_id); -- a lease on one question opens no other
  end if;
end;
$$;
comment on function private.qa_check_lease(uuid, uuid, bigint) is
  'Raises lease_lost (409) unless the worker still holds the job and the job is about this question; keeps it from being taken until the transaction ends.';

create function private.qa_enqueue_stage(p_job_type text, p_question_id uuid)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_priority smallint;
  v_key text;
begin
  -- The reviews count, too: when one was declined while the job that assigned it still runs, this is another job.
  select s.job_priority, format(
    '%s:%s:%s:%s:%s', p_job_type, q.id, q.revision_count, extract(epoch from q.waiting_since),
    (select count(*) from qa.expert_reviews r where r.question_id = q.id)
  )
  into v_priority, v_key
  from qa.questions q join qa.sla_policies s on s.priority = q.priority
  where q.id = p_question_id;
  return ops.enqueue_job(
    p_job_type => p_job_type,
    p_payload => jsonb_build_object('question_id', p_question_id),
    p_resource_id => p_question_id,
    p_dedupe_key => v_key,
    p_priority => v_priority
  );
end;
$$;
comment on function private.qa_enqueue_stage(text, uuid) is 'Enqueues a stage of the question at the priority of its service level, once.';

create function private.qa_add_version(
  p_answer_id uuid, p_stage text, p_content text, p_citations jsonb, p_expert_id uuid,
  p_provider text, p_model text, p_confidence numeric, p_provenance jsonb
)
returns uuid
language plpgsql
volatile
security definer -- the one way into answer_versions
set search_path = ''
as $$
declare
  v_version_id uuid;
  v_highest_marker integer;
  v_missing text;
begin
  select max(m[1]::integer) into v_highest_marker
  from regexp_matches(p_content, '\[([0-9]{1,2})\]', 'g') m;
  if v_highest_marker > jsonb_array_length(p_citations) then
    raise sqlstate 'PT422' using
      message = 'citation_unknown',
      detail = format('The text refers to [%s], but has %s citations.', v_highest_marker, jsonb_array_length(p_citations)),
      hint = 'Refer only to citations that are listed.';
  end if;

  -- A quote that its source does not hold is an invention.
  select c.value ->> 'quote' into v_missing
  from jsonb_array_elements(p_citations) c
  left join core.search_documents d on d.id = (c.value ->> 'document_id')::uuid
  where d.id is not null
    and position(regexp_replace(c.value ->> 'quote', '\s+', ' ', 'g') in regexp_replace(d.body, '\s+', ' ', 'g')) = 0
  limit 1;
  if v_missing is not null then
    raise sqlstate 'PT422' using
      message = 'citation_not_in_source',
      detail = format('The source does not say: %s', left(v_missing, 200)),
      hint = 'Quote word for word.';
  end if;

  insert into qa.answer_versions (
    answer_id, version_no, stage, content, expert_id, provider, model, confidence, provenance
  )
  values (
    p_answer_id,
    1 + coalesce((select max(v.version_no) from qa.answer_versions v where v.answer_id = p_answer_id), 0),
    p_stage, p_content, p_expert_id, p_provider, p_model, p_confidence, coalesce(p_provenance, '{}')
  )
  returning id into v_version_id;

  insert into qa.answer_citations (version_id, position, document_id, title, quote, locator)
  select v_version_id, c.ordinality, d.id, coalesce(c.value ->> 'title', d.title), c.value ->> 'quote',
    coalesce(c.value -> 'locator', d.locator, '{}')
  from jsonb_array_elements(p_citations) with ordinality as c (value, ordinality)
  left join core.search_documents d on d.id = (c.value ->> 'document_id')::uuid;

  update qa.answers a
  set word_count = coalesce(array_length(regexp_split_to_array(btrim(p_content), '\s+'), 1), 0)
  where a.id = p_answer_id;
  return v_version_id;
end;
$$;
comment on function private.qa_add_version(uuid, text, text, jsonb, uuid, text, text, numeric, jsonb) is
  'Appends a version with its citations [{document_id, title, quote, locator}] in order. Raises citation_unknown or citation_not_in_source (422).';

create function private.qa_version_citations(p_version_id uuid)
returns jsonb
language sql
stable
security definer -- joins what the stages and RPCs hand on
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'position', c.position, 'document_id', c.document_id, 'title', c.title, 'quote', c.quote, 'locator', c.locator
  ) order by c.position), '[]'::jsonb)
  from qa.answer_citations c where c.version_id = p_version_id;
$$;
comment on function private.qa_version_citations(uuid) is 'The citations of a version as [{position, document_id, title, quote, locator}].';

create function private.qa_latest_version(p_question_id uuid)
returns qa.answer_versions
language sql
stable
security definer -- see qa_version_citations
set search_path = ''
as $$
  select v.* from qa.answer_versions v
  join qa.answers a on a.id = v.answer_id
  where a.question_id = p_question_id
  order by v.version_no desc limit 1;
$$;
comment on function private.qa_latest_version(uuid) is 'The newest version of the answer to a question.';

revoke execute on function
  private.qa_check_lease(uuid, uuid, bigint), private.qa_enqueue_stage(text, uuid),
  private.qa_add_version(uuid, text, text, jsonb, uuid, text, text, numeric, jsonb),
  private.qa_version_citations(uuid), private.qa_latest_version(uuid)
  from public, anon, authenticated;
