// Options that are wrong: terms of the same kind from the same material, of which the material does not say what the
// sentence says.

import { stem } from "../../text/stem.ts";
import type { Blank } from "./blanks.ts";
import { areClose, isPlural } from "./kinds.ts";
import type { Statement } from "./sentences.ts";
import type { Term } from "./terms.ts";

const words = (key: string): string[] => key.split(" ");

/** In parts of what the rest of the sentence says. */
const SAID_TOO = 0.34;
const ONE_NAME =
  /\b(?:also|or|called|known as|formerly|type of|form of|kind of|subtype|same as|previously)\b|\(/i;

/** The words that name the kind ("syndrome") may be the same; the others not. */
const shareWords = (a: string, b: string): boolean => {
  const [one, two] = [words(a), words(b)];
  const sameHead = one.at(-1) === two.at(-1) && one.length > 1 && two.length > 1;
  return one.some((word, i) => two.includes(word) && !(sameHead && i === one.length - 1));
};

const endingShared = (a: string, b: string): number => {
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a.at(-1 - shared) === b.at(-1 - shared)) {
    shared += 1;
  }
  return shared;
};
const beginningShared = (a: string, b: string): number => {
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared += 1;
  return shared;
};

/**
 * Words of one make are of one family, and what is said of one is likely true of the other: fibromyalgia and
 * polymyalgia, lovastatin and simvastatin; or they are one word, spelt in two ways.
 */
const areKin = (a: string, b: string, kind: string): boolean => {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  const [endOne, endTwo] = [one.split(/[ -]/).at(-1) ?? "", two.split(/[ -]/).at(-1) ?? ""];
  if (endOne === endTwo) return false;
  const ending = endingShared(endOne, endTwo);
  const most = kind.startsWith("drug") ? 4 : 6;
  return ending >= most || ending === Math.min(endOne.length, endTwo.length) ||
    beginningShared(one, two) + endingShared(one, two) >= Math.min(one.length, two.length) - 1;
};

/** How near in form: the closer, the harder to tell apart. */
const likeness = (a: string, b: string): number =>
  Math.min(endingShared(a, b), 4) - 2 * Math.abs(a.split(" ").length - b.split(" ").length) -
  Math.abs(a.length - b.length) / 4;

/** The same for the same text, and without an order that could be learned. */
export const hash = (text: string): number => {
  let value = 2166136261;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return value >>> 0;
};

export type Rarity = (stem: string) => number;

export function distractorsFor(
  blank: Blank,
  statement: Statement,
  terms: ReadonlyMap<string, Term>,
  rarity: Rarity,
  most: number,
): Term[] {
  const own = blank.term;
  if (!own) return [];
  const weight = [...blank.rest].reduce((sum, each) => sum + rarity(each), 0);
  const isSaidOf = (term: Term): boolean =>
    term.places.some((place) => {
      const said = [...blank.rest].reduce(
        (sum, each) => sum + (place.stems.has(each) ? rarity(each) : 0),
        0,
      );
      const named = ONE_NAME.test(place.text) &&
        words(own.key).every((word) => place.stems.has(word));
      return said >= weight * SAID_TOO || named;
    });
  const inSentence = (term: Term): boolean =>
    words(term.key).some((word) =>
      statement.tokens.some((token) => stem(token.word) === word && !words(own.key).includes(word))
    );
  const isNear = (term: Term): boolean =>
    term.places.some(({ passage, paragraph }) =>
      passage === statement.passage && paragraph === statement.paragraph
    );
  const fitting = [...terms.values()].filter((term) =>
    term.kind === own.kind && term.key !== own.key && !shareWords(term.key, own.key) &&
    !areClose(term.key, own.key) && !areKin(term.text, own.text, own.kind) &&
    isPlural(term.text) === isPlural(own.text) && !inSentence(term) &&
    term.text.length <= own.text.length * 3 && own.text.length <= term.text.length * 3 &&
    Math.abs(words(term.key).length - words(own.key).length) <= 2 && !isSaidOf(term) &&
    // A gene or disease of the same paragraph has to do with it, too.
    !(["gene", "disease"].includes(own.kind.replace(/s$/, "")) && isNear(term))
  ).sort((a, b) =>
    likeness(own.text.toLowerCase(), b.text.toLowerCase()) -
      likeness(own.text.toLowerCase(), a.text.toLowerCase()) ||
    hash(statement.text + a.key) - hash(statement.text + b.key)
  );
  const chosen: Term[] = [];
  for (const term of fitting) {
    if (chosen.length === most) break;
    if (
      chosen.some(({ key, text, kind }) =>
        shareWords(key, term.key) || areClose(key, term.key) || areKin(text, term.text, kind)
      )
    ) continue;
    chosen.push(term);
  }
  return chosen;
}
