// The figures of a run, as they are written to a file and read into the report.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { ArmOptions, ArmResult } from "./arms.ts";
import { meanOf, type Tally } from "./tally.ts";

export interface Spread {
  mean: number;
  error: number;
}

export interface ArmFigures {
  truth: string;
  scheduler: string;
  learners: number;
  answers: number;
  reviews: number;
  /** Of reviews a day or more after another: how many were recalled. */
  retention: number;
  /** Of all cards seen, averaged over the time and at its end: the true chance to recall them. */
  known: number;
  knownAtEnd: number;
  knownLater: number;
  answersADay: Spread;
  minutesADay: number;
  cardsKnown: Spread;
  /** Cards known at the end, for each hour that was spent. */
  knownPerHour: number;
  /** Of FSRS. */
  foretold: number | null;
  logLoss: number | null;
  fits: number;
  adopted: number;
  retentionByMonth: number[];
  answersADayByMonth: number[];
}

export interface MemoryFigures {
  options: ArmOptions;
  seconds: number;
  postgres: string;
  arms: ArmFigures[];
}

export interface LifeFigures {
  seed: number;
  lives: number;
  days: number;
  seconds: number;
  postgres: string;
  counts: Record<string, number>;
  checks: { name: string; compared: number; wrong: number }[];
}

export interface Results {
  memory?: MemoryFigures;
  lives?: LifeFigures;
}

export function figuresOf({ arm, tally }: ArmResult): ArmFigures {
  const isFsrs = arm.scheduler === "fsrs";
  const daysOf = (month: number) => Math.min(30, tally.days - 30 * month);
  return {
    truth: arm.truth.name,
    scheduler: arm.title,
    learners: tally.learners,
    answers: tally.answers,
    reviews: tally.reviews,
    retention: tally.recalled / tally.reviews,
    known: tally.knownSum / tally.seenSum,
    knownAtEnd: tally.known / tally.seen,
    knownLater: tally.knownLater / tally.seen,
    answersADay: perDay(tally),
    minutesADay: tally.seconds / 60 / tally.learners / tally.days,
    cardsKnown: meanOf(tally.knownOf),
    knownPerHour: tally.known / tally.seconds * 3600,
    foretold: isFsrs ? tally.foretold / tally.reviews : null,
    logLoss: isFsrs ? tally.loss / tally.reviews : null,
    fits: tally.fits,
    adopted: tally.adopted,
    retentionByMonth: tally.months.map(({ recalled, reviews }) => recalled / reviews),
    answersADayByMonth: tally.months.map(({ answers }, no) =>
      answers / tally.learners / daysOf(no)
    ),
  };
}

const perDay = ({ answersOf, days }: Tally): Spread =>
  meanOf(answersOf.map((answers) => answers / days));

export const readResults = (file: string | undefined): Results =>
  file && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as Results : {};

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
