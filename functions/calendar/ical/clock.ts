// Clock times and moments. A day is a number of days since 1970, a clock time a number of minutes since then by the
// clock of the school, a moment a number of seconds of the Unix era.

import type { Offset } from "../schema.ts";

export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

export const minutesOf = (time: string): number =>
  Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Monday is 1. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7 + 1;

/** The Monday of its week. */
export const mondayOf = (day: number): number => day - weekdayOf(day) + 1;

const stamp = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");

/** 20260907T090000 */
export const localStamp = (minutes: number): string => stamp(minutes * 60);
/** 20260907T080000Z */
export const utcStamp = (seconds: number): string => `${stamp(seconds)}Z`;
/** 20260907 */
export const dateStamp = (day: number): string => stamp(day * 86_400).slice(0, 8);

export interface Reading {
  /** The moment: of two equal clock times the first; for one that is left out, with the offset before it. */
  at: number;
  /** False where the clock changes: the time comes twice, or never. */
  isPlain: boolean;
}

/** Reads clock times by the offsets of the zone. */
export const readerOf = (offsets: readonly Offset[]) => (minutes: number): Reading => {
  const local = minutes * 60;
  const moments = offsets.flatMap(({ since, seconds }, index) => {
    const at = local - seconds;
    const next = offsets[index + 1]?.since ?? Infinity;
    return (index === 0 || at >= since) && at < next ? [at] : [];
  });
  const [first] = moments.sort((one, other) => one - other);
  if (first !== undefined) return { at: first, isPlain: moments.length === 1 };
  const before = offsets.findLast(({ since, seconds }) => local - seconds >= since);
  return { at: local - (before ?? offsets[0]!).seconds, isPlain: false };
};
