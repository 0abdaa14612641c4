-- What workers call to take a material in. By service_role alone; each asks for the lease of its job.

create function study.begin_ingest(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_begin_ingest(p_job_id, p_lease_token); $$;
comment on function study.begin_ingest(uuid, bigint) is
  'Workers: the material to take in and how far it is: {proceed, material_id, user_id, revision, status, bucket_id, path, file_type, file_name, title, language, sha256, page_count, parts_done, drafts, drafts_without_vector}. proceed false: there is nothing (more) to do. lease_lost (409).';

create function study.put_material_pages(
  p_job_id uuid, p_lease_token bigint, p_parts jsonb, p_progress integer, p_sha256 text default null, p_page_count integer default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_pages(p_job_id, p_lease_token, p_sha256, p_page_count, p_parts, p_progress); $$;
comment on function study.put_material_pages(uuid, bigint, jsonb, integer, text, integer) is
  'Workers: parts that were read, [{part_no, page_number, blocks, status: read|needs_ocr|unreadable}]; with the first the hash of the file and its number of pages. proceed false: it ended, as a duplicate, unchanged, or because a newer version came. lease_lost (409).';

create function study.read_material_pages(p_job_id uuid, p_lease_token bigint, p_from_part integer, p_limit integer default 50)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.study_read_pages(p_job_id, p_lease_token, p_from_part, p_limit);
end;
$$;
comment on function study.read_material_pages(uuid, bigint, integer, integer) is
  'Workers: parts that are there, [{part_no, page_number, blocks, status}] from a number on. lease_lost (409).';

create function study.put_material_chunks(p_job_id uuid, p_lease_token bigint, p_facts jsonb, p_chunks jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_drafts(p_job_id, p_lease_token, p_facts, p_chunks); $$;
comment on function study.put_material_chunks(uuid, bigint, jsonb, jsonb) is
  'Workers: passages [{chunk_no, content, heading_path, page_number, page_end, page_breaks, char_start, char_end, content_hash}], in portions; p_facts {language, character_count, is_last, topics: [{id, confidence}], tags: […]}. Those that did not change have their vectors at once. lease_lost (409).';

create function study.next_drafts(p_job_id uuid, p_lease_token bigint, p_limit integer default 64)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_next_drafts(p_job_id, p_lease_token, p_limit); $$;
comment on function study.next_drafts(uuid, bigint, integer) is
  'Workers: passages without a vector, [{chunk_no, content, heading_path}]; empty when there are no more. lease_lost (409).';

create function study.put_vectors(p_job_id uuid, p_lease_token bigint, p_model text, p_vectors jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_put_vectors(p_job_id, p_lease_token, p_model, p_vectors); $$;
comment on function study.put_vectors(uuid, bigint, text, jsonb) is
  'Workers: vectors [{chunk_no, embedding: "[0.1,…]"}] of one model. Returns {proceed, left}. embedding_invalid (422), lease_lost (409).';

create function study.finish_ingest(p_job_id uuid, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_swap(p_job_id, p_lease_token); $$;
comment on function study.finish_ingest(uuid, bigint) is
  'Workers: the drafts become what is found, all at once; passages that did not change keep their ids. {kept, added, removed}. lease_lost (409).';

create function private.study_read_pages(p_job_id uuid, p_lease_token bigint, p_from_part integer, p_limit integer)
returns jsonb
language plpgsql
volatile
security definer -- hands a worker what was read
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  return coalesce(
    (
      select jsonb_agg(jsonb_build_object(
        'part_no', p.part_no, 'page_number', p.page_number, 'blocks', p.blocks, 'status', p.status
      ) order by p.part_no)
      from (
        select * from study.material_pages as p
        where p.material_id = v_material.id and p.revision = v_material.revision and p.part_no >= p_from_part
        order by p.part_no limit least(greatest(p_limit, 1), 500)
      ) as p
    ),
    '[]'
  );
end;
$$;
comment on function private.study_read_pages(uuid, bigint, integer, integer) is 'See study.read_material_pages.';

create function private.study_fail_ingest(p_job_id uuid, p_lease_token bigint, p_error_code text, p_error_message text)
returns jsonb
language plpgsql
volatile
security definer -- ends the work on a material
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null then
    return '{"proceed": false}'::jsonb;
  end if;
  update study.material_processing_jobs as j set error_message = left(p_error_message, 1000)
  where j.material_id = v_material.id and j.job_type = 'ingest' and j.status in ('pending', 'running');
  return private.study_end_ingest(
    v_material.id, case when p_error_code ~ '^[a-z][a-z0-9_]{2,60}$' then p_error_code else 'material_damaged' end, '{}'
  );
end;
$$;
comment on function private.study_fail_ingest(uuid, bigint, text, text) is 'See study.fail_ingest.';

create function study.fail_ingest(p_job_id uuid, p_lease_token bigint, p_error_code text, p_error_message text default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_fail_ingest(p_job_id, p_lease_token, p_error_code, p_error_message); $$;
comment on function study.fail_ingest(uuid, bigint, text, text) is
  'Workers: this file cannot be taken in; the material ends as failed with the code. lease_lost (409).';

create function private.study_continue_ingest(p_job_id uuid, p_lease_token bigint)
returns uuid
language plpgsql
volatile
security definer -- writes the queue
set search_path = ''
as $$
declare
  v_material study.materials := private.study_check_lease(p_job_id, p_lease_token);
begin
  if v_material.id is null then
    return null;
  end if;
  -- Under another key than the job that runs: that one ends when its worker says so.
  return ops.enqueue_job(
    'study.ingest', jsonb_build_object('material_id', v_material.id, 'revision', v_material.revision), v_material.id,
    format('study.ingest:%s:%s:after:%s', v_material.id, v_material.revision, p_job_id)
  );
end;
$$;
comment on function private.study_continue_ingest(uuid, bigint) is 'See study.continue_ingest.';

create function study.continue_ingest(p_job_id uuid, p_lease_token bigint)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_continue_ingest(p_job_id, p_lease_token); $$;
comment on function study.continue_ingest(uuid, bigint) is
  'Workers: the time of this run is over; another goes on, behind whatever else waits. Complete the job after it. lease_lost (409).';

revoke execute on function
  private.study_check_lease(uuid, bigint), private.study_move(uuid, text, integer), private.study_begin_ingest(uuid, bigint),
  private.study_put_pages(uuid, bigint, text, integer, jsonb, integer), private.study_end_ingest(uuid, text, jsonb),
  private.study_put_drafts(uuid, bigint, jsonb, jsonb), private.study_next_drafts(uuid, bigint, integer),
  private.study_put_vectors(uuid, bigint, text, jsonb), private.study_swap(uuid, bigint),
  private.study_read_pages(uuid, bigint, integer, integer), private.study_fail_ingest(uuid, bigint, text, text),
  private.study_continue_ingest(uuid, bigint), study.begin_ingest(uuid, bigint),
  study.put_material_pages(uuid, bigint, jsonb, integer, text, integer),
  study.read_material_pages(uuid, bigint, integer, integer), study.put_material_chunks(uuid, bigint, jsonb, jsonb),
  study.next_drafts(uuid, bigint, integer), study.put_vectors(uuid, bigint, text, jsonb), study.finish_ingest(uuid, bigint),
  study.fail_ingest(uuid, bigint, text, text), study.continue_ingest(uuid, bigint)
  from public, anon, authenticated;
grant execute on function
  private.study_begin_ingest(uuid, bigint), private.study_put_pages(uuid, bigint, text, integer, jsonb, integer),
  private.study_put_drafts(uuid, bigint, jsonb, jsonb), private.study_next_drafts(uuid, bigint, integer),
  private.study_put_vectors(uuid, bigint, text, jsonb), private.study_swap(uuid, bigint),
  private.study_read_pages(uuid, bigint, integer, integer), private.study_fail_ingest(uuid, bigint, text, text),
  private.study_continue_ingest(uuid, bigint), study.begin_ingest(uuid, bigint),
  study.put_material_pages(uuid, bigint, jsonb, integer, text, integer),
  study.read_material_pages(uuid, bigint, integer, integer), study.put_material_chunks(uuid, bigint, jsonb, jsonb),
  study.next_drafts(uuid, bigint, integer), study.put_vectors(uuid, bigint, text, jsonb), study.finish_ingest(uuid, bigint),
  study.fail_ingest(uuid, bigint, text, text), study.continue_ingest(uuid, bigint)
  to service_role;
