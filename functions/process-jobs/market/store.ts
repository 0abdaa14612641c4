import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../_shared/db/types.ts";
import { StageError, unwrap } from "../../_shared/jobs/stage.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import type { PaymentEvent } from "../../_shared/payments/events.ts";
import { record, type Recorded } from "../../_shared/payments/record.ts";

const nothing = z.object({ proceed: z.literal(false), reason: z.string().nullish() });
const provider = z.enum(["stripe", "local"]);
const money = { amount_minor: z.int().positive(), currency: z.string() };
const step = <T extends z.ZodRawShape>(shape: T) =>
  z.discriminatedUnion("proceed", [nothing, z.object({ proceed: z.literal(true), ...shape })]);

const refundSchema = step({
  refund_id: z.uuid(),
  idempotency_key: z.string(),
  provider,
  provider_payment_id: z.string(),
  ...money,
});
const payoutSchema = step({
  payout_id: z.uuid(),
  idempotency_key: z.string(),
  batch_id: z.uuid(),
  provider,
  provider_account_id: z.string(),
  ...money,
});
const paymentCheckSchema = step({ provider, checkout_id: z.string() });
const refundCheckSchema = step({ provider, provider_refund_id: z.string() });

export type RefundStep = z.infer<typeof refundSchema>;
export type PayoutStep = z.infer<typeof payoutSchema>;
export type PaymentCheck = z.infer<typeof paymentCheckSchema>;
export type RefundCheck = z.infer<typeof refundCheckSchema>;
export type Provider = z.infer<typeof provider>;

/** An argument that has to be there and may be null: the generated types know of no such thing. */
const NONE = null as unknown as string;

/** Taken by the provider under its id, or refused for good. */
export type Sent = { status: "sent"; id: string } | { status: "failed"; failureCode: string };

export type MarketStore = ReturnType<typeof createMarketStore>;

/** The stages as the database offers them: each call carries the job's lease. */
export function createMarketStore(admin: SupabaseClient<Database>) {
  const market = admin.schema("market");
  const lease = (job: Job) => ({ p_job_id: job.id, p_lease_token: job.lease_token });
  const outcome = (sent: Sent) => ({
    p_status: sent.status,
    p_failure_code: sent.status === "failed" ? sent.failureCode : undefined,
  });

  return {
    beginRefund: async (job: Job): Promise<RefundStep> =>
      refundSchema.parse(unwrap(await market.rpc("begin_refund", lease(job)))),
    finishRefund: async (job: Job, sent: Sent): Promise<unknown> =>
      unwrap(
        await market.rpc("finish_refund", {
          ...lease(job),
          ...outcome(sent),
          p_provider_refund_id: sent.status === "sent" ? sent.id : NONE,
        }),
      ),
    beginPayout: async (job: Job): Promise<PayoutStep> =>
      payoutSchema.parse(unwrap(await market.rpc("begin_payout", lease(job)))),
    finishPayout: async (job: Job, sent: Sent): Promise<unknown> =>
      unwrap(
        await market.rpc("finish_payout", {
          ...lease(job),
          ...outcome(sent),
          p_provider_transfer_id: sent.status === "sent" ? sent.id : NONE,
        }),
      ),
    beginPaymentCheck: async (job: Job): Promise<PaymentCheck> =>
      paymentCheckSchema.parse(unwrap(await market.rpc("begin_payment_check", lease(job)))),
    beginRefundCheck: async (job: Job): Promise<RefundCheck> =>
      refundCheckSchema.parse(unwrap(await market.rpc("begin_refund_check", lease(job)))),
    record: async (
      provider: Provider,
      eventId: string,
      event: PaymentEvent,
    ): Promise<Recorded> => {
      const occurredAt = new Date().toISOString();
      const recorded = await record(admin, { provider, eventId, event, occurredAt });
      if (recorded.ok) return recorded.data;
      throw new StageError(recorded.code, recorded.message);
    },
    sendReminder: async (job: Job): Promise<unknown> =>
      unwrap(await market.rpc("send_reminder", lease(job))),
    closeBooking: async (job: Job): Promise<unknown> =>
      unwrap(await market.rpc("close_booking", lease(job))),
  };
}
