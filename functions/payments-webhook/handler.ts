// Takes the events of the provider of payments. Nobody signs in here: the signature is the credential, judged over the raw
// bytes before anything in them is looked at. An event is answered with 200 once the database has it; anything else makes
// the provider send it again, which does no harm.

import { fail, type Failure, ok, type Result } from "../_shared/http/index.ts";
import type { Logger } from "../_shared/log.ts";
import type { Recorded, ToRecord } from "../_shared/payments/record.ts";
import type { PaymentProvider } from "../_shared/payments/types.ts";

export interface Incoming {
  headers: Headers;
  rawBody: Uint8Array<ArrayBuffer>;
}

interface Deps {
  payments: Pick<PaymentProvider, "name" | "verifyEvent">;
  record(event: ToRecord): Promise<Result<Recorded>>;
  log: Logger;
  nowMs?: number;
}

const refusals: Record<string, () => Failure> = {
  signature_missing: () =>
    fail(401, "signature_missing", { message: "Send the header stripe-signature." }),
  signature_invalid: () =>
    fail(401, "signature_invalid", {
      message: "The signature is not that of this body and time under our secret.",
    }),
  signature_expired: () =>
    fail(401, "signature_expired", {
      message: "The event was signed more than five minutes ago, or in the future.",
    }),
  event_malformed: () =>
    fail(422, "event_malformed", { message: "The event lacks what events of its type have." }),
};

export interface Answer {
  received: true;
  outcome: Recorded["outcome"];
}

export async function receiveEvent(
  { headers, rawBody }: Incoming,
  { payments, record, log, nowMs }: Deps,
): Promise<Result<Answer>> {
  const verified = await payments.verifyEvent(rawBody, headers, nowMs);
  if (!verified.ok) {
    log.warn("payment_event_refused", { reason: verified.code });
    return refusals[verified.code]?.() ?? fail(401, "signature_invalid");
  }
  const { id, type, occurredAt, event } = verified.event;
  if (event === null) return ok({ received: true, outcome: "ignored" });
  const recorded = await record({ provider: payments.name, eventId: id, event, occurredAt });
  if (!recorded.ok) {
    log.warn("payment_event_not_taken", { eventId: id, type, reason: recorded.code });
    return recorded;
  }
  const { outcome } = recorded.data;
  // Signed, and yet it does not fit: an amount that is not the payment's, money for something that we do not know.
  if (outcome === "failed") log.error("payment_event_flagged", { eventId: id, type });
  return ok({ received: true, outcome });
}
