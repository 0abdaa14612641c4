// Learning in a crowd: many copy one template, people leave meanwhile, and the clock does its work.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Following, openFollowing } from "./following.ts";
import { expectSound, rush, times } from "./native.ts";

let learner: Following;
let owner: string;
let people: string[];

beforeAll(async () => {
  learner = await openFollowing("learning_crowd");
  owner = await learner.person();
  people = await learner.people(20);
});
afterAll(async () => {
  await expectSound(learner.database);
  await learner.database.drop();
});

describe("a template", () => {
  test("is copied by twenty while it is published anew: each copy whole, all counted", async () => {
    const curriculum = await learner.make(owner, 5);
    await learner.act(owner, "select (learning.share_template($1, 'public')).id as value", [
      curriculum,
    ])();
    const { done, refused } = await rush(people.flatMap((who, n) => [
      learner.act(who, "select (learning.duplicate_curriculum($1)).id as value", [curriculum]),
      learner.act(
        owner,
        n % 2
          ? "select (learning.add_session($1, 'more')).id as value"
          : "select (learning.share_template($1, 'authenticated')).id as value",
        [curriculum],
      ),
    ]));
    expect([done.length, refused]).toEqual([40, {}]);
    expect(
      await learner.one("select copies_count as value from learning.curricula where id = $1", [
        curriculum,
      ]),
    ).toBe(20);
    expect(
      await learner.one(
        "select bool_and(total_sessions >= 5)::text as value from learning.curricula where copied_from_id = $1",
        [curriculum],
      ),
    ).toBe("true");
  });

  test("is copied while its owner leaves, and copiers leave, without a deadlock", async () => {
    for (let round = 0; round < 3; round++) {
      const leaving = await learner.person();
      const curriculum = await learner.make(leaving, 3);
      await learner.act(leaving, "select (learning.share_template($1, 'public')).id as value", [
        curriculum,
      ])();
      const guests = await Promise.all(times(8, learner.person));
      const { refused } = await rush([
        ...guests.map((who) =>
          learner.act(who, "select (learning.duplicate_curriculum($1)).id as value", [curriculum])
        ),
        ...[...guests.slice(0, 3), leaving].map((id) => async () => {
          await learner.database.sql`delete from auth.users where id = ${id}`;
          return "";
        }),
      ]);
      expect(
        Object.keys(refused).filter((refusal) =>
          !/curriculum_not_found|not_authenticated/.test(refusal)
        ),
      ).toEqual([]);
    }
  });
});

test("the clock meets people at work", async () => {
  const curricula = await Promise.all(people.slice(0, 8).map((who) => learner.make(who, 4)));
  await learner.database.sql`update core.settings set value = '0' where key in (
    'learning.forgotten_hours', 'learning.archive_after_days', 'learning.fold_after_days')`;
  const { refused } = await rush([
    ...(await Promise.all(curricula.map(learner.sessionsOf))).flatMap((ids, n) =>
      ids.flatMap((id) => [
        learner.act(people[n] ?? "", "select (learning.start_session($1)).id as value", [id]),
        learner.act(people[n] ?? "", "select (learning.pause_session($1)).id as value", [id]),
        learner.act(people[n] ?? "", "select (learning.complete_session($1)).id as value", [id]),
      ])
    ),
    ...curricula.map((id, n) =>
      learner.act(people[n] ?? "", "select (learning.restore_curriculum($1)).id as value", [id])
    ),
    ...times(12, (n) => async () => {
      await learner.database.sql.unsafe(
        `select private.learning_${n % 2 ? "archive_old" : "end_forgotten"}()`,
      );
      return "";
    }),
  ]);
  expect(
    Object.keys(refused).filter((refusal) =>
      !/session_not_running|session_completed|curriculum_archived/.test(refusal)
    ),
  ).toEqual([]);
});
