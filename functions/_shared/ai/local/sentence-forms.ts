// How sentences look that say the opposite, and sentences that give a reason, a number, a place …

import { stem } from "../../text/stem.ts";
import type { QuestionKind } from "./question.ts";

/** Pairs of which a text that says the one does not mean the other. */
const OPPOSITES: [string, string][] = [
  ["high", "low"],
  ["left", "right"],
  ["increase", "decrease"],
  ["rise", "fall"],
  ["raise", "lower"],
  ["fast", "slow"],
  ["strong", "weak"],
  ["open", "close"],
  ["ascending", "descending"],
  ["afferent", "efferent"],
  ["systolic", "diastolic"],
  ["systole", "diastole"],
  ["early", "late"],
  ["constrict", "dilate"],
  ["first", "second"],
  ["anterior", "posterior"],
  ["active", "passive"],
  ["acute", "chronic"],
  ["minimum", "maximum"],
];
/** Stem to the stem of its opposite. */
export const OPPOSITE: ReadonlyMap<string, string> = new Map(
  OPPOSITES.map(([a, b]): [string, string] => [stem(a), stem(b)])
    .flatMap(([a, b]): [string, string][] => [[a, b], [b, a]]),
);
/** What a sentence is worth that says "low" to a question that says "high". */
export const OPPOSITE_FACTOR = 0.8;

const NUMBER =
  /\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|hundred|thousand|million|half|third|quarter|twice|double)\b/i;

/** What a sentence has that answers a question of a kind; kinds without an entry have no form of their own. */
export const EVIDENCE: Partial<Record<QuestionKind, RegExp>> = {
  reason:
    /\b(because|since|so that|therefore|thus|hence|as a result|due to|owing to|in order to|causes?|caused|leads? to|results? in|for this reason|which is why|this is why|prevents?|needs? to|must|ensures?|allows?|to (?:keep|prevent|protect|avoid|push|drive|make))\b/i,
  quantity: NUMBER,
  place:
    /\b(in|at|on|near|behind|between|below|above|beneath|within|inside|into|around|from|along|lies?|located|found)\b/i,
  time:
    /\b(when|while|during|after|before|until|once|as soon as|at the (?:start|end|beginning)|\d{4}|century|first|then)\b/i,
  person:
    /\b(?:[A-Z][a-z]+ [A-Z][a-z]+|by [A-Z][a-z]+|[a-z]+(?:ists?|ologists?|icians?)|he|she|doctors?)\b/,
  comparison:
    /\b(whereas|while|unlike|but|than|in contrast|by contrast|however|both|instead|on the other hand)\b/i,
};
