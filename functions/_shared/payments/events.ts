// What may happen to money, in our own words: the types of events that market.record_payment_event takes, whichever
// provider they come from.

import { z } from "zod";

const amount = z.int().min(0);
const currency = z.string().regex(/^[A-Z]{3}$/);
const theirId = z.string().min(1).max(255);
/** Ours, which the provider hands back; null: it was not made by us, or the provider does not say. */
const ourId = z.uuid().nullable();
const reason = z.string().max(200).nullable();
const money = { amount_minor: amount, currency };

const refund = { refund_id: ourId, provider_refund_id: theirId, provider_payment_id: theirId };
const payout = { payout_id: ourId, provider_transfer_id: theirId };
const dispute = { provider_dispute_id: theirId, provider_payment_id: theirId };

export const paymentEventSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("payment_captured"),
    data: z.strictObject({
      payment_id: ourId,
      checkout_id: theirId,
      provider_payment_id: theirId,
      ...money,
    }),
  }),
  z.strictObject({
    type: z.literal("payment_failed"),
    data: z.strictObject({
      payment_id: ourId,
      checkout_id: theirId,
      provider_payment_id: theirId.nullable(),
      failure_code: reason,
    }),
  }),
  z.strictObject({
    type: z.literal("checkout_expired"),
    data: z.strictObject({ payment_id: ourId, checkout_id: theirId }),
  }),
  z.strictObject({
    type: z.literal("refund_succeeded"),
    data: z.strictObject({ ...refund, ...money }),
  }),
  z.strictObject({
    type: z.literal("refund_failed"),
    data: z.strictObject({ ...refund, ...money, failure_code: reason }),
  }),
  z.strictObject({
    type: z.literal("dispute_opened"),
    data: z.strictObject({ ...dispute, ...money, reason }),
  }),
  z.strictObject({
    type: z.literal("dispute_closed"),
    data: z.strictObject({ ...dispute, ...money, outcome: z.enum(["won", "lost"]) }),
  }),
  z.strictObject({
    type: z.literal("payout_paid"),
    data: z.strictObject({ ...payout, ...money }),
  }),
  z.strictObject({
    type: z.literal("payout_failed"),
    data: z.strictObject({ ...payout, ...money, failure_code: reason }),
  }),
  z.strictObject({
    type: z.literal("account_updated"),
    data: z.strictObject({
      provider_account_id: theirId,
      status: z.enum(["pending", "enabled", "restricted"]),
    }),
  }),
]);

export type PaymentEvent = z.infer<typeof paymentEventSchema>;
export type EventOf<T extends PaymentEvent["type"]> = Extract<PaymentEvent, { type: T }>;
