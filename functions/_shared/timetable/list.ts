// A list: a time and what happens, row by row; the days stand above it.
import { daysOf, daysWithin, week } from "./days.ts";
import { type Draft, union } from "./draft.ts";
import { inOrder, type Reading, readings } from "./sequence.ts";
import { cellText, nameAndNotes, vocabulary } from "./text.ts";
import { findTimes, withoutTimes } from "./times.ts";
import type { Cell, Day, Page, Table } from "./types.ts";

/** Days in the heading of the table, or in the lines just above it. */
function headingDays(table: Table, page: Page): Day[] {
  for (const c of table.cells) {
    if (c.columnSpan !== table.columns || findTimes(cellText(c)).length > 0) continue;
    for (const text of [...c.lines.map((l) => l.text), cellText(c)]) {
      const days = daysWithin(text);
      if (days.length > 0) return days;
    }
  }
  const { x, y, width } = table.box;
  const above = page.lines
    .filter((l) => l.box.y < y + 10 && l.box.x + l.box.width > x && l.box.x < x + width)
    .sort((a, b) => b.box.y - a.box.y).slice(0, 3);
  for (const l of above) {
    const days = daysWithin(l.text);
    if (days.length > 0) return days;
  }
  return [];
}

const isNumber = (cell: Cell) => /^\W*\d{0,2}\W*$/.test(cellText(cell));

interface Row {
  cells: Cell[];
  /** A row that says a day and nothing else: what follows is for that day. */
  days: Day[] | null;
  time: Cell | undefined;
}

function rowsOf(table: Table): Row[] {
  const mayBeTime = (c: Cell) => /\d/.test(cellText(c)) && readings(cellText(c)).length > 0;
  return Array.from({ length: table.rows }, (_, row): Row => {
    const cells = table.cells.filter((c) => c.row === row && cellText(c) !== "");
    const days = cells.length === 1 ? daysOf(cellText(cells[0]!)) : null;
    if (days) return { cells, days, time: undefined };
    const time = cells.find((c) => findTimes(cellText(c)).length > 0) ?? cells.find(mayBeTime);
    return { cells, days: null, time };
  });
}

/** The name is in the cells beside the time, or behind it in its own. */
function said(row: Row, known: Set<string>) {
  const time = row.time!;
  const others = row.cells.filter((c) => c !== time && !isNumber(c));
  if (others.length > 0) {
    const { name, notes, lines } = nameAndNotes(others[0]!.lines, known);
    const rest = others.slice(1).map(cellText).join(" ");
    return { name, notes: [notes, rest].filter((t) => t !== "").join(" "), lines };
  }
  const lines = time.lines.map((l) => ({
    ...l,
    text: withoutTimes(l.text, findTimes(l.text)).replace(/^\d{1,2}[.)\s]\s*/, ""),
  })).filter((l) => /\p{L}/u.test(l.text));
  return nameAndNotes(lines, known);
}

function draftOf(row: Row, reading: Reading, days: Day[], known: Set<string>): Draft | null {
  const { name, notes, lines } = said(row, known), time = row.time!;
  if (name === "") return null;
  return {
    days,
    name,
    notes,
    start: reading.start,
    end: reading.end,
    startBy: "own",
    endBy: reading.end === null ? "none" : "own",
    cell: time,
    box: union(row.cells.map((c) => c.box)),
    nameConfidence: lines.length ? Math.min(...lines.map((l) => l.confidence)) : 0,
    timeConfidence: Math.min(1, ...time.lines.map((l) => l.confidence)),
    repair: reading.cost,
    reasons: [],
    isRoutine: false,
  };
}

export function readList(table: Table, page: Page): Draft[] {
  const rows = rowsOf(table), known = vocabulary(table.cells);
  // A heading with a year or a telephone number is no list.
  if (rows.filter((r) => r.time && findTimes(cellText(r.time)).length > 0).length < 3) return [];
  let days = headingDays(table, page);
  const isAssumed = days.length === 0 && rows[0]?.days == null;
  if (isAssumed) days = week.slice(0, 5);
  // A new day begins its times anew.
  const parts: Row[][] = [[]];
  for (const row of rows) {
    if (row.days) parts.push([]);
    parts.at(-1)!.push(row);
  }
  return parts.flatMap((part) => {
    days = part[0]?.days ?? days;
    const read = inOrder(part.map((r) => r.time ? cellText(r.time) : ""));
    return part.flatMap((row, i): Draft[] => {
      const reading = read[i];
      if (!row.time || !reading) return [];
      const draft = draftOf(row, reading, days, known);
      return draft ? [{ ...draft, reasons: isAssumed ? ["days_assumed"] : [] }] : [];
    });
  });
}
