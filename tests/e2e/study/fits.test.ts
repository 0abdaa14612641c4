// Weights of one's own, by the job that fits them: put in use where they foretell better, and left alone where not.
import { describe, expect, test } from "vitest";
import { type Person, signUp, sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted } from "../core/people.ts";
import { type CardHistory } from "../../../functions/_shared/memory/histories.ts";
import { firstReview, newMemory, nextReview } from "../../../functions/_shared/memory/step.ts";
import { PUBLISHED_WEIGHTS } from "../../../functions/_shared/memory/weights.ts";
import { OTHER_WEIGHTS, study } from "../../functions/memory/synthetic.ts";

interface Fit {
  id: string;
  status: string;
  is_adopted: boolean;
  review_count: number;
  held_out_count: number;
  loss_before: number;
  loss_after: number;
  weights: number[];
}

const START = Date.UTC(2025, 0, 1);

/** What somebody did in the past, card by card, as reviewing would have logged it. */
async function remember(person: Person, cards: readonly CardHistory[]): Promise<void> {
  const rows = cards.filter((card) => card.length > 0).map((reviews, no) => ({ no, reviews }));
  await sql(
    `with cards as (
       insert into study.sm2_review_cards (user_id, source, front, back, state, repetition_count, stability, difficulty, due_at, due_on, last_reviewed_at)
       select $1, 'note', 'Card ' || (c ->> 'no'), 'b', 'review', jsonb_array_length(c -> 'reviews'), 5, 5, now(), current_date, now()
       from jsonb_array_elements($2::jsonb) as c
       returning id, front
     ), logs as (
       insert into study.review_logs (card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, interval_days, due_at, study_day, reviewed_at)
       select cards.id, $1, r.no, 'fsrs', (r.review ->> 0)::smallint, 'review', '{}', (r.review ->> 1)::integer, 1, now(),
       ($3::timestamptz + (r.review ->> 2)::float8 * interval '1 day')::date, $3::timestamptz + (r.review ->> 2)::float8 * interval '1 day'
     from jsonb_array_elements($2::jsonb) as c
     join cards on cards.front = 'Card ' || (c ->> 'no')
     cross join lateral jsonb_array_elements(c -> 'reviews') with ordinality as r (review, no)
       returning user_id, study_day
     )
     insert into study.analytics_queue (user_id, study_day) select distinct user_id, study_day from logs`,
    [person.id, JSON.stringify(rows), new Date(START).toISOString()],
  );
}

const fitted = async (person: Person): Promise<Fit> => {
  const { id } = await granted(person.client.schema("study").rpc("fit_weights")) as { id: string };
  return await until(async () => {
    const { data } = await person.client.schema("study").from("weight_fits").select("*").eq(
      "id",
      id,
    )
      .single();
    const fit = data as Fit | null;
    return fit !== null && fit.status !== "pending" && fit;
  }, `fit ${id} to end`);
};

const weightsOf = async (person: Person): Promise<number[] | null> => {
  const { data } = await person.client.schema("study").from("learner_settings").select("weights")
    .maybeSingle();
  return (data as { weights: number[] | null } | null)?.weights ?? null;
};

describe("weights of one's own", () => {
  test("are put in use of somebody who forgets as most do not, and the cards are placed by them", async () => {
    const person = await signUp();
    const cards = study(1, 300, 400, OTHER_WEIGHTS, (chance, _day, random) => random() < chance);
    await remember(person, cards);
    const fit = await fitted(person);
    expect(fit).toMatchObject({ status: "completed", is_adopted: true });
    expect(fit.loss_after).toBeLessThan(fit.loss_before - 0.02);
    expect(fit.review_count).toBe(cards.reduce((sum, card) => sum + card.length, 0));
    expect(fit.held_out_count).toBeGreaterThan(500);
    const weights = await weightsOf(person);
    expect(weights).toEqual(fit.weights);

    const memory = newMemory(false);
    cards[0]!.forEach(([rating, days], no) =>
      no === 0 ? firstReview(weights!, memory, rating) : nextReview(weights!, memory, rating, days)
    );
    const stability = await until(async () => {
      const { data } = await person.client.schema("study").from("sm2_review_cards").select(
        "stability",
      )
        .eq("front", "Card 0").single();
      const card = data as { stability: number } | null;
      return card !== null && card.stability !== 5 && card.stability;
    }, "the card to be placed anew");
    expect(Math.abs(stability - memory.stability)).toBeLessThan(1e-6 * Math.max(1, stability));
  });

  test("are not, of somebody who answered at random for a while and then does not", async () => {
    const person = await signUp();
    await remember(
      person,
      study(
        5,
        300,
        400,
        PUBLISHED_WEIGHTS,
        (chance, day, random) => random() < (day < 200 ? 0.5 : chance),
      ),
    );
    const fit = await fitted(person);
    expect(fit).toMatchObject({ status: "completed", is_adopted: false });
    expect(fit.loss_after).toBeGreaterThan(fit.loss_before);
    expect(await weightsOf(person)).toBeNull();
  });

  test("are not looked for with few reviews, nor where none came a day after another", async () => {
    const person = await signUp();
    expectRefusal(await person.client.schema("study").rpc("fit_weights"), 409, "too_few_reviews");
    await remember(
      person,
      Array.from({ length: 500 }, (): CardHistory => [[3, 0, 1], [3, 0, 1.01]]),
    );
    expect(await fitted(person)).toMatchObject({ status: "failed", is_adopted: false });
  });
});
