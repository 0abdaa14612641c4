-- A person's own data: asking for it, and asking for its end.
--
-- A request is a row and a job. privacy.export gathers what ops.privacy_sources names and puts it as a file into
-- the private bucket `exports`; privacy.erase removes the person's files, then the account, and with it by
-- cascade all that is his. Ledgers and audit stay, with an id that leads to nobody.

create table ops.privacy_sources (
  table_schema text not null,
  table_name text not null,
  user_column text not null,
  columns text[],
  is_exported boolean not null default true,
  description text not null default '',
  primary key (table_schema, table_name, user_column)
);

comment on table ops.privacy_sources is
  'Where a person''s data is, for the export. A module adds its own tables.';
comment on column ops.privacy_sources.columns is 'What is exported of a row; null is all of it.';

create table ops.privacy_requests (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references core.profiles (id) on delete set null,
  user_tombstone uuid not null,
  kind text not null,
  status text not null default 'requested',
  job_id uuid,
  due_at timestamptz not null default now(),
  started_at timestamptz,
  result_path text,
  error_message text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint privacy_requests_kind_check check (kind in ('export', 'erasure')),
  constraint privacy_requests_status_check check (status in ('requested', 'completed', 'failed', 'cancelled')),
  constraint privacy_requests_finished_check check ((status = 'requested') = (finished_at is null))
);

comment on table ops.privacy_requests is 'Requests for export or erasure. The row proves later that it was met; it names nobody then.';
comment on column ops.privacy_requests.user_tombstone is 'Id of the account at the time. Leads to nobody once the account is gone.';
comment on column ops.privacy_requests.started_at is
  'When the worker began to remove files: from then on an erasure cannot be called off.';
comment on column ops.privacy_requests.due_at is 'When the job may run: an erasure can be called off until then.';

create unique index privacy_requests_open_idx on ops.privacy_requests (user_id, kind) where status = 'requested';
create index privacy_requests_user_id_idx on ops.privacy_requests (user_id, created_at desc);

alter table ops.privacy_sources enable row level security;
alter table ops.privacy_requests enable row level security;
grant select on ops.privacy_sources, ops.privacy_requests to service_role;

insert into ops.job_types (job_type, priority, max_attempts, lease_seconds, description)
values
  ('privacy.export', 7, 5, 300, 'Gathers a person''s data into a file. Payload: request_id, user_id.'),
  ('privacy.erase', 6, 10, 300, 'Removes a person''s files and account. Payload: request_id, user_id.'),
  ('privacy.expire', 8, 10, 60, 'Removes the file of an export that was there long enough. Payload: request_id, user_id.')
on conflict (job_type) do nothing;

insert into core.settings (key, value, description)
values
  ('ops.erasure_grace_hours', '24', 'Hours in which a person can call off the erasure of his account.'),
  ('ops.export_keep_hours', '168', 'Hours for which the file of a data export can be downloaded.')
on conflict (key) do nothing;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description)
values
  ('auth', 'users', 'id', '{id,email,phone,created_at,last_sign_in_at,raw_user_meta_data}', 'The account.'),
  ('core', 'profiles', 'id', null, 'The profile.'),
  ('core', 'user_roles', 'user_id', null, 'Roles.'),
  ('core', 'role_change_history', 'user_id', null, 'Changes of roles.'),
  ('core', 'experts', 'id', null, 'The expert profile.'),
  ('core', 'expert_topics', 'expert_id', null, 'An expert''s topics.'),
  ('core', 'files', 'owner_id', null, 'Files.'),
  ('core', 'notifications', 'user_id', null, 'Notices.'),
  ('core', 'notification_preferences', 'user_id', null, 'Which notices are wanted.'),
  ('core', 'blocks', 'blocker_id', null, 'Who was blocked.'),
  ('core', 'moderation_reports', 'reporter_id', '{id,module,entity_type,entity_id,reason,details,status,created_at,resolved_at}', 'Reports made.'),
  ('private', 'core_export_moderation_actions', 'user_id', null, 'What moderators decided about the person.'),
  ('core', 'moderation_appeals', 'user_id', '{id,action_id,text,status,decision_note,created_at,decided_at}', 'Appeals made.'),
  ('ops', 'api_usage', 'user_id', null, 'Requests.'),
  ('ops', 'ai_calls', 'user_id', null, 'Calls of AI providers.'),
  ('ops', 'privacy_requests', 'user_id', null, 'Requests for export or erasure.')
on conflict do nothing;

insert into storage.buckets (id, name, public)
values ('exports', 'exports', false)
on conflict (id) do nothing;

create policy exports_select_owner on storage.objects
  for select to authenticated
  using (bucket_id = 'exports' and (storage.foldername(name))[1] = (select auth.uid())::text);

-- What the person asks for. Suspended accounts may, too: it is a right.
create or replace function private.request_privacy(p_kind text)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := auth.uid();
  v_id uuid;
  v_due_at timestamptz := now();
begin
  if v_user_id is null or not exists (select from core.profiles as p where p.id = v_user_id) then
    raise sqlstate 'PT401' using
      message = 'not_authenticated',
      detail = 'This needs a signed-in user.',
      hint = 'Sign in first.';
  end if;
  perform private.rate_limit('privacy.' || p_kind || ':' || v_user_id, 5, 5 / 86400.0);
  if p_kind = 'erasure' then
    -- Said at once: the work begins with the files, and those would be gone when the account is refused its end.
    if private.has_role('admin') and exists (
      select from core.admins as a where a.id = v_user_id and a.level <> 'readonly'
    ) then
      perform private.check_admin_remains(v_user_id);
    end if;
    v_due_at := now() + make_interval(
      hours => coalesce(private.setting_number('ops.erasure_grace_hours'), 24)
    );
  end if;

  insert into ops.privacy_requests (user_id, user_tombstone, kind, due_at)
  values (v_user_id, v_user_id, p_kind, v_due_at)
  on conflict (user_id, kind) where status = 'requested' do nothing
  returning id into v_id;
  if v_id is null then
    select r.id into v_id
    from ops.privacy_requests as r
    where r.user_id = v_user_id and r.kind = p_kind and r.status = 'requested';
    return v_id;
  end if;

  update ops.privacy_requests
  set job_id = ops.enqueue_job(
    case p_kind when 'export' then 'privacy.export' else 'privacy.erase' end,
    jsonb_build_object('request_id', v_id, 'user_id', v_user_id),
    v_id, v_id::text, v_due_at
  )
  where id = v_id;
  perform private.audit_event('privacy.' || p_kind || '_requested', 'ops.privacy_requests', v_id::text);
  return v_id;
end;
$$;

comment on function private.request_privacy(text) is 'Behind core.request_data_export and core.request_erasure.';

create or replace function private.cancel_my_erasure()
returns boolean
language plpgsql
volatile
security definer -- writes ops tables; acts for the caller only
set search_path = ''
as $$
declare
  v_request ops.privacy_requests;
begin
  update ops.privacy_requests as r
  set status = 'cancelled', finished_at = clock_timestamp()
  where r.user_id = auth.uid() and r.kind = 'erasure' and r.status = 'requested' and r.started_at is null
  returning * into v_request;
  if not found then
    return false;
  end if;
  perform ops.cancel_jobs_for(v_request.id);
  perform private.audit_event('privacy.erasure_cancelled', 'ops.privacy_requests', v_request.id::text);
  return true;
end;
$$;

comment on function private.cancel_my_erasure() is 'Behind core.cancel_erasure.';

create or replace function private.my_privacy_requests()
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
security definer -- reads ops tables; shows the caller's own rows only
set search_path = ''
as $$
begin
  return query
  select r.id, r.kind, r.status, r.due_at, r.result_path, r.created_at, r.finished_at
  from ops.privacy_requests as r
  where r.user_id = auth.uid()
  order by r.created_at desc, r.id
  limit 100;
end;
$$;

comment on function private.my_privacy_requests() is 'Behind core.my_privacy_requests.';

revoke execute on function private.request_privacy(text) from public;
revoke execute on function private.cancel_my_erasure() from public;
revoke execute on function private.my_privacy_requests() from public;
grant execute on function private.request_privacy(text) to authenticated;
grant execute on function private.cancel_my_erasure() to authenticated;
grant execute on function private.my_privacy_requests() to authenticated;
