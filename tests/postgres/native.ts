// A database of one's own on the native server, and people who act in it through real connections.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { expect } from "vitest";
import { findViolations } from "../../scripts/demo/invariants.ts";
import { createDatabase, dropDatabase, runName } from "../../scripts/postgres/databases.ts";
import { withDatabase } from "../../scripts/postgres/given-server.ts";

export type Sql = postgres.Sql;

export interface Database {
  url: string;
  /** The superuser, as many connections as are asked for at once. */
  sql: Sql;
  drop(): Promise<void>;
}

/** Set by `npm run test:postgres`. */
export function urlFrom(name: "TEMPLATE" | "EMPTY"): string {
  const url = process.env[`LYCEUM_TEST_${name}_URL`];
  if (!url) throw new Error("These tests need a server: npm run test:postgres");
  return url;
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

/** A copy of the project's database, with its seed or without. */
export async function copyOf(template: "TEMPLATE" | "EMPTY", what: string): Promise<Database> {
  return await newDatabase(what, nameOf(urlFrom(template)));
}

export async function newDatabase(what: string, template?: string): Promise<Database> {
  const server = urlFrom("TEMPLATE");
  const name = runName(what);
  await createDatabase(server, name, template);
  const url = withDatabase(server, name);
  const sql = postgres(url, { max: 60, onnotice: () => {}, idle_timeout: 20 });
  return {
    url,
    sql,
    drop: async () => {
      await sql.end({ timeout: 5 });
      await dropDatabase(server, name);
    },
  };
}

/** The helpers of the pgTAP files: `tests.create_user`, `tests.qa_expert`, `tests.qa_drive` … */
export async function loadHelpers(sql: Sql): Promise<void> {
  for (const file of ["000_helpers.sql", "000_helpers_qa.sql", "000_helpers_study.sql"]) {
    await sql.unsafe(readFileSync(join(import.meta.dirname, "..", "db", file), "utf8"));
  }
}

/** One transaction of a signed-in person, as the Data API runs it. */
export const asUser = <T>(
  { sql }: Pick<Database, "sql">,
  userId: string,
  work: (tx: postgres.TransactionSql) => Promise<T>,
): Promise<T> =>
  sql.begin(async (tx) => {
    const claims = JSON.stringify({ sub: userId, role: "authenticated" });
    await tx`select set_config('request.jwt.claims', ${claims}, true)`;
    await tx`set local role authenticated`;
    return await work(tx);
  }) as Promise<T>;

/** Opens the connections first, so that what comes next really meets. */
export async function warmUp(sql: Sql, connections: number): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, () => sql.begin((tx) => tx`select pg_sleep(0.05)`)),
  );
}

export interface Outcomes<T> {
  done: T[];
  /** How often each refusal came: code and message. */
  refused: Record<string, number>;
}

/** All at once, and how each ended. */
export async function rush<T>(attempts: (() => Promise<T>)[]): Promise<Outcomes<T>> {
  const settled = await Promise.allSettled(attempts.map((attempt) => attempt()));
  const outcomes: Outcomes<T> = { done: [], refused: {} };
  for (const result of settled) {
    if (result.status === "fulfilled") outcomes.done.push(result.value);
    else {
      const { code, message } = result.reason as { code?: string; message: string };
      const refusal = `${code ?? "no code"} ${message}`;
      outcomes.refused[refusal] = (outcomes.refused[refusal] ?? 0) + 1;
    }
  }
  return outcomes;
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** For `afterAll`: whatever met whom, every promise across rows holds, the audit's chain too. */
export async function expectSound({ sql }: Pick<Database, "sql">): Promise<void> {
  expect(await findViolations(async (text) => [...await sql.unsafe(text)])).toEqual([]);
  const [chain] = await sql`select is_valid, reason from ops.verify_audit_chain()`;
  expect(chain).toEqual({ is_valid: true, reason: null });
}
