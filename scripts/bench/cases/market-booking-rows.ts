// Tutors who are always free, learners, and bookings as plain inserts, for the case market-booking.
import type pg from "pg";
import type { Statement } from "../connect.ts";

/** Hours of one tutor within the window of his offer. */
export const slotsOfOne = 8000;
const tutors = 8;
export const learnersOfOne = 97;

const rows = `
  set session_replication_role = replica;
  create schema bench_booking;
  create table bench_booking.tutors as
    select n, md5('booking tutor ' || n)::uuid as id, md5('booking offer ' || n)::uuid as offer_id
    from generate_series(0, ${tutors - 1}) as n;
  create table bench_booking.learners as
    select t.n as tutor, k, md5(format('booking learner %s %s', t.n, k))::uuid as id
    from bench_booking.tutors as t, generate_series(0, ${learnersOfOne - 1}) as k;
  insert into core.profiles (id, username, full_name) select id, 'bktutor_' || n, 'Tutor ' || n from bench_booking.tutors;
  insert into core.profiles (id, username, full_name)
    select id, format('bklearner_%s_%s', tutor, k), 'Learner ' || k from bench_booking.learners;
  insert into core.experts (id, verification_status, time_zone) select id, 'verified', 'UTC' from bench_booking.tutors;
  set session_replication_role = origin;
  insert into market.tutors (id, accepts_bookings) select id, true from bench_booking.tutors;
  insert into market.offers (
    id, tutor_id, title, duration_minutes, price_minor, currency, minimum_notice_minutes, booking_window_days, slot_step_minutes
  )
    select offer_id, id, 'An hour', 60, 3000, 'EUR', 0, 365, 60 from bench_booking.tutors;
  insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
    select t.id, d, '00:00', '24:00' from bench_booking.tutors as t, generate_series(1, 7) as d;
  -- Limits would stop the clients, not the database.
  update core.settings set value = '1000000' where key in ('market.max_holds', 'market.max_unpaid', 'market.max_upcoming');
  update core.settings set value = jsonb_set(value, '{hold}', '{"burst": 1000000, "per_hour": 1000000}')
    where key = 'market.booking_limits';
  analyze core.profiles, core.experts, market.tutors, market.offers, market.expert_availability;`;

/** Made once a run. */
export async function makeMarket(client: pg.Client): Promise<void> {
  const { rows: [made] } = await client.query<{ there: boolean }>(
    "select to_regnamespace('bench_booking') is not null as there",
  );
  if (!made?.there) await client.query(rows);
}

const hour = 3_600_000;
/** The first full hour from tomorrow on, the same for the whole run. */
const first = (Math.floor(Date.now() / hour) + 25) * hour;
const slot = (number: number): string => new Date(first + number * hour).toISOString();

const claims = "select set_config('request.jwt.claims', $1, false)";

/** One round trip, on a connection that is signed in. */
export const hold = (offer: string, learner: string, number: number, key: string): Statement => ({
  name: "hold",
  text: `select (market.hold_slot($2, $3, $4)).id from (${claims} offset 0) as c`,
  values: [
    JSON.stringify({ sub: learner, role: "authenticated" }),
    offer,
    slot(number),
    key,
  ],
});

/** The same row, without asking whether the slot is free. */
export const insert = (offer: string, learner: string, number: number, key: string): Statement => ({
  name: "insert",
  text: `
    insert into market.bookings (
      id, chain_id, offer_id, tutor_id, tutor_tombstone, learner_id, learner_tombstone, title, starts_at, ends_at,
      blocked_from, blocked_to, status, hold_expires_at, price_minor, currency, commission_rate_bp, commission_minor,
      cancellation_policy, refund_steps, idempotency_key
    )
    select n.id, n.id, o.id, o.tutor_id, o.tutor_id, $2::uuid, $2::uuid, o.title, $3::timestamptz, $3::timestamptz + interval '1 hour',
      $3::timestamptz, $3::timestamptz + interval '1 hour', 'hold', now() + interval '15 minutes', o.price_minor, o.currency,
      1500, 450, o.cancellation_policy, '[]', $4
    from market.offers as o cross join (select gen_random_uuid() as id) as n
    where o.id = $1
    on conflict do nothing
    returning id`,
  values: [offer, learner, slot(number), key],
});
