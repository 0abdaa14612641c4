-- How often somebody may do something, and doing it once when he asks twice.

-- Token bucket: full at first, refilled steadily, emptied by what is done. Lost on a crash, which only means full.
create unlogged table ops.rate_limits (
  key text primary key,
  tokens numeric not null,
  updated_at timestamptz not null default now(),
  constraint rate_limits_tokens_check check (tokens >= 0)
) with (fillfactor = 70);

comment on table ops.rate_limits is 'Token buckets of private.rate_limit, one a key. Not logged: a crash fills them.';

create index rate_limits_updated_at_idx on ops.rate_limits (updated_at);

-- One statement decides and books, so no two calls can both take the last token; callers of one key wait for each
-- other until their transactions end. What the transaction undoes is given back.
create or replace function private.rate_limit(
  p_key text,
  p_capacity integer,
  p_refill_per_second numeric,
  p_cost integer default 1
)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role, and modules call it as their owner
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_tokens numeric;
begin
  if p_capacity < 1 or p_refill_per_second < 0 or p_cost not between 0 and p_capacity then
    raise sqlstate 'PT422' using
      message = 'invalid_rate_limit',
      detail = 'The capacity is at least 1, the refill not negative, the cost between 0 and the capacity.',
      hint = 'Correct the arguments.';
  end if;

  insert into ops.rate_limits as r (key, tokens, updated_at)
  values (p_key, p_capacity - p_cost, v_now)
  on conflict (key) do update
  set tokens = least(
      p_capacity,
      r.tokens + greatest(extract(epoch from v_now - r.updated_at), 0) * p_refill_per_second
    ) - p_cost,
    updated_at = greatest(v_now, r.updated_at)
  where least(
      p_capacity,
      r.tokens + greatest(extract(epoch from v_now - r.updated_at), 0) * p_refill_per_second
    ) >= p_cost;
  if found then
    return;
  end if;

  select least(
      p_capacity,
      r.tokens + greatest(extract(epoch from v_now - r.updated_at), 0) * p_refill_per_second
    )
  into v_tokens
  from ops.rate_limits as r
  where r.key = p_key;
  raise sqlstate 'PT429' using
    message = 'rate_limited',
    detail = case
      when p_refill_per_second > 0
        then format('Retry after %s seconds.', greatest(ceil((p_cost - v_tokens) / p_refill_per_second), 1))
      else 'The limit is used up.'
    end,
    hint = 'Wait, then try again.';
end;
$$;

comment on function private.rate_limit(text, integer, numeric, integer) is
  'Takes p_cost tokens from a bucket of p_capacity that refills steadily; PT429 rate_limited when there are too few.';

-- The allowances of a module are one setting: {"<action>": {"burst": n, "per_hour": n}, …}.
create or replace function private.limit_action(p_setting text, p_action text, p_key text)
returns void
language plpgsql
volatile
security definer -- reads settings and writes rate limits for whoever acts
set search_path = ''
as $$
declare
  v_limit jsonb := private.setting(p_setting) -> p_action;
begin
  perform private.rate_limit(
    format('%s:%s:%s', p_setting, p_action, p_key), (v_limit ->> 'burst')::integer, (v_limit ->> 'per_hour')::numeric / 3600
  );
end;
$$;

comment on function private.limit_action(text, text, text) is
  'Takes one from what a setting such as market.booking_limits allows of an action, for a person or whatever p_key names; rate_limited (429) when it is used up.';

create table ops.idempotency_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references core.profiles (id) on delete cascade,
  operation text not null,
  key text not null,
  request_hash text not null,
  status text not null default 'in_progress',
  response jsonb,
  locked_until timestamptz not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint idempotency_keys_user_operation_key unique nulls not distinct (user_id, operation, key),
  constraint idempotency_keys_key_check check (length(key) between 1 and 200),
  constraint idempotency_keys_status_check check (status in ('in_progress', 'finished')),
  constraint idempotency_keys_finished_check check ((status = 'finished') = (finished_at is not null))
);

comment on table ops.idempotency_keys is
  'What a client may send twice, and what it was answered: one row for a user, an operation and the key he chose.';
comment on column ops.idempotency_keys.locked_until is 'An unfinished request may be taken over after this.';

create index idempotency_keys_created_at_idx on ops.idempotency_keys (created_at);

alter table ops.rate_limits enable row level security;
alter table ops.idempotency_keys enable row level security;
grant select on ops.rate_limits, ops.idempotency_keys to service_role;

-- Within one transaction (an RPC) a second call waits for the first and gets its answer. Across transactions
-- (an edge function that begins, works, finishes) it gets PT409 while the first one works.
create or replace function private.begin_idempotent(
  p_user_id uuid,
  p_operation text,
  p_key text,
  p_request_hash text,
  p_lock interval default interval '2 minutes'
)
returns jsonb
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role, and modules call it as their owner
set search_path = ''
as $$
declare
  v_row ops.idempotency_keys;
begin
  if coalesce(length(p_key), 0) not between 1 and 200 or p_request_hash is null then
    raise sqlstate 'PT422' using
      message = 'invalid_idempotency_key',
      detail = 'An idempotency key has 1 to 200 characters.',
      hint = 'Send a new random UUID for each new request, and the same one when you retry it.';
  end if;

  insert into ops.idempotency_keys as i (user_id, operation, key, request_hash, locked_until)
  values (p_user_id, p_operation, p_key, p_request_hash, clock_timestamp() + p_lock)
  on conflict (user_id, operation, key) do nothing;
  if found then
    return null;
  end if;

  select * into v_row
  from ops.idempotency_keys as i
  where i.user_id is not distinct from p_user_id and i.operation = p_operation and i.key = p_key
  for update;
  if v_row.request_hash is distinct from p_request_hash then
    raise sqlstate 'PT422' using
      message = 'idempotency_key_reused',
      detail = 'This key was sent before, with another request.',
      hint = 'Choose a new key for a new request.';
  end if;
  if v_row.status = 'finished' then
    return coalesce(v_row.response, 'null');
  end if;
  if v_row.locked_until > clock_timestamp() then
    raise sqlstate 'PT409' using
      message = 'request_in_progress',
      detail = 'The same request is being worked on.',
      hint = 'Wait, then send it again.';
  end if;
  update ops.idempotency_keys as i set locked_until = clock_timestamp() + p_lock where i.id = v_row.id;
  return null;
end;
$$;

comment on function private.begin_idempotent(uuid, text, text, text, interval) is
  'Null: go on and finish. Else the stored answer of the same request. PT422 idempotency_key_reused, PT409 request_in_progress.';

create or replace function private.finish_idempotent(
  p_user_id uuid,
  p_operation text,
  p_key text,
  p_response jsonb
)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role, and modules call it as their owner
set search_path = ''
as $$
begin
  update ops.idempotency_keys as i
  set status = 'finished', response = p_response, finished_at = clock_timestamp()
  where i.user_id is not distinct from p_user_id and i.operation = p_operation and i.key = p_key
    and i.status = 'in_progress';
  if not found then
    raise sqlstate 'PT409' using
      message = 'request_not_in_progress',
      detail = 'No request with this key is being worked on.',
      hint = 'Begin it first, and finish it once.';
  end if;
end;
$$;

comment on function private.finish_idempotent(uuid, text, text, jsonb) is
  'Stores the answer of a request that private.begin_idempotent let through.';

revoke execute on function private.rate_limit(text, integer, numeric, integer) from public;
revoke execute on function private.limit_action(text, text, text) from public;
revoke execute on function private.begin_idempotent(uuid, text, text, text, interval) from public;
revoke execute on function private.finish_idempotent(uuid, text, text, jsonb) from public;
grant execute on function private.rate_limit(text, integer, numeric, integer) to service_role;
grant execute on function private.begin_idempotent(uuid, text, text, text, interval) to service_role;
grant execute on function private.finish_idempotent(uuid, text, text, jsonb) to service_role;
