// Experts in a rush: one review has one holder, a full expert gets no more, an answer is rated once.
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
let student: string;

interface Sheet {
  review_id: string;
  lease_token: number;
  question: { id: string };
}

beforeAll(async () => {
  database = await copyOf("TEMPLATE", "reviews");
  const { sql } = database;
  await loadHelpers(sql);
  await sql`update core.settings set value = '1000' where key = 'qa.submit_burst'`;
  student = await one("select tests.create_user('student@race.test') as value");
  await sql`
    select private.qa_book(c.id, 'grant', 500, 'race', null, 'For a test')
    from qa.clients c where c.user_id = ${student}`;
  await warmUp(sql, 40);
});
afterAll(() => database?.drop());

async function one<T = string>(text: string, params: (string | number)[] = []): Promise<T> {
  const [row] = await database.sql.unsafe<{ value: T }[]>(text, params);
  return row?.value as T;
}

/** Nobody else takes part. */
async function experts(count: number, capacity: number): Promise<string[]> {
  const found = await Promise.all(
    times(count, () =>
      one(
        "select tests.qa_expert('expert-' || gen_random_uuid() || '@race.test', null, $1) as value",
        [
          capacity,
        ],
      )),
  );
  await database.sql`select tests.qa_only_experts(${found}::uuid[])`;
  return found;
}

/** Questions that are as far as this; each has a text of its own. */
const questions = (count: number, status: string): Promise<string[]> =>
  database.sql.begin(async (tx) => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const [row] = await tx<{ id: string }[]>`
        select tests.qa_submit(${student}, 'Why does the heart beat? ' || gen_random_uuid()) as id`;
      ids.push(row?.id ?? "");
      await tx`select tests.qa_drive(${row?.id ?? ""}, ${status})`;
    }
    return ids;
  }) as Promise<string[]>;

const assign = (question: string) => () =>
  one<{ assigned: boolean }>("select private.qa_assign_expert($1, null, null) as value", [
    question,
  ]);

const claim = (expert: string, question: string | null) => () =>
  asUser(database, expert, async (tx) => {
    const [row] = await tx<{ sheet: Sheet }[]>`select qa.claim_review(${question}) as sheet`;
    return row?.sheet as Sheet;
  });

const complete = (expert: string, sheet: Sheet, verdict: string) => () =>
  asUser(database, expert, async (tx) => {
    const [row] = await tx<{ status: string }[]>`
      select review_status as status from qa.complete_review(
        ${sheet.review_id}, ${sheet.lease_token}, ${verdict}, p_rejection_reason => 'Not a question'
      )`;
    return row?.status;
  });

const activeOf = (expert: string) =>
  one<number>("select private.qa_active_reviews($1)::int as value", [expert]);

describe("one review, two experts", () => {
  test("is assigned once, claimed by its expert only, and the last claim holds", async () => {
    const [question = ""] = await questions(1, "humanized");
    const pair = await experts(2, 10);
    const assigned = await rush(times(20, () => assign(question)));
    expect(assigned.refused).toEqual({});
    expect(assigned.done.filter((result) => result.assigned)).toHaveLength(1);
    const reviews = await database.sql<{ expert_id: string }[]>`
      select expert_id from qa.expert_reviews where question_id = ${question}`;
    expect(reviews).toHaveLength(1);

    const holder = reviews[0]?.expert_id ?? "";
    const other = pair.find((id) => id !== holder) ?? "";
    const { done, refused } = await rush(
      times(20, (i) => claim(i % 2 === 0 ? holder : other, question)),
    );
    expect(refused).toEqual({ "PT409 review_taken": 10 });
    const tokens = done.map((sheet) => sheet.lease_token).sort((a, b) => a - b);
    expect(new Set(tokens).size, "each claim has a number of its own").toBe(10);

    const verdicts = await rush(done.map((sheet) => complete(holder, sheet, "approved")));
    expect(verdicts.done).toEqual(["approved"]);
    expect(verdicts.refused).toEqual({ "PT409 lease_lost": 9 });
  });

  test("gets one verdict, though two are given at once ten times", async () => {
    const [expert = ""] = await experts(1, 10);
    for (const question of await questions(10, "humanized")) {
      await assign(question)();
      const sheet = await claim(expert, question)();
      const { done, refused } = await rush([
        complete(expert, sheet, "approved"),
        complete(expert, sheet, "rejected"),
      ]);
      expect(done).toHaveLength(1);
      expect(refused).toEqual({ "PT409 review_closed": 1 });
      const status = await one("select status as value from qa.questions where id = $1", [
        question,
      ]);
      expect(status).toBe(done[0]);
    }
  });
});

describe("the load of an expert", () => {
  test("stays at three of twelve questions that are assigned at once", async () => {
    const [expert = ""] = await experts(1, 3);
    const waiting = await questions(12, "humanized");
    const { done, refused } = await rush(waiting.map(assign));
    expect(refused).toEqual({});
    expect(done.filter(({ assigned }) => assigned)).toHaveLength(3);
    expect(await activeOf(expert)).toBe(3);
    const listed = await database.sql`
      select from qa.questions where id = any (${waiting}) and waiting_since is not null`;
    expect(listed).toHaveLength(9);
  });

  test("of three who take from the waiting list ten times each is four, and no question goes twice", async () => {
    await experts(0, 0);
    const waiting = await questions(12, "humanized");
    await rush(waiting.map(assign));
    const three = await experts(3, 4);
    const { done, refused } = await rush(times(30, (i) => claim(three[i % 3] ?? "", null)));
    const taken = done.map((sheet) => sheet.question.id);
    expect(new Set(taken).size, "no question goes twice").toBe(taken.length);
    expect(Object.keys(refused).every((why) => /nothing_to_review|expert_at_capacity/.test(why)))
      .toBe(true);
    for (const expert of three) expect(await activeOf(expert)).toBeLessThanOrEqual(4);
    // Whoever found all of them locked at that moment asks again.
    for (const expert of three) for (let i = 0; i < 4; i++) await rush([claim(expert, null)]);
    for (const expert of three) expect(await activeOf(expert)).toBe(4);
  });
});

describe("the deadline", () => {
  test("takes a review away or lets the verdict through, never both", async () => {
    const [expert = ""] = await experts(1, 100);
    const late = await questions(20, "humanized");
    const sheets: Sheet[] = [];
    for (const question of late) {
      await assign(question)();
      sheets.push(await claim(expert, question)());
    }
    const end = new Date(Date.now() + 400);
    await database.sql`
      update qa.expert_reviews set expires_at = ${end} where question_id = any (${late})`;
    const enforce = async () => {
      await database.sql`select private.qa_enforce_deadlines()`;
      return "enforced";
    };
    await new Promise((resolve) => setTimeout(resolve, 395));
    const { refused } = await rush<string | undefined>([
      ...sheets.slice(0, 10).map((sheet) => complete(expert, sheet, "approved")),
      ...times(5, () => enforce),
      ...sheets.slice(10).map((sheet) => complete(expert, sheet, "approved")),
    ]);
    expect(Object.keys(refused).filter((why) => !/lease_lost|review_closed/.test(why))).toEqual([]);
    await enforce();
    const states = await database.sql<{ review_status: string; status: string; count: number }[]>`
      select r.review_status, q.status, count(*)::int
      from qa.expert_reviews r join qa.questions q on q.id = r.question_id
      where r.id = any (${sheets.map((sheet) => sheet.review_id)}) group by 1, 2`;
    expect(states.reduce((sum, { count }) => sum + count, 0)).toBe(20);
    for (const { review_status, status } of states) {
      expect([["approved", "approved"], ["expired", "expert_review"]])
        .toContainEqual([review_status, status]);
    }
  });
});

describe("a rating", () => {
  test("counts once, though it is given twenty times at once", async () => {
    const [expert = ""] = await experts(1, 10);
    const [question = ""] = await questions(1, "delivered");
    const rate = () => asUser(database, student, (tx) => tx`select qa.rate_answer(${question}, 5)`);
    const { done, refused } = await rush(times(20, () => rate));
    expect(done).toHaveLength(1);
    expect(refused).toEqual({ "PT409 already_rated": 19 });
    const [totals] = await database.sql`
      select total_ratings, rating_sum, total_reviews from core.experts where id = ${expert}`;
    expect(totals).toEqual({ total_ratings: 1, rating_sum: 5, total_reviews: 1 });
  });
});

describe("cancelling", () => {
  test("meets the worker of the same question without a deadlock, and one of the two wins", async () => {
    const asked = await questions(30, "submitted");
    const begin = (question: string) => async () => {
      await database.sql.begin(async (tx) => {
        const [job] = await tx<{ id: string; lease_token: string }[]>`
          update ops.queue_items set status = 'processing', attempts = 1, leased_by = 'racer',
            lease_token = nextval('ops.lease_tokens'), lease_expires_at = now() + interval '1 minute'
          where resource_id = ${question} and job_type = 'qa.generate' returning id, lease_token`;
        if (!job) throw new Error("the job is gone");
        return job;
      }).then((job) =>
        database.sql`select private.qa_begin_generation(${question}, ${job.id}, ${job.lease_token})`
      );
    };
    const cancel = (question: string) => () =>
      asUser(
        database,
        student,
        async (tx) => void await tx`select qa.cancel_question(${question})`,
      );
    const { refused } = await rush(
      asked.flatMap((question) => [begin(question), cancel(question)]),
    );
    expect(Object.keys(refused).filter((why) => !/lease_lost|the job is gone/.test(why))).toEqual(
      [],
    );
    const left = await database.sql`
      select from qa.questions where id = any (${asked}) and status <> 'cancelled'`;
    expect(left).toHaveLength(0);
  });
});

describe("deleting a person", () => {
  test("meets the delivery of his answers without a deadlock, and nothing stays on hold", async () => {
    await experts(2, 100);
    const people = await Promise.all(
      times(
        12,
        () =>
          one("select tests.create_user('leaver-' || gen_random_uuid() || '@race.test') as value"),
      ),
    );
    const asked: string[] = [];
    for (const person of people) {
      const id = await one("select tests.qa_submit($1) as value", [person]);
      await one("select tests.qa_drive($1, 'approved')::text as value", [id]);
      asked.push(id);
    }
    const { refused } = await rush(people.flatMap((person, i) => [
      () => one("select private.qa_deliver_answer($1, null, null) as value", [asked[i] ?? ""]),
      async () => void await database.sql`delete from auth.users where id = ${person}`,
    ]));
    expect(refused).toEqual({});
    const held = await database.sql`
      select from qa.clients where user_id is null and credits_held <> 0 and id in (
        select client_id from qa.questions where id = any (${asked}) and status = 'delivered')`;
    expect(held).toHaveLength(0);
    const words = await database.sql`
      select from qa.questions where id = any (${asked}) and content <> ''`;
    expect(words).toHaveLength(0);
  });
});

test("every invariant holds afterwards", () => expectSound(database));
