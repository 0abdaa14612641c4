// Pays for a booking, and sets up a tutor's account for payouts. The provider does both on its own pages: here a caller
// gets the address. What has become of it, the webhook learns.

import { fail, ok, type Result } from "../_shared/http/index.ts";
import { askedEventId } from "../_shared/payments/record.ts";
import type { PaymentProvider } from "../_shared/payments/types.ts";
import type { PaymentStore } from "./store.ts";

interface Deps {
  payments: PaymentProvider;
  store: PaymentStore;
}

export interface CheckoutAnswer {
  payment_id: string;
  /** paid: there is nothing left to pay. */
  status: "open" | "paid";
  url: string | null;
  expires_at: string | null;
}

/** May be asked any number of times: one checkout for each attempt to pay. */
export const openCheckout =
  ({ payments, store }: Deps) =>
  async (bookingId: string, userId: string): Promise<Result<CheckoutAnswer>> => {
    const begun = await store.begin(bookingId, userId, payments.name);
    if (!begun.ok) return begun;
    const { payment_id, checkout_id, checkout_url, expires_at } = begun.data;

    if (checkout_id !== null) {
      // Asked again. Perhaps he has paid, and the event is late or lost: a hold does not last until somebody notices.
      const found = await payments.findCheckout(checkout_id);
      if (found) {
        const recorded = await store.record(
          payments.name,
          askedEventId(checkout_id, found),
          found,
        );
        if (!recorded.ok) return recorded;
        const { outcome } = recorded.data;
        // Heard of before, and yet the hold is still to be paid: then it did not fit.
        const isStillOpen = outcome === "repeated" && found.type === "payment_captured" &&
          (await store.begin(bookingId, userId, payments.name)).ok;
        if (outcome === "failed" || isStillOpen) {
          return fail(409, "payment_under_review", {
            message: "What was paid is not what was to be paid. We look at it.",
            hint: "Do not pay again.",
          });
        }
        if (found.type === "payment_captured") {
          return ok({ payment_id, status: "paid", url: null, expires_at: null });
        }
        return fail(409, "checkout_expired", {
          message: "The time to pay is over.",
          hint: "Ask for a checkout again, or for another slot.",
        });
      }
      return ok({ payment_id, status: "open", url: checkout_url, expires_at });
    }

    const checkout = await payments.createCheckout({
      paymentId: payment_id,
      bookingId,
      amountMinor: begun.data.amount_minor,
      currency: begun.data.currency,
      title: begun.data.title,
      begunAt: begun.data.created_at,
    });
    const attached = await store.attach(payment_id, checkout);
    if (!attached.ok) return attached;
    const { url, expiresAt } = checkout;
    return ok({ payment_id, status: "open", url, expires_at: expiresAt }, { status: 201 });
  };

export interface OnboardingAnswer {
  account_id: string;
  /** Null: not begun. */
  status: string;
  url: string;
  expires_at: string;
}

export const openPayoutAccount = ({ payments, store }: Deps) =>
async (
  tutor: { id: string; email: string | null },
  country: string | null,
): Promise<Result<OnboardingAnswer>> => {
  const known = await store.payoutAccount(tutor.id, payments.name);
  if (!known.ok) return known;
  const accountId = known.data.provider_account_id;
  const { email } = tutor;
  const made = await payments.onboard({ tutorId: tutor.id, accountId, email, country });
  if (accountId === null) {
    const saved = await store.savePayoutAccount(tutor.id, payments.name, made.accountId);
    if (!saved.ok) return saved;
  }
  return ok({
    account_id: made.accountId,
    status: known.data.status ?? "pending",
    url: made.url,
    expires_at: made.expiresAt,
  });
};
