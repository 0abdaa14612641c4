// A curriculum made by the local provider on the running stack: asked for over the Data API, planned by the worker from what
// this learner may read, heard on user:<id> while it is made, and then followed like any other.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { PLANNED_BY_RULES } from "../../../functions/_shared/ai/curriculum-types.ts";
import { listen } from "../../setup/realtime.ts";
import { anonymous, type Person, service, signUp, sql, until } from "../../setup/stack.ts";
import { granted } from "../core/people.ts";

interface Request {
  id: string;
  status: string;
  progress: number;
  curriculum_id: string | null;
  provider: string | null;
  model: string | null;
  error_code: string | null;
  error_message: string | null;
}
interface Session {
  id: string;
  session_number: number;
  title: string;
  objectives: string[];
  materials: string;
  notes: string;
  duration: number | null;
  resources: {
    title: string;
    document_id: string;
    quote: string;
    locator: Record<string, unknown>;
  }[];
}

let learner: Person;
let other: Person;
/** A subject that stands in the material of this file and nowhere else. */
const craft = `bargecraft${randomUUID().replace(/[^a-z]/g, "").slice(0, 6)}`;
const chapters: [string, string][] = [
  [
    "1. What it is",
    `${craft} is the art of steering a barge. A barge is a flat boat for cargo. Its hull has no keel.`,
  ],
  [
    "2. The tiller",
    `In ${craft} the tiller turns the rudder. It moves to port when the boat should go to starboard. A long tiller needs less force because it is a lever.`,
  ],
  [
    "3. Locks",
    `Every pupil of ${craft} learns locks. A lock is a chamber with two gates. It fills within 6 minutes, and the tiller is lashed meanwhile.`,
  ],
  [
    "4. Mooring",
    `${craft} ends with mooring. Two ropes hold the boat against the bank. They are slack by a hand because the water rises in a lock.`,
  ],
];
const document = randomUUID();
let ids: string[];

beforeAll(async () => {
  [learner, other] = [await signUp({}, "learning"), await signUp({}, "learning")];
  ids = [];
  for (const [no, [heading, text]] of chapters.entries()) {
    const [row] = await sql<{ id: string }>(
      "select private.index_document('study', 'passage', $1, 'Handbook', $2, null, $3, 'authenticated', null, $4) as id",
      [document, text, { page: no + 1, heading_path: ["Handbook", heading] }, no],
    );
    ids.push(row!.id);
  }
});

const ask = (person: Person, more: Record<string, unknown> = {}) =>
  person.client.rpc("generate_curriculum", {
    p_subject: craft,
    p_total_sessions: 5,
    p_session_duration: 40,
    p_idempotency_key: randomUUID(),
    ...more,
  });
const find = async (id: string) => {
  const [row] = await sql<Request>("select * from learning.generation_requests where id = $1", [
    id,
  ]);
  if (!row) throw new Error(`no request ${id}`);
  return row;
};
const ended = (id: string) =>
  until(
    async () => {
      const request = await find(id);
      return !["queued", "running"].includes(request.status) && request;
    },
    `request ${id} to end`,
    20_000,
  );

describe("a curriculum that is asked for", () => {
  test("is made from the material, heard while it is made, and is its learner's to follow", async () => {
    const listener = await listen(learner.client, `user:${learner.id}`);
    expect(listener.status).toBe("SUBSCRIBED");
    const request = await granted(
      ask(learner, { p_goals: "Take a boat through a lock", p_skill_level: "intermediate" }),
    ) as unknown as Request;
    expect(request).toMatchObject({ status: "queued", progress: 0 });

    const done = await ended(request.id);
    expect(done).toMatchObject({
      status: "completed",
      progress: 100,
      provider: "local",
      model: "local-outline-1",
      error_code: null,
    });
    const heard = await until(
      () => {
        const events = listener.heard.filter(({ event, payload }) =>
          event === "curriculum_progress" && payload.request_id === request.id
        ).map(({ payload }) => payload);
        return events.at(-1)?.status === "completed" && events;
      },
      "the last progress",
    );
    const steps = heard.map(({ progress }) => Number(progress));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toMatchObject({ progress: 100, curriculum_id: done.curriculum_id });

    const curriculum = await granted(
      learner.client.from("curricula").select("*").eq("id", done.curriculum_id).single(),
    );
    expect(curriculum).toMatchObject({
      title: craft,
      source: "generated",
      total_sessions: 5,
      session_duration: 40,
      skill_level: "intermediate",
      goals: "Take a boat through a lock",
      status: "active",
    });
    const sessions = await granted(
      learner.client.from("sessions").select("*").eq("curriculum_id", done.curriculum_id)
        .order("session_number"),
    ) as unknown as Session[];
    expect(sessions.map(({ title }) => title)).toEqual([
      "What it is",
      "The tiller",
      "Locks",
      "Mooring",
      "Review of sessions 1 to 4",
    ]);
    expect(sessions[0]?.notes).toBe(PLANNED_BY_RULES);
    expect(sessions[0]?.objectives).toContain("Define “barge”.");
    expect(sessions.slice(0, 4).map(({ resources }) => resources.map((one) => one.document_id)))
      .toEqual(ids.map((id) => [id]));
    expect(sessions[2]?.resources[0]).toMatchObject({
      title: "Handbook",
      locator: { page: 3, heading_path: ["Handbook", "3. Locks"] },
    });
    const quote = sessions[2]?.resources[0]?.quote ?? "";
    expect(quote).not.toBe("");
    expect(chapters[2]?.[1]).toContain(quote);

    const { error } = await learner.client.rpc("start_session", { p_session_id: sessions[4]?.id });
    expect(error?.message).toBe("prerequisites_open");
    await granted(learner.client.rpc("start_session", { p_session_id: sessions[0]?.id }));

    const [notice] = await sql<{ severity: string; link: string }>(
      "select severity, link from core.notifications where user_id = $1 and type = 'curriculum_ready'",
      [learner.id],
    );
    expect(notice).toEqual({ severity: "success", link: `/learning/${done.curriculum_id}` });
  });

  test("is made once for a key, however often and at once one asks", async () => {
    const p_idempotency_key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => granted(ask(learner, { p_idempotency_key }))),
    ) as unknown as Request[];
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await ended(answers[0]!.id);
    const again = await granted(ask(learner, { p_idempotency_key })) as unknown as Request;
    expect(again.status).toBe("completed");
    const reused = await ask(learner, { p_idempotency_key, p_total_sessions: 4 });
    expect([reused.status, reused.error?.message]).toEqual([422, "idempotency_key_reused"]);
    const rows = await sql(
      "select 1 from ops.ai_calls where resource_id = $1 and purpose = 'learning.plan'",
      [answers[0]!.id],
    );
    expect(rows).toHaveLength(1);
  });

  test("draws on nobody else's notes, and on one's own", async () => {
    const secret = `hushword${randomUUID().replace(/[^a-z]/g, "").slice(0, 6)}`;
    await sql(
      "select private.index_document('study', 'passage', gen_random_uuid(), 'Notes', $1, null, '{}', 'owner', $2)",
      [
        `${secret} is a word of mine. It stands in my notes. Nobody knows it. It is short.`,
        other.id,
      ],
    );
    const make = async (person: Person) => {
      const p = { p_subject: secret, p_total_sessions: 1 };
      return await ended((await granted(ask(person, p)) as unknown as Request).id);
    };
    expect(await make(learner)).toMatchObject({
      status: "failed",
      error_code: "no_material",
      curriculum_id: null,
    });
    expect(await make(other)).toMatchObject({ status: "completed" });
    const [told] = await sql(
      "select data from core.notifications where user_id = $1 and type = 'curriculum_failed'",
      [learner.id],
    );
    expect(told).toMatchObject({ data: { error_code: "no_material" } });
  });

  test("longer than the material allows is not blown up", async () => {
    const request = await granted(ask(learner, { p_total_sessions: 40 })) as unknown as Request;
    expect(await ended(request.id)).toMatchObject({
      status: "failed",
      error_code: "not_enough_material",
      error_message: expect.stringMatching(/^The material is enough for \d+ sessions at most\.$/),
    });
  });
});

describe("a request", () => {
  test("is cancelled by its owner, once, and by nobody else", async () => {
    // Its job waits for an hour, so that no worker is quicker.
    const id = randomUUID();
    await sql(
      "insert into learning.generation_requests (id, user_id, request, request_hash, idempotency_key) values ($1, $2, '{}', '', gen_random_uuid())",
      [id, learner.id],
    );
    await sql(
      "select ops.enqueue_job('learning.generate', jsonb_build_object('request_id', $1::uuid), $1::uuid, $1::uuid::text, now() + interval '1 hour')",
      [id],
    );
    const foreign = await other.client.rpc("cancel_generation", { p_request_id: id });
    expect([foreign.status, foreign.error?.message]).toEqual([404, "generation_not_found"]);
    for (let time = 0; time < 2; time++) {
      expect(await granted(learner.client.rpc("cancel_generation", { p_request_id: id })))
        .toMatchObject({ status: "cancelled", curriculum_id: null });
    }
    expect(await sql("select 1 from ops.queue_items where resource_id = $1", [id])).toEqual([]);
    const done = await granted(ask(learner)) as unknown as Request;
    await ended(done.id);
    const late = await learner.client.rpc("cancel_generation", { p_request_id: done.id });
    expect([late.status, late.error?.message]).toEqual([409, "generation_finished"]);
  });

  test("is seen by its owner alone, and written by nobody", async () => {
    expect((await granted(other.client.from("generation_requests").select("user_id")))
      .every((row) => (row as { user_id: string }).user_id === other.id)).toBe(true);
    expect((await anonymous("learning").from("generation_requests").select("id")).status).toBe(401);
    const { status } = await learner.client.from("generation_requests")
      .update({ status: "completed" }).eq("user_id", learner.id);
    expect(status).toBe(403);
    for (
      const name of [
        "begin_generation",
        "generation_passages",
        "report_generation",
        "fail_generation",
      ]
    ) {
      const lease = { p_request_id: randomUUID(), p_job_id: randomUUID(), p_lease_token: 1 };
      const extra = name === "report_generation"
        ? { p_progress: 1 }
        : name === "fail_generation"
        ? { p_error_code: "x" }
        : {};
      expect((await learner.client.rpc(name, { ...lease, ...extra })).status, name).toBe(403);
      const worker = await service("learning").rpc(name, { ...lease, ...extra });
      expect(worker.error?.message, name).toBe("lease_lost");
    }
  });
});
