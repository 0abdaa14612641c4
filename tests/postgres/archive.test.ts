// Months are put away while others write into them: nothing is lost, and erasure reaches them.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { rush, times } from "./native.ts";
import { openSumming, type Query, type Summing } from "./summing.ts";

let all: Summing;

beforeAll(async () => {
  all = await openSumming("archive");
});
afterEach(() => all.expectSummed());
afterAll(() => all?.drop());

describe("a month is put away", () => {
  const policy = (month: string) =>
    all.sql`
      insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action)
      values ('an_metrics', 'study', 'performance_metrics', 'metric_date', now() - ${month}::timestamptz, 'detach_partition')
      on conflict (name) do update set keep = excluded.keep`;
  const run = async (sql: Query = all.sql): Promise<unknown> => {
    const [row] = await sql<
      { done: Record<string, unknown> }[]
    >`select ops.apply_retention() as done`;
    return row?.done.an_metrics;
  };
  const made = (month: string) =>
    all.sql`select private.ensure_month_partition('study', 'performance_metrics', ${month})`;
  const put = (sql: Query, userId: string, day: string) =>
    sql`insert into study.performance_metrics (user_id, metric_date, topic_id, questions_attempted)
      values (${userId}, ${day}, gen_random_uuid(), 1)`;
  const away = async (month: string): Promise<number> =>
    (await all.sql.unsafe(`select from archive.study_performance_metrics_${month}`)).length;

  test("not while somebody writes into it; nothing of his is lost", async () => {
    const ann = await all.learner();
    await made("2003-01-01");
    await policy("2003-02-10");
    await put(all.sql, ann, "2003-01-05");
    const end = await all.open((tx) => put(tx, ann, "2003-01-06"));
    expect(await run(), "it waits two seconds, and leaves it for the next run").toMatch(
      /lock timeout/,
    );
    expect(await all.stored(ann)).toBe(1);
    await end();
    expect(await all.stored(ann)).toBe(2);
    expect(await run()).toBe(2);
    expect(await away("2003_01")).toBe(2);
    expect(await run()).toBe(0);
  });

  test("and who writes meanwhile waits, and is taken by the default one", async () => {
    const ann = await all.learner();
    await made("2003-03-01");
    await put(all.sql, ann, "2003-03-05");
    await policy("2003-04-10");
    const end = await all.open((tx) => run(tx));
    const late = times(5, (n) => put(all.sql, ann, `2003-03-1${n}`).execute());
    await all.sql`select pg_sleep(0.2)`;
    await end();
    await Promise.all(late);
    expect(await away("2003_03")).toBe(1);
    expect(await all.stored(ann), "in the default one").toBe(5);
    expect(await run()).toBe(5);
    expect(await away("2003_03")).toBe(6);
  });

  test("not while somebody is deleted; afterwards he is in it no more", async () => {
    const [ann, ben] = [await all.learner(), await all.learner()];
    await made("2003-05-01");
    await put(all.sql, ann, "2003-05-05");
    await put(all.sql, ben, "2003-05-05");
    await policy("2003-06-10");
    const end = await all.open((tx) => tx`delete from auth.users where id = ${ann}`);
    expect(await run()).toMatch(/lock timeout/);
    await end("rollback");
    expect(await run()).toBe(2);
    await all.sql`delete from auth.users where id = ${ann}`;
    expect(await away("2003_05")).toBe(1);
    await all.sql`delete from auth.users where id = ${ben}`;
    expect(await away("2003_05")).toBe(0);
  });

  test("without standing in the way of who holds what it waits for", async () => {
    const ann = await all.learner();
    await made("2003-09-01");
    await put(all.sql, ann, "2003-09-05");
    await policy("2003-10-10");
    let waiting: Promise<unknown> = Promise.resolve();
    await all.impatient(async (tx) => {
      await tx`update core.profiles set bio = 'Changed' where id = ${ann}`;
      waiting = run();
      await all.sql`select pg_sleep(0.3)`;
      await put(tx, ann, "2003-09-06");
    });
    expect(await waiting, "it waited for the person, and for nothing else").toBe(2);
    expect(await away("2003_09")).toBe(2);
  });

  test("by two runs at once: once", async () => {
    const ann = await all.learner();
    await made("2003-07-01");
    await put(all.sql, ann, "2003-07-05");
    await policy("2003-08-10");
    const { done, refused } = await rush([() => run(), () => run()]);
    expect(refused).toEqual({});
    expect(done.filter((rows) => rows === 1)).toHaveLength(1);
    expect(await away("2003_07")).toBe(1);
  });
});
