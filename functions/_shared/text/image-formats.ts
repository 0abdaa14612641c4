// Walks the structure of a PNG, JPEG, GIF or WebP from the first byte to the last. It decodes nothing:
// it says how large the picture claims to be, and where the file's own data ends.

import { ascii, startsWith, u16be, u16le, u24le, u32be, u32le } from "./bytes.ts";

export type Structure =
  | { ok: true; width: number; height: number; frames: number; end: number }
  | { ok: false; reason: string };

const fault = (reason: string): Structure => ({ ok: false, reason });
const TRUNCATED = fault("the file is cut off");

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Deflate cannot do better, so fewer bytes cannot hold the picture. */
const MAX_DEFLATE_RATIO = 1032;

export const walkPng = (bytes: Uint8Array): Structure => {
  if (!startsWith(bytes, "IHDR", 12) || u32be(bytes, 8) !== 13) {
    return fault("the PNG has no header");
  }
  const [width, height] = [u32be(bytes, 16), u32be(bytes, 20)];
  const bits = (bytes[24] ?? 0) * (CHANNELS[bytes[25] ?? -1] ?? 0);
  if (!(bits > 0)) return fault("the PNG's header makes no sense");
  let data = 0;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = u32be(bytes, at);
    const end = at + 12 + length;
    if (end > bytes.length) return TRUNCATED;
    const type = ascii(bytes, at + 4, at + 8);
    if (
      !/^[A-Za-z]{4}$/.test(type) ||
      crc32(bytes.subarray(at + 4, end - 4)) !== u32be(bytes, end - 4)
    ) {
      return fault("the PNG is damaged");
    }
    if (type === "IDAT") data += length;
    if (type === "IEND") {
      const raw = (width * height * bits) / 8;
      if (data === 0 || data * MAX_DEFLATE_RATIO < raw) {
        return fault("the PNG cannot hold that many pixels");
      }
      return { ok: true, width, height, frames: 1, end };
    }
    at = end;
  }
  return TRUNCATED;
};

const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The next marker after entropy-coded data, where 0xff00 and restart marks are data. */
const skipScan = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (at + 1 < bytes.length) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at += next === 0xff ? 1 : 2;
  }
  return bytes.length;
};

export const walkJpeg = (bytes: Uint8Array): Structure => {
  let [width, height, hasScan] = [0, 0, false];
  for (let at = 2; at + 2 <= bytes.length;) {
    if (bytes[at] !== 0xff) return fault("the JPEG is damaged");
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) {
      const isWhole = hasScan && width > 0;
      return isWhole
        ? { ok: true, width, height, frames: 1, end: at + 2 }
        : fault("the JPEG has no picture");
    }
    const length = u16be(bytes, at + 2);
    if (!(length >= 2) || at + 2 + length > bytes.length) return TRUNCATED;
    if (isFrameHeader(marker)) {
      [height, width] = [u16be(bytes, at + 5), u16be(bytes, at + 7)];
      if (!(height > 0 && width > 0)) return fault("the JPEG has no size");
    }
    at += 2 + length;
    if (marker === 0xda) {
      hasScan = true;
      at = skipScan(bytes, at);
    }
  }
  return TRUNCATED;
};

const tableSize = (flags: number): number => flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;

/** Position after a chain of sub-blocks, or NaN when it runs out of the file. */
const skipSubBlocks = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return Number.NaN;
    at += 1 + size;
    if (size === 0) return at;
  }
};

export const walkGif = (bytes: Uint8Array): Structure => {
  const [width, height] = [u16le(bytes, 6), u16le(bytes, 8)];
  let at = 13 + tableSize(bytes[10] ?? 0);
  let frames = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x3b) {
      return frames > 0
        ? { ok: true, width, height, frames, end: at + 1 }
        : fault("the GIF has no picture");
    }
    if (kind === 0x2c) {
      frames += 1;
      at = skipSubBlocks(bytes, at + 11 + tableSize(bytes[at + 9] ?? 0));
    } else if (kind === 0x21) {
      at = skipSubBlocks(bytes, at + 2);
    } else {
      return fault("the GIF is damaged");
    }
    if (Number.isNaN(at)) return TRUNCATED;
  }
  return TRUNCATED;
};

const webpSize = (
  bytes: Uint8Array,
  type: string,
  at: number,
): [width: number, height: number] | null => {
  if (type === "VP8X") return [u24le(bytes, at + 12) + 1, u24le(bytes, at + 15) + 1];
  if (type === "VP8L" && bytes[at + 8] === 0x2f) {
    const bits = u32le(bytes, at + 9);
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  }
  if (type === "VP8 " && startsWith(bytes, [0x9d, 0x01, 0x2a], at + 11)) {
    return [u16le(bytes, at + 14) & 0x3fff, u16le(bytes, at + 16) & 0x3fff];
  }
  return null;
};

export const walkWebp = (bytes: Uint8Array): Structure => {
  const end = 8 + u32le(bytes, 4);
  if (!(end <= bytes.length)) return TRUNCATED;
  let size: [number, number] | null = null;
  let frames = 0;
  for (let at = 12; at + 8 <= end;) {
    const type = ascii(bytes, at, at + 4);
    const length = u32le(bytes, at + 4);
    if (at + 8 + length > end) return fault("the WebP is damaged");
    size ??= webpSize(bytes, type, at);
    if (type === "VP8 " || type === "VP8L" || type === "ANMF") frames += 1;
    at += 8 + length + (length % 2);
  }
  if (!size || frames === 0) return fault("the WebP has no picture");
  return { ok: true, width: size[0], height: size[1], frames, end };
};
