// Jobs of the marketplace. Money goes out here and nowhere else: the database says what is to be sent and under which key,
// the provider does it once for a key, and whether it has arrived comes as an event.

import {
  done,
  failed,
  type Job,
  type JobHandler,
  type JobHandlers,
  type JobOutcome,
} from "../../_shared/jobs/types.ts";
import { PaymentError, type PaymentProvider } from "../../_shared/payments/index.ts";
import { askedEventId } from "../../_shared/payments/record.ts";
import type { PaymentEvent } from "../../_shared/payments/events.ts";
import type { MarketStore, Sent } from "./store.ts";

interface Deps {
  store: MarketStore;
  /** Made when a job needs it: a wrong setting fails these jobs, with its reason, and no others. */
  payments: () => PaymentProvider;
}

const skipped = (reason: string | null | undefined) => done({ skipped: reason ?? "nothing_to_do" });

/** What was promised through one provider is not kept by another. */
const providerFor = ({ payments }: Deps, name: string): PaymentProvider => {
  const provider = payments();
  if (provider.name === name) return provider;
  throw new PaymentError("not_configured", `This is to be done by ${name}, which is not set up.`);
};

/** Failures that may pass are the queue's to repeat; `refused` is for good, and the database is told. */
const withRetries = (work: (job: Job) => Promise<JobOutcome>): JobHandler => async (job) => {
  try {
    return await work(job);
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    return failed(`${error.code}: ${error.message}`, error.mayPass, error.retryAfterSeconds);
  }
};

/** What is sent is handed over, noted under the provider's id, and then settled if the provider says how it went. */
async function send(
  { store }: Deps,
  provider: PaymentProvider,
  handOver: () => Promise<{ providerId: string; event: PaymentEvent | null }>,
  finish: (sent: Sent) => Promise<unknown>,
): Promise<JobOutcome> {
  let taken: Awaited<ReturnType<typeof handOver>>;
  try {
    taken = await handOver();
  } catch (error) {
    if (!(error instanceof PaymentError) || error.mayPass) throw error;
    const failureCode = error.providerCode ?? error.code;
    await finish({ status: "failed", failureCode });
    return done({ failed: failureCode });
  }
  const { providerId, event } = taken;
  await finish({ status: "sent", id: providerId });
  if (event) await store.record(provider.name, askedEventId(providerId, event), event);
  return done({ sent: providerId });
}

const sendRefund = (deps: Deps) =>
  withRetries(async (job) => {
    const step = await deps.store.beginRefund(job);
    if (!step.proceed) return skipped(step.reason);
    const provider = providerFor(deps, step.provider);
    const request = {
      refundId: step.refund_id,
      idempotencyKey: step.idempotency_key,
      providerPaymentId: step.provider_payment_id,
      amountMinor: step.amount_minor,
      currency: step.currency,
    };
    return await send(
      deps,
      provider,
      () => provider.refund(request),
      (sent) => deps.store.finishRefund(job, sent),
    );
  });

const sendPayout = (deps: Deps) =>
  withRetries(async (job) => {
    const step = await deps.store.beginPayout(job);
    if (!step.proceed) return skipped(step.reason);
    const provider = providerFor(deps, step.provider);
    const request = {
      payoutId: step.payout_id,
      idempotencyKey: step.idempotency_key,
      batchId: step.batch_id,
      accountId: step.provider_account_id,
      amountMinor: step.amount_minor,
      currency: step.currency,
    };
    return await send(
      deps,
      provider,
      () => provider.sendPayout(request),
      (sent) => deps.store.finishPayout(job, sent),
    );
  });

const told = async (
  { store }: Deps,
  provider: PaymentProvider,
  object: string,
  event: PaymentEvent | null,
) => {
  if (event === null) return done({ found: "under_way" });
  const { outcome } = await store.record(provider.name, askedEventId(object, event), event);
  return done({ found: event.type, outcome });
};

const checkPayment = (deps: Deps) =>
  withRetries(async (job) => {
    const step = await deps.store.beginPaymentCheck(job);
    if (!step.proceed) return skipped(step.reason);
    const provider = providerFor(deps, step.provider);
    const { checkout_id } = step;
    return await told(deps, provider, checkout_id, await provider.findCheckout(checkout_id));
  });

const checkRefund = (deps: Deps) =>
  withRetries(async (job) => {
    const step = await deps.store.beginRefundCheck(job);
    if (!step.proceed) return skipped(step.reason);
    const provider = providerFor(deps, step.provider);
    const id = step.provider_refund_id;
    return await told(deps, provider, id, await provider.findRefund(id));
  });

/** Stages that the database does alone: the worker only gives them their moment. */
const stage = (write: (job: Job) => Promise<unknown>): JobHandler => async (job) =>
  done((await write(job)) as Record<string, unknown>);

export const marketHandlers = (deps: Deps): JobHandlers => ({
  "market.send_refund": sendRefund(deps),
  "market.send_payout": sendPayout(deps),
  "market.check_payment": checkPayment(deps),
  "market.check_refund": checkRefund(deps),
  "market.remind": stage(deps.store.sendReminder),
  "market.close_booking": stage(deps.store.closeBooking),
});
