import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTransformersEmbeddings } from "../../../functions/_shared/ai/embeddings-transformers.ts";
import {
  embeddingTable,
  TINY_DIMENSIONS,
  tinyOnnx,
  VOCABULARY,
  writeTinyModel,
} from "../../fixtures/ai/tiny-model.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tiny-model-"));
  await writeTinyModel(folder, "tiny/bert");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const model = (changes: Record<string, unknown> = {}) =>
  createTransformersEmbeddings({
    modelPath: folder,
    model: "tiny/bert",
    dimensions: TINY_DIMENSIONS,
    dtype: "fp32",
    ...changes,
  });

/** What mean pooling over the table's rows has to give. */
const expected = (tokens: string[]): number[] => {
  const table = embeddingTable();
  const sum = new Array<number>(TINY_DIMENSIONS).fill(0);
  for (const token of tokens) {
    const row = VOCABULARY.indexOf(token);
    for (let i = 0; i < TINY_DIMENSIONS; i += 1) {
      sum[i] = (sum[i] ?? 0) + (table[row * TINY_DIMENSIONS + i] ?? 0);
    }
  }
  const norm = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  return sum.map((value) => value / norm);
};

describe("a local model directory", () => {
  it("is a few kilobytes here", () => {
    expect(tinyOnnx().byteLength).toBeLessThan(4096);
  });

  it("is loaded, tokenised, pooled by the mean and normalised", async () => {
    const result = await model().embed(["The heart pumps blood", "kidney"]);
    expect(result).toMatchObject({
      provider: "transformers",
      model: "tiny/bert",
      dimensions: 8,
      costMicroUsd: 0,
    });
    const wanted = [
      expected(["[CLS]", "the", "heart", "pumps", "blood", "[SEP]"]),
      expected(["[CLS]", "kidney", "[SEP]"]),
    ];
    result.vectors.forEach((vector, i) => {
      vector.forEach((value, at) => expect(value).toBeCloseTo(wanted[i]?.[at] ?? Number.NaN, 4));
    });
  });

  it("gives a text the same vector alone and in a batch, whatever the padding", async () => {
    const embedder = model();
    const [alone] = (await embedder.embed(["kidney filters"])).vectors;
    const batch = (await embedder.embed([
      "kidney filters",
      "the heart of the muscle and the water of the lung",
    ])).vectors;
    batch[0]?.forEach((value, i) => expect(value).toBeCloseTo(alone?.[i] ?? Number.NaN, 4));
  });

  it("puts the prefix that the model wants", async () => {
    const embedder = model({ queryPrefix: "heart ", documentPrefix: "" });
    const [query] = (await embedder.embed(["blood"], { kind: "query" })).vectors;
    const wanted = expected(["[CLS]", "heart", "blood", "[SEP]"]);
    query?.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 4));
  });

  it("takes more texts than one batch", async () => {
    const result = await model().embed(Array.from({ length: 40 }, () => "heart"));
    expect(result.vectors).toHaveLength(40);
  });
});

describe("a model that cannot be used", () => {
  it("is not configured, and nothing is downloaded", async () => {
    const missing = model({ model: "no/such-model" });
    await expect(missing.embed(["x"])).rejects.toMatchObject({
      code: "not_configured",
      retryable: false,
    });
    await expect(missing.embed(["x"])).rejects.toThrow(/never downloaded/);
  });

  it("has other dimensions than configured", async () => {
    await expect(model({ dimensions: 384 }).embed(["x"])).rejects.toMatchObject({
      code: "malformed_output",
    });
  });
});
