// The memory part: schedulers side by side, under truths that they do not know.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { type ArmOptions, runArms } from "./arms.ts";
import { figuresOf, type MemoryFigures } from "./results.ts";

/** Lays the simulation's own function into a database of the project. */
export async function prepareSchedule(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(readFileSync(join(import.meta.dirname, "schedule.sql"), "utf8"));
}

export async function simulateMemory(
  url: string,
  options: ArmOptions,
  version: string,
  say: (text: string) => void,
): Promise<MemoryFigures> {
  const { seed, learners, days, newPerDay, fitted, connections } = options;
  const sql = postgres(url, { max: connections, onnotice: () => {} });
  const since = performance.now();
  try {
    await prepareSchedule(sql);
    const results = await runArms(sql, options, say);
    return {
      options: { seed, learners, days, newPerDay, fitted, connections },
      seconds: Math.round((performance.now() - since) / 1000),
      postgres: version,
      arms: results.map(figuresOf),
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
