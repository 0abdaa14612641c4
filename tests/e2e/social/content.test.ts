// Posts, comments, questions and answers, as a frontend reads and writes them with supabase-js.
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Client, type Person, signUp, sql } from "../../setup/stack.ts";
import { expectRefusal, granted, newTopic } from "../core/people.ts";

type Member = Person & { username: string };
type Row = Record<string, unknown> & { id: string };

async function newMember(): Promise<Member> {
  const username = `m_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
  const person = await signUp({ username, full_name: "Member of a test" }, "social");
  // Limits of new accounts have tests of their own.
  await sql("update core.profiles set created_at = now() - interval '1 year' where id = $1", [
    person.id,
  ]);
  return { ...person, username };
}

const insert = async (by: Client, table: string, values: Record<string, unknown>): Promise<Row> =>
  await granted(by.from(table).insert(values).select("*").single());

let ann: Member, ben: Member, cleo: Member, topic: string;

beforeAll(async () => {
  topic = await newTopic();
  [ann, ben, cleo] = await Promise.all([newMember(), newMember(), newMember()]);
});

describe("a post", () => {
  test("is written in one's own name, and read with author, category and topics", async () => {
    const post = await insert(ann.client, "posts", {
      title: " The spleen ",
      content: "What it does.",
      category: "notes",
    });
    expect(post).toMatchObject({ author_id: ann.id, title: "The spleen", likes_count: 0 });
    const [found] = await granted(
      ben.client.schema("core").from("topics").select("id").eq("slug", topic),
    );
    const tagged = await ann.client.from("post_topics")
      .insert({ post_id: post.id, topic_id: found?.id });
    expect(tagged.status).toBe(201);

    const read = await granted(
      ben.client.from("posts")
        .select(
          "title, author:profiles!author_id(username), shelf:categories(name), post_topics(topic:topics(slug))",
        )
        .eq("id", post.id).single(),
    );
    expect(read).toEqual({
      title: "The spleen",
      author: { username: ann.username },
      shelf: { name: "Notes and summaries" },
      post_topics: [{ topic: { slug: topic } }],
    });
    const ofTopic = await granted(
      anonymous("social").from("posts")
        .select("id, post_topics!inner(topics!inner(slug))").eq("post_topics.topics.slug", topic),
    );
    expect(ofTopic.map(({ id }) => id)).toContain(post.id);
  });

  test("is written with its topics in one go, once however often it is sent", async () => {
    const id = crypto.randomUUID();
    const write = () =>
      ann.client.rpc("create_post", {
        p_title: "Once",
        p_content: "Sent twice.",
        p_topics: [topic],
        p_id: id,
      });
    const [first, second] = await Promise.all([granted(write()), granted(write())]);
    expect([first.id, second.id]).toEqual([id, id]);
    expect(await granted(ann.client.from("post_topics").select("post_id").eq("post_id", id)))
      .toHaveLength(1);
    expectRefusal(
      await ben.client.rpc("create_post", { p_title: "x", p_content: "y", p_id: id }),
      409,
      "id_taken",
    );
  });

  test("as a draft is its author's alone, and leaves the lists when it is one again", async () => {
    const post = await insert(ann.client, "posts", {
      title: "Draft",
      content: "Not yet.",
      is_published: false,
    });
    const seenBy = async (who: Client) =>
      (await granted(who.from("posts").select("id").eq("id", post.id))).length;
    const seen = () => Promise.all([ann.client, ben.client, anonymous("social")].map(seenBy));
    const publish = async (is_published: boolean) =>
      await granted(
        ann.client.from("posts").update({ is_published }).eq("id", post.id).select("id"),
      );
    expect(await seen()).toEqual([1, 0, 0]);
    await publish(true);
    expect(await seen()).toEqual([1, 1, 1]);
    await publish(false);
    expect(await seen()).toEqual([1, 0, 0]);
    expectRefusal(
      await ben.client.from("comments").insert({ post_id: post.id, content: "x" }),
      404,
      "content_not_found",
    );
  });

  test("is edited with a history, and only by its author", async () => {
    const { id } = await insert(ann.client, "posts", { title: "Tea", content: "Green." });
    const edit = (by: Person) =>
      by.client.from("posts").update({ content: "Black." }).eq("id", id).select("content");
    expect(await granted(edit(ben))).toEqual([]);
    expect(await granted(edit(ann))).toEqual([{ content: "Black." }]);
    expect(await granted(ann.client.rpc("content_history", { p_type: "post", p_id: id })))
      .toMatchObject([{ version: 1, content: "Green.", change: "edit" }]);
    for (const forged of [{ likes_count: 99 }, { author_id: ben.id }]) {
      expect((await ann.client.from("posts").update(forged).eq("id", id)).error?.code).toBe(
        "42501",
      );
    }
  });
});

describe("a thread", () => {
  test("is read whole, in order, page by page, and stays whole", async () => {
    const post = await insert(ann.client, "posts", { title: "Talk", content: "Discuss." });
    const say = async (by: Person, content: string, parent_id: string | null = null) =>
      (await insert(by.client, "comments", { post_id: post.id, parent_id, content })).id;
    const one = await say(ben, "one");
    await say(cleo, "two");
    const answer = await say(ann, "to one", one);
    await say(ben, "to that", answer);
    const page = async (p_limit: number, p_cursor: string | null = null) =>
      await granted(
        cleo.client.rpc("comment_thread", { p_post_id: post.id, p_limit, p_cursor }),
      ) as { content: string; depth: number; cursor: string; author: { username: string } }[];
    const first = await page(2);
    expect(first.map((row) => [row.depth, row.content, row.author.username]))
      .toEqual([[0, "one", ben.username], [1, "to one", ann.username]]);
    expect((await page(9, first[1]?.cursor)).map(({ content }) => content))
      .toEqual(["to that", "two"]);

    expect(await granted(ben.client.rpc("delete_content", { p_type: "comment", p_id: one })))
      .toBe(true);
    expect((await page(9)).map(({ content }) => content)).toEqual(["", "to one", "to that", "two"]);
    expectRefusal(
      await cleo.client.rpc("delete_content", { p_type: "comment", p_id: answer }),
      403,
      "not_author",
    );
    expectRefusal(
      await cleo.client.from("comments")
        .insert({ post_id: post.id, parent_id: one, content: "x" }),
      409,
      "content_removed",
    );
    const counted = ann.client.from("posts").select("comments_count").eq("id", post.id).single();
    expect(await granted(counted)).toEqual({ comments_count: 3 });
  });
});

describe("a question", () => {
  test("is asked, answered, accepted, closed and opened", async () => {
    const id = crypto.randomUUID();
    const ask = { p_title: "Why?", p_content: "I wonder.", p_topics: [topic], p_id: id };
    expect(await granted(ann.client.rpc("ask_question", ask))).toMatchObject({ status: "open" });
    const answer = (by: Person, content: string) =>
      insert(by.client, "answers", { question_id: id, content });
    const [mine, bens] = [await answer(ann, "Perhaps so."), await answer(ben, "Because.")];
    const accept = async (by: Person, p_answer_id: string) =>
      await by.client.rpc("accept_answer", { p_answer_id });
    expectRefusal(await accept(ben, bens.id), 403, "not_asker");
    for (const { id: accepted } of [mine, bens]) {
      expect((await accept(ann, accepted)).data)
        .toMatchObject({ status: "answered", accepted_answer_id: accepted });
    }
    const answers = cleo.client.from("answers")
      .select("content, is_accepted, author:profiles!author_id(username)")
      .eq("question_id", id).order("created_at");
    expect(await granted(answers)).toEqual([
      { content: "Perhaps so.", is_accepted: false, author: { username: ann.username } },
      { content: "Because.", is_accepted: true, author: { username: ben.username } },
    ]);

    const about = { p_question_id: id };
    expect(await granted(cleo.client.rpc("record_view", about))).toBe(true);
    await granted(ann.client.rpc("close_question", { ...about, p_reason: "solved" }));
    expectRefusal(
      await cleo.client.from("answers").insert({ question_id: id, content: "x" }),
      409,
      "question_closed",
    );
    expect(await granted(ann.client.rpc("reopen_question", about)))
      .toMatchObject({ status: "answered", views_count: 1, answers_count: 2 });
    expect(await granted(ann.client.rpc("unaccept_answer", about)))
      .toMatchObject({ status: "open" });
  });
});
