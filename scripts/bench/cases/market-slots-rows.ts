// Tutors with a week, exceptions and bookings, for the case market-slots; and free slots as one would first write them.
import type pg from "pg";

export const tutorCount = 200;
const zones = [
  "Europe/London",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Australia/Lord_Howe",
  "UTC",
];

/** Five days a week from nine to one and from two to six; a few bookings a week each. All around the next change of clocks. */
const rows = `
  set session_replication_role = replica;
  create schema bench_slots;
  create table bench_slots.tutors as
    select n, md5('slots tutor ' || n)::uuid as id, md5('slots offer ' || n)::uuid as offer_id
    from generate_series(0, ${tutorCount}) as n;
  insert into core.profiles (id, username, full_name) select id, 'slots_' || n, 'Tutor ' || n from bench_slots.tutors;
  insert into core.experts (id, verification_status, time_zone)
    select id, 'verified', ('{${
  zones.join(",")
}}'::text[])[n % ${zones.length} + 1] from bench_slots.tutors where n > 0;
  insert into market.tutors (id, accepts_bookings) select id, true from bench_slots.tutors where n > 0;
  insert into market.offers (
    id, tutor_id, title, duration_minutes, price_minor, currency, buffer_after_minutes, booking_window_days
  )
    select offer_id, id, 'An hour', 60, 3000, 'EUR', 10, 90 from bench_slots.tutors where n > 0;
  insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
    select t.id, (d + t.n) % 7 + 1, h.low, h.high
    from bench_slots.tutors as t, generate_series(0, 4) as d, (values (time '9:00', time '13:00'), ('14:00', '18:00')) as h (low, high)
    where t.n > 0;
  insert into market.availability_overrides (tutor_id, on_date, start_time, end_time)
    select t.id, current_date + (t.n * 7 + k * 11) % 40, case when k > 1 then time '10:00' end, case when k > 1 then time '15:30' end
    from bench_slots.tutors as t, generate_series(1, 3) as k where t.n > 0
    on conflict do nothing;
  insert into market.out_of_office (tutor_id, starts_at, ends_at)
    select id, now() + make_interval(days => n % 30), now() + make_interval(days => n % 30 + 3)
    from bench_slots.tutors where n % 3 = 1;
  insert into market.bookings (
    id, chain_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, starts_at, ends_at, blocked_from, blocked_to,
    status, price_minor, currency, commission_rate_bp, commission_minor, cancellation_policy, refund_steps, payment_status,
    idempotency_key
  )
    select b.id, b.id, b.tutor_id, b.tutor_id, b.learner_id, b.learner_id, 'An hour', b.moment, b.moment + interval '1 hour',
      b.moment, b.moment + interval '70 minutes', 'scheduled', 3000, 'EUR', 1500, 450, 'moderate', '[]', 'paid', 'bench ' || b.id
    from (
      select md5(format('slots booking %s %s', t.n, k))::uuid as id, t.id as tutor_id,
        md5(format('slots learner %s %s', t.n, k))::uuid as learner_id,
        date_trunc('day', now()) + make_interval(days => k * 3 + t.n % 3, hours => 8 + (t.n + k * 5) % 12) as moment
      from bench_slots.tutors as t, generate_series(-8, 12) as k
      where t.n > 0
    ) as b
    on conflict do nothing;
  set session_replication_role = origin;
  analyze core.profiles, core.experts, market.tutors, market.offers, market.expert_availability,
    market.availability_overrides, market.out_of_office, market.bookings`;

export interface Tutor {
  id: string;
  offer_id: string;
}

/** The learner who asks, and the tutors. */
export async function fillTutors(client: pg.Client): Promise<{ learner: string; tutors: Tutor[] }> {
  const { rows: [found] } = await client.query("select to_regnamespace('bench_slots') as there");
  if (!found?.there) await client.query(rows);
  const { rows: all } = await client.query<Tutor>(
    "select id, offer_id from bench_slots.tutors order by n",
  );
  const [learner, ...tutors] = all as [Tutor, ...Tutor[]];
  return { learner: learner.id, tutors };
}

/** Every minute of every tutor: is it in a slot of the week, is anything in the way? Then what lies together. */
export const minuteByMinute = `
  with open as (
    select t.id, e.time_zone, m.minute
    from market.tutors as t
    join core.experts as e on e.id = t.id
    cross join generate_series($2::timestamptz - interval '3 days', $3::timestamptz + interval '1 day', interval '1 minute') as m (minute)
    where t.id = any ($1::uuid[])
      and case
        when exists (
          select from market.availability_overrides as o
          where o.tutor_id = t.id and o.on_date = (m.minute at time zone e.time_zone)::date
        ) then exists (
          select from market.availability_overrides as o
          where o.tutor_id = t.id and o.on_date = (m.minute at time zone e.time_zone)::date
            and (m.minute at time zone e.time_zone)::time >= o.start_time and (m.minute at time zone e.time_zone)::time < o.end_time
        )
        else exists (
          select from market.expert_availability as a
          where a.tutor_id = t.id and a.weekday = extract(isodow from m.minute at time zone e.time_zone)
            and (m.minute at time zone e.time_zone)::time >= a.start_time and (m.minute at time zone e.time_zone)::time < a.end_time
        )
      end
      and not exists (
        select from market.out_of_office as o
        where o.tutor_id = t.id and o.starts_at < m.minute + interval '1 minute' and o.ends_at > m.minute
      )
  ),
  numbered as (
    select o.id, o.minute, o.minute - row_number() over (partition by o.id order by o.minute) * interval '1 minute' as stretch
    from open as o
  ),
  placed as (
    select n.id, n.minute, min(n.minute) over w as since, max(n.minute) over w + interval '1 minute' as until
    from numbered as n
    window w as (partition by n.id, n.stretch)
  )
  select p.id as tutor_id, p.minute as starts_at
  from placed as p
  join market.offers as f on f.tutor_id = p.id
  where p.minute >= $2 and p.minute < $3
    and extract(epoch from p.minute - p.since)::integer / 60 % f.slot_step_minutes = 0
    and p.minute + make_interval(mins => f.duration_minutes) <= p.until
    and p.minute >= now() + make_interval(mins => f.minimum_notice_minutes)
    and p.minute < now() + make_interval(hours => 24 * f.booking_window_days)
    and not exists (
      select from market.bookings as b
      where b.tutor_tombstone = p.id and b.status = 'scheduled'
        and b.blocked_from < p.minute + make_interval(mins => f.duration_minutes + f.buffer_after_minutes)
        and b.blocked_to > p.minute - make_interval(mins => f.buffer_before_minutes)
    )
  order by 1, 2`;
