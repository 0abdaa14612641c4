// Some pages of a PDF at a time, so that a job can keep what it has and go on where it stopped. A page's
// lines do not depend on which others are read with it.

import { startClock, withDefaults } from "../limits.ts";
import { infoOf, openPdf, orRefuse, type PdfOptions } from "./open.ts";
import { readPage } from "./page.ts";
import type { PdfInfo, PdfPage } from "./types.ts";

export interface PdfRange {
  info: PdfInfo;
  pages: PdfPage[];
}

/** After so many pages pdf.js forgets fonts and the like. */
const CLEAN_EVERY = 20;

/** Opens the file once and hands out its pages. Close it. */
export async function openPdfReader(
  bytes: Uint8Array,
  options: PdfOptions = {},
) {
  const limits = withDefaults(options.limits);
  const { document, close } = await openPdf(bytes, options);
  let read = 0;
  return {
    pageCount: document.numPages,
    info: () => infoOf(document),
    async page(number: number, checkTime = startClock(limits.milliseconds)): Promise<PdfPage> {
      const page = await orRefuse(readPage(document, number, limits, checkTime));
      read += 1;
      if (read % CLEAN_EVERY === 0) await document.cleanup();
      // pdf.js waits for nothing but itself: here others get their turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      return page;
    },
    close,
  };
}

/** Pages `from` to `to`, both included, as far as there are such. */
export async function parsePdfPages(
  bytes: Uint8Array,
  from: number,
  to: number,
  options: PdfOptions = {},
): Promise<PdfRange> {
  const checkTime = startClock(withDefaults(options.limits).milliseconds);
  const reader = await openPdfReader(bytes, options);
  try {
    const pages: PdfPage[] = [];
    for (let at = Math.max(1, from); at <= Math.min(to, reader.pageCount); at += 1) {
      checkTime();
      pages.push(await reader.page(at, checkTime));
    }
    return { info: await reader.info(), pages };
  } finally {
    await reader.close();
  }
}
