// The first stage: a file becomes parts that the database keeps, so that whoever takes over goes on after the
// last of them. A PDF is read some pages at a time; everything else is one part.

import {
  assemble,
  assemblePdf,
  type Material,
  MaterialError,
  openPdfReader,
  parseBlocks,
  type Parsed,
  type PdfInfo,
  type PdfPage,
} from "../../_shared/material/index.ts";
import type { Job } from "../../_shared/jobs/types.ts";
import { sha256Hex } from "../../_shared/text/hash.ts";
import type { Part, StudyStore, Work } from "./store.ts";

const PAGES_AT_ONCE = 10;
/** Percent of the whole when all pages are there. */
const PARSED = 45;

/** What a run has time for. */
export interface Clock {
  isOver(): boolean;
  signal: AbortSignal;
}

export type Reading = "read" | "more" | "over" | "waits";

const part = (partNo: number, page: number | null, content: unknown, needsOcr: boolean): Part => ({
  part_no: partNo,
  page_number: page,
  blocks: [content],
  status: needsOcr ? "needs_ocr" : "read",
});

/** Part 0 of a PDF is what the file says of itself; part n is page n. */
async function readPdf(
  store: StudyStore,
  job: Job,
  work: Work,
  bytes: Uint8Array,
  sha256: string,
  clock: Clock,
): Promise<Reading> {
  // Whether it is a bomb was looked at when it came.
  const reader = await openPdfReader(bytes, { inspect: work.parts_done === 0 });
  try {
    const { pageCount } = reader;
    const facts = { sha256, pageCount };
    let parts: Part[] = [];
    if (work.parts_done === 0) parts.push(part(0, null, await reader.info(), false));
    let at = Math.max(1, work.parts_done);
    while (at <= pageCount) {
      clock.signal.throwIfAborted();
      const page = await reader.page(at);
      parts.push(part(at, at, page, page.needsOcr));
      at += 1;
      if (parts.length < PAGES_AT_ONCE && at <= pageCount && !clock.isOver()) continue;
      if (!await store.putParts(job, parts, 2 + (PARSED - 2) * at / pageCount, facts)) {
        return "over";
      }
      parts = [];
      if (at <= pageCount && clock.isOver()) return "more";
    }
    return "read";
  } finally {
    await reader.close();
  }
}

/** All its parts are there. */
export const isRead = ({ file_type, parts_done, page_count }: Work): boolean =>
  parts_done > 0 && (file_type !== "pdf" || parts_done > (page_count ?? 0));

/** Reads on, and hands pages that are pictures to the OCR worker. */
export async function readMaterial(
  store: StudyStore,
  job: Job,
  work: Work,
  clock: Clock,
): Promise<Reading> {
  if (!isRead(work)) {
    const bytes = await store.download(work.bucket_id, work.path);
    if (!bytes) throw new MaterialError("material_empty", "the file is gone");
    const sha256 = await sha256Hex(bytes);
    // What its bytes say counts; the name says only what its owner thinks.
    const naming = { name: `file.${extensionOf(work)}` };
    if (work.file_type === "pdf") {
      if (!startsAsPdf(bytes)) throw new MaterialError("material_type_mismatch", "no PDF");
      const reading = await readPdf(store, job, work, bytes, sha256, clock);
      if (reading !== "read") return reading;
    } else {
      const parsed = await parseBlocks(bytes, naming);
      const needsOcr = parsed.needsOcr.length > 0 && parsed.blocks.length === 0;
      const page = needsOcr ? 1 : null;
      const facts = { sha256, pageCount: parsed.pageCount };
      if (!await store.putParts(job, [part(0, page, parsed, needsOcr)], PARSED, facts)) {
        return "over";
      }
    }
  }
  const parts = await store.readParts(job);
  if (!parts.some(({ status }) => status === "needs_ocr")) return "read";
  const asked = await store.requestOcr(job);
  if (!asked.proceed) return "over";
  return asked.waits ? "waits" : "read";
}

const startsAsPdf = (bytes: Uint8Array): boolean =>
  new TextDecoder("latin1").decode(bytes.subarray(0, 1024)).includes("%PDF-");

const EXTENSIONS: Record<string, string> = { markdown: "md", text: "txt", image: "png" };
const extensionOf = ({ file_type, file_name }: Work): string =>
  file_type === "image" && /\.jpe?g$/i.test(file_name) ? "jpg" : EXTENSIONS[file_type] ?? file_type;

/** All parts together: one text with its blocks. */
export function assembleParts(parts: Part[], work: Work): Material {
  const naming = { name: work.file_name };
  const left = parts.filter(({ status }) => status === "unreadable").length;
  const all = parts.flatMap(({ blocks }) => blocks);
  let parsed: Parsed;
  if (work.file_type === "pdf" || work.file_type === "image") {
    const pages = all.filter((value): value is PdfPage => isPage(value));
    const info = all.find((value): value is PdfInfo => isInfo(value)) ??
      { pageCount: 1, title: null, language: null, outline: [] };
    const read = pages.map((page) => ({ ...page, needsOcr: false }));
    parsed = assemblePdf(info, read, {}, work.file_type);
  } else {
    parsed = all[0] as Parsed;
  }
  if (parsed.blocks.length === 0 && (left > 0 || parsed.needsOcr.length > 0)) throw new NeedsOcr();
  return assemble({ ...parsed, needsOcr: [] }, naming);
}

/** There is nothing but pictures in it, and nobody to recognise them. */
export class NeedsOcr extends Error {
  override readonly name = "NeedsOcr";
  readonly code = "material_needs_ocr";
  constructor() {
    super("The file holds only pictures, and no OCR worker could read them.");
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isPage = (value: unknown): value is PdfPage => isRecord(value) && Array.isArray(value.lines);
const isInfo = (value: unknown): value is PdfInfo =>
  isRecord(value) && Array.isArray(value.outline);
