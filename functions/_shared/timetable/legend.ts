// Periods by number, with their times said elsewhere on the page: "P1: 9.00 – 9.45".
import type { TimeMark } from "./headings.ts";
import { inOrder } from "./sequence.ts";
import { cellText } from "./text.ts";
import { findTimes } from "./times.ts";
import type { Cell, Page, Table } from "./types.ts";

/** "Period 1", "P1", "1st lesson" and "1" are one key; words are their own. */
export function periodKey(text: string): string | null {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, " ").replace(/\s+/g, " ").trim();
  // "Pl" is how an engine reads "P1".
  const mended = plain.replace(/^(p|per|period|lesson|l) ?[li]$/, "$1 1");
  const number =
    /^(?:periods?|lessons?|sessions?|blocks?|slot|per|p|l|hour|h)?\s?(\d{1,2})(?:st|nd|rd|th)?(?: period| lesson)?$/
      .exec(mended);
  if (number) return number[1]!;
  return /\p{L}{3}/u.test(plain) && plain.length <= 24 ? plain : null;
}

interface Entry {
  key: string;
  text: string;
  confidence: number;
}

/** "P1: 9.00–9.45   P2: 9.45–10.30": what stands before each time is its key. */
function entries(line: string, confidence: number): Entry[] {
  // "P3:10.50" without its space looks like a time of day.
  const text = line.replace(/(\p{L} ?\d{0,2}):(?=\d)/gu, "$1: ");
  let from = 0;
  return findTimes(text).flatMap((span) => {
    const key = periodKey(text.slice(from, span.from));
    from = span.to;
    return key && span.end ? [{ key, text: text.slice(span.from, span.to), confidence }] : [];
  });
}

function legendOf(page: Page, grid: Table): Map<string, Entry & { start: number; end: number }> {
  const lines = [
    ...page.lines.toSorted((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
      .map((l) => ({ text: l.text, confidence: l.confidence })),
    ...page.tables.filter((t) => t !== grid).flatMap((t) =>
      Array.from({ length: t.rows }, (_, row) => {
        const cells = t.cells.filter((c) => c.row === row).sort((a, b) => a.column - b.column);
        return {
          text: cells.map(cellText).join(" "),
          confidence: Math.min(1, ...cells.flatMap((c) => c.lines.map((l) => l.confidence))),
        };
      })
    ),
  ];
  const found = lines.flatMap((l) => entries(l.text, l.confidence));
  const read = inOrder(found.map((e) => e.text));
  return new Map(found.flatMap((entry, i) => {
    const reading = read[i];
    return reading && reading.end !== null
      ? [[entry.key, { ...entry, start: reading.start, end: reading.end }] as const]
      : [];
  }));
}

/** Headings whose times the legend knows; at least three, or it is no legend. */
export function legendMarks(rows: Cell[][], page: Page, grid: Table): TimeMark[] {
  const legend = legendOf(page, grid);
  if (legend.size < 3) return [];
  const marksOf = (cells: Cell[]) =>
    cells.flatMap((cell): TimeMark[] => {
      const entry = legend.get(periodKey(cellText(cell)) ?? "");
      if (!entry) return [];
      return [{
        from: cell.box.x,
        to: cell.box.x + cell.box.width,
        start: entry.start,
        end: entry.end,
        label: "",
        confidence: entry.confidence,
        repair: 0.5,
        cell,
      }];
    }).sort((a, b) => a.from - b.from);
  const best = rows.map(marksOf).reduce((a, b) => b.length > a.length ? b : a, []);
  return best.length >= 3 ? best : [];
}
