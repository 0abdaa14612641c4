// People who forget by known rules, for tests of what is fitted to them.
import {
  firstReview,
  newMemory,
  nextReview,
  recall,
} from "../../../functions/_shared/memory/step.ts";
import { PUBLISHED_WEIGHTS } from "../../../functions/_shared/memory/weights.ts";
import { type CardHistory } from "../../../functions/_shared/memory/histories.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Card = [rating: number, days: number, at: number][];

/**
 * Cards, one a day, that are reviewed when the published weights foretell a chance of 0.9, or up to half sooner or later, until
 * `last`. `remembers` says by the true state whether they are.
 */
export function study(
  seed: number,
  cards: number,
  last: number,
  truth: readonly number[],
  remembers: (chance: number, day: number, random: () => number) => boolean,
): CardHistory[] {
  const random = randomFrom(seed);
  return Array.from({ length: cards }, (_, no) => {
    const card: Card = [];
    const mind = newMemory(false);
    const guess = newMemory(false);
    const [again, hard, good] = [0.25, 0.35, 0.9];
    const luck = random();
    const first = luck < again ? 1 : luck < hard ? 2 : luck < good ? 3 : 4;
    firstReview(truth, mind, first);
    firstReview(PUBLISHED_WEIGHTS, guess, first);
    let day = no;
    card.push([first, 0, day]);
    for (let within = 0; card.length < 40; within += 1) {
      const sameDay = card.at(-1)![0] === 1 && within % 2 === 0;
      const days = sameDay ? 0 : Math.max(1, Math.round(guess.stability * (0.5 + random())));
      day += days;
      if (day > last) break;
      const chance = recall(truth, mind.stability, days).chance;
      const isRecalled = remembers(chance, day, random);
      const mood = random();
      const rating = isRecalled ? (mood < 0.15 ? 2 : mood < 0.9 ? 3 : 4) : 1;
      nextReview(truth, mind, rating, days);
      nextReview(PUBLISHED_WEIGHTS, guess, rating, days);
      card.push([rating, days, day + card.length / 1000]);
    }
    return card;
  });
}

/** Somebody who forgets sooner, gains less by each review, and falls deeper when he forgets. */
export const OTHER_WEIGHTS: readonly number[] = PUBLISHED_WEIGHTS.map((value, i) =>
  ({ 1: 0.7, 2: 0.9, 3: 2, 6: 1.8, 8: 0.7, 9: 0.35, 11: 0.9, 20: 0.45 })[i] ?? value
);
