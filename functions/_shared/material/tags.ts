// Key words of a text: what is said often and is not everyone's word. A suggestion, by counting alone.

import { stem } from "../text/stem.ts";
import { type Token, tokenize } from "../text/tokens.ts";
import { isSmallWord } from "./small-words.ts";
import type { Language } from "./types.ts";

/** Of longer texts the beginning speaks for the rest. */
const MOST_CHARACTERS = 300_000;
const LONGEST_PHRASE = 3;
const LEAST_COUNT = 2;

interface Candidate {
  words: number;
  count: number;
  /** As written, by how often. */
  forms: Map<string, number>;
  first: number;
}

/** Runs of words that stand side by side and carry meaning. */
function runsOf(text: string, language: Language): Token[][] {
  const runs: Token[][] = [[]];
  let end = 0;
  for (const token of tokenize(text)) {
    const isMeant = /^\p{L}/u.test(token.text) && token.word.length > 2 &&
      !isSmallWord(token.word, language);
    const isApart = !/^[ \t\n-]?$/.test(text.slice(end, token.start));
    end = token.end;
    if (isApart || !isMeant) runs.push([]);
    if (isMeant) runs.at(-1)?.push(token);
  }
  return runs.filter((run) => run.length > 0);
}

function count(candidates: Map<string, Candidate>, tokens: Token[], text: string): void {
  const key = tokens.map(({ word }) => stem(word)).join(" ");
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (!first || !last) return;
  const form = text.slice(first.start, last.end).replace(/\s/g, " ").toLowerCase();
  const found = candidates.get(key) ??
    { words: tokens.length, count: 0, forms: new Map<string, number>(), first: first.start };
  found.count += 1;
  found.forms.set(form, (found.forms.get(form) ?? 0) + 1);
  candidates.set(key, found);
}

const formOf = ({ forms }: Candidate): string =>
  [...forms].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? "";

/** Phrases weigh more than words; what is only said within a chosen phrase is left out. */
export function suggestTags(text: string, language: Language, most = 8): string[] {
  const sample = text.slice(0, MOST_CHARACTERS);
  const candidates = new Map<string, Candidate>();
  for (const run of runsOf(sample, language)) {
    run.forEach((_, at) => {
      const word = run[at]?.text ?? "";
      // Short words by themselves say something when they are written large: DNA.
      const isWord = word.length > 3 || word === word.toUpperCase();
      for (
        let size = isWord ? 1 : 2;
        size <= LONGEST_PHRASE && at + size <= run.length;
        size += 1
      ) {
        count(candidates, run.slice(at, at + size), sample);
      }
    });
  }
  const score = ({ count, words }: Candidate) => count * (1 + 0.7 * (words - 1));
  const ranked = [...candidates].filter(([, candidate]) => candidate.count >= LEAST_COUNT)
    .sort(([, a], [, b]) => score(b) - score(a) || a.first - b.first);
  const chosen: [string, Candidate][] = [];
  for (const [key, candidate] of ranked.slice(0, most * 10)) {
    if (chosen.length >= most) break;
    const isSaid = chosen.some(([other, { count }]) =>
      ` ${other} `.includes(` ${key} `) && candidate.count < count * 2 ||
      ` ${key} `.includes(` ${other} `) && candidate.count < count * 0.5
    );
    if (!isSaid) chosen.push([key, candidate]);
  }
  // A phrase that came later may say what a word before it says.
  return chosen.filter(([key, { count }]) =>
    !chosen.some(([other, candidate]) =>
      other !== key && ` ${other} `.includes(` ${key} `) && count < candidate.count * 1.5
    )
  ).map(([, candidate]) => formOf(candidate));
}
