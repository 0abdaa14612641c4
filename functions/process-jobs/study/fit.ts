// Weights of one's own: reads a learner's reviews, fits the weights of FSRS-6 to the earlier ones, and records how well they foretell
// the later ones. The database decides whether they are put in use.
import { done, type Job, type JobHandler } from "../../_shared/jobs/types.ts";
import { fitWeights } from "../../_shared/memory/fit.ts";
import { type CardHistory, toHistories } from "../../_shared/memory/histories.ts";
import type { FitStore } from "./fit-store.ts";

/** Null: it has ended meanwhile. */
async function readCards(store: FitStore, job: Job, most: number): Promise<CardHistory[] | null> {
  const cards: CardHistory[] = [];
  let reviews = 0;
  for (let after: string | null = null;;) {
    const page = await store.histories(job, after);
    if (!page.proceed) return null;
    for (const card of page.cards) {
      cards.push(card);
      reviews += card.length;
    }
    // Cards come in no order of theirs: the first ones are as good as any.
    if (page.next === null || reviews >= most) return cards;
    after = page.next;
  }
}

export const fitOwnWeights =
  ({ store }: { store: FitStore }): JobHandler => async (job, signal) => {
    const begun = await store.begin(job);
    if (!begun.proceed) return done({ skipped: true });
    const cards = await readCards(store, job, begun.max_reviews);
    if (!cards) return done({ skipped: true });
    const reviews = cards.reduce((sum, card) => sum + card.length, 0);
    const fit = await fitWeights(toHistories(cards, begun.has_steps), {
      current: begun.weights,
      relearningSteps: begun.relearning_steps,
      // The heartbeat has its turn.
      pause: async () => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        signal.throwIfAborted();
      },
    });
    if (!fit) {
      await store.fail(job, "No review came a day or more after another.");
      return done({ reviews, failed: "nothing_to_learn_from" });
    }
    const isAdopted = await store.record(job, fit, reviews);
    const { lossBefore, lossAfter, rounds } = fit;
    return done({ reviews, lossBefore, lossAfter, rounds, isAdopted });
  };
