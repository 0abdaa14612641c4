// A search of material by words and by meaning. It acts as its caller: what he may not read, is not found.

import { isAiError } from "../_shared/ai/errors.ts";
import type { EmbeddingModel } from "../_shared/ai/types.ts";
import { vectorLiteral } from "../_shared/ai/vectors.ts";
import { ok, type Result } from "../_shared/http/index.ts";
import type { Search } from "./schema.ts";

export interface SearchIndex {
  /** Null while no material has vectors. */
  activeModel(): Promise<string | null>;
  find(search: Search, vector: { embedding: string; model: string } | null): Promise<
    Result<unknown[]>
  >;
}

export interface SearchDeps {
  index: SearchIndex;
  /** Made when it is needed: a wrong setting leaves the search by words. */
  embeddings(): EmbeddingModel;
  warn(message: string, details: Record<string, unknown>): void;
  signal: AbortSignal;
}

/** The provider of embeddings gets so long; then words have to do. */
const PATIENCE_MS = 5_000;
/** What is longer is a text, not a question: its beginning says what it is about. */
const LONGEST_EMBEDDED = 4_000;

async function vectorOf({ index, embeddings, warn, signal }: SearchDeps, query: string) {
  if (query.trim() === "") return null;
  try {
    const [active, model] = [await index.activeModel(), embeddings()];
    // Vectors of different models are never compared: while one takes over from another, words do.
    if (active === null || active !== model.model) return null;
    const { vectors } = await model.embed([query.slice(0, LONGEST_EMBEDDED)], {
      kind: "query",
      purpose: "study.search",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    return vectors[0] ? { embedding: vectorLiteral(vectors[0]), model: active } : null;
  } catch (error) {
    signal.throwIfAborted();
    warn("search_without_vectors", { error: isAiError(error) ? error.code : String(error) });
    return null;
  }
}

export const search = (deps: SearchDeps) => async (body: Search) => {
  const vector = await vectorOf(deps, body.query);
  const found = await deps.index.find(body, vector);
  if (!found.ok) return found;
  return ok({ results: found.data, mode: vector ? "words_and_vectors" : "words" });
};
