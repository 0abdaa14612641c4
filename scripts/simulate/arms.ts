// Every scheduler under every truth, each on the same learners: those of one arm meet the same luck in the next.
import type postgres from "postgres";
import { live } from "./cohort.ts";
import type { Scheduler } from "./deck.ts";
import { addTallies, type Tally } from "./tally.ts";
import { type Truth, truths } from "./truths/index.ts";

export interface ArmOptions {
  seed: number;
  learners: number;
  days: number;
  newPerDay: number;
  /** Learners whose weights are fitted as the year goes by, which takes long. */
  fitted: number;
  connections: number;
}

export interface Arm {
  truth: Truth;
  title: string;
  scheduler: Scheduler;
  isFitted: boolean;
  learners: number;
}

export interface ArmResult {
  arm: Arm;
  tally: Tally;
}

/** Learners at once: what fits into memory, whatever their number. */
const COHORT = 50;

export function armsOf({ learners, fitted }: ArmOptions): Arm[] {
  return truths.flatMap((truth): Arm[] => [
    { truth, title: "SM-2", scheduler: "sm2", isFitted: false, learners },
    { truth, title: "FSRS-6", scheduler: "fsrs", isFitted: false, learners },
    {
      truth,
      title: "FSRS-6, weights fitted",
      scheduler: "fsrs",
      isFitted: true,
      learners: Math.min(fitted, learners),
    },
  ]).filter((arm) => arm.learners > 0);
}

/** At a third and at two thirds of the time. */
const fitDays = (days: number): number[] => [Math.floor(days / 3), Math.floor(days * 2 / 3)];

export async function runArms(
  sql: postgres.Sql,
  options: ArmOptions,
  say: (text: string) => void,
): Promise<ArmResult[]> {
  const arms = armsOf(options);
  const parts = arms.map((): Tally[] => []);
  const waiting = arms.flatMap((arm, no) =>
    Array.from({ length: Math.ceil(arm.learners / COHORT) }, (_, part) => ({ arm, no, part }))
  );
  const all = arms.reduce((sum, arm) => sum + arm.learners * options.days, 0);
  let done = 0;
  let told = performance.now();
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { arm, no, part } = next;
      const first = part * COHORT;
      const learners = Array.from(
        { length: Math.min(COHORT, arm.learners - first) },
        (_, i) => first + i,
      );
      const fitOn = arm.isFitted ? fitDays(options.days) : [];
      parts[no]![part] = await live({ ...options, ...arm, learners, fitOn }, sql, () => {
        done += learners.length;
        if (performance.now() - told < 10_000) return;
        told = performance.now();
        say(`${(100 * done / all).toFixed(0)}% of ${all} days of learners`);
      });
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  return arms.map((arm, no) => ({ arm, tally: addTallies(parts[no]!) }));
}
