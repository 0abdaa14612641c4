// Opening a checkout and an account for payouts, with a provider and a database that are made up.
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fail, ok } from "../../../functions/_shared/http/index.ts";
import { silentLogger } from "../../../functions/_shared/log.ts";
import { PaymentError } from "../../../functions/_shared/payments/errors.ts";
import { paymentFailure } from "../../../functions/_shared/payments/failure.ts";
import type { Recorded } from "../../../functions/_shared/payments/record.ts";
import type {
  CheckoutRequest,
  PaymentProvider,
} from "../../../functions/_shared/payments/types.ts";
import { openCheckout, openPayoutAccount } from "../../../functions/payments/handler.ts";
import type { Begun } from "../../../functions/payments/schema.ts";
import type { PaymentStore } from "../../../functions/payments/store.ts";

const booking = randomUUID(), user = randomUUID();
const begun: Begun = {
  payment_id: randomUUID(),
  amount_minor: 2500,
  currency: "EUR",
  title: "Algebra",
  checkout_id: null,
  checkout_url: null,
  expires_at: null,
  created_at: "2026-03-02T08:00:00.123456+00:00",
};
const open = {
  ...begun,
  checkout_id: "cs_1",
  checkout_url: "https://pay.example.test/cs_1",
  expires_at: "2026-03-02T09:00:00+00:00",
};
const captured = {
  type: "payment_captured" as const,
  data: {
    payment_id: begun.payment_id,
    checkout_id: "cs_1",
    provider_payment_id: "pi_1",
    amount_minor: 2500,
    currency: "EUR",
  },
};

function set(options: {
  begin?: ReturnType<typeof ok<Begun>> | ReturnType<typeof fail>;
  beginAgain?: ReturnType<typeof fail>;
  found?: Awaited<ReturnType<PaymentProvider["findCheckout"]>>;
  outcome?: Recorded["outcome"];
  account?: string | null;
}) {
  const did: unknown[] = [];
  const payments = {
    name: "stripe",
    createCheckout: (request: CheckoutRequest) => {
      did.push(["create", request]);
      return Promise.resolve({
        checkoutId: "cs_1",
        url: "https://pay.example.test",
        expiresAt: "x",
      });
    },
    findCheckout: () => Promise.resolve(options.found ?? null),
    onboard: ({ accountId }: { accountId: string | null }) =>
      Promise.resolve({ accountId: accountId ?? "acct_new", url: "https://x", expiresAt: "y" }),
  } as unknown as PaymentProvider;
  const store: PaymentStore = {
    begin: (...args) => {
      const isAgain = did.length > 0;
      did.push(["begin", ...args]);
      return Promise.resolve((isAgain && options.beginAgain) || (options.begin ?? ok(begun)));
    },
    attach: (id, checkout) => {
      did.push(["attach", id, checkout.checkoutId]);
      return Promise.resolve(ok({}));
    },
    record: (_provider, eventId) => {
      did.push(["record", eventId]);
      return Promise.resolve(ok({ outcome: options.outcome ?? "processed" }));
    },
    payoutAccount: () =>
      Promise.resolve(
        ok({ tutor_id: user, provider_account_id: options.account ?? null, status: null }),
      ),
    savePayoutAccount: (_user, _provider, id) => {
      did.push(["save", id]);
      return Promise.resolve(ok({}));
    },
  };
  return {
    did,
    checkout: openCheckout({ payments, store }),
    account: openPayoutAccount({ payments, store }),
  };
}

describe("POST /checkout", () => {
  it("opens one for the caller's booking, at the price that the database says", async () => {
    const { checkout, did } = set({});
    expect(await checkout(booking, user)).toMatchObject({
      status: 201,
      data: { payment_id: begun.payment_id, status: "open", url: "https://pay.example.test" },
    });
    expect(did).toEqual([
      ["begin", booking, user, "stripe"],
      ["create", expect.objectContaining({ amountMinor: 2500, begunAt: begun.created_at })],
      ["attach", begun.payment_id, "cs_1"],
    ]);
  });

  it("again gives the one that is open", async () => {
    const { checkout, did } = set({ begin: ok(open) });
    expect(await checkout(booking, user)).toMatchObject({
      status: 200,
      data: { status: "open", url: open.checkout_url },
    });
    expect(did).toHaveLength(1);
  });

  it("again, when it was paid and the event was lost, pays for the booking there and then", async () => {
    const { checkout, did } = set({ begin: ok(open), found: captured });
    expect(await checkout(booking, user)).toMatchObject({ data: { status: "paid", url: null } });
    expect(did.at(-1)).toEqual(["record", "asked:payment_captured:cs_1"]);
  });

  it("again, when it has expired, says so", async () => {
    const found = {
      type: "checkout_expired" as const,
      data: { payment_id: begun.payment_id, checkout_id: "cs_1" },
    };
    const { checkout } = set({ begin: ok(open), found });
    expect(await checkout(booking, user)).toMatchObject({ status: 409, code: "checkout_expired" });
  });

  it("does not call paid what does not fit", async () => {
    const { checkout } = set({ begin: ok(open), found: captured, outcome: "failed" });
    expect(await checkout(booking, user)).toMatchObject({ code: "payment_under_review" });
  });

  it("does not call it paid when it is asked once more, either", async () => {
    const { checkout } = set({ begin: ok(open), found: captured, outcome: "repeated" });
    expect(await checkout(booking, user)).toMatchObject({ code: "payment_under_review" });
  });

  it("calls paid what somebody else has just told us of", async () => {
    const { checkout } = set({
      begin: ok(open),
      beginAgain: fail(409, "booking_not_payable"),
      found: captured,
      outcome: "repeated",
    });
    expect(await checkout(booking, user)).toMatchObject({ data: { status: "paid", url: null } });
  });

  it("hands on what the database refuses, and asks the provider for nothing", async () => {
    const { checkout, did } = set({ begin: fail(404, "booking_not_found") });
    expect(await checkout(booking, user)).toMatchObject({ status: 404 });
    expect(did).toHaveLength(1);
  });
});

describe("POST /payout-account", () => {
  const tutor = { id: user, email: null };
  it("keeps the account that is made, and later goes on with it", async () => {
    const first = set({});
    expect(await first.account(tutor, "DE")).toMatchObject({
      data: { account_id: "acct_new", status: "pending" },
    });
    expect(first.did).toEqual([["save", "acct_new"]]);
    const later = set({ account: "acct_old" });
    expect(await later.account(tutor, null)).toMatchObject({ data: { account_id: "acct_old" } });
    expect(later.did).toEqual([]);
  });
});

describe("a provider that fails", () => {
  it.each(
    [
      ["refused", 422, "payment_refused"],
      ["bad_key", 503, "payments_not_configured"],
      ["not_configured", 503, "payments_not_configured"],
      ["unavailable", 503, "payments_unavailable"],
      ["rate_limited", 503, "payments_unavailable"],
    ] as const,
  )("(%s) is %i %s, without its words", (code, status, name) => {
    const error = new PaymentError(code, "Invalid key sk_live_1", { providerCode: "x_y" });
    const failure = paymentFailure(error, silentLogger);
    expect(failure).toMatchObject({ status, code: name });
    expect(JSON.stringify(failure)).not.toContain("sk_live");
  });

  it("in a way that nobody foresaw is a bug, not an answer", () => {
    expect(() => paymentFailure(new TypeError("x"), silentLogger)).toThrow(TypeError);
  });
});
