// Picks the sentences that answer together, and says how far they carry the answer.

import { coverageOf, type RankedSentence, type WeightedTerm } from "./rank.ts";
import { OPPOSITE_FACTOR } from "./sentence-forms.ts";
import type { IndexedSentence, PassageIndex } from "./index-passages.ts";
import type { Question } from "./question.ts";

const MAX_SENTENCES: Partial<Record<Question["kind"], number>> = {
  definition: 3,
  quantity: 2,
  place: 2,
  time: 2,
  person: 2,
};
const MAX_CHARACTERS = 900;
const RELATIVE_SCORE = 0.8;
const TOO_ALIKE = 0.6;

const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  const shared = [...a].filter((term) => b.has(term)).length;
  return shared === 0 ? 0 : shared / Math.min(a.size, b.size);
};

// A sentence that opens like this leans on the one before it.
const LEANS =
  /^(it|its|they|their|them|this|these|that|those|such|he|she|here|there|both|each|then|thus|therefore|however|instead|as a result|for this reason|in turn|the (?:former|latter|same|other|second|third))\b/i;

const previousOf = (
  index: PassageIndex,
  sentence: IndexedSentence,
): IndexedSentence | undefined => {
  const previous = index.byPassage[sentence.passage]?.[sentence.order - 1];
  return previous?.isQuotable && previous.paragraph === sentence.paragraph ? previous : undefined;
};

const EXPLAINED: ReadonlySet<Question["kind"]> = new Set(["reason", "manner", "comparison"]);

/** A "why" or "how" often ends in the sentence that goes on from the one with the subject: "This delay …". */
const continuationOf = (
  question: Question,
  index: PassageIndex,
  sentence: IndexedSentence,
): IndexedSentence | undefined => {
  const next = index.byPassage[sentence.passage]?.[sentence.order + 1];
  const goesOn = next?.isQuotable && next.paragraph === sentence.paragraph && LEANS.test(next.text);
  return goesOn && EXPLAINED.has(question.kind) ? next : undefined;
};

const THIN_TERMS = 4;

/** "The Hawaiian islands are the classic example" repeats the question; what it is an example of stands before. */
const isThin = (sentence: IndexedSentence, terms: readonly WeightedTerm[]): boolean => {
  const asked = new Set(terms.flatMap((term) => term.match.terms));
  return [...sentence.termSet].filter((term) => !asked.has(term)).length < THIN_TERMS;
};

/** Best first. Sentences that say the same as a better one are passed over. */
export const selectSentences = (
  question: Question,
  index: PassageIndex,
  terms: readonly WeightedTerm[],
  ranked: readonly RankedSentence[],
  most: number | null = null,
): IndexedSentence[] => {
  const best = ranked[0];
  if (!best) return [];
  const usual = MAX_SENTENCES[question.kind] ?? 4;
  const limit = Math.min(usual, most ?? usual);
  const chosen: IndexedSentence[] = [];
  let length = 0;
  const take = (sentence: IndexedSentence): boolean => {
    if (chosen.includes(sentence)) return true;
    if (chosen.length > 0 && length + sentence.text.length > MAX_CHARACTERS) return false;
    chosen.push(sentence);
    length += sentence.text.length;
    return true;
  };
  for (const { sentence, score } of ranked) {
    if (chosen.length >= limit || score < best.score * RELATIVE_SCORE) break;
    const isRepetition = chosen.some((other) =>
      other !== sentence && overlap(other.termSet, sentence.termSet) > TOO_ALIKE
    );
    if (isRepetition) continue;
    const needsMore = LEANS.test(sentence.text) ||
      (EXPLAINED.has(question.kind) && isThin(sentence, terms));
    const antecedent = needsMore ? previousOf(index, sentence) : undefined;
    if (take(sentence) && antecedent) take(antecedent);
    const continuation = chosen[0] === sentence
      ? continuationOf(question, index, sentence)
      : undefined;
    if (continuation) take(continuation);
  }
  return chosen;
};

/** Passages in the order of their best sentence, sentences in the order of the text; a definition leads. */
export const readingOrder = (
  question: Question,
  chosen: readonly IndexedSentence[],
): IndexedSentence[] => {
  const passages = [...new Set(chosen.map((sentence) => sentence.passage))];
  const sorted = [...chosen].sort((a, b) =>
    passages.indexOf(a.passage) - passages.indexOf(b.passage) || a.order - b.order
  );
  const lead = chosen[0];
  if (question.kind !== "definition" || !lead || LEANS.test(lead.text)) return sorted;
  return [lead, ...sorted.filter((sentence) => sentence !== lead)];
};

/** One word here and another one elsewhere is no answer: the terms must meet in one passage. */
const coverageTogether = (
  question: Question,
  index: PassageIndex,
  chosen: readonly IndexedSentence[],
  terms: readonly WeightedTerm[],
): number => {
  if (question.kind === "comparison") return coverageOf(index, chosen, terms);
  const passages = [...new Set(chosen.map((sentence) => sentence.passage))];
  return Math.max(
    ...passages.map((passage) =>
      coverageOf(index, chosen.filter((sentence) => sentence.passage === passage), terms)
    ),
  );
};

const LEADING_TERMS = 5;

/** Where a question has one subject only, a sentence that mentions it in passing is no answer. */
const isAboutSubject = (
  index: PassageIndex,
  terms: readonly WeightedTerm[],
  best: IndexedSentence,
): boolean => {
  const [subject, ...more] = terms.filter((term) => term.isSpecific);
  if (!subject || more.length > 0) return true;
  const matches = (term: string) => subject.match.terms.includes(term);
  const aspects = terms.filter((term) => !term.isSpecific && term.match.strength > 0);
  return best.terms.slice(0, LEADING_TERMS).some(matches) ||
    [...(index.titleTerms[best.passage] ?? [])].some(matches) ||
    aspects.some((term) => term.match.terms.some((word) => best.termSet.has(word)));
};

export interface Verdict {
  covered: boolean;
  confidence: number;
  coverage: number;
}

const MIN_COVERAGE = 0.62;
const MIN_SPECIFIC_COVERAGE = 0.6;
const MIN_STRICT_COVERAGE = 0.72;
/** When a word that names a subject is nowhere in the passages, the rest must be there all the more. */
const MIN_COVERAGE_WITHOUT = 0.72;
/** Kinds whose answer has a visible form; without it, more of the question must be found. */
const STRICT: ReadonlySet<Question["kind"]> = new Set(["quantity", "person", "time"]);

const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));

export const judge = (
  question: Question,
  index: PassageIndex,
  terms: readonly WeightedTerm[],
  ranked: readonly RankedSentence[],
  chosen: readonly IndexedSentence[],
): Verdict => {
  const specific = terms.filter((term) => term.isSpecific);
  const best = ranked[0];
  if (!best || chosen.length === 0 || specific.length === 0) {
    return { covered: false, confidence: 0.02, coverage: 0 };
  }
  const factor = best.isOpposite ? OPPOSITE_FACTOR : 1;
  const coverage = factor * coverageTogether(question, index, chosen, terms);
  const specificCoverage = factor * coverageTogether(question, index, chosen, specific);
  const single = coverageOf(index, [best.sentence], specific);
  const fits = ranked.some((entry) => entry.fitsKind && chosen.includes(entry.sentence));
  const isIncomplete = specific.some((term) => term.match.strength === 0);
  const usual = isIncomplete ? MIN_COVERAGE_WITHOUT : MIN_COVERAGE;
  const needed = STRICT.has(question.kind) && !fits ? 0.9 : usual;
  const covered = isAboutSubject(index, terms, best.sentence) && coverage >= needed &&
    specificCoverage >= MIN_SPECIFIC_COVERAGE &&
    (single >= 0.5 || specificCoverage >= MIN_STRICT_COVERAGE);
  if (!covered) return { covered, confidence: clamp(0.25 * coverage, 0.02, 0.2), coverage };

  // A flat profile means that the question could be about anything in the passages.
  const typical = ranked[Math.floor(ranked.length / 2)]?.score ?? 0;
  const margin = clamp((best.score - typical) / Math.max(best.score, 0.01), 0, 1);
  const reach = (specificCoverage + single) / 2;
  const confidence = 0.2 + 0.4 * clamp((reach - 0.5) / 0.5, 0, 1) + 0.15 * margin +
    (fits ? 0.1 : 0);
  return { covered, confidence: clamp(confidence, 0.25, 0.85), coverage };
};
