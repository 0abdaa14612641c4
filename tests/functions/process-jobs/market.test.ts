// Jobs that send money: once, under the database's key; what becomes of refusals and of failures that pass.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PaymentError } from "../../../functions/_shared/payments/errors.ts";
import type { PaymentProvider } from "../../../functions/_shared/payments/types.ts";
import { marketHandlers } from "../../../functions/process-jobs/market/handlers.ts";
import type { MarketStore } from "../../../functions/process-jobs/market/store.ts";
import { job } from "./fakes.ts";

const refund = {
  proceed: true as const,
  refund_id: randomUUID(),
  idempotency_key: "refund:x:1",
  provider: "stripe" as const,
  provider_payment_id: "pi_1",
  amount_minor: 1250,
  currency: "EUR",
};
const payout = {
  proceed: true as const,
  payout_id: randomUUID(),
  idempotency_key: "payout:x",
  batch_id: randomUUID(),
  provider: "stripe" as const,
  provider_account_id: "acct_1",
  amount_minor: 8000,
  currency: "EUR",
};
const arrived = {
  type: "refund_succeeded" as const,
  data: {
    refund_id: refund.refund_id,
    provider_refund_id: "re_1",
    provider_payment_id: "pi_1",
    amount_minor: 1250,
    currency: "EUR",
  },
};

function desk(over: { store?: Partial<MarketStore>; payments?: Partial<PaymentProvider> } = {}) {
  const did: unknown[] = [];
  const note = (name: string) => (_job: unknown, what?: unknown) => {
    did.push([name, what]);
    return Promise.resolve({ noted: name });
  };
  const store: MarketStore = {
    beginRefund: () => Promise.resolve(refund),
    finishRefund: note("finishRefund"),
    beginPayout: () => Promise.resolve(payout),
    finishPayout: note("finishPayout"),
    beginPaymentCheck: () =>
      Promise.resolve({ proceed: true, provider: "stripe", checkout_id: "cs_1" }),
    beginRefundCheck: () =>
      Promise.resolve({ proceed: true, provider: "stripe", provider_refund_id: "re_1" }),
    record: (provider, eventId, event) => {
      did.push(["record", provider, eventId, event.type]);
      return Promise.resolve({ outcome: "processed" });
    },
    sendReminder: note("sendReminder"),
    closeBooking: note("closeBooking"),
    ...over.store,
  };
  const payments = {
    name: "stripe",
    refund: (request: unknown) => {
      did.push(["refund", request]);
      return Promise.resolve({ providerId: "re_1", event: null });
    },
    sendPayout: (request: unknown) => {
      did.push(["payout", request]);
      return Promise.resolve({ providerId: "tr_1", event: null });
    },
    findCheckout: () => Promise.resolve(null),
    findRefund: () => Promise.resolve(arrived),
    ...over.payments,
  } as PaymentProvider;
  const handlers = marketHandlers({ store, payments: () => payments });
  const run = (type: string) =>
    handlers[type]?.(job({ job_type: type }), new AbortController().signal);
  return { did, run };
}
const refusing = (...args: ConstructorParameters<typeof PaymentError>) => () =>
  Promise.reject(new PaymentError(...args));

describe("a refund", () => {
  it("is sent under the key of the database, and noted", async () => {
    const { did, run } = desk();
    expect(await run("market.send_refund")).toEqual({ status: "done", result: { sent: "re_1" } });
    expect(did).toEqual([
      ["refund", {
        refundId: refund.refund_id,
        idempotencyKey: "refund:x:1",
        providerPaymentId: "pi_1",
        amountMinor: 1250,
        currency: "EUR",
      }],
      ["finishRefund", { status: "sent", id: "re_1" }],
    ]);
  });

  it("that has gone through at once is settled without waiting for its event", async () => {
    const sent = { providerId: "re_1", event: arrived };
    const { did, run } = desk({ payments: { refund: () => Promise.resolve(sent) } });
    await run("market.send_refund");
    expect(did).toEqual([
      ["finishRefund", { status: "sent", id: "re_1" }],
      ["record", "stripe", "asked:refund_succeeded:re_1", "refund_succeeded"],
    ]);
  });

  it("that is not to be sent any more is not", async () => {
    const { did, run } = desk({
      store: { beginRefund: () => Promise.resolve({ proceed: false, reason: "disputed" }) },
    });
    expect(await run("market.send_refund")).toEqual({
      status: "done",
      result: { skipped: "disputed" },
    });
    expect(did).toEqual([]);
  });

  it("that the provider refuses for good is noted as failed", async () => {
    const { did, run } = desk({
      payments: { refund: refusing("refused", "No.", { providerCode: "charge_disputed" }) },
    });
    expect(await run("market.send_refund")).toMatchObject({ status: "done" });
    expect(did).toEqual([["finishRefund", { status: "failed", failureCode: "charge_disputed" }]]);
  });

  it.each(["unavailable", "rate_limited", "bad_key", "not_configured"] as const)(
    "that fails because of %s is tried again, and nothing noted",
    async (code) => {
      const { did, run } = desk({
        payments: { refund: refusing(code, "Later.", { retryAfterSeconds: 60 }) },
      });
      expect(await run("market.send_refund")).toEqual({
        status: "failed",
        error: `${code}: Later.`,
        retry: true,
        retryAfterSeconds: 60,
      });
      expect(did).toEqual([]);
    },
  );

  it("of a payment by another provider is not sent by this one", async () => {
    const { did, run } = desk({
      store: { beginRefund: () => Promise.resolve({ ...refund, provider: "local" }) },
    });
    expect(await run("market.send_refund")).toMatchObject({ status: "failed", retry: true });
    expect(did).toEqual([]);
  });
});

describe("a payout", () => {
  it("is sent to the tutor's account, and noted", async () => {
    const { did, run } = desk();
    expect(await run("market.send_payout")).toEqual({ status: "done", result: { sent: "tr_1" } });
    expect(did).toEqual([
      ["payout", {
        payoutId: payout.payout_id,
        idempotencyKey: "payout:x",
        batchId: payout.batch_id,
        accountId: "acct_1",
        amountMinor: 8000,
        currency: "EUR",
      }],
      ["finishPayout", { status: "sent", id: "tr_1" }],
    ]);
  });

  it("for which Stripe has not enough yet has failed: it comes with the next ones", async () => {
    const { did, run } = desk({
      payments: {
        sendPayout: refusing("refused", "Not yet.", { providerCode: "balance_insufficient" }),
      },
    });
    expect(await run("market.send_payout")).toMatchObject({ status: "done" });
    expect(did).toEqual([
      ["finishPayout", { status: "failed", failureCode: "balance_insufficient" }],
    ]);
  });
});

describe("what was not heard of", () => {
  it("is asked for, and told the database like an event", async () => {
    const { did, run } = desk();
    expect(await run("market.check_refund")).toEqual({
      status: "done",
      result: { found: "refund_succeeded", outcome: "processed" },
    });
    expect(did).toEqual([
      ["record", "stripe", "asked:refund_succeeded:re_1", "refund_succeeded"],
    ]);
  });

  it("stays as it is while the provider knows no more", async () => {
    const { did, run } = desk();
    expect(await run("market.check_payment")).toEqual({
      status: "done",
      result: { found: "under_way" },
    });
    expect(did).toEqual([]);
  });
});

it("reminders and ends by the clock are the database's own", async () => {
  const { did, run } = desk();
  await run("market.remind");
  await run("market.close_booking");
  expect(did.map((entry) => (entry as string[])[0])).toEqual(["sendReminder", "closeBooking"]);
});
