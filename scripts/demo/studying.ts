// The other half of the platform in one chapter: practice, memory and play.
import type { Stage } from "./stage.ts";
import { call } from "./people.ts";
import { note, quoted } from "./print.ts";
import { expectEqual, expectThat, step } from "./steps.ts";

interface Option {
  index: number;
  text: string;
}

interface Result {
  is_correct: boolean;
  correct: number[];
  options: { index: number; rationale: string }[];
}

interface Question {
  question_id: string;
  vignette: string;
  options: Option[];
  result: Result | null;
}

interface Session {
  id: string;
  total_questions: number;
  questions: Question[];
}

interface Answered {
  result: Result;
  xp_earned: number;
}

interface Card {
  id: string;
  front: string;
}

const first = <T>(rows: T[], what: string): T => {
  const row = rows[0];
  expectThat(what, row !== undefined, rows);
  return row;
};

export async function practising({ student }: Stage): Promise<void> {
  const session = await step(
    "begins a practice session",
    () =>
      call<Session>(student, "study", "start_practice", {
        p_session_type: "tutor",
        p_topic: "renal-system",
        p_question_count: 2,
      }),
    (begun) => `begins a practice session of ${begun.total_questions} questions on the kidney`,
  );
  const question = first(session.questions, "a question");
  note(question.vignette);
  quoted(question.options.map(({ index, text }) => `${index}  ${text}`).join("\n"));

  await step("the key cannot be read before answering", async () => {
    expectEqual("results", session.questions.map(({ result }) => result), [null, null]);
    const { data, error } = await student.client.schema("study").from("question_keys").select();
    expectThat("a refusal", data === null && error?.code === "42501", data ?? error);
  });
  const answer = await step(
    "answers option 0, and is told at once",
    () =>
      call<Answered>(student, "study", "answer_question", {
        p_session_id: session.id,
        p_question_id: question.question_id,
        p_selected: [0],
      }),
    ({ result, xp_earned }) =>
      `answers option 0: ${
        result.is_correct ? "right" : "wrong"
      }, right is ${result.correct}; ${xp_earned} XP`,
  );
  quoted(answer.result.options.map(({ index, rationale }) => `${index}  ${rationale}`).join("\n"));
  await step(
    "the news comes over Realtime",
    () => student.inbox.progress(),
    ({ payload }) =>
      `Realtime: ${payload.xp} XP, level ${payload.level}, streak of ${payload.streak} day, ` +
      `achieved ${payload.achievements.map(({ name }) => name).join(", ") || "nothing yet"}`,
  );
  await step("finishes, twice, with one result", async () => {
    const finish = () =>
      call<{ xp_earned: number }>(student, "study", "finish_practice", {
        p_session_id: session.id,
      });
    expectEqual("the second result", await finish(), await finish());
  });
}

export async function remembering({ student }: Stage): Promise<void> {
  const made = await step(
    "writes a card of her own",
    () =>
      call<Card>(student, "study", "create_card", {
        p_front: "What do principal cells do under aldosterone?",
        p_back: "Keep sodium, lose potassium.",
      }),
  );
  const outcome = await step(
    "reviews it: good",
    () =>
      call<{ due_at: string }>(student, "study", "review_card", {
        p_card_id: made.id,
        p_rating: 3,
      }),
    ({ due_at }) => `reviews it, good: due again at ${due_at}`,
  );
  expectThat("a time to come", Date.parse(outcome.due_at) > Date.now(), outcome);
  await step(
    "sees it all on her first page, in one call",
    async () => {
      const page = await call<{ xp: number; totals: { cards_reviewed: number } }>(
        student,
        "study",
        "dashboard",
      );
      const { data } = await student.client.schema("study").from("xp_transactions").select(
        "amount",
      );
      const ledger = ((data ?? []) as { amount: number }[]).reduce(
        (sum, { amount }) => sum + amount,
        0,
      );
      expectEqual("the ledger's sum", ledger, page.xp);
      expectEqual("cards reviewed", page.totals.cards_reviewed, 1);
      return page;
    },
    ({ xp }) => `her first page, in one call: ${xp} XP, which is what the ledger adds up to`,
  );
}
