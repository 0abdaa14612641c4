// Runs the queries of sql/invariants: each must return no row.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "..", "sql", "invariants");

export interface Violation {
  file: string;
  row: Record<string, unknown>;
}

type RunSql = (text: string) => Promise<Record<string, unknown>[]>;

export const invariantFiles = (): string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();

export async function findViolations(sql: RunSql): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const file of invariantFiles()) {
    const text = readFileSync(join(folder, file), "utf8").trim().replace(/;$/, "");
    for (const row of await sql(text)) found.push({ file, row });
  }
  return found;
}
