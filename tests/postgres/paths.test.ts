// Learning paths in a rush: prerequisites that would close a ring together, answers that complete a milestone while its path
// changes, a topic merged meanwhile. No ring, nothing counted twice, nothing waits in a circle.
import { readFileSync } from "node:fs";
import { join } from "node:path";
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

interface Path {
  id: string;
  status: string;
  completed_milestones: number;
  milestones: { id: string; topic: { slug: string }; is_completed: boolean }[];
}

let database: Database;

beforeAll(async () => {
  database = await copyOf("EMPTY", "paths");
  await loadHelpers(database.sql);
  const helpers = join(import.meta.dirname, "..", "db", "000_helpers_study_progress.sql");
  await database.sql.unsafe(readFileSync(helpers, "utf8"));
  await database.sql`
    update core.settings
    set value = (
      select jsonb_object_agg(l.key, '{"burst": 100000, "per_hour": 100000}'::jsonb) from jsonb_object_keys(value) as l (key)
    )
    where key = 'study.limits'`;
  await database.sql`
    insert into core.topics (slug, name) select 'path-' || n, 'Path ' || n from generate_series(1, 12) as n`;
  await database.sql`
    create table tests.path_questions as
    select t.slug::text as slug, tests.sp_question(t.id) as id from core.topics as t where t.slug like 'path-%'`;
  await warmUp(database.sql, 30);
});
afterAll(async () => {
  await expectSound(database);
  await database.drop();
});

async function person(): Promise<string> {
  const [row] = await database.sql<{ id: string }[]>`
    select tests.create_user('paths-' || gen_random_uuid() || '@race.test') as id`;
  return row?.id ?? "";
}
const call = (who: string, text: string, params: unknown[]): Promise<Path> =>
  asUser(database, who, async (tx) => {
    const [row] = await tx.unsafe<{ value: Path }[]>(
      `select study.${text} as value`,
      params as string[],
    );
    return row?.value as Path;
  });
const path = (who: string, count: number, target = 80): Promise<Path> =>
  call(who, "create_learning_path('A path', $1::jsonb)", [
    times(count, (n) => ({ topic: `path-${n + 1}`, target_mastery: target })),
  ]);
const answer = (who: string, slug: string, count = 1): Promise<unknown> =>
  database.sql.begin(async (tx) => {
    await tx`
      select private.study_apply_attempts(${who}, array_agg(tests.sp_attempt(${who}, q.id, true)), now())
      from tests.path_questions as q, generate_series(1, ${count}) where q.slug = ${slug}`;
  });
/** As a service that knows no function would write it. */
const require = (whose: Path, milestone: number, requires: number, isolation = "read committed") =>
  database.sql.begin(`isolation level ${isolation}`, async (tx) => {
    await tx`select 1 from study.learning_path_prerequisites`;
    await tx`
      insert into study.learning_path_prerequisites (learning_path_id, milestone_id, requires_id)
      values (${whose.id}, ${whose.milestones[milestone]?.id ?? ""}, ${
      whose.milestones[requires]?.id ?? ""
    })`;
    await tx`select pg_sleep(0.02)`;
  });

test.each(["read committed", "repeatable read"])(
  "two that would close a ring: one of them, %s",
  async (isolation) => {
    const who = await person();
    for (const round of times(8, (n) => n)) {
      const made = await path(who, 6);
      // Each closes the ring 0 → 1 → … → 5 → 0 by one link; all but one fit.
      const { done, refused } = await rush(
        times(6, (n) => () => require(made, n, (n + 1) % 6, isolation)),
      );
      const [ring] = await database.sql<{ count: number }[]>`
        select count(*)::integer from study.learning_path_prerequisites where learning_path_id = ${made.id}`;
      expect(ring?.count, `round ${round}`).toBe(done.length);
      expect(done.length).toBeLessThan(6);
      expect(done.length).toBeGreaterThan(0);
      for (const refusal of Object.keys(refused)) {
        expect(refusal).toMatch(/^PT422 path_has_cycle|^40001 /);
      }
      if (isolation === "read committed") expect(refused).toEqual({ "PT422 path_has_cycle": 1 });
      await call(who, "delete_learning_path($1)", [made.id]);
    }
  },
);

test("the owner's clients come one after the other", async () => {
  const who = await person();
  const made = await path(who, 6);
  const { done, refused } = await rush(times(6, (n) => () =>
    call(who, "add_prerequisite($1, $2)", [
      made.milestones[n]?.id,
      made.milestones[(n + 1) % 6]?.id,
    ])));
  expect(done).toHaveLength(5);
  expect(refused).toEqual({ "PT422 path_has_cycle": 1 });
});

test("a milestone completes once, whatever changes meanwhile", async () => {
  const who = await person();
  const made = await path(who, 6, 60);
  const ids = made.milestones.map(({ id }) => id);
  const { refused } = await rush([
    ...times(6, (n) => () => answer(who, `path-${n + 1}`, 6)),
    ...times(6, (n) => () => answer(who, `path-${n + 1}`, 6)),
    ...times(
      6,
      (n) => () =>
        call(who, "reorder_milestones($1, $2)", [made.id, [...ids.slice(n), ...ids.slice(0, n)]]),
    ),
    ...times(4, () => () => call(who, "pause_learning_path($1)", [made.id])),
    ...times(4, () => () => call(who, "resume_learning_path($1)", [made.id])),
    () => call(who, "add_milestone($1, 'path-7', 60)", [made.id]),
  ]);
  // Another order needs all milestones; one may have come, the path may be complete.
  for (const refusal of Object.keys(refused)) {
    expect(refusal).toMatch(/^PT422 path_order_invalid|^PT409 path_completed/);
  }
  await call(who, "resume_learning_path($1)", [made.id]);
  await answer(who, "path-7", 10);
  const after = await call(who, "learning_path($1)", [made.id]);
  expect(after).toMatchObject({ status: "completed", completed_milestones: 7 });
  const [earned] = await database.sql<{ count: number; topics: number }[]>`
    select count(*)::integer, count(distinct source_key)::integer as topics from study.xp_transactions
    where user_id = ${who} and source = 'milestone_complete'`;
  expect(earned).toEqual({ count: 7, topics: 7 });
});

test("topics merge while they are answered", async () => {
  const people = await Promise.all(times(6, person));
  await Promise.all(people.map((who) => path(who, 9, 100)));
  const [moderator] = await database.sql<{ id: string }[]>`
    select tests.create_user('paths-moderator@race.test', '{moderator}') as id`;
  const { refused } = await rush<unknown>([
    ...people.flatMap((who) => times(4, () => () => answer(who, "path-8", 3))),
    ...people.flatMap((who) => times(4, () => () => answer(who, "path-9", 3))),
    () =>
      asUser(database, moderator?.id ?? "", (tx) =>
        tx`
        select core.merge_topics(f.id, i.id) from core.topics as f, core.topics as i
        where f.slug = 'path-8' and i.slug = 'path-9'`),
    ...people.flatMap((who) => times(4, () => () => answer(who, "path-8", 3))),
  ]);
  expect(refused).toEqual({});
  for (const who of people) {
    const [mastery] = await database.sql<{ answered: number }[]>`
      select sum(m.questions_answered)::integer as answered from study.mastery_levels as m
      where m.user_id = ${who}`;
    expect(mastery?.answered).toBe(36);
  }
  const [left] = await database.sql<{ count: number }[]>`
    select count(*)::integer from study.mastery_levels as m join core.topics as t on t.id = m.topic_id
    where t.slug = 'path-8'`;
  expect(left?.count).toBe(0);
});
