// Blocks on their way from a reading to the database: how sure they are together, what reviewers have taught, and the
// form that the database takes.

import { sha256Hex } from "../../_shared/text/hash.ts";
import { week } from "../../_shared/timetable/days.ts";
import type { Block, Box, Day, Page } from "../../_shared/timetable/types.ts";
import type { Correction, RecordedBlock } from "./store.ts";

const MOST_BLOCKS = 500;

/** A block, and what it said before a correction. */
export type TaughtBlock = Block & Pick<RecordedBlock, "read">;

/** The mean of the blocks; a page without any is not sure at all. */
export const confidenceOf = (blocks: readonly Block[]): number =>
  blocks.length === 0
    ? 0
    : blocks.reduce((sum, block) => sum + block.confidence, 0) / blocks.length;

/** The share of its cells' shape, days and hours that documents of one school have in common; never a name. */
export async function layoutHashOf(
  pages: readonly Page[],
  blocks: readonly Block[],
): Promise<string> {
  const tables = pages.flatMap((page) => page.tables.map((t) => `${t.rows}x${t.columns}`));
  const days = [...new Set(blocks.map((block) => block.day))].sort();
  const starts = blocks.map((block) => block.start).sort();
  const shape = [tables, days, starts.at(0) ?? "", starts.at(-1) ?? ""];
  return await sha256Hex(JSON.stringify(shape));
}

const spanOf = (block: Block) => `${block.start}-${block.end ?? ""}`;

const isDay = (text: string | undefined): text is Day => (week as string[]).includes(text ?? "");

/**
 * What reviewers made of the same readings in documents of the same layout. The database hands out only what was put right
 * wherever it was read so; the same days and hours, misread once, are misread again.
 */
export function applyCorrections(
  blocks: readonly Block[],
  corrections: readonly Correction[],
): TaughtBlock[] {
  const table = new Map(corrections.map((c) => [`${c.field}:${c.read}`, c.corrected]));
  return blocks.map((block) => {
    const read: NonNullable<RecordedBlock["read"]> = {};
    const taught: TaughtBlock = { ...block };
    const name = table.get(`name:${block.name}`);
    if (name) {
      read.name = block.name;
      taught.name = name;
    }
    const span = /^(\d\d:\d\d)-(\d\d:\d\d)?$/.exec(table.get(`time:${spanOf(block)}`) ?? "");
    if (span?.[1]) {
      read.time = spanOf(block);
      taught.start = span[1];
      taught.end = span[2] ?? null;
    }
    const day = table.get(`day:${block.day}`);
    if (isDay(day)) {
      read.day = block.day;
      taught.day = day;
    }
    return Object.keys(read).length === 0 ? taught : {
      ...taught,
      read,
      // A person has vouched for this reading of it: half of the doubt is gone.
      confidence: 1 - (1 - block.confidence) / 2,
      reasons: [...block.reasons, "corrected"],
    };
  });
}

const share = (value: number, of: number) =>
  Math.round(Math.min(1, Math.max(0, value / of)) * 100_000) / 100_000;

const shareOf = (box: Box, page: Page): Box => ({
  x: share(box.x, page.width),
  y: share(box.y, page.height),
  width: share(box.width, page.width),
  height: share(box.height, page.height),
});

export function forRecord(
  blocks: readonly TaughtBlock[],
  pages: readonly Page[],
): RecordedBlock[] {
  // Nobody has so many lessons: what is beyond is noise, and the least sure of it goes first.
  const kept = blocks.length <= MOST_BLOCKS
    ? blocks
    : [...blocks].sort((a, b) => b.confidence - a.confidence).slice(0, MOST_BLOCKS);
  return kept.flatMap(({ accepted: _accepted, ...block }) => {
    const page = pages.find(({ number }) => number === block.page);
    if (!page) return [];
    const isEmpty = block.end === block.start;
    return [{
      ...block,
      name: block.name.trim().slice(0, 255) || "?",
      ...(block.notes === undefined ? {} : { notes: block.notes.slice(0, 2000) }),
      end: isEmpty ? null : block.end,
      box: shareOf(block.box, page),
      confidence: Math.round(Math.min(1, Math.max(0, block.confidence)) * 1000) / 1000 *
        (isEmpty ? 0.5 : 1),
      reasons: isEmpty ? [...block.reasons, "no_length"] : block.reasons,
    }];
  });
}
