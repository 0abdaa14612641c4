import { describe, expect, it } from "vitest";
import { createLocalEmbeddings } from "../../../functions/_shared/ai/embeddings-local.ts";
import { AiError } from "../../../functions/_shared/ai/errors.ts";
import { envOfModel } from "../../../functions/_shared/ai/registered.ts";
import { createAi } from "../../../functions/_shared/ai/index.ts";
import type { EmbeddingModel } from "../../../functions/_shared/ai/types.ts";
import { envFrom } from "../../../functions/_shared/config.ts";
import { embedMissing } from "../../../functions/process-jobs/study/embed.ts";
import type { StudyStore } from "../../../functions/process-jobs/study/store.ts";
import { job } from "./fakes.ts";

const signal = new AbortController().signal;

const chunkOf = (no: number) => ({
  chunk_id: `chunk-${no}`,
  content: `Sentence ${no} of the heart.`,
  heading_path: ["Valves"],
  content_hash: `hash-${no}`,
  title: "The heart",
});

/** Passages without a vector, and what a worker may do about them. */
function fakeStore(missing: number, model: string | null = "local-lexical-1") {
  const waiting = Array.from({ length: missing }, (_, no) => chunkOf(no));
  const kept: { chunk_id: string; content_hash: string; embedding: string }[] = [];
  const used: unknown[] = [];
  const store: Partial<StudyStore> = {
    useModel: (...wanted) => {
      used.push(wanted);
      return Promise.resolve({ model: wanted[0], status: "active" });
    },
    nextMissing: (_job, limit) =>
      Promise.resolve({ model, chunks: model ? waiting.slice(0, limit) : [] }),
    putMissing: (_job, _model, vectors) => {
      kept.push(...vectors);
      waiting.splice(0, vectors.length);
      return Promise.resolve();
    },
  };
  return { store: store as StudyStore, kept, used, waiting };
}

const run = (store: StudyStore, embeddings: EmbeddingModel, budgetMs?: number) =>
  embedMissing({ store, embeddings, budgetMs })(job({ job_type: "study.embed" }), signal);

describe("study.embed", () => {
  it("is not held up by a passage that the provider never takes", async () => {
    const { store, kept, waiting } = fakeStore(10);
    const local = createLocalEmbeddings();
    const picky: EmbeddingModel = {
      ...local,
      embed: (texts, options) =>
        texts.some((text) => text.includes("Sentence 7"))
          ? Promise.reject(new AiError("refused", "not this one"))
          : local.embed(texts, options),
    };
    expect(await run(store, picky)).toEqual({ status: "done", result: { made: 10 } });
    expect(waiting).toEqual([]);
    const zeros = kept.filter(({ embedding }) => /^\[0(,0)*\]$/.test(embedding));
    expect(zeros.map(({ chunk_id }) => chunk_id)).toEqual(["chunk-7"]);
  });

  it("makes all that are missing, in batches, and says which model it is", async () => {
    const { store, kept, used } = fakeStore(150);
    const sizes: number[] = [];
    const local = createLocalEmbeddings();
    const counting: EmbeddingModel = {
      ...local,
      embed: (texts, options) => {
        sizes.push(texts.length);
        expect(options).toMatchObject({ kind: "document", purpose: "study.embed" });
        return local.embed(texts, options);
      },
    };
    expect(await run(store, counting)).toEqual({ status: "done", result: { made: 150 } });
    expect(sizes).toEqual([64, 64, 22]);
    expect(used).toEqual([["local-lexical-1", "local", 384]]);
    expect(new Set(kept.map(({ chunk_id }) => chunk_id)).size).toBe(150);
    expect(kept[7]?.content_hash).toBe("hash-7");
    const { vectors } = await local.embed(["The heart\nValves\nSentence 7 of the heart."]);
    expect(JSON.parse(kept[7]?.embedding ?? "")).toEqual(vectors[0]);
  });

  it("has nothing to do for a model that was dropped, or that is another's", async () => {
    for (const model of [null, "text-embedding-3-small"]) {
      const { store, kept } = fakeStore(3, model);
      expect(await run(store, createLocalEmbeddings())).toMatchObject({ result: { made: 0 } });
      expect(kept).toEqual([]);
    }
  });

  it("leaves the rest to the next run when its time is over", async () => {
    const { store, kept, waiting } = fakeStore(200);
    const slow: EmbeddingModel = {
      ...createLocalEmbeddings(),
      embed: async (texts, options) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return await createLocalEmbeddings().embed(texts, options);
      },
    };
    expect(await run(store, slow, 20)).toMatchObject({ result: { made: 64 } });
    expect([kept.length, waiting.length]).toEqual([64, 136]);
  });

  it("keeps what was made when the provider fails in the middle", async () => {
    const { store, kept } = fakeStore(100);
    let calls = 0;
    const failing: EmbeddingModel = {
      ...createLocalEmbeddings(),
      embed: (texts, options) => {
        calls += 1;
        if (calls === 2) return Promise.reject(new AiError("rate_limited", "slowly"));
        return createLocalEmbeddings().embed(texts, options);
      },
    };
    await expect(run(store, failing)).rejects.toMatchObject({ code: "rate_limited" });
    expect(kept).toHaveLength(64);
  });

  it("stops when its lease is over", async () => {
    const { store } = fakeStore(3);
    const stopped = AbortSignal.abort(new Error("lease_lost"));
    const handler = embedMissing({ store, embeddings: createLocalEmbeddings() });
    await expect(handler(job(), stopped)).rejects.toThrow("lease_lost");
  });
});

describe("the model that answers", () => {
  const set = envFrom({
    EMBEDDINGS_PROVIDER: "openai",
    EMBEDDINGS_MODEL: "new",
    OPENAI_API_KEY: "k",
  });

  it("is made with the keys that are set, whichever model is set", () => {
    const local = { provider: "local", model: "local-lexical-1", dimensions: 384 };
    expect(createAi({ env: envOfModel(local, set) }).embeddings).toMatchObject(local);
    const older = { provider: "openai", model: "older", dimensions: 512 };
    expect(createAi({ env: envOfModel(older, set) }).embeddings).toMatchObject(older);
    expect(createAi({ env: set }).embeddings.model).toBe("new");
  });

  it("is missed when its provider is not there any more", () => {
    const gone = { provider: "test", model: "x", dimensions: 8 };
    expect(() => createAi({ env: envOfModel(gone, set) })).toThrow(/EMBEDDINGS_PROVIDER/);
  });
});
