// Fits the weights of FSRS-6 to one person's reviews. They are the most probable ones, given the reviews and how people differ
// (a normal prior about the published weights); found by Fisher scoring with Levenberg's and Marquardt's damping, which needs no
// learning rate and gives the same weights each time. Whether they are of use, reviews say that they have not seen.
import { type Histories, splitAt } from "./histories.ts";
import { heldOutLosses, newSlope, type Slope, trainingLoss } from "./loss.ts";
import { solve } from "./solve.ts";
import { boundsOf, clipWeights, PUBLISHED_WEIGHTS, SPREAD, WEIGHT_COUNT } from "./weights.ts";

/** Of the reviews that count, the later ones are held out. */
const TRAINING_SHARE = 0.8;
const MOST_ROUNDS = 50;
const ENOUGH = 1e-6;
/**
 * A lower loss may be luck. The difference, review by review, has to be this many standard errors below nought: of those whom
 * the published weights fit already, one in twenty changes all the same, and loses next to nothing by it.
 */
const SURE = 1.645;

export interface Fit {
  weights: number[];
  /** Mean log-loss of what was held out, with the weights in use and with the new ones. */
  lossBefore: number;
  lossAfter: number;
  /** The loss falls, and by more than luck would have it. */
  isBetter: boolean;
  trained: number;
  heldOut: number;
  rounds: number;
}

export interface FitOptions {
  /** The weights in use; the published ones without. */
  current?: readonly number[] | null;
  relearningSteps?: number;
  /** Called between two rounds: others have their turn, and whoever wants to stop it throws. */
  pause?: () => Promise<void>;
}

const prior = (weights: Float64Array): number =>
  weights.reduce(
    (sum, value, i) => sum + ((value - PUBLISHED_WEIGHTS[i]!) / SPREAD[i]!) ** 2 / 2,
    0,
  );

function withPrior(weights: Float64Array, { gradient, information }: Slope): void {
  for (let i = 0; i < WEIGHT_COUNT; i += 1) {
    gradient[i]! += (weights[i]! - PUBLISHED_WEIGHTS[i]!) / SPREAD[i]! ** 2;
    information[i * WEIGHT_COUNT + i]! += 1 / SPREAD[i]! ** 2;
  }
}

/** The next guess. A weight at its bound that would go beyond stays where it is, and the others do without it. */
function guess(
  weights: Float64Array,
  slope: Slope,
  damping: number,
  relearningSteps: number,
): Float64Array | null {
  const bounds = boundsOf(weights, relearningSteps);
  const gradient = slope.gradient.map((by) => -by);
  const information = slope.information.slice();
  for (let i = 0; i < WEIGHT_COUNT; i += 1) {
    const [least, most] = bounds[i]!;
    const isHeld = weights[i]! <= least && gradient[i]! < 0 ||
      weights[i]! >= most && gradient[i]! > 0;
    if (isHeld) {
      gradient[i] = 0;
      for (let j = 0; j < WEIGHT_COUNT; j += 1) {
        information[Math.max(i, j) * WEIGHT_COUNT + Math.min(i, j)] = i === j ? 1 : 0;
      }
    } else information[i * WEIGHT_COUNT + i]! *= 1 + damping;
  }
  const step = solve(information, gradient);
  return step && clipWeights(weights.map((value, i) => value + step[i]!), relearningSteps);
}

async function descend(
  histories: Histories,
  until: number,
  { relearningSteps = 1, pause }: FitOptions,
): Promise<{ weights: Float64Array; rounds: number }> {
  let weights = clipWeights(PUBLISHED_WEIGHTS, relearningSteps);
  let damping = 0.01;
  let rounds = 0;
  while (rounds < MOST_ROUNDS) {
    const slope = newSlope();
    const here = trainingLoss(weights, histories, until, slope).sum + prior(weights);
    withPrior(weights, slope);
    let gained = 0;
    for (; rounds < MOST_ROUNDS && damping < 1e8; damping *= 4) {
      await pause?.();
      rounds += 1;
      const next = guess(weights, slope, damping, relearningSteps);
      if (!next) continue;
      gained = here - trainingLoss(next, histories, until).sum - prior(next);
      if (gained <= 0) continue;
      weights = next;
      damping = Math.max(1e-6, damping / 5);
      break;
    }
    if (gained <= ENOUGH * here) break;
  }
  return { weights, rounds };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function isSurelyLower(before: readonly number[], after: readonly number[]): boolean {
  const differences = after.map((loss, i) => loss - before[i]!);
  const middle = mean(differences);
  const variance = mean(differences.map((difference) => (difference - middle) ** 2));
  return middle < -SURE * Math.sqrt(variance / differences.length);
}

/** Null when no review can be held out. */
export async function fitWeights(
  histories: Histories,
  options: FitOptions = {},
): Promise<Fit | null> {
  const until = splitAt(histories, TRAINING_SHARE);
  const { weights, rounds } = await descend(histories, until, options);
  const current = clipWeights(options.current ?? PUBLISHED_WEIGHTS, options.relearningSteps ?? 1);
  const before = heldOutLosses(current, histories, until);
  const after = heldOutLosses(weights, histories, until);
  const { count: trained } = trainingLoss(weights, histories, until);
  if (before.length === 0 || trained === 0) return null;
  return {
    weights: [...weights],
    lossBefore: mean(before),
    lossAfter: mean(after),
    isBetter: isSurelyLower(before, after),
    trained,
    heldOut: before.length,
    rounds,
  };
}
