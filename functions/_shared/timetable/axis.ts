// The axis of days: which rows of a table are days. A table whose days are columns is turned first.
import { dayOf, daysInOrder, daysOf, week } from "./days.ts";
import { cellText } from "./text.ts";
import { findTimes } from "./times.ts";
import type { Box, Cell, Day, Table } from "./types.ts";

const flip = (b: Box): Box => ({ x: b.y, y: b.x, width: b.height, height: b.width });

/** Rows become columns; what the lines say, and their order, stays. */
export const transpose = (t: Table): Table => ({
  ...t,
  box: flip(t.box),
  rows: t.columns,
  columns: t.rows,
  rowEdges: t.columnEdges,
  columnEdges: t.rowEdges,
  cells: t.cells.map((c) => ({
    ...c,
    row: c.column,
    column: c.row,
    rowSpan: c.columnSpan,
    columnSpan: c.rowSpan,
    box: flip(c.box),
  })).sort((a, b) => a.row - b.row || a.column - b.column),
});

export interface DayBand {
  cell: Cell;
  days: Day[];
  isRoutine: boolean;
}

const notDays =
  /^(st|nd|rd|th|of|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|week|day)\p{Ll}*$/iu;

/** A cell that says a day, perhaps with a date or a number: "Monday", "MON 3/9", "T H U R S". */
export function cellDays(cell: Cell): Day[] | null {
  const text = cellText(cell);
  if (text === "" || text.length > 60) return null;
  const isLetterALine = cell.lines.length >= 2 &&
    cell.lines.every((l) => l.text.replace(/\s/g, "").length <= 2);
  const squeezed = isLetterALine ? dayOf(cell.lines.map((l) => l.text.trim()).join("")) : null;
  if (squeezed) return [squeezed];
  const whole = daysOf(text);
  if (whole) return whole;
  const words = text.split(/[\s,]+/).filter((w) => /\p{L}/u.test(w) && !notDays.test(w));
  const day = words.length === 1 ? dayOf(words[0]!) : null;
  return day ? [day] : null;
}

/** A heading that nobody can read, with Tuesday above and Thursday below it, is Wednesday. */
function inferred(read: (Day[] | null)[], cells: Cell[]): (Day[] | null)[] {
  const single = (days: Day[] | null | undefined) =>
    days?.length === 1 ? week.indexOf(days[0]!) : null;
  return read.map((days, i) => {
    const before = single(read[i - 1]), after = single(read[i + 1]);
    const text = cellText(cells[i]!);
    if (days || before === null || after === null || after - before !== 2 || text === "") {
      return days;
    }
    return findTimes(text).length > 0 ? days : [week[before + 1]!];
  });
}

/** The column whose cells are days, with its bands; null when there is none. */
export function dayBands(table: Table): { column: number; bands: DayBand[] } | null {
  let best: { column: number; bands: DayBand[]; distinct: number } | null = null;
  for (let column = 0; column < table.columns; column++) {
    const cells = table.cells.filter((c) => c.column === column).sort((a, b) => a.row - b.row);
    let read = cells.map(cellDays);
    // Letters mean days only in company: "M", "T", "W", "T", "F".
    const ordered = daysInOrder(cells.map(cellText));
    const count = (list: (unknown | null)[]) => list.filter((d) => d !== null).length;
    if (count(ordered) > count(read)) read = ordered.map((d) => d ? [d] : null);
    read = inferred(read, cells);
    const bands = cells.flatMap((cell, i) => {
      const days = read[i];
      return days ? [{ cell, days, isRoutine: days.length > 2 }] : [];
    });
    const distinct = new Set(bands.flatMap((b) => b.days)).size;
    if (distinct >= 2 && bands.length >= 2 && (!best || distinct > best.distinct)) {
      best = { column, bands, distinct };
    }
  }
  return best && { column: best.column, bands: best.bands };
}
