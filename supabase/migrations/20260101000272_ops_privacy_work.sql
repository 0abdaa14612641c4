-- What the worker calls for privacy.export and privacy.erase. Executable by service_role only.

create or replace function ops.export_user_data(p_user_id uuid)
returns jsonb
language plpgsql
stable
security definer -- reads a person's rows in every module; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_source ops.privacy_sources;
  v_table text;
  v_rows jsonb;
  v_data jsonb := '{}'::jsonb;
begin
  if not exists (select from core.profiles as p where p.id = p_user_id) then
    raise sqlstate 'PT404' using
      message = 'user_not_found',
      detail = 'There is no account with this id.',
      hint = 'It may have been erased.';
  end if;
  for v_source in
    select * from ops.privacy_sources as s
    where s.is_exported
    order by s.table_schema, s.table_name, s.user_column
  loop
    -- A source may belong to a module that is not installed.
    continue when not exists (
      select from pg_catalog.pg_attribute as a
      where a.attrelid = to_regclass(format('%I.%I', v_source.table_schema, v_source.table_name))
        and a.attname = v_source.user_column and not a.attisdropped
    );
    -- The table, and its months that were put away.
    for v_table in
      select format('%I.%I', v_source.table_schema, v_source.table_name)
      union all
      select format('archive.%I', a.name) from ops.archived_partitions as a
      where a.table_schema = v_source.table_schema and a.table_name = v_source.table_name
    loop
      execute format(
        'select jsonb_agg(%s) from %s as t where t.%I = $1',
        case
          when v_source.columns is null then 'to_jsonb(t)'
          else '(select jsonb_object_agg(e.key, e.value) from jsonb_each(to_jsonb(t)) as e where e.key = any ($2))'
        end,
        v_table, v_source.user_column
      ) into v_rows using p_user_id, v_source.columns;
      if v_rows is not null then
        v_data := v_data || jsonb_build_object(
          format('%s.%s', v_source.table_schema, v_source.table_name),
          coalesce(v_data -> format('%s.%s', v_source.table_schema, v_source.table_name), '[]') || v_rows
        );
      end if;
    end loop;
  end loop;
  return jsonb_build_object('user_id', p_user_id, 'exported_at', now(), 'data', v_data);
end;
$$;

comment on function ops.export_user_data(uuid) is
  'All rows of a person, as {user_id, exported_at, data: {"schema.table": [row]}}, from the tables of ops.privacy_sources.';

create or replace function ops.list_user_objects(p_user_id uuid)
returns table (bucket_id text, name text)
language plpgsql
stable
security definer -- reads storage of one person; execute is granted to service_role only
set search_path = ''
as $$
begin
  return query
  select o.bucket_id::text, o.name::text
  from storage.objects as o
  where o.owner_id = p_user_id::text or (storage.foldername(o.name))[1] = p_user_id::text
  order by o.bucket_id, o.name;
end;
$$;

comment on function ops.list_user_objects(uuid) is
  'Files in storage that a person owns, or that lie in a folder of his id.';

create or replace function private.open_privacy_request(p_request_id uuid, p_kind text)
returns ops.privacy_requests
language plpgsql
volatile
security definer -- reads ops tables; called by the functions below
set search_path = ''
as $$
declare
  v_request ops.privacy_requests;
begin
  select * into v_request
  from ops.privacy_requests as r
  where r.id = p_request_id and r.kind = p_kind
  for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'privacy_request_not_found',
      detail = format('There is no request for %s with this id.', p_kind),
      hint = 'Take the id from the payload of the job.';
  end if;
  if v_request.status = 'cancelled' then
    raise sqlstate 'PT409' using
      message = 'privacy_request_cancelled',
      detail = 'The person called the request off.',
      hint = 'Drop the work on it.';
  end if;
  return v_request;
end;
$$;

comment on function private.open_privacy_request(uuid, text) is 'Locks a request that is not cancelled.';

create or replace function ops.finish_export(p_request_id uuid, p_path text)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_request ops.privacy_requests;
begin
  v_request := private.open_privacy_request(p_request_id, 'export');
  if v_request.status = 'completed' then
    return;
  end if;
  if not exists (
    select from storage.objects as o
    where o.bucket_id = 'exports' and o.name = p_path and starts_with(p_path, v_request.user_tombstone || '/')
  ) then
    raise sqlstate 'PT422' using
      message = 'export_not_found',
      detail = 'The bucket exports holds no such file in the folder of this person.',
      hint = 'Upload <user id>/<request id>.json first.';
  end if;
  update ops.privacy_requests as r
  set status = 'completed', result_path = p_path, finished_at = clock_timestamp(), error_message = null
  where r.id = p_request_id;
  perform ops.enqueue_job(
    'privacy.expire', jsonb_build_object('request_id', p_request_id, 'user_id', v_request.user_tombstone), p_request_id,
    'expire:' || p_request_id,
    now() + make_interval(hours => coalesce(private.setting_number('ops.export_keep_hours'), 168))
  );
  perform private.audit_event('privacy.export_completed', 'ops.privacy_requests', p_request_id::text);
  perform private.notify(
    v_request.user_id, 'data_export_ready', 'success', 'Your data is ready',
    'The file with your data can be downloaded.',
    jsonb_build_object('request_id', p_request_id, 'bucket', 'exports', 'path', p_path)
  );
end;
$$;

comment on function ops.finish_export(uuid, text) is
  'Ends an export whose file is in the bucket exports, and tells the person. Doing it twice changes nothing.';

create or replace function ops.forget_export(p_request_id uuid)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  update ops.privacy_requests as r set result_path = null where r.id = p_request_id and r.kind = 'export';
end;
$$;

comment on function ops.forget_export(uuid) is 'The file of an export was removed: the request names it no longer.';

-- The point of no return, in one transaction before the first file goes: called off, or the last administrator.
create or replace function ops.begin_erasure(p_request_id uuid)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_request ops.privacy_requests;
begin
  v_request := private.open_privacy_request(p_request_id, 'erasure');
  if exists (
    select from core.admins as a where a.id = v_request.user_tombstone and a.level <> 'readonly'
  ) then
    perform private.check_admin_remains(v_request.user_tombstone);
  end if;
  update ops.privacy_requests as r
  set started_at = coalesce(r.started_at, clock_timestamp())
  where r.id = p_request_id;
end;
$$;

comment on function ops.begin_erasure(uuid) is
  'Marks that the removal of files begins, after which nothing can be called off. PT409 privacy_request_cancelled or last_admin.';

create or replace function ops.finish_erasure(p_request_id uuid)
returns void
language plpgsql
volatile
security definer -- deletes the account; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_request ops.privacy_requests;
begin
  v_request := private.open_privacy_request(p_request_id, 'erasure');
  if v_request.status = 'completed' then
    return;
  end if;
  if exists (select from ops.list_user_objects(v_request.user_tombstone)) then
    raise sqlstate 'PT409' using
      message = 'user_objects_remain',
      detail = 'The person still has files in storage.',
      hint = 'Remove those that core.list_user_objects names through the Storage API, then finish again.';
  end if;
  -- Their names are his, too; the files themselves are gone already.
  delete from core.files as f where f.owner_id = v_request.user_tombstone;
  delete from auth.users as u where u.id = v_request.user_tombstone;
  update ops.privacy_requests as r
  set status = 'completed', finished_at = clock_timestamp(), error_message = null
  where r.id = p_request_id;
  perform private.audit_event('privacy.erasure_completed', 'ops.privacy_requests', p_request_id::text);
end;
$$;

comment on function ops.finish_erasure(uuid) is
  'Deletes the account of an erasure request once its files are gone. Doing it twice changes nothing.';

create or replace function ops.fail_privacy_request(p_request_id uuid, p_error text)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  update ops.privacy_requests as r
  set status = 'failed', error_message = left(p_error, 2000), finished_at = clock_timestamp()
  where r.id = p_request_id and r.status = 'requested';
end;
$$;

comment on function ops.fail_privacy_request(uuid, text) is
  'Gives a request up, so that the person can make another.';

revoke execute on function ops.export_user_data(uuid) from public;
revoke execute on function ops.list_user_objects(uuid) from public;
revoke execute on function private.open_privacy_request(uuid, text) from public;
revoke execute on function ops.finish_export(uuid, text) from public;
revoke execute on function ops.finish_erasure(uuid) from public;
revoke execute on function ops.fail_privacy_request(uuid, text) from public;
grant execute on function ops.export_user_data(uuid) to service_role;
grant execute on function ops.list_user_objects(uuid) to service_role;
grant execute on function ops.finish_export(uuid, text) to service_role;
grant execute on function ops.finish_erasure(uuid) to service_role;
grant execute on function ops.fail_privacy_request(uuid, text) to service_role;
revoke execute on function ops.forget_export(uuid) from public;
grant execute on function ops.forget_export(uuid) to service_role;
revoke execute on function ops.begin_erasure(uuid) from public;
grant execute on function ops.begin_erasure(uuid) to service_role;
