// Days are summed while learners answer and are deleted: nobody waits, nothing is lost, nothing counts twice.
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { busiest, fillHistory } from "../../scripts/bench/cases/study-history-rows.ts";
import { copyOf, rush, times } from "./native.ts";
import { openSumming, type Summing } from "./summing.ts";

let all: Summing;

beforeAll(async () => {
  all = await openSumming("analytics");
});
afterEach(() => all.expectSummed());
afterAll(() => all?.drop());

describe("days are summed", () => {
  test("without what is not committed, which is summed the next time", async () => {
    const ann = await all.learner();
    await all.answer(all.sql, ann);
    const end = await all.open((tx) => all.answer(tx, ann));
    expect(await all.fold()).toBe(1);
    expect(await all.stored(ann)).toBe(1);
    await end();
    expect(await all.fold(), "its note was left").toBe(1);
    expect(await all.stored(ann)).toBe(2);
  });

  test("while the learner answers on the same day, who does not wait", async () => {
    const ann = await all.learner();
    await all.answer(all.sql, ann);
    const end = await all.open((tx) => all.fold(tx));
    await all.impatient((tx) => all.answer(tx, ann));
    await end();
    expect(await all.stored(ann), "it came too late for this sum").toBe(1);
    expect(await all.fold()).toBe(1);
    expect(await all.stored(ann)).toBe(2);
  });

  test("again when the task was killed half-way", async () => {
    const ann = await all.learner();
    await all.answer(all.sql, ann);
    const end = await all.open((tx) => all.fold(tx));
    await end("rollback");
    expect(await all.stored(ann)).toBe(0);
    expect(await all.fold()).toBe(1);
    expect(await all.stored(ann)).toBe(1);
  });

  test("by one at a time; a second leaves at once, whatever has come meanwhile", async () => {
    const ann = await all.learner();
    await all.answer(all.sql, ann);
    const end = await all.open((tx) => all.fold(tx));
    await all.answer(all.sql, ann);
    expect(await all.impatient((tx) => all.fold(tx))).toBe(0);
    await end();
    expect(await all.stored(ann)).toBe(1);
    expect(await all.fold()).toBe(1);
    expect(await all.stored(ann)).toBe(2);
  });

  test("not in a transaction that would not see what came with a note", async () => {
    await expect(
      all.sql.begin("isolation level repeatable read", (tx) => all.fold(tx)),
    ).rejects.toThrow("read committed");
  });

  test("of a crowd, all the while: each answer counts once", async () => {
    const crowd = await Promise.all(times(8, all.learner));
    const { refused } = await rush<unknown>([
      ...crowd.flatMap((id) =>
        times(20, (n) => () =>
          all.sql.begin(async (tx) => {
            await all.answer(tx, id, `2026-03-${10 + n % 3} 09:00+00`);
            await tx`select pg_sleep(0.01)`;
          }))
      ),
      ...times(20, () => () => all.fold()),
    ]);
    expect(refused).toEqual({});
    await all.fold();
    for (const id of crowd) expect(await all.stored(id)).toBe(20);
    expect(await all.sql`select from study.analytics_queue`).toHaveLength(0);
  });
});

describe("somebody is deleted", () => {
  test("while his days are summed: he goes afterwards, with all of it", async () => {
    const ann = await all.learner();
    await all.answer(all.sql, ann);
    const end = await all.open((tx) => all.fold(tx));
    const gone = all.sql`delete from auth.users where id = ${ann}`.execute();
    await all.sql`select pg_sleep(0.2)`;
    await end();
    await gone;
    expect(await all.stored(ann)).toBe(0);
  });

  test("before it: he is passed over, and summed if he stays after all", async () => {
    const [ann, ben] = [await all.learner(), await all.learner()];
    await all.answer(all.sql, ann);
    await all.answer(all.sql, ben);
    const end = await all.open((tx) => tx`delete from auth.users where id = ${ann}`);
    expect(await all.impatient((tx) => all.fold(tx)), "Ben's day only").toBe(1);
    expect(await all.stored(ben)).toBe(1);
    await end("rollback");
    expect(await all.fold()).toBe(1);
    expect(await all.stored(ann)).toBe(1);
  });
});

test("the rows of the benchmarks fit the tables, and what is summed of them is what they say", async () => {
  const history = await copyOf("EMPTY", "history");
  const client = new pg.Client({ connectionString: history.url });
  try {
    await client.connect();
    const { attempts, cards, reviews } = await fillHistory(client, 0.001);
    expect([attempts, cards > 500, reviews > 1000]).toEqual([5_000, true, true]);
    const totals =
      `select sum(questions_attempted)::integer as answered, sum(questions_correct)::integer as correct
      from study.performance_metrics`;
    const before = await client.query(totals);
    await client.query(
      "insert into study.analytics_queue (user_id, study_day) select distinct user_id, study_day from study.user_question_attempts",
    );
    await client.query("select private.study_sum_days()");
    expect((await client.query(totals)).rows).toEqual(before.rows);
    expect(before.rows[0]).toMatchObject({ answered: 5_000 });
    const { rows } = await client.query("select private.study_dashboard($1, now()) as page", [
      busiest,
    ]);
    expect(rows[0]?.page.totals.questions_answered).toBe(500);
  } finally {
    await client.end();
    await history.drop();
  }
});
