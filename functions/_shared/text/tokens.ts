// Words with their offsets, and the terms by which texts are compared.

import { stem } from "./stem.ts";
import { isStopWord } from "./stop-words.ts";

export interface Token {
  /** As written. */
  text: string;
  /** Lower case, without accents and possessive. */
  word: string;
  start: number;
  end: number;
}

// A word may hold an inner apostrophe, hyphenated parts are words of their own, a number keeps its decimals.
const WORD = /\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}\p{M}]+)*/gu;

const foldWord = (text: string): string =>
  text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/’/g, "'").replace(
    /'s?$/,
    "",
  );

export const tokenize = (text: string): Token[] =>
  Array.from(text.matchAll(WORD), (match) => ({
    text: match[0],
    word: foldWord(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }));

export const wordsOf = (text: string): string[] => tokenize(text).map((token) => token.word);

/** Stems of the words that carry meaning, in order, with repetitions. */
export const termsOf = (text: string): string[] =>
  wordsOf(text).filter((word) => !isStopWord(word)).map(stem);

export const countWords = (text: string): number => text.match(WORD)?.length ?? 0;
