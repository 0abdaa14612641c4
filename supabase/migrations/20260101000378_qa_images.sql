-- The text in images. Job type ocr.read_image on the queue `ocr` is where an OCR worker plugs in: it claims the job,
-- reads the file, and hands the text to qa.record_image_text. Until one runs, the type is disabled and a question goes
-- on without that text; its expert sees the picture.

insert into ops.job_types (job_type, queue, max_attempts, lease_seconds, is_enabled, description) values
  ('ocr.read_image', 'ocr', 3, 300, false,
   'Read the text in an image of a question. Payload: question_id, file_id, bucket_id, path. Enable it once an OCR worker claims the queue ocr.');

create function private.qa_start_pipeline(p_question_id uuid)
returns void
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_priority smallint;
  v_image record;
  v_job_id uuid;
  v_is_read boolean := false;
begin
  select s.job_priority into v_priority
  from qa.questions q join qa.sla_policies s on s.priority = q.priority where q.id = p_question_id;
  for v_image in
    select f.id, f.bucket_id, f.path
    from qa.question_images i join core.files f on f.id = i.file_id
    where i.question_id = p_question_id order by i.position
  loop
    v_job_id := ops.enqueue_job(
      p_job_type => 'ocr.read_image',
      p_payload => jsonb_build_object(
        'question_id', p_question_id, 'file_id', v_image.id, 'bucket_id', v_image.bucket_id, 'path', v_image.path
      ),
      p_resource_id => p_question_id,
      p_dedupe_key => 'ocr.read_image:' || v_image.id,
      p_priority => v_priority
    );
    v_is_read := v_is_read or v_job_id is not null;
  end loop;
  if not v_is_read then
    perform private.qa_enqueue_stage('qa.generate', p_question_id);
  else
    -- The last text that arrives starts the generation; if none does, it starts without.
    perform ops.enqueue_job(
      p_job_type => 'qa.generate',
      p_payload => jsonb_build_object('question_id', p_question_id),
      p_resource_id => p_question_id,
      p_dedupe_key => 'qa.generate:unread:' || p_question_id,
      p_run_at => now() + make_interval(secs => private.setting_number('qa.image_text_wait_seconds')),
      p_priority => v_priority
    );
  end if;
end;
$$;
comment on function private.qa_start_pipeline(uuid) is
  'Enqueues the reading of a question''s images where a worker does that, else the generation.';

create function private.qa_record_image_text(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_file_id uuid, p_text text, p_confidence real
)
returns jsonb
language plpgsql
volatile
security definer -- writes images for a worker
set search_path = ''
as $$
declare
  v_left integer;
begin
  perform private.qa_check_lease(p_question_id, p_job_id, p_lease_token);
  perform from qa.questions q where q.id = p_question_id for update;
  update qa.question_images i
  set extracted_text = left(private.plain_text(p_text), 20000), extracted_confidence = p_confidence
  where i.question_id = p_question_id and i.file_id = p_file_id and i.extracted_text is null;
  if not found then
    return jsonb_build_object('recorded', false);
  end if;
  select count(*) into v_left
  from qa.question_images i where i.question_id = p_question_id and i.extracted_text is null;
  if v_left = 0 and exists (select from qa.questions q where q.id = p_question_id and q.status = 'submitted') then
    perform private.qa_enqueue_stage('qa.generate', p_question_id);
  end if;
  return jsonb_build_object('recorded', true, 'images_left', v_left);
end;
$$;

create function qa.record_image_text(
  p_question_id uuid, p_job_id uuid, p_lease_token bigint, p_file_id uuid, p_text text, p_confidence real
)
returns jsonb language sql volatile security invoker set search_path = ''
as $$
  select private.qa_record_image_text(p_question_id, p_job_id, p_lease_token, p_file_id, p_text, p_confidence);
$$;
comment on function qa.record_image_text(uuid, uuid, bigint, uuid, text, real) is
  'OCR worker: stores the text of an image (empty when there is none), confidence 0–1; the last one starts the generation. {recorded, images_left}. Errors: lease_lost (409).';

revoke execute on function
  private.qa_start_pipeline(uuid),
  private.qa_record_image_text(uuid, uuid, bigint, uuid, text, real),
  qa.record_image_text(uuid, uuid, bigint, uuid, text, real)
  from public, anon, authenticated;
grant execute on function
  private.qa_record_image_text(uuid, uuid, bigint, uuid, text, real),
  qa.record_image_text(uuid, uuid, bigint, uuid, text, real)
  to service_role;
