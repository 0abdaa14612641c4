import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { envFrom } from "../../../functions/_shared/config.ts";
import { type AiCallEntry, createAi } from "../../../functions/_shared/ai/index.ts";
import { createLogger } from "../../../functions/_shared/log.ts";
import {
  completion,
  events,
  failure,
  type FakeOpenAi,
  finished,
  json,
  startFakeOpenAi,
  usageChunk,
  vectors,
  word,
} from "../../fixtures/ai/openai-server.ts";

let server: FakeOpenAi;
beforeAll(async () => {
  server = await startFakeOpenAi();
});
afterAll(() => server.close());

const PRICES = JSON.stringify({ "gpt-4o-mini": { input: 0.15, output: 0.6 } });
const PASSAGES = [{ id: "p", text: "Renin is an enzyme of the kidney." }];
const SECRET_QUESTION = "What is renin, asks Ann Example?";

const setUp = (values: Record<string, string>, record?: (entry: AiCallEntry) => void) => {
  const entries: AiCallEntry[] = [];
  const lines: string[] = [];
  const ai = createAi({
    env: envFrom(values),
    recordCall: record ?? ((entry) => void entries.push(entry)),
    log: createLogger({}, (line) => lines.push(line)),
  });
  return { ai, entries, lines };
};

const openai = (more: Record<string, string> = {}) => ({
  AI_PROVIDER: "openai",
  OPENAI_API_KEY: "sk-test-123456",
  OPENAI_BASE_URL: server.url,
  AI_PRICES: PRICES,
  AI_MAX_ATTEMPTS: "2",
  AI_TIMEOUT_MS: "1000",
  ...more,
});

describe("the choice", () => {
  it("is local when nothing is set", () => {
    const { ai } = setUp({});
    expect([ai.chat.provider, ai.answers.model, ai.embeddings.model]).toEqual([
      "local",
      "local-extractive-1",
      "local-lexical-1",
    ]);
  });

  it("follows the environment, letter case aside", () => {
    const { ai } = setUp(
      openai({
        AI_PROVIDER: "OpenAI",
        AI_MODEL: "my-model",
        EMBEDDINGS_PROVIDER: "openai",
        EMBEDDINGS_DIMENSIONS: "512",
      }),
    );
    expect([ai.chat.model, ai.embeddings.provider, ai.embeddings.dimensions]).toEqual([
      "my-model",
      "openai",
      512,
    ]);
    expect(setUp({ EMBEDDINGS_PROVIDER: "transformers" }).ai.embeddings.dimensions).toBe(384);
    expect(setUp({ EMBEDDINGS_PROVIDER: "supabase" }).ai.embeddings.model).toBe("gte-small");
  });

  it.each([
    [{ AI_PROVIDER: "gpt" }, /AI_PROVIDER is "gpt".*local, openai/],
    [{ EMBEDDINGS_PROVIDER: "x" }, /EMBEDDINGS_PROVIDER.*local, openai, transformers, supabase/],
    [{ AI_PROVIDER: "openai" }, /OPENAI_API_KEY is not set/],
    [{ AI_PROVIDER: "openai", OPENAI_API_KEY: "k", OPENAI_BASE_URL: "ftp://x" }, /OPENAI_BASE_URL/],
    [
      { AI_PROVIDER: "openai", OPENAI_API_KEY: "k", AI_TIMEOUT_MS: "soon" },
      /AI_TIMEOUT_MS must be a whole number/,
    ],
    [{ AI_PROVIDER: "openai", OPENAI_API_KEY: "k", AI_PRICES: "{}}" }, /AI_PRICES must be JSON/],
    [{ AI_PROVIDER: "openai", OPENAI_API_KEY: "k", AI_PRICES: '{"m":{"input":-1}}' }, /AI_PRICES/],
  ])("%j is a clear error", (values, message) => {
    expect(() => setUp(values as Record<string, string>)).toThrow(message);
    expect(() => setUp(values as Record<string, string>)).toThrow(
      expect.objectContaining({ code: "not_configured" }),
    );
  });

  it("a server of one's own needs no key", () => {
    expect(
      setUp({ AI_PROVIDER: "openai", OPENAI_BASE_URL: "http://localhost:11434/v1" }).ai.chat
        .provider,
    ).toBe("openai");
  });
});

describe("the record", () => {
  it("of a local answer", async () => {
    const { ai, entries } = setUp({});
    await ai.answers.answerFromPassages({
      question: SECRET_QUESTION,
      passages: PASSAGES,
      purpose: "qa.generate",
      resourceId: "r1",
    });
    await ai.answers.rewritePlainly({ text: "Prior to this.", citations: [] });
    await ai.embeddings.embed(["a b"]);
    expect(entries.map((entry) => [entry.purpose, entry.status, entry.cost_micro_usd])).toEqual([
      ["qa.generate", "ok", 0],
      ["rewrite", "ok", 0],
      ["embed", "ok", 0],
    ]);
    expect(entries[0]).toMatchObject({
      provider: "local",
      model: "local-extractive-1",
      resource_id: "r1",
      attempts: 1,
      error_code: null,
    });
    expect(entries[0]?.input_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(entries[0]?.output_chars).toBeGreaterThan(10);
  });

  it("holds no prompt and no answer", async () => {
    const { ai, entries } = setUp({});
    await ai.answers.answerFromPassages({ question: SECRET_QUESTION, passages: PASSAGES });
    expect(JSON.stringify(entries)).not.toMatch(/renin|Ann/i);
  });

  it("of a prompted answer is one entry, with tokens and cost", async () => {
    const { ai, entries } = setUp(openai());
    server.script(json({ covered: false, answer: "", citations: [], confidence: 0 }));
    await ai.answers.answerFromPassages({ question: "x", passages: PASSAGES });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      purpose: "answer",
      model: "gpt-4o-mini-2024-07-18",
      input_tokens: 1000,
      output_tokens: 200,
      cost_micro_usd: 270,
    });
  });

  it("of failures", async () => {
    const { ai, entries } = setUp(openai());
    server.script(failure(503));
    await expect(ai.chat.complete({ messages: [] })).rejects.toMatchObject({ code: "unavailable" });
    server.script(failure(401));
    await expect(ai.chat.complete({ messages: [] })).rejects.toMatchObject({ code: "bad_key" });
    expect(
      entries.map((
        { status, error_code, attempts, cost_micro_usd },
      ) => [status, error_code, attempts, cost_micro_usd]),
    ).toEqual([
      ["error", "unavailable", 2, null],
      ["error", "bad_key", 1, null],
    ]);
  });

  it("of streams: whole, broken, and left by the reader", async () => {
    const { ai, entries } = setUp(openai());
    const read = async (most: number) => {
      let count = 0;
      for await (const _ of ai.chat.stream({ messages: [] })) {
        count += 1;
        if (count >= most) break;
      }
    };
    const whole = events([word("a"), word("b"), finished(), usageChunk]);
    server.script(whole);
    await read(99);
    server.script(events([word("a")], "break"));
    await expect(read(99)).rejects.toMatchObject({ code: "unavailable" });
    server.script(whole);
    await read(1);
    expect(entries.map(({ status, error_code }) => [status, error_code])).toEqual([
      ["ok", null],
      ["error", "unavailable"],
      ["cancelled", null],
    ]);
    expect(entries[0]).toMatchObject({ input_tokens: 1000, cost_micro_usd: 270, output_chars: 2 });
  });

  it("of embeddings", async () => {
    const { ai, entries } = setUp(
      openai({ EMBEDDINGS_PROVIDER: "openai", EMBEDDINGS_DIMENSIONS: "3" }),
    );
    server.script(vectors([[1, 0, 0]]));
    await ai.embeddings.embed(["a"], { purpose: "study.index" });
    expect(entries[0]).toMatchObject({
      purpose: "study.index",
      model: "text-embedding-3-small",
      input_tokens: 10,
      cost_micro_usd: null,
    });
  });

  it("that cannot be written does not break the call, and is logged", async () => {
    const { ai, lines } = setUp(openai(), () => {
      throw new Error("database is down");
    });
    server.script(completion("fine"));
    expect((await ai.chat.complete({ messages: [] })).text).toBe("fine");
    expect(lines.join()).toContain("ai_call_not_recorded");
  });

  it("of an unlisted model has no cost", async () => {
    const { ai, entries } = setUp(openai({ AI_PRICES: "" }));
    server.script(completion("x"));
    await ai.chat.complete({ messages: [] });
    expect(entries[0]?.cost_micro_usd).toBeNull();
  });
});
