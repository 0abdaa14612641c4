// Three real teachers' timetables. They may not be copied into the project, so where the folder is absent nothing is tested.
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { structure } from "../../functions/_shared/timetable/index.ts";
import { createEngine } from "../../scripts/ocr/engine/index.ts";
import type { OcrEngine } from "../../scripts/ocr/engine/types.ts";
import { readDocument } from "../../scripts/ocr/read.ts";
import type { GoldBlock } from "../../scripts/ocr/sample/index.ts";
import { f1, score } from "../../scripts/ocr/sample/score.ts";

const folder = new URL("../../../shared/timetables/", import.meta.url);
const isThere = existsSync(folder);
if (!isThere) console.warn("skipped: the folder ../shared/timetables is not there");

describe.skipIf(!isThere)("real timetables", () => {
  let engine: Promise<OcrEngine> | undefined;
  afterAll(async () => (await engine)?.close());

  test.each([
    ["example-1.1.png", "example-1.1", 0.9],
    ["example-2.pdf", "example-2", 0.95],
    ["example-3.png", "example-3", 0.95],
  ])("%s", async (file, name, least) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
    const { blocks: gold } = JSON.parse(
      readFileSync(new URL(`${name}.gold.json`, folder), "utf8"),
    ) as { blocks: GoldBlock[] };
    const started = Date.now();
    const document = await readDocument(bytes, { engine: () => engine ??= createEngine() });
    expect(Date.now() - started).toBeLessThan(20_000);
    const blocks = structure(document), found = score(gold, blocks);
    expect(f1(found)).toBeGreaterThanOrEqual(least);
    expect(found.accepted).toBeGreaterThanOrEqual(0.5 * found.read);
    expect(found.acceptedRight).toBeGreaterThanOrEqual(0.98 * found.accepted);
  }, 40_000);
});
