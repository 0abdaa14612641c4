// One page of a PDF to lines in reading order, or the word that somebody has to recognise it.

import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { rowText } from "../block-list.ts";
import type { MaterialLimits } from "../limits.ts";
import { readingOrder } from "./columns.ts";
import { piecesOf } from "./items.ts";
import { mostOf, type Segment, segmentsOf } from "./segments.ts";
import { largest } from "../extremes.ts";
import type { PdfLine, PdfPage } from "./types.ts";

/** A page with less text is a picture with a stamp on it, or empty: whoever recognises it will see. */
const FEWEST_LETTERS = 20;

/** Letters without a meaning: a font that does not say which characters its shapes are. */
const isGarbage = (text: string): boolean =>
  (text.match(/[\ufffd\ue000-\uf8ff]/g)?.length ?? 0) > text.length * 0.3;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Segments on one baseline are one line; what looks like a row of a table keeps its cells. */
function linesOf(segments: Segment[], region: number, usual: string | undefined): PdfLine[] {
  const rows: Segment[][] = [];
  for (const segment of segments) {
    const row = rows.at(-1), first = row?.[0];
    const isSame = first &&
      Math.abs(first.y - segment.y) <= 0.4 * Math.max(first.size, segment.size);
    if (row && isSame) row.push(segment);
    else rows.push([segment]);
  }
  return rows.map((row, i) => {
    row.sort((a, b) => a.left - b.left);
    const left = row[0]?.left ?? 0, right = largest(row.map((s) => s.right));
    const isTable = row.length > 1 &&
      ((rows[i - 1]?.length ?? 0) > 1 || (rows[i + 1]?.length ?? 0) > 1);
    const mono = row.every((segment) => segment.mono);
    const cells = row.map(({ text }) => text);
    const size = mostOf(row, (at) => row[at]?.size ?? 0) ?? 0;
    return {
      text: isTable && !mono ? rowText(cells) : cells.join(" "),
      x: round(left),
      y: round(row[0]?.y ?? 0),
      width: round(right - left),
      size: round(size),
      region,
      ...(row.every(({ font }) => font !== usual) ? { odd: true as const } : {}),
      ...(mono ? { mono: true as const } : {}),
      ...(isTable && !mono ? { cells } : {}),
    };
  });
}

export async function readPage(
  document: PDFDocumentProxy,
  number: number,
  limits: MaterialLimits,
  checkTime: () => void,
): Promise<PdfPage> {
  const page = await document.getPage(number);
  try {
    const { width, height, directions } = await piecesOf(page, limits, checkTime);
    const lines: PdfLine[] = [];
    let region = 0;
    for (const pieces of directions) {
      const segments = segmentsOf(pieces);
      const usual = mostOf(segments, (i) => segments[i]?.font);
      for (const stretch of readingOrder(segments)) {
        for (const line of linesOf(stretch, region, usual)) lines.push(line);
        region += 1;
      }
    }
    const text = lines.map((line) => line.text).join("");
    // What is drawn is not looked at: listing it may take a gigabyte.
    const needsOcr = text.length < FEWEST_LETTERS || isGarbage(text);
    const size = { width: round(width), height: round(height) };
    return { page: number, ...size, lines: isGarbage(text) ? [] : lines, needsOcr };
  } finally {
    page.cleanup();
  }
}
