// Bookings that end under concurrency: cancelled and moved at once, and people who are deleted while others act.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { id, openRace, type Race } from "./booking.ts";
import { asUser, type Database, expectSound, rush, type Sql, times } from "./native.ts";

let race: Race;
let database: Database;
let sql: Sql;

beforeAll(async () => {
  race = await openRace("booking_ends");
  ({ database, sql } = race);
});
afterAll(() => database?.drop());

describe("one booking", () => {
  test("cancelled by both, moved and reminded of at once, ends once", async () => {
    const learner = await race.person();
    const session = await race.scheduled(learner, 300);
    const { refused } = await rush<unknown>([
      ...times(
        6,
        (i) => () =>
          asUser(
            database,
            i % 2 ? learner : race.tutor,
            (tx) => tx`select market.cancel_booking(${session})`,
          ),
      ),
      ...times(
        6,
        (i) => () =>
          asUser(
            database,
            learner,
            (tx) => tx`select market.reschedule_booking(${session}, tests.hour(${310 + 4 * i}))`,
          ),
      ),
    ]);
    const states = await sql`
      select status, moved_at is null as is_last, payment_status from market.bookings where chain_id = ${session}`;
    expect(states.filter((state) => state.is_last)).toHaveLength(1);
    for (const refusal of Object.keys(refused)) {
      expect(["PT409 booking_moved", "PT409 booking_state"]).toContain(refusal);
    }
    const refunds = await sql`
      select r.amount_minor from market.refunds r join market.payments p on p.id = r.payment_id
      where p.chain_id = ${session}`;
    expect(refunds.length).toBe(
      states.some((state) => state.is_last && state.status === "cancelled") ? 1 : 0,
    );
  });

  test("whose two people are deleted while others act on it, outlives them", async () => {
    const learner = await race.person();
    const other = await id(sql`select tests.tutor('leaving@race.test') as id`);
    const of = await id(sql`select tests.offer(${other}, 3000) as id`);
    const bookings = await Promise.all(
      times(6, (i) => race.scheduled(learner, 400 + 3 * i, of)),
    );
    const { refused } = await rush<unknown>([
      () => sql`delete from auth.users where id = ${learner}`,
      () => sql`delete from auth.users where id = ${other}`,
      ...bookings.map((booking) => () =>
        asUser(database, learner, (tx) => tx`select market.cancel_booking(${booking})`)
      ),
      ...bookings.map((booking) => () =>
        asUser(
          database,
          other,
          (tx) => tx`select market.set_meeting_link(${booking}, 'https://meet.test/last')`,
        )
      ),
    ]);
    for (const refusal of Object.keys(refused)) {
      expect([
        "PT401 not_authenticated",
        "PT404 booking_not_found",
        "PT409 booking_state",
      ]).toContain(refusal);
    }
    const left = await sql`
      select from market.bookings
      where id in ${
      sql(bookings)
    } and status = 'cancelled' and tutor_id is null and learner_id is null
        and tutor_tombstone = ${other} and learner_tombstone = ${learner}`;
    expect(left).toHaveLength(6);
  });
});

test("learners and tutors who know each other are all deleted at once, without a circle", async () => {
  const learners = await race.crowd(6);
  const tutors = await Promise.all(
    times(6, (i) => id(sql`select tests.tutor(${`circle${i}@race.test`}) as id`)),
  );
  const offers = await Promise.all(
    tutors.map((other) => id(sql`select tests.offer(${other}, 2000) as id`)),
  );
  for (const [i, learner] of learners.entries()) {
    for (const [j, of] of offers.entries()) {
      await race.scheduled(learner, 500 + 2 * ((i + j) % 6), of);
    }
  }
  const { refused } = await rush(
    [...learners, ...tutors].map((gone) => () => sql`delete from auth.users where id = ${gone}`),
  );
  expect(refused).toEqual({});
  const left = await sql`select from market.bookings where learner_tombstone in ${sql(learners)}`;
  expect(left).toHaveLength(36);
});

test("every invariant holds afterwards", () => expectSound(database));
