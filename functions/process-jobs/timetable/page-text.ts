// A page in words, for a model that cannot see it: its tables cell by cell with their places, then the text around them.

import { findTimes } from "../../_shared/timetable/times.ts";
import type { Page, Table, TextLine } from "../../_shared/timetable/types.ts";

const MOST_CHARACTERS = 60_000;

const said = (lines: readonly TextLine[]): string => lines.map((line) => line.text).join(" / ");

function tableText(table: Table, number: number): string {
  const cells = [...table.cells].sort((a, b) => a.row - b.row || a.column - b.column)
    .filter((cell) => cell.lines.length > 0)
    .map((cell) => {
      const to = (from: number, span: number) =>
        span > 1 ? `${from}-${from + span - 1}` : `${from}`;
      return `row ${to(cell.row, cell.rowSpan)}, column ${to(cell.column, cell.columnSpan)}: ${
        said(cell.lines)
      }`;
    });
  return [`Table ${number}, ${table.rows} rows, ${table.columns} columns`, ...cells].join("\n");
}

export function pageText(page: Page): string {
  const lines = [...page.lines].sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
    .map((line) => line.text);
  const tables = page.tables.map((table, i) => tableText(table, i + 1));
  return [`Page ${page.number}`, ...tables, ...(lines.length > 0 ? ["Other text", ...lines] : [])]
    .join("\n").slice(0, MOST_CHARACTERS);
}

const linesOf = (page: Page): TextLine[] => [
  ...page.lines,
  ...page.tables.flatMap((table) => table.cells.flatMap((cell) => cell.lines)),
];

/**
 * Every time that stands on the page, in minutes of a half day: whether 2.15 is in the afternoon is for the reader to say.
 * Ranges that break over the lines of a cell are found in the cell as a whole.
 */
export function timesOn(pages: readonly Page[]): Set<number> {
  const texts = pages.flatMap((page) => [
    ...linesOf(page).map((line) => line.text),
    ...page.tables.flatMap((table) =>
      table.cells.map((cell) => cell.lines.map((l) => l.text).join(" "))
    ),
  ]);
  const found = texts.flatMap(findTimes)
    .flatMap((span) => [span.start.minutes, ...(span.end ? [span.end.minutes] : [])]);
  return new Set(found.map((minutes) => minutes % 720));
}
