// Stripe's own package against a server that speaks its API: what is asked, under which key, and what becomes of failures.
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PaymentError } from "../../../functions/_shared/payments/errors.ts";
import { createStripe } from "../../../functions/_shared/payments/stripe.ts";
import type {
  CheckoutRequest,
  PaymentProvider,
  PayoutRequest,
  RefundRequest,
} from "../../../functions/_shared/payments/types.ts";
import { type FakeStripe, startFakeStripe } from "../../fixtures/payments/stripe-server.ts";

const KEY = "sk_test_abc123def456";
let server: FakeStripe;
let stripe: PaymentProvider;

beforeEach(async () => {
  server = await startFakeStripe();
  stripe = createStripe({
    secretKey: KEY,
    webhookSecrets: ["whsec_0123456789abcdef"],
    returnUrl: "https://app.example.test/bookings?lang=en",
    apiUrl: server.url,
    timeoutMs: 500,
  });
});
afterEach(() => server.close());

const checkout = (over: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  paymentId: randomUUID(),
  bookingId: randomUUID(),
  amountMinor: 2500,
  currency: "EUR",
  title: "Algebra, 60 minutes",
  begunAt: "2026-03-02T08:00:00.123456+00:00",
  ...over,
});
const refund = (over: Partial<RefundRequest> = {}): RefundRequest => ({
  refundId: randomUUID(),
  idempotencyKey: `refund:${randomUUID()}:1`,
  providerPaymentId: "pi_1",
  amountMinor: 1250,
  currency: "EUR",
  ...over,
});
const payout = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
  payoutId: randomUUID(),
  idempotencyKey: `payout:${randomUUID()}`,
  batchId: randomUUID(),
  accountId: "acct_1",
  amountMinor: 8000,
  currency: "EUR",
  ...over,
});
const failure = async (work: Promise<unknown>): Promise<PaymentError> => {
  const error: unknown = await work.then(() => null, (error: unknown) => error);
  expect(error).toBeInstanceOf(PaymentError);
  return error as PaymentError;
};
const sent = (method: string, path: string) =>
  server.received.filter((r) => r.method === method && r.path === path);

describe("a checkout", () => {
  it("is of the booking's price, ends an hour after the payment began, and leads back", async () => {
    const request = checkout();
    const made = await stripe.createCheckout(request);
    expect(made).toEqual({
      checkoutId: expect.stringMatching(/^cs_test_/),
      url: expect.stringContaining("https://checkout.stripe.com/"),
      expiresAt: "2026-03-02T09:00:00.000Z",
    });
    const [asked] = sent("POST", "/v1/checkout/sessions");
    expect(asked).toMatchObject({
      key: `checkout:${request.paymentId}`,
      authorization: `Bearer ${KEY}`,
      params: {
        mode: "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][unit_amount]": "2500",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][product_data][name]": "Algebra, 60 minutes",
        "metadata[payment_id]": request.paymentId,
        "payment_intent_data[metadata][payment_id]": request.paymentId,
        "adaptive_pricing[enabled]": "false",
        success_url:
          `https://app.example.test/bookings?lang=en&booking=${request.bookingId}&checkout=done`,
      },
    });
  });

  it("asked for again, at whatever time, is the same", async () => {
    const request = checkout();
    const first = await stripe.createCheckout(request);
    expect(await stripe.createCheckout(request)).toEqual(first);
    expect([...server.objects.values()]).toHaveLength(1);
  });

  it("is made once when the answer was lost on the way", async () => {
    server.fail("POST", "/v1/checkout/sessions", { status: 0, afterwards: true });
    await stripe.createCheckout(checkout());
    expect(sent("POST", "/v1/checkout/sessions")).toHaveLength(2);
    expect([...server.objects.values()]).toHaveLength(1);
  });

  it.each(["ISK", "UGX", "MGA", "KWD"])(
    "in %s, which Stripe counts otherwise, is refused and nothing sent",
    async (currency) => {
      const error = await failure(stripe.createCheckout(checkout({ currency })));
      expect([error.code, error.providerCode]).toEqual(["refused", "currency_not_supported"]);
      expect(server.received).toEqual([]);
    },
  );

  it("is asked about when its event did not come", async () => {
    const request = checkout();
    const { checkoutId } = await stripe.createCheckout(request);
    expect(await stripe.findCheckout(checkoutId)).toBeNull();
    const session = server.objects.get(checkoutId) ?? {};
    Object.assign(session, {
      status: "complete",
      payment_status: "paid",
      payment_intent: "pi_9",
    });
    expect(await stripe.findCheckout(checkoutId)).toEqual({
      type: "payment_captured",
      data: {
        payment_id: request.paymentId,
        checkout_id: checkoutId,
        provider_payment_id: "pi_9",
        amount_minor: 2500,
        currency: "EUR",
      },
    });
    Object.assign(session, { status: "expired", payment_status: "unpaid" });
    expect(await stripe.findCheckout(checkoutId)).toMatchObject({ type: "checkout_expired" });
  });
});

describe("a refund", () => {
  it("is of its amount, under its key, with our id", async () => {
    const request = refund();
    const { providerId, event } = await stripe.refund(request);
    expect(providerId).toMatch(/^re_/);
    expect(event).toBeNull();
    expect(sent("POST", "/v1/refunds")).toMatchObject([{
      key: request.idempotencyKey,
      params: {
        amount: "1250",
        payment_intent: "pi_1",
        "metadata[refund_id]": request.refundId,
      },
    }]);
  });

  it("is found again when Stripe has forgotten the key, instead of being made twice", async () => {
    const request = refund();
    const first = await stripe.refund(request);
    server.received.length = 0;
    expect(await stripe.refund(request)).toEqual(first);
    expect(sent("POST", "/v1/refunds")).toEqual([]);
    // A new attempt after one that failed is another refund.
    const again = await stripe.refund({ ...request, idempotencyKey: "refund:another:2" });
    expect(again.providerId).not.toBe(first.providerId);
  });

  it("whose fate Stripe knows is told at once, and later when asked", async () => {
    const request = refund();
    const { providerId } = await stripe.refund(request);
    expect(await stripe.findRefund(providerId)).toBeNull();
    Object.assign(server.objects.get(providerId) ?? {}, { status: "succeeded" });
    const succeeded = {
      type: "refund_succeeded",
      data: {
        refund_id: request.refundId,
        provider_refund_id: providerId,
        provider_payment_id: "pi_1",
        amount_minor: 1250,
        currency: "EUR",
      },
    };
    expect(await stripe.findRefund(providerId)).toEqual(succeeded);
    expect(await stripe.refund(request)).toEqual({ providerId, event: succeeded });
  });
});

describe("a payout", () => {
  it("is a transfer to the tutor's account, which has arrived when it is made", async () => {
    const request = payout();
    const { providerId, event } = await stripe.sendPayout(request);
    expect(event).toEqual({
      type: "payout_paid",
      data: {
        payout_id: request.payoutId,
        provider_transfer_id: providerId,
        amount_minor: 8000,
        currency: "EUR",
      },
    });
    expect(sent("POST", "/v1/transfers")).toMatchObject([{
      key: request.idempotencyKey,
      params: { amount: "8000", currency: "eur", destination: "acct_1" },
    }]);
    expect((await stripe.sendPayout(request)).providerId).toBe(providerId);
    expect(sent("POST", "/v1/transfers")).toHaveLength(1);
  });
});

describe("a tutor's account", () => {
  const tutor = { tutorId: randomUUID(), email: "tutor@example.test", country: "DE" };

  it("is an Express account that may receive transfers, made once", async () => {
    const made = await stripe.onboard({ ...tutor, accountId: null });
    expect(made).toMatchObject({
      accountId: expect.stringMatching(/^acct_/),
      url: `https://connect.stripe.com/setup/e/${made.accountId}`,
    });
    expect(sent("POST", "/v1/accounts")[0]?.params).toEqual({
      type: "express",
      "capabilities[transfers][requested]": "true",
      "metadata[tutor_id]": tutor.tutorId,
      email: tutor.email,
      country: "DE",
    });
    expect((await stripe.onboard({ ...tutor, accountId: null })).accountId).toBe(made.accountId);
    const again = await stripe.onboard({ ...tutor, accountId: made.accountId });
    expect(again.accountId).toBe(made.accountId);
    expect(sent("POST", "/v1/accounts")).toHaveLength(2);
    expect(sent("POST", "/v1/account_links")).toHaveLength(3);
  });
});

describe("a failure", () => {
  it.each([
    [401, {}, "bad_key", true],
    [403, {}, "bad_key", true],
    [429, {}, "rate_limited", true],
    [500, {}, "unavailable", true],
    [409, { code: "idempotency_key_in_use" }, "unavailable", true],
    [400, { code: "charge_already_refunded" }, "refused", false],
    [402, { code: "card_declined" }, "refused", false],
    [404, { code: "resource_missing" }, "refused", false],
  ])("of status %i (%o) is %s", async (status, over, code, mayPass) => {
    const trouble = { status, ...over };
    server.fail("POST", "/v1/refunds", trouble, trouble, trouble);
    const error = await failure(stripe.refund(refund()));
    expect([error.code, error.mayPass]).toEqual([code, mayPass]);
    expect(error.providerCode).toBe("code" in over ? over.code : null);
  });

  it("for want of balance is for good: the money stays with the tutor, for the next payouts", async () => {
    server.fail("POST", "/v1/transfers", { status: 400, code: "balance_insufficient" });
    const error = await failure(stripe.sendPayout(payout()));
    expect([error.code, error.providerCode]).toEqual(["refused", "balance_insufficient"]);
  });

  it("tells no key", async () => {
    server.fail("GET", "/v1/refunds", { status: 401, message: `Invalid API Key: ${KEY}` });
    expect((await failure(stripe.refund(refund()))).message).not.toContain(KEY);
  });

  it("to reach Stripe at all is one that may pass", async () => {
    await server.close();
    const error = await failure(stripe.refund(refund()));
    expect([error.code, error.mayPass]).toEqual(["unavailable", true]);
  });
});
