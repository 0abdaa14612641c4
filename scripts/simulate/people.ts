// How people study and rate. All of it is theirs, whatever the scheduler.
import { about, chance } from "./chance.ts";

export interface Habits {
  /** The share of days on which they study at all. */
  diligence: number;
  /** Shifts how kindly they rate what they recalled. */
  kindness: number;
}

export const habitsOf = (seed: number, learner: number): Habits => ({
  diligence: 0.7 + 0.3 * chance(seed, about.habit, learner, 1),
  kindness: chance(seed, about.habit, learner, 2) - 0.5,
});

export const studiesOn = (
  seed: number,
  learner: number,
  day: number,
  { diligence }: Habits,
): boolean => chance(seed, about.day, learner, day) < diligence;

/** Of cards never seen before: how many are known a little already. Shares as fsrs-rs finds them in collections. */
const FIRST = [0.24, 0.334, 0.829] as const;

export function firstRating(seed: number, learner: number, card: number): number {
  const luck = chance(seed, about.first, learner, card, 1);
  return 1 + FIRST.filter((share) => luck >= share).length;
}

/** What was recalled is called hard the oftener, the nearer it was to being forgotten. */
export function ratingOf(
  isRecalled: boolean,
  likely: number,
  mood: number,
  { kindness }: Habits,
): number {
  if (!isRecalled) return 1;
  const hard = 0.06 + 0.35 * (1 - likely) - 0.04 * kindness;
  const easy = 0.16 * likely ** 2 + 0.1 * kindness;
  return mood < hard ? 2 : mood > 1 - easy ? 4 : 3;
}

/** Seconds that a review takes: forgotten, hard, good, easy; and reading a card for the first time. */
export const SECONDS = [20, 12, 8, 5] as const;
export const FIRST_SECONDS = 25;

/** A slip happens although one knew: recall on the same day is no better than this. */
export const MOST_LIKELY = 0.97;
