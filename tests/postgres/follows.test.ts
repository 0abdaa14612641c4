// Follows under concurrency: a post that is published while somebody follows reaches him once, no follow slips past a
// block, and whoever is deleted meanwhile fails nobody's post.
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
let people = 0;

beforeAll(async () => {
  database = await copyOf("EMPTY", "follows");
  await loadHelpers(database.sql);
  // Limits are tested elsewhere; here they would hide what meets what.
  await database.sql`
    update core.settings set value = (
      select jsonb_object_agg(key, '{"usual": {"burst": 10000, "per_hour": 10000}, "new": {"burst": 10000, "per_hour": 10000}}'::jsonb)
      from jsonb_object_keys(value) as key
    ) where key = 'social.limits'`;
  await warmUp(database.sql, 40);
});
afterAll(async () => {
  try {
    await expectSound(database);
  } finally {
    await database?.drop();
  }
});

async function person(): Promise<string> {
  const email = `follow-${++people}@race.test`;
  const [row] = await database.sql<{ id: string }[]>`select tests.create_user(${email}) as id`;
  return row?.id ?? "";
}
const follow = (who: string, whom: string) =>
  asUser(database, who, (tx) => tx`insert into social.followers (following_id) values (${whom})`);
const unfollow = (who: string, whom: string) =>
  asUser(database, who, (tx) => tx`delete from social.followers where following_id = ${whom}`);
const publish = (who: string, title: string) =>
  asUser(
    database,
    who,
    (tx) => tx`insert into social.posts (title, content) values (${title}, 'Text.')`,
  );
const block = (who: string, whom: string) =>
  asUser(
    database,
    who,
    (tx) => tx`insert into core.blocks (blocker_id, blocked_id) values (${who}, ${whom})`,
  );

/** The number on the profile: the column and what waits to be added. */
async function countOf(who: string, counter: "followers_count" | "following_count") {
  const [row] = await database.sql<{ n: number }[]>`
    select (${database.sql(counter)} + coalesce((
      select sum(d.delta) from social.counter_deltas d
      where d.kind = 'profile' and d.entity_id = ${who} and d.counter = ${counter}
    ), 0))::int as n
    from social.profile_stats where user_id = ${who}`;
  return row?.n;
}

describe("following while the followed publishes", () => {
  test("twenty followers and ten posts at once: each has each post once", async () => {
    const star = await person();
    const fans = await Promise.all(times(20, person));
    const { refused } = await rush([
      ...fans.map((fan) => () => follow(fan, star)),
      ...times(10, (n) => () => publish(star, `Post ${n}`)),
    ].sort(() => Math.random() - 0.5));
    expect(refused).toEqual({});
    const entries = await database.sql<{ posts: number }[]>`
      select count(*)::int as posts from social.feed_entries where author_id = ${star} group by user_id`;
    expect(entries.map(({ posts }) => posts)).toEqual(times(20, () => 10));
    expect(await countOf(star, "followers_count")).toBe(20);
  });

  test("a follower who waits for the author's transaction gets its post", async () => {
    const [star, fan] = [await person(), await person()];
    let following: Promise<unknown> = Promise.resolve();
    await asUser(database, star, async (tx) => {
      await tx`insert into social.posts (title, content) values ('Not yet there', 'Text.')`;
      following = follow(fan, star);
      await tx`select pg_sleep(0.2)`;
    });
    await following;
    const feed = await asUser(database, fan, (tx) => tx`select title from social.feed()`);
    expect(feed.map(({ title }) => title)).toEqual(["Not yet there"]);
  });

  test("to and fro: what is left is what the last word was", async () => {
    const [star, fan] = [await person(), await person()];
    await rush([
      ...times(15, () => () => follow(fan, star)),
      ...times(15, () => () => unfollow(fan, star)),
      ...times(5, (n) => () => publish(star, `Flicker ${n}`)),
    ]);
    const [state] = await database.sql<{ follows: boolean }[]>`
      select exists (select from social.followers where follower_id = ${fan}) as follows`;
    const feed = await asUser(database, fan, (tx) => tx`select title from social.feed(50)`);
    expect(feed.length).toBe(state?.follows ? 3 : 0);
    expect(await countOf(star, "followers_count")).toBe(state?.follows ? 1 : 0);
    expect(await countOf(fan, "following_count")).toBe(state?.follows ? 1 : 0);
  });
});

test("a block and a follow at the same time: the follow does not stay", async () => {
  for (let round = 0; round < 15; round += 1) {
    const [one, other] = [await person(), await person()];
    const { refused } = await rush([
      () => follow(one, other),
      () => block(other, one),
      () => follow(other, one),
    ]);
    expect(Object.keys(refused).every((r) => r === "PT404 profile_not_found")).toBe(true);
    const left = await database.sql`
      select from social.followers where ${one} in (follower_id, following_id)`;
    expect(left.length).toBe(0);
    expect(await countOf(other, "followers_count")).toBe(0);
  }
});

test("followers who are deleted while the post is written fail nobody", async () => {
  const star = await person();
  const fans = await Promise.all(times(12, person));
  for (const fan of fans) await follow(fan, star);
  const { refused } = await rush([
    ...times(6, (n) => () => publish(star, `Farewell ${n}`)),
    ...fans.slice(0, 6).map((fan) => () => database.sql`delete from auth.users where id = ${fan}`),
  ]);
  expect(refused).toEqual({});
  const [entries] = await database.sql<{ n: number }[]>`
    select count(*)::int as n from social.feed_entries where author_id = ${star}`;
  expect(entries?.n).toBe(6 * 6);
  expect(await countOf(star, "followers_count")).toBe(6);
});

test("an author who is deleted while others follow him leaves nothing behind", async () => {
  const star = await person();
  const fans = await Promise.all(times(10, person));
  await publish(star, "Last words");
  const { refused } = await rush([
    ...fans.map((fan) => () => follow(fan, star)),
    () => database.sql`delete from auth.users where id = ${star}`,
  ]);
  const kinds = Object.keys(refused).filter((r) => r !== "PT404 profile_not_found");
  expect(kinds.filter((r) => !r.startsWith("23503"))).toEqual([]);
  const [left] = await database.sql<{ follows: number; entries: number; counted: number }[]>`
    select (select count(*)::int from social.followers where following_id = ${star}) as follows,
      (select count(*)::int from social.feed_entries where author_id = ${star}) as entries,
      (select coalesce(sum(following_count), 0)::int from social.profile_stats where user_id = any (${fans})) as counted`;
  expect(left).toMatchObject({ follows: 0, entries: 0 });
  for (const fan of fans) expect(await countOf(fan, "following_count")).toBe(0);
});

test("somebody named while he is deleted fails no text", async () => {
  const author = await person();
  const named = await Promise.all(times(6, person));
  const names = await database.sql<{ username: string }[]>`
    select username from core.profiles where id = any (${named})`;
  const text = names.map(({ username }) => `@${username}`).join(" ");
  const { refused } = await rush([
    ...times(6, () => () =>
      asUser(
        database,
        author,
        (tx) => tx`insert into social.posts (title, content) values ('Names', ${text})`,
      )),
    ...named.slice(0, 3).map((id) => () => database.sql`delete from auth.users where id = ${id}`),
  ]);
  expect(refused).toEqual({});
  const mentions = await database.sql`select from social.mentions where actor_id = ${author}`;
  expect(mentions.length).toBe(6 * 3);
});

// Deleting takes his posts in the order of an index or of the table: one of the two shows what is meant.
test.each([
  ["Newer", "Older"],
  ["Older", "Newer"],
])("somebody named under his own post while he is deleted: no deadlock", async (held, named) => {
  const [author, reader] = [await person(), await person()];
  for (const title of ["Older", "Newer"]) await publish(author, title);
  const posts = await database.sql<{ id: string; title: string; username: string }[]>`
    select p.id, p.title, a.username from social.posts p join core.profiles a on a.id = p.author_id
    where p.author_id = ${author}`;
  const post = (title: string) => posts.find((p) => p.title === title)?.id ?? "";
  const text = `Hello @${posts[0]?.username}`;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
  const { both } = await database.sql.begin(async (tx) => {
    // Deleting holds the person and waits for this post; the comment counts itself on the other one, and names him.
    await tx`select from social.posts where id = ${post(held)} for no key update`;
    const deleting = database.sql`delete from auth.users where id = ${author}`.execute();
    await pause();
    const commenting = asUser(
      database,
      reader,
      (own) => own`insert into social.comments (post_id, content) values (${post(named)}, ${text})`,
    );
    await pause();
    return { both: Promise.allSettled([deleting, commenting]) };
  });
  expect((await both).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  const [left] = await database.sql<{ comments: number; mentions: number }[]>`
    select (select count(*)::int from social.comments where post_id = ${post(named)}) as comments,
      (select count(*)::int from social.mentions where actor_id = ${reader}) as mentions`;
  expect(left).toEqual({ comments: 1, mentions: 0 });
});

test("two who told each other much are deleted at once", async () => {
  const [one, two] = [await person(), await person()];
  for (const [whom, who] of [[one, two], [two, one]]) {
    await database.sql`
      select private.notify(${
      whom ?? ""
    }, 'mention', 'info', 'Said ' || n, '', jsonb_build_object('actor_id', ${who ?? ""}::text))
      from generate_series(1, 200) as n`;
  }
  const { refused } = await rush(
    [one, two].map((id) => () => database.sql`delete from auth.users where id = ${id}`),
  );
  expect(refused).toEqual({});
});
