// Posts what was read to the callback, signed anew for each attempt. An answer that got lost does no harm: the server
// knows what it has.
import { setTimeout as sleep } from "node:timers/promises";
import { StageError } from "../../functions/_shared/jobs/stage.ts";
import type { Delivery } from "../../functions/_shared/ocr/delivery.ts";
import { signatureHeaders } from "../../functions/_shared/ocr/signature.ts";

export interface DeliverySettings {
  url: string;
  secret: string;
  timeoutMs?: number;
  attempts?: number;
  /** The first wait; each one after it is twice as long. */
  waitMs?: number;
}

export interface Received {
  recorded?: boolean;
  status?: string;
}

export type Deliver = (delivery: Delivery, signal: AbortSignal) => Promise<Received>;

/** A thousandth of a pixel, or of certainty, is nothing that anybody has measured. */
const rounded = (_key: string, value: unknown) =>
  typeof value === "number" ? Math.round(value * 1000) / 1000 : value;

interface Refusal {
  code?: string;
  message?: string;
  detail?: { fields?: { path: string; message: string }[] };
}

async function answerOf(response: Response): Promise<{ code: string; message: string }> {
  const text = await response.text();
  try {
    const { code, message = "", detail } = JSON.parse(text) as Refusal;
    const [field] = detail?.fields ?? [];
    return {
      code: code ?? `http_${response.status}`,
      message: field ? `${message} ${field.path}: ${field.message}` : message,
    };
  } catch {
    return { code: `http_${response.status}`, message: text.slice(0, 200) };
  }
}

class Unavailable extends Error {}

async function post(
  settings: DeliverySettings,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Received> {
  const { url, secret, timeoutMs = 60_000 } = settings;
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...await signatureHeaders(secret, body) },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (response.ok) return await response.json() as Received;
  } catch (error) {
    signal.throwIfAborted();
    throw new Unavailable(`the callback cannot be reached: ${(error as Error).message}`);
  }
  const { code, message } = await answerOf(response);
  // Signed twice within one second, the attempts are the same delivery: the first has arrived.
  if (code === "callback_repeated") return { recorded: false };
  if (response.status >= 500 || response.status === 429) {
    throw new Unavailable(`the callback answers ${code}`);
  }
  throw new StageError(code, message);
}

export const createDeliver = (settings: DeliverySettings): Deliver => async (delivery, signal) => {
  const { attempts = 5, waitMs = 500 } = settings;
  const body = Uint8Array.from(new TextEncoder().encode(JSON.stringify(delivery, rounded)));
  for (let attempt = 1;; attempt++) {
    try {
      return await post(settings, body, signal);
    } catch (error) {
      if (!(error instanceof Unavailable) || attempt >= attempts) throw error;
      await sleep(waitMs * 2 ** (attempt - 1), undefined, { signal });
    }
  }
};
