// What speaks for and against a block, as numbers from 0 to about 1. The weights are in confidence-model.ts; scripts/ocr/
// calibrate.ts finds them.
import type { Draft, Source } from "./draft.ts";
import type { Reading } from "./index.ts";
import type { Day } from "./types.ts";

export const featureNames = [
  "bias",
  "name_unsure",
  "worst_word_unsure",
  "name_unsure_squared",
  "time_unsure",
  "repaired",
  "start_next_to_own",
  "start_near",
  "start_by_position",
  "end_next",
  "end_near",
  "end_by_position",
  "end_unknown",
  "own_time",
  "weak_geometry",
  "unread_ink",
  "overlap",
  "odd_length",
  "odd_minutes",
  "odd_hour",
  "unchained",
  "name_once",
  "name_short",
  "name_strange",
  "days_assumed",
  "from_heading",
  "time_off_scale",
] as const;

export type FeatureName = (typeof featureNames)[number];
export type Features = Record<FeatureName, number>;

/** A draft on one of its days. */
export interface Candidate {
  draft: Draft;
  day: Day;
  start: number;
  features: Features;
}

const fold = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const flag = (is: boolean) => is ? 1 : 0;
const isBy = (by: Source, ...sources: Source[]) => flag(sources.includes(by));

function worstWord(draft: Draft): number {
  const said = fold(draft.name).split(" ");
  const words = draft.cell.lines.flatMap((l) => l.words).filter((w) => said.includes(fold(w.text)));
  return Math.min(1, ...words.map((w) => w.confidence));
}

interface Placed {
  draft: Draft;
  day: Day;
  start: number;
  end: number | null;
}

const crosses = (a: Placed, b: Placed) =>
  a !== b && a.day === b.day && a.end !== null && b.end !== null &&
  Math.min(a.end, b.end) - Math.max(a.start, b.start) > 0;
/** Lessons follow each other: a block that begins when another ends was hardly misread. */
const chains = (a: Placed, all: Placed[]) =>
  flag(all.some((b) => b.day === a.day && b.end === a.start)) +
  flag(all.some((b) => b.day === a.day && b.start === a.end));

export function candidates({ drafts, geometry }: Reading): Candidate[] {
  const placed = drafts.flatMap((draft) =>
    draft.start === null
      ? []
      : draft.days.map((day): Placed => ({ draft, day, start: draft.start!, end: draft.end }))
  );
  const uses = new Map<string, number>();
  for (const name of new Set(drafts)) {
    const key = fold(name.name);
    uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  return placed.map((p): Candidate => {
    const { draft, day, start, end } = p;
    const unsure = 1 - Math.min(1, draft.nameConfidence), worst = 1 - worstWord(draft);
    const length = end === null ? 40 : end - start;
    const features: Features = {
      bias: 1,
      name_unsure: unsure,
      worst_word_unsure: worst,
      name_unsure_squared: unsure * unsure,
      time_unsure: 1 - Math.min(1, draft.timeConfidence),
      repaired: Math.min(3, draft.repair) / 3,
      start_next_to_own: isBy(draft.startBy, "neighbour"),
      start_near: isBy(draft.startBy, "near"),
      start_by_position: isBy(draft.startBy, "position"),
      end_next: isBy(draft.endBy, "next"),
      end_near: isBy(draft.endBy, "near", "neighbour"),
      end_by_position: isBy(draft.endBy, "position"),
      end_unknown: isBy(draft.endBy, "none"),
      own_time: isBy(draft.startBy, "own"),
      weak_geometry: 1 - geometry,
      unread_ink: Math.min(1, draft.cell.unread ?? 0),
      overlap: flag(placed.some((o) => crosses(p, o))),
      odd_length: flag(length < 5 || length > 150),
      odd_minutes: flag(start % 5 !== 0 || (end ?? 0) % 5 !== 0),
      odd_hour: flag(start < 420 || start > 1080),
      unchained: 1 - chains(p, placed) / 2,
      name_once: flag((uses.get(fold(draft.name)) ?? 0) < 2),
      name_short: flag(fold(draft.name).length <= 2),
      name_strange: flag(/[|~[\]{}<>=_\\^]|\p{L}\d|\d\p{L}/u.test(draft.name)),
      days_assumed: flag(draft.reasons.includes("days_assumed")),
      from_heading: flag(draft.reasons.includes("from_heading")),
      time_off_scale: flag(draft.reasons.includes("time_off_scale")),
    };
    return { draft, day, start, features };
  });
}
