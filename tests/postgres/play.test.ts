// Play in a rush: one event reported by many at once, two devices of one learner, boards that are left and joined while
// experience comes in, achievements that arrive meanwhile. Nothing counts twice, nothing is lost, nobody waits in a circle.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findViolations } from "../../scripts/demo/invariants.ts";
import { copyOf, type Database, loadHelpers, rush, times, warmUp } from "./native.ts";

let database: Database;
let questions: string[];

beforeAll(async () => {
  database = await copyOf("EMPTY", "play");
  await loadHelpers(database.sql);
  await database.sql.unsafe(
    readFileSync(join(import.meta.dirname, "..", "db", "000_helpers_study_play.sql"), "utf8"),
  );
  const rows = await database.sql<
    { id: string }[]
  >`select tests.play_question() as id from generate_series(1, 40)`;
  questions = rows.map(({ id }) => id);
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  // Answers are given here to play alone: what progress, cards and analytics make of them is tested with them.
  const broken = await findViolations(async (text) => [...await database.sql.unsafe(text)]);
  expect(broken.filter(({ file }) => file.startsWith("study_play"))).toEqual([]);
  await database.drop();
});

const one = async <T>(text: string, params: unknown[] = []): Promise<T> => {
  const [row] = await database.sql.unsafe<{ value: T }[]>(
    `select ${text} as value`,
    params as string[],
  );
  return row?.value as T;
};
const person = () =>
  one<string>("tests.play_learner('play-' || gen_random_uuid() || '@race.test')");
const question = (n: number) => questions[n % questions.length] as string;
const answer = (who: string, n: number, at: string) => () =>
  one<number>("tests.play_answer($1, $2, true, $3)", [who, question(n), at]);
const noon = "2026-03-02 12:00Z";
const total = (who: string) =>
  one<Record<string, unknown>>(
    "(select to_jsonb(l) from study.learners as l where l.user_id = $1)",
    [who],
  );
const entries = (who: string, source: string) =>
  one<number>(
    "(select count(*)::integer from study.xp_transactions as x where x.user_id = $1 and x.source = $2)",
    [who, source],
  );
const wish = (who: string, isOn: boolean) => async () => {
  await database.sql`
    insert into study.learner_settings (user_id, on_leaderboards) values (${who}, ${isOn})
    on conflict (user_id) do update set on_leaderboards = excluded.on_leaderboards`;
};

test("one event, reported forty times at once, counts once", async () => {
  const who = await person();
  const award = () =>
    one<number>(
      "private.study_award_xp($1, 25, 'milestone_complete', 'm', '', '{}'::jsonb, now())",
      [who],
    );
  const { done, refused } = await rush(times(40, () => award));
  expect(refused).toEqual({});
  expect(done.filter((xp) => xp === 25)).toHaveLength(1);
  expect(await total(who)).toMatchObject({ xp: 25 });
});

test("two devices, one question, one new learner: each answer is counted, its experience once", async () => {
  const who = await person();
  const { refused } = await rush(times(20, () => answer(who, 0, noon)));
  expect(refused).toEqual({});
  // The question 10, First Steps 10; 20 minutes are the goal: 20, On Target 10.
  expect(await total(who)).toMatchObject({ questions_answered: 20, xp: 50, current_combo: 1 });
  expect(await entries(who, "question_answered")).toBe(1);
});

test("goal, streak and achievements come once, whoever arrives first", async () => {
  const who = await person();
  await rush(times(30, (n) => answer(who, n, "2026-03-01 12:00Z")));
  const { refused } = await rush(times(30, (n) => answer(who, n, noon)));
  expect(refused).toEqual({});
  expect(await total(who)).toMatchObject({ current_streak: 2, longest_combo: 60 });
  expect(await entries(who, "daily_goal_met")).toBe(2);
  expect(await entries(who, "streak_bonus")).toBe(1);
  const unlocked = await one<number>(
    `(select count(*)::integer from study.user_achievements as u where u.user_id = $1 and u.is_completed)`,
    [who],
  );
  expect(await entries(who, "achievement_unlock")).toBe(unlocked);
  expect(unlocked).toBeGreaterThan(3);
});

test("boards are joined and left while experience comes in and changes are added up", async () => {
  const people = await Promise.all(times(12, person));
  const at = await one<string>("now()::text");
  const { refused } = await rush<unknown>(
    times<() => Promise<unknown>>(360, (n) => {
      const who = people[n % 12] as string;
      if (n % 10 === 3) return wish(who, true);
      if (n % 10 === 7) return wish(who, false);
      if (n % 30 === 11) return () => one("private.study_fold_boards()");
      return answer(who, Math.floor(n / 12), at);
    }),
  );
  expect(refused).toEqual({});
  for (const [n, who] of people.entries()) await wish(who, n % 2 === 0)();
  const shown = await one<{ user_id: string; xp: number; rank: number }[]>(
    "(select jsonb_agg(b) from private.study_leaderboard($1, 100, true, 0, now()) as b)",
    [people[0]],
  );
  expect(shown.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(shown.map(({ user_id }) => user_id).toSorted()).toEqual(
    people.filter((_, n) => n % 2 === 0).toSorted(),
  );
  for (const { user_id, xp } of shown) expect(await total(user_id)).toMatchObject({ xp });
});

test("who leaves a board in the middle of an answer is on none afterwards", async () => {
  for (let n = 0; n < 20; n++) {
    const who = await person();
    await wish(who, true)();
    const { refused } = await rush<unknown>([
      answer(who, n, noon),
      wish(who, false),
      answer(who, n + 1, noon),
    ]);
    expect(refused).toEqual({});
    expect(
      await one(
        "(select count(*)::integer from study.leaderboard_entries as e where e.user_id = $1)",
        [who],
      ),
    ).toBe(0);
  }
});

test("a new achievement is given while those who have earned it go on", async () => {
  const people = await Promise.all(times(10, person));
  for (const who of people) await rush(times(6, (n) => answer(who, n, noon)));
  await database.sql`
    insert into study.achievements (code, name, description, category, metric, threshold, xp_reward)
    values ('race_five', 'Five', 'Five answers.', 'milestone', 'questions_answered', 5, 7)`;
  const { refused } = await rush<unknown>([
    ...times(4, () => () => one("private.study_catch_up_achievements()")),
    ...people.map((who) => answer(who, 7, noon)),
  ]);
  expect(refused).toEqual({});
  await one("private.study_catch_up_achievements()");
  const [given] = await database.sql<{ count: number }[]>`
    select count(*)::integer from study.xp_transactions as x
    join study.achievements as a on a.id::text = x.source_key and a.code = 'race_five'
    where x.user_id = any (${people})`;
  expect(given?.count).toBe(10);
});
