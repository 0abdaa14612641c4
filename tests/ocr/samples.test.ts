// Timetables drawn, damaged and read again, from the picture to the blocks.
import { afterAll, beforeAll, expect, test } from "vitest";
import { structure } from "../../functions/_shared/timetable/index.ts";
import { createEngine } from "../../scripts/ocr/engine/index.ts";
import type { OcrEngine } from "../../scripts/ocr/engine/types.ts";
import { readDocument } from "../../scripts/ocr/read.ts";
import type { Damage } from "../../scripts/ocr/sample/damage.ts";
import { kinds, makeOne } from "../../scripts/ocr/sample/index.ts";
import { f1, score } from "../../scripts/ocr/sample/score.ts";

let engine: OcrEngine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.close());

test.each<[string, Damage, number]>([
  ["days-rows", "jpeg", 0.95],
  ["merged-routines", "photo", 0.9],
  ["lists", "none", 0.95],
  ["coloured", "none", 0.7],
])("%s, %s", async (name, damage, least) => {
  const sample = await makeOne(kinds.find((k) => k.name === name)!, damage, 4242);
  const document = await readDocument(sample.bytes, { engine: () => Promise.resolve(engine) });
  const found = score(sample.gold, structure(document));
  expect(f1(found)).toBeGreaterThanOrEqual(least);
  expect(found.acceptedRight).toBeGreaterThanOrEqual(0.95 * found.accepted);
}, 20_000);
