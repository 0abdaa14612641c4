-- What the Data API offers services beyond the queue: usage, cache, limits, webhooks. Executable by service_role
-- only.

create or replace function core.record_ai_call(
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
security invoker
set search_path = ''
as $$
begin
  return ops.record_ai_call(
    p_provider, p_model, p_purpose, p_status, p_prompt_tokens, p_completion_tokens, p_cost_micro_usd,
    p_latency_ms, p_attempts, p_error_code, p_prompt_hash, p_prompt_length, p_completion_length, p_prompt_version,
    p_resource_type, p_resource_id, p_user_id, p_job_id
  );
end;
$$;

comment on function core.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) is
  'For services: records one call of an AI provider, by named parameters.';

create or replace function core.record_api_usage(
  p_endpoint text,
  p_method text,
  p_response_status integer default null,
  p_response_time_ms integer default null,
  p_user_id uuid default null,
  p_request_bytes bigint default null,
  p_response_bytes bigint default null,
  p_client_address text default null
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.record_api_usage(
    p_endpoint, p_method, p_response_status, p_response_time_ms, p_user_id, p_request_bytes, p_response_bytes,
    p_client_address::inet
  );
end;
$$;

comment on function core.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, text) is
  'For services: records one request; the address is cut to its network.';

create or replace function core.record_metric(
  p_name text,
  p_value double precision,
  p_labels jsonb default '{}'
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.record_metric(p_name, p_value, p_labels);
end;
$$;

comment on function core.record_metric(text, double precision, jsonb) is
  'For services: records one measured point.';

create or replace function core.cache_get(p_namespace text, p_key text)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.cache_get(p_namespace, p_key);
end;
$$;

comment on function core.cache_get(text, text) is
  'For services: a cached value, or null.';

create or replace function core.cache_put(
  p_namespace text,
  p_key text,
  p_value jsonb,
  p_ttl_seconds integer default 2592000
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.cache_put(p_namespace, p_key, p_value, make_interval(secs => p_ttl_seconds));
end;
$$;

comment on function core.cache_put(text, text, jsonb, integer) is
  'For services: caches a value.';

create or replace function core.take_rate_limit(
  p_key text,
  p_capacity integer,
  p_refill_per_second numeric,
  p_cost integer default 1
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.rate_limit(p_key, p_capacity, p_refill_per_second, p_cost);
end;
$$;

comment on function core.take_rate_limit(text, integer, numeric, integer) is
  'For services: takes tokens from a bucket; PT429 rate_limited when there are too few.';

create or replace function core.begin_idempotent(
  p_user_id uuid,
  p_operation text,
  p_key text,
  p_request_hash text
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return private.begin_idempotent(p_user_id, p_operation, p_key, p_request_hash);
end;
$$;

comment on function core.begin_idempotent(uuid, text, text, text) is
  'For services: null means go on and finish; else the stored answer of the same request.';

create or replace function core.finish_idempotent(
  p_user_id uuid,
  p_operation text,
  p_key text,
  p_response jsonb
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.finish_idempotent(p_user_id, p_operation, p_key, p_response);
end;
$$;

comment on function core.finish_idempotent(uuid, text, text, jsonb) is
  'For services: stores the answer of a request.';

create or replace function core.receive_webhook(
  p_provider text,
  p_event_id text,
  p_event_type text,
  p_payload jsonb default '{}'
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  return ops.receive_webhook(p_provider, p_event_id, p_event_type, p_payload);
end;
$$;

comment on function core.receive_webhook(text, text, text, jsonb) is
  'For services: stores a verified event; its id when it is to be worked on, null when it was delivered before.';

create or replace function core.finish_webhook(p_id uuid, p_status text, p_error text default null)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform ops.finish_webhook(p_id, p_status, p_error);
end;
$$;

comment on function core.finish_webhook(uuid, text, text) is
  'For services: ends the work on an event: processed, ignored or failed.';

revoke execute on function core.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) from public, anon, authenticated;
revoke execute on function core.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, text) from public, anon, authenticated;
revoke execute on function core.record_metric(text, double precision, jsonb) from public, anon, authenticated;
revoke execute on function core.cache_get(text, text) from public, anon, authenticated;
revoke execute on function core.cache_put(text, text, jsonb, integer) from public, anon, authenticated;
revoke execute on function core.take_rate_limit(text, integer, numeric, integer) from public, anon, authenticated;
revoke execute on function core.begin_idempotent(uuid, text, text, text) from public, anon, authenticated;
revoke execute on function core.finish_idempotent(uuid, text, text, jsonb) from public, anon, authenticated;
revoke execute on function core.receive_webhook(text, text, text, jsonb) from public, anon, authenticated;
revoke execute on function core.finish_webhook(uuid, text, text) from public, anon, authenticated;
grant execute on function core.record_ai_call(
  text, text, text, text, integer, integer, bigint, integer, integer, text, text, integer, integer, text, text,
  uuid, uuid, uuid
) to service_role;
grant execute on function core.record_api_usage(text, text, integer, integer, uuid, bigint, bigint, text) to service_role;
grant execute on function core.record_metric(text, double precision, jsonb) to service_role;
grant execute on function core.cache_get(text, text) to service_role;
grant execute on function core.cache_put(text, text, jsonb, integer) to service_role;
grant execute on function core.take_rate_limit(text, integer, numeric, integer) to service_role;
grant execute on function core.begin_idempotent(uuid, text, text, text) to service_role;
grant execute on function core.finish_idempotent(uuid, text, text, jsonb) to service_role;
grant execute on function core.receive_webhook(text, text, text, jsonb) to service_role;
grant execute on function core.finish_webhook(uuid, text, text) to service_role;
