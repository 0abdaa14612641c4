// The extractive answer: sentences of the material, word for word, each with its citation.

import type { Citation, Passage } from "../types.ts";
import { NOT_COVERED_TEXT } from "../types.ts";
import { type IndexedSentence, indexPassages } from "./index-passages.ts";
import { analyseQuestion } from "./question.ts";
import { rankSentences, weighTerms } from "./rank.ts";
import { judge, readingOrder, selectSentences } from "./select.ts";

export interface ExtractedAnswer {
  text: string;
  citations: Citation[];
  confidence: number;
  covered: boolean;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Footnote marks of the source would read like our own markers. */
const withoutMarks = (text: string): string =>
  text.replace(/\s*\[\d+(?:\s*[,–-]\s*\d+)*\]/g, "").replace(/\s+/g, " ").trim();

const endSentence = (text: string): string => /[.!?…]["'”’)\]]*$/.test(text) ? text : `${text}.`;

interface Run {
  sentences: IndexedSentence[];
}

/** Neighbouring sentences of one passage are quoted as one piece. */
const joinRuns = (ordered: readonly IndexedSentence[]): Run[] => {
  const runs: Run[] = [];
  for (const sentence of ordered) {
    const run = runs.at(-1);
    const last = run?.sentences.at(-1);
    const follows = last?.passage === sentence.passage && last.order + 1 === sentence.order &&
      last.paragraph === sentence.paragraph;
    if (run && follows) run.sentences.push(sentence);
    else runs.push({ sentences: [sentence] });
  }
  return runs;
};

const compose = (
  passages: readonly Passage[],
  ordered: readonly IndexedSentence[],
): { text: string; citations: Citation[] } => {
  const citations: Citation[] = [];
  const pieces: string[] = [];
  for (const { sentences } of joinRuns(ordered)) {
    const [first, last] = [sentences[0], sentences.at(-1)];
    const passage = first ? passages[first.passage] : undefined;
    if (!first || !last || !passage) continue;
    const marker = citations.length + 1;
    const quote = passage.text.slice(first.start, last.end);
    citations.push({ marker, passageId: passage.id, quote, start: first.start, end: last.end });
    const text = sentences.map((sentence) => endSentence(withoutMarks(sentence.text))).join(" ");
    pieces.push(`${text} [${marker}]`);
  }
  return { text: pieces.join(" "), citations };
};

/** `most`: sentences at most; null: as many as the kind of question asks for. */
export const extractAnswer = (
  question: string,
  passages: readonly Passage[],
  most: number | null = null,
): ExtractedAnswer => {
  const analysed = analyseQuestion(question);
  const index = indexPassages(passages);
  const terms = weighTerms(analysed, index);
  const ranked = rankSentences(analysed, index, terms);
  const chosen = selectSentences(analysed, index, terms, ranked, most);
  const verdict = judge(analysed, index, terms, ranked, chosen);
  const confidence = round(verdict.confidence);
  if (!verdict.covered) {
    return { text: NOT_COVERED_TEXT, citations: [], confidence, covered: false };
  }
  const { text, citations } = compose(passages, readingOrder(analysed, chosen));
  return { text, citations, confidence, covered: true };
};
