// The files of tests/db on the native server, each rolled back. `npm test` runs them on the embedded one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTap } from "../setup/tap.ts";
import { copyOf, type Database } from "./native.ts";

const folder = join(import.meta.dirname, "..", "db");
const files = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "pgtap");
  await database.sql`create extension if not exists pgtap with schema extensions`;
});
afterAll(() => database?.drop());

interface FileError extends Error {
  position?: string;
  detail?: string;
  where?: string;
}

/** One connection a file: nothing that it sets outlives it. */
async function run(file: string): Promise<string[]> {
  const text = readFileSync(join(folder, file), "utf8");
  const connection = await database.sql.reserve();
  try {
    const results: unknown = await connection.unsafe(text).simple();
    const rows = (results as object[]).flatMap((result) =>
      Array.isArray(result) ? result as object[] : [result]
    );
    return rows.flatMap((row) => Object.values(row) as unknown[])
      .filter((value) => typeof value === "string").flatMap((value) => value.split("\n"));
  } catch (error) {
    const { message, detail, where, position } = error as FileError;
    const line = position ? `:${text.slice(0, Number(position)).split("\n").length}` : "";
    throw new Error([`${file}${line}: ${message}`, detail, where].filter(Boolean).join("\n  "));
  } finally {
    await connection`rollback`;
    await connection`discard all`;
    connection.release();
  }
}

describe("pgTAP on the native server", () => {
  for (const file of files) {
    const isHelper = !/\bplan\s*\(|\bno_plan\s*\(/.test(readFileSync(join(folder, file), "utf8"));
    test(file, async () => {
      const { planned, ran, failures } = readTap(await run(file));
      if (isHelper) return;
      expect(failures.join("\n"), `${failures.length} of ${ran.length} failed in ${file}`).toBe("");
      expect(planned, `${file} has a plan`).toBeGreaterThan(0);
      expect(ran.length, `${file} planned ${planned} assertions`).toBe(planned);
    });
  }
});
