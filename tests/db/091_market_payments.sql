-- Payments: every order of events, repeated, lost, forged; refunds and disputes before and after settlement. After every
-- step all money adds up.
begin;
select tests.share_temporaries();
select plan(126);

create temp table p as select
  tests.tutor('pay-tutor@test.local') as tutor, tests.create_user('pay-learner@test.local') as learner,
  tests.create_user('pay-stranger@test.local') as stranger, tests.create_user('pay-admin@test.local', '{admin}') as admin;
create temp table o as select tests.offer((select tutor from p), 10001) as id;
create temp sequence hours start 100 increment 2;
-- Each case has a learner of its own, so that his accounts tell of nothing else; the tutor likewise.
create function pg_temp.case_of(p_status text) returns uuid language sql as $$
  select tests.booking(
    tests.offer(tests.tutor('t' || gen_random_uuid() || '@test.local'), 10001),
    tests.create_user('l' || gen_random_uuid() || '@test.local'),
    case when p_status in ('hold', 'scheduled') then tests.hour(nextval('hours')::integer) else tests.hour(-5) end, p_status
  );
$$;
create function pg_temp.status(p_id uuid) returns text language sql as $$
  select concat_ws(' ', status, payment_status, refund_minor) from market.bookings where id = p_id;
$$;

-- Beginning to pay.
create temp table h as select pg_temp.case_of('hold') as id;
create function pg_temp.begin(p_id uuid, p_provider text default 'local') returns uuid language sql as $$
  select (market.begin_checkout(p_id, (select learner_id from market.bookings where id = p_id), p_provider) ->> 'payment_id')::uuid;
$$;
create temp table h1 as select pg_temp.begin((select id from h)) as id;
-- The last by its id: what is found by two ids at once must not depend on which of them comes first.
update market.payments set id = 'ffffffff-ffff-4fff-bfff-ffffffffffff' where id = (select id from h1);
update h1 set id = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
select is(pg_temp.begin((select id from h)), (select id from h1), 'the live payment is given again');
select throws_ok($$ select market.begin_checkout((select id from h), (select stranger from p), 'local') $$, 'PT404', 'booking_not_found',
  'nobody pays for what another one holds');
select lives_ok($$ select market.attach_checkout((select id from h1), 'cs_1', 'https://pay.test/1', now() + interval '1 hour') $$, 'its checkout');
select lives_ok($$ select market.attach_checkout((select id from h1), 'cs_1', 'https://pay.test/1', now() + interval '1 hour') $$, 'the same again');
select throws_ok($$ select market.attach_checkout((select id from h1), 'cs_2', 'https://pay.test/2', now()) $$, 'PT409', 'checkout_attached', 'another one is refused');
select is((select status from market.payments where id = (select id from h1)), 'open', 'open');
update market.payments set expires_at = now() - interval '1 second' where id = (select id from h1);
create temp table h2 as select pg_temp.begin((select id from h)) as id;
select isnt((select id from h2), (select id from h1), 'one that has expired gives way to a new one');
select throws_ok($$ select pg_temp.begin(pg_temp.case_of('scheduled')) $$, 'PT409', 'booking_not_payable', 'what is paid for is not paid for again');
select throws_ok($$ select pg_temp.begin(pg_temp.case_of('expired')) $$, 'PT409', 'booking_not_payable', 'nor what has run out');
update core.profiles set is_active = false where id = (select learner_id from market.bookings where id = (select id from h));
select throws_ok($$ select pg_temp.begin((select id from h)) $$, 'PT403', 'account_inactive', 'a suspended person does not pay');
update core.profiles set is_active = true where id = (select learner_id from market.bookings where id = (select id from h));

-- Forged: nothing that does not fit moves money, and it is flagged.
create function pg_temp.captured(p_payment uuid, p_change jsonb default '{}', p_event text default null) returns text language sql as $$
  select market.record_payment_event('local', coalesce(p_event, 'evt_' || gen_random_uuid()), 'payment_captured',
    jsonb_build_object('payment_id', p_payment, 'checkout_id', 'cs_' || p_payment, 'provider_payment_id', 'pi_' || p_payment,
      'amount_minor', 10001, 'currency', 'EUR') || p_change, now());
$$;
create function pg_temp.flag(p_payment uuid) returns text language sql as $$ select flag from market.payments where id = p_payment; $$;
select is(pg_temp.captured((select id from h2), '{"amount_minor": 1}'), 'failed', 'another amount is refused');
select is(pg_temp.flag((select id from h2)), 'amount_mismatch', 'and flagged');
select is((select count(*) from core.notifications where user_id = (select admin from p) and type = 'payment_flagged'), 1::bigint, 'administrators are told');
select is(pg_temp.captured((select id from h2), '{"currency": "JPY"}'), 'failed', 'another currency is refused');
select is(pg_temp.captured((select id from h2), '{"checkout_id": "cs_1"}'), 'failed', 'ids that disagree are refused');
select is(pg_temp.flag((select id from h2)), 'ids_disagree', 'and flagged');
select is(pg_temp.flag((select id from h1)), 'ids_disagree', 'on both');
select throws_ok($$ select pg_temp.captured(gen_random_uuid()) $$, 'PT404', 'payment_not_found', 'an unknown payment is to be delivered again');
select throws_ok($$ select pg_temp.captured((select id from h2), '{"amount_minor": 100.5}') $$, 'PT422', 'event_invalid', 'no fractions');
select throws_ok($$ select pg_temp.captured((select id from h2), '{"amount_minor": "10001"}') $$, 'PT422', 'event_invalid', 'no texts');
select throws_ok($$ select pg_temp.captured((select id from h2), '{"amount_minor": -10001}') $$, 'PT422', 'event_invalid', 'nothing below zero');
select throws_ok($$ select pg_temp.captured((select id from h2), '{"provider_payment_id": {"a": 1}}') $$, 'PT422', 'event_invalid', 'no objects');
select throws_ok($$ select market.record_payment_event('paypal', 'e', 'payment_captured', '{}', now()) $$, 'PT422', 'event_invalid', 'no other provider');
select is(market.record_payment_event('local', 'evt_other', 'invoice_sent', '{}', now()), 'ignored', 'an unknown type is of no concern');
select throws_ok($$ select market.record_payment_event('stripe', 'evt_s', 'payment_failed', jsonb_build_object('payment_id', (select id from h2)), now()) $$,
  'PT404', 'payment_not_found', 'one provider does not speak for another');
select is(pg_temp.status((select id from h)), 'hold pending 0', 'none of that has paid for anything');
select is((select count(*) from market.transfers where chain_id = (select id from h)), 0::bigint, 'or moved anything');

-- Captured; again; repeated.
select is(pg_temp.captured((select id from h2), '{}', 'evt_c'), 'processed', 'the money arrives');
select is(pg_temp.captured((select id from h2), '{}', 'evt_c'), 'repeated', 'the same event counts once');
select is(pg_temp.captured((select id from h2)), 'processed', 'another event of the same is harmless');
select is(pg_temp.captured((select id from h2), '{"provider_payment_id": "pi_other"}'), 'failed', 'under another id it is flagged');
select is(pg_temp.status((select id from h)), 'scheduled paid 0', 'the session is paid for');
select is(tests.money_of((select id from h)), '-10001 10001 0 0 0 0', 'once');
-- Late news of its end changes nothing.
select is(tests.money_event((select id from h), 'payment_failed'), 'processed', 'an older failure');
select is(tests.money_event((select id from h), 'checkout_expired'), 'processed', 'an older end');
select is(pg_temp.status((select id from h)), 'scheduled paid 0', 'and it is paid for still');
-- The first checkout is paid, too.
select is(pg_temp.captured((select id from h1), '{"checkout_id": "cs_1"}'), 'processed', 'paid twice');
select is((select reason || ' ' || amount_minor || ' ' || status from market.refunds where payment_id = (select id from h1)),
  'paid_twice 10001 pending', 'goes back whole');
select is(pg_temp.status((select id from h)), 'scheduled paid 0', 'the session stays paid for');
select is(tests.money_of((select id from h)), '-20002 10001 0 0 10001 0', 'the second payment is owed to the learner');
select is((select count(*) from ops.queue_items where job_type = 'market.send_refund'
  and resource_id = (select id from market.refunds where payment_id = (select id from h1))), 1::bigint, 'a job sends it');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Failed or expired first, then captured after all.
create temp table e as select pg_temp.case_of('hold') as id;
create temp table e1 as select pg_temp.begin((select id from e)) as id;
select market.record_payment_event('local', 'evt_f', 'payment_failed', jsonb_build_object('payment_id', (select id from e1), 'failure_code', 'card_declined'), now());
select is(pg_temp.status((select id from e)), 'hold failed 0', 'a payment failed');
create temp table e2 as select pg_temp.begin((select id from e)) as id;
select is(pg_temp.status((select id from e)), 'hold pending 0', 'another one is begun');
select is(pg_temp.captured((select id from e1)), 'processed', 'the first one went through after all');
select is(pg_temp.status((select id from e)), 'scheduled paid 0', 'and pays');
select is((select is_kept::text || coalesce(failure_code, '') from market.payments where id = (select id from e1)), 'true', 'it is the one that is kept');
select is(market.record_payment_event('local', 'evt_e', 'checkout_expired', jsonb_build_object('payment_id', (select id from e2)), now()), 'processed', 'the other one ends');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- A moment too late: the slot is free still, or gone.
create temp table x as select pg_temp.case_of('hold') as id;
create temp table x1 as select pg_temp.begin((select id from x)) as id;
update market.bookings set hold_expires_at = now() - interval '1 minute' where id = (select id from x);
update market.bookings set status = 'expired' where id = (select id from x);
select is(pg_temp.captured((select id from x1)), 'processed', 'paid a moment too late');
select is(pg_temp.status((select id from x)), 'scheduled paid 0', 'and the slot was free still');
create temp table g as select pg_temp.case_of('hold') as id;
create temp table g1 as select pg_temp.begin((select id from g)) as id;
update market.bookings set hold_expires_at = now() - interval '1 minute' where id = (select id from g);
update market.bookings set status = 'expired' where id = (select id from g);
create temp table g2 as select tests.booking(offer_id, (select stranger from p), starts_at) as id from market.bookings where id = (select id from g);
select is(pg_temp.captured((select id from g1)), 'processed', 'paid a moment too late');
select is(pg_temp.status((select id from g)), 'expired refunded 10001', 'and somebody else has the slot');
select is((select reason from market.refunds where payment_id = (select id from g1)), 'slot_gone', 'the money goes back');
select is(tests.money_of((select id from g)), '-10001 0 0 0 10001 0', 'all of it');
create temp table c as select pg_temp.case_of('hold') as id;
create temp table c1 as select pg_temp.begin((select id from c)) as id;
update market.bookings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'learner' where id = (select id from c);
select is(pg_temp.captured((select id from c1)), 'processed', 'paid after it was given up');
select is(tests.money_of((select id from c)), '-10001 0 0 0 10001 0', 'goes back as well');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Settled.
create temp table s as select pg_temp.case_of('completed') as id;
select is(tests.money_of((select id from s)), '-10001 0 8501 1500 0 0', 'completed: commission rounded down, the rest the tutor''s');
select private.ledger_settle_completed((select id from s));
select is(tests.money_of((select id from s)), '-10001 0 8501 1500 0 0', 'settled once');
create temp table ns as select pg_temp.case_of('no_show') as id;
select private.booking_settle((select id from ns));
select is(tests.money_of((select id from ns)), '-10001 0 8501 1500 0 0', 'the learner did not come: as if it took place');
create temp table nt as select pg_temp.case_of('tutor_no_show') as id;
select private.booking_settle((select id from nt));
select is(tests.money_of((select id from nt)), '-10001 0 0 0 10001 0', 'the tutor did not come: all of it back');
select is(pg_temp.status((select id from nt)), 'no_show refunded 10001', 'and the booking says so');
create temp table ca as select pg_temp.case_of('scheduled') as id;
update market.bookings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'learner', refund_minor = 5000 where id = (select id from ca);
select private.booking_settle((select id from ca));
select is(tests.money_of((select id from ca)), '-10001 0 4251 750 5000 0', 'cancelled by policy: half back, what is kept is divided');
select is(pg_temp.status((select id from ca)), 'cancelled partially_refunded 5000', 'and the booking says so');
select throws_ok($$ select private.ledger_settle_completed((select id from ca)) $$, 'PT409', 'booking_not_completed', 'a cancelled one is not completed');
select throws_ok($$ select private.ledger_settle_cancelled((select id from h), 1, 'cancelled_by_learner', null) $$,
  'PT409', 'booking_not_cancelled', 'nor is a scheduled one settled');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- Refunds by administrators.
select tests.as_user((select learner_id from market.bookings where id = (select id from s)));
select throws_ok($$ select market.refund_booking((select id from s), 100, 'I want it', 'refund-key') $$, 'PT403', 'role_required', 'nobody refunds himself');
select tests.as_user((select admin from p));
select tests.as_owner();
insert into core.user_roles (user_id, role) select b.learner_id, 'admin' from market.bookings as b where b.id = (select id from s) on conflict do nothing;
select tests.as_user((select b.learner_id from market.bookings as b where b.id = (select id from s)));
select throws_ok($$ select market.refund_booking((select id from s), 100, 'I want it', 'refund-own') $$, 'PT403', 'own_content', 'nor an administrator himself');
select tests.as_owner();
delete from core.user_roles as r using market.bookings as b where b.id = (select id from s) and r.user_id = b.learner_id and r.role = 'admin';
select tests.as_user((select admin from p));
select is((select amount_minor from market.refund_booking((select id from s), 3333, 'The line was bad', 'refund-key')), 3333::bigint, 'an administrator gives back a part');
select is((select amount_minor from market.refund_booking((select id from s), 3333, 'The line was bad', 'refund-key')), 3333::bigint, 'a retry');
select throws_ok($$ select market.refund_booking((select id from s), 3334, 'The line was bad', 'refund-key') $$, 'PT422', 'idempotency_key_reused', 'the key is for one amount');
select is(tests.money_of((select id from s)), '-10001 0 5668 1000 3333 0', 'once; tutor and platform bear their parts');
select throws_ok($$ select market.refund_booking((select id from s), 6669, 'All of it', 'refund-key-2') $$, 'PT409', 'refund_too_large', 'never more than was paid');
select throws_ok($$ select market.refund_booking((select id from s), 0, 'Nothing', 'refund-key-2') $$, 'PT409', 'refund_too_large', 'nor nothing');
select throws_ok($$ select market.refund_booking((select id from s), -5, 'Backwards', 'refund-key-2') $$, 'PT409', 'refund_too_large', 'nor less');
select throws_ok($$ select market.refund_booking((select id from s), 1, 'Short key', 'k') $$, 'PT422', 'idempotency_key_required', 'with a key');
select throws_ok($$ select market.refund_booking(gen_random_uuid(), 1, 'Unknown', 'refund-key-2') $$, 'PT404', 'booking_not_found', 'of a booking');
select throws_ok($$ select market.refund_booking((select id from c), 1, 'Not kept', 'refund-key-2') $$, 'PT409', 'booking_not_paid', 'that was paid for');
select is((select amount_minor from market.refund_booking((select id from s), 6668, 'All of it', 'refund-key-2')), 6668::bigint, 'the rest');
select is(tests.money_of((select id from s)), '-10001 0 0 0 10001 0', 'nobody keeps anything');
select tests.as_owner();
-- What was given back before counts.
create temp table rb as select pg_temp.case_of('scheduled') as id;
select market.refund_booking((select id from rb), 2000, 'Goodwill', 'refund-before');
update market.bookings set status = 'cancelled', cancelled_at = now(), cancelled_by = 'learner', refund_minor = 5000 where id = (select id from rb);
select private.booking_settle((select id from rb));
select is(tests.money_of((select id from rb)), '-10001 0 4251 750 5000 0', 'a refund before a cancellation counts towards it');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- The worker that sends refunds.
create temp table r as select r.* from market.refunds as r where r.payment_id = (select id from g1);
create temp table j as select * from tests.money_lease((select id from r), 'market.send_refund');
select throws_ok($$ select market.begin_refund((select id from j), -1) $$, 'PT409', 'lease_lost', 'a worker needs the lease');
create temp table sheet as select market.begin_refund((select id from j), (select lease_token from j)) as s;
select is((select s ->> 'proceed' || ' ' || (s ->> 'amount_minor') || ' ' || (s ->> 'idempotency_key') from sheet),
  'true 10001 refund:' || (select id from r) || ':1', 'what it is to send');
select throws_ok($$ select market.finish_refund((select id from j), (select lease_token from j), null, 'sent') $$, 'PT422', 'refund_status_invalid', 'sent under an id');
-- Its event is faster than its answer.
select is(market.record_payment_event('local', 'evt_r', 'refund_succeeded', jsonb_build_object('refund_id', (select id from r),
  'provider_refund_id', 're_1', 'provider_payment_id', 'pi_' || (select id from g1), 'amount_minor', 10001, 'currency', 'EUR'), now()), 'processed', 'it went through');
select is(market.finish_refund((select id from j), (select lease_token from j), 're_1', 'sent') ->> 'status', 'succeeded', 'the answer comes later');
select is(tests.money_of((select id from g)), '0 0 0 0 0 0', 'the learner has it');
-- It comes back: owed again, and tried again by hand.
create function pg_temp.refund_news(p_type text, p_refund uuid, p_ref text, p_amount bigint default 10001) returns text language sql as $$
  select market.record_payment_event('local', 'evt_' || gen_random_uuid(), p_type, jsonb_build_object('refund_id', p_refund,
    'provider_refund_id', p_ref, 'provider_payment_id', p.provider_payment_id, 'amount_minor', p_amount, 'currency', 'EUR'), now())
  from market.refunds as r join market.payments as p on p.id = r.payment_id where r.id = p_refund;
$$;
select is(pg_temp.refund_news('refund_failed', (select id from r), 're_1'), 'processed', 'it came back');
select is(pg_temp.refund_news('refund_succeeded', (select id from r), 're_1'), 'processed', 'older news of it');
select is(tests.money_of((select id from g)), '-10001 0 0 0 10001 0', 'it is owed again');
select ok((select exists (select from market.payment_problems() where id = (select id from r))), 'administrators see it');
select is((select status || attempt from market.resolve_refund((select id from r), 'retry', 'Tried again')), 'pending2', 'and have it sent anew');
select is(pg_temp.refund_news('refund_failed', (select id from r), 're_1'), 'ignored', 'news of the first attempt changes nothing');
select throws_ok($$ select market.resolve_refund((select id from r), 'retry', 'Once more') $$, 'PT409', 'refund_not_stuck', 'what is on its way is left alone');
select is(pg_temp.refund_news('refund_succeeded', (select id from r), 're_2', 1), 'failed', 'another amount is flagged');
select is(pg_temp.refund_news('refund_succeeded', (select id from r), 're_2'), 'processed', 'the second attempt went through');
select is(tests.money_of((select id from g)), '0 0 0 0 0 0', 'the learner has it');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
-- A day later nobody hands it to the provider again.
create temp table late as select r.* from market.refunds as r where r.payment_id = (select id from c1);
update market.refunds set sending_at = now() - interval '21 hours' where id = (select id from late);
create temp table lj as select * from tests.money_lease((select id from late), 'market.send_refund');
select is(market.begin_refund((select id from lj), (select lease_token from lj)) ->> 'reason', 'outcome_unknown', 'a day later it is for a person');
select is((select status from market.resolve_refund((select id from late), 'succeeded', 'Seen at the provider')), 'succeeded', 'who looks it up');
select is(tests.money_of((select id from c)), '0 0 0 0 0 0', 'the learner has it');
-- By hand at the provider.
create temp table bh as select pg_temp.case_of('completed') as id;
select is(tests.money_event((select id from bh), 'refund_succeeded', '{"provider_refund_id": "re_hand", "amount_minor": 4000}'), 'processed', 'a refund made by hand at the provider');
select is(tests.money_of((select id from bh)), '-6001 0 5101 900 0 0', 'is booked like our own');
select is(tests.money_event((select id from bh), 'refund_succeeded', '{"provider_refund_id": "re_hand", "amount_minor": 4000}'), 'processed', 'once');
select is(tests.money_event((select id from bh), 'refund_succeeded', '{"provider_refund_id": "re_hand_2", "amount_minor": 6002}'), 'failed', 'never beyond what was paid');
select is(tests.money_of((select id from bh)), '-6001 0 5101 900 0 0', 'that moved nothing');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- By hand, another amount than the one that is owed and was not sent yet: the rest is owed.
create temp table bp as select pg_temp.case_of('tutor_no_show') as id;
select private.booking_settle((select id from bp));
select is(tests.money_event((select id from bp), 'refund_succeeded', '{"provider_refund_id": "re_part", "amount_minor": 4000}'), 'processed', 'a part of what is owed is given by hand');
select is(tests.money_of((select id from bp)), '-6001 0 0 0 6001 0', 'the rest is owed');
select results_eq($$ select r.amount_minor, r.status from market.refunds as r where r.payment_id = (tests.payment_of((select id from bp))).id order by 1 $$,
  $$ values (4000::bigint, 'succeeded'), (6001, 'pending'), (10001, 'cancelled') $$, 'as another refund');
-- News of a refund of one payment under another one.
select is(market.record_payment_event('local', 'evt_cross', 'refund_succeeded', jsonb_build_object(
  'refund_id', (select r.id from market.refunds as r where r.payment_id = (tests.payment_of((select id from bp))).id and r.status = 'pending'),
  'provider_refund_id', 're_cross', 'provider_payment_id', (tests.payment_of((select id from bh))).provider_payment_id,
  'amount_minor', 6001, 'currency', 'EUR'), now()), 'failed', 'a refund is of its own payment');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');

-- A booking that was moved: the money is the chain's.
create temp table mv as select pg_temp.case_of('scheduled') as id;
select tests.as_user((select learner_id from market.bookings where id = (select id from mv)));
create temp table mv2 as select (market.reschedule_booking((select id from mv), tests.hour(600))).id;
select tests.as_owner();
select is(tests.money_event((select id from mv), 'dispute_opened', '{"provider_dispute_id": "dp_moved"}'), 'processed', 'disputed after it was moved');
select is(pg_temp.status((select id from mv2)), 'scheduled disputed 0', 'the one that stands says so');
select is(tests.money_event((select id from mv), 'dispute_closed', '{"provider_dispute_id": "dp_moved", "outcome": "won"}'), 'processed', 'won');
update market.bookings set status = 'completed', completed_at = now() where id = (select id from mv2);
select private.booking_settle((select id from mv2));
select is(tests.money_of((select id from mv2)), '-10001 0 8501 1500 0 0', 'and divided for it');
select is((select amount_minor from market.refund_booking((select id from mv), 1, 'By its first id', 'refund-moved')), 1::bigint, 'a refund finds it by either id');
select is(pg_temp.status((select id from mv2)), 'completed partially_refunded 1', 'the one that stands says so');

-- What was paid twice is disputed as well.
create temp table td as select pg_temp.case_of('hold') as id;
create temp table td1 as select pg_temp.begin((select id from td)) as id;
update market.payments set status = 'failed' where id = (select id from td1);
create temp table td2 as select pg_temp.begin((select id from td)) as id;
select pg_temp.captured((select id from td1)), pg_temp.captured((select id from td2));
create function pg_temp.twice(p_type text, p_outcome text) returns text language sql as $$
  select market.record_payment_event('local', 'evt_' || p_type || coalesce(p_outcome, ''), p_type, jsonb_build_object(
    'provider_payment_id', 'pi_' || (select id from td2), 'provider_dispute_id', 'dp_twice', 'outcome', p_outcome,
    'amount_minor', 10001, 'currency', 'EUR'), now());
$$;
select is(pg_temp.twice('dispute_opened', null) || pg_temp.twice('dispute_closed', 'lost'), 'processedprocessed', 'the second payment is given back by a bank');
select is(tests.money_of((select id from td)), '-10001 10001 0 0 0 0', 'so it is not owed, and the first one stands');
select is_empty($$ select tests.money_broken() $$, 'everything adds up');
-- A flag goes when what it was for has come right, or an administrator has looked.
select is((select flag from market.payments where id = (select id from c1)), null, 'the flag of a refund that was decided by hand is gone');
select tests.as_user((select admin from p));
select market.clear_payment_flag((select id from h1));
select tests.as_owner();
select is((select flag from market.payments where id = (select id from h1)), null, 'an administrator has looked');

select * from finish();
rollback;
