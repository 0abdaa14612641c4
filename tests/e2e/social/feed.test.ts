// Following, the feed, trending, profile pages and mentions, as a frontend uses them.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Person, signUp, sql, until } from "../../setup/stack.ts";
import { expectRefusal, granted, newTopic } from "../core/people.ts";

interface Card {
  id: string;
  title: string;
  reason: string;
  cursor: string;
  more_from_author: number;
  author: { username: string } | null;
  topics: { slug: string }[];
}
type Member = Person & { username: string };

let ann: Member;
let bob: Member;
let cleo: Member;

async function newMember(): Promise<Member> {
  const username = `m_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
  const person = await signUp({ username, full_name: "Member of a test" }, "social");
  return { ...person, username };
}

async function publish(by: Person, title: string, more: Record<string, unknown> = {}) {
  const rows = by.client.from("posts").insert({ title, content: `Text of ${title}`, ...more })
    .select("id").single();
  return (await granted(rows) as { id: string }).id;
}
const follow = (by: Person, whom: Person) =>
  by.client.from("followers").insert({ following_id: whom.id });
const feedOf = async (of: Person, args: Record<string, unknown> = {}) =>
  await granted(of.client.rpc("feed", args)) as Card[];
const titlesOf = async (of: Person) => (await feedOf(of)).map(({ title }) => title);

beforeAll(async () => {
  ann = await newMember();
  bob = await newMember();
  cleo = await newMember();
});

describe("following", () => {
  test("brings what is there and what comes, and takes it away again", async () => {
    await publish(bob, "before");
    expect(await feedOf(ann)).toEqual([]);
    expect((await follow(ann, bob)).status).toBe(201);
    await publish(bob, "after");
    const draft = await publish(bob, "draft", { is_published: false });
    expect(await titlesOf(ann)).toEqual(["after", "before"]);
    await granted(bob.client.from("posts").update({ is_published: true }).eq("id", draft).select());
    const [first] = await feedOf(ann, { p_limit: 1 });
    expect(first).toMatchObject({ title: "draft", reason: "person", more_from_author: 0 });
    expect(first?.author?.username).toBe(bob.username);

    await ann.client.from("followers").delete().eq("following_id", bob.id);
    expect(await feedOf(ann)).toEqual([]);
  });

  test("is refused in one way, whatever the reason", async () => {
    const [one, other] = [await newMember(), await newMember()];
    expectRefusal(await follow(one, one), 422, "follow_self");
    expectRefusal(
      await one.client.from("followers").insert({ following_id: crypto.randomUUID() }),
      404,
      "profile_not_found",
    );
    await follow(one, other);
    await other.client.schema("core").from("blocks")
      .insert({ blocker_id: other.id, blocked_id: one.id });
    const rows = await sql("select from social.followers where $1 in (follower_id, following_id)", [
      one.id,
    ]);
    expect(rows).toEqual([]);
    expectRefusal(await follow(one, other), 404, "profile_not_found");
    expectRefusal(await follow(other, one), 404, "profile_not_found");
    const page = await one.client.rpc("profile_page", { p_username: other.username });
    expectRefusal(page, 404, "profile_not_found");
    const forged = { follower_id: bob.id, following_id: cleo.id };
    expect((await one.client.from("followers").insert(forged)).error?.code).toBe("42501");
  });

  test("shows on both profiles and in both lists", async () => {
    const [fan, star] = [await newMember(), await newMember()];
    await follow(fan, star);
    const page = await granted(
      fan.client.rpc("profile_page", { p_username: star.username }).single(),
    );
    expect(page).toMatchObject({ followers_count: 1, i_follow: true, follows_me: false });
    const followers = await granted(
      cleo.client.rpc("follower_list", { p_username: star.username }),
    );
    expect(followers).toMatchObject([{ username: fan.username, i_follow: false }]);
    const followed = await granted(
      cleo.client.rpc("following_list", { p_username: fan.username }),
    );
    expect(followed).toMatchObject([{ username: star.username }]);
    const visitor = anonymous("social").rpc("follower_list", { p_username: star.username });
    expect((await visitor).error?.code).toBe("42501");
  });
});

describe("the feed", () => {
  test("goes page by page, with three posts of one author on each", async () => {
    const [reader, busy, quiet] = [await newMember(), await newMember(), await newMember()];
    await follow(reader, busy);
    await follow(reader, quiet);
    await publish(quiet, "quiet");
    for (const n of [1, 2, 3, 4]) await publish(busy, `busy ${n}`);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await feedOf(reader, { p_limit: 2, p_cursor: cursor });
      if (page.length === 0) break;
      seen.push(...page.map(({ title }) => title));
      cursor = page.at(-1)?.cursor;
    }
    expect(seen).toEqual(["busy 4", "busy 3", "busy 2", "busy 1", "quiet"]);
    const whole = await feedOf(reader);
    expect(whole.map(({ title }) => title)).toEqual(["busy 4", "busy 3", "busy 2", "quiet"]);
    expect(whole[2]?.more_from_author).toBe(1);
    const all = await granted(
      reader.client.rpc("author_posts", { p_username: busy.username }),
    ) as Card[];
    expect(all).toHaveLength(4);
    expectRefusal(await reader.client.rpc("feed", { p_cursor: "?" }), 400, "cursor_invalid");
  });

  test("holds the posts of topics, too", async () => {
    const reader = await newMember();
    const slug = await newTopic();
    const [topic] = await sql<{ id: string }>("select id from core.topics where slug = $1", [slug]);
    await granted(
      reader.client.from("topic_followers").insert({ topic_id: topic?.id }).select().single(),
    );
    const post = await publish(cleo, "on topic");
    await cleo.client.from("post_topics").insert({ post_id: post, topic_id: topic?.id });
    expect(await feedOf(reader)).toMatchObject([{ id: post, reason: "topic", topics: [{ slug }] }]);
  });

  test("of many followers is written by a job", async () => {
    const [star, fan] = [await newMember(), await newMember()];
    await follow(fan, star);
    // As many followers more as it takes; they are nobody's clients.
    await sql(
      `with made as (
        insert into auth.users (id, aud, role, email)
        select gen_random_uuid(), 'authenticated', 'authenticated', 'fan-' || n || '-' || $1 || '@lyceum.test'
        from generate_series(1, 200) as n
        returning id
      )
      select count(*) from made`,
      [star.id],
    );
    await sql(
      `insert into social.followers (follower_id, following_id)
      select u.id, $1::uuid from auth.users as u
      where u.email like 'fan-%-' || $1::uuid::text || '@lyceum.test'`,
      [star.id],
    );
    const post = await publish(star, "to all");
    await until(
      async () => (await titlesOf(fan)).includes("to all"),
      "the post in the feed",
      20_000,
    );
    const written = () =>
      sql<{ n: number }>("select count(*)::int as n from social.feed_entries where post_id = $1", [
        post,
      ]);
    await until(async () => (await written())[0]?.n === 201, "the post in all feeds");
  });
});

test("trending comes from the last ranking, and a suspended person still reads", async () => {
  const reader = await newMember();
  const slug = await newTopic();
  const post = await publish(bob, "hot");
  await sql(
    "insert into social.post_topics (post_id, topic_id) values ($1, private.topic_by_slug($2))",
    [post, slug],
  );
  await sql("select private.social_refresh_trending()");
  await sql("update core.profiles set is_active = false where id = $1", [reader.id]);
  const found = await granted(
    reader.client.rpc("trending", { p_kind: "post", p_topic: slug }),
  ) as Card[];
  expect(found).toMatchObject([{ id: post, title: "hot", topics: [{ slug }] }]);
  expectRefusal(await follow(reader, bob), 403, "account_inactive");
  expectRefusal(await reader.client.rpc("trending", { p_kind: "room" }), 422, "kind_invalid");
  expectRefusal(await reader.client.rpc("trending", { p_topic: "none" }), 404, "topic_not_found");
});

test("whoever is mentioned learns of it, and nobody else", async () => {
  const post = await publish(ann, "names", { content: `Ask @${bob.username.toUpperCase()}!` });
  const mentionsOf = async (person: Person) =>
    await granted(
      person.client.from("mentions").select("content_id, actor_id").eq("content_id", post),
    );
  expect(await mentionsOf(bob)).toEqual([{ content_id: post, actor_id: ann.id }]);
  expect(await mentionsOf(ann)).toEqual([]);
  expect(await mentionsOf(cleo)).toEqual([]);
});
