// The cards of some learners, as columns: what a scheduler knows of them.
import type postgres from "postgres";

export type Scheduler = "fsrs" | "sm2";

export interface Deck {
  state: Int32Array;
  step: Int32Array;
  repetitions: Int32Array;
  easiness: Float64Array;
  /** 0: none yet. */
  stability: Float64Array;
  difficulty: Float64Array;
  interval: Int32Array;
  /** −1: never seen. */
  lastDay: Int32Array;
  dueDay: Int32Array;
  reviews: Int32Array;
}

export const newDeck = (size: number): Deck => ({
  state: new Int32Array(size),
  step: new Int32Array(size),
  repetitions: new Int32Array(size),
  easiness: new Float64Array(size).fill(2.5),
  stability: new Float64Array(size),
  difficulty: new Float64Array(size),
  interval: new Int32Array(size),
  lastDay: new Int32Array(size).fill(-1),
  dueDay: new Int32Array(size),
  reviews: new Int32Array(size),
});

/** What the database made of each review: the chance that it foretold, and when the card comes again. */
export interface Outcomes {
  foretold: number[];
  /** Minutes until it comes again today; −1: not today. */
  minutes: number[];
  firstDay: number[];
  lastDay: number[];
}

export type Schedule = (
  scheduler: Scheduler,
  deck: Deck,
  cards: readonly number[],
  ratings: readonly number[],
  learnerOf: (card: number) => number,
  day: number,
) => Promise<Outcomes>;

const list = (values: readonly number[]): string => `{${values.join(",")}}`;

const statement = `select simulation.schedule(
  $1, $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::double precision[], $8::double precision[],
  $9::double precision[], $10::integer[], $11::integer[], $12::integer[]) as outcome`;

/** Sends the cards through the database's own function, and writes into the deck what it says. */
export const scheduleIn =
  (sql: postgres.Sql, weights: readonly (readonly number[] | null)[]): Schedule =>
  async (scheduler, deck, cards, ratings, learnerOf, day) => {
    const column = (of: keyof Deck) => list(cards.map((card) => deck[of][card]!));
    const [row] = await sql.unsafe<{ outcome: number[][] }[]>(statement, [
      scheduler,
      `{${weights.map((own) => own ? `"{${own.join(",")}}"` : "NULL").join(",")}}`,
      list(cards.map(learnerOf)),
      column("state"),
      column("step"),
      column("repetitions"),
      column("easiness"),
      column("stability"),
      column("difficulty"),
      column("interval"),
      list(ratings),
      list(cards.map((card) => deck.lastDay[card]! < 0 ? 0 : day - deck.lastDay[card]!)),
    ], { prepare: true });
    const [
      state,
      step,
      repetitions,
      easiness,
      stability,
      difficulty,
      foretold,
      interval,
      minutes,
      firstDay,
      lastDay,
    ] = row!.outcome as [
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
      number[],
    ];
    cards.forEach((card, i) => {
      deck.state[card] = state[i]!;
      deck.step[card] = step[i]!;
      deck.repetitions[card] = repetitions[i]!;
      deck.easiness[card] = easiness[i]!;
      deck.stability[card] = stability[i]!;
      deck.difficulty[card] = difficulty[i]!;
      deck.interval[card] = interval[i]!;
      deck.lastDay[card] = day;
      deck.reviews[card]! += 1;
    });
    return { foretold, minutes, firstDay, lastDay };
  };
