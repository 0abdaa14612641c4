-- A delivery of an OCR service, in one transaction: its signature is spent together with its effect, or neither is. So a
-- delivery that failed half-way may be sent again as it was, and one that was taken has no second effect.

create function private.timetable_receive_delivery(p_signature text, p_delivery jsonb)
returns jsonb
language plpgsql
volatile
security definer -- calls what only workers may, for a signature that the callback has verified
set search_path = ''
as $$
declare
  v_job_id uuid := (p_delivery ->> 'jobId')::uuid;
  v_lease_token bigint := (p_delivery ->> 'leaseToken')::bigint;
  v_is_failure boolean := p_delivery ? 'error';
  v_outcome jsonb;
begin
  if not private.timetable_take_signature(p_signature) then
    raise sqlstate 'PT409' using
      message = 'callback_repeated',
      detail = 'This very delivery was taken before; nothing has changed.',
      hint = 'Nothing is to be done. To send something else, sign it anew.';
  end if;
  -- The answer got lost, and the sender tries again under a new signature: the work is done.
  if not exists (select from ops.queue_items as q where q.id = v_job_id)
    and exists (
      select from ops.queue_history as h
      where h.id = v_job_id and h.job_type = 'timetable.read' and h.status = 'completed'
    )
  then
    return jsonb_build_object('proceed', false, 'stored', 0, 'status', 'delivered');
  end if;
  if v_is_failure then
    v_outcome := private.timetable_fail_reading(
      v_job_id, v_lease_token, p_delivery -> 'error' ->> 'code', p_delivery -> 'error' ->> 'message'
    );
    return v_outcome || jsonb_build_object('proceed', false);
  end if;
  return private.timetable_record_ocr(v_job_id, v_lease_token, p_delivery - 'jobId' - 'leaseToken');
end;
$$;
comment on function private.timetable_receive_delivery(text, jsonb) is
  'Spends a signature and records pages or a failure, both or nothing.';

create function timetable.receive_delivery(p_signature text, p_delivery jsonb)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.timetable_receive_delivery(p_signature, p_delivery); $$;
comment on function timetable.receive_delivery(text, jsonb) is
  'Callback: what an OCR service delivered, {jobId, leaseToken, documentId, engine, pages, file} or {jobId, leaseToken, documentId, error}, under a signature that counts once. {proceed, stored, pages_done, status}; the same result again under a new signature changes nothing. Errors: callback_repeated, lease_lost (409), file_required, page_invalid, error_code_invalid (422).';

revoke execute on function
  private.timetable_receive_delivery(text, jsonb), timetable.receive_delivery(text, jsonb)
  from public, anon, authenticated;
grant execute on function
  private.timetable_receive_delivery(text, jsonb), timetable.receive_delivery(text, jsonb)
  to service_role;
