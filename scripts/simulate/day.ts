// What learners do on a day: which cards come, how they are rated, and when they come again.
import { about, chance } from "./chance.ts";
import type { Outcomes } from "./deck.ts";
import { FIRST_SECONDS, firstRating, MOST_LIKELY, ratingOf, SECONDS } from "./people.ts";
import type { Run } from "./run.ts";

/** Reviews a learner does on one day: the default of the product. */
const MOST_REVIEWS = 200;

export function rate(run: Run, card: number, day: number): number {
  const { seed, minds, deck, tally } = run;
  const no = run.learnerOf(card);
  const learner = run.learners[no]!;
  const own = card % run.cardsOfEach;
  const minute = run.minute[card]!;
  tally.answers += 1;
  tally.answersOf[no]! += 1;
  const month = tally.months[Math.floor(day / 30)]!;
  month.answers += 1;
  if (deck.lastDay[card]! < 0) {
    const rating = firstRating(seed, learner, own);
    tally.newCards += 1;
    tally.seconds += FIRST_SECONDS;
    minds.review(card, rating, day, minute);
    return rating;
  }
  const isLater = deck.lastDay[card] !== day;
  const likely = Math.min(minds.chance(card, day, minute), isLater ? 1 : MOST_LIKELY);
  const isRecalled = chance(seed, about.recall, learner, own, deck.reviews[card]!) < likely;
  const mood = chance(seed, about.mood, learner, own, deck.reviews[card]!);
  const rating = ratingOf(isRecalled, likely, mood, run.habits[no]!);
  tally.seconds += SECONDS[rating - 1]!;
  if (isLater) {
    tally.reviews += 1;
    month.reviews += 1;
    if (isRecalled) {
      tally.recalled += 1;
      month.recalled += 1;
    }
  }
  minds.review(card, rating, day, minute);
  return rating;
}

function foresee({ tally }: Run, foretold: number, isRecalled: boolean): void {
  const chance = Math.min(1 - 1e-6, Math.max(1e-6, foretold));
  tally.foretold += foretold;
  tally.loss -= Math.log(isRecalled ? chance : 1 - chance);
}

/** The day within what the scheduler leaves free: the same luck for the same card and repetition. */
function place(run: Run, card: number, first: number, last: number): number {
  const luck = chance(
    run.seed,
    about.placing,
    run.learners[run.learnerOf(card)]!,
    card % run.cardsOfEach,
    run.deck.reviews[card]!,
  );
  return first + Math.floor(luck * (last - first + 1));
}

export function settle(
  run: Run,
  cards: number[],
  days: Int32Array,
  ratings: number[],
  out: Outcomes,
  day: number,
) {
  const again: number[] = [];
  cards.forEach((card, i) => {
    if (run.histories) run.histories[card]!.push([ratings[i]!, days[i]!, day]);
    if (run.scheduler === "fsrs" && days[i]! > 0) foresee(run, out.foretold[i]!, ratings[i]! > 1);
    const minutes = out.minutes[i]!;
    if (minutes >= 0) {
      // At least one minute goes by, with other cards.
      run.minute[card]! += Math.max(1, minutes);
      run.deck.dueDay[card] = day + 1;
      again.push(card);
    } else {run.deck.dueDay[card] = day +
        Math.max(1, place(run, card, out.firstDay[i]!, out.lastDay[i]!));}
  });
  return again;
}

export function dueCards(run: Run, no: number, day: number): number[] {
  const { deck, cardsOfEach, newPerDay } = run;
  const first = no * cardsOfEach;
  const due: number[] = [];
  for (let card = first; card < first + run.introduced[no]!; card += 1) {
    if (deck.dueDay[card]! <= day) due.push(card);
  }
  // The longest overdue first, in proportion to the interval, as the chance to recall falls.
  if (due.length > MOST_REVIEWS) {
    const late = (card: number) => (day - deck.lastDay[card]!) / Math.max(1, deck.interval[card]!);
    due.sort((a, b) => late(b) - late(a) || a - b);
    due.length = MOST_REVIEWS;
  }
  const left = Math.min(newPerDay, cardsOfEach - run.introduced[no]!);
  for (let i = 0; i < left; i += 1) due.push(first + run.introduced[no]! + i);
  run.introduced[no]! += left;
  return due;
}
