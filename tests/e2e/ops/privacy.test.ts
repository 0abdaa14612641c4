// One's own data: taken along as a file, or erased, while the books stay right.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, sql, until } from "../../setup/stack.ts";
import { granted, newExpert, newStudent, newTopic, type Person } from "../core/people.ts";
import { ask, coveredQuestion, deliver, expectInvariants, type Question } from "../qa/flow.ts";

interface Request {
  id: string;
  kind: string;
  status: string;
  result_path: string | null;
}

let topic: string;
let expert: Person;

const core = (person: Person) => person.client.schema("core");
const requestsOf = async (person: Person) =>
  await granted(core(person).rpc("my_privacy_requests")) as Request[];

beforeAll(async () => {
  topic = await newTopic();
  expert = await newExpert(topic);
});
afterAll(expectInvariants);

describe("export", () => {
  test("is a file that holds all that is mine, and that only I can read", async () => {
    const student = await newStudent();
    const question = await deliver(student, expert, topic);
    await granted(student.client.rpc("rate_answer", {
      p_question_id: question.id,
      p_overall_score: 5,
      p_comment: "Twelve seconds, of course.",
    }));
    const id = await granted(core(student).rpc("request_data_export"));
    expect(await granted(core(student).rpc("request_data_export"))).toBe(id);
    const path = await until(
      async () => {
        const [request] = await requestsOf(student);
        return request?.status === "completed" && (request.result_path ?? undefined);
      },
      "the export",
      20_000,
    );

    const { data, error } = await student.client.storage.from("exports").download(path);
    expect(error).toBeNull();
    const text = await data!.text();
    for (const part of [student.email, coveredQuestion, "Twelve seconds, of course.", "welcome:"]) {
      expect(text, `the export holds ${part}`).toContain(part);
    }
    expect(text).not.toContain(expert.email);
    expect(text).not.toMatch(/encrypted_password|\$2[aby]\$/);
    const stranger = await newStudent();
    expect((await stranger.client.storage.from("exports").download(path)).error).not.toBeNull();
  });
});

describe("erasure", () => {
  test("can be called off while the grace time lasts", async () => {
    const student = await newStudent();
    await granted(core(student).rpc("request_erasure"));
    expect(await granted(core(student).rpc("cancel_erasure"))).toBe(true);
    expect(await granted(core(student).rpc("cancel_erasure"))).toBe(false);
    expect((await requestsOf(student)).map(({ kind, status }) => [kind, status])).toEqual([
      ["erasure", "cancelled"],
    ]);
  });

  test("removes account, words and files; the ledger stays and names nobody", async () => {
    const student = await newStudent();
    const delivered = await deliver(student, expert, topic);
    const open = await ask(student, topic, "How often does the keeper wind the clockwork?");
    const file = `${student.id}/${crypto.randomUUID()}.png`;
    const png = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47])], { type: "image/png" });
    expect((await student.client.storage.from("question-images").upload(file, png)).error)
      .toBeNull();
    const [books] = await sql<{ client_id: string; entries: number }>(
      `select q.client_id, count(e.id)::int as entries from qa.questions q
       join qa.credit_entries e on e.client_id = q.client_id where q.id = $1 group by q.client_id`,
      [delivered.id],
    );

    const requestId = await granted(core(student).rpc("request_erasure"));
    // The grace time is over.
    await sql("update ops.queue_items set run_at = now() where resource_id = $1", [requestId]);
    await until(
      async () => (await sql("select from auth.users where id = $1", [student.id])).length === 0,
      "the account to be gone",
      20_000,
    );

    const again = await student.client.auth.signInWithPassword(student);
    expect(again.error).not.toBeNull();
    const stillSigned = await student.client.rpc("submit_question", {
      p_content: coveredQuestion,
      p_idempotency_key: crypto.randomUUID(),
    });
    expect([stillSigned.status, stillSigned.error?.message]).toEqual([401, "not_authenticated"]);

    const questions = await sql<Question & { content: string }>(
      "select * from qa.questions where client_id = $1 order by created_at",
      [books!.client_id],
    );
    expect(questions.map((q) => [q.id, q.status, q.content])).toEqual([
      [delivered.id, "delivered", ""],
      [open.id, "cancelled", ""],
    ]);
    const [after] = await sql<Record<string, unknown>>(
      `select c.user_id, c.credits_held, count(e.id)::int as entries from qa.clients c
       join qa.credit_entries e on e.client_id = c.id where c.id = $1 group by c.id`,
      [books!.client_id],
    );
    // One entry more: what the open question held was released.
    expect(after).toEqual({ user_id: null, credits_held: 0, entries: books!.entries + 1 });
    const { data: left } = await service().storage.from("question-images").list(student.id);
    expect(left).toEqual([]);
    const [done] = await sql<Record<string, unknown>>(
      "select status, user_id from ops.privacy_requests where id = $1",
      [requestId],
    );
    expect(done).toEqual({ status: "completed", user_id: null });
  });
});
