// The reviews of one person, card after card, as columns.

export interface Histories {
  /** Where each card's reviews begin; one more at the end. */
  starts: Int32Array;
  /** 1 again, 2 hard, 3 good, 4 easy. */
  ratings: Uint8Array;
  /** Whole days since the review before; 0 of a card's first. */
  days: Int32Array;
  /** When, as any number that grows with time. */
  at: Float64Array;
  /** Whether the person has steps within a day at all. */
  hasSteps: boolean;
}

export type CardHistory = readonly (readonly [rating: number, days: number, at: number])[];

export function toHistories(cards: readonly CardHistory[], hasSteps = true): Histories {
  const count = cards.reduce((sum, card) => sum + card.length, 0);
  const histories: Histories = {
    starts: new Int32Array(cards.length + 1),
    ratings: new Uint8Array(count),
    days: new Int32Array(count),
    at: new Float64Array(count),
    hasSteps,
  };
  let place = 0;
  cards.forEach((card, no) => {
    histories.starts[no] = place;
    for (const [rating, days, at] of card) {
      histories.ratings[place] = rating;
      histories.days[place] = days;
      histories.at[place] = at;
      place += 1;
    }
  });
  histories.starts[cards.length] = place;
  return histories;
}

/**
 * The moment that parts what is learned from and what is held out, by time: nobody may learn from what comes later. Counted
 * in reviews that say something of remembering: those a day or more after another.
 */
export function splitAt(histories: Histories, share: number): number {
  const { days, at } = histories;
  const scored = Array.from(at).filter((_, i) => days[i]! > 0).sort((a, b) => a - b);
  return scored[Math.floor(scored.length * share)] ?? Infinity;
}
