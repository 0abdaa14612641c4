// Play through supabase-js: what an answer and a review bring, told at once on the learner's channel; the board; one's own rows.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { listen, moment } from "../../setup/realtime.ts";
import { anonymous, type Person, sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted } from "../core/people.ts";
import { learner } from "./material.ts";
import { answer, ask, start, subject } from "./practice.ts";

let ann: Person;
let ben: Person;
let questions: string[];

beforeAll(async () => {
  const [author, ...learners] = await Promise.all([learner(), learner(), learner()]);
  [ann, ben] = learners as [Person, Person];
  const topic = await subject();
  questions = await Promise.all(
    ["First?", "Second?", "Third?"].map((text) => ask(author as Person, topic, text)),
  );
});
afterAll(async () => {
  const broken = await findViolations((text) => sql(text));
  expect(broken.filter(({ file }) => file.startsWith("study_play"))).toEqual([]);
});

interface Streak {
  current_streak: number;
  studied_today: boolean;
  xp_today: number;
}
const streakOf = async (who: Person) => (await granted(who.client.rpc("my_streak")) as Streak[])[0];
const settings = (who: Person, wishes: Record<string, unknown>) =>
  granted(who.client.rpc("set_learner_settings", { p_settings: wishes }));

describe("what is done", () => {
  test("is told at once, with all that it brought, in one message", async () => {
    const { heard, status } = await listen(ann.client, `user:${ann.id}`);
    expect(status).toBe("SUBSCRIBED");
    const session = await start(ann, { p_question_ids: questions });
    await answer(ann, session.id, questions[0] as string, [1]);
    await until(() => heard.length > 0, "the message");
    await moment();
    const told = heard.filter(({ event }) => event === "study_progress");
    expect(told).toHaveLength(1);
    // At some hours, and on some days, there is more to be had.
    const { achievements, ...payload } = told[0]?.payload as {
      achievements: { code: string; xp_reward: number }[];
    };
    expect(achievements.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["first_question", "speed_demon"]),
    );
    const xp = achievements.reduce((sum, { xp_reward }) => sum + xp_reward, 10);
    expect(payload).toMatchObject({ xp, xp_gained: xp, levels_gained: 0, streak: 1, due: 0 });
    expect(await streakOf(ann)).toMatchObject({
      current_streak: 1,
      studied_today: true,
      xp_today: xp,
    });
  });

  test("is told of cards, too, and taken back with them", async () => {
    const { heard } = await listen(ben.client, `user:${ben.id}`);
    const card = await granted(
      ben.client.rpc("create_card", { p_front: "Front", p_back: "Back" }),
    ) as { id: string };
    await granted(ben.client.rpc("review_card", { p_card_id: card.id, p_rating: 4 }));
    await until(
      () => heard.some(({ payload }) => Number(payload["xp_gained"]) >= 14),
      "the message",
    );
    await granted(ben.client.rpc("undo_review", { p_card_id: card.id }));
    await until(() => heard.some(({ payload }) => payload["xp_gained"] === -4), "the other");
    const ledger = await granted(ben.client.rpc("xp_history")) as {
      source: string;
      amount: number;
    }[];
    const reviews = ledger.filter(({ source }) => source.startsWith("review"));
    expect(reviews.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([-4, 4]);
    expect(ledger).toContainEqual(
      expect.objectContaining({ source: "achievement_unlock", amount: 10 }),
    );
  });

  test("is heard by nobody else", async () => {
    const { status } = await listen(ben.client, `user:${ann.id}`);
    expect(status).not.toBe("SUBSCRIBED");
  });
});

describe("the board", () => {
  const board = async (who: Person) =>
    (await granted(who.client.rpc("leaderboard", { p_limit: 100, p_around: true })) as {
      user_id: string;
      username: string;
      is_me: boolean;
    }[]).map(({ user_id }) => user_id);

  test("has who asked for it, from then until he does not", async () => {
    expect(await board(ben)).not.toContain(ann.id);
    await settings(ann, { on_leaderboards: true });
    expect(await board(ben)).toContain(ann.id);
    await settings(ann, { on_leaderboards: false });
    expect(await board(ben)).not.toContain(ann.id);
  });

  test("has no names between blocked people", async () => {
    await settings(ann, { on_leaderboards: true });
    await granted(ben.client.schema("core").from("blocks").insert({ blocked_id: ann.id }));
    expect(await board(ben)).not.toContain(ann.id);
    await granted(ben.client.schema("core").from("blocks").delete().eq("blocked_id", ann.id));
  });
});

describe("nobody", () => {
  test.each([
    "my_level",
    "my_streak",
    "my_achievements",
    "streak_calendar",
    "xp_history",
    "leaderboard",
  ])(
    "without an account calls %s",
    async (name) => {
      const { error } = await anonymous("study").rpc(name as "my_level");
      expect(error?.code).toBe("42501");
    },
  );

  test.each([
    ["xp_transactions", {
      amount: 1000,
      source: "adjustment",
      source_key: "x",
      study_day: "2026-01-01",
    }],
    ["user_achievements", { achievement_id: "00000000-0000-4000-8000-000000000000" }],
    ["user_streaks", { streak_date: "2026-01-01" }],
    ["leaderboard_entries", { week_start: "2026-01-05", xp: 1000 }],
    ["learners", { xp: 1000 }],
  ])("writes %s by hand", async (table, row) => {
    const rows = ann.client.from(table as "learners");
    const inserted = await rows.insert({ user_id: ann.id, ...row } as never);
    expect(inserted.error?.code).toBe("42501");
    const updated = await rows.update(row as never).eq("user_id", ann.id);
    expect(updated.error?.code).toBe("42501");
    const deleted = await rows.delete().eq("user_id", ann.id);
    expect(deleted.error?.code).toBe("42501");
  });

  test("sees the rows of another, or the board's", async () => {
    for (const table of ["xp_transactions", "user_achievements", "user_streaks", "learners"]) {
      const { data } = await ben.client.from(table as "learners").select("user_id").eq(
        "user_id",
        ann.id,
      );
      expect(data).toEqual([]);
    }
    const { error } = await ben.client.from("leaderboard_entries" as "learners").select("user_id");
    expect(error?.code).toBe("42501");
  });

  test("pages by a cursor that is none", async () => {
    expectRefusal(await ann.client.rpc("xp_history", { p_cursor: "x" }), 400, "cursor_invalid");
  });
});
