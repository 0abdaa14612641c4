-- Helpers for the tests of study.

create function tests.st_upload(p_user_id uuid, p_name text, p_mime text default 'text/plain')
returns text
language plpgsql
as $$
begin
  insert into storage.objects (bucket_id, name, owner_id, metadata)
  values ('materials', p_user_id || '/' || p_name, p_user_id::text, jsonb_build_object('size', 1000, 'mimetype', p_mime));
  return p_user_id || '/' || p_name;
end;
$$;

-- A worker's turn at the newest job of a material.
create function tests.st_lease(p_material_id uuid, out job_id uuid, out token bigint)
language plpgsql
as $$
declare
  v_job record;
begin
  for v_job in select * from core.claim_jobs('test', 20, 'default', '{study.ingest}') loop
    if v_job.resource_id = p_material_id then
      job_id := v_job.id;
      token := v_job.lease_token;
    end if;
  end loop;
end;
$$;

-- Paragraphs become passages, one each, at their places in the text that they make together.
create function tests.st_chunks(p_paragraphs text[])
returns jsonb
language sql
as $$
  select jsonb_agg(jsonb_build_object(
    'chunk_no', p.no - 1, 'content', p.text, 'heading_path', jsonb_build_array('Chapter'), 'page_number', p.no, 'page_end', p.no,
    'char_start', p.place, 'char_end', p.place + length(p.text), 'content_hash', encode(sha256(convert_to(p.text, 'UTF8')), 'hex')
  ))
  from (
    select u.text, u.no, coalesce(sum(length(u.text) + 2) over (order by u.no rows between unbounded preceding and 1 preceding), 0) as place
    from unnest(p_paragraphs) with ordinality as u (text, no)
  ) as p;
$$;

-- Takes a material in as a worker does, from the claim to the swap.
create function tests.st_ingest(p_material_id uuid, p_paragraphs text[])
returns jsonb
language plpgsql
as $$
declare
  v_lease record;
  v_result jsonb;
begin
  perform tests.as_service();
  perform study.use_embedding_model('test-model', 'test', 8);
  v_lease := tests.st_lease(p_material_id);
  perform study.begin_ingest(v_lease.job_id, v_lease.token);
  perform study.put_material_pages(
    v_lease.job_id, v_lease.token, '[{"part_no": 0, "page_number": 1}]', 10,
    encode(sha256(convert_to(p_material_id || array_to_string(p_paragraphs, ''), 'UTF8')), 'hex'), cardinality(p_paragraphs)
  );
  perform study.put_material_chunks(
    v_lease.job_id, v_lease.token,
    jsonb_build_object('language', 'english', 'character_count', length(array_to_string(p_paragraphs, '--')), 'is_last', true),
    tests.st_chunks(p_paragraphs)
  );
  perform study.put_vectors(v_lease.job_id, v_lease.token, 'test-model', (
    select coalesce(jsonb_agg(jsonb_build_object('chunk_no', d ->> 'chunk_no', 'embedding', '[1,0,0,0,0,0,0,' || (d ->> 'chunk_no') || ']')), '[]')
    from jsonb_array_elements(study.next_drafts(v_lease.job_id, v_lease.token)) as d
  ));
  v_result := study.finish_ingest(v_lease.job_id, v_lease.token);
  perform core.complete_job(v_lease.job_id, v_lease.token);
  perform tests.as_owner();
  return v_result;
end;
$$;

grant execute on all functions in schema tests to public;
