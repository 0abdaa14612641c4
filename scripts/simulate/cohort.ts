// Some learners go through the days with one scheduler. Their minds are the truth's, their cards the database's.
import type postgres from "postgres";
import { dueCards, rate, settle } from "./day.ts";
import { newDeck, scheduleIn } from "./deck.ts";
import { fitAll } from "./fitting.ts";
import { habitsOf, MOST_LIKELY, studiesOn } from "./people.ts";
import type { Plan, Run } from "./run.ts";
import { newTally, type Tally } from "./tally.ts";

/** As often a card may come on one day; then it waits for the next. */
const MOST_ROUNDS = 20;
const SAMPLED_EVERY = 10;
const LATER = 90;

function look(run: Run, day: number): { known: number[]; seen: number } {
  const known = run.learners.map(() => 0);
  let seen = 0;
  run.learners.forEach((_, no) => {
    const first = no * run.cardsOfEach;
    for (let card = first; card < first + run.introduced[no]!; card += 1) {
      seen += 1;
      known[no]! += Math.min(MOST_LIKELY, run.minds.chance(card, day, run.minute[card]! + 30));
    }
  });
  return { known, seen };
}

const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);

/** `told` after each day. */
export async function live(
  plan: Plan,
  sql: postgres.Sql,
  told: () => void = () => {},
): Promise<Tally> {
  const { seed, days, learners, truth } = plan;
  const cardsOfEach = plan.newPerDay * days;
  const size = learners.length * cardsOfEach;
  const run: Run = {
    ...plan,
    deck: newDeck(size),
    minds: truth.create(seed, learners, cardsOfEach),
    habits: learners.map((learner) => habitsOf(seed, learner)),
    tally: newTally(learners.length, days),
    cardsOfEach,
    learnerOf: (card) => Math.floor(card / cardsOfEach),
    minute: new Int32Array(size),
    introduced: new Int32Array(learners.length),
    weights: learners.map(() => null),
    histories: plan.fitOn.length > 0 ? Array.from({ length: size }, () => []) : null,
  };
  const schedule = scheduleIn(sql, run.weights);
  const { tally, deck } = run;
  tally.answersOf = learners.map(() => 0);
  for (let day = 0; day < days; day += 1) {
    let cards: number[] = [];
    learners.forEach((learner, no) => {
      if (!studiesOn(seed, learner, day, run.habits[no]!)) return;
      tally.studyDays += 1;
      cards.push(...dueCards(run, no, day));
    });
    for (const card of cards) run.minute[card] = 0;
    for (let round = 0; cards.length > 0 && round < MOST_ROUNDS; round += 1) {
      const since = Int32Array.from(
        cards,
        (card) => deck.lastDay[card]! < 0 ? 0 : day - deck.lastDay[card]!,
      );
      const ratings = cards.map((card) => rate(run, card, day));
      const outcomes = await schedule(plan.scheduler, deck, cards, ratings, run.learnerOf, day);
      cards = settle(run, cards, since, ratings, outcomes, day);
    }
    if (day % SAMPLED_EVERY === SAMPLED_EVERY - 1 || day === days - 1) {
      const { known, seen } = look(run, day + 1);
      tally.knownSum += total(known);
      tally.seenSum += seen;
    }
    if (run.histories && plan.fitOn.includes(day)) await fitAll(run, run.histories);
    told();
  }
  const end = look(run, days);
  tally.known = total(end.known);
  tally.knownOf = end.known;
  tally.seen = end.seen;
  tally.knownLater = total(look(run, days + LATER).known);
  return tally;
}
