// The pages of a provider, as requests: who has the address of a checkout sees what is to be paid, and pays, fails, lets it
// expire or disputes it. Only with PAYMENTS_PROVIDER=local; there is no money in it.

import { fail, type Failure, ok, parseJson, type Result, validate } from "../_shared/http/index.ts";
import type { LocalProvider } from "../_shared/payments/index.ts";
import {
  accountSet,
  disputed,
  failed,
  givenUp,
  type LocalEvent,
  paid,
} from "../_shared/payments/local-events.ts";
import type { LocalCheckout } from "../_shared/payments/local-ids.ts";
import { accountInput, disputeInput } from "./schema.ts";

export interface SandboxCall {
  method: string;
  /** Below /sandbox: "/<checkout id>/pay". */
  path: string;
  rawBody: Uint8Array<ArrayBuffer>;
  contentType: string | null;
}

const notFound = (): Failure =>
  fail(404, "checkout_not_found", { message: "This address opens no checkout of the sandbox." });

const wrongMethod = (allow: string): Failure =>
  fail(405, "method_not_allowed", { message: `Use ${allow}.`, headers: { allow } });

const shown = (checkout: LocalCheckout, url: string) => ({
  checkout_id: checkout.checkoutId,
  payment_id: checkout.paymentId,
  booking_id: checkout.bookingId,
  amount_minor: checkout.amountMinor,
  currency: checkout.currency,
  expires_at: checkout.expiresAt.toISOString(),
  is_open: checkout.expiresAt.getTime() > Date.now(),
  actions: Object.fromEntries(
    ["pay", "fail", "expire", "dispute"].map((name) => [
      name,
      `${url}/${checkout.checkoutId}/${name}`,
    ]),
  ),
});

/** What the action does, as the event that a provider would send. */
function eventOf(
  action: string,
  checkout: LocalCheckout,
  body: unknown,
): Result<LocalEvent> {
  if (action === "fail") return ok(failed(checkout));
  if (action === "expire") return ok(givenUp(checkout));
  if (action === "dispute") {
    const checked = validate(disputeInput, body);
    return checked.ok ? ok(disputed(checkout, checked.data.outcome)) : checked;
  }
  if (action !== "pay") return notFound();
  if (checkout.expiresAt.getTime() > Date.now()) return ok(paid(checkout));
  return fail(409, "checkout_expired", {
    message: "The time to pay is over.",
    hint: "Ask for a checkout again, or for another slot.",
  });
}

export const serveSandbox =
  ({ sandbox }: LocalProvider) => async (call: SandboxCall): Promise<Result<unknown>> => {
    const [first = "", second = "", third, ...more] = call.path.split("/").filter((p) => p !== "");
    if (third !== undefined || more.length > 0) return notFound();
    const deliver = async (event: LocalEvent) => {
      const { eventId, answer } = await sandbox.deliver(event);
      return ok({ event_id: eventId, type: event.type, ...answer });
    };

    if (first === "accounts") {
      const link = await sandbox.account(second);
      if (!link) return notFound();
      if (call.method === "GET") {
        return ok({ account_id: link.accountId, expires_at: link.expiresAt.toISOString() });
      }
      if (link.expiresAt.getTime() < Date.now()) {
        return fail(409, "checkout_expired", { message: "This link is no longer good." });
      }
      const parsed = parseJson(call.rawBody, call.contentType);
      const checked = parsed.ok ? validate(accountInput, parsed.data) : parsed;
      return checked.ok
        ? await deliver(accountSet(link.accountId, checked.data.is_enabled))
        : checked;
    }

    const checkout = await sandbox.checkout(first);
    if (!checkout) return notFound();
    if (second === "") {
      return call.method === "GET" ? ok(shown(checkout, sandbox.url)) : wrongMethod("GET");
    }
    if (call.method !== "POST") return wrongMethod("POST");
    const parsed = parseJson(call.rawBody, call.contentType);
    const event = parsed.ok ? eventOf(second, checkout, parsed.data) : parsed;
    return event.ok ? await deliver(event.data) : event;
  };
