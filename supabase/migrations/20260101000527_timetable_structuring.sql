-- Structuring: pages become blocks, blocks are judged, and what is sure enough is accepted. The rest goes to a person.
-- See timetable_reading for the lease; here the job of the queue is ended by whoever runs it.

create function private.timetable_layout_corrections(p_layout_hash text)
returns jsonb
language sql
stable
security definer -- corrections are for workers and administrators
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'field', c.field, 'read', c.read_text, 'corrected', c.corrected_text, 'times_seen', c.times_seen
  ) order by c.field, c.read_text), '[]')
  from (
    select distinct on (l.field, l.read_text) l.*
    from timetable.layout_corrections as l
    where l.layout_hash = p_layout_hash
    order by l.field, l.read_text, l.times_seen desc, l.updated_at desc
  ) as c
  where c.corrected_text <> c.read_text
    and c.times_seen >= coalesce(private.setting_number('timetable.correction_min_seen'), 1);
$$;
comment on function private.timetable_layout_corrections(text) is
  'What reviewers of this layout made of each reading, the most often seen of them: [{field, read, corrected, times_seen}].';

create function private.timetable_begin_structure(p_job_id uuid, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- moves the job and hands out its pages
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
begin
  if v_job.id is null or v_job.status not in ('structuring', 'llm_processing', 'validating') then
    return jsonb_build_object('proceed', false, 'status', v_job.status);
  end if;
  if v_job.status <> 'structuring' then
    update timetable.processing_jobs as j set status = 'structuring' where j.id = v_job.id;
  end if;
  return (
    select jsonb_build_object(
      'proceed', true, 'processing_job_id', v_job.id, 'document_id', d.id, 'user_id', d.user_id, 'sha256', d.sha256,
      'bucket_id', d.bucket_id, 'path', d.path, 'mime_type', d.file_type, 'is_cached', v_job.is_cached,
      'tier', v_job.processing_tier, 'layout_hash', d.layout_hash,
      'corrections', private.timetable_layout_corrections(d.layout_hash),
      'threshold', private.setting('timetable.accept_confidence'),
      'engine', (select max(p.engine) from timetable.ocr_pages as p where p.job_id = v_job.id),
      'pages', (
        select coalesce(jsonb_agg(p.content order by p.page), '[]') from timetable.ocr_pages as p where p.job_id = v_job.id
      )
    )
    from timetable.documents as d where d.id = v_job.document_id
  );
end;
$$;

-- Blocks of a machine replace what the machine said before. What a person touched stays, and a block that says again what
-- he has put right (same day, week and start) is left out.
create function private.timetable_write_blocks(p_document timetable.documents, p_timetable_id uuid, p_blocks jsonb)
returns jsonb
language plpgsql
volatile
security definer -- writes the owner's timetable for a worker
set search_path = ''
as $$
declare
  v_written jsonb;
begin
  -- All of them first: whoever edits one holds it, and then reaches for the timetable.
  perform from timetable.timeblocks as b where b.document_id = p_document.id order by b.id for update;
  delete from timetable.timeblocks as b where b.document_id = p_document.id and b.origin = 'machine';
  with fresh as materialized (
    select gen_random_uuid() as id, b.block, row_number() over (
      order by b.block ->> 'week' nulls first, array_position(
        array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], b.block ->> 'day'
      ), b.block ->> 'start', b.place
    ) as place
    from jsonb_array_elements(p_blocks) with ordinality as b (block, place)
    where not exists (
      select from timetable.timeblocks as k
      where k.document_id = p_document.id and k.timetable_id = p_timetable_id and k.origin <> 'machine'
        and k.day_of_week = b.block ->> 'day' and k.start_time = (b.block ->> 'start')::time
        and k.week is not distinct from b.block ->> 'week'
    )
  ),
  written as (
    insert into timetable.timeblocks (
      id, timetable_id, name, day_of_week, week, start_time, end_time, notes, color, position, document_id, page, box,
      confidence, reasons, origin, is_checked
    )
    select
      f.id, p_timetable_id, f.block ->> 'name', f.block ->> 'day', f.block ->> 'week', (f.block ->> 'start')::time,
      (f.block ->> 'end')::time, coalesce(f.block ->> 'notes', ''), coalesce(f.block ->> 'color', '#3B82F6'), f.place,
      p_document.id, (f.block ->> 'page')::integer, f.block -> 'box', (f.block ->> 'confidence')::numeric,
      array(select jsonb_array_elements_text(f.block -> 'reasons')), 'machine', (f.block ->> 'accepted')::boolean
    from fresh as f
  )
  select coalesce(jsonb_agg(f.block || jsonb_build_object('id', f.id) order by f.place), '[]') into v_written
  from fresh as f;
  return v_written;
end;
$$;
comment on function private.timetable_write_blocks(timetable.documents, uuid, jsonb) is
  'Writes judged blocks into the timetable; returns them with the ids of their timeblocks.';

create function private.timetable_open_review(p_job_id uuid, p_kind text, p_blocks jsonb, p_reason text)
returns uuid
language plpgsql
volatile
security definer -- writes reviews
set search_path = ''
as $$
declare
  v_all integer := jsonb_array_length(p_blocks);
  v_unsure integer;
  v_id uuid;
begin
  select count(*) into v_unsure from jsonb_array_elements(p_blocks) as b where (b ->> 'accepted')::boolean is not true;
  insert into timetable.hitl_tasks (job_id, opinion_no, kind, reason, draft_data, priority)
  values (
    p_job_id, 1 + (select count(*) from timetable.hitl_tasks as t where t.job_id = p_job_id), p_kind, p_reason,
    jsonb_build_object('blocks', p_blocks),
    -- Somebody who asks again has waited already; where most is unsure, the timetable is of no use until it is checked.
    case
      when p_kind <> 'review' then 'high'
      when v_all = 0 or v_unsure * 2 >= v_all then 'high'
      when v_unsure * 10 <= v_all then 'low'
      else 'normal'
    end
  )
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.timetable_open_review(uuid, text, jsonb, text) is
  'A new review of a job. Its priority is the share of its blocks that are unsure; age raises it later.';

create function private.timetable_record_blocks(
  p_job_id uuid, p_lease_token bigint, p_layout_hash text, p_blocks jsonb, p_tier text, p_confidence numeric
)
returns jsonb
language plpgsql
volatile
security definer -- writes blocks and moves the job for a worker
set search_path = ''
as $$
declare
  v_job timetable.processing_jobs := private.timetable_check_lease(p_job_id, p_lease_token);
  v_document timetable.documents;
  v_timetable_id uuid;
  v_blocks jsonb;
  v_unsure integer;
begin
  if v_job.id is null or v_job.status not in ('structuring', 'llm_processing', 'validating') then
    return jsonb_build_object('recorded', false, 'status', v_job.status);
  end if;
  v_blocks := private.timetable_judge_blocks(
    private.timetable_clean_blocks(p_blocks, false), (private.setting('timetable.accept_confidence') #>> '{}')::numeric
  );
  update timetable.documents as d set layout_hash = p_layout_hash where d.id = v_job.document_id returning * into v_document;
  v_timetable_id := private.timetable_for_document(v_document);
  v_blocks := private.timetable_write_blocks(v_document, v_timetable_id, v_blocks);
  select count(*) into v_unsure from jsonb_array_elements(v_blocks) as b where not (b ->> 'accepted')::boolean;

  if v_job.status <> 'validating' then
    update timetable.processing_jobs as j set status = 'validating' where j.id = v_job.id;
  end if;
  update timetable.processing_jobs as j
  set processing_tier = p_tier,
    confidence = coalesce((select round(100 * avg((b ->> 'confidence')::numeric), 2) from jsonb_array_elements(v_blocks) as b), 0),
    metadata = j.metadata || jsonb_build_object(
      'blocks', jsonb_array_length(v_blocks), 'unsure', v_unsure, 'reader_confidence', p_confidence
    ),
    status = case when v_unsure = 0 and jsonb_array_length(v_blocks) > 0 then 'completed' else 'hitl_pending' end
  where j.id = v_job.id
  returning * into v_job;
  if v_job.status = 'hitl_pending' then
    perform private.timetable_open_review(v_job.id, 'review', v_blocks, '');
  end if;
  perform private.notify(
    v_job.user_id, case v_job.status when 'completed' then 'timetable_ready' else 'timetable_in_review' end,
    case v_job.status when 'completed' then 'success' else 'info' end,
    case v_job.status when 'completed' then 'Your timetable is ready' else 'Your timetable has been read' end,
    case v_job.status when 'completed' then format('%s blocks were read.', jsonb_array_length(v_blocks))
      else format('%s of %s blocks are unsure; a person looks at them.', v_unsure, jsonb_array_length(v_blocks)) end,
    jsonb_build_object('document_id', v_job.document_id, 'timetable_id', v_timetable_id, 'job_id', v_job.id)
  );
  return jsonb_build_object(
    'recorded', true, 'status', v_job.status, 'blocks', jsonb_array_length(v_blocks), 'unsure', v_unsure,
    'confidence', v_job.confidence, 'timetable_id', v_timetable_id
  );
end;
$$;

revoke execute on function
  private.timetable_layout_corrections(text), private.timetable_begin_structure(uuid, bigint),
  private.timetable_write_blocks(timetable.documents, uuid, jsonb), private.timetable_open_review(uuid, text, jsonb, text),
  private.timetable_record_blocks(uuid, bigint, text, jsonb, text, numeric)
  from public, anon, authenticated;
