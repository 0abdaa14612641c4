// One client for Stripe, and its errors as ours. Retries, with the same idempotency key, are the package's.

import Stripe from "stripe";
import { PaymentError } from "./errors.ts";

export interface StripeSettings {
  secretKey: string;
  webhookSecrets: readonly string[];
  /** Where the payer and the tutor come back to: pages of the frontend. */
  returnUrl: string;
  /** Another server than Stripe's own, for tests. */
  apiUrl: string;
  timeoutMs: number;
}

export const STRIPE_API_URL = "https://api.stripe.com";

export const createStripeClient = ({ secretKey, apiUrl, timeoutMs }: StripeSettings): Stripe => {
  const { protocol, hostname, port } = new URL(apiUrl);
  const isSecure = protocol === "https:";
  return new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(),
    host: hostname,
    port: port === "" ? (isSecure ? 443 : 80) : port,
    protocol: isSecure ? "https" : "http",
    timeout: timeoutMs,
    maxNetworkRetries: 2,
    telemetry: false,
  });
};

const short = (text: string): string => text.length > 300 ? `${text.slice(0, 300)}…` : text;

/** Any error of the client, as a `PaymentError`. What is none of Stripe's is a bug of ours and stays what it is. */
export const toPaymentError = (error: unknown, secretKey: string): unknown => {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const status = error.statusCode ?? 0;
  const message = short(error.message.replaceAll(secretKey, "***"));
  const options = {
    cause: error,
    ...(error.code ? { providerCode: error.code.slice(0, 100) } : {}),
  };
  if (status === 401 || status === 403) {
    return new PaymentError("bad_key", `Stripe refused the key (STRIPE_SECRET_KEY): ${message}`, {
      ...options,
      retryAfterSeconds: 600,
    });
  }
  if (status === 429) return new PaymentError("rate_limited", message, options);
  // 409: another request with the same key is under way. Without a status it did not arrive, or no answer did.
  if (status === 0 || status === 409 || status >= 500) {
    return new PaymentError("unavailable", `Stripe did not answer, or with ${status}: ${message}`, {
      ...options,
    });
  }
  return new PaymentError("refused", message, options);
};
