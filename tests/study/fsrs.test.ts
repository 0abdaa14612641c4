// FSRS-6 in SQL against ts-fsrs, over random histories, and against what the authors of FSRS published.
import type { Grade } from "ts-fsrs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { type Database, defaults, type Found, openDatabase } from "./fsrs-database.ts";
import {
  randomOf,
  replay,
  type Review,
  type Settings,
  someReviews,
  someSettings,
} from "./fsrs-histories.ts";

let engine: EmbeddedEngine;
let inSql: Database["inSql"];

beforeAll(async () => {
  ({ engine, inSql } = await openDatabase());
});
afterAll(async () => {
  await engine?.close();
});

describe("random histories", () => {
  const random = randomOf(20260101);
  const histories = Array.from({ length: 4000 }, () => {
    const settings = someSettings(random);
    return { ...settings, reviews: someReviews(random, settings) };
  });

  test(
    "4,000 of them, of both schedulers: every state, interval and memory is that of ts-fsrs",
    async () => {
      const different: unknown[] = [];
      let compared = 0;
      let largest = 0;
      for (let from = 0; from < histories.length; from += 500) {
        const part = histories.slice(from, from + 500);
        const found = await inSql(part);
        expect(found.length).toBe(part.length);
        for (const [at, history] of part.entries()) {
          for (const [no, expected] of replay(history, history.reviews).entries()) {
            const { first: _first, last: _last, ...step } = found[at]?.[no] as Found;
            compared++;
            const apart = Math.max(
              Math.abs(step.stability - expected.stability) / Math.max(1, expected.stability),
              Math.abs(step.difficulty - expected.difficulty),
            );
            largest = Math.max(largest, apart);
            const same = {
              ...step,
              stability: expected.stability,
              difficulty: expected.difficulty,
            };
            if (
              !(apart <= 1e-6) || JSON.stringify(same) !== JSON.stringify({ ...same, ...expected })
            ) {
              different.push({ history, no, step, expected });
            }
          }
        }
      }
      expect(different.slice(0, 3)).toEqual([]);
      expect(compared).toBeGreaterThan(30_000);
      expect(largest).toBeLessThan(1e-6);
    },
    120_000,
  );
});

describe("what the authors of FSRS published", () => {
  // ts-fsrs, packages/fsrs/__tests__/FSRS-6.test.ts and impl/long-term_scheduler.test.ts; the memory states are those of
  // fsrs-rs, src/inference.rs.
  /** Reviews a card whenever it is due: after its days, or at once when that is the same day. */
  const onTime = async (settings: Settings, ratings: number[]): Promise<Found[]> => {
    const reviews: Review[] = [];
    let found: Found[] = [];
    for (const rating of ratings) {
      reviews.push({ elapsed: found.at(-1)?.interval ?? 0, rating: rating as Grade });
      found = (await inSql([{ ...settings, reviews }]))[0] ?? [];
    }
    return found;
  };
  const noSteps = { learning: [], relearning: [] };

  test("intervals of thirteen reviews", async () => {
    const found = await onTime(defaults, [3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3]);
    expect(found.map((step) => step.interval)).toEqual(
      [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21],
    );
  });

  test("a first review", async () => {
    const first = (await inSql(
      [1, 2, 3, 4].map((rating) => ({
        ...defaults,
        reviews: [{ elapsed: 0, rating: rating as Grade }],
      })),
    )).map((steps) => steps[0] as Found);
    expect(first.map((step) => step.stability)).toEqual([0.212, 1.2931, 2.3065, 8.2956]);
    expect(first.map((step) => step.difficulty)).toEqual([6.4133, 5.11217071, 2.11810397, 1]);
    expect(first.map((step) => step.interval)).toEqual([0, 0, 0, 8]);
    expect(first.map((step) => step.state)).toEqual(["learning", "learning", "learning", "review"]);
  });

  test.each([
    { name: "with steps within a day", settings: defaults, stability: 53.62691 },
    { name: "without", settings: { ...defaults, ...noSteps }, stability: 53.335106 },
  ])("the memory after six reviews, $name", async ({ settings, stability }) => {
    const elapsed = [0, 0, 1, 3, 8, 21];
    const reviews = [1, 3, 3, 3, 3, 3].map((rating, at) => ({
      elapsed: elapsed[at] as number,
      rating: rating as Grade,
    }));
    const last = (await inSql([{ ...settings, reviews }]))[0]?.at(-1);
    expect(last?.stability).toBeCloseTo(stability, 4);
    expect(last?.difficulty).toBeCloseTo(6.3574867, 4);
  });

  test("the forgetting curve", async () => {
    const rows = await engine.query<{ r: number }>(
      "select private.fsrs_retrievability(8, 8.2956, 0.1542) as r",
    );
    expect(rows[0]?.r).toBe(0.9024733);
  });

  test.each([
    {
      ratings: [3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3],
      intervals: [3, 13, 48, 155, 445, 1158, 17, 3, 11, 37, 112, 307, 773],
      stability: 772.94026648,
      difficulty: 4.26464541,
    },
    {
      ratings: [1, 2, 3, 4, 1, 2, 3, 4],
      intervals: [1, 2, 6, 41, 4, 7, 21, 133],
      stability: 132.81849454,
      difficulty: 5.36588547,
    },
    {
      ratings: [2, 3, 4, 1, 2, 3, 4, 1],
      intervals: [2, 7, 54, 5, 8, 26, 171, 8],
      stability: 8.11072373,
      difficulty: 5.71619151,
    },
    {
      ratings: [3, 4, 1, 2, 3, 4, 1, 2],
      intervals: [3, 33, 4, 7, 26, 193, 9, 14],
      stability: 14.31323867,
      difficulty: 5.34697075,
    },
    {
      ratings: [4, 1, 2, 3, 4, 1, 2, 3],
      intervals: [15, 3, 6, 27, 240, 10, 17, 60],
      stability: 59.59547542,
      difficulty: 4.24020203,
    },
  ])("the long-term scheduler: $ratings", async ({ ratings, intervals, stability, difficulty }) => {
    const weights = [
      ...[0.4197, 1.1869, 3.0412, 15.2441, 7.1434, 0.6477, 1.0007, 0.0674, 1.6597, 0.1712],
      ...[1.1178, 2.0225, 0.0904, 0.3025, 2.1214, 0.2498, 2.9466, 0.4891, 0.6468, 0, 0.5],
    ];
    const found = await onTime({ ...defaults, ...noSteps, weights }, ratings);
    expect(found.map((step) => step.interval)).toEqual(intervals);
    expect(found.at(-1)?.stability).toBe(stability);
    expect(found.at(-1)?.difficulty).toBe(difficulty);
  });
});
