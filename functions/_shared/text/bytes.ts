// Reading numbers and marks out of bytes; past the end they are NaN or absent, never an exception.

export const startsWith = (
  bytes: Uint8Array,
  mark: string | readonly number[],
  at = 0,
): boolean => {
  for (let i = 0; i < mark.length; i += 1) {
    const expected = typeof mark === "string" ? mark.charCodeAt(i) : mark[i];
    if (bytes[at + i] !== expected) return false;
  }
  return true;
};

const read = (bytes: Uint8Array, order: readonly number[]): number => {
  let value = 0;
  for (const at of order) value = value * 256 + (bytes[at] ?? Number.NaN);
  return value;
};

export const u16be = (bytes: Uint8Array, at: number): number => read(bytes, [at, at + 1]);
export const u16le = (bytes: Uint8Array, at: number): number => read(bytes, [at + 1, at]);
export const u24le = (bytes: Uint8Array, at: number): number => read(bytes, [at + 2, at + 1, at]);
export const u32be = (bytes: Uint8Array, at: number): number =>
  read(bytes, [at, at + 1, at + 2, at + 3]);
export const u32le = (bytes: Uint8Array, at: number): number =>
  read(bytes, [at + 3, at + 2, at + 1, at]);

export const ascii = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (const byte of bytes.subarray(Math.max(0, from), to)) text += String.fromCharCode(byte);
  return text;
};

/** Position of an ASCII mark (letters in any case), or -1. */
export const indexOfAscii = (
  bytes: Uint8Array,
  mark: string,
  from = 0,
  to = bytes.length,
): number => {
  const codes = Array.from(mark.toLowerCase(), (letter) => letter.charCodeAt(0));
  const first = codes[0] ?? 0;
  const lower = (byte: number) => byte >= 65 && byte <= 90 ? byte + 32 : byte;
  const last = Math.min(to, bytes.length) - codes.length;
  for (let i = Math.max(0, from); i <= last; i += 1) {
    if (lower(bytes[i] ?? 0) !== first) continue;
    if (codes.every((code, offset) => lower(bytes[i + offset] ?? 0) === code)) return i;
  }
  return -1;
};

/** Whether only zero bytes are left from here on: padding, not content. */
export const isPadding = (bytes: Uint8Array, from: number): boolean =>
  bytes.subarray(from).every((byte) => byte === 0);
