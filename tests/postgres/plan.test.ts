// Plans in a rush: made from two devices at once, moved to one time, settled by a task while their learner moves them. Nothing
// is planned twice, and nobody waits for each other in a circle.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "plan");
  await loadHelpers(database.sql);
  await database.sql`
    update core.settings
    set value = (
      select jsonb_object_agg(l.key, '{"burst": 100000, "per_hour": 100000}'::jsonb) from jsonb_object_keys(value) as l (key)
    )
    where key = 'study.limits'`;
  await warmUp(database.sql, 30);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

const call = (who: string, text: string, params: unknown[] = []) => () =>
  asUser(database, who, async (tx) => {
    const [row] = await tx.unsafe<{ value: unknown }[]>(
      `select ${text} as value`,
      params as string[],
    );
    return row?.value;
  });
const learner = async (): Promise<string> => {
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user('plan-' || gen_random_uuid() || '@race.test') as id`;
  const id = row?.id ?? "";
  await database.sql`
    insert into study.learner_settings (user_id, daily_goal_minutes) values (${id}, 120)`;
  return id;
};
const blocks = (who: string) =>
  database.sql<{ id: string; status: string; starts_at: Date; ends_at: Date }[]>`
    select id, status, starts_at, ends_at from study.plan_blocks
    where user_id = ${who} and starts_at > now() order by starts_at`;
const planWeek = "(select count(*) from study.plan_week())::integer";

test("a plan asked for from ten devices at once is made once", async () => {
  const who = await learner();
  const { done, refused } = await rush(times(10, () => call(who, planWeek)));
  expect(refused).toEqual({});
  const made = await blocks(who);
  expect(made.length).toBeGreaterThan(5);
  expect(Math.max(...done as number[])).toBe(made.length);
  expect(new Set(made.map(({ starts_at }) => starts_at.getTime())).size).toBe(made.length);
});

test("of ten blocks moved to one time, one goes there", async () => {
  const who = await learner();
  await call(who, planWeek)();
  const made = (await blocks(who)).slice(-10);
  expect(made).toHaveLength(10);
  const target = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 20 * 86_400_000);
  const { done, refused } = await rush(
    made.map(({ id }) =>
      call(who, "(study.move_plan_block($1, $2)).status", [id, target.toISOString()])
    ),
  );
  expect(done).toEqual(["accepted"]);
  expect(refused).toEqual({ "PT409 plan_time_taken": 9 });
});

test("moving, dismissing, replanning and settling at once end, and what was accepted stays", async () => {
  const people = await Promise.all(times(6, learner));
  for (const who of people) await call(who, planWeek)();
  const steps = await Promise.all(people.map(async (who) => {
    const made = await blocks(who);
    // Some have begun, so that the tasks have something to do.
    await database.sql`
      insert into study.plan_blocks (user_id, kind, status, starts_at, ends_at, planned_count, reason)
      select ${who}, 'practice', 'accepted', now() - n * interval '2 hours', now() - n * interval '2 hours' + interval '1 hour', 5, 'daily_goal'
      from generate_series(2, 6) as n`;
    await database.sql`update study.plans set next_at = now() where user_id = ${who}`;
    return made.flatMap(({ id }, index) => [
      call(
        who,
        index % 2
          ? "(study.accept_plan_block($1)).status"
          : "(study.dismiss_plan_block($1)).status",
        [id],
      ),
      ...(index % 5 ? [] : [call(who, planWeek)]),
    ]);
  }));
  const task = (name: string) => async (): Promise<unknown> => {
    await database.sql.unsafe(`select private.${name}()`);
    return name;
  };
  const { done, refused } = await rush([
    ...steps.flat(),
    ...times(10, () => task("study_settle_plans")),
    ...times(10, () => task("study_replan_due")),
  ]);
  // A suggestion may be gone, or another be accepted in its place; nothing else goes wrong.
  expect(Object.keys(refused).filter((name) => !/^PT4(04|09) plan_/.test(name))).toEqual([]);
  expect(done.filter((value) => value === "accepted").length).toBeGreaterThan(10);
  const [count] = await database.sql<{ missed: number; open: number }[]>`
    select count(*) filter (where status = 'missed')::integer as missed,
      count(*) filter (where status = 'accepted' and ends_at < now() - interval '1 hour')::integer as open
    from study.plan_blocks where user_id = any (${people})`;
  expect(count).toEqual({ missed: 30, open: 0 });
});

test("of ten links made at once one opens the calendar", async () => {
  const who = await learner();
  const { done, refused } = await rush(
    times(10, () => call(who, "study.create_plan_link() ->> 'token'")),
  );
  expect(refused).toEqual({});
  expect(new Set(done).size).toBe(10);
  const [row] = await database.sql<{ alive: number; opened: number }[]>`
    select count(*) filter (where l.revoked_at is null)::integer as alive,
      count(study.open_plan_link(l.token_hash))::integer as opened
    from study.plan_links as l where l.user_id = ${who}`;
  expect(row).toEqual({ alive: 1, opened: 1 });
});
