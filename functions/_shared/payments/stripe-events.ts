// Stripe's events in our words. Those not listed concern nobody here.

import type { EventOf, PaymentEvent } from "./events.ts";
import {
  accountSchema,
  disputeSchema,
  refundSchema,
  sessionSchema,
  type StripeEvent,
  transferSchema,
} from "./stripe-objects.ts";

type Read = (object: unknown, event: StripeEvent) => PaymentEvent | null;

export const captured = (object: unknown): EventOf<"payment_captured"> | null => {
  const session = sessionSchema.parse(object);
  // A bank debit is "complete" days before its money is there: async_payment_succeeded says when.
  if (session.payment_status !== "paid") return null;
  const { payment_intent, amount_total, currency } = session;
  if (!payment_intent || amount_total == null || !currency) return null;
  return {
    type: "payment_captured",
    data: {
      payment_id: session.metadata,
      checkout_id: session.id,
      provider_payment_id: payment_intent,
      amount_minor: amount_total,
      currency,
    },
  };
};

const paymentFailed: Read = (object) => {
  const session = sessionSchema.parse(object);
  return {
    type: "payment_failed",
    data: {
      payment_id: session.metadata,
      checkout_id: session.id,
      provider_payment_id: session.payment_intent ?? null,
      failure_code: "async_payment_failed",
    },
  };
};

export const expired = (object: unknown): EventOf<"checkout_expired"> => {
  const session = sessionSchema.parse(object);
  return {
    type: "checkout_expired",
    data: { payment_id: session.metadata, checkout_id: session.id },
  };
};

export const refunded = (
  object: unknown,
): EventOf<"refund_succeeded" | "refund_failed"> | null => {
  const refund = refundSchema.parse(object);
  // Not of a payment by Checkout: nothing that we sold.
  if (!refund.payment_intent) return null;
  const data = {
    refund_id: refund.metadata,
    provider_refund_id: refund.id,
    provider_payment_id: refund.payment_intent,
    amount_minor: refund.amount,
    currency: refund.currency,
  };
  if (refund.status === "succeeded") return { type: "refund_succeeded", data };
  if (refund.status === "failed" || refund.status === "canceled") {
    const failure_code = refund.failure_reason ?? refund.status;
    return { type: "refund_failed", data: { ...data, failure_code } };
  }
  return null;
};

const dispute = (object: unknown) => {
  const found = disputeSchema.parse(object);
  const { payment_intent, status } = found;
  // An inquiry ("warning_…") moves no money; should it become a dispute, its funds_withdrawn says so.
  if (!payment_intent || status.startsWith("warning_")) return null;
  return {
    found,
    data: {
      provider_dispute_id: found.id,
      provider_payment_id: payment_intent,
      amount_minor: found.amount,
      currency: found.currency,
    },
  };
};

const disputeOpened: Read = (object) => {
  const read = dispute(object);
  return read && {
    type: "dispute_opened",
    data: { ...read.data, reason: read.found.reason },
  };
};

const disputeClosed: Read = (object) => {
  const read = dispute(object);
  const outcome = read?.found.status;
  if (!read || (outcome !== "won" && outcome !== "lost")) return null;
  return { type: "dispute_closed", data: { ...read.data, outcome } };
};

const transfer = (object: unknown) => {
  const found = transferSchema.parse(object);
  return {
    found,
    data: {
      payout_id: found.metadata,
      provider_transfer_id: found.id,
      amount_minor: found.amount,
      currency: found.currency,
    },
  };
};

export const payoutPaid = (object: unknown): EventOf<"payout_paid"> => ({
  type: "payout_paid",
  data: transfer(object).data,
});

export const payoutFailed = (object: unknown): EventOf<"payout_failed"> | null => {
  const { found, data } = transfer(object);
  // A part that came back is settled by hand: no payout has failed by it.
  if (!found.reversed) return null;
  return { type: "payout_failed", data: { ...data, failure_code: "reversed" } };
};

const accountUpdated: Read = (object) => {
  const account = accountSchema.parse(object);
  const canReceive = account.payouts_enabled && account.capabilities?.transfers === "active";
  // New accounts lack everything; those that have told all may still have to be looked at.
  const isUnderWay = !account.details_submitted ||
    account.requirements?.disabled_reason === "requirements.pending_verification";
  return {
    type: "account_updated",
    data: {
      provider_account_id: account.id,
      status: canReceive ? "enabled" : isUnderWay ? "pending" : "restricted",
    },
  };
};

/** The tutor took his account away from the platform. */
const accountLeft: Read = (_object, event) =>
  event.account
    ? {
      type: "account_updated",
      data: { provider_account_id: event.account, status: "restricted" },
    }
    : null;

const OF_THE_PLATFORM: Readonly<Record<string, Read>> = {
  "checkout.session.completed": captured,
  "checkout.session.async_payment_succeeded": captured,
  "checkout.session.async_payment_failed": paymentFailed,
  "checkout.session.expired": expired,
  "refund.created": refunded,
  "refund.updated": refunded,
  "refund.failed": refunded,
  "charge.refund.updated": refunded,
  "charge.dispute.created": disputeOpened,
  "charge.dispute.funds_withdrawn": disputeOpened,
  "charge.dispute.closed": disputeClosed,
  "transfer.created": payoutPaid,
  "transfer.reversed": payoutFailed,
  "account.updated": accountUpdated,
};

/** In a tutor's own account anything may be sold, refunded and disputed; none of it is ours. */
const OF_A_TUTOR: Readonly<Record<string, Read>> = {
  "account.updated": accountUpdated,
  "account.application.deauthorized": accountLeft,
};

/** Null: nothing that concerns us. Throws a ZodError when it would, and is not what Stripe says it is. */
export const inOurWords = (event: StripeEvent): PaymentEvent | null => {
  const known = event.account ? OF_A_TUTOR : OF_THE_PLATFORM;
  const read = Object.hasOwn(known, event.type) ? known[event.type] : undefined;
  return read?.(event.data.object, event) ?? null;
};
