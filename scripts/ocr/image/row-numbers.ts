// Rows that are numbered in the same cell as their times: "10 11:20-11:35". The number is larger than the time as a rule and
// spoils its reading, so the cells are cut behind it.
import type { Cell, Word } from "../../../functions/_shared/timetable/types.ts";
import { toLines } from "./lines.ts";

const wordsOf = (cell: Cell): Word[] =>
  cell.lines.filter((l) => l.rotation === 0).flatMap((l) => l.words)
    .sort((a, b) => a.box.x - b.box.x);
const isNumber = (word: Word) => /^\d{1,2}[.)]?$/.test(word.text);
const right = (word: Word) => word.box.x + word.box.width;

/** x behind the numbers; null where the column has none. */
export function behindNumbers(column: Cell[]): number | null {
  const rows = [...column].sort((a, b) => a.row - b.row);
  const numbered = rows.flatMap((cell) => {
    const [first, second] = wordsOf(cell);
    return first && second && isNumber(first) ? [{ cell, first, second }] : [];
  });
  if (numbered.length < Math.max(4, 0.4 * rows.length)) return null;
  const values = numbered.map(({ first }) => parseInt(first.text, 10));
  const rising = values.slice(1).filter((v, i) => v > values[i]!).length;
  if (rising < 0.8 * (values.length - 1)) return null;
  const ends = numbered.map(({ first }) => right(first)).sort((a, b) => a - b);
  const cut = ends[Math.floor(0.9 * (ends.length - 1))]! + 3;
  const isClear = numbered.filter(({ second }) => second.box.x > cut - 6).length;
  return isClear >= 0.8 * numbered.length ? cut : null;
}

/** The cells without their numbers; what is left keeps its own size. */
export function dropNumbers(column: Cell[], cut: number): void {
  for (const cell of column) {
    const words = wordsOf(cell).filter((w) => right(w) > cut + 4);
    if (words.length < wordsOf(cell).length) cell.lines = toLines({ words, rotation: 0 });
  }
}
