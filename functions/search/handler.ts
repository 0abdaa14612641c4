// A search of material by words and by meaning. It acts as its caller: what he may not read, is not found.

import { isAiError } from "../_shared/ai/errors.ts";
import type { RegisteredModel } from "../_shared/ai/registered.ts";
import type { EmbeddingModel } from "../_shared/ai/types.ts";
import { vectorLiteral } from "../_shared/ai/vectors.ts";
import { ok, type Result } from "../_shared/http/index.ts";
import type { Search } from "./schema.ts";

export interface Vector {
  embedding: string;
  model: string;
}

export interface SearchIndex {
  /** Takes one from the caller's allowance: each search may cost an embedding. */
  admit(): Promise<Result<unknown>>;
  /** The model that answers; null while no material has vectors. */
  activeModel(): Promise<RegisteredModel | null>;
  find(search: Search, vector: Vector | null): Promise<Result<unknown[]>>;
}

export interface SearchDeps {
  index: SearchIndex;
  /** Made when it is needed: a wrong setting leaves the search by words. */
  embeddings(model: RegisteredModel): EmbeddingModel;
  warn(message: string, details: Record<string, unknown>): void;
  signal: AbortSignal;
  /** The provider of embeddings gets so long; then words have to do. */
  patienceMs?: number;
}

const PATIENCE_MS = 5_000;
/** What is longer is a text, not a question: its beginning says what it is about. */
const LONGEST_EMBEDDED = 4_000;

async function vectorOf(deps: SearchDeps, query: string): Promise<Vector | null> {
  const { index, embeddings, warn, signal, patienceMs = PATIENCE_MS } = deps;
  if (query.trim() === "") return null;
  try {
    const active = await index.activeModel();
    if (active === null) return null;
    const model = embeddings(active);
    if (model.model !== active.model || model.dimensions !== active.dimensions) {
      warn("search_without_vectors", { error: "model_not_available", model: active.model });
      return null;
    }
    const { vectors } = await model.embed([query.slice(0, LONGEST_EMBEDDED).toWellFormed()], {
      kind: "query",
      purpose: "study.search",
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    return vectors[0] ? { embedding: vectorLiteral(vectors[0]), model: active.model } : null;
  } catch (error) {
    signal.throwIfAborted();
    warn("search_without_vectors", { error: isAiError(error) ? error.code : String(error) });
    return null;
  }
}

const answer = (found: Result<unknown[]>, vector: Vector | null) =>
  found.ok ? ok({ results: found.data, mode: vector ? "words_and_vectors" : "words" }) : found;

export const search = (deps: SearchDeps) => async (body: Search) => {
  const admitted = await deps.index.admit();
  if (!admitted.ok) return admitted;
  const vector = await vectorOf(deps, body.query);
  const found = await deps.index.find(body, vector);
  // Another model took over in this moment.
  if (vector && !found.ok && found.code === "embedding_model_mismatch") {
    return answer(await deps.index.find(body, null), null);
  }
  return answer(found, vector);
};
