// A short simulation: both parts of `npm run simulate`, small enough for a test, and the same each time.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import postgres from "postgres";
import { armsOf, runArms } from "../../scripts/simulate/arms.ts";
import { checkAll } from "../../scripts/simulate/lives/checks.ts";
import { simulateLives } from "../../scripts/simulate/lives/index.ts";
import { checkCards } from "../../scripts/simulate/lives/replay.ts";
import { checkSums } from "../../scripts/simulate/lives/sums.ts";
import { prepareSchedule } from "../../scripts/simulate/memory.ts";
import { report } from "../../scripts/simulate/report.ts";
import { figuresOf, type LifeFigures } from "../../scripts/simulate/results.ts";
import { copyOf, type Database } from "./native.ts";

const say = () => {};
const options = { seed: 1, learners: 12, days: 40, newPerDay: 2, fitted: 2, connections: 2 };

let database: Database;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await copyOf("TEMPLATE", "simulation");
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

describe("memory", () => {
  test("goes through every scheduler under every truth, to the same figures each time", async () => {
    await prepareSchedule(sql);
    const once = (await runArms(sql, options, say)).map(figuresOf);
    expect(once.map(({ truth, scheduler }) => `${truth}: ${scheduler}`)).toHaveLength(
      armsOf(options).length,
    );
    for (const arm of once) {
      expect(arm.retention).toBeGreaterThan(0.5);
      expect(arm.retention).toBeLessThan(1);
      expect(arm.cardsKnown.mean).toBeGreaterThan(20);
      expect(arm.cardsKnown.mean).toBeLessThanOrEqual(80);
    }
    const fsrs = once.find(({ truth, scheduler }) => truth === "fsrs" && scheduler === "FSRS-6")!;
    // Its own family, and the published weights in the middle of it: what is foretold is about what comes.
    expect(Math.abs(fsrs.foretold! - fsrs.retention)).toBeLessThan(0.05);
    const again = (await runArms(sql, { ...options, connections: 1 }, say)).map(figuresOf);
    expect(again).toEqual(once);
  });
});

describe("lives", () => {
  let figures: LifeFigures;
  beforeAll(async () => {
    figures = await simulateLives(
      database.url,
      { seed: 3, lives: 8, lifeDays: 30, connections: 2 },
      "15",
      say,
    );
  }, 180_000);

  test("do all there is to do", () => {
    for (const [what, count] of Object.entries(figures.counts)) {
      expect(count, what).toBeGreaterThan(0);
    }
  });

  test("add up: experience, totals, streaks, cards, progress, statistics, and every promise", () => {
    expect(figures.checks.filter(({ wrong }) => wrong > 0)).toEqual([]);
    for (const { name, compared } of figures.checks) expect(compared, name).toBeGreaterThan(0);
  });

  test("are told in the report", () => {
    const text = report({ lives: figures });
    expect(text).toContain("## Lives");
    for (const { name } of figures.checks) expect(text).toContain(name);
  });

  test("a card, a total or a streak that is not what the logs say is found", async () => {
    await database.sql.unsafe(`
      set session_replication_role = replica;
      update study.learners set questions_answered = questions_answered + 1, current_streak = 0
      where user_id = (select min(user_id::text)::uuid from study.learners);
      update study.sm2_review_cards set stability = stability * 1.0001
      where id = (select min(id::text)::uuid from study.sm2_review_cards where stability is not null);
      set session_replication_role = origin;
    `);
    const wrong = (checks: { name: string; wrong: number }[], part: string) =>
      checks.find(({ name }) => name.includes(part))!.wrong;
    expect(wrong(await checkSums(database.sql), "answers, right ones")).toBe(1);
    expect(wrong(await checkCards(database.sql), "FSRS cards")).toBe(1);
    const learner = await database.sql`select user_id from study.learners`;
    const stays = new Map(
      learner.map(({ user_id }) => [String(user_id), [{ from: 0, zone: "UTC" }]]),
    );
    expect(wrong(await checkAll(database.sql, stays), "streaks, the longest")).toBeGreaterThan(0);
  });
});
