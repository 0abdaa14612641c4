// One review in FSRS-6: what becomes of stability and difficulty, and how that depends on the weights. Derivatives are carried
// forward along a card's reviews, so that a whole history is gone through once, whatever its length.
import { clamp, WEIGHT_COUNT } from "./weights.ts";

export interface Memory {
  /** Days after which the chance to recall has fallen to 0.9. */
  stability: number;
  /** 1 (easy) to 10. */
  difficulty: number;
  /** Derivatives of both by each weight; absent when nobody asks. */
  byWeights?: { stability: Float64Array; difficulty: Float64Array };
}

const STABILITY = [0.001, 36_500] as const;
const DIFFICULTY = [1, 10] as const;
const LOG_09 = Math.log(0.9);

export const newMemory = (withGradient: boolean): Memory => ({
  stability: 0,
  difficulty: 0,
  ...withGradient && {
    byWeights: {
      stability: new Float64Array(WEIGHT_COUNT),
      difficulty: new Float64Array(WEIGHT_COUNT),
    },
  },
});

/** The chance to recall after some days, by power law; `byStability` and `byDecay` are its derivatives. */
export interface Recall {
  chance: number;
  byStability: number;
  byDecay: number;
}

export function recall(w: ArrayLike<number>, stability: number, days: number): Recall {
  const decay = w[20]!;
  const factor = Math.exp(-LOG_09 / decay) - 1;
  const ratio = days / stability;
  const base = 1 + factor * ratio;
  const chance = base ** -decay;
  return {
    chance,
    byStability: decay * chance / base * factor * ratio / stability,
    byDecay: chance *
      (-Math.log(base) - decay / base * ratio * (factor + 1) * LOG_09 / (decay * decay)),
  };
}

/** A new value, and its derivatives by the old state and by some of the weights. */
interface Change {
  value: number;
  byStability: number;
  byDifficulty: number;
  byWeight: [index: number, derivative: number][];
}

const held = (change: Change, [least, most]: readonly [number, number]): Change =>
  change.value >= least && change.value <= most ? change : {
    value: clamp(change.value, [least, most]),
    byStability: 0,
    byDifficulty: 0,
    byWeight: [],
  };

function firstDifficulty(w: ArrayLike<number>, rating: number): Change {
  const raised = Math.exp((rating - 1) * w[5]!);
  const byWeight: Change["byWeight"] = [[4, 1], [5, -(rating - 1) * raised]];
  return { value: w[4]! - raised + 1, byStability: 0, byDifficulty: 0, byWeight };
}

function nextDifficulty(w: ArrayLike<number>, d: number, rating: number): Change {
  const easy = firstDifficulty(w, 4);
  const pull = w[7]!;
  const moved = d - w[6]! * (rating - 3) * (10 - d) / 9;
  return held({
    value: pull * easy.value + (1 - pull) * moved,
    byStability: 0,
    byDifficulty: (1 - pull) * (1 + w[6]! * (rating - 3) / 9),
    byWeight: [
      ...easy.byWeight.map(([i, by]): [number, number] => [i, pull * by]),
      [6, -(1 - pull) * (rating - 3) * (10 - d) / 9],
      [7, easy.value - moved],
    ],
  }, DIFFICULTY);
}

function afterRecall(
  w: ArrayLike<number>,
  { stability: s, difficulty: d }: Memory,
  rating: number,
  r: Recall,
): Change {
  const bonusIndex = rating === 2 ? 15 : rating === 4 ? 16 : -1;
  const bonus = bonusIndex < 0 ? 1 : w[bonusIndex]!;
  const grown = Math.exp((1 - r.chance) * w[10]!);
  const base = s * Math.exp(w[8]!) * (11 - d) * s ** -w[9]!;
  const gain = base * (grown - 1) * bonus;
  const byChance = -base * bonus * w[10]! * grown;
  const byWeight: Change["byWeight"] = [
    [8, gain],
    [9, -gain * Math.log(s)],
    [10, base * bonus * (1 - r.chance) * grown],
    [20, byChance * r.byDecay],
  ];
  if (bonusIndex >= 0) byWeight.push([bonusIndex, base * (grown - 1)]);
  return held({
    value: s + gain,
    byStability: 1 + gain / s * (1 - w[9]!) + byChance * r.byStability,
    byDifficulty: -gain / (11 - d),
    byWeight,
  }, STABILITY);
}

function afterLapse(
  w: ArrayLike<number>,
  { stability: s, difficulty: d }: Memory,
  r: Recall,
  hasSteps: boolean,
): Change {
  const scale = w[11]! * d ** -w[12]! * Math.exp((1 - r.chance) * w[14]!);
  const power = (s + 1) ** w[13]!;
  const value = scale * (power - 1);
  const forgotten = held({
    value,
    byStability: scale * w[13]! * power / (s + 1) - w[14]! * value * r.byStability,
    byDifficulty: -w[12]! / d * value,
    byWeight: [
      [11, value / w[11]!],
      [12, -Math.log(d) * value],
      [13, scale * power * Math.log(s + 1)],
      [14, (1 - r.chance) * value],
      [20, -w[14]! * value * r.byDecay],
    ],
  }, STABILITY);
  // Never more than what the steps of the same day would have left of it.
  const [w17, w18] = hasSteps ? [w[17]!, w[18]!] : [0, 0];
  const left = s / Math.exp(w17 * w18);
  if (left > forgotten.value) return forgotten;
  return held({
    value: left,
    byStability: left / s,
    byDifficulty: 0,
    byWeight: [[17, -left * w18], [18, -left * w17]],
  }, [STABILITY[0], forgotten.value]);
}

function sameDay(w: ArrayLike<number>, s: number, rating: number): Change {
  const growth = s ** -w[19]! * Math.exp(w[17]! * (rating - 3 + w[18]!));
  if (rating >= 2 && growth < 1) {
    return { value: s, byStability: 1, byDifficulty: 0, byWeight: [] };
  }
  const value = s * growth;
  return held({
    value,
    byStability: (1 - w[19]!) * growth,
    byDifficulty: 0,
    byWeight: [
      [17, value * (rating - 3 + w[18]!)],
      [18, value * w[17]!],
      [19, -value * Math.log(s)],
    ],
  }, STABILITY);
}

/** Changes `into` by the chain rule: what the change says of the weights, and what they did to the state before. */
function chain(into: Float64Array, change: Change, before: NonNullable<Memory["byWeights"]>): void {
  const { byStability, byDifficulty } = change;
  const { stability, difficulty } = before;
  for (let i = 0; i < WEIGHT_COUNT; i += 1) {
    into[i] = byStability * stability[i]! + byDifficulty * difficulty[i]!;
  }
  for (const [i, by] of change.byWeight) into[i]! += by;
}

const spare = new Float64Array(WEIGHT_COUNT);

/** The review after which a card is no longer new. */
export function firstReview(w: ArrayLike<number>, memory: Memory, rating: number): void {
  const difficulty = held(firstDifficulty(w, rating), DIFFICULTY);
  const index = rating - 1;
  const first = held(
    { value: w[index]!, byStability: 0, byDifficulty: 0, byWeight: [[index, 1]] },
    [0.1, Infinity],
  );
  memory.stability = first.value;
  memory.difficulty = difficulty.value;
  if (!memory.byWeights) return;
  memory.byWeights.stability.fill(0);
  memory.byWeights.difficulty.fill(0);
  for (const [i, by] of first.byWeight) memory.byWeights.stability[i] = by;
  for (const [i, by] of difficulty.byWeight) memory.byWeights.difficulty[i] = by;
}

/**
 * Any later one, `days` (whole) after the one before. Whoever has no learning steps has no rule of the same day either: the
 * long-term scheduler of FSRS.
 */
export function nextReview(
  w: ArrayLike<number>,
  memory: Memory,
  rating: number,
  days: number,
  hasSteps = true,
  chance: Recall = recall(w, memory.stability, days),
): void {
  const stability = days === 0 && hasSteps
    ? sameDay(w, memory.stability, rating)
    : rating === 1
    ? afterLapse(w, memory, chance, hasSteps)
    : afterRecall(w, memory, rating, chance);
  const difficulty = nextDifficulty(w, memory.difficulty, rating);
  if (memory.byWeights) {
    chain(spare, stability, memory.byWeights);
    chain(memory.byWeights.difficulty, difficulty, memory.byWeights);
    memory.byWeights.stability.set(spare);
  }
  memory.stability = stability.value;
  memory.difficulty = difficulty.value;
}
