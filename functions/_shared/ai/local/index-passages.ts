// The passages as sentences with their terms, and how rare each term is among them.

import { splitSentences } from "../../text/sentences.ts";
import { stem } from "../../text/stem.ts";
import { termsOf, wordsOf } from "../../text/tokens.ts";
import type { Passage } from "../types.ts";
import { findAbbreviations, withAbbreviations } from "./abbreviations.ts";

export interface IndexedSentence {
  passage: number;
  /** Number within the passage. */
  order: number;
  paragraph: number;
  text: string;
  start: number;
  end: number;
  terms: string[];
  termSet: ReadonlySet<string>;
  wordCount: number;
  /** A heading or a fragment gives context but is never quoted as an answer. */
  isQuotable: boolean;
}

export interface PassageIndex {
  sentences: IndexedSentence[];
  byPassage: IndexedSentence[][];
  titleTerms: ReadonlySet<string>[];
  passageTerms: ReadonlySet<string>[];
  /** In how many sentences a term stands; a term of a title alone counts as one. */
  frequency: ReadonlyMap<string, number>;
}

const isQuotable = (text: string, wordCount: number): boolean =>
  wordCount >= 4 && !text.endsWith("?") && (/[.!…]["'”’)\]]*$/.test(text) || wordCount >= 9);

export const indexPassages = (passages: readonly Passage[]): PassageIndex => {
  const frequency = new Map<string, number>();
  const abbreviations = findAbbreviations(
    passages.flatMap(({ title = "", text }) => [title, text]),
  );
  const expand = (text: string) => withAbbreviations(termsOf(text), abbreviations);
  const byPassage = passages.map((passage, passageNumber) =>
    splitSentences(passage.text).map((sentence, order): IndexedSentence => {
      const terms = expand(sentence.text);
      const wordCount = wordsOf(sentence.text).length;
      const termSet = new Set(terms);
      for (const term of termSet) frequency.set(term, (frequency.get(term) ?? 0) + 1);
      return {
        ...sentence,
        passage: passageNumber,
        order,
        terms,
        termSet,
        wordCount,
        isQuotable: isQuotable(sentence.text, wordCount),
      };
    })
  );
  const titleTerms = passages.map((passage) => new Set(expand(passage.title ?? "")));
  for (const term of titleTerms.flatMap((terms) => [...terms])) {
    if (!frequency.has(term)) frequency.set(term, 1);
  }
  const passageTerms = byPassage.map((sentences, passage) =>
    new Set([...(titleTerms[passage] ?? []), ...sentences.flatMap((sentence) => sentence.terms)])
  );
  return { sentences: byPassage.flat(), byPassage, titleTerms, passageTerms, frequency };
};

/** Whether two words differ by one inserted, deleted, replaced or swapped letter. */
export const isOneEditApart = (a: string, b: string): boolean => {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
  const restA = a.slice(i);
  const restB = b.slice(i);
  if (restA.length === restB.length) {
    const isSwap = restA[0] === restB[1] && restA[1] === restB[0] &&
      restA.slice(2) === restB.slice(2);
    return restA.slice(1) === restB.slice(1) || isSwap;
  }
  return restA.length > restB.length ? restA.slice(1) === restB : restB.slice(1) === restA;
};

const NEGATED = /^(?:im|in|un|non|de|re)(?=.{4})/;

const isRelated = (a: string, b: string): boolean => {
  // "Is it permeable?" is answered by "impermeable", "absorbed" by "reabsorbed".
  if (a.replace(NEGATED, "") === b || a === b.replace(NEGATED, "")) return true;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (!long.startsWith(short)) return false;
  const rest = long.length - short.length;
  return short.length >= 5 ? rest <= 3 : short.length === 4 && rest <= 2;
};

export interface Match {
  /** The terms of the passages that count as the question's term. */
  terms: readonly string[];
  /** 1 for the term itself; less for a related form or a slip of the pen. */
  strength: number;
}

const NO_MATCH: Match = { terms: [], strength: 0 };

/** "heartbeat" is "heart" and "beat" to passages that know both. */
const partsOf = (index: PassageIndex, term: string): string[] => {
  for (let at = 4; at <= term.length - 4; at += 1) {
    const parts = [stem(term.slice(0, at)), stem(term.slice(at))];
    if (parts.every((part) => index.frequency.has(part))) return parts;
  }
  return [];
};

/** How the passages write a term of the question. */
export const matchTerm = (index: PassageIndex, term: string): Match => {
  if (index.frequency.has(term)) return { terms: [term], strength: 1 };
  if (term.length < 4 || !/^[a-z]+$/.test(term)) return NO_MATCH;
  const related = [...index.frequency.keys()].filter((word) => isRelated(word, term));
  if (related.length > 0) return { terms: related, strength: 0.85 };
  const parts = partsOf(index, term);
  if (parts.length > 0) return { terms: parts, strength: 0.8 };
  if (term.length < 6) return NO_MATCH;
  // A slip of the pen is rarely in the first letter, and other words often are that near.
  const slips = [...index.frequency.keys()].filter((word) =>
    word[0] === term[0] && word.length >= 5 && isOneEditApart(word, term)
  );
  return slips.length > 0 ? { terms: slips, strength: 0.8 } : NO_MATCH;
};
