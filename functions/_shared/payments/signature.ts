// Whether an event comes from whom it says: the header `stripe-signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body">`,
// checked by Stripe's own package over the raw bytes. The sandbox signs in the same way.

import Stripe from "stripe";

/** Seconds by which the sender's clock may be off, and an event under way. What is older is a replay. */
export const TOLERANCE_SECONDS = 300;
/** Shorter secrets can be guessed from one signed event. */
export const LEAST_SECRET_LENGTH = 16;
export const SIGNATURE_HEADER = "stripe-signature";

const cryptoProvider = Stripe.createSubtleCryptoProvider();

const checker = () => {
  const { signature } = Stripe.webhooks ?? {};
  if (!signature) throw new Error("This build of stripe cannot check signatures.");
  return signature;
};

export type Verdict =
  | { ok: true; payload: unknown }
  | {
    ok: false;
    code: "signature_missing" | "signature_invalid" | "signature_expired" | "event_malformed";
  };

/**
 * When it was signed; NaN when the header does not say so once: of two times the package would take one and we another.
 * The age is judged here, because the package lets a time to come pass: a ticket for replays until then.
 */
const signedAt = (header: string): number => {
  const [time, ...more] = header.split(",").filter((item) => item.startsWith("t="));
  return more.length === 0 ? Number(/^t=(\d{1,12})$/.exec(time ?? "")?.[1]) : NaN;
};

/** Several secrets may be good at a time: one for each endpoint at Stripe, and old beside new. */
export async function verifySignature(
  rawBody: Uint8Array<ArrayBuffer>,
  headers: Headers,
  secrets: readonly string[],
  nowMs = Date.now(),
): Promise<Verdict> {
  const header = headers.get(SIGNATURE_HEADER) ?? "";
  if (header === "") return { ok: false, code: "signature_missing" };
  if (rawBody.byteLength === 0) return { ok: false, code: "signature_invalid" };
  let isGenuine = false;
  for (const secret of secrets) {
    if (await isSignedWith(secret, rawBody, header)) isGenuine = true;
  }
  const age = Math.abs(nowMs / 1000 - signedAt(header));
  if (!isGenuine || Number.isNaN(age)) return { ok: false, code: "signature_invalid" };
  if (age > TOLERANCE_SECONDS) return { ok: false, code: "signature_expired" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(rawBody);
    return { ok: true, payload: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, code: "event_malformed" };
  }
}

async function isSignedWith(
  secret: string,
  rawBody: Uint8Array<ArrayBuffer>,
  header: string,
): Promise<boolean> {
  try {
    // 0: of any age. It is judged once the signature is known to be genuine.
    return await checker().verifyHeaderAsync(rawBody, header, secret, 0, cryptoProvider);
  } catch {
    // The package throws for a wrong signature, and other errors for headers that are none.
    return false;
  }
}

/** The header under which a body is genuine. */
export async function signatureHeader(payload: string, secret: string): Promise<string> {
  const { webhooks } = Stripe;
  if (!webhooks) throw new Error("This build of stripe cannot sign.");
  return await webhooks.generateTestHeaderStringAsync({ payload, secret, cryptoProvider });
}
