// What a file is by its bytes, whatever its name and declared type say. Used before anything else looks
// into an uploaded picture: what is not plainly and only a picture is turned away.

import { ascii, indexOfAscii, isPadding, startsWith, u16le, u32le } from "./bytes.ts";
import { type Structure, walkGif, walkJpeg, walkPng, walkWebp } from "./image-formats.ts";

export type ImageMime = "image/png" | "image/jpeg" | "image/webp" | "image/gif";
export type SniffedMime =
  | ImageMime
  | "application/pdf"
  | "application/zip"
  | "image/svg+xml"
  | "text/html"
  | "text/xml";

export interface SniffedImage {
  mime: ImageMime;
  width: number;
  height: number;
}

export type ImageVerdict = { ok: true; image: SniffedImage } | { ok: false; reason: string };

export const MAX_IMAGE_SIDE = 16_384;
export const MAX_IMAGE_PIXELS = 64_000_000;
const MAX_TOTAL_PIXELS = 4 * MAX_IMAGE_PIXELS;

const sniffMarkup = (bytes: Uint8Array): SniffedMime | null => {
  const isUtf16 = startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]);
  const head = ascii(bytes, 0, 2048);
  const text = (isUtf16 ? head.replaceAll("\0", "") : head)
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, "").trimStart().toLowerCase();
  if (!text.startsWith("<")) return null;
  const body = text.replace(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->/g, "").trimStart();
  if (body.startsWith("<svg") || body.startsWith("<!doctype svg")) return "image/svg+xml";
  if (
    /^<(?:!doctype html|html|head|body|script|iframe|img|table|div|p|a|style|title|b|h1|br|form)\b/
      .test(body)
  ) {
    return "text/html";
  }
  return text.startsWith("<?xml") ? "text/xml" : null;
};

/** By the leading bytes alone; null when they are of no kind that is known here. */
export const sniffMime = (bytes: Uint8Array): SniffedMime | null => {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")) return "image/gif";
  if (startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8)) return "image/webp";
  if (startsWith(bytes, "%PDF-")) return "application/pdf";
  if (startsWith(bytes, "PK\u0003\u0004") || startsWith(bytes, "PK\u0005\u0006")) {
    return "application/zip";
  }
  return sniffMarkup(bytes);
};

const WALKERS: Record<ImageMime, (bytes: Uint8Array) => Structure> = {
  "image/png": walkPng,
  "image/jpeg": walkJpeg,
  "image/gif": walkGif,
  "image/webp": walkWebp,
};

const isImageMime = (mime: SniffedMime | null): mime is ImageMime =>
  mime !== null && mime in WALKERS;

/** A ZIP archive is read from its end, so it can hide behind a picture. */
export const hidesZip = (bytes: Uint8Array): boolean => {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 65_557); at -= 1) {
    if (!startsWith(bytes, "PK\u0005\u0006", at)) continue;
    const isLast = at + 22 + u16le(bytes, at + 20) <= bytes.length;
    if (isLast && u32le(bytes, at + 12) + u32le(bytes, at + 16) <= bytes.length) return true;
  }
  return false;
};

// Long enough not to occur by chance in compressed data.
const SCRIPTS = ["<script", "<iframe", "<!doctype", "<?php", "javascript:"];

const hiddenContent = (bytes: Uint8Array): string | null => {
  if (hidesZip(bytes)) return "an archive hides in the picture";
  // Readers of PDF accept its mark anywhere in the first kilobyte.
  if (indexOfAscii(bytes, "%PDF-", 0, 1024) >= 0) return "a PDF hides in the picture";
  if (SCRIPTS.some((mark) => indexOfAscii(bytes, mark) >= 0)) {
    return "a script hides in the picture";
  }
  return null;
};

/** Phones append a short film to a JPEG; nothing else may follow a picture. */
const isAllowedTail = (mime: ImageMime, bytes: Uint8Array, end: number): boolean => {
  if (isPadding(bytes, end)) return true;
  if (mime !== "image/jpeg") return false;
  const isFilm = indexOfAscii(bytes, "ftyp", end, end + 64) >= 0;
  const isPicture = startsWith(bytes, [0xff, 0xd8, 0xff], end);
  return isFilm || isPicture;
};

/** Whether bytes are a whole, plain picture of bearable size, and the reason if not. */
export const inspectImage = (bytes: Uint8Array): ImageVerdict => {
  const refuse = (reason: string): ImageVerdict => ({ ok: false, reason });
  if (bytes.length === 0) return refuse("the file is empty");
  const mime = sniffMime(bytes);
  if (!isImageMime(mime)) return refuse(mime ? `the file is ${mime}` : "the file is not a picture");
  const structure = WALKERS[mime](bytes);
  if (!structure.ok) return refuse(structure.reason);
  const { width, height, frames, end } = structure;
  if (!(width >= 1 && height >= 1)) return refuse("the picture has no size");
  const isHuge = width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE ||
    width * height > MAX_IMAGE_PIXELS;
  if (isHuge || width * height * frames > MAX_TOTAL_PIXELS) {
    return refuse("the picture has too many pixels");
  }
  const hidden = hiddenContent(bytes);
  if (hidden) return refuse(hidden);
  if (!isAllowedTail(mime, bytes, end)) return refuse("something follows the picture's end");
  return { ok: true, image: { mime, width, height } };
};

/** The picture, or null for everything that `inspectImage` refuses. */
export const sniffImage = (bytes: Uint8Array): SniffedImage | null => {
  const verdict = inspectImage(bytes);
  return verdict.ok ? verdict.image : null;
};
