// What is counted while a year goes by.

export interface Tally {
  learners: number;
  days: number;
  /** Days on which somebody studied, over all learners. */
  studyDays: number;
  newCards: number;
  /** All answers, first looks and repetitions on the same day included. */
  answers: number;
  /** Answers a day or more after another, on which something can have been forgotten. */
  reviews: number;
  recalled: number;
  seconds: number;
  /** Of FSRS: the sum of the chances foretold at reviews, and their log-loss. */
  foretold: number;
  loss: number;
  /** True chances at the end of a day, summed over all cards seen, each so many days. */
  knownSum: number;
  seenSum: number;
  /** The same at the end, and 90 days later without any review. */
  known: number;
  knownLater: number;
  seen: number;
  /** By month of 30 days: reviews and recalled. */
  months: { reviews: number; recalled: number; answers: number }[];
  /** By learner: answers, and cards known at the end. */
  answersOf: number[];
  knownOf: number[];
  /** Fits of weights that were tried, and those that were put in use. */
  fits: number;
  adopted: number;
}

export const newTally = (learners: number, days: number): Tally => ({
  learners,
  days,
  studyDays: 0,
  newCards: 0,
  answers: 0,
  reviews: 0,
  recalled: 0,
  seconds: 0,
  foretold: 0,
  loss: 0,
  knownSum: 0,
  seenSum: 0,
  known: 0,
  knownLater: 0,
  seen: 0,
  months: Array.from(
    { length: Math.ceil(days / 30) },
    () => ({ reviews: 0, recalled: 0, answers: 0 }),
  ),
  answersOf: [],
  knownOf: [],
  fits: 0,
  adopted: 0,
});

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = newTally(0, tallies[0]?.days ?? 0);
  for (const tally of tallies) {
    for (const [name, value] of Object.entries(tally)) {
      if (typeof value === "number" && name !== "days") {
        sum[name as "answers"] += value;
      }
    }
    sum.months.forEach((month, i) => {
      month.reviews += tally.months[i]!.reviews;
      month.recalled += tally.months[i]!.recalled;
      month.answers += tally.months[i]!.answers;
    });
    sum.answersOf.push(...tally.answersOf);
    sum.knownOf.push(...tally.knownOf);
  }
  return sum;
}

/** A mean over learners and its standard error. */
export function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) };
}
