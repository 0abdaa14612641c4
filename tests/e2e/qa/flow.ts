// The way of a question in steps that tests can take one at a time.
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { sql, until } from "../../setup/stack.ts";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { granted, type Person } from "../core/people.ts";

/** One that the material of a new topic answers, and one that it does not. */
export const coveredQuestion = "How long does the lamp of the lighthouse take to turn once?";
export const strangeQuestion = "What caused the fall of the Western Roman Empire?";

export interface Question {
  id: string;
  client_id: string;
  status: string;
  question_type: string;
  revision_count: number;
  rejection_reason: string | null;
  is_covered: boolean | null;
  waiting_since: string | null;
}

export interface Sheet {
  review_id: string;
  lease_token: number;
  question: { id: string; is_covered: boolean };
  answer: {
    content: string;
    stage: string;
    citations: { position: number; title: string; quote: string; document_id: string }[];
  };
}

export const submission = (content: string, more: Record<string, unknown> = {}) => ({
  p_content: content,
  p_idempotency_key: randomUUID(),
  ...more,
});

export async function ask(
  student: Person,
  topic: string,
  content = coveredQuestion,
  more: Record<string, unknown> = {},
): Promise<Question> {
  return await granted(
    student.client.schema("qa").rpc(
      "submit_question",
      submission(content, { p_topic: topic, ...more }),
    ),
  );
}

export const find = async (questionId: string): Promise<Question> => {
  const [question] = await sql<Question>("select * from qa.questions where id = $1", [questionId]);
  if (!question) throw new Error(`no question ${questionId}`);
  return question;
};

export async function reach(questionId: string, status: string): Promise<Question> {
  return await until(
    async () => {
      const question = await find(questionId);
      return question.status === status && question;
    },
    `question ${questionId} to be ${status}`,
    20_000,
  );
}

/** Waits for the assignment and takes the review up. */
export async function claim(expert: Person, questionId: string): Promise<Sheet> {
  await reach(questionId, "expert_review");
  return await granted(
    expert.client.schema("qa").rpc("claim_review", { p_question_id: questionId }),
  );
}

export const verdict = (expert: Person, sheet: Sheet, more: Record<string, unknown>) =>
  expert.client.schema("qa").rpc("complete_review", {
    p_review_id: sheet.review_id,
    p_lease_token: sheet.lease_token,
    ...more,
  });

/** From asked to delivered. */
export async function deliver(student: Person, expert: Person, topic: string): Promise<Question> {
  const question = await ask(student, topic);
  const sheet = await claim(expert, question.id);
  await granted(verdict(expert, sheet, { p_verdict: "approved" }));
  return await reach(question.id, "delivered");
}

export async function balanceOf(student: Person): Promise<[available: number, held: number]> {
  const { credits_available, credits_held } = await granted(
    student.client.schema("qa").from("clients").select("credits_available, credits_held").single(),
  ) as { credits_available: number; credits_held: number };
  return [credits_available, credits_held];
}

export async function entriesOf(student: Person, questionId: string): Promise<string[]> {
  const entries = await granted(
    student.client.schema("qa").from("credit_entries").select("entry_type")
      .eq("question_id", questionId).order("id"),
  ) as { entry_type: string }[];
  return entries.map((entry) => entry.entry_type);
}

/** For `afterAll` of every file that touches money. */
export async function expectInvariants(): Promise<void> {
  expect(await findViolations((text) => sql(text))).toEqual([]);
}
