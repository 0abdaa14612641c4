// What the cases of social share: people by number, and sides that take another person each time.
import type pg from "pg";
import { type Role, type Statement, transaction } from "../connect.ts";
import { type Side, timed } from "../measure.ts";

export interface Call {
  userId: string;
  statement: Statement;
}

/** The ids of people, by their number in bench.people. */
export async function idsOf(client: pg.Client, numbers: number[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    "select id from bench.people where n = any ($1) order by n",
    [numbers],
  );
  if (rows.length < numbers.length) throw new Error(`There is nobody with a number of ${numbers}.`);
  return rows.map(({ id }) => id);
}

/** One call after the other, from the first again when all were made. */
export function inCircles(client: pg.Client, role: Role, calls: Call[]): Side {
  let turn = 0;
  return () => {
    const call = calls[turn++ % calls.length];
    if (!call) throw new Error("There is nothing to call.");
    return transaction(client, call.userId, role, call.statement);
  };
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The time that so many of all calls stay below, in each round. */
export async function percentiles(
  side: Side,
  share: number,
  { rounds, calls }: { rounds: number; calls: number },
): Promise<number[]> {
  for (let warm = 0; warm < 5; warm++) await side();
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const times: number[] = [];
    for (let call = 0; call < calls; call++) times.push(await timed(side));
    found.push(percentile(times, share));
  }
  return found;
}
