// What an OCR service delivers, checked. The limits are those of a document of twenty pages, with room to spare: whoever
// goes beyond them sends something else.

import { z } from "zod";
import type { Box, Cell, Page, Table, TextLine, Word } from "../timetable/types.ts";

export const MAX_DELIVERY_BYTES = 20 * 1024 * 1024 - 1;
export const MAX_PAGES = 20;

/** Every field of the type has its check, the optional ones too: one that is added and forgotten here does not compile. */
type Shape<T> = { [K in keyof Required<T>]: z.ZodType };

const position = z.number().min(-20_000).max(200_000);
const extent = z.number().min(0).max(200_000);
const share = z.number().min(0).max(1);
const text = z.string().max(4_000);
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/);

const box = z.strictObject(
  { x: position, y: position, width: extent, height: extent } satisfies Shape<Box>,
).meta({ id: "Box" });

const word: z.ZodType<Word> = z.strictObject(
  { text, box, confidence: share } satisfies Shape<Word>,
).meta({ id: "Word" });

const line: z.ZodType<TextLine> = z.strictObject(
  {
    text,
    box,
    confidence: share,
    words: z.array(word).max(1_000),
    rotation: z.literal([0, 90, 180, 270]),
    size: extent,
    isBold: z.boolean().optional(),
    highlight: colour.optional(),
  } satisfies Shape<TextLine>,
).meta({ id: "TextLine" });

const cell: z.ZodType<Cell> = z.strictObject(
  {
    row: z.int().min(0).max(500),
    column: z.int().min(0).max(500),
    rowSpan: z.int().min(1).max(500),
    columnSpan: z.int().min(1).max(500),
    box,
    lines: z.array(line).max(300),
    fill: colour.optional(),
    unread: share.optional(),
  } satisfies Shape<Cell>,
).meta({ id: "Cell" });

const table: z.ZodType<Table> = z.strictObject(
  {
    box,
    rows: z.int().min(1).max(500),
    columns: z.int().min(1).max(500),
    rowEdges: z.array(position).max(501),
    columnEdges: z.array(position).max(501),
    cells: z.array(cell).max(5_000),
    confidence: share,
  } satisfies Shape<Table>,
).meta({ id: "Table" });

export const pageSchema: z.ZodType<Page> = z.strictObject(
  {
    number: z.int().min(1).max(MAX_PAGES),
    width: z.number().min(1).max(100_000),
    height: z.number().min(1).max(100_000),
    tables: z.array(table).max(100),
    lines: z.array(line).max(5_000),
    source: z.enum(["ocr", "text", "docx"]),
  } satisfies Shape<Page>,
).meta({ id: "Page" });

const pages = z.array(pageSchema).min(1).max(MAX_PAGES).refine(
  (all) => new Set(all.map((page) => page.number)).size === all.length,
  "a page is there twice",
);

/** What a reading service answers: the pages, and what read them. */
export const readDocumentSchema = z.strictObject({ engine: z.string().min(1).max(100), pages });

export const FILE_TYPES = [
  "image/png",
  "image/jpeg",
  "application/pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
] as const;
export type FileType = typeof FILE_TYPES[number];

const job = {
  /** The job of the queue, and the token of its lease: both as `core.claim_jobs` gave them. */
  jobId: z.uuid(),
  leaseToken: z.int().min(1),
  documentId: z.uuid(),
};

const file = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mimeType: z.enum(FILE_TYPES),
  size: z.int().min(1).max(20 * 1024 * 1024),
  pages: z.int().min(1).max(MAX_PAGES),
});

export const resultSchema = z.strictObject({
  ...job,
  engine: z.string().min(1).max(100),
  pages,
  file,
}).refine(
  (result) => result.pages.every((page) => page.number <= result.file.pages),
  { message: "a page lies behind the last one", path: ["pages"] },
);

export const failureSchema = z.strictObject({
  ...job,
  error: z.strictObject({
    code: z.string().regex(/^[a-z][a-z0-9_]{2,59}$/),
    message: z.string().min(1).max(500),
  }),
});

export type ReadingResult = z.infer<typeof resultSchema>;
export type ReadingFailure = z.infer<typeof failureSchema>;
export type Delivery = ReadingResult | ReadingFailure;
