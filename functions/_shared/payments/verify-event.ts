// An event out of the bytes that arrived: genuine, of the right mode, and in our words.

import { z } from "zod";
import { paymentEventSchema } from "./events.ts";
import { verifySignature } from "./signature.ts";
import { inOurWords } from "./stripe-events.ts";
import { eventSchema } from "./stripe-objects.ts";
import type { VerifiedEvent } from "./types.ts";

export interface EventSettings {
  secrets: readonly string[];
  /** Whether real money moves. An endpoint for accounts of tutors gets the events of both modes. */
  livemode: boolean;
}

export async function verifyEvent(
  rawBody: Uint8Array<ArrayBuffer>,
  headers: Headers,
  { secrets, livemode }: EventSettings,
  nowMs?: number,
): Promise<VerifiedEvent> {
  const verdict = await verifySignature(rawBody, headers, secrets, nowMs);
  if (!verdict.ok) return verdict;
  const parsed = eventSchema.safeParse(verdict.payload);
  if (!parsed.success) return { ok: false, code: "event_malformed" };
  const { id, type, created } = parsed.data;
  const envelope = { id, type, occurredAt: new Date(created * 1000).toISOString(), event: null };
  if (parsed.data.livemode !== livemode) return { ok: true, event: envelope };
  try {
    const event = inOurWords(parsed.data);
    const checked = event === null ? null : paymentEventSchema.parse(event);
    return { ok: true, event: { ...envelope, event: checked } };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { ok: false, code: "event_malformed" };
  }
}
