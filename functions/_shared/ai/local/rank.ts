// Scores each sentence by how much of the question it holds, itself and through its surroundings.

import {
  type IndexedSentence,
  type Match,
  matchTerm,
  type PassageIndex,
} from "./index-passages.ts";
import type { Question, QuestionKind } from "./question.ts";
import { EVIDENCE, OPPOSITE, OPPOSITE_FACTOR } from "./sentence-forms.ts";
import { termsOf } from "../../text/tokens.ts";

export interface WeightedTerm {
  stem: string;
  weight: number;
  isSpecific: boolean;
  match: Match;
}

export interface RankedSentence {
  sentence: IndexedSentence;
  /** 0–1 and a little: weighted share of the question's terms, plus small bonuses. */
  score: number;
  /** The share alone. */
  coverage: number;
  /** The sentence has what this kind of question asks for: a number, a reason, a definition. */
  fitsKind: boolean;
  /** The question says "high", the sentence says "low" only. */
  isOpposite: boolean;
}

/** A term that is rare among the sentences weighs up to twice as much as one that is everywhere. */
export const weighTerms = (question: Question, index: PassageIndex): WeightedTerm[] => {
  const total = Math.max(1, index.sentences.length);
  const rarity = (frequency: number) => Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5));
  const absent = rarity(0);
  return question.terms.map((term) => {
    const match = matchTerm(index, term.stem);
    const frequency = match.terms.reduce((sum, word) => sum + (index.frequency.get(word) ?? 0), 0);
    const weight = term.weight * (1 + rarity(Math.min(frequency, total)) / absent);
    return { stem: term.stem, weight, isSpecific: term.isSpecific, match };
  });
};

const holds = (terms: ReadonlySet<string> | undefined, match: Match): boolean =>
  terms !== undefined && match.terms.some((term) => terms.has(term));

// How much a term counts that stands not in the sentence but near it.
const IN_TITLE = 0.75;
const IN_PREVIOUS = 0.6;
const IN_NEXT = 0.35;
const IN_PASSAGE = 0.3;

const presence = (index: PassageIndex, sentence: IndexedSentence, match: Match): number => {
  if (match.strength === 0) return 0;
  if (holds(sentence.termSet, match)) return match.strength;
  const siblings = index.byPassage[sentence.passage] ?? [];
  const previous = siblings[sentence.order - 1];
  const next = siblings[sentence.order + 1];
  let near = 0;
  if (holds(index.passageTerms[sentence.passage], match)) near = IN_PASSAGE;
  if (next?.paragraph === sentence.paragraph && holds(next.termSet, match)) near = IN_NEXT;
  if (previous && holds(previous.termSet, match)) near = IN_PREVIOUS;
  if (holds(index.titleTerms[sentence.passage], match)) near = IN_TITLE;
  return near * match.strength;
};

/** The share of the question that some sentences hold together. */
export const coverageOf = (
  index: PassageIndex,
  sentences: readonly IndexedSentence[],
  terms: readonly WeightedTerm[],
): number => {
  const total = terms.reduce((sum, term) => sum + term.weight, 0);
  if (total === 0) return 0;
  const held = terms.reduce((sum, term) => {
    const best = Math.max(0, ...sentences.map((sentence) => presence(index, sentence, term.match)));
    return sum + term.weight * best;
  }, 0);
  return held / total;
};

const saysOpposite = (sentence: IndexedSentence, terms: readonly WeightedTerm[]): boolean =>
  terms.some(({ stem: term }) => {
    const opposite = OPPOSITE.get(term);
    return opposite !== undefined && sentence.termSet.has(opposite) && !sentence.termSet.has(term);
  });

const COPULA = /\b(is|are|means|refers to|consists? of|is called|are called|is known as)\b/;

/**
 * How much a sentence looks like a definition: "The nephron is the unit …" more than "…, called the
 * nephron", and both more than any other sentence about it.
 */
const definition = (sentence: IndexedSentence, terms: readonly WeightedTerm[]): number => {
  const subject = terms.filter((term) => term.isSpecific);
  if (subject.length === 0 || !subject.every((term) => holds(sentence.termSet, term.match))) {
    return 0;
  }
  const verb = COPULA.exec(sentence.text);
  const lead = verb ? sentence.text.slice(0, verb.index) : "";
  const leadTerms = new Set(termsOf(lead.replace(/\([^)]*\)/g, "")));
  const leads = verb !== null && subject.every((term) => holds(leadTerms, term.match));
  if (leads && leadTerms.size <= subject.length + 1) return 1;
  return /\b(called|known as|termed|named)\b/.test(sentence.text) || leads ? 0.4 : 0;
};

/** 0–1: whether the sentence has the form that an answer to this kind of question has. */
const fitOf = (
  question: Question,
  sentence: IndexedSentence,
  terms: readonly WeightedTerm[],
): number => {
  if (question.kind === "definition") return definition(sentence, terms);
  return EVIDENCE[question.kind]?.test(sentence.text) ?? true ? 1 : 0;
};

const KIND_BONUS: Partial<Record<QuestionKind, number>> = {
  definition: 0.35,
  quantity: 0.15,
  person: 0.15,
  reason: 0.08,
  time: 0.06,
  comparison: 0.06,
  place: 0.03,
};

const pairBonus = (question: Question, sentence: IndexedSentence): number => {
  const adjacent = question.pairs.filter(([left, right]) =>
    sentence.terms.some((term, i) => term === left && sentence.terms[i + 1] === right)
  );
  return Math.min(0.12, 0.06 * adjacent.length);
};

export const rankSentences = (
  question: Question,
  index: PassageIndex,
  terms: readonly WeightedTerm[],
): RankedSentence[] =>
  index.sentences
    .filter((sentence) => sentence.isQuotable)
    .map((sentence) => {
      const coverage = coverageOf(index, [sentence], terms);
      const holdsOwn = terms.some((term) => term.isSpecific && holds(sentence.termSet, term.match));
      const fit = fitOf(question, sentence, terms);
      const tooLong = sentence.wordCount > 45 ? 0.05 : 0;
      const bonus = fit * (KIND_BONUS[question.kind] ?? 0) + pairBonus(question, sentence);
      const isOpposite = saysOpposite(sentence, terms);
      const score = (coverage + bonus * coverage - tooLong) * (holdsOwn ? 1 : 0.7) *
        (isOpposite ? OPPOSITE_FACTOR : 1);
      return { sentence, score, coverage, fitsKind: fit > 0, isOpposite };
    })
    .sort((a, b) =>
      b.score - a.score || a.sentence.passage - b.sentence.passage ||
      a.sentence.order - b.sentence.order
    );
