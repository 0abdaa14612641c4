// The sandbox: no key, no network, no money. The same flow as with Stripe, with a checkout that is paid by a request to
// functions/payments instead of on a page. What it promises it also tells, by signed events to our own webhook.

import type { EventOf } from "./events.ts";
import {
  type Deliver,
  deliverTo,
  refunded,
  refundIdOf,
  transferIdOf,
  transferred,
} from "./local-events.ts";
import {
  accountIdOf,
  checkoutId,
  linkOf,
  type LocalCheckout,
  readCheckoutId,
  readLink,
} from "./local-ids.ts";
import type { PaymentProvider } from "./types.ts";
import { verifyEvent } from "./verify-event.ts";

export interface LocalSettings {
  /** Signs events, and the ids that are handed out. */
  secret: string;
  /** Where functions are reached: "http://127.0.0.1:54321/functions/v1". */
  functionsUrl: string;
}

const CHECKOUT_MINUTES = 60;
const LINK_MINUTES = 60;
const minutesAfter = (start: number, minutes: number) => new Date(start + minutes * 60_000);

/** The desk of the sandbox: what the pages of a provider would do. */
export interface Sandbox {
  checkout(id: string): Promise<LocalCheckout | null>;
  account(link: string): Promise<{ accountId: string; expiresAt: Date } | null>;
  deliver: Deliver;
  url: string;
}

export interface LocalProvider extends PaymentProvider {
  readonly name: "local";
  readonly sandbox: Sandbox;
}

export const createLocal = ({ secret, functionsUrl }: LocalSettings): LocalProvider => {
  const deliver = deliverTo(`${functionsUrl}/payments-webhook`, secret);
  const url = `${functionsUrl}/payments/sandbox`;

  return {
    name: "local",
    sandbox: {
      checkout: (id) => readCheckoutId(secret, id),
      account: (link) => readLink(secret, link),
      deliver,
      url,
    },

    async createCheckout({ paymentId, bookingId, amountMinor, currency, begunAt }) {
      const expiresAt = minutesAfter(Date.parse(begunAt), CHECKOUT_MINUTES);
      const id = await checkoutId(secret, {
        paymentId,
        bookingId,
        amountMinor,
        currency,
        expiresAt,
      });
      return { checkoutId: id, url: `${url}/${id}`, expiresAt: expiresAt.toISOString() };
    },

    async refund(request) {
      const providerId = await refundIdOf(request);
      await deliver(refunded(providerId, request));
      return { providerId, event: null };
    },

    async sendPayout(request) {
      const providerId = await transferIdOf(request);
      await deliver(transferred(providerId, request));
      return { providerId, event: null };
    },

    async onboard({ tutorId, accountId }) {
      const account = accountId ?? accountIdOf(tutorId);
      const expiresAt = minutesAfter(Date.now(), LINK_MINUTES);
      const link = await linkOf(secret, account, expiresAt);
      return {
        accountId: account,
        url: `${url}/accounts/${link}`,
        expiresAt: expiresAt.toISOString(),
      };
    },

    verifyEvent: (rawBody, headers, nowMs) =>
      verifyEvent(rawBody, headers, { secrets: [secret], livemode: false }, nowMs),

    /** Whoever paid here was told by the same request whether we know: nothing is lost but what was never paid. */
    async findCheckout(id): Promise<EventOf<"checkout_expired"> | null> {
      const checkout = await readCheckoutId(secret, id);
      if (!checkout || checkout.expiresAt.getTime() > Date.now()) return null;
      return {
        type: "checkout_expired",
        data: { payment_id: checkout.paymentId, checkout_id: checkout.checkoutId },
      };
    },

    /** A refund that the webhook did not take was not made; its job does it again. */
    findRefund: () => Promise.resolve(null),
  };
};
