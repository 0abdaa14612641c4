import { describe, expect, it } from "vitest";
import type { Fit } from "../../../functions/_shared/memory/fit.ts";
import type { CardHistory } from "../../../functions/_shared/memory/histories.ts";
import { fitOwnWeights } from "../../../functions/process-jobs/study/fit.ts";
import type { FitBegun, FitStore } from "../../../functions/process-jobs/study/fit-store.ts";
import { OTHER_WEIGHTS, study } from "../memory/synthetic.ts";
import { job } from "./fakes.ts";

const signal = new AbortController().signal;
const cards = study(1, 200, 400, OTHER_WEIGHTS, (chance, _day, random) => random() < chance);
const begun = {
  proceed: true,
  weights: null,
  relearning_steps: 1,
  has_steps: true,
  max_reviews: 100_000,
} as const;

interface Fake {
  begun?: FitBegun;
  cards?: readonly CardHistory[];
  /** The page at which it turns out that the fit has ended. */
  endsAt?: number;
}

/** A database with these cards, fifty a page. */
function fakeStore(fake: Fake = {}) {
  const all = fake.cards ?? cards;
  const recorded: { fit: Fit; reviews: number }[] = [];
  const failed: string[] = [];
  const pages: number[] = [];
  const store: FitStore = {
    begin: () => Promise.resolve(fake.begun ?? begun),
    histories: (_job, after) => {
      const from = after === null ? 0 : Number(after);
      pages.push(from);
      if (fake.endsAt === from) return Promise.resolve({ proceed: false });
      const page = all.slice(from, from + 50).map((card) =>
        card.map(([r, d, at]): [number, number, number] => [r, d, at])
      );
      const next = from + 50 < all.length ? String(from + 50) : null;
      return Promise.resolve({ proceed: true, cards: page, next });
    },
    record: (_job, fit, reviews) => {
      recorded.push({ fit, reviews });
      return Promise.resolve(fit.isBetter);
    },
    fail: (_job, error) => {
      failed.push(error);
      return Promise.resolve();
    },
  };
  const run = (stop: AbortSignal = signal) =>
    fitOwnWeights({ store })(job({ job_type: "study.fit_weights" }), stop);
  return { run, recorded, failed, pages };
}

describe("study.fit_weights", () => {
  it("fits all reviews, page after page, and says how well", async () => {
    const fake = fakeStore();
    const outcome = await fake.run();
    expect(fake.pages).toEqual([0, 50, 100, 150]);
    expect(fake.recorded).toHaveLength(1);
    const reviews = cards.reduce((sum, card) => sum + card.length, 0);
    expect(fake.recorded[0]).toMatchObject({ reviews, fit: { isBetter: true } });
    expect(outcome).toMatchObject({ status: "done", result: { reviews, isAdopted: true } });
  });

  it("holds the new weights against those in use, and not against the published ones", async () => {
    const fake = fakeStore({ begun: { ...begun, weights: [...OTHER_WEIGHTS] } });
    await fake.run();
    expect(fake.recorded[0]!.fit.isBetter).toBe(false);
  });

  it("looks at no more reviews than it may", async () => {
    const fake = fakeStore({ begun: { ...begun, max_reviews: 100 } });
    await fake.run();
    expect(fake.pages).toEqual([0]);
  });

  it("does nothing for a fit that has ended, also while it reads", async () => {
    for (const fake of [fakeStore({ begun: { proceed: false } }), fakeStore({ endsAt: 100 })]) {
      expect(await fake.run()).toEqual({ status: "done", result: { skipped: true } });
      expect(fake.recorded).toEqual([]);
    }
  });

  it("ends as failed where there is nothing to learn from", async () => {
    const fake = fakeStore({ cards: [[[3, 0, 1], [3, 0, 2]]] });
    expect(await fake.run()).toMatchObject({
      status: "done",
      result: { failed: "nothing_to_learn_from" },
    });
    expect(fake.failed).toHaveLength(1);
    expect(fake.recorded).toEqual([]);
  });

  it("stops when its lease is gone", async () => {
    const stop = new AbortController();
    stop.abort(new Error("lease lost"));
    const fake = fakeStore();
    await expect(fake.run(stop.signal)).rejects.toThrow("lease lost");
    expect(fake.recorded).toEqual([]);
  });
});
