// Bytes to text: what is plainly UTF-8, UTF-16 or Latin is decoded, all else is refused.

import { ascii, indexOfAscii, startsWith } from "../text/bytes.ts";
import { MaterialError } from "./errors.ts";

const notText = (detail: string) => new MaterialError("material_not_text", detail);

function decode(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** UTF-16 without a mark: every second byte of Latin letters is zero. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (bytes.length % 2 !== 0 || bytes.length < 4) return null;
  const sample = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros, half = sample.length / 2;
  if (odd > half * 0.4 && even === 0) return "utf-16le";
  return even > half * 0.4 && odd === 0 ? "utf-16be" : null;
}

/** Letters with accents among many without: Western European text of the time before UTF-8. */
function isLatin(bytes: Uint8Array): boolean {
  let high = 0, letters = 0;
  for (const byte of bytes) {
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) return false;
    // Not in use in Windows-1252.
    if (byte === 0x81 || byte === 0x8d || byte === 0x8f || byte === 0x90 || byte === 0x9d) {
      return false;
    }
    if (byte >= 128) high += 1;
    else if ((byte | 32) >= 97 && (byte | 32) <= 122) letters += 1;
  }
  return high < letters * 0.3;
}

/** What a web page says of itself in its first kilobyte. */
function declaredIn(bytes: Uint8Array): string | null {
  if (indexOfAscii(bytes, "<meta", 0, 2048) < 0) return null;
  const found = /charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,30})/i.exec(ascii(bytes, 0, 2048));
  return found?.[1] ?? null;
}

function decodeDeclared(bytes: Uint8Array): string | null {
  const label = declaredIn(bytes);
  try {
    return label ? decode(bytes, label) : null;
  } catch {
    return null;
  }
}

function decodeAny(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff])) {
    throw notText("UTF-32");
  }
  const isMarked = startsWith(bytes, [0xff, 0xfe])
    ? "utf-16le"
    : startsWith(bytes, [0xfe, 0xff])
    ? "utf-16be"
    : null;
  const utf16 = isMarked ?? utf16Of(bytes);
  const text = utf16 ? decode(bytes, utf16) : decode(bytes, "utf-8") ?? decodeDeclared(bytes);
  if (text !== null) return text;
  if (!utf16 && isLatin(bytes)) return decode(bytes, "windows-1252") ?? "";
  throw notText(utf16 ? "broken UTF-16" : "unknown encoding");
}

/** One control character in a thousand is an accident; more are a program or a picture. */
const MOST_CONTROLS = 0.001;

export function decodeText(bytes: Uint8Array): string {
  const text = decodeAny(bytes);
  let controls = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 9 || (code > 13 && code < 32) || code === 127) controls += 1;
  }
  if (controls > text.length * MOST_CONTROLS) throw notText("control characters");
  if (text.startsWith("#!") && /^#!\s*\//.test(text)) throw notText("a script");
  return text;
}
