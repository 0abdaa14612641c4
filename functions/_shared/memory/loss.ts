// How well weights foretell what was remembered: the log-loss over reviews a day or more after another, and what moves it.
import type { Histories } from "./histories.ts";
import { firstReview, newMemory, nextReview, recall } from "./step.ts";
import { WEIGHT_COUNT } from "./weights.ts";

/** A chance is never quite 0 or 1. */
const LEAST = 1e-6;

export interface Slope {
  gradient: Float64Array;
  /** The expected second derivatives (Fisher's information), row after row. */
  information: Float64Array;
}

export const newSlope = (): Slope => ({
  gradient: new Float64Array(WEIGHT_COUNT),
  information: new Float64Array(WEIGHT_COUNT * WEIGHT_COUNT),
});

/** Calls `seen` with the chance that was foretold at each review that counts, in the order of the cards. */
export function forEachChance(
  weights: ArrayLike<number>,
  histories: Histories,
  until: number,
  seen: (chance: number, index: number, byWeights: (weight: number) => number) => void,
  withGradient = false,
): void {
  const { starts, ratings, days, at, hasSteps } = histories;
  const memory = newMemory(withGradient);
  for (let card = 0; card + 1 < starts.length; card += 1) {
    for (let i = starts[card]!; i < starts[card + 1]! && at[i]! < until; i += 1) {
      if (i === starts[card]) {
        firstReview(weights, memory, ratings[i]!);
        continue;
      }
      const chance = recall(weights, memory.stability, days[i]!);
      if (days[i]! > 0) {
        seen(
          chance.chance,
          i,
          (w) =>
            chance.byStability * memory.byWeights!.stability[w]! + (w === 20 ? chance.byDecay : 0),
        );
      }
      nextReview(weights, memory, ratings[i]!, days[i]!, hasSteps, chance);
    }
  }
}

const lossOf = (chance: number, isRecalled: boolean): number =>
  -Math.log(Math.min(1 - LEAST, Math.max(LEAST, isRecalled ? chance : 1 - chance)));

/** The sum over what came before `until`; adds to `slope` when there is one. */
export function trainingLoss(
  weights: ArrayLike<number>,
  histories: Histories,
  until: number,
  slope?: Slope,
): { sum: number; count: number } {
  let sum = 0;
  let count = 0;
  const by = new Float64Array(WEIGHT_COUNT);
  forEachChance(weights, histories, until, (foretold, index, byWeights) => {
    const isRecalled = histories.ratings[index]! > 1;
    sum += lossOf(foretold, isRecalled);
    count += 1;
    if (!slope) return;
    const chance = Math.min(1 - LEAST, Math.max(LEAST, foretold));
    const variance = chance * (1 - chance);
    const pull = (chance - (isRecalled ? 1 : 0)) / variance;
    for (let i = 0; i < WEIGHT_COUNT; i += 1) by[i] = byWeights(i);
    for (let i = 0; i < WEIGHT_COUNT; i += 1) {
      if (by[i] === 0) continue;
      slope.gradient[i]! += pull * by[i]!;
      const scaled = by[i]! / variance;
      for (let j = 0; j <= i; j += 1) {
        slope.information[i * WEIGHT_COUNT + j]! += scaled * by[j]!;
      }
    }
  }, slope !== undefined);
  return { sum, count };
}

/** The loss of each review at or after `from`, in the order of the cards. */
export function heldOutLosses(
  weights: ArrayLike<number>,
  histories: Histories,
  from: number,
): number[] {
  const losses: number[] = [];
  forEachChance(weights, histories, Infinity, (chance, index) => {
    if (histories.at[index]! >= from) losses.push(lossOf(chance, histories.ratings[index]! > 1));
  });
  return losses;
}
