import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../_shared/db/types.ts";
import { failFrom, ok, type Result } from "../_shared/http/index.ts";
import { record, type Recorded } from "../_shared/payments/record.ts";
import type { PaymentEvent } from "../_shared/payments/events.ts";
import type { Checkout, ProviderName } from "../_shared/payments/types.ts";
import { type Begun, begunSchema, type PayoutAccount, payoutAccountSchema } from "./schema.ts";

export interface PaymentStore {
  begin(bookingId: string, userId: string, provider: ProviderName): Promise<Result<Begun>>;
  attach(paymentId: string, checkout: Checkout): Promise<Result<unknown>>;
  record(provider: ProviderName, eventId: string, event: PaymentEvent): Promise<Result<Recorded>>;
  payoutAccount(userId: string, provider: ProviderName): Promise<Result<PayoutAccount>>;
  savePayoutAccount(
    userId: string,
    provider: ProviderName,
    accountId: string,
  ): Promise<Result<unknown>>;
}

/** These RPCs are the service role's: what a payment is and says is never a client's to write. Each is told who asks. */
export const createPaymentStore = (admin: SupabaseClient<Database>): PaymentStore => {
  const market = admin.schema("market");
  return {
    async begin(bookingId, userId, provider) {
      const { data, error } = await market.rpc("begin_checkout", {
        p_booking_id: bookingId,
        p_user_id: userId,
        p_provider: provider,
      });
      return error ? failFrom(error) : ok(begunSchema.parse(data));
    },
    async attach(paymentId, { checkoutId, url, expiresAt }) {
      const { data, error } = await market.rpc("attach_checkout", {
        p_payment_id: paymentId,
        p_checkout_id: checkoutId,
        p_url: url,
        p_expires_at: expiresAt,
      });
      return error ? failFrom(error) : ok(data);
    },
    record: (provider, eventId, event) =>
      record(admin, { provider, eventId, event, occurredAt: new Date().toISOString() }),
    async payoutAccount(userId, provider) {
      const { data, error } = await market.rpc("payout_account", {
        p_user_id: userId,
        p_provider: provider,
      });
      return error ? failFrom(error) : ok(payoutAccountSchema.parse(data));
    },
    async savePayoutAccount(userId, provider, accountId) {
      const { data, error } = await market.rpc("save_payout_account", {
        p_user_id: userId,
        p_provider: provider,
        p_provider_account_id: accountId,
      });
      return error ? failFrom(error) : ok(data);
    },
  };
};
