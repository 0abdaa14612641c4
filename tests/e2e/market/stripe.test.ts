// The same market with Stripe: its own package talks to a server that speaks its API, and signs the events. They come twice,
// out of order, not at all, forged and replayed; each time the money is where it belongs.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  account,
  dispute,
  refund,
  SECRET,
  session,
  signed,
  stripeEvent,
  transfer,
} from "../../fixtures/payments/stripe-events.ts";
import { type FakeStripe, startFakeStripe } from "../../fixtures/payments/stripe-server.ts";
import { until } from "../../setup/stack.ts";
import { type Market, openMarket, type Somebody } from "./money.ts";

let stripe: FakeStripe;
let market: Market;
let tutor: Somebody;
let learner: Somebody;
let offer: string;

beforeAll(async () => {
  stripe = await startFakeStripe();
  market = await openMarket({
    env: {
      PAYMENTS_PROVIDER: "stripe",
      STRIPE_SECRET_KEY: "sk_test_e2e",
      STRIPE_WEBHOOK_SECRET: SECRET,
      STRIPE_API_URL: stripe.url,
      PAYMENTS_RETURN_URL: "https://app.example.test/bookings",
    },
  });
  tutor = await market.tutor();
  learner = await market.somebody();
  offer = await market.offer(tutor);
}, 60_000);
afterEach(() => market?.expectSound());
afterAll(async () => {
  await market?.stack.stop();
  await stripe.close();
});

interface Order {
  id: string;
  paymentId: string;
  checkoutId: string;
  intent: string;
  amount: number;
}

const order = async (): Promise<Order> => {
  const held = await market.hold(learner, offer);
  const { status, body } = await market.checkout(learner, held.id);
  expect([status, body.url]).toEqual([201, expect.stringContaining("checkout.stripe.com")]);
  const [payment] = await market.stack.sql<{ checkout_id: string }>(
    "select checkout_id from market.payments where id = $1",
    [body.payment_id],
  );
  return {
    id: held.id,
    paymentId: body.payment_id,
    checkoutId: payment?.checkout_id ?? "",
    intent: `pi_${randomUUID().slice(0, 8)}`,
    amount: 4000,
  };
};
const send = ({ body, headers }: { body: string; headers: Record<string, string> }) =>
  market.call("/payments-webhook", body, headers);
const tell = async (type: string, object: Record<string, unknown>, over = {}) =>
  (await send(signed(stripeEvent(type, object, over)))).body.outcome;
const pay = (o: Order, over = {}) => tell("checkout.session.completed", session(o, over));

const refundsOf = (o: Order) =>
  market.stack.sql<
    { id: string; status: string; amount_minor: string; provider_refund_id: string }
  >(
    "select id, status, amount_minor, provider_refund_id from market.refunds where payment_id = $1 order by created_at",
    [o.paymentId],
  );
const sentRefund = (o: Order) =>
  until(
    async () => {
      const [row] = await refundsOf(o);
      return row?.status === "sent" && row;
    },
    "the refund to be sent",
    20_000,
  );

describe("an event", () => {
  test("that comes twice, and again at once, counts once", async () => {
    const o = await order();
    const event = signed(stripeEvent("checkout.session.completed", session(o)));
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send(event)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const outcomes = answers.map(({ body }) => body.outcome).sort();
    expect(outcomes).toEqual(["processed", "repeated", "repeated", "repeated", "repeated"]);
    expect((await send(event)).body.outcome).toBe("repeated");
    // The same news under another id, as Stripe sends it for some kinds of payment.
    expect(await tell("checkout.session.async_payment_succeeded", session(o))).toBe("processed");
    expect(await market.find(o.id)).toMatchObject({ status: "scheduled", payment_status: "paid" });
    expect(await market.balance("escrow", o.id)).toBe(4000);
  });

  test("that comes before what it follows from waits for it, or is undone by nothing", async () => {
    const o = await order();
    const disputed = { id: `dp_${o.intent}`, intent: o.intent, amount: o.amount };
    // A dispute of a payment of which nothing is known yet: Stripe is asked to say it again.
    const early = signed(stripeEvent("charge.dispute.created", dispute(disputed)));
    expect(await send(early)).toMatchObject({ status: 404, body: { code: "payment_not_found" } });
    expect(await tell("checkout.session.expired", session(o, { payment_intent: null }))).toBe(
      "processed",
    );
    // And yet it was paid: what arrived counts, whatever was heard before.
    expect(await pay(o)).toBe("processed");
    expect(await market.find(o.id)).toMatchObject({ status: "scheduled" });
    expect(await tell("checkout.session.async_payment_failed", session(o))).toBe("processed");
    expect(await market.find(o.id)).toMatchObject({ status: "scheduled", payment_status: "paid" });
    // Closed before it was opened.
    expect(await tell("charge.dispute.closed", dispute(disputed, { status: "won" }))).toBe(
      "processed",
    );
    expect((await send(early)).body.outcome).toBe("processed");
    expect(await tell("charge.dispute.funds_withdrawn", dispute(disputed))).toBe("processed");
    expect(await market.balance("escrow", o.id)).toBe(4000);
    expect(await market.balance("disputed", o.id)).toBe(0);
  });

  test("that is lost is asked for: by the payer who comes back, or by the clock", async () => {
    const first = await order(), second = await order();
    for (const o of [first, second]) {
      Object.assign(stripe.objects.get(o.checkoutId) ?? {}, session(o));
    }
    expect(await market.checkout(learner, first.id)).toMatchObject({
      status: 200,
      body: { status: "paid" },
    });
    expect(await market.find(first.id)).toMatchObject({ status: "scheduled" });

    await market.stack.sql(
      "update market.payments set created_at = now() - interval '1 hour' where id = $1",
      [second.paymentId],
    );
    await market.stack.sql("select private.payments_look_after()");
    await market.reach(second.id, (b) => b.status === "scheduled", "the payment to be found");
    // Should it come after all, it is too late to matter.
    expect(await pay(first)).toBe("processed");
    expect(await market.balance("escrow", first.id)).toBe(4000);
  });

  test("that is forged, altered or replayed is refused, and nothing has happened", async () => {
    const o = await order();
    const body = stripeEvent("checkout.session.completed", session(o));
    const genuine = signed(body);
    const old = signed(body, { atMs: Date.now() - 400_000 });
    const refused = async (event: typeof genuine) => {
      const answer = await send(event);
      return [answer.status, answer.body.code];
    };
    expect(await refused(signed(body, { secret: "whsec_of_somebody_else_0123456789" })))
      .toEqual([401, "signature_invalid"]);
    expect(await refused({ ...genuine, body: body.replace('"eur"', '"EUR"') }))
      .toEqual([401, "signature_invalid"]);
    expect(await refused({ ...genuine, headers: { "content-type": "application/json" } }))
      .toEqual([401, "signature_missing"]);
    expect(await refused(old)).toEqual([401, "signature_expired"]);
    expect(
      await refused({
        body,
        headers: {
          "stripe-signature": `t=${Math.floor(Date.now() / 1000)},${
            old.headers["stripe-signature"]
          }`,
        },
      }),
    ).toEqual([401, "signature_invalid"]);
    expect(await market.find(o.id)).toMatchObject({ status: "hold", payment_status: "pending" });
    expect(await market.balance("escrow", o.id)).toBe(0);
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: o.id }));
  });

  test("over another amount or currency moves nothing, and is flagged", async () => {
    const o = await order();
    expect(await pay(o, { amount_total: 1 })).toBe("failed");
    expect(await pay(o, { currency: "usd" })).toBe("failed");
    expect(await market.find(o.id)).toMatchObject({ status: "hold", payment_status: "pending" });
    const flags = await market.stack.sql("select flag from market.payments where id = $1", [
      o.paymentId,
    ]);
    expect(flags).toEqual([{ flag: "amount_mismatch" }]);
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: o.id }));
  });

  test("from a tutor's own account pays for nothing", async () => {
    const o = await order();
    const over = { account: "acct_of_the_tutor" };
    expect(await tell("checkout.session.completed", session(o), over)).toBe("ignored");
    expect(await market.find(o.id)).toMatchObject({ status: "hold" });
    await market.granted(learner.client.rpc("release_hold", { p_booking_id: o.id }));
  });
});

describe("a refund", () => {
  test("is sent once, though the answer is lost, and settled by its event", async () => {
    const o = await order();
    await pay(o);
    stripe.fail("POST", "/v1/refunds", { status: 0, afterwards: true });
    await market.granted(tutor.client.rpc("cancel_booking", { p_booking_id: o.id }));
    const row = await sentRefund(o);
    const made = [...stripe.objects.values()].filter((r) =>
      r.payment_intent === o.intent && r.object === "refund"
    );
    expect(made).toMatchObject([{ id: row.provider_refund_id, amount: 4000 }]);
    expect(await market.balance("refunds", learner.id)).toBe(4000);
    const news = refund({
      id: row.provider_refund_id,
      refundId: row.id,
      intent: o.intent,
      amount: 4000,
    });
    expect(await tell("refund.updated", news)).toBe("processed");
    expect(await tell("charge.refund.updated", news)).toBe("processed");
    expect(await market.balance("refunds", learner.id)).toBe(0);
    expect(await market.find(o.id)).toMatchObject({ payment_status: "refunded" });
  });

  test("whose event comes before the worker knows its id is settled all the same", async () => {
    const o = await order();
    await pay(o);
    // Stripe takes it and says so by event, while the worker hears only that something went wrong.
    stripe.fail("POST", "/v1/refunds", { status: 500, afterwards: true });
    await market.granted(tutor.client.rpc("cancel_booking", { p_booking_id: o.id }));
    const made = await until(
      () =>
        [...stripe.objects.values()].find((r) =>
          r.payment_intent === o.intent && r.object === "refund"
        ),
      "the refund to reach Stripe",
      20_000,
    );
    const [row] = await refundsOf(o);
    const news = refund({
      id: String(made.id),
      refundId: row?.id ?? null,
      intent: o.intent,
      amount: 4000,
    });
    expect(await tell("refund.created", news)).toBe("processed");
    await until(async () => (await refundsOf(o))[0]?.status === "succeeded", "it to be settled");
    expect(await market.balance("refunds", learner.id)).toBe(0);
    const all = [...stripe.objects.values()].filter((r) =>
      r.payment_intent === o.intent && r.object === "refund"
    );
    expect(all).toHaveLength(1);
  });

  test("that fails after all is owed again, and somebody is told", async () => {
    const o = await order();
    await pay(o);
    await market.granted(tutor.client.rpc("cancel_booking", { p_booking_id: o.id }));
    const row = await sentRefund(o);
    const of = { id: row.provider_refund_id, refundId: row.id, intent: o.intent, amount: 4000 };
    expect(await tell("refund.updated", refund(of))).toBe("processed");
    const failed = refund(of, { status: "failed", failure_reason: "expired_or_canceled_card" });
    expect(await tell("refund.failed", failed)).toBe("processed");
    expect(await market.balance("refunds", learner.id)).toBe(4000);
    // An old success, sent again, undoes nothing.
    await tell("refund.updated", refund(of));
    expect((await refundsOf(o))[0]).toMatchObject({ status: "failed" });
  });

  test("that is lost on the way is asked for", async () => {
    const o = await order();
    await pay(o);
    await market.granted(tutor.client.rpc("cancel_booking", { p_booking_id: o.id }));
    const row = await sentRefund(o);
    Object.assign(stripe.objects.get(row.provider_refund_id) ?? {}, { status: "succeeded" });
    await market.stack.sql("select ops.enqueue_job('market.check_refund', '{}', $1)", [row.id]);
    await until(
      async () => (await refundsOf(o))[0]?.status === "succeeded",
      "it to be found",
      20_000,
    );
  });
});

describe("payouts", () => {
  test("go to the account that Stripe has approved, once; a reversal brings them back", async () => {
    const o = await order();
    await pay(o);
    await market.passTime(o.id, 400);
    await market.granted(tutor.client.rpc("complete_booking", { p_booking_id: o.id }));
    const opened = await market.call(
      "/payments/payout-account",
      { country: "DE" },
      market.as(tutor),
    );
    expect(opened.body.url).toContain("https://connect.stripe.com/setup");
    const acct = opened.body.account_id;
    const at = Math.floor(Date.now() / 1000);
    expect(await tell("account.updated", account(acct), { created: at })).toBe("processed");
    // Older news that is late: he is let in all the same.
    const before = account(acct, { payouts_enabled: false, details_submitted: false });
    expect(await tell("account.updated", before, { created: at - 60 })).toBe("ignored");

    const earned = await market.balance("tutor", tutor.id);
    expect(earned).toBe(3400);
    stripe.fail("POST", "/v1/transfers", { status: 400, code: "balance_insufficient" });
    await market.granted(market.service.rpc("run_payouts"));
    const payouts = () =>
      market.stack.sql<{ id: string; status: string; failure_code: string | null }>(
        "select id, status, failure_code from market.payouts order by created_at",
      );
    await until(async () => (await payouts())[0]?.status === "failed", "it to be refused", 20_000);
    expect((await payouts())[0]).toMatchObject({ failure_code: "balance_insufficient" });
    expect(await market.balance("tutor", tutor.id)).toBe(earned);

    await market.granted(market.service.rpc("run_payouts"));
    const paid = await until(
      async () => (await payouts()).find(({ status }) => status === "paid"),
      "the payout to arrive",
      20_000,
    );
    expect(await market.balance("paid_out", tutor.id)).toBe(earned);
    const [sent] = [...stripe.objects.values()].filter(({ object }) => object === "transfer");
    expect(sent).toMatchObject({ amount: earned, destination: acct });
    const news = { id: String(sent?.id), payoutId: paid.id, amount: earned };
    expect(await tell("transfer.created", transfer(news))).toBe("processed");
    expect(await market.balance("paid_out", tutor.id)).toBe(earned);
    expect(await tell("transfer.reversed", transfer(news, { reversed: true }))).toBe("processed");
    expect(await market.balance("paid_out", tutor.id)).toBe(0);
    expect(await market.balance("tutor", tutor.id)).toBe(earned);
  });
});

test("Stripe being away is said as such, and paying goes on when it is back", async () => {
  const held = await market.hold(learner, offer);
  stripe.fail("POST", "/v1/checkout/sessions", { status: 500 });
  expect(await market.checkout(learner, held.id)).toMatchObject({
    status: 503,
    body: { code: "payments_unavailable" },
  });
  expect(await market.checkout(learner, held.id)).toMatchObject({ status: 201 });
  expect(await market.call("/payments/sandbox/cs_local_1/pay", {})).toMatchObject({ status: 404 });
});
