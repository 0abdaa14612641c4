// The text of one page of pdf.js as pieces at their places, read piece by piece so that a page made to be
// endless is noticed before it is in memory.

import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { cleanText } from "../../text/normalise.ts";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";

export interface Piece {
  text: string;
  x: number;
  /** The baseline, from the top. */
  y: number;
  width: number;
  size: number;
  font: string;
  mono: boolean;
  rtl: boolean;
}

export interface PagePieces {
  width: number;
  height: number;
  /** By how the text is turned, the direction with the most text first. */
  directions: Piece[][];
  characters: number;
}

interface Item {
  str: string;
  dir: string;
  width: number;
  transform: number[];
  fontName: string;
}
interface Content {
  items: (Item | { type: string })[];
  styles: Record<string, { fontFamily: string }>;
}

interface FontWidths {
  /** Of a letter, in parts of its size. */
  least: number;
  most: number;
  pieces: number;
  letters: Set<string>;
}

/** Fonts that do not say so may still have letters of one width. */
function markMono(pieces: Piece[]): void {
  const fonts = new Map<string, FontWidths>();
  for (const { text, width, size, font } of pieces) {
    if (text.length < 3 || text.trim() === "") continue;
    const ratio = width / text.length / size;
    const seen = fonts.get(font) ??
      { least: ratio, most: ratio, pieces: 0, letters: new Set<string>() };
    seen.pieces += 1;
    seen.least = Math.min(seen.least, ratio);
    seen.most = Math.max(seen.most, ratio);
    if (seen.letters.size < 40) { for (const letter of text) seen.letters.add(letter); }
    fonts.set(font, seen);
  }
  for (const piece of pieces) {
    const seen = fonts.get(piece.font);
    // Ten digits are of one width in most fonts.
    const isVaried = seen && seen.pieces >= 3 && seen.letters.size >= 12;
    if (isVaried && seen.most - seen.least < 0.02 * seen.most) piece.mono = true;
  }
}

const multiply = (m: number[], n: number[]): number[] => {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = m;
  const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = n;
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
};

/** Pieces of each quarter turn in coordinates in which they run from left to right. */
function place(item: Item, view: number[], [width, height]: [number, number], mono: boolean) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = multiply(view, item.transform);
  const size = Math.hypot(c, d) || Math.hypot(a, b);
  const turn = ((Math.round(Math.atan2(b, a) / (Math.PI / 2)) % 4) + 4) % 4;
  const [x, y] = turn === 0
    ? [e, f]
    : turn === 1
    ? [f, width - e]
    : turn === 2
    ? [width - e, height - f]
    : [height - f, e];
  const text = cleanText(item.str.toWellFormed());
  const rtl = item.dir === "rtl";
  return { turn, piece: { text, x, y, width: item.width, size, font: item.fontName, mono, rtl } };
}

export async function piecesOf(
  page: PDFPageProxy,
  limits: MaterialLimits,
  checkTime: () => void,
): Promise<PagePieces> {
  const { width, height, transform } = page.getViewport({ scale: 1 });
  const turns: Piece[][] = [[], [], [], []];
  const lengths = [0, 0, 0, 0];
  let characters = 0;
  const reader = page.streamTextContent().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      checkTime();
      const { items, styles } = value as Content;
      for (const item of items) {
        if (!("str" in item) || item.str === "") continue;
        characters += item.str.length;
        if (characters > limits.pageCharacters) {
          throw new MaterialError(
            "material_too_complex",
            `page ${page.pageNumber} has more than ${limits.pageCharacters} characters`,
          );
        }
        const mono = styles[item.fontName]?.fontFamily === "monospace";
        const { turn, piece } = place(item, transform, [width, height], mono);
        if (!Number.isFinite(piece.x + piece.y + piece.width + piece.size)) continue;
        turns[turn]?.push(piece);
        lengths[turn] = (lengths[turn] ?? 0) + item.str.trim().length;
      }
    }
  } catch (error) {
    // Without this pdf.js would go on reading the page.
    await reader.cancel(error).catch(() => {});
    throw error;
  }
  for (const pieces of turns) markMono(pieces);
  const directions = [0, 1, 2, 3].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0))
    .map((turn) => turns[turn] ?? []).filter((pieces) => pieces.length > 0);
  return { width, height, directions, characters };
}
