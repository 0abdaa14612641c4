// Each pgTAP file of this folder is one test. The same files run on a native Postgres with pg_prove.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { openTapDatabase, readTap, runTapFile } from "../setup/tap.ts";

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
let engine: EmbeddedEngine;

beforeAll(async () => {
  engine = await openTapDatabase();
});
afterAll(async () => {
  await engine?.close();
});

describe("pgTAP", () => {
  for (const file of files) {
    const path = join(folder, file);
    // Helpers are functions for the files behind them: no assertions, and nothing rolled back.
    const isHelper = !/\bplan\s*\(|\bno_plan\s*\(/.test(readFileSync(path, "utf8"));
    test(file, async () => {
      const { planned, ran, failures } = await runTapFile(engine, path);
      if (isHelper) return;
      expect(failures.join("\n"), `${failures.length} of ${ran.length} failed in ${file}`).toBe("");
      expect(planned, `${file} has a plan`).toBeGreaterThan(0);
      expect(ran.length, `${file} planned ${planned} assertions`).toBe(planned);
      expect(new Set(ran).size, `${file} counts each assertion once`).toBe(planned);
    });
  }
});

describe("the files", () => {
  test("that touch money look whether it adds up", () => {
    const touching = files.filter((file) =>
      /^\d+_market_/.test(file) &&
      /\btests\.(booking|pay|capture|money_event)\(/.test(readFileSync(join(folder, file), "utf8"))
    );
    expect(touching.length).toBeGreaterThan(5);
    expect(
      touching.filter((file) =>
        !readFileSync(join(folder, file), "utf8").includes("tests.money_broken()")
      ),
    ).toEqual([]);
  });
});

describe("the reader of TAP", () => {
  test("sees a failure with what is said of it, and a short plan", () => {
    const report = readTap([
      "1..3",
      "ok 1 - a",
      "not ok 2 - b",
      '# Failed test 2: "b"',
      "# have: 1",
    ]);
    expect(report.planned).toBe(3);
    expect(report.ran).toEqual([1, 2]);
    expect(report.failures).toEqual(['not ok 2 - b\n    # Failed test 2: "b"\n    # have: 1']);
  });

  test("lets a known gap pass", () => {
    expect(readTap(["not ok 1 - later # TODO issue 9"]).failures).toEqual([]);
  });
});
