// Finds the weights of the confidence: node scripts/run.mjs scripts/ocr/calibrate.ts [--fit 1,2] [--check 3] [--pages DIR]
// Samples of the seeds after --fit are drawn, read and compared with what they say; a logistic regression over the features
// of their blocks gives the weights. Samples of other seeds, after --check, show what the probabilities are worth.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  candidates,
  type FeatureName,
  featureNames,
  type Features,
} from "../../functions/_shared/timetable/features.ts";
import { readPageDrafts } from "../../functions/_shared/timetable/index.ts";
import { hhmm } from "../../functions/_shared/timetable/times.ts";
import { createEngine } from "./engine/index.ts";
import type { OcrEngine } from "./engine/types.ts";
import { type Damage, damages } from "./sample/damage.ts";
import { samplePages } from "./sample/pages.ts";
import { judge } from "./sample/score.ts";

const { values } = parseArgs({
  options: {
    fit: { type: "string", default: "1,2" },
    check: { type: "string", default: "3" },
    damages: { type: "string", default: damages.join() },
    pages: { type: "string", default: ".stack/cache/timetable-samples" },
    threshold: { type: "string", default: "0.97" },
  },
});
const model = new URL("../../functions/_shared/timetable/confidence-model.ts", import.meta.url);
const RIDGE = 0.5;
/** How firmly the beliefs below are held, in blocks that would have to contradict them. */
const FIRM = 8;
/**
 * What is believed before any sample is seen: a feature that generated timetables hardly ever show keeps this weight, so
 * that a real document's oddities are not taken for nothing.
 */
const prior: Partial<Record<FeatureName, number>> = {
  start_next_to_own: -0.5,
  start_near: -1.5,
  start_by_position: -2.5,
  end_near: -1,
  end_by_position: -2.5,
  overlap: -1.5,
  odd_length: -2,
  odd_minutes: -1,
  odd_hour: -1.5,
  name_strange: -1,
  days_assumed: -3,
  from_heading: -1,
  time_off_scale: -2,
};

interface Case {
  x: number[];
  isRight: boolean;
}

let engine: Promise<OcrEngine> | undefined;
const vector = (features: Features) => featureNames.map((name) => features[name]);

async function casesOf(seeds: string): Promise<Case[]> {
  const cases: Case[] = [];
  const wanted = { seeds: seeds.split(",").map(Number), folder: values.pages };
  const which = values.damages.split(",") as Damage[];
  for await (
    const { page, gold } of samplePages(() => engine ??= createEngine(), {
      ...wanted,
      damages: which,
    })
  ) {
    const found = candidates(readPageDrafts(page));
    const right = judge(
      gold,
      found.map(({ draft, day, start }) => ({
        ...{ day, name: draft.name, start: hhmm(start), accepted: true },
        end: draft.end === null ? null : hhmm(draft.end),
      })),
    );
    cases.push(...found.map((c, i) => ({ x: vector(c.features), isRight: right[i]! })));
  }
  return cases;
}

const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const logistic = (z: number) => 1 / (1 + Math.exp(-z));

/** Gauss with pivots. */
function solve(matrix: number[][], vector: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, vector[i]!]), n = vector.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i; r < n; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

/** Newton's steps on the likelihood, with a ridge so that a feature seen rarely moves little. */
function fit(cases: Case[]): number[] {
  const n = featureNames.length;
  const believed = featureNames.map((name) => prior[name] ?? 0);
  const ridge = featureNames.map((name) => name in prior ? FIRM : RIDGE);
  let weights = [...believed];
  for (let round = 0; round < 25; round++) {
    const gradient = weights.map((w, i) => i === 0 ? 0 : -ridge[i]! * (w - believed[i]!));
    const curvature = Array.from(
      { length: n },
      (_, i) => Array.from({ length: n }, (_, j) => i === j ? ridge[i]! : 0),
    );
    for (const { x, isRight } of cases) {
      const p = logistic(dot(weights, x)), error = (isRight ? 1 : 0) - p, w = p * (1 - p);
      for (let i = 0; i < n; i++) {
        if (x[i] === 0) continue;
        gradient[i]! += error * x[i]!;
        for (let j = 0; j < n; j++) curvature[i]![j]! += w * x[i]! * x[j]!;
      }
    }
    const step = solve(curvature, gradient);
    weights = weights.map((w, i) => w + step[i]!);
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  return weights;
}

function report(title: string, cases: Case[], weights: number[]): void {
  const threshold = Number(values.threshold);
  const scored = cases.map((c) => ({ p: logistic(dot(weights, c.x)), isRight: c.isRight }));
  const accepted = scored.filter((s) => s.p >= threshold);
  const share = (list: typeof scored) =>
    list.length === 0 ? NaN : list.filter((s) => s.isRight).length / list.length;
  console.log(
    `${title}: ${cases.length} blocks, ${(100 * share(scored)).toFixed(1)} % right; ` +
      `accepted ${(100 * accepted.length / cases.length).toFixed(1)} %, ` +
      `of them ${(100 * share(accepted)).toFixed(2)} % right`,
  );
  for (const [from, to] of [[0, 0.5], [0.5, 0.8], [0.8, 0.9], [0.9, 0.97], [0.97, 1.01]] as const) {
    const bin = scored.filter((s) => s.p >= from && s.p < to);
    const mean = bin.reduce((sum, s) => sum + s.p, 0) / bin.length;
    console.log(
      `  said ${from}–${Math.min(1, to)}: ${String(bin.length).padStart(6)} blocks, ` +
        `mean ${mean.toFixed(3)}, right ${share(bin).toFixed(3)}`,
    );
  }
}

const cases = await casesOf(values.fit), weights = fit(cases);
report(`fitted on seeds ${values.fit}`, cases, weights);
if (values.check !== "") report(`held out ${values.check}`, await casesOf(values.check), weights);
await (await engine)?.close();

const lines = featureNames.map((name, i) => `    ${name}: ${weights[i]!.toFixed(3)},`);
writeFileSync(
  model,
  `// Written by scripts/ocr/calibrate.ts; not by hand. A logistic regression with a ridge towards what was believed
// before (calibrate.ts says what), fitted on ${cases.length} blocks read from generated timetables of every kind
// (scripts/ocr/sample), seeds ${values.fit}, with the damages ${
    values.damages.replaceAll(",", ", ")
  }.
// Blocks at or above the threshold are accepted without a person.
import type { FeatureName } from "./features.ts";

export const model: { threshold: number; weights: Record<FeatureName, number> } = {
  threshold: ${values.threshold},
  weights: {
${lines.join("\n")}
  },
};
`,
);
