// The one door through which the database learns of what happened to money: market.record_payment_event takes each event
// once, with all that follows from it in the same transaction.

import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../db/types.ts";
import { failFrom, ok, type Result } from "../http/index.ts";
import type { PaymentEvent } from "./events.ts";
import type { ProviderName } from "./types.ts";

/** failed: taken, and kept for an administrator to look at, because it does not fit what we know. */
export const outcomeSchema = z.enum(["processed", "repeated", "ignored", "failed"]);

export interface Recorded {
  outcome: z.infer<typeof outcomeSchema>;
}

export interface ToRecord {
  provider: ProviderName;
  eventId: string;
  event: PaymentEvent;
  occurredAt: string;
}

export async function record(
  admin: SupabaseClient<Database>,
  { provider, eventId, event, occurredAt }: ToRecord,
): Promise<Result<Recorded>> {
  const { data, error } = await admin.schema("market").rpc("record_payment_event", {
    p_provider: provider,
    p_event_id: eventId,
    p_type: event.type,
    p_data: event.data,
    p_occurred_at: occurredAt,
  });
  return error ? failFrom(error) : ok({ outcome: outcomeSchema.parse(data) });
}

/** The event id of what was asked for, because the provider's own event did not come. */
export const askedEventId = (object: string, event: PaymentEvent): string =>
  `asked:${event.type}:${object}`.slice(0, 300);
