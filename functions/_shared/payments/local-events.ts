// The sandbox's events: in Stripe's form and signed like Stripe's, so that they go through the same door. An event of the
// same thing has the same id, however often it is sent.

import { sha256Hex } from "../text/hash.ts";
import { PaymentError } from "./errors.ts";
import { type LocalCheckout, paymentIntentOf } from "./local-ids.ts";
import { SIGNATURE_HEADER, signatureHeader } from "./signature.ts";
import type { PayoutRequest, RefundRequest } from "./types.ts";

export interface LocalEvent {
  type: string;
  object: Record<string, unknown>;
  /** What makes it another event than one of the same type on the same object; default: nothing does. */
  about?: string;
}

const sessionOf = (checkout: LocalCheckout, status: string, payment_status: string) => ({
  id: checkout.checkoutId,
  object: "checkout.session",
  mode: "payment",
  status,
  payment_status,
  payment_intent: status === "expired" ? null : paymentIntentOf(checkout.paymentId),
  amount_total: checkout.amountMinor,
  currency: checkout.currency.toLowerCase(),
  metadata: { payment_id: checkout.paymentId, booking_id: checkout.bookingId },
});

export const paid = (checkout: LocalCheckout): LocalEvent => ({
  type: "checkout.session.completed",
  object: sessionOf(checkout, "complete", "paid"),
});

export const failed = (checkout: LocalCheckout): LocalEvent => ({
  type: "checkout.session.async_payment_failed",
  object: sessionOf(checkout, "complete", "unpaid"),
});

export const givenUp = (checkout: LocalCheckout): LocalEvent => ({
  type: "checkout.session.expired",
  object: sessionOf(checkout, "expired", "unpaid"),
});

/** Of the whole payment. Without an outcome it is opened. */
export const disputed = (checkout: LocalCheckout, outcome?: "won" | "lost"): LocalEvent => ({
  type: outcome ? "charge.dispute.closed" : "charge.dispute.created",
  object: {
    id: `dp_local_${paymentIntentOf(checkout.paymentId).slice("pi_local_".length)}`,
    object: "dispute",
    status: outcome ?? "needs_response",
    reason: "fraudulent",
    amount: checkout.amountMinor,
    currency: checkout.currency.toLowerCase(),
    payment_intent: paymentIntentOf(checkout.paymentId),
  },
});

export const refundIdOf = async ({ idempotencyKey }: RefundRequest): Promise<string> =>
  `re_local_${(await sha256Hex(idempotencyKey)).slice(0, 32)}`;

export const refunded = (id: string, request: RefundRequest): LocalEvent => ({
  type: "refund.updated",
  object: {
    id,
    object: "refund",
    status: "succeeded",
    amount: request.amountMinor,
    currency: request.currency.toLowerCase(),
    payment_intent: request.providerPaymentId,
    metadata: { refund_id: request.refundId, key: request.idempotencyKey },
  },
});

export const transferIdOf = async ({ idempotencyKey }: PayoutRequest): Promise<string> =>
  `tr_local_${(await sha256Hex(idempotencyKey)).slice(0, 32)}`;

export const transferred = (id: string, request: PayoutRequest): LocalEvent => ({
  type: "transfer.created",
  object: {
    id,
    object: "transfer",
    amount: request.amountMinor,
    currency: request.currency.toLowerCase(),
    destination: request.accountId,
    reversed: false,
    metadata: { payout_id: request.payoutId, batch_id: request.batchId },
  },
});

/** He may be let in and shut out any number of times: each is an event of its own. */
export const accountSet = (accountId: string, isEnabled: boolean): LocalEvent => ({
  type: "account.updated",
  about: crypto.randomUUID(),
  object: {
    id: accountId,
    object: "account",
    details_submitted: true,
    payouts_enabled: isEnabled,
    capabilities: { transfers: isEnabled ? "active" : "inactive" },
    requirements: { disabled_reason: isEnabled ? null : "rejected.other" },
  },
});

export interface Delivered {
  eventId: string;
  /** What the webhook answered. */
  answer: Record<string, unknown>;
}

export type Deliver = (event: LocalEvent) => Promise<Delivered>;

export const deliverTo = (webhookUrl: string, secret: string): Deliver => async (event) => {
  const { type, object, about = "" } = event;
  const digest = await sha256Hex(`${type}:${String(object.id)}:${about}`);
  const body = JSON.stringify({
    id: `evt_local_${digest.slice(0, 32)}`,
    object: "event",
    type,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    data: { object },
  });
  let response: Response;
  try {
    response = await fetch(webhookUrl, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        [SIGNATURE_HEADER]: await signatureHeader(body, secret),
      },
      body,
      signal: AbortSignal.timeout(20_000),
    });
  } catch (error) {
    throw new PaymentError("unavailable", "The webhook cannot be reached.", { cause: error });
  }
  const answer = await response.json().catch(() => ({})) as Record<string, unknown>;
  if (!response.ok) {
    throw new PaymentError("unavailable", `The webhook answered ${response.status}.`, {
      providerCode: typeof answer.code === "string" ? answer.code : `http_${response.status}`,
    });
  }
  return { eventId: `evt_local_${digest.slice(0, 32)}`, answer };
};
