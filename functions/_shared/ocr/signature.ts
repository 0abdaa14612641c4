// How an OCR service proves that a delivery is its own: HMAC-SHA256 with a secret that both know, over the time and the
// raw body. Used by the callback, by our own worker, and by the tests that attack it.

/** Seconds by which the sender's clock may be off, and a delivery under way, in either direction. */
export const TOLERANCE_SECONDS = 300;
/** Shorter secrets can be guessed from one signed delivery. */
export const LEAST_SECRET_LENGTH = 32;

export const TIMESTAMP_HEADER = "x-lyceum-timestamp";
export const SIGNATURE_HEADER = "x-lyceum-signature";

const encoder = new TextEncoder();

async function mac(
  secret: string,
  timestamp: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const head = encoder.encode(`${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Takes as long for a wrong first byte as for a wrong last one. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** The two headers of a delivery. */
export async function signatureHeaders(
  secret: string,
  body: Uint8Array<ArrayBuffer>,
  nowMs = Date.now(),
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: toHex(await mac(secret, timestamp, body)),
  };
}

export type Verdict =
  | { ok: true; signature: string }
  | { ok: false; code: "signature_missing" | "signature_invalid" | "signature_expired" };

/**
 * Judges the raw body before anybody parses it. More than one secret may be good at a time, so that a new one can be
 * brought in while senders still use the old one; each is tried, whichever fits.
 */
export async function verifySignature(
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
  nowMs = Date.now(),
): Promise<Verdict> {
  const timestamp = headers.get(TIMESTAMP_HEADER) ?? "";
  const signature = headers.get(SIGNATURE_HEADER) ?? "";
  if (timestamp === "" || signature === "") return { ok: false, code: "signature_missing" };
  if (!/^[0-9]{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/.test(signature)) {
    return { ok: false, code: "signature_invalid" };
  }
  const given = Uint8Array.from(signature.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  let isGenuine = false;
  for (const secret of secrets) {
    if (isSame(await mac(secret, timestamp, body), given)) isGenuine = true;
  }
  if (!isGenuine) return { ok: false, code: "signature_invalid" };
  const age = Math.abs(nowMs / 1000 - Number(timestamp));
  return age > TOLERANCE_SECONDS
    ? { ok: false, code: "signature_expired" }
    : { ok: true, signature };
}
