// A long table with a row for each lesson: day, time, subject, and whatever else the school notes.
import { cellDays } from "./axis.ts";
import { type Draft, union } from "./draft.ts";
import { inOrder } from "./sequence.ts";
import { cellText, nameAndNotes, vocabulary } from "./text.ts";
import { findTimes, withoutTimes } from "./times.ts";
import type { Cell, Day, Table } from "./types.ts";

const naming = /^(subject|lesson|class|activity|course|event|what|title|name|topic|session)s?$/i;

const isOnlyTime = (cell: Cell) => {
  const text = cellText(cell), spans = findTimes(text);
  return spans.length > 0 && !/\p{L}{3}/u.test(withoutTimes(text, spans));
};

interface Columns {
  day: number;
  times: number[];
  name: number;
  others: number[];
}

function columnsOf(table: Table): Columns | null {
  const cellsOf = (column: number) =>
    table.cells.filter((c) => c.column === column && cellText(c) !== "");
  const all = Array.from({ length: table.columns }, (_, i) => i);
  const rowsCovered = (cells: Cell[]) => cells.reduce((sum, c) => sum + c.rowSpan, 0);
  const most = 0.6 * table.rows;
  const times = all.filter((i) => cellsOf(i).filter(isOnlyTime).length >= Math.max(4, most));
  if (times.length === 0 || times.length > 2) return null;
  const days = all.filter((i) => {
    const named = cellsOf(i).filter((c) => cellDays(c) !== null);
    // Named in every row, once for several rows, or once with empty cells below.
    return !times.includes(i) && named.length >= 1 &&
      named.length >= 0.6 * cellsOf(i).length - 1 &&
      (rowsCovered(named) >= most || cellsOf(i).length < most);
  });
  const day = days[0];
  if (day === undefined) return null;
  const rest = all.filter((i) =>
    i !== day && !times.includes(i) && cellsOf(i).some((c) => /\p{L}{2}/u.test(cellText(c)))
  );
  const name = rest.find((i) => cellsOf(i).some((c) => c.row === 0 && naming.test(cellText(c)))) ??
    rest[0];
  if (name === undefined) return null;
  return { day, times, name, others: rest.filter((i) => i !== name) };
}

/** null: the table is of another kind. */
export function readRecords(table: Table): Draft[] | null {
  const columns = columnsOf(table);
  if (!columns) return null;
  const known = vocabulary(table.cells);
  const at = (row: number, column: number) =>
    table.cells.find((c) => c.column === column && c.row <= row && row < c.row + c.rowSpan);
  let days: Day[] = [];
  const rows = Array.from({ length: table.rows }, (_, row) => {
    const dayCell = at(row, columns.day), said = dayCell ? cellDays(dayCell) : null;
    if (said) days = said;
    const cells = columns.times.flatMap((c) => at(row, c) ?? []);
    return { row, days, cells, times: cells.map(cellText).join(" – ") };
  }).filter((r) => r.days.length > 0 && r.cells.some(isOnlyTime));
  // Every day begins anew.
  const parts = [...Map.groupBy(rows, (r) => r.days.join()).values()];
  const drafts = parts.flatMap((part) => {
    const read = inOrder(part.map((r) => r.times));
    return part.flatMap(({ row, days, cells }, i): Draft[] => {
      const reading = read[i], named = at(row, columns.name);
      const { name, notes, lines } = nameAndNotes(named?.lines ?? [], known);
      if (!reading || !named || name === "") return [];
      const others = columns.others.flatMap((c) => at(row, c) ?? []);
      return [{
        days,
        name,
        notes: [notes, ...others.map(cellText)].filter((t) => t !== "").join(" "),
        start: reading.start,
        end: reading.end,
        startBy: "own",
        endBy: reading.end === null ? "none" : "own",
        cell: named,
        box: union([named, ...cells, ...others].map((c) => c.box)),
        nameConfidence: Math.min(1, ...lines.map((l) => l.confidence)),
        timeConfidence: Math.min(1, ...cells.flatMap((c) => c.lines.map((l) => l.confidence))),
        repair: reading.cost,
        reasons: [],
        isRoutine: false,
      }];
    });
  });
  return drafts.length >= 3 ? drafts : null;
}
