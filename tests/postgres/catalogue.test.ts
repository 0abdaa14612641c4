// The same migrations end with the same database on the native server (15 or newer) and on the embedded
// engine (17).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTapDatabase } from "../setup/tap.ts";
import { copyOf, type Database } from "./native.ts";

const query = readFileSync(join(import.meta.dirname, "catalogue.sql"), "utf8");
let database: Database;
let native: string[];
let embedded: string[];

async function catalogueOf({ sql }: Pick<Database, "sql">): Promise<string[]> {
  const rows = await sql.begin(async (tx) => {
    await tx`set local search_path = ''`;
    return await tx.unsafe<{ line: string }[]>(query);
  });
  return rows.map(({ line }) => line);
}

beforeAll(async () => {
  database = await copyOf("EMPTY", "catalogue");
  native = await catalogueOf(database);
  const engine = await openTapDatabase();
  try {
    embedded = await engine.transaction(async (session) => {
      await session.exec("set local search_path = ''");
      return (await session.query<{ line: string }>(query)).map(({ line }) => line);
    });
  } finally {
    await engine.close();
  }
});
afterAll(() => database?.drop());

/** What only one of them has. Every line says by itself what it is about, so the order does not matter. */
function difference(one: string[], other: string[]): string {
  const [left, right] = [new Set(one), new Set(other)];
  return [
    ...one.filter((line) => !right.has(line)).map((line) => `only native:   ${line}`),
    ...other.filter((line) => !left.has(line)).map((line) => `only embedded: ${line}`),
  ].sort((a, b) => a.slice(15) < b.slice(15) ? -1 : 1).join("\n");
}

describe("the catalogue", () => {
  test("is the same on both engines", () => {
    expect(difference(native, embedded)).toBe("");
    expect(native.length).toBe(embedded.length);
  });

  test("holds every kind of thing that is compared", () => {
    const kinds = new Set(native.map((line) => line.split(" ")[0]));
    for (
      const kind of ["schema", "relation", "column", "constraint", "index", "policy", "grant"]
        .concat([
          "function",
          "trigger",
          "partition",
          "view",
          "comment",
          "extension",
        ])
    ) expect([...kinds]).toContain(kind);
  });

  test("shows each of these changes as a line", async () => {
    const { sql } = database;
    const changes: [string, RegExp][] = [
      [
        "alter table qa.ratings alter column comment set default 'x'",
        /column qa\.ratings\.comment:/,
      ],
      [
        "grant update (comment) on qa.ratings to anon",
        /grant on column qa\.ratings\.comment: UPDATE/,
      ],
      [
        "alter policy ratings_select_party on qa.ratings using (true)",
        /policy ratings_select_party/,
      ],
      ["drop index qa.ratings_answer_id_idx", /index CREATE INDEX ratings_answer_id_idx/],
      ["alter function qa.rate_answer security definer", /function qa\.rate_answer/],
    ];
    for (const [change, line] of changes) {
      await sql.begin(async (tx) => {
        await tx.unsafe(change);
        await tx`set local search_path = ''`;
        const rows = await tx.unsafe<{ line: string }[]>(query);
        expect(difference(native, rows.map((row) => row.line)), change).toMatch(line);
        throw new Error("undo");
      }).catch((error: Error) => {
        if (error.message !== "undo") throw error;
      });
    }
  });
});
