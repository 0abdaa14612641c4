// Credits: held, released, never spent twice, never negative.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service, sql } from "../../setup/stack.ts";
import {
  expectRefusal,
  granted,
  newAdmin,
  newExpert,
  newStudent,
  newTopic,
} from "../core/people.ts";
import {
  ask,
  balanceOf,
  claim,
  coveredQuestion,
  deliver,
  entriesOf,
  expectInvariants,
  find,
  type Question,
  submission,
} from "./flow.ts";

let topic: string;
beforeAll(async () => {
  topic = await newTopic();
});
afterAll(expectInvariants);

describe("cancelling", () => {
  test("releases the credit, stops the jobs, and does no harm twice", async () => {
    const student = await newStudent();
    const question = await ask(student, topic);
    const cancel = () =>
      student.client.rpc("cancel_question", { p_question_id: question.id, p_reason: "Solved." });
    expect(await granted(cancel())).toMatchObject({ status: "cancelled" });
    expect(await granted(cancel())).toMatchObject({ status: "cancelled" });
    expect(await entriesOf(student, question.id)).toEqual(["hold", "release"]);
    expect(await balanceOf(student)).toEqual([3, 0]);
    const jobs = await sql("select from ops.queue_items where resource_id = $1", [question.id]);
    expect(jobs).toEqual([]);
  });

  test("is refused while an expert works on it, and after delivery", async () => {
    const [student, own] = [await newStudent(), await newTopic()];
    const expert = await newExpert(own);
    const question = await ask(student, own);
    await claim(expert, question.id);
    expectRefusal(
      await student.client.rpc("cancel_question", { p_question_id: question.id }),
      409,
      "review_in_progress",
    );
    const delivered = await deliver(student, expert, own);
    expectRefusal(
      await student.client.rpc("cancel_question", { p_question_id: delivered.id }),
      409,
      "illegal_transition",
    );
  });
});

describe("retries", () => {
  test("the same key and body is the same question, also when sent ten times at once", async () => {
    const student = await newStudent();
    const body = submission(coveredQuestion, { p_topic: topic });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => granted(student.client.rpc("submit_question", body))),
    ) as Question[];
    expect(new Set(answers.map((question) => question.id)).size).toBe(1);
    expect(await balanceOf(student)).toEqual([2, 1]);
    expectRefusal(
      await student.client.rpc("submit_question", { ...body, p_content: "Another question?" }),
      422,
      "idempotency_key_reused",
    );
  });

  test("one person's key says nothing of another's", async () => {
    const [one, two] = [await newStudent(), await newStudent()];
    const body = submission(coveredQuestion, { p_topic: topic });
    const first = await granted(one.client.rpc("submit_question", body)) as Question;
    const second = await granted(two.client.rpc("submit_question", body)) as Question;
    expect(second.id).not.toBe(first.id);
  });
});

describe("not enough", () => {
  test("fifty at once on ten credits: exactly ten go through", async () => {
    const student = await newStudent(7);
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        () =>
          student.client.rpc("submit_question", submission(coveredQuestion, { p_topic: topic })),
      ),
    );
    const accepted = answers.filter((answer) => answer.error === null);
    expect(accepted).toHaveLength(10);
    for (const answer of answers.filter((one) => one.error !== null)) {
      expectRefusal(answer, 402, "insufficient_credits");
    }
    expect(await balanceOf(student)).toEqual([0, 10]);
    await Promise.all(
      accepted.map((answer) =>
        granted(
          student.client.rpc("cancel_question", { p_question_id: (answer.data as Question).id }),
        )
      ),
    );
    expect(await balanceOf(student)).toEqual([10, 0]);
  });

  test("an urgent question costs three", async () => {
    const student = await newStudent();
    await ask(student, topic, undefined, { p_priority: "urgent" });
    expect(await balanceOf(student)).toEqual([0, 3]);
  });
});

describe("granted", () => {
  test("once per key, by services and administrators only", async () => {
    const student = await newStudent();
    const grant = {
      p_user_id: student.id,
      p_credits: 5,
      p_reason: "Bought five.",
      p_idempotency_key: randomUUID(),
    };
    await granted(service("qa").rpc("grant_credits", grant));
    await granted(service("qa").rpc("grant_credits", grant));
    expect(await balanceOf(student)).toEqual([8, 0]);
    expectRefusal(await student.client.rpc("grant_credits", grant), 403, "role_required");
    expectRefusal(
      await service("qa").rpc("grant_credits", { ...grant, p_credits: 0 }),
      422,
      "credits_out_of_range",
    );
    expect(await balanceOf(student)).toEqual([8, 0]);
  });

  test("a refund gives a delivered question's price back, once", async () => {
    const [student, own] = [await newStudent(), await newTopic()];
    const expert = await newExpert(own);
    const question = await deliver(student, expert, own);
    const refund = { p_question_id: question.id, p_reason: "The answer was about another lamp." };
    expectRefusal(await student.client.rpc("refund_question", refund), 403, "role_required");
    const admin = await newAdmin();
    await granted(admin.client.schema("qa").rpc("refund_question", refund));
    await granted(admin.client.schema("qa").rpc("refund_question", refund));
    expect(await entriesOf(student, question.id)).toEqual(["hold", "capture", "refund"]);
    expect((await find(question.id)).status).toBe("delivered");
    expect(await balanceOf(student)).toEqual([3, 0]);
  });
});
