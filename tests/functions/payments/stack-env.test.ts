// What the local stack tells the functions about payments: a secret for the sandbox, Stripe's settings, and that they may
// speak to Stripe only where it is the provider.
import { afterEach, describe, expect, it, vi } from "vitest";
import { createPayments } from "../../../functions/_shared/payments/index.ts";
import { envFrom } from "../../../functions/_shared/config.ts";
import { functionsEnv, hostsOf } from "../../../scripts/stack/functions-env.ts";
import { loadKeys } from "../../../scripts/stack/keys.ts";

const keys = loadKeys(undefined);
const settings = () => functionsEnv("http://127.0.0.1:54321", keys, {});

afterEach(() => vi.unstubAllEnvs());

describe("the local stack", () => {
  it("has a sandbox, with a secret of its own that stays the same", () => {
    vi.stubEnv("PAYMENTS_PROVIDER", "");
    vi.stubEnv("PAYMENTS_LOCAL_SECRET", "");
    const secret = settings().PAYMENTS_LOCAL_SECRET;
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(settings().PAYMENTS_LOCAL_SECRET).toBe(secret);
    expect(secret).not.toBe(settings().OCR_CALLBACK_SECRET);
    const other = functionsEnv("http://127.0.0.1:54321", loadKeys(undefined), {});
    expect(other.PAYMENTS_LOCAL_SECRET).not.toBe(secret);
    expect(createPayments(envFrom(settings())).name).toBe("local");
    expect(hostsOf(settings())).not.toContain("api.stripe.com");
  });

  it("hands on Stripe's settings, and lets the functions reach it", () => {
    vi.stubEnv("PAYMENTS_PROVIDER", "stripe");
    vi.stubEnv("STRIPE_SECRET_KEY", "sk_test_1");
    vi.stubEnv("STRIPE_WEBHOOK_SECRET", "whsec_0123456789abcdef");
    vi.stubEnv("PAYMENTS_RETURN_URL", "https://app.example.test/bookings");
    expect(createPayments(envFrom(settings())).name).toBe("stripe");
    expect(hostsOf(settings())).toContain("api.stripe.com");
  });
});
