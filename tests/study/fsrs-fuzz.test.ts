// Fuzz and weights in SQL against ts-fsrs.
import { default_w, get_fuzz_range } from "ts-fsrs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../scripts/stack/engine-embedded.ts";
import { type Database, type Found, openDatabase } from "./fsrs-database.ts";
import { randomOf, schedulerOf, someReviews, someSettings } from "./fsrs-histories.ts";

let engine: EmbeddedEngine;
let inSql: Database["inSql"];

beforeAll(async () => {
  ({ engine, inSql } = await openDatabase());
});
afterAll(async () => {
  await engine?.close();
});

describe("fuzz", () => {
  test("the range of every interval is that of ts-fsrs", async () => {
    const asked = [1, 2, 3, 4, 6, 7, 8, 15, 19, 20, 21, 50, 100, 365, 4000, 36500].flatMap((
      interval,
    ) =>
      [0, 1, 2, 5, 30, 400].flatMap((elapsed) =>
        [36500, 365, 30, 5].map((maximum) => ({ interval, elapsed, maximum }))
      )
    );
    const rows = await engine.query<{ first_day: number; last_day: number }>(
      `select f.* from jsonb_to_recordset($1) as a (interval integer, elapsed integer, maximum integer),
        private.fsrs_fuzz_range(a.interval, a.elapsed, a.maximum) as f`,
      [JSON.stringify(asked)],
    );
    expect(rows.length).toBe(asked.length);
    for (const [at, { interval, elapsed, maximum }] of asked.entries()) {
      const { min_ivl, max_ivl } = interval < 2.5
        ? { min_ivl: interval, max_ivl: interval } // apply_fuzz leaves these alone
        : get_fuzz_range(interval, elapsed, maximum);
      expect(rows[at], JSON.stringify(asked[at])).toEqual({
        first_day: min_ivl,
        last_day: max_ivl,
      });
    }
  });

  test(
    "the days that may be chosen for better ratings do not overlap, and hold the interval itself",
    async () => {
      const random = randomOf(7);
      const histories = Array.from({ length: 300 }, () => {
        const settings = someSettings(random);
        const reviews = [...someReviews(random, settings)];
        return { ...settings, reviews };
      });
      const four = histories.flatMap((history) =>
        ([1, 2, 3, 4] as const).map((rating) => ({
          ...history,
          reviews: [...history.reviews.slice(0, -1), {
            elapsed: history.reviews.at(-1)!.elapsed,
            rating,
          }],
        }))
      );
      const last = (await inSql(four)).map((steps) => steps.at(-1) as Found);
      let compared = 0;
      for (let at = 0; at < last.length; at += 4) {
        const before = (await inSql([{ ...four[at]!, reviews: four[at]!.reviews.slice(0, -1) }]))[0]
          ?.at(-1);
        for (const [worse, better] of [[0, 1], [1, 2], [2, 3]] as const) {
          const one = last[at + worse] as Found;
          const other = last[at + better] as Found;
          for (const step of [one, other]) {
            if (step.first === null) continue;
            expect(step.first).toBeLessThanOrEqual(step.interval);
            expect(step.last).toBeGreaterThanOrEqual(step.interval);
          }
          // Out of learning steps, and forgotten, a rating stands alone.
          const apart = before?.state === "review" && one.first !== null && other.first !== null &&
            one.interval < other.interval && one.state === "review" && one.minutes !== 1440 &&
            (worse > 0 || four[at]!.learning.length + four[at]!.relearning.length === 0);
          if (!apart) continue;
          compared++;
          expect(one.last as number, JSON.stringify({ one, other, four: four[at] })).toBeLessThan(
            other.first as number,
          );
        }
      }
      expect(compared).toBeGreaterThan(100);
    },
    60_000,
  );

  test("the chance of a review is even, and the same each time", async () => {
    const rows = await engine.query<{ low: string; mean: number; same: boolean }>(`
      select count(*) filter (where c < 0.25) as low, avg(c) as mean, bool_and(c >= 0 and c < 1) as same
      from (select private.study_chance(md5(n::text)::uuid, n) as c from generate_series(1, 4000) as n) as x`);
    expect(rows[0]?.mean).toBeGreaterThan(0.48);
    expect(rows[0]?.mean).toBeLessThan(0.52);
    expect(Number(rows[0]?.low)).toBeGreaterThan(900);
    expect(Number(rows[0]?.low)).toBeLessThan(1100);
    expect(rows[0]?.same).toBe(true);
  });
});

describe("weights", () => {
  test("are brought within their bounds as ts-fsrs does, also for several relearning steps", async () => {
    const random = randomOf(99);
    for (let no = 0; no < 200; no++) {
      const settings = someSettings(random);
      const isShortTerm = settings.learning.length + settings.relearning.length > 0;
      const rows = await engine.query<{ w: number[] }>(
        "select private.fsrs_weights($1, $2, $3) as w",
        [
          settings.weights,
          settings.relearning.length,
          isShortTerm,
        ],
      );
      const expected = schedulerOf(settings).parameters.w;
      for (const [at, weight] of expected.entries()) expect(rows[0]?.w[at]).toBeCloseTo(weight, 10);
    }
  });

  test("the published ones are those of ts-fsrs", async () => {
    const rows = await engine.query<{ w: number[] }>("select private.fsrs_default_weights() as w");
    expect(rows[0]?.w).toEqual([...default_w]);
  });
});
