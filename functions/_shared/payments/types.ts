// What the rest of the project knows of a provider of payments. Amounts are whole minor units (cents), as the database
// keeps them; a JavaScript number holds them exactly up to 2^53, and whatever is no safe integer is refused.

import type { EventOf, PaymentEvent } from "./events.ts";

export type ProviderName = "stripe" | "local";

export interface Money {
  amountMinor: number;
  /** ISO 4217, upper case. */
  currency: string;
}

export interface CheckoutRequest extends Money {
  /** Ours. Asking again for the same payment gives the same checkout. */
  paymentId: string;
  bookingId: string;
  /** What is paid for, as the payer reads it. */
  title: string;
  /** When the payment began: the checkout stays open for a time from then. */
  begunAt: string;
}

export interface Checkout {
  checkoutId: string;
  /** Where the payer goes. */
  url: string;
  expiresAt: string;
}

export interface RefundRequest extends Money {
  refundId: string;
  /** Under which the provider does it once. A new one for a new attempt, after one that has failed. */
  idempotencyKey: string;
  providerPaymentId: string;
}

export interface PayoutRequest extends Money {
  payoutId: string;
  /** As that of a refund. */
  idempotencyKey: string;
  batchId: string;
  accountId: string;
}

export interface OnboardingRequest {
  tutorId: string;
  /** The account with the provider; null: none yet. */
  accountId: string | null;
  email: string | null;
  /** ISO 3166, two letters, upper case; null: that of the platform. */
  country: string | null;
}

export interface Onboarding {
  accountId: string;
  /** Where the tutor says who he is and where his money goes. Nothing of that reaches us. */
  url: string;
  expiresAt: string;
}

export type VerifiedEvent =
  | { ok: true; event: EventEnvelope }
  | {
    ok: false;
    code: "signature_missing" | "signature_invalid" | "signature_expired" | "event_malformed";
  };

export interface EventEnvelope {
  id: string;
  /** The provider's own name of what happened. */
  type: string;
  occurredAt: string;
  /** Null: nothing that concerns us. */
  event: PaymentEvent | null;
}

/** What the provider has taken. */
export interface Sent<T extends PaymentEvent["type"]> {
  providerId: string;
  /** What has become of it, when he says so at once: should his event be lost, it is known all the same. */
  event: EventOf<T> | null;
}

export interface PaymentProvider {
  readonly name: ProviderName;
  createCheckout(request: CheckoutRequest): Promise<Checkout>;
  refund(request: RefundRequest): Promise<Sent<"refund_succeeded" | "refund_failed">>;
  sendPayout(request: PayoutRequest): Promise<Sent<"payout_paid" | "payout_failed">>;
  /** Makes the account when there is none, and a link on which the tutor goes on with it. */
  onboard(request: OnboardingRequest): Promise<Onboarding>;
  /** Judges the raw body before anybody parses it, then says it in our words. */
  verifyEvent(
    rawBody: Uint8Array<ArrayBuffer>,
    headers: Headers,
    nowMs?: number,
  ): Promise<VerifiedEvent>;
  /** How a checkout stands by the provider's own word, for events that were lost; null: still open. */
  findCheckout(
    checkoutId: string,
  ): Promise<EventOf<"payment_captured" | "checkout_expired"> | null>;
  /** Likewise of a refund; null: still under way. */
  findRefund(
    providerRefundId: string,
  ): Promise<EventOf<"refund_succeeded" | "refund_failed"> | null>;
}
