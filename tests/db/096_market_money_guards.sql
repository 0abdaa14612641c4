-- The guards of money, one by one: each stands here for the mistake that it refuses.
begin;
select tests.share_temporaries();
select plan(41);

create temp table p as select
  tests.tutor('guard-tutor@test.local') as tutor, tests.tutor('guard-other@test.local') as other,
  tests.create_user('guard-learner@test.local') as learner, tests.create_user('guard-admin@test.local', '{admin}') as admin;
create temp table o as select tests.offer((select tutor from p), 10001) as id, tests.offer((select tutor from p), 0) as free;
create temp sequence hours start 100 increment 2;
create function pg_temp.booking(p_status text) returns uuid language sql as $$
  select tests.booking((select id from o), (select learner from p),
    tests.hour((case when p_status in ('hold', 'scheduled') then 1 else -1 end * nextval('hours'))::integer), p_status);
$$;
create function pg_temp.begin(p_id uuid, p_provider text default 'local') returns uuid language sql as $$
  select (market.begin_checkout(p_id, (select learner from p), p_provider) ->> 'payment_id')::uuid;
$$;
create function pg_temp.event(p_type text, p_data jsonb) returns text language sql as $$
  select market.record_payment_event('local', 'evt_' || gen_random_uuid(), p_type,
    '{"amount_minor": 10001, "currency": "EUR"}' || p_data, now());
$$;

-- Reversals.
create temp table b as select pg_temp.booking('scheduled') as id;
create temp table a as select
  private.ledger_account('escrow', (select id from b), 'EUR') as escrow, private.ledger_account('tutor', (select tutor from p), 'EUR') as tutor,
  private.ledger_account('tutor', (select other from p), 'EUR') as other, private.ledger_account('platform', (select tutor from p), 'EUR') as platform;
create function pg_temp.move(p_kind text, p_from uuid, p_to uuid, p_key text, p_reverses text default null) returns uuid language sql as $$
  select private.ledger_transfer(p_kind, p_from, p_to, 10, p_key, (select id from b),
    p_reverses_id => (select t.id from market.transfers as t where t.idempotency_key = p_reverses));
$$;
select pg_temp.move('earning', (select escrow from a), (select tutor from a), 'g-earning');
select throws_ok($$ select pg_temp.move('earning_reversal', (select other from a), (select escrow from a), 'g-1', 'g-earning') $$,
  'PT409', 'illegal_reversal', 'what one tutor earned is not taken from another');
select pg_temp.move('earning_reversal', (select tutor from a), (select escrow from a), 'g-2', 'g-earning');
select pg_temp.move('loss', (select platform from a), (select escrow from a), 'g-loss');
select pg_temp.move('loss_reversal', (select escrow from a), (select platform from a), 'g-unloss', 'g-loss');
select throws_ok($$ select pg_temp.move('commission_reversal', (select platform from a), (select escrow from a), 'g-3', 'g-unloss') $$,
  'PT409', 'illegal_reversal', 'between the right accounts, but of another kind');

-- Beginning to pay.
create temp table h as select pg_temp.booking('hold') as id;
update market.bookings set hold_expires_at = now() - interval '1 second' where id = (select id from h);
select throws_ok($$ select pg_temp.begin((select id from h)) $$, 'PT409', 'booking_not_payable', 'a hold whose time is over, though nobody has ended it');
update market.bookings set hold_expires_at = now() + interval '10 minutes' where id = (select id from h);
select throws_ok($$ select pg_temp.begin(tests.booking((select free from o), (select learner from p), tests.hour(50), 'hold')) $$,
  'PT409', 'booking_not_payable', 'what is free is not paid for');
create temp table h1 as select pg_temp.begin((select id from h)) as id;
create temp table h2 as select pg_temp.begin((select id from h), 'stripe') as id;
select isnt((select id from h2), (select id from h1), 'another provider begins anew');
select is((select status from market.payments where id = (select id from h1)), 'expired', 'and ends what the first one had begun');
select lives_ok($$ select market.attach_checkout((select id from h1), 'cs_late', 'https://pay.test/late', now() + interval '1 hour') $$, 'its late answer');
select is((select status from market.payments where id = (select id from h1)), 'expired', 'does not open it again');
select throws_ok($$ select market.attach_checkout(gen_random_uuid(), 'cs', 'https://pay.test', now()) $$, 'PT404', 'payment_not_found', 'no checkout without its payment');
create temp table limited as select pg_temp.booking('hold') as id;
update core.settings set value = '1' where key = 'market.checkout_burst';
delete from ops.rate_limits where key like 'market:checkout:%';
select lives_ok($$ select pg_temp.begin((select id from limited)) $$, 'payments are begun');
update market.payments set status = 'failed' where booking_id = (select id from limited);
select throws_ok($$ select pg_temp.begin((select id from limited)) $$, 'PT429', 'rate_limited', 'but not without end');
update core.settings set value = '1000' where key = 'market.checkout_burst';
delete from ops.rate_limits where key like 'market:checkout:%';

-- Events that lack something, or come too early.
create temp table e as select pg_temp.booking('hold') as id;
create temp table e1 as select pg_temp.begin((select id from e)) as id;
select is(pg_temp.event('payment_captured', jsonb_build_object('payment_id', (select id from e1))), 'failed', 'money without an id of the provider');
select is((select flag from market.payments where id = (select id from e1)), 'ids_missing', 'is flagged');
select throws_ok($$ select pg_temp.event('dispute_opened', jsonb_build_object('payment_id', (select id from e1), 'provider_dispute_id', 'dp_early')) $$,
  'PT404', 'payment_not_found', 'a dispute of what was not captured is to be delivered again');
select is((select count(*) from ops.webhook_events where payload ->> 'provider_dispute_id' = 'dp_early'), 0::bigint, 'so that it is not taken for delivered');
select throws_ok($$ select pg_temp.event('refund_succeeded', jsonb_build_object('payment_id', (select id from e1))) $$, 'PT422', 'event_invalid', 'a refund has an id');
select throws_ok($$ select market.record_payment_event('local', '', 'payment_captured', '{}', now()) $$, 'PT422', 'event_invalid', 'an event has an id');
select throws_ok($$ select market.record_payment_event('local', 'evt', 'payment_captured', '[]', now()) $$, 'PT422', 'event_invalid', 'and data');
select is(pg_temp.event('refund_failed', jsonb_build_object('provider_refund_id', 're_x', 'provider_payment_id', (tests.payment_of((select id from b))).provider_payment_id)),
  'ignored', 'a refund of somebody else''s hand that failed is of no concern');

-- Settled is settled.
create temp table c as select pg_temp.booking('scheduled') as id;
update market.bookings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'learner', refund_minor = 5000 where id = (select id from c);
select private.ledger_settle_cancelled((select id from c), 5000, 'cancelled_by_learner', null);
select private.ledger_settle_cancelled((select id from c), 10001, 'cancelled_by_learner', null);
select is((select sum(amount_minor) from market.refunds where payment_id = (tests.payment_of((select id from c))).id), 5000::numeric, 'a second settlement gives nothing more');
create temp table m as select pg_temp.booking('scheduled') as id;
select tests.as_user((select learner from p));
select market.reschedule_booking((select id from m), tests.hour(700));
select tests.as_owner();
select throws_ok($$ select private.ledger_settle_cancelled((select id from m), 10001, 'cancelled_by_learner', null) $$,
  'PT409', 'booking_not_cancelled', 'what was moved is not settled, but what stands in its place');
-- While a bank decides, no refund is sent.
create temp table d as select pg_temp.booking('scheduled') as id;
select tests.money_event((select id from d), 'dispute_opened', '{"provider_dispute_id": "dp_guard"}');
update market.bookings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'tutor', refund_minor = price_minor where id = (select id from d);
select private.booking_settle((select id from d));
create temp table dr as select r.* from market.refunds as r where r.payment_id = (tests.payment_of((select id from d))).id;
select is((select count(*) from ops.queue_items where resource_id = (select id from dr)), 0::bigint, 'no job for a refund in dispute');
select tests.money_event((select id from d), 'dispute_closed', '{"provider_dispute_id": "dp_guard", "outcome": "lost"}');
select is(tests.money_event((select id from d), 'refund_succeeded', jsonb_build_object('refund_id', (select id from dr), 'provider_refund_id', 're_dead')),
  'failed', 'a refund that was cancelled cannot go through');
select is((select flag from market.payments where id = (select payment_id from dr)), 'refund_mismatch', 'that is for a person');

-- Workers.
create temp table r as select r.* from market.refunds as r where r.payment_id = (tests.payment_of((select id from c))).id;
select ops.enqueue_job('market.check_payment', '{}', (select id from r), 'a-job-of-another-type');
create temp table wrong as select * from tests.money_lease((select id from r), 'market.check_payment');
select throws_ok($$ select market.begin_refund(id, lease_token) from wrong $$, 'PT409', 'lease_lost', 'a lease on another type of job opens nothing');
create temp table j as select * from tests.money_lease((select id from r), 'market.send_refund');
select is((select market.begin_refund(id, lease_token) ->> 'proceed' from j), 'true', 'a refund is begun');
select is((select market.finish_refund(id, lease_token, 're_j', 'sent') ->> 'status' from j), 'sent', 'and sent');
select is((select market.begin_refund(id, lease_token) ->> 'reason' from j), 'sent', 'what was sent is not sent again');
select is((select market.finish_refund(id, lease_token, null, 'failed') ->> 'status' from j), 'sent', 'nor does it fail by a word of the worker');
select ops.enqueue_job('market.check_refund', '{}', (select id from r), 'a-check');
create temp table ck as select * from tests.money_lease((select id from r), 'market.check_refund');
select is((select market.begin_refund_check(id, lease_token) ->> 'provider_refund_id' from ck), 're_j', 'without news the provider is asked');

-- Payouts.
update core.settings set value = '0' where key = 'market.payout_delay_days';
create temp table s as select pg_temp.booking('completed') as id;
select market.save_payout_account((select tutor from p), 'local', 'acct_guard');
select is(market.run_payouts(), 0, 'nothing goes to an account that is not enabled');
update core.experts set verification_status = 'suspended' where id = (select other from p);
select throws_ok($$ select market.save_payout_account((select other from p), 'local', 'acct_o') $$, 'PT403', 'tutor_required', 'who is not verified opens none');
update market.payout_accounts set status = 'enabled';
select is(market.run_payouts(), 1, 'an enabled one is paid');
create temp table y as select * from market.payouts;
create temp table yj as select * from tests.money_lease((select id from y), 'market.send_payout');
select is((select market.finish_payout(id, lease_token, 'tr', 'sent') ->> 'status' from yj), 'pending', 'what was not begun was not sent');
select is(pg_temp.event('payout_paid', jsonb_build_object('payout_id', (select id from y), 'provider_transfer_id', 'tr', 'amount_minor', (select amount_minor from y))),
  'failed', 'nor has it arrived');
select is((select tests.balance('in_transit', (select tutor from p))), 0::bigint, 'nothing has moved');

-- What only administrators do.
select tests.as_user((select tutor from p));
select throws_ok($$ select market.resolve_refund((select id from dr), 'retry', 'Please') $$, 'PT403', 'role_required', 'refunds');
select throws_ok($$ select market.resolve_payout((select id from y), 'paid', 'Please') $$, 'PT403', 'role_required', 'payouts');
select throws_ok($$ select * from market.payment_problems() $$, 'PT403', 'role_required', 'what went wrong');
select throws_ok($$ select market.clear_payment_flag((select id from e1)) $$, 'PT403', 'role_required', 'flags');
select tests.as_owner();
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

select * from finish();
rollback;
