// Opens a PDF with pdf.js, without a canvas, a worker thread or files beside it: so it runs in an edge
// function too. Pictures are never decoded and nothing in the file is run.

import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { indexOfAscii } from "../../text/bytes.ts";
import { collapseWhitespace } from "../../text/normalise.ts";
import { tidyText } from "../block-list.ts";
import { MaterialError } from "../errors.ts";
import { type SomeLimits, withDefaults } from "../limits.ts";
import { refuseBombs } from "./bombs.ts";
import { loadPdfJs } from "./library.ts";
import type { PdfInfo } from "./types.ts";

export interface OpenPdf {
  document: PDFDocumentProxy;
  close(): Promise<void>;
}

export interface PdfOptions {
  limits?: SomeLimits;
  /** Folder of pdf.js with "cmaps" and "standard_fonts"; without it, some Chinese and Japanese files have no text. */
  assetsUrl?: string;
  /** Looks for bombs first. A job that goes on with a file that it has looked at may leave it out. */
  inspect?: boolean;
}

function refusal(error: unknown): MaterialError {
  const { name, message } = error as Error;
  return new MaterialError(
    name === "PasswordException" ? "material_encrypted" : "material_damaged",
    `${name}: ${message}`.slice(0, 200),
    { cause: error },
  );
}

/** Whatever pdf.js throws is about the file. */
export async function orRefuse<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof MaterialError ? error : refusal(error);
  }
}

export async function openPdf(
  bytes: Uint8Array,
  { limits: some, assetsUrl, inspect = true }: PdfOptions = {},
): Promise<OpenPdf> {
  const limits = withDefaults(some);
  if (bytes.length > limits.bytes) {
    throw new MaterialError("material_too_large", `more than ${limits.bytes} bytes`);
  }
  // Readers look for the mark in the first kilobyte.
  if (indexOfAscii(bytes, "%PDF-", 0, 1024) < 0) throw new MaterialError("material_damaged");
  if (inspect) refuseBombs(bytes, limits);
  const { getDocument } = await loadPdfJs();
  const task = getDocument({
    // pdf.js takes the buffer away from its owner.
    data: bytes.slice(),
    ...(assetsUrl
      ? {
        cMapUrl: `${assetsUrl}/cmaps/`,
        cMapPacked: true,
        standardFontDataUrl: `${assetsUrl}/standard_fonts/`,
      }
      : {}),
    useWorkerFetch: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    // No picture is as small as that: none is decoded.
    maxImageSize: 0,
    disableFontFace: true,
    fontExtraProperties: false,
    enableXfa: false,
    verbosity: 0,
  });
  const document = await orRefuse(task.promise).catch(async (error: unknown) => {
    await task.destroy();
    throw error;
  });
  const close = () => task.destroy();
  if (document.numPages > limits.pages) {
    await close();
    throw new MaterialError("material_too_complex", `${document.numPages} pages`);
  }
  return { document, close };
}

type OutlineNodes = Awaited<ReturnType<PDFDocumentProxy["getOutline"]>>;
const MOST_ENTRIES = 2000;

async function pageOf(document: PDFDocumentProxy, dest: unknown): Promise<number | null> {
  try {
    const explicit = typeof dest === "string" ? await document.getDestination(dest) : dest;
    const target: unknown = Array.isArray(explicit) ? explicit[0] : null;
    if (typeof target === "number") return target + 1;
    if (typeof target !== "object" || target === null) return null;
    return await document.getPageIndex(target as { num: number; gen: number }) + 1;
  } catch {
    return null;
  }
}

/** Title, language and table of contents; what is wrong with them only leaves them out. */
export async function infoOf(document: PDFDocumentProxy): Promise<PdfInfo> {
  const info: PdfInfo = {
    pageCount: document.numPages,
    title: null,
    language: null,
    outline: [],
  };
  try {
    const metadata = await document.getMetadata();
    const { Title, Language } = metadata.info as { Title?: unknown; Language?: unknown };
    if (typeof Title === "string") info.title = collapseWhitespace(tidyText(Title)) || null;
    if (typeof Language === "string") info.language = Language;
  } catch {
    // A title is a convenience.
  }
  const add = async (nodes: OutlineNodes, level: number): Promise<void> => {
    for (const node of nodes ?? []) {
      if (info.outline.length >= MOST_ENTRIES || level > 6) return;
      const title = collapseWhitespace(tidyText(node.title));
      if (title) info.outline.push({ title, level, page: await pageOf(document, node.dest) });
      await add(node.items as OutlineNodes, level + 1);
    }
  };
  await document.getOutline().then((nodes) => add(nodes, 1)).catch(() => {
    info.outline = [];
  });
  return info;
}
