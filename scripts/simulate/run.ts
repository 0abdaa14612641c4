// What a part of a simulation is asked to do, and where it stands.
import type { Deck, Scheduler } from "./deck.ts";
import type { Habits } from "./people.ts";
import type { Tally } from "./tally.ts";
import type { Minds, Truth } from "./truths/index.ts";

export interface Plan {
  seed: number;
  days: number;
  newPerDay: number;
  scheduler: Scheduler;
  truth: Truth;
  learners: readonly number[];
  /** Days at whose end the learners' weights are fitted to their reviews. */
  fitOn: readonly number[];
}

export interface Run extends Plan {
  deck: Deck;
  minds: Minds;
  habits: Habits[];
  tally: Tally;
  cardsOfEach: number;
  learnerOf: (card: number) => number;
  /** Minutes after the day's first card at which each comes again. */
  minute: Int32Array;
  introduced: Int32Array;
  /** Of each learner; null: the published ones. */
  weights: (readonly number[] | null)[];
  /** Each card's reviews, where weights are to be fitted to them. */
  histories: [rating: number, days: number, at: number][][] | null;
}
