// What chunks are made of: sentences, rows, lines of code, with how good it would be to cut before each.

import { hash32 } from "../text/hash.ts";
import { splitSentences } from "../text/sentences.ts";
import { BETWEEN_BLOCKS } from "./assemble.ts";
import type { PlacedBlock } from "./types.ts";

/** How good a cut is: never right below a heading, best above one. */
export const CUT = {
  belowHeading: -1,
  sentence: 0,
  row: 1,
  block: 2,
  heading: 3,
  topHeading: 4,
} as const;
export type Cut = (typeof CUT)[keyof typeof CUT];

/** Offsets are UTF-16 units of the canonical text; each unit ends where the next one begins. */
export interface Unit {
  start: number;
  cut: Cut;
  /** From 0 to 1, by its words alone: makes cuts fall at the same places after a change elsewhere. */
  lot: number;
  /** Index of its block. */
  block: number;
}

const MAX_HASH = 2 ** 32;
const rows = new Set(["list_item", "table_row", "note"]);

/** The rank that parts the document: the highest that comes twice, or that there is. */
export function topLevelOf(blocks: PlacedBlock[]): number {
  const counts = new Map<number, number>();
  for (const { kind, level = 1 } of blocks) {
    if (kind === "heading") counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  const levels = [...counts.keys()].sort((a, b) => a - b);
  return levels.find((level) => (counts.get(level) ?? 0) > 1) ?? levels[0] ?? 0;
}

function cutBefore(blocks: PlacedBlock[], at: number, topLevel: number): Cut {
  const block = blocks[at], before = blocks[at - 1];
  if (!block || !before) return CUT.topHeading;
  if (before.kind === "heading") return CUT.belowHeading;
  if (block.startsPart) return CUT.topHeading;
  if (block.kind === "heading") {
    return (block.level ?? 1) <= topLevel ? CUT.topHeading : CUT.heading;
  }
  const isWithin = rows.has(block.kind) && (before.kind === block.kind || /:$/.test(before.text));
  return isWithin || block.kind === "note" ? CUT.row : CUT.block;
}

/** Where a block may be cut, from its own beginning. */
function startsWithin({ kind, text }: PlacedBlock): number[] {
  if (kind === "heading") return [0];
  if (kind === "code") return [0, ...[...text.matchAll(/\n(?=.)/g)].map(({ index }) => index + 1)];
  const starts = splitSentences(text).map(({ start }) => start);
  // A sign in front of the first sentence belongs to it.
  return [0, ...starts.slice(1)];
}

/** Pieces of a sentence that is longer than a chunk may be: at words, or wherever no character is cut in two. */
function pieces(text: string, longest: number): number[] {
  const starts: number[] = [];
  let at = 0;
  while (text.length - at > longest) {
    const space = text.slice(at, at + longest).search(/\s\S*$/);
    let next = space > longest / 2 ? at + space + 1 : at + longest;
    const code = text.charCodeAt(next);
    if (code >= 0xdc00 && code < 0xe000) next -= 1;
    starts.push(next);
    at = next;
  }
  return starts;
}

export function unitsOf(blocks: PlacedBlock[], longest: number): Unit[] {
  const topLevel = topLevelOf(blocks);
  const units: Unit[] = [];
  let offset = 0;
  blocks.forEach((block, at) => {
    const { text } = block;
    const starts = startsWithin(block);
    starts.forEach((start, i) => {
      const sentence = text.slice(start, starts[i + 1] ?? text.length);
      for (const more of [0, ...pieces(sentence, longest)]) {
        const isFirst = start + more === 0;
        units.push({
          start: offset + start + more,
          cut: isFirst ? cutBefore(blocks, at, topLevel) : CUT.sentence,
          lot: hash32(sentence.slice(more, more + 200)) / MAX_HASH,
          block: at,
        });
      }
    });
    offset += text.length + BETWEEN_BLOCKS.length;
  });
  return units;
}
