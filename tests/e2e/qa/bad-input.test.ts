// What bad input gets: a 4xx with a stable code, nothing written, nothing lost.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "../../setup/stack.ts";
import { expectRefusal, granted, newExpert, newStudent, newTopic } from "../core/people.ts";
import type { Person } from "../core/people.ts";
import {
  ask,
  claim,
  coveredQuestion,
  deliver,
  expectInvariants,
  submission,
  verdict,
} from "./flow.ts";

let topic: string;
let student: Person;
let stranger: Person;
let expert: Person;

beforeAll(async () => {
  topic = await newTopic();
  [student, stranger] = [await newStudent(10), await newStudent()];
  expert = await newExpert(topic);
});
afterAll(expectInvariants);

/** All that a refused call could have left behind. */
const traces = async () =>
  await sql(
    `select c.credits_available, c.credits_held, c.total_questions,
       (select count(*) from qa.questions q where q.client_id = c.id) as questions,
       (select count(*) from qa.credit_entries e where e.client_id = c.id) as entries,
       (select count(*) from qa.ratings r where r.client_id = c.id) as ratings
     from qa.clients c where c.user_id = any ($1) order by c.id`,
    [`{${student.id},${stranger.id}}`],
  );

describe("asking", () => {
  const refusals: [string, Record<string, unknown>, number, string][] = [
    ["nothing", { p_content: "" }, 422, "text_required"],
    ["blanks", { p_content: " \n\t\u00a0\u200b " }, 422, "text_required"],
    ["null", { p_content: null }, 422, "text_required"],
    ["too little", { p_content: "Why?" }, 422, "text_required"],
    ["too much", { p_content: "a ".repeat(4001) }, 422, "text_too_long"],
    ["a script", { p_content: "<script>alert(1)</script> why?" }, 422, "markup_not_allowed"],
    ["HTML", { p_content: "Is this <b onclick=x()>bold</b>?" }, 422, "markup_not_allowed"],
    [
      "an image tag",
      { p_content: "Look: <img src=x onerror=alert(1)>" },
      422,
      "markup_not_allowed",
    ],
    ["a script link", { p_content: "See javascript:alert(1) please" }, 422, "markup_not_allowed"],
    ["an unknown subject", { p_topic: "alchemy-of-everything" }, 422, "unknown_topic"],
    ["an unknown priority", { p_priority: "at once" }, 422, "unknown_priority"],
    ["no priority", { p_priority: null }, 422, "unknown_priority"],
    ["no key", { p_idempotency_key: null }, 422, "idempotency_key_required"],
    ["a short key", { p_idempotency_key: "1" }, 422, "idempotency_key_required"],
    ["a long key", { p_idempotency_key: "k".repeat(201) }, 422, "idempotency_key_required"],
    ["metadata that is a list", { p_metadata: [1, 2] }, 422, "metadata_invalid"],
    ["metadata without end", { p_metadata: { a: randomText(20_000) } }, 422, "metadata_invalid"],
  ];
  test.each(refusals)("%s", async (_what, input, status, code) => {
    const before = await traces();
    const answer = await student.client.rpc(
      "submit_question",
      submission(coveredQuestion, { p_topic: topic, ...input }),
    );
    expectRefusal(answer, status, code);
    expect(await traces()).toEqual(before);
  });

  test.each([
    ["text for a truth value", { p_allow_reuse: "perhaps" }, 400, "22P02"],
    ["a text for a list", { p_image_paths: "not a list" }, 400, "22P02"],
    ["an unknown parameter", { p_price: 0 }, 404, "PGRST202"],
  ])("wrong types: %s", async (_what, input, status, code) => {
    const before = await traces();
    const answer = await student.client.rpc("submit_question", submission(coveredQuestion, input));
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
    expect(await traces()).toEqual(before);
  });

  test("comparison signs are no markup", async () => {
    const question = await ask(student, topic, "If x<y and z>w, why does the lamp turn?");
    await granted(student.client.rpc("cancel_question", { p_question_id: question.id }));
  });
});

describe("somebody else's question is as good as none", () => {
  test.each(["cancel_question", "track_question", "rate_answer"])("%s", async (name) => {
    const question = await ask(student, topic);
    const score = name === "rate_answer" ? { p_overall_score: 5 } : {};
    const before = await traces();
    const foreign = await stranger.client.rpc(name, { p_question_id: question.id, ...score });
    expectRefusal(foreign, 404, "question_not_found");
    const none = await stranger.client.rpc(name, { p_question_id: randomUUID(), ...score });
    expect(none.error).toEqual(foreign.error);
    expect(await traces()).toEqual(before);
    await granted(student.client.rpc("cancel_question", { p_question_id: question.id }));
  });

  test("an id that is none", async () => {
    const answer = await student.client.rpc("cancel_question", { p_question_id: "7" });
    expect([answer.status, answer.error?.code]).toEqual([400, "22P02"]);
  });
});

describe("rating", () => {
  test("before delivery, out of range, twice", async () => {
    const open = await ask(student, topic);
    const rate = (id: string, scores: Record<string, unknown>) =>
      student.client.rpc("rate_answer", { p_question_id: id, ...scores });
    expectRefusal(await rate(open.id, { p_overall_score: 5 }), 409, "not_delivered");
    await granted(student.client.rpc("cancel_question", { p_question_id: open.id }));

    const { id } = await deliver(student, expert, topic);
    const before = await traces();
    expectRefusal(await rate(id, { p_overall_score: 0 }), 422, "score_out_of_range");
    expectRefusal(await rate(id, { p_overall_score: 6 }), 422, "score_out_of_range");
    expectRefusal(await rate(id, { p_overall_score: null }), 422, "score_out_of_range");
    expectRefusal(
      await rate(id, { p_overall_score: 5, p_speed_score: 9 }),
      422,
      "score_out_of_range",
    );
    expectRefusal(
      await rate(id, { p_overall_score: 5, p_comment: "<script>x</script>" }),
      422,
      "markup_not_allowed",
    );
    expect(await traces()).toEqual(before);
    await granted(rate(id, { p_overall_score: 5 }));
    expectRefusal(await rate(id, { p_overall_score: 1 }), 409, "already_rated");
  });
});

describe("experts", () => {
  test("nothing to claim, an unknown review, markup and length in corrections", async () => {
    const idle = await newExpert(await newTopic());
    expectRefusal(
      await idle.client.rpc("claim_review", { p_question_id: randomUUID() }),
      404,
      "question_not_found",
    );
    expectRefusal(
      await expert.client.rpc("extend_review", { p_review_id: randomUUID(), p_lease_token: 1 }),
      404,
      "review_not_found",
    );
    const question = await ask(student, topic);
    const sheet = await claim(expert, question.id);
    for (
      const [text, code] of [
        ["<iframe src=//evil.example></iframe>", "markup_not_allowed"],
        ["long ".repeat(4001), "text_too_long"],
      ] as const
    ) {
      expectRefusal(
        await verdict(expert, sheet, { p_verdict: "approved", p_corrections: text }),
        422,
        code,
      );
    }
    const stale = { ...sheet, lease_token: sheet.lease_token + 1 };
    expectRefusal(await verdict(expert, stale, { p_verdict: "approved" }), 409, "lease_lost");
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
  });
});

function randomText(length: number): string {
  let text = "";
  while (text.length < length) text += randomUUID();
  return text;
}
