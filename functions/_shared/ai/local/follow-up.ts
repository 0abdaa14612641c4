// What a question leaves out because it was said before: "Why does it close?" after one on the mitral valve. Without a
// model, the subject of the last question that names one is put in place of its pronoun, or before it; nothing is understood.

import { isStopWord } from "../../text/stop-words.ts";
import { stem } from "../../text/stem.ts";
import { countWords, tokenize } from "../../text/tokens.ts";
import { analyseQuestion } from "./question.ts";

const POINTS_BACK =
  /\b(it|its|they|them|their|this|that|these|those|he|she|his|her|one|ones|former|latter|same|another|other|others|above|before|again|there|then)\b/i;
/** What a subject can stand in for. */
const PRONOUN = /\b(it|its|they|them|their|this|these|those|he|she|his|her)\b/i;
const GOES_ON =
  /^\s*(and|but|so|or|why|how come|what about|how about|what else|for example|e\.g)\b/i;
/** "What is renin?" has three. */
const SHORT = 3;
const MAX_WORDS = 8;
const LOOK_BACK = 4;

const hasSubject = (question: string): boolean =>
  analyseQuestion(question).terms.some((term) => term.isSpecific);

/** Whether a question cannot be understood, or may be misunderstood, without those before it. */
export const leansOnEarlier = (question: string): boolean =>
  POINTS_BACK.test(question) || GOES_ON.test(question) || !hasSubject(question) ||
  countWords(question) < SHORT;

/** The words that say what a question is about, as they were written. */
const subjectOf = (question: string): string[] => {
  const specific = new Set(
    analyseQuestion(question).terms.filter((term) => term.isSpecific).map((term) => term.stem),
  );
  const words = tokenize(question)
    .filter(({ word }) => !isStopWord(word) && specific.has(stem(word)))
    .map(({ text }) => text);
  return [...new Set(words)].slice(0, MAX_WORDS);
};

/** `earlier`: the questions before, oldest first. */
export const spellOut = (question: string, earlier: readonly string[]): string => {
  if (!leansOnEarlier(question)) return question;
  for (const before of earlier.slice(-LOOK_BACK).reverse()) {
    const subject = subjectOf(before);
    if (subject.length === 0) continue;
    const words = subject.join(" ");
    return PRONOUN.test(question)
      ? question.replace(PRONOUN, () => words)
      : `About ${words}. ${question}`;
  }
  return question;
};
