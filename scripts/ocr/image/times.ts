// In a column or row of times, what is no time is read once more as digits only.
import type { Cell, TextLine } from "../../../functions/_shared/timetable/types.ts";
import type { OcrEngine } from "../engine/types.ts";
import { findTimes, withoutTimes } from "../../../functions/_shared/timetable/times.ts";
import { closeLook } from "./cells.ts";
import { type Rotation, sureness, toLines } from "./lines.ts";
import type { Raster } from "./raster.ts";
import { behindNumbers, dropNumbers } from "./row-numbers.ts";

const LETTERS = "0123456789:.-–apm ";
const isTime =
  /^\W*(\d{1,2}\s+)?\d{1,2}([:.]\d{2})?\s*([ap]m)?(\s*[-–—]+\s*\d{1,2}([:.]\d{2})?\s*([ap]m)?)?\W*$/i;
const isRange = /\d\D{0,3}[-–—]+\s*\d{1,2}[:.]?\d{0,2}\s*([ap]m)?\W*$/i;
const hasTime = /\d[:.]\d\d/;
const text = (cell: Cell) => cell.lines.map((l) => l.text).join(" ").trim();

async function reread(
  cell: Cell,
  raster: Raster,
  engine: OcrEngine,
  inset: number,
  from: number,
): Promise<void> {
  const said = text(cell);
  const cut = Math.max(0, from - cell.box.x - inset);
  const box = { ...cell.box, x: cell.box.x + cut, width: cell.box.width - cut };
  const rotations: Rotation[] = cell.lines[0] && isTime.test(said)
    ? [cell.lines[0].rotation as Rotation]
    : cell.box.height > 1.5 * cell.box.width
    ? [270, 0]
    : [0];
  const size = Math.max(0, ...cell.lines.map((l) => l.size));
  const looks = (await Promise.all(
    [0, size].map((s) =>
      closeLook(engine, raster, box, inset, { rotations, letters: LETTERS, size: s })
    ),
  )).flat().map(toLines);
  // A whole range is better than a time, a time than anything else.
  const textOf = (lines: TextLine[]) => lines.map((l) => l.text).join(" ").trim();
  const rank = (lines: TextLine[]) =>
    (isRange.test(textOf(lines)) ? 2 : isTime.test(textOf(lines)) ? 1 : 0) +
    0.9 * sureness(lines.flatMap((l) => l.words));
  const best = looks.reduce((a, b) => rank(b) > rank(a) ? b : a), now = textOf(best);
  const isBetter = rank(best) > rank(cell.lines) + (isTime.test(said) ? 0.02 : 0);
  if ((isTime.test(now) && isBetter) || (!hasTime.test(said) && /\d/.test(now))) {
    cell.lines = best;
  }
}

export async function rereadTimes(
  cells: Cell[],
  raster: Raster,
  engine: OcrEngine,
  inset: number,
): Promise<void> {
  for (const key of ["column", "row"] as const) {
    const groups = Map.groupBy(cells.filter((c) => text(c) !== ""), (c) => c[key]);
    for (const list of groups.values()) {
      const good = list.filter((c) => /\d[:.]\d\d|\d\s*[ap]m/i.test(text(c)));
      if (good.length < 3 || good.length < 0.5 * list.length) continue;
      const cut = key === "column" ? behindNumbers(list) : null;
      if (cut !== null) dropNumbers(list, cut);
      await Promise.all(
        list.filter((cell) => {
          const isSure = isTime.test(text(cell)) &&
            sureness(cell.lines.flatMap((l) => l.words)) > 0.88;
          // A time with a name below it is no heading.
          const rest = withoutTimes(text(cell), findTimes(text(cell)));
          return !isSure && !/\p{L}{3}/u.test(rest);
        }).map((cell) => reread(cell, raster, engine, inset, cut ?? 0)),
      );
    }
  }
}
