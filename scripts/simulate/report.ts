// docs/memory-simulation.md, from the figures of a run; nothing in it is written by hand.
import { EXPLANATIONS } from "./report-texts.ts";
import type { ArmFigures, LifeFigures, MemoryFigures, Results } from "./results.ts";
import { truths } from "./truths/index.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const count = (value: number): string => value.toLocaleString("en-US");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "---:")), ...rows.map(line)].join(
    "\n",
  );
}

const duration = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;

const armRow = (arm: ArmFigures): string[] => [
  arm.scheduler,
  count(arm.learners),
  percent(arm.retention),
  arm.foretold === null ? "–" : percent(arm.foretold),
  arm.logLoss === null ? "–" : arm.logLoss.toFixed(3),
  `${arm.answersADay.mean.toFixed(1)} ± ${(2 * arm.answersADay.error).toFixed(1)}`,
  arm.minutesADay.toFixed(1),
  percent(arm.known),
  `${arm.cardsKnown.mean.toFixed(0)} ± ${(2 * arm.cardsKnown.error).toFixed(0)}`,
  percent(arm.knownLater),
  arm.knownPerHour.toFixed(1),
];

const HEAD = [
  "scheduler",
  "learners",
  "retention",
  "foretold",
  "log-loss",
  "answers a day",
  "minutes a day",
  "known, mean",
  "cards known at the end",
  "90 days later",
  "known per hour",
];

function months(arms: readonly ArmFigures[]): string {
  const length = arms[0]?.retentionByMonth.length ?? 0;
  // The last days of a year make no month.
  const full = Array.from({ length }, (_, i) => i).filter((i) => i < 12);
  const head = ["retention by month", ...full.map((i) => String(i + 1))];
  const cell = (value: number | null) => value === null ? "–" : (100 * value).toFixed(0);
  return table(
    head,
    arms.map((arm) => [arm.scheduler, ...full.map((i) => cell(arm.retentionByMonth[i] ?? null))]),
  );
}

function memorySection({ options, seconds, postgres, arms }: MemoryFigures): string {
  const parts = truths.map((truth) => {
    const own = arms.filter((arm) => arm.truth === truth.name);
    const fits = own.filter((arm) => arm.fits > 0);
    return [
      `### Truth: ${truth.title}`,
      truth.about,
      table(HEAD, own.map(armRow)),
      ...fits.map(({ learners, fits, adopted }) =>
        `Of ${count(fits)} fits of ${count(learners)} learners, ${count(adopted)} were put in use.`
      ),
      months(own),
    ].join("\n\n");
  });
  const answers = arms.reduce((sum, arm) => sum + arm.answers, 0);
  return [
    "## Memory: SM-2 and FSRS-6 side by side",
    `${
      count(options.learners)
    } learners, ${options.days} days, ${options.newPerDay} new cards a day for each, seed ${options.seed}; ` +
    `weights are fitted for the first ${
      count(Math.min(options.fitted, options.learners))
    } of them. ${count(answers)} answers in all, each scheduled by ` +
    `\`private.study_schedule\`, in ${
      duration(seconds)
    } on PostgreSQL ${postgres} with ${options.connections} connections.`,
    EXPLANATIONS.memory,
    ...parts,
    EXPLANATIONS.reading,
  ].join("\n\n");
}

function livesSection(
  { seed, lives, days, seconds, postgres, counts, checks }: LifeFigures,
): string {
  const told = Object.entries(counts).map(([what, number]) => `${count(number)} ${what}`).join(
    ", ",
  );
  return [
    "## Lives: everything that follows from an answer",
    `${count(lives)} people, ${days} days, seed ${seed}: ${told}; in ${
      duration(seconds)
    } on PostgreSQL ${postgres}.`,
    EXPLANATIONS.lives,
    table(
      ["what is found again", "compared", "differs"],
      checks.map(({ name, compared, wrong }) => [name, count(compared), count(wrong)]),
    ),
  ].join("\n\n");
}

export function report({ memory, lives }: Results): string {
  return [
    "# Memory and play, simulated",
    EXPLANATIONS.opening,
    ...memory ? [memorySection(memory)] : [],
    ...lives ? [livesSection(lives)] : [],
    EXPLANATIONS.again,
  ].join("\n\n") + "\n";
}

/** What the terminal shows. */
export function summary({ memory, lives }: Results, parts: readonly string[]): string {
  const rows = memory && parts.includes("memory")
    ? memory.arms.map((arm) =>
      `${arm.truth.padEnd(11)} ${arm.scheduler.padEnd(23)} retention ${percent(arm.retention)}, ` +
      `${arm.answersADay.mean.toFixed(1)} answers a day, ${
        percent(arm.knownAtEnd)
      } known at the end, ${arm.knownPerHour.toFixed(1)} cards known per hour`
    )
    : [];
  const checks = lives && parts.includes("lives")
    ? lives.checks.map(({ name, compared, wrong }) =>
      `${wrong === 0 ? "holds" : "FAILS"}  ${name}: ${count(wrong)} of ${count(compared)} differ`
    )
    : [];
  return [...rows, ...checks].join("\n");
}
