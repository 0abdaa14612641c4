// Learning in a rush: two clients of one person.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Following, openFollowing } from "./following.ts";
import { expectSound, rush, times } from "./native.ts";

let learner: Following;
let owner: string;

beforeAll(async () => {
  learner = await openFollowing("learning");
  owner = await learner.person();
});
afterAll(async () => {
  await expectSound(learner.database);
  await learner.database.drop();
});

describe("two clients of one person", () => {
  test("add, remove, reorder and write at once, and leave numbers without gaps", async () => {
    const curriculum = await learner.make(owner, 12);
    const ids = await learner.sessionsOf(curriculum);
    const { refused } = await rush([
      ...times(15, (n) =>
        learner.act(
          owner,
          "select (learning.add_session($1, 'added', p_position => $2)).id as value",
          [curriculum, n % 5 + 1],
        )),
      ...ids.slice(0, 6).map((id) =>
        learner.act(owner, "select learning.remove_session($1)::text as value", [id])
      ),
      ...times(5, () =>
        learner.act(
          owner,
          `select learning.reorder_sessions($1, array(
            select id from learning.sessions where curriculum_id = $1 order by session_number desc))::text as value`,
          [curriculum],
        )),
      ...ids.map((id) =>
        learner.act(owner, "update learning.sessions set notes = 'x' where id = $1", [id])
      ),
      ...times(
        3,
        () =>
          learner.act(owner, "select (learning.share_template($1, 'public')).id as value", [
            curriculum,
          ]),
      ),
    ]);
    expect(Object.keys(refused).filter((refusal) => refusal !== "PT409 sessions_changed")).toEqual(
      [],
    );
    expect((await learner.sessionsOf(curriculum)).length).toBe(12 + 15 - 6);
  });

  test("complete one session twenty times at once: one day, one estimate", async () => {
    const curriculum = await learner.make(owner, 1);
    const [id = ""] = await learner.sessionsOf(curriculum);
    const { done, refused } = await rush(
      times(
        20,
        () =>
          learner.act(owner, "select (learning.complete_session($1)).completed_at::text as value", [
            id,
          ]),
      ),
    );
    expect([new Set(done).size, refused]).toEqual([1, {}]);
    expect(
      await learner.one(
        "select count(*)::int as value from learning.session_work where session_id = $1",
        [
          id,
        ],
      ),
    ).toBe(1);
    expect(
      await learner.one("select status as value from learning.curricula where id = $1", [
        curriculum,
      ]),
    )
      .toBe("completed");
  });

  test("start different sessions at once: one of them runs", async () => {
    const ids = await learner.sessionsOf(await learner.make(owner, 10));
    const { refused } = await rush(
      ids.flatMap((id) => [
        learner.act(owner, "select (learning.start_session($1)).id as value", [id]),
        learner.act(owner, "select (learning.start_session($1)).id as value", [id]),
        learner.act(owner, "select (learning.heartbeat_session($1)).id as value", [id]),
      ]),
    );
    expect(Object.keys(refused).filter((refusal) => refusal !== "PT409 session_not_running"))
      .toEqual([]);
    expect(
      await learner.one(
        "select count(*)::int as value from learning.session_work where user_id = $1 and ended_at is null",
        [owner],
      ),
    ).toBe(1);
  });

  test("make the same curriculum twenty times at once: one is there", async () => {
    const id = crypto.randomUUID();
    const { done, refused } = await rush(
      times(
        20,
        () =>
          learner.act(
            owner,
            "select (learning.create_curriculum('T', 'S', 30, p_id => $1)).id as value",
            [
              id,
            ],
          ),
      ),
    );
    expect([new Set(done), refused]).toEqual([new Set([id]), {}]);
  });
});
