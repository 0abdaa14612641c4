-- What the Data API offers for a person's own data: four calls for the person, five for the worker.

create or replace function core.export_user_data(p_user_id uuid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return ops.export_user_data(p_user_id);
end;
$$;

comment on function core.export_user_data(uuid) is
  'For the worker: all rows of a person.';

create or replace function core.finish_export(p_request_id uuid, p_path text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.finish_export(p_request_id, p_path);
end;
$$;

comment on function core.finish_export(uuid, text) is
  'For the worker: ends an export whose file is in the bucket exports.';

create or replace function core.forget_export(p_request_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.forget_export(p_request_id);
end;
$$;

comment on function core.forget_export(uuid) is
  'For the worker: the file of an export was removed.';

create or replace function core.begin_erasure(p_request_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.begin_erasure(p_request_id);
end;
$$;

comment on function core.begin_erasure(uuid) is
  'For the worker: the point of no return, before the first file goes. PT409 privacy_request_cancelled, last_admin.';

create or replace function core.finish_erasure(p_request_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.finish_erasure(p_request_id);
end;
$$;

comment on function core.finish_erasure(uuid) is
  'For the worker: deletes the account of an erasure request once its files are gone.';

create or replace function core.fail_privacy_request(p_request_id uuid, p_error text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.fail_privacy_request(p_request_id, p_error);
end;
$$;

comment on function core.fail_privacy_request(uuid, text) is
  'For the worker: gives a request up.';

create or replace function core.list_user_objects(p_user_id uuid)
returns table (bucket_id text, name text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query select o.bucket_id, o.name from ops.list_user_objects(p_user_id) as o;
end;
$$;

comment on function core.list_user_objects(uuid) is
  'For the worker: files in storage that a person owns, or that lie in a folder of his id.';

create or replace function core.request_data_export()
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.request_privacy('export');
end;
$$;

comment on function core.request_data_export() is
  'Asks for a file with all of the caller''s data; a notification says when it is there. The id of the request.';

create or replace function core.request_erasure()
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.request_privacy('erasure');
end;
$$;

comment on function core.request_erasure() is
  'Asks for the end of the caller''s account and data, after a grace time (setting ops.erasure_grace_hours). The id of the request.';

create or replace function core.cancel_erasure()
returns boolean
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.cancel_my_erasure();
end;
$$;

comment on function core.cancel_erasure() is 'Calls off the caller''s erasure. False when there is none to call off.';

create or replace function core.my_privacy_requests()
returns table (
  id uuid,
  kind text,
  status text,
  due_at timestamptz,
  result_path text,
  created_at timestamptz,
  finished_at timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query select * from private.my_privacy_requests();
end;
$$;

comment on function core.my_privacy_requests() is
  'The caller''s last hundred requests for export or erasure, newest first; result_path is in the bucket exports.';

revoke execute on function core.export_user_data(uuid) from public, anon, authenticated;
revoke execute on function core.finish_export(uuid, text) from public, anon, authenticated;
revoke execute on function core.finish_erasure(uuid) from public, anon, authenticated;
revoke execute on function core.fail_privacy_request(uuid, text) from public, anon, authenticated;
revoke execute on function core.list_user_objects(uuid) from public, anon, authenticated;
revoke execute on function core.request_data_export() from public, anon;
revoke execute on function core.request_erasure() from public, anon;
revoke execute on function core.cancel_erasure() from public, anon;
revoke execute on function core.my_privacy_requests() from public, anon;
grant execute on function core.export_user_data(uuid) to service_role;
grant execute on function core.finish_export(uuid, text) to service_role;
grant execute on function core.finish_erasure(uuid) to service_role;
grant execute on function core.fail_privacy_request(uuid, text) to service_role;
grant execute on function core.list_user_objects(uuid) to service_role;
grant execute on function core.request_data_export() to authenticated;
grant execute on function core.request_erasure() to authenticated;
grant execute on function core.cancel_erasure() to authenticated;
grant execute on function core.my_privacy_requests() to authenticated;
revoke execute on function core.forget_export(uuid) from public, anon, authenticated;
revoke execute on function core.begin_erasure(uuid) from public, anon, authenticated;
grant execute on function core.forget_export(uuid) to service_role;
grant execute on function core.begin_erasure(uuid) to service_role;
