// What callers send, and what the database answers.

import { z } from "zod";

export const checkoutInput = z.strictObject({ booking_id: z.uuid() });
export const payoutAccountInput = z.strictObject({
  /** Where the tutor lives; without it, where the platform does. Decided once, when the account is made. */
  country: z.string().regex(/^[A-Z]{2}$/).optional(),
});
export const disputeInput = z.strictObject({ outcome: z.enum(["won", "lost"]).optional() });
export const accountInput = z.strictObject({ is_enabled: z.boolean().default(true) });

const when = z.iso.datetime({ offset: true });

export const begunSchema = z.object({
  payment_id: z.uuid(),
  amount_minor: z.int().positive(),
  currency: z.string(),
  title: z.string(),
  checkout_id: z.string().nullable(),
  checkout_url: z.string().nullable(),
  expires_at: when.nullable(),
  created_at: when,
});
export type Begun = z.infer<typeof begunSchema>;

export const payoutAccountSchema = z.object({
  tutor_id: z.uuid(),
  provider_account_id: z.string().nullable(),
  status: z.string().nullable(),
});
export type PayoutAccount = z.infer<typeof payoutAccountSchema>;
