// Groups into as many parts as there are sessions for them: neighbours together, or one cut at its passages and sentences.

import type { Group, Line } from "./groups.ts";

export interface Part {
  headings: string[];
  groups: Group[];
  lines: Line[];
  /** "part 2 of 3" of one group. */
  piece?: { no: number; of: number };
}

/** A part of fewer sentences is no session. */
const MIN_LINES = 2;

const mostPieces = (group: Group): number =>
  Math.max(1, Math.floor(group.lines.length / MIN_LINES));

export const mostParts = (groups: readonly Group[]): number =>
  groups.reduce((sum, group) => sum + mostPieces(group), 0);

/** Contiguous, and as even as it goes. */
const evenly = <T>(items: readonly T[], count: number): T[][] =>
  Array.from({ length: count }, (_, at) =>
    items.slice(
      Math.round(at * items.length / count),
      Math.round((at + 1) * items.length / count),
    ));

const together = (groups: readonly Group[], count: number): Part[] => {
  const total = groups.reduce((sum, { lines }) => sum + lines.length, 0);
  const bins: Group[][] = [[]];
  let done = 0;
  groups.forEach((group, at) => {
    const bin = bins[bins.length - 1]!;
    const isFull = bin.length > 0 && done >= total * bins.length / count;
    // Each bin that is still to come needs one group.
    const isNeeded = bin.length > 0 && groups.length - at <= count - bins.length;
    if (bins.length < count && (isFull || isNeeded)) bins.push([group]);
    else bin.push(group);
    done += group.lines.length;
  });
  return bins.map((bin) => ({
    headings: bin.map(({ heading }) => heading),
    groups: bin,
    lines: bin.flatMap(({ lines }) => lines),
  }));
};

const apart = (groups: readonly Group[], count: number): Part[] => {
  const pieces = groups.map(() => 1);
  for (let left = count - groups.length; left > 0; left -= 1) {
    let at = -1;
    let largest = 0;
    groups.forEach((group, index) => {
      const own = pieces[index] ?? 1;
      const size = group.lines.length / (own + 1);
      if (own < mostPieces(group) && size > largest) [at, largest] = [index, size];
    });
    if (at < 0) break;
    pieces[at] = (pieces[at] ?? 1) + 1;
  }
  return groups.flatMap((group, index) => {
    const of = pieces[index] ?? 1;
    return evenly(group.lines, of).map((lines, at): Part => ({
      headings: [group.heading],
      groups: [group],
      lines,
      ...(of > 1 ? { piece: { no: at + 1, of } } : {}),
    }));
  });
};

/** At most `count` parts; fewer when there is not enough of it. */
export const partsOf = (groups: readonly Group[], count: number): Part[] =>
  groups.length >= count ? together(groups, count) : apart(groups, count);
