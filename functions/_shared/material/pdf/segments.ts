// Pieces of text that stand on one line beside each other become segments: a line of a column, a cell of a
// table. A gap wider than a letter ends a segment.

import { collapseWhitespace } from "../../text/normalise.ts";
import { largest, smallest } from "../extremes.ts";
import type { Piece } from "./items.ts";

export interface Segment {
  text: string;
  left: number;
  right: number;
  y: number;
  size: number;
  font: string;
  mono: boolean;
}

/** In parts of the size of the letters. */
const SAME_LINE = 0.4;
const NEW_SEGMENT = 1;
const NEW_WORD = 0.15;

/** Letters by size or font: what most of the text has. */
export function mostOf<T>(parts: { text: string }[], key: (part: number) => T): T | undefined {
  const counts = new Map<T, number>();
  parts.forEach(({ text }, i) => {
    const value = key(i);
    counts.set(value, (counts.get(value) ?? 0) + text.length);
  });
  let most: T | undefined, best = 0;
  for (const [value, count] of counts) if (count > best) [most, best] = [value, count];
  return most;
}

/** Rows from top to bottom; superscripts stand a little higher than their line. */
function rowsOf(pieces: Piece[]): Piece[][] {
  const rows: { y: number; size: number; pieces: Piece[] }[] = [];
  for (const piece of [...pieces].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const row = rows.at(-1);
    const isNear = row &&
      Math.abs(piece.y - row.y) <= SAME_LINE * Math.max(piece.size, row.size);
    if (!row || !isNear) {
      rows.push({ y: piece.y, size: piece.size, pieces: [piece] });
      continue;
    }
    row.pieces.push(piece);
    // The largest letters say where the line is.
    if (piece.size > row.size * 1.05) [row.y, row.size] = [piece.y, piece.size];
  }
  return rows.map((row) => row.pieces);
}

function segmentOf(pieces: Piece[]): Segment | null {
  let text = "", right = Number.NaN;
  const rtl = pieces.filter((piece) => piece.rtl).length * 2 > pieces.length;
  for (const piece of rtl ? [...pieces].reverse() : pieces) {
    const edge = rtl ? piece.x + piece.width : piece.x;
    const gap = rtl ? right - edge : edge - right;
    if (gap > NEW_WORD * piece.size) text += " ";
    text += piece.text;
    right = rtl ? piece.x : piece.x + piece.width;
  }
  // Dots that lead to a page number say nothing.
  const tidy = collapseWhitespace(text.replace(/(?:\s?[.·…]){4,}/g, " … "));
  if (tidy === "") return null;
  const written = pieces.filter((piece) => piece.text.trim() !== "");
  const size = mostOf(written, (i) => written[i]?.size ?? 0) ?? 0;
  const main = written.filter((piece) => piece.size === size);
  return {
    text: tidy,
    left: smallest(written.map(({ x }) => x)),
    right: largest(written.map(({ x, width }) => x + width)),
    y: main[0]?.y ?? 0,
    size,
    font: mostOf(written, (i) => written[i]?.font ?? "") ?? "",
    mono: written.every(({ mono }) => mono),
  };
}

export function segmentsOf(pieces: Piece[]): Segment[] {
  const segments: Segment[] = [];
  for (const row of rowsOf(pieces)) {
    const sorted = row.filter(({ text, width }) => text.trim() !== "" || width > 0)
      .sort((a, b) => a.x - b.x);
    let open: Piece[] = [], right = Number.NEGATIVE_INFINITY;
    const flush = () => {
      const segment = open.length > 0 ? segmentOf(open) : null;
      if (segment) segments.push(segment);
      open = [];
    };
    for (const piece of sorted) {
      if (piece.text.trim() === "") continue;
      if (piece.x - right > NEW_SEGMENT * piece.size) flush();
      open.push(piece);
      right = Math.max(right, piece.x + piece.width);
    }
    flush();
  }
  return segments;
}
