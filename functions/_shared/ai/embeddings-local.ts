// The default embedding: lexical, not semantic. Words, neighbouring words and character n-grams are
// hashed into 384 signed slots, damped by the logarithm of their count, and scaled to length 1. Texts
// that share words or parts of words are near each other; synonyms are not. It is deterministic: the
// same text gives the same vector in every runtime and version, or the model's name changes.

import { hash32 } from "../text/hash.ts";
import { stem } from "../text/stem.ts";
import { isStopWord } from "../text/stop-words.ts";
import { countWords, wordsOf } from "../text/tokens.ts";
import type { EmbeddingModel } from "./types.ts";

export const LOCAL_EMBEDDING_MODEL = "local-lexical-1";
export const LOCAL_DIMENSIONS = 384;

const WORD_WEIGHT = 1;
const PAIR_WEIGHT = 0.5;
const GRAM_WEIGHT = 0.9;
const STOP_WORD_FACTOR = 0.1;
const GRAM_LENGTHS = [3, 4];
/** Each feature goes to two slots, so that one collision does not decide. */
const SLOTS = [0x51ed, 0xc0de];
const DECIMALS = 1e6;

const addFeature = (features: Map<string, number>, feature: string, weight: number): void => {
  features.set(feature, (features.get(feature) ?? 0) + weight);
};

const featuresOf = (text: string): Map<string, number> => {
  const features = new Map<string, number>();
  let previous = "";
  for (const word of wordsOf(text)) {
    const factor = isStopWord(word) ? STOP_WORD_FACTOR : 1;
    const root = stem(word);
    addFeature(features, `w:${root}`, WORD_WEIGHT * factor);
    if (factor < 1) continue;
    if (previous !== "") addFeature(features, `p:${previous} ${root}`, PAIR_WEIGHT);
    previous = root;
    const padded = `^${word}$`;
    const grams = GRAM_LENGTHS.flatMap((length) =>
      Array.from(
        { length: Math.max(0, padded.length - length + 1) },
        (_, i) => padded.slice(i, i + length),
      )
    );
    for (const gram of grams) {
      addFeature(features, `g:${gram}`, GRAM_WEIGHT / Math.sqrt(grams.length));
    }
  }
  return features;
};

/** 384 numbers with a length of 1; a text without any word has a fixed direction of its own. */
export const embedLexically = (text: string): number[] => {
  const features = featuresOf(text);
  if (features.size === 0) features.set("empty", 1);
  const vector = new Array<number>(LOCAL_DIMENSIONS).fill(0);
  for (const [feature, weight] of features) {
    const damped = weight <= 1 ? weight : 1 + Math.log(weight);
    for (const seed of SLOTS) {
      const hash = hash32(feature, seed);
      const slot = (hash >>> 1) % LOCAL_DIMENSIONS;
      vector[slot] = (vector[slot] ?? 0) + (hash & 1 ? damped : -damped);
    }
  }
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (norm === 0) return embedLexically("");
  return vector.map((value) => Math.round((value / norm) * DECIMALS) / DECIMALS);
};

export const createLocalEmbeddings = (): EmbeddingModel => ({
  provider: "local",
  model: LOCAL_EMBEDDING_MODEL,
  dimensions: LOCAL_DIMENSIONS,
  embed: (texts, options = {}) =>
    new Promise((resolve) => {
      options.signal?.throwIfAborted();
      const started = performance.now();
      const vectors = texts.map(embedLexically);
      const inputTokens = texts.reduce((sum, text) => sum + countWords(text), 0);
      resolve({
        provider: "local",
        model: LOCAL_EMBEDDING_MODEL,
        vectors,
        dimensions: LOCAL_DIMENSIONS,
        usage: { inputTokens, outputTokens: 0, cachedInputTokens: 0 },
        costMicroUsd: 0,
        attempts: 1,
        latencyMs: Math.round(performance.now() - started),
      });
    }),
});
