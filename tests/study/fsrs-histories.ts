// Random histories of reviews, replayed by ts-fsrs: what the functions of the database are held against.
import {
  type CardInput,
  createEmptyCard,
  default_w,
  type FSRS,
  fsrs,
  type Grade,
  State,
} from "ts-fsrs";

export const statesOf = ["new", "learning", "review", "relearning"] as const;

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

export interface Settings {
  weights: number[] | null;
  retention: number;
  maximumDays: number;
  learning: number[];
  relearning: number[];
}

export interface Review {
  elapsed: number;
  rating: Grade;
}

export interface Step {
  state: string;
  step: number;
  stability: number;
  difficulty: number;
  interval: number;
  minutes: number;
  lapses: number;
}

const day = 86_400_000;

export const schedulerOf = (settings: Settings): FSRS =>
  fsrs({
    w: settings.weights ?? [...default_w],
    request_retention: settings.retention,
    maximum_interval: settings.maximumDays,
    enable_fuzz: false,
    enable_short_term: settings.learning.length + settings.relearning.length > 0,
    learning_steps: settings.learning.map((minutes) => `${minutes}m` as const),
    relearning_steps: settings.relearning.map((minutes) => `${minutes}m` as const),
  });

/** What ts-fsrs makes of a history. Its days are those of UTC: reviews fall on noon. */
export const replay = (settings: Settings, reviews: Review[]): Step[] => {
  const scheduler = schedulerOf(settings);
  let now = Date.UTC(2024, 0, 1, 12);
  let card: CardInput = createEmptyCard(now);
  return reviews.map(({ elapsed, rating }) => {
    now += elapsed * day;
    const next = scheduler.next(card, now, rating).card;
    card = next;
    return {
      state: statesOf[next.state as State],
      step: next.learning_steps,
      stability: next.stability,
      difficulty: next.difficulty,
      interval: next.scheduled_days,
      minutes: Math.round((next.due.getTime() - now) / 60_000),
      lapses: next.lapses,
    };
  });
};

const pick = <T>(random: () => number, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)] as T;

/** Weights all over what is allowed, and somewhat outside. */
const someWeights = (random: () => number): number[] | null => {
  const kind = random();
  if (kind < 0.4) return null;
  const around = default_w.map((weight) => weight * (0.4 + 1.4 * random()));
  if (kind < 0.9) return around;
  return around.map((weight, at) => (random() < 0.1 ? weight * (at % 2 === 0 ? 40 : 0) : weight));
};

export const someSettings = (random: () => number): Settings => {
  const steps: readonly number[][] = [[1, 10], [1, 10], [10], [], [5, 30, 240], [1, 10, 1440], [
    1440,
  ]];
  return {
    weights: someWeights(random),
    retention: Math.round((0.7 + 0.29 * random()) * 100) / 100,
    maximumDays: pick(random, [36500, 36500, 36500, 365, 30, 3]),
    learning: pick(random, steps),
    relearning: pick(random, [[10], [10], [], [10, 60], [5, 30, 120], [1440], []]),
  };
};

/** Reviews on time, early, late, and several on one day. */
export const someReviews = (random: () => number, settings: Settings): Review[] => {
  const count = 3 + Math.floor(random() * 14);
  const reviews: Review[] = [];
  let interval = 0;
  for (let no = 0; no < count; no++) {
    const timing = random();
    let elapsed = interval;
    if (timing < 0.15) elapsed = 0;
    else if (timing < 0.35) elapsed = Math.floor(interval * random());
    else if (timing < 0.6) elapsed = Math.floor(interval * (1 + 2 * random()) + 2 * random());
    const rating = pick(random, [1, 2, 3, 3, 3, 4] as const) as Grade;
    reviews.push({ elapsed: no === 0 ? 0 : Math.min(elapsed, 4000), rating });
    interval = replay(settings, reviews).at(-1)?.interval ?? 0;
  }
  return reviews;
};
