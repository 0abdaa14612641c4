// In the midst of a year, weights are fitted as the job study.fit_weights does: by the same functions, under the same rule.
import { fitWeights } from "../../functions/_shared/memory/fit.ts";
import { toHistories } from "../../functions/_shared/memory/histories.ts";
import { firstReview, newMemory, nextReview } from "../../functions/_shared/memory/step.ts";
import type { Run } from "./run.ts";

/** As the setting study.fit_min_reviews. */
const LEAST_REVIEWS = 1000;

type Cards = NonNullable<Run["histories"]>;

export async function fitAll(run: Run, histories: Cards): Promise<void> {
  for (let no = 0; no < run.learners.length; no += 1) {
    const first = no * run.cardsOfEach;
    const cards = histories.slice(first, first + run.introduced[no]!);
    if (cards.reduce((sum, card) => sum + card.length, 0) < LEAST_REVIEWS) continue;
    const fit = await fitWeights(toHistories(cards), { current: run.weights[no] });
    run.tally.fits += 1;
    if (!fit?.isBetter) continue;
    run.tally.adopted += 1;
    run.weights[no] = fit.weights;
    cards.forEach((card, i) => reschedule(run, first + i, card, fit.weights));
  }
}

/** The card's state anew from its reviews, and its day from when it was last seen. */
function reschedule(
  run: Run,
  card: number,
  reviews: Cards[number],
  weights: readonly number[],
): void {
  const { deck } = run;
  const memory = newMemory(false);
  reviews.forEach(([rating, days], no) =>
    no === 0 ? firstReview(weights, memory, rating) : nextReview(weights, memory, rating, days)
  );
  deck.stability[card] = memory.stability;
  deck.difficulty[card] = memory.difficulty;
  // At a desired retention of 0.9 the interval is the stability. Cards amid their steps stay there.
  if (deck.state[card] !== 2) return;
  deck.interval[card] = Math.max(1, Math.round(memory.stability));
  deck.dueDay[card] = deck.lastDay[card]! + deck.interval[card]!;
}
