-- Paying for a hold: RPCs for the function `payments`. What is to be paid is said here and nowhere else.

insert into core.settings (key, value, description) values
  ('market.checkout_burst', '20', 'Payments that one person may begin at once.'),
  ('market.checkout_per_hour', '40', 'How fast that allowance grows again.'),
  ('market.check_payment_minutes', '10', 'After so many minutes without news of an open payment the provider is asked.'),
  ('market.payout_delay_days', '7', 'For so many days earnings wait before they are sent to the tutor: refunds and no-shows are settled by then.'),
  ('market.payout_minimum_minor', '2000', 'Less than this, in minor units of its currency, is not sent yet.'),
  ('market.payout_hours', '24', 'How often payouts are made, in hours.');

create function private.payment_sheet(p_payment market.payments)
returns jsonb
language sql
stable
security definer -- says what the function payments needs
set search_path = ''
as $$
  select jsonb_build_object(
    'payment_id', p_payment.id, 'booking_id', p_payment.booking_id, 'provider', p_payment.provider, 'status', p_payment.status,
    'amount_minor', p_payment.amount_minor, 'currency', p_payment.currency, 'title', b.title,
    'hold_expires_at', b.hold_expires_at, 'checkout_id', p_payment.checkout_id, 'checkout_url', p_payment.checkout_url,
    'expires_at', p_payment.expires_at, 'created_at', p_payment.created_at
  )
  from market.bookings as b where b.id = p_payment.booking_id;
$$;

create function private.payment_begin(p_booking_id uuid, p_user_id uuid, p_provider text)
returns jsonb
language plpgsql
volatile
security definer -- writes payments for the function payments, which has verified who asks
set search_path = ''
as $$
declare
  v_booking market.bookings;
  v_payment market.payments;
begin
  select b.* into v_booking from market.bookings as b
  where b.id = p_booking_id and b.learner_id = p_user_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'booking_not_found',
      detail = 'You have no booking with this id.',
      hint = 'Hold a slot first.';
  end if;
  if not exists (select from core.profiles as p where p.id = p_user_id and p.is_active) then
    raise sqlstate 'PT403' using
      message = 'account_inactive',
      detail = 'The account is suspended.',
      hint = 'Appeal, or wait until the suspension ends.';
  end if;
  if v_booking.status <> 'hold' or v_booking.hold_expires_at <= clock_timestamp() or v_booking.price_minor = 0 then
    raise sqlstate 'PT409' using
      message = 'booking_not_payable',
      detail = 'The hold has ended, or nothing is to be paid for it.',
      hint = 'Look at the booking; hold a slot anew if you want one.';
  end if;
  perform from market.payments as p where p.chain_id = v_booking.chain_id order by p.id for no key update;
  update market.payments as p set status = 'expired'
  where p.booking_id = p_booking_id and p.status = 'open' and p.expires_at <= clock_timestamp();
  select p.* into v_payment from market.payments as p where p.booking_id = p_booking_id and p.status in ('created', 'open');
  if found and v_payment.provider <> p_provider then
    update market.payments as p set status = 'expired' where p.id = v_payment.id;
    v_payment := null;
  end if;
  if v_payment.id is null then
    perform private.rate_limit(
      'market:checkout:' || p_user_id, private.setting_number('market.checkout_burst'),
      (private.setting('market.checkout_per_hour') #>> '{}')::numeric / 3600
    );
    insert into market.payments (booking_id, chain_id, learner_tombstone, provider, amount_minor, currency)
    values (p_booking_id, v_booking.chain_id, v_booking.learner_tombstone, p_provider, v_booking.price_minor, v_booking.currency)
    returning * into v_payment;
    update market.bookings as b set payment_status = 'pending' where b.id = p_booking_id and b.payment_status = 'failed';
  end if;
  return private.payment_sheet(v_payment);
end;
$$;

create function market.begin_checkout(p_booking_id uuid, p_user_id uuid, p_provider text)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_begin(p_booking_id, p_user_id, p_provider); $$;
comment on function market.begin_checkout(uuid, uuid, text) is
  'For services: what p_user_id is to pay for his hold: {payment_id, booking_id, provider, status, amount_minor, currency, title, hold_expires_at, checkout_id, checkout_url, expires_at, created_at}. The live payment of a booking is given again; one that is over gives way to a new one. Errors: booking_not_found (404), account_inactive (403), booking_not_payable (409), rate_limited (429).';

create function private.payment_attach(p_payment_id uuid, p_checkout_id text, p_url text, p_expires_at timestamptz)
returns jsonb
language plpgsql
volatile
security definer -- writes payments for the function payments
set search_path = ''
as $$
declare
  v_payment market.payments;
begin
  select p.* into v_payment from market.payments as p where p.id = p_payment_id for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'payment_not_found', detail = 'There is no such payment.', hint = 'Begin it first.';
  end if;
  if v_payment.checkout_id is not null and v_payment.checkout_id <> p_checkout_id then
    raise sqlstate 'PT409' using
      message = 'checkout_attached',
      detail = 'The payment has another checkout.',
      hint = 'Use the one that it has.';
  end if;
  -- Its news may have come first: then only the address is new.
  update market.payments as p
  set checkout_id = p_checkout_id, checkout_url = p_url, expires_at = p_expires_at,
    status = case p.status when 'created' then 'open' else p.status end
  where p.id = p_payment_id
  returning * into v_payment;
  return private.payment_sheet(v_payment);
end;
$$;

create function market.attach_checkout(p_payment_id uuid, p_checkout_id text, p_url text, p_expires_at timestamptz)
returns jsonb language sql volatile security invoker set search_path = ''
as $$ select private.payment_attach(p_payment_id, p_checkout_id, p_url, p_expires_at); $$;
comment on function market.attach_checkout(uuid, text, text, timestamptz) is
  'For services: where the payment is made. The same again changes nothing. Returns what begin_checkout returns. Errors: payment_not_found (404), checkout_attached (409).';

create trigger _900_touch_updated_at before update on market.payments
  for each row execute function private.tg__touch_updated_at();
create trigger _900_touch_updated_at before update on market.refunds
  for each row execute function private.tg__touch_updated_at();
create trigger _900_touch_updated_at before update on market.payout_accounts
  for each row execute function private.tg__touch_updated_at();
create trigger _900_touch_updated_at before update on market.payouts
  for each row execute function private.tg__touch_updated_at();

revoke execute on function
  private.payment_sheet(market.payments), private.payment_begin(uuid, uuid, text), market.begin_checkout(uuid, uuid, text),
  private.payment_attach(uuid, text, text, timestamptz), market.attach_checkout(uuid, text, text, timestamptz)
  from public, anon, authenticated;
grant execute on function
  private.payment_begin(uuid, uuid, text), market.begin_checkout(uuid, uuid, text),
  private.payment_attach(uuid, text, text, timestamptz), market.attach_checkout(uuid, text, text, timestamptz)
  to service_role;
