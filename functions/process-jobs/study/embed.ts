// study.embed: vectors of a model for passages that have none, a batch at a time. Which model that is, the environment
// says; a job for another one has come too late.

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
      const { vectors } = await embeddings.embed(
        chunks.map((chunk) => textToEmbed(chunk, chunk.title)),
        { kind: "document", purpose: "study.embed", signal },
      );
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
