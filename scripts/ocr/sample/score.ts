// How well blocks match the gold: same day, a name that is alike, start and end within five minutes. Each gold block
// counts once.
import type { Block } from "../../../functions/_shared/timetable/types.ts";
import type { GoldBlock } from "./index.ts";

type Read = Pick<Block, "day" | "name" | "start" | "end" | "accepted">;

const TOLERANCE = 5;
const ROUGHLY = 20;
const ALIKE = 0.75;

const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const near = (a: string, b: string | null, tolerance: number) =>
  b !== null && Math.abs(minutes(a) - minutes(b)) <= tolerance;

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, change);
    }
    row = next;
  }
  return row[b.length]!;
}

export function alike(a: string, b: string): number {
  const x = fold(a), y = fold(b);
  return x === "" || y === "" ? 0 : 1 - distance(x, y) / Math.max(x.length, y.length);
}

/** For each block whether it is right, best matches first. */
export function judge(gold: GoldBlock[], blocks: Read[]): boolean[] {
  const pairs = gold.flatMap((g, i) =>
    blocks.flatMap((b, j) => {
      const names = [g.name, ...(g.also ?? [])];
      const score = g.day === b.day ? Math.max(...names.map((n) => alike(n, b.name))) : 0;
      const room = g.approx ? ROUGHLY : TOLERANCE;
      const fits = score >= ALIKE && near(g.start, b.start, room) &&
        (g.end === null || near(g.end, b.end, room));
      return fits ? [{ score, i, j }] : [];
    })
  ).sort((a, b) => b.score - a.score);
  const taken = new Set<number>(), right = blocks.map(() => false);
  for (const { i, j } of pairs) {
    if (taken.has(i) || right[j]) continue;
    taken.add(i);
    right[j] = true;
  }
  return right;
}

export interface Score {
  gold: number;
  read: number;
  right: number;
  accepted: number;
  acceptedRight: number;
}

export function score(gold: GoldBlock[], blocks: Read[]): Score {
  const right = judge(gold, blocks);
  return {
    gold: gold.length,
    read: blocks.length,
    right: right.filter(Boolean).length,
    accepted: blocks.filter((b) => b.accepted).length,
    acceptedRight: blocks.filter((b, j) => b.accepted && right[j]).length,
  };
}

export const sum = (scores: Score[]): Score =>
  scores.reduce((a, b) => ({
    gold: a.gold + b.gold,
    read: a.read + b.read,
    right: a.right + b.right,
    accepted: a.accepted + b.accepted,
    acceptedRight: a.acceptedRight + b.acceptedRight,
  }), { gold: 0, read: 0, right: 0, accepted: 0, acceptedRight: 0 });

export const f1 = ({ gold, read, right }: Score): number =>
  gold + read === 0 ? 0 : 2 * right / (gold + read);
