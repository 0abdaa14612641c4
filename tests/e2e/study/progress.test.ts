// Progress as a frontend sees it: answers move mastery, mastery completes milestones, and what comes next follows.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../setup/realtime.ts";
import { anonymous, type Person, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner } from "./material.ts";
import { answer, ask, start, subject } from "./practice.ts";

interface Level {
  slug: string;
  mastery_percentage: number;
  uncertainty: number;
  proficiency_level: string;
  questions_answered: number;
}

interface Milestone {
  id: string;
  topic: { slug: string };
  is_completed: boolean;
  is_open: boolean;
  requires: string[];
}

interface Path {
  id: string;
  status: string;
  completed_milestones: number;
  milestones: Milestone[];
}

let author: Person;
let ann: Person;
let ben: Person;
let parent: string;
let topic: string;
let questions: string[];

beforeAll(async () => {
  [author, ann, ben] = await Promise.all([learner(), learner(), learner()]);
  [parent, topic] = await Promise.all([subject(), subject()]);
  await sql(
    "update core.topics set parent_id = (select id from core.topics where slug = $1) where slug = $2",
    [parent, topic],
  );
  questions = [];
  for (const name of ["one", "two", "three", "four", "five", "six"]) {
    questions.push(await ask(author, topic, `Question ${name}?`));
  }
});

const mastery = (by: Person, of = topic) =>
  granted(by.client.rpc("my_mastery", { p_topic: of }, { get: true })) as Promise<Level[]>;
const path = (by: Person, name: string, args: Record<string, unknown>) =>
  granted(by.client.rpc(name, args)) as Promise<Path>;

/** Answers each question of the topic once: the right option is the second. */
async function practise(by: Person, option: number): Promise<void> {
  const session = await start(by, { p_question_ids: questions });
  for (const { question_id } of session.questions) {
    await answer(by, session.id, question_id, [option], { p_confidence: 3 });
  }
}

describe("mastery", () => {
  test("comes with answers, for the topic and what stands above it", async () => {
    expect(await mastery(ann)).toEqual([]);
    await practise(ann, 1);
    const [level] = await mastery(ann);
    expect(level).toMatchObject({ slug: topic, questions_answered: 6 });
    expect(level?.mastery_percentage).toBeGreaterThan(55);
    expect(level?.uncertainty).toBeGreaterThan(5);
    expect((await mastery(ann, parent)).map(({ slug }) => slug).sort()).toEqual(
      [parent, topic].sort(),
    );
    await practise(ben, 0);
    const [worse] = await mastery(ben);
    expect(worse?.mastery_percentage).toBeLessThan(25);
    expect(worse?.proficiency_level).toBe("novice");
  });

  test("is nobody else's to see or to write", async () => {
    const { data: rows } = await ben.client.from("mastery_levels").select("user_id");
    expect(new Set(rows?.map(({ user_id }) => user_id))).toEqual(new Set([ben.id]));
    const { error } = await ben.client.from("mastery_levels").update({ mastery_percentage: 100 })
      .eq("user_id", ben.id);
    expect(error?.code).toBe("42501");
    for (const rpc of ["my_mastery", "my_progress", "next_topics", "create_learning_path"]) {
      const refused = await anonymous("study").rpc(rpc, {});
      expect(refused.error, rpc).not.toBeNull();
    }
  });

  test("and progress is read page by page", async () => {
    const first = await granted(ann.client.rpc("my_progress", { p_limit: 4, p_topic: topic })) as {
      question_id: string;
      next_cursor: string;
      avg_confidence: number;
    }[];
    expect(first).toHaveLength(4);
    expect(first[0]?.avg_confidence).toBe(3);
    const second = await granted(ann.client.rpc("my_progress", {
      p_limit: 4,
      p_topic: topic,
      p_cursor: first[3]?.next_cursor,
    })) as { question_id: string }[];
    expect([...first, ...second].map(({ question_id }) => question_id).sort()).toEqual(
      [...questions].sort(),
    );
    const { error } = await ann.client.rpc("my_progress", { p_cursor: "nonsense" });
    expect(error).toMatchObject({ message: "cursor_invalid" });
    const { data: embedded } = await ann.client.from("user_progress").select(
      "accuracy_rate, question:questions(difficulty)",
    ).eq("question_id", questions[0] ?? "").single();
    expect(embedded).toEqual({ accuracy_rate: 1, question: { difficulty: "medium" } });
  });
});

describe("a learning path", () => {
  test("completes as one answers, and says so at once", async () => {
    const cleo = await learner();
    const live = await listen(cleo.client, `user:${cleo.id}`);
    const made = await path(cleo, "create_learning_path", {
      p_name: "Before the exam",
      p_milestones: [
        { topic: parent, target_mastery: 60, requires: [topic] },
        { topic, target_mastery: 60 },
      ],
    });
    expect(made.milestones.map(({ is_open }) => is_open)).toEqual([false, true]);
    const next = await granted(cleo.client.rpc("next_topics", {})) as { slug: string }[];
    expect(next[0]).toMatchObject({ slug: topic, reason: "path", learning_path_id: made.id });
    await practise(cleo, 1);
    const done = await path(cleo, "learning_path", { p_learning_path_id: made.id });
    expect(done).toMatchObject({ status: "completed", completed_milestones: 2 });
    const { data: earned } = await cleo.client.from("xp_transactions").select("amount").eq(
      "source",
      "milestone_complete",
    );
    expect(earned).toEqual([{ amount: 100 }, { amount: 100 }]);
    const gained = () =>
      live.heard.reduce(
        (sum, { event, payload }) =>
          sum + (event === "study_progress" ? Number(payload.xp_gained) : 0),
        0,
      );
    await until(() => gained() >= 200, "the experience of the milestones");
  });

  test("is changed by its owner, never into a ring", async () => {
    const made = await path(ann, "create_learning_path", {
      p_name: "A path",
      p_milestones: [{ topic: parent, target_mastery: 99 }, { topic, target_mastery: 99 }],
    });
    const [first, second] = made.milestones.map(({ id }) => id);
    const linked = await path(ann, "add_prerequisite", {
      p_milestone_id: first,
      p_requires_id: second,
    });
    expect(linked.milestones[0]).toMatchObject({ requires: [second], is_open: false });
    const ring = await ann.client.rpc("add_prerequisite", {
      p_milestone_id: second,
      p_requires_id: first,
    });
    expect(ring.error).toMatchObject({ message: "path_has_cycle", code: "PT422" });
    const turned = await path(ann, "reorder_milestones", {
      p_learning_path_id: made.id,
      p_milestone_ids: [second, first],
    });
    expect(turned.milestones.map(({ id }) => id)).toEqual([second, first]);
    for (
      const [rpc, args] of [
        ["learning_path", { p_learning_path_id: made.id }],
        ["delete_learning_path", { p_learning_path_id: made.id }],
        ["remove_milestone", { p_milestone_id: first }],
        ["add_milestone", { p_learning_path_id: randomUUID(), p_topic: topic }],
      ] as const
    ) {
      const { error, status } = await ben.client.rpc(rpc, args);
      expect([status, error?.code], rpc).toEqual([404, "PT404"]);
    }
    const { error } = await ann.client.from("learning_path_prerequisites").insert({
      learning_path_id: made.id,
      milestone_id: second,
      requires_id: first,
    });
    expect(error?.code).toBe("42501");
    expect((await path(ann, "remove_milestone", { p_milestone_id: second })).milestones)
      .toHaveLength(1);
    await granted(ann.client.rpc("delete_learning_path", { p_learning_path_id: made.id }));
    expect((await ann.client.from("learning_paths").select("id").eq("id", made.id)).data).toEqual(
      [],
    );
  });
});
