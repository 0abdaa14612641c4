import {
  clipWeights,
  PUBLISHED_WEIGHTS,
  SPREAD,
} from "../../../functions/_shared/memory/weights.ts";
import { firstReview, nextReview, recall } from "../../../functions/_shared/memory/step.ts";
import { about, normal } from "../chance.ts";
import { MINUTES_A_DAY, type Truth } from "./types.ts";

/** How far people are from the published weights, of how far they are found to be: their reviews blur it. */
const SHARE_OF_SPREAD = 0.5;

const ownWeights = (seed: number, learner: number): Float64Array =>
  clipWeights(
    PUBLISHED_WEIGHTS.map((value, i) => {
      const luck = normal(seed, about.person, learner, i);
      return i < 4 ? value * Math.exp(0.4 * luck) : value + SHARE_OF_SPREAD * SPREAD[i]! * luck;
    }),
    1,
  );

export const fsrsTruth: Truth = {
  name: "fsrs",
  title: "FSRS-6, each learner with weights of his own",
  about:
    "Memory follows the formulas of FSRS-6. Each learner's weights lie about the published ones, by half the spread that fsrs-rs " +
    "states between people (first stabilities: a factor of e^±0.4). The scheduler uses the published weights: it is right in kind " +
    "and wrong in degree. This truth flatters FSRS.",
  create(seed, learners, cardsOfEach) {
    const weights = learners.map((learner) => ownWeights(seed, learner));
    const size = learners.length * cardsOfEach;
    const stability = new Float64Array(size);
    const difficulty = new Float64Array(size);
    const lastDay = new Int32Array(size);
    const lastMinute = new Int32Array(size);
    return {
      chance: (card, day, minute) => {
        const days = day - lastDay[card]! || (minute - lastMinute[card]!) / MINUTES_A_DAY;
        return recall(weights[Math.floor(card / cardsOfEach)]!, stability[card]!, days).chance;
      },
      review: (card, rating, day, minute) => {
        const w = weights[Math.floor(card / cardsOfEach)]!;
        const memory = { stability: stability[card]!, difficulty: difficulty[card]! };
        if (stability[card] === 0) firstReview(w, memory, rating);
        else nextReview(w, memory, rating, day - lastDay[card]!);
        stability[card] = memory.stability;
        difficulty[card] = memory.difficulty;
        lastDay[card] = day;
        lastMinute[card] = minute;
      },
    };
  },
};
