-- Free slots: who may ask for them, of one tutor and of many, and that what is shown is what can be booked.
begin;
select plan(59);
select tests.share_temporaries();

create temp table ask as
with people as (
  select tests.create_user('slots-tutor@lyceum.test', '{expert}') as tutor, tests.create_user('slots-other@lyceum.test', '{expert}') as other,
    tests.create_user('slots-learner@lyceum.test') as learner, tests.create_user('slots-stranger@lyceum.test') as stranger
)
select p.*, gen_random_uuid() as offer, gen_random_uuid() as other_id, date_trunc('day', now(), 'UTC') + interval '48 hours' as since
from people as p;
insert into market.tutors (id, accepts_bookings) select unnest(array[tutor, other]), true from ask;
insert into market.offers (
  id, tutor_id, title, duration_minutes, price_minor, currency, minimum_notice_minutes, booking_window_days, slot_step_minutes
)
select o.id, o.tutor_id, 'An hour', 60, 0, 'EUR', 0, 365, 30
from ask, lateral (values (offer, tutor), (other_id, other)) as o (id, tutor_id);
insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
select w.id, d, w.low, '11:00' from ask, generate_series(1, 7) as d, lateral (values (tutor, time '9:00'), (other, '10:00')) as w (id, low);
set local timezone = 'UTC';

-- 1. Asking for them ------------------------------------------------------------------------------------------------

select tests.as_anon();
select throws_ok(format('select market.free_slots(%L, %L)', tutor, offer), '42501', null, 'nobody asks who is not signed in') from ask;
select throws_ok(format('select market.free_slots_of(array[%L]::uuid[])', tutor), '42501', null, 'nor for many') from ask;
select tests.as_user(learner) from ask;
select throws_ok(format('select private.market_free_slots(array[%L]::uuid[], now(), now())', tutor), '42501', null, 'nobody chooses the present, or whose bookings count') from ask;
select throws_ok(format('select private.market_is_bookable(%L, %L, now(), %L)', tutor, offer, tutor), '42501', null, 'nor asks in another''s name') from ask;
select throws_ok(format('select private.market_windows(array[%L]::uuid[], now(), now())', tutor), '42501', null, 'nor for the stretches, which show who is away') from ask;

create temp table answers as
select s.* from ask, market.free_slots(tutor, offer, since, since + interval '48 hours', 'Asia/Kathmandu') as s;
select results_eq(
  'select starts_at, ends_at, local_start, local_end, local_date from answers',
  $$select since + h, since + h + interval '1 hour', (since + h + interval '5:45')::timestamp, (since + h + interval '6:45')::timestamp,
    (since + h + interval '5:45')::date
  from ask, unnest('{09:00,09:30,10:00,33:00,33:30,34:00}'::interval[]) as h$$,
  'six slots in two days, with the clock of the zone that was asked for'
);
select results_eq(
  $$select local_start, local_date from ask, market.free_slots(tutor, offer, since, since + interval '24 hours', 'Pacific/Kiritimati') limit 1$$,
  $$select (since + interval '23:00')::timestamp, since::date from ask$$, 'another zone, another clock'
);
select is((select count(*) from ask, market.free_slots(tutor, offer)), 84::bigint, 'from now on for 28 days, if nothing is said');
select tests.as_owner();
update core.profiles set time_zone = 'Asia/Tokyo' where id = (select learner from ask);
select tests.as_user(learner) from ask;
select is(
  (select local_start from ask, market.free_slots(tutor, offer, since, since + interval '10 hours') limit 1),
  (select (since + interval '18 hours')::timestamp from ask), 'by one''s own clock'
);

select throws_ok(format('select market.free_slots(%L, %L, %L, %L)', tutor, offer, r.low, r.high), 'PT422', 'range_invalid', 'a range: ' || r.what)
from ask, (values
  ('2027-01-02', '2027-01-02', 'empty'), ('2027-01-02', '2027-01-01', 'backwards'), ('2027-01-02', '2027-04-04 01:00:01', 'too long'),
  ('-infinity', '2027-01-01', 'without a beginning'), ('2027-01-01', 'infinity', 'without an end'), ('infinity', 'infinity', 'nowhere'), ('294276-12-31Z', '294276-12-31 10:00Z', 'where no time can be added'),
  ('294276-12-31Z', null, 'there, with the usual end')
) as r (low, high, what);
select lives_ok(format('select market.free_slots(%L, %L, ''2027-01-02'', ''2027-04-04 01:00:00'')', tutor, offer), '92 days and an hour are one') from ask;
select is_empty(format('select market.free_slots(%L, %L, ''1900-01-02'', ''1900-01-04'')', tutor, offer), 'long ago: none') from ask;
select throws_ok(format('select market.free_slots(%L, %L, null, null, %L)', tutor, offer, z.name), 'PT422', 'time_zone_unknown', 'no zone: ' || z.name)
from ask, unnest(array['', 'Europe/Atlantis', 'EST5EDT4', 'Europe/London; x']) as z (name);
select throws_ok(format('select market.free_slots(%L, %L)', q.tutor, q.offer), 'PT404', 'offer_not_found', q.what)
from (
  select tutor, other_id, 'the offer of another' from ask union all select tutor, null, 'no offer' from ask
  union all select null, offer, 'no tutor' from ask union all select gen_random_uuid(), gen_random_uuid(), 'neither' from ask
) as q (tutor, offer, what);

-- Who cannot be booked has no slots, whatever the reason; nor is the reason told.
create function pg_temp.refused(p_change text, p_undo text, p_what text)
returns text language plpgsql as $$
declare
  v_found boolean;
  v_many boolean;
  v_bookable boolean;
begin
  perform tests.as_owner();
  v_bookable := (select private.market_is_bookable(tutor, offer, since + '9 hours', learner) from ask);
  execute p_change;
  v_bookable := v_bookable and (select not private.market_is_bookable(tutor, offer, since + '9 hours', learner) from ask);
  perform tests.as_user((select learner from ask));
  begin
    perform market.free_slots(tutor, offer) from ask;
    v_found := true;
  exception when sqlstate 'PT404' then
    v_found := false;
  end;
  v_many := exists (select from ask, market.free_slots_of(array[tutor], null, null, null, array[offer]));
  perform tests.as_owner();
  execute p_undo;
  return ok(v_bookable and not v_found and not v_many, p_what);
end;
$$;
select pg_temp.refused(
  format('update market.tutors set accepts_bookings = false where id = %L', tutor),
  format('update market.tutors set accepts_bookings = true where id = %L', tutor), 'not when he does not accept bookings'
) from ask;
select pg_temp.refused(
  format('update core.experts set is_available = false where id = %L', tutor),
  format('update core.experts set is_available = true where id = %L', tutor), 'nor when he is not available as an expert'
) from ask;
select pg_temp.refused(
  format('update core.experts set verification_status = ''suspended'' where id = %L', tutor),
  format('update core.experts set verification_status = ''verified'' where id = %L', tutor), 'nor when he is not verified any more'
) from ask;
select pg_temp.refused(
  format('update core.profiles set is_active = false where id = %L', tutor),
  format('update core.profiles set is_active = true where id = %L', tutor), 'nor when his account is suspended'
) from ask;
select pg_temp.refused(
  format('update market.tutors set hidden_at = now() where id = %L', tutor),
  format('update market.tutors set hidden_at = null where id = %L', tutor), 'nor when a moderator has him hidden'
) from ask;
select pg_temp.refused(
  format('update market.offers set is_active = false where id = %L', offer),
  format('update market.offers set is_active = true where id = %L', offer), 'nor when the offer is not active'
) from ask;
select pg_temp.refused(
  format('insert into core.blocks (blocker_id, blocked_id) values (%L, %L)', tutor, learner), 'delete from core.blocks', 'nor whom he has blocked'
) from ask;
select pg_temp.refused(
  format('insert into core.blocks (blocker_id, blocked_id) values (%L, %L)', learner, tutor), 'delete from core.blocks', 'nor who has blocked him'
) from ask;

update core.profiles set is_active = false where id = (select learner from ask);
select tests.as_user(learner) from ask;
select is((select count(*) from ask, market.free_slots(tutor, offer)), 84::bigint, 'who is suspended may look');
select tests.as_owner();
update core.profiles set is_active = true where id = (select learner from ask);
select tests.as_user(tutor) from ask;
select is((select count(*) from ask, market.free_slots(tutor, offer)), 84::bigint, 'and the tutor, what others see');
select tests.as_user(gen_random_uuid());
select throws_ok(format('select market.free_slots(%L, %L)', tutor, offer), 'PT401', 'not_authenticated', 'but not whose account is gone') from ask;

-- 2. Many at once ---------------------------------------------------------------------------------------------------

select tests.as_user(learner) from ask;
select results_eq(
  $$select m.tutor_id, m.offer_id, m.starts_at, m.local_starts
  from ask, market.free_slots_of(array[tutor, other, gen_random_uuid()], since, since + interval '48 hours', 'Asia/Kathmandu') as m$$,
  $$select r.tutor, r.offer, array_agg(since + h order by h), array_agg((since + h + interval '5:45')::timestamp order by h)
  from ask, lateral (values (tutor, offer, '{09:00,09:30,10:00,33:00,33:30,34:00}'::interval[]), (other, other_id, '{10:00,34:00}')) as r (tutor, offer, hours),
    unnest(r.hours) as h
  group by r.tutor, r.offer order by min(h)$$,
  'a row for each offer, soonest first; who is none is left out'
);
select is((select array_agg(cardinality(m.starts_at) || ' ' || cardinality(m.local_starts)) from ask, market.free_slots_of(array[tutor, other], p_limit => 2) as m), '{2 2,2 2}', 'the first few of each');
select is((select cardinality(m.starts_at) from ask, market.free_slots_of(array[tutor], p_limit => v.n) as m), v.want, 'a limit of ' || coalesce(v.n::text, 'null'))
from (values (0, 1), (-3, 1), (null, 84), (100000, 84)) as v (n, want);
select results_eq('select m.offer_id from ask, market.free_slots_of(array[tutor, other], p_offer_ids => array[other_id]) as m', 'select other_id from ask', 'of the offers that are named');
select is_empty('select market.free_slots_of(null)', 'of nobody');
select is_empty('select market.free_slots_of(array[]::uuid[])', 'of none');
select throws_ok('select market.free_slots_of(array_fill(gen_random_uuid(), array[201]))', 'PT422', 'too_many_tutors', 'not of too many');
select throws_ok('select market.free_slots_of(array[]::uuid[], ''2027-01-01'', ''2028-01-01'')', 'PT422', 'range_invalid', 'not for too long');
select throws_ok('select market.free_slots_of(array[]::uuid[], null, null, ''Mars/Olympus'')', 'PT422', 'time_zone_unknown', 'not anywhere');
select tests.as_owner();

-- 3. Booking agrees -------------------------------------------------------------------------------------------------

update market.offers set duration_minutes = 25, slot_step_minutes = 20, buffer_before_minutes = 5 where id = (select offer from ask);
select tests.as_user(learner) from ask;
select lives_ok(format('select market.hold_slot(%L, %L, ''slots api test'')', offer, since + interval '9:20'), 'a slot that is shown can be booked') from ask;
select throws_ok(format('select market.hold_slot(%L, %L, ''slots api test 2'')', offer, since + interval '9:40'), 'PT409', null, 'and not what meets it') from ask;
select tests.as_owner();
create temp table minutes as
select m.minute, private.market_is_bookable(tutor, offer, m.minute, stranger) as bookable
from ask, generate_series(since + interval '8 hours 50 minutes', since + interval '11 hours', interval '1 minute') as m (minute);
select results_eq(
  'select minute from minutes where bookable order by 1',
  'select s.starts_at from ask, private.market_free_slots(array[tutor], since, since + interval ''24 hours'', array[offer], stranger) as s order by 1',
  'each minute of two hours can be booked exactly if a slot begins then'
);
select is((select array_agg((minute - since)::text order by minute) from minutes, ask where bookable), '{10:00:00,10:20:00}', 'at two of them');
select ok(not private.market_is_bookable(tutor, offer, since + interval '10 hours 1 second', stranger), 'not a second later') from ask;
select ok(not private.market_is_bookable(tutor, offer, since + interval '10 hours', tutor), 'nobody books himself') from ask;
select ok(not private.market_is_bookable(other, offer, since + interval '10 hours', stranger), 'the tutor is that of the offer') from ask;
select is(
  array[
    private.market_is_bookable(tutor, offer, since + interval '9 hours', stranger, null),
    private.market_is_bookable(tutor, offer, since + interval '9 hours', stranger, b.chain_id)
  ], '{f,t}', 'who moves a booking may move it into its own time'
) from ask, market.bookings as b;
select is(private.market_is_bookable(null, null, null, null), false, 'nothing is not bookable');

select * from finish();
rollback;
