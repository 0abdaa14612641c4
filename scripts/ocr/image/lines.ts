// Words as the engine found them, to lines as a person reads them.
import type { Box, TextLine, Word } from "../../../functions/_shared/timetable/types.ts";
import type { OcrLine } from "../engine/types.ts";

export type Rotation = 0 | 90 | 270;
export interface Reading {
  words: Word[];
  rotation: Rotation;
}

const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "").length;

/** What a reading is worth: sure letters count, doubtful ones hardly. */
export const worth = (words: Word[]): number =>
  words.reduce((sum, w) => sum + letters(w.text) * w.confidence ** 3, 0);

/** The mean confidence over all letters. */
export const sureness = (words: Word[]): number => {
  const all = words.reduce((sum, w) => sum + Math.max(1, w.text.length), 0);
  return all === 0
    ? 0
    : words.reduce((sum, w) => sum + Math.max(1, w.text.length) * w.confidence, 0) / all;
};

/** From the turned picture's coordinates back to those of a page of this size. */
export const turnBack = (box: Box, rotation: Rotation, width: number, height: number): Box =>
  rotation === 270
    ? { x: box.y, y: height - (box.x + box.width), width: box.height, height: box.width }
    : rotation === 90
    ? { x: width - (box.y + box.height), y: box.x, width: box.height, height: box.width }
    : box;

export const wordsOf = (
  lines: OcrLine[],
  rotation: Rotation,
  width: number,
  height: number,
): Word[] =>
  lines.flatMap((l) => l.words).map((w) => ({
    ...w,
    box: turnBack(w.box, rotation, width, height),
  }));

/** A word in the reader's frame: u along the line, v down the lines. */
function inReadersFrame(word: Word, rotation: Rotation) {
  const { x, y, width, height } = word.box;
  if (rotation === 0) return { word, u: x, v: y, lu: width, lv: height };
  return rotation === 270
    ? { word, u: -(y + height), v: x, lu: height, lv: width }
    : { word, u: y, v: -(x + width), lu: height, lv: width };
}

/** Along the direction of the text first, then across. */
export function toLines({ words, rotation }: Reading): TextLine[] {
  const flat = words.map((w) => inReadersFrame(w, rotation))
    .sort((a, b) => a.v + a.lv / 2 - (b.v + b.lv / 2));
  const rows: (typeof flat)[] = [];
  for (const f of flat) {
    const row = rows.find((r) =>
      r.some((o) =>
        Math.min(o.v + o.lv, f.v + f.lv) - Math.max(o.v, f.v) > 0.5 * Math.min(o.lv, f.lv)
      )
    );
    if (row) row.push(f);
    else rows.push([f]);
  }
  return rows.map((row) => {
    row.sort((a, b) => a.u - b.u);
    const list = row.map((f) => f.word);
    const x = Math.min(...list.map((w) => w.box.x)), y = Math.min(...list.map((w) => w.box.y));
    const right = Math.max(...list.map((w) => w.box.x + w.box.width)),
      bottom = Math.max(...list.map((w) => w.box.y + w.box.height));
    const sizes = row.map((f) => f.lv).sort((a, b) => a - b);
    return {
      text: list.map((w) => w.text).join(" "),
      box: { x, y, width: right - x, height: bottom - y },
      confidence: sureness(list),
      words: list,
      rotation,
      size: sizes[sizes.length >> 1]!,
    };
  });
}
