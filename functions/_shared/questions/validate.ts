// Whether a question may stand, whoever made it: one right answer, options that are told apart, words of the passage
// behind it, and nothing that gives it away. Code says so, and no model.

import { foldText } from "../text/normalise.ts";
import { stem } from "../text/stem.ts";
import { termsOf, tokenize } from "../text/tokens.ts";
import type { GeneratedQuestion, SourcePassage } from "./types.ts";

export type Fault =
  | "options_count"
  | "options_equal"
  | "options_catch_all"
  | "options_uneven"
  | "key_invalid"
  | "rationale_missing"
  | "explanation_missing"
  | "vignette_invalid"
  | "answer_given_away"
  | "quote_not_found"
  | "answer_not_supported"
  | "text_not_plain";

const CATCH_ALL =
  /\b(?:all|none|both|neither|any|either|some) (?:of )?(?:the )?(?:above|these|those|options|answers|choices|others?|preceding|following)\b|\b(?:both|either|neither) [a-e](?:\)|\b) (?:and|n?or)\b|^(?:[a-e] and [a-e]|not given|cannot be determined|i don.?t know)\.?$/i;
const MARKUP = /<\/?[a-z][^>]*>|javascript:|\[[^\]]*\]\(|```/i;

/** For comparison: without punctuation, articles and endings. */
export const optionKey = (text: string): string =>
  tokenize(foldText(text)).map(({ word }) => stem(word)).filter((word) =>
    !["a", "an", "the"].includes(word)
  )
    .join(" ") || foldText(text);

const lengthOf = (text: string): number => text.trim().length;
const HIGHEST_RATIO = 4;
const FREE_LENGTH = 24;

/** One option that is far longer than all others is right more often than not; whoever has not read the text knows that, too. */
const areUneven = (lengths: readonly number[]): boolean => {
  const longest = Math.max(...lengths);
  const shortest = Math.min(...lengths);
  return longest > FREE_LENGTH && longest > HIGHEST_RATIO * shortest;
};

const contains = (text: string, part: string): boolean =>
  ` ${tokenize(foldText(text)).map(({ word }) => stem(word)).join(" ")} `.includes(` ${part} `);

/** Null: nothing is wrong with it. */
export function faultOf(
  { quote, content }: GeneratedQuestion,
  passage: SourcePassage,
): Fault | null {
  const { vignette, options, explanation } = content;
  if (options.length < 4 || options.length > 5) return "options_count";
  const right = options.filter(({ is_correct }) => is_correct);
  const [answer] = right;
  if (!answer || right.length !== 1) return "key_invalid";
  if (options.some(({ text }) => lengthOf(text) === 0 || text.length > 300)) return "options_count";
  if (new Set(options.map(({ text }) => optionKey(text))).size !== options.length) {
    return "options_equal";
  }
  if (options.some(({ text }) => CATCH_ALL.test(text.trim()))) return "options_catch_all";
  if (areUneven(options.map(({ text }) => lengthOf(text)))) return "options_uneven";
  if (options.some(({ rationale }) => lengthOf(rationale) < 3)) return "rationale_missing";
  if (lengthOf(explanation.correct_explanation) < 10) return "explanation_missing";
  if (lengthOf(vignette) < 20 || vignette.length > 4000) return "vignette_invalid";
  const texts = [
    vignette,
    ...options.flatMap(({ text, rationale }) => [text, rationale]),
    ...Object.values(explanation),
  ];
  if (texts.some((text) => MARKUP.test(text))) return "text_not_plain";
  if (lengthOf(quote) < 10 || !passage.content.includes(quote)) return "quote_not_found";
  const key = optionKey(answer.text);
  const others = options.filter((option) => option !== answer).map(({ text }) => optionKey(text));
  // What all options have in common ("… artery") tells nothing.
  const own = key.split(" ").filter((word) =>
    !others.every((other) => other.split(" ").includes(word))
  );
  if (
    contains(vignette, key) || (own.length > 1 && own.every((word) => contains(vignette, word)))
  ) {
    return "answer_given_away";
  }
  const said = new Set([
    ...termsOf(quote),
    ...tokenize(foldText(quote)).map(({ word }) => stem(word)),
  ]);
  const needed = termsOf(answer.text).length > 0 ? termsOf(answer.text) : key.split(" ");
  const found = needed.filter((word) => said.has(word)).length;
  return found * 2 < needed.length || found === 0 ? "answer_not_supported" : null;
}
