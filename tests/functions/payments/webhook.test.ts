// The payments webhook attacked from all sides: events signed by Stripe's own package, and by others.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../../functions/_shared/log.ts";
import type { ToRecord } from "../../../functions/_shared/payments/record.ts";
import { createStripe } from "../../../functions/_shared/payments/stripe.ts";
import { receiveEvent } from "../../../functions/payments-webhook/handler.ts";
import type { DatabaseError } from "../../../functions/_shared/http/index.ts";
import { failFrom, ok } from "../../../functions/_shared/http/index.ts";
import {
  account,
  dispute,
  refund,
  SECRET,
  session,
  type Signed,
  signed,
  stripeEvent,
  transfer,
} from "../../fixtures/payments/stripe-events.ts";

const NOW = Date.now();
const ids = { payment: randomUUID(), refund: randomUUID(), payout: randomUUID() };
const paid = { paymentId: ids.payment, checkoutId: "cs_1", intent: "pi_1", amount: 2500 };
const OTHER = "whsec_another0123456789abcdef";

function webhook(options: { secrets?: string[]; key?: string; error?: DatabaseError } = {}) {
  const taken: ToRecord[] = [];
  const lines: string[] = [];
  const payments = createStripe({
    secretKey: options.key ?? "sk_test_1",
    webhookSecrets: options.secrets ?? [SECRET],
    returnUrl: "https://app.example.test/bookings",
    apiUrl: "http://127.0.0.1:1",
    timeoutMs: 1000,
  });
  const send = ({ body, headers }: Signed | { body: string; headers: Record<string, string> }) =>
    receiveEvent({ headers: new Headers(headers), rawBody: new TextEncoder().encode(body) }, {
      payments,
      nowMs: NOW,
      log: createLogger({}, (line) => lines.push(line)),
      record: (event) => {
        if (options.error) return Promise.resolve(failFrom(options.error));
        const known = taken.some(({ eventId }) => eventId === event.eventId);
        taken.push(event);
        return Promise.resolve(ok({ outcome: known ? "repeated" : "processed" }));
      },
    });
  return { send, taken, lines };
}

const captured = () => stripeEvent("checkout.session.completed", session(paid));

const codeOf = async (outcome: ReturnType<ReturnType<typeof webhook>["send"]>) => {
  const result = await outcome;
  return result.ok ? [result.status, result.data.outcome] : [result.status, result.code];
};

describe("a genuine event", () => {
  it("is handed to the database in our words", async () => {
    const { send, taken } = webhook();
    const body = captured();
    expect(await codeOf(send(signed(body)))).toEqual([200, "processed"]);
    expect(taken).toEqual([{
      provider: "stripe",
      eventId: (JSON.parse(body) as { id: string }).id,
      occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event: {
        type: "payment_captured",
        data: {
          payment_id: ids.payment,
          checkout_id: "cs_1",
          provider_payment_id: "pi_1",
          amount_minor: 2500,
          currency: "EUR",
        },
      },
    }]);
  });

  const money = { amount_minor: 1000, currency: "EUR" };
  const refunded = { id: "re_1", refundId: ids.refund, intent: "pi_1", amount: 1000 };
  const disputed = { id: "dp_1", intent: "pi_1", amount: 1000 };
  const sent = { id: "tr_1", payoutId: ids.payout, amount: 1000 };
  const ofRefund = {
    refund_id: ids.refund,
    provider_refund_id: "re_1",
    provider_payment_id: "pi_1",
  };
  const ofDispute = { provider_dispute_id: "dp_1", provider_payment_id: "pi_1" };
  const ofPayout = { payout_id: ids.payout, provider_transfer_id: "tr_1" };
  const ofAccount = (status: string) => ({ provider_account_id: "acct_1", status });
  const ofSession = { payment_id: ids.payment, checkout_id: "cs_1" };
  const unpaid = { payment_status: "unpaid" };
  it.each<[string, Record<string, unknown>, [string, Record<string, unknown>] | null]>([
    ["checkout.session.completed", session(paid, unpaid), null],
    [
      "checkout.session.async_payment_succeeded",
      session(paid),
      ["payment_captured", {
        ...ofSession,
        provider_payment_id: "pi_1",
        ...money,
        amount_minor: 2500,
      }],
    ],
    [
      "checkout.session.async_payment_failed",
      session(paid, unpaid),
      [
        "payment_failed",
        { ...ofSession, provider_payment_id: "pi_1", failure_code: "async_payment_failed" },
      ],
    ],
    [
      "checkout.session.expired",
      session(paid, { ...unpaid, status: "expired", payment_intent: null }),
      ["checkout_expired", ofSession],
    ],
    ["refund.created", refund(refunded), ["refund_succeeded", { ...ofRefund, ...money }]],
    ["refund.created", refund(refunded, { status: "pending" }), null],
    ["refund.updated", refund(refunded, { status: "requires_action" }), null],
    [
      "refund.failed",
      refund(refunded, { status: "failed", failure_reason: "lost_or_stolen_card" }),
      ["refund_failed", { ...ofRefund, ...money, failure_code: "lost_or_stolen_card" }],
    ],
    [
      "charge.refund.updated",
      refund({ ...refunded, refundId: null }),
      ["refund_succeeded", { ...ofRefund, ...money, refund_id: null }],
    ],
    ["refund.created", refund(refunded, { payment_intent: null }), null],
    [
      "charge.dispute.created",
      dispute(disputed),
      ["dispute_opened", { ...ofDispute, ...money, reason: "fraudulent" }],
    ],
    ["charge.dispute.created", dispute(disputed, { status: "warning_needs_response" }), null],
    [
      "charge.dispute.funds_withdrawn",
      dispute(disputed),
      ["dispute_opened", { ...ofDispute, ...money, reason: "fraudulent" }],
    ],
    [
      "charge.dispute.closed",
      dispute(disputed, { status: "lost" }),
      ["dispute_closed", { ...ofDispute, ...money, outcome: "lost" }],
    ],
    [
      "charge.dispute.closed",
      dispute(disputed, { status: "won" }),
      ["dispute_closed", { ...ofDispute, ...money, outcome: "won" }],
    ],
    ["charge.dispute.closed", dispute(disputed, { status: "warning_closed" }), null],
    ["transfer.created", transfer(sent), ["payout_paid", { ...ofPayout, ...money }]],
    [
      "transfer.reversed",
      transfer(sent, { reversed: true, amount_reversed: 1000 }),
      ["payout_failed", { ...ofPayout, ...money, failure_code: "reversed" }],
    ],
    ["transfer.reversed", transfer(sent, { amount_reversed: 400 }), null],
    ["account.updated", account("acct_1"), ["account_updated", ofAccount("enabled")]],
    [
      "account.updated",
      account("acct_1", {
        details_submitted: false,
        payouts_enabled: false,
        requirements: { disabled_reason: "requirements.past_due" },
      }),
      ["account_updated", ofAccount("pending")],
    ],
    [
      "account.updated",
      account("acct_1", {
        payouts_enabled: false,
        requirements: { disabled_reason: "requirements.pending_verification" },
      }),
      ["account_updated", ofAccount("pending")],
    ],
    [
      "account.updated",
      account("acct_1", {
        payouts_enabled: false,
        requirements: { disabled_reason: "rejected.fraud" },
      }),
      ["account_updated", ofAccount("restricted")],
    ],
    ["customer.created", { id: "cus_1" }, null],
    ["__proto__", {}, null],
    ["toString", {}, null],
  ])("%s says what it means", async (type, object, expected) => {
    const { send, taken } = webhook();
    const [status, outcome] = await codeOf(send(signed(stripeEvent(type, object))));
    expect(status).toBe(200);
    expect(outcome).toBe(expected ? "processed" : "ignored");
    expect(taken.map(({ event }) => [event.type, event.data])).toEqual(expected ? [expected] : []);
  });

  it("takes no id for ours that is none", async () => {
    const { send, taken } = webhook();
    const metadata = { payment_id: "1' or true --" };
    await send(signed(stripeEvent("checkout.session.completed", session(paid, { metadata }))));
    expect(taken[0]?.event.data).toMatchObject({ payment_id: null, checkout_id: "cs_1" });
  });

  it("sent again is answered with 200, so that Stripe stops", async () => {
    const { send } = webhook();
    const event = signed(captured());
    expect(await codeOf(send(event))).toEqual([200, "processed"]);
    expect(await codeOf(send(event))).toEqual([200, "repeated"]);
  });

  it("that the database cannot take yet is not acknowledged: Stripe sends it again", async () => {
    const error = { code: "PT404", message: "payment_not_found", details: "Not yet." };
    const event = stripeEvent("charge.dispute.created", dispute(disputed));
    expect(await codeOf(webhook({ error }).send(signed(event)))).toEqual([
      404,
      "payment_not_found",
    ]);
  });

  it.each([-299, 0, 299])("may be signed %i seconds off", async (seconds) => {
    const event = signed(captured(), { atMs: NOW + seconds * 1000 });
    expect(await codeOf(webhook().send(event))).toEqual([200, "processed"]);
  });

  it("may be signed with any of the secrets", async () => {
    const { send } = webhook({ secrets: [OTHER, SECRET] });
    expect(await codeOf(send(signed(captured())))).toEqual([200, "processed"]);
    expect(await codeOf(send(signed(captured(), { secret: OTHER })))).toEqual([200, "processed"]);
  });
});

describe("is refused", () => {
  it("without a signature, or with one that is none", async () => {
    const { send, taken } = webhook();
    const { body, headers } = signed(captured());
    expect(await codeOf(send({ body, headers: {} }))).toEqual([401, "signature_missing"]);
    const genuine = headers["stripe-signature"] ?? "";
    for (
      const wrong of [
        "x",
        genuine.slice(0, -1),
        genuine.replace("v1=", "v0="),
        genuine.replace(/v1=.*/, `v1=${"0".repeat(64)}`),
        genuine.replace(/^t=\d+,/, ""),
        `v1=,t=${Math.floor(NOW / 1000)}`,
      ]
    ) {
      const outcome = send({ body, headers: { "stripe-signature": wrong } });
      expect(await codeOf(outcome), wrong).toEqual([401, "signature_invalid"]);
    }
    expect(taken).toEqual([]);
  });

  it("when it is forged with another secret, or altered by one byte", async () => {
    const { send, taken } = webhook();
    const forged = signed(captured(), { secret: OTHER });
    expect(await codeOf(send(forged))).toEqual([401, "signature_invalid"]);
    const { body, headers } = signed(captured());
    for (const other of [body.replace("2500", "2501"), `${body} `, ` ${body}`, ""]) {
      expect(await codeOf(send({ body: other, headers }))).toEqual([401, "signature_invalid"]);
    }
    expect(taken).toEqual([]);
  });

  it.each([-86_400, -301, 301, 3600])("when it was signed %i seconds off", async (seconds) => {
    const event = signed(captured(), { atMs: NOW + seconds * 1000 });
    expect(await codeOf(webhook().send(event))).toEqual([401, "signature_expired"]);
  });

  it("when an old one is given a second, young time", async () => {
    const { send, taken } = webhook();
    const { body, headers } = signed(captured(), { atMs: NOW - 3_600_000 });
    const young = `t=${Math.floor(NOW / 1000)}`;
    const old = headers["stripe-signature"] ?? "";
    for (const header of [`${young},${old}`, `${old},${young}`, old.replace(/^t=\d+/, young)]) {
      const outcome = send({ body, headers: { "stripe-signature": header } });
      expect(await codeOf(outcome), header).toEqual([401, "signature_invalid"]);
    }
    expect(taken).toEqual([]);
  });

  it.each([
    ["no JSON", "{not json"],
    ["no event", JSON.stringify({ id: "evt_1" })],
    ["a thin event", JSON.stringify({ id: "evt_1", object: "v2.core.event", type: "x" })],
    [
      "an amount that is no whole number",
      stripeEvent("checkout.session.completed", {
        ...session(paid),
        amount_total: 25.5,
      }),
    ],
    [
      "a negative amount",
      stripeEvent("refund.updated", {
        ...refund({ id: "re_1", refundId: ids.refund, intent: "pi_1", amount: -5 }),
      }),
    ],
    [
      "a currency that is none",
      stripeEvent("checkout.session.completed", {
        ...session(paid),
        currency: "euro",
      }),
    ],
  ])("when it is genuine and yet %s", async (_what, body) => {
    const { send, taken } = webhook();
    expect(await codeOf(send(signed(body)))).toEqual([422, "event_malformed"]);
    expect(taken).toEqual([]);
  });
});

describe("is let pass without effect", () => {
  it("when it is of the other mode", async () => {
    const test = webhook({ key: "sk_live_1" });
    expect(await codeOf(test.send(signed(captured())))).toEqual([200, "ignored"]);
    const live = stripeEvent("checkout.session.completed", session(paid), { livemode: true });
    expect(await codeOf(test.send(signed(live)))).toEqual([200, "processed"]);
    expect(await codeOf(webhook().send(signed(live)))).toEqual([200, "ignored"]);
  });

  it("when a tutor sells, refunds and pays in his own account, and names our payment", async () => {
    const { send, taken } = webhook();
    for (
      const [type, object] of [
        ["checkout.session.completed", session(paid)],
        ["refund.updated", refund({ id: "re_1", refundId: ids.refund, intent: "pi_1", amount: 1 })],
        ["transfer.created", transfer({ id: "tr_1", payoutId: ids.payout, amount: 1 })],
      ] as const
    ) {
      const event = stripeEvent(type, object, { account: "acct_1" });
      expect(await codeOf(send(signed(event)))).toEqual([200, "ignored"]);
    }
    expect(taken).toEqual([]);
    const left = stripeEvent("account.application.deauthorized", { id: "ca_1" }, {
      account: "acct_1",
    });
    await send(signed(left));
    expect(taken[0]?.event).toEqual({
      type: "account_updated",
      data: { provider_account_id: "acct_1", status: "restricted" },
    });
  });
});

it("no secret and no body reaches the log", async () => {
  const { send, lines } = webhook();
  await send(signed(captured(), { secret: OTHER }));
  await send(signed("{not json"));
  expect(lines.join()).toContain("payment_event_refused");
  expect(lines.join()).not.toMatch(/whsec_|payer@example/);
});
