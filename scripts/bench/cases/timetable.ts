// The reader of timetables on documents that it has not seen: F1 of the blocks by kind of layout, and how far what it accepts
// without a person is right. Rates are shares of what there is to read, so the machine's speed does not enter.
import { createEngine } from "../../ocr/engine/index.ts";
import type { OcrEngine } from "../../ocr/engine/types.ts";
import { evaluate, type Result } from "../../ocr/sample/evaluate.ts";
import { f1, sum } from "../../ocr/sample/score.ts";
import type { BenchCase, Comparison, Target } from "../types.ts";

/** Neither the seed that the confidence was fitted on nor the one that it was checked with. */
const SEEDS = [7];
const DAMAGES = ["none", "scan", "photo"] as const;

const compared = (
  what: string,
  value: (results: Result[]) => number,
  results: Result[],
  target?: Target,
  note?: string,
): Comparison => ({
  case: "timetable",
  what,
  ours: "read",
  against: "there to read",
  of: "rate",
  ratios: [value(results)],
  measured: { ours: [value(results)], against: [1] },
  ...(target ? { target } : {}),
  ...(note ? { note } : {}),
});

export const timetableCase: BenchCase = {
  name: "timetable",
  about: "generated timetables of every kind: F1, and how right is what no person checks",
  run: async (bench) => {
    const engine: OcrEngine = await createEngine();
    try {
      const results = await evaluate(() => Promise.resolve(engine), {
        seeds: SEEDS,
        damages: [...DAMAGES],
      });
      bench.say(`${results.length} documents read`);
      const score = (some: Result[]) => f1(sum(some));
      const kinds = [...Map.groupBy(results, ({ kind }) => kind)];
      const all = sum(results);
      const accepted = all.acceptedRight / all.accepted;
      return [
        compared("F1, all kinds", score, results),
        ...DAMAGES.map((damage) =>
          compared(`F1, ${damage}`, score, results.filter((r) => r.damage === damage))
        ),
        ...kinds.map(([kind, some]) => compared(`F1, ${kind}`, score, some)),
        compared("precision of accepted blocks", () => accepted, results, { atLeast: 0.98 }),
        compared("accepted blocks", () => all.accepted / all.read, results, { atLeast: 0.5 }),
      ];
    } finally {
      await engine.close();
    }
  },
};
