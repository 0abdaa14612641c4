// A table without ruling lines, or with too few: names of days in a row make columns, times in a column make rows, and what
// stands between belongs to both. Edges lie half-way between neighbours, or on a line that is close by.
import { type Axis, dayLine, timeLine } from "./align-axes.ts";
import { type Chunk, pageChunks, type Paragraph, paragraphs, toLine } from "./chunks.ts";
import { dayOf } from "./days.ts";
import { middle, union } from "./draft.ts";
import type { Box, Cell, Page, Table, Word } from "./types.ts";

const start = (b: Box, a: Axis) => a === "x" ? b.x : b.y;
const size = (b: Box, a: Axis) => a === "x" ? b.width : b.height;
const centre = (b: Box, a: Axis) => start(b, a) + size(b, a) / 2;

function edgesOf(list: Chunk[], axis: Axis, lines: number[]): number[] {
  const centres = list.map((c) => centre(c.box, axis));
  const gaps = centres.slice(1).map((c, i) => c - centres[i]!);
  const edges = [
    centres[0]! - gaps[0]! / 2,
    ...gaps.map((_, i) => (centres[i]! + centres[i + 1]!) / 2),
    centres.at(-1)! + gaps.at(-1)! / 2,
  ];
  return edges.map((e, i) => {
    const room = 0.3 * gaps[Math.min(Math.max(i - 1, 0), gaps.length - 1)]!;
    const near = lines.filter((l) => Math.abs(l - e) < room);
    return near.reduce((best, l) => Math.abs(l - e) < Math.abs(best - e) ? l : best, near[0] ?? e);
  });
}

/** Where along an axis a piece of text belongs: one heading, or the two that it stands between. */
function placeAlong(
  box: Box,
  axis: Axis,
  heads: Chunk[],
  isFree: (index: number) => boolean,
): [number, number] | null {
  const at = centre(box, axis);
  const far = heads.map((h) => Math.abs(centre(h.box, axis) - at));
  // Text may begin level with its heading instead of standing level with its middle.
  const level = heads.map((h) => Math.abs(start(h.box, axis) - start(box, axis)));
  const own = heads.map((_, i) => Math.min(far[i]!, level[i]!));
  const best = own.indexOf(Math.min(...own));
  const step = (i: number, j: number) =>
    Math.abs(centre(heads[i]!.box, axis) - centre(heads[j]!.box, axis));
  for (const next of [best - 1, best + 1]) {
    if (!heads[next] || !isFree(next)) continue;
    const between = (centre(heads[best]!.box, axis) + centre(heads[next]!.box, axis)) / 2;
    if (Math.abs(at - between) < 0.6 * own[best]! && own[best]! > 0.2 * step(best, next)) {
      return [Math.min(best, next), 2];
    }
  }
  const reach = Math.max(
    heads[best - 1] ? step(best, best - 1) : 0,
    heads[best + 1] ? step(best, best + 1) : 0,
  );
  return own[best]! <= 0.75 * reach ? [best, 1] : null;
}

/** A line of text that stands just at the height of a heading. */
const levelWith = (chunk: Chunk, heads: Chunk[]): number =>
  heads.findIndex((h) => Math.abs(middle(h.box).y - middle(chunk.box).y) < 0.35 * chunk.box.height);

export function align(page: Page): Table | null {
  const all = pageChunks(page).flatMap(splitAfterDay);
  for (const axis of ["x", "y"] as const) {
    const days = dayLine(all, axis);
    const times = days.length === 0 ? [] : timeLine(all, days, axis === "x" ? "y" : "x");
    if (times.length === 0) continue;
    const [across, down] = axis === "x" ? [days, times] : [times, days];
    return build(page, across, down);
  }
  return null;
}

function build(page: Page, across: Chunk[], down: Chunk[]): Table {
  const lines = (a: Axis) => page.tables.flatMap((t) => a === "x" ? t.columnEdges : t.rowEdges);
  const columns = edgesOf(across, "x", lines("x")), rows = edgesOf(down, "y", lines("y"));
  const headRow = union(across.map((c) => c.box)), headColumn = union(down.map((c) => c.box));
  const columnEdges = [Math.min(headColumn.x - 5, columns[0]! - 10), ...columns],
    rowEdges = [Math.min(headRow.y - 5, rows[0]! - 10), ...rows];
  const make = (row: number, column: number, rowSpan: number, columnSpan: number): Cell => ({
    row,
    column,
    rowSpan,
    columnSpan,
    box: {
      x: columnEdges[column]!,
      y: rowEdges[row]!,
      width: columnEdges[column + columnSpan]! - columnEdges[column]!,
      height: rowEdges[row + rowSpan]! - rowEdges[row]!,
    },
    lines: [],
  });
  const cells: Cell[] = [
    ...across.map((c, i) => ({ ...make(0, i + 1, 1, 1), lines: linesOf(c) })),
    ...down.map((c, i) => ({ ...make(i + 1, 0, 1, 1), lines: linesOf(c) })),
  ];
  const heads = new Set([...across, ...down].flatMap((c) => c.words));
  const right = columnEdges.at(-1)!, bottom = rowEdges.at(-1)! + 0.5 * headRow.height;
  const inside = (c: Chunk) => {
    const m = middle(c.box);
    return m.x > columnEdges[1]! && m.x < right && m.y > rowEdges[1]! && m.y < bottom;
  };
  const body = pageChunks(page, heads).flatMap((c) => splitAtColumns(c, across))
    .filter((c) => /[\p{L}\d]/u.test(c.text) && inside(c));
  const found = paragraphs(body, (a, b) => {
    const i = levelWith(a, down), j = levelWith(b, down);
    return i >= 0 && j >= 0 && i !== j;
  });
  // Text that is level with its heading takes its place first; what stands between two takes what is left.
  const taken = new Map<string, Paragraph>();
  const sure = (p: Paragraph) =>
    Math.min(...down.map((h) => Math.abs(centre(h.box, "y") - centre(p.box, "y")))) +
    Math.min(...across.map((h) => Math.abs(centre(h.box, "x") - centre(p.box, "x"))));
  for (const p of found.sort((a, b) => sure(a) - sure(b))) {
    const atColumn = placeAlong(p.box, "x", across, () => false);
    if (!atColumn) continue;
    const free = (row: number) => !taken.has(`${row}.${atColumn[0]}`);
    const atRow = placeAlong(p.box, "y", down, free);
    if (!atRow) continue;
    const wide = spanAcross(p.box, columns, atColumn[0]);
    const key = `${atRow[0]}.${atColumn[0]}`, before = taken.get(key);
    if (before && atRow[1] === 1) {
      before.chunks.push(...p.chunks);
      before.chunks.sort((a, b) => a.box.y - b.box.y);
      const cell = cells.find((c) => c.row === atRow[0] + 1 && c.column === atColumn[0] + 1);
      if (cell) cell.lines = before.chunks.map(toLine);
      continue;
    }
    for (let k = 0; k < atRow[1]; k++) taken.set(`${atRow[0] + k}.${atColumn[0]}`, p);
    cells.push({
      ...make(atRow[0] + 1, wide[0] + 1, atRow[1], wide[1]),
      lines: p.chunks.map(toLine),
    });
  }
  return {
    box: union(cells.map((c) => c.box)),
    rows: rowEdges.length - 1,
    columns: columnEdges.length - 1,
    rowEdges,
    columnEdges,
    cells,
    confidence: 0.75,
  };
}

/** The name of a day and the first lesson may stand close. */
function splitAfterDay(chunk: Chunk): Chunk[] {
  const [first, ...rest] = chunk.words;
  if (rest.length === 0 || first!.text.length < 6 || !dayOf(first!.text)) return [chunk];
  return [[first!], rest].map((words) => ({
    text: words.map((w) => w.text).join(" "),
    box: union(words.map((w) => w.box)),
    words,
  }));
}

/** Two words under two headings belong to two cells, however close they are, unless a plain space parts them. */
function splitAtColumns(chunk: Chunk, across: Chunk[]): Chunk[] {
  const columnOf = (box: Box) => {
    const far = across.map((h) =>
      Math.min(Math.abs(centre(h.box, "x") - centre(box, "x")), Math.abs(h.box.x - box.x))
    );
    return far.indexOf(Math.min(...far));
  };
  const parts: Word[][] = [];
  for (const word of chunk.words) {
    const last = parts.at(-1)?.at(-1);
    const gap = last ? word.box.x - (last.box.x + last.box.width) : 0;
    const isNew = last && gap > 0.4 * Math.max(last.box.height, word.box.height) &&
      columnOf(last.box) !== columnOf(word.box);
    if (!last || isNew) parts.push([word]);
    else parts.at(-1)!.push(word);
  }
  return parts.map((words) => ({
    text: words.map((w) => w.text).join(" "),
    box: union(words.map((w) => w.box)),
    words,
  }));
}

const linesOf = (c: Chunk) => [toLine(c)];

/** Text that reaches well over the next column's edge on both sides of it belongs to both. */
function spanAcross(box: Box, edges: number[], at: number): [number, number] {
  const over = (edge: number | undefined) =>
    edge !== undefined && Math.min(edge - box.x, box.x + box.width - edge) > 0.25 * box.width;
  if (at + 2 < edges.length && over(edges[at + 1])) return [at, 2];
  if (at > 0 && over(edges[at])) return [at - 1, 2];
  return [at, 1];
}
