// Which of the passages that share words with a question are nearest to what it means.

import type { EmbeddingModel } from "../ai/types.ts";
import { cosine } from "../ai/vectors.ts";
import type { Json } from "../db/types.ts";

/** A passage of the search index, as the retrieval RPCs give it. */
export type FoundPassage = { id: string; title: string; body: string; locator: Json };

/** Reciprocal rank fusion; 60 as in Cormack, Clarke and Büttcher, SIGIR 2009. */
const RRF_K = 60;

/** Candidates of the full-text search, ordered by its rank and by likeness of meaning, fused. */
export async function rankPassages(
  question: string,
  candidates: FoundPassage[],
  embeddings: EmbeddingModel,
  { purpose, signal }: { purpose: string; signal: AbortSignal },
): Promise<FoundPassage[]> {
  if (candidates.length < 2) return candidates;
  const [query, documents] = [
    await embeddings.embed([question], { kind: "query", purpose, signal }),
    await embeddings.embed(candidates.map((c) => `${c.title}\n${c.body}`), {
      kind: "document",
      purpose,
      signal,
    }),
  ];
  const byMeaning = documents.vectors
    .map((vector, index) => ({ index, likeness: cosine(query.vectors[0] ?? [], vector) }))
    .sort((a, b) => b.likeness - a.likeness || a.index - b.index)
    .map((entry) => entry.index);
  const score = new Map<number, number>();
  candidates.forEach((_, index) => {
    score.set(index, 1 / (RRF_K + index + 1) + 1 / (RRF_K + byMeaning.indexOf(index) + 1));
  });
  return candidates
    .map((candidate, index) => ({ candidate, score: score.get(index) ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .map((entry) => entry.candidate);
}
