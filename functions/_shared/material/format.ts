// What a file is, by its bytes; its name and declared type have to agree.

import { indexOfAscii, startsWith } from "../text/bytes.ts";
import { sniffMime } from "../text/sniff.ts";
import { looksLikeZip, readZip } from "../text/zip.ts";
import { MaterialError } from "./errors.ts";
import type { MaterialFormat } from "./types.ts";

export interface FileNaming {
  name?: string | null;
  /** The MIME type that somebody declared. */
  type?: string | null;
}

const OPEN_XML = "application/vnd.openxmlformats-officedocument.";
const BY_TYPE: Record<string, MaterialFormat> = {
  "application/pdf": "pdf",
  [`${OPEN_XML}wordprocessingml.document`]: "docx",
  [`${OPEN_XML}presentationml.presentation`]: "pptx",
  "text/markdown": "markdown",
  "text/x-markdown": "markdown",
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/plain": "text",
};
const BY_EXTENSION: Record<string, MaterialFormat> = {
  pdf: "pdf",
  docx: "docx",
  pptx: "pptx",
  md: "markdown",
  markdown: "markdown",
  html: "html",
  htm: "html",
  xhtml: "html",
  txt: "text",
  text: "text",
  png: "image",
  jpg: "image",
  jpeg: "image",
  gif: "image",
  webp: "image",
};
const TEXTS = new Set<MaterialFormat>(["markdown", "html", "text"]);

/** What its name promises, then its type; null when neither says. */
function promised({ name, type }: FileNaming): MaterialFormat | null {
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(name ?? "")?.[1]?.toLowerCase() ?? "";
  const mime = (type ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const byType = mime.startsWith("image/") ? "image" : BY_TYPE[mime] ?? null;
  const byName = BY_EXTENSION[extension] ?? null;
  // Browsers send Markdown as plain text.
  return byName && (byType === null || TEXTS.has(byType) && TEXTS.has(byName)) ? byName : byType;
}

const unsupported = (detail: string) => new MaterialError("material_type_unsupported", detail);
const OLE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

function formatOfZip(bytes: Uint8Array): MaterialFormat {
  const zip = readZip(bytes);
  if (!zip.ok) {
    if (/encrypted/.test(zip.reason)) throw new MaterialError("material_encrypted", zip.reason);
    const code = /too (?:much|many)/.test(zip.reason) ? "material_too_large" : "material_damaged";
    throw new MaterialError(code, zip.reason);
  }
  const names = new Set(zip.entries.map(({ name }) => name.toLowerCase()));
  if (names.has("word/document.xml")) return "docx";
  if (names.has("ppt/presentation.xml")) return "pptx";
  throw unsupported(names.has("xl/workbook.xml") ? "a spreadsheet" : "an archive");
}

/** The format that the bytes show, as far as they show one. */
function shown(bytes: Uint8Array, promise: MaterialFormat | null): MaterialFormat | null {
  // Readers accept the mark anywhere in the first kilobyte; a text may speak of it.
  const marked = indexOfAscii(bytes, "%PDF-", 0, 1024);
  if (marked === 0 || (marked > 0 && promise === "pdf")) return "pdf";
  if (looksLikeZip(bytes)) return formatOfZip(bytes);
  if (startsWith(bytes, OLE)) {
    // Office packs what it encrypts into its old format.
    const isPacked = indexOfAscii(bytes, "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e") >= 0;
    throw isPacked ? new MaterialError("material_encrypted", "Office") : unsupported("old Office");
  }
  const sniffed = sniffMime(bytes);
  if (sniffed === "text/html") return "html";
  if (sniffed?.startsWith("image/") && sniffed !== "image/svg+xml") return "image";
  // Markdown may begin with a drawing.
  if (sniffed?.includes("xml") && promise === "markdown") return null;
  if (sniffed) throw unsupported(sniffed);
  return null;
}

export function detectFormat(bytes: Uint8Array, naming: FileNaming = {}): MaterialFormat {
  if (bytes.length === 0) throw new MaterialError("material_empty", "no bytes");
  const promise = promised(naming);
  const format = shown(bytes, promise);
  if (promise === null) return format ?? "text";
  // Texts look alike: what is called Markdown is Markdown, whatever it begins with.
  const isText = format === null || format === "html";
  if (TEXTS.has(promise) && isText) return promise === "text" && format ? format : promise;
  if (format !== promise) {
    throw new MaterialError("material_type_mismatch", `called ${promise}, is ${format ?? "text"}`);
  }
  return format;
}
