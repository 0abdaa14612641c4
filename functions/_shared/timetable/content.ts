// What a cell of a grid says: its name, its notes, and a time of its own where it states one.
import { mendWord, nameAndNotes } from "./text.ts";
import { cellText } from "./text.ts";
import { findTimes, type TimeSpan, withoutTimes } from "./times.ts";
import type { DayBand } from "./axis.ts";
import type { Cell, Table, TextLine } from "./types.ts";

export interface Content {
  name: string;
  notes: string;
  own: TimeSpan | null;
  confidence: number;
  timeConfidence: number;
}

const stripped = (line: TextLine): TextLine => ({
  ...line,
  text: withoutTimes(line.text, findTimes(line.text)),
});

function linesWithoutTimes(cell: Cell, spans: TimeSpan[]): TextLine[] {
  // A range over two lines: neither line alone shows it.
  const isBroken = spans.some((s) =>
    cell.lines.every((l) => !findTimes(l.text).some((t) => (t.end === null) === (s.end === null)))
  );
  const rest = withoutTimes(cellText(cell), spans);
  const lines = isBroken
    ? cell.lines.filter((l) =>
      rest.includes(stripped(l).text.trim()) &&
      /\p{L}/u.test(l.text.replace(/\b[ap]\.?m\b/gi, ""))
    )
    : cell.lines;
  return lines.map(stripped).filter((l) => /\p{L}/u.test(l.text));
}

export function content(cell: Cell, known: Set<string>): Content {
  const spans = findTimes(cellText(cell)), own = spans[0] ?? null;
  const lines = own ? linesWithoutTimes(cell, spans) : cell.lines;
  const { name, notes, lines: head } = nameAndNotes(lines, known);
  const letters = (l: TextLine) => Math.max(1, l.text.length);
  const timeLines = cell.lines.filter((l) =>
    findTimes(l.text).length > 0 || /^\W*\d[\d\s.:–—-]*\W*$/.test(l.text)
  );
  return {
    name,
    notes,
    own,
    confidence: head.length === 0 ? 0 : head.reduce((s, l) => s + l.confidence * letters(l), 0) /
      head.reduce((s, l) => s + letters(l), 0),
    timeConfidence: timeLines.length ? Math.min(...timeLines.map((l) => l.confidence)) : 0.6,
  };
}

export interface Spelled {
  name: string;
  cells: Cell[];
}

/** Cells of one column, one a day, that spell a word together: B R E A K. */
export function spelledWords(table: Table, bands: DayBand[]): Map<Cell, Spelled> {
  const found = new Map<Cell, Spelled>();
  if (bands.length < 3) return found;
  for (let column = 0; column < table.columns; column++) {
    const cells = bands.map((b) =>
      table.cells.find((c) => c.column === column && c.row === b.cell.row && c !== b.cell)
    );
    // A zero and a bar are letters here.
    const letters = cells.map((c) =>
      c ? cellText(c).replace(/0/g, "O").replace(/[|!1]/g, "I").replace(/[^\p{L}]/gu, "") : ""
    );
    const filled = letters.filter((l) => l !== "");
    const isWord = filled.length >= 3 && letters.every((l) => l.length <= 2) &&
      filled.filter((l) => l.length === 1).length >= filled.length - 1;
    if (!isWord) continue;
    const group = {
      name: mendWord(letters.join("")),
      cells: cells.filter((c): c is Cell => c !== undefined),
    };
    for (const c of group.cells) found.set(c, group);
  }
  return found;
}
