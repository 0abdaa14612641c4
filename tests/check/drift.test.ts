import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findDrift } from "../../scripts/types/drift.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-drift-"));
afterAll(() => rmSync(folder, { recursive: true }));

const committed = (text: string): string => {
  const path = join(folder, "types.ts");
  writeFileSync(path, text);
  return path;
};

test("equal types are no drift, and a missing file is", () => {
  expect(findDrift("a\nb\n", committed("a\nb\n"))).toEqual([]);
  expect(findDrift("a\n", join(folder, "none.ts"))).toHaveLength(1);
});

test("drift names the lines that differ, and only those", () => {
  const lines = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const changed = ["a", "b", "C", "d", "e", "f", "new", "g", "h"];
  expect(findDrift(changed.join("\n"), committed(lines.join("\n")))).toEqual([
    "     3 - c",
    "     3 + C",
    "     7 + new",
  ]);
});

test("a long list is cut", () => {
  const many = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  expect(findDrift(many.join("\n"), committed("other\n")).at(-1)).toBe("       … and more");
});
