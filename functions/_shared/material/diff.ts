// What a new version of a file changes: chunks whose words are the same keep their ids, and with them their
// vectors and whatever points to them.

import type { Chunk } from "./chunks.ts";

export interface StoredChunk {
  id: string;
  chunk_no: number;
  content_hash: string;
  char_start?: number;
  page_number?: number | null;
  heading_path?: string[];
}

export interface ChunkChanges<T extends StoredChunk = StoredChunk> {
  /** Same words: `isMoved` when its number, place or headings are others than before. */
  kept: { old: T; chunk: Chunk; isMoved: boolean }[];
  added: Chunk[];
  removed: T[];
}

function isMoved(old: StoredChunk, chunk: Chunk): boolean {
  const differs = (before: number | null | undefined, now: number | null) =>
    before !== undefined && before !== now;
  return old.chunk_no !== chunk.chunk_no || differs(old.char_start, chunk.char_start) ||
    differs(old.page_number, chunk.page_number) ||
    (old.heading_path !== undefined &&
      JSON.stringify(old.heading_path) !== JSON.stringify(chunk.heading_path));
}

/** Chunks with the same words are matched in their order. */
export function diffChunks<T extends StoredChunk>(old: T[], chunks: Chunk[]): ChunkChanges<T> {
  const waiting = new Map<string, T[]>();
  for (const stored of [...old].sort((a, b) => b.chunk_no - a.chunk_no)) {
    const same = waiting.get(stored.content_hash);
    if (same) same.push(stored);
    else waiting.set(stored.content_hash, [stored]);
  }
  const changes: ChunkChanges<T> = { kept: [], added: [], removed: [] };
  for (const chunk of [...chunks].sort((a, b) => a.chunk_no - b.chunk_no)) {
    // The lowest number lies on top.
    const stored = waiting.get(chunk.content_hash)?.pop();
    if (stored) changes.kept.push({ old: stored, chunk, isMoved: isMoved(stored, chunk) });
    else changes.added.push(chunk);
  }
  changes.removed = [...waiting.values()].flat().sort((a, b) => a.chunk_no - b.chunk_no);
  return changes;
}
