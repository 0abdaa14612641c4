// Lines of text outside of tables that came out badly, read once more each by itself.
import type { TextLine } from "../../../functions/_shared/timetable/types.ts";
import type { Gray, OcrEngine } from "../engine/types.ts";
import { closeLook, contains } from "./cells.ts";
import { blank, paste, unreadShare } from "./clean.ts";
import type { Grid } from "./grid.ts";
import { sureness, toLines, worth } from "./lines.ts";
import type { Raster } from "./raster.ts";

/** Share of the ink outside of tables that may stay without a word: crests and photographs have none. */
const MISSED = 0.2;

/** Reading scattered text leaves out whole lines now and then: what it left is read once more as a page of text. */
export async function withMissed(
  lines: TextLine[],
  sheet: Gray,
  grids: Grid[],
  engine: OcrEngine,
): Promise<TextLine[]> {
  const rest: Gray = { ...sheet, data: sheet.data.slice() };
  for (const { box } of grids) {
    const over = { x: box.x - 8, y: box.y - 8, width: box.width + 16, height: box.height + 16 };
    paste(
      rest,
      blank(Math.round(over.width), Math.round(over.height)),
      Math.max(0, Math.round(over.x)),
      Math.max(0, Math.round(over.y)),
    );
  }
  const words = lines.flatMap((l) => l.words);
  if (unreadShare(rest, words.map((w) => w.box)) < MISSED) return lines;
  const second = await engine.read(rest, { layout: "page" });
  let out = lines;
  for (const line of second.filter((l) => sureness(l.words) > SURE)) {
    const touches = (l: TextLine) =>
      l.words.some((w) =>
        contains(line.box, w.box) || line.words.some((o) => contains(w.box, o.box))
      );
    const there = out.filter(touches);
    if (worth(line.words) <= 1.05 * worth(there.flatMap((l) => l.words))) continue;
    out = [
      ...out.filter((l) => !there.includes(l)),
      ...toLines({ words: line.words, rotation: 0 }),
    ];
  }
  return out;
}

const SURE = 0.8;
/** A photograph of a desk is full of what might be letters: no more looks than a page of text may need. */
const MOST = 40;

async function reread(line: TextLine, raster: Raster, engine: OcrEngine): Promise<TextLine> {
  // The first reading may have missed a word at either end.
  const { x, y, width, height } = line.box, side = 3 * height, over = 0.25 * height;
  const box = {
    x: Math.max(0, x - side),
    y: Math.max(0, y - over),
    width: width + 2 * side,
    height: height + 2 * over,
  };
  const [look] = await closeLook(engine, raster, box, 0, {
    rotations: [0],
    size: line.size,
    layout: "line",
  });
  const words = look!.words.filter((w) => w.confidence > 0.3);
  return worth(words) > 1.05 * worth(line.words) && sureness(words) > sureness(line.words)
    ? toLines({ words, rotation: 0 })[0]!
    : line;
}

export async function rereadLines(
  lines: TextLine[],
  raster: Raster,
  engine: OcrEngine,
): Promise<TextLine[]> {
  const doubtful = new Set(
    lines.filter((l) => Math.min(...l.words.map((w) => w.confidence)) < SURE).slice(0, MOST),
  );
  const read = await Promise.all(
    lines.map((l) => doubtful.has(l) ? reread(l, raster, engine) : l),
  );
  return read.flatMap((line) => {
    const words = line.words.filter((w) => w.confidence > 0.5);
    return words.length > 0 ? toLines({ words, rotation: line.rotation as 0 }) : [];
  });
}
