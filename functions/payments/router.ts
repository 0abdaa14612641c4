import { type Call, fail, parseJson, type Result, validate } from "../_shared/http/index.ts";
import { paymentFailure } from "../_shared/payments/failure.ts";
import { createPayments, isSandbox } from "../_shared/payments/index.ts";
import { openCheckout, openPayoutAccount } from "./handler.ts";
import { serveSandbox } from "./sandbox.ts";
import { checkoutInput, payoutAccountInput } from "./schema.ts";
import { createPaymentStore } from "./store.ts";

const nothingHere = () => fail(404, "not_found", { message: "There is nothing here." });

async function answer(call: Call<undefined>): Promise<Result<unknown>> {
  const { request, path, rawBody, userId, context } = call;
  const contentType = request.headers.get("content-type");
  const payments = createPayments();
  if (path.startsWith("/sandbox/")) {
    if (!isSandbox(payments)) return nothingHere();
    const below = path.slice("/sandbox".length);
    return await serveSandbox(payments)({
      method: request.method,
      path: below,
      rawBody,
      contentType,
    });
  }
  if (path !== "/checkout" && path !== "/payout-account") return nothingHere();
  if (request.method !== "POST") {
    return fail(405, "method_not_allowed", { message: "Use POST.", headers: { allow: "POST" } });
  }
  if (userId === null) return fail(401, "not_authenticated", { message: "Sign in first." });

  const parsed = parseJson(rawBody, contentType);
  if (!parsed.ok) return parsed;
  const deps = { payments, store: createPaymentStore(context.supabaseAdmin) };
  if (path === "/checkout") {
    const input = validate(checkoutInput, parsed.data);
    return input.ok ? await openCheckout(deps)(input.data.booking_id, userId) : input;
  }
  const input = validate(payoutAccountInput, parsed.data);
  if (!input.ok) return input;
  const tutor = { id: userId, email: context.userClaims?.email ?? null };
  return await openPayoutAccount(deps)(tutor, input.data.country ?? null);
}

export async function servePayments(call: Call<undefined>): Promise<Result<unknown>> {
  try {
    return await answer(call);
  } catch (error) {
    return paymentFailure(error, call.log);
  }
}
