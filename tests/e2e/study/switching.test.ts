// From one embedding model to another, in a running stack: the old one answers until all passages have vectors of the new
// one. Then what a search is when the provider hangs or fails.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../../../scripts/stack/stack.ts";
import {
  failure,
  type FakeOpenAi,
  hang,
  type Reply,
  startFakeOpenAi,
} from "../../fixtures/ai/openai-server.ts";
import { ownStack } from "../../setup/own-stack.ts";
import { type Person, until } from "../../setup/stack.ts";
import { type Material, takeIn } from "./material.ts";

const WORDS = ["heart", "kidney", "lung", "spleen"];
const folder = mkdtempSync(join(tmpdir(), "lyceum-switching-"));
const account = { email: "ann@lyceum.test", password: "correct-horse-battery" };
let server: FakeOpenAi;
let stack: Stack;
let ann: Person;

/** Each word has a direction of its own: what this model says can be told from what the local one does. */
const meaning: Reply = (response, { body }) => {
  const texts = body.input as string[];
  const data = texts.map((text, index) => {
    const vector = WORDS.map((word) => text.toLowerCase().includes(word) ? 1 : 0);
    return { object: "embedding", index, embedding: [...vector, 0, 0, 0, 0.1] };
  });
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ object: "list", model: body.model, data, usage: null }));
};

async function start(env: Record<string, string>): Promise<void> {
  stack = await ownStack({ data: folder, env });
  const client = createClient(stack.url, stack.publishableKey, {
    db: { schema: "study" },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  let { data } = await client.auth.signInWithPassword(account);
  if (!data.session) ({ data } = await client.auth.signUp(account) as { data: typeof data });
  if (!data.user || !data.session) throw new Error("nobody is signed in");
  const accessToken = data.session.access_token;
  ann = { ...account, id: data.user.id, client: client as Person["client"], accessToken };
}

async function search(query: string) {
  const { data, error } = await ann.client.functions.invoke("search", { body: { query } });
  if (error) throw error;
  const { results, mode } = data as { results: { title: string }[]; mode: string };
  return { mode, best: results[0]?.title, count: results.length };
}

const take = (word: string): Promise<Material> =>
  takeIn(ann, `${word}.txt`, `The ${word} is an organ of the body. It is described here.`, {
    p_title: word,
  });
const models = async () =>
  Object.fromEntries(
    (await stack.sql<{ model: string; status: string }>(
      "select model, status from study.embedding_models",
    )).map(({ model, status }) => [model, status]),
  );
const lacking = async (model: string) =>
  (await stack.sql<{ n: number }>(
    `select count(*)::integer as n from study.material_chunks as c
     where not exists (select from study.chunk_embeddings as e where e.chunk_id = c.id and e.model = $1)`,
    [model],
  ))[0]?.n;
const tend = () => stack.sql("select private.study_tend_embeddings()");

beforeAll(async () => {
  server = await startFakeOpenAi();
  server.script(meaning);
});
afterAll(async () => {
  await stack?.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const remote = () => ({
  EMBEDDINGS_PROVIDER: "openai",
  EMBEDDINGS_MODEL: "meaning-1",
  EMBEDDINGS_DIMENSIONS: "8",
  OPENAI_BASE_URL: server.url,
  AI_MAX_ATTEMPTS: "1",
});

test("with the local model passages are found by words and vectors", async () => {
  await start({});
  for (const word of ["heart", "kidney"]) {
    expect((await take(word)).processing_status).toBe("completed");
  }
  expect(await search("kidney")).toEqual({ mode: "words_and_vectors", best: "kidney", count: 2 });
  expect(await models()).toEqual({ "local-lexical-1": "active" });
  expect(server.received).toEqual([]);
  await stack.stop();
});

test("another model is made behind it, while it answers", async () => {
  await start(remote());
  expect(await search("kidney")).toMatchObject({ mode: "words_and_vectors", best: "kidney" });
  expect(server.received).toEqual([]);
  // A passage comes in: with it the worker says which model is set now.
  expect((await take("lung")).processing_status).toBe("completed");
  expect(await models()).toEqual({ "local-lexical-1": "active", "meaning-1": "building" });
  expect(await search("lung")).toMatchObject({ mode: "words_and_vectors", best: "lung" });
  await tend();
  await until(async () => await lacking("meaning-1") === 0, "the vectors of the new model");
  expect(await models()).toEqual({ "local-lexical-1": "active", "meaning-1": "building" });
  expect(await search("heart")).toMatchObject({ mode: "words_and_vectors", best: "heart" });
});

test("and takes over when no passage is without", async () => {
  await tend();
  expect(await models()).toEqual({ "local-lexical-1": "retired", "meaning-1": "active" });
  server.script(meaning);
  expect(await search("lung")).toEqual({ mode: "words_and_vectors", best: "lung", count: 3 });
  expect(server.received.map(({ body }) => body.input)).toEqual([["lung"]]);
  await tend();
  const rows = await stack.sql("select distinct model from study.chunk_embeddings");
  expect(rows).toEqual([{ model: "meaning-1" }]);
  expect((await take("spleen")).processing_status).toBe("completed");
  expect(await lacking("meaning-1")).toBe(0);
});

test("with a provider that fails words are left", async () => {
  server.script(failure(500));
  expect(await search("lung")).toEqual({ mode: "words", best: "lung", count: 1 });
  server.script((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      '{"object":"list","model":"meaning-1","data":[{"object":"embedding","index":0,"embedding":[1,2]}]}',
    );
  });
  expect(await search("lung")).toMatchObject({ mode: "words", best: "lung" });
});

test("with one that hangs, after seconds", async () => {
  server.script(hang);
  const since = performance.now();
  expect(await search("lung")).toEqual({ mode: "words", best: "lung", count: 1 });
  expect(performance.now() - since).toBeGreaterThan(4_000);
  expect(performance.now() - since).toBeLessThan(12_000);
});

test("a passage that comes in meanwhile is found by its words, and gets its vector later", async () => {
  server.script(failure(401, { code: "invalid_api_key" }));
  const late = await takeIn(ann, "late.txt", "The pancreas makes insulin.", { p_title: "Late" });
  expect(late.processing_status).toBe("completed");
  expect(await search("pancreas")).toMatchObject({ mode: "words", best: "Late" });
  expect(await lacking("meaning-1")).toBe(1);
  server.script(meaning);
  await tend();
  await until(async () => await lacking("meaning-1") === 0, "the vector that was missing");
  expect(await search("pancreas")).toMatchObject({ mode: "words_and_vectors", best: "Late" });
});
