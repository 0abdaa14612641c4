// Two at one question, one post, one topic: whoever comes second waits and sees, or is refused; nothing slips between.
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
  database = await copyOf("TEMPLATE", "content");
  await loadHelpers(database.sql);
  await warmUp(database.sql, 20);
  const rows = await database.sql<{ id: string }[]>`
    select tests.create_user('writer-' || n || '@content.test') as id from generate_series(0, 9) as n`;
  people = rows.map(({ id }) => id);
  await database.sql`update core.profiles set created_at = now() - interval '1 year'`;
});
afterAll(async () => {
  await expectSound(database);
  await database?.drop();
});

const idOf = async (rows: PromiseLike<{ id: string }[]>): Promise<string> => {
  const [row] = await rows;
  if (!row) throw new Error("nothing was written");
  return row.id;
};
const person = (index: number): string => people[index] as string;
const question = () =>
  idOf(database.sql`
    insert into social.questions (author_id, title, content) values (${
    person(0)
  }, 'Why?', 'Because?') returning id`);
const answer = (questionId: string, author: number) =>
  idOf(database.sql`
    insert into social.answers (question_id, author_id, content)
    values (${questionId}, ${person(author)}, 'So.') returning id`);
const closed = "PT409 question_closed";

describe("a question", () => {
  test("takes no answer that commits after it was closed", async () => {
    for (const round of times(5, (index) => index)) {
      const id = await question();
      const reply = (author: number) => async () =>
        await asUser(database, person(author), async (tx) => {
          await tx`select pg_sleep(${Math.random() * 0.01})`;
          await tx`insert into social.answers (question_id, content) values (${id}, 'I know.')`;
          await tx`select pg_sleep(0.005)`;
          return "answered";
        });
      const close = async () =>
        await asUser(database, person(0), async (tx) => {
          await tx`select pg_sleep(0.005)`;
          await tx`select social.close_question(${id}, 'solved')`;
          const [seen] = await tx<{ count: number }[]>`
            select count(*)::int as count from social.answers where question_id = ${id}`;
          await tx`select pg_sleep(0.01)`;
          return `closed over ${seen?.count}`;
        });
      const { done, refused } = await rush([...times(8, (n) => reply(n + 1)), close]);
      const answers = done.filter((what) => what === "answered").length;
      // What the one who closed saw is all that there is.
      expect(done, `round ${round}`).toContain(`closed over ${answers}`);
      expect(answers + (refused[closed] ?? 0)).toBe(8);
    }
  });

  test("has one accepted answer, however many are accepted at once", async () => {
    const id = await question();
    const answers = await Promise.all(times(6, (n) => answer(id, n + 1)));
    const { done, refused } = await rush(
      answers.map((one) => () =>
        asUser(database, person(0), (tx) => tx`select social.accept_answer(${one})`)
      ),
    );
    expect([done.length, refused]).toEqual([6, {}]);
    const counts = await database.sql`
      select s.accepted_count + private.social_waiting('profile', s.user_id, 'accepted_count') as count
      from social.profile_stats s where s.user_id = any (${people})`;
    expect(counts.reduce((sum, row) => sum + Number(row.count), 0)).toBe(1);
  });

  test("never keeps an accepted answer that was deleted at the same time", async () => {
    for (const round of times(10, (index) => index)) {
      const id = await question();
      const one = await answer(id, 1);
      const { refused } = await rush([
        () => asUser(database, person(0), (tx) => tx`select social.accept_answer(${one})`),
        () =>
          asUser(database, person(1), (tx) => tx`select social.delete_content('answer', ${one})`),
      ]);
      expect(Object.keys(refused).filter((why) => why !== "PT409 content_removed")).toEqual([]);
      const [row] = await database.sql`
        select q.accepted_answer_id, a.deleted_at is not null as is_deleted
        from social.questions q join social.answers a on a.question_id = q.id where q.id = ${id}`;
      expect(row, `round ${round}`).toEqual({ accepted_answer_id: null, is_deleted: true });
    }
  });
});

describe("a post", () => {
  test("sent eight times at once is there once", async () => {
    const id = crypto.randomUUID();
    const { done, refused } = await rush(
      times(8, () => () =>
        asUser(
          database,
          person(2),
          (tx) => tx`select id from social.create_post('Once', 'Text', p_id => ${id})`,
        )),
    );
    expect([done.length, refused]).toEqual([8, {}]);
    expect(await database.sql`select id from social.contents where id = ${id}`).toHaveLength(1);
  });

  test("keeps every version, when two windows edit it at once", async () => {
    const id = await idOf(database.sql`
      insert into social.posts (author_id, title, content) values (${
      person(3)
    }, 'Edited', 'Text 0') returning id`);
    const { done, refused } = await rush(
      times(8, (n) => () =>
        asUser(
          database,
          person(3),
          (tx) => tx`update social.posts set content = ${`Text ${n + 1}`} where id = ${id}`,
        )),
    );
    expect([done.length, refused]).toEqual([8, {}]);
    const versions = await database.sql`
      select version from social.content_versions where content_id = ${id} order by version`;
    expect(versions.map(({ version }) => version)).toEqual(times(8, (n) => n + 1));
  });

  test("has ten topics at most, and none that was merged meanwhile", async () => {
    const topics = await database.sql<{ id: string }[]>`
      insert into core.topics (slug, name) select 'race-' || n, 'Race ' || n from generate_series(1, 14) as n returning id`;
    const id = await idOf(database.sql`
      insert into social.posts (author_id, title, content) values (${
      person(4)
    }, 'Tagged', 'Text') returning id`);
    const tag = (topic: string) => () =>
      asUser(database, person(4), async (tx) => {
        await tx`insert into social.post_topics (post_id, topic_id) values (${id}, ${topic})`;
        await tx`select pg_sleep(0.002)`;
      });
    const [first, second] = topics.map(({ id }) => id) as [string, string];
    const merge = () => database.sql`select core.merge_topics(${first}, ${second})`;
    const { refused } = await rush<unknown>([...topics.map(({ id }) => tag(id)), merge]);
    expect(Object.keys(refused)).toEqual(["PT422 too_many_topics"]);
    const rows = await database.sql`select topic_id from social.post_topics where post_id = ${id}`;
    expect(rows.length).toBeGreaterThanOrEqual(9);
    expect(rows.length).toBeLessThanOrEqual(10);
    expect(rows.map(({ topic_id }) => topic_id)).not.toContain(first);
  });
});
