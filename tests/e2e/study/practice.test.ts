// Practising as a frontend does: a session in each mode, from its first question to its result.
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../setup/realtime.ts";
import { type Person, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { learner, takeIn } from "./material.ts";
import {
  answer,
  ask,
  content,
  KEYWORD,
  type Session,
  start,
  subject,
  type Turn,
} from "./practice.ts";

let author: Person;
let ann: Person;
let topic: string;
let questions: string[];

beforeAll(async () => {
  [author, ann] = await Promise.all([learner(), learner()]);
  topic = await subject();
  questions = [];
  for (const vignette of ["First of all?", "Then what?", "And in the end?"]) {
    questions.push(await ask(author, topic, vignette));
  }
});

const read = (by: Person, id: string) =>
  granted(by.client.rpc("practice_session", { p_session_id: id }, { get: true })) as Promise<
    Session
  >;

describe("a tutor session", () => {
  test("tells after each answer, and moves everything that follows in one go", async () => {
    const live = await listen(ann.client, `user:${ann.id}`);
    const session = await start(ann, { p_topic: topic, p_question_count: 3 });
    expect(session).toMatchObject({ status: "active", session_type: "tutor", total_questions: 3 });
    expect(JSON.stringify(session)).not.toContain(KEYWORD);
    const [first, second] = session.questions.map(({ question_id }) => question_id);

    const wrong = await answer(ann, session.id, first ?? "", [0], { p_confidence: 2 });
    expect(wrong).toMatchObject({ is_graded: true, result: { is_correct: false, correct: [1] } });
    expect(wrong.result?.explanation.correct_explanation).toBe(KEYWORD);
    expect(wrong.next_question?.question_id).toBe(second);
    expect(JSON.stringify(wrong.next_question)).not.toContain(KEYWORD);
    const right = await answer(ann, session.id, second ?? "", [1]);
    expect(right.result?.is_correct).toBe(true);
    expect(right.xp_earned).toBeGreaterThan(0);

    const { data: progress } = await ann.client.from("user_progress")
      .select("question_id, last_is_correct").order("last_is_correct");
    expect(progress).toEqual([
      { question_id: first, last_is_correct: false },
      { question_id: second, last_is_correct: true },
    ]);
    const { data: cards } = await ann.client.from("sm2_review_cards").select("question_id");
    expect(cards).toEqual([{ question_id: first }]);
    const { data: totals } = await ann.client.from("learners")
      .select("questions_answered, questions_correct").single();
    expect(totals).toEqual({ questions_answered: 2, questions_correct: 1 });
    const messages = () => live.heard.filter(({ event }) => event === "study_progress");
    await until(() => messages().length >= 2, "a message for each answer");

    const result = await granted(
      ann.client.rpc("finish_practice", { p_session_id: session.id }),
    ) as Session & { score: number; not_reached_count: number };
    expect(result).toMatchObject({ status: "completed", not_reached_count: 1, score: 33.3 });
    expect(result.questions[2]?.result).toBeNull();
    const again = await granted(ann.client.rpc("finish_practice", { p_session_id: session.id }));
    expect(again).toEqual(result);
    const { data: attempts } = await ann.client.from("user_question_attempts").select("is_correct")
      .eq("session_id", session.id).order("answered_at");
    expect(attempts).toEqual([{ is_correct: false }, { is_correct: true }]);
  });

  test("shows whoever was wrong the passage behind the question", async () => {
    const [reader, text] = [await learner(), "The mitral valve has two leaflets. They close well."];
    const material = await takeIn(author, "valve.txt", text);
    await granted(
      author.client.rpc("share_material", { p_material_id: material.id, p_user_id: reader.id }),
    );
    const { data: passage } = await author.client.from("material_chunks").select("id")
      .eq("material_id", material.id).single();
    const question = await ask(author, topic, "Leaflets of the mitral valve?", {
      p_content: content("Leaflets of the mitral valve?", {
        sources: [{ chunk_id: passage?.id, quote: "two leaflets" }],
      }),
      p_material_id: material.id,
    });
    const session = await start(reader, { p_question_ids: [question] });
    const { result } = await answer(reader, session.id, question, [3]);
    expect(result?.sources).toMatchObject([{ quote: "two leaflets", passage: text }]);
  });

  test("by mastery takes one question after the other", async () => {
    const person = await learner();
    const session = await start(person, { p_selection: "adaptive", p_topic: topic });
    expect(session.questions).toHaveLength(1);
    const { next_question } = await answer(
      person,
      session.id,
      session.questions[0]?.question_id ?? "",
      [1],
    );
    expect(next_question?.question_order).toBe(2);
  });
});

describe("a timed session", () => {
  test("tells nothing before its end, is paused, changed and finished", async () => {
    const person = await learner();
    const session = await start(person, {
      p_session_type: "timed",
      p_question_ids: questions,
      p_time_limit_seconds: 60,
    });
    const [first = "", second = ""] = questions;
    const right = await answer(person, session.id, first, [1]);
    const wrong = await answer(person, session.id, first, [2]);
    const still = (turn: Turn) => ({
      ...turn,
      session: { ...turn.session, elapsed_ms: 0, remaining_ms: 0, server_time: "" },
    });
    expect(still(wrong)).toEqual(still(right));
    expect(right).toMatchObject({ is_graded: false, result: null, xp_earned: 0 });
    await granted(
      person.client.rpc("skip_question", { p_session_id: session.id, p_question_id: second }),
    );

    const paused = await granted(
      person.client.rpc("pause_practice", { p_session_id: session.id }),
    ) as Session;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect((await read(person, session.id)).elapsed_ms).toBe(paused.elapsed_ms);
    await granted(person.client.rpc("resume_practice", { p_session_id: session.id }));
    const { data: none } = await person.client.from("user_question_attempts").select("id");
    expect(none).toEqual([]);

    const result = await granted(
      person.client.rpc("finish_practice", { p_session_id: session.id }),
    ) as Session;
    expect(result).toMatchObject({ answered_count: 1, skipped_count: 1, correct_count: 0 });
    expect(result.questions.map((asked) => asked.result?.is_correct)).toEqual([
      false,
      undefined,
      undefined,
    ]);
    const { data: attempts } = await person.client.from("user_question_attempts")
      .select("is_skipped, is_correct").order("is_skipped");
    expect(attempts).toEqual([
      { is_skipped: false, is_correct: false },
      { is_skipped: true, is_correct: false },
    ]);
  });

  test("whose clock runs out is graded without its learner", async () => {
    const person = await learner();
    const [first = ""] = questions;
    const session = await start(person, {
      p_session_type: "test",
      p_question_ids: questions,
      p_time_limit_seconds: 10,
    });
    await answer(person, session.id, first, [1]);
    await sql(
      `update study.practice_sessions set running_since = running_since - interval '10 seconds' where id = $1`,
      [session.id],
    );
    await sql("select private.study_tend_practice()");
    const over = await granted(
      person.client.rpc("practice_result", { p_session_id: session.id }, { get: true }),
    ) as Session;
    expect(over).toMatchObject({ status: "completed", correct_count: 1, remaining_ms: 0 });
  });
});

test("a request that is sent again begins one session", async () => {
  const person = await learner();
  const request = { p_question_ids: questions, p_idempotency_key: crypto.randomUUID() };
  const all = await Promise.all([1, 2, 3, 4].map(() => start(person, request)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
});
