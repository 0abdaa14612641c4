// The file as the worker has to see it: what it is, how many pages it has, and its pages one after the other.
import type { FileType } from "../../functions/_shared/ocr/delivery.ts";
import type { Page } from "../../functions/_shared/timetable/types.ts";
import type { OcrEngine } from "./engine/types.ts";
import { ReadError } from "./errors.ts";
import { type Kind, kindOf } from "./kind.ts";
import { openPdf } from "./pdf/read.ts";
import { MAX_PAGES, readDocument } from "./read.ts";

export const FILE_TYPE: Record<Kind, FileType> = {
  png: "image/png",
  jpeg: "image/jpeg",
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
};

export interface OpenedFile {
  mimeType: FileType;
  pages: number;
  /** Hands on each page as soon as it is read. */
  read(onPage: (page: Page) => Promise<void>): Promise<void>;
}

async function countPdfPages(bytes: Uint8Array): Promise<number> {
  // PDF.js takes the bytes for itself: give it some of its own.
  const pdf = await openPdf(bytes.slice());
  try {
    return pdf.pages;
  } finally {
    await pdf.close();
  }
}

export async function openFile(
  bytes: Uint8Array,
  engine: () => Promise<OcrEngine>,
): Promise<OpenedFile> {
  const kind = kindOf(bytes);
  const mimeType = FILE_TYPE[kind];
  if (kind === "docx") {
    // How many pages a Word file has shows only when it has been read.
    const { pages } = await readDocument(bytes, { engine });
    return {
      mimeType,
      pages: pages.length,
      read: async (onPage) => {
        for (const page of pages) await onPage(page);
      },
    };
  }
  const pages = kind === "pdf" ? await countPdfPages(bytes) : 1;
  if (pages > MAX_PAGES) throw new ReadError("document_too_many_pages");
  return {
    mimeType,
    pages,
    read: async (onPage) => void await readDocument(bytes, { engine, onPage }),
  };
}

/** What read a page: a document may have some with text of their own, and some that are pictures. */
export const engineOf = (page: Page, ocr: string): string =>
  page.source === "text" ? "pdf text layer" : page.source === "docx" ? "docx" : ocr;
