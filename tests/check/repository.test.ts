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

  test("may name routes, hosts and folders of its own", () => {
    const text = [
      "https://example.com/home/page",
      `../functions/_shared${slash}tmp/x`,
      `$HOME${slash}work/x`,
    ];
    expect(find(text.join("\n"))).toEqual([]);
  });

  test("names no registry, and its lock file none at all", () => {
    expect(find(`https:/${slash}registry.example.org/x`)).toHaveLength(1);
    expect(find('{\n  "resolved": "x"\n}', "package-lock.json")).toHaveLength(1);
    expect(find('{\n  "version": "1.0.0"\n}', "package-lock.json")).toEqual([]);
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
