// The coach with a model that takes its time: its reader leaves, stops it from another device, or its process is killed
// in the middle; and how much later than the model's own its first word comes.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findViolations } from "../../../scripts/demo/invariants.ts";
import { type Stack, startStack } from "../../../scripts/stack/stack.ts";
import { type SlowModel, startSlowModel } from "../../fixtures/ai/slow-model.ts";
import { allEvents, eventsOf, type Heard, only, textOf } from "../../fixtures/sse.ts";
import type { Client, Person } from "../../setup/stack.ts";
import { takeIn } from "./material.ts";

let model: SlowModel;
let stack: Stack;
let ann: Person;

beforeAll(async () => {
  model = await startSlowModel();
  stack = await startStack({
    port: 0,
    data: "memory",
    seed: false,
    quiet: true,
    env: { AI_PROVIDER: "openai", OPENAI_BASE_URL: model.url, AI_MODEL: "slow" },
  });
  const client = createClient(stack.url, stack.publishableKey, {
    db: { schema: "study" },
    auth: { persistSession: false, autoRefreshToken: false },
  }) as Client;
  const email = `${randomUUID()}@lyceum.test`;
  const password = "correct-horse-battery";
  const { data } = await client.auth.signUp({ email, password });
  const accessToken = data.session?.access_token ?? "";
  ann = { id: data.user?.id ?? "", email, password, client, accessToken };
  const notes = "# Valves\n\nThe mitral valve has two leaflets. It lies on the left side.";
  expect((await takeIn(ann, "valves.md", notes)).processing_status).toBe("completed");
});
afterAll(async () => {
  await stack.stop();
  await model.close();
});
beforeEach(() => {
  model.pace = { first: 20, between: 20 };
  model.left = 0;
});

const post = (body: unknown, path = "", signal?: AbortSignal) =>
  fetch(`${stack.url}/functions/v1/coach${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${ann.accessToken}` },
    body: JSON.stringify(body),
    signal,
  });
const question = () => ({
  client_id: randomUUID(),
  start: { type: "teaching" },
  content: "How many leaflets has the mitral valve?",
});

/** Reads until so many words are there; then what is to happen happens, and the rest is read if it can be. */
async function interrupted(words: number, happen: (answerId: string) => unknown) {
  const leave = new AbortController();
  const heard: Heard[] = [];
  const idOf = () => (only(heard, "question")[0]?.answer as { id: string } | undefined)?.id ?? "";
  try {
    for await (const event of eventsOf(await post(question(), "", leave.signal))) {
      heard.push(event);
      if (only(heard, "delta").length === words) {
        if (await happen(idOf()) === "leave") leave.abort();
      }
    }
  } catch {
    // It broke off, or the reader left.
  }
  return { heard, id: idOf() };
}

const find = async (id: string) => {
  const [row] = await stack.sql<{ status: string; content: string; citations: number }>(
    `select m.status, m.content, m.error_code, (select count(*)::integer from study.message_citations as c where c.message_id = m.id) as citations
     from study.chat_messages as m where m.id = $1`,
    [id],
  );
  return row;
};

test("streams while the model writes", async () => {
  const heard = await allEvents(await post(question()));
  const deltas = heard.filter(({ event }) => event === "delta");
  expect(deltas.length).toBeGreaterThan(20);
  const [first, last] = [deltas[0]?.at ?? 0, deltas.at(-1)?.at ?? 0];
  // 140 words, 20 ms each: nobody on the way collects them.
  expect(last - first).toBeGreaterThan(1_000);
  expect(only(heard, "done")[0]).toMatchObject({
    answer: { status: "completed", model: "slow", content: textOf(heard) },
    citations: [{ quote: "The mitral valve has two leaflets.", marker: 1 }],
    not_honoured: [],
  });
});

test("a reader who leaves finds what was shown, the model is not asked on, and he resumes", async () => {
  const { id, heard } = await interrupted(15, () => "leave");
  await expect.poll(async () => (await find(id))?.status, { timeout: 10_000 }).toBe("stopped");
  const stopped = await find(id);
  expect(stopped?.content.startsWith(textOf(heard).trimEnd())).toBe(true);
  expect(stopped?.content.length).toBeLessThan(400);
  expect(stopped?.citations).toBe(1);
  await expect.poll(() => model.left).toBe(1);
  // What was written until then was not free.
  const [used] = await stack.sql<{ input_tokens: number }>(
    "select input_tokens::integer from study.coach_usage where user_id = $1",
    [ann.id],
  );
  expect(used?.input_tokens).toBeGreaterThan(500);

  model.pace = { first: 0, between: 0 };
  const resumed = await allEvents(await post({ answer_id: id }, "/resume"));
  expect(only(resumed, "restart")).toHaveLength(1);
  expect(await find(id)).toMatchObject({ status: "completed", content: textOf(resumed) });
});

test("stopped from another device, it stops within seconds, and says so", async () => {
  model.pace = { first: 20, between: 60 };
  const { id, heard } = await interrupted(10, async (answerId) => {
    const { data } = await ann.client.rpc("stop_answer", { p_answer_id: answerId });
    expect(data).toBe("stopped");
  });
  expect(only(heard, "done")).toMatchObject([{ answer: { status: "stopped" } }]);
  expect(await find(id)).toMatchObject({
    status: "stopped",
    content: textOf(heard),
    citations: 1,
  });
  expect(only(heard, "delta").length).toBeLessThan(80);
});

/** The process of the functions that this file's stack runs. */
const functionsPid = (): number => {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split(
    "\n",
  );
  const row = rows.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .find((match) => match?.[2] === String(process.pid) && match[3]?.includes("functions-host.ts"));
  return Number(row?.[1]);
};

test("killed in the middle, it keeps what was kept, ends in a stated state, and is resumed", async () => {
  model.pace = { first: 20, between: 60 };
  const { id } = await interrupted(40, () => {
    process.kill(functionsPid(), "SIGKILL");
  });
  expect(await find(id)).toMatchObject({ status: "streaming", citations: 0 });
  expect((await find(id))?.content).toContain("It is said [1].");
  const back = () => post({ answer_id: id }, "/resume").then(({ status }) => status, () => 503);
  await expect.poll(back, { timeout: 15_000, interval: 200 }).toBe(409);
  await stack.sql(
    "update study.chat_messages set updated_at = now() - interval '3 minutes' where id = $1",
    [id],
  );
  await stack.sql("select private.study_tend_answers()");
  expect(await find(id)).toMatchObject({ status: "failed", error_code: "left_behind" });
  expect((await find(id))?.content).not.toContain("[1]");
  model.pace = { first: 0, between: 0 };
  const resumed = await allEvents(await post({ answer_id: id }, "/resume"));
  expect(await find(id)).toMatchObject({
    status: "completed",
    content: textOf(resumed),
    citations: 1,
  });
});

test("whatever happened, what is recorded is whole", async () => {
  const violations = await findViolations((text) => stack.sql(text));
  expect(violations.filter(({ file }) => file === "study_coach.sql")).toEqual([]);
});

test("its first word comes little later than the model's own", async () => {
  model.pace = { first: 50, between: 1 };
  const overheads: number[] = [];
  for (let round = 0; round < 7; round++) {
    model.firstWords = [];
    const began = performance.timeOrigin + performance.now();
    const heard = await allEvents(await post(question()));
    const first = heard.find(({ event }) => event === "delta")?.at ?? 0;
    const [said = 0] = model.firstWords;
    // Before the model is asked, and after it has spoken.
    overheads.push((performance.timeOrigin + first - began) - model.pace.first);
    expect(performance.timeOrigin + first - said).toBeLessThan(500);
  }
  const typical = overheads.sort((a, b) => a - b)[3] ?? 0;
  console.info(`first word of the coach: ${typical.toFixed(0)} ms over the model's own`);
  // On a busy machine; docs/benchmarks.md has the figure of an idle one.
  expect(typical).toBeLessThan(1_000);
});
