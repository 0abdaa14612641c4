-- Results worth keeping: what a costly call said about some content, by the hash of that content.
--
-- A key is a hash of everything that the result depends on (content, model, prompt version, options). Entries
-- expire; retention removes them. Nothing is cached that depends on who asks.

create unlogged table ops.cache_entries (
  namespace text not null,
  key text not null,
  value jsonb not null,
  expires_at timestamptz not null,
  hits bigint not null default 0,
  last_hit_at timestamptz,
  created_at timestamptz not null default now(),
  constraint cache_entries_pkey primary key (namespace, key),
  constraint cache_entries_namespace_check check (namespace ~ '^[a-z0-9_.]{1,100}$'),
  constraint cache_entries_key_check check (length(key) between 1 and 200)
) with (fillfactor = 80);

comment on table ops.cache_entries is
  'Cached results by content hash (OCR, AI answers, embeddings), with expiry. Not logged: a crash empties it.';

create index cache_entries_expires_at_idx on ops.cache_entries (expires_at);

alter table ops.cache_entries enable row level security;
grant select on ops.cache_entries to service_role;

-- A hit is counted when nobody else is at the row: readers never wait for each other.
create or replace function ops.cache_get(p_namespace text, p_key text)
returns jsonb
language plpgsql
volatile
security definer -- reads and counts in ops; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_value jsonb;
begin
  select c.value into v_value
  from ops.cache_entries as c
  where c.namespace = p_namespace and c.key = p_key and c.expires_at > now();
  if not found then
    return null;
  end if;
  perform from ops.cache_entries as c
  where c.namespace = p_namespace and c.key = p_key
  for no key update skip locked;
  if found then
    update ops.cache_entries as c
    set hits = c.hits + 1, last_hit_at = now()
    where c.namespace = p_namespace and c.key = p_key;
  end if;
  return v_value;
end;
$$;

comment on function ops.cache_get(text, text) is 'The cached value, or null when there is none or it has expired.';

create or replace function ops.cache_put(
  p_namespace text,
  p_key text,
  p_value jsonb,
  p_ttl interval default interval '30 days'
)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  if p_value is null or p_ttl is null or p_ttl <= interval '0' then
    raise sqlstate 'PT422' using
      message = 'invalid_cache_entry',
      detail = 'A cache entry has a value, and a time to live above zero.',
      hint = 'Store JSON null for a known absence.';
  end if;
  insert into ops.cache_entries as c (namespace, key, value, expires_at)
  values (p_namespace, p_key, p_value, now() + p_ttl)
  on conflict (namespace, key) do update
  set value = excluded.value, expires_at = excluded.expires_at, created_at = now(), hits = 0, last_hit_at = null;
end;
$$;

comment on function ops.cache_put(text, text, jsonb, interval) is 'Stores a value, over the one that is there.';

revoke execute on function ops.cache_get(text, text) from public;
revoke execute on function ops.cache_put(text, text, jsonb, interval) from public;
grant execute on function ops.cache_get(text, text) to service_role;
grant execute on function ops.cache_put(text, text, jsonb, interval) to service_role;
