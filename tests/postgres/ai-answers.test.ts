// AI answers in a rush: however many ask at once, one is made; whatever happens to the question meanwhile, one end is
// told; ratings are counted right.
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
let people: string[];

const one = async <T = string>(text: string, params: (string | number)[] = []): Promise<T> => {
  const [row] = await database.sql.unsafe<{ value: T }[]>(text, params);
  return row?.value as T;
};

beforeAll(async () => {
  database = await copyOf("TEMPLATE", "ai_answers");
  await loadHelpers(database.sql);
  people = await Promise.all(
    times(
      20,
      () => one("select tests.create_user('ai-' || gen_random_uuid() || '@race.test') as value"),
    ),
  );
  await database.sql`update core.profiles set created_at = now() - interval '9 days'`;
  await database.sql`
    update core.settings set value = jsonb_set(value, '{ai,usual,burst}', '1000') where key = 'social.limits'`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  await expectSound(database);
  await database?.drop();
});

const question = () =>
  one(
    `insert into social.questions (author_id, title, content)
    values ($1, 'How does the heart pump?', 'In short.') returning id as value`,
    [people[0] ?? ""],
  );
const request = (person: string, id: string) => () =>
  asUser(database, person, async (tx) => {
    const [row] = await tx<{ id: string }[]>`select (social.request_ai_answer(${id})).id`;
    return row?.id ?? "";
  });

interface Held {
  id: string;
  job: string;
  token: number;
}
const take = async (id: string): Promise<Held> => {
  const [job] = await database.sql<{ id: string; lease_token: number }[]>`
    select id, lease_token from ops.claim_jobs('race', 100, 'default', array['social.answer_question'])
    where resource_id = ${id}`;
  const held = { id, job: job?.id ?? "", token: job?.lease_token ?? 0 };
  await database.sql`select private.begin_ai_answer(${id}, ${held.job}, ${held.token})`;
  return held;
};
const record = ({ id, job, token }: Held) => async () => {
  const [row] = await database.sql<{ recorded: string }[]>`
    select private.record_ai_answer(
      ${id}, ${job}, ${token}, 'The material does not answer this question.', '[]', false, 0.1, 'local', 'm', 1, 1
    ) ->> 'recorded' as recorded`;
  return row?.recorded === "true";
};
const endingsOf = (id: string, questionId: string) =>
  one<number>(
    `select count(*)::int as value from realtime.messages
    where topic = 'question:' || $2 and payload ->> 'ai_answer_id' = $1
      and event in ('ai_answer_completed', 'ai_answer_failed')`,
    [id, questionId],
  );

describe("an AI answer", () => {
  test("is one, though twenty people ask at once", async () => {
    const id = await question();
    const { done, refused } = await rush(people.map((person) => request(person, id)));
    expect(refused).toEqual({});
    expect(new Set(done).size).toBe(1);
    expect(
      await one<number>(
        "select count(*)::int as value from ops.queue_items where resource_id = $1",
        [done[0] ?? ""],
      ),
    ).toBe(1);
  });

  test("is recorded or refused, never both, when its question is closed at that moment", async () => {
    for (let round = 0; round < 10; round++) {
      const id = await question();
      const held = await take(await request(people[1] ?? "", id)());
      const { done, refused } = await rush<unknown>([
        record(held),
        () =>
          database
            .sql`update social.questions set closed_at = now(), close_reason = 'other' where id = ${id}`,
        record(held),
      ]);
      expect(refused).toEqual({});
      const status = await one("select status as value from social.ai_answers where id = $1", [
        held.id,
      ]);
      expect(status === "completed").toBe(done[0] === true || done[2] === true);
      expect(done.filter((result) => result === true).length).toBeLessThan(2);
      expect(await endingsOf(held.id, id)).toBe(1);
    }
  });

  test("that quotes an answer which is being removed waits for that, and holds up nobody", async () => {
    const id = await question();
    const answer = await one(
      `insert into social.answers (question_id, author_id, content)
      values ($1, $2, 'By pressure alone.') returning id as value`,
      [id, people[2] ?? ""],
    );
    await database.sql`
      update social.questions set accepted_answer_id = ${answer} where id = ${id}`;
    const source = await one(
      `select private.index_document('social', 'answer', $1, 'An answer', 'By pressure alone.') as value`,
      [answer],
    );
    const held = await take(await request(people[0] ?? "", id)());
    const citations = JSON.stringify([{ document_id: source, quote: "By pressure alone." }]);
    const { recording } = await database.sql.begin(async (tx) => {
      // Whoever removes an answer takes its question first, and then the answer.
      await tx`select from social.questions where id = ${id} for no key update`;
      const recording = database.sql`
        select private.record_ai_answer(
          ${held.id}, ${held.job}, ${held.token}, 'By pressure. [1]', ${citations}::text::jsonb, true, 0.9, 'local', 'm', 1, 1
        )`.execute();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await tx`select private.social_remove('answer', ${answer}, 'delete', ${people[2] ?? ""})`;
      return { recording: Promise.allSettled([recording]) };
    });
    const [end] = await recording;
    expect(end).toMatchObject({ reason: { message: "citation_not_in_source" } });
  });

  test("that ends while the next is asked for leaves one current answer", async () => {
    for (let round = 0; round < 10; round++) {
      const id = await question();
      await record(await take(await request(people[0] ?? "", id)()))();
      await database
        .sql`update social.ai_answers set completed_at = now() - interval '1 hour' where question_id = ${id}`;
      const held = await take(await request(people[round] ?? "", id)());
      const { refused } = await rush<unknown>([
        () =>
          database
            .sql`select private.fail_ai_answer(${held.id}, ${held.job}, ${held.token}, 'refused')`,
        () => database.sql`select private.end_ai_answer(${held.id}, 'generation_failed')`,
        ...people.slice(0, 5).map((person) => request(person, id)),
      ]);
      expect(refused).toEqual({});
      expect(await endingsOf(held.id, id)).toBe(1);
      expect(
        await one<number>(
          "select count(*)::int as value from social.ai_answers where question_id = $1 and is_current",
          [id],
        ),
      ).toBe(1);
    }
  });
});

test("ratings of many at once, and of people who leave meanwhile, are counted right", async () => {
  const ids: string[] = [];
  for (let at = 0; at < 3; at++) {
    const held = await take(await request(people[2] ?? "", await question())());
    await record(held)();
    ids.push(held.id);
  }
  const rate = (person: string, id: string, rating: number) => () =>
    asUser(database, person, (tx) => tx`select social.rate_ai_answer(${id}, ${rating})`);
  const first = await rush<unknown>(
    people.flatMap((person, at) => ids.map((id) => rate(person, id, 1 + (at % 5)))),
  );
  expect(first.refused).toEqual({});
  const second = await rush<unknown>([
    ...people.slice(10).map((person) => () =>
      database.sql`delete from auth.users where id = ${person}`
    ),
    ...people.slice(1, 10).flatMap((person) => ids.toReversed().map((id) => rate(person, id, 3))),
  ]);
  expect(second.refused).toEqual({});
  const sums = await database.sql`
    select a.ratings_count, a.ratings_sum, count(r.rating)::int as count, sum(r.rating)::int as sum
    from social.ai_answers as a join social.ai_answer_ratings as r on r.ai_answer_id = a.id
    where a.id = any (${ids}) group by a.id`;
  expect(sums).toHaveLength(3);
  for (const row of sums) {
    expect(row).toMatchObject({ count: 10, ratings_count: 10, ratings_sum: row.sum });
  }
});
