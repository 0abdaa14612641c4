// The verdicts of experts: sent back, written anew, rejected.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted, newExpert, newStudent, newTopic } from "../core/people.ts";
import type { Person } from "../core/people.ts";
import {
  ask,
  balanceOf,
  claim,
  entriesOf,
  expectInvariants,
  find,
  reach,
  strangeQuestion,
  verdict,
} from "./flow.ts";

let topic: string;
let student: Person;
let expert: Person;

beforeAll(async () => {
  topic = await newTopic();
  [student, expert] = [await newStudent(20), await newExpert(topic)];
});
afterAll(expectInvariants);

describe("needs_revision", () => {
  test("sends it back with the notes, a limited number of times", async () => {
    const question = await ask(student, topic);
    for (const round of [1, 2]) {
      const sheet = await claim(expert, question.id);
      await granted(verdict(expert, sheet, {
        p_verdict: "needs_revision",
        p_review_notes: `Say it more simply, round ${round}.`,
      }));
      await until(
        async () => (await find(question.id)).revision_count === round,
        `revision ${round}`,
      );
    }
    const sheet = await claim(expert, question.id);
    const third = await verdict(expert, sheet, {
      p_verdict: "needs_revision",
      p_review_notes: "Once more.",
    });
    expectRefusal(third, 409, "revision_limit_reached");
    // The refusal cost the expert nothing: the same lease still approves.
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
    await reach(question.id, "delivered");
    const [texts] = await sql<{ ai: number; final: number }>(
      `select count(*) filter (where stage = 'ai')::int as ai, count(*) filter (where stage = 'final')::int as final
       from qa.answer_versions v join qa.answers a on a.id = v.answer_id where a.question_id = $1`,
      [question.id],
    );
    expect(texts).toEqual({ ai: 3, final: 1 });
    expect(await entriesOf(student, question.id)).toEqual(["hold", "capture"]);
  });

  test("needs notes", async () => {
    const question = await ask(student, topic);
    const sheet = await claim(expert, question.id);
    const refusal = await verdict(expert, sheet, { p_verdict: "needs_revision" });
    expectRefusal(refusal, 422, "review_notes_required");
    await granted(verdict(expert, sheet, { p_verdict: "approved" }));
  });
});

describe("not in the material", () => {
  test("the AI says so; only an answer of the expert's own can be approved", async () => {
    const question = await ask(student, topic, strangeQuestion);
    const sheet = await claim(expert, question.id);
    expect(sheet.question.is_covered).toBe(false);
    expect(sheet.answer.citations).toEqual([]);
    expectRefusal(
      await verdict(expert, sheet, { p_verdict: "approved" }),
      422,
      "corrections_required",
    );
    expectRefusal(
      await verdict(expert, sheet, { p_verdict: "approved", p_corrections: "Read this. [1]" }),
      422,
      "citation_unknown",
    );
    await granted(
      verdict(expert, sheet, {
        p_verdict: "approved",
        p_corrections: "Historians name many causes, from taxes to migrations.",
      }),
    );
    await reach(question.id, "delivered");
    const { answer } = await granted(
      student.client.rpc("track_question", { p_question_id: question.id }),
    ) as { answer: { provenance: Record<string, unknown> } };
    expect(answer.provenance).toMatchObject({ response_type: "expert", written_by: "expert" });
    expect(answer.provenance).not.toHaveProperty("model");
    const [version] = await granted(
      student.client.from("answer_versions").select(
        "provider, model, confidence, answers!answer_versions_answer_id_fkey!inner()",
      )
        .eq("answers.question_id", question.id),
    );
    expect(version).toMatchObject({ provider: null, model: null, confidence: null });
  });
});

describe("rejected", () => {
  test("needs a reason, tells the client, and gives the credit back", async () => {
    const before = await balanceOf(student);
    const question = await ask(student, topic);
    const sheet = await claim(expert, question.id);
    expectRefusal(
      await verdict(expert, sheet, { p_verdict: "rejected" }),
      422,
      "rejection_reason_required",
    );
    expectRefusal(await verdict(expert, sheet, { p_verdict: "maybe" }), 422, "unknown_verdict");
    await granted(
      verdict(expert, sheet, { p_verdict: "rejected", p_rejection_reason: "Not a question." }),
    );
    expect(await find(question.id)).toMatchObject({
      status: "rejected",
      rejection_reason: "Not a question.",
    });
    expect(await entriesOf(student, question.id)).toEqual(["hold", "release"]);
    expect(await balanceOf(student)).toEqual(before);
  });
});
