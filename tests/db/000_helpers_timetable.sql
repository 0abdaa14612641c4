-- Helpers for the tests of timetable: a document handed in, and driven to any state along the real path.

create function tests.tt_upload(p_user_id uuid, p_name text default 'plan.pdf')
returns text
language sql
as $$
  insert into storage.objects (bucket_id, name, owner_id, metadata)
  values ('timetables', p_user_id || '/' || gen_random_uuid() || '/' || p_name, p_user_id::text, '{"size": 2048}')
  returning name;
$$;

-- Hands in as the person and comes back as the owner of the database.
create function tests.tt_submit(p_user_id uuid, p_timetable_id uuid default null)
returns uuid
language plpgsql
as $$
declare
  v_path text;
  v_id uuid;
begin
  perform tests.as_owner();
  v_path := tests.tt_upload(p_user_id);
  perform tests.as_user(p_user_id);
  v_id := (timetable.submit_document(v_path, 'plan.pdf', p_timetable_id) -> 'document' ->> 'id')::uuid;
  perform tests.as_owner();
  return v_id;
end;
$$;

create function tests.tt_job(p_document_id uuid)
returns timetable.processing_jobs
language sql
as $$
  select * from timetable.processing_jobs where document_id = p_document_id order by retry_count desc limit 1;
$$;

-- The job of the queue about this document, leased, as if a worker had claimed it.
create function tests.tt_lease(p_document_id uuid, p_job_type text)
returns ops.queue_items
language sql
as $$
  update ops.queue_items
  set status = 'processing', attempts = attempts + 1, leased_by = 'test', lease_token = nextval('ops.lease_tokens'),
    lease_expires_at = now() + interval '5 minutes'
  where resource_id = (tests.tt_job(p_document_id)).id and job_type = p_job_type
  returning *;
$$;

create function tests.tt_page(p_number integer default 1)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'number', p_number, 'width', 1000, 'height', 500, 'source', 'ocr', 'lines', '[]'::jsonb,
    'tables', jsonb_build_array(jsonb_build_object(
      'box', '{"x": 0, "y": 0, "width": 1000, "height": 500}'::jsonb, 'rows', 1, 'columns', 2, 'confidence', 0.9,
      'cells', '[
        {"row": 0, "column": 0, "rowSpan": 1, "columnSpan": 1, "box": {"x": 100, "y": 50, "width": 200, "height": 100},
         "lines": [{"text": "Maths", "confidence": 0.9, "rotation": 90}, {"text": "Room 1", "confidence": 0.7, "rotation": 90}]},
        {"row": 0, "column": 1, "rowSpan": 1, "columnSpan": 1, "box": {"x": 300, "y": 50, "width": 200, "height": 100}, "lines": []}
      ]'::jsonb
    ))
  );
$$;

create function tests.tt_block(
  p_day text, p_name text, p_start text, p_end text, p_confidence numeric default 0.95, p_more jsonb default '{}'
)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'day', p_day, 'name', p_name, 'start', p_start, 'end', p_end, 'page', 1,
    'box', '{"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}'::jsonb, 'confidence', p_confidence, 'reasons', '[]'::jsonb
  ) || p_more;
$$;

-- One that is sure and one that is not.
create function tests.tt_blocks()
returns jsonb
language sql
as $$
  select jsonb_build_array(
    tests.tt_block('Monday', 'Maths', '09:00', '10:00'),
    tests.tt_block('Monday', 'Nlusic', '10:00', '10:45', 0.4, '{"reasons": ["low_ocr"]}')
  );
$$;

-- Along the path of the pipeline to where a machine gets it: structuring, completed or hitl_pending, as the blocks are.
create function tests.tt_read(
  p_document_id uuid, p_blocks jsonb default tests.tt_blocks(), p_layout text default 'layout-1', p_sha256 text default null
)
returns text
language plpgsql
as $$
declare
  v_lease ops.queue_items;
  v_sha256 text := coalesce(p_sha256, encode(sha256(convert_to(p_document_id::text, 'UTF8')), 'hex'));
begin
  v_lease := tests.tt_lease(p_document_id, 'timetable.read');
  perform private.timetable_begin_reading(v_lease.id, v_lease.lease_token);
  if (private.timetable_record_file(v_lease.id, v_lease.lease_token, v_sha256, 'application/pdf', 2048, 1, null) ->> 'proceed')::boolean then
    perform private.timetable_record_ocr(v_lease.id, v_lease.lease_token,
      jsonb_build_object('engine', 'test', 'pages', jsonb_build_array(tests.tt_page())));
  end if;
  v_lease := tests.tt_lease(p_document_id, 'timetable.structure');
  perform private.timetable_begin_structure(v_lease.id, v_lease.lease_token);
  perform private.timetable_record_blocks(v_lease.id, v_lease.lease_token, p_layout, p_blocks, 'tesseract', 0.9);
  perform ops.complete_job(v_lease.id, v_lease.lease_token);
  return (tests.tt_job(p_document_id)).status;
end;
$$;

-- The newest review of a document.
create function tests.tt_task(p_document_id uuid)
returns timetable.hitl_tasks
language sql
as $$
  select * from timetable.hitl_tasks where job_id = (tests.tt_job(p_document_id)).id order by opinion_no desc limit 1;
$$;

-- Blocks with one field of one of them changed.
create function tests.tt_change(p_blocks jsonb, p_name text, p_change jsonb)
returns jsonb
language sql
as $$
  select jsonb_agg(case when b ->> 'name' = p_name then b || p_change else b end) from jsonb_array_elements(p_blocks) as b;
$$;

grant execute on all functions in schema tests to public;

-- The tests' blocks are as sure as these files say, whatever the threshold of the project is.
update core.settings set value = '0.8' where key = 'timetable.accept_confidence';
