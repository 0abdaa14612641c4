// Questions to and from files of other programs: CSV, Moodle GIFT, QTI 2.1.

import { looksLikeZip } from "../text/zip.ts";
import { readCsv } from "./csv-read.ts";
import { writeCsv } from "./csv-write.ts";
import { readGift } from "./gift-read.ts";
import { writeGift } from "./gift-write.ts";
import { readQtiItem } from "./qti-item-read.ts";
import { writeQtiItem } from "./qti-item-write.ts";
import { readQtiPackage, writeQtiPackage } from "./qti-package.ts";
import { decodeUtf8 } from "./text.ts";
import { type QuestionItem, Reading, type ReadQuestions } from "./types.ts";

export const READ_FORMATS = ["csv", "gift", "qti"] as const;
export type ReadFormat = (typeof READ_FORMATS)[number];
/** qti: a package. qti-item: the XML of one question. */
export const WRITE_FORMATS = ["csv", "gift", "qti", "qti-item"] as const;
export type WriteFormat = (typeof WRITE_FORMATS)[number];

/** Null: the file is no text in UTF-8. */
export async function readQuestions(
  format: ReadFormat,
  bytes: Uint8Array,
): Promise<ReadQuestions | null> {
  if (format === "qti" && looksLikeZip(bytes)) return await readQtiPackage(bytes);
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  if (format === "csv") return readCsv(text);
  if (format === "gift") return readGift(text);
  const reading = new Reading();
  readQtiItem(text, reading);
  return reading;
}

export interface WrittenFile {
  contentType: string;
  extension: string;
  body: Uint8Array<ArrayBuffer>;
}

const text = (content: string, contentType: string, extension: string): WrittenFile => ({
  contentType: `${contentType}; charset=utf-8`,
  extension,
  body: new TextEncoder().encode(content),
});

export function writeQuestions(format: WriteFormat, items: QuestionItem[]): WrittenFile {
  const [first] = items;
  if (format === "csv") return text(writeCsv(items), "text/csv", "csv");
  if (format === "gift") return text(writeGift(items), "text/plain", "gift.txt");
  if (format === "qti-item" && first) {
    return text(writeQtiItem(first, `question-${first.id ?? 1}`), "application/xml", "xml");
  }
  return { contentType: "application/zip", extension: "zip", body: writeQtiPackage(items) };
}

export type { Note, Place, QuestionItem, ReadQuestions } from "./types.ts";
export { itemSchema, MAX_ITEMS } from "./types.ts";
