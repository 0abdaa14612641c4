import { describe, expect, test } from "vitest";
import { chance, normal } from "../../scripts/simulate/chance.ts";
import { firstRating, habitsOf, ratingOf } from "../../scripts/simulate/people.ts";
import { truths } from "../../scripts/simulate/truths/index.ts";

const learners = Array.from({ length: 40 }, (_, i) => i);
const CARDS = 10;
const cards = learners.flatMap((no) => Array.from({ length: CARDS }, (_, i) => no * CARDS + i));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(truths.map((truth) => [truth.name, truth] as const))(
  "the truth %s",
  (_name, truth) => {
    /** Everybody sees each card on these days, and calls it good. */
    const seenOn = (days: number[], rating = 3, seed = 1) => {
      const minds = truth.create(seed, learners, CARDS);
      for (const day of days) for (const card of cards) minds.review(card, rating, day, 0);
      return (day: number, minute = 30) =>
        mean(cards.map((card) => minds.chance(card, day, minute)));
    };

    test("forgets with time, never wholly at once", () => {
      const after = seenOn([0]);
      const chances = [0, 1, 3, 10, 30, 100].map((day) => after(day));
      chances.forEach((value, i) => {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
        if (i > 0) expect(value).toBeLessThan(chances[i - 1]!);
      });
      expect(chances[1]).toBeGreaterThan(0.4);
    });

    test("remembers longer what was repeated, and longest what was repeated often", () => {
      const [once, twice, often] = [[0], [0, 3], [0, 3, 9, 27]].map((days) => seenOn(days)) as [
        (day: number) => number,
        (day: number) => number,
        (day: number) => number,
      ];
      const [a, b, c] = [once(0 + 30), twice(3 + 30), often(27 + 30)];
      expect(b).toBeGreaterThan(a + 0.02);
      expect(c).toBeGreaterThan(b + 0.02);
    });

    test("is that of a learner and a card, however the learners are divided", () => {
      const all = truth.create(7, learners, CARDS);
      const some = truth.create(7, learners.slice(20), CARDS);
      for (const day of [0, 4, 11]) {
        for (const card of cards) all.review(card, 3, day, 0);
        for (const card of cards.slice(0, 20 * CARDS)) some.review(card, 3, day, 0);
      }
      const own = cards.slice(0, 20 * CARDS).map((card) => some.chance(card, 30, 0));
      expect(cards.slice(20 * CARDS).map((card) => all.chance(card, 30, 0))).toEqual(own);
      expect(new Set(own).size).toBeGreaterThan(10);
    });

    test("is another with another seed", () => {
      expect(seenOn([0, 4], 3, 1)(20)).not.toBe(seenOn([0, 4], 3, 2)(20));
    });
  },
);

describe("spacing", () => {
  const gain = (name: string, gap: number) => {
    const truth = truths.find((one) => one.name === name)!;
    const minds = truth.create(1, learners, CARDS);
    for (const day of [0, gap]) for (const card of cards) minds.review(card, 3, day, 0);
    return mean(cards.map((card) => minds.chance(card, gap + 30, 0)));
  };
  test("helps in the truths of FSRS and ACT-R, and not where half-lives multiply", () => {
    expect(gain("fsrs", 6)).toBeGreaterThan(gain("fsrs", 1));
    expect(gain("activation", 6)).toBeGreaterThan(gain("activation", 1));
    expect(gain("half-life", 6)).toBeCloseTo(gain("half-life", 1), 10);
  });
});

describe("luck", () => {
  test("is the same for the same, even, and independent of what is next to it", () => {
    expect(chance(1, 2, 3)).toBe(chance(1, 2, 3));
    const values = Array.from(
      { length: 20_000 },
      (_, i) => chance(5, i % 100, Math.floor(i / 100)),
    );
    expect(mean(values)).toBeCloseTo(0.5, 2);
    const tenths = Array.from(
      { length: 10 },
      (_, k) => values.filter((v) => Math.floor(v * 10) === k).length,
    );
    for (const tenth of tenths) expect(Math.abs(tenth - 2000)).toBeLessThan(200);
    expect(mean(values.slice(1).map((v, i) => (v - 0.5) * (values[i]! - 0.5)))).toBeCloseTo(0, 2);
  });

  test("of the normal kind has mean 0 and deviation 1", () => {
    const values = Array.from({ length: 20_000 }, (_, i) => normal(3, i));
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(mean(values.map((v) => v * v))).toBeCloseTo(1, 1);
  });
});

test("first ratings come as often as stated; what is recalled is never again, what is not always", () => {
  const ratings = Array.from(
    { length: 20_000 },
    (_, i) => firstRating(1, i % 100, Math.floor(i / 100)),
  );
  [0.24, 0.094, 0.495, 0.171].forEach((share, i) =>
    expect(ratings.filter((r) => r === i + 1).length / ratings.length).toBeCloseTo(share, 1)
  );
  const habits = habitsOf(1, 1);
  for (let i = 0; i < 100; i += 1) {
    const mood = i / 100;
    expect(ratingOf(false, 0.9, mood, habits)).toBe(1);
    expect(ratingOf(true, 0.9, mood, habits)).toBeGreaterThan(1);
  }
  const hardOf = (likely: number) =>
    Array.from({ length: 1000 }, (_, i) => ratingOf(true, likely, i / 1000, habits)).filter((r) =>
      r === 2
    ).length;
  expect(hardOf(0.5)).toBeGreaterThan(hardOf(0.95));
});
