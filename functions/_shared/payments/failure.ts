// What a provider refused, as an answer to whoever asked for it.

import { fail, type Failure } from "../http/index.ts";
import type { Logger } from "../log.ts";
import { PaymentError } from "./errors.ts";

/** Anything but a `PaymentError` is a bug and goes on. */
export function paymentFailure(error: unknown, log: Logger): Failure {
  if (!(error instanceof PaymentError)) throw error;
  log.warn("payment_provider", {
    reason: error.code,
    providerCode: error.providerCode,
    message: error.message,
  });
  switch (error.code) {
    case "refused":
      return fail(422, "payment_refused", {
        message: "The provider of payments does not take this.",
        ...(error.providerCode === null ? {} : { detail: error.providerCode }),
      });
    case "bad_key":
    case "not_configured":
      return fail(503, "payments_not_configured", {
        message: "This server takes no payments: its provider is not set up.",
      });
    default:
      return fail(503, "payments_unavailable", {
        message: "The provider of payments does not answer.",
        hint: "Try again; nothing is done twice.",
        headers: { "retry-after": String(error.retryAfterSeconds ?? 5) },
      });
  }
}
