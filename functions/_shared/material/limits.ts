// How much of a file is read. The defaults suit a worker with half a gigabyte of memory.

import { MaterialError } from "./errors.ts";

export interface MaterialLimits {
  /** Of the file. */
  bytes: number;
  /** Of the whole text. */
  characters: number;
  pages: number;
  pageCharacters: number;
  blocks: number;
  /** Of one part of an Office file, or one stream of a PDF, once unpacked. */
  unpackedBytes: number;
  /** Elements of HTML or XML, quotes and lists of Markdown, within each other. */
  depth: number;
  /** For one call; looked at between pages and pieces, so that one piece may go beyond it. */
  milliseconds: number;
}

export const DEFAULT_LIMITS: MaterialLimits = {
  bytes: 50 * 1024 * 1024,
  characters: 10_000_000,
  pages: 3000,
  pageCharacters: 100_000,
  blocks: 200_000,
  unpackedBytes: 64 * 1024 * 1024,
  depth: 1000,
  milliseconds: 120_000,
};

export type SomeLimits = Partial<MaterialLimits>;

export const withDefaults = (limits: SomeLimits = {}): MaterialLimits => ({
  ...DEFAULT_LIMITS,
  ...limits,
});

/** Throws once the time is over. */
export function startClock(milliseconds: number): () => void {
  const end = performance.now() + milliseconds;
  return () => {
    if (performance.now() > end) {
      throw new MaterialError("material_too_complex", `not read in ${milliseconds} ms`);
    }
  };
}
