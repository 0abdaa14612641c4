// A day of two students and a moderator, all at once and with nothing but supabase-js: they post, follow, read their feeds,
// vote, ask, get an answer of AI and one of a person, chat, and one of them is rude, suspended, and heard.
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { moment } from "../../setup/realtime.ts";
import { type Person, script, service, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";
import { chat, hears, joined, member, newRoom, roomOf, send, typingOf } from "./rooms.ts";

type Row = Record<string, unknown> & { id: string };

const core = ({ client }: Person) => client.schema("core");
const social = ({ client }: Person) => client.schema("social");
const post = (person: Person, title: string) =>
  granted(social(person).rpc("create_post", { p_title: title, p_content: `${title}, at length.` }));

async function aModerator(): Promise<Person> {
  const person = await member();
  await granted(
    service("core").rpc("grant_role", {
      p_user_id: person.id,
      p_role: "moderator",
      p_reason: "For a day.",
    }),
  );
  return person;
}

test("two students and a moderator have a day", async () => {
  const [ann, ben, mona, mike] = await Promise.all([
    member(),
    member(),
    aModerator(),
    aModerator(),
  ]);
  const place = `Gannet${randomUUID().replaceAll(/[^a-z]/g, "").slice(0, 5)}`;
  await script(
    `select private.index_document('study', 'passage', gen_random_uuid(), '${place}',
      'The lock of ${place} lifts a barge eleven metres in fourteen minutes.')`,
  );

  // Morning: they listen to what concerns them, follow each other and post, in any order.
  const [toAnn, toBen] = await Promise.all([
    joined(ann, `user:${ann.id}`),
    joined(ben, `user:${ben.id}`),
  ]);
  const [, , byAnn, byBen] = await Promise.all([
    granted(social(ann).from("followers").insert({ following_id: ben.id }).select()),
    granted(social(ben).from("followers").insert({ following_id: ann.id }).select()),
    post(ann, `Canals of ${place}`),
    post(ben, `Bridges of ${place}`),
  ]) as [unknown, unknown, Row, Row];
  const titles = async (person: Person) =>
    (await granted(social(person).rpc("feed")) as { title: string }[]).map(({ title }) => title);
  await until(async () => (await titles(ann)).includes(`Bridges of ${place}`), "Ben's post");
  await until(async () => (await titles(ben)).includes(`Canals of ${place}`), "Ann's post");

  // They like and comment, both at once.
  await Promise.all([
    granted(social(ann).rpc("vote", { p_type: "post", p_id: byBen.id, p_vote: "upvote" })),
    granted(social(ben).rpc("vote", { p_type: "post", p_id: byAnn.id, p_vote: "upvote" })),
    granted(
      social(ann).from("comments").insert({ post_id: byBen.id, content: "Lovely!" }).select(),
    ),
    granted(
      social(ben).from("comments").insert({ post_id: byAnn.id, content: "Thanks!" }).select(),
    ),
  ]);
  const told = (type: string) => (payload: Record<string, unknown>) => payload["type"] === type;
  await Promise.all([
    hears(toAnn, "notification", told("like")),
    hears(toBen, "notification", told("comment")),
  ]);

  // Noon: Ann asks; AI and Ben answer; she accepts Ben's.
  const question = await granted(
    social(ann).rpc("ask_question", {
      p_title: `How many metres does the lock of ${place} lift a barge?`,
      p_content: "I need it for an exam.",
    }),
  ) as Row;
  const stream = await joined(ben, `question:${question.id}`);
  const [, answer] = await Promise.all([
    granted(social(ann).rpc("request_ai_answer", { p_question_id: question.id })),
    granted(
      social(ben).from("answers")
        .insert({ question_id: question.id, content: "Eleven metres." }).select().single(),
    ),
  ]) as [Row, Row];
  const written = await hears(stream, "ai_answer_completed");
  const { data: ai } = await social(ben).from("ai_answers")
    .select("answer_text, label, citations:ai_answer_citations(quote)").eq(
      "question_id",
      question.id,
    )
    .single();
  expect(ai?.answer_text).toContain("eleven metres");
  expect(ai?.label).toMatch(/AI/);
  expect(ai?.citations.length).toBeGreaterThan(0);
  expect(written).toBeDefined();
  await granted(social(ann).rpc("accept_answer", { p_answer_id: answer.id }));
  await hears(toBen, "notification", told("accepted"));
  const { data: asked } = await social(ben).from("questions").select("status").eq("id", question.id)
    .single();
  expect(asked?.status).toBe("answered");

  // Afternoon: a room, where one sees who is there and who is typing.
  const room = await newRoom(ann, ben);
  const there = (person: Person) =>
    joined(person, room.topic, { presence: { key: person.id, enabled: true } });
  const [a, b] = await Promise.all([there(ann), there(ben)]);
  await Promise.all([a.channel.track({}), b.channel.track({})]);
  await until(() => ann.id in b.channel.presenceState(), "Ann to be there");
  const [typing, sees] = await Promise.all([
    joined(ben, typingOf(room.topic)),
    joined(ann, typingOf(room.topic)),
  ]);
  await typing.channel.send({ type: "broadcast", event: "typing", payload: { user_id: ben.id } });
  await hears(sees, "typing");
  await Promise.all([send(ann, room.id, "Hello Ben"), send(ben, room.id, "Hello Ann")]);
  await hears(a, "message", ({ sender_id }) => sender_id === ben.id);
  expect((await roomOf(ann, room.id))?.unread).toBeLessThanOrEqual(1);

  // Evening: Ben is rude, is reported, hidden and suspended: he reads, and writes nowhere.
  const rude = await post(ben, "A rude word") as Row;
  await granted(
    core(ann).rpc("report_content", {
      p_module: "social",
      p_entity_type: "post",
      p_entity_id: rude.id,
      p_reason: "abuse",
    }),
  );
  await granted(
    core(mona).rpc("moderate_content", {
      p_module: "social",
      p_entity_type: "post",
      p_entity_id: rude.id,
      p_action: "hide",
      p_reason: "Rude.",
    }),
  );
  await granted(core(mona).rpc("suspend_user", { p_user_id: ben.id, p_reason: "Rude again." }));
  expect(await titles(ben)).toContain(`Canals of ${place}`);
  const refused = await Promise.all([
    social(ben).rpc("create_post", { p_title: "Me again", p_content: "Still here." }),
    social(ben).rpc("vote", { p_type: "post", p_id: byAnn.id, p_vote: "downvote" }),
    chat(ben).rpc("send_message", { p_room_id: room.id, p_content: "Hello?" }),
    social(ben).from("comments").insert({ post_id: byAnn.id, content: "Hello?" }),
  ]);
  expect(refused.map(({ error }) => error !== null)).toEqual([true, true, true, true]);
  const before = b.heard.length;
  await moment();
  expect(b.heard.length).toBe(before);

  // He appeals; another moderator hears him, and he is back.
  const acts = await granted(
    core(ben).rpc("my_moderation_actions"),
  ) as (Row & { action: string })[];
  const suspension = acts.find(({ action }) => action === "suspend");
  const appeal = await granted(
    core(ben).rpc("appeal", {
      p_action_id: suspension?.id,
      p_text: "I am sorry, and it was my brother.",
    }),
  );
  await granted(
    core(mike).rpc("decide_appeal", {
      p_appeal_id: appeal,
      p_decision: "overturned",
      p_note: "A second chance.",
    }),
  );
  await post(ben, `Sluices of ${place}`);
  await until(async () => (await titles(ann)).includes(`Sluices of ${place}`), "Ben's apology");
  expect(await titles(ann)).not.toContain("A rude word");

  await sql("delete from auth.users where id = any ($1)", [
    [ann, ben, mona, mike].map(({ id }) => id),
  ]);
  const [kept] = await sql<{ author_id: string | null; content: string }>(
    "select author_id, content from social.answers where id = $1",
    [answer.id],
  );
  expect(kept).toEqual({ author_id: null, content: "Eleven metres." });
}, 60_000);
