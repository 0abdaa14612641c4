// How well timetables are read, by kind and damage: node scripts/run.mjs scripts/ocr/evaluate.ts [--seeds 3] [--pages DIR]
import { parseArgs } from "node:util";
import { createEngine } from "./engine/index.ts";
import type { OcrEngine } from "./engine/types.ts";
import { type Damage, damages } from "./sample/damage.ts";
import { evaluate, tableOf } from "./sample/evaluate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    kinds: { type: "string" },
    damages: { type: "string", default: damages.join() },
    pages: { type: "string" },
  },
});

let engine: Promise<OcrEngine> | undefined;
try {
  const results = await evaluate(() => engine ??= createEngine(), {
    seeds: values.seeds.split(",").map(Number),
    damages: values.damages.split(",") as Damage[],
    ...(values.kinds ? { kinds: values.kinds.split(",") } : {}),
    ...(values.pages ? { folder: values.pages } : {}),
  });
  console.log(tableOf(results));
} finally {
  await (await engine)?.close();
}
