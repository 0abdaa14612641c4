// gte-small through `Supabase.ai.Session`, which only the hosted edge runtime has.

import { AiError, isAbort } from "./errors.ts";
import type { EmbeddingModel } from "./types.ts";
import { checkVectors } from "./vectors.ts";

export const GTE_SMALL = "gte-small";
const DIMENSIONS = 384;

interface Session {
  run(text: string, options: { mean_pool: boolean; normalize: boolean }): Promise<number[]>;
}

interface SupabaseAi {
  Session: new (model: string) => Session;
}

/** The runtime's own object, when there is one. */
const runtimeAi = (): SupabaseAi | undefined =>
  (globalThis as { Supabase?: { ai?: SupabaseAi } }).Supabase?.ai;

export const createSupabaseEmbeddings = (): EmbeddingModel => {
  let session: Session | undefined;

  const open = (): Session => {
    const ai = runtimeAi();
    if (!ai) {
      throw new AiError(
        "not_configured",
        "EMBEDDINGS_PROVIDER=supabase works on the hosted Supabase edge runtime only. " +
          "Choose local, openai or transformers here.",
        { provider: "supabase", model: GTE_SMALL },
      );
    }
    return session ??= new ai.Session(GTE_SMALL);
  };

  return {
    provider: "supabase",
    model: GTE_SMALL,
    dimensions: DIMENSIONS,
    async embed(texts, options = {}) {
      const started = performance.now();
      const running = open();
      const vectors: number[][] = [];
      try {
        for (const text of texts) {
          options.signal?.throwIfAborted();
          vectors.push(Array.from(await running.run(text, { mean_pool: true, normalize: true })));
        }
      } catch (error) {
        if (isAbort(error)) throw error;
        throw new AiError("unavailable", "The edge runtime could not run gte-small.", {
          provider: "supabase",
          model: GTE_SMALL,
          attempts: 1,
          cause: error,
        });
      }
      checkVectors(vectors, texts.length, DIMENSIONS, "supabase");
      return {
        provider: "supabase",
        model: GTE_SMALL,
        vectors,
        dimensions: DIMENSIONS,
        // The runtime does not tell how many tokens it read, and charges none.
        usage: { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
        costMicroUsd: 0,
        attempts: 1,
        latencyMs: Math.round(performance.now() - started),
      };
    },
  };
};
