-- Helpers for the tests of market's money: events of the provider, balances, and whether everything still adds up.

-- All that sql/invariants says of money, in the middle of a transaction; what is checked at its end is checked now.
create function tests.money_broken()
returns setof text
language plpgsql
security definer
as $$
begin
  set constraints all immediate;
  set constraints all deferred;
  return query
  select rule || ' ' || id || ': ' || coalesce(detail, '') from private.market_ledger_violations
  union all
  select rule || ' ' || id || ': ' || coalesce(detail, '') from private.market_payment_violations
  union all
  select format('overlap %s: %s', a.id, b.id)
  from market.bookings as a
  join market.bookings as b on a.id < b.id
    and (a.tutor_tombstone = b.tutor_tombstone or a.learner_tombstone = b.learner_tombstone)
    and tstzrange(a.blocked_from, a.blocked_to) && tstzrange(b.blocked_from, b.blocked_to)
  where a.status in ('hold', 'scheduled', 'completed', 'no_show') and b.status in ('hold', 'scheduled', 'completed', 'no_show');
end;
$$;

create function tests.balance(p_kind text, p_owner_id uuid, p_currency text default 'EUR')
returns bigint
language sql
security definer
as $$
  select coalesce((
    select balance_minor from market.accounts where kind = p_kind and owner_id = p_owner_id and currency = p_currency
  ), 0);
$$;

-- A booking's money in one line: learner, escrow, tutor, platform, refunds, disputed.
create function tests.money_of(p_booking_id uuid)
returns text
language sql
security definer
as $$
  select concat_ws(' ',
    tests.balance('learner', b.learner_tombstone), tests.balance('escrow', b.chain_id), tests.balance('tutor', b.tutor_tombstone),
    tests.balance('platform', b.tutor_tombstone), tests.balance('refunds', b.learner_tombstone), tests.balance('disputed', b.chain_id)
  )
  from market.bookings as b where b.id = p_booking_id;
$$;

create function tests.payment_of(p_booking_id uuid)
returns market.payments
language sql
security definer
as $$
  select p.* from market.payments as p join market.bookings as b on b.chain_id = p.chain_id
  where b.id = p_booking_id order by p.is_kept desc, p.created_at desc limit 1;
$$;

-- An event about the payment of a booking, as the function payments-webhook hands it in.
create function tests.money_event(p_booking_id uuid, p_type text, p_data jsonb default '{}', p_event_id text default null)
returns text
language sql
security definer
as $$
  select market.record_payment_event(
    'local', coalesce(p_event_id, 'evt_' || gen_random_uuid()), p_type,
    jsonb_build_object(
      'provider_payment_id', (tests.payment_of(p_booking_id)).provider_payment_id,
      'amount_minor', (tests.payment_of(p_booking_id)).amount_minor, 'currency', 'EUR'
    ) || p_data, now()
  );
$$;

-- A job of the queue about this row, leased, as if a worker had claimed it.
create function tests.money_lease(p_resource_id uuid, p_job_type text)
returns ops.queue_items
language sql
security definer
as $$
  update ops.queue_items
  set status = 'processing', attempts = attempts + 1, leased_by = 'test', lease_token = nextval('ops.lease_tokens'),
    lease_expires_at = now() + interval '5 minutes'
  where resource_id = p_resource_id and job_type = p_job_type
  returning *;
$$;

grant execute on all functions in schema tests to public;
