// The parts that every question of the story has in common: asked, watched, taken up, judged.
import { randomUUID } from "node:crypto";
import { call, type Person } from "./people.ts";
import { detail, dim, milliseconds } from "./print.ts";
import { expectEqual, expectThat, step, Unmet } from "./steps.ts";

export interface Question {
  id: string;
  status: string;
  credits_cost: number;
}

export interface Citation {
  position: number;
  title: string;
  quote: string;
  locator: { page?: number; heading?: string };
}

export interface ReviewSheet {
  review_id: string;
  lease_token: number;
  question: { id: string; content: string; is_covered: boolean };
  answer: { content: string; confidence: number; model: string; citations: Citation[] };
  originality: { originality_score: number; passes_threshold: boolean } | null;
}

export interface Tracked {
  status: string;
  answer?: {
    content: string;
    citations: Citation[];
    provenance: Record<string, unknown>;
    reviewed_by: string | null;
  };
}

export async function ask(
  student: Person,
  content: string,
  options: { topic?: string; allowReuse?: boolean } = {},
): Promise<Question> {
  return await step(
    `${student.name} asks: “${content}”`,
    async () => {
      const question = await call<Question>(student, "qa", "submit_question", {
        p_content: content,
        p_idempotency_key: randomUUID(),
        p_topic: options.topic ?? null,
        p_allow_reuse: options.allowReuse ?? false,
      });
      expectEqual("status", question.status, "submitted");
      return question;
    },
  );
}

/** Prints each change as Realtime delivers it; they must come in exactly this order. */
export async function watch(
  student: Person,
  question: Question,
  states: string[],
  timeoutMs = 15_000,
): Promise<void> {
  await step(
    "that is what Realtime told, in this order",
    async () => {
      let last = performance.now();
      for (const wanted of states) {
        const { payload, at } = await student.inbox.nextStatus(question.id, timeoutMs);
        const waited = dim(`+${milliseconds(Math.max(0, at - last))}`);
        detail(`${(payload.from ?? "·").padStart(13)} → ${payload.status.padEnd(13)} ${waited}`);
        expectEqual("the next state", payload.status, wanted);
        last = at;
      }
    },
    undefined,
    timeoutMs * states.length,
  );
}

/** Whichever expert the platform chose hears of it, and takes it up. */
export async function takeUp(
  experts: Person[],
  question: Question,
): Promise<[Person, ReviewSheet]> {
  const expert = await step(
    "an expert is notified",
    async () => {
      const told = experts.map(async (one) => {
        await one.inbox.notice("review_assigned", question.id);
        return one;
      });
      return await Promise.any(told).catch(() => {
        throw new Unmet("the notification review_assigned to one of the experts", "none");
      });
    },
    (chosen) => `${chosen.name} is notified: review_assigned`,
  );
  const sheet = await step(
    `${expert.name} claims the review`,
    async () => {
      const claimed = await call<ReviewSheet>(expert, "qa", "claim_review", {
        p_question_id: question.id,
      });
      expectEqual("the question", claimed.question.id, question.id);
      expectThat("a lease", claimed.lease_token > 0, claimed.lease_token);
      return claimed;
    },
    (claimed) => `${expert.name} claims the review (lease ${claimed.lease_token})`,
  );
  return [expert, sheet];
}

export async function judge(
  expert: Person,
  sheet: ReviewSheet,
  what: string,
  verdict: Record<string, unknown>,
): Promise<void> {
  await step(what, async () => {
    const review = await call<{ review_status: string }>(expert, "qa", "complete_review", {
      p_review_id: sheet.review_id,
      p_lease_token: sheet.lease_token,
      ...verdict,
    });
    expectEqual("the review", review.review_status, verdict.p_verdict);
  });
}

export async function read(student: Person, question: Question) {
  const tracked = await call<Tracked>(student, "qa", "track_question", {
    p_question_id: question.id,
  });
  expectThat(
    "a delivered answer",
    tracked.answer !== undefined && tracked.answer !== null,
    tracked,
  );
  return tracked.answer;
}
