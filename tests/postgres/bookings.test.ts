// Slots under concurrency: nobody is booked twice, whoever comes at the same moment, and nobody waits in a circle.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { id, openRace, type Race } from "./booking.ts";
import { asUser, type Database, expectSound, rush, type Sql, times } from "./native.ts";

let race: Race;
let database: Database;
let sql: Sql;

beforeAll(async () => {
  race = await openRace("bookings");
  ({ database, sql } = race);
});
afterAll(() => database?.drop());

describe("two hundred at once for ten slots", () => {
  test("end as ten bookings and a hundred and ninety clean refusals", async () => {
    const learners = await race.crowd(200);
    const { done, refused } = await rush(
      learners.map((learner, i) => () => race.hold(learner, 48 + 2 * (i % 10), `ten-slots-${i}`)),
    );
    expect(refused).toEqual({ "PT409 slot_taken": 190 });
    expect(new Set(done).size).toBe(10);
    expect(
      await sql`
      select from market.bookings where starts_at between tests.hour(48) and tests.hour(67) and status = 'hold'`,
    ).toHaveLength(10);
  });

  test("also when slots cross each other, buffers included", async () => {
    const learners = await race.crowd(60);
    const { done, refused } = await rush(
      learners.map((learner, i) => () =>
        asUser(database, learner, (tx) =>
          id(tx`select id from market.hold_slot(
          ${race.offer}, tests.hour(100) + ${i % 8} * interval '30 minutes', ${`crossing-${i}`})`))
      ),
    );
    expect(Object.keys(refused)).toEqual(["PT409 slot_taken"]);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length + (refused["PT409 slot_taken"] ?? 0)).toBe(60);
  });
});

describe("one learner", () => {
  test("who retries twenty times at once has one booking", async () => {
    const learner = await race.person();
    const { done, refused } = await rush(
      times(20, () => () => race.hold(learner, 120, "one-and-only")),
    );
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
  });

  test("sits in one session at a time, whichever tutors he asks at once", async () => {
    const learner = await race.person();
    const offers = await Promise.all(times(12, async (i) => {
      const other = await id(sql`select tests.tutor(${`tutor${i}@race.test`}) as id`);
      return await id(sql`select tests.offer(${other}) as id`);
    }));
    const { done, refused } = await rush(
      offers.map((of, i) => () => race.hold(learner, 124, `many-tutors-${i}`, of)),
    );
    expect(done).toHaveLength(1);
    expect(refused).toEqual({ "PT409 learner_busy": 11 });
  });

  test("holds no more than he may, however fast he is", async () => {
    await sql`update core.settings set value = '3' where key = 'market.max_holds'`;
    const learner = await race.person();
    const { done, refused } = await rush(
      times(20, (i) => () => race.hold(learner, 130 + 2 * i, `hoarder-${i}`)),
    );
    expect(done).toHaveLength(3);
    expect(refused).toEqual({ "PT409 too_many_holds": 17 });
    await sql`update core.settings set value = '1000' where key = 'market.max_holds'`;
  });
});

test("a tutor who takes four a day has four, however many come at once", async () => {
  const other = await id(sql`select tests.tutor('four@race.test') as id`);
  await sql`update market.tutors set max_bookings_per_day = 4 where id = ${other}`;
  const of = await id(sql`select tests.offer(${other}) as id`);
  const learners = await race.crowd(20);
  const day = await sql<{ hours: number }[]>`
    select extract(epoch from date_trunc('day', now()) + interval '3 days' - date_trunc('hour', now()))::integer / 3600 as hours`;
  const { done, refused } = await rush(
    learners.map((learner, i) => () =>
      race.hold(learner, (day[0]?.hours ?? 0) + i, `four-a-day-${i}`, of)
    ),
  );
  expect(done).toHaveLength(4);
  expect(refused).toEqual({ "PT409 slot_unavailable": 16 });
});

describe("holds that ran out", () => {
  test("are paid late by all at once, and each slot is one learner's", async () => {
    const learners = await race.crowd(12);
    const holds: string[] = [];
    for (const [i, learner] of learners.entries()) {
      holds.push(
        await id(sql`
          select tests.booking(${race.offer}, ${learner}, tests.hour(${
          200 + (i % 3)
        }), 'expired') as id`),
      );
    }
    const { done, refused } = await rush(
      holds.map((booking) => async () =>
        (await sql`select private.booking_confirm_paid(${booking}) as answer`)[0]?.answer
      ),
    );
    expect(refused).toEqual({});
    // Three that begin an hour after each other, with breaks between: the middle one excludes both others.
    const scheduled = done.filter((answer) => answer === "scheduled").length;
    expect([1, 2]).toContain(scheduled);
    expect(done.filter((answer) => answer === "slot_gone")).toHaveLength(12 - scheduled);
    // Nobody has really paid here: their bookings are given back, so that the money's invariants hold.
    await sql`
      update market.bookings set status = 'cancelled', cancelled_by = 'system', cancelled_at = now(), settled_at = now(),
        payment_status = 'pending'
      where id in ${sql(holds)} and status = 'scheduled'`;
  });

  test("are ended by tasks and by others at once, each once", async () => {
    const learners = await race.crowd(10);
    for (const [i, learner] of learners.entries()) {
      await race.hold(learner, 220 + 2 * i, `running-out-${i}`);
    }
    await sql`
      update market.bookings set hold_expires_at = now() - interval '1 second' where idempotency_key like 'running-out-%'`;
    const others = await race.crowd(10);
    const { done, refused } = await rush<unknown>([
      ...others.map((learner, i) => () => race.hold(learner, 220 + 2 * i, `after-it-${i}`)),
      ...times(5, () => () => sql`select private.market_expire_all_holds()`),
    ]);
    expect(refused).toEqual({});
    expect(done).toHaveLength(15);
    const events = await sql`
      select from market.booking_events e join market.bookings b on b.id = e.booking_id
      where b.idempotency_key like 'running-out-%' and e.to_status = 'expired'`;
    expect(events).toHaveLength(10);
  });
});

test("every invariant holds afterwards", () => expectSound(database));
