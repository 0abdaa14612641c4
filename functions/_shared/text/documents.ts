// Shared files: is a file by its bytes what its name and declared type say? Documents, tables, slides, texts
// and pictures. Whatever runs something when it is opened is turned away.

import { ascii, indexOfAscii, startsWith } from "./bytes.ts";
import { inspectOffice } from "./office.ts";
import { hidesZip, inspectImage, sniffMime } from "./sniff.ts";
import { looksLikeZip } from "./zip.ts";

export const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;

/** `mime` is what the bytes are, as far as that can be said. */
export type DocumentVerdict = { ok: true; mime: string } | {
  ok: false;
  mime: string;
  reason: string;
};

const UNKNOWN = "application/octet-stream";
const refuse = (mime: string, reason: string): DocumentVerdict => ({ ok: false, mime, reason });

const hexDigit = (byte: number | undefined): number => {
  const digit = byte === undefined ? Number.NaN : Number.parseInt(String.fromCharCode(byte), 16);
  return digit;
};

/** Whether a PDF has one of these names: `/Launch`, also written `/L#61unch`. */
function hasName(bytes: Uint8Array, names: readonly string[]): boolean {
  for (let at = bytes.indexOf(0x2f); at >= 0; at = bytes.indexOf(0x2f, at + 1)) {
    let name = "";
    for (let i = at + 1; i < bytes.length && name.length < 12; i += 1) {
      let byte = bytes[i] ?? 0;
      const coded = hexDigit(bytes[i + 1]) * 16 + hexDigit(bytes[i + 2]);
      if (byte === 0x23 && !Number.isNaN(coded)) {
        byte = coded;
        i += 2;
      }
      const isLetter = byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122;
      if (!isLetter) break;
      name += String.fromCharCode(byte);
    }
    if (names.includes(name)) return true;
  }
  return false;
}

function inspectPdf(bytes: Uint8Array): DocumentVerdict {
  const mime = "application/pdf";
  if (!/^%PDF-[12]\.\d/.test(ascii(bytes, 0, 8))) return refuse(mime, "the PDF has no version");
  // Readers look for its end in the last kilobyte.
  const end = bytes.length - 1024;
  if (indexOfAscii(bytes, "%%EOF", Math.max(0, end)) < 0) return refuse(mime, "the PDF is cut off");
  if (indexOfAscii(bytes, "startxref") < 0) return refuse(mime, "the PDF is damaged");
  if (hidesZip(bytes)) return refuse(mime, "an archive hides in the PDF");
  if (hasName(bytes, ["Encrypt"])) return refuse(mime, "the PDF is encrypted");
  if (hasName(bytes, ["JavaScript", "Launch"])) {
    return refuse(mime, "the PDF runs a script or a program");
  }
  return { ok: true, mime };
}

function inspectText(bytes: Uint8Array): DocumentVerdict {
  const mime = "text/plain";
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(UNKNOWN, "the text is not in UTF-8");
  }
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u0008\u000b\u000e-\u001f\u007f]/.test(text)) {
    return refuse(UNKNOWN, "the file is no text");
  }
  if (text.startsWith("#!")) return refuse("text/x-script", "the file is a script");
  return text.trim() === "" ? refuse(mime, "the file is empty") : { ok: true, mime };
}

const OLE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

async function inspect(bytes: Uint8Array): Promise<DocumentVerdict> {
  if (looksLikeZip(bytes)) return await inspectOffice(bytes);
  if (startsWith(bytes, OLE)) {
    return refuse("application/x-ole-storage", "the document is encrypted, or of an old kind");
  }
  const sniffed = sniffMime(bytes);
  if (sniffed === "application/pdf") return inspectPdf(bytes);
  if (sniffed?.startsWith("image/") && sniffed !== "image/svg+xml") {
    const verdict = inspectImage(bytes);
    return verdict.ok ? { ok: true, mime: verdict.image.mime } : refuse(sniffed, verdict.reason);
  }
  if (sniffed) return refuse(sniffed, `the file is ${sniffed}`);
  return inspectText(bytes);
}

/** Whether the bytes are what they were declared as, whole and harmless, and the reason if not. */
export async function inspectDocument(
  bytes: Uint8Array,
  declared: string,
): Promise<DocumentVerdict> {
  if (bytes.length === 0) return refuse(UNKNOWN, "the file is empty");
  if (bytes.length > MAX_DOCUMENT_BYTES) return refuse(UNKNOWN, "the file is too large");
  const verdict = await inspect(bytes);
  if (!verdict.ok) return verdict;
  // Texts look alike: what is declared as one is one.
  const isText = verdict.mime === "text/plain" && declared.startsWith("text/");
  if (!isText && verdict.mime !== declared) {
    return refuse(verdict.mime, `the file is called ${declared} but is ${verdict.mime}`);
  }
  return { ok: true, mime: isText ? declared : verdict.mime };
}
