// Lines of a PDF to blocks: where a paragraph begins is told by space, indentation, size and the line before.

import { BlockList, tidyText } from "../block-list.ts";
import type { MaterialLimits } from "../limits.ts";
import type { BlockKind, PageBreak } from "../types.ts";
import { type HeadingStyle, looksLikeTitle } from "./headings.ts";
import { joinLines } from "./hyphens.ts";
import { largest } from "../extremes.ts";
import type { PdfLine, PdfPage } from "./types.ts";

const BULLET = /^(?:[•●▪◦‣■□–*·]|-(?=\s)|\(?\d{1,2}[.)](?=\s)|\(?[a-z]\)(?=\s))\s*/u;
const SIGN = /^[•●▪◦‣■□–*·-]\s*/u;
const CAPTION =
  /^(?:figure|fig\.|table|abbildung|abb\.|tabelle|tab\.|tableau|figura|tabla|cuadro)\s*\d/i;
const ENDS = /[.!?:…]["'”’»)\]]*$/;

interface Open {
  kind: BlockKind;
  level?: number;
  /** Its lines, with what stands between them. */
  parts: string[];
  length: number;
  page: number;
  breaks: PageBreak[];
  last: PdfLine;
  lastPage: number;
  left: number;
  right: number;
}

/** Where lines of one stretch of a page begin and end, and how far they are apart. */
interface Measure {
  right: number;
  leading: number;
}

function measure(lines: PdfLine[]): Measure {
  const gaps = lines.slice(1).map((line, i) => line.y - (lines[i]?.y ?? 0))
    .filter((gap) => gap > 0).sort((a, b) => a - b);
  return {
    right: largest(lines.map(({ x, width }) => x + width)),
    // The narrower third: gaps between paragraphs are wider than those within.
    leading: gaps[Math.floor(gaps.length / 3)] ?? 0,
  };
}

const measuresOf = (page: PdfPage): Map<number, Measure> => {
  const regions = new Map<number, PdfLine[]>();
  for (const line of page.lines) {
    regions.set(line.region, [...regions.get(line.region) ?? [], line]);
  }
  return new Map([...regions].map(([region, lines]) => [region, measure(lines)]));
};

/** Whether a line goes on with a paragraph that another column or page began. */
const continues = (open: Open, line: PdfLine): boolean =>
  !ENDS.test(open.last.text) &&
  (/^\p{Ll}/u.test(line.text) || /\p{L}[-‐,]$/u.test(open.last.text));

function belongs(open: Open, line: PdfLine, page: number, measures: Measure): boolean {
  const { last } = open;
  const isSameSize = Math.abs(last.size - line.size) <= 0.08 * last.size;
  if (page !== open.lastPage || last.region !== line.region) {
    return isSameSize && open.kind !== "heading" && continues(open, line);
  }
  const gap = line.y - last.y;
  const usual = Math.max(measures.leading, line.size * 0.9);
  if (!isSameSize || gap <= 0 || gap > usual * 1.35) return false;
  if (open.kind === "list_item") return line.x >= open.left - 1;
  if (open.kind === "heading") return true;
  const isIndented = line.x > last.x + line.size * 0.8 && last.x <= open.left + 1;
  const isShort = last.x + last.width < measures.right - (measures.right - last.x) * 0.15;
  // The first line may be indented, those below it then stand to its left.
  return !isIndented && !(isShort && ENDS.test(last.text) && /^\p{Lu}|^\d/u.test(line.text));
}

export function blocksOfPages(
  pages: PdfPage[],
  style: HeadingStyle,
  vocabulary: ReadonlyMap<string, number>,
  limits: MaterialLimits,
) {
  const list = new BlockList(limits);
  let open: Open | null = null;
  const flush = () => {
    if (open) list.add({ ...open, text: open.parts.join("") });
    open = null;
  };
  for (const page of pages) {
    const measures = measuresOf(page);
    page.lines.forEach((line, i) => {
      const text = tidyText(line.text);
      if (text === "") return;
      const own = measures.get(line.region) ?? { right: 0, leading: 0 };
      const next = page.lines[i + 1], before = page.lines[i - 1];
      const level = style.levelOf(line, page.page) ?? oddLevel(line, before, next, own, style);
      const kind: BlockKind = line.cells
        ? "table_row"
        : line.mono
        ? "code"
        : level !== null
        ? "heading"
        : CAPTION.test(text)
        ? "caption"
        : BULLET.test(text)
        ? "list_item"
        : "paragraph";
      const isStart = kind === "table_row" || kind === "caption" || kind === "list_item" || !open ||
        (kind === "heading" && (open.kind !== "heading" || open.level !== level)) ||
        (kind === "paragraph" && ["heading", "table_row", "code"].includes(open.kind)) ||
        (kind === "code") !== (open.kind === "code");
      if (!isStart && open && (kind === "code" || belongs(open, line, page.page, own))) {
        extend(open, text, line, page.page, vocabulary);
        return;
      }
      flush();
      const first = kind === "list_item" ? text.replace(SIGN, "") : text;
      open = {
        kind,
        ...(level !== null ? { level } : kind === "list_item" ? { level: 1 } : {}),
        parts: [first],
        length: first.length,
        page: page.page,
        breaks: [],
        last: line,
        lastPage: page.page,
        left: line.x,
        right: line.x + line.width,
      };
    });
  }
  flush();
  return list.blocks;
}

function extend(
  open: Open,
  text: string,
  line: PdfLine,
  page: number,
  vocabulary: ReadonlyMap<string, number>,
): void {
  const isCode = open.kind === "code";
  const indent = isCode ? Math.max(0, Math.round((line.x - open.left) / (line.size * 0.6))) : 0;
  const last = open.parts.at(-1) ?? "";
  const [before, between] = isCode
    ? [last, `\n${" ".repeat(Math.min(indent, 80))}`]
    : joinLines(last, text, vocabulary);
  open.parts[open.parts.length - 1] = before;
  open.parts.push(between, text);
  open.length += before.length - last.length + between.length;
  if (page !== open.lastPage) open.breaks.push({ at: open.length, page });
  open.length += text.length;
  open.last = line;
  open.lastPage = page;
  open.left = Math.min(open.left, line.x);
}

/** A line of its own, in another font than the text below it: the lowest rank of heading. */
function oddLevel(
  line: PdfLine,
  before: PdfLine | undefined,
  next: PdfLine | undefined,
  { right, leading }: Measure,
  style: HeadingStyle,
): number | null {
  if (!line.odd || line.mono || line.cells || !next || next.odd || next.cells) return null;
  if (next.region !== line.region || Math.abs(line.size - style.body) > style.body * 0.12) {
    return null;
  }
  const isAlone = !before || before.region !== line.region ||
    line.y - before.y > Math.max(leading, line.size) * 1.3;
  const isShort = line.x + line.width < right * 0.9 && line.text.length <= 100;
  const isTitle = looksLikeTitle(line.text) && /^[\p{Lu}\d]/u.test(line.text) &&
    !/[.:?!]$/.test(line.text) && /\p{L}{4}/u.test(line.text) && !CAPTION.test(line.text) &&
    !BULLET.test(line.text);
  return isAlone && isShort && isTitle ? style.lowest : null;
}
