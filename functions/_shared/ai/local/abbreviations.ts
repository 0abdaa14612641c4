// "Glomerular filtration rate (GFR)": from then on either form stands for the other.

import { isStopWord } from "../../text/stop-words.ts";
import { stem } from "../../text/stem.ts";
import { wordsOf } from "../../text/tokens.ts";

export interface Abbreviation {
  /** Stem of the short form. */
  short: string;
  /** Stems of the words it stands for. */
  long: string[];
}

const IN_BRACKETS = /([^().;:!?]{3,80})\(([A-Z][A-Za-z]{0,2}[A-Z]{1,4})\)/g;

/** The last words before the bracket whose initials spell the short form; else the one word before it. */
const longForm = (before: string, short: string): string[] => {
  const words = wordsOf(before);
  const letters = short.toLowerCase();
  for (let count = letters.length; count >= 2; count -= 1) {
    const tail = words.slice(-count);
    const initials = tail.filter((word) => !isStopWord(word)).map((word) => word[0]).join("");
    if (tail.length === count && letters.startsWith(initials) && initials.length >= 2) return tail;
  }
  return words.slice(-1);
};

export const findAbbreviations = (texts: readonly string[]): Abbreviation[] => {
  const found = new Map<string, Abbreviation>();
  for (const text of texts) {
    for (const [, before = "", short = ""] of text.matchAll(IN_BRACKETS)) {
      const key = stem(short.toLowerCase());
      const long = longForm(before, short).filter((word) => !isStopWord(word)).map(stem);
      if (long.length > 0 && !found.has(key)) found.set(key, { short: key, long });
    }
  }
  return [...found.values()];
};

/** The terms together with what they abbreviate or are abbreviated by. */
export const withAbbreviations = (
  terms: readonly string[],
  abbreviations: readonly Abbreviation[],
): string[] => {
  const own = new Set(terms);
  const more = abbreviations.flatMap(({ short, long }) => {
    if (own.has(short)) return long;
    return long.every((term) => own.has(term)) ? [short] : [];
  });
  return [...terms, ...more.filter((term) => !own.has(term))];
};
