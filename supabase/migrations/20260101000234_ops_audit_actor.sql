-- Which tables are under audit, and who is said to have acted.

create table ops.audited_tables (
  table_schema text not null,
  table_name text not null,
  columns text[] not null,
  ignored_columns text[] not null,
  unaudited_columns text[] not null default '{}',
  keeps_inserts boolean not null,
  updated_at timestamptz not null default now(),
  primary key (table_schema, table_name)
);

comment on table ops.audited_tables is 'Which tables are under audit, and what is kept of them. Written by private.audit_table.';
comment on column ops.audited_tables.ignored_columns is
  'Columns whose values never enter the audit (personal or large); that they changed does.';
comment on column ops.audited_tables.unaudited_columns is
  'Columns that are not looked at: counters and the like, which change all the time and say nothing of anybody''s act.';

alter table ops.audited_tables enable row level security;
grant select on ops.audited_tables to service_role;

-- Who acts, as the request says; called once a statement.
create or replace function private.audit_actor(
  out actor_id uuid,
  out actor_kind text,
  out request_id text,
  out client_network inet
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_address inet;
begin
  actor_id := nullif(v_claims ->> 'sub', '')::uuid;
  actor_kind := case
    when v_claims is null then 'database'
    when actor_id is not null then 'user'
    when v_claims ->> 'role' = 'service_role' then 'service'
    else 'anonymous'
  end;
  -- Both are what a client sends: an id that is none (an address, a sentence) must not enter what is never erased, and
  -- of the addresses the one that the edge of hosted Supabase sets itself is the better.
  request_id := substring(v_headers ->> 'x-request-id' from '^[A-Za-z0-9._-]{1,100}$');
  if v_headers ?| array['cf-connecting-ip', 'x-forwarded-for'] then
    begin
      v_address := trim(coalesce(
        v_headers ->> 'cf-connecting-ip', split_part(v_headers ->> 'x-forwarded-for', ',', 1)
      ))::inet;
      client_network := network(set_masklen(v_address, case family(v_address) when 4 then 24 else 48 end));
    exception when invalid_text_representation or invalid_parameter_value then
      client_network := null;
    end;
  end if;
end;
$$;

comment on function private.audit_actor() is
  'Who runs this statement: the user of the JWT, an anonymous or service request, or a database session; request id; network.';

-- For what is not a change of a row: a refused attempt, an export, a decision taken elsewhere.
create or replace function private.audit_event(
  p_action text,
  p_subject text,
  p_row_key text default null,
  p_values jsonb default null
)
returns void
language plpgsql
volatile
security definer -- writes ops.audit_logs; execute is granted to service_role only
set search_path = ''
as $$
begin
  insert into ops.audit_logs (
    table_name, action, row_key, new_values, actor_id, actor_kind, request_id, client_network
  )
  select p_subject, p_action, nullif(p_row_key, ''), p_values, a.actor_id, a.actor_kind, a.request_id, a.client_network
  from private.audit_actor() as a;
end;
$$;

comment on function private.audit_event(text, text, text, jsonb) is
  'Records an event that is no change of a row. Values hold ids and facts, nothing personal.';

revoke execute on function private.audit_actor() from public;
revoke execute on function private.audit_event(text, text, text, jsonb) from public;
grant execute on function private.audit_event(text, text, text, jsonb) to service_role;
