// Stripe: Checkout for what learners pay, Connect (Express accounts) for what tutors earn. Charges and transfers are
// separate: the money lies with the platform until the session took place, as in the ledger.

import type Stripe from "stripe";
import { isCountedAlike } from "./currencies.ts";
import { PaymentError } from "./errors.ts";
import { createStripeClient, type StripeSettings, toPaymentError } from "./stripe-client.ts";
import { captured, expired, payoutFailed, payoutPaid, refunded } from "./stripe-events.ts";
import type { CheckoutRequest, OnboardingRequest, PaymentProvider } from "./types.ts";
import { verifyEvent } from "./verify-event.ts";

/** From the beginning of the payment. Stripe takes half an hour at least, counted when it gets the request. */
const CHECKOUT_MINUTES = 60;

const seconds = (iso: string): number => Math.floor(new Date(iso).getTime() / 1000);
const isoOf = (unix: number): string => new Date(unix * 1000).toISOString();

/** The page of the frontend, with what it needs to know of where the person has been. */
export const backTo = (returnUrl: string, parameters: Record<string, string>): string => {
  const url = new URL(returnUrl);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
};

const session = (
  { paymentId, bookingId, amountMinor, currency, title, begunAt }: CheckoutRequest,
  returnUrl: string,
): Stripe.Checkout.SessionCreateParams => {
  const metadata = { payment_id: paymentId, booking_id: bookingId };
  return {
    mode: "payment",
    client_reference_id: paymentId,
    line_items: [{
      quantity: 1,
      price_data: {
        currency: currency.toLowerCase(),
        unit_amount: amountMinor,
        product_data: { name: title },
      },
    }],
    metadata,
    payment_intent_data: { metadata },
    // The amount and the currency are those of the booking, for whoever pays.
    adaptive_pricing: { enabled: false },
    // The same request for the same payment, whenever it is sent: else its idempotency key would not fit it.
    expires_at: seconds(begunAt) + CHECKOUT_MINUTES * 60,
    success_url: backTo(returnUrl, { booking: bookingId, checkout: "done" }),
    cancel_url: backTo(returnUrl, { booking: bookingId, checkout: "left" }),
  };
};

const newAccount = (
  { tutorId, email, country }: OnboardingRequest,
): Stripe.AccountCreateParams => ({
  type: "express",
  capabilities: { transfers: { requested: true } },
  metadata: { tutor_id: tutorId },
  ...(email === null ? {} : { email }),
  ...(country === null ? {} : { country }),
});

const sentRefund = (refund: Stripe.Refund) => ({ providerId: refund.id, event: refunded(refund) });

/** A transfer that was made has arrived, in the tutor's account with Stripe; it may be reversed later. */
const sentPayout = (transfer: Stripe.Transfer) => ({
  providerId: transfer.id,
  event: transfer.reversed ? payoutFailed(transfer) : payoutPaid(transfer),
});

export const createStripe = (settings: StripeSettings): PaymentProvider => {
  const client = createStripeClient(settings);
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toPaymentError(error, settings.secretKey);
    }
  };
  const alike = (currency: string) => {
    if (isCountedAlike(currency)) return currency.toLowerCase();
    throw new PaymentError("refused", `Payments in ${currency} are not supported.`, {
      providerCode: "currency_not_supported",
    });
  };

  return {
    name: "stripe",
    createCheckout: (request) =>
      ask(async () => {
        alike(request.currency);
        const made = await client.checkout.sessions.create(session(request, settings.returnUrl), {
          idempotencyKey: `checkout:${request.paymentId}`,
        });
        if (!made.url) throw new PaymentError("unavailable", "Stripe gave a checkout without URL.");
        return { checkoutId: made.id, url: made.url, expiresAt: isoOf(made.expires_at) };
      }),

    refund: ({ refundId, idempotencyKey, providerPaymentId, amountMinor }) =>
      ask(async () => {
        // Stripe forgets idempotency keys after a day; a job may be run again after weeks.
        const refunds = client.refunds.list({ payment_intent: providerPaymentId, limit: 100 });
        for await (const refund of refunds) {
          if (refund.metadata?.key === idempotencyKey) return sentRefund(refund);
        }
        const made = await client.refunds.create({
          payment_intent: providerPaymentId,
          amount: amountMinor,
          metadata: { refund_id: refundId, key: idempotencyKey },
        }, { idempotencyKey });
        return sentRefund(made);
      }),

    sendPayout: ({ payoutId, idempotencyKey, batchId, accountId, amountMinor, currency }) =>
      ask(async () => {
        const transfer_group = `payout:${payoutId}`;
        for await (const transfer of client.transfers.list({ transfer_group, limit: 100 })) {
          if (transfer.metadata.key === idempotencyKey) return sentPayout(transfer);
        }
        const made = await client.transfers.create({
          amount: amountMinor,
          currency: alike(currency),
          destination: accountId,
          transfer_group,
          metadata: { payout_id: payoutId, batch_id: batchId, key: idempotencyKey },
        }, { idempotencyKey });
        return sentPayout(made);
      }),

    onboard: (request) =>
      ask(async () => {
        const account = request.accountId ??
          (await client.accounts.create(newAccount(request), {
            idempotencyKey: `account:${request.tutorId}:${request.country ?? ""}`,
          })).id;
        const link = await client.accountLinks.create({
          account,
          type: "account_onboarding",
          return_url: backTo(settings.returnUrl, { payouts: "done" }),
          refresh_url: backTo(settings.returnUrl, { payouts: "again" }),
        });
        return { accountId: account, url: link.url, expiresAt: isoOf(link.expires_at) };
      }),

    verifyEvent: (rawBody, headers, nowMs) =>
      verifyEvent(rawBody, headers, {
        secrets: settings.webhookSecrets,
        livemode: /^[rs]k_live_/.test(settings.secretKey),
      }, nowMs),

    findCheckout: (checkoutId) =>
      ask(async () => {
        const found = await client.checkout.sessions.retrieve(checkoutId);
        return found.status === "expired" ? expired(found) : captured(found);
      }),

    findRefund: (providerRefundId) =>
      ask(async () => refunded(await client.refunds.retrieve(providerRefundId))),
  };
};
