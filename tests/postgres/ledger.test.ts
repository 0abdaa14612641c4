// Money under concurrency: events that come at once and twice, settlement meeting disputes, refunds, payouts and people who
// go. Nothing is booked twice, nobody waits in a circle, and everything adds up.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { moneyDatabase, moneyOn, text } from "./money.ts";
import { type Database, expectSound, rush, times } from "./native.ts";

let database: Database;
let money: ReturnType<typeof moneyOn>;
let offer: string;

beforeAll(async () => {
  database = await moneyDatabase();
  money = moneyOn(database);
  offer = await money.newOffer();
});
afterEach(() => expectSound(database));
afterAll(() => database?.drop());

describe("a capture", () => {
  test("delivered forty times at once counts once", async () => {
    const id = await money.booking("hold", offer);
    const payment = await money.begin(id);
    const { done, refused } = await rush(
      times(40, () => () => money.captured(payment, "evt_once")),
    );
    expect(refused).toEqual({});
    expect(done.filter((answer) => answer === "processed")).toHaveLength(1);
    expect(await money.moneyOf(id)).toMatch(/^-10001 10001 /);
  });

  test("told by forty events at once counts once, too", async () => {
    const id = await money.booking("hold", offer);
    const payment = await money.begin(id);
    const { refused } = await rush(
      times(40, (i) => () => money.captured(payment, `evt_many_${i}`)),
    );
    expect(refused).toEqual({});
    expect(await money.moneyOf(id)).toMatch(/^-10001 10001 /);
  });

  test("of two payments for one hold at once: one pays, the other goes back", async () => {
    for (const round of times(5, (i) => i)) {
      const id = await money.booking("hold", offer);
      const first = await money.begin(id);
      await database.sql`update market.payments set status = 'failed' where id = ${first}`;
      const second = await money.begin(id);
      const { refused } = await rush(
        [first, second].map((payment) => () =>
          money.captured(payment, `evt_two_${round}_${payment}`)
        ),
      );
      expect(refused).toEqual({});
      expect(await money.moneyOf(id)).toBe("-20002 10001 0 0 10001 0");
    }
  });

  test("meets the end of the hold: paid for or given back, never both", async () => {
    const ids = await Promise.all(times(10, () => money.booking("hold", offer)));
    const payments = await Promise.all(ids.map(money.begin));
    await database.sql`
      update market.bookings set hold_expires_at = now() - interval '1 second' where id = any(${ids})`;
    const { refused } = await rush([
      ...payments.map((payment) => () => money.captured(payment, `evt_end_${payment}`)),
      ...times(
        10,
        () => () => text(database.sql`select private.market_expire_all_holds() as value`),
      ),
    ]);
    expect(refused).toEqual({});
    const paid = await database
      .sql`select from market.bookings where id = any(${ids}) and status = 'scheduled'`;
    expect(paid).toHaveLength(10);
  });
});

describe("settlement", () => {
  test("meets a dispute, its end and a refund: the same books, whoever is first", async () => {
    const ids = await Promise.all(times(12, () => money.booking("scheduled", offer)));
    const { refused } = await rush<unknown>(ids.flatMap((id) => [
      () => money.settle(id),
      () => money.settle(id),
      () => money.event(id, "dispute_opened", { provider_dispute_id: `dp_${id}` }),
      () => money.event(id, "dispute_closed", { provider_dispute_id: `dp_${id}`, outcome: "won" }),
      () => money.refund(id, 3000, `race-refund-${id}`),
      () => money.refund(id, 3000, `race-refund-${id}`),
    ]));
    expect(refused).toEqual({});
    const nets = await database.sql<{ net: string }[]>`
      select distinct string_agg(k.kind || ' ' || k.net, ' ' order by k.kind) as net
      from (
        select t.chain_id, a.kind, sum(e.amount_minor) as net
        from market.entries e join market.transfers t on t.id = e.transfer_id
        join market.accounts a on a.id = e.account_id
        where t.chain_id = any(${ids}) group by 1, 2
      ) as k where k.net <> 0 group by k.chain_id`;
    expect([...nets]).toEqual([{ net: "learner -10001 platform 1050 refunds 3000 tutor 5951" }]);
  });

  test("of one tutor by twenty at once, and of twenty tutors", async () => {
    const own = await Promise.all(times(20, () => money.booking("scheduled", offer)));
    const offers = await Promise.all(times(20, money.newOffer));
    const theirs = await Promise.all(offers.map((of) => money.booking("scheduled", of)));
    const { refused } = await rush([...own, ...theirs].map((id) => () => money.settle(id)));
    expect(refused).toEqual({});
  });
});

describe("refunds", () => {
  test("twenty of a tenth at once give back no more than was paid", async () => {
    const id = await money.booking("completed", await money.newOffer());
    const { done, refused } = await rush(
      times(20, (i) => () => money.refund(id, 1000, `tenth-of-it-${i}`)),
    );
    expect(done).toHaveLength(10);
    expect(refused).toEqual({ "PT409 refund_too_large": 10 });
    expect(await money.moneyOf(id)).toBe("-10001 0 1 0 10000 0");
  });
});

describe("payouts", () => {
  test("run twenty times at once plan one payout, which is taken once, refunds in between or not", async () => {
    const { sql } = database;
    const tutor = await money.newTutor();
    const id = await money.booking("completed", await money.offerOf(tutor));
    await sql`
      insert into market.payout_accounts (tutor_tombstone, tutor_id, provider, provider_account_id, status)
      values (${tutor}, ${tutor}, 'local', 'acct_race', 'enabled')`;
    const runs = await rush(times(20, () => () => text(sql`select market.run_payouts() as value`)));
    expect(runs.refused).toEqual({});
    expect(runs.done.filter((planned) => planned === "1")).toHaveLength(1);
    const [job] = await sql<{ id: string; token: string; payout: string }[]>`
      select j.id, j.lease_token as token, j.resource_id as payout
      from market.payouts y, tests.money_lease(y.id, 'market.send_payout') j where y.tutor_id = ${tutor}`;
    const { refused } = await rush([
      ...times(
        10,
        () => () =>
          text(sql`select market.begin_payout(${job?.id ?? ""}, ${job?.token ?? ""}) as value`),
      ),
      ...times(3, (i) => () => money.refund(id, 500, `while-paying-${i}`)),
      () =>
        money.event(id, "dispute_opened", { provider_dispute_id: `dp_${id}`, amount_minor: 4000 }),
    ]);
    expect(refused).toEqual({});
    const [payout] = await sql`select status from market.payouts where tutor_id = ${tutor}`;
    expect(["pending", "failed"]).toContain(payout?.status);
  });
});

describe("people who go", () => {
  test("in the middle of events: nobody waits in a circle, and the books stay", async () => {
    const { sql } = database;
    const tutors = await Promise.all(times(4, money.newTutor));
    const offers = await Promise.all(tutors.map(money.offerOf));
    const learners = await Promise.all(times(4, money.newLearner));
    const ids: string[] = [];
    const payments: string[] = [];
    for (const of of offers) {
      for (const learner of learners) {
        ids.push(await money.booking("scheduled", of, learner));
        payments.push(await money.begin(await money.booking("hold", of, learner)));
      }
    }
    const { refused } = await rush([
      ...ids.map((id) => () =>
        money.event(id, "dispute_opened", { provider_dispute_id: `dp_${id}` })
      ),
      ...payments.map((payment) => () => money.captured(payment, `evt_going_${payment}`)),
      ...ids.map((id) => () => money.refund(id, 700, `going-${id}`)),
      ...[...tutors.slice(0, 2), ...learners.slice(0, 2)].map((person) => async () => {
        await sql`delete from auth.users where id = ${person}`;
        return person;
      }),
      ...ids.map((id) => async () => {
        await money.settle(id);
        return id;
      }),
    ]);
    expect(refused).toEqual({});
    const jobs = await sql<{ id: string }[]>`
      select resource_id as id from ops.queue_items where job_type = 'market.close_booking'`;
    const closed = await rush(
      jobs.map(({ id }) => () => text(sql`select private.booking_settle(${id}) as value`)),
    );
    expect(closed.refused).toEqual({});
  });
});

describe("anything at once", () => {
  test("a storm of six hundred steps on thirty bookings", async () => {
    const { sql } = database;
    const ids = await Promise.all(times(30, () => money.booking("scheduled", offer)));
    // The same storm each time: a small generator with a seed.
    let seed = 7;
    const random = (limit: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % limit;
    };
    const steps = times(600, (i) => {
      const id = ids[random(ids.length)] ?? "";
      const dispute = `dp_${id}_${random(2)}`;
      const choice = random(6);
      return async () => {
        if (choice === 0) await money.settle(id);
        else if (choice === 1) await money.refund(id, 1 + (i % 4000), `storm-refund-${i}`);
        else if (choice === 2) {
          await money.event(id, "dispute_opened", {
            provider_dispute_id: dispute,
            amount_minor: 5000,
          });
        } else if (choice === 3) {
          const outcome = i % 2 === 0 ? "won" : "lost";
          await money.event(id, "dispute_closed", {
            provider_dispute_id: dispute,
            amount_minor: 5000,
            outcome,
          });
        } else if (choice === 4) {
          await money.event(id, "refund_succeeded", {
            provider_refund_id: `re_${id}_${i % 3}`,
            amount_minor: 100,
          });
        } else {
          await sql`
            select market.record_payment_event('local', ${`evt_r_${i}`}, 'refund_succeeded', jsonb_build_object(
              'refund_id', r.id, 'provider_refund_id', 're_own_' || r.id, 'provider_payment_id', p.provider_payment_id,
              'amount_minor', r.amount_minor, 'currency', 'EUR'), now())
            from market.refunds r join market.payments p on p.id = r.payment_id
            where p.booking_id = ${id} and r.status in ('pending', 'sent') order by r.created_at limit 1`;
        }
      };
    });
    const { refused } = await rush(steps);
    // More than is left is refused, and nothing else is.
    expect(Object.keys(refused).filter((why) => why !== "PT409 refund_too_large")).toEqual([]);
  });
});
