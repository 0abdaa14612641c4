// Pages that somebody recognised, in the shape of pages that were read: put in place of those without text.

import { tidyText } from "../block-list.ts";
import { readingOrder } from "./columns.ts";
import type { Segment } from "./segments.ts";
import type { PdfLine, PdfPage } from "./types.ts";

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What the OCR worker delivers of a page, as far as it is needed here. */
export interface RecognisedPage {
  number: number;
  width: number;
  height: number;
  lines: { text: string; box: Box; size: number }[];
  tables?: { box: Box; cells: { row: number; column: number; lines: { text: string }[] }[] }[];
}

/** Points of an A4 page's long side: recognised pages are measured in pixels. */
const LONG_SIDE = 842;
/** Letters are measured roughly: what is nearly as large as the others is as large. */
const ROUGH = 0.25;

interface Entry extends Segment {
  cells?: string[];
}

function rowsOf({ box, cells }: NonNullable<RecognisedPage["tables"]>[number]): Entry[] {
  const rows = new Map<number, string[]>();
  for (
    const { row, column, lines } of [...cells].sort((a, b) => a.row - b.row || a.column - b.column)
  ) {
    const texts = rows.get(row) ?? [];
    if (column < 500) texts.push(lines.map(({ text }) => text).join(" "));
    rows.set(row, texts);
  }
  const height = box.height / Math.max(1, rows.size);
  return [...rows].map(([, texts], i) => ({
    text: texts.map(tidyText).join(" | "),
    left: box.x,
    right: box.x + box.width,
    y: box.y + (i + 0.7) * height,
    size: 0,
    font: "",
    mono: false,
    cells: texts,
  }));
}

export function pageOfRecognised(page: RecognisedPage): PdfPage {
  const scale = LONG_SIDE / Math.max(1, page.width, page.height);
  const sizes = page.lines.map(({ size }) => size).sort((a, b) => a - b);
  const usual = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const entries: Entry[] = page.lines.map(({ text, box, size }) => ({
    text: tidyText(text),
    left: box.x,
    right: box.x + box.width,
    y: box.y + box.height * 0.8,
    size: Math.abs(size - usual) <= usual * ROUGH ? usual : size,
    font: "",
    mono: false,
  }));
  for (const table of page.tables ?? []) {
    entries.push(...rowsOf(table).map((row) => ({ ...row, size: usual })));
  }
  const scaled = (value: number) => Math.round(value * scale * 10) / 10;
  const stretches = readingOrder(entries.filter(({ text }) => /[^\s|]/.test(text))) as Entry[][];
  const lines = stretches.flatMap((stretch, region) =>
    stretch.map((entry): PdfLine => ({
      text: entry.text,
      x: scaled(entry.left),
      y: scaled(entry.y),
      width: scaled(entry.right - entry.left),
      size: scaled(entry.size),
      region,
      ...(entry.cells ? { cells: entry.cells } : {}),
    }))
  );
  const size = { width: scaled(page.width), height: scaled(page.height) };
  return { page: page.number, ...size, lines, needsOcr: false };
}
