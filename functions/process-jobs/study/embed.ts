// study.embed: vectors of a model for passages that have none, a batch at a time. Which model that is, the environment
// says; a job for another one has come too late.

import { isAiError } from "../../_shared/ai/errors.ts";
import type { EmbeddingModel } from "../../_shared/ai/types.ts";
import { vectorLiteral } from "../../_shared/ai/vectors.ts";
import { done, type JobHandler } from "../../_shared/jobs/types.ts";
import { textToEmbed } from "./ingest.ts";
import type { StudyStore } from "./store.ts";

const AT_ONCE = 64;

export interface EmbedDeps {
  store: StudyStore;
  embeddings: EmbeddingModel;
  budgetMs?: number;
}

/** What a provider may refuse about one text, whatever the others are. */
const ABOUT_THE_TEXT = ["refused", "too_long"];

/**
 * A text that the provider will never take gets a vector of zeros, which is near to nothing: it is found by its words, and
 * holds up neither the others nor the change of models.
 */
async function embedAll(
  embeddings: EmbeddingModel,
  texts: string[],
  signal: AbortSignal,
): Promise<number[][]> {
  try {
    const options = { kind: "document", purpose: "study.embed", signal } as const;
    return (await embeddings.embed(texts, options)).vectors;
  } catch (error) {
    if (!isAiError(error) || !ABOUT_THE_TEXT.includes(error.code)) throw error;
    if (texts.length === 1) return [Array<number>(embeddings.dimensions).fill(0)];
    const half = Math.ceil(texts.length / 2);
    return [
      ...await embedAll(embeddings, texts.slice(0, half), signal),
      ...await embedAll(embeddings, texts.slice(half), signal),
    ];
  }
}

export const embedMissing =
  ({ store, embeddings, budgetMs = 30_000 }: EmbedDeps): JobHandler => async (job, signal) => {
    const end = performance.now() + budgetMs;
    let made = 0;
    await store.useModel(embeddings.model, embeddings.provider, embeddings.dimensions);
    // What is left when the time is over, the next run of the task finds.
    while (performance.now() < end) {
      signal.throwIfAborted();
      const { model, chunks } = await store.nextMissing(job, AT_ONCE);
      if (model === null || model !== embeddings.model || chunks.length === 0) break;
      const texts = chunks.map((chunk) => textToEmbed(chunk, chunk.title));
      const vectors = await embedAll(embeddings, texts, signal);
      const rows = chunks.map(({ chunk_id, content_hash }, i) => ({
        chunk_id,
        content_hash,
        embedding: vectorLiteral(vectors[i] ?? []),
      }));
      await store.putMissing(job, model, rows);
      made += rows.length;
    }
    return done({ made });
  };
