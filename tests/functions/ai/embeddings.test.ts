import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLocalEmbeddings, embedLexically } from "../../../functions/_shared/ai/embeddings-local.ts";
import { createSupabaseEmbeddings } from "../../../functions/_shared/ai/embeddings-supabase.ts";
import { createOpenAiEmbeddings } from "../../../functions/_shared/ai/openai.ts";
import { OPENAI_PRICES } from "../../../functions/_shared/ai/prices.ts";
import { cosine, vectorLiteral } from "../../../functions/_shared/ai/vectors.ts";
import { failure, type FakeOpenAi, raw, startFakeOpenAi, vectors } from "../../fixtures/ai/openai-server.ts";
import { COVERED, PASSAGES } from "../../fixtures/ai/heart-and-kidney.ts";

const length = (vector: number[]) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

describe("local", () => {
  const embed = embedLexically;

  it("gives 384 numbers of length 1, also for an empty text", () => {
    for (const text of ["The kidney filters the blood.", "", "   ", "!?", "the of and", "🫀", "x".repeat(20_000)]) {
      expect(embed(text)).toHaveLength(384);
      expect(length(embed(text))).toBeCloseTo(1, 4);
    }
  });

  it("is the same vector for ever: a change needs a new model name", () => {
    const vector = embed("The kidney filters the blood.");
    const marks = vector.map((value, i) => [i, value] as const).filter(([, value]) => Math.abs(value) > 0.15);
    expect(marks).toMatchInlineSnapshot(`
      [
        [
          17,
          0.282878,
        ],
        [
          36,
          -0.282878,
        ],
        [
          90,
          -0.282878,
        ],
        [
          118,
          -0.282878,
        ],
        [
          128,
          -0.161625,
        ],
        [
          162,
          -0.21205,
        ],
        [
          205,
          -0.282878,
        ],
        [
          355,
          0.367742,
        ],
      ]
    `);
  });

  it("sets related texts near and unrelated ones apart", () => {
    const base = embed("How does the kidney filter blood?");
    const near = cosine(base, embed("Blood is filtered in the kidneys."));
    const far = cosine(base, embed("The French Revolution began in 1789."));
    expect(near).toBeGreaterThan(0.5);
    expect(Math.abs(far)).toBeLessThan(0.2);
  });

  it("survives a slip of the pen better than whole words would", () => {
    expect(cosine(embed("glomerulus"), embed("glomerulos"))).toBeGreaterThan(0.2);
  });

  it("finds the right passage among the first three for most questions", () => {
    const library = PASSAGES.map(({ id, title, text }) => ({ id, vector: embed(`${title}\n${text}`) }));
    const hits = COVERED.filter(({ question, passages }) => {
      const query = embed(question);
      const top = [...library].sort((a, b) => cosine(query, b.vector) - cosine(query, a.vector)).slice(0, 3);
      return top.some(({ id }) => passages.includes(id));
    });
    expect(hits.length / COVERED.length).toBeGreaterThanOrEqual(0.85);
  });

  it("says what it is", async () => {
    const result = await createLocalEmbeddings().embed(["a b", "c"]);
    expect(result).toMatchObject({ provider: "local", model: "local-lexical-1", dimensions: 384, costMicroUsd: 0, usage: { inputTokens: 3 } });
    expect(result.vectors).toHaveLength(2);
  });

  it("is written for the database as text", () => {
    expect(vectorLiteral([1, -0.5, 0])).toBe("[1,-0.5,0]");
  });
});

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
    expect(result).toMatchObject({ vectors: [[0.6, 0.8, 0], [0, 0, 1]], dimensions: 3, costMicroUsd: 20, attempts: 1 });
    expect(server.received[0]).toMatchObject({
      path: "/v1/embeddings",
      body: { model: "text-embedding-3-small", input: ["a", " "], dimensions: 3, encoding_format: "float" },
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

describe("supabase", () => {
  const runtime = globalThis as { Supabase?: unknown };
  afterEach(() => {
    delete runtime.Supabase;
  });

  const install = (run: (text: string, options: unknown) => Promise<number[]>) => {
    const opened: string[] = [];
    runtime.Supabase = {
      ai: {
        Session: class {
          run = run;
          constructor(model: string) {
            opened.push(model);
          }
        },
      },
    };
    return opened;
  };

  it("is not configured outside the hosted edge runtime", async () => {
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({ code: "not_configured", retryable: false });
  });

  it("opens one session of gte-small, mean-pooled and normalised", async () => {
    const asked: unknown[] = [];
    const opened = install((text, options) => {
      asked.push([text, options]);
      return Promise.resolve(new Array<number>(384).fill(0).with(0, 1));
    });
    const model = createSupabaseEmbeddings();
    await model.embed(["a", "b"]);
    const result = await model.embed(["c"]);
    expect(opened).toEqual(["gte-small"]);
    expect(asked[0]).toEqual(["a", { mean_pool: true, normalize: true }]);
    expect(result).toMatchObject({ model: "gte-small", dimensions: 384 });
  });

  it("reports a runtime that fails, and vectors of the wrong size", async () => {
    install(() => Promise.reject(new Error("out of memory")));
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    install(() => Promise.resolve([1, 2]));
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({ code: "malformed_output" });
  });
});
