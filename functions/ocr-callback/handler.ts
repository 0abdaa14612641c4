// Takes what an OCR service has read. Nobody signs in here: the signature is the credential, judged over the raw bytes
// before anything in them is looked at. The lease inside says whether the sender still holds the job.

import type { Env } from "../_shared/config.ts";
import type { Json } from "../_shared/db/types.ts";
import { fail, failFrom, ok, parseJson, type Result, validate } from "../_shared/http/index.ts";
import type { Logger } from "../_shared/log.ts";
import type { Delivery } from "../_shared/ocr/delivery.ts";
import { LEAST_SECRET_LENGTH, verifySignature } from "../_shared/ocr/signature.ts";
import { schemaFor } from "./schema.ts";
import type { DeliveryStore } from "./store.ts";

export interface Incoming {
  headers: Headers;
  rawBody: Uint8Array<ArrayBuffer>;
}

interface Deps {
  /** The one that senders use, and while it is being replaced the one before. */
  secrets: readonly string[];
  store: DeliveryStore;
  log: Logger;
  nowMs?: number;
}

/** Secrets that are too short to be one are as good as none. */
export const readSecrets = (env: Env): string[] =>
  [env("OCR_CALLBACK_SECRET"), env("OCR_CALLBACK_SECRET_PREVIOUS")]
    .filter((secret) => secret !== undefined)
    .filter((secret) => secret.length >= LEAST_SECRET_LENGTH);

const refusals = {
  signature_missing: () =>
    fail(401, "signature_missing", {
      message: "Send the headers x-lyceum-timestamp and x-lyceum-signature.",
    }),
  signature_invalid: () =>
    fail(401, "signature_invalid", {
      message: "The signature is not that of this body and time under our secret.",
    }),
  signature_expired: () =>
    fail(401, "signature_expired", {
      message: "The delivery was signed more than five minutes ago, or in the future.",
    }),
};

export async function receiveDelivery(
  { headers, rawBody }: Incoming,
  { secrets, store, log, nowMs }: Deps,
): Promise<Result<Json>> {
  if (secrets.length === 0) {
    log.error("ocr_callback_not_configured", { leastLength: LEAST_SECRET_LENGTH });
    return fail(503, "callback_not_configured", {
      message: "This server takes no readings: its secret is not set.",
    });
  }
  const verdict = await verifySignature(headers, rawBody, secrets, nowMs);
  if (!verdict.ok) {
    log.warn("ocr_delivery_refused", { code: verdict.code });
    return refusals[verdict.code]();
  }
  const parsed = parseJson(rawBody, headers.get("content-type"));
  if (!parsed.ok) return parsed;
  const checked = validate<Delivery>(schemaFor(parsed.data), parsed.data);
  if (!checked.ok) return checked;

  const { data, error } = await store.receive(checked.data, verdict.signature);
  return error ? failFrom(error) : ok(data);
}
