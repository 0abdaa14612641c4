import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readDocuments, readQueries } from "../../scripts/retrieval/judged.ts";
import { filesOf } from "../../scripts/retrieval/library.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-judged-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (content: string | Uint8Array): string => {
  const path = join(folder, `${crypto.randomUUID()}.jsonl`);
  writeFileSync(path, content);
  return path;
};
const lines = (...rows: unknown[]) =>
  file(rows.map((row) => `${JSON.stringify(row)}\r\n`).join("\n"));

describe("a judged set", () => {
  test("is read line by line, whatever else a line has", () => {
    const path = lines({ id: "d1", title: "T", text: "x", url: "u" }, {
      id: "d2",
      title: "U",
      text: "",
    });
    expect(readDocuments(path)).toEqual([
      { id: "d1", title: "T", text: "x" },
      { id: "d2", title: "U", text: "" },
    ]);
  });

  test("is asked by the field that was named", () => {
    const path = lines({ id: "q1", question: "short", message: "long", subject: "s" });
    expect(readQueries(path, "message")).toEqual([{ id: "q1", text: "long" }]);
    expect(readQueries(path, "subject")).toEqual([{ id: "q1", text: "s" }]);
    expect(() => readQueries(path, "answer")).toThrow(/line 1: [\s\S]*answer/);
  });

  const wrong: [string, () => string, RegExp][] = [
    ["no file", () => join(folder, "nothing"), /nothing cannot be read/],
    ["a folder", () => folder, /cannot be read/],
    ["nothing in it", () => file(" \n"), /is empty/],
    [
      "no JSON",
      () => file('{"id":"a","title":"t","text":"x"}\nid,title\n'),
      /line 2: this is not JSON/,
    ],
    ["no title", () => lines({ id: "a", title: " ", text: "x" }), /line 1: [\s\S]*title/],
    ["a number for a text", () => lines({ id: "a", title: "t", text: 7 }), /line 1: [\s\S]*text/],
    [
      "an id twice",
      () => lines({ id: "a", title: "t", text: "x" }, { id: "a", title: "u", text: "y" }),
      /line 3: a was there already/,
    ],
    [
      "an id with a tab",
      () => lines({ id: "a\tb", title: "t", text: "x" }),
      /line 1: an id has no tabs/,
    ],
    ["bytes", () => file(new Uint8Array([0xff, 0xfe, 0x00])), /is not UTF-8/],
  ];
  test.each(wrong)("with %s is refused", (_what, path, reason) => {
    expect(() => readDocuments(path())).toThrow(reason);
  });
});

test("documents of the same text are files of their own, and say the same", () => {
  const files = filesOf([
    { id: "a", title: "A", text: "Same." },
    { id: "b", title: "B", text: "Same." },
    { id: "c", title: "C", text: "Other." },
    { id: "d", title: "D", text: "Same." },
    { id: "e", title: "Only a title", text: " " },
  ]).map(({ file }) => file);
  expect(new Set(files).size).toBe(5);
  expect(files.map((text) => text.trim())).toEqual([
    "Same.",
    "Same.",
    "Other.",
    "Same.",
    "Only a title",
  ]);
});
