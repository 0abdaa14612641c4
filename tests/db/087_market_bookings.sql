-- Holding a slot: who may, what is written into the booking, what is refused, what becomes of a hold; who sees a booking.
begin;
select plan(95);
select tests.share_temporaries();

create temp table p as select
  tests.tutor('bk-tutor@lyceum.test') as tutor, tests.tutor('bk-other@lyceum.test') as other,
  tests.create_user('bk-ann@lyceum.test') as ann, tests.create_user('bk-ben@lyceum.test') as ben,
  tests.create_user('bk-eve@lyceum.test') as eve, tests.create_user('bk-admin@lyceum.test', '{admin}') as admin;
create temp table o as select
  tests.offer(tutor, 4999, 60, 'moderate', 15) as paid, tests.offer(tutor, 0) as free, tests.offer(other, 0) as others,
  tests.offer(other, 1000) as others_paid from p;
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;
create function pg_temp.offer(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(o) ->> p_name)::uuid from o $$;
create function pg_temp.hold(p_offer text, p_hours integer, p_key text) returns text language sql as $$
  select format('select market.hold_slot(%L, %L, %L)', pg_temp.offer(p_offer), tests.hour(p_hours), p_key) $$;
create function pg_temp.found(p_hours integer) returns market.bookings language sql security definer as $$
  select * from market.bookings where starts_at = tests.hour(p_hours) order by created_at desc limit 1 $$;

-- 1. Holding ------------------------------------------------------------------------------------------------------

select tests.as_anon();
select throws_ok(pg_temp.hold('paid', 30, 'key-of-anon'), '42501', null, 'without an account nothing is held');
select throws_ok('select * from market.bookings', '42501', null, 'nor seen');
select throws_ok('select * from market.session_feedback', '42501', null, 'nor feedback');
select tests.as_user(pg_temp.who('ann'));
select lives_ok(pg_temp.hold('paid', 30, 'key-ann-1'), 'a learner holds a slot');
select is((pg_temp.found(30)).status, 'hold', 'it is a hold');
select is((pg_temp.found(30)).payment_status, 'pending', 'not paid for');
select ok((pg_temp.found(30)).hold_expires_at between now() + interval '14 minutes' and clock_timestamp() + interval '15 minutes', 'that runs out in a quarter of an hour');
select is((pg_temp.found(30)).commission_minor, 749::bigint, 'the commission is rounded down: 15 % of 4999 is 749.85');
select is((pg_temp.found(30)).tutor_minor, 4250::bigint, 'and the rest is the tutor''s');
select is((pg_temp.found(30)).refund_steps, '[{"hours_before": 24, "refund_percent": 100}, {"hours_before": 2, "refund_percent": 50}, {"hours_before": 0, "refund_percent": 0}]'::jsonb, 'the policy as it is now is kept');
select is((pg_temp.found(30)).blocked_from, tests.hour(30) - interval '15 minutes', 'with its buffer before');
select is((pg_temp.found(30)).blocked_to, tests.hour(31) + interval '15 minutes', 'and after');
select is((pg_temp.found(30)).meeting_link, null, 'where it takes place is not said before it is paid');
select lives_ok(pg_temp.hold('paid', 30, 'key-ann-1'), 'a retry');
select is((select count(*) from market.bookings), 1::bigint, 'is no second booking');
select throws_ok(pg_temp.hold('paid', 33, 'key-ann-1'), 'PT422', 'idempotency_key_reused', 'nor may its key be for another slot');
select throws_ok(pg_temp.hold('free', 30, 'key-ann-1'), 'PT422', 'idempotency_key_reused', 'or for another offer');
select throws_ok(pg_temp.hold('paid', 33, null), 'PT422', 'idempotency_key_required', 'a key there must be');
select throws_ok(pg_temp.hold('paid', 33, 'short'), 'PT422', 'idempotency_key_required', 'of eight characters');
select throws_ok(pg_temp.hold('paid', 33, 'move:12345678'), 'PT422', 'idempotency_key_required', 'and none as moves have');
select throws_ok($$select market.hold_slot(pg_temp.offer('paid'), tests.hour(33), 'key-ann-2', 1)$$, 'PT409', 'price_changed', 'nor at a price that is not asked any more');
select throws_ok($$select market.hold_slot(pg_temp.offer('paid'), null, 'key-ann-2')$$, 'PT422', 'start_required', 'when, must be said');
select throws_ok($$select market.hold_slot(pg_temp.offer('paid'), 'infinity', 'key-ann-2')$$, 'PT422', 'start_required', 'and not never');
select throws_ok($$select market.hold_slot(gen_random_uuid(), tests.hour(33), 'key-ann-2')$$, 'PT404', 'offer_not_found', 'what is not offered is not held');
select throws_ok($$select market.hold_slot(null, tests.hour(33), 'key-ann-2')$$, 'PT404', 'offer_not_found', 'nor nothing');
select throws_ok($$select market.hold_slot(pg_temp.offer('paid'), tests.hour(33) + interval '7 minutes', 'key-ann-2')$$, 'PT409', 'slot_unavailable', 'a slot is where free_slots has one');
select throws_ok($$select market.hold_slot(pg_temp.offer('paid'), tests.hour(-3), 'key-ann-2')$$, 'PT409', 'slot_unavailable', 'not in the past');
select throws_ok(pg_temp.hold('others', 30, 'key-ann-2'), 'PT409', 'learner_busy', 'nobody sits in two sessions at once');
select tests.as_user(pg_temp.who('ben'));
select throws_ok(pg_temp.hold('paid', 30, 'key-ben-1'), 'PT409', 'slot_taken', 'who is second hears that it is taken');
select throws_ok(pg_temp.hold('paid', 31, 'key-ben-1'), 'PT409', 'slot_taken', 'and that the break after it is');
select throws_ok(pg_temp.hold('free', 29, 'key-ben-1'), 'PT409', 'slot_taken', 'and the one before, for another offer, too');
select tests.as_user(pg_temp.who('tutor'));
select throws_ok(pg_temp.hold('free', 40, 'key-tutor-1'), 'PT403', 'own_offer', 'nobody books himself');
select lives_ok(pg_temp.hold('others', 40, 'key-tutor-2'), 'a tutor learns from another');
select is((pg_temp.found(40)).status, 'scheduled', 'what is free is scheduled at once');
select is((pg_temp.found(40)).payment_status, 'free', 'and free');
select is((pg_temp.found(40)).meeting_link, 'https://meet.test/' || pg_temp.who('other'), 'and says where');
select tests.as_owner();
select set_eq($$select (payload ->> 'hours')::integer, run_at from ops.queue_items where job_type = 'market.remind'$$,
  $$values (24, tests.hour(16)), (1, tests.hour(39))$$, 'both are reminded a day and an hour before');
select is((select count(*) from core.notifications where type = 'booking_scheduled'), 2::bigint, 'and both are told');

-- 2. Who may not, and how often -----------------------------------------------------------------------------------

insert into core.blocks (blocker_id, blocked_id) select tutor, eve from p;
select tests.as_user(pg_temp.who('eve'));
select throws_ok(pg_temp.hold('free', 44, 'key-eve-1'), 'PT404', 'offer_not_found', 'who is blocked finds no offer');
select tests.as_owner();
delete from core.blocks;
update core.profiles set is_active = false where id = pg_temp.who('eve');
select tests.as_user(pg_temp.who('eve'));
select throws_ok(pg_temp.hold('free', 44, 'key-eve-1'), 'PT403', 'account_inactive', 'who is suspended does not book');
select tests.as_owner();
update core.profiles set is_active = true where id = pg_temp.who('eve');
update market.tutors set accepts_bookings = false where id = pg_temp.who('tutor');
select tests.as_user(pg_temp.who('eve'));
select throws_ok(pg_temp.hold('free', 44, 'key-eve-1'), 'PT404', 'offer_not_found', 'nor with somebody who takes no bookings');
select tests.as_owner();
update market.tutors set accepts_bookings = true, max_bookings_per_day = 1 where id = pg_temp.who('tutor');
select tests.booking(pg_temp.offer('free'), pg_temp.who('ben'), date_trunc('day', now()) + interval '10 days 6 hours');
select tests.as_user(pg_temp.who('eve'));
select throws_ok($$select market.hold_slot(pg_temp.offer('free'), date_trunc('day', now()) + interval '10 days 12 hours', 'key-eve-1')$$, 'PT409', 'slot_unavailable', 'a full day is full');
select lives_ok($$select market.hold_slot(pg_temp.offer('free'), date_trunc('day', now()) + interval '11 days 12 hours', 'key-eve-1')$$, 'the next is not');
select tests.as_owner();
update market.tutors set max_bookings_per_day = null where id = pg_temp.who('tutor');
select tests.as_user(pg_temp.who('eve'));
select lives_ok(pg_temp.hold('paid', 60, 'key-eve-2'), 'one hold');
select lives_ok(pg_temp.hold('paid', 62, 'key-eve-3'), 'two');
select lives_ok(pg_temp.hold('others_paid', 64, 'key-eve-4'), 'three, of two tutors');
select throws_ok(pg_temp.hold('paid', 66, 'key-eve-5'), 'PT409', 'too_many_holds', 'but not four');
select lives_ok(pg_temp.hold('free', 66, 'key-eve-6'), 'what is free needs no hold');
select is((market.release_hold((pg_temp.found(60)).id)).status, 'cancelled', 'one is given back');
select is((market.release_hold((pg_temp.found(60)).id)).status, 'cancelled', 'twice is once');
select lives_ok(pg_temp.hold('paid', 68, 'key-eve-7'), 'then there is room');
select tests.as_owner();
update market.bookings set hold_expires_at = now() - interval '1 second' where starts_at = tests.hour(62);
select tests.as_user(pg_temp.who('ben'));
select lives_ok(pg_temp.hold('paid', 62, 'key-ben-2'), 'what has run out is free before any task has come by');
select is((select status from market.bookings where learner_id = pg_temp.who('eve') and starts_at = tests.hour(62)), null, 'not that he would see whose it was');
select tests.as_owner();
select is((select status from market.bookings where learner_id = pg_temp.who('eve') and starts_at = tests.hour(62)), 'expired', 'it is expired');
update core.settings set value = '4' where key = 'market.max_upcoming';
select tests.as_user(pg_temp.who('eve'));
select throws_ok(pg_temp.hold('free', 80, 'key-eve-8'), 'PT409', 'too_many_bookings', 'nobody fills his year at once');
select tests.as_owner();
update core.settings set value = '60' where key = 'market.max_upcoming';
update core.settings set value = '3' where key in ('market.max_unpaid', 'market.max_free_upcoming');
select tests.as_user(pg_temp.who('eve'));
select throws_ok(pg_temp.hold('paid', 386, 'key-eve-9'), 'PT409', 'too_many_holds', 'nor blocks a tutor by holding what he never pays for: given back or run out, it counts');
select lives_ok(pg_temp.hold('free', 390, 'key-eve-10'), 'what is free with him is counted apart');
select throws_ok(pg_temp.hold('free', 392, 'key-eve-11'), 'PT409', 'too_many_bookings', 'but it does not fill his days either');
select throws_ok($$select market.hold_slot(pg_temp.offer('free'), '294276-12-31 23:59Z', 'key-eve-12')$$, 'PT409', 'slot_unavailable', 'the end of time is no slot');
select throws_ok($$select market.hold_slot(pg_temp.offer('free'), '4713-01-01Z BC', 'key-eve-12')$$, 'PT409', 'slot_unavailable', 'nor is its beginning');
select throws_ok($$select market.reschedule_booking((pg_temp.found(66)).id, '294276-12-31 23:59Z')$$, 'PT409', 'slot_unavailable', 'for what is moved neither');
select tests.as_owner();
update core.settings set value = '100' where key in ('market.max_unpaid', 'market.max_free_upcoming');
update core.settings set value = jsonb_set(value, '{hold}', '{"burst": 1, "per_hour": 1}') where key = 'market.booking_limits';
select tests.as_user(pg_temp.who('admin'));
select lives_ok(pg_temp.hold('free', 82, 'key-admin-1'), 'one');
select throws_ok(pg_temp.hold('free', 84, 'key-admin-2'), 'PT429', 'rate_limited', 'and one more at once is too fast');
select lives_ok(pg_temp.hold('free', 82, 'key-admin-1'), 'a retry is never too fast');

-- 3. Paid for -----------------------------------------------------------------------------------------------------

select tests.as_owner();
select is(tests.pay((pg_temp.found(30)).id), 'processed', 'the payment of a hold comes in');
select is((pg_temp.found(30)).status || ' ' || (pg_temp.found(30)).payment_status, 'scheduled paid', 'it is scheduled');
select is((pg_temp.found(30)).meeting_link, 'https://meet.test/' || pg_temp.who('tutor'), 'and says where');
select is(private.booking_confirm_paid((pg_temp.found(30)).id), 'already', 'twice is once');
select is(private.booking_confirm_paid((select id from market.bookings where status = 'expired')), 'slot_gone', 'who pays when another one has it, is too late');
select is(private.booking_confirm_paid((pg_temp.found(60)).id), 'slot_gone', 'as is who had given it back');
-- Checked out in time, and paid when the hold had run out.
create function pg_temp.pay_late(p_hours integer) returns uuid language plpgsql as $$
declare
  v_id uuid := tests.booking(pg_temp.offer('paid'), pg_temp.who('ann'), tests.hour(p_hours), 'hold');
begin
  insert into late values (p_hours, v_id, tests.checkout(v_id));
  perform tests.drive(v_id, 'expired');
  return v_id;
end;
$$;
create temp table late (hours integer, id uuid, payment_id uuid);
create function pg_temp.outcome(p_hours integer) returns text language sql as $$
  select concat_ws(' ', status, payment_status, refund_minor) from market.bookings where id = (select id from late where hours = p_hours) $$;
do $$ begin perform pg_temp.pay_late(h) from unnest('{90,94,101}'::integer[]) as h; end $$;
select is(tests.capture(payment_id), 'processed', 'who pays a moment late') from late where hours = 90;
select is(pg_temp.outcome(90), 'scheduled paid 0', 'has it, while it is free');
insert into market.out_of_office (tutor_id, starts_at, ends_at) select tutor, tests.hour(93), tests.hour(99) from p;
select is(tests.capture(payment_id), 'processed', 'when the tutor has gone away since') from late where hours = 94;
select is(pg_temp.outcome(94), 'expired refunded 4999', 'the money goes back');
do $$ begin perform tests.shift((select id from late where hours = 101), interval '-102 hours'); end $$;
select is(tests.capture(payment_id), 'processed', 'and when it has begun') from late where hours = 101;
select is(pg_temp.outcome(101), 'expired refunded 4999', 'it does, too');
select is_empty('select tests.money_broken()', 'the money adds up');
insert into late values (104, tests.booking(pg_temp.offer('paid'), pg_temp.who('ann'), tests.hour(104), 'hold'));
update market.bookings set hold_expires_at = now() - interval '1 second' where id = (select id from late where hours = 104);
select is(private.market_expire_all_holds(), '1 holds ran out', 'the task ends what ran out');
select is(private.market_expire_all_holds(), '0 holds ran out', 'once');

-- 4. Who sees what ------------------------------------------------------------------------------------------------

create function pg_temp.sees(p_hours integer) returns text language sql as $$
  select tests.count_of(format('select * from market.bookings where starts_at = %L', tests.hour(p_hours))) || ' '
    || tests.count_of(format('select * from market.booking_events where booking_id = %L', (pg_temp.found(p_hours)).id)) $$;
select tests.as_user(pg_temp.who('ann'));
select is(pg_temp.sees(30), '1 2', 'its learner sees the booking and its two events');
select tests.as_user(pg_temp.who('tutor'));
select is(pg_temp.sees(30), '1 2', 'and so does its tutor');
select tests.as_user(pg_temp.who('admin'));
select is(pg_temp.sees(30), '1 2', 'and an administrator');
select tests.as_user(pg_temp.who('ben'));
select is(pg_temp.sees(30), '0 0', 'a stranger sees nothing of it');
select throws_ok(format('select market.booking_page(%L)', (pg_temp.found(30)).id), 'PT404', 'booking_not_found', 'nor its page');
select throws_ok(format('select market.cancel_booking(%L)', (pg_temp.found(30)).id), 'PT404', 'booking_not_found', 'nor can he cancel it');
select throws_ok($$update market.bookings set price_minor = 0$$, '42501', null, 'nobody writes a booking directly');
select throws_ok($$insert into market.booking_events (booking_id, to_status, actor) values (gen_random_uuid(), 'hold', 'system')$$, '42501', null, 'nor an event');
select throws_ok($$delete from market.bookings$$, '42501', null, 'nor deletes one');
select tests.as_service();
select throws_ok($$update market.bookings set price_minor = 0$$, '42501', null, 'the secret key does not, either');
select throws_ok($$select private.booking_confirm_paid(gen_random_uuid())$$, '42501', null, 'nor says that something was paid');

-- 5. What holds whoever writes ------------------------------------------------------------------------------------

select tests.as_owner();
select throws_ok($$update market.bookings set price_minor = 1 where status = 'scheduled'$$, 'PT403', 'booking_terms_fixed', 'the price stays');
select throws_ok($$update market.bookings set starts_at = starts_at + interval '1 minute' where status = 'scheduled'$$, 'PT403', 'booking_terms_fixed', 'and the time');
select throws_ok($$update market.bookings set learner_id = null where status = 'scheduled'$$, 'PT403', 'booking_terms_fixed', 'nobody leaves while his account is there');
select throws_ok($$delete from market.bookings$$, 'PT403', 'booking_terms_fixed', 'a booking is never deleted');
select throws_ok($$update market.booking_events set actor = 'tutor'$$, 'PT403', 'append_only_table', 'nor an event changed');

select * from finish();
rollback;
