// What a rewriting must not touch. Wording may change; markers, numbers, quotations, negations and the
// note that an AI wrote the text may not. Checked by code, whoever rewrote it.

import { foldText } from "../text/normalise.ts";
import { countWords } from "../text/tokens.ts";
import { markersIn, withoutMarkers } from "./markers.ts";

/** The line that says who wrote it. A rewriting that loses it is thrown away. */
export const AI_DISCLOSURE = "Written by an AI from the cited material.";

export const withDisclosure = (text: string): string =>
  text.includes(AI_DISCLOSURE) ? text : `${text.trimEnd()}\n\n${AI_DISCLOSURE}`;

const sorted = (values: readonly string[]): string => [...values].sort().join("\u0000");

const NUMBER_WORDS =
  "zero one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty " +
  "seventy eighty ninety hundred thousand million billion half third quarter twice double";
const NUMBERS = new RegExp(
  `\\d+(?:[.,]\\d+)*|\\b(?:${NUMBER_WORDS.split(" ").join("|")})\\b`,
  "gi",
);
const NEGATIONS = /\b(?:not|no|never|none|neither|nor|without|cannot)\b|n't\b/gi;
const QUOTATIONS = /“[^”]+”|"[^"\n]+"|«[^»]+»/g;

const all = (text: string, pattern: RegExp): string[] =>
  Array.from(text.matchAll(pattern), (match) => match[0].toLowerCase());

const MIN_LENGTH = 0.5;
const MAX_LENGTH = 1.6;

/** Null when the rewriting may stand, else the reason why not. */
export const rewriteFault = (original: string, rewritten: string): string | null => {
  if (rewritten.trim() === "") return "the rewriting is empty";
  if (/<\/?[a-z!][^>]*>/i.test(rewritten) && !/<\/?[a-z!][^>]*>/i.test(original)) {
    return "the rewriting has markup";
  }
  if (sorted(markersIn(original).map(String)) !== sorted(markersIn(rewritten).map(String))) {
    return "citation markers were changed";
  }
  const [before, after] = [withoutMarkers(original), withoutMarkers(rewritten)];
  if (sorted(all(before, NUMBERS)) !== sorted(all(after, NUMBERS))) return "numbers were changed";
  const quotations = all(before, QUOTATIONS);
  if (!quotations.every((quotation) => foldText(after).includes(foldText(quotation)))) {
    return "quotations were changed";
  }
  if (all(before, NEGATIONS).length !== all(after, NEGATIONS).length) {
    return "negations were changed";
  }
  if (original.includes(AI_DISCLOSURE) && !rewritten.includes(AI_DISCLOSURE)) {
    return "the note that an AI wrote it was removed";
  }
  const ratio = countWords(after) / Math.max(1, countWords(before));
  if (ratio < MIN_LENGTH || ratio > MAX_LENGTH) return "too much was left out or added";
  return null;
};
