import { describe, expect, test } from "vitest";
import { checkLengths } from "../../scripts/check/lengths.ts";
import { checkRepository } from "../../scripts/check/repository.ts";

const find = (text: string, path = "docs/a.md") =>
  checkRepository([{ path, text }]).map(({ message }) => message);
// Written in two pieces, because the check reads this file as well.
const slash = "/";

describe("the repository", () => {
  test("names no place of one machine", () => {
    expect(find(`see ${slash}home/ann/lyceum`)).toEqual([
      `${slash}home/ann names a place that only one machine has`,
    ]);
    expect(find(`"${slash}tmp/data"`)).toHaveLength(1);
    expect(find(`see ..${slash}shared/notes`)).toHaveLength(1);
  });

  test("names test data outside of it in tests and scripts alone", () => {
    const text = `..${slash}shared/timetables`;
    expect(find(text, "tests/ocr/real.test.ts")).toEqual([]);
    expect(find(text, "scripts/ocr/cli.ts")).toEqual([]);
    expect(find(text, "docs/timetable.md")).toHaveLength(1);
    expect(find(`..${slash}shared/design`, "tests/a.test.ts")).toHaveLength(1);
  });

  test("may name routes, hosts and folders of its own", () => {
    const text = [
      "https://example.com/home/page",
      `../functions/_shared${slash}tmp/x`,
      `$HOME${slash}work/x`,
    ];
    expect(find(text.join("\n"))).toEqual([]);
  });

  test("names no registry", () => {
    expect(find(`https:/${slash}registry.example.org/x`)).toHaveLength(1);
  });
});

describe("the lock file", () => {
  const lock = (packages: object, more = {}) =>
    find(JSON.stringify({ ...more, packages }, null, 2), "package-lock.json");

  test("names no host", () => {
    expect(lock({ "": {}, "node_modules/a": { version: "1.0.0" } })).toEqual([]);
    expect(lock({ "": {}, "node_modules/a": { resolved: "x" } })).toHaveLength(1);
  });

  test("holds all that is asked for, also for other platforms", () => {
    const packages = {
      "": { dependencies: { a: "1.0.0" } },
      "node_modules/a": {
        dependencies: { b: "1.0.0" },
        optionalDependencies: { "@a/mac": "1.0.0" },
      },
      "node_modules/a/node_modules/b": { dependencies: { c: "1.0.0" } },
      "node_modules/c": {},
    };
    expect(lock({ ...packages, "node_modules/@a/mac": {} })).toEqual([]);
    expect(lock(packages)).toEqual(["lacks @a/mac, which node_modules/a asks for"]);
    expect(lock({ "": { dependencies: { a: "1.0.0" } } })).toEqual([
      "lacks a, which the project asks for",
    ]);
  });
});

describe("lengths", () => {
  const file = (path: string, lines: number) => ({ path, text: "x\n".repeat(lines) });

  test("above the aim is a note, above the limit a finding", () => {
    expect(checkLengths([file("scripts/a.ts", 200)])).toEqual({ findings: [], notes: [] });
    expect(checkLengths([file("scripts/a.ts", 201)]).notes).toHaveLength(1);
    expect(checkLengths([file("scripts/a.ts", 301)]).findings).toHaveLength(1);
    expect(checkLengths([file("functions/_shared/db/types.ts", 9000)]).notes).toEqual([]);
  });
});
