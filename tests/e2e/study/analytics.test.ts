// A learner's first page and an educator's class, as a frontend reads them, over what was really practised.
import { beforeAll, describe, expect, test } from "vitest";
import { type Person, service, signUp, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner } from "./material.ts";
import { answer, ask, start, subject } from "./practice.ts";

interface Page {
  xp: number;
  due: number;
  streak: { current_streak: number; studied_today: boolean };
  goal: { xp_earned: number };
  totals: { questions_answered: number; questions_correct: number; accuracy: number | null };
  weeks: { answered: number; correct: number }[];
  topics: { slug: string; answered: number; accuracy: number; accuracy_by_week: unknown[] }[];
  days: { day: string; questions_answered: number; xp_earned: number }[];
  forecast: { on_date: string; reviews: number }[];
}
interface Overview {
  members: number;
  sharing: number;
  weeks: { learners: number; answered: number; correct: number }[];
  topics: { slug: string; accuracy: number }[];
}

let author: Person;
let topic: string;

beforeAll(async () => {
  author = await learner();
  topic = await subject();
  for (const vignette of ["What is first?", "What is second?", "What is third?"]) {
    await ask(author, topic, vignette);
  }
});

const page = (by: Person) =>
  granted(by.client.rpc("dashboard", {}, { get: true })) as Promise<Page>;

/** Three answers, the first one right. */
async function practise(by: Person): Promise<string> {
  const session = await start(by, { p_topic: topic, p_question_count: 3 });
  for (const [index, { question_id }] of session.questions.entries()) {
    await answer(by, session.id, question_id, [index === 0 ? 1 : 0]);
  }
  await granted(by.client.rpc("finish_practice", { p_session_id: session.id }));
  return session.id;
}
/** The task, which the clock of the stack calls too. */
const summed = (by: Person) =>
  until(async () => {
    await sql("update ops.scheduled_tasks set next_run_at = now() where name = 'study_sum_days'");
    await granted(service("core").rpc("run_due_tasks"));
    const waiting = await sql("select from study.analytics_queue where user_id = $1", [by.id]);
    return waiting.length === 0;
  }, "the sums");

describe("the dashboard", () => {
  test("shows each answer at once, and the same once it is summed", async () => {
    const ann = await learner();
    const empty = await page(ann);
    expect(empty).toMatchObject({ xp: 0, due: 0, topics: [], totals: { accuracy: null } });
    expect([empty.weeks.length, empty.days.length, empty.forecast.length]).toEqual([12, 84, 30]);

    const session = await practise(ann);
    const live = await page(ann);
    expect(live.totals).toMatchObject({ questions_answered: 3, questions_correct: 1 });
    expect(live.weeks.at(-1)).toMatchObject({ answered: 3, correct: 1 });
    expect(live.topics).toMatchObject([{ slug: topic, answered: 3, accuracy: 0.3333 }]);
    expect(live.streak).toMatchObject({ current_streak: 1, studied_today: true });
    expect(live.xp).toBeGreaterThan(0);
    expect(live.goal.xp_earned).toBe(live.xp);
    expect(live.days.at(-1)).toMatchObject({ questions_answered: 3, xp_earned: live.xp });
    expect(live.due, "what was answered wrong became cards").toBe(2);

    await summed(ann);
    expect(await page(ann)).toEqual(live);
    const { data: metrics } = await ann.client.from("performance_metrics")
      .select("questions_attempted, questions_correct, accuracy_rate, xp_earned");
    expect(metrics).toMatchObject([{ questions_attempted: 3, questions_correct: 1 }]);
    expect(metrics?.[0]?.xp_earned).toBeGreaterThan(0);
    const { data: sittings } = await ann.client.from("study_sessions")
      .select("id, session_type, questions_answered, questions_correct");
    expect(sittings).toEqual([
      { id: session, session_type: "tutor", questions_answered: 3, questions_correct: 1 },
    ]);
    const { error } = await ann.client.from("performance_metrics").delete().eq("user_id", ann.id);
    expect(error?.code).toBe("42501");
  });

  test("is nobody else's", async () => {
    const ben = await learner();
    expect(await page(ben)).toMatchObject({ xp: 0, topics: [] });
    const { data } = await ben.client.from("performance_metrics").select();
    expect(data).toEqual([]);
  });
});

describe("a class", () => {
  test("shows its educator those who let him, for as long as they do", async () => {
    const [ann, ben] = [await learner(), await learner()];
    const eve = await signUp({}, "study");
    await sql("insert into core.user_roles (user_id, role) values ($1, 'educator')", [eve.id]);
    const { id: group } = await granted(
      eve.client.rpc("create_group", { p_name: "Physiology", p_is_class: true }),
    ) as { id: string };
    for (const person of [ann, ben]) {
      await granted(eve.client.rpc("invite_to_group", { p_group_id: group, p_user_id: person.id }));
      await practise(person);
      await summed(person);
    }
    const join = (by: Person, p_shares_progress?: boolean) =>
      granted(by.client.rpc("join_group", { p_group_id: group, p_shares_progress }));
    const overview = () =>
      granted(eve.client.rpc("class_overview", { p_group_id: group })) as Promise<Overview>;
    const members = () =>
      granted(eve.client.rpc("class_members_progress", { p_group_id: group })) as Promise<
        { user_id: string; answered_28_days: number; accuracy_28_days: number; xp: number }[]
      >;

    await join(ann, true);
    await join(ben);
    expect(await overview()).toMatchObject({ members: 2, sharing: 1 });
    expect((await overview()).weeks.at(-1)).toMatchObject({ learners: 1, answered: 3, correct: 1 });
    expect((await overview()).topics).toMatchObject([{ slug: topic, accuracy: 0.3333 }]);
    expect(await members()).toMatchObject([
      { user_id: ann.id, answered_28_days: 3, accuracy_28_days: 0.3333 },
    ]);
    await join(ben, true);
    expect((await overview()).weeks.at(-1)).toMatchObject({ learners: 2, answered: 6, correct: 2 });

    await join(ann, false);
    expect(await members()).toMatchObject([{ user_id: ben.id }]);
    expect((await overview()).weeks.at(-1)).toMatchObject({ learners: 1, answered: 3, correct: 1 });
    await granted(ben.client.rpc("leave_group", { p_group_id: group }));
    expect(await members()).toEqual([]);
    expect(await overview()).toMatchObject({ members: 1, sharing: 0, topics: [] });

    for (const name of ["class_overview", "class_members_progress"]) {
      const { data, error } = await ann.client.rpc(name, { p_group_id: group });
      expect(data).toBeNull();
      expect(error?.message).toBe("class_not_found");
    }
  });
});
