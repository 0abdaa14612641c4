// The model's blocks beside what was read before it. Two readings that agree are worth more than either; what the model
// alone says is left for a person to see.

import { foldText } from "../../_shared/text/normalise.ts";
import type { Block, Box, Page } from "../../_shared/timetable/types.ts";
import type { ModelBlock } from "./llm.ts";

/** What only the model says, and the page does not show where: below any threshold. */
const ALONE = 0.6;
/** Its words stand on the page. */
const SEEN = 0.75;

const letters = (text: string): string => foldText(text).replace(/[^\p{L}\p{N}]/gu, "");

/** 0 to 1: what two names have in common, by pairs of letters (Dice). */
export function likeness(a: string, b: string): number {
  const pairs = (text: string) => {
    const plain = letters(text);
    return Array.from({ length: Math.max(0, plain.length - 1) }, (_, i) => plain.slice(i, i + 2));
  };
  if (letters(a) === letters(b)) return 1;
  const left = pairs(a), right = pairs(b);
  if (left.length + right.length === 0) return 0;
  const rest = [...right];
  const common = left.filter((pair) => {
    const at = rest.indexOf(pair);
    if (at < 0) return false;
    rest.splice(at, 1);
    return true;
  }).length;
  return 2 * common / (left.length + right.length);
}

interface Place {
  page: number;
  box: Box;
}

/** Where on its page the name stands, when it does. */
function placeOf(block: ModelBlock, pages: readonly Page[]): Place | null {
  const wanted = letters(block.name);
  const page = pages.find(({ number }) => number === block.page) ?? pages[0];
  if (!page || wanted === "") return null;
  const cells = page.tables.flatMap((table) => table.cells)
    .filter((cell) => letters(cell.lines.map((line) => line.text).join(" ")).includes(wanted));
  const line = page.lines.find(({ text }) => letters(text).includes(wanted));
  const box = cells[0]?.box ?? line?.box;
  return box ? { page: page.number, box } : null;
}

const wholePage = (block: ModelBlock, pages: readonly Page[]): Place => {
  const page = pages.find(({ number }) => number === block.page) ?? pages[0];
  return {
    page: page?.number ?? 1,
    box: { x: 0, y: 0, width: page?.width ?? 1, height: page?.height ?? 1 },
  };
};

export function mergeAnswer(
  answer: readonly ModelBlock[],
  known: readonly Block[],
  pages: readonly Page[],
  threshold: number,
): Block[] {
  const left = new Set(known);
  const merged = answer.map((block) => {
    const twin = [...left]
      .filter((k) => k.day === block.day && k.start === block.start)
      .map((k) => ({ k, like: likeness(k.name, block.name) }))
      .filter(({ like }) => like >= 0.6)
      .sort((a, b) => b.like - a.like)[0]?.k;
    const common = {
      day: block.day,
      name: block.name,
      start: block.start,
      end: block.end,
      ...(block.notes === "" ? {} : { notes: block.notes }),
      accepted: false,
    };
    if (twin) {
      left.delete(twin);
      const isSame = letters(twin.name) === letters(block.name) && twin.end === block.end;
      return {
        ...common,
        ...(twin.color === undefined ? {} : { color: twin.color }),
        page: twin.page,
        box: twin.box,
        // Two who read independently of each other are wrong together only where both are.
        confidence: isSame
          ? Math.max(0.9, 1 - (1 - twin.confidence) * 0.3)
          : Math.max(twin.confidence, SEEN),
        reasons: [...twin.reasons, isSame ? "model_agrees" : "model_differs"],
      };
    }
    const place = placeOf(block, pages);
    return {
      ...common,
      ...(place ?? wholePage(block, pages)),
      confidence: place ? SEEN : ALONE,
      reasons: ["model_only"],
    };
  });
  // What was read surely does not vanish because the model passes over it; but it is no longer sure.
  const missing = [...left].filter(({ confidence }) => confidence >= threshold)
    .map((block) => ({
      ...block,
      accepted: false,
      confidence: block.confidence * 0.7,
      reasons: [...block.reasons, "model_missing"],
    }));
  return [...merged, ...missing];
}
