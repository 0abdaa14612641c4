// Questions to practise with, written by an author and let through as an educator would.
import { randomUUID } from "node:crypto";
import { type Person, signUp, sql } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

export interface Clock {
  id: string;
  status: string;
  session_type: string;
  total_questions: number;
  answered_count: number;
  skipped_count: number;
  correct_count: number;
  xp_earned: number;
  elapsed_ms: number;
  remaining_ms: number | null;
}

export interface Result {
  is_correct: boolean;
  correct: number[];
  options: { index: number; is_correct: boolean; rationale: string }[];
  explanation: { correct_explanation: string };
  sources: { quote: string; passage?: string }[];
}

export interface Asked {
  question_id: string;
  question_order: number;
  version_id: string;
  vignette: string;
  options: { index: number; text: string }[];
  status: string;
  selected: number[] | null;
  is_shown: boolean;
  result: Result | null;
}

export interface Session extends Clock {
  questions: Asked[];
}

export interface Turn {
  session: Clock;
  status: string;
  is_graded: boolean;
  result: Result | null;
  xp_earned: number;
  next_question: Asked | null;
}

/** A word that only the key, the explanation and the source of a question hold. */
export const KEYWORD = "zyxwhy";

export async function subject(): Promise<string> {
  const slug = `practice-${randomUUID()}`;
  await sql("insert into core.topics (slug, name) values ($1, 'Of a test')", [slug]);
  return slug;
}

/** The right option is the second one. */
export const content = (vignette: string, more: Record<string, unknown> = {}) => ({
  vignette,
  options: ["One", "Two", "Three", "Four"].map((text, index) => ({
    text,
    is_correct: index === 1,
    rationale: `${KEYWORD} of ${text}`,
  })),
  explanation: { correct_explanation: KEYWORD, references: [KEYWORD] },
  ...more,
});

let somebody: Promise<Person> | undefined;
function educator(): Promise<Person> {
  return somebody ??= signUp({}, "study").then(async (person) => {
    await sql("insert into core.user_roles (user_id, role) values ($1, 'educator')", [person.id]);
    return person;
  });
}

export async function ask(
  by: Person,
  topic: string,
  vignette: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const { id } = await granted(by.client.rpc("create_question", {
    p_content: content(vignette),
    p_topic: topic,
    p_visibility: "authenticated",
    ...more,
  })) as { id: string };
  await granted(by.client.rpc("submit_question", { p_question_id: id }));
  await granted(
    (await educator()).client.rpc("decide_question", {
      p_question_id: id,
      p_version_no: 1,
      p_decision: "publish",
    }),
  );
  return id;
}

export const start = (by: Person, more: Record<string, unknown>) =>
  granted(by.client.rpc("start_practice", more)) as Promise<Session>;

export const answer = (
  by: Person,
  session: string,
  question: string,
  selected: number[],
  more: Record<string, unknown> = {},
) =>
  granted(by.client.rpc("answer_question", {
    p_session_id: session,
    p_question_id: question,
    p_selected: selected,
    ...more,
  })) as Promise<Turn>;
