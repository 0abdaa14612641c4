// A session is booked, paid for, given and paid out, with the sandbox in the place of a provider; called off, disputed,
// given up. Everything goes through the Data API, the functions and the worker, as it does in production.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../setup/stack.ts";
import { type Market, openMarket, type Somebody } from "./money.ts";

let market: Market;
let tutor: Somebody;
let learner: Somebody;
let offer: string;

beforeAll(async () => {
  market = await openMarket();
  tutor = await market.tutor();
  learner = await market.somebody();
  offer = await market.offer(tutor);
}, 60_000);
afterEach(() => market?.expectSound());
afterAll(() => market?.stack.stop());

const paidBooking = async () => {
  const held = await market.hold(learner, offer);
  const checkout = await market.checkout(learner, held.id);
  expect(checkout, JSON.stringify(checkout)).toMatchObject({ status: 201 });
  const paid = await market.call(`${checkout.body.url}/pay`, {});
  expect(paid.body).toMatchObject({ outcome: "processed" });
  return { id: held.id, url: checkout.body.url };
};

describe("a session", () => {
  test("is held, paid for, given, and what the tutor earned is sent to him", async () => {
    const held = await market.hold(learner, offer);
    expect(held).toMatchObject({ status: "hold", payment_status: "pending" });

    const checkout = await market.checkout(learner, held.id);
    expect(checkout).toMatchObject({
      status: 201,
      body: { status: "open", url: expect.stringContaining("/payments/sandbox/cs_local_") },
    });
    const page = await market.call(checkout.body.url, null, {}, "GET");
    expect(page.body).toMatchObject({ amount_minor: 4000, currency: "EUR", booking_id: held.id });
    const paid = await market.call(page.body.actions.pay, {});
    expect(paid).toMatchObject({ status: 200, body: { received: true, outcome: "processed" } });
    expect(await market.find(held.id)).toMatchObject({
      status: "scheduled",
      payment_status: "paid",
    });
    expect(await market.balance("escrow", held.id)).toBe(4000);
    expect(await market.granted(tutor.client.rpc("my_earnings"))).toMatchObject([
      { currency: "EUR", balance_minor: 0, booked_minor: 3400 },
    ]);

    await market.passTime(held.id, 200);
    await market.granted(tutor.client.rpc("complete_booking", { p_booking_id: held.id }));
    const done = await market.reach(held.id, (b) => b.settled_at !== null, "the money divided");
    expect(done).toMatchObject({ status: "completed", commission_minor: 600 });
    expect(await market.balance("escrow", held.id)).toBe(0);
    expect(await market.balance("tutor", tutor.id)).toBe(3400);

    const account = await market.call("/payments/payout-account", {}, market.as(tutor));
    expect(account).toMatchObject({ status: 200, body: { status: "pending" } });
    expect(await market.granted(market.service.rpc("run_payouts"))).toBe(0);
    expect(await market.call(account.body.url, {})).toMatchObject({
      body: { type: "account.updated", outcome: "processed" },
    });
    const again = await market.call("/payments/payout-account", {}, market.as(tutor));
    expect(again.body).toMatchObject({ account_id: account.body.account_id, status: "enabled" });

    expect(await market.granted(market.service.rpc("run_payouts"))).toBe(1);
    await until(
      async () => {
        const [payout] = await market.stack.sql<{ status: string }>(
          "select status from market.payouts",
        );
        return payout?.status === "paid";
      },
      "the payout to arrive",
      20_000,
    );
    expect(await market.granted(tutor.client.rpc("my_earnings"))).toMatchObject([
      { balance_minor: 0, in_transit_minor: 0, paid_out_minor: 3400, booked_minor: 0 },
    ]);
  });

  test("called off late gives half back, and the rest is divided", async () => {
    const { id } = await paidBooking();
    const booking = await market.find(id);
    // 12 hours before: of the moderate policy half is left.
    const [{ hours } = { hours: 0 }] = await market.stack.sql<{ hours: number }>(
      "select floor(extract(epoch from starts_at - now()) / 3600)::integer as hours from market.bookings where id = $1",
      [id],
    );
    await market.passTime(id, hours - 12);
    await market.granted(learner.client.rpc("cancel_booking", { p_booking_id: id }));
    const cancelled = await market.reach(
      id,
      (b) => b.payment_status === "partially_refunded",
      "half of it given back",
    );
    expect(cancelled).toMatchObject({ status: "cancelled", refund_minor: 2000 });
    await until(
      async () => {
        const [refund] = await market.stack.sql<{ status: string }>(
          "select r.status from market.refunds r join market.payments p on p.id = r.payment_id where p.booking_id = $1",
          [id],
        );
        return refund?.status === "succeeded";
      },
      "the refund to arrive",
      20_000,
    );
    expect(await market.balance("escrow", booking.chain_id)).toBe(0);
    const receipts = await market.granted(
      learner.client.from("receipts").select("*").eq("booking_id", id),
    );
    expect(receipts).toMatchObject([{
      amount_minor: 4000,
      refunded_minor: 2000,
      returned_minor: 2000,
    }]);
  });

  test("called off by the tutor gives everything back", async () => {
    const { id } = await paidBooking();
    await market.granted(tutor.client.rpc("cancel_booking", { p_booking_id: id }));
    await market.reach(id, (b) => b.payment_status === "refunded", "all of it given back");
    await until(async () => await market.balance("refunds", null) === 0, "nothing is owed", 20_000);
  });

  test("that is disputed keeps its money back until the bank decides", async () => {
    const lost = await paidBooking(), won = await paidBooking();
    for (const { url, id } of [lost, won]) {
      expect(await market.call(`${url}/dispute`, {})).toMatchObject({
        body: { outcome: "processed" },
      });
      expect(await market.find(id)).toMatchObject({ payment_status: "disputed" });
      expect(await market.balance("disputed", id)).toBe(4000);
    }
    await market.call(`${won.url}/dispute`, { outcome: "won" });
    await market.call(`${lost.url}/dispute`, { outcome: "lost" });
    expect(await market.balance("disputed", null)).toBe(0);
    expect(await market.balance("escrow", won.id)).toBe(4000);
    expect(await market.balance("escrow", lost.id)).toBe(0);
  });
});

describe("a checkout", () => {
  test("is the same one when it is asked for twice, also at once", async () => {
    const held = await market.hold(learner, offer);
    const answers = await Promise.all([1, 2, 3, 4].map(() => market.checkout(learner, held.id)));
    for (const { status } of answers) expect([200, 201]).toContain(status);
    expect(new Set(answers.map(({ body }) => body.url)).size).toBe(1);
    const payments = await market.stack.sql(
      "select id from market.payments where booking_id = $1",
      [
        held.id,
      ],
    );
    expect(payments).toHaveLength(1);
  });

  test("that is paid twice is paid once", async () => {
    const { id, url } = await paidBooking();
    expect((await market.call(`${url}/pay`, {})).body).toMatchObject({ outcome: "repeated" });
    expect((await market.call(`${url}/expire`, {})).body).toMatchObject({ received: true });
    expect(await market.find(id)).toMatchObject({ status: "scheduled", payment_status: "paid" });
    expect(await market.balance("escrow", id)).toBe(4000);
  });

  test("that failed may be followed by another", async () => {
    const held = await market.hold(learner, offer);
    const first = await market.checkout(learner, held.id);
    await market.call(`${first.body.url}/fail`, {});
    expect(await market.find(held.id)).toMatchObject({ payment_status: "failed", status: "hold" });
    const second = await market.checkout(learner, held.id);
    expect(second).toMatchObject({ status: 201 });
    expect(second.body.payment_id).not.toBe(first.body.payment_id);
    await market.call(`${second.body.url}/pay`, {});
    expect(await market.find(held.id)).toMatchObject({ status: "scheduled" });
    // The first one goes through after all: it is too much, and goes back.
    expect(await market.call(`${first.body.url}/pay`, {})).toMatchObject({ status: 200 });
    await until(
      async () => {
        const [refund] = await market.stack.sql<{ reason: string; status: string }>(
          "select reason, status from market.refunds where payment_id = $1",
          [first.body.payment_id],
        );
        return refund?.reason === "paid_twice" && refund.status === "succeeded";
      },
      "what was paid twice to go back",
      20_000,
    );
    expect(await market.balance("escrow", held.id)).toBe(4000);
  });

  test("paid after its slot was taken by somebody else gives the money back", async () => {
    const other = await market.somebody();
    const held = await market.hold(learner, offer, 300);
    const checkout = await market.checkout(learner, held.id);
    await market.stack.sql(
      "update market.bookings set hold_expires_at = now() - interval '1 second' where id = $1",
      [held.id],
    );
    const taken = await market.hold(other, offer, 300);
    await market.call(`${(await market.checkout(other, taken.id)).body.url}/pay`, {});
    expect(await market.call(`${checkout.body.url}/pay`, {})).toMatchObject({ status: 200 });
    expect(await market.find(taken.id)).toMatchObject({ status: "scheduled" });
    expect(await market.find(held.id)).toMatchObject({ status: "expired" });
    await until(
      async () => {
        const [refund] = await market.stack.sql<{ reason: string; status: string }>(
          "select reason, status from market.refunds where payment_id = $1",
          [checkout.body.payment_id],
        );
        return refund?.reason === "slot_gone" && refund.status === "succeeded";
      },
      "the late payment to go back",
      20_000,
    );
  });

  test("is for the one who holds the slot, while he holds it", async () => {
    const held = await market.hold(learner, offer);
    const stranger = await market.somebody();
    expect(await market.checkout(stranger, held.id)).toMatchObject({
      status: 404,
      body: { code: "booking_not_found" },
    });
    expect(await market.call("/payments/checkout", { booking_id: held.id })).toMatchObject({
      status: 401,
      body: { code: "not_authenticated" },
    });
    for (const body of [{}, { booking_id: "x" }, { booking_id: held.id, amount_minor: 1 }, "["]) {
      const refused = await market.call("/payments/checkout", body, market.as(learner));
      expect([400, 422]).toContain(refused.status);
      expect(refused.body.code).toBe("invalid_input");
    }
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: held.id }));
    expect(await market.checkout(learner, held.id)).toMatchObject({
      status: 409,
      body: { code: "booking_not_payable" },
    });
  });
});

describe("nobody but the provider", () => {
  test("says that something was paid", async () => {
    const held = await market.hold(learner, offer);
    const checkout = await market.checkout(learner, held.id);
    const event = JSON.stringify({
      id: "evt_1",
      object: "event",
      type: "checkout.session.completed",
    });
    const attempts: Record<string, string>[] = [
      {},
      market.as(learner),
      { "stripe-signature": `t=${Math.floor(Date.now() / 1000)},v1=${"0".repeat(64)}` },
    ];
    for (const headers of attempts) {
      expect(await market.call("/payments-webhook", event, headers)).toMatchObject({ status: 401 });
    }
    expect(await market.call("/payments-webhook", "x".repeat(300_000))).toMatchObject({
      status: 413,
    });
    for (const who of [learner.client, tutor.client]) {
      const { error } = await who.rpc("record_payment_event", {
        p_provider: "local",
        p_event_id: randomUUID(),
        p_type: "payment_captured",
        p_data: { payment_id: checkout.body.payment_id },
        p_occurred_at: new Date().toISOString(),
      });
      expect(error?.code).toBe("42501");
      const written = await who.from("payments").update({ status: "captured" })
        .eq("id", checkout.body.payment_id);
      expect(written.error?.code).toBe("42501");
    }
    expect(await market.find(held.id)).toMatchObject({ status: "hold" });
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: held.id }));
  });

  test("opens an account for payouts but a verified tutor", async () => {
    expect(await market.call("/payments/payout-account", {}, market.as(learner))).toMatchObject({
      status: 403,
      body: { code: "tutor_required" },
    });
    expect(await market.call("/payments/payout-account", {})).toMatchObject({ status: 401 });
    expect(await market.call("/payments/other", {}, market.as(learner))).toMatchObject({
      status: 404,
    });
    expect(await market.call("/payments/checkout", null, market.as(learner), "GET"))
      .toMatchObject({ status: 405 });
  });
});
