-- Free slots: moments around changes of the clock, and what stands in the way. Who may ask, and that booking agrees, is in
-- 086_market_slots_api.sql; random cases against a reference are in tests/market.
begin;
select plan(55);
select tests.share_temporaries();

create temp table people as select
  tests.create_user('slots-tutor@lyceum.test', '{expert}') as tutor, tests.create_user('slots-other@lyceum.test', '{expert}') as other,
  tests.create_user('slots-learner@lyceum.test') as learner, tests.create_user('slots-stranger@lyceum.test') as stranger;
insert into market.tutors (id, accepts_bookings) select unnest(array[tutor, other]), true from people;

create temp table offers as
with made as (
  insert into market.offers (
    tutor_id, title, duration_minutes, price_minor, currency, minimum_notice_minutes, booking_window_days, slot_step_minutes
  )
  select unnest(array[tutor, other]), 'An hour', 60, 0, 'EUR', 0, 365, 30 from people returning id, tutor_id
)
select (select id from made where tutor_id = tutor) as id, (select id from made where tutor_id = other) as other_id from people;

-- The tutor's week in a zone: weekday and times, any number of them.
create function pg_temp.week(p_zone text, variadic p_slots text[])
returns void language sql as $$
  delete from market.expert_availability where tutor_id = (select tutor from people);
  update core.experts set time_zone = p_zone where id = (select tutor from people);
  insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
  select (select tutor from people), split_part(s, ' ', 1)::smallint, split_part(s, ' ', 2)::time, split_part(s, ' ', 3)::time
  from unnest(p_slots) as s;
$$;
create function pg_temp.offer(p_length integer default 60, p_step integer default 30, p_before integer default 0, p_after integer default 0)
returns void language sql as $$
  update market.offers set duration_minutes = p_length, slot_step_minutes = p_step, buffer_before_minutes = p_before,
    buffer_after_minutes = p_after
  where id = (select id from offers);
$$;
-- What is free, in UTC, seen from long before.
create function pg_temp.free(p_from timestamptz, p_to timestamptz, p_learner uuid default null, p_chain uuid default null, p_now timestamptz default null)
returns text language sql as $$
  select coalesce(string_agg(to_char(s.starts_at at time zone 'UTC', 'DD"T"HH24:MI'), ' ' order by s.starts_at), 'none')
  from people, private.market_free_slots(
    array[people.tutor], p_from, p_to, null, p_learner, p_chain, coalesce(p_now, p_from - interval '48 hours')
  ) as s;
$$;
create function pg_temp.book(
  p_starts timestamptz, p_minutes integer, p_learner uuid, p_tutor uuid default null, p_status text default 'scheduled',
  p_buffer integer default 0, p_hold interval default '10 minutes'
)
returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  -- In any state at any time: how a booking comes to be so is tested elsewhere.
  set local session_replication_role = replica;
  insert into market.bookings (
    id, chain_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, starts_at, ends_at, blocked_from, blocked_to,
    status, hold_expires_at, completed_at, cancelled_at, cancelled_by, no_show_by, no_show_at, price_minor, currency, commission_rate_bp,
    commission_minor, cancellation_policy, refund_steps, payment_status, idempotency_key
  )
  select n.id, n.id, n.tutor, n.tutor, p_learner, p_learner, 'Booked', p_starts, p_starts + make_interval(mins => p_minutes),
    p_starts - make_interval(mins => p_buffer), p_starts + make_interval(mins => p_minutes + p_buffer), p_status,
    case when p_status = 'hold' then now() + p_hold end, case when p_status = 'completed' then now() end,
    case when p_status = 'cancelled' then now() end, case when p_status = 'cancelled' then 'tutor' end,
    case when p_status = 'no_show' then 'learner' end, case when p_status = 'no_show' then now() end, 0, 'EUR', 0, 0, 'strict', '[]', 'free', 'slots test ' || n.id
  from (select gen_random_uuid() as id, coalesce(p_tutor, (select tutor from people)) as tutor) as n
  returning id into v_id;
  set local session_replication_role = origin;
  return v_id;
end;
$$;
create function pg_temp.unbook()
returns void language plpgsql as $$
begin
  set local session_replication_role = replica;
  delete from market.bookings;
  set local session_replication_role = origin;
end;
$$;

-- 1. Days of a clock ------------------------------------------------------------------------------------------------

create function pg_temp.days(p_zone text, p_from timestamptz, p_to timestamptz)
returns setof text language sql as $$
  select format('%s %s %s-%s', d.on_date, d.seconds / 60, to_char(d.since at time zone 'UTC', 'DD"T"HH24:MI'), to_char(d.until at time zone 'UTC', 'DD"T"HH24:MI'))
  from private.zone_days(p_zone, p_from, p_to) as d order by d.since;
$$;
select results_eq(
  $$select pg_temp.days('Europe/London', '2026-10-24T12:00Z', '2026-10-26T06:00Z')$$,
  array['2026-10-24 60 24T12:00-24T23:00', '2026-10-25 60 24T23:00-25T01:00', '2026-10-25 0 25T01:00-26T00:00', '2026-10-26 0 26T00:00-26T06:00'],
  'a day on which the clock goes back is two pieces, cut at the range'
);
select results_eq(
  $$select pg_temp.days('Pacific/Apia', '2011-12-29T10:00Z', '2011-12-31T10:00Z')$$,
  array['2011-12-29 -600 29T10:00-30T10:00', '2011-12-31 840 30T10:00-31T10:00'],
  'a date that never came is none'
);
select results_eq(
  $$select pg_temp.days('America/Sao_Paulo', '2019-02-17T01:00Z', '2019-02-17T04:00Z')$$,
  array['2019-02-16 -120 17T01:00-17T02:00', '2019-02-16 -180 17T02:00-17T03:00', '2019-02-17 -180 17T03:00-17T04:00'],
  'midnight that goes back belongs to the day before, twice'
);
select is(
  (select count(*) from private.zone_days('Europe/London', '2026-03-28T23:59:59.5Z', '2026-03-29T23:59:59.7Z')), 4::bigint,
  'fractions of a second do no harm'
);
select is_empty($$select private.zone_days('UTC', '2026-03-28', '2026-03-28')$$, 'nothing between a moment and itself');
select is(
  (select array_agg(o.seconds order by o.since) from private.zone_offsets('Europe/London', '2026-03-28T00:59:59.25Z', '2026-10-26') as o), array[0, 3600, 0],
  'nor in the search for changes'
);

-- 2. Known changes of the clock -------------------------------------------------------------------------------------

select pg_temp.week('Europe/London', '6 09:00 11:00', '7 00:30 03:00', '1 09:00 11:00');
select is(
  pg_temp.free('2026-03-28', '2026-03-31'), '28T09:00 28T09:30 28T10:00 29T00:30 29T01:00 30T08:00 30T08:30 30T09:00',
  'London in spring: nine is nine, and the hour from one to two is not there, so that half past twelve goes on at two'
);
select is(
  pg_temp.free('2026-10-24', '2026-10-27'),
  '24T08:00 24T08:30 24T09:00 24T23:30 25T00:00 25T00:30 25T01:00 25T01:30 25T02:00 26T09:00 26T09:30 26T10:00',
  'London in autumn: half past twelve to three are three hours and a half'
);
select pg_temp.week('Europe/London', '7 01:15 01:45');
select pg_temp.offer(30, 30);
select is(pg_temp.free('2026-10-24', '2026-10-27'), '25T00:15 25T01:15', 'what the clock shows twice is there twice');
select is(pg_temp.free('2026-03-28', '2026-03-31'), 'none', 'what it does not show is not there');
select pg_temp.week('Europe/London', '7 00:00 01:30');
select is(pg_temp.free('2026-10-24', '2026-10-27'), '24T23:00 24T23:30 25T00:00 25T01:00', 'two stretches, each counted from its own beginning');

select pg_temp.offer();
select pg_temp.week('America/New_York', '7 00:00 04:00');
select is(pg_temp.free('2026-03-07', '2026-03-09'), '08T05:00 08T05:30 08T06:00 08T06:30 08T07:00', 'New York in spring: four hours on the clock are three');
select is(pg_temp.free('2026-10-31', '2026-11-02'), '01T04:00 01T04:30 01T05:00 01T05:30 01T06:00 01T06:30 01T07:00 01T07:30 01T08:00', 'and five in autumn');

select pg_temp.week('Australia/Lord_Howe', '7 01:00 03:00');
select is(pg_temp.free('2026-04-04', '2026-04-06'), '04T14:00 04T14:30 04T15:00 04T15:30', 'Lord Howe in autumn: two hours are two and a half');
select is(pg_temp.free('2026-10-03', '2026-10-05'), '03T14:30 03T15:00', 'and one and a half in spring');

select pg_temp.week('Asia/Kathmandu', '7 09:00 11:00');
select is(pg_temp.free('2026-03-29', '2026-03-30'), '29T03:15 29T03:45 29T04:15', 'Kathmandu is 5:45 ahead, all year');

select pg_temp.week('Pacific/Apia', '4 22:00 24:00', '5 00:00 24:00', '6 00:00 02:00');
select is(
  pg_temp.free('2011-12-29', '2012-01-01'), '30T08:00 30T08:30 30T09:00 30T09:30 30T10:00 30T10:30 30T11:00',
  'Apia: the Friday that never came has no slots, and Thursday goes on in Saturday'
);
select pg_temp.week('America/Sao_Paulo', '6 23:00 24:00', '7 00:00 01:30');
select is(pg_temp.free('2018-11-03', '2018-11-05'), '04T02:00 04T02:30', 'São Paulo in spring: midnight is left out');
select is(pg_temp.free('2019-02-16', '2019-02-18'), '17T01:00 17T01:30 17T02:00 17T02:30 17T03:00 17T03:30', 'and in autumn there are two hours before it');

-- 3. Midnight, whole weeks, steps -----------------------------------------------------------------------------------

select pg_temp.week('UTC', '1 23:00 24:00', '2 00:00 01:00', '3 10:00 11:00');
select is(pg_temp.free('2026-06-01', '2026-06-04'), '01T23:00 01T23:30 02T00:00 03T10:00', 'a stretch goes on over midnight');
select is(pg_temp.free('2026-06-02', '2026-06-04'), '02T00:00 03T10:00', 'and is counted from its beginning when only its end is asked for');
select pg_temp.offer(40, 25);
select is(pg_temp.free('2026-06-01', '2026-06-03'), '01T23:00 01T23:25 01T23:50 02T00:15', 'steps are counted over midnight');
select is(pg_temp.free('2026-06-01T23:25Z', '2026-06-01T23:50Z'), '01T23:25', 'from a moment on, and before another');
select is(pg_temp.free('2026-06-01T23:25:00.001Z', '2026-06-01T23:50:00.001Z'), '01T23:50', 'to the fraction of a second');

select pg_temp.week('Asia/Kathmandu', variadic array(select d || ' 00:00 24:00' from generate_series(1, 7) as d));
select pg_temp.offer(60, 420);
select is(
  pg_temp.free('2026-06-01T18:15Z', '2026-06-03T18:15Z'), '01T18:15 02T01:15 02T08:15 02T15:15 02T18:15 03T01:15 03T08:15 03T15:15',
  'who is always there is counted from his midnight'
);
insert into market.out_of_office (tutor_id, starts_at, ends_at) select tutor, '2026-06-01T10:00Z', '2026-06-01T10:59:20Z' from people;
select is(
  pg_temp.free('2026-06-01T08:15Z', '2026-06-02T12:00Z'), '01T08:15 01T11:00 01T18:00 02T01:00 02T08:00',
  'until somewhere in it he is not: then from the minute that he is back'
);
select is(
  pg_temp.free('2026-06-09T07:00Z', '2026-06-10T03:00Z'), '09T08:00 09T15:15 09T18:15 10T01:15',
  'for eight days'
);
delete from market.out_of_office;

-- 4. Overrides and out of office ------------------------------------------------------------------------------------

select pg_temp.offer();
select pg_temp.week('Europe/London', '1 09:00 11:00', '2 09:00 11:00');
insert into market.availability_overrides (tutor_id, on_date, start_time, end_time)
select tutor, v.* from people, (values
  ('2026-06-01'::date, null::time, null::time), ('2026-06-02', '20:00', '21:00'), ('2026-06-02', '22:30', '24:00'), ('2026-06-03', '00:00', '00:30')
) as v;
select is(pg_temp.free('2026-06-01', '2026-06-09'), '02T19:00 02T21:30 02T22:00 02T22:30 08T08:00 08T08:30 08T09:00', 'a day off, a day that is different, a day besides');
delete from market.availability_overrides;
insert into market.out_of_office (tutor_id, starts_at, ends_at)
select tutor, v.* from people, (values ('2026-06-01T08:30Z'::timestamptz, '2026-06-01T09:00Z'::timestamptz), ('2026-06-02T05:00Z', '2026-06-08T08:10Z')) as v;
select is(pg_temp.free('2026-06-01', '2026-06-09'), '01T09:00 08T08:10 08T08:40', 'out of office cuts stretches, and they begin anew after it');
delete from market.out_of_office;

-- 5. Bookings -------------------------------------------------------------------------------------------------------

select pg_temp.week('UTC', '1 09:00 14:00');
select pg_temp.offer(60, 30, 0, 0);
create function pg_temp.monday(p_learner uuid default null, p_chain uuid default null)
returns text language sql as $$ select pg_temp.free('2027-06-07', '2027-06-08', p_learner, p_chain); $$;
select is(pg_temp.monday(), '07T09:00 07T09:30 07T10:00 07T10:30 07T11:00 07T11:30 07T12:00 07T12:30 07T13:00', 'a free Monday');
create temp table booked as select pg_temp.book('2027-06-07T11:00Z', 60, learner) as id from people;
select is(pg_temp.monday(), '07T09:00 07T09:30 07T10:00 07T12:00 07T12:30 07T13:00', 'a booking takes its time; what touches it is free');
select is(
  pg_temp.monday(null, (select id from booked)), '07T09:00 07T09:30 07T10:00 07T10:30 07T11:00 07T11:30 07T12:00 07T12:30 07T13:00',
  'but not for those who move it'
);
select pg_temp.offer(60, 30, 15, 30);
select is(pg_temp.monday(), '07T09:00 07T09:30 07T12:30 07T13:00', 'buffers keep off it, and need not lie in the stretch');
select pg_temp.offer();
select pg_temp.unbook();
select pg_temp.book('2027-06-07T11:00Z', 60, learner, p_buffer => 10) from people;
select is(pg_temp.monday(), '07T09:00 07T09:30 07T12:30 07T13:00', 'so do those of the booking');
select pg_temp.unbook();

create function pg_temp.around(p_status text, p_hold interval default '10 minutes')
returns text language plpgsql as $$
declare
  v_seen text;
begin
  -- Seen at the present moment, by which holds run out.
  perform pg_temp.week('UTC', variadic array(select d || ' 00:00 24:00' from generate_series(1, 7) as d));
  perform pg_temp.book(date_trunc('day', now()) + interval '10 days', 60, (select learner from people), p_status => p_status, p_hold => p_hold);
  v_seen := (
    select string_agg(to_char(s.starts_at, 'HH24:MI'), ' ' order by s.starts_at)
    from private.market_free_slots(
      (select array[tutor] from people), date_trunc('day', now()) + interval '10 days', date_trunc('day', now()) + interval '10 days 2 hours'
    ) as s
  );
  perform pg_temp.unbook();
  return v_seen;
end;
$$;
set local timezone = 'UTC';
select is(pg_temp.around('hold'), '01:00 01:30', 'a hold takes its time');
select is(pg_temp.around('hold', '0 minutes'), '00:00 00:30 01:00 01:30', 'until it expires');
select is(pg_temp.around('hold', '-1 minute'), '00:00 00:30 01:00 01:30', 'whether or not anybody has marked it so');
select is(pg_temp.around('expired'), '00:00 00:30 01:00 01:30', 'one that has expired does not');
select is(pg_temp.around('cancelled'), '00:00 00:30 01:00 01:30', 'nor what was cancelled');
select is(pg_temp.around('completed'), '01:00 01:30', 'what took place does');
select is(pg_temp.around('no_show'), '01:00 01:30', 'and what nobody came to');

select pg_temp.week('UTC', '1 09:00 14:00');
select pg_temp.book('2027-06-07T09:00Z', 60, learner, other) from people;
select is(pg_temp.monday(), '07T09:00 07T09:30 07T10:00 07T10:30 07T11:00 07T11:30 07T12:00 07T12:30 07T13:00', 'with somebody else: free for others');
select is(pg_temp.monday(learner), '07T10:00 07T10:30 07T11:00 07T11:30 07T12:00 07T12:30 07T13:00', 'not for that learner') from people;
select pg_temp.book('2027-06-07T10:00Z', 60, stranger, learner) from people;
select is(pg_temp.monday(learner), '07T11:00 07T11:30 07T12:00 07T12:30 07T13:00', 'nor what he teaches himself') from people;
select pg_temp.book('2027-06-07T11:00Z', 60, tutor, other) from people;
select is(pg_temp.monday(), '07T09:00 07T09:30 07T10:00 07T12:00 07T12:30 07T13:00', 'a tutor who learns is busy') from people;
select pg_temp.unbook();

-- 6. Notice, window, bookings a day ---------------------------------------------------------------------------------

update market.offers set minimum_notice_minutes = 90, booking_window_days = 7 where id = (select id from offers);
select is(pg_temp.free('2027-06-07', '2027-06-08', p_now => '2027-06-07T10:00Z'), '07T11:30 07T12:00 07T12:30 07T13:00', 'the notice, to the minute');
select is(pg_temp.free('2027-06-07', '2027-06-08', p_now => '2027-06-07T10:00:01Z'), '07T12:00 07T12:30 07T13:00', 'and the second');
select is(pg_temp.free('2027-06-07', '2027-06-15', p_now => '2027-06-07T10:30Z'), '07T12:00 07T12:30 07T13:00 14T09:00 14T09:30 14T10:00', 'the window ends before the same moment');
select is(pg_temp.free('2027-06-07', '2027-06-08', p_now => '2027-06-09'), 'none', 'nothing in the past');
select is(pg_temp.free('2027-06-07', '2027-06-08', p_now => '2027-05-09'), 'none', 'nothing too far away');
update market.offers set minimum_notice_minutes = 0, booking_window_days = 365 where id = (select id from offers);

select pg_temp.week('America/New_York', '1 20:00 24:00', '2 00:00 02:00');
update market.tutors set max_bookings_per_day = 2 where id = (select tutor from people);
select pg_temp.book('2027-06-08T00:00Z', 30, learner) from people;
select is(pg_temp.free('2027-06-07', '2027-06-09'), '08T00:30 08T01:00 08T01:30 08T02:00 08T02:30 08T03:00 08T03:30 08T04:00 08T04:30 08T05:00', 'one of two a day');
select pg_temp.book('2027-06-08T03:30Z', 30, stranger) from people;
select is(pg_temp.free('2027-06-07', '2027-06-09'), '08T04:00 08T04:30 08T05:00', 'two: the day is full, by the tutor''s clock');
select is(pg_temp.free('2027-06-08T03:00Z', '2027-06-09'), '08T04:00 08T04:30 08T05:00', 'also when its first booking is before what is asked');
select is(
  (select pg_temp.free('2027-06-07', '2027-06-08T02:00Z', null, b.chain_id) from market.bookings as b where b.starts_at = '2027-06-08T00:00Z'),
  '08T00:00 08T00:30 08T01:00 08T01:30', 'but not for who moves one of them'
);
select pg_temp.unbook();
select pg_temp.week('America/New_York', variadic array(select d || ' 00:00 24:00' from generate_series(1, 7) as d));
select pg_temp.offer(60, 60);
select pg_temp.book('2027-11-07T04:00Z', 30, learner), pg_temp.book('2027-11-07T04:30Z', 30, stranger) from people;
select is(pg_temp.free('2027-11-08T03:00Z', '2027-11-08T07:00Z'), '08T05:00 08T06:00', 'a day of 25 hours is full until it is over');
select pg_temp.unbook();
select pg_temp.offer();
update market.tutors set max_bookings_per_day = null where id = (select tutor from people);

select * from finish();
rollback;
