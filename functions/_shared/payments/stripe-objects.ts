// The objects inside Stripe's events and answers, as far as we read them. What is not named here may come and go with
// Stripe's versions; what is named and missing makes an event malformed, which is logged and sent again by Stripe.

import { z } from "zod";

const id = z.string().min(1);
/** An object in full where it was asked for, else its id. */
const reference = z.union([id, z.object({ id }).transform((object) => object.id)]);
const currency = z.string().regex(/^[A-Za-z]{3}$/).transform((code) => code.toUpperCase());
const amount = z.int().min(0);
const text = z.string().nullish().transform((value) => value?.slice(0, 200) ?? null);

/** Our id in the metadata. What is no uuid is not ours. */
const ours = (name: string) =>
  z.record(z.string(), z.string()).nullish().transform((metadata) =>
    z.uuid().safeParse(metadata?.[name]).data ?? null
  );

export const eventSchema = z.object({
  object: z.literal("event"),
  id,
  type: z.string().min(1),
  created: z.int().positive(),
  livemode: z.boolean(),
  /** Set when it happened in the account of a tutor, not in the platform's. */
  account: id.nullish(),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});
export type StripeEvent = z.infer<typeof eventSchema>;

export const sessionSchema = z.object({
  id,
  status: z.string().nullish(),
  payment_status: z.string(),
  payment_intent: reference.nullish(),
  amount_total: amount.nullish(),
  currency: currency.nullish(),
  metadata: ours("payment_id"),
});

export const refundSchema = z.object({
  id,
  status: z.string().nullish(),
  amount,
  currency,
  payment_intent: reference.nullish(),
  failure_reason: text,
  metadata: ours("refund_id"),
});

export const disputeSchema = z.object({
  id,
  status: z.string(),
  amount,
  currency,
  payment_intent: reference.nullish(),
  reason: text,
});

export const transferSchema = z.object({
  id,
  amount,
  currency,
  reversed: z.boolean(),
  metadata: ours("payout_id"),
});

export const accountSchema = z.object({
  id,
  details_submitted: z.boolean(),
  payouts_enabled: z.boolean(),
  capabilities: z.object({ transfers: z.string().nullish() }).nullish(),
  requirements: z.object({ disabled_reason: z.string().nullish() }).nullish(),
});
