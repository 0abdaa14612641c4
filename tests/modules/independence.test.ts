// Each module stands on core and ops alone: the others may be left out, and its own tests pass.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { openTapDatabase, runTapFile } from "../setup/tap.ts";

const base = ["core", "ops"];
const testFolder = join(import.meta.dirname, "..", "db");
const migrationFolder = join(import.meta.dirname, "..", "..", "supabase", "migrations");

const moduleOf = (name: string): string => name.split("_")[1] ?? "";
const sqlFiles = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();

const modules = [...new Set(sqlFiles(migrationFolder).map(moduleOf))]
  .filter((module) => !base.includes(module));

/** Helpers first, then the tests of these modules and of no other. */
const testsOf = (wanted: string[]): string[] => [
  ...sqlFiles(testFolder).filter((name) =>
    name === "000_helpers.sql" ||
    wanted.some((module) => new RegExp(`^000_helpers_${module}[_.]`).test(name))
  ),
  ...sqlFiles(testFolder).filter((name) =>
    !name.startsWith("000_") && wanted.includes(moduleOf(name))
  ),
];

function standsAlone(present: string[], tested: string[]): void {
  describe(present.join(" + "), () => {
    let engine: EmbeddedEngine;

    beforeAll(async () => {
      engine = await openTapDatabase(({ name }) => present.includes(name.split("_")[0] ?? ""));
    });
    afterAll(async () => {
      await engine?.close();
    });

    test("is all that is there", async () => {
      const schemas = await engine.query<{ name: string }>(
        "select nspname as name from pg_namespace where nspname = any ($1) order by 1",
        [[...base, ...modules]],
      );
      expect(schemas.map(({ name }) => name)).toEqual([...present].sort());
    });

    for (const file of testsOf(tested)) {
      test(file, async () => {
        const { planned, ran, failures } = await runTapFile(engine, join(testFolder, file));
        if (file.startsWith("000_")) return;
        expect(failures.join("\n")).toBe("");
        expect(ran.length).toBe(planned);
      });
    }
  });
}

test("there are modules, and each has tests", () => {
  expect(modules.length).toBeGreaterThan(0);
  for (const module of [...base, ...modules]) {
    expect(testsOf([module]).length, module).toBeGreaterThan(1);
  }
});

standsAlone(base, base);
for (const module of modules) standsAlone([...base, module], [module]);
