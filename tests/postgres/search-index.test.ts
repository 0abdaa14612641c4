// The search index while several people change one thread: it ends as the thread does, whoever saw what before.
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

beforeAll(async () => {
  database = await copyOf("TEMPLATE", "search_index");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 20);
  const rows = await database.sql<{ id: string }[]>`
    select tests.create_user('finder-' || n || '@search.test') as id from generate_series(0, 9) as n`;
  people = rows.map(({ id }) => id);
  await database.sql`update core.profiles set created_at = now() - interval '1 year'`;
});
// Among the promises: what is in the index is what the things say, sql/invariants/social_search.sql.
afterAll(async () => {
  await expectSound(database);
  await database?.drop();
});

const person = (index: number): string => people[index] as string;
const pause = () => database.sql`select pg_sleep(${Math.random() * 0.01})`;

async function thread(): Promise<{ question: string; answer: string }> {
  const [question] = await database.sql<{ id: string }[]>`
    insert into social.questions (author_id, title, content) values (${
    person(0)
  }, 'First title', 'Why?')
    returning id`;
  const [answer] = await database.sql<{ id: string }[]>`
    insert into social.answers (question_id, author_id, content)
    values (${question?.id ?? ""}, ${person(1)}, 'First answer.') returning id`;
  if (!question || !answer) throw new Error("nothing was written");
  return { question: question.id, answer: answer.id };
}

interface Found {
  title: string;
  body: string;
  is_retrievable: boolean;
}
const indexed = async (id: string): Promise<Found[]> => [
  ...await database.sql<Found[]>`
    select title, body, is_retrievable from core.search_documents where module = 'social' and entity_id = ${id}`,
];

/** In his name, in a transaction that takes a while before its end. */
const slowly = (who: number, text: string, values: string[]) => async () => {
  await pause();
  await asUser(database, person(who), async (tx) => {
    await tx.unsafe(text, values);
    await tx`select pg_sleep(${Math.random() * 0.02})`;
  });
};

describe("the index", () => {
  test("knows of the edit and of the acceptance that came at once", async () => {
    for (const round of times(8, (index) => index)) {
      const { question, answer } = await thread();
      const { refused } = await rush([
        slowly(1, "update social.answers set content = 'Second answer.' where id = $1", [answer]),
        slowly(0, "select social.accept_answer($1)", [answer]),
        slowly(0, "update social.questions set title = 'Second title' where id = $1", [question]),
      ]);
      expect(refused).toEqual({});
      expect(await indexed(answer), `round ${round}`).toEqual([
        { title: "Second title", body: "Second answer.", is_retrievable: true },
      ]);
    }
  });

  test("holds no answer to a question that was hidden while it was written", async () => {
    for (const round of times(8, (index) => index)) {
      const { question } = await thread();
      const answers = times(5, () => crypto.randomUUID());
      await rush([
        ...answers.map((id, n) =>
          slowly(
            n + 1,
            "insert into social.answers (id, question_id, content) values ($1, $2, 'Late.')",
            [id, question],
          )
        ),
        async () => {
          await pause();
          await database
            .sql`select private.social_remove('question', ${question}, 'hide', ${person(9)})`;
        },
      ]);
      const rows = await database.sql`
        select d.id from core.search_documents d
        where d.module = 'social' and (d.entity_id = ${question} or d.locator ->> 'question_id' = ${question})`;
      expect(rows.length, `round ${round}`).toBe(0);
    }
  });

  test("knows all topics that were given and taken at once, and the text of that moment", async () => {
    const topics = await database.sql<{ id: string }[]>`
      insert into core.topics (slug, name)
      select 'search-race-' || n, 'Race ' || n from generate_series(1, 6) as n returning id`;
    for (const round of times(6, (index) => index)) {
      const post = crypto.randomUUID();
      const [gone, ...given] = topics.map(({ id }) => id);
      await asUser(database, person(2), async (tx) => {
        await tx`insert into social.posts (id, title, content) values (${post}, 'Race', 'First.')`;
        await tx`insert into social.post_topics (post_id, topic_id) values (${post}, ${
          gone ?? ""
        })`;
      });
      const { refused } = await rush([
        ...given.map((id) =>
          slowly(2, "insert into social.post_topics (post_id, topic_id) values ($1, $2)", [
            post,
            id,
          ])
        ),
        slowly(2, "delete from social.post_topics where post_id = $1 and topic_id = $2", [
          post,
          gone ?? "",
        ]),
        slowly(2, "update social.posts set content = 'Second.' where id = $1", [post]),
      ]);
      expect(refused).toEqual({});
      const [found] = await database.sql<{ body: string; topics: string[] }[]>`
        select d.body, array_prepend(d.topic_id, d.topic_ids) as topics from core.search_documents d
        where d.module = 'social' and d.entity_id = ${post}`;
      expect(found?.body, `round ${round}`).toBe("Second.");
      expect([...found?.topics ?? []].sort()).toEqual([...given].sort());
    }
  });
});
