// What the sandbox knows stands in the ids that it gives out, signed: it keeps nothing. Who has such an id may act on it,
// as who has the address of a checkout may pay there.

import type { Money } from "./types.ts";

export interface LocalCheckout extends Money {
  checkoutId: string;
  paymentId: string;
  bookingId: string;
  expiresAt: Date;
}

const encoder = new TextEncoder();

const hexOf = (uuid: string): string => uuid.replaceAll("-", "");
export const uuidOf = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

async function sign(secret: string, text: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(`ids:${secret}`),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Takes as long for a wrong first letter as for a wrong last one. */
const isSame = (a: string, b: string): boolean => {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
};

async function opened(secret: string, id: string): Promise<string | null> {
  const at = id.lastIndexOf("_");
  const text = id.slice(0, at);
  return isSame(await sign(secret, text), id.slice(at + 1)) ? text : null;
}

export async function checkoutId(
  secret: string,
  checkout: Omit<LocalCheckout, "checkoutId">,
): Promise<string> {
  const text = [
    "cs_local",
    hexOf(checkout.paymentId),
    hexOf(checkout.bookingId),
    checkout.amountMinor,
    checkout.currency,
    Math.floor(checkout.expiresAt.getTime() / 1000),
  ].join("_");
  return `${text}_${await sign(secret, text)}`;
}

const CHECKOUT = /^cs_local_([0-9a-f]{32})_([0-9a-f]{32})_(\d{1,15})_([A-Z]{3})_(\d{1,12})$/;

/** Null: not one of ours. */
export async function readCheckoutId(secret: string, id: string): Promise<LocalCheckout | null> {
  const [, payment, booking, amount, currency, expires] =
    CHECKOUT.exec(await opened(secret, id) ?? "") ?? [];
  if (!payment || !booking || !currency) return null;
  return {
    checkoutId: id,
    paymentId: uuidOf(payment),
    bookingId: uuidOf(booking),
    amountMinor: Number(amount),
    currency,
    expiresAt: new Date(Number(expires) * 1000),
  };
}

export const accountIdOf = (tutorId: string): string => `acct_local_${hexOf(tutorId)}`;
export const paymentIntentOf = (paymentId: string): string => `pi_local_${hexOf(paymentId)}`;

/** The address on which a tutor goes on with his account, for a time. */
export async function linkOf(secret: string, accountId: string, expiresAt: Date): Promise<string> {
  const text = `${accountId}_${Math.floor(expiresAt.getTime() / 1000)}`;
  return `${text}_${await sign(secret, text)}`;
}

export async function readLink(
  secret: string,
  link: string,
): Promise<{ accountId: string; expiresAt: Date } | null> {
  const [, accountId, expires] =
    /^(acct_local_[0-9a-f]{32})_(\d{1,12})$/.exec(await opened(secret, link) ?? "") ?? [];
  if (!accountId) return null;
  return { accountId, expiresAt: new Date(Number(expires) * 1000) };
}
