-- What is used, for billing and for limits: requests, and calls of AI providers.
--
-- Written by services through core.record_api_usage and core.record_ai_call. Rows outlive the account: user_id
-- is emptied with it, and nothing else in a row is personal. Prompts are kept as a hash and a length.

create table ops.api_usage (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  endpoint text not null,
  method text not null,
  response_status integer,
  response_time_ms integer,
  request_bytes bigint,
  response_bytes bigint,
  client_network inet,
  created_at timestamptz not null default now(),
  constraint api_usage_pkey primary key (id, created_at),
  constraint api_usage_user_id_fkey foreign key (user_id) references core.profiles (id) on delete set null,
  constraint api_usage_method_check check (method ~ '^[A-Z]{1,20}$'),
  constraint api_usage_status_check check (response_status between 100 and 599),
  constraint api_usage_sizes_check check (response_time_ms >= 0 and request_bytes >= 0 and response_bytes >= 0)
) partition by range (created_at);

comment on table ops.api_usage is 'Requests, by month: for billing and limits. user_id is null for strangers and deleted accounts.';
comment on column ops.api_usage.client_network is 'The caller''s address, cut to /24 (IPv6: /48).';

create index api_usage_user_id_created_at_idx on ops.api_usage (user_id, created_at);
create index api_usage_endpoint_created_at_idx on ops.api_usage (endpoint, created_at);

create table ops.ai_calls (
  id uuid not null default gen_random_uuid(),
  provider text not null,
  model text not null,
  purpose text not null,
  status text not null,
  error_code text,
  attempts smallint not null default 1,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  cost_micro_usd bigint,
  latency_ms integer,
  prompt_version text,
  prompt_hash text,
  prompt_length integer,
  completion_length integer,
  resource_type text,
  resource_id uuid,
  user_id uuid,
  job_id uuid,
  created_at timestamptz not null default now(),
  constraint ai_calls_pkey primary key (id, created_at),
  constraint ai_calls_user_id_fkey foreign key (user_id) references core.profiles (id) on delete set null,
  constraint ai_calls_status_check check (
    status in ('success', 'failed', 'timeout', 'rate_limited', 'refused', 'malformed')
  ),
  constraint ai_calls_error_check check (status <> 'success' or error_code is null),
  constraint ai_calls_prompt_hash_check check (prompt_hash ~ '^[0-9a-f]{64}$'),
  constraint ai_calls_numbers_check check (
    attempts >= 1 and prompt_tokens >= 0 and completion_tokens >= 0 and cost_micro_usd >= 0
    and latency_ms >= 0 and prompt_length >= 0 and completion_length >= 0
  )
) partition by range (created_at);

comment on table ops.ai_calls is
  'Every call of an AI provider, by month: model, tokens, price, time, outcome. Never the text: its hash and length.';
comment on column ops.ai_calls.cost_micro_usd is 'Millionths of a US dollar; null when the price or the tokens are not known.';
comment on column ops.ai_calls.resource_id is 'What the call was for (a question, a chunk), without a key: the row outlives it.';
comment on column ops.ai_calls.attempts is 'Requests sent, retries included.';

create index ai_calls_user_id_idx on ops.ai_calls (user_id, created_at);
create index ai_calls_resource_idx on ops.ai_calls (resource_type, resource_id) where resource_id is not null;
create index ai_calls_model_created_at_idx on ops.ai_calls (provider, model, created_at);

alter table ops.api_usage enable row level security;
alter table ops.ai_calls enable row level security;
grant select on ops.api_usage, ops.ai_calls to service_role;

select private.partition_by_month('ops.api_usage');
select private.partition_by_month('ops.ai_calls');

create or replace function private.network_of(p_address inet)
returns inet
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select network(set_masklen(p_address, case family(p_address) when 4 then 24 else 48 end))::inet;
$$;

comment on function private.network_of(inet) is 'An address cut to /24 (IPv6: /48), which names no person.';

create or replace function ops.record_api_usage(
  p_endpoint text,
  p_method text,
  p_response_status integer default null,
  p_response_time_ms integer default null,
  p_user_id uuid default null,
  p_request_bytes bigint default null,
  p_response_bytes bigint default null,
  p_client_address inet default null
)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- A request may outlive its account: usage is written without it then.
  insert into ops.api_usage (
    user_id, endpoint, method, response_status, response_time_ms, request_bytes, response_bytes, client_network
  )
  values (
    (select p.id from core.profiles as p where p.id = p_user_id), left(p_endpoint, 500), upper(p_method),
    p_response_status, p_response_time_ms, p_request_bytes, p_response_bytes, private.network_of(p_client_address)
  )
  returning id into v_id;
  return v_id;
end;
$$;

comment on function ops.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, inet) is
  'Records one request; the address is cut to its network.';

create or replace function ops.record_ai_call(
  p_provider text,
  p_model text,
  p_purpose text,
  p_status text,
  p_prompt_tokens integer default 0,
  p_completion_tokens integer default 0,
  p_cost_micro_usd bigint default null,
  p_latency_ms integer default null,
  p_attempts integer default 1,
  p_error_code text default null,
  p_prompt_hash text default null,
  p_prompt_length integer default null,
  p_completion_length integer default null,
  p_prompt_version text default null,
  p_resource_type text default null,
  p_resource_id uuid default null,
  p_user_id uuid default null,
  p_job_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into ops.ai_calls (
    provider, model, purpose, status, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, attempts,
    error_code, prompt_hash, prompt_length, completion_length, prompt_version, resource_type, resource_id,
    user_id, job_id
  )
  values (
    p_provider, p_model, p_purpose, p_status, coalesce(p_prompt_tokens, 0), coalesce(p_completion_tokens, 0),
    p_cost_micro_usd, p_latency_ms, coalesce(p_attempts, 1), left(p_error_code, 100),
    lower(p_prompt_hash), p_prompt_length, p_completion_length, p_prompt_version, p_resource_type,
    p_resource_id, (select p.id from core.profiles as p where p.id = p_user_id), p_job_id
  )
  returning id into v_id;
  return v_id;
end;
$$;

comment on function ops.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) is 'Records one call of an AI provider, by named parameters.';

revoke execute on function private.network_of(inet) from public;
revoke execute on function ops.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, inet) from public;
revoke execute on function ops.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) from public;
grant execute on function ops.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, inet)
  to service_role;
grant execute on function ops.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) to service_role;
