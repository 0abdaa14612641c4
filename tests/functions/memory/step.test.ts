import { fsrs, type Grade } from "ts-fsrs";
import { describe, expect, test } from "vitest";
import {
  firstReview,
  newMemory,
  nextReview,
  recall,
} from "../../../functions/_shared/memory/step.ts";
import {
  boundsOf,
  clipWeights,
  PUBLISHED_WEIGHTS,
  SPREAD,
  WEIGHT_COUNT,
} from "../../../functions/_shared/memory/weights.ts";
import { randomFrom } from "./synthetic.ts";

type Review = { rating: Grade; days: number };

function someReviews(random: () => number): Review[] {
  return Array.from({ length: 1 + Math.floor(random() * 12) }, () => ({
    rating: (1 + Math.floor(random() * 4)) as Grade,
    days: random() < 0.3 ? 0 : Math.floor(Math.exp(random() * 7)),
  }));
}

const someWeights = (random: () => number) =>
  clipWeights(
    PUBLISHED_WEIGHTS.map((value, i) => value + (random() - 0.5) * SPREAD[i]! * (i < 4 ? 0.2 : 1)),
    1,
  );

function run(weights: ArrayLike<number>, reviews: Review[], withGradient = false) {
  const memory = newMemory(withGradient);
  reviews.forEach(({ rating, days }, no) =>
    no === 0 ? firstReview(weights, memory, rating) : nextReview(weights, memory, rating, days)
  );
  return memory;
}

describe("one review", () => {
  test.each([true, false])(
    "does as ts-fsrs does, over 2,000 random histories under random weights; steps: %s",
    (hasSteps) => {
      const random = randomFrom(1);
      let compared = 0;
      for (let no = 0; no < 2000; no += 1) {
        const weights = someWeights(random);
        const theirs = fsrs({
          w: [...weights],
          relearning_steps: ["10m"],
          enable_short_term: hasSteps,
        });
        const reviews = someReviews(random);
        let state: { stability: number; difficulty: number } | null = null;
        const memory = newMemory(false);
        reviews.forEach(({ rating, days }, at) => {
          const chance = state && theirs.forgetting_curve(days, state.stability);
          if (chance !== null) {
            expect(recall(weights, memory.stability, days).chance).toBeCloseTo(chance, 6);
          }
          state = theirs.next_state(state, at === 0 ? 0 : days, rating);
          if (at === 0) firstReview(weights, memory, rating);
          else nextReview(weights, memory, rating, days, hasSteps);
          const apart = Math.abs(memory.stability - state.stability) / Math.max(1, state.stability);
          expect(apart).toBeLessThan(1e-6);
          expect(Math.abs(memory.difficulty - state.difficulty)).toBeLessThan(1e-6);
          compared += 1;
        });
      }
      expect(compared).toBeGreaterThan(10_000);
    },
  );

  test("changes with the weights as its derivatives say", () => {
    const random = randomFrom(2);
    const touched = new Set<number>();
    for (let no = 0; no < 300; no += 1) {
      const weights = someWeights(random);
      const reviews = someReviews(random);
      const memory = run(weights, reviews, true);
      for (let i = 0; i < WEIGHT_COUNT; i += 1) {
        const size = 1e-6 * Math.max(1, Math.abs(weights[i]!));
        const at = (by: number) => run(weights.map((w, j) => j === i ? w + by : w), reviews);
        const [above, below] = [at(size), at(-size)];
        for (const  of of["stability", "difficulty"] as const) {
          const exact = memory.byWeights![of][i]!;
          if (Math.abs(exact) > 1e-3) touched.add(i);
          // At the edge of a bound, the two sides differ: one of them holds.
          const sides = [above[of] - memory[of], memory[of] - below[of]].map((by) => by / size);
          const apart = sides.map((side) =>
            Math.abs(side - exact) / Math.max(1, Math.abs(exact), memory[of])
          );
          expect(Math.min(...apart)).toBeLessThan(1e-3);
        }
      }
    }
    expect(touched.size).toBe(WEIGHT_COUNT);
  });

  test("the chance to recall after as many days as stability is 0.9, and its derivatives hold", () => {
    const random = randomFrom(3);
    for (let no = 0; no < 200; no += 1) {
      const weights = someWeights(random);
      const stability = Math.exp(random() * 8 - 2);
      expect(recall(weights, stability, stability).chance).toBeCloseTo(0.9, 10);
      const days = Math.exp(random() * 7);
      const { byStability, byDecay } = recall(weights, stability, days);
      const size = 1e-6;
      const by = (s: number, w: number) =>
        recall(weights.map((value, i) => i === 20 ? value + w : value), stability + s, days).chance;
      expect((by(size, 0) - by(-size, 0)) / (2 * size)).toBeCloseTo(byStability, 5);
      expect((by(0, size) - by(0, -size)) / (2 * size)).toBeCloseTo(byDecay, 5);
    }
  });
});

test("the published weights and their bounds are those of ts-fsrs, whatever the relearning steps", async () => {
  const { clipParameters, default_w } = await import("ts-fsrs");
  expect(PUBLISHED_WEIGHTS).toEqual([...default_w]);
  const random = randomFrom(4);
  for (let no = 0; no < 500; no += 1) {
    const wild = PUBLISHED_WEIGHTS.map((value, i) => value + (random() - 0.5) * 8 * SPREAD[i]!);
    const steps = Math.floor(random() * 5);
    const theirs = clipParameters(wild, steps);
    clipWeights(wild, steps).forEach((value, i) => {
      // A first stability below 0.1 counts as 0.1 there, too, when it is used.
      expect(value).toBeCloseTo(i < 4 ? Math.max(0.1, theirs[i]!) : theirs[i]!, 7);
    });
    expect(boundsOf(wild, steps)).toHaveLength(WEIGHT_COUNT);
  }
});
