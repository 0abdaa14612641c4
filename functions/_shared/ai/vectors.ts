// Vectors as they come from a provider and as the database takes them.

import { AiError } from "./errors.ts";

/** As many vectors as texts, each of the right length and of finite numbers; else `malformed_output`. */
export const checkVectors = (
  vectors: readonly (readonly number[])[],
  count: number,
  dimensions: number,
  provider: string,
): void => {
  const fail = (message: string): never => {
    throw new AiError("malformed_output", message, { provider, attempts: 1 });
  };
  if (vectors.length !== count) fail(`Asked for ${count} vectors, got ${vectors.length}.`);
  for (const vector of vectors) {
    if (vector.length !== dimensions) {
      fail(
        `Expected vectors of ${dimensions} dimensions, got ${vector.length}. Check EMBEDDINGS_DIMENSIONS.`,
      );
    }
    if (!vector.every(Number.isFinite)) fail("A vector holds something that is not a number.");
  }
};

export const normalise = (vector: readonly number[]): number[] => {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm === 0 ? [...vector] : vector.map((value) => value / norm);
};

export const cosine = (a: readonly number[], b: readonly number[]): number => {
  const [left, right] = [normalise(a), normalise(b)];
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
};

/** The Data API takes `vector` columns as text: "[1,2,3]". */
export const vectorLiteral = (vector: readonly number[]): string => `[${vector.join(",")}]`;
