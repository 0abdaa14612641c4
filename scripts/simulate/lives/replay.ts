// Cards made anew from their logs, by other code than made them: FSRS-6 in TypeScript, and SM-2 as it was published.
import type postgres from "postgres";
import { firstReview, newMemory, nextReview } from "../../../functions/_shared/memory/step.ts";
import { PUBLISHED_WEIGHTS } from "../../../functions/_shared/memory/weights.ts";
import type { Check } from "./sums.ts";

interface Card {
  scheduler: string;
  stability: number | null;
  difficulty: number | null;
  repetition_count: number;
  easiness_factor: number;
  interval_days: number;
  ratings: number[];
  qualities: number[];
  days: number[];
}

const near = (one: number | null, other: number): boolean =>
  one !== null && Math.abs(one - other) <= 1e-6 * Math.max(1, other);

function isReplayed(card: Card): boolean {
  const memory = newMemory(false);
  card.ratings.forEach((rating, no) =>
    no === 0
      ? firstReview(PUBLISHED_WEIGHTS, memory, rating)
      : nextReview(PUBLISHED_WEIGHTS, memory, rating, card.days[no]!)
  );
  return near(card.stability, memory.stability) && near(card.difficulty, memory.difficulty) &&
    card.repetition_count === card.ratings.length;
}

/** Woźniak 1990: until a card scores 4 it is repeated on the same day, and that changes nothing. */
function isRepeated(card: Card): boolean {
  let [repetitions, easiness, interval, isDrilled] = [0, 2.5, 0, false];
  for (const quality of card.qualities) {
    if (!isDrilled) {
      repetitions = quality < 3 ? 1 : repetitions + 1;
      if (quality >= 3) {
        easiness = Math.max(1.3, easiness + 0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02));
      }
      interval = repetitions === 1
        ? 1
        : repetitions === 2
        ? 6
        : Math.ceil(interval * easiness - 1e-9);
    }
    isDrilled = quality < 4;
  }
  return card.repetition_count === repetitions && near(card.easiness_factor, easiness) &&
    card.interval_days === Math.min(36_500, interval);
}

export async function checkCards(sql: postgres.Sql): Promise<Check[]> {
  const cards = await sql<Card[]>`
    select c.scheduler, c.stability, c.difficulty, c.repetition_count, c.easiness_factor, c.interval_days,
      array_agg(l.rating::integer order by l.review_no) as ratings,
      array_agg(coalesce(l.quality, case l.rating when 1 then 1 else l.rating + 1 end)::integer order by l.review_no) as qualities,
      array_agg(l.elapsed_days order by l.review_no) as days
    from study.sm2_review_cards as c
    join study.review_logs as l on l.card_id = c.id and l.undone_at is null
    group by c.id`;
  const of = (name: string, scheduler: string, isRight: (card: Card) => boolean): Check => {
    const some = cards.filter((card) => card.scheduler === scheduler);
    return { name, compared: some.length, wrong: some.filter((card) => !isRight(card)).length };
  };
  return [
    of("FSRS cards are what their logs make them, to 1e-6", "fsrs", isReplayed),
    of("SM-2 cards are what their logs make them", "sm2", isRepeated),
  ];
}
