-- Events that providers send (payments, mail, OCR), each worked on once however often it is sent.
--
-- An edge function verifies the signature over the raw body before it calls core.receive_webhook.

create table ops.webhook_events (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  event_id text not null,
  event_type text not null,
  payload jsonb not null default '{}',
  status text not null default 'received',
  error_message text,
  received_at timestamptz not null default now(),
  taken_at timestamptz not null default now(),
  processed_at timestamptz,
  deliveries integer not null default 1,
  constraint webhook_events_provider_event_id_key unique (provider, event_id),
  constraint webhook_events_event_id_check check (length(event_id) between 1 and 300),
  constraint webhook_events_status_check check (status in ('received', 'processed', 'ignored', 'failed')),
  constraint webhook_events_processed_check check ((status = 'received') = (processed_at is null))
);

comment on table ops.webhook_events is 'Verified events of providers, one row an event: a repeated delivery only counts up.';

create index webhook_events_received_at_idx on ops.webhook_events (received_at);

alter table ops.webhook_events enable row level security;
grant select on ops.webhook_events to service_role;

create or replace function ops.receive_webhook(
  p_provider text,
  p_event_id text,
  p_event_type text,
  p_payload jsonb default '{}'
)
returns uuid
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_event ops.webhook_events;
begin
  insert into ops.webhook_events as w (provider, event_id, event_type, payload)
  values (p_provider, p_event_id, p_event_type, coalesce(p_payload, '{}'))
  on conflict (provider, event_id) do nothing
  returning * into v_event;
  if found then
    return v_event.id;
  end if;

  -- A provider repeats what was not acknowledged. Given out again is what failed, and what somebody began and
  -- did not end in five minutes.
  select * into v_event
  from ops.webhook_events as w
  where w.provider = p_provider and w.event_id = p_event_id
  for update;
  if v_event.status = 'failed'
    or (v_event.status = 'received' and v_event.taken_at < clock_timestamp() - interval '5 minutes')
  then
    update ops.webhook_events as w
    set status = 'received', processed_at = null, taken_at = clock_timestamp(), deliveries = w.deliveries + 1
    where w.id = v_event.id;
    return v_event.id;
  end if;
  update ops.webhook_events as w set deliveries = w.deliveries + 1 where w.id = v_event.id;
  return null;
end;
$$;

comment on function ops.receive_webhook(text, text, text, jsonb) is
  'Stores a verified event. Its id when it is to be worked on; null when another delivery of it was, or is being, worked on.';

create or replace function ops.finish_webhook(p_id uuid, p_status text, p_error text default null)
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  update ops.webhook_events as w
  set status = p_status, processed_at = clock_timestamp(), error_message = left(p_error, 2000)
  where w.id = p_id and w.status = 'received' and p_status in ('processed', 'ignored', 'failed');
  if not found then
    raise sqlstate 'PT409' using
      message = 'webhook_not_open',
      detail = 'No event with this id waits for an end, or the status is not processed, ignored or failed.',
      hint = 'Finish an event once.';
  end if;
end;
$$;

comment on function ops.finish_webhook(uuid, text, text) is 'Ends the work on an event: processed, ignored or failed.';

revoke execute on function ops.receive_webhook(text, text, text, jsonb) from public;
revoke execute on function ops.finish_webhook(uuid, text, text) from public;
grant execute on function ops.receive_webhook(text, text, text, jsonb) to service_role;
grant execute on function ops.finish_webhook(uuid, text, text) to service_role;
