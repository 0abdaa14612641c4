// What a client sends that is wrong: refused by name over the Data API, with nothing written.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Person, sql } from "../../setup/stack.ts";
import { expectRefusal } from "../core/people.ts";
import { learner } from "./material.ts";
import { ask, KEYWORD, type Session, start, subject } from "./practice.ts";

let author: Person;
let ann: Person;
let ben: Person;
let inside: string;
let outside: string;
let tutor: Session;

beforeAll(async () => {
  [author, ann, ben] = await Promise.all([learner(), learner(), learner()]);
  const topic = await subject();
  inside = await ask(author, topic, "Inside?");
  outside = await ask(author, topic, "Outside?");
  tutor = await start(ann, { p_question_ids: [inside] });
});

/** All that answering writes, of a person. */
async function written(person: Person): Promise<unknown> {
  const tables = [
    "practice_sessions",
    "user_question_attempts",
    "user_progress",
    "sm2_review_cards",
    "xp_transactions",
    "learners",
    "user_streaks",
  ];
  return await Promise.all(tables.map(async (table) =>
    await sql(
      `select count(*)::int as rows, md5(string_agg(t::text, '' order by t::text)) as hash from study.${table} as t where user_id = $1`,
      [person.id],
    )
  ));
}

const answerWith = (by: Person, body: Record<string, unknown>) =>
  by.client.rpc("answer_question", {
    p_session_id: tutor.id,
    p_question_id: inside,
    p_selected: [1],
    ...body,
  });

describe("an answer", () => {
  test.each([
    [
      "to a question outside the session",
      () => ({ p_question_id: outside }),
      404,
      "question_not_in_session",
    ],
    [
      "to a question that is not there",
      () => ({ p_question_id: randomUUID() }),
      404,
      "question_not_in_session",
    ],
    [
      "in a session that is not there",
      () => ({ p_session_id: randomUUID() }),
      404,
      "session_not_found",
    ],
    ["behind the last option", () => ({ p_selected: [99] }), 422, "answer_invalid"],
    ["before the first", () => ({ p_selected: [-7] }), 422, "answer_invalid"],
    ["of no option", () => ({ p_selected: [] }), 422, "answer_invalid"],
    ["of null", () => ({ p_selected: [null] }), 422, "answer_invalid"],
    ["of two options where one is right", () => ({ p_selected: [0, 1] }), 422, "answer_invalid"],
    ["in a negative time", () => ({ p_time_taken_ms: -1 }), 422, "time_invalid"],
    ["with too much confidence", () => ({ p_confidence: 9 }), 422, "confidence_invalid"],
  ])("%s is refused, and nothing is written", async (_what, body, status, code) => {
    const before = await written(ann);
    expectRefusal(await answerWith(ann, body()), status, code);
    expect(await written(ann)).toEqual(before);
  });

  test.each([
    ["a clock of its own", { p_at: "2999-01-01" }],
    ["its own grade", { is_correct: true }],
    ["a number too great", { p_selected: [99999999999] }],
    ["words", { p_selected: ["one"] }],
    ["no id", { p_session_id: "mine" }],
  ])("with %s is refused", async (_what, body) => {
    const before = await written(ann);
    const { status, error } = await answerWith(ann, body);
    expect([400, 404]).toContain(status);
    expect(JSON.stringify(error)).not.toContain(KEYWORD);
    expect(await written(ann)).toEqual(before);
  });

  test("of somebody else is refused, whatever he does with the session", async () => {
    const before = [await written(ann), await written(ben)];
    expectRefusal(await answerWith(ben, {}), 404, "session_not_found");
    for (
      const name of [
        "finish_practice",
        "pause_practice",
        "abandon_practice",
        "practice_session",
        "practice_result",
      ]
    ) {
      expectRefusal(
        await ben.client.rpc(name, { p_session_id: tutor.id }),
        404,
        "session_not_found",
      );
    }
    expect([await written(ann), await written(ben)]).toEqual(before);
  });

  test("sent twice counts once, also at the same moment", async () => {
    const session = await start(ann, { p_question_ids: [outside] });
    const send = () =>
      ann.client.rpc("answer_question", {
        p_session_id: session.id,
        p_question_id: outside,
        p_selected: [1],
      });
    const sent = await Promise.all([send(), send(), send(), send(), send()]);
    expect(sent.filter(({ error }) => !error)).toHaveLength(1);
    for (const refused of sent.filter(({ error }) => error)) {
      expectRefusal(refused, 409, "already_answered");
    }
    const before = await written(ann);
    expectRefusal(await send(), 409, "already_answered");
    expect(await written(ann)).toEqual(before);
  });
});
