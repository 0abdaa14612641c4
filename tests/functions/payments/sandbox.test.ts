// The sandbox: what its ids say nobody else can say, and its events go through the same door as Stripe's.
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { envFrom } from "../../../functions/_shared/config.ts";
import {
  createPayments,
  isSandbox,
  type LocalProvider,
} from "../../../functions/_shared/payments/index.ts";
import { PaymentError } from "../../../functions/_shared/payments/errors.ts";
import { serveSandbox } from "../../../functions/payments/sandbox.ts";

const SECRET = "a-secret-of-the-sandbox-0123456789abcdef";
let hook: Server;
let local: LocalProvider;
let received: { body: string; headers: Headers }[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  received = [];
  answer = { status: 200, body: { received: true, outcome: "processed" } };
  hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      expect(request.url).toBe("/functions/v1/payments-webhook");
      const headers = new Headers(request.headers as Record<string, string>);
      received.push({ body: Buffer.concat(chunks).toString(), headers });
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const { port } = hook.address() as AddressInfo;
  const made = createPayments(envFrom({
    PAYMENTS_LOCAL_SECRET: SECRET,
    SUPABASE_URL: `http://127.0.0.1:${port}/`,
  }));
  if (!isSandbox(made)) throw new Error("no sandbox");
  local = made;
});
afterEach(() =>
  new Promise<void>((resolve) => {
    hook.closeAllConnections();
    hook.close(() => resolve());
  })
);

const request = (over = {}) => ({
  paymentId: randomUUID(),
  bookingId: randomUUID(),
  amountMinor: 2500,
  currency: "EUR",
  title: "Algebra",
  begunAt: new Date().toISOString(),
  ...over,
});
const call = (method: string, path: string, body: unknown = undefined) =>
  serveSandbox(local)({
    method,
    path,
    rawBody: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)),
    contentType: "application/json",
  });
/** What the webhook makes of what it got last. */
const heard = async () => {
  const last = received.at(-1);
  if (!last) throw new Error("nothing arrived");
  const verified = await local.verifyEvent(new TextEncoder().encode(last.body), last.headers);
  if (!verified.ok) throw new Error(verified.code);
  return verified.event;
};

describe("a checkout of the sandbox", () => {
  it("says what is to be paid, to whoever has its address", async () => {
    const asked = request();
    const { checkoutId, url } = await local.createCheckout(asked);
    expect(url).toContain(`/functions/v1/payments/sandbox/${checkoutId}`);
    expect(checkoutId.length).toBeLessThan(255);
    expect(await call("GET", `/${checkoutId}`)).toMatchObject({
      ok: true,
      data: {
        payment_id: asked.paymentId,
        booking_id: asked.bookingId,
        amount_minor: 2500,
        currency: "EUR",
        is_open: true,
        actions: { pay: `${url}/pay` },
      },
    });
  });

  it("is the same when it is asked for again", async () => {
    const asked = request();
    expect(await local.createCheckout(asked)).toEqual(await local.createCheckout(asked));
  });

  it("cannot be made or changed without the secret", async () => {
    const { checkoutId } = await local.createCheckout(request());
    for (
      const forged of [
        checkoutId.replace("_2500_", "_1_"),
        checkoutId.replace("_EUR_", "_JPY_"),
        checkoutId.slice(0, -1),
        `${checkoutId}0`,
        checkoutId.replace(/_[0-9a-f]{32}$/, `_${"0".repeat(32)}`),
        "cs_local",
        "",
        "../../checkout",
      ]
    ) {
      for (const action of ["", "/pay"]) {
        const result = await call("POST", `/${forged}${action}`);
        expect(result, forged).toMatchObject({ ok: false, status: 404 });
      }
    }
    expect(received).toEqual([]);
  });

  it("that is paid says so to the webhook, signed, and again under the same id", async () => {
    const asked = request();
    const { checkoutId } = await local.createCheckout(asked);
    const first = await call("POST", `/${checkoutId}/pay`);
    expect(first).toMatchObject({ ok: true, data: { outcome: "processed" } });
    const event = await heard();
    expect(event).toMatchObject({
      type: "checkout.session.completed",
      event: {
        type: "payment_captured",
        data: { payment_id: asked.paymentId, checkout_id: checkoutId, amount_minor: 2500 },
      },
    });
    await call("POST", `/${checkoutId}/pay`);
    expect((await heard()).id).toBe(event.id);
  });

  it.each([
    ["fail", {}, "payment_failed"],
    ["expire", {}, "checkout_expired"],
    ["dispute", {}, "dispute_opened"],
    ["dispute", { outcome: "lost" }, "dispute_closed"],
  ])("%s %o is %s", async (action, body, type) => {
    const { checkoutId } = await local.createCheckout(request());
    expect(await call("POST", `/${checkoutId}/${action}`, body)).toMatchObject({ ok: true });
    expect((await heard()).event?.type).toBe(type);
  });

  it("takes no money when its time is over, and is then found to have expired", async () => {
    const begunAt = new Date(Date.now() - 3_700_000).toISOString();
    const { checkoutId } = await local.createCheckout(request({ begunAt }));
    expect(await call("POST", `/${checkoutId}/pay`)).toMatchObject({ status: 409 });
    expect(await local.findCheckout(checkoutId)).toMatchObject({ type: "checkout_expired" });
    expect(await local.findCheckout((await local.createCheckout(request())).checkoutId)).toBeNull();
  });

  it("answers other methods, actions and bodies with what is wrong", async () => {
    const { checkoutId } = await local.createCheckout(request());
    expect(await call("GET", `/${checkoutId}/pay`)).toMatchObject({ status: 405 });
    expect(await call("POST", `/${checkoutId}`)).toMatchObject({ status: 405 });
    expect(await call("POST", `/${checkoutId}/steal`)).toMatchObject({ status: 404 });
    expect(await call("POST", `/${checkoutId}/pay/twice`)).toMatchObject({ status: 404 });
    expect(await call("POST", `/${checkoutId}/dispute`, { outcome: "draw" }))
      .toMatchObject({ status: 422 });
  });
});

describe("refunds and payouts of the sandbox", () => {
  const money = { amountMinor: 700, currency: "EUR" };
  it("arrive at once, once for a key", async () => {
    const refundId = randomUUID();
    const asked = { refundId, idempotencyKey: "r:1", providerPaymentId: "pi_local_1", ...money };
    const first = await local.refund(asked);
    expect((await heard()).event).toMatchObject({
      type: "refund_succeeded",
      data: { refund_id: refundId, provider_refund_id: first.providerId, amount_minor: 700 },
    });
    expect(await local.refund(asked)).toEqual(first);
    const payoutId = randomUUID();
    const sent = await local.sendPayout({
      payoutId,
      idempotencyKey: "p:1",
      batchId: randomUUID(),
      accountId: "acct_local_1",
      ...money,
    });
    expect((await heard()).event).toMatchObject({
      type: "payout_paid",
      data: { payout_id: payoutId, provider_transfer_id: sent.providerId },
    });
  });

  it("that the webhook does not take are not made: the job does them again", async () => {
    answer = { status: 404, body: { code: "payment_not_found" } };
    const asked = { refundId: randomUUID(), idempotencyKey: "r:2", providerPaymentId: "pi_1" };
    const error: unknown = await local.refund({ ...asked, ...money }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PaymentError);
    expect(error).toMatchObject({ code: "unavailable", providerCode: "payment_not_found" });
  });
});

it("a tutor's account is let in and shut out by whoever has its link", async () => {
  const { accountId, url } = await local.onboard({
    tutorId: randomUUID(),
    accountId: null,
    email: null,
    country: null,
  });
  const path = new URL(url).pathname.replace("/functions/v1/payments/sandbox", "");
  expect(await call("GET", path)).toMatchObject({ ok: true, data: { account_id: accountId } });
  for (const [body, status] of [[{}, "enabled"], [{ is_enabled: false }, "restricted"]] as const) {
    expect(await call("POST", path, body)).toMatchObject({ ok: true });
    expect((await heard()).event).toEqual({
      type: "account_updated",
      data: { provider_account_id: accountId, status },
    });
  }
  const ids = received.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  expect(new Set(ids).size).toBe(2);
  expect(await call("POST", `${path}0`)).toMatchObject({ status: 404 });
});

describe("the provider", () => {
  const refused = (env: Record<string, string>) => {
    try {
      return createPayments(envFrom(env)).name;
    } catch (error) {
      if (error instanceof PaymentError) return [error.code, error.message];
      throw error;
    }
  };
  const stripe = {
    PAYMENTS_PROVIDER: "stripe",
    STRIPE_SECRET_KEY: "sk_live_1",
    STRIPE_WEBHOOK_SECRET: "whsec_0123456789abcdef, whsec_fedcba9876543210",
    PAYMENTS_RETURN_URL: "https://app.example.test/bookings",
  };

  it("is Stripe when it is set up", () => {
    expect(refused(stripe)).toBe("stripe");
  });

  it.each([
    [{}, "SUPABASE_URL"],
    [{ SUPABASE_URL: "https://x.supabase.co" }, "PAYMENTS_LOCAL_SECRET"],
    [{ SUPABASE_URL: "https://x.supabase.co", PAYMENTS_LOCAL_SECRET: "short" }, "32 characters"],
    [{ ...stripe, STRIPE_SECRET_KEY: "" }, "STRIPE_SECRET_KEY"],
    [{ ...stripe, STRIPE_WEBHOOK_SECRET: " , " }, "STRIPE_WEBHOOK_SECRET"],
    [{ ...stripe, STRIPE_WEBHOOK_SECRET: "whsec" }, "STRIPE_WEBHOOK_SECRET"],
    [{ ...stripe, PAYMENTS_RETURN_URL: "javascript:alert(1)" }, "PAYMENTS_RETURN_URL"],
    [{ ...stripe, PAYMENTS_PROVIDER: "paypal" }, "PAYMENTS_PROVIDER"],
  ])("is none with %o: nobody pays with play money by mistake", (env, named) => {
    expect(refused(env)).toEqual(["not_configured", expect.stringContaining(named)]);
  });
});
