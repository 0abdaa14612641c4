// What a question is answered from: the best of one's material and of what people vouched for, fused by rank, as much as a
// prompt should hold. Both searches run with the rights of whoever asks.

import { vectorLiteral } from "../ai/vectors.ts";
import type { EmbeddingModel } from "../ai/types.ts";
import type { CoachStore, Conversation, Search, Source } from "./types.ts";

const CANDIDATES = 16;
const PASSAGES = 8;
const MAX_CHARACTERS = 16_000;
/** Reciprocal rank fusion; of equals, one's own material comes first. */
const RRF_K = 60;
const DOCUMENTS_WEIGHT = 0.9;

export interface Found {
  sources: Source[];
  /** False: within the topic of the conversation there was nothing. */
  isWithinTopic: boolean;
}

const fuse = (chunks: readonly Source[], documents: readonly Source[]): Source[] => {
  const scored = [
    ...chunks.map((source, rank) => ({ source, score: 1 / (RRF_K + rank) })),
    ...documents.map((source, rank) => ({ source, score: DOCUMENTS_WEIGHT / (RRF_K + rank) })),
  ].sort((a, b) => b.score - a.score);
  const taken: Source[] = [];
  let length = 0;
  for (const { source } of scored) {
    if (taken.length >= PASSAGES) break;
    if (taken.length > 0 && length + source.text.length > MAX_CHARACTERS) continue;
    taken.push(source);
    length += source.text.length;
  }
  return taken;
};

async function embed(
  embeddings: EmbeddingModel | null,
  query: string,
  signal: AbortSignal,
): Promise<Search["embedding"]> {
  if (!embeddings) return null;
  try {
    const { vectors } = await embeddings.embed([query], {
      kind: "query",
      purpose: "study.search",
      signal,
    });
    const [first] = vectors;
    return first ? { vector: vectorLiteral(first), model: embeddings.model } : null;
  } catch (error) {
    // Words find much without it.
    if (signal.aborted) throw error;
    return null;
  }
}

/** Without `embeddings`: those of this provider are not the ones that are searched. */
export async function findSources(
  store: CoachStore,
  embeddings: EmbeddingModel | null,
  conversation: Conversation,
  query: string,
  signal: AbortSignal,
): Promise<Found> {
  const embedding = await embed(embeddings, query, signal);
  const materialIds = conversation.material_ids;
  const search = async (topicId: string | null) => {
    signal.throwIfAborted();
    const what = { query, embedding, materialIds, topicId, limit: CANDIDATES };
    const [chunks, documents] = await Promise.all([
      store.chunks(what),
      // Whoever names materials wants nothing besides.
      materialIds.length > 0 ? [] : store.documents(what),
    ]);
    return fuse(chunks, documents);
  };
  const narrow = await search(conversation.topic_id);
  if (conversation.topic_id === null || narrow.length > 0) {
    return { sources: narrow, isWithinTopic: conversation.topic_id !== null };
  }
  return { sources: await search(null), isWithinTopic: false };
}
