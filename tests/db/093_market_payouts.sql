-- Payouts: planned in batches, taken from the tutor's account when they are sent, given back when they fail; who sees
-- what; and what is left when people go.
begin;
select tests.share_temporaries();
select plan(84);

create temp table p as select
  tests.tutor('payout-tutor@test.local') as tutor, tests.tutor('payout-poor@test.local') as poor,
  tests.tutor('payout-none@test.local') as none, tests.create_user('payout-learner@test.local') as learner,
  tests.create_user('payout-stranger@test.local') as stranger, tests.create_user('payout-admin@test.local', '{admin}') as admin;
create temp sequence ago start 5 increment 2;
create function pg_temp.earn(p_tutor uuid, p_price bigint) returns uuid language sql as $$
  select tests.booking(tests.offer(p_tutor, p_price), (select learner from p), tests.hour(-nextval('ago')::integer), 'completed');
$$;

-- Where to.
select throws_ok($$ select market.payout_account((select learner from p), 'local') $$, 'PT403', 'tutor_required', 'only a tutor is paid');
select is(market.payout_account((select tutor from p), 'local') ->> 'provider_account_id', null, 'a tutor without an account');
select is(market.save_payout_account((select tutor from p), 'local', 'acct_1') ->> 'status', 'pending', 'opens one');
select is(market.save_payout_account((select tutor from p), 'local', 'acct_1') ->> 'status', 'pending', 'again is harmless');
select throws_ok($$ select market.save_payout_account((select tutor from p), 'local', 'acct_2') $$, 'PT409', 'payout_account_exists', 'it is not replaced');
select throws_ok($$ select market.save_payout_account((select poor from p), 'local', 'acct_1') $$, 'PT409', 'payout_account_exists', 'nor shared');
select market.save_payout_account((select poor from p), 'local', 'acct_poor');
create function pg_temp.account(p_id text, p_status text, p_at timestamptz) returns text language sql as $$
  select market.record_payment_event('local', 'evt_' || gen_random_uuid(), 'account_updated',
    jsonb_build_object('provider_account_id', p_id, 'status', p_status), p_at);
$$;
select is(pg_temp.account('acct_1', 'enabled', now()), 'processed', 'the provider enables it');
select is(pg_temp.account('acct_1', 'restricted', now() - interval '1 hour'), 'ignored', 'older news does not change it');
select is(pg_temp.account('acct_unknown', 'enabled', now()), 'ignored', 'of others we know nothing');
select throws_ok($$ select pg_temp.account('acct_1', 'golden', now()) $$, 'PT422', 'event_invalid', 'no other status');
select pg_temp.account('acct_poor', 'enabled', now());

-- What is payable.
create temp table b1 as select pg_temp.earn((select tutor from p), 10000) as id;
create temp table b2 as select pg_temp.earn((select poor from p), 1000) as id;
create temp table b3 as select pg_temp.earn((select none from p), 10000) as id;
select tests.as_user((select tutor from p));
select results_eq($$ select * from market.my_earnings() $$,
  $$ values ('EUR', 8500::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint) $$, 'earnings wait at first');
select throws_ok($$ select market.run_payouts() $$, 'PT403', 'role_required', 'a tutor does not pay himself');
select tests.as_user((select admin from p));
select is(market.run_payouts(), 0, 'nothing is sent before the delay');
select tests.as_owner();
update core.settings set value = '0' where key = 'market.payout_delay_days';
update core.profiles set is_active = false where id = (select tutor from p);
select is(market.run_payouts(), 0, 'nothing to somebody suspended');
update core.profiles set is_active = true where id = (select tutor from p);
select is(market.run_payouts(), 1, 'after it, to whoever has enough and an account');
select is(market.run_payouts(), 0, 'once');
select results_eq($$ select payouts_count, total_minor, currency from market.payout_batches $$, $$ values (1, 8500::bigint, 'EUR') $$, 'one batch');
create temp table y as select * from market.payouts;
select is(tests.balance('tutor', (select tutor from p)), 8500::bigint, 'a plan moves nothing');
select tests.as_user((select tutor from p));
select is((select planned_minor from market.my_earnings()), 8500::bigint, 'but is seen');
select tests.as_owner();
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Sent.
create temp table j as select * from tests.money_lease((select id from y), 'market.send_payout');
select throws_ok($$ select market.begin_payout((select id from j), -1) $$, 'PT409', 'lease_lost', 'a worker needs the lease');
select is((select market.begin_payout(id, lease_token) ->> 'proceed' from j), 'true', 'a worker takes it up');
select is((select market.begin_payout(id, lease_token) ->> 'idempotency_key' from j), 'payout:' || (select id from y), 'and again after a crash, under the same key');
select is(tests.balance('tutor', (select tutor from p)) || ' ' || tests.balance('in_transit', (select tutor from p)), '0 8500', 'taken once');
create function pg_temp.news(p_type text, p_payout uuid, p_ref text default 'tr_1', p_amount bigint default 8500) returns text language sql as $$
  select market.record_payment_event('local', 'evt_' || gen_random_uuid(), p_type,
    jsonb_build_object('payout_id', p_payout, 'provider_transfer_id', p_ref, 'amount_minor', p_amount, 'currency', 'EUR'), now());
$$;
select is(pg_temp.news('payout_paid', (select id from y), 'tr_1', 1), 'failed', 'another amount is flagged');
select is(pg_temp.news('payout_paid', (select id from y)), 'processed', 'its event is faster than the answer');
select is((select market.finish_payout(id, lease_token, 'tr_1', 'sent') ->> 'status' from j), 'paid', 'which then changes nothing');
select is((select market.finish_payout(id, lease_token, null, 'failed', 'late') ->> 'status' from j), 'paid', 'nor would a failure');
select throws_ok($$ select market.finish_payout(id, lease_token, null, 'sent') from j $$, 'PT422', 'payout_status_invalid', 'sent under an id');
select is(pg_temp.news('payout_paid', (select id from y)), 'processed', 'paid again is paid once');
select is(tests.balance('in_transit', (select tutor from p)) || ' ' || tests.balance('paid_out', (select tutor from p)), '0 8500', 'it arrived');
select is(pg_temp.news('payout_failed', (select id from y), 'tr_2'), 'failed', 'under another id it is flagged');
select is(pg_temp.news('payout_failed', (select id from y)), 'processed', 'it comes back after it had arrived');
select is(pg_temp.news('payout_paid', (select id from y)), 'processed', 'older news of it');
select is(tests.balance('tutor', (select tutor from p)) || ' ' || tests.balance('paid_out', (select tutor from p)), '8500 0', 'it is the tutor''s balance again');
select is(market.record_payment_event('local', 'evt_alien', 'payout_paid', '{"provider_transfer_id": "tr_9", "amount_minor": 5, "currency": "EUR"}', now()),
  'ignored', 'payouts of others are of no concern');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Between plan and sending.
select is(market.run_payouts(), 1, 'it is planned again');
create temp table z as select * from market.payouts where status = 'pending';
select is((select amount_minor from market.refund_booking((select id from b1), 1000, 'The line was bad', 'refund-b1-1')), 1000::bigint, 'a refund in between');
create temp table zj as select * from tests.money_lease((select id from z), 'market.send_payout');
select is((select market.begin_payout(id, lease_token) ->> 'reason' from zj), 'balance_too_low', 'the plan is dropped');
select is(market.run_payouts(), 1, 'and another one is made');
create temp table z2 as select * from market.payouts where status = 'pending';
select is((select amount_minor from z2), 7650::bigint, 'of what is left');
select pg_temp.account('acct_1', 'restricted', now() + interval '1 second');
create temp table z2j as select * from tests.money_lease((select id from z2), 'market.send_payout');
select is((select market.begin_payout(id, lease_token) ->> 'reason' from z2j), 'account_not_enabled', 'nothing is sent to a restricted account');
select pg_temp.account('acct_1', 'enabled', now() + interval '2 seconds');
select is(market.run_payouts(), 1, 'enabled again');
create temp table z3 as select * from market.payouts where status = 'pending';
create temp table z3j as select * from tests.money_lease((select id from z3), 'market.send_payout');
select lives_ok($$ select market.begin_payout(id, lease_token) from z3j $$, 'begun');
select is((select market.finish_payout(id, lease_token, null, 'failed', 'account_closed') ->> 'status' from z3j), 'failed', 'the provider refuses it');
select is(tests.balance('tutor', (select tutor from p)), 7650::bigint, 'the money is back');
-- Nothing heard.
select is(market.run_payouts(), 1, 'planned once more');
create temp table z4 as select * from market.payouts where status = 'pending';
create temp table z4j as select * from tests.money_lease((select id from z4), 'market.send_payout');
select lives_ok($$ select market.begin_payout(id, lease_token) from z4j $$, 'begun');
select throws_ok($$ select market.resolve_payout((select id from z4), 'failed', 'No news') $$, 'PT409', 'payout_not_stuck', 'one waits a day');
update market.payouts set sending_at = now() - interval '21 hours' where id = (select id from z4);
select is((select market.begin_payout(id, lease_token) ->> 'reason' from z4j), 'outcome_unknown', 'then nobody sends it again');
select ok((select exists (select from market.payment_problems() where id = (select id from z4))), 'administrators see it');
select throws_ok($$ select market.resolve_payout((select id from z4), 'maybe', 'No news') $$, 'PT422', 'decision_invalid', 'and decide');
select is((select status from market.resolve_payout((select id from z4), 'paid', 'Seen at the provider')), 'paid', 'by what they find');
select is(tests.balance('paid_out', (select tutor from p)), 7650::bigint, 'it arrived');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Upkeep: lost events, dead workers.
update market.refunds set created_at = now() - interval '1 hour';
delete from ops.queue_items where job_type like 'market.%';
create temp table held as select tests.booking(tests.offer((select none from p), 500), (select learner from p), tests.hour(300), 'hold') as id;
create temp table pay as select (market.begin_checkout((select id from held), (select learner from p), 'local') ->> 'payment_id')::uuid as id;
update market.payments set created_at = now() - interval '2 hours' where id = (select id from pay);
select is(private.payments_look_after(), 2, 'a refund without a job and a payment without news get one');
create temp table cj as select * from tests.money_lease((select id from pay), 'market.check_payment');
select is((select market.begin_payment_check(id, lease_token) ->> 'proceed' from cj), 'false', 'what was never handed over is over');
select is((select status from market.payments where id = (select id from pay)), 'expired', 'and says so');

-- Who sees what.
select tests.as_user((select tutor from p));
select is((select count(*) from market.payouts), 5::bigint, 'a tutor sees his payouts');
select is((select count(*) from market.payout_accounts) || ' ' || (select count(*) from market.payments) || ' ' || (select count(*) from market.payout_batches),
  '1 0 0', 'where they go, but no payments of others nor batches');
select is((select count(*) from market.accounts), 3::bigint, 'and his accounts');
select tests.as_user((select learner from p));
select is((select count(*) from market.receipts), 3::bigint, 'a learner sees his receipts');
select is((select refunded_minor || ' ' || paid_minor from market.receipts where booking_id = (select id from b1)), '1000 9000', 'with what was given back');
select is((select count(*) from market.payouts), 0::bigint, 'and no payouts');
select throws_ok($$ update market.payments set amount_minor = 1 $$, '42501', null, 'nobody writes payments');
select throws_ok($$ insert into market.refunds (payment_id, amount_minor, reason, idempotency_key) select id, 1, 'administrator', 'x' from market.payments $$, '42501', null, 'nor refunds');
select throws_ok($$ select private.ledger_transfer('earning', gen_random_uuid(), gen_random_uuid(), 1, 'k') $$, '42501', null, 'nor transfers');
select throws_ok($$ select market.record_payment_event('local', 'e', 'payment_captured', '{}', now()) $$, '42501', null, 'nor makes up events');
select tests.as_user((select stranger from p));
select is((select count(*) from market.payments) + (select count(*) from market.refunds) + (select count(*) from market.payouts)
  + (select count(*) from market.receipts) + (select count(*) from market.accounts), 0::bigint, 'a stranger sees nothing');
select tests.as_anon();
select throws_ok($$ select count(*) from market.payments $$, '42501', null, 'nobody without an account');
select tests.as_service();
select throws_ok($$ update market.accounts set balance_minor = 0 $$, '42501', null, 'the service key does not write the ledger');

-- People go; the books stay. What is booked and paid for is called off by the going.
select tests.as_owner();
create temp table d as select
  tests.tutor('payout-going@test.local') as tutor, tests.create_user('payout-going-l@test.local') as learner;
create temp table d1 as select tests.booking(tests.offer((select tutor from d), 2000), (select stranger from p), tests.hour(400)) as id;
create temp table d2 as select tests.booking(tests.offer((select none from p), 2000), (select learner from d), tests.hour(1)) as id;
delete from auth.users where id in ((select tutor from d), (select learner from d));
select is_empty($$ select tests.money_broken() $$, 'everything adds up at once');
select private.booking_settle(id) from (select id from d1 union all select id from d2) as gone; -- as their jobs do
select is(tests.money_of((select id from d1)), '-2000 0 0 0 2000 0', 'the tutor goes: all back');
select is((select refund_minor || ' ' || cancelled_by from market.bookings where id = (select id from d2)), '0 system', 'the learner goes an hour before: by policy, nothing');
select is(tests.balance('learner', (select learner from d)) || ' ' || tests.balance('escrow', (select id from d2)), '-2000 0', 'which is divided');
select is(tests.money_event((select id from d2), 'dispute_opened', '{"provider_dispute_id": "dp_d2", "reason": "fraudulent"}'), 'processed', 'and may be disputed still');
select is(tests.balance('disputed', (select id from d2)), 2000::bigint, 'as if he were there');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
create temp table books as select (select count(*) from market.transfers) as t, (select sum(abs(balance_minor)) from market.accounts) as s;
delete from auth.users where id in ((select learner from p), (select poor from p));
select results_eq($$ select count(*), (select sum(abs(balance_minor)) from market.accounts) from market.transfers $$, $$ select t, s from books $$,
  'deleting a learner and a tutor leaves the books as they were');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
select tests.become('authenticated', (select jsonb_build_object('sub', learner, 'role', 'authenticated') from p));
select is((select count(*) from market.payments) + (select count(*) from market.refunds) + (select count(*) from market.accounts)
  + (select count(*) from market.transfers), 0::bigint, 'a token that outlives its account sees nothing');
select tests.become('authenticated', (select jsonb_build_object('sub', poor, 'role', 'authenticated') from p));
select is((select count(*) from market.payout_accounts) + (select count(*) from market.accounts), 0::bigint, 'nor does a tutor''s');
select tests.as_owner();
select is(market.run_payouts(), 1, 'and what the tutor had earned still reaches him, however little');

select * from finish();
rollback;
