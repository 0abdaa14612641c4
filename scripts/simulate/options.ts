import { parseArgs } from "node:util";
import { PostgresError } from "../postgres/system.ts";
import type { ArmOptions } from "./arms.ts";

export const usage = `npm run simulate -- [memory] [lives] [options]

  memory            how well SM-2 and FSRS-6 keep known truths in mind
  lives             whole lives through the tables: answers, reviews, experience, streaks
                    Both, when none is named.

  --seed N          another seed, other people (1)
  --learners N      learners of the memory part (1000)
  --days N          days of it (365)
  --new N           new cards a day and learner (2)
  --fitted N        learners whose weights are fitted as the year goes by (100)
  --lives N         people who live through the tables (20)
  --life-days N     days of their lives (365)
  --connections N   at once (2)
  --json FILE       writes the figures; those of a part that is not run now stay in it
  --markdown FILE   writes the report of all figures there are
`;

export interface Options extends ArmOptions {
  parts: string[];
  lives: number;
  lifeDays: number;
  json: string | undefined;
  markdown: string | undefined;
}

const text = (value: string) => ({ type: "string", default: value }) as const;
const known = {
  seed: text("1"),
  learners: text("1000"),
  days: text("365"),
  new: text("2"),
  fitted: text("100"),
  lives: text("20"),
  "life-days": text("365"),
  connections: text("2"),
  json: { type: "string" },
  markdown: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new PostgresError(`--${name} is a whole number from ${least} to ${most}.\n\n${usage}`);
  }
  return number;
}

/** Null: only help was asked for. */
export function readOptions(args: string[]): Options | null {
  let parsed;
  try {
    parsed = parseArgs({ args, options: known, allowPositionals: true });
  } catch (error) {
    throw new PostgresError(`${(error as Error).message}\n\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (values.help) return null;
  const strange = positionals.filter((part) => part !== "memory" && part !== "lives");
  if (strange.length > 0) throw new PostgresError(`There is no ${strange.join(", ")}.\n\n${usage}`);
  return {
    parts: positionals.length > 0 ? positionals : ["memory", "lives"],
    seed: wholeNumber("seed", values.seed, 0, 2 ** 31),
    learners: wholeNumber("learners", values.learners, 1, 100_000),
    days: wholeNumber("days", values.days, 1, 3650),
    newPerDay: wholeNumber("new", values.new, 1, 100),
    fitted: wholeNumber("fitted", values.fitted, 0, 100_000),
    lives: wholeNumber("lives", values.lives, 1, 10_000),
    lifeDays: wholeNumber("life-days", values["life-days"], 1, 3650),
    connections: wholeNumber("connections", values.connections, 1, 64),
    json: values.json,
    markdown: values.markdown,
  };
}
