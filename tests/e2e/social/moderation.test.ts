// Moderation as a frontend meets it: a rude post is reported, hidden and appealed against; a suspended person reads on and
// writes nothing, with the token that he holds; who writes too fast is told how long to wait.
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../core/inbox.ts";
import { granted } from "../core/people.ts";
import { type Person, service, signUp, sql } from "../../setup/stack.ts";

let rude: Person;
let reader: Person;
let moderator: Person;
let second: Person;
let postId: string;
let actionId: string;
let suspensionId: string;

interface Answer {
  status: number;
  error: { message: string; details?: string | null } | null;
}
const refusal = ({ status, error }: Answer) => [status, error?.message];
const core = (person: Person) => person.client.schema("core");
const social = (person: Person) => person.client.schema("social");
const about = () => ({ p_module: "social", p_entity_type: "post", p_entity_id: postId });

async function newModerator(): Promise<Person> {
  const person = await signUp();
  const args = { p_user_id: person.id, p_role: "moderator", p_reason: "For a test." };
  await granted(service("core").rpc("grant_role", args));
  return person;
}

const myActs = async (person: Person) =>
  await granted(core(person).rpc("my_moderation_actions")) as {
    id: string;
    action: string;
    reason: string;
    can_appeal: boolean;
    appeal_status: string | null;
    decision_note: string | null;
  }[];

beforeAll(async () => {
  [rude, reader, moderator, second] = await Promise.all([
    signUp(),
    signUp(),
    newModerator(),
    newModerator(),
  ]);
  const post = await granted(
    social(rude).rpc("create_post", { p_title: "A rude post", p_content: "You are all fools." }),
  ) as { id: string };
  postId = post.id;
});

describe("what was reported", () => {
  test("is somebody else's, and there", async () => {
    const report = { ...about(), p_reason: "abuse" };
    expect(refusal(await core(rude).rpc("report_content", report))).toEqual([403, "own_content"]);
    const nothing = { ...report, p_entity_id: crypto.randomUUID() };
    expect(refusal(await core(reader).rpc("report_content", nothing)))
      .toEqual([404, "content_not_found"]);
    const id = await granted(core(reader).rpc("report_content", report));
    expect(await granted(core(reader).rpc("report_content", report))).toBe(id);
  });

  test("lies before the moderators, with what it says", async () => {
    expect(refusal(await core(reader).rpc("moderation_queue"))).toEqual([403, "role_required"]);
    const queue = await granted(core(moderator).rpc("moderation_queue", { p_limit: 100 })) as {
      entity_id: string;
    }[];
    expect(queue.find(({ entity_id }) => entity_id === postId)).toMatchObject({
      reports_count: 1,
      reasons: { abuse: 1 },
      reported_user_id: rude.id,
      excerpt: "A rude post\nYou are all fools.",
      is_hidden: false,
    });
  });

  test("is hidden at once, and its author hears why, not by whom", async () => {
    const hears = await listen(rude);
    const act = {
      p_module: "social",
      p_entity_type: "post",
      p_entity_id: postId,
      p_action: "hide",
    };
    expect(refusal(await core(reader).rpc("moderate_content", { ...act, p_reason: "Rude." })))
      .toEqual([403, "role_required"]);
    actionId = await granted(
      core(moderator).rpc("moderate_content", { ...act, p_reason: "Rude." }),
    );
    const notice = await hears.next("notification", ({ type }) => type === "content_hidden");
    expect(notice).toMatchObject({ severity: "system", message: "Rude." });
    expect(JSON.stringify(notice)).not.toContain(moderator.id);
    await hears.close();
    const { data } = await social(reader).from("posts").select("title, content").eq("id", postId);
    expect((data ?? []).map(({ title, content }) => title + content).join("")).toBe("");
    const told = await core(reader).from("notifications").select("type");
    expect(told.data).toContainEqual({ type: "report_resolved" });
  });
});

describe("a suspended person", () => {
  test("writes nothing from that moment", async () => {
    expect((await social(rude).from("posts").insert({ title: "Next", content: "Text." })).error)
      .toBeNull();
    expect(
      await granted(
        core(moderator).rpc("suspend_user", { p_user_id: rude.id, p_reason: "Rude again." }),
      ),
    ).toBe(true);
    const post = { title: "And next", content: "You fools." };
    expect(refusal(await social(rude).from("posts").insert(post))).toEqual([
      403,
      "account_inactive",
    ]);
    const calls: [string, Record<string, unknown>][] = [
      ["create_post", { p_title: "Me", p_content: "Again." }],
      ["ask_question", { p_title: "May I?", p_content: "Please." }],
      ["vote", { p_type: "post", p_id: postId, p_vote: "upvote" }],
      ["direct_room", { p_user_id: reader.id }],
    ];
    for (const [name, args] of calls) {
      expect(refusal(await social(rude).rpc(name, args)), name).toEqual([403, "account_inactive"]);
    }
    const followed = await social(rude).from("followers").insert({ following_id: reader.id });
    expect(followed.status).toBe(403);
    expect(await sql("select from social.posts where author_id = $1", [rude.id])).toHaveLength(2);
  });

  test("reads on: posts, names, and what was decided", async () => {
    const { data: posts } = await social(rude).from("posts").select("title").eq("title", "Next");
    expect(posts).toHaveLength(1);
    const { data: people } = await social(rude).from("profiles").select("id").eq("id", reader.id);
    expect(people).toEqual([{ id: reader.id }]);
    const acts = await myActs(rude);
    expect(acts.map(({ action, can_appeal }) => [action, can_appeal]))
      .toEqual([["suspend", true], ["hide", true]]);
    expect(JSON.stringify(acts)).not.toContain(moderator.id);
    suspensionId = acts[0]?.id ?? "";
  });

  test("appeals, and another moderator undoes both", async () => {
    const text = "It was a line from a play.";
    const other = await core(reader).rpc("appeal", { p_action_id: actionId, p_text: text });
    expect(refusal(other)).toEqual([404, "action_not_found"]);
    for (const action of [suspensionId, actionId]) {
      const appeal = await granted(core(rude).rpc("appeal", { p_action_id: action, p_text: text }));
      const args = { p_appeal_id: appeal, p_decision: "overturned", p_note: "It is from a play." };
      expect(refusal(await core(moderator).rpc("decide_appeal", args)))
        .toEqual([403, "own_decision"]);
      expect(await granted(core(second).rpc("decide_appeal", args))).toBe(true);
      expect(refusal(await core(second).rpc("decide_appeal", args))).toEqual([
        409,
        "appeal_closed",
      ]);
    }
    const { data } = await social(reader).from("posts").select("content").eq("id", postId);
    expect(data).toEqual([{ content: "You are all fools." }]);
    expect((await social(rude).from("posts").insert({ title: "Back", content: "Hello." })).error)
      .toBeNull();
    const acts = await myActs(rude);
    expect(acts.filter(({ appeal_status }) => appeal_status === "overturned")).toHaveLength(2);
    const record = await granted(core(moderator).rpc("moderation_record", { p_user_id: rude.id }));
    expect(record).toMatchObject({ warnings: 0, hidden: 0, suspensions: 0, overturned: 2 });
  });
});

test("a script is told how long to wait: 429, the seconds in the details", async () => {
  const script = await signUp();
  const answers: Answer[] = [];
  for (let n = 0; n < 8; n++) {
    answers.push(
      await social(script).from("posts").insert({ title: `Post ${n}`, content: "Buy now." }),
    );
  }
  // A new account has five at once; see the setting social.limits.
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429, 429, 429]);
  expect(answers.at(-1)?.error).toMatchObject({ message: "rate_limited" });
  expect(answers.at(-1)?.error?.details).toMatch(/^Retry after \d+ seconds\.$/);
});
