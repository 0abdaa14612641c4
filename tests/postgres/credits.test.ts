// Money under concurrency: nobody spends a credit twice, and a retry is no second purchase.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asUser,
  copyOf,
  type Database,
  expectSound,
  loadHelpers,
  rush,
  times,
  warmUp,
} from "./native.ts";

let database: Database;

beforeAll(async () => {
  database = await copyOf("TEMPLATE", "credits");
  await loadHelpers(database.sql);
  // The limit on submissions is tested elsewhere; here it would hide what happens to the credits.
  await database.sql`update core.settings set value = '1000' where key = 'qa.submit_burst'`;
  await warmUp(database.sql, 50);
});
afterAll(() => database?.drop());

async function personWith(email: string, credits: number): Promise<string> {
  const [row] = await database.sql<{ id: string }[]>`select tests.create_user(${email}) as id`;
  const id = row?.id ?? "";
  await database.sql`
    select private.qa_book(c.id, 'grant', ${credits}::int - c.credits_available, 'race:' || c.id, null, 'For a test')
    from qa.clients c where c.user_id = ${id}`;
  return id;
}

const balance = async (userId: string) => {
  const [row] = await database.sql`
    select credits_available, credits_held, total_questions from qa.clients where user_id = ${userId}`;
  return row;
};

const submit = (userId: string, key: string, content = "How does the heart pump blood?") =>
  asUser(database, userId, async (tx) => {
    const [row] = await tx<{ id: string }[]>`
      select id from qa.submit_question(${content}, ${key}, p_topic => 'heart')`;
    return row?.id ?? "";
  });

describe("fifty submissions at once on ten credits", () => {
  test("exactly ten go through, forty are refused for want of credits", async () => {
    const student = await personWith("ten@race.test", 10);
    const { done, refused } = await rush(times(50, (i) => () => submit(student, `race-key-${i}`)));
    expect(refused).toEqual({ "PT402 insufficient_credits": 40 });
    expect(new Set(done).size).toBe(10);
    expect(await balance(student))
      .toEqual({ credits_available: 0, credits_held: 10, total_questions: 10 });
  });

  test("and when the ten are cancelled at once, by forty calls, each credit comes back once", async () => {
    const [row] = await database.sql<{ id: string }[]>`
      select id from auth.users where email = 'ten@race.test'`;
    const student = row?.id ?? "";
    const questions = await database.sql<{ id: string }[]>`
      select q.id from qa.questions q join qa.clients c on c.id = q.client_id
      where c.user_id = ${student}`;
    const { refused } = await rush(
      times(40, (i) => () =>
        asUser(
          database,
          student,
          (tx) => tx`select qa.cancel_question(${questions[i % 10]?.id ?? ""})`,
        )),
    );
    expect(refused).toEqual({});
    expect(await balance(student))
      .toEqual({ credits_available: 10, credits_held: 0, total_questions: 10 });
  });
});

describe("a retry", () => {
  test("twenty at once with one key are one question, held for once", async () => {
    const student = await personWith("retry@race.test", 5);
    const { done, refused } = await rush(times(20, () => () => submit(student, "the-same-key")));
    expect(refused).toEqual({});
    expect(done).toHaveLength(20);
    expect(new Set(done).size).toBe(1);
    expect(await balance(student))
      .toEqual({ credits_available: 4, credits_held: 1, total_questions: 1 });
    const jobs = await database.sql`
      select from ops.queue_items where resource_id = ${
      done[0] ?? ""
    } and job_type = 'qa.generate'`;
    expect(jobs).toHaveLength(1);
  });

  test("with another text under the same key is refused, whoever comes first", async () => {
    const student = await personWith("reuse@race.test", 5);
    const { done, refused } = await rush(
      times(
        20,
        (i) => () => submit(student, "one-key-two-texts", `What does valve number ${i % 2} do?`),
      ),
    );
    expect(refused).toEqual({ "PT422 idempotency_key_reused": 10 });
    expect(new Set(done).size).toBe(1);
  });
});

describe("other idempotent requests", () => {
  test("of thirty with one key one works, the others are told to wait or get its answer", async () => {
    const { sql } = database;
    const begin = () =>
      sql.begin(async (tx) => {
        const [row] = await tx<{ answer: unknown }[]>`
          select private.begin_idempotent(null, 'race', 'one', 'hash') as answer`;
        return row?.answer;
      });
    const { done, refused } = await rush(times(30, () => begin));
    expect(done).toEqual([null]);
    expect(refused).toEqual({ "PT409 request_in_progress": 29 });
    await sql`select private.finish_idempotent(null, 'race', 'one', '{"done": 1}')`;
    const later = await rush(times(30, () => begin));
    expect(later).toEqual({ done: times(30, () => ({ done: 1 })), refused: {} });
  });
});

describe("a rate limit", () => {
  test("lets its capacity through and no call more", async () => {
    const { sql } = database;
    const { done, refused } = await rush(
      times(50, () => () => sql`select private.rate_limit('race', 10, 0)`),
    );
    expect(done).toHaveLength(10);
    expect(refused).toEqual({ "PT429 rate_limited": 40 });
  });

  test("gives back what is rolled back", async () => {
    const { sql } = database;
    await rush(times(20, () => () =>
      sql.begin(async (tx) => {
        await tx`select private.rate_limit('undone', 5, 0)`;
        throw new Error("undone");
      })));
    const { done } = await rush(
      times(20, () => () => sql`select private.rate_limit('undone', 5, 0)`),
    );
    expect(done).toHaveLength(5);
  });
});

test("every invariant holds afterwards", () => expectSound(database));
