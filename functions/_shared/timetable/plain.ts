// Lists without any table: a day, and under it lines that begin with a time. They become tables of two columns, which are
// read as any other list.
import { type Chunk, pageChunks, toLine } from "./chunks.ts";
import { dayOf, daysOf } from "./days.ts";
import { type Draft, union } from "./draft.ts";
import { readList } from "./list.ts";
import { findTimes, withoutTimes } from "./times.ts";
import type { Box, Cell, Page, Table } from "./types.ts";

interface Line {
  y: number;
  box: Box;
  time: Chunk | null;
  rest: Chunk[];
}

const hasTime = (c: Chunk) => findTimes(c.text).length > 0;
const beginsWithTime = (c: Chunk) => (findTimes(c.text)[0]?.from ?? 9) <= 3;
const onLine = (a: Box, b: Box) =>
  Math.abs(a.y + a.height / 2 - b.y - b.height / 2) < 0.5 * Math.max(a.height, b.height);

/** Times whose left edges are in line make a column of the page. */
function timeColumns(times: Chunk[]): { from: number; chunks: Chunk[] }[] {
  const columns: { from: number; chunks: Chunk[] }[] = [];
  for (const c of [...times].sort((a, b) => a.box.x - b.box.x)) {
    const mate = columns.find((k) => c.box.x - k.from < 3 * c.box.height);
    if (mate) mate.chunks.push(c);
    else columns.push({ from: c.box.x, chunks: [c] });
  }
  return columns.filter((k) => k.chunks.length >= 3);
}

function tableOf(lines: Line[]): Table {
  const box = union(lines.map((l) => l.box));
  const split = lines.find((l) => l.time)?.time?.box ?? box;
  const middle = split.x + split.width;
  const rowEdges = [...lines.map((l) => l.box.y), box.y + box.height];
  const cell = (row: number, column: number, columnSpan: number, list: Chunk[]): Cell => ({
    ...{ row, column, columnSpan, rowSpan: 1 },
    box: list.length > 0 ? union(list.map((c) => c.box)) : box,
    lines: list.map(toLine),
  });
  const cells = lines.flatMap((line, row) => {
    if (!line.time) return [cell(row, 0, 2, line.rest)];
    return [cell(row, 0, 1, [line.time]), cell(row, 1, 1, line.rest)];
  });
  return {
    box,
    rows: lines.length,
    columns: 2,
    rowEdges,
    columnEdges: [box.x, middle, box.x + box.width],
    cells,
    confidence: 0.8,
  };
}

/** The range of a line may stand in pieces: "9.00", "–", "9.45". */
function wholeTime(first: Chunk, line: Chunk[]): { time: Chunk; used: Set<Chunk> } {
  const used = new Set([first]);
  let time = first;
  for (const c of line) {
    if (used.has(c) || !/^[-–—]?\s*(\d[\d:.]*)?\s*([ap]m)?\s*[-–—]?$/i.test(c.text)) break;
    time = {
      text: `${time.text} ${c.text}`,
      box: union([time.box, c.box]),
      words: [...time.words, ...c.words],
    };
    used.add(c);
  }
  return { time, used };
}

/** "9.00 –" and "9.45" in two pieces: the second is no beginning. */
const isSecondHalf = (c: Chunk, all: Chunk[]) =>
  all.some((o) => {
    const gap = c.box.x - (o.box.x + o.box.width);
    return o !== c && onLine(o.box, c.box) && gap > -4 && gap < 2.5 * c.box.height && hasTime(o) &&
      (/[-–—]\s*$/.test(o.text) || /^[-–—]/.test(c.text));
  });

export function readPlain(page: Page): Draft[] {
  const all = pageChunks(page);
  const columns = timeColumns(all.filter((c) => beginsWithTime(c) && !isSecondHalf(c, all)));
  return columns.flatMap(({ from, chunks: times }, i) => {
    const next = columns[i + 1]?.from ?? page.width;
    const here = all.filter((c) => c.box.x >= from - 3 * c.box.height && c.box.x < next - 4);
    const lines = times.map((time): Line => {
      const beside = here.filter((c) => c !== time && onLine(c.box, time.box))
        .sort((a, b) => a.box.x - b.box.x).filter((c) => c.box.x > time.box.x);
      const whole = wholeTime(time, beside), rest = beside.filter((c) => !whole.used.has(c));
      return {
        y: time.box.y,
        box: union([time, ...beside].map((c) => c.box)),
        time: whole.time,
        rest,
      };
    });
    const headings = here.filter((c) => !hasTime(c) && isDay(c)).map((c): Line => ({
      y: c.box.y,
      box: c.box,
      time: null,
      rest: [c],
    }));
    const sorted = [...lines, ...headings].sort((a, b) => a.y - b.y);
    const useful = lines.filter((l) => l.rest.length > 0 || remains(l.time!));
    return headings.length > 0 && useful.length >= 3 ? readList(tableOf(sorted), page) : [];
  });
}

const remains = (c: Chunk) => /\p{L}{2}/u.test(withoutTimes(c.text, findTimes(c.text)));
const isDay = (c: Chunk) =>
  daysOf(c.text) !== null || (c.words.length <= 3 && dayOf(c.words[0]!.text) !== null);
