// Two sides measured side by side: in turns, in one run, on one server. What the machine does besides then meets both.
import { performance } from "node:perf_hooks";

export type Side = () => Promise<unknown>;

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export async function timed(work: Side): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export interface Turns {
  rounds: number;
  /** How long a round goes on, and how many turns it takes at least. */
  milliseconds?: number;
  least?: number;
}

/** For each side the median time of each round. */
export async function inTurns(sides: Side[], turns: Turns): Promise<number[][]> {
  const { rounds, milliseconds = 1000, least = 5 } = turns;
  const results: number[][] = sides.map(() => []);
  for (const side of sides) for (let warm = 0; warm < 3; warm++) await side();
  for (let round = 0; round < rounds; round++) {
    const times: number[][] = sides.map(() => []);
    const end = performance.now() + milliseconds;
    for (let turn = 0; turn < least || performance.now() < end; turn++) {
      // Who comes first changes: whatever the one leaves in a cache must not always help the other.
      const order = turn % 2 === 0 ? sides.keys() : [...sides.keys()].reverse();
      for (const index of order) times[index]?.push(await timed(sides[index] as Side));
    }
    times.forEach((of, index) => results[index]?.push(median(of)));
  }
  return results;
}

export const ratiosOf = (ours: number[], against: number[]): number[] =>
  ours.map((value, round) => value / (against[round] ?? NaN));

/** A pair in turns, as a comparison wants it. */
export async function pair(ours: Side, against: Side, turns: Turns) {
  const [mine = [], other = []] = await inTurns([ours, against], turns);
  return {
    of: "time" as const,
    ratios: ratiosOf(mine, other),
    measured: { ours: mine, against: other },
  };
}
