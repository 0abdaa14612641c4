// Which of the known topics a text is about: their names and synonyms are counted in it, by the stems of their
// words. A suggestion that a person confirms.

import { termsOf } from "../text/tokens.ts";

export interface KnownTopic {
  id: string;
  slug: string;
  name: string;
  synonyms: string[];
}

export interface SuggestedTopic {
  id: string;
  slug: string;
  name: string;
  /** Higher is better; comparable within one text. */
  score: number;
  /** How often the text speaks of it. */
  count: number;
}

/** Of longer texts the beginning speaks for the rest. */
const MOST_CHARACTERS = 1_000_000;
const SHORT_TEXT = 400;
/** In parts of the best one's score. */
const LEAST_SCORE = 0.15;

interface Phrase {
  topic: number;
  stems: string[];
  weight: number;
}

/** The rarer the words of a name among all topics, the more it says. */
function phrasesOf(topics: KnownTopic[]): Map<string, Phrase[]> {
  const names = topics.map(({ name, synonyms }) => {
    const phrases = [name, ...synonyms].map((text) => termsOf(text)).filter(({ length }) =>
      length > 0
    );
    return [...new Map(phrases.map((stems) => [stems.join(" "), stems])).values()];
  });
  const spread = new Map<string, number>();
  for (const phrases of names) {
    for (const stem of new Set(phrases.flat())) spread.set(stem, (spread.get(stem) ?? 0) + 1);
  }
  const byFirst = new Map<string, Phrase[]>();
  names.forEach((phrases, topic) => {
    for (const stems of phrases) {
      const weight = stems.reduce(
        (sum, stem) => sum + Math.log(1 + topics.length / (spread.get(stem) ?? 1)),
        0,
      );
      const [first = ""] = stems;
      byFirst.set(first, [...byFirst.get(first) ?? [], { topic, stems, weight }]);
    }
  });
  // The longest name that fits is meant: "heart failure" is no mention of "heart".
  for (const phrases of byFirst.values()) phrases.sort((a, b) => b.stems.length - a.stems.length);
  return byFirst;
}

export function suggestTopics(text: string, topics: KnownTopic[], most = 5): SuggestedTopic[] {
  const terms = termsOf(text.slice(0, MOST_CHARACTERS));
  const byFirst = phrasesOf(topics);
  const counts = topics.map(() => ({ count: 0, weight: 0 }));
  for (let at = 0; at < terms.length; at += 1) {
    const fitting = byFirst.get(terms[at] ?? "")?.filter(({ stems }) =>
      stems.every((stem, i) =>
        terms[at + i] === stem
      )
    ) ?? [];
    const longest = fitting[0]?.stems.length ?? 0;
    // Two topics may share a synonym.
    for (const { topic, weight } of fitting.filter(({ stems }) => stems.length === longest)) {
      const found = counts[topic];
      if (found) [found.count, found.weight] = [found.count + 1, Math.max(found.weight, weight)];
    }
    at += Math.max(0, longest - 1);
  }
  const least = terms.length > SHORT_TEXT ? 2 : 1;
  const suggested = topics.flatMap(({ id, slug, name }, i) => {
    const { count = 0, weight = 0 } = counts[i] ?? {};
    if (count < least) return [];
    return [{
      id,
      slug,
      name,
      score: Math.round(weight * Math.log2(1 + count) * 1000) / 1000,
      count,
    }];
  }).sort((a, b) => b.score - a.score || (a.slug < b.slug ? -1 : 1));
  const best = suggested[0]?.score ?? 0;
  return suggested.filter(({ score }) => score >= best * LEAST_SCORE).slice(0, most);
}
