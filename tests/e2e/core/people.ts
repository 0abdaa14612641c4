// People with a part to play, each made the way the platform makes them.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Client, type Person, service, signUp, sql } from "../../setup/stack.ts";

export type { Client, Person };

interface Answer {
  status: number;
  error: { message: string; code: string; details: string | null; hint: string | null } | null;
}

const errorCodes = readFileSync(
  join(import.meta.dirname, "../../../docs/error-codes.md"),
  "utf8",
);

/** The answer must be this refusal, with a code that docs/error-codes.md lists and a way out. */
export function expectRefusal(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.error?.message }, JSON.stringify(answer.error))
    .toEqual({ status, code });
  expect(errorCodes, `docs/error-codes.md lists ${code}`).toMatch(
    new RegExp(`^\\| \`${code}\` \\| [^|]*\\b${status}\\b`, "m"),
  );
  expect(answer.error?.hint, `${code} has a hint`).toBeTruthy();
  expect(answer.error?.details, `${code} has details`).toBeTruthy();
}

export async function granted<T>(
  answer: PromiseLike<{ data: T; error: { message: string; details?: string | null } | null }>,
): Promise<NonNullable<T>> {
  const { data, error } = await answer;
  if (error) throw new Error(`${error.message}: ${error.details ?? ""}`);
  return data as NonNullable<T>;
}

/** What the material of such a subject says; `coveredQuestion` of the qa tests asks for it. */
const passages = [
  "The lamp of the lighthouse on Skerry Point turns once in twelve seconds. Its lens was ground in 1879 from eleven rings of glass.",
  "The keeper of the lighthouse winds the clockwork every four hours, because the weight then touches the ground.",
];

/** A subject of one's own, so that tests that run at the same time do not get each other's experts. */
export async function newTopic(): Promise<string> {
  const slug = `topic-${randomUUID()}`;
  await sql("insert into core.topics (slug, name) values ($1, $2)", [slug, "Topic of a test"]);
  for (const text of passages) {
    await sql(
      `select private.index_document(
        'study', 'passage', gen_random_uuid(), 'Skerry Point', $1, private.topic_by_slug($2), '{"page": 1}'
      )`,
      [text, slug],
    );
  }
  return slug;
}

export async function newExpert(topic: string, places = 10): Promise<Person> {
  const expert = await signUp({ full_name: "Expert of a test" }, "qa");
  await granted(
    expert.client.schema("core").rpc("apply_as_expert", {
      p_headline: "Knows this topic",
      p_topics: [topic],
    }),
  );
  await granted(
    service("core").rpc("decide_expert", {
      p_expert_id: expert.id,
      p_decision: "verified",
      p_reason: "Verified for a test.",
    }),
  );
  await sql("update core.experts set max_concurrent_reviews = $2 where id = $1", [
    expert.id,
    places,
  ]);
  return expert;
}

export async function newAdmin(): Promise<Person> {
  const admin = await signUp({ full_name: "Administrator of a test" }, "core");
  await granted(
    service("core").rpc("grant_role", {
      p_user_id: admin.id,
      p_role: "admin",
      p_reason: "Administrator for a test.",
    }),
  );
  return admin;
}

/** A student with three welcome credits and as many more as are asked for. */
export async function newStudent(moreCredits = 0): Promise<Person> {
  const student = await signUp({ full_name: "Student of a test" }, "qa");
  if (moreCredits > 0) {
    await granted(
      service("qa").rpc("grant_credits", {
        p_user_id: student.id,
        p_credits: moreCredits,
        p_reason: "Credits for a test.",
        p_idempotency_key: randomUUID(),
      }),
    );
  }
  return student;
}
