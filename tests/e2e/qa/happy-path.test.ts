// The main job through supabase-js: asked, answered, checked, delivered, rated.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Inbox, listen } from "../core/inbox.ts";
import { granted, newExpert, newStudent, newTopic, type Person } from "../core/people.ts";
import { sql } from "../../setup/stack.ts";
import { ask, balanceOf, claim, entriesOf, expectInvariants, reach, verdict } from "./flow.ts";
import type { Question, Sheet } from "./flow.ts";

const correction = "Sailors know each lighthouse by this period.";
let topic: string;
let student: Person;
let expert: Person;
let stranger: Person;
let hears: Inbox;
let expertHears: Inbox;
let question: Question;
let sheet: Sheet;

beforeAll(async () => {
  topic = await newTopic();
  [student, expert, stranger] = [await newStudent(), await newExpert(topic), await newStudent()];
  [hears, expertHears] = [await listen(student), await listen(expert)];
});
afterAll(async () => {
  await hears?.close();
  await expertHears?.close();
  await expectInvariants();
});

describe("from asked to rated", () => {
  test("a quote says price and time", async () => {
    const quote = await granted(student.client.rpc("quote_question", { p_topic: topic })) as Record<
      string,
      unknown
    >;
    expect(quote).toMatchObject({
      priority: "normal",
      credits: 1,
      credits_available: 3,
      is_affordable: true,
      experts_available: expect.any(Number),
    });
    expect(quote.estimated_minutes).toBeGreaterThan(0);
    expect(quote.deliver_within_minutes).toBe(24 * 60);
  });

  test("asking holds one credit", async () => {
    question = await ask(student, topic, undefined, { p_allow_reuse: true });
    expect(question).toMatchObject({ status: "submitted", question_type: "text" });
    expect(await balanceOf(student)).toEqual([2, 1]);
  });

  test("the calls of the AI are on record, with what they cost and without what was said", async () => {
    await reach(question.id, "expert_review");
    const calls = await sql(
      `select provider, purpose, status, cost_micro_usd::int as cost, prompt_length > 0 as has_length,
        prompt_hash is not null as has_hash
      from ops.ai_calls where resource_id = $1 order by created_at`,
      [question.id],
    );
    const call = {
      provider: "local",
      status: "success",
      cost: 0,
      has_length: true,
      has_hash: true,
    };
    expect(calls).toEqual([{ ...call, purpose: "qa.generate" }, {
      ...call,
      purpose: "qa.humanize",
    }]);
  });

  test("the expert of the topic is notified, and claims", async () => {
    const notice = await expertHears.next(
      "notification",
      (n) => n.type === "review_assigned" && n.data?.question_id === question.id,
    );
    expect(notice.data?.review_id).toBeTruthy();
    sheet = await claim(expert, question.id);
    expect(sheet.review_id).toBe(notice.data?.review_id);
    expect(sheet.question.is_covered).toBe(true);
    expect(sheet.answer.content).toContain("[1]");
    expect(sheet.answer.citations[0]).toMatchObject({
      position: 1,
      quote: expect.any(String),
      title: expect.any(String),
    });
  });

  test("every quote stands word for word in its document", async () => {
    for (const cited of sheet.answer.citations) {
      const [document] = await granted(
        student.client.schema("core").rpc("read_document", { p_id: cited.document_id }),
      ) as { body: string }[];
      expect(document?.body.replace(/\s+/g, " ")).toContain(cited.quote.replace(/\s+/g, " "));
    }
  });

  test("before delivery the client sees no answer", async () => {
    expect(await granted(student.client.from("answers").select("*"))).toEqual([]);
    expect(await granted(student.client.from("answer_versions").select("*"))).toEqual([]);
    const tracked = await granted(
      student.client.rpc("track_question", { p_question_id: question.id }),
    ) as { answer: unknown };
    expect(tracked.answer).toBeNull();
  });

  test("the expert corrects and approves; the same verdict again is harmless", async () => {
    const words = {
      p_verdict: "approved",
      p_corrections: `${sheet.answer.content}\n\n${correction}`,
    };
    const first = await granted(verdict(expert, sheet, words));
    const again = await granted(verdict(expert, sheet, words));
    expect(again).toEqual(first);
    await reach(question.id, "delivered");
  });

  test("the client gets the final version alone, with citations and provenance", async () => {
    const versions = await granted(
      student.client.from("answer_versions")
        .select("stage, content, provenance, citations:answer_citations(position, title, quote)")
        .order("position", { referencedTable: "answer_citations" }),
    ) as { stage: string; content: string; provenance: unknown; citations: unknown[] }[];
    expect(versions).toHaveLength(1);
    expect(versions[0]).toMatchObject({
      stage: "final",
      content: expect.stringContaining(correction),
      provenance: { written_by: "ai", response_type: "hybrid", corrected: true },
    });
    expect(versions[0]?.citations).toHaveLength(sheet.answer.citations.length);
    await hears.next("notification", (n) => n.type === "answer_delivered");
  });

  test("a stranger sees nothing of it", async () => {
    for (const table of ["questions", "answers", "answer_versions", "answer_citations"]) {
      expect(await granted(student.client.from(table).select("*")), table).not.toEqual([]);
      expect(await granted(stranger.client.from(table).select("*")), table).toEqual([]);
    }
  });

  test("rating is counted with the expert", async () => {
    await granted(student.client.rpc("rate_answer", {
      p_question_id: question.id,
      p_overall_score: 4,
      p_comment: "Clear.",
    }));
    const [rating] = await granted(
      stranger.client.rpc("calculate_expert_rating", { p_expert_id: expert.id }),
    ) as Record<string, unknown>[];
    expect(rating).toMatchObject({ average_rating: 4, total_ratings: 1 });
    expect(rating?.rating_distribution).toMatchObject({ "4_star": 1, "5_star": 0 });
    const row = await granted(
      expert.client.from("expert_performance").select("*").eq("expert_id", expert.id).single(),
    );
    expect(row).toMatchObject({ approved_count: 1, reviews_completed: 1, active_count: 0 });
  });

  test("the credit was captured once", async () => {
    expect(await entriesOf(student, question.id)).toEqual(["hold", "capture"]);
    expect(await balanceOf(student)).toEqual([2, 0]);
  });

  test("Realtime told of every state in order, and the timeline says the same", async () => {
    const states = [
      "submitted",
      "processing",
      "ai_generated",
      "humanized",
      "expert_review",
      "approved",
      "delivered",
      "rated",
    ];
    await hears.next("question_status", (change) => change.status === "rated");
    expect(hears.messages.filter((m) => m.event === "question_status").map((m) => m.payload.status))
      .toEqual(states);
    const { timeline } = await granted(
      student.client.rpc("track_question", { p_question_id: question.id }),
    ) as { timeline: { status: string }[] };
    expect(timeline.map((move) => move.status)).toEqual(states);
  });

  test("with consent the answer is found by others, without its markers", async () => {
    const found = await granted(
      stranger.client.schema("core").rpc("search", {
        p_query: `"${correction.slice(0, -1)}"`,
        p_kinds: ["qa_answer"],
      }),
    ) as { entity_id: string; snippet: string }[];
    expect(found.map((hit) => hit.entity_id)).toContain(question.id);
    expect(found.map((hit) => hit.snippet).join()).not.toMatch(/\[\d+\]/);
  });
});
