import { afterEach, describe, expect, it } from "vitest";
import {
  createLocalEmbeddings,
  embedLexically,
} from "../../../functions/_shared/ai/embeddings-local.ts";
import { createSupabaseEmbeddings } from "../../../functions/_shared/ai/embeddings-supabase.ts";
import { cosine, vectorLiteral } from "../../../functions/_shared/ai/vectors.ts";
import { COVERED, PASSAGES } from "../../fixtures/ai/heart-and-kidney.ts";

const length = (vector: number[]) =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

describe("local", () => {
  const embed = embedLexically;

  it("gives 384 numbers of length 1, also for an empty text", () => {
    for (
      const text of [
        "The kidney filters the blood.",
        "",
        "   ",
        "!?",
        "the of and",
        "🫀",
        "x".repeat(20_000),
      ]
    ) {
      expect(embed(text)).toHaveLength(384);
      expect(length(embed(text))).toBeCloseTo(1, 4);
    }
  });

  it("is the same vector for ever: a change needs a new model name", () => {
    const vector = embed("The kidney filters the blood.");
    const marks = vector.map((value, i) => [i, value] as const).filter(([, value]) =>
      Math.abs(value) > 0.15
    );
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
    const library = PASSAGES.map(({ id, title, text }) => ({
      id,
      vector: embed(`${title}\n${text}`),
    }));
    const hits = COVERED.filter(({ question, passages }) => {
      const query = embed(question);
      const top = [...library].sort((a, b) => cosine(query, b.vector) - cosine(query, a.vector))
        .slice(0, 3);
      return top.some(({ id }) => passages.includes(id));
    });
    expect(hits.length / COVERED.length).toBeGreaterThanOrEqual(0.85);
  });

  it("says what it is", async () => {
    const result = await createLocalEmbeddings().embed(["a b", "c"]);
    expect(result).toMatchObject({
      provider: "local",
      model: "local-lexical-1",
      dimensions: 384,
      costMicroUsd: 0,
      usage: { inputTokens: 3 },
    });
    expect(result.vectors).toHaveLength(2);
  });

  it("is written for the database as text", () => {
    expect(vectorLiteral([1, -0.5, 0])).toBe("[1,-0.5,0]");
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
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({
      code: "not_configured",
      retryable: false,
    });
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
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
    });
    install(() => Promise.resolve([1, 2]));
    await expect(createSupabaseEmbeddings().embed(["a"])).rejects.toMatchObject({
      code: "malformed_output",
    });
  });
});
