import type postgres from "postgres";
import { findViolations, invariantFiles } from "../../demo/invariants.ts";
import { checkCards } from "./replay.ts";
import { checkStreaks, type Stays } from "./streaks.ts";
import { type Check, checkSums } from "./sums.ts";

/** Whatever is kept beside the logs, found from them again; and every promise of sql/invariants. */
export async function checkAll(sql: postgres.Sql, stays: Stays): Promise<Check[]> {
  const violations = await findViolations(async (text) => [...await sql.unsafe(text)]);
  for (const { file, row } of violations.slice(0, 5)) console.error(file, row);
  return [
    ...await checkSums(sql),
    ...await checkStreaks(sql, stays),
    ...await checkCards(sql),
    {
      name: "the promises of sql/invariants hold (files)",
      compared: invariantFiles().length,
      wrong: violations.length,
    },
  ];
}
