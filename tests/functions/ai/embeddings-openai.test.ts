import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenAiEmbeddings } from "../../../functions/_shared/ai/openai.ts";
import { OPENAI_PRICES } from "../../../functions/_shared/ai/prices.ts";
import {
  failure,
  type FakeOpenAi,
  raw,
  startFakeOpenAi,
  vectors,
} from "../../fixtures/ai/openai-server.ts";

describe("openai", () => {
  let server: FakeOpenAi;
  beforeAll(async () => {
    server = await startFakeOpenAi();
  });
  afterAll(() => server.close());

  const model = (dimensions = 3, name = "text-embedding-3-small") =>
    createOpenAiEmbeddings({
      apiKey: "sk-test-123456",
      baseUrl: server.url,
      model: name,
      prices: OPENAI_PRICES,
      timeoutMs: 1000,
      deadlineMs: 3000,
      maxAttempts: 2,
      baseDelayMs: 5,
    }, dimensions);

  it("asks for the dimensions and scales to length 1", async () => {
    server.script(vectors([[3, 4, 0], [0, 0, 2]], { prompt_tokens: 1000, total_tokens: 1000 }));
    const result = await model().embed(["a", ""]);
    expect(result).toMatchObject({
      vectors: [[0.6, 0.8, 0], [0, 0, 1]],
      dimensions: 3,
      costMicroUsd: 20,
      attempts: 1,
    });
    expect(server.received[0]).toMatchObject({
      path: "/v1/embeddings",
      body: {
        model: "text-embedding-3-small",
        input: ["a", " "],
        dimensions: 3,
        encoding_format: "float",
      },
    });
  });

  it("does not ask older models to shorten", async () => {
    server.script(vectors([[1, 0, 0]], null));
    expect((await model(3, "nomic-embed")).dimensions).toBe(3);
    expect((await model(3, "nomic-embed").embed(["a"])).costMicroUsd).toBeNull();
    expect(server.received[0]?.body).not.toHaveProperty("dimensions");
  });

  it("puts vectors that come in another order into the right one", async () => {
    server.script(raw(200, {
      model: "m",
      data: [{ index: 1, embedding: [0, 1, 0] }, { index: 0, embedding: [1, 0, 0] }],
    }));
    expect((await model().embed(["a", "b"])).vectors).toEqual([[1, 0, 0], [0, 1, 0]]);
  });

  it("sends long lists in batches", async () => {
    const batch = (size: number) => vectors(Array.from({ length: size }, () => [1, 0, 0]));
    server.script(batch(256), batch(44));
    const result = await model().embed(Array.from({ length: 300 }, (_, i) => `text ${i}`));
    expect(result.vectors).toHaveLength(300);
    expect(result).toMatchObject({ attempts: 2, usage: { inputTokens: 20 } });
  });

  it("asks nobody for nothing", async () => {
    server.script(failure(500));
    expect((await model().embed([])).vectors).toEqual([]);
    expect(server.received).toHaveLength(0);
  });

  it.each([
    ["too few vectors", vectors([[1, 0, 0]])],
    ["too many vectors", vectors([[1, 0, 0], [1, 0, 0], [1, 0, 0]])],
    ["another dimension", vectors([[1, 0], [1, 0]])],
    ["something that is no number", vectors([[1, 0, null as unknown as number], [1, 0, 0]])],
    ["no data", raw(200, { object: "list" })],
    ["no JSON", raw(200, "oops")],
  ])("refuses %s", async (_name, reply) => {
    server.script(reply);
    await expect(model().embed(["a", "b"])).rejects.toMatchObject({ code: "malformed_output" });
  });

  it("retries and reports like chat", async () => {
    server.script(failure(503), vectors([[1, 0, 0]]));
    expect((await model().embed(["a"])).attempts).toBe(2);
    server.script(failure(401));
    await expect(model().embed(["a"])).rejects.toMatchObject({ code: "bad_key" });
  });
});
