// A grid of days and times to drafts of blocks.
import { cellDays, type DayBand, dayBands, transpose } from "./axis.ts";
import { content, type Spelled, spelledWords } from "./content.ts";
import { week } from "./days.ts";
import { type Draft, overlap } from "./draft.ts";
import { exceptions, headingsThatHappen, neighbours } from "./grid-context.ts";
import { edgeTime, fillGaps, mergeStartEnd, type TimeMark, timeMarks } from "./headings.ts";
import { legendMarks } from "./legend.ts";
import { cellText, vocabulary } from "./text.ts";
import { settle } from "./times.ts";
import type { Cell, Day, Page, Table } from "./types.ts";

interface Axes {
  table: Table;
  column: number;
  bands: DayBand[];
  marks: TimeMark[];
}

const distinct = (found: { bands: DayBand[] } | null) =>
  found ? new Set(found.bands.flatMap((b) => b.days)).size : 0;

/** The row of headings that has most times; it may stand above or below the days. */
function marksOf(table: Table, column: number, bands: DayBand[], page: Page): TimeMark[] {
  const dayRows = new Set(
    bands.flatMap((b) => Array.from({ length: b.cell.rowSpan }, (_, i) => b.cell.row + i)),
  );
  const rows = [
    ...Map.groupBy(
      table.cells.filter((c) => !dayRows.has(c.row) && c.column !== column),
      (c) => c.row,
    ).values(),
  ];
  let best: TimeMark[] = [], row: Cell[] = [];
  for (const cells of rows) {
    const marks = timeMarks(cells);
    if (marks.length > best.length) [best, row] = [marks, cells];
  }
  const legend = best.length < 3 ? legendMarks(rows, page, table) : [];
  if (legend.length > best.length) {
    return fillGaps(legend, rows.find((r) => r.includes(legend[0]!.cell)) ?? []);
  }
  return fillGaps(mergeStartEnd(best, rows), row);
}

function axesOf(original: Table, page: Page): Axes | null {
  const turned = transpose(original);
  const rows = dayBands(original), columns = dayBands(turned);
  if (!rows && !columns) return null;
  const isTurned = distinct(columns) > distinct(rows);
  const table = isTurned ? turned : original, { column, bands } = (isTurned ? columns : rows)!;
  return { table, column, bands, marks: marksOf(table, column, bands, page) };
}

interface Place {
  bands: DayBand[];
  isRoutine: boolean;
}

/** The days that a cell lies in; null where it lies in none. */
function placeOf(cell: Cell, { table, column, bands, marks }: Axes): Place | null {
  const top = cell.box.y, bottom = top + cell.box.height;
  const mine = bands.filter(({ cell: { box } }) =>
    overlap(top, bottom, box.y, box.y + box.height) >= 0.4 * Math.min(box.height, cell.box.height)
  );
  if (mine.length > 0) return { bands: mine, isRoutine: mine.some((b) => b.isRoutine) };
  // Between the headings and the first day, with nothing in the column of days: it holds for every day.
  const firstRow = Math.min(...bands.map((b) => b.cell.row));
  const beside = table.cells.find((c) =>
    c.column === column &&
    overlap(top, bottom, c.box.y, c.box.y + c.box.height) > 0.5 * cell.box.height
  );
  const isBetween = cell.row + cell.rowSpan <= firstRow && marks.length > 0 &&
    cell.row > marks[0]!.cell.row;
  return isBetween && (!beside || cellText(beside) === "") ? { bands, isRoutine: true } : null;
}

const inWeekOrder = (days: Day[]): Day[] =>
  [...new Set(days)].sort((a, b) => week.indexOf(a) - week.indexOf(b));

function draftOf(
  cell: Cell,
  place: Place,
  axes: Axes,
  known: Set<string>,
  word: Spelled | undefined,
): Draft | null {
  const said = content(cell, known);
  const name = word?.name ?? said.name;
  if (name === "") return null;
  const before = edgeTime(axes.marks, cell.box.x, "start"),
    after = edgeTime(axes.marks, cell.box.x + cell.box.width, "end");
  const used = [before.mark, after.mark].filter((m) => m !== null);
  const daysHere = word ? axes.bands : place.bands;
  const draft: Draft = {
    days: inWeekOrder(daysHere.flatMap((b) => b.days)),
    name,
    notes: word ? "" : said.notes,
    start: before.time,
    end: after.time,
    startBy: before.by,
    endBy: after.by,
    cell,
    box: cell.box,
    nameConfidence: word
      ? Math.min(...word.cells.map((c) => c.lines[0]?.confidence ?? 1))
      : said.confidence,
    timeConfidence: Math.min(1, ...used.map((m) => m.confidence)),
    repair: Math.max(0, ...used.map((m) => m.repair)),
    reasons: [],
    isRoutine: place.isRoutine,
  };
  if (!said.own) return draft;
  // The cell's own time stands before that of the headings.
  const own = settle(said.own);
  draft.start = own.start;
  draft.startBy = "own";
  draft.timeConfidence = said.timeConfidence;
  draft.repair = 0;
  if (own.end !== null) {
    draft.end = own.end;
    draft.endBy = "own";
  } else if (draft.end !== null && draft.end <= own.start) {
    draft.end = null;
    draft.endBy = "none";
  }
  return draft;
}

/** Drafts of a table with an axis of days; null when it has none. */
export function readGrid(original: Table, page: Page): Draft[] | null {
  const axes = axesOf(original, page);
  if (!axes) return null;
  const { table, column, bands, marks } = axes, known = vocabulary(table.cells);
  const words = spelledWords(table, bands), done = new Set<Cell>();
  const body = table.cells.filter((c) =>
    c.column !== column && !marks.some((m) => m.cell === c) &&
    cellDays(c) === null
  );
  const drafts: Draft[] = [];
  for (const cell of body) {
    if (done.has(cell) || cellText(cell) === "") continue;
    const place = placeOf(cell, axes);
    if (!place) continue;
    const word = words.get(cell);
    for (const c of word?.cells ?? []) done.add(c);
    const draft = draftOf(cell, place, axes, known, word);
    if (draft) drafts.push(draft);
  }
  neighbours(drafts);
  drafts.push(...headingsThatHappen(marks, bands, body));
  return exceptions(drafts);
}
