// Which lines of a PDF are headings, and of what rank: by the size of their letters against the body's, by the
// file's own table of contents, or by standing alone in another font.

import { foldText } from "../../text/normalise.ts";
import { mostOf } from "./segments.ts";
import type { PdfLine, PdfOutlineItem, PdfPage } from "./types.ts";

const LARGER = 1.12;
const LONGEST = 200;
const MOST_LEVELS = 6;

const half = (size: number): number => Math.round(size * 2) / 2;

export interface HeadingStyle {
  /** Size of most letters. */
  body: number;
  /** Null when it is none. */
  levelOf(line: PdfLine, page: number): number | null;
  /** The rank of a heading that only its font tells. */
  lowest: number;
}

const plain = (text: string): string => foldText(text).replace(/^[\d.\s]+/, "");

export const looksLikeTitle = (text: string): boolean =>
  text.length <= LONGEST && /\p{L}{2}/u.test(text) && !/[,;]$/.test(text);

function outlineLevels(outline: PdfOutlineItem[]): Map<string, PdfOutlineItem[]> {
  const byText = new Map<string, PdfOutlineItem[]>();
  for (const item of outline) {
    const key = plain(item.title);
    if (key === "") continue;
    byText.set(key, [...byText.get(key) ?? [], item]);
  }
  return byText;
}

export function headingStyle(pages: PdfPage[], outline: PdfOutlineItem[]): HeadingStyle {
  const lines = pages.flatMap((page) => page.lines);
  const body = mostOf(lines, (i) => half(lines[i]?.size ?? 0)) ?? 0;
  const isLarge = ({ size, text, cells, mono }: PdfLine) =>
    body > 0 && half(size) >= body * LARGER && !cells && !mono && looksLikeTitle(text);
  const sizes = [...new Set(lines.filter(isLarge).map(({ size }) => half(size)))]
    .sort((a, b) => b - a);
  const levels = new Map(sizes.map((size, i) => [size, Math.min(MOST_LEVELS, i + 1)]));
  const contents = outlineLevels(outline);
  const deepest = Math.max(levels.size, ...outline.map(({ level }) => level), 0);
  return {
    body,
    lowest: Math.min(MOST_LEVELS, deepest + 1),
    levelOf(line, page) {
      const entry = contents.get(plain(line.text))?.find((item) => item.page === page);
      if (entry && !line.cells) return entry.level;
      return isLarge(line) ? levels.get(half(line.size)) ?? null : null;
    },
  };
}
